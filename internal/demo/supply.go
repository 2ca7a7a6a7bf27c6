package demo

import (
	"fmt"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// state is how much there is of a product, and what is coming.
type state uint8

const (
	healthy          state = iota
	soon                   // nothing now, production within days
	never                  // nothing, and nothing scheduled
	littleThenSoon         // a little, more within days
	littleThenNever        // a little, no more scheduled
	overdue                // production that should have come
	negative               // shipped more than was booked in, production within days
	reservedAway           // plenty, all of it reserved; more in a fortnight
	late                   // production in three weeks
	beyond                 // production after the promise horizon
	littleThenBeyond       // a little, more after the horizon
)

// scarceStates are dealt to the scarce groups in turn.
var scarceStates = [...]state{
	soon, reservedAway, littleThenSoon, never, late, littleThenNever, overdue, negative, littleThenBeyond, soon, beyond, littleThenSoon,
}

// schedule is when production of a scarce product comes, in days from today: nothing if both are
// zero.
type schedule struct{ from, to int }

var schedules = [...]schedule{
	soon: {1, 5}, littleThenSoon: {2, 8}, overdue: {-9, -2}, negative: {1, 4}, reservedAway: {9, 14}, late: {17, 24},
	beyond: {36, 50}, littleThenBeyond: {33, 45},
}

// floor is what an order without reservations of its own finds of a scarce product.
func (g group) floor() atp.Quantity {
	salt := g.members[0] % 7 // not all the same
	switch g.state {
	case littleThenSoon, littleThenNever, littleThenBeyond:
		return units(6 + 4*salt)
	case negative:
		return units(-12 - 9*salt)
	default:
		return 0
	}
}

// makeSupply gives every group the reservations, stock and production that make the planned
// fates come true.
func (c *company) makeSupply(d *dice) {
	s := supply{company: c, d: d, most: make([]atp.Quantity, len(c.groups)), reserved: make([]atp.Quantity, len(c.groups))}
	for _, o := range c.orders {
		s.measure(o)
		s.reserve(o)
	}
	c.onHand = make([]atp.Quantity, len(c.products))
	for i, g := range c.groups {
		if g.state == reservedAway {
			s.reserveForOthers(i)
		}
		s.stockUp(i)
		s.produce(i)
	}
}

type supply struct {
	*company
	d        *dice
	most     []atp.Quantity // by group: the most that one order wants
	reserved []atp.Quantity // by group
	lots     int
}

func (s *supply) measure(o order) {
	for i, l := range s.lines[o.first:o.past] {
		g := s.products[l.product].group
		sum := l.open
		for _, before := range s.lines[o.first : o.first+i] {
			if s.products[before.product].group == g {
				sum += before.open
			}
		}
		s.most[g] = max(s.most[g], sum)
	}
}

// reserve sets goods aside for an order: whatever it holds, and for one order in three most of
// what is plentiful.
func (s *supply) reserve(o order) {
	picked := s.d.chance(35)
	ships := s.shipDate()
	s.lots++
	for _, l := range s.lines[o.first:o.past] {
		g := s.products[l.product].group
		switch {
		case l.held:
			s.book(o.number, l, l.open, s.cfg.Today+s.d.days(1, 6))
		case picked && s.groups[g].state == healthy && s.d.chance(70):
			s.book(o.number, l, s.share(l.open), ships)
		}
	}
}

// share is all of a quantity, or in one case of six a part.
func (s *supply) share(q atp.Quantity) atp.Quantity {
	if s.d.chance(16) && q > units(2) {
		return q / 2 / atp.QuantityScale * atp.QuantityScale
	}
	return q
}

func (s *supply) book(number atp.OrderNumber, l line, q atp.Quantity, ships atp.Day) {
	s.reserved[s.products[l.product].group] += q
	s.reservations = append(s.reservations, dataset.Reservation{
		Lot: fmt.Sprintf("SEP%06d", 10_000+s.lots), Order: number, Product: s.products[l.product].code, Quantity: q, Ships: ships,
	})
}

// shipDate is mostly within days, sometimes overdue, undated, or so old that it is stale.
func (s *supply) shipDate() atp.Day {
	switch n := s.d.IntN(100); {
	case n < 4:
		return 0
	case n < 8:
		return s.cfg.Today - s.d.days(70, 200)
	case n < 16:
		return s.cfg.Today - s.d.days(1, 20)
	case n < 86:
		return s.cfg.Today + s.d.days(0, 10)
	default:
		return s.cfg.Today + s.d.days(11, 25)
	}
}

// reserveForOthers books what orders outside the book have set aside.
func (s *supply) reserveForOthers(g int) {
	for range s.d.between(1, 3) {
		s.lots++
		number := atp.OrderNumber(fmt.Sprintf("VCD%02d%05d", (s.cfg.Today-90).Time().Year()%100, s.d.between(20_000, firstNumber-1)))
		l := line{product: pick(s.d, s.groups[g].members)}
		s.book(number, l, units(s.d.between(10, 80)), s.cfg.Today+s.d.days(-3, 6))
	}
}

// stockUp puts on hand what is reserved plus, of a healthy group, more than any one order wants,
// and of a scarce one exactly its floor.
func (s *supply) stockUp(g int) {
	q := s.reserved[g]
	if s.groups[g].state == healthy {
		q += s.most[g]*atp.Quantity(s.d.between(110, 260))/100 + units(s.d.between(1, 60))
	} else {
		q += s.groups[g].floor()
	}
	members := s.groups[g].members
	for _, m := range members[1:] { // most of it under the old code
		part := q / 5 / atp.QuantityScale * atp.QuantityScale
		s.onHand[m] = part
		q -= part
	}
	s.onHand[members[0]] = q
}

// produce schedules what the state says, in two steps of which the second covers every order;
// healthy groups get ordinary production, a little of it overdue.
func (s *supply) produce(g int) {
	m := s.groups[g].members
	newest := s.products[m[len(m)-1]].code
	if s.groups[g].state == healthy {
		s.ordinary(newest)
		return
	}
	when := schedules[min(int(s.groups[g].state), len(schedules)-1)]
	if when == (schedule{}) {
		return
	}
	half := s.most[g]/2/atp.QuantityScale*atp.QuantityScale + units(1)
	first := s.d.between(when.from, when.to)
	s.receive(newest, first, half)
	s.receive(newest, s.d.between(first, when.to), s.most[g]/atp.QuantityScale*atp.QuantityScale+units(80))
}

func (s *supply) ordinary(code atp.ProductCode) {
	for range s.d.IntN(3) {
		s.receive(code, s.d.between(0, 40), units(10*s.d.between(2, 40)))
	}
	if s.d.chance(6) {
		s.receive(code, -s.d.between(1, 12), units(10*s.d.between(2, 20)))
	}
}

func (s *supply) receive(code atp.ProductCode, days int, q atp.Quantity) {
	s.receipts = append(s.receipts, dataset.Receipt{
		Product: code, Arrives: s.cfg.Today + atp.Day(days), Quantity: q, Line: pick(s.d, productionLines()), //nolint:gosec // small
	})
}

func (c *company) writeReservations(w dataset.Writer) error {
	for _, r := range c.reservations {
		if err := w.Reservation(r); err != nil {
			return err
		}
	}
	return nil
}

func (c *company) writeReceipts(w dataset.Writer) error {
	for _, r := range c.receipts {
		if err := w.Receipt(r); err != nil {
			return err
		}
	}
	return nil
}
