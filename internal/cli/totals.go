package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"ruptura/internal/atp"
	"ruptura/internal/wire"
)

// totals sums up a run. Money is of the figures as each order shows them, so that a reader who
// adds them up comes to the same.
type totals struct {
	orders, failed, whole    int
	degrees                  [atp.Critical + 1]int
	value, available, atRisk atp.Money
	products                 map[atp.ProductCode]*productAtRisk
	late                     int
	// wholeAlone counts the orders that are whole when looked at alone, contested those of them that
	// are short among all others.
	wholeAlone, contested int
}

// productAtRisk is what is short of a product over all orders.
type productAtRisk struct {
	code     atp.ProductCode
	name     string
	orders   int
	last     int // the latest order counted
	shortage atp.Quantity
	value    atp.Money
}

func newTotals() *totals { return &totals{products: map[atp.ProductCode]*productAtRisk{}} }

// add counts an answer, or returns atp.ErrOverflow and counts nothing.
func (t *totals) add(r *wire.Answer) error {
	sums := [3]atp.Money{t.value, t.available, t.atRisk}
	for i, v := range []atp.Value{r.Value, r.AvailableValue, r.ShortValue} {
		m := v.Money()
		if m > 0 && sums[i] > math.MaxInt64-m {
			return fmt.Errorf("totals: %w", atp.ErrOverflow)
		}
		sums[i] += m
	}
	t.value, t.available, t.atRisk = sums[0], sums[1], sums[2]
	t.orders++
	t.degrees[r.Criticality]++
	if r.Short == 0 {
		t.whole++
	}
	if c := r.Contest; c != nil && c.Alone.Short == 0 {
		t.wholeAlone++
	}
	if r.Contested() {
		t.contested++
	}
	if r.Punctuality == atp.Late {
		t.late++
	}
	for i := range r.Lines {
		if l := &r.Lines[i]; l.Short {
			t.product(l)
		}
	}
	return nil
}

func (t *totals) product(l *atp.LineResult) {
	code := l.Key.Product
	p := t.products[code]
	if p == nil {
		p = &productAtRisk{code: code, name: l.Name}
		t.products[code] = p
	}
	if p.last != t.orders {
		p.last = t.orders
		p.orders++
	}
	p.shortage = saturated(p.shortage, l.Shortage)
	p.value = saturated(p.value, l.Value.Money())
}

// saturated adds amounts that are not negative; a ranking needs no more beyond the range.
func saturated[T ~int64](a, b T) T {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// top gives the products with most value at risk.
func (t *totals) top(n int) []*productAtRisk {
	all := make([]*productAtRisk, 0, len(t.products))
	for _, p := range t.products {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *productAtRisk) int {
		return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(b.shortage, a.shortage), cmp.Compare(a.code, b.code))
	})
	return all[:min(n, len(all))]
}
