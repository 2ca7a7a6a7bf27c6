package atp

import "fmt"

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
	return b.explain(r, func(line, order int32, l *LineResult) (sheet, Promise) {
		return b.sheetAlone(b.lines[line].group, order), l.AvailableOn
	})
}

// Explain tells why each short line of an order is short, when all compete: see [Book.Explain].
func (a *Allocation) Explain(r *Result) ([]*Explanation, error) {
	return a.book.explain(r, func(line, order int32, _ *LineResult) (sheet, Promise) {
		return a.sheet(line, order), a.grants[line].ready.promise(a.book.params.Today)
	})
}

// sheetOf finds a line's sheet, and when the line could ship, were it not for others of its order.
type sheetOf func(line, order int32, l *LineResult) (s sheet, ready Promise)

// explain explains every short line of an order.
func (b *Book) explain(r *Result, find sheetOf) ([]*Explanation, error) {
	at, ok := b.index[r.Order]
	if !ok {
		return nil, fmt.Errorf("order %q: %w", r.Order, ErrOrderNotFound)
	}
	o := &b.orders[at]
	all := make([]*Explanation, len(r.Lines))
	for i := range r.Lines {
		l := &r.Lines[i]
		if !l.Short {
			continue
		}
		s, ready := find(o.first+int32(i), at, l) //nolint:gosec // see orderAt
		e := s.explain()
		e.Before, e.Needed = b.earlierOpen(o, int32(i)), l.Open //nolint:gosec // see orderAt
		e.Missing = max(e.Needed+e.Before-e.Available, 0)
		if e.Resolved = l.AvailableOn; e.Resolved.InSight() {
			e.By = b.lastUntil(s.group, ready)
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

// lastUntil is the receipt that makes a line ready. A balance rises by receipts alone, so it is the last that
// can ship by then.
func (b *Book) lastUntil(group int32, ready Promise) Inflow {
	all := b.inflowsUntil(group, b.params.until(ready.on(b.params.Today)))
	if len(all) == 0 {
		return Inflow{}
	}
	return all[len(all)-1]
}
