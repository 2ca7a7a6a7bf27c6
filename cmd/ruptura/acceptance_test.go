package main

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// acceptanceOrders is the size of the book: 15 whole lots, on one page.
const acceptanceOrders = 300

// TestAcceptance walks what the program promises, point by point, on the running program and a
// real browser, and reports what it measured (go test -v -run Acceptance ./cmd/ruptura). Times and
// memory are reported and not judged: they are the machine's as much as ours.
func TestAcceptance(t *testing.T) {
	a := startAcceptance(t)
	points := []struct {
		name  string
		check func() string
	}{
		{"a page of more than 100 orders", a.fullPage},
		{"work in lots, an update every 20", a.updatesInLots},
		{"a manual click", a.manualClick},
		{"data fresh after a change", a.freshData},
		{"total time and memory", a.timeAndMemory},
		{"two workers seen at work", a.twoWorkers},
		{"no polling", a.noPolling},
		{"the page does not freeze", a.noFreeze},
		{"feedback", a.feedback},
		{"buttons", a.buttons},
		{"details dialog", a.dialog},
	}
	var report strings.Builder
	table := tabwriter.NewWriter(&report, 0, 0, 2, ' ', 0)
	for _, p := range points {
		t.Run(p.name, func(t *testing.T) {
			a.t = t
			measured, verdict := "", "FAILED"
			defer func() {
				fmt.Fprintf(table, "%s\t%s\t%s\n", p.name, measured, verdict)
			}()
			measured = p.check()
			if !t.Failed() {
				verdict = "ok"
			}
			t.Logf("%s — %s — %s", p.name, measured, verdict)
		})
	}
	a.t = t
	a.quiet()
	if err := table.Flush(); err != nil {
		t.Error(err)
	}
	t.Logf("\n%s", report.String())
}

// acceptance is a page that has analysed its orders once, and all that stands behind it.
type acceptance struct {
	*tab

	browser context.Context
	server  *served
}

// watchFeedback keeps, for each session, the steps of the progress bar and what the live region said.
const watchFeedback = `window.feedback = [];
document.addEventListener('ruptura:inicio', () => {
  const bar = document.querySelector('.rpt-panel progress'), live = document.querySelector('.rpt-panel [aria-live=polite]');
  const session = {steps: [], said: [live.textContent]};
  const keep = (records) => session.steps.push(...records.slice(1).map((r) => Number(r.oldValue)), bar.value);
  new MutationObserver(keep).observe(bar, {attributes: true, attributeFilter: ['value'], attributeOldValue: true});
  document.addEventListener('ruptura:completo', () => session.said.push(live.textContent), {once: true});
  feedback.push(session);
});`

func startAcceptance(t *testing.T) *acceptance {
	t.Helper()
	a := &acceptance{browser: startBrowser(t), server: serveDemo(t, acceptanceOrders)}
	a.tab = newTab(t, a.browser)
	a.command(chromedp.Call(a.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watchFeedback}))
	a.open(a.server.url + "/carteira?lang=pt")
	a.analysed()
	return a
}

func (a *acceptance) fullPage() string {
	a.t.Helper()
	rows := a.number(`document.querySelectorAll('#tabela-carteira tr.pedido-row').length`)
	if rows != acceptanceOrders {
		a.t.Errorf("%d rows, want %d", rows, acceptanceOrders)
	}
	a.wholeStream(acceptanceOrders)
	return fmt.Sprintf("%d orders, each analysed once", rows)
}

// updatesInLots follows the lots from the stream to the progress bar.
func (a *acceptance) updatesInLots() string {
	a.t.Helper()
	var lots []int
	for _, e := range a.streamed() {
		if e.Kind == "resultados" {
			lots = append(lots, len(e.Results))
		}
	}
	if want := slices.Repeat([]int{20}, acceptanceOrders/20); !slices.Equal(lots, want) {
		a.t.Errorf("the lots have %v orders, want %v", lots, want)
	}
	steps := evaluate[[]int](a.tab, `feedback[0].steps`)
	for done := 20; done <= acceptanceOrders; done += 20 {
		if !slices.Contains(steps, done) {
			a.t.Errorf("the page was not updated at %d orders: %v", done, steps)
		}
	}
	return fmt.Sprintf("%d events of 20 orders; the page's progress stepped through 20, 40 … %d", len(lots), acceptanceOrders)
}

func (a *acceptance) manualClick() string {
	a.t.Helper()
	order := a.text(`document.querySelector('.rpt-button:not([data-estado=ok])').closest('tr').dataset.pedido`)
	a.details(order)
	if n := a.requested("GET " + a.server.url + "/api/ruptura/analisar/" + order); n != 1 {
		a.t.Errorf("%d requests for the order's own analysis, want 1", n)
	}
	took := a.number(`Math.round(performance.getEntriesByType('resource').findLast((e) => e.name.includes('/analisar/')).duration)`)
	a.escape()
	return fmt.Sprintf("order %s analysed by itself in %d ms and shown", order, took)
}

// details clicks on an order's button and waits for its details.
func (a *acceptance) details(order string) {
	a.t.Helper()
	a.must(chromedp.Do(a.ctx, chromedp.Click(chromedp.CSS(rowButton(order)))))
	a.wait(fmt.Sprintf(`document.querySelector('dialog[open] .rpt-items') && document.querySelector('.rpt-title').textContent.includes(%q)`, order))
}

func (a *acceptance) escape() {
	a.t.Helper()
	a.must(chromedp.Do(a.ctx, chromedp.KeyEvent(kb.Escape)))
	a.wait(`!document.querySelector('dialog[open]')`)
}

// freshData changes the stock between a session and a click, and between two sessions.
func (a *acceptance) freshData() string {
	a.t.Helper()
	okBefore := a.number(`Number(document.querySelector('[data-figura=ok]').textContent)`)
	order := a.text(`document.querySelector('.rpt-button[data-estado=ok]').closest('tr').dataset.pedido`)
	a.details(order)
	product, stock := a.text(`document.querySelector('.rpt-items tbody tr').cells[0].textContent`), a.text(`document.querySelector('.rpt-items tbody tr').cells[3].textContent`)
	a.escape()

	const left = "0.5" // too little for any order
	file := filepath.Join(a.t.TempDir(), "estoque.csv")
	a.must(os.WriteFile(file, []byte("cod_produto,qtd\n"+product+","+left+"\n"), 0o600))
	a.server.load(a.t, file)
	a.details(order)
	a.wait(fmt.Sprintf(`[...document.querySelectorAll('.rpt-items tbody tr')].find((r) => r.cells[0].textContent === %q)?.cells[3].textContent === '0,5'`, product))
	a.wait(fmt.Sprintf(`document.querySelector(%q).dataset.estado !== 'ok'`, rowButton(order)))
	a.escape()

	a.again(0)
	a.server.load(a.t, filepath.Join(a.server.files, "estoque.csv"))
	a.again(okBefore)
	if state := a.text(fmt.Sprintf(`document.querySelector(%q).dataset.estado`, rowButton(order))); state != "ok" {
		a.t.Errorf("with its stock back, order %s is %s", order, state)
	}
	return fmt.Sprintf("a click saw stock %s → 0,5; two sessions saw orders that are OK %d → 0 → %d", stock, okBefore, okBefore)
}

// again has the page analyse everything again and waits until it counts so many orders as OK.
func (a *acceptance) again(ok int) {
	a.t.Helper()
	sessions := a.sessions()
	a.must(chromedp.Do(a.ctx, chromedp.Click(chromedp.CSS(`.rpt-panel .rpt-action`))))
	a.wait(fmt.Sprintf(`seen.filter((e) => e.name === 'completo').length === %d`, sessions+1))
	a.wait(fmt.Sprintf(`document.querySelector('[data-figura=ok]').textContent === '%d'`, ok))
}

// sessions is how many analyses the page has begun.
func (a *acceptance) sessions() int {
	a.t.Helper()
	return a.number(`seen.filter((e) => e.name === 'inicio').length`)
}

func (a *acceptance) timeAndMemory() string {
	a.t.Helper()
	since := func(event string) int {
		return a.number(`Math.round(seen.find((e) => e.name === '` + event + `').at - performance.getEntriesByType('resource').find((e) => e.name.includes('/processar-lote')).startTime)`)
	}
	first, whole := since("resultado"), since("completo")
	server := a.number(`seen.find((e) => e.name === 'completo').duracao_ms`)
	a.command(chromedp.Call(a.ctx, heapprofiler.CollectGarbage, cdp.Empty{}))
	heap, err := chromedp.Call(a.ctx, runtime.GetHeapUsage, cdp.Empty{})
	a.must(err)
	resident := a.metrics()["process_resident_memory_bytes"]
	if first <= 0 || whole < first || server < 0 || heap.UsedSize <= 0 {
		a.t.Errorf("nothing was measured: %d, %d, %d ms, %f bytes", first, whole, server, heap.UsedSize)
	}
	return fmt.Sprintf("POST to first result painted %d ms, to complete %d ms (server: %d ms); server %.0f MB resident, page %.1f MB of JavaScript",
		first, whole, server, resident/1e6, heap.UsedSize/1e6)
}

// metrics are the program's own, each with its labels as they are written.
func (a *acceptance) metrics() map[string]float64 {
	a.t.Helper()
	response, err := (&http.Client{}).Get(a.server.url + "/metrics")
	a.must(err)
	defer closed(a.t, response.Body)
	values := map[string]float64{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if number, err := strconv.ParseFloat(value, 64); err == nil {
			values[name] = number
		}
	}
	a.must(lines.Err())
	return values
}

// twoWorkers looks at all sessions together: in a short one, one worker may be done before the
// machine lets the other begin.
func (a *acceptance) twoWorkers() string {
	a.t.Helper()
	lots := map[string]int{}
	for _, e := range a.streamed() {
		if e.Kind == "resultados" {
			lots[e.Worker]++
		}
	}
	if workers := slices.Sorted(maps.Keys(lots)); !slices.Equal(workers, []string{"w1", "w2"}) {
		a.t.Errorf("the workers are %v, want w1 and w2", workers)
	}
	sessions, counts := a.sessions(), a.metrics()
	jobs, orders := int(counts[`ruptura_job_seconds_count{part="calculating"}`]), int(counts[`ruptura_orders_analysed_total{outcome="ok"}`])
	if jobs < 2*sessions || orders != acceptanceOrders*sessions {
		a.t.Errorf("the metrics count %d jobs and %d orders in %d sessions", jobs, orders, sessions)
	}
	return fmt.Sprintf("w1 did %d lots and w2 %d, in %d sessions of %d jobs", lots["w1"], lots["w2"], sessions, jobs)
}

func (a *acceptance) noPolling() string {
	a.t.Helper()
	sessions := a.sessions()
	posts, streams, status := a.requested("POST "), a.requested("/api/ruptura/stream/"), a.requested("/api/ruptura/status/")
	if posts != sessions || streams != sessions || status != 0 {
		a.t.Errorf("%d sessions took %d POST requests, %d streams and %d requests for the status", sessions, posts, streams, status)
	}
	return fmt.Sprintf("%d sessions: %d streams, %d requests for the status", sessions, streams, status)
}

// noFreeze first makes sure that a task that blocks a page would be seen, and as ours.
func (a *acceptance) noFreeze() string {
	a.t.Helper()
	control := a.longest("begin", "end", func() {
		a.must(chromedp.Do(a.ctx, chromedp.Evaluate[chromedp.Void](`setTimeout(() => {
			performance.mark('begin');
			for (const end = performance.now() + 400; performance.now() < end;);
			performance.mark('end');
		}), undefined`)))
		a.wait(`performance.getEntriesByName('end').length && longTasks.some((l) => l.ms >= 400)`)
	})
	if !control.blocks() {
		a.t.Errorf("a task of 400 ms was seen as one of %v", control)
	}
	longest, loads := staysResponsive(a.t, a.browser, a.server.url+"/carteira?lang=pt", acceptanceOrders)
	return fmt.Sprintf("longest task while results streamed in: %v (load %d); control: a task of 400 ms seen as %v", longest, loads, control)
}

func (a *acceptance) feedback() string {
	a.t.Helper()
	total := strconv.Itoa(acceptanceOrders)
	said := evaluate[[]string](a.tab, `feedback[0].said`)
	if want := []string{"Análise de ruptura iniciada: " + total + " pedidos.", "Análise completa: " + total + " pedidos, 0 com erro."}; !slices.Equal(said, want) {
		a.t.Errorf("the live region said %q, want %q", said, want)
	}
	if bar := a.text(`(({value, max}) => value + ' of ' + max)(document.querySelector('.rpt-panel progress'))`); bar != total+" of "+total {
		a.t.Errorf("the progress bar stands at %s", bar)
	}
	counts := a.text(`document.querySelector('.rpt-panel .rpt-figures').textContent`)
	if !strings.HasPrefix(counts, total+" de "+total+" · 100% · ") {
		a.t.Errorf("the counts say %q", counts)
	}
	if panel := a.text(`document.querySelector('.rpt-panel').textContent`); !strings.Contains(panel, "Análise completa") || !strings.Contains(panel, "Dados lidos às ") {
		a.t.Errorf("the panel says %q", panel)
	}
	a.figuresAddUp(acceptanceOrders)
	return fmt.Sprintf("progress bar, %q, start and end announced, the figures add up to %s", counts, total)
}

// buttons holds each button against the order's last result on the stream.
func (a *acceptance) buttons() string {
	a.t.Helper()
	a.oneButtonEach(acceptanceOrders)
	shown := evaluate[map[string][]string](a.tab, `Object.fromEntries([...document.querySelectorAll('.rpt-button')].map((b) => [b.closest('tr').dataset.pedido, [b.textContent, b.title.split(' · ')[0]]]))`)
	kinds := map[string]int{}
	for _, e := range a.streamed()[len(a.streamed())-1-acceptanceOrders/20:] {
		for _, r := range e.Results {
			s := r.Summary
			text, kind := fmt.Sprintf("Disp. %d%% | Total Não Disp.", s.Percent), "without a date"
			switch {
			case r.OK:
				text, kind = "Estoque OK", "OK"
			case s.On != nil:
				text, kind = fmt.Sprintf("Disp. %d%% | Total Disp. %s/%s", s.Percent, (*s.On)[8:], (*s.On)[5:7]), "with a date"
			}
			kinds[kind]++
			if want := []string{text, fmt.Sprintf("%d de %d itens disponíveis", s.Available, s.Items)}; !slices.Equal(shown[r.Order], want) {
				a.t.Errorf("the button of %s says %q, want %q", r.Order, shown[r.Order], want)
			}
		}
	}
	return fmt.Sprintf("one in each of %d rows, as the results say: %d OK, %d with a date, %d without", len(shown), kinds["OK"], kinds["with a date"], kinds["without a date"])
}

func (a *acceptance) dialog() string {
	a.t.Helper()
	order := a.text(`[...document.querySelectorAll('.rpt-button:not([data-estado=ok])')].find((b) => !b.title.startsWith('0 de')).closest('tr').dataset.pedido`)
	a.details(order)
	names := evaluate[[]string](a.tab, `[...document.querySelectorAll('[role=tab]')].map((t) => t.firstChild.data.trim())`)
	if want := []string{"Ruptura", "Disponíveis", "Todos"}; !slices.Equal(names, want) {
		a.t.Errorf("the tabs are %q, want %q", names, want)
	}
	var rows []int
	for i, name := range names {
		chosen := `document.querySelectorAll('[role=tab]')[` + strconv.Itoa(i) + `]`
		if i == 0 {
			a.must(chromedp.Do(a.ctx, chromedp.Click(chromedp.CSS(`[role=tab]`))))
		} else {
			a.must(chromedp.Do(a.ctx, chromedp.KeyEvent(kb.ArrowRight)))
		}
		a.wait(chosen + `.ariaSelected === 'true' && document.activeElement === ` + chosen)
		rows = append(rows, a.number(`[...document.querySelectorAll('.rpt-items tbody .rpt-code')].filter((c) => c.checkVisibility()).length`))
		if count := a.number(`Number(` + chosen + `.querySelector('b').textContent)`); count != rows[i] {
			a.t.Errorf("the tab %s counts %d items and shows %d", name, count, rows[i])
		}
	}
	if rows[0] == 0 || rows[1] == 0 || rows[0]+rows[1] != rows[2] {
		a.t.Errorf("the tabs show %v items", rows)
	}
	a.escape()
	a.wait(fmt.Sprintf(`document.activeElement === document.querySelector(%q)`, rowButton(order)))
	return fmt.Sprintf("tabs of %d, %d and %d items, by mouse and arrow keys; Esc closes, the focus returns", rows[0], rows[1], rows[2])
}
