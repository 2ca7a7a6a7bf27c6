package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// pairFrom is the number of orders from which a read is worth two connections.
const pairFrom = 200

// second is another connection for the same read. A nil second is none.
type second struct {
	db      *DB
	conn    *sqlite.Conn
	version int64 // of the database before the first connection looked at it
	begun   bool
}

// second takes another connection for a large read, if one is free. Whatever speaks against it, a
// read gets along without.
func (db *DB) second(ctx context.Context, q source.Query) *second {
	if len(q.Orders) < db.pairFrom {
		return nil
	}
	select {
	case db.seconds <- struct{}{}:
	default:
		return nil // the others are as large as this one: share the connections fairly
	}
	conn, err := db.readers.Take(ctx)
	if err != nil {
		<-db.seconds
		return nil
	}
	s := &second{db: db, conn: conn}
	if s.version, err = dataVersion(conn); err != nil {
		s.release()
		return nil
	}
	return s
}

// join begins a transaction and reports whether it sees the same snapshot as the one that the
// first connection has begun to read since the second was taken.
//
// SQLite promises that a connection's data_version changes whenever another connection has
// committed in between. If it is the same before the first connection's snapshot and in our own,
// nothing was committed between the two, so they are equal.
func (s *second) join() (bool, error) {
	if s == nil {
		return false, nil
	}
	if err := execute(s.conn, "BEGIN"); err != nil {
		return false, err
	}
	s.begun = true
	version, err := dataVersion(s.conn)
	return version == s.version, err
}

// release ends the transaction and gives the connection back. A connection that cannot end its
// transaction would be refused by its next user, who says so.
func (s *second) release() {
	if s == nil {
		return
	}
	if s.begun {
		s.conn.SetInterrupt(nil)
		_ = execute(s.conn, "ROLLBACK")
	}
	s.db.readers.Put(s.conn)
	<-s.db.seconds
}

func dataVersion(conn *sqlite.Conn) (version int64, err error) {
	stmt, err := conn.Prepare("PRAGMA data_version")
	if err != nil {
		return 0, err
	}
	err = eachRow(stmt, func(stmt *sqlite.Stmt) { version = stmt.ColumnInt64(0) })
	return version, err
}

// together reads on two connections that see the same snapshot: first each half of the lines, then
// what the products touched by either need.
func (r *reading) together(conn *sqlite.Conn, q source.Query) error {
	other := r.beside(conn)
	first, second := r.halves()
	err := atOnce(
		func() error { return r.lines(first) },
		func() error { return other.lines(second) },
	)
	if err != nil {
		return err
	}
	r.absorb(other)
	if err := r.unify(q.Products); err != nil {
		return err
	}
	other.follow(r)
	err = atOnce(
		r.reservations,
		func() error { return inTurn(other.headers, other.stock, other.receipts) },
	)
	if err != nil {
		return err
	}
	return r.holders()
}

// beside is a reading of half as much on another connection.
func (r *reading) beside(conn *sqlite.Conn) *reading {
	return &reading{
		decoder: newDecoder(len(r.orders.numbers) / 2), conn: conn, sizes: r.sizes, orders: r.orders,
		snap:     &atp.Snapshot{Lines: make([]atp.Line, 0, cap(r.snap.Lines)/2)},
		products: make(map[string]*product, r.sizes.balances),
	}
}

// absorb takes over what the other has read.
func (r *reading) absorb(other *reading) {
	r.snap.Lines = append(r.snap.Lines, other.snap.Lines...)
	for _, code := range other.codes {
		if _, ok := r.products[code]; !ok {
			r.products[code] = other.products[code]
			r.codes = append(r.codes, code)
		}
	}
}

// follow makes r read for the same snapshot as the other. Both may then read at once, each of them
// other relations: what they share does not change any more.
func (r *reading) follow(other *reading) {
	r.snap, r.products, r.codes = other.snap, other.products, other.codes
}

// errPanicked is a panic in one half of a read.
var errPanicked = errors.New("sqlite: internal error while reading")

// atOnce runs both and waits for both, whatever happens to either.
func atOnce(first, second func() error) error {
	done := make(chan error, 1)
	go func() { done <- caught(second) }()
	err := caught(first)
	return errors.Join(err, <-done)
}

// caught turns a panic into an error.
func caught(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanicked, p, debug.Stack())
		}
	}()
	return do()
}
