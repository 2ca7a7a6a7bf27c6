package demo

import (
	"fmt"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// order is a header and a range of company.lines.
type order struct {
	number      atp.OrderNumber
	client      int
	ordered     atp.Day
	requested   atp.Day
	important   bool
	note        string
	first, past int
}

// line is an open order line. A held line is of a scarce product, but the order has the whole
// quantity reserved for itself.
type line struct {
	product int
	open    atp.Quantity
	price   atp.Money
	priced  bool
	held    bool
}

// fate is what an order is planned to be.
type fate uint8

const (
	fine fate = iota
	low
	medium
	high
	critical
	hopeless // no line available
)

// deck is dealt, shuffled anew each time, to twenty orders in a row: 45 % fine.
func deck() []fate {
	return []fate{
		fine, fine, fine, fine, fine, fine, fine, fine, fine,
		low, low, low, medium, medium, high, high, high, critical, critical, hopeless,
	}
}

func (c *company) makeOrders(d *dice) {
	planner := newPlanner(c, d)
	cards := deck()
	for i := range c.cfg.Orders {
		if i%len(cards) == 0 {
			d.Shuffle(len(cards), func(a, b int) { cards[a], cards[b] = cards[b], cards[a] })
		}
		o := c.makeHeader(d, i)
		o.first = len(c.lines)
		c.lines = append(c.lines, planner.lines(cards[i%len(cards)])...)
		o.past = len(c.lines)
		c.orders = append(c.orders, o)
	}
}

// firstNumber is the running number of the first order; numbers look like VCD2543401.
const firstNumber = 43_401

func (c *company) makeHeader(d *dice, i int) order {
	const bookDays = 60                                                          // the age of the oldest order
	placed := workday(c.cfg.Today - bookDays + atp.Day(bookDays*i/c.cfg.Orders)) //nolint:gosec // 0..60
	o := order{
		number:    atp.OrderNumber(fmt.Sprintf("VCD%02d%05d", placed.Time().Year()%100, firstNumber+i)),
		client:    d.IntN(len(c.clients)),
		ordered:   placed,
		important: d.chance(12),
	}
	if d.chance(88) {
		o.requested = max(c.cfg.Today+d.days(-6, 30), placed+2)
	}
	if d.chance(30) {
		o.note = pick(d, notes())
	}
	return o
}

// workday moves a weekend back to Friday.
func workday(d atp.Day) atp.Day {
	switch d.Time().Weekday() {
	case time.Saturday:
		return d - 1
	case time.Sunday:
		return d - 2
	default:
		return d
	}
}

func (c *company) writeOrders(w dataset.Writer) error {
	for _, o := range c.orders {
		cl := c.clients[o.client]
		if err := w.Order(dataset.Order{
			Number: o.number, Client: cl.name, TaxID: cl.taxID, City: cl.city.name, UF: cl.city.uf, Salesperson: cl.salesperson,
			Ordered: o.ordered, Requested: o.requested, Important: o.important, Note: o.note,
		}); err != nil {
			return err
		}
	}
	return nil
}

func (c *company) writeItems(w dataset.Writer) error {
	for _, o := range c.orders {
		for i, l := range c.lines[o.first:o.past] {
			p := c.products[l.product]
			if err := w.Item(dataset.Item{
				Order: o.number, Line: int64(i + 1), Product: p.code, Name: p.name, Open: l.open, Price: l.price, Priced: l.priced,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
