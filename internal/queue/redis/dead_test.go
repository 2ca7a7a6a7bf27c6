package redis_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/queue/redis"
	"ruptura/internal/redistest"
	"ruptura/internal/session"
)

func TestDeadJobs(t *testing.T) {
	t.Run("one server", func(t *testing.T) { testDead(t, shared(t)) })
	t.Run("cluster", func(t *testing.T) { testDead(t, rig{redistest.StartCluster(t).URL(), "teste"}) })
}

func testDead(t *testing.T, r rig) {
	q := r.process(t, long)
	poison := session.Job{
		Session: "abc", Number: 3, Part: session.Span{First: 61, End: 62}, Queued: time.UnixMilli(1234567).UTC(),
	}
	ok(t, q.Enqueue(t.Context(), poison))
	enqueue(t, q, 8)
	ok(t, take(t, q).Bury(t.Context(), "its workers died\x00\xff"))
	ok(t, take(t, q).Bury(t.Context(), strings.Repeat("á", 5000)))
	wantLen(t, q, 0)

	dead, err := q.Dead(t.Context(), 10)
	ok(t, err)
	if len(dead) != 2 {
		t.Fatalf("%d dead jobs, want 2", len(dead))
	}
	want := redis.DeadJob{ID: dead[0].ID, Job: poison, Attempts: 1, Reason: "its workers died\x00", At: dead[0].At}
	if diff := cmp.Diff(want, dead[0]); diff != "" || time.Since(dead[0].At).Abs() > time.Hour {
		t.Errorf("dead job (-want +got):\n%s", diff)
	}
	if dead[1].Job.Number != 8 || len(dead[1].Reason) > 2000 {
		t.Errorf("second dead job: %+v", dead[1])
	}
	if first, err := q.Dead(t.Context(), 1); err != nil || len(first) != 1 || first[0].ID != dead[0].ID {
		t.Errorf("the first dead job: %+v, %v", first, err)
	}

	ok(t, q.Retry(t.Context(), dead[0].ID))
	again := take(t, q)
	if j := again.Job(); j.Session != "abc" || j.Part != poison.Part || again.Attempts() != 1 || !j.Queued.After(poison.Queued) {
		t.Errorf("retried job: %+v, attempt %d", j, again.Attempts())
	}
	ok(t, again.Bury(t.Context(), "again"))
	ok(t, q.Drop(t.Context(), dead[1].ID))
	for _, id := range []string{dead[0].ID, dead[1].ID, "no such", "", "0-0", "1-1", "-", "+", "$"} {
		if err := q.Retry(t.Context(), id); !errors.Is(err, redis.ErrNotDead) {
			t.Errorf("Retry(%q) = %v, want ErrNotDead", id, err)
		}
		if err := q.Drop(t.Context(), id); !errors.Is(err, redis.ErrNotDead) {
			t.Errorf("Drop(%q) = %v, want ErrNotDead", id, err)
		}
	}
	if left, err := q.Dead(t.Context(), 10); err != nil || len(left) != 1 || left[0].Reason != "again" {
		t.Errorf("dead jobs at the end: %+v, %v", left, err)
	}
}

func TestInspection(t *testing.T) {
	r := shared(t)
	q, c := r.process(t, short), r.client(t)
	if s, err := q.Stats(t.Context()); err != nil || !cmp.Equal(s, redis.Stats{}) {
		t.Errorf("Stats of nothing = %+v, %v", s, err)
	}
	ok(t, q.Clean(t.Context()))
	for n := range 1500 { // more than one page
		id := session.ID("even")
		if n%2 > 0 {
			id = "odd"
		}
		ok(t, q.Enqueue(t.Context(), session.Job{Session: id, Number: n}))
	}
	wantLen(t, q, 1500)
	d, gone := take(t, q), take(t, q)
	ok(t, gone.Done(t.Context()))
	until(t, "the oldest job to have some age", func() bool {
		s, err := q.Stats(t.Context())
		ok(t, err)
		if s.Waiting != 1498 || s.InHand != 1 || s.Dead != 0 || len(s.Consumers) != 2 {
			t.Fatalf("Stats = %+v", s)
		}
		return s.Oldest > 0 && s.Oldest < time.Hour
	})
	holds, err := q.Holds(t.Context())
	if diff := cmp.Diff(map[session.ID]int{"even": 750, "odd": 749}, holds); diff != "" || err != nil {
		t.Errorf("Holds (-want +got):\n%s%v", diff, err)
	}
	// One consumer that has nothing and was not heard of for hours, and one that has something.
	for _, name := range []string{"stale", "dead"} {
		ok(t, c.XGroupCreateConsumer(t.Context(), c.Key("fila"), "workers", name).Err())
	}
	if n, err := q.Workers(t.Context()); err != nil || n != 4 {
		t.Errorf("Workers = %d, %v", n, err)
	}
	ok(t, d.Return(t.Context()))
}
