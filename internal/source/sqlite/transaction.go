package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ruptura/internal/source"
)

// view runs fn in a transaction that sees one snapshot of the database and writes nothing.
func (db *DB) view(ctx context.Context, op string, fn func(*sqlite.Conn) error) error {
	conn, err := take(ctx, db.readers, op)
	if err != nil {
		return err
	}
	defer db.readers.Put(conn)
	if err = execute(conn, "BEGIN"); err != nil {
		return classify(ctx, op, err)
	}
	err = fn(conn)
	// A cancelled call must end its transaction all the same.
	conn.SetInterrupt(nil)
	return classify(ctx, op, errors.Join(err, execute(conn, "ROLLBACK")))
}

// change runs fn in a transaction that may write; when it fails, nothing has changed.
func (db *DB) change(ctx context.Context, op string, fn func(*sqlite.Conn) error) (err error) {
	conn, err := take(ctx, db.writer, op)
	if err != nil {
		return err
	}
	defer db.writer.Put(conn)
	if err = beginWrite(ctx, conn); err != nil {
		return classify(ctx, op, err)
	}
	defer func() {
		if conn.AutocommitEnabled() {
			return
		}
		// Also when fn panics: a transaction left open would hold the database locked.
		conn.SetInterrupt(nil)
		err = errors.Join(err, execute(conn, "ROLLBACK"))
	}()
	if err = fn(conn); err != nil {
		return classify(ctx, op, err)
	}
	return classify(ctx, op, execute(conn, "COMMIT"))
}

// beginWrite waits for another writer for at most [busyTimeout].
func beginWrite(ctx context.Context, conn *sqlite.Conn) error {
	limited, cancel := context.WithTimeout(ctx, busyTimeout)
	defer cancel()
	defer conn.SetInterrupt(conn.SetInterrupt(limited.Done()))
	return execute(conn, "BEGIN IMMEDIATE")
}

func take(ctx context.Context, pool *sqlitex.Pool, op string) (*sqlite.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("sqlite: %s: %w", op, err)
	}
	conn, err := pool.Take(ctx)
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil: // perhaps while a new connection was being prepared
		return nil, classify(ctx, op, err)
	}
	sentinel := sentinelOf(err)
	if sentinel == nil {
		sentinel = source.ErrUnavailable
	}
	return nil, fmt.Errorf("sqlite: %s: %w: %w", op, sentinel, err)
}

// execute runs a statement that returns no rows and has no parameters.
func execute(conn *sqlite.Conn, query string) error {
	stmt, err := conn.Prepare(query)
	if err != nil {
		return err
	}
	if _, err = stmt.Step(); err != nil {
		return err
	}
	return stmt.Reset()
}

// executeOnce is execute for a statement that is not worth keeping prepared.
func executeOnce(conn *sqlite.Conn, query string) error {
	stmt, _, err := conn.PrepareTransient(query)
	if err != nil {
		return err
	}
	_, err = stmt.Step()
	return errors.Join(err, stmt.Finalize())
}
