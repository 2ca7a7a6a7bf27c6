package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// Tests of sessions that end although a lot of theirs was never told, as where a Redis has lost a part of the log.
func TestBrowserClientPartLost(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	tests := []struct {
		name string
		run  func(*testing.T, context.Context, *served)
	}{
		{"the rows that are missing are sent again", partOfRows},
		{"a whole book is sent again, and its sums begin from zero", partOfBook},
		{"rows that come later are sent again, and add to the others", partOfNewRows},
		{"a loss of the second session, too, is said", partTwice},
		{"an analysis that is cancelled meanwhile stays so", partCancelled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(t, browser, server)
		})
	}
}

// forgetful passes on all that a server says, but for the first lot of so many streams.
type forgetful struct {
	*httptest.Server
	streams atomic.Int64
}

func newForgetful(t *testing.T, target string, streams int64) *forgetful {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	f := &forgetful{}
	f.streams.Store(streams)
	f.Server = httptest.NewServer(&httputil.ReverseProxy{
		FlushInterval: -1, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Header.Set("Accept-Encoding", "identity")
		},
		ModifyResponse: func(r *http.Response) error {
			if strings.Contains(r.Request.URL.Path, "/stream/") && r.Request.Method == http.MethodGet && f.streams.Add(-1) >= 0 {
				r.Body = withoutFirstLot(r.Body)
			}
			return nil
		},
	})
	t.Cleanup(func() {
		f.CloseClientConnections()
		f.Close()
	})
	return f
}

// withoutFirstLot is a stream of events short of its first results.
func withoutFirstLot(from io.ReadCloser) io.ReadCloser {
	events, w := io.Pipe()
	go func() {
		lines, forgotten := bufio.NewReader(from), false
		var event []byte
		for {
			line, err := lines.ReadBytes('\n')
			event = append(event, line...)
			switch {
			case err != nil:
				_ = w.CloseWithError(err)
				return
			case len(line) > 1: // an event ends with an empty line
				continue
			case !forgotten && bytes.Contains(event, []byte(`"tipo":"resultados"`)):
				forgotten = true
			default:
				_, _ = w.Write(event) // a reader that has gone ends the reading, too
			}
			event = event[:0]
		}
	}()
	return struct {
		io.Reader
		io.Closer
	}{events, from}
}

// completedOnce fails unless an analysis of a page was told to have begun and ended once, with every order's result once.
func (b *tab) completedOnce(orders int) {
	b.t.Helper()
	b.analysed()
	type counts struct{ Begun, Ended, Results, Orders, Processed, Total int }
	got := evaluate[counts](b, `(() => {
		const named = (name) => seen.filter((e) => e.name === name), [end] = named('completo'), results = named('resultado');
		return {Begun: named('inicio').length, Ended: named('completo').length, Results: results.length,
			Orders: new Set(results.map((e) => e.pedido)).size, Processed: end.processados, Total: end.total};
	})()`)
	if want := (counts{1, 1, orders, orders, orders, orders}); got != want {
		b.t.Errorf("got %+v, want %+v", got, want)
	}
	b.oneButtonEach(orders)
	b.says(".rpt-status", "Análise completa")
}

// sent is what the batches asked for, in the order in which they were sent.
func (p *faultyProxy) sent(t *testing.T) (batches [][]string) {
	t.Helper()
	for len(p.bodies) > 0 {
		var body struct{ Pedidos []string }
		if err := json.Unmarshal([]byte(<-p.bodies), &body); err != nil {
			t.Fatal(err)
		}
		batches = append(batches, body.Pedidos)
	}
	return batches
}

func partOfRows(t *testing.T, browser context.Context, server *served) {
	page := hostPage(t, server, 50, 1)
	proxy := newFaultyProxy(t, newForgetful(t, server.url, 1).URL, map[string]string{"/host": page}, nil)
	b := newClockedTab(t, browser)
	b.open(proxy.URL + "/host")
	b.completedOnce(50)
	b.says(".rpt-figures", "50 de 50")
	sent := proxy.sent(t)
	if len(sent) != 2 || len(sent[0]) != 50 || len(sent[1]) == 0 || len(sent[1]) > 20 {
		t.Fatalf("want all rows and then a lot of them, sent %q", sent)
	}
	for _, order := range sent[1] {
		if !slices.Contains(sent[0], order) {
			t.Errorf("%s was not asked for at first", order)
		}
	}
	b.quiet()
}

func partOfBook(t *testing.T, browser context.Context, server *served) {
	proxy := newFaultyProxy(t, newForgetful(t, server.url, 1).URL, nil, nil)
	b := newClockedTab(t, browser)
	b.open(proxy.URL + "/carteira?lang=pt")
	b.completedOnce(clientOrders)
	b.figuresAddUp(clientOrders)
	if n := b.number(`products.filter((p) => p.novo).length`); n != 2 {
		t.Errorf("the sums began %d times, want once for each session", n)
	}
	sum := b.number(`products.slice(products.findLastIndex((p) => p.novo)).flatMap((p) => p.produtos).reduce((s, p) => s + Math.round(p.valor * 100), 0)`)
	want := b.number(`seen.filter((e) => e.name === 'resultado').reduce((s, e) => s + Math.round(e.resultado.resumo.valor_com_ruptura * 100), 0)`)
	if sum != want || sum == 0 {
		t.Errorf("the products add up to %d, the orders to %d", sum, want)
	}
	b.quiet()
}

func partOfNewRows(t *testing.T, browser context.Context, server *served) {
	f := newForgetful(t, server.url, 0)
	proxy := newFaultyProxy(t, f.URL, map[string]string{"/host": hostPage(t, server, 25, 1)}, nil)
	b := newClockedTab(t, browser)
	b.open(proxy.URL + "/host")
	b.completedOnce(25)
	b.do(`seen.length = 0`)
	proxy.sent(t)
	f.streams.Store(1)
	var fresh []string
	for i := range 25 {
		fresh = append(fresh, "NOVO-"+string(rune('A'+i)))
	}
	rows, err := json.Marshal(fresh)
	if err != nil {
		t.Fatal(err)
	}
	b.do(`document.querySelector('tbody').append(...` + string(rows) + `.map((order) => { const row = document.querySelector('tr.pedido-row').cloneNode(true); row.dataset.pedido = order; row.querySelector('.coluna-entrega-obs').replaceChildren(); return row; }))`)
	b.wait(`seen.some((e) => e.name === 'completo')`)
	if n := b.number(`new Set(seen.filter((e) => e.name === 'resultado').map((e) => e.pedido)).size`); n != len(fresh) {
		t.Errorf("%d results of %d new rows", n, len(fresh))
	}
	if n := b.number(`seen.filter((e) => e.name === 'inicio').length`); n != 1 {
		t.Errorf("it began %d times", n)
	}
	b.says(".rpt-figures", "50 de 50")
	if sent := proxy.sent(t); len(sent) != 2 || len(sent[0]) != 25 || len(sent[1]) == 0 || len(sent[1]) > 20 {
		t.Errorf("want all new rows and then a lot of them, sent %q", sent)
	}
}

func partTwice(t *testing.T, browser context.Context, server *served) {
	f := newForgetful(t, server.url, 2)
	proxy := newFaultyProxy(t, f.URL, map[string]string{"/host": hostPage(t, server, 50, 1)}, nil)
	b := newClockedTab(t, browser)
	b.open(proxy.URL + "/host")
	b.says(".rpt-status", "A análise parou")
	b.says(".rpt-note[data-alerta]", "O servidor perdeu esta análise")
	sent := proxy.sent(t)
	if len(sent) != 2 {
		t.Fatalf("%d batches, want 2", len(sent))
	}
	known := b.number(`new Set(seen.filter((e) => e.name === 'resultado').map((e) => e.pedido)).size`)
	if known != 50-len(sent[1]) {
		t.Errorf("%d results are shown, want %d", known, 50-len(sent[1]))
	}
	if n := b.number(`seen.filter((e) => e.name === 'completo').length`); n != 0 {
		t.Error("it was told to be complete")
	}
	b.do(`seen.length = 0`)
	b.click(`.rpt-panel .rpt-action`)
	b.completedOnce(50)
}

func partCancelled(t *testing.T, browser context.Context, server *served) {
	g := newGate(t, newForgetful(t, server.url, 1).URL)
	proxy := newFaultyProxy(t, g.URL, map[string]string{"/host": hostPage(t, server, 50, 1)}, nil)
	b := newClockedTab(t, browser)
	g.shutAfter.Store(true) // the first stream ends, and nobody answers what is sent again
	b.open(proxy.URL + "/host")
	b.wait(`/Servidor sem resposta|Nova tentativa/.test(document.querySelector('.rpt-note')?.textContent)`)
	b.click(`.rpt-panel .rpt-action`)
	b.says(".rpt-status", "Análise cancelada")
	g.shut.Store(false)
	b.advance("30_000")
	if n := b.number(`seen.filter((e) => e.name === 'completo').length`); n != 0 {
		t.Error("a cancelled analysis was told to be complete")
	}
	b.says(".rpt-status", "Análise cancelada")
}
