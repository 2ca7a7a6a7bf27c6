package redis_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"ruptura/internal/queue"
	"ruptura/internal/queue/redis"
	"ruptura/internal/redistest"
	"ruptura/internal/session"
)

// patientTake takes as a worker does: while Redis is away it tries again.
func patientTake(ctx context.Context, q queue.Queue) (queue.Delivery, error) {
	for {
		d, err := q.Take(ctx)
		if !errors.Is(err, session.ErrUnavailable) {
			return d, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(10 * time.Millisecond): // no hurry, that is all
		}
	}
}

// patiently does what a worker does with ErrUnavailable.
func patiently(t testing.TB, do func() error) error {
	t.Helper()
	for {
		err := do()
		if !errors.Is(err, session.ErrUnavailable) {
			return err
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
}

// waiting starts a worker that waits, and gives what it takes.
func waiting(t testing.TB, q *redis.Queue) <-chan queue.Delivery {
	t.Helper()
	got := make(chan queue.Delivery, 1)
	go func() {
		d, err := patientTake(t.Context(), q)
		if err != nil {
			t.Error(err)
			close(got)
			return
		}
		got <- d
	}()
	until(t, "a worker that waits", func() bool { n, err := q.Workers(t.Context()); return err == nil && n > 0 })
	return got
}

func TestEmptiedWhileWorkersWait(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	q := rig{s.URL(), "teste"}.process(t, long)
	enqueue(t, q, 0)
	inHand := take(t, q)
	got := waiting(t, q)
	s.FlushAll(t)
	enqueue(t, q, 1, 2)
	d := <-got
	want(t, d, 1, 1)
	ok(t, d.Done(t.Context()))
	if err := inHand.Done(t.Context()); !errors.Is(err, queue.ErrLost) {
		t.Errorf("Done of a job that Redis forgot = %v, want ErrLost", err)
	}
	d = take(t, q)
	want(t, d, 2, 1)
	ok(t, d.Done(t.Context()))
	wantLen(t, q, 0)
}

func TestEmptiedWhileInHand(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	q := rig{s.URL(), "teste"}.process(t, short)
	enqueue(t, q, 0)
	d := take(t, q)
	s.FlushAll(t)
	<-d.Lost()
	if err := d.Return(t.Context()); !errors.Is(err, queue.ErrLost) {
		t.Errorf("Return = %v, want ErrLost", err)
	}
	wantLen(t, q, 0)
}

func TestRestartedWithItsLog(t *testing.T) {
	for name, stop := range map[string]func(*redistest.Server, testing.TB){
		"stopped": (*redistest.Server).Stop,
		"killed":  (*redistest.Server).Kill,
	} {
		t.Run(name, func(t *testing.T) {
			s := redistest.Start(t, redistest.Options{AOF: true, Settings: []string{"appendfsync always"}})
			q := rig{s.URL(), "teste"}.process(t, 20*time.Second)
			enqueue(t, q, 0, 1)
			first, second := take(t, q), take(t, q)
			got := waiting(t, q)
			stop(s, t)
			if err := first.Done(t.Context()); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("Done while Redis is away = %v, want ErrUnavailable", err)
			}
			if err := q.Enqueue(t.Context(), job(2)); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("Enqueue while Redis is away = %v, want ErrUnavailable", err)
			}
			s.Restart(t)
			ok(t, patiently(t, func() error { return first.Done(t.Context()) }))
			ok(t, patiently(t, func() error { return q.Enqueue(t.Context(), job(2)) }))
			third := <-got
			want(t, third, 2, 1)
			ok(t, patiently(t, func() error { return second.Return(t.Context()) }))
			second = take(t, q)
			want(t, second, 1, 1)
			ok(t, second.Done(t.Context()))
			ok(t, third.Done(t.Context()))
			wantLen(t, q, 0)
		})
	}
}

// Redis stands still for longer than the client waits: every command fails, some of them are done
// all the same once it goes on, and each job is still done.
func TestPausedForLongerThanAnybodyWaits(t *testing.T) {
	const jobs, workers = 30, 3
	s := redistest.Start(t, redistest.Options{})
	q := rig{s.URL() + "?read_timeout=1500ms&dial_timeout=500ms", "teste"}.process(t, 500*time.Millisecond)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var (
		mu    sync.Mutex
		ended = map[int]bool{}
		group sync.WaitGroup
	)
	begun := make(chan struct{}, jobs*10)
	for range workers {
		group.Go(func() {
			for {
				d, err := patientTake(ctx, q)
				if err != nil {
					return
				}
				begun <- struct{}{}
				err = patiently(t, func() error { return d.Done(ctx) })
				if ctx.Err() == nil && err != nil && !errors.Is(err, queue.ErrLost) {
					t.Error(err)
				}
				mu.Lock()
				// Lost is also what a Done hears that the client has sent twice, and Redis heard twice.
				ended[d.Job().Number] = true
				if len(ended) == jobs {
					stop()
				}
				mu.Unlock()
			}
		})
	}
	enqueue(t, q, numbers(0, 3)...)
	<-begun
	failed := make(chan error)
	s.Pause(t)
	go func() { // it fails, and may be done later all the same: then it is in the queue twice
		failed <- q.Enqueue(t.Context(), job(3))
	}()
	if err := <-failed; !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Enqueue = %v, want ErrUnavailable", err)
	}
	s.Resume(t)
	for n := 3; n < jobs; n++ {
		ok(t, patiently(t, func() error { return q.Enqueue(t.Context(), job(n)) }))
	}
	group.Wait()
	until(t, "an empty queue", func() bool {
		stats, err := q.Stats(t.Context())
		if err != nil || stats.Waiting+stats.InHand == 0 {
			return err == nil
		}
		d := take(t, q) // left behind by an answer that came too late
		ok(t, d.Done(t.Context()))
		return false
	})
}

func TestPausedWhileWaitingAndInHand(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	q := rig{s.URL() + "?read_timeout=1200ms", "teste"}.process(t, long)
	enqueue(t, q, 0)
	inHand := take(t, q)
	got := waiting(t, q)
	s.Pause(t)
	if _, err := q.Len(t.Context()); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Len = %v, want ErrUnavailable", err)
	}
	s.Resume(t)
	ok(t, patiently(t, func() error { return inHand.Done(t.Context()) }))
	ok(t, patiently(t, func() error { return q.Enqueue(t.Context(), job(1)) }))
	d := <-got
	want(t, d, 1, 1)
	ok(t, d.Done(t.Context()))
	wantLen(t, q, 0)
}

func numbers(from, to int) []int {
	var all []int
	for n := from; n < to; n++ {
		all = append(all, n)
	}
	return all
}

// What is in the queue that no version of ours wrote is put aside, and stops nobody.
func TestForeignEntryIsPutAside(t *testing.T) {
	r := shared(t)
	q, c := r.process(t, long), r.client(t)
	for i, values := range [][]any{{"x", "y"}, {"s", "a", "n", "-1", "q", 0}, {"s", "a", "n", 1, "p", "9-3", "q", 0}} {
		if err := c.Do(t.Context(), append([]any{"XADD", c.Key("fila"), strconv.Itoa(i+1) + "-0"}, values...)...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	enqueue(t, q, 4)
	d := take(t, q)
	want(t, d, 4, 1)
	ok(t, d.Done(t.Context()))
	dead, err := q.Dead(t.Context(), 10)
	if err != nil || len(dead) != 3 || dead[0].Reason == "" {
		t.Errorf("dead: %+v, %v", dead, err)
	}
	wantLen(t, q, 0)
}
