// Package queuetest is what every work queue must do. Each engine's tests run it.
package queuetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"ruptura/internal/queue"
	"ruptura/internal/session"
)

// Run tests an engine; open gives an empty queue that the test may use until it ends.
func Run(t *testing.T, open func(t *testing.T) queue.Queue) {
	t.Run("jobs come out in the sequence they went in", func(t *testing.T) { testSequence(t, open(t)) })
	t.Run("each job goes to exactly one worker", func(t *testing.T) { testExactlyOnce(t, open(t)) })
	t.Run("a returned job comes out next", func(t *testing.T) { testReturn(t, open(t)) })
	t.Run("jobs that come back are not lost", func(t *testing.T) { testReturnConcurrent(t, open(t)) })
	t.Run("a job in hand does not wait", func(t *testing.T) { testLen(t, open(t)) })
	t.Run("waiting ends with the context", func(t *testing.T) { testContext(t, open(t)) })
	t.Run("a job is carried whole", func(t *testing.T) { testWhole(t, open(t)) })
	t.Run("a job that came back was not attempted", func(t *testing.T) { testAttempts(t, open(t)) })
	t.Run("a buried job is gone", func(t *testing.T) { testBury(t, open(t)) })
	t.Run("a job that was given up is settled no more", func(t *testing.T) { testAbandon(t, open(t)) })
}

func job(n int) session.Job { return session.Job{Session: "s", Number: n} }

func enqueue(t *testing.T, q queue.Queue, numbers ...int) {
	t.Helper()
	jobs := make([]session.Job, len(numbers))
	for i, n := range numbers {
		jobs[i] = job(n)
	}
	if err := q.Enqueue(t.Context(), jobs...); err != nil {
		t.Fatal(err)
	}
}

func take(t *testing.T, q queue.Queue) queue.Delivery {
	t.Helper()
	d, err := q.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func done(t *testing.T, d queue.Delivery) {
	t.Helper()
	if err := d.Done(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func wantLen(t *testing.T, q queue.Queue, want int) {
	t.Helper()
	if n, err := q.Len(t.Context()); err != nil || n != want {
		t.Errorf("Len = %d, %v; want %d", n, err, want)
	}
}

func testSequence(t *testing.T, q queue.Queue) {
	enqueue(t, q, 0)
	enqueue(t, q, 1, 2, 3)
	wantLen(t, q, 4)
	for want := range 4 {
		d := take(t, q)
		if got := d.Job().Number; got != want {
			t.Errorf("took job %d, want %d", got, want)
		}
		done(t, d)
	}
	wantLen(t, q, 0)
}

func testWhole(t *testing.T, q queue.Queue) {
	queued := time.Date(2026, 3, 2, 9, 0, 0, 987e6, time.UTC)
	for _, want := range []session.Job{
		{Session: "abc", Number: 7, Queued: queued},
		{Session: "abc", Number: 7, Part: session.Span{First: 140, End: 145}, Queued: queued},
		{Session: "with: {signs} \n", Number: 0, Part: session.Span{First: 0, End: 1}, Queued: queued},
	} {
		if err := q.Enqueue(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		d := take(t, q)
		got := d.Job()
		if got.Session != want.Session || got.Number != want.Number || got.Part != want.Part || !got.Queued.Equal(want.Queued) {
			t.Errorf("took %+v, want %+v", got, want)
		}
		done(t, d)
	}
}

func testExactlyOnce(t *testing.T, q queue.Queue) {
	const jobs, workers = 500, 8
	var (
		mu    sync.Mutex
		taken []int
		group sync.WaitGroup
	)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for range workers {
		group.Go(func() {
			for {
				d, err := q.Take(ctx)
				if err != nil {
					return
				}
				mu.Lock()
				taken = append(taken, d.Job().Number)
				all := len(taken) == jobs
				mu.Unlock()
				if err := d.Done(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				if all {
					stop()
				}
			}
		})
	}
	for n := range jobs {
		enqueue(t, q, n)
	}
	group.Wait()
	slices.Sort(taken)
	for n := range jobs {
		if len(taken) != jobs || taken[n] != n {
			t.Fatalf("%d jobs taken, want each of %d once", len(taken), jobs)
		}
	}
}

func testReturn(t *testing.T, q queue.Queue) {
	enqueue(t, q, 0, 1)
	if err := take(t, q).Return(t.Context()); err != nil {
		t.Fatal(err)
	}
	for want := range 2 {
		d := take(t, q)
		if d.Job().Number != want {
			t.Errorf("took job %d, want %d", d.Job().Number, want)
		}
		done(t, d)
	}
}

// testReturnConcurrent has workers who return every job several times before they do it.
func testReturnConcurrent(t *testing.T, q queue.Queue) {
	const jobs, workers, returns = 100, 6, 3
	var (
		mu     sync.Mutex
		taken  [jobs]int
		inHand [jobs]bool
		left   = jobs
		group  sync.WaitGroup
	)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	begin := func(n int) (last bool) {
		mu.Lock()
		defer mu.Unlock()
		if inHand[n] {
			t.Errorf("job %d is in two hands", n)
		}
		inHand[n] = true
		taken[n]++
		return taken[n] > returns
	}
	settle := func(d queue.Delivery, last bool) error {
		mu.Lock()
		inHand[d.Job().Number] = false
		if last {
			left--
		}
		all := left == 0
		mu.Unlock()
		if !last {
			return d.Return(t.Context())
		}
		if all {
			defer stop()
		}
		return d.Done(t.Context())
	}
	for range workers {
		group.Go(func() {
			for {
				d, err := q.Take(ctx)
				if err != nil {
					return
				}
				if err := settle(d, begin(d.Job().Number)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range jobs {
		enqueue(t, q, n)
	}
	group.Wait()
	wantLen(t, q, 0)
	for n, times := range taken {
		if times != returns+1 {
			t.Errorf("job %d was taken %d times, want %d", n, times, returns+1)
		}
	}
}

func testLen(t *testing.T, q queue.Queue) {
	enqueue(t, q, 0, 1)
	d := take(t, q)
	wantLen(t, q, 1)
	if err := d.Return(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantLen(t, q, 2)
}

func testContext(t *testing.T, q queue.Queue) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.Take(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Take = %v, want context.Canceled", err)
	}
	enqueue(t, q, 0)
	if _, err := q.Take(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Take with a job waiting = %v, want context.Canceled", err)
	}
	wantLen(t, q, 1)
}

func testAttempts(t *testing.T, q queue.Queue) {
	enqueue(t, q, 0)
	for range 4 {
		d := take(t, q)
		if d.Attempts() != 1 {
			t.Errorf("attempt %d, want 1", d.Attempts())
		}
		if err := d.Return(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func testBury(t *testing.T, q queue.Queue) {
	enqueue(t, q, 0, 1)
	if err := take(t, q).Bury(t.Context(), "it is poison"); err != nil {
		t.Fatal(err)
	}
	wantLen(t, q, 1)
	d := take(t, q)
	if d.Job().Number != 1 {
		t.Errorf("took job %d, want the one that was not buried", d.Job().Number)
	}
	done(t, d)
	wantLen(t, q, 0)
}

// testAbandon leaves to the engines' own tests when the job comes out again.
func testAbandon(t *testing.T, q queue.Queue) {
	enqueue(t, q, 0)
	d := take(t, q)
	done(t, d)
	d.Abandon()
	wantLen(t, q, 0)

	enqueue(t, q, 1)
	d = take(t, q)
	d.Abandon()
	d.Abandon()
	for name, settle := range map[string]func(context.Context) error{
		"Done": d.Done, "Return": d.Return,
		"Bury": func(ctx context.Context) error { return d.Bury(ctx, "too late") },
	} {
		if err := settle(t.Context()); !errors.Is(err, queue.ErrLost) {
			t.Errorf("%s = %v, want ErrLost", name, err)
		}
	}
}
