package postgres_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/legacytest"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source/postgres"
)

// session is a connection to a database.
type session struct {
	*testing.T
	conn *pgx.Conn
}

func connect(t *testing.T, url string) session {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return session{t, conn}
}

// rows are what a query gives: a line for each row, the values of columns of text joined by blanks.
func (s session) rows(sql string, args ...any) []string {
	s.Helper()
	rows, err := s.conn.Query(s.Context(), sql, args...)
	if err != nil {
		s.Fatalf("%s: %v", sql, err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		values, err := row.Values()
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i], _ = v.(string)
		}
		return strings.Join(texts, " "), err
	})
	if err != nil {
		s.Fatalf("%s: %v", sql, err)
	}
	return all
}

func (s session) try(sql string, args ...any) error {
	_, err := s.conn.Exec(s.Context(), sql, args...)
	return err
}

func (s session) exec(sql string, args ...any) {
	s.Helper()
	if err := s.try(sql, args...); err != nil {
		s.Fatalf("%s: %v", sql, err)
	}
}

func (s session) expect(sql string, want ...string) {
	s.Helper()
	if diff := cmp.Diff(want, s.rows(sql), cmpopts.EquateEmpty()); diff != "" {
		s.Errorf("%s (-want +got):\n%s", sql, diff)
	}
}

// legacyViews is the views above the ERP's empty tables, in a database that sorts by language.
func legacyViews(t *testing.T) session {
	t.Helper()
	url := postgrestest.Shared(t).Collated(t, "pt-BR")
	s := connect(t, url)
	if err := legacytest.Create(t.Context(), s.conn); err != nil {
		t.Fatal(err)
	}
	up(t, migrator(t, url, "ruptura", postgres.Legacy))
	return s
}

const insertLine = `INSERT INTO carteira_principal (num_pedido, cod_produto, nome_produto, qtd_saldo_produto_pedido, cnpj_cpf,
	raz_social_red, importante, ativo) VALUES ($1, $2, '', $3, $4, $5, $6, $7)`

func TestLegacyHeaders(t *testing.T) {
	s := legacyViews(t)
	s.exec(insertLine, "A", "inactive", 1, "", "first", true, false)
	s.exec(insertLine, "A", "unknown", 1, "", "second", true, nil)
	s.exec(insertLine, "A", "closed", 0, "1", "third", false, true)
	s.exec(insertLine, "A", "open", 5, "2", "fourth", true, true)
	s.exec(insertLine, "B", "open", 5, "", "", false, true)
	s.expect(`SELECT num_pedido, coalesce(cliente, '-'), coalesce(cnpj, '-'), importante::text FROM ruptura.pedidos ORDER BY 1`,
		"A third 1 true", "B - - false")
	s.expect(`SELECT num_pedido, cod_produto, linha::text, qtd_saldo::text FROM ruptura.itens ORDER BY 1, 2`,
		"A open 4 5.000", "B open 5 5.000")
}

func TestLegacyMovements(t *testing.T) {
	s := legacyViews(t)
	for _, m := range []struct {
		code         string
		active, note any
	}{
		{"counts", true, nil}, {"invoiced", true, "FATURADO"}, {"cancelled", true, "CANCELADO"}, {"inactive", false, nil}, {"unknown", nil, nil},
	} {
		s.exec(`INSERT INTO movimentacao_estoque (cod_produto, nome_produto, data_movimentacao, tipo_movimentacao, local_movimentacao,
			qtd_movimentacao, ativo, status_nf) VALUES ($1, '', '2026-01-01', '', '', 1.5, $2, $3)`, m.code, m.active, m.note)
	}
	s.expect(`SELECT cod_produto, qtd::text FROM ruptura.estoque ORDER BY 1`, "counts 1.500", "invoiced 1.500")
}

func TestLegacyReservations(t *testing.T) {
	s := legacyViews(t)
	for code, gone := range map[string]any{"gone": true, "there": false, "unknown": nil} {
		s.exec(`INSERT INTO separacao (separacao_lote_id, num_pedido, cod_produto, qtd_saldo, sincronizado_nf) VALUES (NULL, 'A', $1, 1, $2)`, code, gone)
	}
	s.expect(`SELECT cod_produto, lote, qtd::text FROM ruptura.separacoes ORDER BY 1`, "there  1", "unknown  1")
}

// TestLegacyUnification joins integers with all codes of their value, wherever a code is in use.
func TestLegacyUnification(t *testing.T) {
	s := legacyViews(t)
	for _, pair := range []struct {
		from, to int
		active   any
	}{{500, 600, true}, {7, 8, false}, {9, 10, nil}, {-1, 500, true}, {500, -1, true}, {0, 11, true}, {math.MaxInt32, 12, true}} {
		s.exec(`INSERT INTO unificacao_codigos (codigo_origem, codigo_destino, ativo) VALUES ($1, $2, $3)`, pair.from, pair.to, pair.active)
	}
	for _, code := range []string{"0", "00500", "000600", "007", "0500A", "0 500", "500", "-1", "0-500", "002147483647", "02147483648"} {
		s.exec(insertLine, "A", code, 1, "", "", false, true)
	}
	s.exec(`INSERT INTO movimentacao_estoque (cod_produto, nome_produto, data_movimentacao, tipo_movimentacao, local_movimentacao, qtd_movimentacao)
		SELECT c, '', '2026-01-01', '', '', 1 FROM unnest(ARRAY['0500', '00500', '0500', '00', '500']) AS c`)
	s.exec(`INSERT INTO separacao (num_pedido, cod_produto, qtd_saldo) VALUES ('A', '0600', 1), ('A', NULL, 1)`)
	s.exec(`INSERT INTO programacao_producao (cod_produto, data_programacao, qtd_programada) VALUES ('0000000000012', '2026-01-01', 1)`)
	s.expect(`SELECT codigo_origem, codigo_destino FROM ruptura.unificacao ORDER BY codigo_origem COLLATE "C", codigo_destino COLLATE "C"`,
		"0 11", "00 0", "0000000000012 12", "000600 600", "002147483647 2147483647", "00500 500", "0500 500", "0600 600",
		"2147483647 12", "500 600")
}

// TestNativeRefusesWhatCannotBe writes what no program should be able to.
func TestNativeRefusesWhatCannotBe(t *testing.T) {
	url := postgrestest.Database(t)
	up(t, migrator(t, url, "ruptura", postgres.Native))
	s := connect(t, url)
	s.exec(`SET search_path = ruptura`)
	s.exec(`INSERT INTO movimentos (cod_produto, qtd) VALUES ('P', 9223372036854775.807)`)
	s.exec(`INSERT INTO itens VALUES ('A', 1, 'P', '', 92233720368.547, 1000)`)
	const integrity, numbers, dates = "23", "22003", "22008"
	for name, c := range map[string]struct{ sql, state string }{
		"a day that is none":       {`INSERT INTO movimentos (cod_produto, qtd, data) VALUES ('P', 1, '2026-02-30')`, dates},
		"a day without end":        {`INSERT INTO producao (cod_produto, qtd, data) VALUES ('P', 1, 'infinity')`, integrity},
		"a day before Christ":      {`INSERT INTO producao (cod_produto, qtd, data) VALUES ('P', 1, '0044-03-15 BC')`, integrity},
		"a quantity that is none":  {`INSERT INTO producao (cod_produto, qtd) VALUES ('P', 'NaN')`, integrity},
		"a quantity without end":   {`INSERT INTO producao (cod_produto, qtd) VALUES ('P', 'Infinity')`, numbers},
		"a quantity too large":     {`INSERT INTO producao (cod_produto, qtd) VALUES ('P', 9223372036854775.808)`, integrity},
		"no product":               {`INSERT INTO movimentos (cod_produto, qtd) VALUES ('', 1)`, integrity},
		"an empty text":            {`INSERT INTO pedidos (num_pedido, cliente) VALUES ('A', '')`, integrity},
		"a long order number":      {`INSERT INTO pedidos (num_pedido) VALUES (repeat('x', 51))`, integrity},
		"a value too large":        {`INSERT INTO itens VALUES ('B', 1, 'P', '', 9000000000000, 90000000000000)`, integrity},
		"an order's value":         {`INSERT INTO itens VALUES ('A', 2, 'P', '', 1, 1)`, numbers},
		"a balance":                {`INSERT INTO movimentos (cod_produto, qtd) VALUES ('Q', 1), ('P', 0.001)`, numbers},
		"a movement that changes":  {`UPDATE movimentos SET qtd = 1`, integrity},
		"a movement of another":    {`UPDATE movimentos SET cod_produto = 'Q'`, integrity},
		"a movement with an id":    {`INSERT INTO movimentos (id, cod_produto, qtd) VALUES (1, 'P', 1)`, "428C9"},
		"a line twice":             {`INSERT INTO itens VALUES ('A', 1, 'P', '', 1, 1)`, integrity},
		"a pair with half missing": {`INSERT INTO unificacao VALUES ('A', '')`, integrity},
	} {
		var refused *pgconn.PgError
		if err := s.try(c.sql); !errors.As(err, &refused) || !strings.HasPrefix(refused.Code, c.state) {
			t.Errorf("%s: %v, want an error %s", name, err, c.state)
		}
	}
	s.exec(`UPDATE movimentos SET cancelado = true`)
	s.expect(`SELECT cod_produto FROM estoque`)
}

// TestReplaceIsForTables loads what cannot be loaded.
func TestReplaceIsForTables(t *testing.T) {
	s := legacyViews(t)
	db := openReader(t, s.conn.Config().ConnString())
	_, has := db.Has(t.Context(), dataset.Stock)
	_, added := db.AddMovement(t.Context(), dataset.Movement{Product: "P", Quantity: 1})
	for way, err := range map[string]error{
		"replace": db.Replace(t.Context(), dataset.Relations(), func(dataset.Writer) error { t.Error("it was filled"); return nil }),
		"has":     has, "add": added, "cancel": db.CancelMovement(t.Context(), 1),
	} {
		if !errors.Is(err, postgres.ErrViews) {
			t.Errorf("%s: %v, want ErrViews", way, err)
		}
	}
}

// TestNumbersAreWrittenExactly takes quantities and prices there and back.
func TestNumbersAreWrittenExactly(t *testing.T) {
	url := postgrestest.Database(t)
	up(t, migrator(t, url, "ruptura", postgres.Native))
	db, s := openReader(t, url), connect(t, url)
	number := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-100_000, 100_000), rapid.SampledFrom([]int64{0, math.MaxInt64, math.MinInt64, 1e18, -1e4}))
	rapid.Check(t, func(rt *rapid.T) {
		q, price := atp.Quantity(number.Draw(rt, "quantity")), atp.Money(number.Draw(rt, "price"))
		err := db.Replace(t.Context(), []dataset.Relation{dataset.Receipts, dataset.Items}, func(w dataset.Writer) error {
			return errors.Join(
				w.Item(dataset.Item{Order: "A", Product: "P", Price: price, Priced: true}),
				w.Receipt(dataset.Receipt{Product: "P", Quantity: q}),
			)
		})
		if err != nil {
			rt.Fatal(err)
		}
		got := s.rows(`SELECT trim_scale(qtd)::text, trim_scale(preco_unitario)::text FROM ruptura.producao, ruptura.itens`)
		if want := q.String() + " " + price.String(); len(got) != 1 || got[0] != want {
			rt.Errorf("%q, want %q", got, want)
		}
	})
}
