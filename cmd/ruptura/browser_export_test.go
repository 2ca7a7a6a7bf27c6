package main

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"

	"ruptura/internal/dataset"
	"ruptura/internal/demo"
)

// formulas gives every client a name that a spreadsheet would take for a formula.
type formulas struct{ dataset.Writer }

const formulaName = `=HYPERLINK("http://x","y")`

func (f formulas) Order(o dataset.Order) error {
	o.Client = formulaName
	return f.Writer.Order(o)
}

// shownRow is a row as the page shows it, its figures as a file has them.
type shownRow struct{ Order, Value, Risk, State string }

const shownRows = `[...document.querySelectorAll('tr.pedido-row')].map((r) => {
	const plain = (s) => r.querySelector(s).textContent.trim().replaceAll('.', '').replace('–', '0,00');
	return {Order: r.dataset.pedido, Value: plain('.c-value'), Risk: plain('.c-risk'), State: r.querySelector('.rpt-button').dataset.estado};
})`

// The files hold what the page shows: the same orders in the same sequence with the same figures, and no formula.
func TestBrowserExportsWhatIsShown(t *testing.T) {
	t.Parallel()
	chromium := sharedBrowser(t)
	server := &served{database: filepath.Join(t.TempDir(), "browser.db")}
	server.replace(t, dataset.Relations(), func(w dataset.Writer) error {
		return demo.Generate(demo.Config{Orders: clientOrders, Movements: clientOrders * 20, Seed: 1, Today: browserToday}, formulas{w})
	})
	server.start(t)
	b := newTab(t, chromium)
	folder := t.TempDir()
	_, err := chromedp.Call(b.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID, DownloadPath: folder,
	})
	b.must(err)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.do(`document.querySelector('th.c-risk a').click()`)
	b.wait(`location.search.includes('ordem=-valor_com_ruptura')`)
	b.analysed()
	shown := evaluate[[]shownRow](b, shownRows)
	if len(shown) != clientOrders {
		t.Fatalf("%d rows", len(shown))
	}
	for i, read := range []func(*testing.T, []byte) [][]string{readCSVFile, readXLSXFile} {
		name := []string{"csv", "xlsx"}[i]
		b.click(`#exportar a:nth-of-type(` + strconv.Itoa(i+1) + `)`)
		sameRows(t, name, shown, read(t, b.downloaded(folder, "*."+name)))
	}
	if !evaluate[bool](b, `location.pathname === '/carteira' && seen.length > 0`) {
		t.Error("the page was left for the file")
	}
	b.quiet()
}

// downloaded is the content of the one file of a kind, once it is whole.
func (b *tab) downloaded(folder, pattern string) (content []byte) {
	b.t.Helper()
	for b.ctx.Err() == nil {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		b.must(err)
		if len(found) == 1 {
			content, err = os.ReadFile(found[0])
			b.must(err)
			if len(content) > 0 {
				return content
			}
		}
		b.wait(`new Promise((done) => requestAnimationFrame(() => done(true)))`)
	}
	b.t.Fatalf("no file %s came", pattern)
	return nil
}

func readCSVFile(t *testing.T, content []byte) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		if row[2] != "'"+formulaName {
			t.Errorf("the client is written as %q", row[2])
		}
	}
	return rows
}

// readXLSXFile gives the cells of a workbook as they are stored, money as the CSV writes it.
func readXLSXFile(t *testing.T, content []byte) [][]string {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, book)
	rows, err := book.GetRows(book.GetSheetName(0), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows[1:] {
		formula, err := book.GetCellFormula(book.GetSheetName(0), "C"+strconv.Itoa(i+2))
		if err != nil || formula != "" || row[2] != formulaName {
			t.Errorf("the client is %q, formula %q, %v", row[2], formula, err)
		}
		for _, c := range []int{10, 17} {
			n, err := strconv.ParseFloat(row[c], 64)
			if err != nil {
				t.Fatal(err)
			}
			row[c] = strings.ReplaceAll(strconv.FormatFloat(n, 'f', 2, 64), ".", ",")
		}
	}
	return rows
}

func sameRows(t *testing.T, name string, shown []shownRow, rows [][]string) {
	t.Helper()
	if len(rows) != len(shown)+1 {
		t.Fatalf("%s: %d lines for %d rows", name, len(rows), len(shown))
	}
	for i, want := range shown {
		row := rows[i+1]
		state := map[bool]string{true: "Estoque OK", false: "Em ruptura"}[want.State == "ok"]
		if row[0] != want.Order || row[10] != want.Value || row[17] != want.Risk || row[11] != state {
			t.Errorf("%s: row %d is %q, %q, %q, %q; the page shows %+v", name, i, row[0], row[10], row[17], row[11], want)
		}
	}
}

// An export that cannot be is told on a page that leads back to the orders with their filters.
func TestBrowserTellsWhyThereIsNoExport(t *testing.T) {
	t.Parallel()
	chromium := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	for _, tt := range []struct{ name, change, says string }{
		{"expired", `url.searchParams.set('sessao', 'A'.repeat(26))`, "A análise que seria exportada expirou"},
		{"format", `url.searchParams.set('formato', 'pdf')`, "Use formato=csv ou formato=xlsx"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newTab(t, chromium)
			b.open(server.url + "/carteira?lang=pt&limite=100&ordem=-valor_total")
			b.analysed()
			b.do(`((link) => { const url = new URL(link.href); ` + tt.change + `; link.href = url; })(document.querySelector('#exportar a'))`)
			b.do(`location.assign(document.querySelector('#exportar a').href)`) // as one who has kept the address
			b.wait(`location.pathname === '/carteira/exportar'`)
			b.says("h1", "A carteira não foi exportada")
			b.says("main p", tt.says)
			b.click(`a.button`)
			b.wait(`location.pathname === '/carteira' && location.search.includes('ordem=-valor_total')`)
			b.analysed()
		})
	}
}

// expire makes the page's links name a session that the server has forgotten.
const expire = `for (const link of document.querySelectorAll('#exportar a, .book thead a[data-endereco]')) {
	const url = new URL(link.href);
	url.searchParams.set('sessao', 'A'.repeat(26));
	link.href = url;
}`

// Where the server has forgotten what the page shows, what is asked for comes after a new analysis, by itself.
func TestBrowserRenewsWhatHasExpired(t *testing.T) {
	t.Parallel()
	chromium := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	b := newTab(t, chromium)
	folder := t.TempDir()
	_, err := chromedp.Call(b.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID, DownloadPath: folder,
	})
	b.must(err)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.do(`(() => { seen.length = 0; window.said = ''; ` + expire + `
		new MutationObserver(() => { said += document.getElementById('adiado').textContent; }).observe(document.getElementById('adiado'), {childList: true}); })()`)
	b.click(`#exportar a`)
	b.analysed()
	file := string(b.downloaded(folder, "*.csv"))
	if strings.Count(file, "\r\n") != clientOrders+1 || strings.Contains(file, "Não analisado") {
		t.Errorf("the file is %.300s", file)
	}
	if said := b.text(`said`); !strings.Contains(said, "expirou no servidor") || !strings.Contains(said, "a exportação") {
		t.Errorf("it says %q", said)
	}
	b.do(`(() => { ` + expire + ` })()`)
	b.click(`th.c-risk a`)
	b.wait(`location.search.includes('ordem=-valor_com_ruptura') && !location.search.includes('AAAA')`)
	b.analysed()
	if n := b.number(atRisk + `.filter((v, i, all) => i > 0 && v > all[i - 1]).length`); n != 0 {
		t.Errorf("the rows are out of order in %d places", n)
	}
}

// An address that was kept with its order gives the order again once there is an analysis to sort by.
func TestBrowserOffersAnOrderThatHasExpired(t *testing.T) {
	t.Parallel()
	chromium := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	b := newTab(t, chromium)
	b.open(server.url + "/carteira?lang=pt&ordem=-valor_com_ruptura&sessao=" + strings.Repeat("A", 26))
	b.says(".notice", "expirou. A lista está por data de necessidade")
	b.analysed()
	b.says("#reordenar[href]", "^Ordenar por em risco$")
	b.click(`#reordenar`)
	b.wait(`location.search.includes('ordem=-valor_com_ruptura') && !location.search.includes('AAAA')`)
	b.analysed()
	if sorted := b.text(`document.querySelector('th.c-risk').getAttribute('aria-sort')`); sorted != "descending" {
		t.Errorf("the heading says %q", sorted)
	}
	b.quiet()
}

// The files hold the results that the page shows, also while they are those of the analysis before.
func TestBrowserExportsWhatACancelledAnalysisLeaves(t *testing.T) {
	t.Parallel()
	chromium := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	held := make(chan struct{})
	proxy := newFaultyProxy(t, server.url, nil, func(n int64, _ *http.Request) (int, int) {
		if n > 1 {
			<-held
		}
		return 0, 0
	})
	b := newTab(t, chromium)
	b.open(proxy.URL + "/carteira?lang=pt")
	b.analysed()
	b.do(`(seen.length = 0, document.querySelector('.rpt-panel .rpt-action').click())`)
	b.wait(`seen.some((e) => e.name === 'inicio')`)
	b.click(`.rpt-panel .rpt-action`)
	b.says(".rpt-status", "cancelada")
	close(held)
	exportsFollowOf(t, b, clientOrders)
}

// exportsFollowOf fails unless the file has a result for each of the orders.
func exportsFollowOf(t *testing.T, b *tab, orders int) {
	t.Helper()
	b.do(`(window.file = '', fetch(document.querySelector('#exportar a').href).then((r) => r.text()).then((s) => { window.file = s; }))`)
	b.wait(`window.file`)
	file := b.text(`window.file`)
	if lines := strings.Count(file, "\r\n"); lines != orders+1 || !strings.Contains(file, "Em risco") {
		t.Errorf("%d lines: %.300s", lines, file)
	}
	if strings.Contains(file, "Não analisado") {
		t.Error("orders without a result, though the page shows one for each")
	}
}
