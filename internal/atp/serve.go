package atp

// server serves one order after the other.
type server struct {
	*Allocation
	wants []want
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
			t.free, t.before = s.free[l.group].at(now), s.latest[l.group]
		} else {
			earlier := o.first + l.earlier
			w.cum, t.parts = s.wants[l.earlier].cum, s.turns[earlier].parts
			t.free, t.own, t.before = s.turns[earlier].free, s.turns[earlier].own, s.turns[earlier].before
		}
		s.deal(t, &w)
		w.cum += w.rest
		s.wants = append(s.wants, w)
	}
}

// deal uses up parts of what is set aside for a line. What is left of the list is for the next one.
func (s *server) deal(t *turn, w *want) {
	g := &s.grants[w.line]
	for w.rest > 0 && t.parts.first != 0 {
		p := &s.parts[t.parts.first-1]
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
			if t.parts.first = p.next; p.next == 0 {
				t.parts.last = 0
			}
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
	s.commit(w.group, commitment{quantity: w.rest, order: order, reservation: none, at: at})
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
			at = s.free[w.group].earliest(from, w.rest)
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
		for m := now; w.rest > 0; {
			x := s.next(w.group, &m, w.rest)
			if m == never {
				g.on = never
				break
			}
			s.commit(w.group, commitment{quantity: x, order: order, reservation: none, at: m})
			g.shipments.add(&s.shipments, part{quantity: x, at: m})
			if m == now {
				g.now += x
			}
			g.on = latest(g.on, m)
			w.rest -= x
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
		g.ready = latest(w.set, s.free[w.group].earliest(now, w.cum))
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
