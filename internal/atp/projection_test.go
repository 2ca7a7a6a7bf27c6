package atp_test

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ruptura/internal/atp"
)

func project(t tb, c randomCase, code atp.ProductCode, days int) atp.Projection {
	t.Helper()
	p, err := atp.Project(&c.snapshot, c.params, code, days)
	if err != nil {
		t.Fatalf("Project(%s, %d days): %v", code, days, err)
	}
	return p
}

func TestProjectionDayByDay(t *testing.T) {
	s := atp.Snapshot{
		Stock:        []atp.Stock{stock("A", 20*unit), stock("B", 10*unit), stock("C", 99*unit)},
		Unifications: []atp.Unification{{From: "B", To: "A"}},
		Reservations: []atp.Reservation{
			reserve("2", "A", 5*unit, d0), reserve("1", "B", 10*unit, d0-3), reserve("3", "A", 2*unit, 0),
			reserve("4", "A", 30*unit, d0+1), reserve("5", "A", unit, d0+40), reserve("6", "C", unit, d0),
		},
		Receipts: []atp.Receipt{
			receipt("A", 25*unit, d0+1), receipt("B", 7*unit, d0-1), receipt("A", 9*unit, d0+3), receipt("A", unit, d0+4),
		},
	}
	p, err := atp.Project(&s, atp.DefaultParams(d0), "B", 4)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		opening, out, balance, in, closing, shippable atp.Quantity
		negative                                      bool
	}
	want := []row{
		{30, 17, 13, 0, 13, 13, false},
		{13, 30, -17, 25, 8, -17, true}, // the receipt is in the house, but ships tomorrow
		{8, 0, 8, 0, 8, 8, false},
		{8, 0, 8, 9, 17, 8, false},
	}
	for i, d := range p.Days {
		got := row{d.Opening / unit, d.Out / unit, d.Balance / unit, d.In / unit, d.Closing / unit, d.Shippable / unit, d.Negative()}
		if got != want[i] || d.Day != d0+atp.Day(i) {
			t.Errorf("day %v: %v, want %v", d.Day, got, want[i])
		}
	}
	if diff := gocmp.Diff([]atp.ProductCode{"A", "B"}, p.Codes); diff != "" || p.Product != "B" || p.OnHand != 30*unit {
		t.Errorf("product %s, on hand %s, codes (-want +got):\n%s", p.Product, p.OnHand, diff)
	}
	if p.FirstNegative != d0+1 || p.Lowest.Day != d0+1 || p.Highest.Day != d0+3 {
		t.Errorf("first negative %v, lowest %v, highest %v; want D+1, D+1, D+3", p.FirstNegative, p.Lowest.Day, p.Highest.Day)
	}
	if p.Out != 47*unit || p.In != 34*unit || p.OverdueOut != 12*unit || p.OverdueIn != 7*unit {
		t.Errorf("out %s, in %s, overdue out %s, in %s; want 47, 34, 12, 7", p.Out, p.In, p.OverdueOut, p.OverdueIn)
	}
	if rs := p.Days[0].Reservations; len(rs) != 3 || rs[0].Order != "3" || rs[1].Order != "1" || rs[2].Order != "2" {
		t.Errorf("reservations of D0 %v, want orders 3 (undated), 1, 2", rs)
	}
}

func TestProjectionOfAProductNobodyKnows(t *testing.T) {
	p, err := atp.Project(&atp.Snapshot{}, atp.DefaultParams(d0), "?", 1)
	if err != nil || len(p.Days) != 1 || p.OnHand != 0 || p.FirstNegative.Known() || len(p.Codes) != 1 {
		t.Errorf("Project = %+v, %v; want one empty day of one code", p, err)
	}
}

func TestProjectionErrors(t *testing.T) {
	params := atp.DefaultParams(d0)
	for _, days := range []int{0, -1, atp.MaxProjection + 1} {
		if _, err := atp.Project(&atp.Snapshot{}, params, "A", days); !errors.Is(err, atp.ErrParams) {
			t.Errorf("Project over %d days = %v, want ErrParams", days, err)
		}
	}
	if _, err := atp.Project(&atp.Snapshot{}, atp.Params{}, "A", 1); !errors.Is(err, atp.ErrParams) {
		t.Errorf("Project without today = %v, want ErrParams", err)
	}
	s := atp.Snapshot{
		Stock:        []atp.Stock{stock("A", math.MaxInt64)},
		Reservations: []atp.Reservation{reserve("1", "A", math.MaxInt64, d0)},
	}
	if _, err := atp.Project(&s, params, "A", 1); !errors.Is(err, atp.ErrOverflow) {
		t.Errorf("Project of huge amounts = %v, want ErrOverflow", err)
	}
}

// TestProjectionIsThatOfTheOracle: each column from its definition in calculation §2.
func TestProjectionIsThatOfTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		choose := drawn{t}
		c := randomBook(choose, modest)
		code := oneOf[atp.ProductCode](choose, "A", "B", "C", "Z")
		p := project(t, c, code, 1+choose.below(40))
		o := oracle{&c.snapshot, c.params}
		codes := o.unified(code)
		same := func(what string, day int, want *big.Int, got atp.Quantity) {
			if want.Cmp(whole(got)) != 0 {
				t.Errorf("%s of D+%d: %d, want %v", what, day, got, want)
			}
		}
		for i, d := range p.Days {
			same("receipts", i, o.receipts(codes, i), d.In)
			same("reservations", i, o.reservations(codes, i, ""), d.Out)
			same("PAB", i, o.balance(codes, i, 0, ""), d.Closing)
			same("S", i, o.balance(codes, i, c.params.Lead, ""), d.Shippable)
		}
		_, _, overdue := o.supply(codes)
		if whole(p.OverdueIn).String() != overdue || len(p.Codes) != len(codes) {
			t.Errorf("overdue receipts %d, want %s; codes %v, want %v", p.OverdueIn, overdue, p.Codes, codes)
		}
	})
}

func TestProjectionAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		choose := drawn{t}
		c := randomBook(choose, modest)
		p := project(t, c, "A", 1+choose.below(atp.MaxProjection))
		opening, out, in := p.OnHand, atp.Quantity(0), atp.Quantity(0)
		var negative atp.Day
		for _, d := range p.Days {
			if d.Opening != opening || d.Balance != d.Opening-d.Out || d.Closing != d.Balance+d.In {
				t.Errorf("%v does not follow from the day before, which closed with %s", d, opening)
			}
			listed := atp.Quantity(0)
			for _, r := range d.Reservations {
				listed += r.Quantity
			}
			if listed != d.Out {
				t.Errorf("%v: reservations listed add up to %s, out is %s", d.Day, listed, d.Out)
			}
			if p.Lowest.Closing > d.Closing || p.Highest.Closing < d.Closing {
				t.Errorf("%v closes at %s, outside %s..%s", d.Day, d.Closing, p.Lowest.Closing, p.Highest.Closing)
			}
			if d.Closing == p.Lowest.Closing && d.Day < p.Lowest.Day || d.Closing == p.Highest.Closing && d.Day < p.Highest.Day {
				t.Errorf("%v closes at %s, before the first lowest %v or highest %v", d.Day, d.Closing, p.Lowest.Day, p.Highest.Day)
			}
			if d.Negative() && negative == 0 {
				negative = d.Day
			}
			opening, out, in = d.Closing, out+d.Out, in+d.In
		}
		if p.Out != out || p.In != in || p.FirstNegative != negative || p.OverdueOut > p.Days[0].Out {
			t.Errorf("totals %s out, %s in, first negative %v; want %s, %s, %v", p.Out, p.In, p.FirstNegative, out, in, negative)
		}
	})
}

// TestBookAndProjectionSeeTheSameStock: to an order without reservations of its own, a line is
// available, and from a day on, exactly when the S of the projection says so.
func TestBookAndProjectionSeeTheSameStock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		choose := drawn{t}
		c := randomBook(choose, modest)
		w, days := c.params.Window, c.params.Promise+c.params.Window+1
		open := atp.Quantity(1+choose.below(60)) * 500
		p := project(t, c, "A", days)
		least := func(from int) atp.Quantity {
			s := p.Days[from].Shippable
			for _, d := range p.Days[from : from+w+1] {
				s = min(s, d.Shippable)
			}
			return s
		}
		c.snapshot.Lines = append(c.snapshot.Lines, line("NEW", "A", 1, open, 100))
		b, err := atp.NewBook(&c.snapshot, c.params)
		if err != nil {
			t.Fatal(err)
		}
		r, err := b.Analyze("NEW")
		if err != nil {
			t.Fatal(err)
		}
		l := r.Lines[0]
		if want := min(p.OnHand, least(0)); l.Lowest != want || l.OnHand != p.OnHand || l.Short != (open > want) {
			t.Errorf("lowest %s, on hand %s, short %v; the projection says %s, %s", l.Lowest, l.OnHand, l.Short, want, p.OnHand)
		}
		if !l.Short {
			return
		}
		first := slices.IndexFunc(p.Days[:days-w], func(d atp.ProjectedDay) bool { return open <= least(int(d.Day-d0)) })
		if first < 0 && l.AvailableOn.InSight() || first >= 0 && l.AvailableOn.Day() != d0+atp.Day(first) {
			t.Errorf("available on %v; the projection says D+%d", l.AvailableOn.Day(), first)
		}
	})
}
