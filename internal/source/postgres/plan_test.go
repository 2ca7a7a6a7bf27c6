package postgres

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"ruptura/internal/source"
	"ruptura/internal/source/sourcetest"
)

// explained is how the server would run a statement of ours.
func explained(t *testing.T, url string, s statement) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	values, oids, formats := s.parameters()
	reader := conn.PgConn().ExecParams(t.Context(), `EXPLAIN (COSTS OFF) `+s.sql, values, oids, formats, nil)
	var lines []string
	for reader.NextRow() {
		lines = append(lines, string(reader.Values()[0]))
	}
	if _, err := reader.Close(); err != nil {
		t.Fatalf("%s: %v", s.sql, err)
	}
	return strings.Join(lines, "\n")
}

// TestPartReachesIndexes makes sure that, on a book of a usual shape, a look-up of an order reads no
// large table whole, neither the program's own nor the ERP's below the views.
func TestPartReachesIndexes(t *testing.T) {
	c := company{sourcetest.Company{Orders: 2000, LinesPerOrder: 5, Products: 500, Movements: 20_000, Reservations: 5000, Receipts: 5000}}
	legacy, _ := c.legacy(t)
	for name, db := range map[string]*DB{"nativo": c.native(t), "legado": legacy} {
		l, err := db.look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		url := db.pool.Config().ConnString()
		part := explained(t, url, db.partStatement(l, c.Query(1), &reading{}))
		for _, table := range []string{
			"movimentacao_estoque", "carteira_principal", "separacao ", "programacao_producao",
			"movimentos", "itens", "pedidos", "separacoes", "producao",
		} {
			if strings.Contains(part, "Seq Scan on "+table) {
				t.Errorf("%s: %s is read whole:\n%s", name, table, part)
			}
		}
		// What a page shows is looked up for the page's orders alone.
		named := listing{db: db, layout: l, BookQuery: source.BookQuery{Numbers: c.Query(3).Orders}}
		if p := explained(t, url, named.namedStatement(nil)); strings.Contains(p, "Seq Scan") {
			t.Errorf("%s: named orders are not looked up:\n%s", name, p)
		}
	}
}
