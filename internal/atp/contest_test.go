package atp_test

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ruptura/internal/atp"
)

func (c contest) String() string {
	return fmt.Sprintf("%s by %v %q: %+v under %+v", c.policy, c.priority.Criteria, c.priority.Clients, c.snapshot, c.params)
}

// hold serves a contest.
func (c contest) hold(t tb) *atp.Allocation {
	t.Helper()
	b, err := atp.NewBook(&c.snapshot, c.params)
	if err != nil {
		t.Fatalf("NewBook: %v", err)
	}
	a, err := b.Allocate(c.policy, c.priority)
	if err != nil {
		t.Fatalf("Allocate: %v", err)
	}
	return a
}

// jointOf puts everything that is told of an order into the oracle's form.
func jointOf(t tb, a *atp.Allocation, r atp.Result) joint {
	t.Helper()
	j := joint{Answer: answerOf(r)}
	for _, l := range r.Lines {
		ships := make([]string, len(l.Shipments))
		for i, s := range l.Shipments {
			ships[i] = fmt.Sprintf("%s %d", promiseText(s.On), s.Quantity)
		}
		j.Extra = append(j.Extra, fmt.Sprintf("waits %v ships %s", l.Waits, strings.Join(ships, ", ")))
	}
	var err error
	if j.Rank, _, err = a.Rank(r.Order); err != nil {
		t.Fatalf("Rank: %v", err)
	}
	all, err := a.Explain(&r)
	if err != nil {
		t.Fatalf("Explain: %v", err)
	}
	j.Reasons = reasonsOf(t, all)
	alone, err := a.Book().Analyze(r.Order)
	if err != nil {
		t.Fatalf("Analyze: %v", err)
	}
	if c, ok := a.Cause(&r, &alone); ok {
		j.Cause = fmt.Sprintf("%s %s takes %d from %d %s", c.Order, c.Client, c.Quantity, c.Line.Sequence, c.Line.Key.Product)
	}
	return j
}

func reasonsOf(t tb, all []*atp.Explanation) []*reason {
	t.Helper()
	var reasons []*reason
	for _, e := range all {
		if e == nil {
			reasons = append(reasons, nil)
			continue
		}
		addsUp(t, e)
		reasons = append(reasons, reasonOf(e))
	}
	return reasons
}

func reasonOf(e *atp.Explanation) *reason {
	text := func(q atp.Quantity) string { return whole(q).String() }
	inflow := func(in atp.Inflow) string { return fmt.Sprintf("%d on %s ready %s", in.Quantity, in.Arrives, in.Ready) }
	r := &reason{
		Critical: promiseText(e.Critical), OnHand: text(e.OnHand), MoreClaims: e.MoreClaims, More: text(e.MoreQuantity),
		Available: text(e.Available), Before: text(e.Before), Needed: text(e.Needed), Missing: text(e.Missing),
		Resolved: promiseText(e.Resolved), By: inflow(e.By),
	}
	switch {
	case !e.Resolved.InSight():
		r.By = "never"
	case e.By == atp.Inflow{}:
		r.By = "nothing"
	}
	for _, c := range e.Claims {
		r.Claims = append(r.Claims, fmt.Sprintf("%v %s %s %s: %d on %s", c.Reserved, c.Order, c.Lot, c.Client, c.Quantity, promiseText(c.On)))
	}
	for _, in := range e.Inflows {
		r.Inflows = append(r.Inflows, inflow(in))
	}
	return r
}

// addsUp checks the sum that an explanation is, and that it explains a shortage.
func addsUp(t tb, e *atp.Explanation) {
	t.Helper()
	sum := whole(e.OnHand)
	for _, c := range e.Claims {
		sum.Sub(sum, whole(c.Quantity))
	}
	for _, in := range e.Inflows {
		sum.Add(sum, whole(in.Quantity))
	}
	if sum.Sub(sum, whole(e.MoreQuantity)); sum.Cmp(whole(e.Available)) != 0 {
		t.Errorf("the explanation adds up to %s, not to %s", sum, e.Available)
	}
	missing := new(big.Int).Add(whole(e.Needed), whole(e.Before))
	if missing.Sub(missing, whole(e.Available)); missing.Sign() <= 0 || missing.Cmp(whole(e.Missing)) != 0 {
		t.Errorf("%s are missing of a short line, not %s", missing, e.Missing)
	}
	if len(e.Claims) > atp.MaxClaims || e.MoreClaims > 0 && len(e.Claims) < atp.MaxClaims {
		t.Errorf("%d claims and %d more", len(e.Claims), e.MoreClaims)
	}
}

// compete compares the package with the oracle in everything it tells of every order.
func compete(t tb, c contest) {
	t.Helper()
	a, m := c.hold(t), newMarket(c)
	for _, n := range append(rivals(), outsider) {
		got, err := a.Answer(n)
		switch _, wantErr := m.order(n); {
		case errors.Is(wantErr, errNotFound):
			if !errors.Is(err, atp.ErrOrderNotFound) {
				t.Errorf("Answer(%s) = %v, want ErrOrderNotFound", n, err)
			}
		case errors.Is(wantErr, errRange):
			if !errors.Is(err, atp.ErrOverflow) {
				t.Errorf("Answer(%s) = %v, want ErrOverflow", n, err)
			}
		case err != nil:
			t.Errorf("Answer(%s): %v", n, err)
		default:
			if diff := gocmp.Diff(m.tell(n), jointOf(t, a, got)); diff != "" {
				t.Errorf("order %s (-oracle +package):\n%s\n%s", n, diff, c)
			}
			m.compareAlone(t, a.Book(), n)
		}
	}
	m.compareLedgers(t, a)
	keepsPromises(t, c, a)
}

// compareAlone compares the explanations of an order that is looked at alone.
func (m *market) compareAlone(t tb, b *atp.Book, n atp.OrderNumber) {
	t.Helper()
	want, err := m.order(n)
	if err != nil {
		t.Fatalf("oracle: %v", err)
	}
	got, err := b.Analyze(n)
	if err != nil {
		t.Fatalf("Analyze: %v", err)
	}
	all, err := b.Explain(&got)
	if err != nil {
		t.Fatalf("Explain: %v", err)
	}
	var reasons []*reason
	for i, l := range want.Lines {
		reasons = append(reasons, m.reasonAlone(n, l, m.granted[n][i].earlier))
		if e := all[i]; e != nil && e.Available != got.Lines[i].Lowest {
			t.Errorf("%s is available, the lowest is %s", e.Available, got.Lines[i].Lowest)
		}
	}
	if diff := gocmp.Diff(reasons, reasonsOf(t, all)); diff != "" {
		t.Errorf("order %s alone (-oracle +package):\n%s", n, diff)
	}
}

func (m *market) compareLedgers(t tb, a *atp.Allocation) {
	t.Helper()
	for _, s := range m.shelves {
		for code := range s.codes {
			var want, got []string
			for _, e := range s.ledger {
				want = append(want, fmt.Sprintf("%s %v %s on %s", e.order, e.reserved, e.q, m.when(e.at)))
			}
			for _, c := range a.Commitments(code) {
				got = append(got, fmt.Sprintf("%s %v %d on %s", c.Order, c.Reserved, c.Quantity, promiseText(c.On)))
			}
			if diff := gocmp.Diff(want, got); diff != "" && m.asked(s) {
				t.Errorf("commitments of %s (-oracle +package):\n%s", code, diff)
			}
		}
	}
}

// asked reports whether any line asks for what is on a shelf.
func (m *market) asked(s *shelf) bool {
	for _, l := range m.s.Lines {
		if s.codes[l.Key.Product] && l.Open > 0 {
			return true
		}
	}
	return false
}

// keepsPromises replays all commitments against supply: none may be broken by a later one, and no more is
// available now than there is.
func keepsPromises(t tb, c contest, a *atp.Allocation) {
	t.Helper()
	o := oracle{&c.snapshot, c.params}
	for _, code := range []atp.ProductCode{"A", "B", "C", "D", "E"} {
		codes := o.unified(code)
		h, days := o.onHand(codes), make([]*big.Int, c.params.Promise+c.params.Window+1)
		now := new(big.Int)
		sum := o.onHand(codes)
		for d := range days {
			days[d] = new(big.Int).Set(sum.Add(sum, o.receipts(codes, d-c.params.Lead)))
		}
		floor := append([]*big.Int{new(big.Int).Set(h)}, make([]*big.Int, len(days))...)
		for d := range days {
			floor[d+1] = new(big.Int).Set(days[d])
		}
		for _, x := range a.Commitments(code) {
			from := 0
			if x.On.Now() {
				h.Sub(h, whole(x.Quantity))
				now.Add(now, whole(x.Quantity))
			} else {
				from = int(x.On.Day() - c.params.Today)
			}
			for _, left := range days[from:] {
				left.Sub(left, whole(x.Quantity))
			}
			for i, left := range append([]*big.Int{h}, days...) {
				if least := floor[i]; left.Sign() < 0 && left.Cmp(least) < 0 || x.Quantity <= 0 {
					t.Errorf("%+v leaves %s of %s on D%+d", x, left, code, i-1)
				}
			}
		}
		if now.Cmp(bigMax(o.onHand(codes), new(big.Int))) > 0 {
			t.Errorf("%s of %s is available, of %s", now, code, o.onHand(codes))
		}
		neverTwice(t, c, a, codes)
	}
}

// neverTwice checks that the available quantities of all lines together are on hand.
func neverTwice(t tb, c contest, a *atp.Allocation, codes map[atp.ProductCode]bool) {
	t.Helper()
	sum := new(big.Int)
	for _, n := range rivals() {
		r, err := a.Answer(n)
		if err != nil {
			continue
		}
		for _, l := range r.Lines {
			if codes[l.Key.Product] {
				sum.Add(sum, whole(l.Shippable))
			}
		}
	}
	if onHand := (oracle{&c.snapshot, c.params}).onHand(codes); sum.Cmp(bigMax(onHand, new(big.Int))) > 0 {
		t.Errorf("%s of %v are available, of %s", sum, codes, onHand)
	}
}

func TestAllocationsAreThoseOfTheOracle(t *testing.T) {
	for name, amounts := range map[string]func(chooser) atp.Quantity{"modest": modest, "wild": wild} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) { compete(t, randomContest(drawn{t}, amounts)) }))
	}
}

func FuzzAllocate(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("every byte is a choice: unifications, lines, stock, reservations, receipts, headers, keys and a policy"))
	long := make([]byte, 600)
	for i := range long {
		long[i] = byte(i*i + i/5)
	}
	f.Add(long)
	f.Fuzz(func(t *testing.T, choices []byte) { compete(t, randomContest(&byteChooser{choices}, wild)) })
}
