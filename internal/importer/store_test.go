package importer_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ruptura/internal/dataset"
	"ruptura/internal/importer"
	"ruptura/internal/lang"
)

// memory is a dataset.Store that keeps rows, and like a database changes only when all went well.
type memory struct {
	rows
	replaced [][]dataset.Relation
	fail     error // of Replace, after all rows were taken
}

type rows struct {
	Orders       []dataset.Order
	Items        []dataset.Item
	Movements    []dataset.Movement
	Reservations []dataset.Reservation
	Receipts     []dataset.Receipt
	Unifications []dataset.Unification
}

func (r *rows) Order(o dataset.Order) error       { r.Orders = append(r.Orders, o); return nil }
func (r *rows) Item(i dataset.Item) error         { r.Items = append(r.Items, i); return nil }
func (r *rows) Movement(m dataset.Movement) error { r.Movements = append(r.Movements, m); return nil }
func (r *rows) Reservation(v dataset.Reservation) error {
	r.Reservations = append(r.Reservations, v)
	return nil
}
func (r *rows) Receipt(v dataset.Receipt) error { r.Receipts = append(r.Receipts, v); return nil }
func (r *rows) Unification(u dataset.Unification) error {
	r.Unifications = append(r.Unifications, u)
	return nil
}

func (m *memory) Replace(_ context.Context, relations []dataset.Relation, fill func(dataset.Writer) error) error {
	var fresh rows
	if err := fill(&fresh); err != nil {
		return err
	}
	if m.fail != nil {
		return m.fail
	}
	m.replaced = append(m.replaced, relations)
	for _, r := range relations {
		switch r {
		case dataset.Orders:
			m.Orders = fresh.Orders
		case dataset.Items:
			m.Items = fresh.Items
		case dataset.Stock:
			m.Movements = fresh.Movements
		case dataset.Reservations:
			m.Reservations = fresh.Reservations
		case dataset.Receipts:
			m.Receipts = fresh.Receipts
		case dataset.Unifications:
			m.Unifications = fresh.Unifications
		}
	}
	return nil
}

func (m *memory) Has(_ context.Context, r dataset.Relation) (bool, error) {
	return [...]int{
		len(m.Orders), len(m.Items), len(m.Movements), len(m.Reservations), len(m.Receipts), len(m.Unifications),
	}[r] > 0, nil
}

// folder writes files into a new folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Three small files that are in order.
const (
	goodOrders = "num_pedido,cliente,data_entrega\nA1,Loja Um,2026-03-31\nA2,Loja Dois,\n"
	goodItems  = "num_pedido,linha,cod_produto,nome_produto,qtd_saldo,preco_unitario\nA1,1,P1,Palmito,10,12.50\nA1,2,P2,Azeitona,1.5,8\nA2,1,P1,Palmito,3,\n"
	goodStock  = "cod_produto,qtd,local\nP1,100,CD\nP1,-20,CD\nP2,0,CD\n"
)

// good is a folder in order, with some files changed; an empty content leaves a file out.
func good(t testing.TB, changes map[string]string) string {
	t.Helper()
	files := map[string]string{"pedidos.csv": goodOrders, "itens.csv": goodItems, "estoque.csv": goodStock}
	for name, content := range changes {
		files[name] = content
		if content == "" {
			delete(files, name)
		}
	}
	return folder(t, files)
}

// load imports into a new store and must succeed.
func load(t testing.TB, paths ...string) (*memory, *importer.Report) {
	t.Helper()
	m := &memory{}
	rep, err := importer.Run(t.Context(), m, paths, importer.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, told(rep))
	}
	return m, rep
}

// told is everything a report says, in English, a line each.
func told(rep *importer.Report) string {
	if rep == nil {
		return ""
	}
	var b strings.Builder
	for _, p := range rep.Problems {
		b.WriteString(p.Severity.In(lang.EN) + ": " + p.String(lang.EN) + "\n")
	}
	return b.String()
}
