package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

const erp = "https://erp.example.com"

func sharing(s *setup) {
	s.api.Origins, s.api.Page = []string{erp, "http://intranet:8080"}, echo
}

func corsHeadersOf(h http.Header) (found []string) {
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

func TestAllowedOrigins(t *testing.T) {
	r := start(t, sharing)
	id := r.begin(`{"pedidos":["BOM"]}`, "Origin", erp, "Sec-Fetch-Site", "cross-site")
	for _, path := range []string{
		"/api/carteira/pedidos", "/api/ruptura/analisar/BOM", "/api/ruptura/analisar/NADA", "/api/nada", "/api/ruptura/status/" + id,
		"/api/ruptura/stream/" + id, "/static/carteira/js/ruptura-worker-client.js",
	} {
		for _, origin := range []string{erp, "http://intranet:8080"} {
			h := r.get(path, "Origin", origin, "Sec-Fetch-Site", "cross-site").Header
			if h.Get("Access-Control-Allow-Origin") != origin || !strings.Contains(strings.Join(h.Values("Vary"), ","), "Origin") {
				t.Errorf("%s for %s: %v", path, origin, h)
			}
			if h.Get("Access-Control-Expose-Headers") != "Retry-After, Location, Age" || h.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s for %s: %v", path, origin, h)
			}
		}
	}
	if a := r.do(http.MethodDelete, "/api/ruptura/status/"+id, "", "Origin", erp, "Sec-Fetch-Site", "cross-site"); a.StatusCode != http.StatusNoContent {
		t.Errorf("DELETE: %s", a.Status)
	}
}

// A stream that broke is taken up again across origins as anywhere.
func TestStreamResumesForAnotherOrigin(t *testing.T) {
	r := start(t, sharing)
	from := []string{"Origin", erp, "Sec-Fetch-Site", "cross-site"}
	id := r.begin(`{"pedidos":["BOM"]}`, from...)
	path := "/api/ruptura/stream/" + id
	whole := string(r.get(path, from...).body)
	first, rest, _ := strings.Cut(whole[strings.Index(whole, "id: ")+len("id: "):], "\n\n")
	number, _, _ := strings.Cut(first, "\n")
	again := r.get(path, append(from, "Last-Event-ID", number)...)
	if got := again.Header.Get("Access-Control-Allow-Origin"); got != erp {
		t.Errorf("resumed for %q", got)
	}
	if body := string(again.body); !strings.HasSuffix(body, rest) || strings.Contains(body, "id: "+number+"\n") {
		t.Errorf("after event %s of\n%s\ncomes\n%s", number, whole, body)
	}
}

func TestPreflight(t *testing.T) {
	r := start(t, sharing)
	for _, path := range []string{"/api/ruptura/processar-lote", "/api/ruptura/status/x", "/api/ruptura/stream/x", "/api/carteira/pedidos"} {
		a := r.do(http.MethodOptions, path, "", "Origin", erp, "Sec-Fetch-Site", "cross-site",
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,idempotency-key")
		h := a.Header
		if a.StatusCode != http.StatusNoContent || h.Get("Access-Control-Allow-Origin") != erp ||
			h.Get("Access-Control-Allow-Methods") != "GET, HEAD, POST, DELETE" ||
			h.Get("Access-Control-Allow-Headers") != "Content-Type, Idempotency-Key, Accept-Language, Last-Event-ID, Cache-Control" {
			t.Errorf("%s: %s %v", path, a.Status, h)
		}
	}
	if a := r.do(http.MethodOptions, "/api/carteira/pedidos", "", "Origin", erp); a.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("OPTIONS that asks for nothing: %s", a.Status)
	}
}

func TestOriginsThatAreNotAllowed(t *testing.T) {
	none, some := start(t), start(t, sharing)
	for name, r := range map[string]*rig{"none allowed": none, "others allowed": some} {
		for _, origin := range []string{
			"https://evil.example", "null", "http://erp.example.com", "https://erp.example.com:8443", "https://erp.example.com.evil.example",
			"https://evil.erp.example.com", "HTTPS://ERP.EXAMPLE.COM", erp + "/", erp + ", https://evil.example", "*",
		} {
			for _, path := range []string{"/api/carteira/pedidos", "/static/x.js", "/api/ruptura/status/x"} {
				if got := corsHeadersOf(r.get(path, "Origin", origin, "Sec-Fetch-Site", "cross-site").Header); len(got) > 0 {
					t.Errorf("%s: %s may read %s: %v", name, origin, path, got)
				}
			}
			wantProblem(t, r.post(`{"pedidos":["BOM"]}`, "Origin", origin, "Sec-Fetch-Site", "cross-site"), 403, "origem_recusada", "pt-BR")
			a := r.do(http.MethodOptions, "/api/ruptura/processar-lote", "", "Origin", origin, "Access-Control-Request-Method", "POST")
			if got := corsHeadersOf(a.Header); len(got) > 0 || a.StatusCode != http.StatusMethodNotAllowed {
				t.Errorf("%s: OPTIONS from %s: %s %v", name, origin, a.Status, got)
			}
		}
	}
	if n, _ := some.store.Usage(); n != 0 {
		t.Errorf("%d sessions were begun", n)
	}
}

// What is not the API nor the script is not shared, and the other guards stand as they were.
func TestAllowedOriginsChangeNothingElse(t *testing.T) {
	r := start(t, sharing)
	for _, path := range []string{"/", "/carteira", "/carteira/exportar?formato=csv", "/docs", "/metrics", "/healthz", "/readyz", "/openapi.json", "/apix", "/staticx"} {
		if got := corsHeadersOf(r.get(path, "Origin", erp).Header); len(got) > 0 {
			t.Errorf("%s: %v", path, got)
		}
	}
	wantProblem(t, r.get("/api/carteira/pedidos", "Host", "evil.example", "Origin", erp), 421, "host_recusado", "pt-BR")
	a := r.get("/api/carteira/pedidos", "Origin", erp)
	if policy := a.Header.Get("Content-Security-Policy"); strings.Contains(policy, "erp") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("policy %q", policy)
	}
	if a := r.get("/api/carteira/pedidos"); !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "Origin") {
		t.Errorf("a cache would give this answer to another origin: Vary %q", a.Header.Values("Vary"))
	}
}

func TestAllowedOriginsBelowTheBasePath(t *testing.T) {
	r := start(t, below, sharing)
	for path, want := range map[string]string{
		base + "/api/carteira/pedidos": erp, base + "/static/x.js": erp, base + "/carteira": "", "/api/carteira/pedidos": "",
	} {
		if got := r.get(path, "Origin", erp).Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
