package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// fakeClock gives a page a clock that only tests turn on: timers of a second or more wait for advance(ms), which runs
// them in the order and at the times at which they are due. How long a computer takes for its work is no time on it.
const fakeClock = `{
	const real = {set: setTimeout.bind(window), clear: clearTimeout.bind(window), date: Date.now};
	const held = new Map();
	const started = performance.now();
	let ahead = 0, last = 1e9;
	window.waits = []; // how long each of those timers was to wait, in the order they were asked for
	window.setTimeout = (work, ms = 0, ...rest) => {
		if (!(ms >= 1000)) return real.set(work, ms, ...rest);
		waits.push(ms);
		held.set(++last, {due: ahead + ms, ms, work});
		return last;
	};
	window.clearTimeout = (id) => { if (!held.delete(id)) real.clear(id); };
	// A pause after a failure has a length of its own by chance; the others are whole, or longer.
	window.pauses = () => [...held.values()].some(({ms}) => !Number.isInteger(ms) && ms <= 4000);
	performance.now = () => started + ahead;
	Date.now = () => real.date() + ahead; // is compared with what the server says
	window.advance = async (ms) => {
		const until = ahead + ms;
		for (;;) {
			const [id, timer] = [...held].sort(([, a], [, b]) => a.due - b.due)[0] ?? [];
			if (!timer || timer.due > until) break;
			held.delete(id);
			ahead = Math.max(timer.due, ahead);
			timer.work();
			await new Promise((done) => real.set(done));
		}
		ahead = until;
	};
	// A step of passes() waits for the answers that are on their way, or as many seconds would go by as a computer is slow.
	let asked = 0;
	const fetched = window.fetch.bind(window);
	window.fetch = async (...request) => {
		asked++;
		try {
			const response = await fetched(...request);
			await response.clone().arrayBuffer();
			return response;
		} finally {
			real.set(() => { asked--; });
		}
	};
	window.EventSource = class extends EventSource {
		constructor(...source) {
			super(...source);
			asked++;
			this.answered = () => { this.answered = () => {}; real.set(() => { asked--; }); };
			for (const event of ['open', 'error']) this.addEventListener(event, () => this.answered());
		}
		close() {
			super.close();
			this.answered(); // or nobody waits for it any more
		}
	};
	window.settled = async () => { while (asked > 0) await new Promise((done) => real.set(done)); };
}
window.products = [];
document.addEventListener('ruptura:produtos', (e) => products.push(e.detail));`

// newClockedTab is a tab whose pages have a clock that advance turns on.
func newClockedTab(t *testing.T, browser context.Context) *tab {
	t.Helper()
	b := newTab(t, browser)
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fakeClock})
	b.must(err)
	return b
}

// advance lets time go by in the page.
func (b *tab) advance(ms string) {
	b.t.Helper()
	b.do(`advance(` + ms + `)`)
}

// resumes waits for the client to pause after a failure, and lets the pause go by: at most 4 s after the
// first or the second in a row.
func (b *tab) resumes() {
	b.t.Helper()
	b.wait(`pauses()`)
	b.advance("4_000")
}

// passes lets time go by, a second at a time, until a condition holds.
func (b *tab) passes(condition string) {
	b.t.Helper()
	for patience := time.After(browserPatience); !evaluate[bool](b, `settled().then(() => Boolean(`+condition+`))`); b.advance("1_000") {
		select {
		case <-patience:
			b.t.Fatalf("waited in vain for %s\nconsole: %v", condition, b.troubles())
		default:
		}
	}
}

// do runs a statement in the page, to its end.
func (b *tab) do(statement string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[chromedp.Void](`(async () => { await (`+statement+`); })()`, chromedp.EvalAwaitPromise))
	b.must(err)
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(selector))))
}

func (b *tab) press(key string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(key)))
}

// waitRequests waits until so many requests were sent whose method and address hold a text.
func (b *tab) waitRequests(part string, n int) {
	b.t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for b.requested(part) < n {
		select {
		case <-b.ctx.Done():
			b.t.Fatalf("waited in vain for request %d of %s", n, part)
		case <-again.C:
		}
	}
}

// says waits until an element's text matches a pattern.
func (b *tab) says(selector, pattern string) {
	b.t.Helper()
	b.wait(`/` + pattern + `/.test(document.querySelector('` + selector + `')?.textContent)`)
}

// gate stands before a server and lets nobody through while it is shut: connections end without
// an answer, as where the server is gone.
type gate struct {
	*httptest.Server
	shut      atomic.Bool
	shutAfter atomic.Bool  // shuts the gate when a stream ends
	tooBusy   atomic.Int64 // how many requests for an analysis to refuse first, for seven seconds each
}

func newGate(t *testing.T, target string) *gate {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{}
	forward := &httputil.ReverseProxy{
		FlushInterval: -1, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
	}
	g.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.shut.Load() {
			panic(http.ErrAbortHandler)
		}
		analysis := strings.Contains(r.URL.Path, batches) || strings.Contains(r.URL.Path, "/analisar/")
		if analysis && g.tooBusy.Add(-1) >= 0 {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		defer func() {
			if strings.Contains(r.URL.Path, "/stream/") && g.shutAfter.CompareAndSwap(true, false) {
				g.shut.Store(true)
			}
		}()
		forward.ServeHTTP(w, r)
	}))
	g.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	g.Start()
	t.Cleanup(func() {
		g.CloseClientConnections()
		g.Close()
	})
	return g
}
