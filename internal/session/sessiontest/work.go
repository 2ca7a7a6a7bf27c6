package sessiontest

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ruptura/internal/session"
)

var workCases = []testCase{
	{"work begins once", testBegin},
	{"of many beginnings one counts", testBeginConcurrent},
	{"nothing begins after the end", testBeginEnded},
	{"each job is given out once", testNextJob},
	{"the first jobs are given out with the session", testGivenJobs},
	{"each job is given out once to many workers", testNextJobConcurrent},
	{"no job is given out after the end", testNextJobEnded},
	{"the end of a job makes one other", testOneSuccessor},
	{"of many who tell a job's end one gets another", testOneSuccessorConcurrent},
}

func testBegin(t *testing.T, store session.Store) {
	s := create(t, store, 45)
	for _, seconds := range []int{1, 2, 3} {
		if alive, err := store.Begin(t.Context(), s.ID, at(seconds)); err != nil || !alive {
			t.Fatalf("Begin = %t, %v; want true", alive, err)
		}
	}
	wantStatus(t, status(t, store, s.ID), session.Status{
		State: session.Running, Created: start(), Begun: at(1), Orders: 45, Lots: 3, Workers: 2, LastEvent: 1,
	})
	wantKinds(t, events(t, store, s.ID), "inicio")
}

func testBeginConcurrent(t *testing.T, store session.Store) {
	s := create(t, store, 45)
	var (
		group sync.WaitGroup
		begun [8]time.Time
	)
	for i := range begun {
		group.Go(func() {
			if alive, err := store.Begin(t.Context(), s.ID, at(i+1)); err != nil || !alive {
				t.Errorf("Begin = %t, %v; want true", alive, err)
				return
			}
			got, err := store.Status(t.Context(), s.ID)
			if err != nil {
				t.Error(err)
			}
			begun[i] = got.Begun
		})
	}
	group.Wait()
	for _, instant := range begun {
		if instant.IsZero() || !instant.Equal(begun[0]) {
			t.Fatalf("begun at %v", begun)
		}
	}
}

func testBeginEnded(t *testing.T, store session.Store) {
	completed := begun(t, store, 20)
	publishAll(t, store, completed)
	failed := create(t, store, 20)
	end(t, store, failed.ID, session.Ending{State: session.Failed, Message: "erro", At: at(1)})
	for _, s := range []*session.Session{completed, failed} {
		before := status(t, store, s.ID)
		if alive, err := store.Begin(t.Context(), s.ID, at(9)); err != nil || alive {
			t.Errorf("Begin after the end = %t, %v; want false", alive, err)
		}
		wantStatus(t, status(t, store, s.ID), before)
	}
}

func testNextJob(t *testing.T, store session.Store) {
	s := create(t, store, 400)
	for want := range s.Jobs() {
		if n, ok, err := store.NextJob(t.Context(), s.ID, session.NoJob); err != nil || !ok || n != want {
			t.Fatalf("NextJob = %d, %t, %v; want %d", n, ok, err, want)
		}
	}
	wantNoJob(t, store, s.ID)
	wantNoJob(t, store, s.ID)
}

func testGivenJobs(t *testing.T, store session.Store) {
	for _, given := range []int{1, 2, 100} {
		s := plan(400)
		s.Given = given
		if _, err := store.Create(t.Context(), s, session.Key{}); err != nil {
			t.Fatal(err)
		}
		for want := given; want < s.Jobs(); want++ {
			if n, ok, err := store.NextJob(t.Context(), s.ID, want-given); err != nil || !ok || n != want {
				t.Fatalf("after %d that were given, NextJob = %d, %t, %v; want %d", given, n, ok, err, want)
			}
		}
		wantNoJob(t, store, s.ID)
		if got, err := store.Session(t.Context(), s.ID); err != nil || len(got.Orders) != 400 {
			t.Errorf("Session = %v, %v", got, err)
		}
	}
}

func testNextJobConcurrent(t *testing.T, store session.Store) {
	s := create(t, store, 2000)
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		got   []int
	)
	for range 8 {
		group.Go(func() {
			for {
				n, ok, err := store.NextJob(t.Context(), s.ID, session.NoJob)
				if err != nil {
					t.Error(err)
				}
				if !ok {
					return
				}
				mu.Lock()
				got = append(got, n)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	slices.Sort(got)
	for want := range s.Jobs() {
		if len(got) != s.Jobs() || got[want] != want {
			t.Fatalf("jobs given out: %v; want each of %d once", got, s.Jobs())
		}
	}
}

func testNextJobEnded(t *testing.T, store session.Store) {
	cancelled := create(t, store, 400)
	if _, ok, err := store.NextJob(t.Context(), cancelled.ID, session.NoJob); err != nil || !ok {
		t.Fatalf("NextJob = %t, %v; want a job", ok, err)
	}
	end(t, store, cancelled.ID, session.Ending{State: session.Cancelled, Message: "cancelado", At: at(1)})
	wantNoJob(t, store, cancelled.ID)
	completed := begun(t, store, 100)
	publishAll(t, store, completed)
	wantNoJob(t, store, completed.ID)
}

func wantNoJob(t *testing.T, store session.Store, id session.ID) {
	t.Helper()
	if n, ok, err := store.NextJob(t.Context(), id, session.NoJob); err != nil || ok {
		t.Errorf("NextJob = %d, %t, %v; want none", n, ok, err)
	}
}

func testOneSuccessor(t *testing.T, store session.Store) {
	s := create(t, store, 400)
	wantJob := func(finished, want int) {
		t.Helper()
		n, ok, err := store.NextJob(t.Context(), s.ID, finished)
		if err != nil || ok != (want >= 0) || ok && n != want {
			t.Fatalf("NextJob after job %d = %d, %t, %v; want %d", finished, n, ok, err, want)
		}
	}
	wantJob(session.NoJob, 0)
	wantJob(session.NoJob, 1)
	wantJob(1, 2)
	wantJob(1, -1)
	wantJob(0, 3)
	wantJob(0, -1)
	wantJob(1, -1)
	wantJob(2, -1) // four jobs are all there are
	wantJob(session.NoJob, -1)
}

func testOneSuccessorConcurrent(t *testing.T, store session.Store) {
	s := create(t, store, 2000)
	if _, _, err := store.NextJob(t.Context(), s.ID, session.NoJob); err != nil {
		t.Fatal(err)
	}
	var (
		group sync.WaitGroup
		given atomic.Int32
	)
	for range 8 {
		group.Go(func() {
			if _, ok, err := store.NextJob(t.Context(), s.ID, 0); err != nil {
				t.Error(err)
			} else if ok {
				given.Add(1)
			}
		})
	}
	group.Wait()
	if given.Load() != 1 {
		t.Errorf("%d jobs given out for the end of one", given.Load())
	}
}
