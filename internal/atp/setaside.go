package atp

import (
	"cmp"
	"slices"
	"strings"
)

// claimant is a reservation that is served before all orders.
type claimant struct {
	offset int32 // the day on which it leaves
	// place is its order's in the sequence, past the end for an order that is not in the book.
	place                     int32
	reservation, group, order int32
}

// setAside commits what is set aside and leaves within the window (joint §1, step 1).
func (s *server) setAside() {
	for _, c := range s.claimants() {
		home := s.home(c)
		rest := s.gather(commitment{group: c.group, order: c.order, reservation: c.reservation},
			s.book.snapshot.Reservations[c.reservation].Quantity,
			func(x Quantity, at moment) {
				if home == none {
					return
				}
				s.set[home].add(&s.parts, part{quantity: x, at: at})
				if at == now {
					s.turns[home].own += x
					s.turns[home].owned++
				}
			})
		if rest > 0 && home != none {
			s.set[home].add(&s.parts, part{quantity: rest, at: never})
		}
	}
}

// claimants are the reservations that leave within the window, as they are served: by ship date, then
// by their order's priority, those of other orders last, by number. Later ones have no claim of their own: those of
// orders in the book are served with their lines, and the others last of all, where they change nothing (step 3).
func (s *server) claimants() []claimant {
	b := s.book
	all := make([]claimant, 0, len(b.snapshot.Reservations))
	for i := range b.snapshot.Reservations {
		r := &b.snapshot.Reservations[i]
		offset := b.params.offset(r.Ships)
		if r.Quantity <= 0 || offset > b.params.Window {
			continue
		}
		g := b.groupOf(r.Key)
		if g == none || b.groups[g].err() != nil {
			continue
		}
		c := claimant{int32(offset), int32(len(b.orders)), int32(i), g, none} //nolint:gosec // see orderAt
		if n, ok := b.index[r.Order]; ok {
			c.order, c.place = n, s.rank[n]
		}
		all = append(all, c)
	}
	slices.SortFunc(all, s.compareClaimants)
	return all
}

// compareClaimants goes on where the rules leave off, so that the sequence of rows does not matter. Rows
// that are equal in the end can be told apart by nothing that is shown.
func (s *server) compareClaimants(x, y claimant) int {
	switch {
	case x.offset != y.offset:
		return cmp.Compare(x.offset, y.offset)
	case x.place != y.place:
		return cmp.Compare(x.place, y.place)
	}
	rx, ry := &s.book.snapshot.Reservations[x.reservation], &s.book.snapshot.Reservations[y.reservation]
	return cmp.Or(
		strings.Compare(string(rx.Order), string(ry.Order)),
		cmp.Compare(rx.Ships, ry.Ships),
		strings.Compare(rx.Lot, ry.Lot),
		cmp.Compare(rx.Quantity, ry.Quantity),
	)
}

// home is the first line of a reservation's order in its group, or none.
func (s *server) home(c claimant) int32 {
	if c.order == none {
		return none
	}
	o := &s.book.orders[c.order]
	for i := o.first; i < o.end; i++ {
		if l := &s.book.lines[i]; l.group == c.group && l.earlier == none {
			return i
		}
	}
	return none
}
