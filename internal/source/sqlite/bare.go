package sqlite

import (
	"context"
	"slices"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/source"
)

// Bare is the SQL of one read, to be run without anything around it: the floor that benchmarks
// compare with. It is of no other use.
type Bare struct {
	db         *DB
	statements []Statement
}

// Statement is a query and the keys it is run for, one by one; without keys it is run once.
type Statement struct {
	SQL  string
	Keys []string
	text []bool // which columns hold text; the others hold integers
}

// Bare runs a read and notes its statements.
func (db *DB) Bare(ctx context.Context, q source.Query) (*Bare, error) {
	bare := &Bare{db: db}
	err := db.view(ctx, "read", func(conn *sqlite.Conn) error {
		if _, err := read(conn, nil, q, bare); err != nil {
			return err
		}
		for i := range bare.statements {
			if err := bare.statements[i].describe(conn); err != nil {
				return err
			}
		}
		return nil
	})
	return bare, err
}

func (b *Bare) add(query string, keys []string) {
	b.statements = append(b.statements, Statement{SQL: query, Keys: slices.Clone(keys)})
}

// Statements are the statements, in the sequence in which the read ran them.
func (b *Bare) Statements() []Statement { return b.statements }

// Scan runs the statements in one transaction, as the read does, scans every column of every row
// into a Go variable as the driver's plain methods do, keeps nothing, and counts the rows.
func (b *Bare) Scan(ctx context.Context) (rows int, err error) {
	err = b.db.view(ctx, "scan", func(conn *sqlite.Conn) error {
		for i := range b.statements {
			n, err := b.statements[i].scan(conn)
			if err != nil {
				return err
			}
			rows += n
		}
		return nil
	})
	return rows, err
}

func (s *Statement) scan(conn *sqlite.Conn) (rows int, err error) {
	err = s.each(conn, func(stmt *sqlite.Stmt) {
		for col, text := range s.text {
			if text {
				_ = stmt.ColumnText(col)
			} else {
				_ = stmt.ColumnInt64(col)
			}
		}
		rows++
	})
	return rows, err
}

// describe finds out which columns hold text.
func (s *Statement) describe(conn *sqlite.Conn) error {
	return s.each(conn, func(stmt *sqlite.Stmt) {
		if s.text == nil {
			s.text = make([]bool, stmt.ColumnCount())
		}
		for col := range s.text {
			s.text[col] = s.text[col] || stmt.ColumnType(col) == sqlite.TypeText
		}
	})
}

func (s *Statement) each(conn *sqlite.Conn, row func(*sqlite.Stmt)) error {
	stmt, err := conn.Prepare(s.SQL)
	if err != nil {
		return err
	}
	if len(s.Keys) == 0 {
		return eachRow(stmt, row)
	}
	for _, key := range s.Keys {
		stmt.BindText(1, key)
		if err = eachRow(stmt, row); err != nil {
			return err
		}
	}
	return nil
}
