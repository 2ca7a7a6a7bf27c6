package sourcetest

import (
	"context"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// testLedger writes and cancels movements at random and compares the stock read with the sum of
// those that count.
func testLedger(t *testing.T, open func(*testing.T) Engine) {
	e := open(t)
	t.Run("random writes", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) { randomMovements(t.Context(), rt, e) })
	})
	t.Run("overflow is refused", func(t *testing.T) { refuseOverflow(t, e) })
}

func randomMovements(ctx context.Context, rt *rapid.T, e Engine) {
	codes := []atp.ProductCode{"P1", "P2"}
	counts := &Data{Stock: rapid.SliceOfN(rapid.Custom(drawMovement), 0, 5).Draw(rt, "stock")}
	load(rt, ctx, e, counts)
	written := map[int64]dataset.Movement{}
	var ids []int64
	for range rapid.IntRange(1, 8).Draw(rt, "writes") {
		if len(ids) > 0 && rapid.IntRange(0, 2).Draw(rt, "cancel") == 0 {
			id := rapid.SampledFrom(ids).Draw(rt, "id")
			if err := e.CancelMovement(ctx, id); err != nil {
				rt.Fatalf("cancel: %v", err)
			}
			delete(written, id)
			continue
		}
		m := drawMovement(rt)
		id, err := e.AddMovement(ctx, m)
		if err != nil {
			rt.Fatalf("add: %v", err)
		}
		written[id] = m
		ids = append(ids, id)
	}
	for _, m := range written {
		counts.Stock = append(counts.Stock, m)
	}
	q := source.Query{Products: codes}
	compareSnapshots(rt, read(rt, ctx, e, q), counts.snapshot(q))
}

func refuseOverflow(t *testing.T, e Engine) {
	largest := dataset.Movement{Product: "P", Quantity: math.MaxInt64}
	smallest := dataset.Movement{Product: "Q", Quantity: math.MinInt64 + 1}
	load(t, t.Context(), e, &Data{Stock: []dataset.Movement{largest, smallest}})
	over := []dataset.Movement{
		{Product: "P", Quantity: 1}, {Product: "P", Quantity: math.MaxInt64},
		{Product: "Q", Quantity: -2}, {Product: "Q", Quantity: math.MinInt64 + 1},
	}
	for _, m := range over {
		if _, err := e.AddMovement(t.Context(), m); !errors.Is(err, atp.ErrOverflow) {
			t.Errorf("adding %d to %s: %v, want ErrOverflow", m.Quantity, m.Product, err)
		}
		d := Data{Stock: []dataset.Movement{largest, smallest, m}}
		err := e.Replace(t.Context(), []dataset.Relation{dataset.Stock}, d.Write)
		if !errors.Is(err, atp.ErrOverflow) {
			t.Errorf("loading %d on top of %s: %v, want ErrOverflow", m.Quantity, m.Product, err)
		}
	}
	snap := read(t, t.Context(), e, source.Query{Products: []atp.ProductCode{"P", "Q"}})
	if p, q := onHand(snap, "P"), onHand(snap, "Q"); p != largest.Quantity || q != smallest.Quantity {
		t.Errorf("on hand %d and %d after refused writes", p, q)
	}
}
