package local_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"ruptura/internal/queue"
	"ruptura/internal/queue/local"
	"ruptura/internal/queue/queuetest"
	"ruptura/internal/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T) queue.Queue {
	q := local.New()
	t.Cleanup(q.Close)
	return q
}

func TestConformance(t *testing.T) {
	queuetest.Run(t, open)
	queuetest.Bubble(t, open)
}

func TestCloseWakesWaitingWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := local.New()
		got := make(chan error)
		go func() {
			_, err := q.Take(t.Context())
			got <- err
		}()
		synctest.Wait()
		q.Close()
		q.Close() // is idempotent
		if err := <-got; !errors.Is(err, queue.ErrClosed) {
			t.Errorf("Take = %v, want ErrClosed", err)
		}
	})
}

func TestNothingIsTakenOrGivenAfterClose(t *testing.T) {
	for range 50 { // a choice between being closed and being ready would be made at random
		q := local.New()
		for n := range 3 {
			if err := q.Enqueue(t.Context(), session.Job{Number: n}); err != nil {
				t.Fatal(err)
			}
		}
		d, err := q.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		q.Close()
		if _, err := q.Take(t.Context()); !errors.Is(err, queue.ErrClosed) {
			t.Fatalf("Take = %v, want ErrClosed", err)
		}
		if err := q.Enqueue(t.Context(), session.Job{}); !errors.Is(err, queue.ErrClosed) {
			t.Fatalf("Enqueue = %v, want ErrClosed", err)
		}
		if err := d.Return(t.Context()); !errors.Is(err, queue.ErrClosed) {
			t.Fatalf("Return = %v, want ErrClosed", err)
		}
	}
}

// The queue is a list with two ends: jobs come at the back, go at the front, and come back there.
func TestAnySequenceOfCallsAgreesWithAList(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		q := local.New()
		defer q.Close()
		var (
			list   []int
			inHand []queue.Delivery
			next   int
		)
		rt.Repeat(map[string]func(*rapid.T){
			"enqueue": func(rt *rapid.T) {
				if err := q.Enqueue(t.Context(), session.Job{Number: next}); err != nil {
					rt.Fatal(err)
				}
				list = append(list, next)
				next++
			},
			"take": func(rt *rapid.T) {
				if len(list) == 0 {
					rt.Skip("would wait")
				}
				d, err := q.Take(t.Context())
				if err != nil || d.Job().Number != list[0] {
					rt.Fatalf("took %+v, %v; want job %d", d, err, list[0])
				}
				list, inHand = list[1:], append(inHand, d)
			},
			"return": func(rt *rapid.T) {
				if len(inHand) == 0 {
					rt.Skip("nothing in hand")
				}
				i := rapid.IntRange(0, len(inHand)-1).Draw(rt, "which")
				if err := inHand[i].Return(t.Context()); err != nil {
					rt.Fatal(err)
				}
				list = slices.Insert(slices.Clone(list), 0, inHand[i].Job().Number)
				inHand = slices.Delete(inHand, i, i+1)
			},
			"": func(rt *rapid.T) {
				if n, err := q.Len(t.Context()); err != nil || n != len(list) {
					rt.Fatalf("Len = %d, %v; want %d", n, err, len(list))
				}
			},
		})
	})
}

// Nobody takes over in one process, so what is given up comes out again at once.
func TestAbandonedJobComesOutNext(t *testing.T) {
	q := local.New()
	defer q.Close()
	for n := range 2 {
		if err := q.Enqueue(t.Context(), session.Job{Number: n}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		d, err := q.Take(t.Context())
		if err != nil || d.Job().Number != 0 {
			t.Fatalf("Take = %+v, %v; want job 0", d, err)
		}
		d.Abandon()
	}
}
