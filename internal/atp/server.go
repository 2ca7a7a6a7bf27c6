package atp

// server serves one order after the other.
type server struct {
	*Allocation

	// free are the balances of all groups, one after the other.
	free []Quantity
	// ledger is every commitment in the sequence in which they are made, taken how many each group has.
	ledger []commitment
	taken  []int32
	// set is what was set aside for an order in a group, at the order's first line there and then at the
	// line that it is dealt to next: lists of parts.
	set   []list
	parts []part
	wants []want
}

// list is a list of parts, in sequence; its zero value is empty.
type list struct{ first, last int32 } // places in the slice, plus one

// part is a quantity committed at a moment, or never.
type part struct {
	quantity Quantity
	next     int32 // its place, plus one
	at       moment
}

// add puts a part at the end of a list within all.
func (l *list) add(all *[]part, p part) {
	*all = append(*all, p)
	end := int32(len(*all)) //nolint:gosec // fewer than a snapshot's rows times P+2
	if l.first == 0 {
		l.first = end
	} else {
		(*all)[l.last-1].next = end
	}
	l.last = end
}

// newServer begins each group's balance with what supply alone makes it.
func newServer(a *Allocation) *server {
	b := a.book
	moments := b.params.moments()
	s := &server{
		Allocation: a, free: make([]Quantity, len(b.groups)*moments), taken: make([]int32, len(b.groups)),
		ledger: make([]commitment, 0, len(b.lines)+len(b.snapshot.Reservations)), set: make([]list, len(b.lines)),
		parts: make([]part, 0, len(b.snapshot.Reservations)),
	}
	for i := range b.snapshot.Receipts {
		r := &b.snapshot.Receipts[i]
		g := b.groupOf(r.Key)
		if g == none || !r.counts() || r.Arrives < b.params.Today || b.groups[g].err() != nil {
			continue
		}
		if ready := b.params.until(r.Arrives) + b.params.Lead; ready <= b.params.Promise {
			s.balance(g)[ready+1] += r.Quantity
		}
	}
	for g := range b.groups {
		free := s.balance(int32(g))
		free[now] = b.groups[g].onHand
		for m := 1; m < moments; m++ {
			free[m] += free[m-1]
		}
	}
	return s
}

// balance is the balance of a group.
func (s *server) balance(group int32) balance {
	moments := s.book.params.moments()
	from := int(group) * moments
	return s.free[from : from+moments : from+moments]
}

// commit takes a quantity of a group and writes it down.
func (s *server) commit(c commitment) {
	s.balance(c.group).commit(c.at, c.quantity)
	s.taken[c.group]++
	s.ledger = append(s.ledger, c)
}

// gather takes of a claim what there is, as it comes, tells of each part, and returns what nothing covers.
func (s *server) gather(c commitment, claim Quantity, each func(x Quantity, at moment)) Quantity {
	free := s.balance(c.group)
	for claim > 0 {
		if c.at = free.earliest(c.at, 1); c.at == never {
			break
		}
		c.quantity = min(claim, free.at(c.at))
		claim -= c.quantity
		s.commit(c)
		each(c.quantity, c.at)
	}
	return claim
}
