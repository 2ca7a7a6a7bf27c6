package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	zombiezen "zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/doctor"
	"ruptura/internal/source/sqlite"
)

// planted fills a database with what its constraints let through and doctor tells.
func planted(t *testing.T) (path string, db *sqlite.DB) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "book.db")
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	day := atp.NewDay(2026, 3, 2)
	err = db.Replace(t.Context(), dataset.Relations(), func(w dataset.Writer) error {
		return errors.Join(
			w.Order(dataset.Order{Number: "P1"}),
			w.Item(dataset.Item{Order: "P1", Line: 1, Product: "A", Open: 10_000}),
			w.Item(dataset.Item{Order: "P9", Line: 1, Product: "A", Open: 10_000}),
			w.Movement(dataset.Movement{Product: "A", Quantity: -1}),
			w.Reservation(dataset.Reservation{Order: "P1", Product: "Z", Quantity: 1, Ships: day - 61}),
			w.Receipt(dataset.Receipt{Product: "A", Quantity: 0}),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return path, db
}

func TestInspectData(t *testing.T) {
	_, db := planted(t)
	found, err := doctor.Data(t.Context(), db, doctor.DataOptions{StaleBefore: atp.NewDay(2026, 3, 2) - 60, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		if f.Level != doctor.OK {
			got = append(got, f.Code+" "+strings.Join(f.Examples, " "))
		}
	}
	want := []string{
		"data.item-without-order P9", "data.negative-stock A", "data.not-positive A", "data.stale-reservation P1", "data.undated-receipt A",
		"data.unmatched-code Z",
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if rows := found[0].What.EN; rows != "rows: pedidos 1, itens 2, estoque 1, separacoes 1, producao 1, unificacao 0" {
		t.Error(rows)
	}
}

// TestIntegrity damages a table that opening a database does not look at.
func TestIntegrity(t *testing.T) {
	path, db := planted(t)
	if broken, err := db.Integrity(t.Context()); err != nil || len(broken) != 0 {
		t.Errorf("%q, %v", broken, err)
	}
	if err := db.Close(); err != nil { // folds the log into the file
		t.Fatal(err)
	}
	var root int64
	query(t, path, "SELECT rootpage FROM sqlite_schema WHERE name = 'producao'", func(stmt *zombiezen.Stmt) { root = stmt.ColumnInt64(0) })
	file := contents(t, path)
	const page = 4096
	for at := (root - 1) * page; at < root*page; at++ {
		file[at] ^= 0x55
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	db = open(t, path, sqlite.Options{})
	if broken, err := db.Integrity(t.Context()); err != nil || len(broken) == 0 {
		t.Errorf("%q, %v", broken, err)
	}
}

// TestLosses goes back step by step: what is added up from other tables is no loss.
func TestLosses(t *testing.T) {
	path, _ := planted(t)
	m, err := sqlite.NewMigrator(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, want := range [][]sqlite.Loss{
		nil,
		{{Table: "estoque", Rows: 1}},
		{{Table: "producao", Rows: 1}, {Table: "separacoes", Rows: 1}, {Table: "itens", Rows: 2}, {Table: "pedidos", Rows: 1}},
	} {
		got, err := m.Losses(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if _, err := m.Down(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := m.Losses(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}
