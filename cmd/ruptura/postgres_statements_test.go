package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"ruptura/internal/dataset"
	"ruptura/internal/demo"
	"ruptura/internal/legacytest"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source/postgres"
)

// TestFewStatementsPerOrder counts, by the server's own count, what a session of the whole book
// costs it: at most 0.05 statements an order. The replaced system had 21.4.
func TestFewStatementsPerOrder(t *testing.T) {
	const orders = 1000
	server := postgrestest.Start(t, postgrestest.Options{Settings: []string{"pg_stat_statements.track_utility = on"}})
	url := server.Database(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := legacytest.Create(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	fill := legacytest.Shape(func(w dataset.Writer) error {
		return demo.Generate(demo.Config{Orders: orders, Movements: 5000, Seed: 1, Today: equalToday}, w)
	})
	if err := legacytest.Load(t.Context(), conn, fill); err != nil {
		t.Fatal(err)
	}
	migrateTo(t, url, postgres.Legacy)
	a := &teller{t: t, bench: &bench{client: &http.Client{Transport: &http.Transport{}}}}
	defer a.serve(openPostgres(t, server.Reader(t, url, postgres.DefaultSchema)))()
	count := func(sql string, to ...any) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), sql).Scan(to...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.Exec(t.Context(), "CREATE EXTENSION pg_stat_statements"); err != nil {
		if os.Getenv("RUPTURA_REQUIRE_SERVICES") == "1" {
			t.Fatal(err)
		}
		t.Skipf("statements cannot be counted: %v", err)
	}
	const ours = `FROM pg_stat_statements AS s JOIN pg_roles AS r ON r.oid = s.userid WHERE NOT r.rolsuper`
	count("SELECT pg_stat_statements_reset() IS NOT NULL", new(bool))
	stream, err := a.post(t.Context(), []byte(`{"todos":true}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := a.answered(stream); got != orders {
		t.Errorf("%d orders were analysed", got)
	}
	var statements, rows int64
	count("SELECT coalesce(sum(calls), 0), coalesce(sum(rows), 0) "+ours, &statements, &rows)
	t.Logf("%d statements for %d orders, %d rows", statements, orders, rows)
	if statements == 0 || statements*20 > orders {
		t.Errorf("%d statements for %d orders, want at most 0.05 each", statements, orders)
	}
}

// answered reads a stream to its end and counts the orders in it.
func (a *teller) answered(stream string) int {
	a.t.Helper()
	response, err := a.get(a.t.Context(), stream)
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	if err != nil || !bytes.Contains(all, []byte(`"tipo":"completo"`)) {
		a.t.Fatalf("the stream did not end well: %v", err)
	}
	return bytes.Count(all, []byte(`"pedido_ok":`))
}
