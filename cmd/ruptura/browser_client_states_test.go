package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"ruptura/internal/dataset"
)

// Tests of what the client shows, in every state that it can be in.
func TestBrowserClient(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	tests := []struct {
		name string
		run  func(*testing.T, context.Context, *served)
	}{
		{"the projection opens from an item and leads back", projectionFromItem},
		{"the chart is read day by day, and the table says the same", projectionReads},
		{"the projection of any product opens by a method", projectionByMethod},
		{"an unknown product says so and can be tried again", projectionFails},
		{"the age of the data grows and moves nothing", freshnessGrows},
		{"the analysis is repeated by the clock, in a page that is seen", refreshesItself},
		{"what was not analysed again is marked as old", cancelledInPart},
		{"no orders", noOrders},
		{"an order that fails says why and can be tried again", orderFails},
		{"the network's own word is a hint", networkHint},
		{"an older script is warned of once and adds no button", olderScriptOnPage},
		{"an older script with the client's names, before or after it", olderScriptWithOurNames},
		{"motion is short, and none where it is not wanted", motionIsShort},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(t, browser, server)
		})
	}
}

// opened opens the page, and the details of an order that is short.
func (b *tab) opened(address string) (order string) {
	b.t.Helper()
	b.open(address + "/carteira?lang=pt")
	b.analysed()
	order = b.text(`document.querySelector('.rpt-button[data-estado=ALTA], .rpt-button[data-estado=CRITICA]').closest('tr').dataset.pedido`)
	b.click(rowButton(order))
	b.wait(`document.querySelector('dialog[open] .rpt-project')`)
	return order
}

func projectionFromItem(t *testing.T, browser context.Context, server *served) {
	b := newTab(t, browser)
	order := b.opened(server.url)
	code := b.text(`document.querySelector('.rpt-items .rpt-code').textContent`)
	if why := b.text(`document.querySelector('.rpt-items .rpt-why').textContent`); !strings.HasSuffix(why, ".") || strings.Count(why, ". ") > 0 {
		t.Errorf("why it is short is not one sentence: %q", why)
	}
	b.click(`.rpt-project`)
	b.wait(`document.querySelector('dialog[open] .rpt-chart')`)
	b.says("dialog .rpt-title", "Projeção · Código "+code)
	b.says("dialog .rpt-legend", "Este pedido: precisa de")
	b.click(`.rpt-back`)
	b.says("dialog .rpt-title", "^Pedido "+order+"$")
	if !evaluate[bool](b, `document.activeElement.matches('.rpt-project')`) {
		t.Error("the focus did not return to the item's button")
	}
	b.click(`.rpt-project`)
	b.wait(`document.querySelector('dialog[open] .rpt-chart')`)
	b.press(kb.Escape) // one step back at a time
	b.wait(`document.querySelector('dialog[open] .rpt-items')`)
	b.press(kb.Escape)
	b.wait(`!document.querySelector('dialog[open]')`)
	if back := b.text(`document.activeElement.closest('tr')?.dataset.pedido ?? ''`); back != order {
		t.Errorf("the focus went to %q", back)
	}
	b.quiet()
}

// wireDay is a day of a projection, as the API gives it.
type wireDay struct {
	Out          float64           `json:"saidas"`
	Closing      float64           `json:"saldo_final"`
	CanShip      float64           `json:"disponivel"`
	Reservations []json.RawMessage `json:"separacoes"`
}

// projectionOf asks the API for the projection of a product.
func (s *served) projectionOf(t *testing.T, code string) []wireDay {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/api/ruptura/produto/"+code+"/projecao?dias=28&detalhe=saidas", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := new(http.Client).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, response.Body)
	var p struct {
		Days []wireDay `json:"dias"`
	}
	if err := json.NewDecoder(response.Body).Decode(&p); err != nil {
		t.Fatal(err)
	}
	return p.Days
}

// reserved is the first of some products with something set aside for a day to come, and that day.
func (s *served) reserved(t *testing.T, codes []string) (code string, day int) {
	t.Helper()
	for _, code := range codes {
		for i, day := range s.projectionOf(t, code) {
			if i > 0 && len(day.Reservations) > 0 {
				return code, i
			}
		}
	}
	t.Fatal("no product has reservations to come")
	return "", 0
}

func projectionReads(t *testing.T, browser context.Context, server *served) {
	b := newTab(t, browser)
	b.open(server.url + "/carteira?lang=en")
	b.analysed()
	code, busy := server.reserved(t, evaluate[[]string](b, `Promise.all([...document.querySelectorAll('tr.pedido-row')].slice(0, 10).map((row) => rupturaWorkerClient.analisar(row.dataset.pedido)))
		.then((all) => all.flatMap((r) => [...(r.itens ?? []), ...r.itens_disponiveis]).map((i) => i.cod_produto))`))
	days := server.projectionOf(t, code)
	b.do(fmt.Sprintf(`RupturaWorkerClient.of(document.getElementById('tabela-carteira')).projecao(%q)`, code))
	b.do(`(document.querySelector('.rpt-scrub').focus(), undefined)`)
	b.press(kb.Home)
	for range busy {
		b.press(kb.ArrowRight)
	}
	want := fmt.Sprintf("Closing %s, Can ship %s", english(days[busy].Closing), english(days[busy].CanShip))
	if said := b.text(`document.querySelector('.rpt-scrub').getAttribute('aria-valuetext')`); !strings.Contains(said, want) {
		t.Errorf("day %d reads %q, want %q", busy, said, want)
	}
	if d := b.text(`document.querySelector('.rpt-chart').getAttribute('role') + document.querySelector('.rpt-chart').getAttribute('aria-label')`); !strings.HasPrefix(d, "imgProjection of 28 days, from ") {
		t.Errorf("the chart is described as %q", d)
	}
	b.press(kb.End)
	if v := b.text(`document.querySelector('.rpt-scrub').value`); v != "27" {
		t.Errorf("the last day is %s", v)
	}
	b.click(`[role=tab]:nth-of-type(2)`)
	for i, day := range days {
		if got := b.text(fmt.Sprintf(`document.querySelectorAll('.rpt-days tr:not(:has(.rpt-takers)) > td:last-child')[%d].innerText.trim()`, i)); got != english(day.CanShip) {
			t.Errorf("the table's day %d can ship %s, want %s", i, got, english(day.CanShip))
		}
	}
	opener := fmt.Sprintf(`document.querySelectorAll('.rpt-days tbody tr:not(:has(.rpt-takers))')[%d].querySelector('.rpt-more')`, busy)
	if n := b.number(`[...document.querySelectorAll('.rpt-takers')].filter((c) => c.checkVisibility()).length`); n != 0 {
		t.Errorf("%d days show who takes what before that is asked", n)
	}
	b.do(opener + `.click()`)
	if n := b.number(opener + `.closest('tr').nextElementSibling.querySelectorAll('li').length`); n != len(days[busy].Reservations) || b.text(opener+`.ariaExpanded`) != "true" {
		t.Errorf("%d reservations are shown of day %d, want %d", n, busy, len(days[busy].Reservations))
	}
	b.quiet()
}

// english writes a quantity as the page does in English.
func english(n float64) string {
	text := strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.3f", n), "0"), ".")
	whole, fraction, _ := strings.Cut(text, ".")
	sign := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if sign {
		return "-" + whole
	}
	return whole
}

func projectionByMethod(t *testing.T, browser context.Context, server *served) {
	b := newTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	code := b.text(`seen.length && fetch('/api/ruptura/analisar/' + document.querySelector('tr.pedido-row').dataset.pedido).then((r) => r.json()).then((r) => r.itens_disponiveis.concat(r.itens ?? [])[0].cod_produto)`)
	b.do(`document.querySelector('#filtros button').focus()`)
	b.do(fmt.Sprintf(`RupturaWorkerClient.of(document.getElementById('tabela-carteira')).projecao(%q, '<b>Nome</b>')`, code))
	b.says("dialog[open] .rpt-title", "^<b>Nome<.b>")
	if evaluate[bool](b, `document.querySelector('.rpt-back').checkVisibility()`) {
		t.Error("there is nothing to go back to, but a button for it")
	}
	b.press(kb.Escape)
	b.wait(`!document.querySelector('dialog[open]') && document.activeElement.closest('#filtros')`)
	if !evaluate[bool](b, `RupturaWorkerClient.of(document.body) === null && RupturaWorkerClient.of(null) === null`) {
		t.Error("what is no table has a client")
	}
	b.quiet()
}

func projectionFails(t *testing.T, browser context.Context, server *served) {
	b := newTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.do(`rupturaWorkerClient.projecao('NAO/EXISTE')`)
	b.wait(`document.querySelector('dialog[open] [role=alert]')`)
	b.click(`dialog [role=alert] button`)
	b.waitRequests("/produto/projecao?cod=NAO%2FEXISTE&", 2)
	b.wait(`document.querySelector('dialog[open] [role=alert] button') && seen.filter((e) => e.produto === 'NAO/EXISTE').length === 2`)
}

func freshnessGrows(t *testing.T, browser context.Context, server *served) {
	b := newClockedTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	if n := b.number(`[...document.querySelectorAll('.rpt-button')].filter((b) => !/Dados lidos às \d\d:\d\d:\d\d$/.test(b.title)).length`); n > 0 {
		t.Errorf("%d buttons do not say when their data were read", n)
	}
	b.says(".rpt-read", "^Dados lidos às .* agora mesmo$")
	places := `JSON.stringify([...document.querySelectorAll('.rpt-panel, .rpt-action, .rpt-note, #tabela-carteira')].map((e) => e.getBoundingClientRect()))`
	before := b.text(places)
	b.advance("3 * 60_000")
	b.says(".rpt-read", " há 3 min$")
	b.advance("2 * 3_600_000")
	b.says(".rpt-read", " há 2 h$")
	if after := b.text(places); after != before {
		t.Errorf("something moved:\n%s\n%s", before, after)
	}
	b.quiet()
}

// hide makes the page think that it is, or is not, behind another tab.
func (b *tab) hide(hidden bool) {
	b.t.Helper()
	b.do(fmt.Sprintf(`(Object.defineProperty(document, 'hidden', {value: %t, configurable: true}), document.dispatchEvent(new Event('visibilitychange')))`, hidden))
}

func refreshesItself(t *testing.T, browser context.Context, server *served) {
	b := newClockedTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	runs := `seen.filter((e) => e.name === 'completo').length`
	b.do(`((s) => { s.value = '5'; s.dispatchEvent(new Event('change')); })(document.querySelector('.rpt-select'))`)
	b.advance("4 * 60_000")
	if n := b.requested("POST "); n != 1 {
		t.Errorf("%d analyses after four minutes, want 1", n)
	}
	b.advance("61_000")
	b.wait(runs + ` === 2`)
	b.hide(true)
	b.advance("30 * 60_000")
	if n := b.requested("POST "); n != 2 {
		t.Errorf("%d analyses, of which some in a hidden page", n)
	}
	b.hide(false)
	b.advance("1_000")
	b.wait(runs + ` === 3`)
	b.do(`((s) => { s.value = '0'; s.dispatchEvent(new Event('change')); })(document.querySelector('.rpt-select'))`)
	b.advance("30 * 60_000")
	if n := b.requested("POST "); n != 3 {
		t.Errorf("%d analyses, though the refresh is off", n)
	}
}

func cancelledInPart(t *testing.T, browser context.Context, server *served) {
	held := make(chan struct{})
	defer close(held)
	proxy := newFaultyProxy(t, server.url, nil, func(n int64, _ *http.Request) (int, int) {
		switch n {
		case 1:
			return 0, 3
		case 2, 4:
			<-held
		case 3:
		}
		return 0, 0
	})
	b := newTab(t, browser)
	b.open(proxy.URL + "/carteira?lang=pt")
	proxy.cutOnceHeard(b)
	b.waitRequests("/stream/", 2)
	b.click(`.rpt-panel .rpt-action`)
	b.says(".rpt-status", "Análise cancelada")
	b.wait(`!document.querySelector('.rpt-button[data-estado=waiting]')`)
	if n := b.number(`document.querySelectorAll('.rpt-button[data-estado=idle]').length`); n != clientOrders-20 {
		t.Errorf("%d orders can be analysed, want those that were not", n)
	}
	b.says(".rpt-figures", "^20 de 60 ")
	b.click(`.rpt-panel .rpt-action`)
	b.analysed()
	b.do(`seen.length = 0`)
	b.click(`.rpt-panel .rpt-action`)
	b.wait(`seen.some((e) => e.name === 'inicio')`)
	b.click(`.rpt-panel .rpt-action`)
	b.says(".rpt-status", "Análise cancelada")
	b.wait(fmt.Sprintf(`[...document.querySelectorAll('.rpt-button[data-velho]')].filter((b) => b.title.endsWith('(de antes da última análise)')).length === %d`, clientOrders))
}

func noOrders(t *testing.T, browser context.Context, server *served) {
	proxy := newFaultyProxy(t, server.url, map[string]string{"/host": hostPage(t, server, 0, 1)}, nil)
	b := newTab(t, browser)
	b.open(proxy.URL + "/host")
	b.says(".rpt-status", "Nenhum pedido na tabela")
	if n := b.requested("POST "); n != 0 {
		t.Errorf("%d analyses of nothing", n)
	}
	b.quiet()
}

func orderFails(t *testing.T, browser context.Context, server *served) {
	page := strings.Replace(hostPage(t, server, 5, 1), "<tbody>", `<tbody><tr class="pedido-row" data-pedido="NAO-EXISTE"><td></td><td class="coluna-entrega-obs"></td></tr>`, 1)
	proxy := newFaultyProxy(t, server.url, map[string]string{"/host": page}, nil)
	b := newTab(t, browser)
	b.open(proxy.URL + "/host")
	b.analysed()
	b.says(".rpt-button[data-estado=failed]", "^Não analisado$")
	b.says(".rpt-figures", "1 com erro")
	reason := b.text(`document.querySelector('.rpt-button[data-estado=failed]').title`)
	if !strings.HasSuffix(reason, " · Clique para tentar de novo") {
		t.Errorf("the button says %q", reason)
	}
	b.click(`.rpt-button[data-estado=failed]`)
	b.wait(`document.querySelector('dialog[open] [role=alert]')`)
	b.click(`dialog [role=alert] button`)
	b.waitRequests("/analisar/NAO-EXISTE", 2)
	b.wait(`document.querySelector('dialog[open] [role=alert] p').textContent.length > 10`)
}

func networkHint(t *testing.T, browser context.Context, server *served) {
	b := newTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.do(`(Object.defineProperty(navigator, 'onLine', {value: false, configurable: true}), window.dispatchEvent(new Event('offline')))`)
	b.says(".rpt-note[data-alerta]", "Sem rede: os dados são os da última leitura")
	b.do(`(Object.defineProperty(navigator, 'onLine', {value: true, configurable: true}), window.dispatchEvent(new Event('online')))`)
	b.says(".rpt-note:not([data-alerta])", "^$")
	b.quiet()
}

func olderScriptOnPage(t *testing.T, browser context.Context, server *served) {
	page := strings.ReplaceAll(hostPage(t, server, 20, 1), `<td class="coluna-entrega-obs">`, `<td class="coluna-entrega-obs"><button class="btn btn-analisar-ruptura">Ruptura</button>`)
	proxy := newFaultyProxy(t, server.url, map[string]string{"/host": page}, nil)
	b := newTab(t, browser)
	b.open(proxy.URL + "/host")
	b.analysed()
	b.do(`document.querySelector('tbody').append(document.querySelector('tbody').firstElementChild)`)
	b.wait(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
	if n := b.number(`[...document.querySelectorAll('.coluna-entrega-obs button')].filter((b) => b.checkVisibility()).length`); n != 20 {
		t.Errorf("%d buttons are seen in 20 rows", n)
	}
	if got := b.troubles(); len(got) != 1 || !strings.Contains(got[0], "script de ruptura mais antigo") {
		t.Errorf("one warning of the older script, got %q", got)
	}
	if n := b.number(`rupturaWorkerClient.stop(), [...document.querySelectorAll('.coluna-entrega-obs button')].filter((b) => b.checkVisibility()).length`); n != 20 {
		t.Errorf("%d buttons of the older script are back after stop", n)
	}
}

// olderClient is an older script that calls itself as the client does, in each way in which a script may; it puts
// a button in each row when it is started.
const (
	olderBody = ` { constructor(options) { this.options = options; }
	start() { for (const c of document.querySelectorAll('.coluna-entrega-obs')) c.insertAdjacentHTML('beforeend', '<button class="btn-ruptura">Ruptura</button>'); } }`
	olderStart = `;document.addEventListener('DOMContentLoaded', () => { window.rupturaWorkerClient = new RupturaWorkerClient({}); window.rupturaWorkerClient.start(); });`
)

func olderScriptWithOurNames(t *testing.T, browser context.Context, server *served) {
	for name, older := range map[string]string{
		"assigned": `'use strict'; window.RupturaWorkerClient = class` + olderBody + olderStart,
		"var":      `var RupturaWorkerClient = class` + olderBody + olderStart,
		"class":    `class RupturaWorkerClient` + olderBody + olderStart,
		"function": `function RupturaWorkerClient(options) { this.start = () => new (class` + olderBody + `)().start(); }` + olderStart,
		"instance": `var rupturaWorkerClient = new (class` + olderBody + `)(); document.addEventListener('DOMContentLoaded', () => rupturaWorkerClient.start());`,
	} {
		for _, order := range []string{"before", "after"} {
			t.Run(name+" "+order, func(t *testing.T) {
				t.Parallel()
				tag := `<script defer src="/older.js"></script>`
				page := hostPage(t, server, 20, 2)
				if order == "before" {
					page = strings.Replace(page, "<script", tag+"<script", 1)
				} else {
					page = strings.Replace(page, "</head>", tag+"</head>", 1)
				}
				proxy := newFaultyProxy(t, server.url, map[string]string{"/host": page, "/older.js": older}, nil)
				b := newTab(t, browser)
				b.open(proxy.URL + "/host")
				b.analysed()
				b.oneButtonEach(20)
				if n := b.number(`[...document.querySelectorAll('.coluna-entrega-obs button')].filter((b) => b.checkVisibility()).length`); n != 20 {
					t.Errorf("%d buttons are seen in 20 rows", n)
				}
				b.warnedOnce("o script foi carregado mais de uma vez", "há um script de ruptura mais antigo")
				if n := b.requested("POST "); n != 1 {
					t.Errorf("%d analyses", n)
				}
				b.click(`.rpt-button`)
				b.wait(`document.querySelector('dialog[open] .rpt-items')`)
			})
		}
	}
}

func motionIsShort(t *testing.T, browser context.Context, server *served) {
	for _, wish := range []struct {
		value   string
		longest int
	}{{"no-preference", 150}, {"reduce", 0}} {
		b := newTab(t, browser)
		b.media("prefers-reduced-motion", wish.value)
		b.opened(server.url)
		if ms := b.number(`Math.round(Math.max(...[...document.querySelectorAll('[class*=rpt-]')].flatMap((e) => ['transitionDuration', 'animationDuration'].map((p) => parseFloat(getComputedStyle(e)[p]) * 1000 || 0))))`); ms > wish.longest {
			t.Errorf("with %s something moves for %d ms", wish.value, ms)
		}
	}
}

// A book without any stock says that the stock may not have been loaded.
func TestBrowserClientWithoutStock(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, 40)
	server.replace(t, []dataset.Relation{dataset.Stock}, func(dataset.Writer) error { return nil })
	b := newTab(t, browser)
	b.open(server.url + "/carteira?lang=pt")
	b.analysed()
	b.says(".rpt-note[data-alerta]", "confira se o estoque foi carregado")
	b.quiet()
}
