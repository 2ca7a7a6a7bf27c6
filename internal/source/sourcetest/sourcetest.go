// Package sourcetest is the conformance suite of [source.Source] and [dataset.Store]: what every
// engine must do, tested against naive references in memory. An engine's own tests call [Run].
package sourcetest

import (
	"context"
	"testing"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// Engine is what the suite tests: a source that can be loaded, and whose stock changes while it
// is read.
type Engine interface {
	source.Source
	dataset.Store
	// AddMovement writes one movement of stock and returns its id.
	AddMovement(ctx context.Context, m dataset.Movement) (id int64, err error)
	// CancelMovement makes a movement not count any more; cancelling twice is as once.
	CancelMovement(ctx context.Context, id int64) error
}

// Run tests an engine. Each call of open must give an empty one, which it closes at the end of
// the test that it is given.
func Run(t *testing.T, open func(t *testing.T) Engine) {
	t.Helper()
	for _, group := range []struct {
		name string
		test func(*testing.T, func(*testing.T) Engine)
	}{
		{"Read", testRead},
		{"ReadProperty", testReadProperty},
		{"Fresh", testFresh},
		{"Consistent", testConsistent},
		{"Cancelled", testCancelled},
		{"Ledger", testLedger},
		{"Book", testBook},
		{"BookProperty", testBookProperty},
		{"Cursor", testCursor},
		{"Hostile", testHostile},
		{"Replace", testReplace},
	} {
		t.Run(group.name, func(t *testing.T) { group.test(t, open) })
	}
}

// today is the day that the suite's data is made for.
var today = atp.NewDay(2026, 3, 2)

// Data is a whole order book.
type Data struct {
	Orders       []dataset.Order
	Items        []dataset.Item
	Stock        []dataset.Movement
	Reservations []dataset.Reservation
	Receipts     []dataset.Receipt
	Unifications []dataset.Unification
}

// Write gives all rows to a writer; it is what Replace takes as its fill.
func (d *Data) Write(w dataset.Writer) error {
	return first(
		each(d.Orders, w.Order), each(d.Items, w.Item), each(d.Stock, w.Movement),
		each(d.Reservations, w.Reservation), each(d.Receipts, w.Receipt), each(d.Unifications, w.Unification),
	)
}

func each[Row any](rows []Row, write func(Row) error) func() error {
	return func() error {
		for _, row := range rows {
			if err := write(row); err != nil {
				return err
			}
		}
		return nil
	}
}

func first(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// fataler is a test, of package testing or of rapid.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func load(t fataler, ctx context.Context, e Engine, d *Data) {
	t.Helper()
	if err := e.Replace(ctx, dataset.Relations(), d.Write); err != nil {
		t.Fatalf("load: %v", err)
	}
}

func read(t fataler, ctx context.Context, e Engine, q source.Query) *atp.Snapshot {
	t.Helper()
	snap, err := e.Read(ctx, q)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return snap
}

// item is a line of q whole units.
func item(order atp.OrderNumber, line int64, product atp.ProductCode, q int64) dataset.Item {
	return dataset.Item{
		Order: order, Line: line, Product: product, Name: "produto " + string(product),
		Open: atp.Quantity(q * atp.QuantityScale), Price: 250, Priced: true,
	}
}

func stock(product atp.ProductCode, q int64) dataset.Movement {
	return dataset.Movement{Product: product, Quantity: atp.Quantity(q * atp.QuantityScale)}
}

func reserved(order atp.OrderNumber, product atp.ProductCode, q int64, ships atp.Day) dataset.Reservation {
	return dataset.Reservation{
		Order: order, Lot: "L1", Product: product, Quantity: atp.Quantity(q * atp.QuantityScale), Ships: ships,
	}
}
