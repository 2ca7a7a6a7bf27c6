package legacytest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/demo"
	"ruptura/internal/legacytest"
	"ruptura/internal/postgrestest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

func connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), postgrestest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if err := legacytest.Create(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	return conn
}

// sums are what a dataset and the ERP's tables must agree on.
type sums struct {
	Lines, Movements, Reservations, Receipts int
	Open, OnHand, Reserved, Received         atp.Quantity
}

// counter adds a dataset up.
type counter struct {
	sums
	unifications []dataset.Unification
	items        []dataset.Item
}

func (c *counter) Order(dataset.Order) error { return nil }

func (c *counter) Item(i dataset.Item) error {
	c.items = append(c.items, i)
	c.Lines++
	c.Open += i.Open
	return nil
}

func (c *counter) Movement(m dataset.Movement) error {
	c.Movements++
	c.OnHand += m.Quantity
	return nil
}

func (c *counter) Reservation(r dataset.Reservation) error {
	c.Reservations++
	c.Reserved += r.Quantity
	return nil
}

func (c *counter) Receipt(r dataset.Receipt) error {
	c.Receipts++
	c.Received += r.Quantity
	return nil
}

func (c *counter) Unification(u dataset.Unification) error {
	c.unifications = append(c.unifications, u)
	return nil
}

// TestLoad loads a company twice, and asks the tables for their rows that count.
func TestLoad(t *testing.T) {
	conn := connect(t)
	fill := legacytest.Shape(func(w dataset.Writer) error {
		return demo.Generate(demo.Config{Orders: 30, Movements: 500, Seed: 1, Today: atp.NewDay(2026, 3, 2)}, w)
	})
	var want counter
	if err := fill(&want); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := legacytest.Load(t.Context(), conn, fill); err != nil {
			t.Fatal(err)
		}
	}
	if err := legacytest.Vacuum(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	var got sums
	for _, q := range []struct {
		sql  string
		rows *int
		sum  *atp.Quantity
	}{
		{"SELECT count(*), sum(qtd_saldo_produto_pedido * 1000)::bigint FROM carteira_principal WHERE ativo", &got.Lines, &got.Open},
		{"SELECT count(*), sum(qtd_movimentacao * 1000)::bigint FROM movimentacao_estoque WHERE ativo AND status_nf IS DISTINCT FROM 'CANCELADO'", &got.Movements, &got.OnHand},
		{"SELECT count(*), sum(round(qtd_saldo * 1000))::bigint FROM separacao WHERE sincronizado_nf IS NOT TRUE", &got.Reservations, &got.Reserved},
		{"SELECT count(*), sum(round(qtd_programada * 1000))::bigint FROM programacao_producao", &got.Receipts, &got.Received},
	} {
		if err := conn.QueryRow(t.Context(), q.sql).Scan(q.rows, q.sum); err != nil {
			t.Fatal(err)
		}
	}
	if diff := gocmp.Diff(want.sums, got); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	var noise int
	err := conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM carteira_principal WHERE ativo IS NOT TRUE)
		* (SELECT count(*) FROM movimentacao_estoque WHERE ativo IS NULL) * (SELECT count(*) FROM movimentacao_estoque WHERE status_nf = 'CANCELADO')
		* (SELECT count(*) FROM separacao WHERE sincronizado_nf)`).Scan(&noise)
	if err != nil || noise == 0 {
		t.Errorf("rows that must not count are missing: %v", err)
	}
}

// TestLoadFails leaves the tables as they were.
func TestLoadFails(t *testing.T) {
	conn := connect(t)
	one := func(w dataset.Writer) error { return w.Item(dataset.Item{Order: "A", Product: "P", Open: 1}) }
	if err := legacytest.Load(t.Context(), conn, one); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	for name, fill := range map[string]func(dataset.Writer) error{
		"fill":              func(w dataset.Writer) error { return errors.Join(one(w), broken) },
		"a product twice":   func(w dataset.Writer) error { return errors.Join(one(w), one(w)) },
		"letters unified":   func(w dataset.Writer) error { return w.Unification(dataset.Unification{From: "1", To: "A"}) },
		"a receipt undated": func(w dataset.Writer) error { return w.Receipt(dataset.Receipt{Product: "P"}) },
	} {
		if err := legacytest.Load(t.Context(), conn, fill); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	var lines int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM carteira_principal WHERE ativo").Scan(&lines); err != nil || lines != 1 {
		t.Errorf("%d lines, %v", lines, err)
	}
}

func TestShape(t *testing.T) {
	item := func(order atp.OrderNumber, product atp.ProductCode, line int64) dataset.Item {
		return dataset.Item{Order: order, Product: product, Line: line, Open: 1}
	}
	unify := func(pairs ...string) (all []dataset.Unification) {
		for i := 0; i < len(pairs); i += 2 {
			all = append(all, dataset.Unification{From: atp.ProductCode(pairs[i]), To: atp.ProductCode(pairs[i+1])})
		}
		return all
	}
	given := []dataset.Item{item("A", "007", 9), item("A", "P", 3), item("B", "P", 3), item("A", "P", 4), item("B", "0500", 5)}
	var got counter
	err := legacytest.Shape(func(w dataset.Writer) error {
		for _, u := range unify("00500", "7", "7", "P", "0500", "07", "99999999999", "7", "8", "8") {
			if err := w.Unification(u); err != nil {
				return err
			}
		}
		for _, i := range given {
			if err := w.Item(i); err != nil {
				return err
			}
		}
		return errors.Join(w.Movement(dataset.Movement{Product: "09"}), w.Receipt(dataset.Receipt{Product: "P", Quantity: 1}))
	})(&got)
	if err != nil || got.Receipts != 0 {
		t.Errorf("%v, %d receipts", err, got.Receipts)
	}
	items := []dataset.Item{item("A", "007", 1), item("A", "P", 2), item("B", "P", 3), item("B", "0500", 4)}
	if diff := gocmp.Diff(items, got.items); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	found := fmt.Sprint(got.unifications)
	if a, b := fmt.Sprint(unify("500", "7", "8", "8", "0500", "500", "007", "7")),
		fmt.Sprint(unify("500", "7", "8", "8", "007", "7", "0500", "500")); found != a && found != b {
		t.Errorf("unifications: %s, want %s", found, a)
	}
}
