package main

import (
	"errors"
	"testing"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/cli"
	"ruptura/internal/redistest"
	"ruptura/internal/session"
	"ruptura/internal/settings"
)

// A job goes back into the queue only while its session runs.
func TestRetryWantsASessionThatRuns(t *testing.T) {
	server, prefix := redistest.Shared(t)
	s := settings.Settings{RedisPrefix: prefix, Lease: time.Minute, SessionTTL: time.Minute, LogMemory: 64 << 20}
	s.Redis = settings.RedisAddress(server.URL())
	q, err := openShared(s)
	must(t, err)
	defer func() { must(t, q.Close()) }()
	ctx := t.Context()
	asked := &session.Session{ID: session.NewID(), Created: time.Now(), Spec: session.Spec{
		Orders: []atp.OrderNumber{"P1"}, LotSize: 20, Workers: 1,
	}}
	_, err = q.sessions.Create(ctx, asked, session.Key{})
	must(t, err)
	putAside := func(id session.ID) (name string) {
		t.Helper()
		must(t, q.jobs.Enqueue(ctx, session.Job{Session: id}))
		d, err := q.jobs.Take(ctx)
		must(t, err)
		must(t, d.Bury(ctx, "poison"))
		dead, err := q.jobs.Dead(ctx, 1)
		must(t, err)
		return dead[0].ID
	}

	must(t, q.Retry(ctx, putAside(asked.ID)))
	d, err := q.jobs.Take(ctx)
	must(t, err)
	must(t, d.Done(ctx))
	must(t, q.sessions.End(ctx, asked.ID, session.Ending{State: session.Cancelled, At: time.Now()}))
	for what, id := range map[string]session.ID{"ended": asked.ID, "forgotten": "GONE"} {
		name := putAside(id)
		if err := q.Retry(ctx, name); !errors.Is(err, cli.ErrEnded) {
			t.Errorf("Retry of a session that is %s = %v, want ErrEnded", what, err)
		}
		must(t, q.Drop(ctx, name)) // it was kept
	}
	if err := q.Retry(ctx, "1-1"); !errors.Is(err, cli.ErrNotDead) {
		t.Errorf("Retry of nothing = %v, want ErrNotDead", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
