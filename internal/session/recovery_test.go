package session_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"ruptura/internal/session"
)

// forgetful is a store that tells what may have been lost, as the test says it.
type forgetful struct {
	session.Store
	silent []session.ID
	undone map[session.ID][]session.Job
}

func (f *forgetful) Unfinished(context.Context, time.Duration, int) ([]session.ID, error) {
	return f.silent, nil
}

func (f *forgetful) Undone(_ context.Context, id session.ID, limit int) ([]session.Job, error) {
	lost := f.undone[id]
	return slices.Clone(lost[:min(limit, len(lost))]), nil
}

// counted is a queue that knows what it holds.
type counted struct {
	*limitedJobs
	held map[session.ID]int
	// theirs tells that another process sweeps.
	theirs bool
}

func (c *counted) Lock(context.Context, time.Duration) (bool, error) { return !c.theirs, nil }

func (c *counted) Holds(context.Context) (map[session.ID]int, error) { return c.held, nil }

func (c *counted) Enqueue(ctx context.Context, jobs ...session.Job) error {
	for _, j := range jobs {
		c.held[j.Session]++
	}
	return c.limitedJobs.Enqueue(ctx, jobs...)
}

func TestSweep(t *testing.T) {
	whole := func(n int) session.Job { return session.Job{Number: n} }
	for _, c := range []struct {
		name   string
		given  int // jobs that have been given out
		undone []session.Job
		held   int
		want   []session.Job
	}{
		{"nothing was queued", 0, nil, 0, []session.Job{whole(0), whole(1)}},
		{"a job was lost", 2, []session.Job{whole(1)}, 0, []session.Job{whole(1), whole(2)}},
		{"all were lost", 3, []session.Job{whole(0), whole(1), whole(2)}, 0, []session.Job{whole(0), whole(1)}},
		{"a part was lost", 9, []session.Job{{Number: 8, Part: session.Span{First: 805, End: 810}}}, 0,
			[]session.Job{{Number: 8, Part: session.Span{First: 805, End: 810}}, whole(9)}},
		{"the last was lost", 10, []session.Job{whole(9)}, 0, []session.Job{whole(9)}},
		{"somebody works", 2, []session.Job{whole(0), whole(1)}, 1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			service, q := newService(t, 100)
			s := &session.Session{ID: session.NewID(), Created: now(), Spec: *spec(1000, 20, 2)}
			if _, err := service.Store.Create(t.Context(), s, session.Key{}); err != nil {
				t.Fatal(err)
			}
			for range c.given {
				if _, _, err := service.Store.NextJob(t.Context(), s.ID, session.NoJob); err != nil {
					t.Fatal(err)
				}
			}
			for i := range c.undone {
				c.undone[i].Session = s.ID
			}
			jobs := &counted{limitedJobs: q, held: map[session.ID]int{s.ID: c.held}}
			r := session.Recovery{
				Store: &forgetful{Store: service.Store, silent: []session.ID{"GONE", s.ID}, undone: map[session.ID][]session.Job{s.ID: c.undone}},
				Jobs:  jobs, Idle: time.Second, Now: now, Log: slog.New(slog.DiscardHandler),
			}
			if n, err := r.Sweep(t.Context()); err != nil || n != len(c.want) {
				t.Errorf("Sweep = %d, %v; want %d", n, err, len(c.want))
			}
			if n, err := r.Sweep(t.Context()); err != nil || n != 0 {
				t.Errorf("another Sweep = %d, %v; want nothing left to do", n, err)
			}
			for _, want := range c.want {
				want.Session, want.Queued = s.ID, now()
				if got := takeJob(t, q); got != want {
					t.Errorf("queued %+v, want %+v", got, want)
				}
			}
		})
	}
}

func TestSweepLeavesTheEndedAlone(t *testing.T) {
	service, q := newService(t, 100)
	s, err := service.Start(t.Context(), *spec(1000, 20, 2), session.Key{})
	if err != nil {
		t.Fatal(err)
	}
	before := waiting(t, q)
	if err := service.Cancel(t.Context(), s.ID); err != nil {
		t.Fatal(err)
	}
	r := session.Recovery{
		Store: &forgetful{Store: service.Store, silent: []session.ID{s.ID}}, Jobs: &counted{limitedJobs: q, held: map[session.ID]int{}},
		Idle: time.Second, Now: now, Log: slog.New(slog.DiscardHandler),
	}
	if n, err := r.Sweep(t.Context()); err != nil || n != 0 || waiting(t, q) != before {
		t.Errorf("Sweep = %d, %v, %d jobs wait; want nothing done", n, err, waiting(t, q))
	}
}

func TestSweepLeavesItToTheOneWhoseTurnItIs(t *testing.T) {
	service, q := newService(t, 100)
	s := &session.Session{ID: session.NewID(), Created: now(), Spec: *spec(1000, 20, 2)}
	if _, err := service.Store.Create(t.Context(), s, session.Key{}); err != nil {
		t.Fatal(err)
	}
	jobs := &counted{limitedJobs: q, held: map[session.ID]int{}, theirs: true}
	r := session.Recovery{
		Store: &forgetful{Store: service.Store, silent: []session.ID{s.ID}}, Jobs: jobs,
		Idle: time.Second, Now: now, Log: slog.New(slog.DiscardHandler),
	}
	for _, want := range []int{0, 2} {
		if n, err := r.Sweep(t.Context()); err != nil || n != want {
			t.Errorf("Sweep while another process has the turn (%t) = %d, %v; want %d", jobs.theirs, n, err, want)
		}
		jobs.theirs = false
	}
}
