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
		free := s.balance(int32(g)) //nolint:gosec // see orderAt
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

// want is what a line asks for at its turn.
type want struct {
	line, group int32
	// set is when all of the line's set-aside part is there: now if it has none, or never.
	set moment
	// rest is the part of the line that is not set aside, cum all rests of the group up to it.
	rest, cum Quantity
	// parts is what was set aside of it; only with Parts.
	parts list
}

// serve gives an order what it can get.
func (s *server) serve(order int32) {
	s.begin(order)
	switch s.policy {
	case WholeLines:
		s.byLine(order)
	case Parts:
		s.byPart(order)
	case WholeOrders:
		s.together(order)
	}
}

// begin begins an order's turn in each of its groups: it writes down what is free, and deals what is
// set aside to the lines, the first lines first (joint §1, step 2).
func (s *server) begin(order int32) {
	o := &s.book.orders[order]
	s.wants = s.wants[:0]
	for i := o.first; i < o.end; i++ {
		l := &s.book.lines[i]
		w := want{line: i, group: l.group, rest: l.Open}
		t := &s.turns[i]
		if l.earlier == none {
			t.free, t.before = s.balance(l.group).at(now), s.taken[l.group]
		} else {
			earlier := o.first + l.earlier
			*t, s.set[i], w.cum = s.turns[earlier], s.set[earlier], s.wants[l.earlier].cum
		}
		s.deal(&s.set[i], &w)
		w.cum += w.rest
		s.wants = append(s.wants, w)
	}
}

// deal uses up parts of what is set aside for a line. What is left of the list is for the next one.
func (s *server) deal(set *list, w *want) {
	g := &s.grants[w.line]
	for w.rest > 0 && set.first != 0 {
		p := &s.parts[set.first-1]
		x := min(p.quantity, w.rest)
		w.rest -= x
		if p.at == now {
			g.now += x
		}
		w.set = latest(w.set, p.at)
		if s.policy == Parts {
			w.parts.add(&s.shipments, part{quantity: x, at: p.at})
		}
		if p.quantity -= x; p.quantity == 0 {
			set.first = p.next
		}
	}
}

// latest is the later of two moments; never is later than all others.
func latest(a, b moment) moment {
	if a == never || b == never {
		return never
	}
	return max(a, b)
}

// take commits the rest of a line at a moment.
func (s *server) take(order int32, w *want, at moment) {
	if w.rest == 0 {
		return
	}
	s.commit(commitment{quantity: w.rest, group: w.group, order: order, reservation: none, at: at})
	if at == now {
		s.grants[w.line].now += w.rest
	}
}

// byLine serves whole lines. Each is held against what was free when the turn began, less what the
// order's lines before it ask for. Since those have been committed at the same moment or an earlier one, that is
// what is free now from that moment on; before it there is not enough for them, and so neither for more.
func (s *server) byLine(order int32) {
	for i := range s.wants {
		w := &s.wants[i]
		g := &s.grants[w.line]
		from, blocked := s.reached(order, w)
		at := never
		if !blocked {
			at = s.balance(w.group).earliest(from, w.rest)
		}
		g.on = latest(w.set, at)
		g.ready, g.short = g.on, g.on != now
		if g.on != never {
			s.take(order, w, at)
		}
	}
}

// reached is the moment for which the line before, of the same group, was committed, or blocked when it
// had none: then nothing more is committed there.
func (s *server) reached(order int32, w *want) (from moment, blocked bool) {
	earlier := s.book.lines[w.line].earlier
	if earlier == none {
		return now, false
	}
	was := &s.grants[s.book.orders[order].first+earlier]
	return max(was.on, now), was.on == never
}

// byPart serves of each line what there is, and the rest as it comes (joint §2, parcial).
func (s *server) byPart(order int32) {
	for i := range s.wants {
		w := &s.wants[i]
		g := &s.grants[w.line]
		g.on, g.shipments = w.set, w.parts
		rest := s.gather(commitment{group: w.group, order: order, reservation: none}, w.rest, func(x Quantity, at moment) {
			g.shipments.add(&s.shipments, part{quantity: x, at: at})
			if at == now {
				g.now += x
			}
			g.on = latest(g.on, at)
		})
		if rest > 0 {
			g.on = never
		}
		g.ready, g.short = g.on, g.on != now
	}
}

// together serves all lines of an order at one common moment, or none (joint §2, pedido).
func (s *server) together(order int32) {
	common := now
	for i := range s.wants {
		w := &s.wants[i]
		g := &s.grants[w.line]
		g.ready = latest(w.set, s.balance(w.group).earliest(now, w.cum))
		g.short = g.ready != now
		// A balance never falls, so what suits one group now suits it later too; and the last line
		// of a group asks for all of it.
		common = latest(common, g.ready)
	}
	for i := range s.wants {
		w := &s.wants[i]
		g := &s.grants[w.line]
		g.on = common
		g.waits = !g.short && common != now
		if common != never {
			s.take(order, w, common)
		}
	}
}
