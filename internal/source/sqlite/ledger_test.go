package sqlite_test

import (
	"fmt"
	"math"
	"math/big"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	zombiezen "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ruptura/internal/dataset"
	"ruptura/internal/source/sqlite"
)

// TestBalanceAgainstLedger writes to the ledger as any program may, in every way SQL has, and
// compares the balances that the database keeps with the sums of the movements.
func TestBalanceAgainstLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ruptura.db")
	db := open(t, path, sqlite.Options{Migrate: true})
	conn, err := zombiezen.OpenConn(path, zombiezen.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	rapid.Check(t, func(rt *rapid.T) {
		err := db.Replace(t.Context(), []dataset.Relation{dataset.Stock}, func(w dataset.Writer) error {
			return w.Movement(dataset.Movement{Product: "A", Quantity: 5})
		})
		if err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(1, 15).Draw(rt, "writes") {
			// Some are refused; what counts is that the balance is right after each.
			_ = sqlitex.ExecuteTransient(conn, drawWrite(rt), nil)
			compareBalances(rt, conn)
		}
	})
}

func drawWrite(t *rapid.T) string {
	policy := rapid.SampledFrom([]string{"", "OR REPLACE", "OR IGNORE", "OR FAIL", "OR ROLLBACK", "OR ABORT"}).Draw(t, "policy")
	id := rapid.IntRange(1, 6).Draw(t, "id")
	product := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "product")
	q := rapid.OneOf(rapid.Int64Range(-50, 50), rapid.SampledFrom([]int64{math.MaxInt64, math.MinInt64 + 1, math.MaxInt64 / 2})).Draw(t, "quantity")
	cancelled := rapid.IntRange(0, 1).Draw(t, "cancelled")
	return rapid.SampledFrom([]string{
		fmt.Sprintf("INSERT %s INTO estoque (cod_produto, qtd, cancelado) VALUES ('%s', %d, %d)", policy, product, q, cancelled),
		fmt.Sprintf("INSERT %s INTO estoque (id, cod_produto, qtd, cancelado) VALUES (%d, '%s', %d, %d)", policy, id, product, q, cancelled),
		fmt.Sprintf("REPLACE INTO estoque (id, cod_produto, qtd) VALUES (%d, '%s', %d)", id, product, q),
		fmt.Sprintf(`INSERT INTO estoque (id, cod_produto, qtd) VALUES (%d, '%s', %d)
			ON CONFLICT DO UPDATE SET qtd = excluded.qtd`, id, product, q),
		fmt.Sprintf("UPDATE %s estoque SET cancelado = %d WHERE id = %d", policy, cancelled, id),
		fmt.Sprintf("UPDATE %s estoque SET cod_produto = '%s', qtd = %d WHERE id >= %d", policy, product, q, id),
		fmt.Sprintf("UPDATE %s estoque SET cod_produto = '%s', cancelado = 1 - cancelado", policy, product),
		fmt.Sprintf("UPDATE %s estoque SET id = %d WHERE id = %d", policy, id, 7-id),
		fmt.Sprintf("DELETE FROM estoque WHERE id = %d OR qtd = %d", id, q),
		"DELETE FROM estoque",
	}).Draw(t, "write")
}

func compareBalances(t *rapid.T, conn *zombiezen.Conn) {
	t.Helper()
	// Added up here: what SQLite's sum() passes through on its way may not fit 64 bits.
	sums := func(sql string) map[string]string {
		exact := map[string]*big.Int{}
		err := sqlitex.ExecuteTransient(conn, sql, &sqlitex.ExecOptions{ResultFunc: func(stmt *zombiezen.Stmt) error {
			product := stmt.ColumnText(0)
			if exact[product] == nil {
				exact[product] = new(big.Int)
			}
			exact[product].Add(exact[product], big.NewInt(stmt.ColumnInt64(1)))
			return nil
		}})
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		all := map[string]string{}
		for product, q := range exact {
			if q.Sign() != 0 {
				all[product] = q.String()
			}
		}
		return all
	}
	want := sums("SELECT cod_produto, qtd FROM estoque WHERE cancelado = 0")
	if diff := cmp.Diff(want, sums("SELECT cod_produto, qtd FROM estoque_saldo")); diff != "" {
		t.Errorf("balances (-ledger +estoque_saldo):\n%s", diff)
	}
}

// TestChecks writes what no program should be able to.
func TestChecks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ruptura.db")
	open(t, path, sqlite.Options{Migrate: true})
	conn, err := zombiezen.OpenConn(path, zombiezen.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	for name, sql := range map[string]string{
		"a day that is none":      "INSERT INTO estoque (cod_produto, qtd, data) VALUES ('P', 1, '2026-02-30')",
		"a day and a time":        "INSERT INTO separacoes (num_pedido, cod_produto, qtd, expedicao) VALUES ('A', 'P', 1, '2026-02-03 10:00')",
		"a Brazilian date":        "INSERT INTO producao (cod_produto, qtd, data) VALUES ('P', 1, '31/03/2026')",
		"a year 0":                "INSERT INTO producao (cod_produto, qtd, data) VALUES ('P', 1, '0000-01-01')",
		"a quantity with decimal": "INSERT INTO estoque (cod_produto, qtd) VALUES ('P', 1.5)",
		"a quantity that is text": "INSERT INTO estoque (cod_produto, qtd) VALUES ('P', 'x')",
		"no product":              "INSERT INTO estoque (cod_produto, qtd) VALUES ('', 1)",
		"a long order number":     "INSERT INTO pedidos (num_pedido, busca) VALUES (printf('%051d', 1), '')",
		"a value beyond 64 bits":  "INSERT INTO itens VALUES ('A', 1, 'P', '', 9000000000000000, 9000000000000000)",
		"balance beyond 64 bits":  "INSERT INTO estoque (cod_produto, qtd) VALUES ('P', 9223372036854775807), ('P', 1)",
	} {
		if err := sqlitex.ExecuteTransient(conn, sql, nil); zombiezen.ErrCode(err).ToPrimary() != zombiezen.ResultConstraint {
			t.Errorf("%s: %v, want a constraint to fail", name, err)
		}
	}
}
