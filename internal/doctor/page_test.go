package doctor_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ruptura/internal/doctor"
	"ruptura/internal/lang"
)

// look runs the check of a page and gives the codes it found.
func look(t *testing.T, place string) []string {
	t.Helper()
	sections, err := doctor.Run(t.Context(), []doctor.Check{doctor.Page(place)})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, f := range sections[0].Findings {
		codes = append(codes, f.Code)
		for _, l := range []lang.Lang{lang.PT, lang.EN} {
			if f.What.In(l) == "" || strings.ContainsAny(f.What.In(l), "\r\n\x1b") || f.Level > doctor.OK && f.Mend.In(l) == "" {
				t.Errorf("%s says %q: %q", f.Code, f.What.In(l), f.Mend.In(l))
			}
		}
	}
	return codes
}

const (
	oneTag  = `<script defer src="/static/carteira/js/ruptura-worker-client.js" data-ruptura-auto="true"></script>`
	oneRow  = `<tr class="a pedido-row" data-pedido="P1"><td>P1<td class="x coluna-entrega-obs">`
	goodRow = `<table id="tabela-carteira"><tbody>` + oneRow + `</table>`
)

func TestPageFile(t *testing.T) {
	far := strings.Replace(oneTag, `src="`, `src="http://127.0.0.1:1`, 1)
	for _, c := range []struct {
		name, page string
		want       []string
	}{
		{"without anything", ``, []string{"page.no-client", "page.no-table"}},
		{"as it should be", oneTag + goodRow, []string{"page.client", "page.rows", "page.api-unknown"}},
		{"the tag twice", oneTag + oneTag + goodRow, []string{"page.client-twice", "page.rows", "page.api-unknown"}},
		{"the tag in a comment", `<!--` + oneTag + `-->` + oneTag + goodRow, []string{"page.client", "page.rows", "page.api-unknown"}},
		{"not started", strings.Replace(oneTag, "true", "false", 1) + goodRow, []string{"page.client", "page.not-started", "page.rows", "page.api-unknown"}},
		{
			"started by the page", strings.Replace(oneTag, "true", "", 1) + `<script>new RupturaWorkerClient().start()</script>` + goodRow,
			[]string{"page.client", "page.rows", "page.api-unknown"},
		},
		{
			"older scripts", `<script src="/js/analise-ruptura.min.js?v=2"></script><script>fetch('/api/ruptura/analisar/' + n)</script>` + oneTag + goodRow,
			[]string{"page.client", "page.older-script", "page.rows", "page.api-unknown"},
		},
		{
			"older buttons", oneTag + `<table id="tabela-carteira">` + oneRow + `<button class="btn btn-analisar-ruptura"></button><a onclick="verRuptura(1)"></a>` +
				`<button class="rpt-button" id="ruptura"></button><button class="btn"></button></table><button class="ruptura"></button>`,
			[]string{"page.client", "page.older-buttons", "page.rows", "page.api-unknown"},
		},
		{"no table", oneTag + `<table><tr></table>`, []string{"page.client", "page.no-table", "page.api-unknown"}},
		{
			"its own table", strings.Replace(oneTag, "defer", `data-ruptura-tabela="#pedidos"`, 1) + strings.Replace(goodRow, "tabela-carteira", "pedidos", 1),
			[]string{"page.client", "page.rows", "page.api-unknown"},
		},
		{
			"a table by another selector", strings.Replace(oneTag, "defer", `data-ruptura-tabela=".grade table"`, 1),
			[]string{"page.client", "page.other-table", "page.api-unknown"},
		},
		{"no rows", oneTag + `<table id="tabela-carteira"></table>`, []string{"page.client", "page.no-rows", "page.api-unknown"}},
		{
			"rows that lack something",
			oneTag + `<table id="tabela-carteira">` + oneRow + `<tr class="pedido-row"><td class="coluna-entrega-obs"><tr class="pedido-row" data-pedido="&lt;b&gt;&#10;"><td></table>`,
			[]string{"page.client", "page.no-order", "page.no-cell", "page.rows", "page.api-unknown"},
		},
		{"a server that is away", far + goodRow, []string{"page.client", "page.rows", "page.script-missing", "page.api-silent"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "page.html")
			if err := os.WriteFile(file, []byte(c.page), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := look(t, file); !slices.Equal(got, c.want) {
				t.Errorf("found %v, want %v", got, c.want)
			}
		})
	}
	if got := look(t, filepath.Join(t.TempDir(), "none.html")); !slices.Equal(got, []string{"page.unreadable"}) {
		t.Errorf("no file: %v", got)
	}
}

// answering is the part of the program that a page's check asks, for pages of one origin.
func answering(origin *string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /static/carteira/js/ruptura-worker-client.js", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "class RupturaWorkerClient {}")
	})
	mux.HandleFunc("GET /api/carteira/pedidos", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"pedidos":[]}`) })
	mux.HandleFunc("OPTIONS /api/ruptura/processar-lote", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") == *origin {
			w.Header().Set("Access-Control-Allow-Origin", *origin)
		}
	})
	return mux
}

func TestPageAtAnAddress(t *testing.T) {
	var allowed string
	program := httptest.NewServer(answering(&allowed))
	t.Cleanup(program.Close)
	tag := strings.Replace(oneTag, `src="`, `src="`+program.URL, 1)
	var page, policy string
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/login":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/page":
			if policy != "" {
				w.Header().Set("Content-Security-Policy", policy)
			}
			_, _ = io.WriteString(w, page)
		case strings.HasPrefix(r.URL.Path, "/ruptura/"):
			http.StripPrefix("/ruptura", answering(&allowed)).ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(host.Close)
	below := strings.Replace(oneTag, `src="`, `src="/ruptura`, 1)
	good := []string{"page.client", "page.rows", "page.api"}
	for _, c := range []struct {
		name, page, policy, allowed string
		want                        []string
	}{
		{"another origin, allowed", tag + goodRow, "", host.URL, append(slices.Clone(good), "page.origin")},
		{"another origin, refused", tag + goodRow, "", "https://erp.example.com", append(slices.Clone(good), "page.origin-refused")},
		{"the same origin, below a path", below + goodRow, "", "", good},
		{"the API named on the tag", strings.Replace(below, "defer", `data-ruptura-api="/ruptura/"`, 1) + goodRow, "default-src 'self'", "", good},
		{"nothing there", oneTag + goodRow, "", "", []string{"page.client", "page.rows", "page.script-missing", "page.api-silent"}},
		{
			"its policy in the way", tag + goodRow, "default-src 'none'; script-src 'self' " + program.URL, host.URL,
			append(slices.Clone(good), "page.origin", "page.policy"),
		},
		{
			"a policy of the page's own text in the way", `<meta http-equiv="content-security-policy" content="connect-src 'self'">` + tag + goodRow,
			"default-src 'none'; script-src " + program.URL + "; connect-src " + program.URL, host.URL,
			append(slices.Clone(good), "page.origin", "page.policy"),
		},
		{
			"its policy lets it in", tag + goodRow, "default-src 'none'; script-src " + program.URL + "; connect-src 'self' " + program.URL, host.URL,
			append(slices.Clone(good), "page.origin"),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			page, policy, allowed = c.page, c.policy, c.allowed
			if got := look(t, host.URL+"/page"); !slices.Equal(got, c.want) {
				t.Errorf("found %v, want %v", got, c.want)
			}
		})
	}
	if got := look(t, host.URL+"/login"); !slices.Equal(got, []string{"page.unreadable"}) {
		t.Errorf("a page behind a password: %v", got)
	}
}

func TestCheckPage(t *testing.T) {
	for place, ok := range map[string]bool{
		"page.html": true, "/srv/page.html": true, "https://erp/carteira?x=1": true, "": false, "ftp://erp/x": false, "https://u:p@erp/": false, "https://": false,
	} {
		if err := doctor.CheckPage(place); (err == nil) != ok {
			t.Errorf("%q: %v", place, err)
		}
	}
}
