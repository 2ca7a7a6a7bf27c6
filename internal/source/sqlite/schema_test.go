package sqlite_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	zombiezen "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ruptura/internal/source/sqlite"
)

var update = flag.Bool("update", false, "write schema.sql anew")

func TestSchemaSnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ruptura.db")
	m := migrator(t, path)
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := schemaOf(t, path)
	if *update {
		if err := os.WriteFile("schema.sql", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("schema.sql is not what the migrations make; if they are right, run\n"+
			"go test ./internal/source/sqlite -run Snapshot -update\n(-file +made):\n%s", diff)
	}
}

// TestMigrateThereAndBack goes down and up again from each version and must find each version's
// schema as it was.
func TestMigrateThereAndBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ruptura.db")
	m := migrator(t, path)
	steps, err := m.Up(t.Context())
	if err != nil || len(steps) == 0 {
		t.Fatalf("%d steps up: %v", len(steps), err)
	}
	latest := schemaOf(t, path)
	for down := range steps {
		undone, err := m.Down(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want := steps[len(steps)-1-down]; undone.Version != want.Version || undone.Name != want.Name {
			t.Errorf("undid %+v, want %+v", undone, want)
		}
	}
	if left := schemaOf(t, path); left != "" {
		t.Errorf("after all steps down there is still:\n%s", left)
	}
	if _, err := m.Down(t.Context()); err == nil {
		t.Error("going down from nothing was not refused")
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(latest, schemaOf(t, path)); diff != "" {
		t.Errorf("schema after down and up (-before +after):\n%s", diff)
	}
}

func TestMigrationStatus(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ruptura.db")
	m := migrator(t, path)
	if _, err := m.Status(t.Context()); err == nil {
		t.Error("the status of a missing file was not refused")
	}
	steps, err := m.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := m.Up(t.Context()); err != nil || len(again) != 0 {
		t.Errorf("up again made %v (%v)", again, err)
	}
	if _, err := m.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := m.Status(t.Context())
	if err != nil || len(all) != len(steps) {
		t.Fatalf("status %v (%v)", all, err)
	}
	for i, step := range all {
		if step.Applied() != (i < len(all)-1) {
			t.Errorf("%s applied: %t", step.Name, step.Applied())
		}
	}
}

func TestOpenAnotherVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ruptura.db")
	open(t, path, sqlite.Options{Migrate: true})
	refuse := func(advice string) {
		t.Helper()
		_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err == nil || !strings.Contains(err.Error(), advice) {
			t.Errorf("%v, want advice to %q", err, advice)
		}
	}
	execute(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)")
	refuse("use a newer program")
	execute(t, path, "DELETE FROM goose_db_version WHERE version_id > 1")
	refuse("ruptura migrate up")
}

func migrator(t *testing.T, path string) *sqlite.Migrator {
	t.Helper()
	m, err := sqlite.NewMigrator(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// schemaOf is all that migrations made, as SQL, in a fixed sequence.
func schemaOf(t *testing.T, path string) string {
	t.Helper()
	var schema strings.Builder
	query(t, path, `SELECT sql FROM sqlite_schema
		WHERE sql IS NOT NULL AND tbl_name NOT IN ('goose_db_version', 'sqlite_sequence')
		ORDER BY tbl_name, type = 'trigger', type = 'index', name`, func(stmt *zombiezen.Stmt) {
		schema.WriteString(stmt.ColumnText(0) + ";\n\n")
	})
	return schema.String()
}

// query runs SQL as any other program would that has the file open.
func query(t *testing.T, path, sql string, row func(*zombiezen.Stmt)) {
	t.Helper()
	conn, err := zombiezen.OpenConn(path, zombiezen.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}()
	err = sqlitex.ExecuteTransient(conn, sql, &sqlitex.ExecOptions{ResultFunc: func(stmt *zombiezen.Stmt) error {
		row(stmt)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func execute(t *testing.T, path, sql string) {
	t.Helper()
	query(t, path, sql, func(*zombiezen.Stmt) {})
}
