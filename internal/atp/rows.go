package atp

import (
	"cmp"
	"slices"
)

// groupRows is what only explanations and causes ask for.
type groupRows struct {
	// reserved is what reservations take of each group within the window.
	reserved []history
	// inflows are the receipts of each group from today on, by date, those of one day summed.
	inflows [][]Inflow
	// clients are those of the orders in the book, others those of all other orders.
	clients []string
	others  map[OrderNumber]string
}

// rows makes it, at the first explanation or cause that is asked for.
func (b *Book) rows() *groupRows {
	b.indexRows.Do(func() {
		b.byGroup = &groupRows{reserved: b.reserved(), inflows: make([][]Inflow, len(b.groups))}
		b.addInflows()
		b.addClients()
	})
	return b.byGroup
}

// reserved puts together what a line meets that is looked at alone.
func (b *Book) reserved() []history {
	var all []commitment
	for i := range b.snapshot.Reservations {
		r := &b.snapshot.Reservations[i]
		g, offset := b.groupOf(r.Key), b.params.offset(r.Ships)
		if g == none || r.Quantity <= 0 || offset > b.params.Window {
			continue
		}
		c := commitment{quantity: r.Quantity, group: g, order: none, reservation: int32(i), at: moment(offset + 1)} //nolint:gosec // see orderAt
		if n, ok := b.index[r.Order]; ok {
			c.order = n
		}
		all = append(all, c)
	}
	return b.histories(all, b.params.Window+2)
}

func (b *Book) addInflows() {
	for i := range b.snapshot.Receipts {
		r := &b.snapshot.Receipts[i]
		if g := b.groupOf(r.Key); g != none && r.counts() && r.Arrives >= b.params.Today {
			in := Inflow{r.Arrives, r.Arrives + Day(b.params.Lead), r.Quantity} //nolint:gosec // ≤ MaxLead
			b.byGroup.inflows[g] = append(b.byGroup.inflows[g], in)
		}
	}
	for g, all := range b.byGroup.inflows {
		slices.SortFunc(all, func(x, y Inflow) int { return cmp.Compare(x.Arrives, y.Arrives) })
		summed := all[:0]
		for _, in := range all {
			if n := len(summed); n > 0 && summed[n-1].Arrives == in.Arrives {
				summed[n-1].Quantity += in.Quantity
				continue
			}
			summed = append(summed, in)
		}
		b.byGroup.inflows[g] = summed
	}
}

func (b *Book) addClients() {
	rows := b.byGroup
	rows.clients, rows.others = make([]string, len(b.orders)), make(map[OrderNumber]string)
	for i := range b.snapshot.Orders {
		h := &b.snapshot.Orders[i]
		if n, ok := b.index[h.Number]; ok {
			rows.clients[n] = h.Client
		} else {
			rows.others[h.Number] = h.Client
		}
	}
}

// client is whose order a commitment is for; empty if not known.
func (b *Book) client(c *commitment) string {
	if c.order != none {
		return b.rows().clients[c.order]
	}
	return b.rows().others[b.holder(c)]
}

// inflowsUntil are the receipts of a group that can ship by D+until.
func (b *Book) inflowsUntil(group int32, until int) []Inflow {
	all := b.rows().inflows[group]
	n := 0
	for n < len(all) && b.params.until(all[n].Ready) <= until {
		n++
	}
	return all[:n:n]
}
