package wire_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/wire"
)

// contest is a book of two orders for 100 of one product; what the second lacks comes a week later.
func contest(t *testing.T, policy atp.Policy) (first, second wire.Answer) {
	t.Helper()
	key := atp.StockKey{Product: "P"}
	snapshot := &atp.Snapshot{
		Orders: []atp.Order{{Number: "A", Client: "ACME", Important: true}, {Number: "B", Client: "<b>"}},
		Lines: []atp.Line{
			line("A", "P", "Palmito", 1, 60_000, 1000), line("B", "P", "Palmito", 1, 60_000, 1000), line("B", "Q", "Milho", 2, 1000, 100),
		},
		Stock:        []atp.Stock{{Key: key, Quantity: 100_000}, {Key: atp.StockKey{Product: "Q"}, Quantity: 5000}},
		Reservations: []atp.Reservation{{Order: "X", Lot: "L7", Key: key, Quantity: 10_000, Ships: today + 1}},
		Receipts:     []atp.Receipt{{Key: key, Quantity: 50_000, Arrives: today + 7}},
	}
	b, err := atp.NewBook(snapshot, atp.DefaultParams(today))
	if err != nil {
		t.Fatal(err)
	}
	a, err := b.Allocate(policy, atp.DefaultPriority())
	if err != nil {
		t.Fatal(err)
	}
	answer := func(n atp.OrderNumber) (w wire.Answer) {
		w.Today, w.Contest = today, &wire.Contest{Policy: policy}
		if w.Result, err = a.Answer(n); err != nil {
			t.Fatal(err)
		}
		if w.Contest.Alone, err = b.Analyze(n); err != nil {
			t.Fatal(err)
		}
		if w.Contest.Rank, w.Contest.Of, err = a.Rank(n); err != nil {
			t.Fatal(err)
		}
		w.Contest.Cause, w.Contest.Worse = a.Cause(&w.Result, &w.Contest.Alone)
		if w.Explanations, err = a.Explain(&w.Result); err != nil {
			t.Fatal(err)
		}
		return w
	}
	return answer("A"), answer("B")
}

const wantExplanation = `"explicacao":{"dia_critico":"agora","estoque":100,"saidas":[` +
	`{"tipo":"pedido","num_pedido":"A","cliente":"ACME","data":"agora","qtd":60},` +
	`{"tipo":"separacao","num_pedido":"X","lote":"L7","cliente":null,"data":"agora","qtd":10}],` +
	`"saidas_mais":{"quantos":0,"qtd":0},"entradas":[],"disponivel":30,"linhas_anteriores":0,"necessario":60,"falta":30,` +
	`"resolve":{"data":"2026-03-10","entrada":"2026-03-09"},"frase":"Faltam 30: dos 100 em estoque, 70 vão para o que já está ` +
	`separado ou tem prioridade (pedido A: 60; pedido X: 10); a produção de 09/03 cobre e libera em 10/03."}`

func TestTogetherObject(t *testing.T) {
	first, second := contest(t, atp.WholeLines)
	form := wire.Form{Detail: wire.Explained}
	got := string(wire.AppendResult(nil, &second, form, wire.Reading{At: readAt}))
	for _, want := range []string{
		`"modo":"concorrente","politica":"linha","percentual_disponibilidade":1,`,
		`"prioridade":2,"prioridade_de":2,"isolado":{"pedido_ok":true,"criticidade":null,"percentual_disponibilidade":100,` +
			`"data_disponibilidade_total":"agora","valor_com_ruptura":0,"no_prazo":null},` +
			`"causa":{"num_pedido":"A","cliente":"ACME","qtd":60,"cod_produto":"P","nome_produto":"Palmito"}}`,
		wantExplanation,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %s\nin %s", want, got)
		}
	}
	if strings.Contains(got, "entregas") || strings.Contains(got, "aguarda") || !json.Valid([]byte(got)) {
		t.Errorf("%s", got)
	}
	got = string(wire.AppendResult(nil, &first, form, wire.Reading{At: readAt}))
	if !strings.Contains(got, `"causa":null`) || strings.Contains(got, `"explicacao"`) {
		t.Errorf("what is fine has no cause: %s", got)
	}
	got = string(wire.AppendResult(nil, &second, wire.Form{Detail: wire.Explained, Lang: lang.EN}, wire.Reading{At: readAt}))
	if !strings.Contains(got, `"frase":"30 short: of the 100 on hand, 70 go to`) {
		t.Errorf("not in English: %s", got)
	}
}

func TestParts(t *testing.T) {
	first, second := contest(t, atp.Parts)
	form := wire.Form{Detail: wire.Items}
	got := string(wire.AppendResult(nil, &second, form, wire.Reading{At: readAt}))
	if want := `"entregas":[{"data":"agora","qtd":30},{"data":"2026-03-10","qtd":30}]`; !strings.Contains(got, want) {
		t.Errorf("missing %s in %s", want, got)
	}
	got = string(wire.AppendResult(nil, &first, form, wire.Reading{At: readAt}))
	if want := `"entregas":[{"data":"agora","qtd":60}]}]`; !strings.Contains(got, want) {
		t.Errorf("missing %s in %s", want, got)
	}
}

func TestWaitingLine(t *testing.T) {
	_, second := contest(t, atp.WholeOrders)
	got := string(wire.AppendResult(nil, &second, wire.Form{Detail: wire.Items}, wire.Reading{At: readAt}))
	if want := `"valor_total":1,"aguarda_pedido":true}]`; !strings.Contains(got, want) {
		t.Errorf("missing %s in %s", want, got)
	}
}

// A lot writes what a single answer does.
func TestLotOfTogether(t *testing.T) {
	_, second := contest(t, atp.WholeLines)
	form := wire.Form{Detail: wire.Explained, Lang: lang.EN}
	l := wire.NewLot(form)
	if err := l.Add(&second, wire.Reading{At: readAt}); err != nil {
		t.Fatal(err)
	}
	got := string(l.AppendBody(nil, 1, "w", readAt))
	if want := string(wire.AppendResult(nil, &second, form, wire.Reading{At: readAt})); !strings.Contains(got, want) {
		t.Errorf("missing %s in %s", want, got)
	}
}

func TestDetail(t *testing.T) {
	for _, d := range []wire.Detail{wire.Summary, wire.Items, wire.Explained} {
		if got, ok := wire.ParseDetail(d.String()); !ok || got != d {
			t.Errorf("%s: %v, %t", d, got, ok)
		}
	}
	if _, ok := wire.ParseDetail("tudo"); ok {
		t.Error("tudo is taken")
	}
	if diff := cmp.Diff([]bool{false, true, true, false, true}, []bool{
		wire.Summary.Items(), wire.Items.Items(), wire.Explained.Items(), wire.Items.Explained(), wire.Explained.Explained(),
	}); diff != "" {
		t.Error(diff)
	}
}

// Whatever names and lots are, an explanation is JSON on one line.
func FuzzExplanation(f *testing.F) {
	f.Add("A", "<b>", "L\n1", int64(5))
	f.Add("\xff", "\u2028", "", int64(-1))
	f.Fuzz(func(t *testing.T, order, client, lot string, quantity int64) {
		e := &atp.Explanation{
			OnHand: atp.Quantity(quantity), Claims: []atp.Claim{{Reserved: true, Order: atp.OrderNumber(order), Client: client, Lot: lot, Quantity: atp.Quantity(quantity)}},
		}
		l := atp.Line{Order: atp.OrderNumber(order), Name: client}
		a := wire.Answer{
			Result:       atp.Result{Order: atp.OrderNumber(order), Lines: []atp.LineResult{{Line: &l, Short: true}}, Short: 1, Criticality: atp.Low},
			Explanations: []*atp.Explanation{e}, Today: today,
		}
		for _, l := range []lang.Lang{lang.PT, lang.EN} {
			got := wire.AppendResult(nil, &a, wire.Form{Detail: wire.Explained, Lang: l}, wire.Reading{At: readAt})
			if !json.Valid(got) || bytes.ContainsAny(got, "<>\n\r\u2028\u2029") {
				t.Fatalf("%s", got)
			}
		}
	})
}
