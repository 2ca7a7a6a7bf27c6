package atp_test

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"ruptura/internal/atp"
)

// joint is an answer among all others, in a form that the package and the oracle can both give.
type joint struct {
	Answer answer

	Rank    int
	Extra   []string // what each line waits for and ships
	Reasons []*reason
	Cause   string
}

// reason is an explanation.
type reason struct {
	Critical, OnHand                   string
	Claims                             []string
	MoreClaims                         int
	More                               string
	Inflows                            []string
	Available, Before, Needed, Missing string
	Resolved, By                       string
}

// when names a time.
func (m *market) when(t int) string {
	switch t {
	case atOnce:
		return "agora"
	case notEver:
		return ""
	}
	return m.dayOf(t)
}

func (m *market) dayOf(t int) string { return (m.p.Today + atp.Day(t)).String() }

// tell is the answer for one order.
func (m *market) tell(n atp.OrderNumber) joint {
	var totals oracleTotals
	j := joint{Rank: slices.Index(m.orders, n) + 1}
	for i := range m.granted[n] {
		g := &m.granted[n][i]
		a := lineAnswer{
			Line: g.line, OnHand: m.onHand(g.shelf.codes).String(), Lowest: g.lowest.String(), Available: g.now.String(),
			Shortage: new(big.Int).Sub(whole(g.line.Open), g.now).String(), Short: g.short, On: m.when(g.on),
			Value: new(big.Int).Mul(whole(g.line.Open), oraclePrice(g.line)).String(),
		}
		a.NextOn, a.NextQuantity, a.Overdue = m.supply(g.shelf.codes)
		j.Answer.Lines = append(j.Answer.Lines, a)
		totals.add(g.line, a, g.now)
		j.Extra = append(j.Extra, fmt.Sprintf("waits %v ships %s", g.waits, m.shipments(g.ships)))
		j.Reasons = append(j.Reasons, m.reason(n, g))
	}
	totals.rate(&j.Answer, m.p.Criticality)
	m.judge(&j.Answer, n)
	j.Cause = m.cause(n)
	return j
}

// shipments sums up portions by time.
func (m *market) shipments(parts []portion) string {
	sums, times := map[int]*big.Int{}, []int{}
	for _, p := range parts {
		if p.at == notEver {
			continue
		}
		if sums[p.at] == nil {
			sums[p.at] = new(big.Int)
			times = append(times, p.at)
		}
		sums[p.at].Add(sums[p.at], p.q)
	}
	slices.Sort(times)
	var all []string
	for _, t := range times {
		all = append(all, m.when(t)+" "+sums[t].String())
	}
	return strings.Join(all, ", ")
}

// before are the takings before a line's turn, but for those of its own order.
func (g *granted) others(n atp.OrderNumber) []taking {
	return slices.DeleteFunc(slices.Clone(g.shelf.ledger[:g.before]), func(e taking) bool { return e.order == n })
}

func (m *market) reason(n atp.OrderNumber, g *granted) *reason {
	if !g.short {
		return nil
	}
	return m.explain(g.shelf.codes, g.others(n), m.p.Promise, g.earlier, g.needing, g.on, g.ready)
}

// left is what takings leave at a time.
func (m *market) left(codes map[atp.ProductCode]bool, takings []taking, t int) *big.Int {
	sum := m.onHand(codes)
	for d := 0; d <= t; d++ {
		sum.Add(sum, m.receipts(codes, d-m.p.Lead))
	}
	for _, e := range takings {
		if e.at <= t {
			sum.Sub(sum, e.q)
		}
	}
	return sum
}

// critical is the first time from one on at which the least is left.
func (m *market) critical(codes map[atp.ProductCode]bool, takings []taking, from, horizon int) int {
	at := from
	for t := from; t <= horizon; t++ {
		if m.left(codes, takings, t).Cmp(m.left(codes, takings, at)) < 0 {
			at = t
		}
	}
	return at
}

func (m *market) explain(
	codes map[atp.ProductCode]bool, takings []taking, horizon int, before, needed *big.Int, on, ready int,
) *reason {
	at := m.critical(codes, takings, atOnce, horizon)
	r := &reason{
		Critical: m.when(at), OnHand: m.onHand(codes).String(), Available: m.left(codes, takings, at).String(),
		Before: before.String(), Needed: needed.String(),
		Inflows: m.inflows(codes, at), Resolved: m.when(on), By: "never",
	}
	missing := new(big.Int).Add(before, needed)
	missing.Sub(missing, m.left(codes, takings, at))
	r.Missing = bigMax(missing, new(big.Int)).String()
	if on != notEver {
		r.By = "nothing"
		if all := m.inflows(codes, ready); len(all) > 0 {
			r.By = all[len(all)-1]
		}
	}
	claims := slices.DeleteFunc(slices.Clone(takings), func(e taking) bool { return e.at > at })
	slices.SortFunc(claims, func(a, b taking) int {
		return cmp.Or(b.q.Cmp(a.q), cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order), cmp.Compare(a.lot, b.lot))
	})
	more := new(big.Int)
	for i, e := range claims {
		if i < 20 {
			r.Claims = append(r.Claims, fmt.Sprintf("%v %s %s %s: %s on %s", e.reserved, e.order, e.lot, m.header(e.order).Client, e.q, m.when(e.at)))
			continue
		}
		r.MoreClaims++
		more.Add(more, e.q)
	}
	r.More = more.String()
	return r
}

func bigMax(a, b *big.Int) *big.Int {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}

// inflows are the receipts that can ship by a time.
func (m *market) inflows(codes map[atp.ProductCode]bool, t int) []string {
	var all []string
	for d := 0; d+m.p.Lead <= t; d++ {
		if q := m.receipts(codes, d); q.Sign() > 0 {
			all = append(all, fmt.Sprintf("%s on %s ready %s", q, m.dayOf(d), m.dayOf(d+m.p.Lead)))
		}
	}
	return all
}

// reasonAlone explains a line that is short alone: it meets the reservations of others.
func (m *market) reasonAlone(n atp.OrderNumber, a lineAnswer, before *big.Int) *reason {
	if !a.Short {
		return nil
	}
	codes := m.unified(a.Line.Key.Product)
	on := timeOf(m, a.On)
	return m.explain(codes, m.othersAlone(codes, n), m.p.Window, before, whole(a.Line.Open), on, on)
}

func (m *market) othersAlone(codes map[atp.ProductCode]bool, n atp.OrderNumber) []taking {
	var all []taking
	for _, r := range m.s.Reservations {
		if codes[r.Key.Product] && r.Quantity > 0 && r.Order != n && m.leaves(r) <= m.p.Window {
			all = append(all, taking{r.Order, r.Lot, true, portion{m.leaves(r), whole(r.Quantity)}})
		}
	}
	return all
}

func timeOf(m *market, text string) int {
	switch text {
	case "agora":
		return atOnce
	case "":
		return notEver
	}
	d, err := atp.ParseDay(text)
	if err != nil {
		panic(err)
	}
	return int(d - m.p.Today)
}

// cause is who takes most up to the day on which the worst line, fine alone, lacks it.
func (m *market) cause(n atp.OrderNumber) string {
	alone, err := m.order(n)
	if err != nil {
		panic(err)
	}
	worst, from := -1, 0
	value := func(i int) *big.Int {
		l := m.granted[n][i].line
		return new(big.Int).Mul(whole(l.Open), oraclePrice(l))
	}
	for i, g := range m.granted[n] {
		on := timeOf(m, alone.Lines[i].On)
		if g.short && g.ready > on && (worst < 0 || value(i).Cmp(value(worst)) > 0) {
			worst, from = i, on
		}
	}
	if worst < 0 {
		return ""
	}
	g := m.granted[n][worst]
	others := g.others(n)
	at := m.critical(g.shelf.codes, others, from, m.p.Promise)
	taken := map[atp.OrderNumber]*big.Int{}
	for _, e := range others {
		if e.at > at {
			continue
		}
		if taken[e.order] == nil {
			taken[e.order] = new(big.Int)
		}
		taken[e.order].Add(taken[e.order], e.q)
	}
	best := atp.OrderNumber("")
	for who, q := range taken {
		if best == "" || q.Cmp(taken[best]) > 0 || q.Cmp(taken[best]) == 0 && who < best {
			best = who
		}
	}
	return fmt.Sprintf("%s %s takes %s from %d %s", best, m.header(best).Client, taken[best], g.line.Sequence, g.line.Key.Product)
}
