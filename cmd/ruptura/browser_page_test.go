package main

import (
	"fmt"
	"strings"
	"testing"
)

// What the page has beyond the client: the worst products, the value at risk, sorting by it, the
// exports and word of a book that has changed.
func TestPageInBrowser(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, browserOrders)
	for name, test := range map[string]func(*testing.T, *tab){
		"the worst products add up":           worstProducts,
		"an open list stays open":             listStaysOpen,
		"the order that loses most is first":  largestLossFirst,
		"exports follow the analysis":         exportsFollow,
		"a changed book is told":              changedBook,
		"a book that is the same is not told": sameBook,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newTab(t, browser)
			b.open(server.url + "/carteira?lang=pt")
			b.analysed()
			test(t, b)
			b.quiet()
		})
	}
}

const (
	openList   = `document.querySelector('#piores summary').click()`
	listFilled = `document.querySelector('#piores:not([data-pendente])') && [...document.querySelectorAll('#piores tbody tr:not([hidden]) td.w-back')].every((c) => c.textContent && c.textContent !== '…')`
	atRisk     = `[...document.querySelectorAll('tr.pedido-row .c-risk')].map((c) => Number(c.textContent.replace(/\./g, '').replace(',', '.')) || 0)`
)

func worstProducts(t *testing.T, b *tab) {
	b.do(openList)
	b.wait(listFilled)
	values := `[...document.querySelectorAll('#piores tbody tr:not([hidden]) .w-value b')].map((v) => Number(v.textContent.replace(/\D/g, '')))`
	if n := b.number(values + `.filter((v, i, all) => i > 0 && v > all[i - 1]).length`); n != 0 {
		t.Errorf("%d products are out of order", n)
	}
	if n := b.number(values + `[0]`); n <= 0 {
		t.Error("the worst product has no value at risk")
	}
	code := b.text(`document.querySelector('#piores button[data-codigo]').dataset.codigo`)
	b.do(`document.querySelector('#piores button[data-codigo]').click()`)
	b.wait(`document.querySelector('dialog[open]')?.textContent.includes('` + code + `')`)
	b.do(`document.querySelector('dialog[open]').close()`)
	orders := b.text(`document.querySelector('#piores tbody .w-number').textContent`)
	b.do(`document.querySelector('#piores .w-act a').click()`)
	b.wait(fmt.Sprintf(`new URL(location).searchParams.get('produto') === %q`, code))
	b.analysed()
	b.wait(`[...document.querySelectorAll('#piores button[data-codigo]')].some((p) => p.dataset.codigo === '` + code + `')`)
	shown := b.text(`document.querySelector('#piores button[data-codigo="` + code + `"]').closest('tr').querySelector('.w-number').textContent`)
	if shown != orders {
		t.Errorf("%s orders are short of the product among all, %s among its own", orders, shown)
	}
}

func listStaysOpen(_ *testing.T, b *tab) {
	b.do(openList)
	b.wait(`document.cookie.includes('ruptura_produtos=aberto')`)
	b.do(`location.reload()`)
	b.wait(`performance.getEntriesByType('navigation')[0].type === 'reload' && document.getElementById('piores')?.open`)
	b.analysed() // by then the page's scripts have run
	b.do(openList)
	b.wait(`!document.cookie.includes('ruptura_produtos')`)
}

func largestLossFirst(t *testing.T, b *tab) {
	b.do(`document.querySelector('th.c-risk a').click()`)
	b.wait(`location.search.includes('ordem=-valor_com_ruptura')`)
	b.analysed()
	if n := b.number(atRisk + `.filter((v, i, all) => i > 0 && v > all[i - 1]).length`); n != 0 {
		t.Errorf("the rows are out of order in %d places", n)
	}
	if sorted := b.text(`document.querySelector('th.c-risk').getAttribute('aria-sort')`); sorted != "descending" {
		t.Errorf("the heading says %q", sorted)
	}
	sum := b.number(`Math.round(` + atRisk + `.reduce((a, v) => a + v, 0))`)
	if shown := b.number(`Number(document.querySelector('[data-figura=valor_com_ruptura]').textContent.replace(/\D/g, ''))`); shown < sum-1 || shown > sum+1 {
		t.Errorf("the rows lose %v, the figures say %v", sum, shown)
	}
}

func exportsFollow(t *testing.T, b *tab) { exportsFollowOf(t, b, browserOrders) }

const analyseAgain = `(seen.length = 0, window.rupturaWorkerClient.stop(), window.rupturaWorkerClient.start())`

func changedBook(t *testing.T, b *tab) {
	// As if it had been another one when the row was read.
	b.do(`document.querySelector('.c-value[data-centavos]').dataset.centavos = '5'`)
	b.do(analyseAgain)
	b.wait(`!document.querySelector('#mudou > span').hidden`)
	if text := b.text(`document.querySelector('#mudou').textContent`); !strings.Contains(text, "1 com outro valor ou data.") {
		t.Errorf("it says %q", text)
	}
}

func sameBook(t *testing.T, b *tab) {
	b.do(analyseAgain)
	b.analysed()
	if !b.holds(`document.querySelector('#mudou > span').hidden`) {
		t.Errorf("it says %q", b.text(`document.querySelector('#mudou').textContent`))
	}
}
