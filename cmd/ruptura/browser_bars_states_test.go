package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ruptura/internal/dataset"
)

// manners are how a stand treats what passes.
type manners struct {
	refuse     map[string]int // the status that requests get whose path holds a text
	hold       string         // requests whose path holds this wait until the page leaves; "" holds none
	pauseAfter int            // after so many events a stream says nothing more; 0 lets all pass
}

// stand is a proxy before the program that keeps a page in a state for as long as a test looks.
type stand struct {
	*httptest.Server
	streams atomic.Int64 // that are open
	away    atomic.Bool  // connections end without an answer
}

func newStand(t testing.TB, target string, m manners) *stand {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{}
	closing, stop := context.WithCancel(context.Background())
	forward := &httputil.ReverseProxy{
		FlushInterval: -1, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // pages that leave are meant
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: m.pause,
	}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.away.Load() {
			panic(http.ErrAbortHandler)
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(closing, cancel)()
		r = r.WithContext(ctx)
		if strings.Contains(r.URL.Path, "/stream/") {
			s.streams.Add(1)
			defer s.streams.Add(-1)
		}
		if !m.stops(w, r) {
			forward.ServeHTTP(w, r)
		}
	}))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.Start()
	t.Cleanup(func() {
		stop()
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// stops reports whether a request goes no further.
func (m manners) stops(w http.ResponseWriter, r *http.Request) bool {
	for part, status := range m.refuse {
		if strings.Contains(r.URL.Path, part) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			return true
		}
	}
	held := m.hold != "" && strings.Contains(r.URL.Path, m.hold)
	if held {
		<-r.Context().Done()
	}
	return held
}

func (m manners) pause(r *http.Response) error {
	if m.pauseAfter > 0 && strings.Contains(r.Request.URL.Path, "/stream/") {
		r.Body = &pausedBody{ReadCloser: r.Body, ctx: r.Request.Context(), events: m.pauseAfter}
	}
	return nil
}

// pausedBody falls silent after so many events, each of which ends with an empty line.
type pausedBody struct {
	io.ReadCloser
	ctx    context.Context
	events int
	last   byte
}

// Read gives one byte at a time, so that the silence begins exactly between two events.
func (b *pausedBody) Read(p []byte) (int, error) {
	if b.events <= 0 {
		<-b.ctx.Done()
		return 0, b.ctx.Err()
	}
	n, err := b.ReadCloser.Read(p[:1])
	if n == 1 {
		if p[0] == '\n' && b.last == '\n' {
			b.events--
		}
		b.last = p[0]
	}
	return n, err
}

// appearance is how somebody has set their screen.
type appearance struct {
	name          string
	theme, lang   string // light or dark, pt or en
	width, height int64
}

// wear gives a tab an appearance, without motion.
func (b *tab) wear(a appearance) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: a.theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	b.must(err)
	b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(a.width, a.height)))
}

// stage is what the states of the page are shown on.
type stage struct {
	book, empty, broken *served
}

func newStage(t testing.TB, orders int) *stage {
	t.Helper()
	empty := &served{database: filepath.Join(t.TempDir(), "empty.db")}
	empty.replace(t, dataset.Relations(), func(dataset.Writer) error { return nil })
	empty.start(t)
	broken := serveDemo(t, 20)
	broken.lose(t, "pedidos")
	return &stage{book: serveDemo(t, orders), empty: empty, broken: broken}
}

// lose takes a table away from a program that is running on it.
func (s *served) lose(t testing.TB, table string) {
	t.Helper()
	db, err := sqlite.OpenConn(s.database, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, db)
	if err := sqlitex.ExecuteTransient(db, "ALTER TABLE "+table+" RENAME TO gone", nil); err != nil {
		t.Fatal(err)
	}
}

// scene is one showing of a state: the stage, a tab and its language.
type scene struct {
	*stage
	*tab
	lang string
}

// at opens an address of a server in the scene's language.
func (s scene) at(server, path string) {
	s.t.Helper()
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	s.open(server + path + sign + "lang=" + s.lang)
}

// page opens the order book on a server and waits until a condition holds.
func (s scene) page(server, condition string) {
	s.t.Helper()
	s.at(server, "/carteira")
	s.wait(condition)
}

// done opens the order book and waits until it is analysed.
func (s scene) done() {
	s.t.Helper()
	s.at(s.book.url, "/carteira")
	s.analysed()
	s.wait(`!document.querySelector('[data-pendente]')`)
}

// behind opens the order book through a stand with manners and waits until a condition holds.
func (s scene) behind(m manners, condition string) *stand {
	s.t.Helper()
	proxy := newStand(s.t, s.book.url, m)
	s.page(proxy.URL, condition)
	return proxy
}

func (s scene) details() {
	s.t.Helper()
	s.done()
	s.do(`document.querySelector('.rpt-button:is([data-estado=ALTA], [data-estado=CRITICA])').click()`)
	s.wait(`document.querySelector('dialog[open] .rpt-items')`)
}

func (s scene) projection() {
	s.t.Helper()
	s.details()
	s.do(`document.querySelector('dialog[open] .rpt-project').click()`)
	s.wait(`document.querySelector('dialog[open] .rpt-chart *')`)
}

// together opens the order book with all orders competing, and waits until it is analysed.
func (s scene) together(policy string) {
	s.t.Helper()
	s.at(s.book.url, "/carteira?modo=concorrente&politica="+policy)
	s.analysed()
	s.wait(`!document.querySelector('[data-pendente]')`)
}

// contested opens the details of the first order that is short because of another.
func (s scene) contested(policy string) {
	s.t.Helper()
	s.together(policy)
	s.do(`document.querySelector('.both a').closest('tr').querySelector('.rpt-button').click()`)
	s.wait(`document.querySelector('dialog[open] .rpt-sum')`)
}

// tabOf chooses a tab of the dialog, counted from zero.
func (s scene) tabOf(n string) {
	s.t.Helper()
	s.do(`document.querySelectorAll('dialog[open] [role=tab]')[` + n + `].click()`)
}

const (
	isWaiting = `document.querySelector('.rpt-button[data-estado=waiting]')`
	isAsking  = isWaiting + ` && document.querySelector('.rpt-panel .rpt-status')?.textContent`
	hasPart   = isWaiting + ` && document.querySelector('.rpt-button:not([data-estado=waiting])')`
)

// states are all that the program's pages may show.
var states = []struct {
	name string
	show func(scene)
}{
	{"loading", func(s scene) { s.behind(manners{hold: "/processar-lote"}, isAsking) }},
	{"partial", func(s scene) { s.behind(manners{pauseAfter: 3}, hasPart) }},
	{"done", func(s scene) { s.done() }},
	{"products", func(s scene) {
		s.done()
		s.do(`document.querySelectorAll('main details').forEach((d) => { d.open = true; })`)
		s.wait(listFilled)
	}},
	{"product", func(s scene) {
		s.done()
		s.do(`document.querySelector('#piores summary').click()`)
		s.wait(listFilled)
		s.do(`document.querySelector('#piores .w-act a').click()`)
		s.wait(`location.search.includes('produto=')`)
		s.analysed()
	}},
	{"details", func(s scene) { s.details() }},
	{"details-all", func(s scene) { s.details(); s.tabOf("2") }},
	{"details-loading", func(s scene) {
		s.behind(manners{hold: "/analisar/"}, `document.querySelector('.rpt-button')`)
		s.analysed()
		s.do(`document.querySelector('.rpt-button').click()`)
		s.wait(`document.querySelector('dialog[open]')`)
	}},
	{"details-failed", func(s scene) {
		s.behind(manners{refuse: map[string]int{"/analisar/": http.StatusInternalServerError}}, `document.querySelector('.rpt-button')`)
		s.analysed()
		s.do(`document.querySelector('.rpt-button').click()`)
		s.wait(`document.querySelector('dialog[open] [role=alert], dialog[open] .rpt-error')`)
	}},
	{"projection", func(s scene) { s.projection() }},
	{"projection-table", func(s scene) { s.projection(); s.tabOf("1") }},
	{"together", func(s scene) { s.together("linha") }},
	{"together-details", func(s scene) { s.contested("linha") }},
	{"together-parts", func(s scene) { s.contested("parcial") }},
	{"together-projection", func(s scene) {
		s.contested("linha")
		s.do(unfold)
		s.do(projectExplained)
		s.wait(`document.querySelector('dialog[open] .rpt-c-ahead')`)
	}},
	{"empty", func(s scene) { s.page(s.empty.url, `document.querySelector('.blank')`) }},
	{"no-match", func(s scene) { s.at(s.book.url, "/carteira?q=zzzz"); s.wait(`document.querySelector('.blank')`) }},
	{"invalid", func(s scene) { s.at(s.book.url, "/carteira?uf=123"); s.wait(`document.querySelector('.blank')`) }},
	{"failed", func(s scene) { s.page(s.broken.url, `document.querySelector('.blank')`) }},
	{"error", func(s scene) {
		s.behind(manners{refuse: map[string]int{"/processar-lote": http.StatusInternalServerError}}, `seen.some((e) => e.name === 'erro')`)
	}},
	{"busy", func(s scene) {
		s.behind(manners{refuse: map[string]int{"/processar-lote": http.StatusTooManyRequests}}, `/\d s/.test(document.querySelector('.rpt-panel')?.textContent)`)
	}},
	{"away", func(s scene) {
		proxy := s.behind(manners{pauseAfter: 3}, hasPart)
		proxy.away.Store(true)
		proxy.CloseClientConnections()
		s.wait(`document.querySelector('.rpt-panel .rpt-note').textContent`)
	}},
	{"offline", func(s scene) {
		s.done()
		_, err := chromedp.Call(s.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
		s.must(err)
		s.wait(`!navigator.onLine && document.querySelector('.rpt-note').textContent`)
	}},
	{"polling", func(s scene) {
		s.behind(manners{refuse: map[string]int{"/stream/": http.StatusBadGateway, "/status/": http.StatusServiceUnavailable}},
			`/consultando|asking/i.test(document.querySelector('.rpt-panel')?.textContent)`)
	}},
	{"cancelled", func(s scene) {
		s.behind(manners{pauseAfter: 3}, hasPart)
		s.do(`document.querySelector('.rpt-panel .rpt-action').click()`)
		s.wait(`document.querySelector('.rpt-button[data-estado=idle]')`)
	}},
	{"failed-order", func(s scene) {
		s.done()
		s.do(`(() => { const row = document.querySelector('tr.pedido-row'), other = row.cloneNode(true); other.dataset.pedido = 'NAO-EXISTE'; row.before(other); })()`)
		s.wait(`document.querySelector('.rpt-button[data-estado=failed]')`)
	}},
	{"docs", func(s scene) { s.at(s.book.url, "/docs"); s.wait(`document.querySelector('h1')`) }},
}
