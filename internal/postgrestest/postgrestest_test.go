package postgrestest_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"ruptura/internal/postgrestest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

func TestDatabasesAreApart(t *testing.T) {
	defer goleak.VerifyNone(t)
	one, other := postgrestest.Database(t), postgrestest.Shared(t).Collated(t, "pt-BR")
	postgrestest.Exec(t, one, "CREATE TABLE t ()")
	if got := text(t, other, "SELECT count(*)::text FROM pg_tables WHERE tablename = 't'"); got != "0" {
		t.Error("a table of one database is in the other")
	}
	if got := text(t, one, "SELECT ('a' < 'B')::text"); got != "false" {
		t.Error("the plain database does not sort by code point")
	}
	if got := text(t, other, "SELECT ('a' < 'B')::text"); got != "true" {
		t.Error("the Brazilian database does not sort as Brazilians do")
	}
	if got := text(t, one, "SHOW shared_preload_libraries"); got != "pg_stat_statements" {
		t.Logf("statements are not counted here: %q", got)
	}
}

func TestReaderOnlyReads(t *testing.T) {
	db := postgrestest.Database(t)
	postgrestest.Exec(t, db, `CREATE SCHEMA "a b"`, `CREATE TABLE "a b".t AS SELECT 'x' AS c`, "CREATE TABLE public.u ()")
	reader := postgrestest.Shared(t).Reader(t, db, "a b")
	if got := text(t, reader, `SELECT c FROM "a b".t`); got != "x" {
		t.Errorf("read %q", got)
	}
	for _, sql := range []string{`INSERT INTO "a b".t VALUES ('y')`, `CREATE TABLE "a b".v ()`, "TABLE public.u"} {
		if err := try(t, reader, sql); err == nil {
			t.Errorf("%s was not refused", sql)
		}
	}
}

func TestServerComesAndGoes(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := postgrestest.Start(t, postgrestest.Options{Settings: []string{"work_mem = '3MB'", "synchronous_commit = on"}})
	db := s.Database(t)
	if got := text(t, db, "SHOW work_mem"); got != "3MB" {
		t.Errorf("work_mem is %s", got)
	}
	postgrestest.Exec(t, db, "CREATE TABLE t AS SELECT 'kept' AS c")
	for name, end := range map[string]func(testing.TB){"stop": s.Stop, "kill": s.Kill} {
		end(t)
		if err := try(t, db, "SELECT 1"); err == nil {
			t.Errorf("it answers after %s", name)
		}
		s.Restart(t)
		if got := text(t, db, "SELECT c FROM t"); got != "kept" {
			t.Errorf("after %s: %q", name, got)
		}
	}
	s.Pause(t)
	s.Resume(t)
	if err := try(t, db, "SELECT 1"); err != nil {
		t.Error(err)
	}
}

func TestPgBouncerPoolsTransactions(t *testing.T) {
	s := postgrestest.Shared(t)
	db := s.Database(t)
	b := s.PgBouncer(t)
	for _, connString := range []string{db, s.Role(t, db)} {
		if got := text(t, b.Through(t, connString), "SELECT 'there'"); got != "there" {
			t.Errorf("read %q", got)
		}
	}
}

// text is the one value that a query gives.
func text(t *testing.T, connString, sql string) (value string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), connString)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if err := conn.QueryRow(t.Context(), sql, pgx.QueryExecModeExec).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// try is the error of a statement on a connection of its own.
func try(t *testing.T, connString, sql string) error {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), connString)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(t.Context()) }()
	_, err = conn.Exec(t.Context(), sql)
	return err
}
