package cli_test

import (
	"encoding/csv"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/cli"
	"ruptura/internal/lang"
	"ruptura/internal/source/sqlite"
	"ruptura/internal/wire"
)

// timeless removes what differs from run to run.
func timeless(s string) string {
	s = regexp.MustCompile(`\d\d:\d\d:\d\d`).ReplaceAllString(s, "hh:mm:ss")
	s = regexp.MustCompile(`"posicao_em":"[^"]*"`).ReplaceAllString(s, `"posicao_em":""`)
	return regexp.MustCompile(`_ms":[0-9.]+`).ReplaceAllString(s, `_ms":0`)
}

func TestAnalyzeTable(t *testing.T) {
	for _, lang := range []string{"pt", "en"} {
		c := newConsole(t)
		c.company()
		status, out, errs := c.run("analyze", "--all", "--detalhe", "itens", "--lang", lang)
		if status != cli.Done || errs != "" {
			t.Errorf("%s: status %d, stderr %q", lang, status, errs)
		}
		golden(t, "analyze."+lang+".txt", timeless(out))
	}
}

func TestAnalyzeTogether(t *testing.T) {
	for _, lang := range []string{"pt", "en"} {
		c := newConsole(t)
		c.company()
		for name, args := range map[string][]string{
			"together.":  {"--all", "--modo", "concorrente"},
			"explained.": {"--modo", "concorrente", "--explain", "P2"},
			"alone.":     {"--explain", "P2"},
			"parts.":     {"--all", "--modo", "concorrente", "--politica", "parcial", "--csv"},
		} {
			status, out, errs := c.run(append([]string{"analyze", "--lang", lang}, args...)...)
			if status != cli.Done || errs != "" {
				t.Errorf("%s: status %d, stderr %q", lang, status, errs)
			}
			golden(t, "analyze."+name+lang+".txt", timeless(out))
		}
	}
}

func TestAnalyzeCSV(t *testing.T) {
	for _, lang := range []string{"pt", "en"} {
		c := newConsole(t)
		c.company()
		status, out, _ := c.run("analyze", "--all", "--csv", "--lang", lang)
		if status != cli.Done {
			t.Errorf("%s: status %d", lang, status)
		}
		golden(t, "analyze."+lang+".csv", out)
	}
}

func TestAnalyzeCSVIsHarmless(t *testing.T) {
	c := newConsole(t)
	c.company()
	_, out, _ := c.run("analyze", "P2", "--csv", "--lang", "en")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || rows[1][1] != "'=cmd|' /C calc'!A0" {
		t.Errorf("got %q, %v", rows, err)
	}
}

func TestAnalyzeJSONIsTheWire(t *testing.T) {
	c := newConsole(t)
	c.company()
	status, out, _ := c.run("analyze", "P2", "NONE", "P1", "--json", "--lang", "en")
	if status != cli.Failed {
		t.Errorf("status %d", status)
	}
	var got struct {
		Results []json.RawMessage `json:"resultados"`
		Totals  map[string]any    `json:"totais"`
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	want := c.wire(wire.Items, atp.Alone, "P2", "NONE", "P1")
	if len(got.Results) != len(want) {
		t.Fatalf("%d results", len(got.Results))
	}
	for i := range want {
		if diff := cmp.Diff(timeless(want[i]), timeless(string(got.Results[i]))); diff != "" {
			t.Error(diff)
		}
	}
	wantTotals := map[string]any{
		"total_pedidos": 3.0, "com_erro": 1.0, "pedidos_ok": 1.0, "pedidos_em_ruptura": 1.0, "pedidos_fora_do_prazo": 1.0,
		"criticidade":        map[string]any{"BAIXA": 0.0, "MEDIA": 0.0, "ALTA": 1.0, "CRITICA": 0.0},
		"valor_total_pedido": 2360.0, "valor_disponivel": 875.0, "valor_com_ruptura": 1485.0,
		"produtos_em_ruptura": []any{map[string]any{
			"cod_produto": "B", "nome_produto": "Milho <b>", "pedidos": 1.0, "ruptura_qtd": 1500.0, "valor": 1485.0}},
	}
	if diff := cmp.Diff(wantTotals, got.Totals); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
}

// wire makes the result objects as the API does.
func (c *console) wire(detail wire.Detail, mode atp.Mode, orders ...atp.OrderNumber) []string {
	db, err := sqlite.Open(c.t.Context(), c.path("ruptura.db"), sqlite.Options{})
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	book, err := analysis.Read(c.t.Context(), db, orders, analysis.Plan{
		Params: atp.DefaultParams(atp.NewDay(2026, 3, 2)), Mode: mode, Priority: atp.DefaultPriority(), Detail: detail,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	var all []string
	for _, n := range orders {
		r, err := book.Answer(n)
		if err != nil {
			all = append(all, string(wire.AppendFailure(nil, n, analysis.Explain(err).EN)))
			continue
		}
		all = append(all, string(wire.AppendResult(nil, &r, wire.Form{Detail: detail, Lang: lang.EN}, book.Reading(0))))
	}
	return all
}

func TestExplainedJSONIsTheWire(t *testing.T) {
	c := newConsole(t)
	c.company()
	_, out, _ := c.run("analyze", "--modo", "concorrente", "--explain", "P2", "--json", "--lang", "en")
	want := c.wire(wire.Explained, atp.Together, "P2")[0]
	if !strings.Contains(want, `"explicacao":{`) || !strings.Contains(timeless(out), timeless(want)) {
		t.Errorf("got %s\nwant in it %s", out, want)
	}
}

func TestAnalyzeEmptyJSON(t *testing.T) {
	c := newConsole(t)
	c.company()
	_, out, _ := c.run("analyze", "NONE", "--json")
	if !json.Valid([]byte(out)) {
		t.Error(out)
	}
	c = newConsole(t)
	c.env["RUPTURA_DB"] = "sqlite:" + c.path("empty.db")
	db, err := sqlite.Open(t.Context(), c.path("empty.db"), sqlite.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if status, out, _ := c.run("analyze", "--all", "--json"); status != cli.Done || !json.Valid([]byte(out)) {
		t.Errorf("status %d: %s", status, out)
	}
	if _, out, _ := c.run("analyze", "--all"); !strings.Contains(out, "Nenhum pedido em aberto") {
		t.Error(out)
	}
}

func TestAnalyzeUnknownOrder(t *testing.T) {
	c := newConsole(t)
	c.company()
	status, out, errs := c.run("analyze", "P1", "NONE", "P1")
	if status != cli.Failed || strings.Count(out, "P1") != 1 ||
		errs != "erro: NONE: pedido não encontrado ou sem saldo\n" {
		t.Errorf("status %d, stdout %s, stderr %q", status, out, errs)
	}
}

func TestAnalyzeWithoutDatabase(t *testing.T) {
	c := newConsole(t)
	status, out, errs := c.run("analyze", "--all")
	if status != cli.Failed || out != "" || !strings.Contains(errs, "ruptura import") {
		t.Errorf("status %d, stdout %q, stderr %q", status, out, errs)
	}
}

func TestTerminal(t *testing.T) {
	c := newConsole(t)
	c.company()
	c.terminal, c.width = true, 60
	_, out, errs := c.run("analyze", "--all")
	if !strings.Contains(out, "\x1b[") || !strings.Contains(errs, "analisando") {
		t.Errorf("no colour or no progress: %q, %q", out, errs)
	}
	if strings.Contains(out, "\x1b[31mnome") || !strings.Contains(out, "Atac") {
		t.Errorf("client: %q", out)
	}
	c.env["NO_COLOR"] = "1"
	if _, out, _ = c.run("analyze", "--all"); strings.Contains(out, "\x1b") {
		t.Errorf("colour in spite of NO_COLOR: %q", out)
	}
	c.terminal = false
	if _, out, errs = c.run("analyze", "--all"); strings.Contains(out, "\x1b") || errs != "" {
		t.Errorf("colour or progress without a terminal: %q, %q", out, errs)
	}
}
