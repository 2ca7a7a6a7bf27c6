package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"ruptura/internal/dataset"
	"ruptura/internal/demo"
)

// browserOrders is the size of the book in most of these tests: more than 100 orders, and not a
// whole number of lots.
const browserOrders = 130

// Tests of the page and its client in a real browser, against the real program.
func TestBrowser(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, browserOrders)
	tests := []struct {
		name string
		run  func(*testing.T, context.Context, *served)
	}{
		{"results come in lots of twenty, over one stream", pageFillsItself},
		{"a click opens fresh details and returns the focus", clickOpensDetails},
		{"a second script tag changes nothing", scriptTwice},
		{"rows that are replaced keep one button and one analysis", rowsReplaced},
		{"a stream cut in the middle resumes", streamCut},
		{"a session that is lost is sent again for what is missing", sessionLost},
		{"where streaming is impossible the client polls", pollingFallback},
		{"languages and themes", languagesAndThemes},
		{"stop takes everything away and start begins again", stopAndStart},
		{"leaving and coming back", leaveAndReturn},
		{"cancel and analyse again", cancelAndRepeat},
		{"a busy server is waited for", busyServer},
		{"sorted by availability", sortedByAvailability},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(t, browser, server)
		})
	}
}

func pageFillsItself(t *testing.T, browser context.Context, server *served) {
	b := newTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.wholeStream(browserOrders)
	var lots []int
	for _, e := range b.streamed() {
		if e.Kind == "resultados" {
			lots = append(lots, len(e.Results))
		}
	}
	slices.Sort(lots) // the smaller lot is the book's last, but another worker's last may end later
	if want := []int{10, 20, 20, 20, 20, 20, 20}; !slices.Equal(lots, want) {
		t.Errorf("the lots have %v orders, want %v", lots, want)
	}
	b.oneButtonEach(browserOrders)
	if n := b.number(`[...document.querySelectorAll('.rpt-button')].filter((b) => !/^(Estoque OK|Disp\. \d{1,2}% \| Total (Disp\. \d\d\/\d\d|Não Disp\.))$/.test(b.textContent)).length`); n > 0 {
		t.Errorf("%d buttons have another text than they should, such as %q", n, b.text(`document.querySelector('.rpt-button').textContent`))
	}
	if n := b.number(`[...document.querySelectorAll('.rpt-button')].filter((b) => !/\d+ de \d+ itens disponíveis/.test(b.title)).length`); n > 0 {
		t.Errorf("%d buttons do not say how many items are available", n)
	}
	if n := b.requested("/status/"); n != 0 {
		t.Errorf("%d requests for the status while streaming works", n)
	}
	if n := b.requested("/api/ruptura/stream/"); n != 1 {
		t.Errorf("%d streams, want 1", n)
	}
	b.figuresAddUp(browserOrders)
	b.quiet()
}

func clickOpensDetails(t *testing.T, browser context.Context, server *served) {
	b := newTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	order := b.text(`document.querySelector('.rpt-button:not([data-estado=ok])').closest('tr').dataset.pedido`)
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(rowButton(order)))))
	b.wait(`document.querySelector('dialog[open] .rpt-items')`)
	if title := b.text(`document.querySelector('.rpt-title').textContent`); !strings.Contains(title, order) {
		t.Errorf("the details are of %q, not of %s", title, order)
	}
	if n := b.requested("GET " + server.url + "/api/ruptura/analisar/" + order); n != 1 {
		t.Errorf("%d requests for the order's own analysis", n)
	}
	if n := b.number(`document.querySelectorAll('[role=tab]').length`); n != 3 {
		t.Errorf("%d tabs", n)
	}
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Escape)))
	b.wait(`!document.querySelector('dialog[open]')`)
	if back := b.text(`document.activeElement.closest('tr')?.dataset.pedido ?? ''`); back != order {
		t.Errorf("the focus went to %q", back)
	}
	b.quiet()
}

func scriptTwice(t *testing.T, browser context.Context, server *served) {
	proxy := newFaultyProxy(t, server.url, map[string]string{"/host": hostPage(t, server, 40, 2)}, nil)
	b := newTab(t, browser)
	b.open(proxy.URL + "/host")
	b.analysed()
	b.must(chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](`rupturaWorkerClient.start(); new RupturaWorkerClient().start(); undefined`)))
	b.oneButtonEach(40)
	if n := b.requested("POST "); n != 1 {
		t.Errorf("%d analyses, want 1", n)
	}
	if got := b.troubles(); len(got) != 2 {
		t.Errorf("one warning for the script and one for the second client, got %q", got)
	}
}

func rowsReplaced(t *testing.T, browser context.Context, server *served) {
	proxy := newFaultyProxy(t, server.url, map[string]string{"/host": hostPage(t, server, 40, 1)}, nil)
	b := newTab(t, browser)
	b.open(proxy.URL + "/host")
	b.analysed()
	// What hosts do when they sort, filter and page: a copy of the rows, buttons and all; the rows
	// without buttons; one row more.
	b.must(chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](`{
		const body = document.querySelector('tbody');
		body.replaceChildren(...[...body.rows].reverse().map((r) => r.cloneNode(true)));
		for (const r of [...body.rows].slice(0, 10)) r.querySelector('.coluna-entrega-obs').replaceChildren();
		const more = body.rows[0].cloneNode(true); more.dataset.pedido = 'NAO-EXISTE'; body.append(more);
	} undefined`)))
	b.wait(`document.querySelectorAll('.rpt-button').length === 41 && document.querySelector('tr[data-pedido="NAO-EXISTE"] .rpt-button[data-estado=failed]')`)
	b.oneButtonEach(41)
	if n := b.number(`document.querySelectorAll('.rpt-button[data-estado=waiting], .rpt-button[data-estado=idle]').length`); n > 0 {
		t.Errorf("%d rows lost their result", n)
	}
	<-proxy.bodies
	if second := <-proxy.bodies; second != `{"pedidos":["NAO-EXISTE"]}` {
		t.Errorf("the second analysis asked for %s", second)
	}
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(`tbody tr:first-child .rpt-button`))))
	b.wait(`document.querySelector('dialog[open] .rpt-items')`)
	b.quiet()
}

func streamCut(t *testing.T, browser context.Context, server *served) {
	proxy := newFaultyProxy(t, server.url, nil, func(n int64, _ *http.Request) (int, int) {
		if n == 1 {
			return 0, 3
		}
		return 0, 0
	})
	b := newTab(t, browser)
	b.open(proxy.URL + "/carteira")
	proxy.cutOnceHeard(b)
	b.analysed()
	b.wholeStream(browserOrders)
	b.oneButtonEach(browserOrders)
	if n := proxy.streams.Load(); n != 2 {
		t.Errorf("%d streams, want the first and its continuation", n)
	}
	if n := b.requested("/status/"); n != 0 {
		t.Errorf("%d requests for the status: a cut stream resumes without", n)
	}
}

func sessionLost(t *testing.T, browser context.Context, server *served) {
	pages := map[string]string{"/host": hostPage(t, server, 100, 1)}
	var first atomic.Value
	proxy := newFaultyProxy(t, server.url, pages, func(n int64, r *http.Request) (int, int) {
		switch {
		case n == 1:
			first.Store(r.URL.Path)
			return 0, 3 // the beginning and a lot or two
		case r.URL.Path == first.Load():
			return http.StatusNotFound, 0
		}
		return 0, 0
	})
	b := newTab(t, browser)
	b.open(proxy.URL + "/host")
	proxy.cutOnceHeard(b)
	b.analysed()
	b.oneButtonEach(100)
	if n := b.number(`seen.filter((e) => e.name === 'resultado').length`); n != 100 {
		t.Errorf("%d results, want each order once", n)
	}
	all, rest := strings.Count(<-proxy.bodies, "VCD"), strings.Count(<-proxy.bodies, "VCD")
	if all != 100 || rest == 0 || rest >= 100 || rest%20 != 0 {
		t.Errorf("asked for %d orders, then for %d", all, rest)
	}
}

func pollingFallback(t *testing.T, browser context.Context, server *served) {
	proxy := newFaultyProxy(t, server.url, nil, func(int64, *http.Request) (int, int) { return http.StatusBadGateway, 0 })
	b := newTab(t, browser)
	b.open(proxy.URL + "/carteira?lang=pt")
	b.wait(`/consultando/.test(document.querySelector('.rpt-panel')?.textContent) || seen.some((e) => e.name === 'completo')`)
	b.analysed()
	b.oneButtonEach(browserOrders)
	if n := b.requested("/status/"); n == 0 || n > 5 {
		t.Errorf("%d requests for the status", n)
	}
}

func languagesAndThemes(t *testing.T, browser context.Context, server *served) {
	b := newTab(t, browser)
	b.media("prefers-color-scheme", "dark")
	b.open(server.url + "/carteira?lang=en")
	b.analysed()
	if n := b.number(`[...document.querySelectorAll('.rpt-button')].filter((b) => !/^(Stock OK|Avail\. \d{1,2}% \| All (on \d\d [A-Z][a-z]+|not avail\.))$/.test(b.textContent)).length`); n > 0 {
		t.Errorf("%d buttons are not in English", n)
	}
	background := `getComputedStyle(document.body).backgroundColor`
	dark := b.text(background)
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(`[data-tema-escolha=claro]`))))
	if light := b.text(background); light == dark {
		t.Errorf("the theme did not change from %s", dark)
	}
	b.open(server.url + "/carteira")
	if theme := b.text(`document.documentElement.dataset.tema + document.documentElement.lang`); theme != "claroen" {
		t.Errorf("the next page is %q, not light and English", theme)
	}
	b.quiet()
}

func stopAndStart(t *testing.T, browser context.Context, server *served) {
	b := newTab(t, browser)
	b.open(server.url + "/carteira")
	b.analysed()
	left := b.number(`rupturaWorkerClient.stop(), rupturaWorkerClient.stop(), document.querySelectorAll('[class^=rpt-]').length`)
	if left != 0 {
		t.Errorf("%d elements are left after stop", left)
	}
	b.must(chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](`seen.length = 0; rupturaWorkerClient.start(); undefined`)))
	b.analysed()
	b.oneButtonEach(browserOrders)
	b.quiet()
}

func leaveAndReturn(t *testing.T, browser context.Context, server *served) {
	b := newTab(t, browser)
	b.open(server.url + "/carteira")
	b.analysed()
	b.must(chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](`seen.length = 0; undefined`))) // the page may come back as it was left
	b.open(server.url + "/carteira?uf=SP")
	b.analysed()
	b.back()
	b.analysed()
	b.oneButtonEach(browserOrders)
	if n := b.requested("POST "); n != 3 {
		t.Errorf("%d analyses, want one for each time a page was shown", n)
	}
	b.quiet()
}

func cancelAndRepeat(t *testing.T, browser context.Context, server *served) {
	held := make(chan struct{})
	proxy := newFaultyProxy(t, server.url, nil, func(n int64, _ *http.Request) (int, int) {
		if n == 1 {
			<-held
		}
		return 0, 0
	})
	b := newTab(t, browser)
	b.open(proxy.URL + "/carteira?lang=pt")
	b.wait(`seen.some((e) => e.name === 'inicio')`)
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(`.rpt-panel .rpt-action`))))
	b.wait(`/cancelada/.test(document.querySelector('.rpt-status').textContent)`)
	close(held)
	if n := b.number(`document.querySelectorAll('.rpt-button[data-estado=waiting]').length`); n > 0 {
		b.wait(`!document.querySelector('.rpt-button[data-estado=waiting]')`)
	}
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(`.rpt-panel .rpt-action`))))
	b.analysed()
	b.oneButtonEach(browserOrders)
}

func busyServer(t *testing.T, browser context.Context, server *served) {
	proxy := newFaultyProxy(t, server.url, nil, nil)
	proxy.busy.Store(1)
	b := newTab(t, browser)
	b.open(proxy.URL + "/carteira?lang=pt")
	b.wait(`/Servidor ocupado. Nova tentativa em \d s/.test(document.querySelector('.rpt-panel')?.textContent)`)
	b.analysed()
	b.oneButtonEach(browserOrders)
	if n := b.requested("POST "); n != 2 {
		t.Errorf("%d requests, want the refused one and its repetition", n)
	}
}

func sortedByAvailability(t *testing.T, browser context.Context, server *served) {
	b := newTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(`#por-resultado a`))))
	b.wait(`location.search.includes('ordem=disponibilidade')`)
	b.analysed()
	b.oneButtonEach(browserOrders)
	falls := `[...document.querySelectorAll('.rpt-button')].map((b) => Number(/(\d+)%/.exec(b.textContent)?.[1] ?? 100)).filter((p, i, all) => i > 0 && p < all[i - 1]).length`
	if n := b.number(falls); n != 0 {
		t.Errorf("the rows are out of order in %d places", n)
	}
	if sorted := b.text(`document.querySelector('th.coluna-entrega-obs').getAttribute('aria-sort')`); sorted != "ascending" {
		t.Errorf("the heading says %q", sorted)
	}
	b.quiet()
}

// A click and a repeated analysis see what has changed in the database since the page was read.
func TestBrowserSeesChangedStock(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, 40)
	b := newTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.wait(`document.querySelector('[data-figura=ok]').textContent > 0`)
	server.replace(t, []dataset.Relation{dataset.Stock}, func(dataset.Writer) error { return nil })
	order := b.text(`document.querySelector('.rpt-button[data-estado=ok]').closest('tr').dataset.pedido`)
	button := rowButton(order)
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(button))))
	b.wait(`document.querySelector('dialog[open] .rpt-bad')`)
	b.wait(fmt.Sprintf(`document.querySelector('%s').dataset.estado !== 'ok'`, button))
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Escape), chromedp.Click(chromedp.CSS(`.rpt-panel .rpt-action`))))
	b.wait(`seen.filter((e) => e.name === 'completo').length === 2 && document.querySelector('[data-figura=ok]').textContent === '0'`)
	b.quiet()
}

// Names that are markup are shown as what they are, on the page and in the details.
func TestBrowserShowsHostileNames(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveHostile(t, 20)
	b := newTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(`.rpt-button`))))
	b.wait(`document.querySelector('dialog[open] .rpt-items')`)
	if n := b.number(`window.hacked ? 1000 : document.querySelectorAll('img[src=x]').length`); n > 0 {
		t.Errorf("a name became markup")
	}
	if got := b.text(`document.querySelector('.rpt-name').textContent`); got != hostileName {
		t.Errorf("the product is shown as %q", got)
	}
	b.quiet()
}

const hostileName = `<img src=x onerror="window.hacked=1">'"&`

// serveHostile runs the program on a made-up company whose names are all hostile.
func serveHostile(t *testing.T, orders int) *served {
	t.Helper()
	s := &served{database: filepath.Join(t.TempDir(), "browser.db")}
	s.replace(t, dataset.Relations(), func(w dataset.Writer) error {
		return demo.Generate(demo.Config{Orders: orders, Movements: orders * 20, Seed: 1, Today: browserToday}, hostile{w})
	})
	s.start(t)
	return s
}

// hostile gives every order and product a name that is markup.
type hostile struct{ dataset.Writer }

func (h hostile) Order(o dataset.Order) error {
	o.Client, o.City, o.Salesperson, o.Note = hostileName, hostileName, hostileName, hostileName
	return h.Writer.Order(o)
}

func (h hostile) Item(i dataset.Item) error {
	i.Name = hostileName
	return h.Writer.Item(i)
}

// The page stays responsive while 2,000 orders stream in: no task blocks it for more than 50 ms.
func TestBrowserStaysResponsive(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several loads of a large page")
	}
	browser := startBrowser(t)
	server := serveDemo(t, 2000)
	staysResponsive(t, browser, server.url+"/carteira?limite=2000", 2000)
}

// staysResponsive loads a page and gives the longest task that ran while results streamed in. The
// best of a few loads counts, as the machine may be busy with something else.
func staysResponsive(t testing.TB, browser context.Context, address string, orders int) (longest longTask, loads int) {
	t.Helper()
	var worse []longTask
	for loads = 1; loads <= 5; loads++ {
		b := newTab(t, browser)
		longest = b.longest("ruptura:inicio", "ruptura:completo", func() {
			b.open(address)
			b.analysed()
		})
		b.oneButtonEach(orders)
		if !longest.blocks() && longest.Busy >= 0 {
			t.Logf("longest task %v, after %v in loads before", longest, worse)
			return longest, loads
		}
		worse = append(worse, longest)
	}
	t.Errorf("the longest tasks while results streamed in took %v, want at most 50 ms", worse)
	return longest, loads
}

// figuresAddUp fails unless each order is counted in exactly one of the figures above the table.
func (b *tab) figuresAddUp(orders int) {
	b.t.Helper()
	if sum := b.number(`['ok', 'CRITICA', 'ALTA', 'MEDIA', 'BAIXA'].reduce((s, n) => s + Number(document.querySelector('[data-figura="' + n + '"]').textContent.replace(/\D/g, '')), 0)`); sum != orders {
		b.t.Errorf("the figures add up to %d orders", sum)
	}
}

// rowButton selects the button of an order.
func rowButton(order string) string { return fmt.Sprintf(`tr[data-pedido=%q] .rpt-button`, order) }

// oneButtonEach fails unless there are so many rows and each has exactly one button.
func (b *tab) oneButtonEach(rows int) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`document.querySelectorAll('.rpt-button').length === %d`, rows))
	n := b.number(`[...document.querySelectorAll('tr.pedido-row')].filter((r) => r.querySelectorAll('.coluna-entrega-obs .rpt-button').length === 1).length`)
	if n != rows {
		b.t.Errorf("%d of %d rows have exactly one button", n, rows)
	}
}

// quiet fails when the console showed a warning or an error.
func (b *tab) quiet() {
	b.t.Helper()
	if got := b.troubles(); len(got) > 0 {
		b.t.Errorf("console: %q", got)
	}
}

// hostPage is a page of somebody else's with a table of the first orders and the client, whose
// script tag it has so many times.
func hostPage(t *testing.T, server *served, orders, scripts int) string {
	t.Helper()
	var page strings.Builder
	page.WriteString(`<!doctype html><html lang="pt-BR"><head><meta charset="utf-8"><title>ERP</title><link rel="icon" href="data:,">`)
	for range scripts {
		page.WriteString(`<script defer src="/static/carteira/js/ruptura-worker-client.js" data-ruptura-auto="true"></script>`)
	}
	page.WriteString(`</head><body><table id="tabela-carteira"><tbody>`)
	for _, number := range server.numbers(t, orders) {
		fmt.Fprintf(&page, `<tr class="pedido-row" data-pedido="%s"><td>%s</td><td class="coluna-entrega-obs"></td></tr>`, number, number)
	}
	page.WriteString(`</tbody></table></body></html>`)
	return page.String()
}
