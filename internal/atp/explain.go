package atp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// MaxClaims is how many claims an explanation lists; the others are summed up.
const MaxClaims = 20

// Explanation tells why a line is short (joint §3): the balance of its group, at the line's turn, up to the
// day on which the least is free. It adds up exactly:
//
//	OnHand − Σ Claims − MoreQuantity + Σ Inflows = Available
//	Missing = Needed + Before − Available, at least 0
//
// What is set aside for the order itself does not count among the claims: it is there for the line.
type Explanation struct {
	// Critical is the critical day: where the least is free, the first of equals; now is what is on
	// hand, which comes before today.
	Critical Promise
	OnHand   Quantity
	// Claims are what others take up to the critical day, the largest first, then by date, order
	// and lot, at most MaxClaims of them.
	Claims []Claim
	// MoreClaims counts the others, MoreQuantity sums them up.
	MoreClaims   int
	MoreQuantity Quantity
	// Inflows are the receipts that can ship by the critical day, by date, those of one day summed.
	Inflows []Inflow
	// Available is what is left on the critical day; it may be below zero.
	Available Quantity
	// Before is what the order's earlier lines of the group ask for, Needed the line itself.
	Before, Needed Quantity
	// Missing is what is missing to serve the line.
	Missing Quantity
	// Resolved is when the line can ship whole, and By the receipt that brings about the last of
	// it; both are zero when that is not in sight.
	Resolved Promise
	By       Inflow
}

// Claim is something that takes stock before a line.
type Claim struct {
	// Reserved tells stock that is set aside from stock that an order's lines were given.
	Reserved bool
	Order    OrderNumber
	Client   string // empty if not known
	Lot      string // of the reservation
	// On is when it leaves: the ship date, today when that has passed or is missing; when all
	// compete, when it was committed for.
	On       Promise
	Quantity Quantity
}

// Inflow is what arrives on a day, and the day from which it can ship.
type Inflow struct {
	Arrives, Ready Day
	Quantity       Quantity
}

// Explain tells why each short line of an order is short, when it is looked at alone: one
// explanation for each line, nil for those that are available. r is the order's answer from this book.
func (b *Book) Explain(r *Result) ([]*Explanation, error) {
	return b.explain(r, func(l *LineResult, line, order int32) ledgerSheet {
		sheet := b.sheetAlone(b.lines[line].group, order)
		sheet.ready = l.AvailableOn
		return sheet
	})
}

// Explain tells why each short line of an order is short, when all compete: see [Book.Explain].
func (a *Allocation) Explain(r *Result) ([]*Explanation, error) {
	return a.book.explain(r, func(_ *LineResult, line, order int32) ledgerSheet { return a.sheet(line, order) })
}

// explain explains every short line from its sheet.
func (b *Book) explain(r *Result, sheetOf func(l *LineResult, line, order int32) ledgerSheet) ([]*Explanation, error) {
	at, ok := b.index[r.Order]
	if !ok {
		return nil, fmt.Errorf("order %q: %w", r.Order, ErrOrderNotFound)
	}
	o := &b.orders[at]
	all := make([]*Explanation, len(r.Lines))
	for i := range r.Lines {
		if !r.Lines[i].Short {
			continue
		}
		line := o.first + int32(i) //nolint:gosec // see orderAt
		sheet := sheetOf(&r.Lines[i], line, at)
		e := sheet.explain(b)
		e.Before, e.Needed = b.earlierOpen(o, int32(i)), r.Lines[i].Open //nolint:gosec // see orderAt
		e.Missing = max(e.Needed+e.Before-e.Available, 0)
		if e.Resolved = r.Lines[i].AvailableOn; e.Resolved.InSight() {
			e.By = sheet.last(b)
		}
		all[i] = e
	}
	return all, nil
}

// earlierOpen is what the lines of an order before one, in its group, ask for.
func (b *Book) earlierOpen(o *bookOrder, line int32) (sum Quantity) {
	for i := b.lines[o.first+line].earlier; i != none; i = b.lines[o.first+i].earlier {
		sum += b.lines[o.first+i].Open
	}
	return sum
}

// last is the receipt that makes the line ready. A balance rises by receipts alone, so it is the last that
// can ship by then.
func (s *ledgerSheet) last(b *Book) (in Inflow) {
	if all := b.inflows(s.group, b.params.until(s.ready.on(b.params.Today))); len(all) > 0 {
		in = all[len(all)-1]
	}
	return in
}

// inflows are the receipts of a group that can ship by D+until, by date, those of one day summed.
func (b *Book) inflows(group int32, until int) []Inflow {
	var all []Inflow
	for _, i := range b.rows().receipts.of(group) {
		r := &b.snapshot.Receipts[i]
		if b.params.until(r.Arrives)+b.params.Lead <= until {
			all = append(all, Inflow{r.Arrives, r.Arrives + Day(b.params.Lead), r.Quantity}) //nolint:gosec // ≤ MaxLead
		}
	}
	slices.SortFunc(all, func(x, y Inflow) int { return cmp.Compare(x.Arrives, y.Arrives) })
	summed := all[:0]
	for _, in := range all {
		if n := len(summed); n > 0 && summed[n-1].Arrives == in.Arrives {
			summed[n-1].Quantity += in.Quantity
			continue
		}
		summed = append(summed, in)
	}
	return summed
}

// ledgerSheet is what a line meets in its group: the claims of others, and how far it looks.
type ledgerSheet struct {
	group   int32
	claims  []sheetClaim
	horizon int     // the last day that is looked at
	ready   Promise // when the line can ship, were it not for others of its order
}

// sheetClaim is a claim and when it leaves.
type sheetClaim struct {
	commitment
	leaves moment
}

// sheetAlone is what an order meets that is looked at alone: the reservations of others.
func (b *Book) sheetAlone(group, order int32) ledgerSheet {
	s := ledgerSheet{group: group, horizon: b.params.Window}
	for _, i := range b.rows().reservations.of(group) {
		r := &b.snapshot.Reservations[i]
		offset := b.params.offset(r.Ships)
		n, ok := b.index[r.Order]
		if !ok {
			n = none
		}
		if n == order || offset > s.horizon {
			continue
		}
		c := commitment{quantity: r.Quantity, order: n, reservation: i}
		s.claims = append(s.claims, sheetClaim{c, moment(offset + 1)}) //nolint:gosec // ≤ MaxWindow
	}
	return s
}

// sheet is what a line meets when all compete: the commitments before its turn, but for those that are
// for its own order.
func (a *Allocation) sheet(line, order int32) ledgerSheet {
	s := ledgerSheet{
		group: a.book.lines[line].group, horizon: a.book.params.Promise, ready: a.grants[line].ready.promise(a.book.params.Today),
	}
	for at := a.turns[line].before; at != none; at = a.ledger[at].previous {
		if c := a.ledger[at]; c.order != order {
			s.claims = append(s.claims, sheetClaim{c, c.at})
		}
	}
	return s
}

// balances are what is left at each moment: what is on hand, then D0 and so on to the horizon.
func (s *ledgerSheet) balances(b *Book) []Quantity {
	left := make([]Quantity, s.horizon+2)
	for _, in := range b.inflows(s.group, s.horizon) {
		left[b.params.until(in.Ready)+1] += in.Quantity
	}
	for _, c := range s.claims {
		left[c.leaves] -= c.quantity
	}
	sum := b.groups[s.group].onHand
	for m := range left {
		sum += left[m]
		left[m] = sum
	}
	return left
}

// critical is the first moment, from one on, at which the least is left, and how much that is.
func (s *ledgerSheet) critical(b *Book, from moment) (moment, Quantity) {
	left := s.balances(b)
	at := from
	for m := int(from); m < len(left); m++ {
		if left[m] < left[at] {
			at = moment(m) //nolint:gosec // ≤ MaxPromise
		}
	}
	return at, left[at]
}

// explain adds up the sheet to its critical day.
func (s *ledgerSheet) explain(b *Book) *Explanation {
	at, left := s.critical(b, now)
	e := &Explanation{Critical: at.promise(b.params.Today), OnHand: b.groups[s.group].onHand, Available: left}
	for _, c := range s.claims {
		if c.leaves <= at {
			e.Claims = append(e.Claims, b.claim(c))
		}
	}
	slices.SortFunc(e.Claims, compareClaims)
	if len(e.Claims) > MaxClaims {
		for _, c := range e.Claims[MaxClaims:] {
			e.MoreClaims++
			e.MoreQuantity += c.Quantity
		}
		e.Claims = e.Claims[:MaxClaims:MaxClaims]
	}
	if at != now {
		e.Inflows = b.inflows(s.group, int(at)-1)
	}
	return e
}

// claim is a commitment with its names.
func (b *Book) claim(c sheetClaim) Claim {
	shown := Claim{On: c.leaves.promise(b.params.Today), Quantity: c.quantity}
	if c.reservation != none {
		r := &b.snapshot.Reservations[c.reservation]
		shown.Reserved, shown.Order, shown.Lot = true, r.Order, r.Lot
	} else {
		shown.Order = b.lines[b.orders[c.order].first].Order
	}
	shown.Client = b.rows().clients[shown.Order]
	return shown
}

// compareClaims puts the largest first, then the earliest.
func compareClaims(a, b Claim) int {
	return cmp.Or(
		cmp.Compare(b.Quantity, a.Quantity),
		falseFirst(!a.On.now, !b.On.now),
		cmp.Compare(a.On.day, b.On.day),
		strings.Compare(string(a.Order), string(b.Order)),
		strings.Compare(a.Lot, b.Lot),
		falseFirst(a.Reserved, b.Reserved),
	)
}
