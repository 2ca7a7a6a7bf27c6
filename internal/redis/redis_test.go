package redis_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"ruptura/internal/lang"
	"ruptura/internal/redis"
	"ruptura/internal/redistest"
	"ruptura/internal/session"
)

// narrow is a user with no more rights than the program needs.
const narrow = "user ana on >segredo ~ruptura:* &ruptura:* +@all -@dangerous -client"

func TestReaches(t *testing.T) {
	start := func(o redistest.Options) func(*testing.T) string {
		return func(t *testing.T) string { return redistest.Start(t, o).URL() }
	}
	for name, url := range map[string]func(*testing.T) string{
		"one server":    func(t *testing.T) string { s, _ := redistest.Shared(t); return s.URL() },
		"with password": start(redistest.Options{Password: "s:@/?#%"}),
		"over TLS":      start(redistest.Options{TLS: true, Password: "segredo"}),
		"as a user": func(t *testing.T) string {
			return redistest.Start(t, redistest.Options{Settings: []string{"user default off", narrow}}).As("ana", "segredo")
		},
		"by sentinel": func(t *testing.T) string { return redistest.StartSentinel(t).URL() },
		"a cluster":   func(t *testing.T) string { return redistest.StartCluster(t).URL() },
	} {
		t.Run(name, func(t *testing.T) {
			address := url(t)
			defer goleak.VerifyNone(t)
			c := open(t, address)
			defer func() { _ = c.Close() }()
			if err := c.Ping(t.Context()); err != nil {
				t.Error(err)
			}
			for i := range 8 { // several slots
				if err := c.Set(t.Context(), c.Key(fmt.Sprintf("{%d}", i), "x"), i, 0).Err(); err != nil {
					t.Error(err)
				}
			}
			if c.Cluster() != (name == "a cluster") {
				t.Errorf("a cluster: %t", c.Cluster())
			}
			if strings.Contains(fmt.Sprintf("%v %s", c, c), "segredo") {
				t.Errorf("it shows its password: %s", c)
			}
		})
	}
}

func TestKeysHaveThePrefix(t *testing.T) {
	for prefix, want := range map[string]string{"": "ruptura:{a}:eventos", "filial:2": "filial:2:{a}:eventos"} {
		c, err := redis.Open("redis://localhost", redis.Options{Prefix: prefix})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Key("{a}", "eventos"); got != want {
			t.Errorf("key is %s, want %s", got, want)
		}
		_ = c.Close()
	}
}

func TestSentinelLeadsToTheNewMaster(t *testing.T) {
	s := redistest.StartSentinel(t)
	c := open(t, s.URL())
	defer func() { _ = c.Close() }()
	if err := c.Set(t.Context(), c.Key("x"), 1, 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.Failover(t)
	var err error
	for range 20 { // each waits for what it finds
		if err = redis.Explain(c.Set(t.Context(), c.Key("x"), 2, 0).Err()); err == nil {
			break
		}
		if !errors.Is(err, session.ErrUnavailable) {
			t.Fatal(err)
		}
	}
	if got := s.Replica.Do(t, "GET", c.Key("x")); err != nil || got != "2" {
		t.Errorf("the new master has %v, %v", got, err)
	}
}

// Connections that a restart has left dead are not used.
func TestRestartCostsNoCommand(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	c := open(t, s.URL())
	defer func() { _ = c.Close() }()
	for range 3 {
		if err := c.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		s.Restart(t)
	}
}

// TestExplainsRealFaults meets each with a real server.
func TestExplainsRealFaults(t *testing.T) {
	for name, c := range map[string]struct {
		fault    func(*testing.T) error
		want     error
		pt, also string
	}{
		"nobody there": {func(t *testing.T) error { return reach(t, "redis://127.0.0.1:1") }, session.ErrUnavailable, "não respondeu", "did not answer"},
		"paused": {func(t *testing.T) error {
			s := redistest.Start(t, redistest.Options{})
			s.Pause(t)
			return reach(t, s.URL()+"?read_timeout=1s")
		}, session.ErrUnavailable, "não respondeu", ""},
		"stopped after it answered": {func(t *testing.T) error {
			s := redistest.Start(t, redistest.Options{})
			c := open(t, s.URL())
			defer func() { _ = c.Close() }()
			if err := c.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.Kill(t)
			return c.Ping(t.Context())
		}, session.ErrUnavailable, "não respondeu", ""},
		"no password": {func(t *testing.T) error {
			s := redistest.Start(t, redistest.Options{Password: "segredo"})
			return reach(t, s.As("", ""))
		}, redis.ErrDenied, "ACL GETUSER", "NOAUTH"},
		"wrong password": {func(t *testing.T) error {
			return reach(t, redistest.Start(t, redistest.Options{Password: "segredo"}).As("ana", "segredo"))
		}, redis.ErrDenied, "ACL GETUSER", "WRONGPASS"},
		"another's keys": {func(t *testing.T) error {
			s := redistest.Start(t, redistest.Options{Settings: []string{narrow}})
			return write(t, s.As("ana", "segredo"), "outro")
		}, redis.ErrDenied, "ACL GETUSER", "NOPERM"},
		"no memory": {func(t *testing.T) error {
			s := redistest.Start(t, redistest.Options{Settings: []string{"maxmemory 1", "maxmemory-policy noeviction"}})
			return write(t, s.URL(), "ruptura")
		}, session.ErrFull, "maxmemory", "out of memory"},
		"replica": {func(t *testing.T) error {
			return write(t, redistest.StartSentinel(t).Replica.URL(), "ruptura")
		}, session.ErrUnavailable, "não pode atender agora", "READONLY"},
		"unknown authority": {func(t *testing.T) error {
			s := redistest.Start(t, redistest.Options{TLS: true})
			return reach(t, "rediss://"+s.Addr())
		}, redis.ErrCertificate, "ca=ARQUIVO", "ca=FILE"},
		"no TLS there": {func(t *testing.T) error {
			s, _ := redistest.Shared(t)
			return reach(t, "rediss://"+s.Addr()+"?dial_timeout=50ms")
		}, session.ErrUnavailable, "TLS", "TLS"},
		"only TLS there": {func(t *testing.T) error {
			return reach(t, "redis://"+redistest.Start(t, redistest.Options{TLS: true}).Addr())
		}, session.ErrUnavailable, "não respondeu", ""},
		"no such database": {func(t *testing.T) error {
			s, _ := redistest.Shared(t)
			return reach(t, "redis://"+s.Addr()+"/99")
		}, redis.ErrSetup, "use /0", "DB index"},
		"another name for the master": {func(t *testing.T) error {
			return reach(t, "redis+sentinel://"+redistest.StartSentinel(t).Watcher.Addr()+"/outro")
		}, redis.ErrSetup, "SENTINEL MASTERS", "SENTINEL MASTERS"},
		"sentinel away": {func(t *testing.T) error { return reach(t, "redis+sentinel://127.0.0.1:1/m") }, session.ErrUnavailable, "não respondeu", ""},
		"one of a cluster": {func(t *testing.T) error {
			var errs []error
			for _, node := range redistest.StartCluster(t).Nodes {
				errs = append(errs, write(t, node.URL(), "ruptura"))
			}
			return errors.Join(errs...)
		}, redis.ErrSetup, "redis+cluster://", "part of a Redis Cluster"},
		"no cluster": {func(t *testing.T) error {
			s, _ := redistest.Shared(t)
			return reach(t, "redis+cluster://"+s.Addr())
		}, redis.ErrSetup, "não é um Redis Cluster", "is no Redis Cluster"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.fault(t)
			told := (*redis.Error)(nil)
			if !errors.Is(err, c.want) || !errors.As(err, &told) {
				t.Fatalf("%v (%T), want %v", err, err, c.want)
			}
			if errors.Is(err, goredis.Nil) {
				t.Error("it looks like a key that is not there")
			}
			if pt := told.In(lang.PT); !strings.Contains(pt, c.pt) || !strings.Contains(err.Error(), c.also) {
				t.Errorf("it says\n%s\n%s", pt, err)
			}
			if strings.Contains(err.Error()+told.In(lang.PT), "segredo") {
				t.Errorf("it shows the password: %v", err)
			}
		})
	}
}

func TestExplains(t *testing.T) {
	for name, c := range map[string]struct{ err, want error }{
		"loading":      {said("LOADING Redis is loading the dataset in memory"), session.ErrUnavailable},
		"cluster down": {said("CLUSTERDOWN Hash slot not served"), session.ErrUnavailable},
		"master down":  {said("MASTERDOWN Link with MASTER is down"), session.ErrUnavailable},
		"try again":    {said("TRYAGAIN Multiple keys request during rehashing of slot"), session.ErrUnavailable},
		"busy":         {said("BUSY Redis is busy running a script."), session.ErrUnavailable},
		"cannot save":  {said("MISCONF Redis is configured to save RDB snapshots"), session.ErrUnavailable},
		"resharding":   {said("ASK 1 127.0.0.1:1"), session.ErrUnavailable},
		"many clients": {said("ERR max number of clients reached"), session.ErrUnavailable},
		"pool":         {goredis.ErrPoolTimeout, session.ErrUnavailable},
		"end of file":  {io.EOF, session.ErrUnavailable},
		"network":      {&net.OpError{Op: "read", Err: errors.New("reset")}, session.ErrUnavailable},
		"deadline":     {context.DeadlineExceeded, session.ErrUnavailable},
		"wrapped":      {fmt.Errorf("failed to authenticate: %w", said("WRONGPASS no")), redis.ErrDenied},
		"no memory":    {said("OOM command not allowed when used memory > 'maxmemory'. script: x, on @user_script:1."), session.ErrFull},
	} {
		t.Run(name, func(t *testing.T) {
			err := redis.Explain(c.err)
			if !errors.Is(err, c.want) || !errors.Is(err, c.err) {
				t.Errorf("%v is not %v and %v", err, c.want, c.err)
			}
			if again := redis.Explain(fmt.Errorf("op: %w", err)); !errors.Is(again, c.want) {
				t.Errorf("explained again: %v", again)
			}
		})
	}
	for name, err := range map[string]error{
		"nothing": nil, "no key": goredis.Nil, "cancelled": context.Canceled, "closed": goredis.ErrClosed,
		"of a script": said("ERR user_script:1: attempt to index a nil value"), "no group": said("NOGROUP No such key"),
	} {
		if got := redis.Explain(err); got != err { //nolint:errorlint // the very same
			t.Errorf("%s becomes %v", name, got)
		}
	}
}

// said is an error that Redis answers.
type said string

func (s said) Error() string { return string(s) }

// RedisError implements goredis.Error.
func (said) RedisError() {}

func open(t *testing.T, address string) *redis.Client {
	t.Helper()
	c, err := redis.Open(address, redis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func reach(t *testing.T, address string) error {
	t.Helper()
	c := open(t, address)
	defer func() { _ = c.Close() }()
	return c.Ping(t.Context())
}

func write(t *testing.T, address, key string) error {
	t.Helper()
	c := open(t, address)
	defer func() { _ = c.Close() }()
	return redis.Explain(c.Set(t.Context(), key+":x", 1, 0).Err())
}
