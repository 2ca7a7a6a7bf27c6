package postgres_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/demo"
	"ruptura/internal/legacytest"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source"
	"ruptura/internal/source/postgres"
)

// newCompany is an ERP with a made-up company in it, on a server where nothing else happens: no
// autovacuum, no checkpoints, no snapshots logged for standbys.
func newCompany(t *testing.T, size demo.Config) *erp {
	t.Helper()
	server := postgrestest.Start(t, postgrestest.Options{Settings: []string{
		"autovacuum = off", "wal_level = minimal", "max_wal_senders = 0", "checkpoint_timeout = '1d'",
	}})
	e := &erp{t: t, url: server.Database(t)}
	conn, err := pgx.Connect(t.Context(), e.url)
	if err != nil {
		t.Fatal(err)
	}
	e.conn = conn
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	fill := legacytest.Shape(func(w dataset.Writer) error { return demo.Generate(size, w) })
	if err := legacytest.CreateFull(t.Context(), conn, fill); err != nil {
		t.Fatal(err)
	}
	migrateUp(t, e.url, postgres.Legacy)
	e.reader = server.Reader(t, e.url, postgres.DefaultSchema)
	return e
}

// use reads in every way there is, by a source of its own.
func (e *erp) use() {
	e.t.Helper()
	ctx := e.t.Context()
	db, err := postgres.Open(ctx, e.reader, postgres.Options{})
	if err != nil {
		e.t.Fatal(err)
	}
	fail := func(err error) {
		e.t.Helper()
		if err != nil {
			e.t.Error(err)
		}
	}
	stale := legacyToday - 60
	fail(db.Ping(ctx))
	numbers, err := db.Numbers(ctx, source.NumbersQuery{StaleBefore: stale})
	fail(err)
	if len(numbers) < 2 {
		e.t.Fatal("the book is empty")
	}
	whole, err := db.Read(ctx, source.Query{All: true})
	fail(err)
	for _, q := range []source.Query{
		{Orders: numbers}, {Orders: numbers[:1]}, {Products: []atp.ProductCode{whole.Lines[0].Key.Product}},
	} {
		_, err = db.Read(ctx, q)
		fail(err)
	}
	for _, column := range source.Columns() {
		page, err := db.Book(ctx, source.BookQuery{StaleBefore: stale, Sort: column, Limit: 10})
		fail(err)
		_, err = db.Book(ctx, source.BookQuery{StaleBefore: stale, Sort: column, Limit: 10, Cursor: page.Next})
		fail(err)
	}
	for _, f := range []source.Filter{{Text: "a"}, {Product: whole.Lines[0].Key.Product}, {UF: "SP"}} {
		_, err = db.Book(ctx, source.BookQuery{Filter: f, StaleBefore: stale, Limit: 10})
		fail(err)
	}
	fail(db.Close())
	e.counted()
}

// counted waits until the server has counted what closed connections did, which it does as their
// processes end.
func (e *erp) counted() {
	e.t.Helper()
	e.exec("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
}

// written is what tells that anything was written: rows, the log, or a transaction that got a
// number to write under.
func (e *erp) written() string {
	e.t.Helper()
	e.exec("SELECT pg_stat_force_next_flush()") // what this connection itself has written
	var state string
	err := e.conn.QueryRow(e.t.Context(), `SELECT format('%s rows, log at %s, transaction %s',
		(SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_all_tables), pg_current_wal_insert_lsn(),
		pg_snapshot_xmax(pg_current_snapshot()))`).Scan(&state)
	if err != nil {
		e.t.Fatal(err)
	}
	return state
}

// TestLegacyNothingIsWritten reads as a user who may not write, and looks for traces nonetheless.
func TestLegacyNothingIsWritten(t *testing.T) {
	e := newCompany(t, demo.Config{Orders: 60, Movements: 2000, Seed: 2, Today: legacyToday})
	e.use() // whatever the first use of new tables brings with it
	e.exec("CHECKPOINT")
	e.expectNothingWritten()
	config, err := pgx.ParseConfig(e.reader)
	if err != nil {
		t.Fatal(err)
	}
	e.exec("ALTER ROLE " + config.User + " SET default_transaction_read_only = on")
	e.expectNothingWritten()
}

func (e *erp) expectNothingWritten() {
	e.t.Helper()
	before := e.written()
	e.use()
	if after := e.written(); after != before {
		e.t.Errorf("reading wrote: %s, and before it %s", after, before)
	}
}

// TestLegacyReaderMayOnlySelect makes sure that the user of these tests is as poor as said.
func TestLegacyReaderMayOnlySelect(t *testing.T) {
	e := newERP(t)
	e.line("A", "P", 1, 1)
	conn, err := pgx.Connect(t.Context(), e.reader)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, r := range dataset.Relations() {
		var rows int
		name := pgx.Identifier{postgres.DefaultSchema, r.String()}.Sanitize()
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM "+name).Scan(&rows); err != nil {
			t.Error(err)
		}
		if _, err := conn.Exec(t.Context(), "DELETE FROM "+name); err == nil {
			t.Errorf("rows of %s can be deleted", r)
		}
	}
	for _, sql := range []string{
		"SELECT 1 FROM carteira_principal", "DELETE FROM separacao", "CREATE TABLE x ()", "CREATE TABLE ruptura.x ()",
	} {
		if _, err := conn.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s was allowed", sql)
		}
	}
	if r := e.analyse("A"); r.Short != 1 {
		t.Errorf("%+v", r)
	}
}

// TestLegacyFiltersReachTheIndexes reads a little through the views, and counts the rows that the
// server had to look at in the tables below.
func TestLegacyFiltersReachTheIndexes(t *testing.T) {
	e := newCompany(t, demo.Config{Orders: 3000, Movements: 60_000, Seed: 2, Today: legacyToday})
	var order atp.OrderNumber
	var product atp.ProductCode
	err := e.conn.QueryRow(t.Context(), "SELECT num_pedido, cod_produto FROM carteira_principal WHERE ativo ORDER BY id LIMIT 1 OFFSET 700").Scan(&order, &product)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []source.Query{{Orders: []atp.OrderNumber{order}}, {Products: []atp.ProductCode{product}}} {
		e.exec("SELECT pg_stat_reset()")
		db := openReader(t, e.reader)
		snapshot, err := db.Read(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		e.counted()
		if len(snapshot.Stock) == 0 {
			t.Fatalf("%+v has no stock", q)
		}
		e.expectLooks(t, q)
	}
}

// expectLooks wants no row of a large table read in a scan, and few through an index.
func (e *erp) expectLooks(t *testing.T, q source.Query) {
	t.Helper()
	rows, err := e.conn.Query(t.Context(), `SELECT relname, seq_tup_read, coalesce(idx_tup_fetch, 0), (SELECT reltuples FROM pg_class WHERE oid = relid)
		FROM pg_stat_user_tables WHERE relname IN ('carteira_principal', 'movimentacao_estoque', 'separacao')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		var scanned, fetched int64
		var size float64
		if err := rows.Scan(&table, &scanned, &fetched, &size); err != nil {
			t.Fatal(err)
		}
		seen := fmt.Sprintf("%s: %d rows scanned and %d of %.0f by an index", table, scanned, fetched, size)
		t.Log(seen)
		if scanned > 0 || float64(fetched) > size/10 {
			t.Errorf("%+v looked at too much of %s", q, seen)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
