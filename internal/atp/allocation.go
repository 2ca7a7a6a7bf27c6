package atp

import (
	"fmt"
	"slices"
)

// Allocation is a whole book served by priority (joint): who gets what, and when. It never changes
// once made, so any number of goroutines may ask at once.
//
// Everything is exact and depends on nothing but the rows of the snapshot, whatever their sequence.
type Allocation struct {
	book   *Book
	policy Policy
	// rank is the place of each order in the sequence in which they are served.
	rank []int32
	// spoilt are the orders that have no answer because a number is out of range. They claim nothing.
	spoilt []bool
	// grants is what became of each line of the book, turns what its order met in its group, both by the line's
	// place in the book.
	grants []grant
	turns  []turn
	// shipments are what a line gets and when, as lists that begin at grants; only with Parts.
	shipments []part
	// histories are the commitments of each group.
	histories []history
}

// grant is what became of a line.
type grant struct {
	// now is what was committed now, for its set-aside part and the rest.
	now Quantity
	// on is when the whole line ships; ready when it could, were it not for the rest of its order.
	on, ready moment
	// short tells that it cannot ship now; waits that it could, but for its order.
	short, waits bool
	shipments    list
}

// turn is an order's turn in a group.
type turn struct {
	// free is free(now) when the turn began; own what is committed now for the order's reservations, in
	// as many commitments as owned.
	free, own Quantity
	owned     int32
	// before is how many commitments there were in the group when the turn began.
	before int32
}

// Allocate serves the whole book, which must hold all open orders, by priority. Its errors wrap
// ErrPriority.
func (b *Book) Allocate(policy Policy, by Priority) (*Allocation, error) {
	if err := by.Validate(); err != nil {
		return nil, err
	}
	a := &Allocation{
		book: b, policy: policy,
		rank: make([]int32, len(b.orders)), spoilt: make([]bool, len(b.orders)),
		grants: make([]grant, len(b.lines)), turns: make([]turn, len(b.lines)),
	}
	sequence := by.sequence(a.contenders(by), func(order int) OrderNumber { return b.lines[b.orders[order].first].Order })
	for place, order := range sequence {
		a.rank[order] = int32(place) //nolint:gosec // see orderAt
	}
	s := newServer(a)
	s.setAside()
	for _, order := range sequence {
		if !a.spoilt[order] {
			s.serve(order)
		}
	}
	a.histories = b.histories(s.ledger, b.params.moments())
	return a, nil
}

// Book is the book that was served.
func (a *Allocation) Book() *Book { return a.book }

// Policy is the policy it was served by.
func (a *Allocation) Policy() Policy { return a.policy }

// Rank is the place of an order in the sequence in which all are served, from 1, and of how many; or
// ErrOrderNotFound.
func (a *Allocation) Rank(n OrderNumber) (rank, of int, err error) {
	at, ok := a.book.index[n]
	if !ok {
		return 0, 0, fmt.Errorf("order %q: %w", n, ErrOrderNotFound)
	}
	return int(a.rank[at]) + 1, len(a.rank), nil
}

// contenders are the orders as their priority sees them; it finds out which are spoilt.
func (a *Allocation) contenders(by Priority) []contender {
	b := a.book
	all := make([]contender, len(b.orders))
	var asked []Quantity
	bad := b.badGroups()
	for i := range all {
		o := &b.orders[i]
		asked = slices.Grow(asked[:0], int(o.end-o.first))
		value, spoilt := b.worth(o, bad, asked)
		a.spoilt[i] = spoilt
		all[i] = contender{need: o.need(), value: value, client: len(by.Clients)}
	}
	places := by.places()
	for i := range b.snapshot.Orders {
		h := &b.snapshot.Orders[i]
		n, ok := b.index[h.Number]
		if !ok {
			continue
		}
		all[n].important, all[n].ordered = h.Important, h.Ordered
		if len(places) > 0 {
			if place, listed := places[folded(h.Client)]; listed {
				all[n].client = place
			}
		}
	}
	return all
}

// badGroups tells which groups have numbers out of range.
func (b *Book) badGroups() []bool {
	bad := make([]bool, len(b.groups))
	for i := range bad {
		bad[i] = b.groups[i].err() != nil
	}
	return bad
}

// worth is the value of an order's open lines, and whether a number of it is out of range, so that
// it has no answer. It makes the same sums as an answer does; asked is memory for them.
func (b *Book) worth(o *bookOrder, bad []bool, asked []Quantity) (value Value, spoilt bool) {
	quantity := Value(0)
	for i := o.first; i < o.end; i++ {
		l := &b.lines[i]
		cum := l.Open
		if l.earlier != none {
			cum += asked[l.earlier]
		}
		asked = append(asked, cum)
		worth, err := NewValue(l.Open, l.price())
		if err == nil {
			value, err = value.add(worth)
		}
		if err == nil {
			quantity, err = quantity.add(Value(l.Open))
		}
		if err != nil || cum < 0 || cum >= maxGross || bad[l.group] {
			return 0, true
		}
	}
	return value, false
}
