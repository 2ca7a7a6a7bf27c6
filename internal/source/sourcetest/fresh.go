package sourcetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

var oneOrder = source.Query{Orders: []atp.OrderNumber{"A"}}

func testFresh(t *testing.T, open func(*testing.T) Engine) {
	e := open(t)
	load(t, t.Context(), e, &Data{Items: []dataset.Item{item("A", 1, "P", 1)}, Stock: []dataset.Movement{stock("P", 10)}})
	expect := func(want atp.Quantity) {
		t.Helper()
		if got := onHand(read(t, t.Context(), e, oneOrder), "P"); got != want {
			t.Errorf("on hand %s, want %s", got, want)
		}
	}
	expect(10_000)
	id, err := e.AddMovement(t.Context(), stock("P", -4))
	if err != nil {
		t.Fatal(err)
	}
	expect(6_000)
	for range 2 {
		if err := e.CancelMovement(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		expect(10_000)
	}
	if err := e.CancelMovement(t.Context(), id+1000); !errors.Is(err, source.ErrNotFound) {
		t.Errorf("cancelling a movement that does not exist: %v, want ErrNotFound", err)
	}
}

// testConsistent reads while a writer changes stock and reservations together: each read must see
// all of a transaction or nothing.
func testConsistent(t *testing.T, open func(*testing.T) Engine) {
	e := open(t)
	load(t, t.Context(), e, &Data{
		Items: []dataset.Item{item("A", 1, "P", 1), item("A", 2, "Q", 1)},
		Stock: []dataset.Movement{stock("P", 100)},
	})
	const writes = 30
	done := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		defer close(done)
		for n := range int64(writes) {
			d := Data{
				Stock:        []dataset.Movement{stock("P", 100-n), stock("Q", n)},
				Reservations: []dataset.Reservation{reserved("A", "P", n+1, today)},
			}
			if err := e.Replace(t.Context(), []dataset.Relation{dataset.Stock, dataset.Reservations}, d.Write); err != nil {
				t.Errorf("replace: %v", err)
			}
		}
	})
	for more := true; more; {
		select {
		case <-done:
			more = false
		default:
		}
		snap := read(t, t.Context(), e, oneOrder)
		p, q := onHand(snap, "P"), onHand(snap, "Q")
		if p+q != 100_000 || (len(snap.Reservations) == 1 && snap.Reservations[0].Quantity != q+1000) {
			t.Errorf("a torn read: P %s, Q %s, reservations %v", p, q, snap.Reservations)
			break
		}
	}
	writer.Wait()
}

func testCancelled(t *testing.T, open func(*testing.T) Engine) {
	e := open(t)
	load(t, t.Context(), e, &Data{Items: []dataset.Item{item("A", 1, "P", 1)}, Stock: []dataset.Movement{stock("P", 1)}})
	t.Run("before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for name, call := range calls(e) {
			if err := call(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v, want context.Canceled", name, err)
			}
		}
	})
	t.Run("while reading", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		var err error
		for err == nil {
			_, err = e.Read(ctx, source.Query{All: true})
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want context.DeadlineExceeded", err)
		}
	})
	t.Run("while replacing", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		err := e.Replace(ctx, []dataset.Relation{dataset.Stock}, func(w dataset.Writer) error {
			cancel()
			var err error
			for range 1_000_000 {
				if err = w.Movement(stock("P", 1)); err != nil {
					break
				}
			}
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want context.Canceled", err)
		}
	})
	// The connections that were interrupted are as good as new.
	for range 10 {
		if got := onHand(read(t, t.Context(), e, oneOrder), "P"); got != 1000 {
			t.Fatalf("on hand %s after cancelled calls, want 1", got)
		}
	}
	if _, err := e.AddMovement(t.Context(), stock("P", 1)); err != nil {
		t.Errorf("write after a cancelled one: %v", err)
	}
}

func calls(e Engine) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Read":    func(ctx context.Context) error { _, err := e.Read(ctx, oneOrder); return err },
		"Numbers": func(ctx context.Context) error { _, err := e.Numbers(ctx, source.NumbersQuery{}); return err },
		"Book":    func(ctx context.Context) error { _, err := e.Book(ctx, source.BookQuery{Limit: 1}); return err },
		"Ping":    e.Ping,
		"Has":     func(ctx context.Context) error { _, err := e.Has(ctx, dataset.Orders); return err },
		"Replace": func(ctx context.Context) error {
			return e.Replace(ctx, dataset.Relations(), func(dataset.Writer) error { return nil })
		},
		"AddMovement":    func(ctx context.Context) error { _, err := e.AddMovement(ctx, stock("P", 1)); return err },
		"CancelMovement": func(ctx context.Context) error { return e.CancelMovement(ctx, 1) },
	}
}
