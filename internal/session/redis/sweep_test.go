package redis_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ruptura/internal/redistest"
	"ruptura/internal/session"
	"ruptura/internal/session/redis"
)

func unfinished(t *testing.T, store *redis.Store, idle time.Duration, limit int) []session.ID {
	t.Helper()
	list, err := store.Unfinished(t.Context(), idle, limit)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestUnfinishedAreThoseThatAreSilent(t *testing.T) {
	store := fresh(t, config())
	var all []session.ID
	for range 250 { // more than are looked at in one round trip
		all = append(all, create(t, store, 40).ID)
	}
	ended, cancelled, busy := create(t, store, 40), create(t, store, 40), create(t, store, 40)
	finish(t, store, ended, 10)
	if err := store.End(t.Context(), cancelled.ID, session.Ending{State: session.Cancelled, At: start()}); err != nil {
		t.Fatal(err)
	}
	if got := unfinished(t, store, time.Hour, 1000); len(got) != 0 {
		t.Errorf("%d sessions are silent at once", len(got))
	}
	const idle = 40 * time.Millisecond
	next := 0
	until(t, "all but one to be silent", func() bool {
		if _, _, err := store.NextJob(t.Context(), busy.ID, session.NoJob); err != nil {
			t.Fatal(err)
		}
		if p, err := store.Publish(t.Context(), busy.ID, session.LotResult{Skip: min(next, 19), Orders: 1, Body: []byte(`"resultados":[]`), At: start()}); err != nil || p.Ended {
			t.Fatalf("%+v, %v", p, err)
		}
		next++
		return len(unfinished(t, store, idle, 1000)) == len(all) || next > 19
	})
	got := unfinished(t, store, 0, 1000)
	slices.Sort(got)
	want := slices.Sorted(slices.Values(append(slices.Clone(all), busy.ID)))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Unfinished (-want +got):\n%s", diff)
	}
	if got := unfinished(t, store, 0, 7); len(got) != 7 {
		t.Errorf("%d sessions at a limit of 7", len(got))
	}
}

// Who dies between a session's end and the registry leaves it charged for; the sweep repairs it.
func TestUnfinishedRepairsTheRegistry(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", config())
	s := create(t, store, 1000)
	_, expected, err := store.Usage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	score := server.Do(t, "ZSCORE", "ruptura:{registro}:abertas", string(s.ID))
	finish(t, store, s, 10)
	server.Do(t, "ZREM", "ruptura:{registro}:finais", string(s.ID)) // as if finish had never come
	server.Do(t, "ZADD", "ruptura:{registro}:abertas", score, string(s.ID))
	if got := unfinished(t, store, 0, 10); len(got) != 0 {
		t.Errorf("Unfinished = %q", got)
	}
	if n := server.Do(t, "ZCARD", "ruptura:{registro}:finais"); n != int64(1) {
		t.Errorf("%v sessions known to have ended, want 1", n)
	}
	if _, bytes, err := store.Usage(t.Context()); err != nil || bytes >= expected {
		t.Errorf("%d bytes charged after the end, %v; %d were expected", bytes, err, expected)
	}
}

func TestUndone(t *testing.T) {
	store := fresh(t, config())
	s := create(t, store, 400) // four jobs of five lots
	undone := func(limit int) []session.Job {
		t.Helper()
		jobs, err := store.Undone(t.Context(), s.ID, limit)
		if err != nil {
			t.Fatal(err)
		}
		return jobs
	}
	want := func(jobs ...session.Job) {
		t.Helper()
		for i := range jobs {
			jobs[i].Session = s.ID
		}
		if diff := cmp.Diff(jobs, undone(10)); diff != "" {
			t.Fatalf("Undone (-want +got):\n%s", diff)
		}
	}
	if got := undone(10); len(got) != 0 {
		t.Fatalf("Undone before anything is given out = %+v", got)
	}
	for range 3 {
		if _, _, err := store.NextJob(t.Context(), s.ID, session.NoJob); err != nil {
			t.Fatal(err)
		}
	}
	want(session.Job{}, session.Job{Number: 1}, session.Job{Number: 2})
	if got := undone(2); len(got) != 2 {
		t.Errorf("%d jobs at a limit of 2", len(got))
	}
	publish(t, store, s, 0, 1)
	publish(t, store, s, 2, 1)
	for i := 5; i < 10; i++ {
		publish(t, store, s, i, 1)
	}
	if _, err := store.Publish(t.Context(), s.ID, session.LotResult{Lot: 14, Skip: 10, Orders: 10, Body: []byte(`"resultados":[]`), At: start()}); err != nil {
		t.Fatal(err)
	}
	want(session.Job{Part: session.Span{First: 20, End: 40}}, session.Job{Part: session.Span{First: 60, End: 100}},
		session.Job{Number: 2, Part: session.Span{First: 200, End: 290}})
	for i := range s.Lots() {
		if i < 14 || i > 14 {
			if _, err := store.Publish(t.Context(), s.ID, lot(s, i, 1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	want(session.Job{Number: 2, Part: session.Span{First: 280, End: 290}})
	if err := store.End(t.Context(), s.ID, session.Ending{State: session.Cancelled, At: start()}); err != nil {
		t.Fatal(err)
	}
	if got := undone(10); len(got) != 0 {
		t.Errorf("Undone after the end = %+v", got)
	}
}

// Whatever of a session is offered, whole or in parts, by two processes at once: each order is
// written once, and there is one end.
func TestTwoProcessesOfferTheSame(t *testing.T) {
	server, prefix := redistest.Shared(t)
	stores := [2]*redis.Store{open(t, server.URL(), prefix, config()), open(t, server.URL(), prefix, config())}
	rapid.Check(t, func(rt *rapid.T) {
		s := plan(rapid.IntRange(1, 200).Draw(rt, "orders"))
		s.LotSize = rapid.IntRange(1, 30).Draw(rt, "lotSize")
		if _, err := stores[0].Create(t.Context(), s, session.Key{}); err != nil {
			rt.Fatal(err)
		}
		var offers [2][]session.LotResult
		for i := range offers {
			offers[i] = pieces(rt, s)
		}
		var (
			group     sync.WaitGroup
			processed atomic.Int64
			ends      atomic.Int64
		)
		for i, store := range stores {
			group.Go(func() {
				for _, l := range offers[i] {
					p, err := store.Publish(t.Context(), s.ID, l)
					if err != nil {
						t.Error(err)
					}
					if p.Written {
						processed.Add(int64(l.Orders))
					}
					if p.Written && p.Ended {
						ends.Add(1)
					}
				}
			})
		}
		group.Wait()
		for lost := true; lost; { // what two half-written lots have left is found and done
			jobs := undoneSpans(rt, stores[1], s)
			lost = len(jobs) > 0
			for _, l := range jobs {
				p, err := stores[0].Publish(t.Context(), s.ID, l)
				if err != nil || !p.Written {
					rt.Fatalf("Publish(%+v) of what is undone = %+v, %v", l, p, err)
				}
				processed.Add(int64(l.Orders))
				if p.Ended {
					ends.Add(1)
				}
			}
		}
		st, err := stores[1].Status(t.Context(), s.ID)
		if err != nil || st.State != session.Complete || st.Processed != len(s.Orders) || st.LotsDone != s.Lots() {
			rt.Fatalf("Status = %+v, %v", st, err)
		}
		if processed.Load() != int64(len(s.Orders)) || ends.Load() != 1 {
			rt.Fatalf("%d of %d orders written, %d ends", processed.Load(), len(s.Orders), ends.Load())
		}
	})
}

// pieces cuts a session's lots at random and shuffles them.
func pieces(rt *rapid.T, s *session.Session) []session.LotResult {
	var all []session.LotResult
	for i := range s.Lots() {
		for skip, whole := 0, len(s.Lot(i)); skip < whole; {
			n := rapid.IntRange(1, whole-skip).Draw(rt, "orders")
			all = append(all, session.LotResult{Lot: i, Skip: skip, Orders: n, Body: []byte(`"a":1`), At: start()})
			skip += n
		}
	}
	return rapid.Permutation(all).Draw(rt, "sequence")
}

// undoneSpans is what Undone finds once all jobs are given out, lot by lot.
func undoneSpans(rt *rapid.T, store *redis.Store, s *session.Session) []session.LotResult {
	ctx := rt.Context()
	for {
		_, ok, err := store.NextJob(ctx, s.ID, session.NoJob)
		if err != nil {
			rt.Fatal(err)
		}
		if !ok {
			break
		}
	}
	jobs, err := store.Undone(ctx, s.ID, 1<<20)
	if err != nil {
		rt.Fatal(err)
	}
	var all []session.LotResult
	for _, j := range jobs {
		span := s.Span(j)
		for at := span.First; at < span.End; {
			skip := at % s.LotSize
			n := min(s.LotSize-skip, span.End-at)
			all = append(all, session.LotResult{Lot: at / s.LotSize, Skip: skip, Orders: n, Body: []byte(`"a":1`), At: start()})
			at += n
		}
	}
	return all
}
