package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ruptura/internal/dataset"
	"ruptura/internal/session"
)

// streamed is an event of a stream as far as the tests look.
type streamed struct {
	ID       int    `json:"id"`
	Kind     string `json:"tipo"`
	Total    int    `json:"total_pedidos"`
	Failed   int    `json:"com_erro"`
	Error    string `json:"error"`
	ReadAt   string `json:"posicao_em"`
	Products []struct {
		Code  string  `json:"cod_produto"`
		Value float64 `json:"valor"`
	} `json:"produtos_em_ruptura"`
	Results []struct {
		Success bool   `json:"success"`
		Order   string `json:"num_pedido"`
		Error   string `json:"error"`
		Items   []any  `json:"itens"`
	} `json:"resultados"`
}

// events reads a whole stream's events.
func events(t *testing.T, stream string) []streamed {
	t.Helper()
	var all []streamed
	for line := range strings.Lines(stream) {
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		var e streamed
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			t.Fatalf("%v: %s", err, data)
		}
		all = append(all, e)
	}
	return all
}

// analysed lists the orders of a stream in the sequence of the log.
func analysed(t *testing.T, stream string) []string {
	t.Helper()
	var all []string
	for _, e := range events(t, stream) {
		for _, one := range e.Results {
			all = append(all, one.Order)
		}
	}
	return all
}

func TestBatchAnswer(t *testing.T) {
	r := start(t)
	a := r.post(`{"pedidos":["BOM","NADA","BOM","FALTA"],"modo":"isolado","detalhe":"resumo"}`)
	body := a.json(t)
	id, _ := body["session_id"].(string)
	for name, want := range map[string]any{
		"success": true, "total_pedidos": 3.0, "lotes": 1.0, "tamanho_lote": 20.0, "workers": 2.0,
		"stream_url": "/api/ruptura/stream/" + id, "status_url": "/api/ruptura/status/" + id,
	} {
		if body[name] != want {
			t.Errorf("%s: %v, want %v", name, body[name], want)
		}
	}
	if a.StatusCode != http.StatusAccepted || len(id) < 26 || a.Header.Get("Location") != "/api/ruptura/status/"+id {
		t.Errorf("%s, Location %q, session %q", a.Status, a.Header.Get("Location"), id)
	}
	if got := analysed(t, r.whole(id)); !slices.Equal(got, []string{"BOM", "NADA", "FALTA"}) {
		t.Errorf("analysed %q", got)
	}
}

func TestWhatABatchAsksFor(t *testing.T) {
	r := start(t)
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"all, by need date and number", `{"todos":true}`, []string{"BOM", "FALTA", "PROX", hostileOrder, "A/1", "SEMEST"}},
		{"some first", `{"todos":true,"primeiro":["PROX","NADA","PROX","BOM"]}`, []string{"PROX", "BOM", "FALTA", hostileOrder, "A/1", "SEMEST"}},
		{"a filter", `{"filtro":{"uf":"sp"},"primeiro":["PROX"]}`, []string{"PROX", "FALTA"}},
		{"a filter by text", `{"filtro":{"q":"agata"}}`, []string{"BOM"}},
		{"a filter by a boolean", `{"filtro":{"importante":true}}`, []string{"BOM"}},
		{"a filter by a product", `{"filtro":{"produto":"B"}}`, []string{"PROX"}},
		{"an empty filter", `{"filtro":{},"modo":null}`, []string{"BOM", "FALTA", "PROX", hostileOrder, "A/1", "SEMEST"}},
		{"nulls for what is left out", `{"pedidos":["BOM"],"filtro":null,"primeiro":null,"todos":null}`, []string{"BOM"}},
		{"numbers with a slash and worse", `{"pedidos":["A/1","<img onerror=1>&\"'"]}`, []string{"A/1", hostileOrder}},
		{"50 characters", `{"pedidos":["` + strings.Repeat("ç", 50) + `"]}`, []string{strings.Repeat("ç", 50)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.t = t
			if got := analysed(t, r.whole(r.begin(c.body))); !slices.Equal(got, c.want) {
				t.Errorf("analysed %q, want %q", got, c.want)
			}
		})
	}
}

func TestBatchOf50000(t *testing.T) {
	r := start(t, func(s *setup) { s.workers = 0 })
	if body := r.post(orders(50_000)).json(t); body["total_pedidos"] != 50_000.0 || body["lotes"] != 2500.0 {
		t.Errorf("%v", body)
	}
}

func TestDetail(t *testing.T) {
	r := start(t)
	for _, c := range []struct {
		detail string
		items  int
	}{{"resumo", 0}, {"itens", 1}} {
		list := events(t, r.whole(r.begin(fmt.Sprintf(`{"pedidos":["FALTA"],"detalhe":%q}`, c.detail))))
		if got := len(list[1].Results[0].Items); got != c.items {
			t.Errorf("%s: %d items, want %d", c.detail, got, c.items)
		}
		if p := list[1].Products; len(p) != 1 || p[0].Code != "A" || p[0].Value != 177.5 {
			t.Errorf("%s: short products %+v", c.detail, p)
		}
	}
}

func TestBatchSpeaksItsLanguage(t *testing.T) {
	r := start(t)
	id := r.begin(`{"pedidos":["NADA"]}`, "Accept-Language", "en")
	got := events(t, r.whole(id, "Accept-Language", "pt"))[1].Results[0]
	if got.Error != "order not found or without open lines" {
		t.Errorf("the error says %q", got.Error)
	}
}

func TestIdempotencyKey(t *testing.T) {
	r := start(t)
	key := []string{"Idempotency-Key", "pedido 1"}
	first := r.begin(`{"pedidos":["BOM"]}`, key...)
	if again := r.begin(`{"pedidos":["BOM"]}`, key...); again != first {
		t.Error("the same key and body gave another session")
	}
	wantProblem(t, r.post(`{"pedidos":["FALTA"]}`, key...), 422, "chave_reutilizada", "pt-BR")
	if other := r.begin(`{"pedidos":["BOM"]}`, "Idempotency-Key", "pedido 2"); other == first {
		t.Error("another key gave the same session")
	}
	if none := r.begin(`{"pedidos":["BOM"]}`); none == first {
		t.Error("no key gave the same session")
	}
	wantProblem(t, r.post(`{"pedidos":[""]}`, "Idempotency-Key", "pedido 3"), 422, "dados_invalidos", "pt-BR")
	r.begin(`{"pedidos":["BOM"]}`, "Idempotency-Key", "pedido 3") // a refused request does not use up its key
}

func TestStatus(t *testing.T) {
	r := start(t)
	id := r.begin(`{"pedidos":["BOM","NADA"]}`)
	stream := r.whole(id)
	a := r.get("/api/ruptura/status/" + id).json(t)
	for name, want := range map[string]any{
		"success": true, "session_id": id, "status": "completo", "modo": "isolado", "total_pedidos": 2.0, "processados": 2.0,
		"com_erro": 1.0, "progresso": 100.0, "lotes": 1.0, "lotes_concluidos": 1.0, "workers": 2.0, "ultimo_evento": 3.0,
	} {
		if a[name] != want {
			t.Errorf("%s: %v, want %v", name, a[name], want)
		}
	}
	if _, ok := a["eventos"]; ok {
		t.Error("events without being asked for")
	}
	for since := range 4 {
		body := r.get(fmt.Sprintf("/api/ruptura/status/%s?desde=%d", id, since)).body
		var polled struct {
			Events []json.RawMessage `json:"eventos"`
		}
		if err := json.Unmarshal(body, &polled); err != nil || polled.Events == nil || len(polled.Events) != 3-since {
			t.Fatalf("since %d: %v, %s", since, err, body)
		}
		for _, e := range polled.Events {
			if !strings.Contains(stream, "data: "+string(e)+"\n") {
				t.Errorf("the stream has no event %s", e)
			}
		}
	}
}

func TestStatusGivesAHundredEvents(t *testing.T) {
	r := start(t)
	id := r.begin(orders(3000)) // 150 lots
	r.whole(id)
	first := r.get("/api/ruptura/status/" + id + "?desde=0").json(t)
	list, _ := first["eventos"].([]any)
	rest, _ := r.get("/api/ruptura/status/" + id + "?desde=100").json(t)["eventos"].([]any)
	if len(list) != 100 || len(rest) != 52 {
		t.Errorf("%d and %d events, want 100 and 52", len(list), len(rest))
	}
}

func TestCancel(t *testing.T) {
	r := start(t, func(s *setup) { s.workers = 0 })
	id := r.begin(`{"pedidos":["BOM","FALTA"]}`)
	if a := r.get("/api/ruptura/status/" + id).json(t); a["status"] != "na_fila" || a["iniciado_em"] != nil || a["progresso"] != 0.0 {
		t.Errorf("before: %v", a)
	}
	for range 2 { // the second time nothing changes
		if a := r.do(http.MethodDelete, "/api/ruptura/status/"+id, ""); a.StatusCode != http.StatusNoContent || len(a.body) > 0 {
			t.Errorf("%s: %s", a.Status, a.body)
		}
		list := events(t, r.whole(id))
		if last := list[len(list)-1]; len(list) != 2 || last.Kind != "erro" || last.Error != "cancelado" || last.Total != 2 {
			t.Errorf("the stream ends with %+v", last)
		}
		if a := r.get("/api/ruptura/status/" + id).json(t); a["status"] != "cancelado" || a["concluido_em"] == nil {
			t.Errorf("after: %v", a)
		}
	}
}

func TestCancelAfterTheEnd(t *testing.T) {
	r := start(t)
	id := r.begin(`{"pedidos":["BOM"]}`)
	stream := r.whole(id)
	if a := r.do(http.MethodDelete, "/api/ruptura/status/"+id, ""); a.StatusCode != http.StatusNoContent {
		t.Errorf("%s: %s", a.Status, a.body)
	}
	if after := r.whole(id); withoutRetry(after) != withoutRetry(stream) {
		t.Errorf("the log changed:\n%s\n%s", stream, after)
	}
}

func TestEachSessionIsFresh(t *testing.T) {
	r := start(t)
	short := func() bool {
		list := events(t, r.whole(r.begin(`{"pedidos":["FALTA"]}`)))
		return len(list[1].Products) == 1
	}
	if !short() {
		t.Error("before the delivery FALTA is short")
	}
	if _, err := r.db.AddMovement(t.Context(), dataset.Movement{Product: "A", Quantity: 1000}); err != nil {
		t.Fatal(err)
	}
	if short() {
		t.Error("after it FALTA is not")
	}
}

// TestKeyBelongsToItsCaller sends the same key from another address of this machine.
func TestKeyBelongsToItsCaller(t *testing.T) {
	r := start(t)
	first := r.begin(`{"pedidos":["BOM"]}`, "Idempotency-Key", "k")
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	other := &http.Transport{DialContext: dialer.DialContext}
	t.Cleanup(other.CloseIdleConnections)
	request, err := http.NewRequest(http.MethodPost, r.server.URL+lot, strings.NewReader(`{"pedidos":["FALTA"]}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", "k")
	response, err := other.RoundTrip(request)
	if err != nil {
		t.Skipf("this machine has no second loopback address: %v", err)
	}
	defer response.Body.Close()
	if id := response.Header.Get("X-Ruptura-Session"); response.StatusCode != http.StatusAccepted || id == "" || id == first {
		t.Errorf("%s, session %q; the first caller's is %q", response.Status, id, first)
	}
}

func TestSessionAsAPageWasTold(t *testing.T) {
	r := start(t)
	id := string(session.NewID())
	if got := r.begin(`{"pedidos":["BOM"]}`, "X-Ruptura-Session", id); got != id {
		t.Errorf("the session is %s, want %s", got, id)
	}
	if got := r.begin(`{"pedidos":["FALTA"]}`, "X-Ruptura-Session", id); got == id {
		t.Error("two sessions have one ID")
	}
	if got := analysed(t, r.whole(id)); !slices.Equal(got, []string{"BOM"}) {
		t.Errorf("analysed %q", got)
	}
	for _, bad := range [][]string{
		{"X-Ruptura-Session", "1"}, {"X-Ruptura-Session", id + "A"}, {"X-Ruptura-Session", strings.ToLower(id)}, {"X-Ruptura-Session", ""},
	} {
		wantProblem(t, r.post(`{"pedidos":["BOM"]}`, bad...), 400, "sessao_invalida", "pt-BR")
	}
}
