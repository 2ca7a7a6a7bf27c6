package postgres

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"ruptura/internal/dataset"
	"ruptura/internal/doctor"
	"ruptura/internal/source"
)

// Count implements [doctor.Database]. A column that is missing is left out.
func (i *Inspection) Count(ctx context.Context, r dataset.Relation) (int64, error) {
	columns := map[string]described{}
	if err := i.read(ctx, func(tx pgx.Tx) error { return describe(ctx, tx, i.db.schema, columns) }); err != nil {
		return 0, err
	}
	var all []described
	for _, name := range columnsOf(r) {
		if c, ok := columns[r.String()+"."+name]; ok {
			all = append(all, c)
		}
	}
	n, err := i.evaluate(ctx, r, all...)
	if !ofRows(err) {
		return n, err
	}
	var bad doctor.ColumnsError
	for _, c := range all {
		_, err := i.evaluate(ctx, r, c)
		switch {
		case ofRows(err):
			bad = append(bad, doctor.UnreadableColumn{Name: c.name, Err: err})
		case err != nil:
			return 0, err
		}
	}
	if len(bad) > 0 {
		return 0, bad
	}
	return 0, err
}

// evaluate has the server work out columns for every row, as a read would, and counts the rows.
// Texts go through the encoding that they are sent in, which a server that stores plain bytes
// (SQL_ASCII) checks them for.
func (i *Inspection) evaluate(ctx context.Context, r dataset.Relation, columns ...described) (n int64, err error) {
	var sql strings.Builder
	sql.WriteString("SELECT count(*)")
	var values []any
	for _, c := range columns {
		name := pgx.Identifier{c.name}.Sanitize()
		if c.category == "S" {
			name = "convert_to(" + name + "::text, 'UTF8')"
		}
		sql.WriteString(", count(" + name + ")")
		values = append(values, new(int64))
	}
	sql.WriteString(" FROM " + i.db.relation(r))
	err = i.read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, sql.String()).Scan(append([]any{&n}, values...)...)
	})
	return n, err
}

// ofRows reports an error that lies in what the rows hold: the server was there and could not work
// one out.
func ofRows(err error) bool {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	return ok && !errors.Is(err, source.ErrUnavailable) && !errors.Is(err, ErrPermission) && refused.Code != ""
}
