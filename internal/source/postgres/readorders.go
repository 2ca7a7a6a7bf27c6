package postgres

import (
	"cmp"
	"slices"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// orders is the set of orders of a read: those asked for, and which of them have open lines.
type orders struct {
	whole bool // whatever comes is asked for
	all   []entry
	index map[string]int32
	near  int32 // the order found last: lines of an order mostly come together
}

// entry is an order asked for.
type entry struct {
	number  atp.OrderNumber
	entered bool  // it has an open line
	last    int64 // the number of its line that came last
}

func newOrders(q source.Query, room int) *orders {
	o := &orders{whole: q.All, all: make([]entry, 0, room), index: make(map[string]int32, room)}
	for _, number := range q.Orders {
		if _, again := o.index[string(number)]; !again {
			o.add(string(number))
		}
	}
	return o
}

func (o *orders) add(number string) int32 {
	at := int32(len(o.all)) //nolint:gosec // a read of 2^31 orders would not fit in memory
	o.all = append(o.all, entry{number: atp.OrderNumber(number)})
	o.index[number] = at
	return at
}

// at is the index of an order asked for.
func (o *orders) at(number []byte) (at int32, asked bool) {
	if int(o.near) < len(o.all) && string(o.all[o.near].number) == string(number) {
		return o.near, true
	}
	at, asked = o.index[string(number)]
	if !asked {
		if !o.whole {
			return 0, false
		}
		at = o.add(string(number))
	}
	o.near = at
	return at, true
}

// find is an order with an open line, or nil.
func (o *orders) find(number []byte) *entry {
	at, ok := o.index[string(number)]
	if !ok || !o.all[at].entered {
		return nil
	}
	return &o.all[at]
}

// settle puts the lines of each order in sequence, if they did not come so: a table gives its rows
// in the order in which they were last written.
func (r *reading) settle() {
	if !r.jumbled {
		return
	}
	ends := make([]int, len(r.orders.all)+1)
	for _, at := range r.ofLine {
		ends[at+1]++
	}
	for i := range r.orders.all {
		ends[i+1] += ends[i]
	}
	lines := make([]atp.Line, len(r.snap.Lines))
	next := slices.Clone(ends)
	for i, at := range r.ofLine {
		lines[next[at]] = r.snap.Lines[i]
		next[at]++
	}
	for i := range r.orders.all {
		slices.SortFunc(lines[ends[i]:ends[i+1]], compareLines)
	}
	for i := range lines {
		lines[i].Sequence = int64(i)
	}
	r.snap.Lines = lines
}

// compareLines tells all lines of an order apart that are not the same in everything: two reads of
// the same rows must give the same sequence.
func compareLines(a, b atp.Line) int {
	return cmp.Or(
		cmp.Compare(a.Number, b.Number), cmp.Compare(a.Key.Product, b.Key.Product), cmp.Compare(a.Open, b.Open),
		cmp.Compare(a.Price, b.Price), cmp.Compare(a.Name, b.Name), cmp.Compare(truthRank(a.Priced), truthRank(b.Priced)),
	)
}

func truthRank(b bool) int {
	if b {
		return 1
	}
	return 0
}
