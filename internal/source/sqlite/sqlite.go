// Package sqlite is the embedded engine: an order book in one SQLite file, read afresh by every
// call. Reads run on a pool of connections that cannot write, each call in one transaction and so
// on one consistent snapshot; writes go through a single connection of their own.
//
// The schema is in migrations/ and, as a whole, in schema.sql. Stock is a ledger of movements; its
// running balance per product is kept by triggers, so it holds whatever program writes.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// InMemory is the path of a database that lives in a temporary folder and goes with Close.
const InMemory = ":memory:"

const (
	defaultReaders = 4
	// busyTimeout is how long a write waits for another program's.
	busyTimeout = 5 * time.Second
)

// Options say how to open a database. The zero value opens an existing one of the right schema.
type Options struct {
	// Migrate creates the file if need be and brings its schema up to date.
	Migrate bool
	// Readers is how many reads may run at once; 4 if zero.
	Readers int
}

// DB is an open database. It implements [source.Source] and [dataset.Store].
type DB struct {
	// readers has room for Options.Readers and the seconds of some of them.
	readers *sqlitex.Pool
	// seconds holds a value for each second connection in use.
	seconds  chan struct{}
	pairFrom int
	writer   *sqlitex.Pool
	path     string
	cleanUp  func() error
	close    func() error
}

var (
	_ source.Source = (*DB)(nil)
	_ dataset.Store = (*DB)(nil)
)

// Open opens the database file at path. Its errors wrap [ErrSchema] for a schema that does not fit
// this program, [fs.ErrNotExist] for a missing file, else [source.ErrUnavailable].
func Open(ctx context.Context, path string, opts Options) (*DB, error) {
	cleanUp := func() error { return nil }
	if path == InMemory {
		dir, err := os.MkdirTemp("", "ruptura-")
		if err != nil {
			return nil, fmt.Errorf("sqlite: open: %w: %w", source.ErrUnavailable, err)
		}
		path = filepath.Join(dir, "ruptura.db")
		cleanUp = func() error { return os.RemoveAll(dir) }
	}
	db, err := open(ctx, path, opts)
	if err != nil {
		return nil, errors.Join(err, cleanUp())
	}
	db.cleanUp = cleanUp
	return db, nil
}

func open(ctx context.Context, path string, opts Options) (*DB, error) {
	if opts.Migrate {
		if err := migrateUp(ctx, path); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("sqlite: open: %w: %w", source.ErrUnavailable, withoutPath(err))
	}
	db := &DB{path: path}
	db.close = sync.OnceValue(db.closeAll)
	if err := db.openPools(path, opts); err != nil {
		return nil, errors.Join(classify(ctx, "open", err), db.Close())
	}
	if err := db.checkSchema(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) openPools(path string, opts Options) (err error) {
	db.writer, err = sqlitex.NewPool(path, sqlitex.PoolOptions{
		Flags:       sqlite.OpenReadWrite,
		PoolSize:    1,
		PrepareConn: prepareWriter,
	})
	if err != nil {
		return err
	}
	readers := opts.Readers
	if readers <= 0 {
		readers = defaultReaders
	}
	seconds := (readers + 1) / 2
	db.seconds, db.pairFrom = make(chan struct{}, seconds), pairFrom
	db.readers, err = sqlitex.NewPool(path, sqlitex.PoolOptions{
		Flags:       sqlite.OpenReadWrite, // not read-only: a reader too may have to recover the log
		PoolSize:    readers + seconds,
		PrepareConn: prepareReader,
	})
	return err
}

func prepareWriter(conn *sqlite.Conn) error {
	for _, pragma := range []string{
		"PRAGMA journal_mode = wal", "PRAGMA synchronous = normal", "PRAGMA cache_size = -32768",
	} {
		if err := sqlitex.ExecuteTransient(conn, pragma, nil); err != nil {
			return err
		}
	}
	return nil
}

func prepareReader(conn *sqlite.Conn) error {
	if err := conn.CreateFunction("dobra", foldFunction()); err != nil {
		return err
	}
	return sqlitex.ExecuteTransient(conn, "PRAGMA query_only = on", nil)
}

// foldFunction is [source.Fold] for SQL.
func foldFunction() *sqlite.FunctionImpl {
	return &sqlite.FunctionImpl{
		NArgs:         1,
		Deterministic: true,
		Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			return sqlite.TextValue(source.Fold(args[0].Text())), nil
		},
	}
}

// Close ends running calls and closes the file. It may be called again.
func (db *DB) Close() error { return db.close() }

func (db *DB) closeAll() error {
	var errs []error
	// The writer goes last: it may write, and so folds the log into the file and removes it.
	for _, pool := range []*sqlitex.Pool{db.readers, db.writer} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	if db.cleanUp != nil {
		errs = append(errs, db.cleanUp())
	}
	return errors.Join(errs...)
}

// Discard closes the database and, when it has no rows, removes its file: the way back for who made
// it and could not fill it.
func (db *DB) Discard(ctx context.Context) error {
	for _, r := range dataset.Relations() {
		if has, err := db.Has(ctx, r); err != nil || has {
			return errors.Join(err, db.Close())
		}
	}
	errs := []error{db.Close()}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(db.path + suffix); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Ping reads the database's schema version from the file.
func (db *DB) Ping(ctx context.Context) error {
	return db.view(ctx, "ping", func(conn *sqlite.Conn) error {
		_, err := schemaVersion(conn)
		return err
	})
}

// withoutPath is the reason of a file error, without the file's name.
func withoutPath(err error) error {
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
