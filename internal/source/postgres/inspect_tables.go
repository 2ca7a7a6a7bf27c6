package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// tables are what the catalog says of the relations and of the tables below their views, by
// "schema.table" without quotes.
type tables struct {
	textual map[string]bool // columns of texts that compare as such, as "schema.table.column"
	indexes map[string][]index
}

// index is one that a table has.
type index struct {
	name    string
	columns []string // the key first, then those included; "" for an expression
	where   string   // of a partial one
	valid   bool     // false while it is made, or if making it failed
}

// A char(n) is compared without the spaces at its end, so not as it is stored.
const textColumnsQuery = belowCTE + `SELECT n.nspname || '.' || c.relname || '.' || a.attname
FROM below AS b JOIN pg_catalog.pg_class AS c ON c.oid = b.oid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p', 'm') AND t.typcategory = 'S' AND t.typname <> 'bpchar'`

const indexesQuery = belowCTE + `SELECT n.nspname || '.' || c.relname, i.relname::text, x.indisvalid,
	coalesce(pg_get_expr(x.indpred, x.indrelid), ''),
	ARRAY(SELECT coalesce(a.attname::text, '') FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (num, pos)
		LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.num AND k.num > 0 ORDER BY k.pos)
FROM below AS b JOIN pg_catalog.pg_class AS c ON c.oid = b.oid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_index AS x ON x.indrelid = c.oid JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid`

func (t tables) read(ctx context.Context, tx pgx.Tx, schema string) error {
	rows, err := tx.Query(ctx, textColumnsQuery, schema)
	if err != nil {
		return err
	}
	var name string
	if _, err = pgx.ForEachRow(rows, []any{&name}, func() error { t.textual[name] = true; return nil }); err != nil {
		return err
	}
	if rows, err = tx.Query(ctx, indexesQuery, schema); err != nil {
		return err
	}
	var x index
	_, err = pgx.ForEachRow(rows, []any{&name, &x.name, &x.valid, &x.where, &x.columns}, func() error {
		x.columns = slices.Clone(x.columns)
		t.indexes[name] = append(t.indexes[name], x)
		return nil
	})
	return err
}

// serves reports whether a table has an index that begins with the first of columns, as a plan writes
// them, and holds the others, for the rows of a condition.
func (t tables) serves(table string, columns []string, where string) bool {
	return slices.ContainsFunc(t.indexes[table], func(x index) bool {
		if !x.valid || x.columns[0] != unquoted(columns[0]) || x.where != "" && bare(x.where) != bare(where) {
			return false
		}
		return !slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(x.columns, unquoted(c)) })
	})
}

// bare is a condition without what its writing may differ in.
func bare(condition string) string {
	return strings.NewReplacer("(", "", ")", "", " ", "").Replace(condition)
}

// freeName is a name that no index of the table has yet.
func (t tables) freeName(p *plan) string {
	const suffix, room = "_ruptura", 52 // of the 63 bytes that a name has
	stem := strings.ToValidUTF8(p.Relation[:min(len(p.Relation), room)], "") + suffix
	name := stem
	for n := 2; slices.ContainsFunc(t.indexes[p.plainTable()], func(x index) bool { return x.name == name }); n++ {
		name = stem + strconv.Itoa(n)
	}
	return name
}
