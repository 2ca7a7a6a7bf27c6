package atp

import "fmt"

// group is the stock of one set of unified codes (calculation §1 and §2), every input summed.
type group struct {
	onHand Quantity
	// delta[d] is what day D+d adds to S: receipts L days earlier less reservations. It covers
	// d in 0..P+W, which is all that any decision looks at.
	delta []Quantity
	// next is the earliest receipt from today on, all codes summed on that date; so it has no key.
	next Receipt
	// overdue is the quantity of receipts dated before today: never supply, only reported.
	overdue Quantity
	// gross adds up the size of every amount. While it stays below maxGross no sum of the
	// group's amounts, in whatever sequence, can overflow; so the check does not depend on the
	// sequence of the rows either.
	gross uint64
	view  view
}

// maxGross leaves a bit of room so that a balance less a claim cannot overflow either.
const maxGross = 1 << 62

// view is what an order sees of a group.
type view struct {
	// lowest is minW: the least of what is on hand and S over the window from today.
	lowest Quantity
	// window[t] is the least of S(t..t+W), for t in 0..P.
	window []Quantity
}

// weigh adds to the group's gross, saturating at maxGross.
func (g *group) weigh(q Quantity) {
	g.gross = min(g.gross+abs(int64(q)), maxGross)
}

func (g *group) err() error {
	if g.gross >= maxGross {
		return fmt.Errorf("stock of a product: %w", ErrOverflow)
	}
	return nil
}

func (g *group) addStock(q Quantity) {
	g.weigh(q)
	g.onHand += q
}

// addReservation takes q out on day D+offset.
func (g *group) addReservation(q Quantity, offset int) {
	g.weigh(q)
	if offset < len(g.delta) {
		g.delta[offset] -= q
	}
}

func (g *group) addReceipt(r Receipt, p Params) {
	g.weigh(r.Quantity)
	if r.Arrives < p.Today {
		g.overdue += r.Quantity
		return
	}
	if ready := p.until(r.Arrives) + p.Lead; ready < len(g.delta) {
		g.delta[ready] += r.Quantity
	}
	switch {
	case !g.next.Arrives.Known() || r.Arrives < g.next.Arrives:
		g.next = Receipt{Quantity: r.Quantity, Arrives: r.Arrives}
	case r.Arrives == g.next.Arrives:
		g.next.Quantity += r.Quantity
	}
}

// look computes what an order sees of a group that has onHand now and changes by days[d] on day
// D+d. It works in place: days becomes the view's.
func look(onHand Quantity, days []Quantity, width int) view {
	sum := onHand
	for d, change := range days {
		sum += change
		days[d] = sum
	}
	// days[t] is the least of S over `reach` days from t. Two such spans make a longer one, so the
	// widest window takes a handful of passes.
	for reach := 1; reach < width; {
		step := min(reach, width-reach)
		for t, later := range days[step:] {
			days[t] = min(days[t], later)
		}
		reach += step
	}
	return view{lowest: min(onHand, days[0]), window: days[:len(days)-width+1]}
}

// promise is the smallest t in 0..P from which claim can ship without breaking the window
// (calculation §3, "available on"), or false.
func (v view) promise(claim Quantity) (int, bool) {
	for t, lowest := range v.window {
		if claim <= lowest {
			return t, true
		}
	}
	return 0, false
}
