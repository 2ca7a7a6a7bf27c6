package atp

import (
	"cmp"
	"strings"
)

// commitment is what an order or a reservation took of a group.
type commitment struct {
	quantity Quantity
	// held is what the same order had been given of the group by then, this included. An order's commitments
	// never go back in time, so the largest up to a moment tells who holds most by then.
	held  Quantity
	group int32
	// order is the order it serves, none when that is not in the book; reservation is the row that
	// it was set aside by, none when it serves a line.
	order, reservation int32
	at                 moment
}

// history is what was committed of a group, in sequence. Explanations and causes ask it who took how
// much before a certain turn, which for a product that is in every order must not mean going through all of
// them.
type history struct {
	all []commitment
	// marks[i] is what the first (i+1)×markEvery commitments come to, those of each moment by themselves; empty
	// where there are few.
	marks [][]tally
}

// markEvery is how many commitments there are between marks.
const markEvery = 512

// tally is what some commitments come to.
type tally struct {
	sum   Quantity
	count int32
	// largest are the places of the largest ones, in sequence, listed of them.
	largest [MaxClaims]int32
	listed  int32
	// most are the places, plus one, of the last commitments of the two orders that hold most.
	most [2]int32
}

// histories puts commitments together by group, in sequence, for times of so many moments.
func (b *Book) histories(flat []commitment, moments int) []history {
	end := make([]int32, len(b.groups))
	for i := range flat {
		end[flat[i].group]++
	}
	sorted := make([]commitment, len(flat))
	all := make([]history, len(b.groups))
	at := int32(0)
	for g, n := range end {
		all[g].all = sorted[at : at+n : at+n]
		end[g], at = at, at+n
	}
	for i := range flat {
		g := flat[i].group
		sorted[end[g]] = flat[i]
		end[g]++
	}
	held := make([]Quantity, len(b.orders))
	for g := range all {
		b.hold(all[g].all, held)
		all[g].mark(b, moments)
	}
	return all
}

// hold adds up what each order holds. by is memory for it, all zero, and is again in the end.
func (b *Book) hold(all []commitment, by []Quantity) {
	var outside map[OrderNumber]Quantity
	for i := range all {
		c := &all[i]
		if c.order != none {
			by[c.order] += c.quantity
			c.held = by[c.order]
			continue
		}
		if outside == nil {
			outside = make(map[OrderNumber]Quantity)
		}
		c.held = outside[b.holder(c)] + c.quantity
		outside[b.holder(c)] = c.held
	}
	for i := range all {
		if c := &all[i]; c.order != none {
			by[c.order] = 0
		}
	}
}

// mark makes the marks of a long history.
func (h *history) mark(b *Book, moments int) {
	if len(h.all) < 2*markEvery {
		return
	}
	now := make([]tally, moments)
	for i := range h.all {
		h.add(b, &now[h.all[i].at], int32(i)) //nolint:gosec // see orderAt
		if (i+1)%markEvery == 0 {
			h.marks = append(h.marks, append([]tally(nil), now...))
		}
	}
}

// sums adds to each moment what the first n commitments took at it.
func (h *history) sums(n int32, by []Quantity) {
	marks := min(n/markEvery, int32(len(h.marks))) //nolint:gosec // see orderAt
	if marks > 0 {
		for m := range by {
			by[m] += h.marks[marks-1][m].sum
		}
	}
	for _, c := range h.all[marks*markEvery : n] {
		by[c.at] += c.quantity
	}
}

// until is what the first n commitments come to, those up to a moment.
func (h *history) until(b *Book, n int32, at moment) (t tally) {
	marks := min(n/markEvery, int32(len(h.marks))) //nolint:gosec // see orderAt
	if marks > 0 {
		for m := range h.marks[marks-1][:at+1] {
			h.merge(b, &t, &h.marks[marks-1][m])
		}
	}
	for i := marks * markEvery; i < n; i++ {
		if h.all[i].at <= at {
			h.add(b, &t, i)
		}
	}
	return t
}

// untilWithout is until, one by one, without those of one order.
func (h *history) untilWithout(b *Book, n int32, at moment, order int32) (t tally) {
	for i := range n {
		if c := &h.all[i]; c.at <= at && c.order != order {
			h.add(b, &t, i)
		}
	}
	return t
}

// lists reports whether any of the largest is an order's.
func (h *history) lists(t *tally, order int32) bool {
	for _, place := range t.largest[:t.listed] {
		if h.all[place].order == order {
			return true
		}
	}
	return false
}

// add counts one more.
func (h *history) add(b *Book, t *tally, place int32) {
	t.sum += h.all[place].quantity
	t.count++
	h.list(b, t, place)
	h.lead(b, t, place)
}

// merge counts those of another tally.
func (h *history) merge(b *Book, t, other *tally) {
	t.sum += other.sum
	t.count += other.count
	for _, place := range other.largest[:other.listed] {
		if !h.list(b, t, place) {
			break // nor are the others, which are smaller
		}
	}
	for _, place := range other.most {
		if place != 0 {
			h.lead(b, t, place-1)
		}
	}
}

// list puts a commitment among the largest, if it is one of them.
func (h *history) list(b *Book, t *tally, place int32) bool {
	c := &h.all[place]
	i := t.listed
	if i == MaxClaims {
		if i--; b.compareClaims(c, &h.all[t.largest[i]]) >= 0 {
			return false
		}
	} else {
		t.listed++
	}
	for ; i > 0 && b.compareClaims(c, &h.all[t.largest[i-1]]) < 0; i-- {
		t.largest[i] = t.largest[i-1]
	}
	t.largest[i] = place
	return true
}

// lead looks whether a commitment's order is now one of the two that hold most.
func (h *history) lead(b *Book, t *tally, place int32) {
	c, first, second := &h.all[place], t.most[0], t.most[1]
	switch {
	case first == 0 || b.holdsMore(c, &h.all[first-1]):
		if first != 0 && !b.sameHolder(c, &h.all[first-1]) {
			t.most[1] = first
		}
		t.most[0] = place + 1
	case b.sameHolder(c, &h.all[first-1]):
	case second == 0 || b.holdsMore(c, &h.all[second-1]):
		t.most[1] = place + 1
	}
}

// holdsMore reports whether x is of the order that holds more; of equals, of the one with the lesser number.
func (b *Book) holdsMore(x, y *commitment) bool {
	if x.held != y.held {
		return x.held > y.held
	}
	return b.holder(x) < b.holder(y)
}

func (b *Book) sameHolder(x, y *commitment) bool {
	return x.order == y.order && (x.order != none || b.holder(x) == b.holder(y))
}

// compareClaims puts the largest first, then the earliest, then goes by order and lot.
func (b *Book) compareClaims(x, y *commitment) int {
	switch {
	case x.quantity != y.quantity:
		return cmp.Compare(y.quantity, x.quantity)
	case x.at != y.at:
		return cmp.Compare(x.at, y.at)
	}
	return cmp.Or(
		strings.Compare(string(b.holder(x)), string(b.holder(y))),
		strings.Compare(b.lot(x), b.lot(y)),
		falseFirst(x.reservation != none, y.reservation != none),
	)
}

// holder is the order that a commitment is for.
func (b *Book) holder(c *commitment) OrderNumber {
	if c.order != none {
		return b.lines[b.orders[c.order].first].Order
	}
	return b.snapshot.Reservations[c.reservation].Order
}

func (b *Book) lot(c *commitment) string {
	if c.reservation == none {
		return ""
	}
	return b.snapshot.Reservations[c.reservation].Lot
}
