package atp

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// crowd is a book whose products are in so many orders that their histories have marks.
func crowd() *Snapshot {
	const orders, today = 3000, Day(20000)
	r, s := rand.New(rand.NewPCG(1, 2)), &Snapshot{} //nolint:gosec // the same book every time
	product := func() StockKey { return StockKey{ProductCode("AAB"[r.IntN(3):][:1])} }
	for _, p := range []ProductCode{"A", "B"} {
		s.Stock = append(s.Stock, Stock{StockKey{p}, 12000})
		for d := range 20 {
			s.Receipts = append(s.Receipts, Receipt{StockKey{p}, Quantity(200 + r.IntN(900)), today + Day(d)})
		}
	}
	for i := range orders {
		n := OrderNumber(fmt.Sprintf("O%04d", (i*7919)%orders))
		for l := range 1 + r.IntN(3) {
			s.Lines = append(s.Lines, Line{Order: n, Number: int64(l), Key: product(), Open: Quantity(1 + r.IntN(12))})
		}
		for range r.IntN(3) {
			owner := []OrderNumber{n, n, "X", "Y"}[r.IntN(4)]
			s.Reservations = append(s.Reservations, Reservation{owner, fmt.Sprint("L", r.IntN(9)), product(), Quantity(1 + r.IntN(15)), today + Day(r.IntN(9))})
		}
	}
	return s
}

// TestMarksTellWhatGoingThroughAllWouldTell asks with and without them.
func TestMarksTellWhatGoingThroughAllWouldTell(t *testing.T) {
	book, err := NewBook(crowd(), DefaultParams(20000))
	if err != nil {
		t.Fatal(err)
	}
	for _, policy := range Policies() {
		a, err := book.Allocate(policy, DefaultPriority())
		if err != nil {
			t.Fatal(err)
		}
		for g := range a.histories {
			if len(a.histories[g].marks) < 2 || len(book.rows().reserved[g].all) < 2*markEvery && g == 0 {
				t.Fatalf("%s: group %d has %d commitments, of which no marks are made", policy, g, len(a.histories[g].all))
			}
		}
		for order := 0; order < len(book.orders); order += 17 {
			o := &book.orders[order]
			for line := o.first; line < o.end; line++ {
				n := int32(order) //nolint:gosec // a few thousand
				together, alone := a.sheet(line, n), book.sheetAlone(book.lines[line].group, n)
				compareWithout(t, together)
				compareWithout(t, alone)
			}
		}
	}
}

// compareWithout compares a sheet's answers with those of one that has no marks.
func compareWithout(t *testing.T, s sheet) {
	t.Helper()
	plain := s
	plain.history = &history{all: s.history.all}
	if diff := cmp.Diff(plain.left(), s.left()); diff != "" {
		t.Fatalf("left (-without +with):\n%s", diff)
	}
	at, _ := s.critical(now)
	for _, m := range []moment{at, moment(s.horizon + 1)} { //nolint:gosec // ≤ MaxPromise
		if x, y := plain.most(m), s.most(m); x != y {
			t.Fatalf("%+v holds most, or %+v", x, y)
		}
	}
	if diff := cmp.Diff(plain.explain(), s.explain(), cmp.AllowUnexported(Promise{})); diff != "" {
		t.Fatalf("explanation (-without +with):\n%s", diff)
	}
}
