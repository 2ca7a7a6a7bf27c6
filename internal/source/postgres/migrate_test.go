package postgres_test

import (
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"ruptura/internal/lang"
	"ruptura/internal/legacytest"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source/postgres"
)

// hostileSchemas are names that break programs which put them into SQL as they are.
var hostileSchemas = []string{
	"Minha ruptura", `a"b`, `'; DROP SCHEMA public CASCADE; --`, `"."`, "select", "ção %s :nome /*",
}

// erpDatabase is a database with the ERP's tables.
func erpDatabase(t *testing.T) string {
	t.Helper()
	url := postgrestest.Database(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if err := legacytest.Create(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	return url
}

func migrator(t *testing.T, url, schema string, p postgres.Profile) *postgres.Migrator {
	t.Helper()
	m, err := postgres.NewMigrator(t.Context(), url, schema, p)
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

// up migrates up and returns how many steps that took.
func up(t *testing.T, m *postgres.Migrator) int {
	t.Helper()
	steps, err := m.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(steps)
}

func down(t *testing.T, m *postgres.Migrator, steps int) {
	t.Helper()
	for range steps {
		if _, err := m.Down(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// dump is all that a database has but its rows, as SQL.
func dump(t *testing.T, url string) string {
	t.Helper()
	out, err := exec.Command(postgrestest.Shared(t).Bin("pg_dump"), "--schema-only", url).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// Newer ones have a random word in it.
	return regexp.MustCompile(`(?m)^\\(un)?restrict .*$`).ReplaceAllString(string(out), "")
}

// TestMigrateWithFewRights goes there and back as somebody who may create in one schema, which an
// administrator made, and read the ERP's tables.
func TestMigrateWithFewRights(t *testing.T) {
	for _, p := range postgres.Profiles() {
		t.Run(string(p), func(t *testing.T) {
			url := erpDatabase(t)
			postgrestest.Exec(t, url, "CREATE SCHEMA ruptura", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
			role := postgrestest.Shared(t).Role(t, url,
				"CREATE, USAGE ON SCHEMA ruptura", "SELECT ON ALL TABLES IN SCHEMA public")
			before := dump(t, url)
			m := migrator(t, role, "ruptura", p)
			steps := up(t, m)
			if steps == 0 || dump(t, url) == before {
				t.Error("nothing was made")
			}
			if again := up(t, m); again != 0 {
				t.Errorf("up again made %d steps", again)
			}
			openReader(t, role)
			down(t, m, steps)
			if diff := cmp.Diff(before, dump(t, url)); diff != "" {
				t.Errorf("after down (-before +after):\n%s", diff)
			}
			if _, err := m.Down(t.Context()); !errors.Is(err, postgres.ErrSchema) {
				t.Errorf("down from nothing: %v, want ErrSchema", err)
			}
		})
	}
}

// TestMigrateAnySchema makes the schema itself, and reads what is there, whatever its name.
func TestMigrateAnySchema(t *testing.T) {
	url := erpDatabase(t)
	before := dump(t, url)
	for _, schema := range hostileSchemas {
		for _, p := range postgres.Profiles() {
			t.Run(schema+" "+string(p), func(t *testing.T) {
				m := migrator(t, url, schema, p)
				steps := up(t, m)
				db, err := postgres.Open(t.Context(), url, postgres.Options{Schema: schema})
				if err != nil {
					t.Error(err)
				} else if err := db.Close(); err != nil {
					t.Error(err)
				}
				made := dump(t, url)
				down(t, m, steps)
				psql(t, url, sqlOf(t, p, schema, lang.PT))
				if diff := cmp.Diff(made, dump(t, url)); diff != "" {
					t.Errorf("what an administrator runs is not what up runs (-up +run):\n%s", diff)
				}
				down(t, migrator(t, url, schema, ""), steps)
				if diff := cmp.Diff(before, dump(t, url)); diff != "" {
					t.Errorf("after down (-before +after):\n%s", diff)
				}
			})
		}
	}
}

func sqlOf(t *testing.T, p postgres.Profile, schema string, l lang.Lang) string {
	t.Helper()
	sql, err := p.SQL(schema, l)
	if err != nil {
		t.Fatal(err)
	}
	return sql
}

// psql runs a script as an administrator does.
func psql(t *testing.T, url, script string) {
	t.Helper()
	cmd := exec.Command(postgrestest.Shared(t).Bin("psql"), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", url)
	cmd.Stdin = strings.NewReader(script)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestSchemaNames(t *testing.T) {
	for _, name := range []string{"", strings.Repeat("x", 64), "pg_ruptura", "information_schema", "a\x00b", "a\nb", "\xff", "$corpo$", `a\b`, "{schema}"} {
		if _, err := postgres.Native.SQL(name, lang.PT); !errors.Is(err, postgres.ErrSchemaName) {
			t.Errorf("%q: %v, want ErrSchemaName", name, err)
		}
		if _, err := postgres.NewMigrator(t.Context(), "", name, postgres.Native); !errors.Is(err, postgres.ErrSchemaName) {
			t.Errorf("%q: %v, want ErrSchemaName", name, err)
		}
	}
	if _, err := postgres.Profile("outro").SQL("ruptura", lang.PT); !errors.Is(err, postgres.ErrProfile) {
		t.Errorf("%v, want ErrProfile", err)
	}
	if _, err := postgres.Profile("../legado").SQL("ruptura", lang.PT); !errors.Is(err, postgres.ErrProfile) {
		t.Errorf("%v, want ErrProfile", err)
	}
}

func TestProfileSQLSpeaksTheLanguage(t *testing.T) {
	for _, p := range postgres.Profiles() {
		pt, en := sqlOf(t, p, "ruptura", lang.PT), sqlOf(t, p, "ruptura", lang.EN)
		if !strings.Contains(pt, "-- O esquema") || strings.Contains(pt, "The schema") ||
			!strings.Contains(en, "-- The schema") || strings.Contains(en, "O esquema") {
			t.Errorf("%s: the comments are not in one language", p)
		}
		if strings.Contains(pt+en, "{") || strings.Contains(pt+en, "--pt") || strings.Contains(pt+en, "--en") {
			t.Errorf("%s: something was left to be filled in", p)
		}
	}
}

func TestMigrationStatus(t *testing.T) {
	url := postgrestest.Database(t)
	m := migrator(t, url, "ruptura", postgres.Native)
	before := dump(t, url)
	for _, applied := range []bool{false, true} {
		all, err := m.Status(t.Context())
		if err != nil || len(all) == 0 {
			t.Fatalf("status %v (%v)", all, err)
		}
		for _, step := range all {
			if step.Applied() != applied || step.Name == "" || step.Version == 0 {
				t.Errorf("%+v, want applied %t", step, applied)
			}
		}
		if !applied && dump(t, url) != before {
			t.Error("to ask for the status wrote something")
		}
		up(t, m)
	}
}

// TestMigrateTwoAtOnce lets several begin at the same time.
func TestMigrateTwoAtOnce(t *testing.T) {
	url := postgrestest.Database(t)
	var all sync.WaitGroup
	for range 6 {
		m := migrator(t, url, "ruptura", postgres.Native)
		all.Go(func() {
			if _, err := m.Up(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	openReader(t, url)
}

func TestMigrateRefusesAnotherProfile(t *testing.T) {
	url := erpDatabase(t)
	up(t, migrator(t, url, "ruptura", postgres.Native))
	before := dump(t, url)
	for way, err := range migrations(t, migrator(t, url, "ruptura", postgres.Legacy)) {
		if !errors.Is(err, postgres.ErrProfile) {
			t.Errorf("%s: %v, want ErrProfile", way, err)
		}
	}
	if diff := cmp.Diff(before, dump(t, url)); diff != "" {
		t.Errorf("something has changed (-before +after):\n%s", diff)
	}
}

func TestMigrateRefusesWhatOthersMade(t *testing.T) {
	for name, sql := range map[string]string{
		"a table with a name of ours":     "CREATE TABLE ruptura.pedidos (x int)",
		"own views":                       "CREATE VIEW ruptura.estoque AS SELECT 1",
		"a function alone":                "CREATE FUNCTION ruptura.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
		"a type alone":                    "CREATE TYPE ruptura.t AS ENUM ('a')",
		"another table of the same name":  "CREATE TABLE ruptura.ruptura_passos (x int)",
		"a sequence":                      "CREATE SEQUENCE ruptura.s",
		"another view of the same name":   "CREATE VIEW ruptura.ruptura_passos AS SELECT 1 AS versao, '' AS perfil, '' AS passo, now() AS aplicado",
		"a table that took another's row": "CREATE TABLE ruptura.goose_db_version (version_id bigint)",
	} {
		t.Run(name, func(t *testing.T) {
			url := postgrestest.Database(t)
			postgrestest.Exec(t, url, "CREATE SCHEMA ruptura", sql)
			before := dump(t, url)
			for way, err := range migrations(t, migrator(t, url, "ruptura", postgres.Native)) {
				if !errors.Is(err, postgres.ErrForeign) || !errors.Is(err, postgres.ErrSchema) {
					t.Errorf("%s: %v, want ErrForeign", way, err)
				}
			}
			if diff := cmp.Diff(before, dump(t, url)); diff != "" {
				t.Errorf("something has changed (-before +after):\n%s", diff)
			}
		})
	}
}

// migrations are the errors of all that migrates.
func migrations(t *testing.T, m *postgres.Migrator) map[string]error {
	t.Helper()
	_, up := m.Up(t.Context())
	_, down := m.Down(t.Context())
	_, status := m.Status(t.Context())
	return map[string]error{"up": up, "down": down, "status": status}
}

// TestMigrateDownKeepsWhatOthersAdded leaves a schema that it made to those who use it by then.
func TestMigrateDownKeepsWhatOthersAdded(t *testing.T) {
	url := postgrestest.Database(t)
	m := migrator(t, url, "ruptura", postgres.Native)
	steps := up(t, m)
	postgrestest.Exec(t, url, "CREATE TABLE ruptura.deles (x int)")
	down(t, m, steps)
	postgrestest.Exec(t, url, "TABLE ruptura.deles")
	if _, err := m.Up(t.Context()); !errors.Is(err, postgres.ErrForeign) {
		t.Errorf("%v, want ErrForeign", err)
	}
}

func TestMigrateWithoutRights(t *testing.T) {
	url := erpDatabase(t)
	server := postgrestest.Shared(t)
	postgrestest.Exec(t, url, "CREATE SCHEMA ruptura")
	for name, c := range map[string]struct {
		profile postgres.Profile
		grants  []string
	}{
		"none":                    {postgres.Native, nil},
		"not to create":           {postgres.Native, []string{"USAGE ON SCHEMA ruptura"}},
		"not to read the ERP's":   {postgres.Legacy, []string{"USAGE, CREATE ON SCHEMA ruptura"}},
		"not to make any schemas": {postgres.Native, []string{"CONNECT ON DATABASE " + pgx.Identifier{databaseOf(t, url)}.Sanitize()}},
	} {
		m := migrator(t, server.Role(t, url, c.grants...), "ruptura", c.profile)
		if name == "not to make any schemas" {
			m = migrator(t, server.Role(t, url), "outro", c.profile)
		}
		if _, err := m.Up(t.Context()); !errors.Is(err, postgres.ErrPermission) {
			t.Errorf("%s: %v, want ErrPermission", name, err)
		}
	}
}

func databaseOf(t *testing.T, url string) string {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return config.Database
}
