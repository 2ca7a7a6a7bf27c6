package atp

import "slices"

// Cause is what makes an order's answer among all others worse than its answer alone.
type Cause struct {
	// Order is the order that takes most of what the line lacks, up to the line's critical day, and
	// Quantity how much it takes, its reservations included.
	Order    OrderNumber
	Client   string // empty if not known
	Quantity Quantity
	// Line is the line that it concerns: of those that are worse off, the one with the largest value.
	Line *Line
}

// Cause compares an order's answer among all others with its answer alone, both from the same book. It is
// false when none of its lines is worse off than alone.
func (a *Allocation) Cause(together, alone *Result) (Cause, bool) {
	at, ok := a.book.index[together.Order]
	if !ok || len(together.Lines) != len(alone.Lines) {
		return Cause{}, false
	}
	first, worst := a.book.orders[at].first, none
	for i := range together.Lines {
		is := &together.Lines[i]
		if a.worse(first+int32(i), &alone.Lines[i]) && (worst == none || is.Value > together.Lines[worst].Value) { //nolint:gosec // see orderAt
			worst = int32(i) //nolint:gosec // see orderAt
		}
	}
	if worst == none {
		return Cause{}, false
	}
	c := a.largest(first+worst, at, a.book.params.moment(alone.Lines[worst].AvailableOn))
	c.Line = together.Lines[worst].Line
	return c, true
}

// worse reports whether a line is worse off than it would be alone. That it waits for others of its
// order is nobody else's doing.
func (a *Allocation) worse(line int32, alone *LineResult) bool {
	is, was := a.grants[line].ready.promise(a.book.params.Today), alone.AvailableOn
	return is != was && is.later(was) == is
}

// largest is the order that takes most before a line, up to the day on which it takes most of what the
// line would have had alone, at a moment; of equals the one with the least number. Since the line is later than
// that, there is one.
func (a *Allocation) largest(line, order int32, alone moment) Cause {
	sheet := a.sheet(line, order)
	at, _ := sheet.critical(a.book, alone)
	taken := map[OrderNumber]Quantity{}
	for _, c := range sheet.claims {
		if c.leaves <= at {
			taken[a.holder(c.commitment)] += c.quantity
		}
	}
	var best Cause
	for who, quantity := range taken {
		if quantity > best.Quantity || quantity == best.Quantity && who < best.Order {
			best = Cause{Order: who, Quantity: quantity}
		}
	}
	best.Client = a.book.rows().clients[best.Order]
	return best
}

// holder is the order that a commitment is for.
func (a *Allocation) holder(c commitment) OrderNumber {
	if c.order != none {
		return a.contenders[c.order].number
	}
	return a.book.snapshot.Reservations[c.reservation].Order
}

// Commitment is one step of an allocation: a quantity of a group that an order, or a reservation,
// was given.
type Commitment struct {
	Order    OrderNumber
	Reserved bool
	On       Promise
	Quantity Quantity
}

// Commitments are what was committed of a product, unified codes included, in the sequence in which
// it was.
func (a *Allocation) Commitments(product ProductCode) []Commitment {
	g := a.book.groupOf(StockKey{Product: product})
	if g == none {
		return nil
	}
	var all []Commitment
	for at := a.latest[g]; at != none; at = a.ledger[at].previous {
		c := &a.ledger[at]
		all = append(all, Commitment{
			Order: a.holder(*c), Reserved: c.reservation != none, On: c.at.promise(a.book.params.Today), Quantity: c.quantity,
		})
	}
	slices.Reverse(all)
	return all
}
