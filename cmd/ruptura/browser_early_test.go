package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

const (
	earlyScript  = "/js/adiantado.js"
	clientScript = "/js/ruptura-worker-client.js"
	batches      = "/processar-lote"
	streams      = "/stream/"
)

// usher stands before the program, counts what passes, and lets a test hold or refuse it.
type usher struct {
	*httptest.Server
	counts map[string]*atomic.Int64
	// first is what happens to the first request whose path holds a text; it reports whether it has answered.
	first map[string]func(w http.ResponseWriter, r *http.Request) bool
	// ended is closed when the first request for a path is over.
	ended map[string]chan struct{}
	page  *strings.Replacer // what the page's markup becomes
}

func newUsher(t *testing.T, target string) *usher {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	u := &usher{
		counts: map[string]*atomic.Int64{}, first: map[string]func(http.ResponseWriter, *http.Request) bool{},
		ended: map[string]chan struct{}{}, page: strings.NewReplacer(),
	}
	for _, part := range []string{earlyScript, clientScript, batches, streams} {
		u.counts[part], u.ended[part] = &atomic.Int64{}, make(chan struct{})
	}
	forward := &httputil.ReverseProxy{
		FlushInterval: -1, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Header.Del("Accept-Encoding")
		},
		ModifyResponse: u.rewrite,
	}
	u.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { u.pass(w, r, forward) }))
	u.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	u.Start()
	t.Cleanup(func() {
		u.CloseClientConnections()
		u.Close()
	})
	return u
}

func (u *usher) pass(w http.ResponseWriter, r *http.Request, forward http.Handler) {
	if part := u.firstOf(r); part != "" {
		defer close(u.ended[part])
		if meet := u.first[part]; meet != nil && meet(w, r) {
			return
		}
	}
	forward.ServeHTTP(w, r)
}

// firstOf counts a request, and names what it is the first for, if it is.
func (u *usher) firstOf(r *http.Request) string {
	for part, count := range u.counts {
		if strings.Contains(r.URL.Path, part) && r.Method != http.MethodHead && count.Add(1) == 1 {
			return part
		}
	}
	return ""
}

func (u *usher) rewrite(r *http.Response) error {
	if !strings.HasSuffix(r.Request.URL.Path, "/carteira") {
		return nil
	}
	markup, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	markup = []byte(u.page.Replace(string(markup)))
	r.Body = io.NopCloser(bytes.NewReader(markup))
	r.Header.Set("Content-Length", strconv.Itoa(len(markup)))
	r.ContentLength = int64(len(markup))
	return nil
}

// after lets a request pass once another is over.
func (u *usher) after(part string) func(http.ResponseWriter, *http.Request) bool {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-u.ended[part]:
		case <-r.Context().Done():
		}
		return false
	}
}

// refuse answers with a status and no more.
func refuse(status int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(status)
		return true
	}
}

// holdOpen begins a stream and says no word until its reader has left.
func holdOpen(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
	return true
}

// over waits until the first request for a path has ended.
func (u *usher) over(b *tab, part string) {
	b.t.Helper()
	select {
	case <-u.ended[part]:
	case <-b.ctx.Done():
		b.t.Fatalf("the first request for %s did not end", part)
	}
}

// want fails unless so many batches were sent and so many streams opened.
func (u *usher) want(t *testing.T, posts, opened int64) {
	t.Helper()
	if n := u.counts[batches].Load(); n != posts {
		t.Errorf("%d batches were sent, want %d", n, posts)
	}
	if n := u.counts[streams].Load(); n != opened {
		t.Errorf("%d streams were opened, want %d", n, opened)
	}
}

// fills opens the page and waits until each of its rows shows a result.
func (u *usher) fills(t *testing.T, browser context.Context) *tab {
	t.Helper()
	b := newTab(t, browser)
	b.open(u.URL + "/carteira?lang=pt")
	b.analysed()
	b.oneButtonEach(clientOrders)
	return b
}

// Tests of an analysis that begins before its page, and so its client, has arrived.
func TestBrowserBeginsEarly(t *testing.T) {
	browser := startBrowser(t)
	server := serveDemo(t, clientOrders)
	tests := []struct {
		name string
		run  func(*testing.T, context.Context, *served)
	}{
		{"an analysis that is over before the client comes", overBeforeTheClient},
		{"a stream that is open when the client comes", openWhenTheClientComes},
		{"a request that nobody answers", earlyUnanswered},
		{"a request that is refused", earlyRefused},
		{"an answer that does not come", earlyAnswerLost},
		{"an answer that a proxy refuses after all", earlyAnswerRefused},
		{"a session whose work could not be queued", earlyNotQueued},
		{"a server that gives the session another ID", earlyOtherSession},
		{"a stream that is refused", earlyStreamRefused},
		{"without the script", withoutEarlyScript},
		{"the script twice", earlyScriptTwice},
		{"another filter than the table's", earlyOtherFilter},
		{"without the client", withoutClient},
		{"a page that is left before the client comes", leftEarly},
		{"a client that is stopped", stoppedEarly},
		{"a page that is loaded again leaves it to the client", reloadedPage},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, browser, server) })
	}
}

func overBeforeTheClient(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	u.first[clientScript] = u.after(streams)
	b := u.fills(t, browser)
	b.wholeStream(clientOrders)
	b.figuresAddUp(clientOrders)
	u.want(t, 1, 1)
	b.quiet()
}

func openWhenTheClientComes(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	come := make(chan struct{})
	u.first[clientScript] = func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-come:
		case <-r.Context().Done():
		}
		return false
	}
	started := make(chan struct{})
	u.first[streams] = func(_ http.ResponseWriter, r *http.Request) bool {
		close(come) // the request is here, its answer is not
		select {
		case <-started:
		case <-r.Context().Done():
		}
		return false
	}
	b := newTab(t, browser)
	b.open(u.URL + "/carteira?lang=pt")
	b.wait(`seen.some((e) => e.name === 'inicio')`)
	close(started)
	b.analysed()
	b.wholeStream(clientOrders)
	b.oneButtonEach(clientOrders)
	u.want(t, 1, 1)
	b.quiet()
}

func earlyUnanswered(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	u.first[batches] = func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }
	u.first[clientScript] = u.after(batches)
	b := u.fills(t, browser)
	if n := b.number(`seen.filter((e) => e.name === 'resultado').length`); n != clientOrders {
		t.Errorf("%d results, want each order once", n)
	}
	// A browser may itself repeat a request whose connection was lost: with one key, it is one analysis, for which the stream
	// waits.
	if n := u.counts[streams].Load(); n != 1 {
		t.Errorf("%d streams were opened, want 1", n)
	}
}

func earlyRefused(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	waits := make(chan struct{})
	u.first[streams] = func(http.ResponseWriter, *http.Request) bool {
		close(waits)
		return false
	}
	u.first[batches] = func(w http.ResponseWriter, r *http.Request) bool {
		select {
		case <-waits:
		case <-r.Context().Done():
		}
		w.Header().Set("Retry-After", "1")
		return refuse(http.StatusServiceUnavailable)(w, r)
	}
	u.first[clientScript] = u.after(batches)
	b := newTab(t, browser)
	b.open(u.URL + "/carteira?lang=pt")
	b.says(".rpt-note[data-alerta]", "Servidor ocupado. Nova tentativa em")
	b.analysed()
	b.oneButtonEach(clientOrders)
	u.want(t, 2, 2) // the first one waited for the session refused
}

// accepted sends a request on to the program, which accepts it, and keeps its answer to itself.
func (u *usher) accepted(t *testing.T, r *http.Request, target string) {
	t.Helper()
	request, err := http.NewRequestWithContext(r.Context(), r.Method, target+r.URL.Path, r.Body)
	if err != nil {
		t.Error(err)
		return
	}
	request.Header = r.Header.Clone()
	request.Header.Del("Origin") // it is another one here
	answer, err := new(http.Client).Do(request)
	if err != nil {
		t.Error(err)
		return
	}
	closed(t, answer.Body)
	if answer.StatusCode != http.StatusAccepted {
		t.Errorf("the request was answered %s", answer.Status)
	}
}

// begins answers a stream with the first event of its session.
func begins(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	_, id, _ := strings.Cut(r.URL.Path, streams)
	_, _ = fmt.Fprintf(w, "id: 1\ndata: {\"id\":1,\"tipo\":\"inicio\",\"session_id\":%q,\"total_pedidos\":%d}\n\n", id, clientOrders)
	_ = http.NewResponseController(w).Flush()
}

func earlyAnswerLost(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	u.first[batches] = func(_ http.ResponseWriter, r *http.Request) bool {
		u.accepted(t, r, server.url)
		<-r.Context().Done()
		return true
	}
	b := u.fills(t, browser)
	b.wholeStream(clientOrders)
	b.figuresAddUp(clientOrders)
	u.want(t, 1, 1)
	b.quiet()
}

func earlyAnswerRefused(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	begun, refused := make(chan struct{}), make(chan struct{})
	u.first[batches] = func(w http.ResponseWriter, r *http.Request) bool {
		u.accepted(t, r, server.url)
		select {
		case <-begun:
		case <-r.Context().Done():
		}
		defer close(refused)
		return refuse(http.StatusBadGateway)(w, r)
	}
	u.first[streams] = func(w http.ResponseWriter, r *http.Request) bool {
		begins(w, r)
		select { // cut once the refusal is there: what follows must not be lost on a stream that nobody listens to
		case <-refused:
		case <-r.Context().Done():
		}
		return true
	}
	b := newTab(t, browser)
	b.open(u.URL + "/carteira?lang=pt")
	b.wait(`seen.some((e) => e.name === 'inicio')`)
	close(begun)
	b.analysed()
	b.oneButtonEach(clientOrders)
	b.figuresAddUp(clientOrders)
	u.want(t, 1, 2)
	if n := b.requested("/status/"); n != 0 {
		t.Errorf("%d requests for the status", n)
	}
	if note := b.text(`document.querySelector('.rpt-note').textContent`); strings.Contains(note, "Nova tentativa") {
		t.Errorf("it says %q of a request that is not sent again", note)
	}
}

func earlyNotQueued(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	u.first[streams] = func(w http.ResponseWriter, r *http.Request) bool {
		begins(w, r)
		_, _ = fmt.Fprintf(w, "id: 2\ndata: {\"id\":2,\"tipo\":\"erro\",\"error\":\"não foi posta na fila\",\"processados\":0,\"total_pedidos\":%d}\n\n", clientOrders)
		return true
	}
	u.first[batches] = func(w http.ResponseWriter, r *http.Request) bool {
		u.after(streams)(w, r)
		return refuse(http.StatusServiceUnavailable)(w, r)
	}
	b := u.fills(t, browser)
	b.figuresAddUp(clientOrders)
	u.want(t, 2, 2)
	if n := b.number(`seen.filter((e) => e.name === 'erro').length`); n != 0 {
		t.Errorf("%d errors were told", n)
	}
}

func earlyOtherSession(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	u.first[batches] = func(_ http.ResponseWriter, r *http.Request) bool {
		r.Header.Del("X-Ruptura-Session")
		return false
	}
	b := u.fills(t, browser)
	b.figuresAddUp(clientOrders)
	u.want(t, 1, 2)
}

func earlyStreamRefused(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	u.first[streams] = refuse(http.StatusBadGateway)
	u.first[clientScript] = u.after(streams)
	b := u.fills(t, browser)
	b.wholeStream(clientOrders)
	u.want(t, 1, 2)
	if n := b.requested("HEAD "); n != 1 {
		t.Errorf("it was asked %d times whether the session is known, want 1", n)
	}
}

func withoutEarlyScript(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	u.first[earlyScript] = refuse(http.StatusNotFound)
	b := u.fills(t, browser)
	b.wholeStream(clientOrders)
	u.want(t, 1, 1)
}

func earlyScriptTwice(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	tag := `<script src="/static/carteira` + earlyScript + `" data-ruptura-api="" data-ruptura-corpo="{&#34;filtro&#34;:{}}"></script>`
	u.page = strings.NewReplacer("<body>", "<body>"+tag+tag)
	b := u.fills(t, browser)
	u.want(t, 1, 1)
	b.quiet()
}

func earlyOtherFilter(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	u.page = strings.NewReplacer(`data-ruptura-corpo="{&#34;filtro&#34;:{}`, `data-ruptura-corpo="{&#34;filtro&#34;:{&#34;uf&#34;:&#34;SP&#34;}`)
	u.first[clientScript] = u.after(streams)
	b := u.fills(t, browser)
	b.figuresAddUp(clientOrders)
	u.want(t, 2, 2)
}

func withoutClient(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	opened := make(chan struct{})
	u.first[streams] = func(w http.ResponseWriter, r *http.Request) bool {
		close(opened)
		return holdOpen(w, r)
	}
	u.first[clientScript] = func(w http.ResponseWriter, r *http.Request) bool {
		select {
		case <-opened:
		case <-r.Context().Done():
		}
		return refuse(http.StatusNotFound)(w, r)
	}
	b := newTab(t, browser)
	b.open(u.URL + "/carteira?lang=pt")
	u.over(b, streams)
	u.want(t, 1, 1)
}

func leftEarly(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	opened, left := make(chan struct{}), make(chan struct{})
	defer close(left)
	u.first[streams] = func(w http.ResponseWriter, r *http.Request) bool {
		close(opened)
		return holdOpen(w, r)
	}
	u.first[clientScript] = func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-left:
		case <-r.Context().Done():
		}
		return true
	}
	b := newTab(t, browser)
	b.do(`location.assign('` + u.URL + `/carteira?lang=pt')`)
	select {
	case <-opened:
	case <-b.ctx.Done():
		t.Fatal("no stream was opened")
	}
	b.open(server.url + "/healthz")
	u.over(b, streams)
	u.want(t, 1, 1)
}

func stoppedEarly(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	u.first[streams] = holdOpen
	b := newTab(t, browser)
	b.open(u.URL + "/carteira?lang=pt")
	b.wait(`seen.some((e) => e.name === 'inicio')`)
	b.do(`rupturaWorkerClient.stop()`)
	u.over(b, streams)
	u.want(t, 1, 1)
	b.do(`(seen.length = 0, rupturaWorkerClient.start())`)
	b.analysed()
	b.oneButtonEach(clientOrders)
	u.want(t, 2, 2)
	b.quiet()
}

func reloadedPage(t *testing.T, browser context.Context, server *served) {
	u := newUsher(t, server.url)
	u.first[clientScript] = u.after(batches)
	b := newTab(t, browser)
	b.open(u.URL + "/carteira?lang=pt")
	b.analysed()
	if !evaluate[bool](b, `Symbol.for('ruptura-adiantado') in window`) {
		t.Error("the first load did not begin early")
	}
	b.do(`void setTimeout(() => location.reload())`)
	b.wait(`performance.getEntriesByType('navigation')[0].type === 'reload'`)
	b.analysed()
	if evaluate[bool](b, `Symbol.for('ruptura-adiantado') in window`) {
		t.Error("a page that may be shown from its middle began without its client")
	}
	b.oneButtonEach(clientOrders)
	u.want(t, 2, 2)
	b.quiet()
}
