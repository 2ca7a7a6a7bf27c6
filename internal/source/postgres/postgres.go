// Package postgres reads an order book from PostgreSQL, usually the ERP's own: six relations in
// one schema, tables or views, read afresh by every call and never written by a read.
//
// Each call is one pipeline of unnamed statements in one read-only transaction, so on one
// consistent snapshot, and leaves nothing behind in the session: it works through a connection
// pooler in transaction mode as it does without (docs/adr/0011).
package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"ruptura/internal/source"
)

// DefaultSchema is where the relations are looked for when nothing else is said.
const DefaultSchema = "ruptura"

const (
	defaultStatementTimeout = time.Minute
	defaultConnectTimeout   = 5 * time.Second
	// defaultMaxConns serves two workers and a few single requests, and leaves the ERP its own.
	defaultMaxConns = 8
	// maxIdle is below what firewalls let an idle connection live.
	maxIdle = 4 * time.Minute
)

// Options say how to read. The zero value takes what each field says.
type Options struct {
	// Schema holds the six relations; [DefaultSchema] if empty.
	Schema string
	// StatementTimeout ends a statement on the server; a minute if zero. A whole call, waiting for
	// a connection included, takes at most twice as long.
	StatementTimeout time.Duration
	// MaxConns bounds the connections; if zero, what the connection string says as pool_max_conns,
	// else 8.
	MaxConns int32
	// Unchecked opens whatever the database holds, for who wants to look at what is wrong with it.
	Unchecked bool
}

// DB is an order book in PostgreSQL. It implements [source.Source].
type DB struct {
	pool   *pgxpool.Pool
	schema string
	limit  time.Duration // of one statement
	layout atomic.Pointer[layout]
	size   atomic.Int64 // of the book, in orders, when it was last read whole; 0 if it never was
}

var _ source.Source = (*DB)(nil)

// Open prepares to read from the server that a connection string names, in any form that pgx
// knows: a URL, keywords and values, or nothing for what PGHOST, PGSERVICE and the like say.
//
// A server that cannot be reached now is no error: [DB.Ping] says so, and every call tries again.
// What waiting would not mend is: errors wrap [ErrConnString], [ErrPermission] for a user or
// password that is refused or may not read, or [ErrSchema] for what is missing in the database.
// No error holds the connection string or a password.
func Open(ctx context.Context, connString string, o Options) (*DB, error) {
	config, err := configure(connString, o)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, classify(ctx, "open", err)
	}
	db := &DB{pool: pool, schema: o.Schema, limit: o.StatementTimeout}
	if db.schema == "" {
		db.schema = DefaultSchema
	}
	if db.limit <= 0 {
		db.limit = defaultStatementTimeout
	}
	if o.Unchecked {
		return db, nil
	}
	if _, err := db.look(ctx); err != nil && !errors.Is(err, source.ErrUnavailable) {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// configure reads a connection string and takes out of it whatever a session would keep.
func configure(connString string, o Options) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(connString)
	if err != nil {
		return nil, fmt.Errorf("postgres: open: %w: %s", ErrConnString, reason(err))
	}
	config.MaxConnIdleTime = maxIdle
	// A dead connection shows when it is used, and is then replaced: no round trip to find out.
	config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	if o.MaxConns > 0 {
		config.MaxConns = o.MaxConns
	} else if !setsMaxConns(connString) {
		config.MaxConns = defaultMaxConns
	}
	conn := config.ConnConfig
	conn.DefaultQueryExecMode = pgx.QueryExecModeExec
	conn.StatementCacheCapacity, conn.DescriptionCacheCapacity = 0, 0
	if conn.ConnectTimeout <= 0 {
		conn.ConnectTimeout = defaultConnectTimeout
	}
	conn.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &canceller{conn: c}
	}
	// These two a pooler lets through.
	conn.RuntimeParams["client_encoding"] = "UTF8"
	if conn.RuntimeParams["application_name"] == "" {
		conn.RuntimeParams["application_name"] = "ruptura"
	}
	return config, nil
}

// setsMaxConns reports whether a connection string, or the service that it names, says pool_max_conns.
func setsMaxConns(connString string) bool {
	config, err := pgconn.ParseConfig(connString)
	if err != nil {
		return false
	}
	_, set := config.RuntimeParams["pool_max_conns"]
	return set
}

// Close ends running calls and the connections. It may be called again.
func (db *DB) Close() error {
	db.pool.Close()
	return nil
}
