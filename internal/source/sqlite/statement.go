package sqlite

import "zombiezen.com/go/sqlite"

// sizes bound the number of rows of each relation, so that a read can choose between looking up
// keys and reading a relation whole. They cost one descent of a tree each.
type sizes struct {
	orders, balances, reservations, receipts, unifications int
}

const sizesQuery = `SELECT
	(SELECT max(rowid) FROM pedidos),
	(SELECT max(rowid) FROM estoque_saldo),
	(SELECT max(rowid) FROM separacoes),
	(SELECT max(rowid) FROM producao),
	(SELECT max(rowid) FROM unificacao)`

func (r *reading) measure() error {
	return r.scan(sizesQuery, func(stmt *sqlite.Stmt) {
		r.sizes = sizes{
			orders:       stmt.ColumnInt(0),
			balances:     stmt.ColumnInt(1),
			reservations: stmt.ColumnInt(2),
			receipts:     stmt.ColumnInt(3),
			unifications: stmt.ColumnInt(4),
		}
	})
}

// scanLines reports whether reading every order is cheaper than looking up n of them.
func (s sizes) scanLines(n int) bool { return s.orders > 0 && 3*n >= 2*s.orders }

// rowsPerSeek is how many rows of a small relation are read in the time of one look-up and the
// few rows it usually finds.
const rowsPerSeek = 16

func worthScanning(keys, rows int) bool { return rows <= rowsPerSeek*keys }

// scan runs a query without parameters and hands its rows to row.
func (r *reading) scan(query string, row func(*sqlite.Stmt)) error {
	stmt, err := r.statement(query, nil)
	if err != nil {
		return err
	}
	return eachRow(stmt, row)
}

// seek runs a query of one text parameter for each key in turn.
func (r *reading) seek(query string, keys []string, row func(*sqlite.Stmt)) error {
	if len(keys) == 0 {
		return nil
	}
	stmt, err := r.statement(query, keys)
	if err != nil {
		return err
	}
	for _, key := range keys {
		stmt.BindText(1, key)
		if err = eachRow(stmt, row); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) statement(query string, keys []string) (*sqlite.Stmt, error) {
	if r.record != nil {
		r.record.add(query, keys)
	}
	return r.conn.Prepare(query)
}

// eachRow steps to the end and makes the statement ready to be bound again.
func eachRow(stmt *sqlite.Stmt, row func(*sqlite.Stmt)) error {
	for {
		more, err := stmt.Step()
		if err != nil {
			return err
		}
		if !more {
			return stmt.Reset()
		}
		row(stmt)
	}
}
