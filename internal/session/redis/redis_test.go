package redis_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	rds "ruptura/internal/redis"
	"ruptura/internal/redistest"
	"ruptura/internal/session"
	"ruptura/internal/session/redis"
	"ruptura/internal/session/sessiontest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// config has room for everything.
func config() redis.Config {
	return redis.Config{TTL: time.Hour, Memory: 256 << 20, Log: slog.New(slog.DiscardHandler)}
}

// open gives a store over a client of its own.
func open(t testing.TB, url, prefix string, c redis.Config) *redis.Store {
	t.Helper()
	client, err := rds.Open(url, rds.Options{Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	store := redis.New(client, c)
	t.Cleanup(func() {
		store.Close()
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// fresh gives a store with nothing in it.
func fresh(t testing.TB, c redis.Config) *redis.Store {
	t.Helper()
	server, prefix := redistest.Shared(t)
	return open(t, server.URL(), prefix, c)
}

func TestConformance(t *testing.T) {
	sessiontest.Run(t, func(t *testing.T) session.Store { return fresh(t, config()) })
}

// What one process has written another reads: each call goes to the other one of two.
func TestConformanceOfTwo(t *testing.T) {
	sessiontest.Run(t, func(t *testing.T) session.Store {
		server, prefix := redistest.Shared(t)
		return &two{stores: [2]*redis.Store{
			open(t, server.URL(), prefix, config()), open(t, server.URL(), prefix, config()),
		}}
	})
}

func TestConformanceOfACluster(t *testing.T) {
	cluster := redistest.StartCluster(t)
	sessiontest.Run(t, func(t *testing.T) session.Store { return open(t, cluster.URL(), "", config()) })
}

// two are stores that are called in turn.
type two struct {
	stores [2]*redis.Store
	calls  atomic.Int64
}

func (s *two) next() *redis.Store { return s.stores[s.calls.Add(1)%2] }

func (s *two) Create(ctx context.Context, asked *session.Session, key session.Key) (session.ID, error) {
	return s.next().Create(ctx, asked, key)
}

func (s *two) Recall(ctx context.Context, key session.Key) (session.ID, error) {
	return s.next().Recall(ctx, key)
}

func (s *two) Session(ctx context.Context, id session.ID) (*session.Session, error) {
	return s.next().Session(ctx, id)
}

func (s *two) Begin(ctx context.Context, id session.ID, at time.Time) (bool, error) {
	return s.next().Begin(ctx, id, at)
}

func (s *two) NextJob(ctx context.Context, id session.ID, finished int) (int, bool, error) {
	return s.next().NextJob(ctx, id, finished)
}

func (s *two) Publish(ctx context.Context, id session.ID, lot session.LotResult) (session.Published, error) {
	return s.next().Publish(ctx, id, lot)
}

func (s *two) PublishAll(ctx context.Context, id session.ID, lots []session.LotResult) ([]session.Published, error) {
	return s.next().PublishAll(ctx, id, lots)
}

func (s *two) PublishLast(
	ctx context.Context, id session.ID, lots []session.LotResult, finished int,
) (published []session.Published, next int, ok bool, err error) {
	return s.next().PublishLast(ctx, id, lots, finished)
}

func (s *two) End(ctx context.Context, id session.ID, end session.Ending) error {
	return s.next().End(ctx, id, end)
}

func (s *two) Status(ctx context.Context, id session.ID) (session.Status, error) {
	return s.next().Status(ctx, id)
}

func (s *two) Events(ctx context.Context, id session.ID, after int64, limit int) ([]session.Event, error) {
	return s.next().Events(ctx, id, after, limit)
}

func (s *two) Follow(ctx context.Context, id session.ID, after int64) (session.Reader, error) {
	return s.next().Follow(ctx, id, after)
}

func (s *two) Ping(ctx context.Context) error { return s.next().Ping(ctx) }
