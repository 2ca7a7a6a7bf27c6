package web

import (
	"context"
	"fmt"
	"sync"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// fakeSource lists made-up orders, or fails.
type fakeSource struct {
	source.Source
	orders []source.BookOrder
	err    error

	mu    sync.Mutex
	asked source.BookQuery
}

func (s *fakeSource) Book(_ context.Context, q source.BookQuery) (source.BookPage, error) {
	s.mu.Lock()
	s.asked = q
	s.mu.Unlock()
	if s.err != nil {
		return source.BookPage{}, s.err
	}
	if q.Cursor == "gone" {
		return source.BookPage{}, source.ErrCursor
	}
	if q.Numbers != nil {
		return s.named(q.Numbers), nil
	}
	page := source.BookPage{Orders: s.orders, Total: len(s.orders)}
	if len(page.Orders) > q.Limit {
		page.Orders, page.Next = page.Orders[:q.Limit], "more"
	}
	return page, nil
}

// named lists the orders asked for, in the sequence asked for.
func (s *fakeSource) named(numbers []atp.OrderNumber) source.BookPage {
	var page source.BookPage
	for _, n := range numbers {
		for _, o := range s.orders {
			if o.Number == n {
				page.Orders = append(page.Orders, o)
			}
		}
	}
	return page
}

func (s *fakeSource) Numbers(context.Context, source.NumbersQuery) ([]atp.OrderNumber, error) {
	var all []atp.OrderNumber
	for _, o := range s.orders {
		all = append(all, o.Number)
	}
	return all, s.err
}

var testToday = atp.NewDay(2026, 3, 2)

func someOrders(n int) []source.BookOrder {
	clients := []string{"Atacadão Central", "Mercado Bom Preço Ltda", "Supermercados Irmãos Gonçalves", "Rede Economia"}
	places := [][2]string{{"São Paulo", "SP"}, {"Ribeirão Preto", "SP"}, {"Belo Horizonte", "MG"}, {"São José do Vale do Rio Preto", "RJ"}}
	notes := []string{"", "", "", "Agendar entrega com o recebimento", "", "Cliente retira", ""}
	sellers := []string{"Ana Lima", "Carlos Eduardo", "João Batista"}
	var all []source.BookOrder
	for i := range n {
		place := places[i%len(places)]
		all = append(all, source.BookOrder{
			Number: atp.OrderNumber(fmt.Sprintf("VCD25%05d", 43400+i)), Client: clients[i*7%len(clients)], TaxID: "12.345.678/0001-90",
			City: place[0], UF: place[1], Salesperson: sellers[i%len(sellers)], Ordered: testToday - atp.Day(i%20),
			Need: testToday + atp.Day(i%31-3), Items: 1 + i%9, Value: atp.Money(1234567 + i*98765%900000), Important: i%6 == 0,
			Note: notes[i%len(notes)],
		})
	}
	return all
}
