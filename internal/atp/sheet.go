package atp

// sheet is what a line meets in its group at its turn: what was committed before it, and how far it
// looks.
type sheet struct {
	*Book

	group, order int32
	history      *history
	before       int32 // how many of the commitments came before
	// own are those of the line's own order, which do not stand against it.
	own     []ownClaim
	horizon int // the last day that is looked at
}

// ownClaim is what an order's own reservations took at a moment.
type ownClaim struct {
	quantity Quantity
	count    int32
	at       moment
}

// sheetAlone is what an order meets that is looked at alone: the reservations of others.
func (b *Book) sheetAlone(group, order int32) sheet {
	h := &b.rows().reserved[group]
	s := sheet{Book: b, group: group, order: order, history: h, before: int32(len(h.all)), horizon: b.params.Window} //nolint:gosec // see orderAt
	for i := b.orders[order].own; i != none; i = b.own[i].next {
		if own := &b.own[i]; own.group == group && int(own.offset) <= b.params.Window {
			s.own = append(s.own, ownClaim{own.quantity, 1, moment(own.offset + 1)}) //nolint:gosec // ≤ MaxWindow
		}
	}
	return s
}

// sheet is what a line meets when all compete: the commitments before its turn.
//
// Of its own order's it is enough to know those that are now. Were any at a later moment, then something would
// have left nothing free before it, and the least would be there.
func (a *Allocation) sheet(line, order int32) sheet {
	t, group := &a.turns[line], a.book.lines[line].group
	s := sheet{Book: a.book, group: group, order: order, history: &a.histories[group], before: t.before, horizon: a.book.params.Promise}
	if t.own > 0 {
		s.own = []ownClaim{{t.own, t.owned, now}}
	}
	return s
}

// left is what is left at each moment: of what is on hand, then on D0 and so on to the horizon.
func (s *sheet) left() []Quantity {
	left := make([]Quantity, s.horizon+2)
	s.history.sums(s.before, left)
	for _, own := range s.own {
		left[own.at] -= own.quantity
	}
	for m := range left {
		left[m] = -left[m]
	}
	left[now] += s.groups[s.group].onHand
	for _, in := range s.inflowsUntil(s.group, s.horizon) {
		left[s.params.until(in.Ready)+1] += in.Quantity
	}
	for m := 1; m < len(left); m++ {
		left[m] += left[m-1]
	}
	return left
}

// critical is the first moment, from one on, at which the least is left, and how much that is.
func (s *sheet) critical(from moment) (moment, Quantity) {
	left := s.left()
	at := from
	for m := int(from); m < len(left); m++ {
		if left[m] < left[at] {
			at = moment(m) //nolint:gosec // ≤ MaxPromise
		}
	}
	return at, left[at]
}

// others is what others took up to a moment.
func (s *sheet) others(at moment) tally {
	if len(s.history.marks) == 0 {
		return s.history.untilWithout(s.Book, s.before, at, s.order)
	}
	t := s.history.until(s.Book, s.before, at)
	if s.history.lists(&t, s.order) {
		return s.history.untilWithout(s.Book, s.before, at, s.order)
	}
	for _, own := range s.own {
		if own.at <= at {
			t.sum -= own.quantity
			t.count -= own.count
		}
	}
	return t
}

// most is the last commitment, up to a moment, of the order that others hold most by; nil when they hold nothing.
func (s *sheet) most(at moment) *commitment {
	t := s.history.until(s.Book, s.before, at)
	for _, place := range t.most {
		if place != 0 && s.history.all[place-1].order != s.order {
			return &s.history.all[place-1]
		}
	}
	return nil
}

// explain adds up the sheet to its critical day.
func (s *sheet) explain() *Explanation {
	at, left := s.critical(now)
	t := s.others(at)
	e := &Explanation{
		Critical: at.promise(s.params.Today), OnHand: s.groups[s.group].onHand, Available: left,
		MoreClaims: int(t.count - t.listed), MoreQuantity: t.sum, Claims: make([]Claim, 0, t.listed),
	}
	for _, place := range t.largest[:t.listed] {
		c := s.claim(&s.history.all[place])
		e.Claims = append(e.Claims, c)
		e.MoreQuantity -= c.Quantity
	}
	if at != now {
		e.Inflows = append(e.Inflows, s.inflowsUntil(s.group, int(at)-1)...)
	}
	return e
}

// claim is a commitment with its names.
func (s *sheet) claim(c *commitment) Claim {
	return Claim{
		Reserved: c.reservation != none, Order: s.holder(c), Client: s.client(c), Lot: s.lot(c),
		On: c.at.promise(s.params.Today), Quantity: c.quantity,
	}
}
