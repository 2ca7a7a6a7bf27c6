package postgrestest

import (
	"context"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// serial makes the names of databases and roles differ.
var serial atomic.Int64

// Database makes an empty database, dropped after the test, and returns its connection string, as a
// superuser. Its texts sort by code point.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	return s.create(t, "")
}

// Collated is Database with texts that sort as in a language ("pt-BR"): without regard to accents
// and punctuation at first.
func (s *Server) Collated(t testing.TB, language string) string {
	t.Helper()
	return s.create(t, " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE "+quoted(language))
}

// Encoded is Database with texts in another encoding than UTF-8 ("LATIN1", "SQL_ASCII").
func (s *Server) Encoded(t testing.TB, encoding string) string {
	t.Helper()
	return s.create(t, " TEMPLATE template0 LOCALE 'C' ENCODING "+quoted(encoding))
}

func (s *Server) create(t testing.TB, how string) string {
	t.Helper()
	name := "test_" + strconv.FormatInt(serial.Add(1), 10)
	Exec(t, s.url("postgres"), "CREATE DATABASE "+name+how)
	t.Cleanup(func() {
		if s.runs() {
			Exec(t, s.url("postgres"), "DROP DATABASE "+name+" WITH (FORCE)")
		}
	})
	return s.url(name)
}

// Role makes a user with nothing but the rights granted to it ("CREATE ON SCHEMA x") in a database,
// dropped after the test, and returns the database's connection string as that user.
func (s *Server) Role(t testing.TB, connString string, grants ...string) string {
	t.Helper()
	name := "role_" + strconv.FormatInt(serial.Add(1), 10)
	Exec(t, connString, "CREATE ROLE "+name+" LOGIN PASSWORD "+quoted(name))
	t.Cleanup(func() {
		if s.runs() {
			Exec(t, connString, "DROP OWNED BY "+name+" CASCADE", "DROP ROLE "+name)
		}
	})
	for _, g := range grants {
		Exec(t, connString, "GRANT "+g+" TO "+name)
	}
	u, err := url.Parse(connString)
	must(t, err)
	u.User = url.UserPassword(name, name)
	return u.String()
}

// Reader makes a user who may read all relations that schemas have by now, and nothing else, and
// returns the database's connection string as that user.
func (s *Server) Reader(t testing.TB, connString string, schemas ...string) string {
	t.Helper()
	var grants []string
	for _, schema := range schemas {
		name := pgx.Identifier{schema}.Sanitize()
		grants = append(grants, "USAGE ON SCHEMA "+name, "SELECT ON ALL TABLES IN SCHEMA "+name)
	}
	return s.Role(t, connString, grants...)
}

// Exec runs statements, each for itself, on a connection of their own.
func Exec(t testing.TB, connString string, statements ...string) {
	t.Helper()
	ctx := context.Background() // also from a Cleanup, when the test's own has ended
	config, err := pgx.ParseConfig(connString)
	must(t, err)
	config.RuntimeParams["client_encoding"] = "UTF8" // as these statements are, whatever the database
	conn, err := pgx.ConnectConfig(ctx, config)
	must(t, err)
	defer func() { _ = conn.Close(ctx) }()
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatalf("postgrestest: %s: %v", sql, err)
		}
	}
}

// quoted is a text of the tests' own as an SQL literal.
func quoted(s string) string { return "'" + s + "'" }
