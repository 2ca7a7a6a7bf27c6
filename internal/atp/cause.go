package atp

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
	c, ok := a.largest(first+worst, at, a.book.params.moment(alone.Lines[worst].AvailableOn))
	c.Line = together.Lines[worst].Line
	return c, ok
}

// worse reports whether a line is worse off than it would be alone. That it waits for others of its
// order is nobody else's doing.
func (a *Allocation) worse(line int32, alone *LineResult) bool {
	is, was := a.grants[line].ready.promise(a.book.params.Today), alone.AvailableOn
	return is != was && is.later(was) == is
}

// largest is the order that takes most before a line, up to the day on which the least is left of what the
// line would have had alone, at a moment; of equals the one with the least number.
func (a *Allocation) largest(line, order int32, alone moment) (Cause, bool) {
	s := a.sheet(line, order)
	at, _ := s.critical(alone)
	c := s.most(at)
	if c == nil {
		return Cause{}, false
	}
	return Cause{Order: s.holder(c), Client: s.client(c), Quantity: c.held}, true
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
	h := &a.histories[g]
	all := make([]Commitment, len(h.all))
	for i := range h.all {
		c := &h.all[i]
		all[i] = Commitment{
			Order: a.book.holder(c), Reserved: c.reservation != none, On: c.at.promise(a.book.params.Today), Quantity: c.quantity,
		}
	}
	return all
}
