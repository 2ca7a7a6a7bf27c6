package atp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// MaxProjection is the longest projection, in days.
const MaxProjection = 90

// Projection is a product's stock day by day (cardex, calculation §2): what the warehouse will
// hold and what can ship, with nobody's reservations left out.
type Projection struct {
	Product ProductCode
	// Codes are all codes unified with the product, itself included, by code point.
	Codes  []ProductCode
	OnHand Quantity
	Days   []ProjectedDay
	// FirstNegative is the first day whose Closing or Shippable is below zero, zero if none.
	FirstNegative Day
	// Lowest and Highest are the days with the lowest and highest Closing, the first of equals.
	Lowest, Highest ProjectedDay
	// Out and In add up the days shown.
	Out, In Quantity
	// OverdueOut is the part of the first day's Out that was due before today or has no date;
	// OverdueIn are receipts due before today, which count nowhere.
	OverdueOut, OverdueIn Quantity
}

// ProjectedDay is one day of a projection.
type ProjectedDay struct {
	Day     Day
	Opening Quantity
	Out     Quantity // reservations that leave
	Balance Quantity // Opening less Out
	In      Quantity // receipts that arrive
	Closing Quantity // PAB: Balance plus In
	// Shippable is S: what can leave, receipts counting L days after they arrive.
	Shippable Quantity
	// Reservations are those behind Out, by ship date, order and lot.
	Reservations []Reservation
}

// Negative reports whether either balance of the day is below zero.
func (d ProjectedDay) Negative() bool { return d.Closing < 0 || d.Shippable < 0 }

// Project computes the projection of a product over 1..MaxProjection days from a snapshot that
// holds all rows of the product and of the codes unified with it. Errors wrap ErrParams or
// ErrOverflow.
func Project(s *Snapshot, p Params, product ProductCode, days int) (Projection, error) {
	if err := p.Validate(); err != nil {
		return Projection{}, err
	}
	if days < 1 || days > MaxProjection {
		return Projection{}, fmt.Errorf("%w: %d days are outside 1..%d", ErrParams, days, MaxProjection)
	}
	c := newCardex(s, p, product, days)
	c.collect(s)
	if err := c.stock.err(); err != nil {
		return Projection{}, fmt.Errorf("projection: %w", err)
	}
	c.balance()
	return c.Projection, nil
}

// cardex is a projection being made.
type cardex struct {
	Projection
	params Params
	codes  *unifier
	root   int32
	// stock adds up S and guards against overflow; its days are those shown.
	stock group
}

func newCardex(s *Snapshot, p Params, product ProductCode, days int) *cardex {
	c := &cardex{params: p, codes: newUnifier(len(s.Unifications) + 1)}
	c.Product = product
	c.codes.of(product)
	for _, u := range s.Unifications {
		c.codes.join(u.From, u.To)
	}
	c.root = c.codes.root(c.codes.of(product))
	for code := range c.codes.number {
		if c.has(code) {
			c.Codes = append(c.Codes, code)
		}
	}
	slices.Sort(c.Codes)
	c.stock.delta = make([]Quantity, days)
	c.Days = make([]ProjectedDay, days)
	for i := range c.Days {
		c.Days[i].Day = p.Today + Day(i)
	}
	return c
}

func (c *cardex) has(code ProductCode) bool {
	n, ok := c.codes.number[code]
	return ok && c.codes.root(n) == c.root
}

func (c *cardex) collect(s *Snapshot) {
	for _, row := range s.Stock {
		if c.has(row.Key.Product) {
			c.stock.addStock(row.Quantity)
		}
	}
	for _, row := range s.Reservations {
		if c.has(row.Key.Product) && row.Quantity > 0 {
			c.reserve(row)
		}
	}
	for _, row := range s.Receipts {
		if c.has(row.Key.Product) && row.counts() {
			c.receive(row)
		}
	}
}

func (c *cardex) reserve(r Reservation) {
	offset := c.params.offset(r.Ships)
	c.stock.addReservation(r.Quantity, offset)
	if offset >= len(c.Days) {
		return
	}
	day := &c.Days[offset]
	day.Out += r.Quantity
	day.Reservations = append(day.Reservations, r)
	if !r.Ships.Known() || r.Ships < c.params.Today {
		c.OverdueOut += r.Quantity
	}
}

func (c *cardex) receive(r Receipt) {
	c.stock.addReceipt(r, c.params)
	if at := c.params.until(r.Arrives); at >= 0 && at < len(c.Days) {
		c.Days[at].In += r.Quantity
	}
}

// balance carries the stock from day to day.
func (c *cardex) balance() {
	c.OnHand, c.OverdueIn = c.stock.onHand, c.stock.overdue
	closing, shippable := c.OnHand, c.OnHand
	for i := range c.Days {
		d := &c.Days[i]
		shippable += c.stock.delta[i]
		d.Opening, d.Balance = closing, closing-d.Out
		closing = d.Balance + d.In
		d.Closing, d.Shippable = closing, shippable
		c.Out += d.Out
		c.In += d.In
		if d.Negative() && !c.FirstNegative.Known() {
			c.FirstNegative = d.Day
		}
		if i == 0 || d.Closing < c.Lowest.Closing {
			c.Lowest = *d
		}
		if i == 0 || d.Closing > c.Highest.Closing {
			c.Highest = *d
		}
		slices.SortFunc(d.Reservations, compareReservations)
	}
}

func compareReservations(a, b Reservation) int {
	return cmp.Or(
		cmp.Compare(a.Ships, b.Ships),
		strings.Compare(string(a.Order), string(b.Order)),
		strings.Compare(a.Lot, b.Lot),
		strings.Compare(string(a.Key.Product), string(b.Key.Product)),
		cmp.Compare(a.Quantity, b.Quantity),
	)
}
