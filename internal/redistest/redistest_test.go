package redistest_test

import (
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"ruptura/internal/redistest"
)

func TestPrefixesAreApart(t *testing.T) {
	defer goleak.VerifyNone(t)
	s, one := redistest.Shared(t)
	same, other := redistest.Shared(t)
	if s != same || one == other {
		t.Errorf("servers %s and %s, prefixes %q and %q", s.Addr(), same.Addr(), one, other)
	}
}

func TestServerComesAndGoes(t *testing.T) {
	for name, aof := range map[string]bool{"with AOF": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			s := redistest.Start(t, redistest.Options{AOF: aof, Settings: []string{"appendfsync always"}})
			for how, end := range map[string]func(testing.TB){"stop": s.Stop, "kill": s.Kill} {
				s.Do(t, "SET", "k", how)
				addr := s.Addr()
				end(t)
				s.Restart(t)
				if n := s.Do(t, "EXISTS", "k"); (n == int64(1)) != aof || s.Addr() != addr {
					t.Errorf("after %s: %v keys at %s, was at %s", how, n, s.Addr(), addr)
				}
			}
			s.Do(t, "SET", "k", 1)
			s.FlushAll(t)
			if n := s.Do(t, "DBSIZE"); n != int64(0) {
				t.Errorf("%v keys after a flush", n)
			}
		})
	}
}

func TestPausedServerIsSilent(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	c := client(t, s.Addr())
	s.Pause(t)
	if err := c.Ping(t.Context()).Err(); err == nil {
		t.Error("a paused server answers")
	}
	s.Resume(t)
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Error(err)
	}
}

func TestProxyIsCutAndHeldUp(t *testing.T) {
	s, _ := redistest.Shared(t)
	t.Cleanup(func() { goleak.VerifyNone(t) }) // after what the test itself has to clean up
	p := redistest.NewProxy(t, s.Addr())
	c := client(t, p.Addr())
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	p.Cut()
	if err := c.Ping(t.Context()).Err(); err == nil {
		t.Error("it answers through a way that is cut")
	}
	p.Mend()
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Error(err)
	}
	p.Hold()
	if err := c.Ping(t.Context()).Err(); err == nil {
		t.Error("it answers through a way that is held up")
	}
	p.Release()
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Error(err)
	}
}

func TestClusterHasThreeMasters(t *testing.T) {
	c := redistest.StartCluster(t)
	if len(c.Nodes) != 3 || !strings.HasPrefix(c.URL(), "redis+cluster://") {
		t.Errorf("%d nodes at %s", len(c.Nodes), c.URL())
	}
}

func TestSentinelMakesAnotherMaster(t *testing.T) {
	s := redistest.StartSentinel(t)
	if got := s.CurrentMaster(t); got != s.Master.Addr() {
		t.Errorf("master is %s", got)
	}
	s.Failover(t)
	if got := s.CurrentMaster(t); got != s.Replica.Addr() {
		t.Errorf("master is %s", got)
	}
}

func client(t *testing.T, addr string) *goredis.Client {
	t.Helper()
	c := goredis.NewClient(&goredis.Options{Addr: addr, MaxRetries: -1, PoolSize: 1, ReadTimeout: 100 * time.Millisecond})
	t.Cleanup(func() { _ = c.Close() })
	return c
}
