package atp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Allocation is a whole book served by priority (joint): who gets what, and when. It never changes
// once made, so any number of goroutines may ask at once.
//
// Everything is exact and depends on nothing but the rows of the snapshot, whatever their sequence.
type Allocation struct {
	book   *Book
	policy Policy
	// sequence is the orders as they are served, rank the place of each in it.
	sequence, rank []int32
	contenders     []contender
	// spoilt are the orders that have no answer because a number is out of range. They claim nothing.
	spoilt []bool
	// grants is what became of each line of the book, by its place there.
	grants []grant
	// turns is the turn of each order in each group, at the place of the order's first line there.
	turns []turn
	// parts are what was set aside for the lines, as lists that begin at turns.
	parts []part
	// shipments are what a line gets and when, as lists that begin at grants; only with Parts.
	shipments []part
	// ledger is every commitment in the sequence in which they were made, those of one group as a
	// list that goes backwards.
	ledger []commitment
	// latest is the last commitment of each group, or none.
	latest []int32
	// free is the balance of each group.
	free []balance
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
	// free is free(now) when the turn began; own what is committed now for the order's reservations.
	free, own Quantity
	// before is the last commitment in the group when the turn began, or none.
	before int32
	parts  list
}

// list is a list of parts, in sequence; its zero value is empty.
type list struct{ first, last int32 } // places in the slice, plus one

// part is a quantity committed at a moment, or never.
type part struct {
	quantity Quantity
	next     int32 // its place, plus one
	at       moment
}

// commitment is what an order or a reservation took.
type commitment struct {
	quantity Quantity
	// previous is the one before it in the group, or none.
	previous int32
	// order is the order it serves, none when that is not in the book; reservation is the row that
	// it was set aside by, none when it serves a line.
	order, reservation int32
	at                 moment
}

// Allocate serves the whole book, which must hold all open orders, by priority. Its errors wrap
// ErrPriority.
func (b *Book) Allocate(policy Policy, by Priority) (*Allocation, error) {
	if err := by.Validate(); err != nil {
		return nil, err
	}
	a := &Allocation{
		book: b, policy: policy,
		grants: make([]grant, len(b.lines)), turns: make([]turn, len(b.lines)),
		latest: make([]int32, len(b.groups)),
	}
	for i := range a.latest {
		a.latest[i] = none
	}
	a.supply()
	a.contend(by)
	a.setAside()
	a.serve()
	return a, nil
}

// Book is the book that was served.
func (a *Allocation) Book() *Book { return a.book }

// Policy is the policy it was served by.
func (a *Allocation) Policy() Policy { return a.policy }

// supply begins each group's balance with what supply alone makes it.
func (a *Allocation) supply() {
	b := a.book
	days := b.params.Promise + 1
	receipts := make([]Quantity, len(b.groups)*days)
	for i := range b.snapshot.Receipts {
		r := &b.snapshot.Receipts[i]
		g := b.groupOf(r.Key)
		if g == none || !r.counts() || r.Arrives < b.params.Today || b.groups[g].err() != nil {
			continue
		}
		if ready := b.params.until(r.Arrives) + b.params.Lead; ready < days {
			receipts[int(g)*days+ready] += r.Quantity
		}
	}
	a.free = make([]balance, len(b.groups))
	all := make([]Quantity, len(b.groups)*(days+1))
	for i := range a.free {
		a.free[i], all = all[:days+1:days+1], all[days+1:]
		newBalance(a.free[i], b.groups[i].onHand, receipts[i*days:(i+1)*days])
	}
}

// contend puts the orders in the sequence in which they are served.
func (a *Allocation) contend(by Priority) {
	b := a.book
	a.contenders = make([]contender, len(b.orders))
	a.spoilt = make([]bool, len(b.orders))
	var asked []Quantity
	for i := range b.orders {
		c := &a.contenders[i]
		c.need, c.client = b.orders[i].need(), len(by.Clients)
		c.number = b.lines[b.orders[i].first].Order
		asked = slices.Grow(asked[:0], int(b.orders[i].end-b.orders[i].first))
		c.value, a.spoilt[i] = b.worth(&b.orders[i], asked)
	}
	places := by.places()
	for i := range b.snapshot.Orders {
		h := &b.snapshot.Orders[i]
		n, ok := b.index[h.Number]
		if !ok {
			continue
		}
		c := &a.contenders[n]
		c.important, c.ordered = h.Important, h.Ordered
		if place, listed := places[folded(h.Client)]; listed {
			c.client = place
		}
	}
	a.sequence = by.ranked(a.contenders)
	a.rank = make([]int32, len(a.sequence))
	for place, order := range a.sequence {
		a.rank[order] = int32(place) //nolint:gosec // see orderAt
	}
}

// worth is the value of an order's open lines, and whether a number of it is out of range, so that
// it has no answer. It makes the same sums as an answer does; asked is memory for them.
func (b *Book) worth(o *bookOrder, asked []Quantity) (value Value, spoilt bool) {
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
		if err != nil || cum < 0 || cum >= maxGross || b.groups[l.group].err() != nil {
			return 0, true
		}
	}
	return value, false
}

// commit takes x of a group and writes it down.
func (a *Allocation) commit(group int32, c commitment) {
	a.free[group].commit(c.at, c.quantity)
	c.previous = a.latest[group]
	a.latest[group] = int32(len(a.ledger)) //nolint:gosec // fewer than a snapshot's rows times P+2
	a.ledger = append(a.ledger, c)
}

// add puts a part at the end of a list within all.
func (l *list) add(all *[]part, p part) {
	*all = append(*all, p)
	end := int32(len(*all)) //nolint:gosec // see commit
	if l.first == 0 {
		l.first = end
	} else {
		(*all)[l.last-1].next = end
	}
	l.last = end
}

// claimant is a reservation that is served before all orders.
type claimant struct {
	reservation, group, order int32
	offset                    int32 // the day on which it leaves
}

// setAside commits what is set aside and leaves within the window (joint §1, step 1).
func (a *Allocation) setAside() {
	for _, c := range a.claimants() {
		rest := a.book.snapshot.Reservations[c.reservation].Quantity
		home := a.home(c)
		for m := now; rest > 0; {
			x := a.next(c.group, &m, rest)
			if m == never {
				break
			}
			rest -= x
			a.commit(c.group, commitment{quantity: x, order: c.order, reservation: c.reservation, at: m})
			if home == nil {
				continue
			}
			home.parts.add(&a.parts, part{quantity: x, at: m})
			if m == now {
				home.own += x
			}
		}
		if rest > 0 && home != nil {
			home.parts.add(&a.parts, part{quantity: rest, at: never})
		}
	}
}

// next is how much of a claim can be taken at the first moment from m on at which anything is free; m
// becomes that moment, or never.
func (a *Allocation) next(group int32, m *moment, claim Quantity) Quantity {
	*m = a.free[group].earliest(*m, 1)
	if *m == never {
		return 0
	}
	return min(claim, a.free[group].at(*m))
}

// claimants are the reservations that leave within the window, as they are served: by ship date, then
// by their order's priority, those of other orders last, by number.
func (a *Allocation) claimants() []claimant {
	b := a.book
	all := make([]claimant, 0, len(b.snapshot.Reservations))
	for i := range b.snapshot.Reservations {
		r := &b.snapshot.Reservations[i]
		g := b.groupOf(r.Key)
		if r.Quantity <= 0 || g == none || b.groups[g].err() != nil {
			continue
		}
		offset := b.params.offset(r.Ships)
		if offset > b.params.Window {
			continue // served with its order's lines
		}
		c := claimant{reservation: int32(i), group: g, order: none, offset: int32(offset)} //nolint:gosec // see orderAt
		if n, ok := b.index[r.Order]; ok {
			c.order = n
		}
		all = append(all, c)
	}
	slices.SortFunc(all, a.compareClaimants)
	return all
}

func (a *Allocation) compareClaimants(x, y claimant) int {
	if order := cmp.Compare(x.offset, y.offset); order != 0 {
		return order
	}
	if x.order != none && y.order != none && x.order != y.order {
		return cmp.Compare(a.rank[x.order], a.rank[y.order])
	}
	if order := falseFirst(x.order == none, y.order == none); order != 0 {
		return order
	}
	rx, ry := &a.book.snapshot.Reservations[x.reservation], &a.book.snapshot.Reservations[y.reservation]
	return cmp.Or(
		strings.Compare(string(rx.Order), string(ry.Order)),
		cmp.Compare(rx.Ships, ry.Ships),
		strings.Compare(rx.Lot, ry.Lot),
		cmp.Compare(rx.Quantity, ry.Quantity), // rows that are still equal can be told apart by nothing that is shown
	)
}

// home is the turn of a reservation's order in its group, or nil when the order has no line there.
func (a *Allocation) home(c claimant) *turn {
	if c.order == none {
		return nil
	}
	o := &a.book.orders[c.order]
	for i := o.first; i < o.end; i++ {
		if l := &a.book.lines[i]; l.group == c.group && l.earlier == none {
			return &a.turns[i]
		}
	}
	return nil
}

// serve serves the orders, by priority (joint §1, step 2).
func (a *Allocation) serve() {
	a.ledger = slices.Grow(a.ledger, len(a.book.lines))
	s := &server{Allocation: a}
	for _, order := range a.sequence {
		if !a.spoilt[order] {
			s.serve(order)
		}
	}
}

// Rank is the place of an order in the sequence in which all are served, from 1, and of how many; or
// ErrOrderNotFound.
func (a *Allocation) Rank(n OrderNumber) (rank, of int, err error) {
	at, ok := a.book.index[n]
	if !ok {
		return 0, 0, fmt.Errorf("order %q: %w", n, ErrOrderNotFound)
	}
	return int(a.rank[at]) + 1, len(a.sequence), nil
}
