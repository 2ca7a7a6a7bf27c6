package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"ruptura/internal/dataset"
	"ruptura/internal/source/sqlite"
)

func TestDiscardRemovesOnlyADatabaseWithoutRows(t *testing.T) {
	for name, rows := range map[string]int{"empty": 0, "with a row": 1} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			db := open(t, filepath.Join(dir, "ruptura.db"), sqlite.Options{Migrate: true})
			err := db.Replace(t.Context(), []dataset.Relation{dataset.Stock}, func(w dataset.Writer) error {
				for range rows {
					if err := w.Movement(dataset.Movement{Product: "A", Quantity: 1}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if err = db.Discard(t.Context()); err != nil {
				t.Fatal(err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != rows {
				t.Errorf("%d files are left, want %d (%v)", len(left), rows, err)
			}
		})
	}
}
