package atp_test

import (
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ruptura/internal/atp"
)

func (c contest) clone() contest {
	c.randomCase = c.randomCase.clone()
	return c
}

// toldOf is everything that is told of every order that has an answer.
func toldOf(t tb, c contest) map[atp.OrderNumber]joint {
	t.Helper()
	a := c.hold(t)
	all := map[atp.OrderNumber]joint{}
	for _, n := range rivals() {
		if r, err := a.Answer(n); err == nil {
			all[n] = jointOf(t, a, r)
		}
	}
	return all
}

// forEachPolicy checks a property under each policy by itself, so that none is left to chance.
func forEachPolicy(t *testing.T, property func(t *rapid.T, choose chooser, c contest)) {
	t.Helper()
	for _, policy := range atp.Policies() {
		t.Run(policy.String(), rapid.MakeCheck(func(t *rapid.T) {
			choose := drawn{t}
			c := randomContest(choose, modest)
			c.policy = policy
			property(t, choose, c)
		}))
	}
}

func TestAllocationsDoNotDependOnTheSequenceOfRows(t *testing.T) {
	forEachPolicy(t, func(t *rapid.T, choose chooser, c contest) {
		if choose.below(2) == 1 {
			for i := range c.snapshot.Lines {
				c.snapshot.Lines[i].Sequence = 0
			}
		}
		other := c.clone()
		other.randomCase = c.shuffled(choose)
		if diff := gocmp.Diff(toldOf(t, c), toldOf(t, other)); diff != "" {
			t.Errorf("after shuffling (-before +after):\n%s\n%s", diff, c)
		}
		if diff := gocmp.Diff(allCommitments(c.hold(t)), allCommitments(other.hold(t))); diff != "" {
			t.Errorf("commitments after shuffling (-before +after):\n%s\n%s", diff, c)
		}
	})
}

func allCommitments(a *atp.Allocation) map[atp.ProductCode]string {
	all := map[atp.ProductCode]string{}
	for _, code := range []atp.ProductCode{"A", "B", "C", "D", "E"} {
		all[code] = fmt.Sprintf("%+v", a.Commitments(code))
	}
	return all
}

func TestAllocationsDoNotDependOnNamesOfProducts(t *testing.T) {
	opposite := func(code atp.ProductCode) atp.ProductCode { return atp.ProductCode('A' + 'Z' - rune(code[0])) }
	forEachPolicy(t, func(t *rapid.T, _ chooser, c contest) {
		before := toldOf(t, c)
		for _, j := range before {
			for i := range j.Answer.Lines {
				j.Answer.Lines[i].Line.Key.Product = opposite(j.Answer.Lines[i].Line.Key.Product)
			}
		}
		renamed := c.clone()
		renamed.randomCase = c.renamed(opposite)
		after := toldOf(t, renamed)
		ignore := gocmp.FilterPath(func(p gocmp.Path) bool { return p.Last().String() == ".Cause" }, gocmp.Ignore()) // it names a product
		if diff := gocmp.Diff(before, after, ignore); diff != "" {
			t.Errorf("after renaming (-before +after):\n%s\n%s", diff, c)
		}
	})
}

// TestTheLastClaimChangesNoOther takes the order that is served last out of the book. What is set aside for it
// is served before, so it must have nothing of that kind.
func TestTheLastClaimChangesNoOther(t *testing.T) {
	forEachPolicy(t, func(t *rapid.T, _ chooser, c contest) {
		m := newMarket(c)
		if len(m.orders) == 0 {
			return
		}
		last := m.orders[len(m.orders)-1]
		s := &c.snapshot
		s.Reservations = slices.DeleteFunc(s.Reservations, func(r atp.Reservation) bool {
			return r.Order == last && m.leaves(r) <= c.params.Window
		})
		before := c.hold(t)
		if rank, of, err := before.Rank(last); err != nil || rank != of {
			return // its reservations made its need date
		}
		without := c.clone()
		without.snapshot.Lines = slices.DeleteFunc(without.snapshot.Lines, func(l atp.Line) bool { return l.Order == last })
		was, is := toldOf(t, c), toldOf(t, without)
		delete(was, last)
		if diff := gocmp.Diff(was, is); diff != "" {
			t.Errorf("without %s (-before +after):\n%s\n%s", last, diff, c)
		}
	})
}

// TestMorePriorityNeverHurts makes an order important, or moves it to the front.
func TestMorePriorityNeverHurts(t *testing.T) {
	forEachPolicy(t, func(t *rapid.T, choose chooser, c contest) {
		n := oneOf(choose, rivals()...)
		for i := range c.snapshot.Orders {
			c.snapshot.Orders[i].Important = c.snapshot.Orders[i].Important && c.snapshot.Orders[i].Number != n
		}
		raised := c.clone()
		if choose.below(2) == 0 {
			c.priority = atp.DefaultPriority()
			raised.priority = c.priority
			raised.makeImportant(n)
		} else {
			c.front("")
			raised.front(n)
		}
		before, after := c.hold(t), raised.hold(t)
		was, err := before.Answer(n)
		if err != nil {
			return
		}
		is, err := after.Answer(n)
		if err != nil {
			t.Fatalf("Answer: %v", err)
		}
		from, _, err := before.Rank(n)
		if err != nil {
			t.Fatalf("Rank: %v", err)
		}
		if to, _, err := after.Rank(n); err != nil || to > from {
			t.Fatalf("rank %d after %d, %v", to, from, err)
		}
		notWorse(t, map[atp.OrderNumber]atp.Result{n: was}, map[atp.OrderNumber]atp.Result{n: is})
		if t.Failed() {
			t.Logf("%s raised in %s", n, c)
		}
	})
}

func (c *contest) makeImportant(n atp.OrderNumber) {
	for i := range c.snapshot.Orders {
		if c.snapshot.Orders[i].Number == n {
			c.snapshot.Orders[i].Important = true
			return
		}
	}
	c.snapshot.Orders = append(c.snapshot.Orders, atp.Order{Number: n, Important: true})
}

// front puts a client of its own before all others; nobody is called by the name that stands there when no
// order is to be in front.
func (c *contest) front(n atp.OrderNumber) {
	c.priority = atp.Priority{Criteria: []atp.Criterion{{Key: atp.ByClient}, {Key: atp.ByNeed}, {Key: atp.ByValue}}, Clients: []string{"front"}}
	for i := range c.snapshot.Orders {
		if c.snapshot.Orders[i].Number == n {
			c.snapshot.Orders[i].Client = "Front"
		}
	}
}

// TestWithNobodyElseAnOrderGetsWhatItGetsAlone also keeps what is set aside within what the lines need.
func TestWithNobodyElseAnOrderGetsWhatItGetsAlone(t *testing.T) {
	forEachPolicy(t, func(t *rapid.T, choose chooser, c contest) {
		if c.policy == atp.WholeOrders {
			return // its lines wait for each other
		}
		n := oneOf(choose, rivals()...)
		c.keepOnly(n)
		a := c.hold(t)
		alone, err := a.Book().Analyze(n)
		if err != nil {
			return
		}
		together, err := a.Answer(n)
		if err != nil {
			t.Fatalf("Answer: %v", err)
		}
		if diff := gocmp.Diff(outlines(alone), outlines(together)); diff != "" {
			t.Errorf("order %s (-alone +together):\n%s\n%s", n, diff, c)
		}
		if cause, ok := a.Cause(&together, &alone); ok {
			t.Errorf("%+v is the cause where there is nobody", cause)
		}
	})
}

// keepOnly takes all other orders and reservations out, and those of the order as soon as they are more than
// its lines need.
func (c *contest) keepOnly(n atp.OrderNumber) {
	s, o := &c.snapshot, oracle{&c.snapshot, c.params}
	s.Lines = slices.DeleteFunc(s.Lines, func(l atp.Line) bool { return l.Order != n })
	asked := map[atp.ProductCode]atp.Quantity{}
	for code := range map[atp.ProductCode]bool{"A": true, "B": true, "C": true, "D": true, "E": true, "Z": true} {
		codes := o.unified(code)
		for _, l := range s.Lines {
			if codes[l.Key.Product] {
				asked[code] += max(l.Open, 0)
			}
		}
	}
	s.Reservations = slices.DeleteFunc(s.Reservations, func(r atp.Reservation) bool {
		if r.Order != n || r.Quantity > asked[r.Key.Product] {
			return true
		}
		for code := range o.unified(r.Key.Product) {
			asked[code] -= max(r.Quantity, 0)
		}
		return false
	})
}

// outlines are what an order's answer says of its lines, and the percentage.
func outlines(r atp.Result) []string {
	all := []string{fmt.Sprint(r.PercentShort)}
	for _, l := range r.Lines {
		all = append(all, fmt.Sprintf("%v %s", l.Short, promiseText(l.AvailableOn)))
	}
	return all
}

// TestExplanationsReachTheLowest ties an explanation to the figures beside it.
func TestExplanationsReachTheLowest(t *testing.T) {
	forEachPolicy(t, func(t *rapid.T, _ chooser, c contest) {
		a := c.hold(t)
		for _, n := range rivals() {
			r, err := a.Answer(n)
			if err != nil {
				continue
			}
			all, err := a.Explain(&r)
			if err != nil {
				t.Fatalf("Explain: %v", err)
			}
			for i, e := range all {
				l := &r.Lines[i]
				if (e != nil) != l.Short {
					t.Fatalf("line %d of %s: short %v, explained %v", i, n, l.Short, e != nil)
				}
				if e == nil {
					continue
				}
				if max(e.Available, 0) != l.Lowest || e.OnHand != l.OnHand || e.Needed != l.Open || e.Resolved != l.AvailableOn {
					t.Errorf("line %d of %s: %+v explains %+v", i, n, e, l)
				}
				if c.policy != atp.WholeOrders && e.Resolved.InSight() && e.By.Ready != e.Resolved.Day() {
					t.Errorf("line %d of %s comes on %s from a receipt that is ready on %s", i, n, e.Resolved.Day(), e.By.Ready)
				}
			}
		}
	})
}
