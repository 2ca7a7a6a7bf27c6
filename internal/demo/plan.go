package demo

import "ruptura/internal/atp"

// planner draws the lines of orders so that each comes out as its fate says.
type planner struct {
	*company
	d *dice
	// Products by what an order of them will find: everything, nothing, or a little.
	plenty, none, little []int
	buf                  []line
}

func newPlanner(c *company, d *dice) *planner {
	p := &planner{company: c, d: d}
	for i := range c.products {
		switch g := c.groups[c.products[i].group]; {
		case g.state == healthy:
			p.plenty = append(p.plenty, i)
		case g.floor() > 0:
			p.little = append(p.little, i)
		default:
			p.none = append(p.none, i)
		}
	}
	return p
}

// lines draws one order. The slice is valid until the next call.
func (p *planner) lines(f fate) []line {
	p.buf = p.buf[:0]
	available, short := p.counts(f)
	for range available {
		p.buf = append(p.buf, p.availableLine())
	}
	if f == fine && p.d.chance(5) {
		p.buf = append(p.buf, p.buf[0]) // the same product on two lines
	}
	if f == fine && p.d.chance(8) {
		p.buf = append(p.buf, p.heldLine())
	}
	for range short {
		p.buf = append(p.buf, p.shortLine(f))
	}
	if f == hopeless && p.d.chance(15) {
		p.dropPrices()
	}
	p.fit(f)
	p.d.Shuffle(len(p.buf), func(i, j int) { p.buf[i], p.buf[j] = p.buf[j], p.buf[i] })
	return p.buf
}

// counts chooses how many lines an order has, about eight in all.
func (p *planner) counts(f fate) (available, short int) {
	d := p.d
	switch f {
	case low:
		return d.between(4, 11), d.between(1, 2)
	case medium:
		return d.between(4, 10), 3
	case high:
		if d.chance(25) { // many lines of little worth
			return d.between(6, 12), d.between(4, 6)
		}
		return d.between(2, 9), d.between(1, 3)
	case critical:
		return d.between(1, 7), d.between(4, 7)
	case hopeless:
		return 0, d.between(1, 9)
	default:
		if d.chance(3) {
			return d.between(18, 30), 0
		}
		return d.between(2, 13), 0
	}
}

func (p *planner) availableLine() line {
	// The smaller of two throws: some products are ordered more than others.
	i := p.plenty[min(p.d.IntN(len(p.plenty)), p.d.IntN(len(p.plenty)))]
	l := p.newLine(i, p.d.between(2, 48))
	l.priced = !p.d.chance(1)
	if !l.priced {
		l.price = 0
	}
	return l
}

// heldLine is of a product that others have reserved, of which this order holds its share.
func (p *planner) heldLine() line {
	l := p.newLine(p.unused(p.none, func(s state) bool { return s == reservedAway }), p.d.between(3, 40))
	l.held = true
	return l
}

func (p *planner) shortLine(f fate) line {
	anything := func(state) bool { return true }
	if f == low || f == medium {
		return p.newLine(p.unused(p.none, anything), p.d.between(1, 4))
	}
	if f != hopeless && p.d.chance(45) {
		i := p.unused(p.little, anything)
		floor := int(p.groups[p.products[i].group].floor() / atp.QuantityScale)
		return p.newLine(i, floor+p.d.between(1, 40))
	}
	return p.newLine(p.unused(p.none, anything), p.d.between(4, 40))
}

// unused draws a product whose group the order does not have yet, trying a while to find one
// that suits.
func (p *planner) unused(from []int, suits func(state) bool) int {
	const tries = 200
	i := 0
	for range tries {
		i = pick(p.d, from)
		if suits(p.groups[p.products[i].group].state) && !p.has(p.products[i].group) {
			break
		}
	}
	return i
}

func (p *planner) has(group int) bool {
	for _, l := range p.buf {
		if p.products[l.product].group == group {
			return true
		}
	}
	return false
}

func (p *planner) newLine(i, quantity int) line {
	product := p.products[i]
	l := line{product: i, open: units(quantity), priced: true}
	if product.loose {
		l.open += atp.Quantity(p.d.IntN(atp.QuantityScale))
	}
	l.price = product.price * atp.Money(p.d.between(95, 104)) / 100
	return l
}

func (p *planner) dropPrices() {
	for i := range p.buf {
		p.buf[i].price, p.buf[i].priced = 0, false
	}
}

// Shares of an order's value, in percent, that keep a fate clear of its neighbours.
const (
	lowShare    = 4
	mediumShare = 9
	highShare   = 13
)

// fit raises quantities until the short share of the value is what the fate asks for.
func (p *planner) fit(f fate) {
	short, all := p.values()
	if all == 0 {
		return
	}
	many := p.shortLines() > 3
	switch {
	case f == low:
		p.raise(false, short*100/lowShare-short, all-short)
	case f == medium || f == high && many:
		p.raise(false, short*100/mediumShare-short, all-short)
	case f == high || f == critical:
		p.raise(true, (all-short)*highShare/(100-highShare), short)
	}
}

// raise multiplies the quantities of the short or the other lines, now worth `worth`, until they
// are worth more than `wanted`.
func (p *planner) raise(short bool, wanted, worth int64) {
	if worth == 0 || worth > wanted {
		return
	}
	factor := atp.Quantity(wanted/worth + 1)
	for i := range p.buf {
		if p.isShort(p.buf[i]) == short {
			p.buf[i].open *= factor
		}
	}
}

// values are the worth of the short lines and of all, in thousandths of a cent.
func (p *planner) values() (short, all int64) {
	for _, l := range p.buf {
		v := int64(l.open) * int64(l.price)
		all += v
		if p.isShort(l) {
			short += v
		}
	}
	return short, all
}

func (p *planner) shortLines() (n int) {
	for _, l := range p.buf {
		if p.isShort(l) {
			n++
		}
	}
	return n
}

func (p *planner) isShort(l line) bool {
	return !l.held && p.groups[p.products[l.product].group].state != healthy
}
