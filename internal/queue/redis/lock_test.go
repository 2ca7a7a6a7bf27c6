package redis_test

import "testing"

func TestOneProcessAtATimeHasTheLock(t *testing.T) {
	r := shared(t)
	one, other := r.process(t, long), r.process(t, long)
	for _, c := range []struct {
		name string
		ask  func() (bool, error)
		want bool
	}{
		{"the first", func() (bool, error) { return one.Lock(t.Context(), long) }, true},
		{"another one", func() (bool, error) { return other.Lock(t.Context(), long) }, false},
		{"the first again", func() (bool, error) { return one.Lock(t.Context(), long) }, false},
	} {
		if mine, err := c.ask(); err != nil || mine != c.want {
			t.Errorf("%s: %t, %v; want %t", c.name, mine, err, c.want)
		}
	}
	r = shared(t)
	one, other = r.process(t, long), r.process(t, long)
	if mine, err := one.Lock(t.Context(), short); err != nil || !mine {
		t.Errorf("the first: %t, %v; want true", mine, err)
	}
	until(t, "the lock to pass", func() bool { mine, err := other.Lock(t.Context(), long); return err == nil && mine })
}
