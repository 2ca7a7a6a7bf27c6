package atp

import "fmt"

// Shipment is a part of a line and when it can ship.
type Shipment struct {
	On       Promise
	Quantity Quantity
}

// Answer answers for one order among all others (calculation §6 and §7). Its errors are ErrOrderNotFound
// and ErrOverflow, both about this order only.
func (a *Allocation) Answer(n OrderNumber) (Result, error) { return a.AnswerWith(new(Scratch), n) }

// AnswerWith is [Allocation.Answer] in memory that is used again: the result's lines are good until
// the next call with the same Scratch.
func (a *Allocation) AnswerWith(s *Scratch, n OrderNumber) (Result, error) {
	b := a.book
	at, ok := b.index[n]
	if !ok {
		return Result{}, fmt.Errorf("order %q: %w", n, ErrOrderNotFound)
	}
	if a.spoilt[at] {
		return Result{}, fmt.Errorf("order %q: %w", n, ErrOverflow)
	}
	o := &b.orders[at]
	s.reset(int(o.end - o.first))
	r := Result{Order: n, Lines: s.lines}
	for i := range s.lines {
		if err := a.answer(s, i, o.first+int32(i)); err != nil {
			return Result{}, fmt.Errorf("order %q: %w", n, err)
		}
	}
	if err := r.total(b.params.Criticality); err != nil {
		return Result{}, fmt.Errorf("order %q: %w", n, err)
	}
	r.judge(o.need(), b.params.Today)
	return r, nil
}

// answer fills in line i of an order, by its place in the book.
func (a *Allocation) answer(s *Scratch, i int, at int32) error {
	l := &a.book.lines[at]
	value, err := NewValue(l.Open, l.price())
	if err != nil {
		return err
	}
	group, g, t := &a.book.groups[l.group], &a.grants[at], &a.turns[at]
	s.lines[i] = LineResult{
		Line: l.Line, OnHand: group.onHand, Lowest: t.free + t.own, Next: group.next, Overdue: group.overdue, Value: value,
		Shippable: g.now, Shortage: l.Open - g.now, Short: g.short, Waits: g.waits,
		AvailableOn: g.on.promise(a.book.params.Today),
		Shipments:   a.shipmentsOf(s, g),
	}
	return nil
}

// shipmentsOf lists what a line gets, one entry for each moment.
func (a *Allocation) shipmentsOf(s *Scratch, g *grant) []Shipment {
	from := len(s.ships)
	for at := g.shipments.first; at != 0; at = a.shipments[at-1].next {
		p := a.shipments[at-1]
		if p.at == never {
			continue
		}
		on := p.at.promise(a.book.params.Today)
		if n := len(s.ships); n > from && s.ships[n-1].On == on {
			s.ships[n-1].Quantity += p.quantity
			continue
		}
		s.ships = append(s.ships, Shipment{On: on, Quantity: p.quantity})
	}
	if from == len(s.ships) {
		return nil
	}
	return s.ships[from:len(s.ships):len(s.ships)] // what append moved away from stays good for earlier lines
}
