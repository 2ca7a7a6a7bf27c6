package postgres_test

import (
	"testing"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// TestLegacyFloatsAreRoundedRowByRow has quantities whose sum depends on when they are rounded, and
// halves that go to the even neighbour.
func TestLegacyFloatsAreRoundedRowByRow(t *testing.T) {
	for _, c := range []struct {
		name string
		rows []float64
		want atp.Quantity
	}{
		{"little by little is nothing", []float64{0.0004, 0.0004, 0.0004}, 0},
		{"just over a half", []float64{0.0006, 0.0006}, 2},
		{"halves to even", []float64{0.0005, 0.0015, 0.0025, 0.0035}, 0 + 2 + 2 + 4},
		{"halves of larger numbers", []float64{10.0625, 2.0005, 1.5}, 10_062 + 2000 + 1500},
		{"tenths", []float64{0.1, 0.2, 0.3, 1e-320}, 600},
		{"large", []float64{123_456_789.125}, 123_456_789_125},
		{"less than nothing does not count", []float64{-5, 1, -0.0004}, 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newERP(t)
			for _, q := range c.rows {
				e.reserved("X", "P", q, 1)
				e.scheduled("P", q, 0)
			}
			e.line("A", "P", 1, 1)
			for _, ask := range []source.Query{{All: true}, {Orders: []atp.OrderNumber{"A"}}, {Products: []atp.ProductCode{"P"}}} {
				snapshot, err := e.db.Read(t.Context(), ask)
				if err != nil {
					t.Fatal(err)
				}
				var out, in atp.Quantity
				for _, r := range snapshot.Reservations {
					out += max(r.Quantity, 0)
				}
				for _, r := range snapshot.Receipts {
					in += max(r.Quantity, 0)
				}
				if out != c.want || in != c.want {
					t.Errorf("%+v: %s out and %s in, want %s", ask, out, in, c.want)
				}
			}
		})
	}
}

// TestLegacyRowsThatDoNotCount has a row of each kind that must be as if it were not there.
func TestLegacyRowsThatDoNotCount(t *testing.T) {
	e := newERP(t)
	e.moved("P", 10)
	e.line("A", "P", 10, 1)
	e.exec(`INSERT INTO movimentacao_estoque
		(cod_produto, nome_produto, data_movimentacao, tipo_movimentacao, local_movimentacao, qtd_movimentacao, status_nf, ativo) VALUES
		('P', '', '2026-01-01', 'SAIDA', 'CD', -1, NULL, false), ('P', '', '2026-01-01', 'SAIDA', 'CD', -1, NULL, NULL),
		('P', '', '2026-01-01', 'SAIDA', 'CD', -1, 'CANCELADO', true), ('P', '', '2026-01-01', 'SAIDA', 'CD', 4, 'FATURADO', true)`)
	e.exec(`INSERT INTO carteira_principal (num_pedido, cod_produto, nome_produto, qtd_saldo_produto_pedido, cnpj_cpf, ativo) VALUES
		('A', 'OFF', '', 5, '', false), ('A', 'NULL', '', 5, '', NULL), ('A', 'ZERO', '', 0, '', true), ('A', 'LESS', '', -1, '', true),
		('GONE', 'P', '', 5, '', NULL)`)
	e.exec(`INSERT INTO separacao (num_pedido, cod_produto, qtd_saldo, expedicao, sincronizado_nf) VALUES
		('B', NULL, 5, '2026-03-02', false), ('B', 'P', NULL, '2026-03-02', false), ('B', 'P', 0, '2026-03-02', NULL), ('B', 'P', 7, '2026-03-02', true)`)
	r := e.analyse("A")
	if len(r.Lines) != 1 || r.Lines[0].OnHand != 14_000 || r.Lines[0].Lowest != 14_000 {
		t.Errorf("%d lines, the first with %+v", len(r.Lines), r.Lines[0])
	}
	page, err := e.db.Book(t.Context(), source.BookQuery{Limit: 10})
	if err != nil || len(page.Orders) != 1 || page.Orders[0].Items != 1 || page.Orders[0].Value != 1000 {
		t.Errorf("book: %+v %v", page, err)
	}
}

// TestLegacyFloats rounds half to even, as the decimal number that the ERP shows, whether the server
// does it or the program.
func TestLegacyFloats(t *testing.T) {
	e := newERP(t)
	e.line("A", "P", 1, nil)
	for text, want := range map[string]string{
		"0": "0", "1": "1", "0.0005": "0", "0.0015": "0.002", "0.0025": "0.002", "1.0055": "1.006", "1.0045": "1.004",
		"-0.0005": "0", "-0.0015": "-0.002", "2.67449": "2.674", "2.6745001": "2.675", "0.30000000000000004": "0.3",
		"8.1995": "8.2", "1234567.8905": "1234567.89", "33.3335": "33.334", "1e-300": "0", "123456789012.125": "123456789012.125",
	} {
		e.exec(`DELETE FROM separacao`)
		e.exec(`DELETE FROM programacao_producao`)
		e.exec(`INSERT INTO separacao (num_pedido, cod_produto, qtd_saldo) VALUES ('A', 'P', $1::text::float8)`, text)
		e.exec(`INSERT INTO programacao_producao (cod_produto, data_programacao, qtd_programada) VALUES ('P', '2026-01-01', $1::text::float8)`, text)
		for shape, q := range map[string]source.Query{"part": {Orders: []atp.OrderNumber{"A"}}, "whole": {All: true}} {
			snap, err := e.db.Read(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if len(snap.Reservations) != 1 || len(snap.Receipts) != 1 {
				t.Fatalf("%s: %d reservations, %d receipts", shape, len(snap.Reservations), len(snap.Receipts))
			}
			if got := snap.Reservations[0].Quantity.String(); got != want {
				t.Errorf("%s: %s reserved is %s, want %s", shape, text, got, want)
			}
			if got := snap.Receipts[0].Quantity.String(); got != want {
				t.Errorf("%s: %s produced is %s, want %s", shape, text, got, want)
			}
		}
	}
}
