package redis_test

import (
	"testing"

	"ruptura/internal/redis"
	"ruptura/internal/redistest"
)

func TestReaches(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{
		"plain": func(t *testing.T) string { s, _ := redistest.Shared(t); return s.URL() },
		"password and AOF": func(t *testing.T) string {
			return redistest.Start(t, redistest.Options{Password: "s:@/?#", AOF: true}).URL()
		},
		"user": func(t *testing.T) string {
			return redistest.Start(t, redistest.Options{Settings: []string{"user default off", "user ana on >segredo ~ruptura:* &ruptura:* +@all -@dangerous -client"}}).As("ana", "segredo")
		},
		"TLS":      func(t *testing.T) string { return redistest.Start(t, redistest.Options{TLS: true, Password: "x"}).URL() },
		"sentinel": func(t *testing.T) string { return redistest.StartSentinel(t).URL() },
		"cluster":  func(t *testing.T) string { return redistest.StartCluster(t).URL() },
	} {
		t.Run(name, func(t *testing.T) {
			c, err := redis.Open(url(t), redis.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			if err := c.Ping(t.Context()); err != nil {
				t.Error(err)
			}
			if err := c.Set(t.Context(), c.Key("{a}", "b"), 1, 0).Err(); err != nil {
				t.Error(err)
			}
		})
	}
}
