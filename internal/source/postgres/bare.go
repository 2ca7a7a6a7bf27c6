package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"ruptura/internal/source"
)

// Bare is the SQL of one read, to be run without anything around it: the floor that benchmarks
// compare with. It is of no other use.
type Bare struct {
	conn       *pgx.Conn
	statements []statement
}

// Bare notes the statements of a read, without those that make it a transaction, and keeps a
// connection for them until Close.
func (db *DB) Bare(ctx context.Context, q source.Query) (*Bare, error) {
	layout, err := db.look(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, db.pool.Config().ConnConfig)
	if err != nil {
		return nil, classify(ctx, "bare", err)
	}
	b := &Bare{conn: conn, statements: db.statements(layout, q, &reading{})}
	if _, err := b.scan(ctx, statement{sql: `SET jit = off`}); err != nil {
		return nil, errors.Join(classify(ctx, "bare", err), b.Close(ctx))
	}
	return b, nil
}

// Statements are the statements, in the sequence in which the read runs them.
func (b *Bare) Statements() (all []string) {
	for _, s := range b.statements {
		all = append(all, s.sql)
	}
	return all
}

// Scan runs the statements one after the other, looks at every column of every row, keeps nothing,
// and counts the rows.
func (b *Bare) Scan(ctx context.Context) (rows int, err error) {
	for _, s := range b.statements {
		n, err := b.scan(ctx, s)
		if err != nil {
			return rows, classify(ctx, "bare", err)
		}
		rows += n
	}
	return rows, nil
}

func (b *Bare) scan(ctx context.Context, s statement) (rows int, err error) {
	values, oids, formats := s.parameters()
	reader := b.conn.PgConn().ExecParams(ctx, s.sql, values, oids, formats, []int16{binaryFormat})
	for reader.NextRow() {
		for _, value := range reader.Values() {
			_ = value
		}
		rows++
	}
	_, err = reader.Close()
	return rows, err
}

// Close ends the connection.
func (b *Bare) Close(ctx context.Context) error { return b.conn.Close(ctx) }
