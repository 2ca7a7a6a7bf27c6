package sourcetest

import (
	"errors"
	"testing"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

var errFill = errors.New("the rows ran out")

// replaceCases must all fail and leave everything as it was.
var replaceCases = []struct {
	name      string
	relations []dataset.Relation
	fill      func(dataset.Writer) error
	want      error // nil for any
}{
	{"fill fails after writing", dataset.Relations(), func(w dataset.Writer) error {
		return errors.Join((&Data{Items: []dataset.Item{item("NEW", 1, "P", 1)}, Stock: []dataset.Movement{stock("P", 99)}}).Write(w), errFill)
	}, errFill},
	{"an order twice", dataset.Relations(), func(w dataset.Writer) error {
		return (&Data{Orders: []dataset.Order{{Number: "A"}, {Number: "A"}}}).Write(w)
	}, dataset.ErrDuplicate},
	{"a line twice", dataset.Relations(), func(w dataset.Writer) error {
		return (&Data{Items: []dataset.Item{item("A", 1, "P", 1), item("A", 1, "Q", 1)}}).Write(w)
	}, dataset.ErrDuplicate},
	{"a line's value too large", dataset.Relations(), func(w dataset.Writer) error {
		return w.Item(dataset.Item{Order: "A", Line: 1, Product: "P", Open: 9e15, Price: 9e15, Priced: true})
	}, atp.ErrOverflow},
	{"a relation that is not being replaced", []dataset.Relation{dataset.Stock}, func(w dataset.Writer) error {
		return w.Order(dataset.Order{Number: "NEW"})
	}, nil},
	{"an order without number", dataset.Relations(), func(w dataset.Writer) error {
		return w.Order(dataset.Order{})
	}, nil},
}

func testReplace(t *testing.T, open func(*testing.T) Engine) {
	e := open(t)
	for _, r := range dataset.Relations() {
		expectRows(t, e, r, false)
	}
	d := bookData
	d.Stock = []dataset.Movement{stock("P", 5)}
	d.Receipts = []dataset.Receipt{{Product: "P", Arrives: today, Quantity: 1}}
	load(t, t.Context(), e, &d)
	all := source.Query{All: true}
	want := d.snapshot(all)
	for _, c := range replaceCases {
		t.Run(c.name, func(t *testing.T) {
			err := e.Replace(t.Context(), c.relations, c.fill)
			if err == nil || (c.want != nil && !errors.Is(err, c.want)) {
				t.Errorf("%v, want %v", err, c.want)
			}
			compareSnapshots(t, read(t, t.Context(), e, all), want)
		})
	}
	t.Run("some relations alone", func(t *testing.T) {
		part := Data{Stock: []dataset.Movement{stock("P", 7)}}
		if err := e.Replace(t.Context(), []dataset.Relation{dataset.Stock, dataset.Receipts}, part.Write); err != nil {
			t.Fatal(err)
		}
		changed := d
		changed.Stock, changed.Receipts = part.Stock, nil
		compareSnapshots(t, read(t, t.Context(), e, all), changed.snapshot(all))
		expectRows(t, e, dataset.Receipts, false)
		expectRows(t, e, dataset.Orders, true)
	})
	t.Run("stock goes on from what was loaded", func(t *testing.T) {
		if _, err := e.AddMovement(t.Context(), stock("P", 2)); err != nil {
			t.Fatal(err)
		}
		if got := onHand(read(t, t.Context(), e, all), "P"); got != 9000 {
			t.Errorf("on hand %s, want 9", got)
		}
	})
}

func expectRows(t *testing.T, e Engine, r dataset.Relation, want bool) {
	t.Helper()
	if got, err := e.Has(t.Context(), r); err != nil || got != want {
		t.Errorf("%s has rows: %t (%v), want %t", r, got, err, want)
	}
}
