package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"ruptura/internal/postgrestest"
	"ruptura/internal/source"
)

func TestConnectionStringIsRefused(t *testing.T) {
	for _, connString := range []string{
		"postgres://ana:s3gr/edo@host:5432/x", "postgres://ana:s3gr%zzedo@host/x", "postgres://ana:s3gr@edo:s3gr@host:x/y",
		"host=h password='s3gr edo", "host=h password=s3gr port=s3gr", "postgres://ana:s3gr@h/x?sslmode=bad",
		"host=h password=s3gr target_session_attrs=bad", "postgres://ana:s3gr@h/x?pool_max_conns=0",
	} {
		_, err := Open(t.Context(), connString, Options{})
		if !errors.Is(err, ErrConnString) || strings.Contains(err.Error(), "s3gr") {
			t.Errorf("%s: %v, want ErrConnString without the password", connString, err)
		}
	}
}

func TestConfigure(t *testing.T) {
	t.Setenv("PGPASSWORD", "s3gredo")
	for _, c := range []struct {
		connString string
		options    Options
		want       int32
	}{
		{"postgres://ana@h/x", Options{}, defaultMaxConns},
		{"postgresql://ana@h/x?pool_max_conns=3", Options{}, 3},
		{"host=h user=ana pool_max_conns=3", Options{MaxConns: 5}, 5},
	} {
		config, err := configure(c.connString, c.options)
		if err != nil {
			t.Fatal(err)
		}
		conn := config.ConnConfig
		if config.MaxConns != c.want || conn.Password != "s3gredo" || conn.RuntimeParams["application_name"] != "ruptura" {
			t.Errorf("%s: %d connections, password %q, %v", c.connString, config.MaxConns, conn.Password, conn.RuntimeParams)
		}
	}
}

// TestOpenRefuses meets what waiting does not mend.
func TestOpenRefuses(t *testing.T) {
	server := postgrestest.Start(t, postgrestest.Options{Access: []string{
		"host all postgres 127.0.0.1/32 trust", "host all all 127.0.0.1/32 scram-sha-256",
	}})
	full, empty := server.Database(t), server.Database(t)
	postgrestest.Exec(t, full, oddRelations)
	lacking := server.Database(t)
	postgrestest.Exec(t, lacking, oddRelations, `DROP TABLE ruptura.producao`, `ALTER TABLE ruptura.itens DROP COLUMN linha`)
	narrow, unfit := server.Database(t), server.Database(t)
	postgrestest.Exec(t, narrow, oddRelations, `ALTER TABLE ruptura.itens DROP COLUMN linha, DROP COLUMN nome_produto`)
	postgrestest.Exec(t, unfit, oddRelations, `ALTER TABLE ruptura.itens ALTER qtd_saldo TYPE text, ALTER linha TYPE date USING NULL`,
		`ALTER TABLE ruptura.pedidos ALTER data_pedido TYPE int USING NULL, ALTER importante TYPE numeric`)
	reader := server.Reader(t, full, "ruptura")
	host := func(s string) string { return strings.SplitN(s, "@", 2)[1] }
	for _, c := range []struct {
		name, connString string
		want             error
		says             string
	}{
		{"wrong password", "postgres://" + strings.Split(strings.TrimPrefix(reader, "postgres://"), ":")[0] + ":s3gredo@" + host(reader), ErrPermission, "password"},
		{"no such database", strings.Replace(full, "/test_", "/none_", 1), ErrSchema, "does not exist"},
		{"no schema", empty, ErrSchema, `no schema "ruptura"`},
		{"a relation and a column missing", lacking, ErrSchema, "itens.linha, producao"},
		{"columns missing", narrow, ErrColumns, "no itens.linha, itens.nome_produto"},
		{"columns of another type", unfit, ErrColumns, "pedidos.data_pedido is integer, not date, pedidos.importante is numeric, not boolean, " +
			"itens.linha is date, not bigint, itens.qtd_saldo is text, not numeric"},
		{"may not use the schema", server.Role(t, full), ErrPermission, "GRANT USAGE"},
		{"may not select", server.Role(t, full, "USAGE ON SCHEMA ruptura", "SELECT ON ruptura.itens"), ErrPermission, "pedidos, estoque"},
		{"may do all it needs", reader, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, err := Open(t.Context(), c.connString, Options{})
			if db != nil {
				_ = db.Close()
			}
			if !errors.Is(err, c.want) || errors.Is(err, source.ErrUnavailable) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if c.want == ErrSchema && errors.Is(err, ErrColumns) { //nolint:errorlint // the sentinel itself
				t.Errorf("%v: whole relations are missing", err)
			}
			if err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "s3gredo")) {
				t.Errorf("%q does not say %q, or too much", err, c.says)
			}
		})
	}
}

// TestServerComesBack opens and reads while the server is away, and once it is there again.
func TestServerComesBack(t *testing.T) {
	defer goleak.VerifyNone(t)
	server := postgrestest.Start(t, postgrestest.Options{})
	url := server.Database(t)
	postgrestest.Exec(t, url, oddRelations)
	server.Stop(t)
	db := open(t, url, Options{})
	defer func() { _ = db.Close() }() // before goleak looks
	away := func() {
		t.Helper()
		_, readErr := db.Read(t.Context(), source.Query{All: true})
		for name, err := range map[string]error{"read": readErr, "ping": db.Ping(t.Context())} {
			if !errors.Is(err, source.ErrUnavailable) {
				t.Errorf("%s while the server is away: %v", name, err)
			}
		}
	}
	there := func() {
		t.Helper()
		if err := db.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := db.Read(t.Context(), source.Query{All: true}); err != nil {
			t.Error(err)
		}
	}
	away()
	server.Restart(t)
	there()
	server.Restart(t) // the connections kept are cut, which no caller notices
	if _, err := db.Read(t.Context(), source.Query{All: true}); err != nil {
		t.Errorf("read after a restart: %v", err)
	}
	server.Kill(t)
	away()
	server.Restart(t)
	there()
}

// sleeping is a relation that takes ten minutes to read.
const sleeping = `DROP TABLE ruptura.producao; CREATE VIEW ruptura.producao AS
	SELECT 'P'::text AS cod_produto, DATE '2026-03-02' AS data, 1 AS qtd FROM pg_sleep(600)`

func TestStatementTimeout(t *testing.T) {
	url := postgrestest.Database(t)
	postgrestest.Exec(t, url, oddRelations, sleeping)
	db := open(t, url, Options{StatementTimeout: time.Second}) // and twice that for the whole call, which a busy machine must not meet
	for name, q := range shapes("A") {
		if _, err := db.Read(t.Context(), q); !errors.Is(err, source.ErrUnavailable) || !strings.Contains(err.Error(), "57014") {
			t.Errorf("%s: %v, want ErrUnavailable for the timeout", name, err)
		}
	}
	if got, err := db.Numbers(t.Context(), source.NumbersQuery{}); err != nil || len(got) != 2 {
		t.Errorf("after a timeout: %q (%v)", got, err)
	}
	if stat := db.pool.Stat(); stat.TotalConns() != 1 || stat.AcquiredConns() != 0 {
		t.Errorf("%d connections, %d of them kept; want the one that timed out", stat.TotalConns(), stat.AcquiredConns())
	}
}

// TestCancelReachesTheServer ends a call and looks whether its statement has ended too.
func TestCancelReachesTheServer(t *testing.T) {
	url := postgrestest.Database(t)
	postgrestest.Exec(t, url, oddRelations, sleeping)
	db := open(t, url, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	watch, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = watch.Close(t.Context()) }()
	result := make(chan error, 1)
	go func() {
		_, err := db.Read(ctx, source.Query{All: true})
		result <- err
	}()
	busy(t, watch, 1)
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
	busy(t, watch, 0)
}

// busy waits until so many connections of the program run a statement.
func busy(t *testing.T, watch *pgx.Conn, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for got := -1; got != want; {
		err := watch.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
			AND application_name = 'ruptura' AND wait_event = 'PgSleep'`).Scan(&got)
		if err != nil {
			t.Fatalf("%d connections run a statement, want %d: %v", got, want, err)
		}
	}
}

func TestSentinelsOfStates(t *testing.T) {
	for code, want := range map[string]error{
		"57P01": source.ErrUnavailable, "57P02": source.ErrUnavailable, "57P03": source.ErrUnavailable, "53300": source.ErrUnavailable,
		"08006": source.ErrUnavailable, "40001": source.ErrUnavailable, "57014": source.ErrUnavailable, "28P01": ErrPermission,
		"28000": ErrPermission, "42501": ErrPermission, "42P01": ErrSchema, "57P04": ErrSchema,
		"25P04": source.ErrUnavailable, "3D000": ErrSchema, "22P02": ErrData, "42601": nil, "": nil,
	} {
		if got := sentinelOfState(code); got != want { //nolint:errorlint // the sentinel itself
			t.Errorf("%q is %v, want %v", code, got, want)
		}
	}
}

// TestTooManyConnections finds a server full.
func TestTooManyConnections(t *testing.T) {
	server := postgrestest.Start(t, postgrestest.Options{Settings: []string{
		"max_connections = 5", "superuser_reserved_connections = 4", "max_wal_senders = 0",
	}})
	url := server.Database(t)
	postgrestest.Exec(t, url, oddRelations)
	reader := server.Reader(t, url, "ruptura")
	first := open(t, reader, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for err := first.Ping(ctx); err != nil; err = first.Ping(ctx) { // the look at its relations may not be gone yet
		if !errors.Is(err, source.ErrUnavailable) || ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	second := open(t, reader, Options{})
	if err := second.Ping(t.Context()); !errors.Is(err, source.ErrUnavailable) || !strings.Contains(fmt.Sprint(err), "53300") {
		t.Errorf("%v, want ErrUnavailable for 53300", err)
	}
}

// TestPingSeesRelationsGo shows that a database whose relations went away is not called ready.
func TestPingSeesRelationsGo(t *testing.T) {
	url := postgrestest.Database(t)
	postgrestest.Exec(t, url, oddRelations)
	db := open(t, url, Options{})
	if err := db.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	postgrestest.Exec(t, url, `ALTER SCHEMA ruptura RENAME TO outro`)
	if err := db.Ping(t.Context()); !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), `no schema "ruptura"`) {
		t.Errorf("ping before any read: %v, want ErrSchema", err)
	}
	if _, err := db.Read(t.Context(), source.Query{All: true}); !errors.Is(err, ErrSchema) {
		t.Fatalf("read without the schema: %v, want ErrSchema", err)
	}
	if err := db.Ping(t.Context()); !errors.Is(err, ErrSchema) {
		t.Errorf("ping without the schema: %v, want ErrSchema", err)
	}
	postgrestest.Exec(t, url, `ALTER SCHEMA outro RENAME TO ruptura`)
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("ping once it is back: %v", err)
	}
	postgrestest.Exec(t, url, `DROP TABLE ruptura.producao`)
	if err := db.Ping(t.Context()); !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), "producao") {
		t.Errorf("ping without a relation: %v, want ErrSchema", err)
	}
}
