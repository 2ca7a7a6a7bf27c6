package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// clientOrders is the size of the book in the tests of the client: three lots.
const clientOrders = 60

// Tests of how the client gets its results, in a page whose clock the tests turn on.
func TestBrowserClientTransport(t *testing.T) {
	browser := startBrowser(t)
	server := serveDemo(t, clientOrders)
	tests := []struct {
		name string
		run  func(*testing.T, context.Context, *served)
	}{
		{"15 s of silence, and the client polls until the next analysis", silenceFallback},
		{"three failures in a row, and it polls until the next analysis", failuresFallback},
		{"failures that are not in a row change nothing", failuresApart},
		{"polls come every 2 to 10 s, and end after 30 without news", pollsEnd},
		{"a server that goes in the middle and comes back", serverGone},
		{"a server that does not come back, until the network does", serverAway},
		{"a lost session of a whole book begins its sums from zero", lostBook},
		{"429 counts the seconds, in the panel and in the details", busyCounts},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, browser, server) })
	}
}

// again analyses once more and fails unless that came over one stream, without polling.
func (b *tab) againOverStream(proxy *faultyProxy) {
	b.t.Helper()
	streams, polls := proxy.streams.Load(), b.requested("?desde=")
	b.do(`seen.length = 0`)
	b.click(`.rpt-panel .rpt-action`)
	b.analysed()
	if n := proxy.streams.Load() - streams; n != 1 {
		b.t.Errorf("%d streams for the next analysis, want 1", n)
	}
	if n := b.requested("?desde=") - polls; n != 0 {
		b.t.Errorf("%d polls in the next analysis, which streams", n)
	}
	if note := b.text(`document.querySelector('.rpt-panel .rpt-note').textContent`); note != "" {
		b.t.Errorf("the panel still says %q", note)
	}
}

func silenceFallback(t *testing.T, browser context.Context, server *served) {
	held := make(chan struct{})
	defer close(held)
	proxy := newFaultyProxy(t, server.url, nil, func(n int64, _ *http.Request) (int, int) {
		if n == 1 {
			<-held
		}
		return 0, 0
	})
	b := newClockedTab(t, browser)
	b.open(proxy.URL + "/carteira?lang=pt")
	b.wait(`seen.some((e) => e.name === 'inicio')`)
	b.advance("13_000")
	if n := b.requested("/status/"); n != 0 {
		t.Errorf("%d polls after 13 s of silence", n)
	}
	b.advance("3_000")
	b.wait(`/consultando a cada/.test(document.querySelector('.rpt-panel').textContent) || seen.some((e) => e.name === 'completo')`)
	b.analysed()
	b.oneButtonEach(clientOrders)
	if n := b.requested("/status/"); n == 0 {
		t.Error("no polls")
	}
	b.againOverStream(proxy)
}

func failuresFallback(t *testing.T, browser context.Context, server *served) {
	var well atomic.Bool
	proxy := newFaultyProxy(t, server.url, nil, func(int64, *http.Request) (int, int) {
		if well.Load() {
			return 0, 0
		}
		return http.StatusBadGateway, 0
	})
	b := newClockedTab(t, browser)
	b.open(proxy.URL + "/carteira?lang=pt")
	b.passes(`seen.some((e) => e.name === 'completo')`)
	b.analysed()
	b.oneButtonEach(clientOrders)
	if n := proxy.streams.Load(); n != 3 {
		t.Errorf("%d streams were tried, want 3", n)
	}
	well.Store(true)
	b.againOverStream(proxy)
}

// failuresApart has two failures, some events, and two failures more: a connection that is cut, from which
// the browser comes back by its own clock, and an answer that is not a stream.
func failuresApart(t *testing.T, browser context.Context, server *served) {
	proxy := newFaultyProxy(t, server.url, nil, func(n int64, r *http.Request) (int, int) {
		switch {
		case n == 3:
			return 0, 3
		case n <= 4 && r.Method == http.MethodGet:
			return http.StatusBadGateway, 0
		}
		return 0, 0
	})
	b := newClockedTab(t, browser)
	b.open(proxy.URL + "/carteira?lang=pt")
	b.resumes()
	b.resumes()
	proxy.cutOnceHeard(b)
	b.resumes()
	b.wait(`seen.some((e) => e.name === 'completo')`)
	b.analysed()
	b.oneButtonEach(clientOrders)
	if n := proxy.streams.Load(); n != 5 {
		t.Errorf("%d streams were tried, want 5", n)
	}
	if n := b.requested("/status/"); n != 0 {
		t.Errorf("%d polls, though a stream came after two failures", n)
	}
}

// noNews answers every poll in the page itself, with nothing new, and keeps how many waits were begun before it.
const noNews = `window.polls = [];
const fetched = window.fetch;
window.fetch = (address, init) => {
	if (!/\/status\/.*desde=/.test(address)) return fetched(address, init);
	polls.push(waits.length);
	return Promise.resolve(new Response('{"eventos": [], "ultimo_evento": 0}'));
};`

func pollsEnd(t *testing.T, browser context.Context, server *served) {
	proxy := newFaultyProxy(t, server.url, nil, func(int64, *http.Request) (int, int) { return http.StatusBadGateway, 0 })
	b := newClockedTab(t, browser)
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: noNews})
	b.must(err)
	b.open(proxy.URL + "/carteira?lang=pt")
	b.passes(`/A análise parou/.test(document.querySelector('.rpt-status').textContent)`)
	b.says(".rpt-note[data-alerta]", "O servidor não dá notícia desta análise")
	if n := b.number(`polls.length`); n != 30 {
		t.Fatalf("%d polls, want 30", n)
	}
	// What the client asked for, not when its timers ran: an answer takes its time to be read.
	want := slices.Concat([]float64{2000, 3000, 4500, 6750}, slices.Repeat([]float64{10000}, 25))
	if waits := evaluate[[]float64](b, `waits.slice(polls[0]).filter((ms) => ms > 1000)`); !slices.Equal(waits, want) { // the panel's clock is a second
		t.Errorf("between polls it waited %v ms, want %v", waits, want)
	}
}

func serverGone(t *testing.T, browser context.Context, server *served) {
	proxy := newFaultyProxy(t, server.url, nil, func(n int64, _ *http.Request) (int, int) {
		if n == 1 {
			return 0, 3
		}
		return 0, 0
	})
	g := newGate(t, proxy.URL)
	g.shutAfter.Store(true)
	b := newClockedTab(t, browser)
	b.open(g.URL + "/carteira?lang=pt")
	proxy.cutOnceHeard(b)
	b.says(".rpt-note[data-alerta]", "Conexão interrompida: retomando")
	b.passes(`/Servidor sem resposta: retoma sozinho/.test(document.querySelector('.rpt-note').textContent)`)
	if n := b.number(`document.querySelectorAll('.rpt-button[data-estado=waiting]').length`); n == 0 || n == clientOrders {
		t.Errorf("%d orders wait: the server should be gone in the middle", n)
	}
	g.shut.Store(false)
	b.passes(`seen.some((e) => e.name === 'completo')`)
	b.analysed()
	b.oneButtonEach(clientOrders)
	if n := b.number(`seen.filter((e) => e.name === 'resultado').length`); n != clientOrders {
		t.Errorf("%d results, want each order once", n)
	}
}

func serverAway(t *testing.T, browser context.Context, server *served) {
	g := newGate(t, server.url)
	b := newClockedTab(t, browser)
	b.open(g.URL + "/carteira?lang=pt")
	b.analysed()
	g.shut.Store(true)
	b.click(`.rpt-panel .rpt-action`)
	b.passes(`/Servidor sem resposta. Nova tentativa em \d+ s/.test(document.querySelector('.rpt-note').textContent)`)
	b.passes(`/A análise parou/.test(document.querySelector('.rpt-status').textContent)`)
	if n := b.number(`document.querySelectorAll('.rpt-button[data-velho]').length`); n != clientOrders {
		t.Errorf("%d buttons are marked as old", n)
	}
	if hint := b.text(`document.querySelector('.rpt-button').title`); !strings.Contains(hint, "de antes da última análise") {
		t.Errorf("an old button says %q", hint)
	}
	g.shut.Store(false)
	b.do(`(seen.length = 0, window.dispatchEvent(new Event('online')))`)
	b.analysed()
	if n := b.number(`document.querySelectorAll('.rpt-button[data-velho]').length`); n != 0 {
		t.Errorf("%d buttons are still marked as old", n)
	}
}

func lostBook(t *testing.T, browser context.Context, server *served) {
	var first atomic.Value
	proxy := newFaultyProxy(t, server.url, nil, func(n int64, r *http.Request) (int, int) {
		switch {
		case n == 1:
			first.Store(r.URL.Path)
			return 0, 3
		case r.URL.Path == first.Load():
			return http.StatusNotFound, 0
		}
		return 0, 0
	})
	b := newClockedTab(t, browser)
	b.open(proxy.URL + "/carteira?lang=pt")
	proxy.cutOnceHeard(b)
	b.wait(`seen.some((e) => e.name === 'completo')`)
	if n := b.number(`products.filter((p) => p.novo).length`); n != 2 {
		t.Errorf("the sums began %d times, want once for each session", n)
	}
	sum := b.number(`products.slice(products.findLastIndex((p) => p.novo)).flatMap((p) => p.produtos).reduce((s, p) => s + Math.round(p.valor * 100), 0)`)
	want := b.number(`seen.filter((e) => e.name === 'resultado').reduce((s, e) => s + Math.round(e.resultado.resumo.valor_com_ruptura * 100), 0)`)
	if sum != want || sum == 0 {
		t.Errorf("the products add up to %d, the orders to %d", sum, want)
	}
}

func busyCounts(t *testing.T, browser context.Context, server *served) {
	g := newGate(t, server.url)
	b := newClockedTab(t, browser)
	g.tooBusy.Store(1)
	b.open(g.URL + "/carteira?lang=pt")
	b.says(".rpt-note[data-alerta]", "Servidor ocupado. Nova tentativa em 8 s")
	b.advance("2_000")
	b.says(".rpt-note[data-alerta]", "Nova tentativa em 6 s")
	b.advance("8_000")
	b.analysed()
	g.tooBusy.Store(1)
	b.click(`.rpt-button`)
	b.says("dialog[open] .rpt-head .rpt-note", "Servidor ocupado. Nova tentativa em [78] s")
	b.advance("9_000")
	b.wait(`document.querySelector('dialog[open] .rpt-items')`)
}
