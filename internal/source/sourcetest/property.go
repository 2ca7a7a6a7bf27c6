package sourcetest

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// The generators draw from few values, so that rows meet.
var (
	orderNumbers = rapid.SampledFrom([]atp.OrderNumber{"A", "B", "C", "a", "Á", "10", "9", "0010", "VCD-1", "50%", "A_", "pão 'x'", "🍞"})
	productCodes = rapid.SampledFrom([]atp.ProductCode{"P1", "P2", "P3", "p1", "0001", "1", "01"})
	clients      = rapid.SampledFrom([]string{"", "", "Padaria São João", "PADARIA SAO JOAO", "Zé", "100% Natural", "a_b", "Ünïté"})
	quantities   = rapid.Map(rapid.Int64Range(-2000, 9000), func(n int64) atp.Quantity { return atp.Quantity(n) })
	days         = rapid.OneOf(rapid.Just(atp.Day(0)), rapid.Map(rapid.IntRange(-70, 30), func(n int) atp.Day { return today + atp.Day(n) }))
)

func drawData(t *rapid.T) *Data {
	d := &Data{
		Orders: rapid.SliceOfNDistinct(rapid.Custom(drawOrder), 0, 10, func(o dataset.Order) atp.OrderNumber { return o.Number }).Draw(t, "orders"),
		Items: rapid.SliceOfNDistinct(rapid.Custom(drawItem), 0, 30, func(i dataset.Item) string {
			return fmt.Sprint(i.Order, "\n", i.Line)
		}).Draw(t, "items"),
		Stock:        rapid.SliceOfN(rapid.Custom(drawMovement), 0, 12).Draw(t, "stock"),
		Reservations: rapid.SliceOfN(rapid.Custom(drawReservation), 0, 20).Draw(t, "reservations"),
		Receipts:     rapid.SliceOfN(rapid.Custom(drawReceipt), 0, 8).Draw(t, "receipts"),
		Unifications: rapid.SliceOfN(rapid.Custom(drawUnification), 0, 5).Draw(t, "unifications"),
	}
	return d
}

func drawOrder(t *rapid.T) dataset.Order {
	return dataset.Order{
		Number: orderNumbers.Draw(t, "number"), Client: clients.Draw(t, "client"), City: clients.Draw(t, "city"),
		UF: rapid.SampledFrom([]string{"", "SP", "RJ"}).Draw(t, "uf"), Salesperson: clients.Draw(t, "salesperson"),
		Ordered: days.Draw(t, "ordered"), Requested: days.Draw(t, "requested"), Important: rapid.Bool().Draw(t, "important"),
		TaxID: rapid.SampledFrom([]string{"", "12.345.678/0001-90"}).Draw(t, "tax id"), Note: clients.Draw(t, "note"),
	}
}

func drawItem(t *rapid.T) dataset.Item {
	i := dataset.Item{
		Order: orderNumbers.Draw(t, "order"), Line: rapid.Int64Range(0, 5).Draw(t, "line"),
		Product: productCodes.Draw(t, "product"), Name: clients.Draw(t, "name"), Open: quantities.Draw(t, "open"),
		Priced: rapid.Bool().Draw(t, "priced"),
	}
	if i.Priced {
		i.Price = atp.Money(rapid.Int64Range(0, 300).Draw(t, "price"))
	}
	return i
}

func drawMovement(t *rapid.T) dataset.Movement {
	return dataset.Movement{
		Product: productCodes.Draw(t, "product"), Place: clients.Draw(t, "place"),
		Date: days.Draw(t, "date"), Quantity: quantities.Draw(t, "quantity"),
	}
}

func drawReservation(t *rapid.T) dataset.Reservation {
	return dataset.Reservation{
		Lot: rapid.SampledFrom([]string{"", "L1", "L2"}).Draw(t, "lot"), Order: orderNumbers.Draw(t, "order"),
		Product: productCodes.Draw(t, "product"), Quantity: quantities.Draw(t, "quantity"), Ships: days.Draw(t, "ships"),
	}
}

func drawReceipt(t *rapid.T) dataset.Receipt {
	return dataset.Receipt{
		Product: productCodes.Draw(t, "product"), Arrives: days.Draw(t, "arrives"), Quantity: quantities.Draw(t, "quantity"),
	}
}

func drawUnification(t *rapid.T) dataset.Unification {
	return dataset.Unification{From: productCodes.Draw(t, "from"), To: productCodes.Draw(t, "to")}
}

func drawQuery(t *rapid.T) source.Query {
	q := source.Query{Products: rapid.SliceOfN(productCodes, 0, 2).Draw(t, "products"), Holders: rapid.Bool().Draw(t, "holders")}
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		q.All = true
	case 1:
		q.Orders = rapid.SliceOfN(orderNumbers, 1, 6).Draw(t, "asked")
	}
	return q
}

func testReadProperty(t *testing.T, open func(*testing.T) Engine) {
	e := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		d := drawData(rt)
		load(rt, t.Context(), e, d)
		for range 4 {
			q := drawQuery(rt)
			compareSnapshots(rt, read(rt, t.Context(), e, q), d.snapshot(q))
		}
	})
}
