package atp

import (
	"slices"
	"strings"
)

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
// false when the answer together is as good, or nobody takes anything before it.
func (a *Allocation) Cause(together, alone *Result) (Cause, bool) {
	at, ok := a.book.index[together.Order]
	if !ok || len(together.Lines) != len(alone.Lines) {
		return Cause{}, false
	}
	worst := none
	for i := range together.Lines {
		is := &together.Lines[i]
		if worse(is, &alone.Lines[i]) && (worst == none || is.Value > together.Lines[worst].Value) {
			worst = int32(i) //nolint:gosec // see orderAt
		}
	}
	if worst == none {
		return Cause{}, false
	}
	c, ok := a.largest(a.book.orders[at].first+worst, at)
	c.Line = together.Lines[worst].Line
	return c, ok
}

// worse reports whether a line is worse off together than alone.
func worse(together, alone *LineResult) bool {
	switch {
	case !together.Short:
		return false
	case !alone.Short:
		return true
	}
	return together.AvailableOn != alone.AvailableOn && together.AvailableOn.later(alone.AvailableOn) == together.AvailableOn
}

// largest is the order that takes most before a line; of equals the one with the least number.
func (a *Allocation) largest(line, order int32) (Cause, bool) {
	sheet := a.sheet(line, order)
	at, _ := sheet.critical(a.book)
	taken := map[OrderNumber]Quantity{}
	var best Cause
	for _, c := range sheet.claims {
		if c.leaves > at {
			continue
		}
		who := a.holder(c.commitment)
		taken[who] += c.quantity
	}
	for who, quantity := range taken {
		if quantity > best.Quantity || quantity == best.Quantity && strings.Compare(string(who), string(best.Order)) < 0 {
			best = Cause{Order: who, Quantity: quantity}
		}
	}
	best.Client = a.book.rows().clients[best.Order]
	return best, best.Quantity > 0
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
