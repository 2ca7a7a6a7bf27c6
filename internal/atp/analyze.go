package atp

import "fmt"

// Scratch is memory for analysing one order after the other, for one goroutine. The zero Scratch
// is ready to use.
type Scratch struct {
	lines  []LineResult
	claims []claim
	days   []Quantity
	ships  []Shipment
}

// Analyze answers for one order alone (calculation §3). Its errors are ErrOrderNotFound and
// ErrOverflow, both about this order only.
func (b *Book) Analyze(n OrderNumber) (Result, error) { return b.AnalyzeWith(new(Scratch), n) }

// AnalyzeWith is [Book.Analyze] in memory that is used again: the result's lines are good until the
// next call with the same Scratch.
func (b *Book) AnalyzeWith(s *Scratch, n OrderNumber) (Result, error) {
	at, ok := b.index[n]
	if !ok {
		return Result{}, fmt.Errorf("order %q: %w", n, ErrOrderNotFound)
	}
	o := &b.orders[at]
	s.reset(int(o.end - o.first))
	r := Result{Order: n, Lines: s.lines}
	if err := b.serve(s, o); err != nil {
		return Result{}, fmt.Errorf("order %q: %w", n, err)
	}
	if err := r.total(b.params.Criticality); err != nil {
		return Result{}, fmt.Errorf("order %q: %w", n, err)
	}
	r.judge(o.need(), b.params.Today)
	return r, nil
}

// reset makes room for the lines of an order.
func (s *Scratch) reset(lines int) {
	if cap(s.lines) < lines {
		s.lines, s.claims = make([]LineResult, lines), make([]claim, lines)
	}
	s.lines, s.claims, s.days = s.lines[:lines], s.claims[:lines], s.days[:0]
	s.ships = s.ships[:0]
	clear(s.claims)
}

// copyOf is a copy of a group's days, to be changed.
func (s *Scratch) copyOf(days []Quantity) []Quantity {
	from := len(s.days)
	s.days = append(s.days, days...) // what it moved away from stays good for earlier copies
	return s.days[from:len(s.days):len(s.days)]
}

// need is the order's need date: its earliest ship date that is not stale, else the date that was
// asked for.
func (o *bookOrder) need() Day {
	if o.earliest.Known() {
		return o.earliest
	}
	return o.requested
}

// claim is what the lines of an order have asked of one group so far.
type claim struct {
	view  view
	total Quantity
}

// serve answers for each line, the lines of one group adding up.
func (b *Book) serve(s *Scratch, o *bookOrder) error {
	for i := range s.lines {
		l := &b.lines[int(o.first)+i]
		g := &b.groups[l.group]
		if err := g.err(); err != nil {
			return err
		}
		c := &s.claims[i]
		if l.earlier == none {
			c.view = b.viewOf(s, l.group, o)
		} else {
			*c = s.claims[l.earlier]
		}
		before := c.total
		if c.total += l.Open; c.total < 0 || c.total >= maxGross { // below zero when it wrapped
			return fmt.Errorf("open quantities: %w", ErrOverflow)
		}
		if err := s.lines[i].answer(l.Line, g, c, before, b.params.Today); err != nil {
			return err
		}
	}
	return nil
}

// viewOf is what an order sees of a group: its own reservations do not compete with it
// (calculation §2).
func (b *Book) viewOf(s *Scratch, group int32, o *bookOrder) view {
	g := &b.groups[group]
	var delta []Quantity // a copy, made when there is anything to leave out
	for i := o.own; i != none; i = b.own[i].next {
		if b.own[i].group != group {
			continue
		}
		if delta == nil {
			delta = s.copyOf(g.delta)
		}
		delta[b.own[i].offset] += b.own[i].quantity
	}
	if delta == nil {
		return g.view
	}
	return look(g.onHand, delta, b.params.width())
}

// answer fills in one line; before is what earlier lines of the order claimed in the group.
func (r *LineResult) answer(l *Line, g *group, c *claim, before Quantity, today Day) error {
	value, err := NewValue(l.Open, l.price())
	if err != nil {
		return err
	}
	*r = LineResult{
		Line: l, OnHand: g.onHand, Lowest: c.view.lowest, Next: g.next, Overdue: g.overdue, Value: value,
		Shippable:   min(max(c.view.lowest-before, 0), l.Open),
		AvailableOn: promiseNow(),
	}
	r.Shortage = l.Open - r.Shippable
	if r.Short = c.total > c.view.lowest; r.Short {
		r.AvailableOn = Promise{}
		if t, ok := c.view.promise(c.total); ok {
			r.AvailableOn = promiseOn(today + Day(t)) //nolint:gosec // t ≤ P ≤ 365
		}
	}
	return nil
}

// price is the line's price as it counts: a missing or negative one is zero.
func (l *Line) price() Money {
	if !l.Priced {
		return 0
	}
	return max(l.Price, 0)
}

// total adds up the order and rates it.
func (r *Result) total(limits Thresholds) error {
	byValue, byQuantity := sums{}, sums{}
	for i := range r.Lines {
		l := &r.Lines[i]
		servable, err := NewValue(l.Shippable, l.price())
		if err == nil {
			err = byValue.add(l.Value, servable, l.Short)
		}
		if err == nil {
			err = byQuantity.add(Value(l.Open), Value(l.Shippable), l.Short)
		}
		if err != nil {
			return err
		}
		if l.Short {
			r.Short++
		}
	}
	r.Available = len(r.Lines) - r.Short
	r.Value, r.ShortValue, r.AvailableValue = byValue.all, byValue.short, byValue.all-byValue.short
	weights := byValue
	if weights.all == 0 {
		weights = byQuantity
	}
	r.rate(weights, byQuantity.servable == 0, limits)
	return nil
}

// rate turns exact sums into percentages and criticality.
func (r *Result) rate(w sums, nothing bool, limits Thresholds) {
	all, noneOfThem := r.Short == 0, r.Available == 0
	short := ratioOf(w.short, w.all)
	r.PercentShort = short.percent2()
	r.PercentAvailable = short.rest().percent0(noneOfThem, all)
	r.PercentServable = ratioOf(w.servable, w.all).percent0(nothing, all)
	r.PercentLines = ratioOf(Value(r.Available), Value(len(r.Lines))).percent0(noneOfThem, all)
	r.Criticality = limits.of(r.Short, short)
}

// sums weighs the lines of an order by value, or by quantity where there is no value.
type sums struct{ all, short, servable Value }

func (s *sums) add(weight, servable Value, short bool) (err error) {
	if s.all, err = s.all.add(weight); err != nil {
		return fmt.Errorf("order total: %w", err)
	}
	s.servable += servable // at most all, so it fits
	if short {
		s.short += weight
	}
	return nil
}

// judge sets the dates: when the order can ship whole, and whether that is in time.
func (r *Result) judge(need, today Day) {
	r.Whole = promiseNow()
	for i := range r.Lines {
		r.Whole = r.Whole.later(r.Lines[i].AvailableOn)
	}
	r.Need = need
	switch on := r.Whole.on(today); {
	case !need.Known():
		r.Punctuality = NoNeed
	case !r.Whole.InSight():
		r.Punctuality = Late
	case on > need:
		r.Punctuality, r.DaysLate = Late, int(on-need)
	default:
		r.Punctuality = OnTime
	}
}
