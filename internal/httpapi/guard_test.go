package httpapi_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestHostIsChecked(t *testing.T) {
	r := start(t, func(s *setup) { s.api.Hosts = []string{"erp.empresa.com.br"} })
	for host, ok := range map[string]bool{
		"localhost": true, "LOCALHOST:8080": true, "127.0.0.1:1": true, "127.9.9.9": true, "[::1]:8080": true, "[::1]": true,
		"x.localhost": true, "localhost.": true, "erp.empresa.com.br": true, "ERP.empresa.com.br.:80": true,
		"evil.example": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false, "10.0.0.1": false, "0.0.0.0": false,
		"evil.example:8080": false, "notlocalhost": false, "[2001:db8::1]": false,
	} {
		for _, path := range []string{"/api/carteira/pedidos", "/carteira", "/healthz", "/metrics"} {
			a := r.get(path, "Host", host)
			if refused := a.StatusCode == http.StatusMisdirectedRequest; refused == ok {
				t.Errorf("%s of %s: %s", path, host, a.Status)
			}
		}
	}
	wantProblem(t, r.get("/api/carteira/pedidos", "Host", "evil.example"), 421, "host_recusado", "pt-BR")
	wantProblem(t, r.get("/api/carteira/pedidos", "Host", "evil.example", "Accept-Language", "en"), 421, "host_recusado", "en")
}

func TestEveryHostWhereThatIsRight(t *testing.T) {
	r := start(t, func(s *setup) { s.api.CheckHost = false })
	if a := r.get("/api/carteira/pedidos", "Host", "erp.empresa.com.br"); a.StatusCode != http.StatusOK {
		t.Errorf("%s", a.Status)
	}
}

func TestOtherOriginsMayNotSend(t *testing.T) {
	r := start(t)
	foreign := [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	}
	for _, headers := range foreign {
		wantProblem(t, r.post(`{"pedidos":["BOM"]}`, headers...), 403, "origem_recusada", "pt-BR")
		wantProblem(t, r.do("DELETE", "/api/ruptura/status/x", "", headers...), 403, "origem_recusada", "pt-BR")
		if a := r.get("/api/carteira/pedidos", headers...); a.StatusCode != http.StatusOK {
			t.Errorf("GET with %s: %s", headers, a.Status)
		}
	}
	if n, _ := r.store.Usage(); n != 0 {
		t.Errorf("%d sessions were begun", n)
	}
	for _, headers := range [][]string{{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", r.server.URL}, nil} {
		if a := r.post(`{"pedidos":["BOM"]}`, headers...); a.StatusCode != http.StatusAccepted {
			t.Errorf("POST with %s: %s", headers, a.Status)
		}
	}
	if a := r.get("/api/carteira/pedidos"); a.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("other origins may read")
	}
}

func TestSecurityHeaders(t *testing.T) {
	r := start(t)
	id := r.begin(`{"pedidos":["BOM"]}`)
	for _, path := range []string{"/", "/api/carteira/pedidos", "/api/nada", "/healthz", "/metrics", "/openapi.json", "/api/ruptura/stream/" + id} {
		a := r.get(path)
		policy := a.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: %v", path, a.Header)
		}
		if strings.HasPrefix(path, "/api/") && a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: Cache-Control %q", path, a.Header.Get("Cache-Control"))
		}
	}
}

func TestOddAddresses(t *testing.T) {
	r := start(t)
	for path, want := range map[string]string{
		"//api/carteira/pedidos":            "/api/carteira/pedidos",
		"/api/../api/carteira/pedidos":      "/api/carteira/pedidos",
		"//evil.example/%2e%2e":             "",
		"/\\evil.example":                   "",
		"/api/ruptura/analisar/a/../BOM":    "/api/ruptura/analisar/BOM",
		"/api/carteira/pedidos/../../../..": "/",
	} {
		a := r.get(path)
		location := a.Header.Get("Location")
		if strings.HasPrefix(location, "//") || strings.Contains(location, "://") || want != "" && location != want {
			t.Errorf("%s: %s to %q, want %q", path, a.Status, location, want)
		}
	}
}

var line = regexp.MustCompile(`^time=\S+ level=(INFO|WARN|ERROR) msg=`)

func TestLogLines(t *testing.T) {
	r := start(t)
	id := r.begin(`{"pedidos":["BOM","a\u202e"]}`)
	r.whole(id)
	hostile := "x%0d%0alevel=ERROR%20msg=forged%1b%5b31m"
	for _, path := range []string{
		"/api/ruptura/stream/" + hostile, "/api/ruptura/status/" + hostile, "/api/ruptura/analisar/" + hostile,
		"/api/" + hostile, "/" + hostile, "/api/carteira/pedidos?q=" + hostile, "/api/carteira/pedidos?" + hostile + "=1",
		"/api/ruptura/produto/" + hostile + "/projecao",
	} {
		r.get(path, "Accept-Language", "x\tforged", "Last-Event-ID", "forged")
	}
	r.get("/", "Host", "forged.example")
	r.post(`{"pedidos":["forged"],"forged":1}`, "Idempotency-Key", "forged")
	r.pool.Stop(t.Context())
	log := r.log.String()
	if strings.Contains(log, "forged") || strings.ContainsAny(log, "\r\x1b\u202e") {
		t.Errorf("the log holds what users typed:\n%s", log)
	}
	for text := range strings.Lines(log) {
		if !line.MatchString(text) {
			t.Errorf("not a line of ours: %q", text)
		}
	}
	if got := strings.Count(log, "msg=request"); got != 12 {
		t.Errorf("%d lines for 12 requests:\n%s", got, log)
	}
	for _, want := range []string{
		`msg=request method=POST route=/api/ruptura/processar-lote status=202 took=\S+ session=` + id,
		`msg=request method=GET route=/api/ruptura/stream/\{session\} status=200 took=\S+ session=` + id,
		`msg="job done" worker=w\d session=` + id + ` job=0 orders=2 failed=1 waiting=\S+ reading=\S+ calculating=\S+ publishing=\S+`,
		`msg=request method=GET route=none status=421 took=\S+\n`,
	} {
		if got := len(regexp.MustCompile(want).FindAllString(log, -1)); got != 1 {
			t.Errorf("%d lines like %s:\n%s", got, want, log)
		}
	}
}

func TestMetrics(t *testing.T) {
	r := start(t)
	cancelled := start(t, func(s *setup) { s.workers = 0 })
	r.whole(r.begin(`{"pedidos":["BOM","SEGREDO"]}`))
	r.get("/api/ruptura/analisar/SEGREDO?modo=SEGREDO")
	r.get("/SEGREDO")
	r.do("SEGREDO", "/api/SEGREDO", "")
	r.pool.Stop(t.Context()) // the job is counted when it is through
	text := string(r.get("/metrics").body)
	for _, want := range []string{
		`ruptura_http_request_seconds_count{method="POST",route="/api/ruptura/processar-lote",status="202"} 1`,
		`ruptura_http_request_seconds_count{method="GET",route="/api/ruptura/analisar/{pedido}",status="422"} 1`,
		`ruptura_http_request_seconds_count{method="OTHER",route="/api/",status="404"} 1`,
		`ruptura_sessions_started_total 1`, `ruptura_sessions_ended_total{end="completo"} 1`,
		`ruptura_orders_analysed_total{outcome="ok"} 1`, `ruptura_orders_analysed_total{outcome="erro"} 1`,
		`ruptura_job_seconds_count{part="waiting"} 1`, `ruptura_job_seconds_count{part="reading"} 1`,
		`ruptura_job_seconds_count{part="calculating"} 1`, `ruptura_job_seconds_count{part="publishing"} 1`,
		`ruptura_streams_open 0`, `ruptura_queue_jobs 0`, `ruptura_sessions_kept 1`, `ruptura_log_bytes `, `go_goroutines `,
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(text, "SEGREDO") {
		t.Error("the metrics hold what users typed")
	}
	id := cancelled.begin(`{"pedidos":["BOM"]}`)
	cancelled.do("DELETE", "/api/ruptura/status/"+id, "")
	cancelled.do("DELETE", "/api/ruptura/status/"+id, "")
	text = string(cancelled.get("/metrics").body)
	if want := `ruptura_sessions_ended_total{end="cancelado"} 1`; !strings.Contains(text, want) {
		t.Errorf("no %s in\n%s", want, text)
	}
}

// TestRawRequests sends what no client library would.
func TestRawRequests(t *testing.T) {
	r := start(t)
	for _, request := range []string{
		"GET /api/carteira/pedidos HTTP/1.0\r\n\r\n",                                       // no Host
		"GET http://evil.example/api/carteira/pedidos HTTP/1.1\r\nHost: localhost\r\n\r\n", // the address wins
	} {
		c, err := net.Dial("tcp", r.server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprint(c, request)
		response, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%q: %s", request, response.Status)
		}
		_ = response.Body.Close()
		_ = c.Close()
	}
}
