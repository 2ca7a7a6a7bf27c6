package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/httpapi"
	"ruptura/internal/lang"
	"ruptura/internal/session/local"
	"ruptura/internal/source"
)

// leaks is what no message may show: SQL, paths of files, stacks, Go's own words.
var leaks = regexp.MustCompile(`(?i)select |insert |sqlite|\.go\b|/tmp/|/etc/|goroutine|json: |strconv|%!`)

// wantProblem checks a whole error answer.
func wantProblem(t *testing.T, a reply, status int, code, language string) {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s, want %d: %s", a.Status, status, a.body)
	}
	body := a.json(t)
	if got := body["codigo"]; got != code {
		t.Errorf("codigo %v, want %s: %s", got, code, a.body)
	}
	if body["success"] != false || body["error"] != body["detail"] || body["detail"] == "" || body["status"] != float64(status) || body["title"] == "" {
		t.Errorf("not a whole problem: %s", a.body)
	}
	if leaks.Match(a.body) {
		t.Errorf("it leaks: %s", a.body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/problem+json", "Content-Language": language, "Cache-Control": "no-store",
		"X-Content-Type-Options": "nosniff",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) && a.Header.Get("Retry-After") == "" {
		t.Error("Retry-After is missing")
	}
}

const lot = "/api/ruptura/processar-lote"

func orders(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%q", fmt.Sprintf("P%d", i))
	}
	return `{"pedidos":[` + strings.Join(list, ",") + `]}`
}

func TestProblems(t *testing.T) {
	r := start(t, func(s *setup) { s.api.CacheTTL = 0 })
	done := r.begin(`{"pedidos":["BOM"]}`)
	r.whole(done)
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		code                     string
		field                    string // among errors
	}{
		{"nothing at this address", "GET", "/api/nada", "", nil, 404, "rota_desconhecida", ""},
		{"an operation with a slash after it", "GET", "/api/carteira/pedidos/", "", nil, 404, "rota_desconhecida", ""},
		{"no order in the address", "GET", "/api/ruptura/analisar/", "", nil, 404, "rota_desconhecida", ""},
		{"two orders in the address", "GET", "/api/ruptura/analisar/a/b", "", nil, 404, "rota_desconhecida", ""},
		{"GET of a POST", "GET", lot, "", nil, 405, "metodo_nao_permitido", ""},
		{"PUT of a GET", "PUT", "/api/carteira/pedidos", "", nil, 405, "metodo_nao_permitido", ""},
		{"OPTIONS", "OPTIONS", "/api/ruptura/status/x", "", nil, 405, "metodo_nao_permitido", ""},

		{"another content type", "POST", lot, `{}`, []string{"Content-Type", "text/plain"}, 415, "tipo_nao_aceito", ""},
		{"a form", "POST", lot, `a=b`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "tipo_nao_aceito", ""},
		{"no body", "POST", lot, ``, nil, 400, "json_invalido", ""},
		{"a list", "POST", lot, `[]`, nil, 400, "json_invalido", ""},
		{"null", "POST", lot, `null`, nil, 400, "json_invalido", ""},
		{"half an object", "POST", lot, `{"pedidos":["A"]`, nil, 400, "json_invalido", ""},
		{"a comma too many", "POST", lot, `{"pedidos":["A"],}`, nil, 400, "json_invalido", ""},
		{"two objects", "POST", lot, `{"pedidos":["A"]}{}`, nil, 400, "json_invalido", ""},
		{"text after the object", "POST", lot, `{"pedidos":["A"]} x`, nil, 400, "json_invalido", ""},
		{"invalid UTF-8", "POST", lot, "{\"pedidos\":[\"\xff\"]}", nil, 400, "json_invalido", ""},
		{"a deep nest", "POST", lot, `{"filtro":` + strings.Repeat("[", 20_000) + `}`, nil, 400, "json_invalido", ""},
		{"too large a body", "POST", lot, `{"pedidos":["` + strings.Repeat("x", 9<<20) + `"]}`, nil, 413, "corpo_grande_demais", ""},

		{"an unknown field", "POST", lot, `{"pedidos":["A"],"mode":"isolado"}`, nil, 422, "dados_invalidos", "mode"},
		{"a field in another case", "POST", lot, `{"PEDIDOS":["A"]}`, nil, 422, "dados_invalidos", "PEDIDOS"},
		{"a field given twice", "POST", lot, `{"pedidos":["A"],"pedidos":["B"]}`, nil, 422, "dados_invalidos", "pedidos"},
		{"a parameter", "POST", lot + "?modo=isolado", `{"pedidos":["A"]}`, nil, 422, "dados_invalidos", "modo"},
		{"nothing chosen", "POST", lot, `{}`, nil, 422, "dados_invalidos", "pedidos"},
		{"todos false", "POST", lot, `{"todos":false}`, nil, 422, "dados_invalidos", "pedidos"},
		{"both orders and all", "POST", lot, `{"pedidos":["A"],"todos":true}`, nil, 422, "dados_invalidos", "pedidos"},
		{"both filter and all", "POST", lot, `{"filtro":{},"todos":true}`, nil, 422, "dados_invalidos", "pedidos"},
		{"primeiro beside pedidos", "POST", lot, `{"pedidos":["A"],"primeiro":["A"]}`, nil, 422, "dados_invalidos", "primeiro"},
		{"orders of another type", "POST", lot, `{"pedidos":"A"}`, nil, 422, "dados_invalidos", "pedidos"},
		{"an order of another type", "POST", lot, `{"pedidos":["A",1]}`, nil, 422, "dados_invalidos", "pedidos"},
		{"todos of another type", "POST", lot, `{"todos":"true"}`, nil, 422, "dados_invalidos", "todos"},
		{"no order", "POST", lot, `{"pedidos":[]}`, nil, 422, "dados_invalidos", "pedidos"},
		{"50,001 orders", "POST", lot, orders(50_001), nil, 422, "dados_invalidos", "pedidos"},
		{"an empty order", "POST", lot, `{"pedidos":["A",""]}`, nil, 422, "dados_invalidos", "pedidos[1]"},
		{"51 characters", "POST", lot, `{"pedidos":["` + strings.Repeat("ç", 51) + `"]}`, nil, 422, "dados_invalidos", "pedidos[0]"},
		{"NUL in an order", "POST", lot, `{"pedidos":["A\u0000"]}`, nil, 422, "dados_invalidos", "pedidos[0]"},
		{"a line end in an order", "POST", lot, `{"pedidos":["A\r\nid: 7"]}`, nil, 422, "dados_invalidos", "pedidos[0]"},
		{"a bad order in primeiro", "POST", lot, `{"todos":true,"primeiro":[""]}`, nil, 422, "dados_invalidos", "primeiro[0]"},
		{"an unknown filter", "POST", lot, `{"filtro":{"estado":"SP"}}`, nil, 422, "dados_invalidos", "filtro.estado"},
		{"a filter given twice", "POST", lot, `{"filtro":{"uf":"SP","uf":"RJ"}}`, nil, 422, "dados_invalidos", "filtro.uf"},
		{"a filter of another type", "POST", lot, `{"filtro":{"uf":["SP"]}}`, nil, 422, "dados_invalidos", "filtro.uf"},
		{"a filter that is no object", "POST", lot, `{"filtro":"SP"}`, nil, 422, "dados_invalidos", "filtro"},
		{"a filter that is a list", "POST", lot, `{"filtro":["SP"]}`, nil, 422, "dados_invalidos", "filtro"},
		{"a filter out of range", "POST", lot, `{"filtro":{"necessidade_de":"31/03/2026"}}`, nil, 422, "dados_invalidos", "filtro.necessidade_de"},
		{"an unknown mode", "POST", lot, `{"pedidos":["A"],"modo":"x"}`, nil, 422, "dados_invalidos", "modo"},
		{"an unknown detail", "POST", lot, `{"pedidos":["A"],"detalhe":"tudo"}`, nil, 422, "dados_invalidos", "detalhe"},
		{"a policy without its mode", "POST", lot, `{"pedidos":["A"],"politica":"linha"}`, nil, 422, "dados_invalidos", "politica"},
		{"an unknown policy", "POST", lot, `{"pedidos":["A"],"modo":"concorrente","politica":"tudo"}`, nil, 422, "dados_invalidos", "politica"},
		{"a filter that matches nothing", "POST", lot, `{"filtro":{"uf":"AC"}}`, nil, 422, "nenhum_pedido", ""},
		{"an empty key", "POST", lot, `{"pedidos":["A"]}`, []string{"Idempotency-Key", ""}, 400, "chave_invalida", ""},
		{"a key of 201 bytes", "POST", lot, `{"pedidos":["A"]}`, []string{"Idempotency-Key", strings.Repeat("k", 201)}, 400, "chave_invalida", ""},
		{"a key that is not ASCII", "POST", lot, `{"pedidos":["A"]}`, []string{"Idempotency-Key", "chavé"}, 400, "chave_invalida", ""},

		{"stream of an unknown session", "GET", "/api/ruptura/stream/NADA", "", nil, 404, "sessao_desconhecida", ""},
		{"stream from a malformed event", "GET", "/api/ruptura/stream/" + done, "", []string{"Last-Event-ID", "x"}, 400, "evento_invalido", ""},
		{"stream from a signed event", "GET", "/api/ruptura/stream/" + done, "", []string{"Last-Event-ID", "+1"}, 400, "evento_invalido", ""},
		{"stream from a negative event", "GET", "/api/ruptura/stream/" + done + "?desde=-1", "", nil, 400, "evento_invalido", ""},
		{"stream from beyond", "GET", "/api/ruptura/stream/" + done, "", []string{"Last-Event-ID", "4"}, 404, "evento_inexistente", ""},
		{"stream with a typo", "GET", "/api/ruptura/stream/" + done + "?desd=1", "", nil, 422, "dados_invalidos", "desd"},
		{"status of an unknown session", "GET", "/api/ruptura/status/NADA", "", nil, 404, "sessao_desconhecida", ""},
		{"status since a malformed event", "GET", "/api/ruptura/status/" + done + "?desde=x", "", nil, 400, "evento_invalido", ""},
		{"status since beyond", "GET", "/api/ruptura/status/" + done + "?desde=99", "", nil, 404, "evento_inexistente", ""},
		{"cancel of an unknown session", "DELETE", "/api/ruptura/status/NADA", "", nil, 404, "sessao_desconhecida", ""},

		{"an unknown order", "GET", "/api/ruptura/analisar/NADA", "", nil, 404, "pedido_nao_encontrado", ""},
		{"an order that only has reservations", "GET", "/api/ruptura/analisar/OUTRO", "", nil, 404, "pedido_nao_encontrado", ""},
		{"an order of 51 characters", "GET", "/api/ruptura/analisar/" + strings.Repeat("x", 51), "", nil, 422, "dados_invalidos", "pedido"},
		{"an order with a control character", "GET", "/api/ruptura/analisar/a%0Ab", "", nil, 422, "dados_invalidos", "pedido"},
		{"an order of invalid UTF-8", "GET", "/api/ruptura/analisar/%FF", "", nil, 422, "dados_invalidos", "pedido"},
		{"no order", "GET", "/api/ruptura/analisar", "", nil, 422, "dados_invalidos", "pedido"},
		{"an order in both places", "GET", "/api/ruptura/analisar/BOM?pedido=BOM", "", nil, 422, "dados_invalidos", "pedido"},
		{"two orders", "GET", "/api/ruptura/analisar?pedido=BOM&pedido=FALTA", "", nil, 422, "dados_invalidos", "pedido"},
		{"an unknown parameter", "GET", "/api/ruptura/analisar/BOM?cach=true", "", nil, 422, "dados_invalidos", "cach"},
		{"an unreadable parameter", "GET", "/api/ruptura/analisar/BOM?cache=%zz", "", nil, 422, "dados_invalidos", "?"},
		{"a policy of one order alone", "GET", "/api/ruptura/analisar/BOM?politica=linha", "", nil, 422, "dados_invalidos", "politica"},
		{"an unknown policy of one order", "GET", "/api/ruptura/analisar/BOM?modo=concorrente&politica=x", "", nil, 422, "dados_invalidos", "politica"},
		{"less than an answer", "GET", "/api/ruptura/analisar/BOM?detalhe=resumo", "", nil, 422, "dados_invalidos", "detalhe"},
		{"a parameter of the priority", "GET", "/api/ruptura/prioridade?x=1", "", nil, 422, "dados_invalidos", "x"},
		{"a contest without a session", "GET", "/api/carteira/pedidos?disputa=true", "", nil, 422, "dados_invalidos", "disputa"},
		{"an unknown mode of one order", "GET", "/api/ruptura/analisar/BOM?modo=x", "", nil, 422, "dados_invalidos", "modo"},
		{"cache that is neither", "GET", "/api/ruptura/analisar/BOM?cache=1", "", nil, 422, "dados_invalidos", "cache"},
		{"cache where there is none", "GET", "/api/ruptura/analisar/BOM?cache=true", "", nil, 422, "cache_desligado", ""},

		{"an unknown product", "GET", "/api/ruptura/produto/NADA/projecao", "", nil, 404, "produto_nao_encontrado", ""},
		{"an unknown product that no path holds", "GET", "/api/ruptura/produto/projecao?cod=..", "", nil, 404, "produto_nao_encontrado", ""},
		{"no product", "GET", "/api/ruptura/produto/projecao", "", nil, 422, "dados_invalidos", "cod"},
		{"a product twice", "GET", "/api/ruptura/produto/A/projecao?cod=B", "", nil, 422, "dados_invalidos", "cod"},
		{"no days", "GET", "/api/ruptura/produto/A/projecao?dias=0", "", nil, 422, "dados_invalidos", "dias"},
		{"91 days", "GET", "/api/ruptura/produto/A/projecao?dias=91", "", nil, 422, "dados_invalidos", "dias"},
		{"days in words", "GET", "/api/ruptura/produto/A/projecao?dias=dez", "", nil, 422, "dados_invalidos", "dias"},
		{"another detail", "GET", "/api/ruptura/produto/A/projecao?detalhe=entradas", "", nil, 422, "dados_invalidos", "detalhe"},
		{"too long a product", "GET", "/api/ruptura/produto/" + strings.Repeat("x", 51) + "/projecao", "", nil, 422, "dados_invalidos", "cod"},

		{"an unknown column", "GET", "/api/carteira/pedidos?ordem=senha", "", nil, 422, "dados_invalidos", "ordem"},
		{"results without a session", "GET", "/api/carteira/pedidos?ordem=criticidade", "", nil, 422, "dados_invalidos", "ordem"},
		{"results of an unknown session", "GET", "/api/carteira/pedidos?ordem=criticidade&sessao=NADA", "", nil, 404, "sessao_desconhecida", ""},
		{"too many rows", "GET", "/api/carteira/pedidos?limite=2001", "", nil, 422, "dados_invalidos", "limite"},
		{"an invented cursor", "GET", "/api/carteira/pedidos?cursor=x", "", nil, 400, "cursor_invalido", ""},
		{"SQL for a text", "GET", "/api/carteira/pedidos?ordem=1;DROP%20TABLE%20pedidos", "", nil, 422, "dados_invalidos", "?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.t = t
			pt := r.do(c.method, c.path, c.body, c.headers...)
			wantProblem(t, pt, c.status, c.code, "pt-BR")
			en := r.do(c.method, c.path, c.body, append(c.headers, "Accept-Language", "en-GB,en;q=0.9")...)
			wantProblem(t, en, c.status, c.code, "en")
			if pt.json(t)["detail"] == en.json(t)["detail"] {
				t.Errorf("the same text in both languages: %s", pt.body)
			}
			if detail, _ := pt.json(t)["detail"].(string); strings.Contains(detail, "?:") {
				t.Errorf("a field without a name: %s", detail)
			}
			if got := fieldsOf(t, pt); c.field != "" && !slices.Contains(got, c.field) {
				t.Errorf("the fields named are %q, want %q: %s", got, c.field, pt.body)
			}
			if !strings.Contains(pt.Header.Get("Vary"), "Accept-Language") {
				t.Errorf("Vary: %q", pt.Header.Get("Vary"))
			}
			if c.status == http.StatusMethodNotAllowed && pt.Header.Get("Allow") == "" {
				t.Error("Allow is missing")
			}
		})
	}
}

func fieldsOf(t *testing.T, a reply) []string {
	t.Helper()
	var names []string
	list, _ := a.json(t)["errors"].([]any)
	for _, one := range list {
		m, _ := one.(map[string]any)
		name, _ := m["campo"].(string)
		names = append(names, name)
	}
	return names
}

func TestAllowListsTheMethods(t *testing.T) {
	r := start(t)
	for path, want := range map[string]string{
		lot: "POST", "/api/ruptura/status/x": "GET, DELETE, HEAD", "/api/ruptura/stream/x": "GET, HEAD",
	} {
		if got := r.do("PATCH", path, "").Header.Get("Allow"); got != want {
			t.Errorf("%s: Allow %q, want %q", path, got, want)
		}
	}
}

func TestSourceIsDown(t *testing.T) {
	down := brokenSource{err: fmt.Errorf("SELECT a FROM x in /etc/x.go: %w", source.ErrUnavailable)}
	r := start(t, func(s *setup) { s.api.Source = down })
	for _, path := range []string{
		"/api/ruptura/analisar/BOM", "/api/ruptura/produto/A/projecao", "/api/carteira/pedidos",
	} {
		wantProblem(t, r.get(path), 503, "fonte_indisponivel", "pt-BR")
	}
	wantProblem(t, r.post(`{"todos":true}`), 503, "fonte_indisponivel", "pt-BR")
	a := r.get("/readyz")
	wantProblem(t, a, 503, "nao_pronto", "pt-BR")
	if a.json(t)["pronto"] != false || !strings.Contains(string(a.body), "o banco de dados") {
		t.Errorf("%s: %s", a.Status, a.body)
	}
	if a := r.get("/readyz", "Accept-Language", "en"); !strings.Contains(string(a.body), "the database") {
		t.Errorf("in English: %s", a.body)
	}
	if checks, _ := a.json(t)["verificacoes"].(map[string]any); checks["fonte"] != "indisponivel" || checks["sessoes"] != "ok" {
		t.Errorf("readiness says %s", a.body)
	}
	if r.get("/healthz").StatusCode != http.StatusOK {
		t.Error("a process without its source is alive all the same")
	}
}

func TestReadinessFollowsTheSource(t *testing.T) {
	r := start(t)
	if a := r.get("/readyz"); a.StatusCode != http.StatusOK || a.json(t)["pronto"] != true {
		t.Errorf("%s: %s", a.Status, a.body)
	}
	if err := r.db.Close(); err != nil {
		t.Fatal(err)
	}
	if a := r.get("/readyz"); a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("with the source closed: %s: %s", a.Status, a.body)
	}
	wantProblem(t, r.get("/api/ruptura/analisar/BOM"), 503, "fonte_indisponivel", "pt-BR")
}

func TestSourceIsNotUsable(t *testing.T) {
	r := start(t, func(s *setup) {
		s.api.Source = brokenSource{err: fmt.Errorf("SELECT a FROM x in /etc/x.go: %w", source.ErrUnusable)}
	})
	wantProblem(t, r.get("/api/ruptura/analisar/BOM"), 500, "fonte_inutilizavel", "pt-BR")
	if !strings.Contains(r.log.String(), "SELECT a FROM x") {
		t.Error("the log does not say what is wrong")
	}
}

// worded is an error that has words for users.
type worded struct{ error }

func (worded) Words() lang.Text { return lang.Text{PT: "falta producao", EN: "producao is missing"} }
func (w worded) Unwrap() error  { return w.error }

func TestReadinessSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		err         error
		says, hides string
	}{
		"away":           {fmt.Errorf("host erp.example: %w", source.ErrUnavailable), "está no ar", "doctor"},
		"refused":        {fmt.Errorf("user ana at erp.example: %w", source.ErrUnusable), "recusa o usuário ou a senha", "no ar"},
		"a table's gone": {fmt.Errorf("user ana at erp.example: %w", worded{source.ErrUnusable}), "não serve: falta producao. Rode 'ruptura doctor'", "no ar"},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, func(s *setup) { s.api.Source = brokenSource{err: c.err} })
			a := r.get("/readyz")
			wantProblem(t, a, http.StatusServiceUnavailable, "nao_pronto", "pt-BR")
			if body := string(a.body); !strings.Contains(body, c.says) || strings.Contains(body, c.hides) || strings.Contains(body, "example") {
				t.Errorf("%s", body)
			}
		})
	}
}

func TestUnforeseenErrors(t *testing.T) {
	r := start(t, func(s *setup) { s.api.Source = brokenSource{err: errors.New("SELECT secret FROM /etc/x.go")} })
	wantProblem(t, r.get("/api/ruptura/analisar/BOM"), 500, "erro_interno", "pt-BR")
	if !strings.Contains(r.log.String(), "SELECT secret") {
		t.Error("the log does not say what failed")
	}
}

func TestBusy(t *testing.T) {
	r := start(t, func(s *setup) { s.workers, s.waiting = 0, 2 })
	first := r.begin(`{"pedidos":["BOM"]}`, "Idempotency-Key", "k")
	r.begin(`{"pedidos":["BOM"]}`)
	wantProblem(t, r.post(`{"pedidos":["BOM"]}`), 429, "fila_cheia", "pt-BR")
	if again := r.begin(`{"pedidos":["BOM"]}`, "Idempotency-Key", "k"); again != first {
		t.Errorf("repeated while the queue is full: session %s, want %s", again, first)
	}
}

func TestLogFull(t *testing.T) {
	r := start(t, func(s *setup) {
		s.workers, s.store = 0, local.Config{TTL: time.Hour, Memory: 300_000}
	})
	r.begin(orders(200))
	wantProblem(t, r.post(orders(200)), 429, "memoria_cheia", "pt-BR")
	wantProblem(t, r.post(orders(2000)), 422, "lote_grande_demais", "pt-BR")
}

func TestPanics(t *testing.T) {
	early := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("segredo") })
	late := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 100_000))
		panic("segredo tardio")
	})
	r := start(t, func(s *setup) { s.api.Page, s.api.Docs = early, late })
	wantProblem(t, r.get("/carteira"), 500, "erro_interno", "pt-BR")
	if response, err := r.server.Client().Get(r.server.URL + "/docs"); err == nil {
		defer response.Body.Close()
		body := make([]byte, 200_000)
		n := 0
		for err == nil {
			var more int
			more, err = response.Body.Read(body[n:])
			n += more
		}
		if err.Error() == "EOF" || strings.Contains(string(body[:n]), "erro_interno") {
			t.Errorf("a broken answer looks whole: %d bytes, %v", n, err)
		}
	}
	for _, want := range []string{"segredo", "segredo tardio", "errors_test.go", "status=500"} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the log lacks %q", want)
		}
	}
}

func TestRoutesAreDescribed(t *testing.T) {
	r := start(t)
	described := map[[2]string]bool{}
	for _, op := range r.document.Operations() {
		described[[2]string{op.Method, op.Path}] = true
	}
	delete(described, [2]string{"GET", "/metrics"})
	for _, route := range httpapi.Routes() {
		if !described[route] {
			t.Errorf("%s %s is not described", route[0], route[1])
		}
		delete(described, route)
	}
	for op := range described {
		t.Errorf("%s %s is described and does not exist", op[0], op[1])
	}
}

// waitingSource answers when its caller has gone.
type waitingSource struct {
	source.Source
	reading chan struct{}
}

func (s waitingSource) Read(ctx context.Context, _ source.Query) (*atp.Snapshot, error) {
	close(s.reading)
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestClientGone leaves before the answer: the log must not count it as answered.
func TestClientGone(t *testing.T) {
	waiting := waitingSource{reading: make(chan struct{})}
	answered := make(observer, 1)
	r := start(t, func(s *setup) { s.api.Source, s.api.Observe = waiting, answered })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-waiting.reading; cancel() }()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.server.URL+"/api/ruptura/analisar/BOM", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := r.server.Client().Do(request); err == nil {
		_ = response.Body.Close()
		t.Fatal(response.Status)
	}
	if status := <-answered; status != 499 {
		t.Errorf("counted as %d", status)
	}
	r.server.Close()
	if log := r.log.String(); !strings.Contains(log, "status=499") || strings.Contains(log, "level=ERROR") {
		t.Errorf("the log says\n%s", log)
	}
}

// observer passes on the status of each request.
type observer chan int

func (o observer) Request(_, _ string, status int, _ time.Duration) { o <- status }
func (observer) StreamOpened()                                      {}
func (observer) StreamClosed()                                      {}
