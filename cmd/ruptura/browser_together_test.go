package main

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"ruptura/internal/dataset"
	"ruptura/internal/demo"
)

// togetherPage is the order book with all orders competing.
const togetherPage = "/carteira?lang=pt&modo=concorrente"

// What the page has where all orders compete.
func TestBrowserTogether(t *testing.T) {
	browser := startBrowser(t)
	server := serveDemo(t, browserOrders)
	for _, tt := range []struct {
		name string
		run  func(*testing.T, *tab, *served)
	}{
		{"the switch keeps the filter, and the address the mode", switchesModes},
		{"rows tell both answers, as the service does", rowsTellBoth},
		{"the contested orders are counted, shown and let go", showsContested},
		{"the sum of a short line is drawn, and is the service's", drawsTheSum},
		{"parts and whole orders are told", tellsPolicies},
		{"files tell both answers", exportsBoth},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newTab(t, browser)
			tt.run(t, b, server)
			b.quiet()
		})
	}
}

func switchesModes(t *testing.T, b *tab, server *served) {
	b.open(server.url + "/carteira?lang=pt&importante=false&ordem=-valor_total")
	b.analysed()
	if n := b.number(`document.querySelectorAll('.both, #politicas, .contested').length`); n != 0 {
		t.Errorf("%d parts of the other mode are there", n)
	}
	for _, step := range []struct{ link, query string }{
		{"#modos a:nth-child(2)", "importante=false&modo=concorrente&ordem=-valor_total"},
		{"#politicas a:nth-child(3)", "importante=false&modo=concorrente&ordem=-valor_total&politica=pedido"},
	} {
		b.do(fmt.Sprintf(`document.querySelector(%q).focus()`, step.link))
		b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Enter)))
		b.wait(fmt.Sprintf(`location.search === %q && document.querySelector(%q)?.ariaCurrent === 'true'`, "?"+step.query, step.link))
		b.analysed()
	}
	b.says(".contest p", "Prioridade: importantes primeiro; ")
	// The one request, which is sent before the table is there, names them too.
	if n := b.requested("POST "); n != 3 {
		t.Errorf("%d analyses for three pages", n)
	}
	b.do(`(window.left = true, document.querySelector('#filtros').requestSubmit())`)
	b.wait(`!window.left && location.search.includes('politica=pedido') && location.search.includes('importante=false')`)
	b.analysed()
	b.click(`#modos a`)
	b.wait(`location.search === '?importante=false&ordem=-valor_total'`)
	b.analysed()
}

// togetherResult is what a test reads of a result.
type togetherResult struct {
	OK      bool   `json:"pedido_ok"`
	Policy  string `json:"politica"`
	Summary struct {
		Available int     `json:"percentual_disponibilidade"`
		Whole     *string `json:"data_disponibilidade_total"`
		Rank      int     `json:"prioridade"`
		Of        int     `json:"prioridade_de"`
		Alone     *struct {
			OK        bool    `json:"pedido_ok"`
			Available int     `json:"percentual_disponibilidade"`
			Whole     *string `json:"data_disponibilidade_total"`
		} `json:"isolado"`
		Cause *struct {
			Order string `json:"num_pedido"`
		} `json:"causa"`
	} `json:"resumo"`
	Items     []togetherItem `json:"itens"`
	Available []togetherItem `json:"itens_disponiveis"`
}

type togetherItem struct {
	Value float64      `json:"valor_total"`
	Waits bool         `json:"aguarda_pedido"`
	Parts []any        `json:"entregas"`
	Why   *togetherWhy `json:"explicacao"`
}

type togetherWhy struct {
	OnHand float64 `json:"estoque"`
	Claims []struct {
		Order    string  `json:"num_pedido"`
		Quantity float64 `json:"qtd"`
	} `json:"saidas"`
	More struct {
		Count    int     `json:"quantos"`
		Quantity float64 `json:"qtd"`
	} `json:"saidas_mais"`
	Inflows []struct {
		Quantity float64 `json:"qtd"`
	} `json:"entradas"`
	Available float64 `json:"disponivel"`
	Before    float64 `json:"linhas_anteriores"`
	Needed    float64 `json:"necessario"`
	Missing   float64 `json:"falta"`
	Sentence  string  `json:"frase"`
}

// together asks the service for an order among all others.
func (s *served) together(t *testing.T, order, policy string) togetherResult {
	t.Helper()
	return s.explained(t, order, "modo=concorrente&politica="+policy)
}

// explained asks the service for an order, analysed in a manner.
func (s *served) explained(t *testing.T, order, manner string) (r togetherResult) {
	t.Helper()
	address := s.url + "/api/ruptura/analisar?detalhe=explicacao&" + manner + "&pedido=" + url.QueryEscape(order)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := new(http.Client).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, answer.Body)
	if err := json.NewDecoder(answer.Body).Decode(&r); err != nil {
		t.Fatalf("%s: %s %v", address, answer.Status, err)
	}
	return r
}

func rowsTellBoth(t *testing.T, b *tab, server *served) {
	b.open(server.url + togetherPage)
	b.analysed()
	b.oneButtonEach(browserOrders)
	type row struct{ Order, Button, Both, Cause, Href, Hint string }
	contested := 0
	for i, r := range evaluate[[]row](b, `[...document.querySelectorAll('tr.pedido-row')].map((r) => ({Order: r.dataset.pedido,
		Button: r.querySelector('.rpt-label').textContent, Both: r.querySelector('.b-text')?.textContent ?? '', Cause: r.querySelector('.both a')?.textContent ?? '',
		Href: r.querySelector('.both a')?.getAttribute('href') ?? '', Hint: r.querySelector('.rpt-button').title}))`) {
		if r.Cause == "" {
			continue
		}
		contested++
		if r.Href != "/carteira?modo=concorrente&q="+r.Cause || !strings.Contains(r.Hint, "por causa do pedido "+r.Cause) {
			t.Errorf("%s leads to %q, and says %q", r.Order, r.Href, r.Hint)
		}
		if i%7 > 0 {
			continue // each takes a whole allocation
		}
		is := server.together(t, r.Order, "linha").Summary
		if is.Cause == nil || is.Cause.Order != r.Cause || !strings.HasPrefix(r.Button, fmt.Sprintf("Disp. %d%% |", is.Available)) {
			t.Errorf("the row is %+v, the service says %+v", r, is)
		}
		if want := fmt.Sprintf("Sozinho %d%% · concorrendo %d%%", is.Alone.Available, is.Available); is.Alone.Available != is.Available && r.Both != want {
			t.Errorf("%s says %q, want %q", r.Order, r.Both, want)
		}
	}
	if contested < 10 {
		t.Fatalf("%d orders are worse off together", contested)
	}
	cause := b.text(`document.querySelector('.both a').textContent`)
	b.click(`.both a`)
	b.wait(fmt.Sprintf(`location.search === '?modo=concorrente&q=%s'`, cause))
	b.analysed()
	b.wait(fmt.Sprintf(`document.querySelector('tr[data-pedido=%q]')`, cause))
}

func showsContested(t *testing.T, b *tab, server *served) {
	b.open(server.url + togetherPage + "&ordem=-valor_total")
	b.analysed()
	b.wait(`document.querySelector('#disputados[href]') && document.querySelector('[data-figura=disputa]').textContent > 0`)
	count := b.number(`Number(document.querySelector('[data-figura=disputa]').textContent)`)
	b.click(`#disputados`)
	b.wait(`location.search.includes('disputa=true') && location.search.includes('sessao=')`)
	b.analysed()
	b.oneButtonEach(count)
	b.wait(fmt.Sprintf(`document.querySelector('[data-figura=disputa]').textContent === '%d' && document.querySelector('[data-figura=ok]').textContent === '0'`, count))
	if !b.holds(`document.querySelector('#mudou > span').hidden`) {
		t.Errorf("it says %q", b.text(`document.querySelector('#mudou').textContent`))
	}
	b.click(`th.c-client a`) // a sequence of the book
	b.wait(`location.search.includes('ordem=cliente') && location.search.includes('disputa=true')`)
	b.analysed()
	b.oneButtonEach(count)
	b.click(`.chip a`)
	b.wait(`!location.search.includes('disputa') && !location.search.includes('sessao')`)
	b.analysed()
	b.oneButtonEach(browserOrders)
	b.open(server.url + togetherPage + "&disputa=true&sessao=" + strings.Repeat("A", 26))
	b.says(".notice", "em disputa expirou")
	b.analysed()
}

// drawnStep is a row of the sum, as the dialog shows it.
type drawnStep struct {
	Name     string
	Quantity float64
	Hidden   bool
	Left     float64
	Width    float64
}

// unfold opens each sum of the dialog, whole.
const unfold = `(() => { for (const open of document.querySelectorAll('dialog[open] .rpt-product .rpt-fold[aria-expanded=false]')) open.click();
	for (const more of document.querySelectorAll('dialog[open] .rpt-sum .rpt-fold')) more.click(); })()`

// projectExplained opens the projection of the first item that somebody is before.
const projectExplained = `document.querySelector('dialog[open] tr:has(+ .rpt-account .rpt-order) .rpt-project').click()`

const shownSteps = `[...document.querySelectorAll('dialog[open] .rpt-sum')].map((s) => [...s.tBodies[0].rows].map((r) => ({
	Name: r.cells[0].textContent, Quantity: Number(r.cells[1].dataset.qtd), Hidden: r.hidden,
	Left: Number(r.querySelector('rect').getAttribute('x')), Width: Number(r.querySelector('rect').getAttribute('width'))})))`

func drawsTheSum(t *testing.T, b *tab, server *served) {
	for _, mode := range []string{"isolado", "concorrente"} {
		b.open(server.url + "/carteira?lang=pt&modo=" + mode)
		b.analysed()
		order := b.text(`document.querySelector('.rpt-button:is([data-estado=CRITICA], [data-estado=ALTA])').closest('tr').dataset.pedido`)
		b.do(fmt.Sprintf(`document.querySelector('%s').click()`, rowButton(order)))
		b.wait(`document.querySelector('dialog[open] .rpt-sum')`)
		b.do(unfold)
		steps := evaluate[[][]drawnStep](b, shownSteps)
		var want togetherResult
		if mode == "concorrente" {
			want = server.together(t, order, "linha")
			b.says(".rpt-versus", fmt.Sprintf(`%dª de %d`, want.Summary.Rank, want.Summary.Of))
		} else {
			want = server.explained(t, order, "modo=isolado")
		}
		slices.SortStableFunc(want.Items, func(x, y togetherItem) int {
			if x.Value > y.Value {
				return -1
			}
			if x.Value < y.Value {
				return 1
			}
			return 0
		})
		if len(steps) == 0 || len(steps) != len(want.Items) {
			t.Fatalf("%s: %d sums for %d short lines", mode, len(steps), len(want.Items))
		}
		sentences := evaluate[[]string](b, `[...document.querySelectorAll('dialog[open] .rpt-why')].map((w) => w.textContent)`)
		for i, item := range want.Items {
			sameSum(t, item.Why, steps[i])
			if sentences[i] != item.Why.Sentence {
				t.Errorf("it says %q, want %q", sentences[i], item.Why.Sentence)
			}
		}
	}
	opensWhoIsAhead(b)
}

// sameSum fails unless the steps are those of the service, each where the one before ends.
func sameSum(t *testing.T, why *togetherWhy, steps []drawnStep) {
	t.Helper()
	want := []float64{why.OnHand}
	for _, in := range why.Inflows {
		want = append(want, in.Quantity)
	}
	for _, claim := range why.Claims {
		want = append(want, -claim.Quantity)
	}
	if why.More.Count > 0 {
		want = append(want, -why.More.Quantity)
	}
	chained := len(want)
	want = append(want, why.Available)
	if why.Before != 0 {
		want = append(want, why.Before)
	}
	want = append(want, why.Needed, why.Missing)
	if len(steps) != len(want) {
		t.Fatalf("%d steps, want %v: %+v", len(steps), want, steps)
	}
	var sum float64
	for i, s := range steps {
		if s.Quantity != want[i] || s.Hidden {
			t.Errorf("step %d is %+v, want %v", i, s, want[i])
		}
		if i < chained {
			sum += s.Quantity
		}
	}
	if diff := sum - why.Available; diff > 0.0005 || diff < -0.0005 {
		t.Errorf("the steps come to %v, not to %v", sum, why.Available)
	}
	for i := 1; i < chained; i++ { // out begins at the left of what was, in at its right
		end := func(s drawnStep) float64 {
			if s.Quantity < 0 {
				return s.Left
			}
			return s.Left + s.Width
		}
		start := steps[i].Left
		if steps[i].Quantity < 0 {
			start += steps[i].Width
		}
		if gap := start - end(steps[i-1]); gap > 3.5 || gap < -3.5 { // the least width of a bar is 3 of 1000
			t.Errorf("step %d begins %.1f from where the one before ends: %+v", i, gap, steps)
		}
	}
}

// opensWhoIsAhead follows a link of the sum to another order, and comes back.
func opensWhoIsAhead(b *tab) {
	b.t.Helper()
	title := b.text(`document.querySelector('dialog[open] .rpt-title').textContent`)
	other := b.text(`document.querySelector('dialog[open] .rpt-sum a.rpt-order').textContent`)
	b.do(`document.querySelector('dialog[open] .rpt-sum a.rpt-order').click()`)
	b.wait(`document.querySelector('dialog[open] .rpt-title').textContent.includes(` + literal(other) + `) && !document.querySelector('dialog[open] [aria-busy]')`)
	b.wait(`document.querySelector('dialog[open] .rpt-items')`)
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Escape)))
	b.wait(`document.querySelector('dialog[open] .rpt-title').textContent === ` + literal(title))
	b.do(projectExplained)
	b.wait(`document.querySelector('dialog[open] .rpt-c-ahead')`)
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Escape)))
	b.wait(`document.querySelector('dialog[open] .rpt-sum')`)
}

func tellsPolicies(t *testing.T, b *tab, server *served) {
	b.open(server.url + togetherPage + "&politica=parcial")
	b.analysed()
	found := false
	for _, order := range evaluate[[]string](b, `[...document.querySelectorAll('.rpt-button:is([data-estado=ALTA], [data-estado=MEDIA])')].slice(0, 8).map((b) => b.closest('tr').dataset.pedido)`) {
		for _, item := range server.together(t, order, "parcial").Items {
			if len(item.Parts) > 0 && !found {
				found = true
				b.do(fmt.Sprintf(`document.querySelector('%s').click()`, rowButton(order)))
				b.wait(`document.querySelector('dialog[open] .rpt-deliveries li')`)
				b.says("dialog[open] .rpt-deliveries", `\d (agora|em \d\d.\d\d|sem previsão)`)
			}
		}
	}
	if !found {
		t.Error("no order ships in parts")
	}
	b.open(server.url + togetherPage + "&politica=pedido")
	b.analysed()
	for _, order := range evaluate[[]string](b, `[...document.querySelectorAll('.rpt-button:is([data-estado=ALTA], [data-estado=MEDIA])')].slice(0, 8).map((b) => b.closest('tr').dataset.pedido)`) {
		waits := slices.ContainsFunc(server.together(t, order, "pedido").Available, func(i togetherItem) bool { return i.Waits })
		if !waits {
			continue
		}
		b.do(fmt.Sprintf(`document.querySelector('%s').click()`, rowButton(order)))
		b.wait(`document.querySelector('dialog[open] .rpt-items')`)
		b.do(`document.querySelectorAll('dialog[open] [role=tab]')[1].click()`)
		b.says("dialog[open] .rpt-waits", "espera o pedido")
		return
	}
	t.Error("no line waits for its order")
}

func exportsBoth(t *testing.T, b *tab, server *served) {
	b.open(server.url + togetherPage)
	b.analysed()
	b.do(`(window.file = '', fetch(document.querySelector('#exportar a').href).then((r) => r.text()).then((s) => { window.file = s; }))`)
	b.wait(`window.file`)
	rows := strings.Split(strings.TrimSpace(b.text(`window.file`)), "\r\n")
	head := strings.Split(rows[0], ";")
	at := func(name string) int { return slices.Index(head, name) }
	order := b.text(`document.querySelector('.both a').closest('tr').dataset.pedido`)
	cause := b.text(`document.querySelector('.both a').textContent`)
	want := server.together(t, order, "linha").Summary
	for _, line := range rows[1:] {
		cells := strings.Split(line, ";")
		if !strings.HasPrefix(line, "\ufeff"+order) && cells[0] != order {
			continue
		}
		got := []string{cells[at("Sozinho (%)")], cells[at("Por causa do pedido")], cells[at("Prioridade")], cells[at("Prioridade, de")]}
		if !slices.Equal(got, []string{strconv.Itoa(want.Alone.Available), cause, strconv.Itoa(want.Rank), strconv.Itoa(want.Of)}) {
			t.Errorf("the file says %q, the service %+v", got, want)
		}
		return
	}
	t.Errorf("%s is not in the file", order)
}

// Pages fill as steadily with both answers as with one.
func TestBrowserTogetherBars(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several loads of a large page")
	}
	browser := startBrowser(t)
	server := serveDemo(t, 2000)
	address := server.url + togetherPage + "&limite=2000"
	for _, width := range []int64{1366, 360} {
		t.Run(fmt.Sprintf("%d px", width), func(t *testing.T) { fillsSteadily(t, browser, address, 2000, width) })
	}
	t.Run("responsive", func(t *testing.T) { staysResponsive(t, browser, address, 2000) })
}

// Hostile names stay texts in rows and explanations, on a page of somebody else's too, whose buttons tell both answers.
func TestBrowserTogetherHostile(t *testing.T) {
	browser := startBrowser(t)
	server := &served{database: filepath.Join(t.TempDir(), "browser.db")}
	server.replace(t, dataset.Relations(), func(w dataset.Writer) error {
		return demo.Generate(demo.Config{Orders: clientOrders, Movements: clientOrders * 20, Seed: 1, Today: browserToday}, hostileNumbers{hostile{w}})
	})
	server.start(t)
	b := newTab(t, browser)
	b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(360, 768)))
	b.open(server.url + togetherPage)
	b.analysed()
	b.oneButtonEach(clientOrders)
	b.keepsShape("the page", 360)
	b.do(`document.querySelector('.both a').closest('tr').querySelector('.rpt-button').click()`)
	b.wait(`document.querySelector('dialog[open] .rpt-sum')`)
	b.do(unfold)
	b.wait(`document.querySelector('dialog[open] .rpt-sum .rpt-order')`)
	b.dialogFits(360)
	b.unharmed()

	proxy := newFaultyProxy(t, server.url, map[string]string{"/host": hostPageTogether(t, server)}, nil)
	host := newTab(t, browser)
	host.open(proxy.URL + "/host")
	host.analysed()
	if body := <-proxy.bodies; !strings.HasSuffix(body, `"modo":"concorrente","politica":"parcial"}`) {
		t.Errorf("the page asked for %s", body)
	}
	host.oneButtonEach(clientOrders)
	host.says(".rpt-button:not([data-estado=ok])", `^Disp\. \d+% \(sozinho \d+%\) \| `)
	host.do(`[...document.querySelectorAll('.rpt-button')].find((b) => b.title.includes('por causa do pedido')).click()`)
	host.wait(`document.querySelector('dialog[open] .rpt-sum')`)
	host.do(unfold)
	host.do(`document.querySelector('dialog[open] .rpt-sum button.rpt-order').click()`)
	host.wait(`!document.querySelector('dialog[open] .rpt-back').hidden`)
	host.unharmed()
}

// hostileNumbers gives orders numbers that are markup.
type hostileNumbers struct{ hostile }

const hostileMark = `<b onmouseover=x>'"&`

func (h hostileNumbers) Order(o dataset.Order) error {
	o.Number += hostileMark
	return h.hostile.Order(o)
}

func (h hostileNumbers) Item(i dataset.Item) error {
	i.Order += hostileMark
	return h.hostile.Item(i)
}

func (h hostileNumbers) Reservation(r dataset.Reservation) error {
	r.Order += hostileMark
	return h.hostile.Reservation(r)
}

// hostPageTogether is a page of somebody else's on which all orders compete.
func hostPageTogether(t *testing.T, server *served) string {
	t.Helper()
	page := hostPage(t, server, 0, 1)
	var rows strings.Builder
	for _, number := range server.numbers(t, clientOrders) {
		fmt.Fprintf(&rows, `<tr class="pedido-row" data-pedido="%s"><td></td><td class="coluna-entrega-obs"></td></tr>`, template.HTMLEscapeString(string(number)))
	}
	page = strings.Replace(page, "<tbody>", "<tbody>"+rows.String(), 1)
	return strings.Replace(page, `id="tabela-carteira"`, `id="tabela-carteira" data-ruptura-modo="concorrente" data-ruptura-politica="parcial"`, 1)
}
