package main

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// addressCodes are codes that mean something to an address.
var addressCodes = []string{".", "..", "../..", "A/1", `A\1`, "50%", "%2F", "#1", "a?b", "a&b=c", "a b", "a+b", ";v=1"}

// Orders and products whose codes mean something to an address open like any other: the order from its row,
// the projection from the order and from the list of the worst products, the orders of a product from there.
func TestBrowserOpensWhatAnAddressWouldSwallow(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := &served{database: filepath.Join(t.TempDir(), "browser.db")}
	server.replace(t, dataset.Relations(), func(w dataset.Writer) error {
		for i, code := range addressCodes {
			number, product := atp.OrderNumber(code), atp.ProductCode(code)
			if err := w.Order(dataset.Order{Number: number, Client: "C", Ordered: browserToday, Requested: browserToday + 3}); err != nil {
				return err
			}
			item := dataset.Item{Order: number, Line: 1, Product: product, Name: "N", Open: atp.Quantity(i+1) * 1000, Price: 1000, Priced: true}
			if err := w.Item(item); err != nil {
				return err
			}
		}
		return nil
	})
	server.start(t)
	b := newTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.oneButtonEach(len(addressCodes))
	for _, code := range addressCodes {
		row := fmt.Sprintf(`[...document.querySelectorAll('tr.pedido-row')].find((r) => r.dataset.pedido === %q)`, code)
		b.do(row + `.querySelector('.rpt-button').click()`)
		b.wait(`document.querySelector('dialog[open] .rpt-project')`)
		b.click(`.rpt-project`)
		b.wait(`document.querySelector('dialog[open] .rpt-chart')`)
		b.do(`document.querySelector('dialog[open]').close()`)
		b.wait(`!document.querySelector('dialog[open]')`)
	}
	b.do(openList)
	b.wait(listFilled)
	for i := range 10 {
		worst := fmt.Sprintf(`document.querySelectorAll('#piores tbody tr')[%d]`, i)
		b.do(worst + `.querySelector('button').click()`)
		b.wait(`document.querySelector('dialog[open] .rpt-chart')`)
		if !evaluate[bool](b, worst+`.querySelector('button').dataset.codigo === new URL(`+worst+`.querySelector('a').href).searchParams.get('produto')`) {
			t.Errorf("the orders of product %d are not those that are shown", i)
		}
		b.press(kb.Escape)
		b.wait(`!document.querySelector('dialog[open]')`)
	}
	b.quiet()
}
