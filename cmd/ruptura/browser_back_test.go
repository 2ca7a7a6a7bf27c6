package main

import (
	"net/http"
	"path/filepath"
	"testing"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// comesBack is a product that one order wants more of than there is.
type comesBack struct {
	product       atp.ProductCode
	open, stock   atp.Quantity
	arrives       []dataset.Receipt
	shown, opened string // on the list, and in the order's own details
}

// shortProducts lose less from one to the next.
var shortProducts = []comesBack{
	{"WHOLE", 200, -20, []dataset.Receipt{{Arrives: browserToday + 1, Quantity: 10}, {Arrives: browserToday + 10, Quantity: 250}}, "13/03", "13/03/2026"},
	{"PART", 150, 0, []dataset.Receipt{{Arrives: browserToday + 8, Quantity: 60}, {Arrives: browserToday + 20, Quantity: 20}}, "11/03, só 60 de 150", "sem previsão"},
	{"MORE", 100, 40, []dataset.Receipt{{Arrives: browserToday + 8, Quantity: 30}}, "11/03, só 30 de 60", "sem previsão"},
	{"BELOW ZERO", 90, -30, []dataset.Receipt{{Arrives: browserToday + 2, Quantity: 10}}, "sem previsão", "sem previsão"},
	{"NEVER", 5, 0, nil, "sem previsão", "sem previsão"},
}

func serveShortProducts(t *testing.T) *served {
	t.Helper()
	s := &served{database: filepath.Join(t.TempDir(), "browser.db")}
	s.replace(t, dataset.Relations(), func(w dataset.Writer) error {
		for _, p := range shortProducts {
			if err := p.write(w); err != nil {
				return err
			}
		}
		return nil
	})
	s.start(t)
	return s
}

func (p comesBack) write(w dataset.Writer) error {
	number := atp.OrderNumber(p.product)
	if err := w.Order(dataset.Order{Number: number, Client: "C", Ordered: browserToday, Requested: browserToday + 3}); err != nil {
		return err
	}
	item := dataset.Item{Order: number, Line: 1, Product: p.product, Name: "N", Open: p.open * 1000, Price: 1000, Priced: true}
	if err := w.Item(item); err != nil {
		return err
	}
	if p.stock != 0 {
		if err := w.Movement(dataset.Movement{Product: p.product, Place: "P", Date: browserToday, Quantity: p.stock * 1000}); err != nil {
			return err
		}
	}
	for _, r := range p.arrives {
		r.Product, r.Quantity = p.product, r.Quantity*1000
		if err := w.Receipt(r); err != nil {
			return err
		}
	}
	return nil
}

// The list tells a day only where something can ship then, how much if it is not all, and all on the day that the order
// itself has.
func TestBrowserTellsWhenProductsAreBack(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveShortProducts(t)
	b := newTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.says("#pior", "volta em 13.03")
	b.do(openList)
	b.wait(listFilled)
	for _, p := range shortProducts {
		row := `document.querySelector('#piores button[data-codigo="` + string(p.product) + `"]').closest('tr')`
		if got := b.text(row + `.querySelector('.w-back').textContent`); got != p.shown {
			t.Errorf("%s is back %q, want %q", p.product, got, p.shown)
		}
		b.do(`document.querySelector('tr[data-pedido="` + string(p.product) + `"] .rpt-button').click()`)
		b.wait(`document.querySelector('dialog[open] .rpt-title').textContent.includes('` + string(p.product) + `') && document.querySelector('dialog[open] .rpt-when')`)
		if got := b.text(`document.querySelector('dialog[open] .rpt-when').textContent`); got != p.opened {
			t.Errorf("the order for %s is told %q, want %q", p.product, got, p.opened)
		}
		b.do(`document.querySelector('dialog[open]').close()`)
	}
	b.quiet()
}

// A day that cannot be read is not waited for for ever, and a click asks again.
func TestBrowserAsksAgainWhenProductsAreBack(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveShortProducts(t)
	way := newObstacle(t, server.url, "/projecao")
	way.with.Store(html(http.StatusBadGateway))
	b := newTab(t, browser)
	b.open(way.URL + "/carteira?lang=pt")
	b.analysed()
	b.do(openList)
	b.wait(`document.querySelectorAll('#piores .w-retry').length === 5`)
	way.with.Store(nil)
	b.click(`#piores .w-retry`)
	b.says("#piores td.w-back", "^13.03$")
	if n := b.number(`document.querySelectorAll('#piores .w-retry').length`); n != 4 {
		t.Errorf("%d days are not known, want 4", n)
	}
}
