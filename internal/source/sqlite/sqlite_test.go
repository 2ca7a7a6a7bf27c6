package sqlite_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
	"ruptura/internal/source/sourcetest"
	"ruptura/internal/source/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, path string, opts sqlite.Options) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

func TestConformance(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) sourcetest.Engine {
		return open(t, filepath.Join(t.TempDir(), "ruptura.db"), sqlite.Options{Migrate: true})
	})
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	rubbish := filepath.Join(dir, "rubbish.db")
	if err := os.WriteFile(rubbish, make([]byte, 8192), 0o600); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte("num_pedido;cliente\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "missing.db")
	for _, c := range []struct {
		name, path string
		migrate    bool
		want       error
	}{
		{"a missing file", missing, false, fs.ErrNotExist},
		{"an empty file", empty, false, sqlite.ErrSchema},
		{"a file of zeros", rubbish, false, sqlite.ErrSchema},
		{"a text", text, false, sqlite.ErrSchema},
		{"a text, to migrate", text, true, sqlite.ErrSchema},
		{"a folder", dir, false, source.ErrUnavailable},
		{"a file in a folder that is not there", filepath.Join(dir, "no", "x.db"), true, source.ErrUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sqlite.Open(t.Context(), c.path, sqlite.Options{Migrate: c.migrate})
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
	if _, err := os.Stat(missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening a missing file made it: %v", err)
	}
}

func TestOpenPaths(t *testing.T) {
	for _, name := range []string{"plain.db", "a b?mode=memory&x=%41#.db", "çã 'quoted'.db", "file:x.db"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			open(t, filepath.Join(dir, name), sqlite.Options{Migrate: true})
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCloseLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	db := open(t, filepath.Join(dir, "ruptura.db"), sqlite.Options{Migrate: true})
	if _, err := db.AddMovement(t.Context(), dataset.Movement{Product: "P", Quantity: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Read(t.Context(), source.Query{All: true}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("left behind: %v (%v)", files, err)
	}
	if err := db.Ping(t.Context()); !errors.Is(err, source.ErrUnavailable) {
		t.Errorf("ping after close: %v, want ErrUnavailable", err)
	}
}

func TestInMemory(t *testing.T) {
	db := open(t, sqlite.InMemory, sqlite.Options{Migrate: true})
	if _, err := db.AddMovement(t.Context(), dataset.Movement{Product: "P", Quantity: 7}); err != nil {
		t.Fatal(err)
	}
	snap, err := db.Read(t.Context(), source.Query{Products: []atp.ProductCode{"P"}})
	if err != nil || len(snap.Stock) != 1 || snap.Stock[0].Quantity != 7 {
		t.Errorf("stock %v (%v), want 7", snap.Stock, err)
	}
}
