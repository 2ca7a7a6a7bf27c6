package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/atp"
)

// answers are a session's results by order, without what differs from run to run.
func answers(t *testing.T, text string) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for _, line := range strings.Split(text, "\n") {
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		var event struct {
			Results []map[string]any `json:"resultados"`
		}
		if err := json.Unmarshal([]byte(data), &event); err != nil {
			t.Fatalf("%v in %s", err, data)
		}
		for _, r := range event.Results {
			n := fmt.Sprint(r["num_pedido"])
			if _, again := all[n]; again {
				t.Errorf("order %s comes twice", n)
			}
			all[n] = still(r)
		}
	}
	return all
}

// still takes out of a result what differs from run to run.
func still(r map[string]any) map[string]any {
	for _, name := range []string{"posicao_em", "query_ms", "performance_ms"} {
		delete(r, name)
	}
	return r
}

func TestTogetherIsTheSameEverywhere(t *testing.T) {
	r := start(t, func(s *setup) { s.api.Priority = atp.DefaultPriority() })
	for _, c := range []struct{ mode, policy string }{
		{"concorrente", "linha"}, {"concorrente", "parcial"}, {"concorrente", "pedido"}, {"isolado", ""},
	} {
		body, query := `"modo":"isolado"`, "modo=isolado"
		if c.policy != "" {
			body, query = fmt.Sprintf(`"modo":%q,"politica":%q`, c.mode, c.policy), "modo="+c.mode+"&politica="+c.policy
		}
		id := r.begin(fmt.Sprintf(`{"todos":true,"detalhe":"explicacao",%s}`, body))
		text := r.whole(id)
		results := answers(t, text)
		if len(results) != 6 {
			t.Fatalf("%d results", len(results))
		}
		for n, want := range results {
			if n == hostileOrder || strings.Contains(n, "/") {
				continue
			}
			got := r.get("/api/ruptura/analisar/" + n + "?detalhe=explicacao&" + query).json(t)
			if diff := cmp.Diff(want, still(got)); diff != "" {
				t.Errorf("%s, %s (-stream +analisar):\n%s", query, n, diff)
			}
		}
		status := r.get("/api/ruptura/status/" + id).json(t)
		policy, told := status["politica"]
		if status["modo"] != c.mode || told != (c.policy != "") || told && policy != c.policy {
			t.Errorf("status says %v, %v", status["modo"], policy)
		}
		if inicio := fmt.Sprintf(`"modo":%q`, c.mode); !strings.Contains(text, inicio) || strings.Contains(text, `"politica":"`+c.policy+`"`) != (c.policy != "") {
			t.Errorf("the stream does not say %s", inicio)
		}
	}
}

func TestTogether(t *testing.T) {
	r := start(t, func(s *setup) { s.api.Priority = atp.DefaultPriority() })
	id := r.begin(`{"pedidos":["FALTA","BOM","<img onerror=1>&\"'"],"modo":"concorrente","detalhe":"explicacao"}`)
	got := answers(t, r.whole(id))
	// BOM is important: of the 70 that are not set aside it takes all, and FALTA finds nothing.
	summary, _ := got["BOM"]["resumo"].(map[string]any)
	if got["BOM"]["pedido_ok"] != true || summary["prioridade"] != 1.0 || summary["prioridade_de"] != 6.0 || summary["causa"] != nil {
		t.Errorf("BOM: %v", got["BOM"])
	}
	// FALTA has no date alone either; who asked for half a unit would have had it.
	if summary, _ = got["FALTA"]["resumo"].(map[string]any); summary["causa"] != nil {
		t.Errorf("FALTA: %v", summary["causa"])
	}
	summary, _ = got[hostileOrder]["resumo"].(map[string]any)
	want := map[string]any{"num_pedido": "BOM", "cliente": "Ágata Ltda", "qtd": 70.0, "cod_produto": "A", "nome_produto": "Arroz"}
	if diff := cmp.Diff(want, summary["causa"]); diff != "" {
		t.Errorf("cause (-want +got):\n%s", diff)
	}
	item, _ := got["FALTA"]["itens"].([]any)[0].(map[string]any)
	why, _ := item["explicacao"].(map[string]any)
	if why["frase"] != "Faltam 71: os 100 em estoque vão para o que já está separado ou tem prioridade (pedido BOM: 70; pedido OUTRO: 30); "+
		"não há produção programada." {
		t.Errorf("%v", why)
	}
}

func TestContested(t *testing.T) {
	// Two of the three orders for 100 are fine alone; together only the important one is.
	r := start(t, func(s *setup) { s.api.Priority = atp.DefaultPriority() })
	id := r.begin(`{"todos":true,"modo":"concorrente"}`)
	var want []string
	for n, result := range answers(t, r.whole(id)) {
		summary, _ := result["resumo"].(map[string]any)
		alone, _ := summary["isolado"].(map[string]any)
		if alone["pedido_ok"] == true && result["pedido_ok"] == false {
			want = append(want, n)
		}
	}
	slices.Sort(want)
	if len(want) == 0 {
		t.Fatal("nobody is short because of others")
	}
	for _, order := range []string{"", "&ordem=num_pedido", "&ordem=-valor_com_ruptura"} {
		page := r.get("/api/carteira/pedidos?disputa=true&sessao=" + id + order).json(t)
		var got []string
		for _, o := range page["pedidos"].([]any) {
			got = append(got, fmt.Sprint(o.(map[string]any)["num_pedido"]))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) || page["total"] != float64(len(want)) {
			t.Errorf("%q: %q, total %v; want %q", order, got, page["total"], want)
		}
	}
	alone := r.begin(`{"todos":true}`)
	r.whole(alone)
	wantProblem(t, r.get("/api/carteira/pedidos?disputa=true&sessao="+alone), http.StatusUnprocessableEntity, "sessao_isolada", "pt-BR")
}

func TestPriority(t *testing.T) {
	r := start(t, func(s *setup) {
		s.api.Priority = atp.Priority{Criteria: []atp.Criterion{{Key: atp.ByClient}, {Key: atp.ByValue, Descending: true}}, Clients: []string{"Ágata Ltda"}}
	})
	want := map[string]any{
		"success": true, "clientes": []any{"Ágata Ltda"}, "criterios": []any{
			map[string]any{"chave": "cliente", "decrescente": false, "descricao": "clientes na sequência da lista"},
			map[string]any{"chave": "valor", "decrescente": true, "descricao": "maior valor primeiro"},
		},
	}
	if diff := cmp.Diff(want, r.get("/api/ruptura/prioridade").json(t)); diff != "" {
		t.Error(diff)
	}
}

func TestTogetherIsNeverCached(t *testing.T) {
	r := start(t, func(s *setup) { s.api.CacheTTL, s.api.Priority = time.Hour, atp.DefaultPriority() })
	wantProblem(t, r.get("/api/ruptura/analisar/BOM?modo=concorrente&cache=true"), http.StatusUnprocessableEntity, "cache_concorrente", "pt-BR")
	r.get("/api/ruptura/analisar/FALTA?modo=concorrente").json(t)
	plain := r.get("/api/ruptura/analisar/FALTA?cache=true").json(t)
	if plain["modo"] != "isolado" || plain["sem_cache"] != true {
		t.Errorf("%v", plain)
	}
	told := r.get("/api/ruptura/analisar/FALTA?cache=true&detalhe=explicacao").json(t)
	if told["sem_cache"] != true || told["itens"].([]any)[0].(map[string]any)["explicacao"] == nil {
		t.Errorf("%v", told)
	}
}
