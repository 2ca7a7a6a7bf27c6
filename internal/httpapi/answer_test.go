package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/dataset"
)

// pick takes some members of an answer.
func pick(m map[string]any, names ...string) map[string]any {
	some := map[string]any{}
	for _, n := range names {
		some[n] = m[n]
	}
	return some
}

func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOneOrder(t *testing.T) {
	r := start(t)
	for _, c := range []struct{ path, want string }{
		{"/BOM", `{"success":true,"num_pedido":"BOM","pedido_ok":true,"modo":"isolado","percentual_disponibilidade":100,
			"data_disponibilidade_total":"agora","itens":[],"itens_disponiveis":[{"cod_produto":"A","nome_produto":"Arroz",
			"qtd_saldo":70,"estoque_atual":100,"estoque_min_d7":70,"preco_unitario":2.5,"valor_total":175}],"sem_cache":true}`},
		{"/FALTA?modo=isolado&cache=false", `{"success":true,"num_pedido":"FALTA","pedido_ok":false,"modo":"isolado",
			"percentual_disponibilidade":0,"data_disponibilidade_total":null,"itens":[{"cod_produto":"A","nome_produto":"Arroz",
			"qtd_saldo":71,"estoque_atual":100,"estoque_min_d7":70,"qtd_disponivel":70,"ruptura_qtd":1,"data_producao":null,
			"qtd_producao":0,"data_disponivel":null,"preco_unitario":2.5,"valor_total":177.5}],"itens_disponiveis":[],"sem_cache":true}`},
		{"/PROX", `{"success":true,"num_pedido":"PROX","pedido_ok":false,"modo":"isolado","percentual_disponibilidade":0,
			"data_disponibilidade_total":"2026-03-06","itens":[{"cod_produto":"B","nome_produto":"Bala","qtd_saldo":40,
			"estoque_atual":0,"estoque_min_d7":0,"qtd_disponivel":0,"ruptura_qtd":40,"data_producao":"2026-03-05","qtd_producao":50,
			"data_disponivel":"2026-03-06","preco_unitario":10,"valor_total":400}],"itens_disponiveis":[],"sem_cache":true}`},
		{"?pedido=A%2F1", `{"success":true,"num_pedido":"A/1","pedido_ok":true,"modo":"isolado","percentual_disponibilidade":100,
			"data_disponibilidade_total":"agora","itens":[],"itens_disponiveis":[{"cod_produto":"A",
			"nome_produto":"nome\r\nid: 98\n\ndata: {}\u2028<b>","qtd_saldo":1,"estoque_atual":100,"estoque_min_d7":70,
			"preco_unitario":null,"valor_total":0}],"sem_cache":true}`},
	} {
		t.Run(c.path, func(t *testing.T) {
			r.t = t
			want, got := parse(t, c.want), r.get("/api/ruptura/analisar"+c.path).json(t)
			for _, ms := range []string{"query_ms", "performance_ms"} {
				if took, _ := got[ms].(float64); took <= 0 {
					t.Errorf("%s: %v", ms, got[ms])
				}
			}
			if at, err := time.Parse(time.RFC3339, fmt.Sprint(got["posicao_em"])); err != nil || time.Since(at) > time.Minute {
				t.Errorf("posicao_em: %v", got["posicao_em"])
			}
			names := slices.Collect(func(yield func(string) bool) {
				for n := range want {
					if !yield(n) {
						return
					}
				}
			})
			if diff := cmp.Diff(want, pick(got, names...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSlashInTheAddress(t *testing.T) {
	r := start(t)
	for _, path := range []string{"/api/ruptura/analisar/A%2F1", "/api/ruptura/analisar?pedido=A/1"} {
		if a := r.get(path); a.StatusCode != http.StatusOK || a.json(t)["num_pedido"] != "A/1" {
			t.Errorf("%s: %s %s", path, a.Status, a.body)
		}
	}
	if a := r.get("/api/ruptura/analisar/" + url.PathEscape(hostileOrder)); a.json(t)["num_pedido"] != hostileOrder {
		t.Errorf("%s", a.body)
	}
	for _, path := range []string{"/api/ruptura/produto/C%2F9/projecao", "/api/ruptura/produto/projecao?cod=C/9&dias=3"} {
		if a := r.get(path); a.json(t)["cod_produto"] != "C/9" {
			t.Errorf("%s: %s", path, a.body)
		}
	}
}

func TestOneOrderIsReadAfresh(t *testing.T) {
	r := start(t, func(s *setup) { s.api.CacheTTL = time.Hour })
	onHand := func(query string) string {
		list, _ := r.get("/api/ruptura/analisar/BOM" + query).json(t)["itens_disponiveis"].([]any)
		first, _ := list[0].(map[string]any)
		return fmt.Sprint(first["estoque_atual"])
	}
	before := onHand("")
	if _, err := r.db.AddMovement(t.Context(), dataset.Movement{Product: "A", Quantity: 7000}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{"": "107", "?cache=false": "107"} {
		if got := onHand(query); before != "100" || got != want {
			t.Errorf("%q: %s, then %s", query, before, got)
		}
	}
}

func TestCacheOnRequest(t *testing.T) {
	var now atomic.Int64
	now.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Unix())
	r := start(t, func(s *setup) {
		s.api.CacheTTL = 10 * time.Second
		s.api.Now = func() time.Time { return time.Unix(now.Load(), 0) }
	})
	first := r.get("/api/ruptura/analisar/BOM?cache=true")
	if first.Header.Get("Age") != "" || first.json(t)["sem_cache"] != true {
		t.Errorf("the first cannot be cached: Age %q, %s", first.Header.Get("Age"), first.body)
	}
	for _, c := range []struct {
		after  int64
		age    string
		cached bool
	}{{3, "3", true}, {7, "10", true}, {1, "", false}, {2, "2", true}} {
		now.Add(c.after)
		a := r.get("/api/ruptura/analisar/BOM?cache=true")
		if a.Header.Get("Age") != c.age || a.json(t)["sem_cache"] != !c.cached {
			t.Errorf("%d s later: Age %q, %s", c.after, a.Header.Get("Age"), a.body)
		}
		if a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("Cache-Control %q", a.Header.Get("Cache-Control"))
		}
	}
	wantProblem(t, r.get("/api/ruptura/analisar/NADA?cache=true"), 404, "pedido_nao_encontrado", "pt-BR")
}

func TestProjection(t *testing.T) {
	r := start(t)
	got := r.get("/api/ruptura/produto/D2/projecao?dias=4&detalhe=saidas").json(t)
	delete(got, "posicao_em")
	want := parse(t, `{"success":true,"cod_produto":"D2","codigos_unificados":["D","D2"],"estoque_atual":110,"dias":[
		{"data":"2026-03-02","saldo_inicial":110,"saidas":5,"saldo":105,"entradas":0,"saldo_final":105,"disponivel":105,"negativo":false,
		 "separacoes":[{"num_pedido":"ATRASO","lote":"L9","cod_produto":"D2","expedicao":"2026-03-01","qtd":5}]},
		{"data":"2026-03-03","saldo_inicial":105,"saidas":0,"saldo":105,"entradas":20,"saldo_final":125,"disponivel":105,"negativo":false,
		 "separacoes":[]},
		{"data":"2026-03-04","saldo_inicial":125,"saidas":30,"saldo":95,"entradas":0,"saldo_final":95,"disponivel":95,"negativo":false,
		 "separacoes":[{"num_pedido":"OUTRO","lote":"L2","cod_produto":"D","expedicao":"2026-03-04","qtd":30}]},
		{"data":"2026-03-05","saldo_inicial":95,"saidas":0,"saldo":95,"entradas":0,"saldo_final":95,"disponivel":95,"negativo":false,
		 "separacoes":[]}],
		"primeiro_dia_negativo":null,"menor_saldo":{"data":"2026-03-04","saldo_final":95},"maior_saldo":{"data":"2026-03-03","saldo_final":125},
		"total_saidas":35,"total_entradas":20,"separacoes_atrasadas":5,"producao_atrasada":7}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestProjectionDays(t *testing.T) {
	r := start(t)
	for query, want := range map[string]int{"": 28, "?dias=1": 1, "?dias=90": 90, "?dias=": 28} {
		got := r.get("/api/ruptura/produto/A/projecao" + query).json(t)
		list, _ := got["dias"].([]any)
		day, _ := list[0].(map[string]any)
		if _, detailed := day["separacoes"]; len(list) != want || detailed {
			t.Errorf("%q: %d days, want %d", query, len(list), want)
		}
	}
}

func TestProductWithLinesAlone(t *testing.T) {
	r := start(t)
	if a := r.get("/api/ruptura/produto/C%2F9/projecao"); a.StatusCode != http.StatusOK || a.json(t)["estoque_atual"] != 0.0 {
		t.Errorf("%s: %s", a.Status, a.body)
	}
}

func TestOrderBook(t *testing.T) {
	r := start(t)
	list := func(query string) (numbers []string, answer map[string]any) {
		t.Helper()
		answer = r.get("/api/carteira/pedidos" + query).json(t)
		rows, _ := answer["pedidos"].([]any)
		for _, row := range rows {
			m, _ := row.(map[string]any)
			numbers = append(numbers, fmt.Sprint(m["num_pedido"]))
		}
		return numbers, answer
	}
	for query, want := range map[string][]string{
		"?uf=SP":                                  {"FALTA", "PROX"},
		"?uf=SP&ordem=-num_pedido":                {"PROX", "FALTA"},
		"?q=S%C3%A3o%20nada":                      nil,
		"?q=%27%3B%20DROP%20TABLE%20pedidos--":    nil,
		"?vendedor=Eva&necessidade_de=2026-03-05": {"PROX"},
		"?importante=true":                        {"BOM"},
	} {
		if got, answer := list(query); !slices.Equal(got, want) || answer["total"] != float64(len(want)) {
			t.Errorf("%s: %q of %v, want %q", query, got, answer["total"], want)
		}
	}
	_, first := list("?importante=true")
	rows, _ := first["pedidos"].([]any)
	if diff := cmp.Diff(parse(t, `{"num_pedido":"BOM","cliente":"Ágata Ltda","cnpj":"","cidade":"Recife","uf":"PE","vendedor":"Rui",
		"data_pedido":null,"data_necessidade":"2026-03-03","itens":1,"valor_total":175,"importante":true,"observacao":""}`), rows[0]); diff != "" {
		t.Error(diff)
	}
	var all []string
	for cursor := ""; ; {
		numbers, answer := list("?limite=4&cursor=" + url.QueryEscape(cursor))
		all = append(all, numbers...)
		if answer["proximo"] == nil {
			break
		}
		cursor = fmt.Sprint(answer["proximo"])
	}
	if want := []string{"BOM", "FALTA", "PROX", hostileOrder, "A/1", "SEMEST"}; !slices.Equal(all, want) {
		t.Errorf("page by page: %q, want %q", all, want)
	}
}

func TestOrderBookByResults(t *testing.T) {
	r := start(t)
	id := r.begin(`{"pedidos":["BOM","FALTA","PROX"]}`)
	r.whole(id)
	for column, want := range map[string][]string{
		"disponibilidade":  {"FALTA", "PROX", "BOM"},
		"-disponibilidade": {"BOM", "FALTA", "PROX"},
		"-criticidade":     {"FALTA", "PROX", "BOM"},
	} {
		rows, _ := r.get("/api/carteira/pedidos?sessao=" + id + "&ordem=" + column).json(t)["pedidos"].([]any)
		var got []string
		for _, row := range rows[:3] {
			m, _ := row.(map[string]any)
			got = append(got, fmt.Sprint(m["num_pedido"]))
		}
		if len(rows) != 6 || !slices.Equal(got, want) {
			t.Errorf("%s: %q of %d rows, want %q first", column, got, len(rows), want)
		}
	}
}

func TestHead(t *testing.T) {
	r := start(t)
	id := r.begin(`{"pedidos":["BOM"]}`)
	r.whole(id)
	for _, path := range []string{"/api/carteira/pedidos", "/api/ruptura/produto/A/projecao", "/openapi.json", "/healthz"} {
		a, whole := r.do("HEAD", path, ""), r.get(path)
		if length, _ := strconv.Atoi(a.Header.Get("Content-Length")); a.StatusCode != http.StatusOK || len(a.body) > 0 || length != len(whole.body) {
			t.Errorf("%s: %s, %d bytes announced, %d in fact", path, a.Status, length, len(whole.body))
		}
	}
	a := r.do("HEAD", "/api/ruptura/stream/"+id, "")
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "text/event-stream" || a.Header.Get("X-Accel-Buffering") != "no" {
		t.Errorf("stream: %s %v", a.Status, a.Header)
	}
	if a := r.do("HEAD", "/api/ruptura/stream/"+id+"?desde=3", ""); a.StatusCode != http.StatusNoContent {
		t.Errorf("stream after its end: %s", a.Status)
	}
	if a := r.do("HEAD", "/api/ruptura/stream/NADA", ""); a.StatusCode != http.StatusNotFound {
		t.Errorf("unknown stream: %s", a.Status)
	}
}
