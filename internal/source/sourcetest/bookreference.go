package sourcetest

import (
	"cmp"
	"slices"
	"strings"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// entry is an order of the book with its exact value, which is what values are sorted by.
type entry struct {
	source.BookOrder
	exact    int64 // in units of 1e-5 of the currency
	products []atp.ProductCode
}

// book is every open order, computed the slow way.
func (d *Data) book(staleBefore atp.Day) []entry {
	byNumber := map[atp.OrderNumber]*entry{}
	for _, i := range d.Items {
		if i.Open <= 0 {
			continue
		}
		e := byNumber[i.Order]
		if e == nil {
			e = &entry{BookOrder: source.BookOrder{Number: i.Order}}
			byNumber[i.Order] = e
		}
		e.Items++
		e.exact += int64(i.Open) * int64(i.Price)
		e.products = append(e.products, i.Product)
	}
	for _, o := range d.Orders {
		if e := byNumber[o.Number]; e != nil {
			e.Client, e.TaxID, e.City, e.UF, e.Salesperson = o.Client, o.TaxID, o.City, o.UF, o.Salesperson
			e.Ordered, e.Need, e.Important, e.Note = o.Ordered, o.Requested, o.Important, o.Note
		}
	}
	var all []entry
	for _, e := range byNumber {
		if ships := d.ships(e.Number, staleBefore); ships.Known() {
			e.Need = ships
		}
		e.Value = atp.Value(e.exact).Money()
		all = append(all, *e)
	}
	return all
}

// ships is the earliest ship date of an order's reservations that is not stale.
func (d *Data) ships(number atp.OrderNumber, staleBefore atp.Day) (first atp.Day) {
	for _, r := range d.Reservations {
		counts := r.Order == number && r.Ships.Known() && r.Ships >= staleBefore && r.Quantity > 0
		if counts && (!first.Known() || r.Ships < first) {
			first = r.Ships
		}
	}
	return first
}

// list is what Book must give over all its pages.
func (d *Data) list(q source.BookQuery) []source.BookOrder {
	entries := slices.DeleteFunc(d.book(q.StaleBefore), func(e entry) bool { return !d.matches(q.Filter, e) })
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(compareBy(q.Sort, q.Descending, a, b), cmp.Compare(a.Number, b.Number))
	})
	var list []source.BookOrder
	for _, e := range entries {
		list = append(list, e.BookOrder)
	}
	return list
}

func (d *Data) matches(f source.Filter, e entry) bool {
	text := slices.ContainsFunc([]string{string(e.Number), e.Client, e.City, e.Salesperson}, func(s string) bool {
		return strings.Contains(plain(s), plain(f.Text))
	})
	return text && (f.UF == "" || f.UF == e.UF) && (f.Salesperson == "" || f.Salesperson == e.Salesperson) &&
		(f.Important == nil || *f.Important == e.Important) &&
		(!f.NeedFrom.Known() || (e.Need.Known() && e.Need >= f.NeedFrom)) &&
		(!f.NeedTo.Known() || (e.Need.Known() && e.Need <= f.NeedTo)) &&
		(f.Product == "" || d.touches(e, f.Product))
}

func (d *Data) touches(e entry, product atp.ProductCode) bool {
	group := map[atp.ProductCode]bool{product: true}
	d.close(group)
	return slices.ContainsFunc(e.products, func(p atp.ProductCode) bool { return group[p] })
}

// plain folds the letters that the suite's data has.
func plain(s string) string {
	return strings.NewReplacer("á", "a", "ã", "a", "é", "e", "ê", "e", "ç", "c", "ü", "u", "ï", "i").Replace(strings.ToLower(s))
}

// compareBy compares by a column, missing values last whichever the direction.
func compareBy(column source.Column, descending bool, a, b entry) int {
	direction := 1
	if descending {
		direction = -1
	}
	text := func(a, b string) int {
		if a == "" || b == "" {
			return cmp.Compare(len(b), len(a)) * oneIf(a == "" != (b == ""))
		}
		return direction * cmp.Compare(a, b)
	}
	switch column {
	case source.ByNumber:
		return direction * cmp.Compare(a.Number, b.Number)
	case source.ByClient:
		return text(a.Client, b.Client)
	case source.ByCity:
		return text(a.City, b.City)
	case source.ByUF:
		return text(a.UF, b.UF)
	case source.BySalesperson:
		return text(a.Salesperson, b.Salesperson)
	case source.ByOrdered:
		return text(a.Ordered.String(), b.Ordered.String())
	case source.ByItems:
		return direction * cmp.Compare(a.Items, b.Items)
	case source.ByValue:
		return direction * cmp.Compare(a.exact, b.exact)
	case source.ByImportant:
		return direction * cmp.Compare(oneIf(a.Important), oneIf(b.Important))
	default:
		return text(a.Need.String(), b.Need.String())
	}
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}
