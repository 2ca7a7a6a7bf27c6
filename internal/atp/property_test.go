package atp_test

import (
	"math"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ruptura/internal/atp"
)

// answers are the results of all orders of a case that have one.
func answers(t tb, c randomCase) map[atp.OrderNumber]atp.Result {
	t.Helper()
	b, err := atp.NewBook(&c.snapshot, c.params)
	if err != nil {
		t.Fatalf("NewBook: %v", err)
	}
	all := make(map[atp.OrderNumber]atp.Result)
	for _, n := range someOrders() {
		if b.Has(n) {
			if all[n], err = b.Analyze(n); err != nil {
				t.Fatalf("Analyze(%s): %v", n, err)
			}
		}
	}
	return all
}

// clone copies a case, so that its rows can be changed.
func (r randomCase) clone() randomCase {
	s := &r.snapshot
	s.Orders, s.Lines = slices.Clone(s.Orders), slices.Clone(s.Lines)
	s.Stock, s.Reservations = slices.Clone(s.Stock), slices.Clone(s.Reservations)
	s.Receipts, s.Unifications = slices.Clone(s.Receipts), slices.Clone(s.Unifications)
	return r
}

func shuffle[T any](c chooser, rows []T) {
	for i := len(rows) - 1; i > 0; i-- {
		j := c.below(i + 1)
		rows[i], rows[j] = rows[j], rows[i]
	}
}

func (r randomCase) shuffled(c chooser) randomCase {
	r = r.clone()
	s := &r.snapshot
	shuffle(c, s.Orders)
	shuffle(c, s.Lines)
	shuffle(c, s.Stock)
	shuffle(c, s.Reservations)
	shuffle(c, s.Receipts)
	shuffle(c, s.Unifications)
	return r
}

// TestSequenceOfRowsNeverMatters lets lines tie in number and sequence too.
func TestSequenceOfRowsNeverMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		choose := drawn{t}
		c := randomBook(choose, modest)
		if choose.below(2) == 1 {
			for i := range c.snapshot.Lines {
				c.snapshot.Lines[i].Sequence = 0
			}
		}
		before := answers(t, c)
		after := answers(t, c.shuffled(choose))
		if diff := gocmp.Diff(before, after, gocmp.AllowUnexported(atp.Promise{})); diff != "" {
			t.Errorf("after shuffling (-before +after):\n%s", diff)
		}
	})
}

func (r randomCase) renamed(name func(atp.ProductCode) atp.ProductCode) randomCase {
	r = r.clone()
	s := &r.snapshot
	for i := range s.Lines {
		s.Lines[i].Key.Product = name(s.Lines[i].Key.Product)
	}
	for i := range s.Stock {
		s.Stock[i].Key.Product = name(s.Stock[i].Key.Product)
	}
	for i := range s.Reservations {
		s.Reservations[i].Key.Product = name(s.Reservations[i].Key.Product)
	}
	for i := range s.Receipts {
		s.Receipts[i].Key.Product = name(s.Receipts[i].Key.Product)
	}
	for i, u := range s.Unifications {
		s.Unifications[i] = atp.Unification{From: name(u.To), To: name(u.From)}
	}
	return r
}

func TestNamesOfProductsNeverMatter(t *testing.T) {
	opposite := func(code atp.ProductCode) atp.ProductCode { return atp.ProductCode('A' + 'Z' - rune(code[0])) }
	rapid.Check(t, func(t *rapid.T) {
		c := randomBook(drawn{t}, modest)
		before := answers(t, c)
		after := answers(t, c.renamed(opposite))
		for n, r := range after {
			for i := range r.Lines {
				back := *r.Lines[i].Line
				back.Key.Product = opposite(back.Key.Product)
				after[n].Lines[i].Line = &back
			}
		}
		if diff := gocmp.Diff(before, after, gocmp.AllowUnexported(atp.Promise{})); diff != "" {
			t.Errorf("after renaming (-before +after):\n%s", diff)
		}
	})
}

// notWorse checks that no line of any order is worse off.
func notWorse(t tb, before, after map[atp.OrderNumber]atp.Result) {
	t.Helper()
	for n, r := range before {
		for i, was := range r.Lines {
			is := after[n].Lines[i]
			if is.Short && !was.Short {
				t.Errorf("order %s line %d became short", n, i)
			}
			if is.Shippable < was.Shippable {
				t.Errorf("order %s line %d: available quantity fell from %s to %s", n, i, was.Shippable, is.Shippable)
			}
			if laterThan(is.AvailableOn, was.AvailableOn) {
				t.Errorf("order %s line %d: date moved from %+v to %+v", n, i, was.AvailableOn, is.AvailableOn)
			}
		}
		if is := after[n]; is.PercentShort > r.PercentShort || is.Criticality > r.Criticality || is.DaysLate > r.DaysLate && r.Whole.InSight() {
			t.Errorf("order %s: %d %v %d days late, was %d %v %d", n,
				is.PercentShort, is.Criticality, is.DaysLate, r.PercentShort, r.Criticality, r.DaysLate)
		}
	}
}

// laterThan orders promises: now, then by day, then not in sight.
func laterThan(a, b atp.Promise) bool {
	rank := func(p atp.Promise) int {
		switch {
		case p.Now():
			return 0
		case !p.InSight():
			return math.MaxInt
		}
		return int(p.Day())
	}
	return rank(a) > rank(b)
}

func TestMoreStockNeverMakesALineShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		choose := drawn{t}
		c := randomBook(choose, modest)
		more := c.clone()
		more.snapshot.Stock = append(more.snapshot.Stock, stock(oneOf(choose, "A", "B", "C"), max(0, modest(choose))))
		notWorse(t, answers(t, c), answers(t, more))
	})
}

func TestMoreReservationsNeverMakeALineAvailable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		choose := drawn{t}
		c := randomBook(choose, modest)
		more := c.clone()
		more.snapshot.Reservations = append(more.snapshot.Reservations,
			reserve(string(outsider), oneOf(choose, "A", "B", "C"), max(0, modest(choose)), d0+atp.Day(choose.below(40)-3)))
		notWorse(t, answers(t, more), answers(t, c))
	})
}

// TestAnOrderDoesNotCompeteWithItself: its own reservations move its need date and nothing else.
func TestAnOrderDoesNotCompeteWithItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		choose := drawn{t}
		c := randomBook(choose, modest)
		own := oneOf(choose, someOrders()...)
		more := c.clone()
		for range 1 + choose.below(3) {
			more.snapshot.Reservations = append(more.snapshot.Reservations,
				reserve(string(own), oneOf(choose, "A", "B", "C"), modest(choose), d0+atp.Day(choose.below(50)-5)))
		}
		before, after := answers(t, c)[own], answers(t, more)[own]
		after.Need, after.Punctuality, after.DaysLate = before.Need, before.Punctuality, before.DaysLate
		if diff := gocmp.Diff(before, after, gocmp.AllowUnexported(atp.Promise{})); diff != "" {
			t.Errorf("own reservations changed the answer (-before +after):\n%s", diff)
		}
	})
}

// TestWhatCannotBeSeenDoesNotCount adds what calculation §1 and §2 leave out.
func TestWhatCannotBeSeenDoesNotCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		choose := drawn{t}
		c := randomBook(choose, modest)
		more := c.clone()
		s := &more.snapshot
		code := oneOf(choose, "A", "B", "C")
		s.Lines = append(s.Lines, line("O1", code, -1, 0, 100), line("O1", code, -1, -1, 100))
		s.Reservations = append(s.Reservations, reserve("X", code, 0, d0), reserve("X", code, -7*unit, d0), reserve("O1", code, -7*unit, d0-9))
		s.Receipts = append(s.Receipts, receipt(code, 5*unit, 0), receipt(code, -5*unit, d0), receipt(code, 0, d0))
		s.Stock = append(s.Stock, stock("nobody's", -5*unit))
		beyond := d0 + atp.Day(c.params.Promise+c.params.Window+1)
		s.Reservations = append(s.Reservations, reserve("X", code, unit, beyond))
		if hasReceipt(c.snapshot, code) { // else it would be the next one
			s.Receipts = append(s.Receipts, receipt(code, unit, beyond+60))
		}
		if diff := gocmp.Diff(answers(t, c), answers(t, more), gocmp.AllowUnexported(atp.Promise{})); diff != "" {
			t.Errorf("(-without +with):\n%s", diff)
		}
	})
}

func hasReceipt(s atp.Snapshot, code string) bool {
	return slices.ContainsFunc(s.Receipts, func(r atp.Receipt) bool {
		return r.Key == key(code) && r.Quantity > 0 && r.Arrives >= d0
	})
}
