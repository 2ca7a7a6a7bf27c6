package httpapi_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ruptura/internal/httpapi"
)

const base = "/erp/ruptura"

// echo answers with the path that it was asked for.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "at "+r.URL.Path) })

func below(s *setup) { s.api.BasePath, s.api.Page, s.api.Docs = base, echo, echo }

// Every route answers under the base path as it does at the root without one.
func TestEveryRouteIsBelowTheBasePath(t *testing.T) {
	root, mounted := start(t, func(s *setup) { s.api.Page, s.api.Docs = echo, echo }), start(t, below)
	fill := strings.NewReplacer("{session}", "nenhuma", "{pedido}", "BOM", "{cod}", "A")
	paths := []string{"GET /", "GET /carteira", "GET /carteira?q=1", "GET /static/x.js", "GET /docs", "GET /docs/style.css", "GET /metrics",
		"GET /api", "GET /api/", "GET /api/nada", "POST /api/carteira/pedidos", "GET /api/ruptura/analisar/A%2F1",
		"GET /api/ruptura/produto/C%2F9/projecao", "HEAD /carteira", "OPTIONS /api/carteira/pedidos"}
	for _, route := range httpapi.Routes() {
		paths = append(paths, route[0]+" "+fill.Replace(route[1]))
	}
	for _, line := range paths {
		t.Run(line, func(t *testing.T) {
			method, path, _ := strings.Cut(line, " ")
			want, got := root.do(method, path, ""), mounted.do(method, base+path, "")
			if got.StatusCode != want.StatusCode || got.Header.Get("Content-Type") != want.Header.Get("Content-Type") || got.Header.Get("Allow") != want.Header.Get("Allow") {
				t.Errorf("%s, but %s at the root", got.Status, want.Status)
			}
			if strings.HasPrefix(string(want.body), "at ") && !bytes.Equal(got.body, want.body) {
				t.Errorf("%q, but %q at the root", got.body, want.body)
			}
			outside := mounted.do(method, path, "")
			switch path {
			case "/healthz", "/readyz", "/metrics":
				if outside.StatusCode != http.StatusOK {
					t.Errorf("%s for who asks the process itself", outside.Status)
				}
			default:
				if method == http.MethodHead {
					break // problems have no body there to look at
				}
				wantProblem(t, outside, http.StatusNotFound, "rota_desconhecida", "pt-BR")
			}
		})
	}
}

func TestOutsideTheBasePath(t *testing.T) {
	r := start(t, below)
	for _, path := range []string{"/", "/erp", "/erp/", "/erp/rupturax", "/erp/ruptur", "/ERP/ruptura/carteira", "/x/erp/ruptura/carteira", "/healthz/x"} {
		wantProblem(t, r.get(path), http.StatusNotFound, "rota_desconhecida", "pt-BR")
	}
	for path, want := range map[string]string{
		base:                         base + "/",
		base + "?q=1":                base + "/?q=1",
		"/erp/x/../ruptura/carteira": base + "/carteira",
		base + "//carteira":          base + "/carteira",
		base + "/../ruptura/healthz": base + "/healthz",
		base + "/../../evil.example": "/evil.example",
		"/" + base + "/carteira":     base + "/carteira",
	} {
		if got := r.get(path).Header.Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
}

// A client that follows the addresses it is given stays under the base path.
func TestAddressesKeepTheBasePath(t *testing.T) {
	r := start(t, below)
	a := r.do(http.MethodPost, base+"/api/ruptura/processar-lote", `{"pedidos":["BOM"]}`, "Idempotency-Key", "k")
	if a.StatusCode != http.StatusAccepted {
		t.Fatalf("%s: %s", a.Status, a.body)
	}
	told := a.json(t)
	stream, _ := told["stream_url"].(string)
	status, _ := told["status_url"].(string)
	id, _ := told["session_id"].(string)
	if stream != base+"/api/ruptura/stream/"+id || status != base+"/api/ruptura/status/"+id || a.Header.Get("Location") != status {
		t.Errorf("stream %q, status %q, Location %q", stream, status, a.Header.Get("Location"))
	}
	if events := r.get(stream); !strings.Contains(string(events.body), `"tipo":"completo"`) {
		t.Errorf("%s: %s", events.Status, events.body)
	}
	again := r.do(http.MethodPost, base+"/api/ruptura/processar-lote", `{"pedidos":["BOM"]}`, "Idempotency-Key", "k").json(t)
	if again["status_url"] != status {
		t.Errorf("repeated, the status is at %q", again["status_url"])
	}
	if got := r.get(status); got.StatusCode != http.StatusOK {
		t.Errorf("status: %s", got.Status)
	}
}

// The description's server is where it says, seen from where the description is.
func TestDescriptionBelowTheBasePath(t *testing.T) {
	r := start(t, below)
	servers, _ := r.get(base + "/openapi.json").json(t)["servers"].([]any)
	if len(servers) != 1 {
		t.Fatalf("servers: %v", servers)
	}
	server, _ := servers[0].(map[string]any)["url"].(string)
	at, err := url.Parse(base + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	resolved, err := at.Parse(server)
	if err != nil || resolved.String() != base+"/" {
		t.Errorf("%q is %v, %v", server, resolved, err)
	}
}

// Log and metrics know the same routes with and without a base path.
func TestRoutesInLogAndMetricsBelowTheBasePath(t *testing.T) {
	r := start(t, below)
	id, _ := r.do(http.MethodPost, base+"/api/ruptura/processar-lote", `{"pedidos":["BOM"]}`).json(t)["session_id"].(string)
	r.get(base + "/api/ruptura/stream/" + id)
	r.get(base + "/healthz")
	text := string(r.get("/metrics").body)
	for _, want := range []string{
		`ruptura_http_request_seconds_count{method="GET",route="/api/ruptura/stream/{session}",status="200"} 1`,
		`ruptura_http_request_seconds_count{method="GET",route="/healthz",status="200"} 1`,
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("no %s", want)
		}
	}
	if log := r.log.String(); !strings.Contains(log, "route=/api/ruptura/stream/{session} status=200") || strings.Count(log, " session="+id) < 2 {
		t.Errorf("the log:\n%s", log)
	}
}
