package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/dataset"
	"ruptura/internal/doctor"
)

var _ doctor.Database = (*DB)(nil)

// relations puts the relations into a query. Movements that were cancelled are not in the port's.
func relations() *strings.Replacer {
	var pairs []string
	for _, r := range dataset.Relations() {
		name := r.String()
		if r == dataset.Stock {
			name = "(SELECT cod_produto, local, data, qtd FROM estoque WHERE cancelado = 0)"
		}
		pairs = append(pairs, "{"+r.String()+"}", name)
	}
	return strings.NewReplacer(pairs...)
}

// Find implements [doctor.Database].
func (db *DB) Find(ctx context.Context, query string) (doctor.Found, error) {
	var found doctor.Found
	query = fmt.Sprintf("SELECT CAST(k AS text), count(*) OVER () FROM (%s) ORDER BY 1 LIMIT %d",
		relations().Replace(query), doctor.MaxExamples)
	err := db.view(ctx, "inspect", func(conn *sqlite.Conn) error {
		return rows(conn, query, func(stmt *sqlite.Stmt) {
			found.Examples, found.Rows = append(found.Examples, stmt.ColumnText(0)), stmt.ColumnInt64(1)
		})
	})
	return found, err
}

// Count implements [doctor.Database].
func (db *DB) Count(ctx context.Context, r dataset.Relation) (n int64, err error) {
	err = db.view(ctx, "inspect", func(conn *sqlite.Conn) error {
		n, err = integer(conn, relations().Replace("SELECT count(*) FROM {"+r.String()+"}"))
		return err
	})
	return n, err
}

// Integrity has SQLite look over the whole file, and returns what it found broken, some lines at
// most; none if all is well.
func (db *DB) Integrity(ctx context.Context) ([]string, error) {
	var broken []string
	err := db.view(ctx, "inspect", func(conn *sqlite.Conn) error {
		return rows(conn, fmt.Sprintf("PRAGMA integrity_check(%d)", doctor.MaxExamples), func(stmt *sqlite.Stmt) {
			if line := stmt.ColumnText(0); line != "ok" {
				broken = append(broken, strings.Split(line, "\n")...)
			}
		})
	})
	if len(broken) > 0 {
		return broken, nil // a damaged file may also end the look at it
	}
	return nil, err
}

// rows runs a query that is not worth keeping prepared.
func rows(conn *sqlite.Conn, query string, row func(*sqlite.Stmt)) error {
	stmt, _, err := conn.PrepareTransient(query)
	if err != nil {
		return err
	}
	if err := eachRow(stmt, row); err != nil {
		_ = stmt.Finalize() // says the same again
		return err
	}
	return stmt.Finalize()
}

// Loss is a table with rows that exist nowhere else.
type Loss struct {
	Table string
	Rows  int64
}

var dropped = regexp.MustCompile(`(?m)^DROP TABLE (\w+);`)

// Losses are the tables that the next Down would drop, with the rows they have. What is only added
// up from others (the balances, the open orders) is none of them.
func (m *Migrator) Losses(ctx context.Context) ([]Loss, error) {
	if err := m.exists(ctx, "down"); err != nil {
		return nil, err
	}
	version, err := m.provider.GetDBVersion(ctx)
	if err != nil {
		return nil, migrationError(ctx, "down", err)
	}
	tables, err := dropsOf(version)
	if err != nil || len(tables) == 0 {
		return nil, err
	}
	conn, err := sqlite.OpenConn(m.path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, classify(ctx, "migrate down", err)
	}
	conn.SetInterrupt(ctx.Done())
	var losses []Loss
	for _, table := range tables {
		n, countErr := integer(conn, "SELECT count(*) FROM "+table)
		if err = errors.Join(err, countErr); n > 0 {
			losses = append(losses, Loss{table, n})
		}
	}
	return losses, classify(ctx, "migrate down", errors.Join(err, conn.Close()))
}

// dropsOf reads what the way back of a migration drops.
func dropsOf(version int64) ([]string, error) {
	names, err := fs.Glob(migrations, fmt.Sprintf("migrations/%05d_*.sql", version))
	if err != nil || len(names) == 0 {
		return nil, err
	}
	text, err := migrations.ReadFile(names[0])
	if err != nil {
		return nil, err
	}
	_, down, _ := strings.Cut(string(text), "-- +goose Down")
	var tables []string
	for _, m := range dropped.FindAllStringSubmatch(down, -1) {
		if m[1] != "estoque_saldo" && m[1] != "pedidos_abertos" {
			tables = append(tables, m[1])
		}
	}
	return tables, nil
}
