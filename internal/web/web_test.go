package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/lang"
	"ruptura/internal/source"
)

// newPage is the handler over a source, behind a base path if one is given.
func newPage(t *testing.T, src source.Source, basePath string) http.Handler {
	t.Helper()
	h, err := New(Config{
		Source: src, Today: func() atp.Day { return testToday }, StaleDays: 60, BasePath: basePath,
		Now: func() time.Time { return time.Date(2026, 3, 2, 14, 3, 22, 0, time.UTC) },
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestNewNeedsItsDependencies(t *testing.T) {
	if _, err := New(Config{}); !errors.Is(err, errConfig) {
		t.Errorf("got %v", err)
	}
}

func TestRootLeadsToTheBook(t *testing.T) {
	for _, base := range []string{"", "/ruptura"} {
		r := get(newPage(t, &fakeSource{}, base), "/")
		if r.StatusCode != http.StatusFound || r.Header.Get("Location") != base+"/carteira" {
			t.Errorf("base %q: %d to %q", base, r.StatusCode, r.Header.Get("Location"))
		}
	}
}

func TestPageLanguage(t *testing.T) {
	h := newPage(t, &fakeSource{orders: someOrders(1)}, "")
	tests := map[string]struct {
		target  string
		headers []string
		lang    string
		value   string
	}{
		"default":             {"/carteira", nil, "pt-BR", "12.345,67"},
		"browser":             {"/carteira", []string{"Accept-Language", "en-GB,en;q=0.9"}, "en", "12,345.67"},
		"cookie over browser": {"/carteira", []string{"Accept-Language", "en", "Cookie", "ruptura_lang=pt-BR"}, "pt-BR", "12.345,67"},
		"address over cookie": {"/carteira?lang=en", []string{"Cookie", "ruptura_lang=pt-BR"}, "en", "12,345.67"},
		"nonsense in address": {"/carteira?lang=xx", nil, "pt-BR", "12.345,67"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			page := body(t, get(h, tt.target, tt.headers...))
			if !strings.Contains(page, `<html lang="`+tt.lang+`"`) || !strings.Contains(page, tt.value) {
				t.Errorf("not in %s", tt.lang)
			}
		})
	}
}

func TestPageRemembersLanguageAndTheme(t *testing.T) {
	h := newPage(t, &fakeSource{orders: someOrders(1)}, "/base")
	r := get(h, "/carteira?lang=en&tema=escuro&uf=SP")
	if got := r.Header.Values("Set-Cookie"); len(got) != 2 || !strings.Contains(got[0], "ruptura_lang=en; Path=/base/") {
		t.Errorf("cookies %q", got)
	}
	page := body(t, r)
	if !strings.Contains(page, `data-tema="escuro"`) {
		t.Error("the theme is not in the document, so the page would flash")
	}
	if !strings.Contains(page, `href="/base/carteira?ordem=cliente&amp;uf=SP"`) {
		t.Error("links to sort lose the filter, or carry one's theme along")
	}
}

func TestPageShowsNamesAsText(t *testing.T) {
	orders := someOrders(1)
	hostile := `"><img src=x onerror=alert(1)>`
	orders[0].Client, orders[0].Note, orders[0].City, orders[0].Number = hostile, hostile, hostile, atp.OrderNumber(hostile)
	page := body(t, get(newPage(t, &fakeSource{orders: orders}, ""), "/carteira?q="+`%22%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E`))
	if strings.Contains(page, "<img src=x") {
		t.Error("a name became markup")
	}
}

// inline matches what the page's content security policy would block.
var inline = regexp.MustCompile(`(?i)<script(?:[^>]*)>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:|src="https?:|href="https?:`)

func TestPageKeepsToItsSecurityPolicy(t *testing.T) {
	sources := map[string]*fakeSource{
		"rows": {orders: someOrders(40)}, "empty": {}, "failed": {err: source.ErrUnavailable},
	}
	for name, src := range sources {
		t.Run(name, func(t *testing.T) {
			if found := inline.FindString(body(t, get(newPage(t, src, ""), "/carteira"))); found != "" {
				t.Errorf("the page has %q", found)
			}
		})
	}
}

func TestPageStates(t *testing.T) {
	rows := &fakeSource{orders: someOrders(3)}
	tests := map[string]struct {
		src    *fakeSource
		target string
		status int
		want   string
	}{
		"orders":         {rows, "/carteira", 200, `data-pedido="VCD2543400"`},
		"no match":       {&fakeSource{}, "/carteira?uf=AC", 200, "Nenhum pedido corresponde aos filtros"},
		"empty book":     {&fakeSource{}, "/carteira", 200, "ruptura import"},
		"source down":    {&fakeSource{err: source.ErrUnavailable}, "/carteira", 503, "O banco de dados não respondeu"},
		"not usable":     {&fakeSource{err: source.ErrUnusable}, "/carteira", 500, "ruptura doctor"},
		"bad filter":     {rows, "/carteira?uf=123&outro=1", 400, "uf: "},
		"stale page":     {rows, "/carteira?cursor=gone", 200, "Esta é a primeira"},
		"stale session":  {rows, "/carteira?ordem=disponibilidade&sessao=x", 200, "expirou"},
		"unknown words":  {rows, "/carteira?foo=1&utm_source=x&%3Cb%3E=1", 200, "não conhece e que não filtram: &lt;b&gt;, foo."},
		"words of mail":  {rows, "/carteira?utm_source=x", 200, `<table id="tabela-carteira"`},
		"product filter": {rows, "/carteira?produto=00500", 200, "tirar este filtro"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := get(newPage(t, tt.src, ""), tt.target)
			page := body(t, r)
			if r.StatusCode != tt.status || !strings.Contains(page, tt.want) {
				t.Errorf("status %d, want %d and %q", r.StatusCode, tt.status, tt.want)
			}
			if got := r.Header.Get("Retry-After") != ""; got != (tt.status == 503) {
				t.Errorf("Retry-After sent: %t", got)
			}
			rows, client := strings.Contains(page, "<table"), strings.Contains(page, "ruptura-worker-client.js")
			if rows != client {
				t.Errorf("rows %t, client %t: the client needs a table, and a table the client", rows, client)
			}
		})
	}
}

// silent is a source that answers nothing.
type silent struct{ source.Source }

func (silent) Book(ctx context.Context, _ source.BookQuery) (source.BookPage, error) {
	<-ctx.Done()
	return source.BookPage{}, ctx.Err()
}

func TestPageDoesNotWaitForeverForItsRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		r := get(newPage(t, silent{}, ""), "/carteira", "Accept-Language", "en")
		page := body(t, r)
		if r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(page, "The database did not answer") {
			t.Errorf("%s: %.300s", r.Status, page)
		}
		if took := time.Since(begin); took != sourceTimeout {
			t.Errorf("it took %s", took)
		}
	})
}

// contested is the page of a server that offers both modes.
func contested(t *testing.T, target string, modes ...string) string {
	t.Helper()
	h, err := New(Config{
		Source: &fakeSource{orders: someOrders(1)}, Modes: modes, Log: slog.New(slog.DiscardHandler), Rank: noRank,
		Today: func() atp.Day { return testToday }, Now: time.Now, Priority: atp.DefaultPriority(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return body(t, get(h, target))
}

func noRank(context.Context, bookquery.Ranking) ([]atp.OrderNumber, error) { return nil, nil }

// A choice of modes is there only where there is one, and the client is told what was chosen.
func TestPageModes(t *testing.T) {
	both := []string{"isolado", "concorrente"}
	tests := map[string]struct {
		target       string
		modes        []string
		mode, policy string
	}{
		"one mode":           {"/carteira", both[:1], "", ""},
		"the usual one":      {"/carteira", both, "isolado", ""},
		"asked for":          {"/carteira?modo=concorrente", both, "concorrente", "linha"},
		"with a policy":      {"/carteira?modo=concorrente&politica=pedido", both, "concorrente", "pedido"},
		"not offered":        {"/carteira?modo=outro", both, "isolado", ""},
		"no such policy":     {"/carteira?modo=concorrente&politica=x", both, "concorrente", "linha"},
		"policy and no mode": {"/carteira?politica=parcial", both, "isolado", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			html := contested(t, tt.target, tt.modes...)
			if got := strings.Contains(html, `id="modos"`); got != (tt.mode != "") {
				t.Errorf("a choice is shown: %t", got)
			}
			if tt.mode != "" && !strings.Contains(html, `data-ruptura-modo="`+tt.mode+`"`) {
				t.Errorf("the client is not told %q", tt.mode)
			}
			if got := strings.Contains(html, `data-ruptura-politica="`); got != (tt.policy != "") || !strings.Contains(html, tt.policy) {
				t.Errorf("the client is told a policy: %t", got)
			}
		})
	}
}

// A link shows everybody the same: the manner is in each address, and what is not understood is told.
func TestPageKeepsTheMannerInItsAddresses(t *testing.T) {
	html := contested(t, "/carteira?modo=concorrente&politica=parcial&uf=SP&ordem=-disponibilidade&sessao=S", "isolado", "concorrente")
	for _, want := range []string{
		`href="/carteira?modo=concorrente&amp;ordem=cliente&amp;politica=parcial&amp;uf=SP"`, // a heading
		`href="/carteira?uf=SP">Cada pedido sozinho`,
		`href="/carteira?modo=concorrente&amp;uf=SP">Linhas inteiras`,
		`href="/carteira?modo=concorrente&amp;politica=pedido&amp;uf=SP">Pedidos inteiros`,
		`<input type="hidden" name="politica" value="parcial">`,
		`data-ruptura-link="/carteira?modo=concorrente&amp;politica=parcial&amp;q={pedido}"`,
		`</b> importantes primeiro; data de necessidade mais próxima primeiro; pedidos mais antigos primeiro.`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s", want)
		}
	}
	html = contested(t, "/carteira?modo=concorrente&politica=x", "isolado", "concorrente")
	if !strings.Contains(html, "não filtram: politica.") {
		t.Error("a policy that does not exist is not told of")
	}
}

func TestPageOffersExports(t *testing.T) {
	page := body(t, get(exported(t, &fakeSource{orders: someOrders(3)}), "/carteira?uf=SP&ordem=-valor_com_ruptura&sessao=S"))
	for _, want := range []string{
		`href="/x/carteira/exportar?formato=xlsx&amp;lang=pt-BR&amp;ordem=-valor_com_ruptura&amp;sessao=S&amp;uf=SP"`,
		`<th scope="col" role="columnheader" class="c-risk" aria-sort="descending">`,
		`href="/x/carteira?ordem=valor_com_ruptura&amp;sessao=S&amp;uf=SP"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestPageAsksForWhatTheAddressSays(t *testing.T) {
	src := &fakeSource{orders: someOrders(3)}
	body(t, get(newPage(t, src, ""), "/carteira?q=bom&importante=true&ordem=-valor_total&limite=100"))
	q := src.asked
	if q.Text != "bom" || q.Important == nil || !*q.Important || q.Sort != source.ByValue || !q.Descending || q.Limit != 100 {
		t.Errorf("asked %+v", q)
	}
	if want := testToday - 60; q.StaleBefore != want {
		t.Errorf("stale before %s, want %s", q.StaleBefore, want)
	}
}

func TestPageTellsTheClientItsFilter(t *testing.T) {
	h := newPage(t, &fakeSource{orders: someOrders(600)}, "/x")
	page := body(t, get(h, "/carteira?uf=SP&importante=false&ordem=cliente"))
	for _, want := range []string{
		`data-ruptura-filtro="{&#34;importante&#34;:false,&#34;uf&#34;:&#34;SP&#34;}"`,
		`data-ruptura-api="/x"`, `aria-sort="ascending"`, `ordem=-cliente`, `cursor=more`, `src="/x/static/`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	if n := strings.Count(page, `class="pedido-row"`); n != pageLimit {
		t.Errorf("%d rows, want %d", n, pageLimit)
	}
}

func TestStaticFiles(t *testing.T) {
	h := newPage(t, &fakeSource{}, "")
	types := map[string]string{
		"/static/carteira/js/ruptura-worker-client.js": "text/javascript; charset=utf-8",
		"/static/carteira/js/carteira.js":              "text/javascript; charset=utf-8",
		"/static/carteira/css/carteira.css":            "text/css; charset=utf-8",
		"/static/carteira/icone.svg":                   "image/svg+xml",
	}
	for target, contentType := range types {
		r := get(h, target)
		etag := r.Header.Get("ETag")
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != contentType || etag == "" ||
			r.Header.Get("Cache-Control") != "no-cache" || r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", target, r.StatusCode, r.Header)
		}
		if r := get(h, target, "If-None-Match", etag); r.StatusCode != http.StatusNotModified {
			t.Errorf("%s again: %d", target, r.StatusCode)
		}
	}
	for _, target := range []string{"/static/", "/static/carteira", "/static/../web.go", "/static/none.js"} {
		if r := get(h, target); r.StatusCode == http.StatusOK {
			t.Errorf("%s was served", target)
		}
	}
}

func TestScriptsNeverWriteMarkup(t *testing.T) {
	h := newPage(t, &fakeSource{}, "")
	for _, name := range []string{"ruptura-worker-client.js", "carteira.js"} {
		script := body(t, get(h, "/static/carteira/js/"+name))
		for _, banned := range []string{".innerHTML", ".outerHTML", "insertAdjacentHTML", "document.write", "eval("} {
			if strings.Contains(script, banned) {
				t.Errorf("%s uses %s", name, banned)
			}
		}
	}
}

func TestFormat(t *testing.T) {
	pt, en := format{lang.PT}, format{lang.EN}
	for _, tt := range []struct {
		money  atp.Money
		pt, en string
	}{
		{50, "0,50", "0.50"}, {-123456789, "-1.234.567,89", "-1,234,567.89"}, {100000, "1.000,00", "1,000.00"}, {99900, "999,00", "999.00"},
	} {
		if pt.money(tt.money) != tt.pt || en.money(tt.money) != tt.en {
			t.Errorf("%d: %s and %s", tt.money, pt.money(tt.money), en.money(tt.money))
		}
	}
	d := atp.NewDay(2026, 3, 11)
	if pt.day(d) != "11/03/2026" || en.day(d) != "11 Mar 2026" || pt.day(0) != "" {
		t.Errorf("%q, %q, %q", pt.day(d), en.day(d), pt.day(0))
	}
}

// TestTextsAreWhole guards against a text that exists in one language alone.
func TestTextsAreWhole(t *testing.T) {
	for name, text := range texts {
		if text.PT == "" || text.EN == "" {
			t.Errorf("%s lacks a language", name)
		}
	}
}
