package sourcetest

import (
	"cmp"
	"maps"
	"slices"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// snapshot is what Read must give, computed the slow way.
func (d *Data) snapshot(q source.Query) *atp.Snapshot {
	asked := func(n atp.OrderNumber) bool { return q.All || slices.Contains(q.Orders, n) }
	snap := &atp.Snapshot{}
	orders, products := map[atp.OrderNumber]bool{}, map[atp.ProductCode]bool{}
	for _, i := range d.Items {
		if !asked(i.Order) || i.Open <= 0 {
			continue
		}
		orders[i.Order], products[i.Product] = true, true
		snap.Lines = append(snap.Lines, atp.Line{
			Order: i.Order, Number: i.Line, Key: atp.StockKey{Product: i.Product}, Name: i.Name,
			Open: i.Open, Price: i.Price, Priced: i.Priced,
		})
	}
	for _, code := range q.Products {
		products[code] = true
	}
	d.close(products)
	d.supply(snap, orders, products)
	told := maps.Clone(orders)
	for _, r := range snap.Reservations {
		told[r.Order] = told[r.Order] || q.Holders
	}
	for _, o := range d.Orders {
		if told[o.Number] {
			snap.Orders = append(snap.Orders, atp.Order{
				Number: o.Number, Client: o.Client, Ordered: o.Ordered, Requested: o.Requested, Important: o.Important,
			})
		}
	}
	return canonical(snap)
}

// supply adds everything there is of products, and the reservations of orders.
func (d *Data) supply(snap *atp.Snapshot, orders map[atp.OrderNumber]bool, products map[atp.ProductCode]bool) {
	for _, m := range d.Stock {
		if products[m.Product] {
			snap.Stock = append(snap.Stock, atp.Stock{Key: atp.StockKey{Product: m.Product}, Quantity: m.Quantity})
		}
	}
	for _, r := range d.Reservations {
		if products[r.Product] || orders[r.Order] {
			snap.Reservations = append(snap.Reservations, atp.Reservation{
				Order: r.Order, Lot: r.Lot, Key: atp.StockKey{Product: r.Product}, Quantity: r.Quantity, Ships: r.Ships,
			})
		}
	}
	for _, r := range d.Receipts {
		if products[r.Product] {
			snap.Receipts = append(snap.Receipts, atp.Receipt{
				Key: atp.StockKey{Product: r.Product}, Quantity: r.Quantity, Arrives: r.Arrives,
			})
		}
	}
	for _, u := range d.Unifications {
		if products[u.From] {
			snap.Unifications = append(snap.Unifications, atp.Unification(u))
		}
	}
}

// close adds every code unified with one of the products, until nothing new comes.
func (d *Data) close(products map[atp.ProductCode]bool) {
	for grown := true; grown; {
		grown = false
		for _, u := range d.Unifications {
			if products[u.From] != products[u.To] {
				products[u.From], products[u.To] = true, true
				grown = true
			}
		}
	}
}

// canonical puts a snapshot's rows in one sequence, adds stock up, and drops what engines are
// free to choose.
func canonical(s *atp.Snapshot) *atp.Snapshot {
	c := &atp.Snapshot{Orders: slices.Clone(s.Orders), Lines: slices.Clone(s.Lines)}
	slices.SortFunc(c.Orders, func(a, b atp.Order) int { return cmp.Compare(a.Number, b.Number) })
	for i := range c.Lines {
		c.Lines[i].Sequence = 0
	}
	slices.SortFunc(c.Lines, func(a, b atp.Line) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Number, b.Number))
	})
	c.Stock = balances(s.Stock)
	c.Reservations = sorted(s.Reservations, func(a, b atp.Reservation) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Key.Product, b.Key.Product),
			cmp.Compare(a.Ships, b.Ships), cmp.Compare(a.Quantity, b.Quantity), cmp.Compare(a.Lot, b.Lot))
	})
	c.Receipts = sorted(s.Receipts, func(a, b atp.Receipt) int {
		return cmp.Or(cmp.Compare(a.Key.Product, b.Key.Product), cmp.Compare(a.Arrives, b.Arrives),
			cmp.Compare(a.Quantity, b.Quantity))
	})
	c.Unifications = slices.Compact(sorted(s.Unifications, func(a, b atp.Unification) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	}))
	return c
}

func sorted[Row any](rows []Row, compare func(a, b Row) int) []Row {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, compare)
	return rows
}

// balances adds stock up by product, without those that have none.
func balances(rows []atp.Stock) []atp.Stock {
	sums := map[atp.StockKey]atp.Quantity{}
	for _, row := range rows {
		sums[row.Key] += row.Quantity
	}
	var all []atp.Stock
	for key, q := range sums {
		if q != 0 {
			all = append(all, atp.Stock{Key: key, Quantity: q})
		}
	}
	slices.SortFunc(all, func(a, b atp.Stock) int { return cmp.Compare(a.Key.Product, b.Key.Product) })
	return all
}

// onHand is the stock of one product in a snapshot.
func onHand(s *atp.Snapshot, product atp.ProductCode) (sum atp.Quantity) {
	for _, row := range s.Stock {
		if row.Key.Product == product {
			sum += row.Quantity
		}
	}
	return sum
}
