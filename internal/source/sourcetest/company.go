package sourcetest

import (
	"fmt"
	"math/rand/v2"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// Company is a made-up order book of a given size, for measuring engines.
type Company struct {
	Orders, LinesPerOrder, Products, Movements, Reservations, Receipts int
}

// Number is that of the i-th order.
func (c Company) Number(i int) atp.OrderNumber { return atp.OrderNumber(fmt.Sprintf("VCD%07d", i)) }

// Product is the code of the i-th product.
func (c Company) Product(i int) atp.ProductCode {
	return atp.ProductCode(fmt.Sprintf("%07d", 4_000_000+i))
}

// Fill writes all of it, always the same.
func (c Company) Fill(w dataset.Writer) error {
	rng := rand.New(rand.NewPCG(1, 2))
	day := func(spread int) atp.Day { return today + atp.Day(rng.IntN(spread)) }
	for i := range c.Orders {
		if err := w.Order(dataset.Order{
			Number: c.Number(i), Client: fmt.Sprintf("Supermercados São João %d Ltda", i%300),
			TaxID: "12.345.678/0001-90", City: "Ribeirão Preto", UF: "SP", Salesperson: "Antônia Gonçalves",
			Ordered: day(20) - 30, Requested: day(30), Important: i%20 == 0, Note: "Entregar pela manhã",
		}); err != nil {
			return err
		}
		for line := range c.LinesPerOrder {
			p := rng.IntN(c.Products)
			if err := w.Item(dataset.Item{
				Order: c.Number(i), Line: int64(line + 1), Product: c.Product(p),
				Name: fmt.Sprintf("Biscoito recheado chocolate 140 g caixa %d", p),
				Open: atp.Quantity(rng.IntN(200)+1) * 1000, Price: atp.Money(rng.IntN(5000) + 100), Priced: true,
			}); err != nil {
				return err
			}
		}
	}
	return c.fillStock(w, rng, day)
}

func (c Company) fillStock(w dataset.Writer, rng *rand.Rand, day func(int) atp.Day) error {
	for range c.Movements {
		if err := w.Movement(dataset.Movement{
			Product: c.Product(rng.IntN(c.Products)), Place: "CD1", Date: day(30) - 30,
			Quantity: atp.Quantity(rng.IntN(2000)-900) * 1000,
		}); err != nil {
			return err
		}
	}
	for i := range c.Reservations {
		if err := w.Reservation(dataset.Reservation{
			Lot: fmt.Sprintf("L%05d", i/10), Order: c.Number(rng.IntN(c.Orders)),
			Product: c.Product(rng.IntN(c.Products)), Quantity: atp.Quantity(rng.IntN(90)+1) * 1000, Ships: day(20) - 3,
		}); err != nil {
			return err
		}
	}
	for range c.Receipts {
		if err := w.Receipt(dataset.Receipt{
			Product: c.Product(rng.IntN(c.Products)), Arrives: day(30), Quantity: atp.Quantity(rng.IntN(900)+1) * 1000, Line: "L1",
		}); err != nil {
			return err
		}
	}
	for i := 0; i+1 < c.Products; i += 25 {
		if err := w.Unification(dataset.Unification{From: c.Product(i), To: c.Product(i + 1)}); err != nil {
			return err
		}
	}
	return nil
}

// Query asks for n orders, spread over the book; 0 asks for all.
func (c Company) Query(n int) source.Query {
	if n == 0 {
		return source.Query{All: true}
	}
	var q source.Query
	for i := range n {
		q.Orders = append(q.Orders, c.Number(i*c.Orders/n))
	}
	return q
}

// Today is the day that the company is made for.
func (c Company) Today() atp.Day { return today }
