package queuetest

import (
	"context"
	"testing"
	"testing/synctest"

	"ruptura/internal/queue"
)

// Bubble runs the suite of an engine that lives in memory inside a synctest bubble each, where
// waiting costs no time and a stuck goroutine is a failure.
func Bubble(t *testing.T, open func(t *testing.T) queue.Queue) {
	for name, test := range map[string]func(*testing.T, queue.Queue){
		"a worker waits until a job comes": testWaits,
		"every waiting worker gets a job":  testWakesAll,
		"a returned job wakes a worker":    testReturnWakes,
		"a worker that leaves takes none":  testLeavers,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, open(t)) })
		})
	}
}

func testWaits(t *testing.T, q queue.Queue) {
	got := make(chan int)
	go func() {
		d, err := q.Take(t.Context())
		if err != nil {
			t.Error(err)
			close(got)
			return
		}
		got <- d.Job().Number
	}()
	synctest.Wait()
	enqueue(t, q, 5)
	if n := <-got; n != 5 {
		t.Errorf("took job %d, want 5", n)
	}
}

func testWakesAll(t *testing.T, q queue.Queue) {
	const workers = 5
	got := make(chan int, workers)
	for range workers {
		go func() {
			if d, err := q.Take(t.Context()); err == nil {
				got <- d.Job().Number
			}
		}()
	}
	synctest.Wait()
	for n := range workers {
		enqueue(t, q, n)
	}
	synctest.Wait()
	if len(got) != workers {
		t.Errorf("%d of %d waiting workers got a job", len(got), workers)
	}
}

func testReturnWakes(t *testing.T, q queue.Queue) {
	enqueue(t, q, 3)
	d := take(t, q)
	got := make(chan queue.Delivery)
	go func() {
		d, err := q.Take(t.Context())
		if err != nil {
			t.Error(err)
		}
		got <- d
	}()
	synctest.Wait()
	if err := d.Return(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again := <-got; again.Job().Number != 3 {
		t.Errorf("took job %d, want 3", again.Job().Number)
	}
}

// testLeavers has workers give up waiting at the moment at which jobs come: those who stay get
// them all.
func testLeavers(t *testing.T, q queue.Queue) {
	const rounds = 200
	for n := range rounds {
		ctx, leave := context.WithCancel(t.Context())
		got := make(chan queue.Delivery, 2)
		worker := func(ctx context.Context) {
			if d, err := q.Take(ctx); err == nil {
				got <- d
			}
		}
		go worker(ctx)
		go worker(t.Context())
		synctest.Wait()
		go leave()
		go func() {
			if err := q.Enqueue(t.Context(), job(n)); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		if len(got) != 1 {
			t.Fatalf("round %d: %d workers got the one job", n, len(got))
		}
		done(t, <-got)
		leave()
		enqueue(t, q, -1) // for the one who stayed, if the other got the job
		synctest.Wait()
		if len(got) == 0 {
			done(t, take(t, q))
		} else {
			done(t, <-got)
		}
	}
}
