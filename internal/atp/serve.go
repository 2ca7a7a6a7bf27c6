package atp

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
// set aside to the lines, the first lines first (calculation §6).
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
		at := s.reached(order, w)
		if at != never {
			at = s.balance(w.group).earliest(at, w.rest)
		}
		g.on = latest(w.set, at)
		g.ready, g.short = g.on, g.on != now
		if g.on != never {
			s.take(order, w, at)
		}
	}
}

// reached is the moment for which the line before, of the same group, was committed; never when it had
// none, for then nothing more is committed there.
func (s *server) reached(order int32, w *want) moment {
	earlier := s.book.lines[w.line].earlier
	if earlier == none {
		return now
	}
	return s.grants[s.book.orders[order].first+earlier].on
}

// byPart serves of each line what there is, and the rest as it comes (calculation §7, parcial).
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

// together serves all lines of an order at one common moment, or none (calculation §7, pedido).
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
