package main

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// watchShifts adds up what the layout of a page has shifted since it began.
const watchShifts = `window.shifts = [];
new PerformanceObserver((l) => shifts.push(...l.getEntries().filter((e) => !e.hadRecentInput)
	.map((e) => ({value: e.value, of: e.sources.map((s) => s.node?.className ?? s.node?.nodeName)})))).observe({type: 'layout-shift', buffered: true});`

// maxShift is the most that the layout of a page may shift from first to last.
const maxShift = 0.05

// Pages of any size fill themselves without a word on the console, a second button, a shift of the
// layout or a task that blocks them.
func TestBrowserBars(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several loads of large pages")
	}
	browser := startBrowser(t)
	for _, orders := range []int{100, 500, 2000} {
		t.Run(strconv.Itoa(orders)+" orders", func(t *testing.T) {
			server := serveDemo(t, orders)
			address := server.url + "/carteira?lang=pt&limite=" + strconv.Itoa(orders)
			for _, width := range []int64{1366, 360} {
				t.Run(fmt.Sprintf("%d px", width), func(t *testing.T) { fillsSteadily(t, browser, address, orders, width) })
			}
			if orders < 2000 { // that size has a test of its own
				t.Run("responsive", func(t *testing.T) { staysResponsive(t, browser, address, orders) })
			}
		})
	}
}

// fillsSteadily loads a page and fails unless it fills itself whole, quietly and without shifting.
func fillsSteadily(t *testing.T, browser context.Context, address string, orders int, width int64) {
	t.Helper()
	b := newTab(t, browser)
	b.beforeScripts(watchShifts)
	b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 768)))
	b.open(address)
	b.analysed()
	b.painted()
	b.wholeStream(orders)
	b.oneButtonEach(orders)
	b.figuresAddUp(orders)
	b.quiet()
	if shift := evaluate[float64](b, `shifts.reduce((sum, s) => sum + s.value, 0)`); shift >= maxShift {
		t.Errorf("the layout shifted by %.3f, want less than %v: %s", shift, maxShift, b.text(`JSON.stringify(shifts)`))
	} else {
		t.Logf("layout shift %.4f", shift)
	}
}

// beforeScripts runs a script in each page that a tab opens, before any of the page's own.
func (b *tab) beforeScripts(source string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source})
	b.must(err)
}

// painted waits until what has changed in a page is on the screen.
func (b *tab) painted() {
	b.t.Helper()
	b.do(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))`)
}

const (
	warmUps    = 20
	reanalyses = 20
	// heapGrowth is the most by which a heap may have grown over all re-analyses: what the engine keeps of
	// code it has optimised, no more.
	heapGrowth = 1.15
)

// holding is what a page holds after its garbage was collected.
type holding struct{ nodes, listeners, heap float64 }

// Analysing the same book again and again leaves nothing behind: no node, listener or stream.
func TestBrowserMemoryIsSteady(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := newStand(t, serveDemo(t, browserOrders).url, manners{})
	b := newTab(t, browser)
	b.command(chromedp.Call(b.ctx, performance.Enable, performance.EnableParams{}))
	b.open(server.URL + "/carteira?lang=pt")
	b.analysed()
	b.reanalyse(warmUps)
	before := b.left()
	b.reanalyse(reanalyses)
	after := b.left()
	t.Logf("before %+v, after %d re-analyses %+v", before, reanalyses, after)
	if after.nodes > before.nodes {
		t.Errorf("%v nodes more", after.nodes-before.nodes)
	}
	if after.listeners > before.listeners {
		t.Errorf("%v listeners more", after.listeners-before.listeners)
	}
	if after.heap > before.heap*heapGrowth {
		t.Errorf("the heap grew from %.0f to %.0f bytes", before.heap, after.heap)
	}
	if n := server.streams.Load(); n != 0 {
		t.Errorf("%d streams are still open", n)
	}
	b.oneButtonEach(browserOrders)
	b.quiet()
}

// reanalyse analyses the book so many times, and looks at an order and at a product after each.
func (b *tab) reanalyse(times int) {
	b.t.Helper()
	for range times {
		b.do(`seen.length = 0`)
		b.click(`.rpt-panel .rpt-action`)
		b.analysed()
		b.do(`document.querySelector('.rpt-button:not([data-estado=ok])').click()`)
		b.wait(`document.querySelector('dialog[open] .rpt-project')`)
		b.do(`document.querySelector('dialog[open] .rpt-project').click()`)
		b.wait(`document.querySelector('dialog[open] .rpt-chart *')`)
		b.do(`document.querySelector('dialog[open]').close()`)
		b.wait(`!document.querySelector('dialog[open]')`)
	}
}

// left collects the garbage of a page and gives what is left.
func (b *tab) left() holding {
	b.t.Helper()
	b.forget()
	b.painted()
	for range 3 { // what the first round frees may hold what the next one can free
		b.command(chromedp.Call(b.ctx, heapprofiler.CollectGarbage, cdp.Empty{}))
	}
	metrics, err := chromedp.Call(b.ctx, performance.GetMetrics, cdp.Empty{})
	b.must(err)
	values := map[string]float64{}
	for _, m := range metrics.Metrics {
		values[m.Name] = m.Value
	}
	return holding{values["Nodes"], values["JSEventListeners"], values["JSHeapUsedSize"]}
}

// forget drops what the test itself has kept of a page.
func (b *tab) forget() {
	b.t.Helper()
	b.do(`(seen.length = 0, longTasks.length = 0, performance.clearMarks(), performance.clearResourceTimings())`)
}

// The orders are on their way before the page has loaded: nothing waits for its first frame.
func TestBrowserSendsOrdersBeforeTheLoadEvent(t *testing.T) {
	t.Parallel()
	server := serveDemo(t, browserOrders)
	b := newTab(t, sharedBrowser(t))
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	if !evaluate[bool](b, `performance.getEntriesByType('resource').find((e) => e.name.endsWith('/processar-lote')).startTime
		< performance.getEntriesByType('navigation')[0].domContentLoadedEventStart`) {
		t.Error("the orders were sent only once the page had loaded")
	}
	b.oneButtonEach(browserOrders)
	b.quiet()
}
