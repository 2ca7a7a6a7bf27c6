package atp

// groupRows finds the reservations and receipts of each group, which only explanations ask for, and
// the clients of orders.
type groupRows struct {
	reservations, receipts rowsByGroup
	clients                map[OrderNumber]string
}

// rowsByGroup is the rows of each group together: those of group g are at[start[g]:start[g+1]].
type rowsByGroup struct{ start, at []int32 }

func (r rowsByGroup) of(group int32) []int32 { return r.at[r.start[group]:r.start[group+1]] }

// newRowsByGroup puts n rows together by their groups; a row whose group is none is left out.
func newRowsByGroup(groups, n int, groupOf func(i int) int32) rowsByGroup {
	r := rowsByGroup{start: make([]int32, groups+1)}
	of := make([]int32, n)
	for i := range of {
		if of[i] = groupOf(i); of[i] != none {
			r.start[of[i]+1]++
		}
	}
	for g := range groups {
		r.start[g+1] += r.start[g]
	}
	r.at = make([]int32, r.start[groups])
	filled := append([]int32(nil), r.start...)
	for i, g := range of {
		if g != none {
			r.at[filled[g]] = int32(i) //nolint:gosec // see orderAt
			filled[g]++
		}
	}
	return r
}

// rows indexes the snapshot for explanations, at the first one that is asked for.
func (b *Book) rows() *groupRows {
	b.indexRows.Do(func() {
		s := b.snapshot
		b.byGroup = &groupRows{
			reservations: newRowsByGroup(len(b.groups), len(s.Reservations), func(i int) int32 {
				if r := &s.Reservations[i]; r.Quantity > 0 {
					return b.groupOf(r.Key)
				}
				return none
			}),
			receipts: newRowsByGroup(len(b.groups), len(s.Receipts), func(i int) int32 {
				if r := &s.Receipts[i]; r.counts() && r.Arrives >= b.params.Today {
					return b.groupOf(r.Key)
				}
				return none
			}),
			clients: make(map[OrderNumber]string, len(s.Orders)),
		}
		for i := range s.Orders {
			b.byGroup.clients[s.Orders[i].Number] = s.Orders[i].Client
		}
	})
	return b.byGroup
}
