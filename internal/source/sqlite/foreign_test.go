package sqlite_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	zombiezen "zombiezen.com/go/sqlite"

	"ruptura/internal/source/sqlite"
)

// TestForeignFilesAreRefusedUntouched opens what other programs made, in every way there is.
func TestForeignFilesAreRefusedUntouched(t *testing.T) {
	const theirMigrations = `CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER, is_applied INTEGER, tstamp TIMESTAMP)`
	for _, c := range []struct {
		name       string
		statements []string
	}{
		{"a table with a name of ours", []string{"CREATE TABLE pedidos (x)"}},
		{"a table with another name", []string{"CREATE TABLE notas (x)", "INSERT INTO notas VALUES (1)"}},
		{"a view alone", []string{"CREATE VIEW v AS SELECT 1"}},
		{"migrations of its own", []string{
			theirMigrations, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (3, 1)", "CREATE TABLE pedidos (x)",
		}},
		{"a table and no migration applied", []string{
			theirMigrations, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)", "CREATE TABLE pedidos (x)",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "theirs.db")
			makeFile(t, path, c.statements)
			before := contents(t, path)
			for way, err := range openings(t, path) {
				if !errors.Is(err, sqlite.ErrForeign) || !errors.Is(err, sqlite.ErrSchema) {
					t.Errorf("%s: %v, want %v", way, err, sqlite.ErrForeign)
				}
			}
			if !bytes.Equal(before, contents(t, path)) {
				t.Error("the file has changed")
			}
		})
	}
}

// openings are the errors of all that opens a file.
func openings(t *testing.T, path string) map[string]error {
	t.Helper()
	m := migrator(t, path)
	_, served := sqlite.Open(t.Context(), path, sqlite.Options{})
	_, opened := sqlite.Open(t.Context(), path, sqlite.Options{Migrate: true})
	_, up := m.Up(t.Context())
	_, down := m.Down(t.Context())
	_, status := m.Status(t.Context())
	return map[string]error{"serve": served, "open": opened, "up": up, "down": down, "status": status}
}

func makeFile(t *testing.T, path string, statements []string) {
	t.Helper()
	conn, err := zombiezen.OpenConn(path, zombiezen.OpenReadWrite|zombiezen.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		execute(t, path, s)
	}
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
