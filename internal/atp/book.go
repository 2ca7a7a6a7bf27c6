package atp

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// ErrOrderNotFound says that an order does not exist or has no open line.
var ErrOrderNotFound = errors.New("atp: order not found or without open lines")

// Book is a snapshot made ready for questions. It never changes once built, so any number of
// goroutines may ask at once.
type Book struct {
	snapshot *Snapshot
	params   Params
	codes    *unifier
	groups   []group // by number of the group's root code
	index    map[OrderNumber]int32
	orders   []bookOrder
	lines    []bookLine // all lines of one order stand together, in sequence
	own      []ownReservation

	indexRows sync.Once // makes byGroup
	byGroup   *groupRows
}

// bookOrder is one order with open lines.
type bookOrder struct {
	first, end int32 // its lines
	own        int32 // its first own reservation, or none
	requested  Day
	earliest   Day // the earliest ship date of its reservations that is not stale
}

// bookLine is a line with what the analysis needs ready.
type bookLine struct {
	*Line
	group int32
	// earlier is the place, within the order, of the line before this one in the same group, or
	// none.
	earlier int32
}

// ownReservation is a reservation of an order in the book; those of one order form a list.
type ownReservation struct {
	group, offset, next int32
	quantity            Quantity
}

const none = int32(-1)

// NewBook indexes a snapshot under the given parameters, which must be valid; otherwise an error
// wrapping ErrParams. The snapshot must not change afterwards.
func NewBook(s *Snapshot, p Params) (*Book, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	b := &Book{snapshot: s, params: p, codes: newUnifier(len(s.Stock) + len(s.Unifications))}
	b.addLines()
	b.addGroups()
	b.linkLines()
	b.addReservations()
	b.addReceipts()
	b.settle()
	return b, nil
}

// ReadAt is the instant at which the data was read.
func (b *Book) ReadAt() time.Time { return b.snapshot.ReadAt }

// Params are the parameters the book was built with.
func (b *Book) Params() Params { return b.params }

// Has reports whether the order is in the book.
func (b *Book) Has(n OrderNumber) bool {
	_, ok := b.index[n]
	return ok
}

// addLines puts the open lines of each order together and in sequence.
func (b *Book) addLines() {
	s := b.snapshot
	b.index = make(map[OrderNumber]int32, max(len(s.Orders), len(s.Lines)/8))
	place := b.place()
	total := int32(0)
	for i := range b.orders {
		o := &b.orders[i]
		o.first, total = total, total+o.end
		o.end = o.first
	}
	b.lines = make([]bookLine, total)
	for i, order := range place {
		if order == none {
			continue
		}
		o := &b.orders[order]
		b.lines[o.end] = bookLine{Line: &s.Lines[i]}
		o.end++
	}
	for i := range b.orders {
		o := &b.orders[i]
		if lines := b.lines[o.first:o.end]; !slices.IsSortedFunc(lines, compareLines) {
			slices.SortFunc(lines, compareLines)
		}
	}
	b.addHeaders()
}

// place gives each line the number of its order, counting the order's lines in end, or none to a
// line that does not exist for the analysis.
func (b *Book) place() []int32 {
	lines := b.snapshot.Lines
	place := make([]int32, len(lines))
	var last OrderNumber // rows of one order mostly come together
	at := none
	for i := range lines {
		l := &lines[i]
		if l.Open <= 0 {
			place[i] = none
			continue
		}
		if at == none || l.Order != last {
			last, at = l.Order, b.orderAt(l.Order)
		}
		place[i] = at
		b.orders[at].end++
	}
	return place
}

// orderAt is the number of an order, a new one if it has none yet.
func (b *Book) orderAt(n OrderNumber) int32 {
	if at, ok := b.index[n]; ok {
		return at
	}
	at := int32(len(b.orders)) //nolint:gosec // a snapshot in memory has fewer than 2^31 orders
	b.index[n] = at
	b.orders = append(b.orders, bookOrder{own: none})
	return at
}

func (b *Book) addHeaders() {
	for i := range b.snapshot.Orders {
		h := &b.snapshot.Orders[i]
		if n, ok := b.index[h.Number]; ok {
			b.orders[n].requested = h.Requested
		}
	}
}

// addGroups numbers every product, joins the unified ones and adds up what is on hand.
func (b *Book) addGroups() {
	s := b.snapshot
	for i := range s.Unifications {
		b.codes.join(s.Unifications[i].From, s.Unifications[i].To)
	}
	for i := range b.lines {
		b.lines[i].group = b.codes.of(b.lines[i].Key.Product)
	}
	for i := range s.Stock {
		b.codes.of(s.Stock[i].Key.Product)
	}
	b.groups = make([]group, len(b.codes.parent))
	days := b.params.days()
	deltas := make([]Quantity, len(b.groups)*days)
	for i := range b.groups {
		b.groups[i].delta, deltas = deltas[:days:days], deltas[days:]
	}
	for i := range b.lines {
		b.lines[i].group = b.codes.root(b.lines[i].group)
	}
	for i := range s.Stock {
		if g := b.groupOf(s.Stock[i].Key); g != none {
			b.groups[g].addStock(s.Stock[i].Quantity)
		}
	}
}

// groupOf is the group of a key, or none when no line, stock or unification names its product:
// nothing asked of this book can then depend on it.
func (b *Book) groupOf(k StockKey) int32 {
	n, ok := b.codes.number[k.Product]
	if !ok {
		return none
	}
	return b.codes.root(n)
}

// linkLines ties each line to the one before it in the same group of the same order.
func (b *Book) linkLines() {
	type seen struct{ order, line int32 }
	latest := make([]seen, len(b.groups))
	for at := range b.orders {
		o := &b.orders[at]
		for i := o.first; i < o.end; i++ {
			l := &b.lines[i]
			l.earlier = none
			if was := latest[l.group]; was.order == int32(at)+1 {
				l.earlier = was.line
			}
			latest[l.group] = seen{int32(at) + 1, i - o.first}
		}
	}
}

// addReservations takes out what is set aside, and remembers whose it is.
func (b *Book) addReservations() {
	rows := b.snapshot.Reservations
	var last OrderNumber
	at, known := none, false
	for i := range rows {
		r := &rows[i]
		if r.Quantity <= 0 {
			continue
		}
		if !known || r.Order != last {
			last, known = r.Order, true
			at = none
			if n, ok := b.index[r.Order]; ok {
				at = n
			}
		}
		b.addReservation(r, at)
	}
}

func (b *Book) addReservation(r *Reservation, order int32) {
	if order != none && r.Ships.Known() && r.Ships >= b.params.StaleBefore() {
		o := &b.orders[order]
		if !o.earliest.Known() || r.Ships < o.earliest {
			o.earliest = r.Ships
		}
	}
	g := b.groupOf(r.Key)
	if g == none {
		return
	}
	offset := b.params.offset(r.Ships)
	b.groups[g].addReservation(r.Quantity, offset)
	if order != none && offset < len(b.groups[g].delta) {
		o := &b.orders[order]
		b.own = append(b.own, ownReservation{group: g, offset: int32(offset), next: o.own, quantity: r.Quantity}) //nolint:gosec // offset < P+W
		o.own = int32(len(b.own) - 1)                                                                             //nolint:gosec // see orderAt
	}
}

func (b *Book) addReceipts() {
	for i := range b.snapshot.Receipts {
		r := b.snapshot.Receipts[i]
		if g := b.groupOf(r.Key); g != none && r.counts() {
			b.groups[g].addReceipt(r, b.params)
		}
	}
}

// settle computes what an order without reservations of its own sees of each group.
func (b *Book) settle() {
	days := b.params.days()
	views := make([]Quantity, len(b.groups)*days)
	for i := range b.groups {
		g := &b.groups[i]
		if g.err() != nil {
			continue
		}
		var view []Quantity
		view, views = views[:days:days], views[days:]
		copy(view, g.delta)
		g.view = look(g.onHand, view, b.params.width())
	}
}

// compareLines is the sequence of an order's lines (calculation §3). What lies beyond number and
// source sequence only makes the result independent of the sequence of the input.
func compareLines(a, b bookLine) int {
	if a.Number != b.Number { // nearly always
		return cmp.Compare(a.Number, b.Number)
	}
	return cmp.Or(
		cmp.Compare(a.Sequence, b.Sequence),
		strings.Compare(string(a.Key.Product), string(b.Key.Product)),
		cmp.Compare(a.Open, b.Open),
		cmp.Compare(a.Price, b.Price),
		falseFirst(a.Priced, b.Priced),
		strings.Compare(a.Name, b.Name),
	)
}

func falseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
