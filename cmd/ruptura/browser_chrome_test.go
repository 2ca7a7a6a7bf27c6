package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// requireServices makes a test fail, rather than skip, where something it needs is missing.
const requireServices = "RUPTURA_REQUIRE_SERVICES"

const (
	// browserPatience is the most that anything in a test may take.
	browserPatience = 60 * time.Second
	// tabPatience is the most that all in one tab may take, beside others on a busy machine.
	tabPatience = 5 * browserPatience
)

// errNoChromium says that there is no browser to test in.
var errNoChromium = errors.New("not installed (bash scripts/setup.sh test installs it)")

// chromium is a Chromium that runs.
type chromium struct {
	ctx  context.Context // that tabs are made of
	stop context.CancelFunc
}

// common is the Chromium of all tests that measure nothing of it, as each tab has cookies, cache and
// connections of its own; nil until one asks.
var common struct {
	sync.Mutex

	*chromium

	err error
}

// sharedBrowser gives the context that tabs are made of, in a headless Chromium that all tests share. The
// first that asks starts it; [TestMain] ends it.
func sharedBrowser(t testing.TB) context.Context {
	t.Helper()
	common.Lock()
	defer common.Unlock()
	if common.chromium == nil && common.err == nil {
		common.chromium, common.err = newChromium(filepath.Join(scratch, "chromium"))
	}
	mustChromium(t, common.err)
	return common.ctx
}

// endSharedBrowser ends it after the last test.
func endSharedBrowser() {
	common.Lock()
	defer common.Unlock()
	if common.chromium != nil {
		common.stop()
	}
}

// startBrowser is sharedBrowser with a Chromium of the test's own: to measure what it does, or to set it up.
func startBrowser(t testing.TB, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	c, err := newChromium(t.TempDir(), more...)
	mustChromium(t, err)
	t.Cleanup(c.stop)
	return c.ctx
}

// mustChromium fails the test on an error; it skips it where no browser is installed and need not be.
func mustChromium(t testing.TB, err error) {
	t.Helper()
	switch {
	case errors.Is(err, errNoChromium) && os.Getenv(requireServices) != "1":
		t.Skipf("Chromium: %v", err)
	case err != nil:
		t.Fatalf("start Chromium: %v", err)
	}
}

// newChromium starts a headless one that keeps what it knows in a folder.
func newChromium(dir string, more ...chromedp.ExecAllocatorOption) (*chromium, error) {
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		return nil, errNoChromium
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.UserDataDir(dir),
	}
	ctx, stop := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(append(options, more...)...))
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		stop()
		return nil, err
	}
	return &chromium{ctx, stop}, nil
}

// tab is one tab with all that happened in it.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	console  []string
	requests []string
	events   []streamed
}

// streamed is an event that came over a stream, as the browser received it.
type streamed struct {
	ID        string `json:"-"`
	Kind      string `json:"tipo"`
	Worker    string `json:"worker_id"`
	Processed int    `json:"processados"`
	Results   []struct {
		Order   string `json:"num_pedido"`
		OK      bool   `json:"pedido_ok"`
		Summary struct {
			Percent   int     `json:"percentual_disponibilidade"`
			On        *string `json:"data_disponibilidade_total"`
			Available int     `json:"qtd_itens_disponiveis"`
			Items     int     `json:"total_itens"`
		} `json:"resumo"`
	} `json:"resultados"`
}

// watchEvents keeps the client's own events for the tests, from before any script runs.
const watchEvents = `window.seen = [];
for (const name of ['inicio', 'resultado', 'completo', 'erro'])
  document.addEventListener('ruptura:' + name, (e) => {
    seen.push({name, at: performance.now(), ...e.detail});
    if (name !== 'resultado') performance.mark(e.type);
  });
window.longTasks = [];
new PerformanceObserver((l) => longTasks.push(...l.getEntries().map((e) => ({start: e.startTime, ms: e.duration})))).observe({type: 'longtask', buffered: true});`

func newTab(t testing.TB, browser context.Context) *tab {
	t.Helper()
	ctx, stop := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(stop)
	b := &tab{t: t, ctx: ctx}
	b.must(chromedp.Listen(ctx, b.record))
	// Only now: a limit on the first call would be one on the whole browser.
	ctx, cancel := context.WithTimeout(ctx, tabPatience)
	t.Cleanup(cancel)
	b.ctx = ctx
	b.command(chromedp.Call(ctx, log.Enable, struct{}{}))
	b.command(chromedp.Call(ctx, runtime.Enable, struct{}{}))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	b.must(err)
	_, err = chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watchEvents})
	b.must(err)
	b.must(chromedp.Do(ctx, chromedp.EmulateViewport(1440, 900)))
	return b
}

func (b *tab) record(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.console = append(b.console, fmt.Sprintf("%s: %s", e.Type, e.Args[0].Value))
		}
	case *runtime.EventExceptionThrown:
		b.console = append(b.console, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		b.console = append(b.console, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.Method+" "+e.Request.URL)
	case *network.EventEventSourceMessageReceived:
		s := streamed{ID: e.EventID}
		if json.Unmarshal([]byte(e.Data), &s) == nil && s.Kind != "pulso" {
			b.events = append(b.events, s)
		}
	}
}

func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) command(_ any, err error) {
	b.t.Helper()
	b.must(err)
}

func (b *tab) open(url string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.Navigate(url)))
}

// back goes to the page before, which the browser may show again as it was left.
func (b *tab) back() {
	b.t.Helper()
	leaving := b.text(`location.href`)
	b.must(chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](`setTimeout(() => history.back()), undefined`)))
	b.wait(fmt.Sprintf(`location.href !== %q`, leaving))
}

// media emulates a media feature, such as prefers-color-scheme.
func (b *tab) media(name, value string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: name, Value: value}},
	})
	b.must(err)
}

// wait waits until a condition in the page holds. It asks again and again, because a question does
// not survive a navigation and a page shown again as it was left.
func (b *tab) wait(condition string) {
	b.t.Helper()
	if b.holds(condition) {
		return
	}
	b.t.Fatalf("waited in vain for %s\nconsole: %v", condition, b.troubles())
}

func (b *tab) holds(condition string) bool {
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.readyState !== 'loading' && Boolean(`+condition+`)`))
		if err == nil && ok {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-again.C:
		}
	}
}

// analysed waits until an analysis has ended and every button shows its result.
func (b *tab) analysed() {
	b.t.Helper()
	b.wait(`seen.some((e) => e.name === 'completo') && !document.querySelector('.rpt-button[data-estado=waiting]')`)
}

func (b *tab) text(expression string) string {
	b.t.Helper()
	return evaluate[string](b, expression)
}

func (b *tab) number(expression string) int {
	b.t.Helper()
	return evaluate[int](b, expression)
}

func evaluate[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// troubles is what the console showed above the level of information.
func (b *tab) troubles() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.console)
}

// requested counts requests whose method and address hold a text.
func (b *tab) requested(part string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, r := range b.requests {
		if strings.Contains(r, part) {
			n++
		}
	}
	return n
}

func (b *tab) streamed() []streamed {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.events)
}

// wholeStream fails unless the events came as 1, 2, 3 … to the last, each once, with each order
// in exactly one of them.
func (b *tab) wholeStream(orders int) {
	b.t.Helper()
	met := map[string]int{}
	events := b.streamed()
	for i, e := range events {
		if e.ID != strconv.Itoa(i+1) {
			b.t.Errorf("event %d has id %s", i+1, e.ID)
		}
		for _, r := range e.Results {
			met[r.Order]++
		}
	}
	if len(events) == 0 || events[0].Kind != "inicio" || events[len(events)-1].Kind != "completo" {
		b.t.Errorf("the stream is not whole: %d events", len(events))
	}
	if len(met) != orders {
		b.t.Errorf("%d orders came, want %d", len(met), orders)
	}
	for order, n := range met {
		if n != 1 {
			b.t.Errorf("order %s came %d times", order, n)
		}
	}
}
