package postgres

import (
	"fmt"
	"math/rand/v2"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// company is a made-up order book of a given size.
type company struct {
	orders, linesPerOrder, products, movements, reservations, receipts int
}

var companyToday = atp.NewDay(2026, 3, 2)

func (c company) number(i int) atp.OrderNumber { return atp.OrderNumber(fmt.Sprintf("VCD%07d", i)) }
func (c company) product(i int) atp.ProductCode {
	return atp.ProductCode(fmt.Sprintf("%07d", 4_000_000+i))
}

func (c company) fill(w dataset.Writer) error {
	rng := rand.New(rand.NewPCG(1, 2))
	day := func(spread int) atp.Day { return companyToday + atp.Day(rng.IntN(spread)) }
	for i := range c.orders {
		if err := w.Order(dataset.Order{
			Number: c.number(i), Client: fmt.Sprintf("Supermercados São João %d Ltda", i%300),
			TaxID: "12.345.678/0001-90", City: "Ribeirão Preto", UF: "SP", Salesperson: "Antônia Gonçalves",
			Ordered: day(20) - 30, Requested: day(30), Important: i%20 == 0, Note: "Entregar pela manhã",
		}); err != nil {
			return err
		}
		for line := range c.linesPerOrder {
			p := rng.IntN(c.products)
			if err := w.Item(dataset.Item{
				Order: c.number(i), Line: int64(line + 1), Product: c.product(p),
				Name: fmt.Sprintf("Biscoito recheado chocolate 140 g caixa %d", p),
				Open: atp.Quantity(rng.IntN(200)+1) * 1000, Price: atp.Money(rng.IntN(5000) + 100), Priced: true,
			}); err != nil {
				return err
			}
		}
	}
	return c.fillStock(w, rng, day)
}

func (c company) fillStock(w dataset.Writer, rng *rand.Rand, day func(int) atp.Day) error {
	for range c.movements {
		if err := w.Movement(dataset.Movement{
			Product: c.product(rng.IntN(c.products)), Place: "CD1", Date: day(30) - 30,
			Quantity: atp.Quantity(rng.IntN(2000)-900) * 1000,
		}); err != nil {
			return err
		}
	}
	for i := range c.reservations {
		if err := w.Reservation(dataset.Reservation{
			Lot: fmt.Sprintf("L%05d", i/10), Order: c.number(rng.IntN(c.orders)),
			Product: c.product(rng.IntN(c.products)), Quantity: atp.Quantity(rng.IntN(90)+1) * 1000, Ships: day(20) - 3,
		}); err != nil {
			return err
		}
	}
	for range c.receipts {
		if err := w.Receipt(dataset.Receipt{
			Product: c.product(rng.IntN(c.products)), Arrives: day(30), Quantity: atp.Quantity(rng.IntN(900)+1) * 1000, Line: "L1",
		}); err != nil {
			return err
		}
	}
	for i := 0; i+1 < c.products; i += 25 {
		if err := w.Unification(dataset.Unification{From: c.product(i), To: c.product(i + 1)}); err != nil {
			return err
		}
	}
	return nil
}

// query asks for n orders, spread over the book; 0 asks for all.
func (c company) query(n int) source.Query {
	if n == 0 {
		return source.Query{All: true}
	}
	var q source.Query
	for i := range n {
		q.Orders = append(q.Orders, c.number(i*c.orders/n))
	}
	return q
}
