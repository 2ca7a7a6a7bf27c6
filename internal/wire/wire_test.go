package wire_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ruptura/internal/atp"
	"ruptura/internal/wire"
)

var (
	today  = atp.NewDay(2026, 3, 2)
	readAt = time.Date(2026, 3, 2, 9, 30, 0, 123e6, time.FixedZone("-03", -3*3600))
)

func result(t *testing.T, s atp.Snapshot, n atp.OrderNumber) atp.Result {
	t.Helper()
	b, err := atp.NewBook(&s, atp.DefaultParams(today))
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Analyze(n)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func line(order, code, name string, n int64, open atp.Quantity, price atp.Money) atp.Line {
	return atp.Line{
		Order: atp.OrderNumber(order), Number: n, Key: atp.StockKey{Product: atp.ProductCode(code)},
		Name: name, Open: open, Price: price, Priced: price > 0,
	}
}

func example() atp.Snapshot {
	palmito, azeitona := atp.StockKey{Product: "4759098"}, atp.StockKey{Product: "4310162"}
	return atp.Snapshot{
		Orders: []atp.Order{{Number: "VCD1", Requested: today + 10}},
		Lines: []atp.Line{
			line("VCD1", "4759098", `Palmito "inteiro" <300 g>`, 1, 120_000, 2677),
			line("VCD1", "4310162", "Azeitona\nverde", 2, 10_500, 1250),
			line("VCD1", "SEMPRECO", "Caixa", 3, 1, 0),
		},
		Stock:    []atp.Stock{{Key: palmito, Quantity: 40_000}, {Key: azeitona, Quantity: 900_000}},
		Receipts: []atp.Receipt{{Key: palmito, Quantity: 100_000, Arrives: today + 7}, {Key: palmito, Quantity: 1500, Arrives: today - 1}},
	}
}

const wantExample = `{"success":true,"num_pedido":"VCD1","pedido_ok":false,"modo":"isolado",` +
	`"percentual_disponibilidade":4,"data_disponibilidade_total":null,"resumo":{"num_pedido":"VCD1",` +
	`"criticidade":"ALTA","percentual_ruptura":96.07,"percentual_disponibilidade":4,"percentual_atendivel":36,` +
	`"percentual_itens_disponiveis":33,"qtd_itens_ruptura":2,"qtd_itens_disponiveis":1,"total_itens":3,` +
	`"valor_total_pedido":3343.65,"valor_disponivel":131.25,"valor_com_ruptura":3212.4,` +
	`"data_disponibilidade_total":null,"data_necessidade":"2026-03-12","no_prazo":false,"dias_atraso":null},` +
	`"itens":[{"cod_produto":"4759098","nome_produto":"Palmito \"inteiro\" \u003c300 g\u003e","qtd_saldo":120,` +
	`"estoque_atual":40,"estoque_min_d7":40,"qtd_disponivel":40,"ruptura_qtd":80,"data_producao":"2026-03-09",` +
	`"qtd_producao":100,"data_disponivel":"2026-03-10","producao_atrasada":1.5,"preco_unitario":26.77,"valor_total":3212.4},` +
	`{"cod_produto":"SEMPRECO","nome_produto":"Caixa","qtd_saldo":0.001,"estoque_atual":0,"estoque_min_d7":0,` +
	`"qtd_disponivel":0,"ruptura_qtd":0.001,"data_producao":null,"qtd_producao":0,"data_disponivel":null,` +
	`"preco_unitario":null,"valor_total":0}],` +
	`"itens_disponiveis":[{"cod_produto":"4310162","nome_produto":"Azeitona\nverde","qtd_saldo":10.5,` +
	`"estoque_atual":900,"estoque_min_d7":900,"preco_unitario":12.5,"valor_total":131.25}],` +
	`"posicao_em":"2026-03-02T09:30:00.123-03:00","query_ms":4.1,"performance_ms":5,"sem_cache":true}`

func TestResultObject(t *testing.T) {
	r := result(t, example(), "VCD1")
	got := wire.AppendResult(nil, &wire.Answer{Result: r}, wire.Form{Detail: wire.Items}, wire.Reading{At: readAt, Query: 4100 * time.Microsecond, Total: 5 * time.Millisecond})
	if diff := cmp.Diff(wantExample, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !json.Valid(got) {
		t.Error("not valid JSON")
	}
}

func TestSummaryLeavesTheItemsOut(t *testing.T) {
	r := result(t, example(), "VCD1")
	got := string(wire.AppendResult(nil, &wire.Answer{Result: r}, wire.Form{}, wire.Reading{At: readAt}))
	if strings.Contains(got, `"itens`) || !strings.Contains(got, `"resumo":{`) {
		t.Errorf("want a summary without items: %s", got)
	}
}

func TestNothingShort(t *testing.T) {
	s := example()
	s.Lines, s.Orders = s.Lines[1:2], nil
	r := result(t, s, "VCD1")
	got := string(wire.AppendResult(nil, &wire.Answer{Result: r}, wire.Form{Detail: wire.Items}, wire.Reading{At: readAt}))
	for _, want := range []string{
		`"pedido_ok":true`, `"percentual_disponibilidade":100,"data_disponibilidade_total":"agora"`,
		`"criticidade":null`, `"itens":[]`, `"data_necessidade":null,"no_prazo":null,"dias_atraso":null`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %s in %s", want, got)
		}
	}
}

func TestStringsAreEscapedAsEncodingJSONDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "s")
		var back, want string
		quoted := wire.AppendString(nil, s)
		if err := json.Unmarshal(quoted, &back); err != nil {
			t.Fatalf("%q gave %s: %v", s, quoted, err)
		}
		standard, err := json.Marshal(s)
		if err == nil {
			err = json.Unmarshal(standard, &want)
		}
		if err != nil || back != want {
			t.Fatalf("%q came back as %q, want %q (%v)", s, back, want, err)
		}
		if bytes.ContainsAny(quoted, "<>&\n\r\u2028\u2029") {
			t.Fatalf("%s holds a character that could break out", quoted)
		}
	})
}

// lotBody is the part of a lot's body that adds up.
type lotBody struct {
	Results []struct {
		Success bool   `json:"success"`
		Error   string `json:"error"`
		Resumo  struct {
			AtRisk json.Number `json:"valor_com_ruptura"`
		} `json:"resumo"`
	} `json:"resultados"`
	Products []struct {
		Code   string      `json:"cod_produto"`
		Orders int         `json:"pedidos"`
		Short  json.Number `json:"ruptura_qtd"`
		Value  json.Number `json:"valor"`
	} `json:"produtos_em_ruptura"`
}

func decodeLot(t require, l *wire.Lot) lotBody {
	body := append(append([]byte{'{'}, l.AppendBody(nil, 1, "w1", readAt)...), '}')
	var got lotBody
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return got
}

type require interface{ Fatalf(string, ...any) }

func TestLotSumsItsShortProducts(t *testing.T) {
	s := example()
	s.Lines = append(s.Lines, line("VCD2", "4759098", "Palmito", 1, 50_000, 2677), line("VCD2", "4759098", "Palmito", 2, 1_000, 2677))
	l := wire.NewLot(wire.Form{})
	for _, n := range []atp.OrderNumber{"VCD1", "VCD2"} {
		r := result(t, s, n)
		if err := l.Add(&wire.Answer{Result: r}, wire.Reading{At: readAt}); err != nil {
			t.Fatal(err)
		}
	}
	l.AddFailure("VCD9", "pedido não encontrado ou sem saldo")
	got := decodeLot(t, l)
	if len(got.Results) != 3 || l.Orders() != 3 || l.Failed() != 1 || got.Results[2].Success || got.Results[2].Error == "" {
		t.Fatalf("results: %+v", got.Results)
	}
	p := got.Products[0]
	if len(got.Products) != 2 || p.Code != "4759098" || p.Orders != 2 || p.Short != "91" || p.Value != "4577.67" {
		t.Errorf("products: %+v", got.Products)
	}
	l.Reset()
	if got := decodeLot(t, l); len(got.Results) != 0 || len(got.Products) != 0 {
		t.Errorf("after Reset: %+v", got)
	}
}

func TestProductValuesAddUpToTheCent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := wire.NewLot(wire.Form{})
		for n := range rapid.IntRange(1, 6).Draw(t, "orders") {
			var s atp.Snapshot
			for i := range rapid.IntRange(1, 5).Draw(t, "lines") {
				code := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "code")
				open := atp.Quantity(rapid.Int64Range(1, 99_999).Draw(t, "open"))
				s.Lines = append(s.Lines, line("O", code, code, int64(i), open, atp.Money(rapid.Int64Range(1, 9999).Draw(t, "price"))))
			}
			b, err := atp.NewBook(&s, atp.DefaultParams(today))
			if err != nil {
				t.Fatal(err)
			}
			r, err := b.Analyze("O")
			if err == nil {
				err = l.Add(&wire.Answer{Result: r}, wire.Reading{At: readAt})
			}
			if err != nil {
				t.Fatalf("order %d: %v", n, err)
			}
		}
		var orders, products atp.Money
		got := decodeLot(t, l)
		for _, r := range got.Results {
			orders += money(t, r.Resumo.AtRisk)
		}
		for _, p := range got.Products {
			products += money(t, p.Value)
		}
		if orders != products {
			t.Fatalf("products add up to %s, orders to %s", products, orders)
		}
	})
}

func money(t require, n json.Number) atp.Money {
	m, err := atp.ParseMoney(n.String())
	if err != nil {
		t.Fatalf("%v", err)
	}
	return m
}
