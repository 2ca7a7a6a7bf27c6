package redis_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"ruptura/internal/queue"
	"ruptura/internal/queue/redis"
	rds "ruptura/internal/redis"
	"ruptura/internal/redistest"
	"ruptura/internal/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	// short is a lease that tests wait for to pass.
	short = 150 * time.Millisecond
	// long is one that does not pass during a test.
	long = time.Hour
)

// rig is a queue in one Redis, in which processes take part.
type rig struct {
	url, prefix string
}

func shared(t testing.TB) rig {
	t.Helper()
	s, prefix := redistest.Shared(t)
	return rig{s.URL(), prefix}
}

func (r rig) client(t testing.TB) *rds.Client {
	t.Helper()
	c, err := rds.Open(r.url, rds.Options{Prefix: r.prefix})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// process is the queue as one process has it, closed with the test.
func (r rig) process(t testing.TB, lease time.Duration) *redis.Queue {
	t.Helper()
	q := redis.New(r.client(t), redis.Config{Lease: lease, Log: slog.New(slog.NewTextHandler(testLog{t}, nil))})
	t.Cleanup(func() { closeQueue(t, q) })
	return q
}

// mortal is a process that kill lets die: from then on nothing of it reaches Redis.
func (r rig) mortal(t testing.TB, lease time.Duration) (q *redis.Queue, kill func()) {
	t.Helper()
	c, err := rds.Open(r.url, rds.Options{Prefix: r.prefix})
	if err != nil {
		t.Fatal(err)
	}
	q = redis.New(c, redis.Config{Lease: lease})
	t.Cleanup(func() { // its goroutines live on, though it is dead to Redis
		if err := q.Close(context.Background()); err == nil {
			t.Error("a dead process said goodbye")
		}
	})
	return q, func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func closeQueue(t testing.TB, q *redis.Queue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := q.Close(ctx); err != nil {
		t.Errorf("Close = %v", err)
	}
}

// testLog is the test's log.
type testLog struct{ testing.TB }

func (l testLog) Write(line []byte) (int, error) {
	l.Log(strings.TrimSpace(string(line)))
	return len(line), nil
}

func job(n int) session.Job { return session.Job{Session: "s", Number: n} }

func enqueue(t testing.TB, q queue.Queue, numbers ...int) {
	t.Helper()
	for _, n := range numbers {
		if err := q.Enqueue(t.Context(), job(n)); err != nil {
			t.Fatal(err)
		}
	}
}

func take(t testing.TB, q queue.Queue) queue.Delivery {
	t.Helper()
	d, err := q.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func want(t testing.TB, d queue.Delivery, number, attempts int) {
	t.Helper()
	if d.Job().Number != number || d.Attempts() != attempts {
		t.Errorf("took job %d, attempt %d; want job %d, attempt %d", d.Job().Number, d.Attempts(), number, attempts)
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantLen(t testing.TB, q queue.Queue, want int) {
	t.Helper()
	if n, err := q.Len(t.Context()); err != nil || n != want {
		t.Errorf("Len = %d, %v; want %d", n, err, want)
	}
}

// until looks again and again until it sees what it wants: for what Redis tells nobody of.
func until(t testing.TB, what string, look func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !look() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}

// pendingOf asks for all jobs in hand.
func pendingOf(c *rds.Client) *goredis.XPendingExtArgs {
	return &goredis.XPendingExtArgs{Stream: c.Key("fila"), Group: "workers", Start: "-", End: "+", Count: 1000}
}
