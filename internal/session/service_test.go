package session_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"ruptura/internal/lang"
	"ruptura/internal/queue"
	queuelocal "ruptura/internal/queue/local"
	"ruptura/internal/session"
	"ruptura/internal/session/local"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errNoQueue = errors.New("the queue is away")

// limitedJobs is a queue that refuses jobs after the first few.
type limitedJobs struct {
	*queuelocal.Queue
	mu      sync.Mutex
	left    int
	refusal error // errNoQueue if nil
}

func (l *limitedJobs) Enqueue(ctx context.Context, jobs ...session.Job) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, j := range jobs {
		if l.left == 0 && l.refusal != nil {
			return l.refusal
		}
		if l.left == 0 {
			return errNoQueue
		}
		l.left--
		if err := l.Queue.Enqueue(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

func now() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

// newService is a service whose queue takes that many jobs.
func newService(t interface{ Cleanup(f func()) }, jobs int) (*session.Service, *limitedJobs) {
	store := local.New(local.Config{TTL: time.Hour, Memory: 64 << 20})
	t.Cleanup(store.Close)
	q := &limitedJobs{Queue: queuelocal.New(), left: jobs}
	t.Cleanup(q.Close)
	return &session.Service{Store: store, Jobs: q, MaxWaiting: 100, Now: now}, q
}

// tryOnce tries once.
func tryOnce(try func() error) error { return try() }

func waiting(t testing.TB, q session.Jobs) int {
	t.Helper()
	n, err := q.Len(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func takeJob(t testing.TB, q queue.Queue) session.Job {
	t.Helper()
	d, err := q.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Done(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d.Job()
}

func state(t testing.TB, s *session.Service, id session.ID) session.State {
	t.Helper()
	st, err := s.Store.Status(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return st.State
}

func TestStartQueuesOneJobForEachWorker(t *testing.T) {
	for _, c := range []struct{ orders, workers, want int }{
		{1, 2, 1}, {21, 2, 2}, {1000, 2, 2}, {1000, 4, 4}, {40, 8, 2},
	} {
		service, q := newService(t, 100)
		s, err := service.Start(t.Context(), *spec(c.orders, 20, c.workers), session.Key{})
		if err != nil {
			t.Fatal(err)
		}
		if got := waiting(t, q); got != c.want {
			t.Errorf("%d orders, %d workers: %d jobs wait, want %d", c.orders, c.workers, got, c.want)
		}
		if j := takeJob(t, q); j.Session != s.ID || j.Number != 0 || !j.Queued.Equal(now()) {
			t.Errorf("the first job is %+v", j)
		}
		if !s.Created.Equal(now()) || state(t, service, s.ID) != session.Queued {
			t.Errorf("the session is %v, created %v", state(t, service, s.ID), s.Created)
		}
	}
}

func TestStartWithATakenID(t *testing.T) {
	service, q := newService(t, 100)
	id := session.NewID()
	first, err := service.StartAs(t.Context(), id, *spec(40, 20, 2), session.Key{})
	if err != nil || first.ID != id {
		t.Fatalf("StartAs = %+v, %v; want the ID %s", first, err, id)
	}
	second, err := service.StartAs(t.Context(), id, *spec(100, 20, 2), session.Key{})
	if err != nil || second.ID == id || len(second.Orders) != 100 {
		t.Fatalf("StartAs again = %+v, %v; want another ID", second, err)
	}
	if kept, err := service.Store.Session(t.Context(), id); err != nil || len(kept.Orders) != 40 {
		t.Errorf("the first session is now %+v, %v", kept, err)
	}
	for _, want := range []session.ID{id, id, second.ID, second.ID} {
		if j := takeJob(t, q); j.Session != want {
			t.Errorf("a job of %s, want one of %s", j.Session, want)
		}
	}
}

func TestStartRefuses(t *testing.T) {
	service, q := newService(t, 100)
	if _, err := service.Start(t.Context(), *spec(0, 20, 2), session.Key{}); !errors.Is(err, session.ErrEmpty) {
		t.Errorf("Start without orders = %v, want ErrEmpty", err)
	}
	service.MaxWaiting = 2
	for range 2 {
		if _, err := service.Start(t.Context(), *spec(100, 20, 2), session.Key{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := service.Start(t.Context(), *spec(100, 20, 2), session.Key{}); !errors.Is(err, session.ErrBusy) {
		t.Errorf("Start with %d jobs of %d sessions waiting = %v, want ErrBusy", waiting(t, q), service.MaxWaiting, err)
	}
	if got := waiting(t, q); got != 4 {
		t.Errorf("%d jobs wait, want those of the two sessions", got)
	}
}

func TestStartAgainWithTheKeyQueuesNothing(t *testing.T) {
	service, q := newService(t, 100)
	key := session.Key{Caller: "a", Value: "k", Fingerprint: "f"}
	first, err := service.Start(t.Context(), *spec(1000, 20, 2), key)
	if err != nil {
		t.Fatal(err)
	}
	again, err := service.Start(t.Context(), *spec(1000, 20, 2), key)
	if err != nil || again.ID != first.ID {
		t.Errorf("Start again = %v, %v; want session %s", again, err, first.ID)
	}
	if got := waiting(t, q); got != 2 {
		t.Errorf("%d jobs wait, want 2", got)
	}
	key.Fingerprint = "g"
	if _, err := service.Start(t.Context(), *spec(1, 20, 2), key); !errors.Is(err, session.ErrKeyReused) {
		t.Errorf("Start of another request = %v, want ErrKeyReused", err)
	}
}

// When the queue fails, at whichever job, the session ends, what was queued of it finds it ended,
// and trying again with the same key begins anew.
func TestStartWithoutQueue(t *testing.T) {
	for queued := range 3 {
		service, q := newService(t, queued)
		key := session.Key{Caller: "a", Value: "k", Fingerprint: "f"}
		want := *spec(1000, 20, 3)
		want.Lang = lang.EN
		if _, err := service.Start(t.Context(), want, key); !errors.Is(err, errNoQueue) {
			t.Fatalf("Start = %v, want the queue's error", err)
		}
		for range queued {
			j := takeJob(t, q)
			if alive, err := service.Store.Begin(t.Context(), j.Session, now()); err != nil || alive {
				t.Errorf("Begin = %t, %v; want the session ended", alive, err)
			}
			wantLastEvent(t, service.Store, j.Session, "could not be queued")
		}
		q.left = 100
		s, err := service.Start(t.Context(), want, key)
		if err != nil || state(t, service, s.ID) != session.Queued {
			t.Errorf("Start again = %v; want a session that waits", err)
		}
	}
}

func wantLastEvent(t *testing.T, store session.Store, id session.ID, part string) {
	t.Helper()
	log, err := store.Events(t.Context(), id, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if last := string(log[len(log)-1].Data); !strings.Contains(last, part) {
		t.Errorf("the last event is %s, want it to say %q", last, part)
	}
}

func TestContinueWithoutQueueEndsTheSession(t *testing.T) {
	service, q := newService(t, 2)
	s, err := service.Start(t.Context(), *spec(1000, 20, 2), session.Key{Caller: "a", Value: "k"})
	if err != nil {
		t.Fatal(err)
	}
	takeJob(t, q)
	if err := service.Continue(t.Context(), s.ID, 0, tryOnce); !errors.Is(err, errNoQueue) {
		t.Errorf("Continue = %v, want the queue's error", err)
	}
	if got := state(t, service, s.ID); got != session.Failed {
		t.Errorf("the session is %v, want it ended", got)
	}
	wantLastEvent(t, service.Store, s.ID, "envie os pedidos de novo")
	again, err := service.Start(t.Context(), *spec(1000, 20, 2), session.Key{Caller: "a", Value: "k"})
	if err != nil || again.ID != s.ID {
		t.Errorf("Start again = %v, %v; a session that began keeps its key", again, err)
	}
}

// A queue without room has some again when others are done: the session waits for it and goes on.
func TestContinueWaitsForRoomInTheQueue(t *testing.T) {
	service, q := newService(t, 2)
	s, err := service.Start(t.Context(), *spec(1000, 20, 2), session.Key{})
	if err != nil {
		t.Fatal(err)
	}
	takeJob(t, q)
	q.refusal = session.ErrFull
	once := func(try func() error) error {
		err := try()
		if errors.Is(err, session.ErrUnavailable) {
			q.left = 1
			err = try()
		}
		return err
	}
	if err := service.Continue(t.Context(), s.ID, 0, once); err != nil || waiting(t, q) != 2 {
		t.Errorf("Continue = %v, %d jobs wait; want the next one queued", err, waiting(t, q))
	}
	if err := service.Continue(t.Context(), s.ID, 1, tryOnce); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Continue without room = %v, want ErrUnavailable", err)
	}
	if got := state(t, service, s.ID); got.Ended() {
		t.Errorf("the session is %v, want it alive", got)
	}
}

func TestContinueAfterTheEnd(t *testing.T) {
	service, q := newService(t, 100)
	s, err := service.Start(t.Context(), *spec(1000, 20, 2), session.Key{})
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Cancel(t.Context(), s.ID); err != nil {
		t.Fatal(err)
	}
	before := waiting(t, q)
	if err := service.Continue(t.Context(), s.ID, 0, tryOnce); err != nil || waiting(t, q) != before {
		t.Errorf("Continue of a cancelled session = %v, %d jobs wait, before %d", err, waiting(t, q), before)
	}
	if err := service.Continue(t.Context(), "X", 0, tryOnce); !errors.Is(err, session.ErrUnknown) {
		t.Errorf("Continue of an unknown session = %v, want ErrUnknown", err)
	}
}

func TestCancel(t *testing.T) {
	service, _ := newService(t, 100)
	want := *spec(100, 20, 2)
	want.Lang = lang.EN
	s, err := service.Start(t.Context(), want, session.Key{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second changes nothing
		if err := service.Cancel(t.Context(), s.ID); err != nil || state(t, service, s.ID) != session.Cancelled {
			t.Errorf("Cancel = %v, the session is %v", err, state(t, service, s.ID))
		}
		wantLastEvent(t, service.Store, s.ID, `"error":"cancelled"`)
	}
	if err := service.Cancel(t.Context(), "X"); !errors.Is(err, session.ErrUnknown) {
		t.Errorf("Cancel of an unknown session = %v, want ErrUnknown", err)
	}
}

// Sessions of any shape, worked on by workers who take turns at random, all complete; none ever
// has more jobs queued or running than it asked for.
func TestSessionsRunToTheirEnd(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		service, q := newService(rt, 1<<30)
		workers := map[session.ID]int{}
		pending := map[session.ID]int{}
		for range rapid.IntRange(1, 4).Draw(rt, "sessions") {
			s, err := service.Start(t.Context(),
				*spec(rapid.IntRange(1, 600).Draw(rt, "orders"), rapid.IntRange(1, 25).Draw(rt, "lot"), rapid.IntRange(1, 5).Draw(rt, "workers")),
				session.Key{})
			if err != nil {
				rt.Fatal(err)
			}
			workers[s.ID], pending[s.ID] = s.Workers, min(s.Workers, s.Jobs())
		}
		var running []session.Job
		for waiting(t, q) > 0 || len(running) > 0 {
			if waiting(t, q) > 0 && (len(running) == 0 || rapid.Bool().Draw(rt, "take")) {
				running = append(running, takeJob(t, q))
				continue
			}
			i := rapid.IntRange(0, len(running)-1).Draw(rt, "finish")
			job := running[i]
			running = append(running[:i], running[i+1:]...)
			before := waiting(t, q)
			work(t, service, job)
			pending[job.Session] += waiting(t, q) - before - 1
			if pending[job.Session] > workers[job.Session] {
				rt.Fatalf("%d jobs of a session for %d workers", pending[job.Session], workers[job.Session])
			}
		}
		for id := range workers {
			if got := state(t, service, id); got != session.Complete {
				rt.Fatalf("session %s is %v", id, got)
			}
		}
	})
}

// work does a job as a worker would.
func work(t *testing.T, service *session.Service, j session.Job) {
	t.Helper()
	s, err := service.Store.Session(t.Context(), j.Session)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.Store.Begin(t.Context(), j.Session, now()); err != nil {
		t.Fatal(err)
	}
	first, end := s.JobLots(j.Number)
	for i := first; i < end; i++ {
		lot := session.LotResult{Lot: i, Orders: len(s.Lot(i)), Body: []byte(`"lote":0`), At: now()}
		if p, err := service.Store.Publish(t.Context(), j.Session, lot); err != nil || !p.Written {
			t.Fatalf("Publish = %+v, %v", p, err)
		}
	}
	if err := service.Continue(t.Context(), j.Session, j.Number, tryOnce); err != nil {
		t.Fatal(err)
	}
}
