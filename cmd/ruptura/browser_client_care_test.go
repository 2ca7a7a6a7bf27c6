package main

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// busy is how the program refuses what it has no room for.
var busy = &refusal{status: http.StatusTooManyRequests, kind: "application/problem+json", retryAfter: "1", body: `{"detail":"cheio"}`}

// What nobody waits for any more is asked for no more.
func TestBrowserClosedDetailsAskNoMore(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	way := newObstacle(t, server.url, "/analisar/")
	b := newClockedTab(t, browser)
	b.open(way.URL + "/carteira?lang=pt")
	b.analysed()
	way.with.Store(busy)
	for row := range 3 {
		b.do(fmt.Sprintf(`document.querySelectorAll('.rpt-button')[%d].click()`, row))
		b.says("dialog[open] .rpt-head .rpt-note", "Servidor ocupado")
		b.press(kb.Escape)
		b.wait(`!document.querySelector('dialog[open]')`)
	}
	before := b.requested("/analisar/")
	b.advance("30_000")
	if after := b.requested("/analisar/"); after != before {
		t.Errorf("%d requests after all were closed", after-before)
	}
}

// How often to refresh is what is shown, also after the client was stopped and started again.
func TestBrowserKeepsHowOftenToRefresh(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	b := newClockedTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.do(`(() => { const every = document.querySelector('.rpt-select'); every.value = '5'; every.dispatchEvent(new Event('change')); })()`)
	b.advance("240_000")
	b.do(`(seen.length = 0, rupturaWorkerClient.stop(), rupturaWorkerClient.start())`)
	b.analysed()
	if shown := b.text(`document.querySelector('.rpt-select').value`); shown != "5" {
		t.Errorf("it shows %q after a new start", shown)
	}
	b.advance("240_000")
	if n := b.requested("POST "); n != 2 {
		t.Errorf("%d analyses, though the time from before the stop does not count", n)
	}
	b.advance("61_000")
	b.waitRequests("POST ", 3)
}

// holdRepeated keeps the answer of the second analysis from the page until the server is done with it.
const holdRepeated = `window.posts = 0;
window.let = () => {};
window.held = false;
const fetched = window.fetch;
window.fetch = async (address, init) => {
	const answer = await fetched(address, init);
	if (init?.method !== 'POST' || ++posts !== 2) return answer;
	const session = answer.headers.get('Location');
	for (let status = {}; status.processados !== status.total_pedidos || !status.processados;) status = await (await fetched(session)).json();
	const go = new Promise((done) => { window.go = done; });
	window.held = true;
	await go;
	return answer;
};`

// An order that was clicked while its analysis was being asked for has a newer result than the analysis, and is counted.
func TestBrowserCountsOrdersClickedMeanwhile(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	b := newTab(t, browser)
	b.beforeScripts(holdRepeated)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.do(`(seen.length = 0, document.querySelector('.rpt-panel .rpt-action').click())`)
	b.wait(`held`)
	b.do(`document.querySelector('.rpt-button').click()`)
	b.wait(`document.querySelector('dialog[open] [role=tablist]')`)
	b.do(`go()`)
	b.analysed()
	b.wait(`!document.querySelector('[data-velho]')`)
	b.do(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`)
	b.figuresAddUp(clientOrders)
	if n := b.number(`seen.filter((e) => e.name === 'resultado').length`); n != clientOrders+1 {
		t.Errorf("%d results were told of, want the click's and one for each order", n)
	}
}

// The details say what is lost, the costliest item first, and tell those who do not see them that they have come.
func TestBrowserDetailsShowWhatIsLost(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, browserOrders)
	b := newTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.do(`document.querySelector('.rpt-button[data-estado=CRITICA]').click()`)
	b.wait(`document.querySelector('dialog[open] .rpt-items')`)
	if n := b.number(`document.querySelectorAll('dialog .rpt-items tbody tr').length`); n < 2 {
		t.Fatalf("%d short items are too few to be sorted", n)
	}
	const values = `[...document.querySelectorAll('dialog .rpt-items tbody .rpt-value')].map((c) => Number(c.textContent.replace(/\D/g, '')))`
	if n := b.number(values + `.filter((v, i, all) => i > 0 && v > all[i - 1]).length`); n != 0 {
		t.Errorf("%d items cost more than the one before", n)
	}
	b.says("dialog .rpt-facts", "Disponível\\d+% do valor")
	b.says("dialog .rpt-facts", "Em riscoR")
	b.says("dialog [role=status]", "^Dados lidos às")
	if !b.holds(`!document.querySelector('dialog [aria-busy]')`) {
		t.Error("it seems to be loading still")
	}
	b.quiet()
}
