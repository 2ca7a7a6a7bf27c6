package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"ruptura/internal/atp"
	"ruptura/internal/nginxtest"
	"ruptura/internal/source"
)

const (
	launchedOrders = 40 // of the program that launch starts
	readOrders     = 20 // of each read from a gatedSource
)

// gatedSource is a source whose reads are halves of the book. The first passes; the others wait
// until the gate is opened, so that a session stays half done for as long as a test looks at it.
type gatedSource struct {
	source.Source

	passed atomic.Bool
	gate   chan struct{}
	open   func()
}

func gated(from source.Source) *gatedSource {
	g := &gatedSource{Source: from, gate: make(chan struct{})}
	g.open = sync.OnceFunc(func() { close(g.gate) })
	return g
}

// ReadSize implements source.Sizer.
func (*gatedSource) ReadSize() int { return readOrders }

func (g *gatedSource) Read(ctx context.Context, q source.Query) (*atp.Snapshot, error) {
	if g.passed.CompareAndSwap(false, true) {
		return g.Source.Read(ctx, q)
	}
	select {
	case <-g.gate:
		return g.Source.Read(ctx, q)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Tests of the page behind a real nginx, in a real browser.
func TestNginx(t *testing.T) {
	browser := startBrowser(t)
	for _, tt := range []struct {
		name string
		run  func(*testing.T, context.Context)
	}{
		{"the configuration we ship streams, under a path", shippedConfigurationStreams},
		{"where it buffers the client polls", bufferedIsPolled},
		{"restarted in the middle", nginxRestarted},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, browser) })
	}
}

// behind starts the program on a gated source, under /ruptura, and an nginx before it.
func behind(t *testing.T, conf func(t *testing.T, program, listen string) string) (*gatedSource, *nginxtest.Server) {
	t.Helper()
	var from *gatedSource
	r := launch(t, map[string][]string{"base-path": {"/ruptura"}}, func(s source.Source) source.Source {
		from = gated(s)
		return from
	})
	server := nginxtest.Start(t, func(listen string) string { return conf(t, r.listener.Addr().String(), listen) })
	t.Cleanup(from.open) // a failed test must not leave a read waiting
	return from, server
}

// shipped is the configuration in deploy/nginx, with the addresses of a test.
func shipped(t *testing.T, program, listen string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "nginx", "ruptura.conf"))
	if err != nil {
		t.Fatal(err)
	}
	conf := string(text)
	for old, put := range map[string]string{"\n    server 127.0.0.1:8080;": "\n    server " + program + ";", "\n    listen 80;": "\n    listen " + listen + ";"} {
		if strings.Count(conf, old) != 1 {
			t.Fatalf("deploy/nginx/ruptura.conf has no single %q", old)
		}
		conf = strings.Replace(conf, old, put, 1)
	}
	return conf
}

// buffering is an nginx that does whatever delays a stream.
func buffering(_ *testing.T, program, listen string) string {
	return `gzip on; gzip_min_length 1; gzip_types text/event-stream application/json;
server {
	listen ` + listen + `;
	location / {
		proxy_pass http://` + program + `;
		proxy_set_header Host $http_host;
		proxy_buffering on;
		proxy_ignore_headers X-Accel-Buffering;
		proxy_buffer_size 256k;
		proxy_buffers 16 256k;
		proxy_busy_buffers_size 512k;
	}
}`
}

// halfDone is the page when the first read's orders have their results and the others wait.
func halfDone() string {
	return fmt.Sprintf(`document.querySelectorAll('.rpt-button[data-estado=waiting]').length === %d`, launchedOrders-readOrders)
}

func shippedConfigurationStreams(t *testing.T, browser context.Context) {
	from, server := behind(t, shipped)
	b := newTab(t, browser)
	b.open(server.URL + "/ruptura")
	b.wait(halfDone())
	if n := b.number(`seen.filter((e) => e.name === 'completo').length`); n != 0 {
		t.Errorf("the analysis is over")
	}
	from.open()
	b.analysed()
	b.wholeStream(launchedOrders)
	b.oneButtonEach(launchedOrders)
	if n := b.requested("/status/"); n != 0 {
		t.Errorf("%d requests for the status while streaming works", n)
	}
	if a := status(t, server.URL+"/ruptura/metrics"); a != http.StatusNotFound {
		t.Errorf("metrics from outside: %d", a)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, request := range b.requests {
		if !strings.Contains(request, " "+server.URL+"/ruptura") && !strings.Contains(request, " data:") {
			t.Errorf("%s is outside the base path", request)
		}
	}
	if len(b.console) > 0 {
		t.Errorf("console: %q", b.console)
	}
}

func bufferedIsPolled(t *testing.T, browser context.Context) {
	from, server := behind(t, buffering)
	b := newTab(t, browser)
	b.ownClock()
	b.open(server.URL + "/ruptura/carteira?lang=pt")
	b.wait(`document.querySelector('.rpt-button[data-estado=waiting]') && seen.some((e) => e.name === 'inicio')`)
	b.untilRequested("/stream/")
	if n := b.requested("/status/"); n != 0 {
		t.Errorf("%d requests for the status before the silence is long enough", n)
	}
	b.skip(15 * time.Second)
	b.wait(`document.querySelector('.rpt-panel').textContent.includes('Sem transmissão ao vivo')`)
	b.wait(halfDone())
	if n := len(b.streamed()); n != 0 {
		t.Fatalf("%d events came over a stream that nginx should have held back", n)
	}
	from.open()
	b.analysed() // by the next poll or two
	b.oneButtonEach(launchedOrders)
	b.allDone(launchedOrders)
	if n := b.requested("POST "); n != 1 {
		t.Errorf("%d analyses, want 1", n)
	}
	polls := b.requested("/status/")
	b.skip(time.Minute)
	if n := b.requested("/status/"); n != polls {
		t.Errorf("%d requests for the status after the end", n-polls)
	}
	b.quiet()
}

func nginxRestarted(t *testing.T, browser context.Context) {
	from, server := behind(t, shipped)
	b := newTab(t, browser)
	b.open(server.URL + "/ruptura/carteira?lang=pt")
	b.wait(halfDone())
	server.Stop()
	b.wait(`/Conexão interrompida|Servidor sem resposta/.test(document.querySelector('.rpt-panel').textContent)`)
	server.Run()
	from.open()
	b.analysed()
	b.allDone(launchedOrders)
	b.oneButtonEach(launchedOrders)
	if n := b.requested("POST "); n != 1 {
		t.Errorf("%d analyses, want 1: the session was there all the time", n)
	}
	for _, line := range b.troubles() {
		if !strings.Contains(line, "ERR_") { // the browser's own word on a connection that is refused
			t.Errorf("console: %s", line)
		}
	}
}

// status is what a GET of an address is answered with.
func status(t *testing.T, address string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// allDone fails unless each order's result came exactly once, and none failed.
func (b *tab) allDone(orders int) {
	b.t.Helper()
	const each = `seen.filter((e) => e.name === 'resultado')`
	if n, different := b.number(each+`.length`), b.number(`new Set(`+each+`.map((e) => e.pedido)).size`); n != orders || different != orders {
		b.t.Errorf("%d results of %d orders, want %d", n, different, orders)
	}
	if n := b.number(`document.querySelectorAll('.rpt-button[data-estado=failed], .rpt-button[data-estado=idle]').length`); n != 0 {
		b.t.Errorf("%d buttons show no result", n)
	}
}

// untilRequested waits for a request whose method and address hold a text.
func (b *tab) untilRequested(part string) {
	b.t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for b.requested(part) == 0 {
		select {
		case <-b.ctx.Done():
			b.t.Fatalf("waited in vain for a request of %s", part)
		case <-again.C:
		}
	}
}

// skippingClock gives a page a clock that the tests can put forward: what waits for that long then
// happens at once.
const skippingClock = `window.clock = (() => {
  const now = performance.now.bind(performance), set = setTimeout, clear = clearTimeout, waiting = new Map();
  let ahead = 0;
  performance.now = () => now() + ahead;
  window.setTimeout = (f, ms = 0, ...args) => {
    const fire = () => { clear(id); if (waiting.delete(id)) f(...args); };
    const id = set(fire, ms);
    waiting.set(id, {at: performance.now() + ms, fire});
    return id;
  };
  window.clearTimeout = (id) => { waiting.delete(id); clear(id); };
  return {skip(ms) {
    ahead += ms;
    for (const one of [...waiting.values()]) if (one.at <= performance.now()) one.fire();
  }};
})();`

// ownClock gives the tab's pages, from the next on, a clock to be put forward by skip.
func (b *tab) ownClock() {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: skippingClock})
	b.must(err)
}

// skip puts the page's clock forward.
func (b *tab) skip(d time.Duration) {
	b.t.Helper()
	b.number(fmt.Sprintf(`clock.skip(%d), 0`, d.Milliseconds()))
}
