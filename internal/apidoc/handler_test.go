package apidoc_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"ruptura/internal/apidoc"
	"ruptura/internal/apidoc/apidoctest"
)

func description(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("../httpapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func get(t *testing.T, h http.Handler, target, acceptLanguage string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
	r.Header.Set("Accept-Language", acceptLanguage)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func handler(t *testing.T, basePath string) http.Handler {
	t.Helper()
	h, err := apidoc.Handler(description(t), basePath)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestEveryOperationIsOnThePage(t *testing.T) {
	page := body(t, get(t, handler(t, ""), "/docs", "en"))
	for _, op := range apidoctest.Load(t, description(t)).Operations() {
		heading := `<span class="method ` + op.Method + `">` + op.Method + `</span> <code>` + op.Path + `</code>`
		if !strings.Contains(page, heading) {
			t.Errorf("%s %s is not there", op.Method, op.Path)
		}
	}
}

func TestLanguages(t *testing.T) {
	tests := map[string]struct{ target, accept, lang, word string }{
		"by default":  {"/docs", "", "pt-BR", "Parâmetros"},
		"preferred":   {"/docs", "en-GB,en;q=0.9", "en", "Parameters"},
		"asked for":   {"/docs?lang=en", "pt-BR", "en", "Parameters"},
		"not offered": {"/docs?lang=fr", "pt-BR", "pt-BR", "Parâmetros"},
	}
	h := handler(t, "")
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := get(t, h, tt.target, tt.accept)
			page := body(t, r)
			if r.Header.Get("Content-Language") != tt.lang || !strings.Contains(page, `<html lang="`+tt.lang+`">`) {
				t.Errorf("language %q, want %q", r.Header.Get("Content-Language"), tt.lang)
			}
			if !strings.Contains(page, tt.word) {
				t.Errorf("%q is not there", tt.word)
			}
		})
	}
}

// TestStandsByItself makes sure that a strict content security policy has nothing to refuse:
// no script, no inline style or handler, nothing from another host.
func TestStandsByItself(t *testing.T) {
	h := handler(t, "/x")
	page := body(t, get(t, h, "/docs", ""))
	style := body(t, get(t, h, "/docs/style.css", ""))
	if regexp.MustCompile(`url\(|@import`).MatchString(style) {
		t.Error("the style loads something")
	}
	walk(t, page, func(n *html.Node) {
		if n.Data == "script" || n.Data == "style" || n.Data == "img" {
			t.Errorf("<%s> on the page", n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.Contains(a.Val, "//") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
			if (a.Key == "href") && strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "/x/") {
				t.Errorf("%q does not stand under the base path", a.Val)
			}
		}
	})
}

func TestEveryLinkWithinThePageLeadsSomewhere(t *testing.T) {
	ids, links := map[string]bool{}, []string{}
	walk(t, body(t, get(t, handler(t, ""), "/docs", "")), func(n *html.Node) {
		for _, a := range n.Attr {
			switch {
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("two places are called %q", a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				links = append(links, a.Val[1:])
			}
		}
	})
	for _, link := range links {
		if !ids[link] {
			t.Errorf("#%s leads nowhere", link)
		}
	}
}

func walk(t *testing.T, page string, visit func(*html.Node)) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			visit(n)
		}
	}
}

const hostile = `{
  "openapi": "3.1.0", "info": {"title": "<script>t</script>", "version": "1", "description": "a ` + "`<img onerror=x>`" + ` b *c"},
  "tags": [{"name": "T"}],
  "paths": {"/x/{id}": {"post": {
    "operationId": "x", "tags": ["T"], "summary": "<b>",
    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}, "example": "it's/1"}],
    "requestBody": {"content": {"application/json": {"schema": {}, "examples": {"e": {"value": {"a": "it's"}}}}}},
    "responses": {"200": {"description": "</details>"}}
  }}}
}`

func TestTextNeverBecomesMarkup(t *testing.T) {
	h, err := apidoc.Handler([]byte(hostile), "")
	if err != nil {
		t.Fatal(err)
	}
	page := body(t, get(t, h, "/docs", ""))
	walk(t, page, func(n *html.Node) {
		if n.Data == "script" || n.Data == "img" || n.Data == "b" {
			t.Errorf("<%s> on the page", n.Data)
		}
	})
	if !strings.Contains(page, "<code>&lt;img onerror=x&gt;</code> b *c") {
		t.Error("the description is not there as text")
	}
}

func TestCurlLineIsOneShellCommand(t *testing.T) {
	h, err := apidoc.Handler([]byte(hostile), "/base")
	if err != nil {
		t.Fatal(err)
	}
	want := "curl -X POST 'http://127.0.0.1:8080/base/x/it%27s%2F1' \\\n" +
		"  -H 'Content-Type: application/json' \\\n" +
		`  -d '{"a":"it'\''s"}'`
	var got []string
	walk(t, body(t, get(t, h, "/docs", "")), func(n *html.Node) {
		if n.Data == "code" && n.Parent.Data == "pre" {
			got = append(got, n.FirstChild.Data)
		}
	})
	if len(got) == 0 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHandlerRefusesWhatItCannotShow(t *testing.T) {
	tests := map[string]string{
		"not JSON":           `openapi: 3.1.0`,
		"dangling parameter": `{"paths": {"/x": {"get": {"parameters": [{"$ref": "#/components/parameters/P"}]}}}}`,
		"dangling response":  `{"paths": {"/x": {"get": {"responses": {"200": {"$ref": "#/components/responses/R"}}}}}}`,
		"paths not object":   `{"paths": []}`,
		"type not a name":    `{"components": {"schemas": {"X": {"type": 1}}}}`,
	}
	for name, document := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := apidoc.Handler([]byte(document), ""); err == nil {
				t.Error("no error")
			}
		})
	}
}
