package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/atp"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source"
)

// oddRelations are a user's own: every type that the decoder takes, values of more decimals than
// are read, dates that are none.
const oddRelations = `CREATE SCHEMA ruptura;
CREATE TABLE ruptura.pedidos (num_pedido char(10), cliente varchar(20), cnpj text, cidade text, uf char(4), vendedor text,
	data_pedido timestamp, data_entrega date, importante int, observacao text);
INSERT INTO ruptura.pedidos VALUES ('A', '', NULL, 'X', 'SP', '', '2026-03-02 23:59', 'infinity', 1, ''),
	('B', 'b', '', '', '', NULL, '-infinity', '0044-03-15 BC', NULL, NULL);
CREATE TABLE ruptura.itens (num_pedido char(10), linha int, cod_produto char(8), nome_produto text, qtd_saldo numeric, preco_unitario float8);
INSERT INTO ruptura.itens VALUES ('A', 2, 'P', 'p', 1.0005, 0.125), ('A', 1, 'Q', NULL, 2.0015, NULL), ('A', 3, 'P', 'p', 0.0005, 9),
	('B', 1, 'R', 'r', 0.00050001, 1.005), ('C', 1, 'R', 'r', NULL, 1);
CREATE TABLE ruptura.estoque (cod_produto text, qtd float8);
INSERT INTO ruptura.estoque VALUES ('P', 1.0055), ('P', 0.0005), ('Q', 0.0015), ('R', -7);
CREATE TABLE ruptura.separacoes (lote int, num_pedido text, cod_produto text, qtd float4, expedicao timestamp);
INSERT INTO ruptura.separacoes VALUES (7, 'A', 'P', 0.1, '2026-03-05 10:00'), (8, 'B', 'R', 2.5, 'infinity'), (NULL, 'A', 'Q', NULL, NULL);
CREATE TABLE ruptura.producao (cod_produto int, data date, qtd smallint);
INSERT INTO ruptura.producao VALUES (1, '2026-03-03', 4);
CREATE VIEW ruptura.unificacao AS SELECT 1 AS codigo_origem, 'P'::varchar AS codigo_destino`

// odd is a database with oddRelations, changed by some more statements.
func odd(t *testing.T, statements ...string) *DB {
	t.Helper()
	url := postgrestest.Database(t)
	postgrestest.Exec(t, url, oddRelations)
	postgrestest.Exec(t, url, statements...)
	return open(t, url, Options{})
}

func open(t testing.TB, url string, o Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// shapes are queries for the same in either shape of a read.
func shapes(orders ...atp.OrderNumber) map[string]source.Query {
	return map[string]source.Query{"whole": {All: true}, "part": {Orders: orders}}
}

func TestValuesOfEveryType(t *testing.T) {
	db := odd(t)
	key := func(p atp.ProductCode) atp.StockKey { return atp.StockKey{Product: p} }
	march := func(day int) atp.Day { return atp.NewDay(2026, 3, day) }
	want := &atp.Snapshot{
		Orders: []atp.Order{{Number: "A", Ordered: march(2), Important: true}, {Number: "B", Client: "b"}},
		Lines: []atp.Line{
			{Order: "A", Number: 1, Key: key("Q"), Open: 2002},
			{Order: "A", Number: 2, Sequence: 1, Key: key("P"), Name: "p", Open: 1000, Price: 12, Priced: true},
			{Order: "B", Number: 1, Sequence: 2, Key: key("R"), Name: "r", Open: 1, Price: 100, Priced: true},
		},
		Stock: []atp.Stock{{Key: key("P"), Quantity: 1006}, {Key: key("Q"), Quantity: 2}, {Key: key("R"), Quantity: -7000}},
		Reservations: []atp.Reservation{
			{Order: "A", Lot: "7", Key: key("P"), Quantity: 100, Ships: march(5)},
			{Order: "A", Key: key("Q")},
			{Order: "B", Lot: "8", Key: key("R"), Quantity: 2500},
		},
		Receipts:     []atp.Receipt{{Key: key("1"), Quantity: 4000, Arrives: march(3)}},
		Unifications: []atp.Unification{{From: "1", To: "P"}},
	}
	for name, q := range shapes("A", "B", "C") {
		t.Run(name, func(t *testing.T) {
			got, err := db.Read(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			got.ReadAt = want.ReadAt
			if diff := cmp.Diff(want, sorted(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("book", func(t *testing.T) {
		page, err := db.Book(t.Context(), source.BookQuery{Limit: 10, Sort: source.ByNumber})
		want := source.BookPage{Total: 2, Orders: []source.BookOrder{
			{Number: "A", City: "X", UF: "SP", Ordered: march(2), Need: march(5), Items: 2, Value: 12, Important: true},
			{Number: "B", Client: "b", Items: 1},
		}}
		if diff := cmp.Diff(want, page); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

// TestValuesThatAreNone meets what no quantity can be: the error says in which relation, and where.
func TestValuesThatAreNone(t *testing.T) {
	for _, c := range []struct {
		name, change string
		want         error
		says         []string
	}{
		{"NaN in stock", `INSERT INTO ruptura.estoque VALUES ('P', 'NaN')`, ErrData, []string{"estoque", `"P"`, "NaN"}},
		{"NaN on a line", `UPDATE ruptura.itens SET qtd_saldo = 'NaN'`, ErrData, []string{"itens", `"A"`, "NaN"}},
		{"infinity on a line", `UPDATE ruptura.itens SET qtd_saldo = 'infinity'`, ErrData, []string{"itens", `"A"`, "infinity"}},
		{"infinity reserved", `UPDATE ruptura.separacoes SET qtd = 'infinity'`, ErrData, []string{"separacoes", `"A"`, "infinity"}},
		{"a line too large", `UPDATE ruptura.itens SET qtd_saldo = 1e16`, atp.ErrOverflow, []string{"itens", `"A"`}},
		{"a price too large", `UPDATE ruptura.itens SET preco_unitario = 1e17`, atp.ErrOverflow, []string{"itens", `"A"`}},
		{"a stock too large", `INSERT INTO ruptura.estoque VALUES ('P', 9e15), ('P', 9e15)`, atp.ErrOverflow, []string{"estoque", `"P"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := odd(t, c.change)
			for shape, q := range shapes("A", "B") {
				_, err := db.Read(t.Context(), q)
				if !errors.Is(err, c.want) || errors.Is(err, source.ErrUnavailable) {
					t.Errorf("%s: %v, want %v", shape, err, c.want)
				}
				for _, word := range c.says {
					if err != nil && !strings.Contains(err.Error(), word) {
						t.Errorf("%s: %q does not say %s", shape, err, word)
					}
				}
			}
			// What went wrong stays with its own call.
			if err := db.Ping(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRowsOfNoOrder has lines whose order is NULL, which doctor tells: they are nobody's, however they
// are read.
func TestRowsOfNoOrder(t *testing.T) {
	db := odd(t, `INSERT INTO ruptura.itens VALUES (NULL, 1, 'P', 'p', 5, 1)`, `INSERT INTO ruptura.pedidos VALUES (NULL)`)
	for shape, q := range shapes("A", "B", "") {
		snap, err := db.Read(t.Context(), q)
		if err != nil || slices.ContainsFunc(snap.Lines, func(l atp.Line) bool { return l.Order == "" }) {
			t.Errorf("%s: %+v (%v)", shape, snap, err)
		}
	}
	numbers, err := db.Numbers(t.Context(), source.NumbersQuery{})
	slices.Sort(numbers)
	if diff := cmp.Diff([]atp.OrderNumber{"A", "B"}, numbers); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	page, err := db.Book(t.Context(), source.BookQuery{Limit: 10})
	if err != nil || page.Total != 2 || len(page.Orders) != 2 {
		t.Errorf("book: %+v (%v)", page, err)
	}
}

// TestRelationsChange redefines a view under a program that reads it.
func TestRelationsChange(t *testing.T) {
	url := postgrestest.Database(t)
	postgrestest.Exec(t, url, oddRelations)
	db := open(t, url, Options{})
	postgrestest.Exec(t, url, `ALTER TABLE ruptura.producao RENAME TO outra`)
	for name, q := range shapes("A") {
		if _, err := db.Read(t.Context(), q); !errors.Is(err, ErrSchema) {
			t.Errorf("%s: %v, want ErrSchema", name, err)
		}
	}
	postgrestest.Exec(t, url, `CREATE VIEW ruptura.producao AS SELECT 'P'::text AS cod_produto, DATE '2026-03-02' AS data, 1.0005 AS qtd`)
	for name, q := range shapes("A") {
		snap, err := db.Read(t.Context(), q)
		if err != nil || len(snap.Receipts) != 1 || snap.Receipts[0].Quantity != 1000 {
			t.Errorf("%s: %+v (%v)", name, snap, err)
		}
	}
}

// TestColumnChangesItsType names it, though the statement fails over a function that does not exist.
func TestColumnChangesItsType(t *testing.T) {
	url := postgrestest.Database(t)
	postgrestest.Exec(t, url, oddRelations)
	db := open(t, url, Options{})
	postgrestest.Exec(t, url, `ALTER TABLE ruptura.itens ALTER qtd_saldo TYPE text`)
	if _, err := db.Read(t.Context(), source.Query{Orders: []atp.OrderNumber{"A"}}); !errors.Is(err, ErrColumns) || !strings.Contains(err.Error(), "itens.qtd_saldo is text") {
		t.Errorf("%v, want ErrColumns", err)
	}
}

// TestTextsThatNoDatabaseHolds asks for them: they are found nowhere, which is no error.
func TestTextsThatNoDatabaseHolds(t *testing.T) {
	db := odd(t)
	for _, text := range []string{"\x00", "\xff", "A\x00"} {
		snap, err := db.Read(t.Context(), source.Query{
			Orders: []atp.OrderNumber{atp.OrderNumber(text), "A"}, Products: []atp.ProductCode{atp.ProductCode(text)},
		})
		if err != nil || len(snap.Lines) != 2 {
			t.Errorf("read: %v", err)
		}
		for name, f := range map[string]source.Filter{
			"uf": {UF: text}, "salesperson": {Salesperson: text}, "product": {Product: atp.ProductCode(text)}, "text": {Text: text},
		} {
			if got, err := db.Numbers(context.Background(), source.NumbersQuery{Filter: f}); err != nil || len(got) != 0 {
				t.Errorf("%s %q: %q (%v)", name, text, got, err)
			}
		}
	}
}
