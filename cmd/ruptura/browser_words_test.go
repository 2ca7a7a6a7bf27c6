package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// refusal is an answer that stands in the way of a request.
type refusal struct {
	status       int
	kind, body   string
	retryAfter   string
	disconnected bool // no answer at all
}

// html is what a proxy says by itself.
func html(status int) *refusal {
	return &refusal{status: status, kind: "text/html", body: "<html><h1>" + http.StatusText(status) + "</h1></html>"}
}

// sourceDown is how the program says that its database is away.
var sourceDown = &refusal{status: http.StatusServiceUnavailable, kind: "application/problem+json", retryAfter: "7",
	body: `{"title":"Indisponível","status":503,"codigo":"fonte_indisponivel","detail":"O banco de dados não respondeu.","success":false}`}

func (f *refusal) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if f.disconnected {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", f.kind)
	if f.retryAfter != "" {
		w.Header().Set("Retry-After", f.retryAfter)
	}
	w.WriteHeader(f.status)
	_, _ = io.WriteString(w, f.body)
}

// obstacle stands before the program and answers what a path holds with a refusal, while there is one.
type obstacle struct {
	*httptest.Server

	with atomic.Pointer[refusal]
}

func newObstacle(t *testing.T, target, part string) *obstacle {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	s := &obstacle{}
	forward := &httputil.ReverseProxy{
		FlushInterval: -1, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
	}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := s.with.Load(); f != nil && strings.Contains(r.URL.Path, part) {
			f.ServeHTTP(w, r)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.Start()
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// Whatever answers in place of the program, the page says what happened and what to do, keeps no
// place waiting, and goes on when asked to.
func TestBrowserSaysWhatStandsInTheWay(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	for _, tt := range []struct {
		name     string
		refusal  *refusal
		waits    string // what the panel says while it tries again, if it does
		says     string
		sayingEN string
	}{
		{"502 of a proxy", html(http.StatusBadGateway), "Servidor sem resposta. Nova tentativa em",
			`O ruptura não respondeu a quem publica esta página .HTTP 502.`, "did not answer the server of this page"},
		{"504 of a proxy", html(http.StatusGatewayTimeout), "Servidor sem resposta. Nova tentativa em",
			`O ruptura não respondeu a quem publica esta página .HTTP 504.`, "did not answer the server of this page"},
		{"413 of a proxy", html(http.StatusRequestEntityTooLarge), "", `grande demais para o proxy`, "too large for the proxy"},
		{"403 of a proxy", html(http.StatusForbidden), "", `entre de novo no sistema`, "sign in"},
		{"404 of a proxy", html(http.StatusNotFound), "", `não está no endereço que esta página usa`, "not at the address"},
		{"500 without words", html(http.StatusInternalServerError), "", `recusada sem explicação .HTTP 500.`, "refused without a reason"},
		{"a page to sign in", html(http.StatusOK), "", `A resposta não veio do ruptura`, "did not come from ruptura"},
		{"a database that is away", sourceDown, "O banco de dados não respondeu. Nova tentativa em [78] s",
			`O banco de dados não respondeu`, "O banco de dados"},
		{"nobody", &refusal{disconnected: true}, "Servidor sem resposta. Nova tentativa em", `Sem resposta do servidor`, "No answer from the server"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			way := newObstacle(t, server.url, "/processar-lote")
			way.with.Store(tt.refusal)
			b := newClockedTab(t, browser)
			b.open(way.URL + "/carteira?lang=pt")
			if tt.waits != "" {
				b.says(".rpt-note[data-alerta]", tt.waits)
			}
			b.passes(`/A análise parou/.test(document.querySelector('.rpt-status').textContent)`)
			b.says(".rpt-note[data-alerta]", tt.says)
			b.leavesNothingWaiting()
			way.with.Store(nil)
			b.says(".rpt-panel .rpt-action", "^Tentar de novo$")
			b.click(`.rpt-panel .rpt-action`)
			b.analysed()
			b.oneButtonEach(clientOrders)
			way.with.Store(tt.refusal)
			b.open(way.URL + "/carteira?lang=en")
			b.passes(`/` + tt.sayingEN + `/.test(document.querySelector('.rpt-note').textContent) && /stopped/.test(document.querySelector('.rpt-status').textContent)`)
		})
	}
}

// leavesNothingWaiting fails unless an analysis that never began has left the page as one that was not
// analysed: buttons to try with, an empty bar, no place that looks as if something were to come.
func (b *tab) leavesNothingWaiting() {
	b.t.Helper()
	b.wait(`!document.querySelector('.rpt-button[data-estado=waiting]')`)
	b.passes(fmt.Sprintf(`document.querySelectorAll('.rpt-button[data-estado=idle]').length === %d`, clientOrders)) // each can be analysed alone
	if full := b.text(`String(document.querySelector('.rpt-panel progress').position)`); full != "0" {
		b.t.Errorf("the bar is filled to %s", full)
	}
	if n := b.number(`[...document.querySelectorAll('[data-pendente], .bone')].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height > 0).length`); n > 0 {
		b.t.Errorf("%d places still wait for what will not come", n)
	}
	if text := b.text(`document.querySelector('[data-figura=valor_com_ruptura]').textContent`); text != "–" {
		b.t.Errorf("the value at risk is %q, though nothing was analysed", text)
	}
}

// A click, too, says that the database is away, when it will be tried again, and shows the order then.
func TestBrowserClickWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	way := newObstacle(t, server.url, "/analisar/")
	b := newClockedTab(t, browser)
	b.open(way.URL + "/carteira?lang=pt")
	b.analysed()
	way.with.Store(sourceDown)
	b.click(`.rpt-button`)
	b.says("dialog[open] .rpt-head .rpt-note", "O banco de dados não respondeu. Nova tentativa em [78] s")
	way.with.Store(nil)
	b.advance("9_000")
	b.wait(`document.querySelector('dialog[open] .rpt-items')`)
}

// slowNews answers the polls in the page itself: a session that waits for its turn for longer than 30 polls, then
// works without an event for as long, its count alone moving, and then says nothing more.
const slowNews = `window.polls = 0;
const fetched = window.fetch;
window.fetch = (address, init) => {
	if (!/\/status\/.*desde=/.test(address)) return fetched(address, init);
	const n = polls++;
	const status = n < 40 ? {status: 'na_fila', processados: 0} : {status: 'processando', processados: Math.min(n, 80)};
	return Promise.resolve(new Response(JSON.stringify({...status, eventos: [], ultimo_evento: 0})));
};`

// A server that is slow but alive is waited for: 30 polls without news are counted from its last news.
func TestBrowserWaitsForSlowServer(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	proxy := newFaultyProxy(t, server.url, nil, func(int64, *http.Request) (int, int) { return http.StatusBadGateway, 0 })
	b := newClockedTab(t, browser)
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: slowNews})
	b.must(err)
	b.open(proxy.URL + "/carteira?lang=pt")
	b.passes(`/Na fila do servidor/.test(document.querySelector('.rpt-note').textContent)`)
	b.passes(`polls > 41`)
	b.says(".rpt-note", "consultando a cada poucos segundos")
	b.passes(`/A análise parou/.test(document.querySelector('.rpt-status').textContent)`)
	b.says(".rpt-note[data-alerta]", "não dá notícia desta análise")
	if n := b.number(`polls`); n != 81+30 {
		t.Errorf("%d polls, want 30 after the last news", n)
	}
	b.says(".rpt-panel .rpt-action", "^Tentar de novo$")
}

// Rows that come later are analysed, and added to what the page has counted.
func TestBrowserAddsNewRows(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	b := newTab(t, browser)
	first := server.numbers(t, 1)[0]
	b.open(server.url + "/carteira?lang=pt&limite=100&q=" + url.QueryEscape(string(first)))
	b.analysed()
	const figures = `[...document.querySelectorAll('[data-figura=ok], [data-figura=ruptura], [data-figura=valor_total_pedido]')].map((f) => Number(f.textContent.replace(/\D/g, '')))`
	before := evaluate[[]int](b, figures)
	export := b.text(`document.querySelector('#exportar a').href`)
	other := server.numbers(t, 2)[1]
	b.do(`(seen.length = 0, (() => { const row = document.querySelector('tr.pedido-row').cloneNode(true); row.dataset.pedido = '` + string(other) + `'; document.querySelector('#tabela-carteira tbody').append(row); })())`)
	b.analysed()
	b.says(".rpt-figures", "^2 de 2 ")
	after := evaluate[[]int](b, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(`+figures+`))))`)
	if before[0]+before[1] != 1 || after[0]+after[1] != 2 || after[2] <= before[2] {
		t.Errorf("the figures went from %v to %v", before, after)
	}
	if !b.holds(`document.querySelector('#mudou > span').hidden`) {
		t.Errorf("the page says %q", b.text(`document.querySelector('#mudou').textContent`))
	}
	if now := b.text(`document.querySelector('#exportar a').href`); now != export {
		t.Errorf("the export follows the analysis of the new row alone: %s", now)
	}
	b.oneButtonEach(2)
	b.quiet()
}

// The mode that a page chooses is sent with what is analysed; the usual one goes without saying.
func TestBrowserSendsTheMode(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := serveDemo(t, clientOrders)
	for mode, want := range map[string]string{"isolado": "", "concorrente": `"modo":"concorrente"`} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			host := strings.Replace(hostPage(t, server, 5, 1), "<table", `<table data-ruptura-modo="`+mode+`"`, 1)
			proxy := newFaultyProxy(t, server.url, map[string]string{"/host": host}, nil)
			b := newTab(t, browser)
			b.open(proxy.URL + "/host")
			if body := <-proxy.bodies; strings.Contains(body, "modo") != (want != "") || !strings.Contains(body, want) {
				t.Errorf("it sends %s", body)
			}
			b.wait(`seen.some((e) => e.name === 'completo' || e.name === 'erro')`)
			b.wait(`!document.querySelector('.rpt-button[data-estado=waiting]')`)
			b.click(`.rpt-button`)
			b.wait(`document.querySelector('dialog[open] :is(.rpt-items, [role=alert])')`)
			if n := b.requested("?modo=concorrente"); n != strings.Count(want, "concorrente") {
				t.Errorf("%d clicks name the mode", n)
			}
		})
	}
}
