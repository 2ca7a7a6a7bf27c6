package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// ErrViews says that the relations cannot be written: they are not the tables of the profile
// [Native] but views, of the ERP's tables or others.
var ErrViews error = unusable("postgres: the relations are views")

var _ dataset.Store = (*DB)(nil)

// ledger is the table of movements, of which the relation estoque shows those that count.
const ledger = "movimentos"

// table is where a relation's rows are written.
func (db *DB) table(r dataset.Relation) string {
	if r == dataset.Stock {
		return pgx.Identifier{db.schema, ledger}.Sanitize()
	}
	return db.relation(r)
}

// Replace implements [dataset.Store], for the profile [Native]. Its errors wrap
// [dataset.ErrDuplicate] for a key that comes twice, [atp.ErrOverflow] for a line's or an order's
// value or a product's stock beyond 64 bits, and [ErrViews] where there are no tables. Rows travel
// many at a time: an error may come with a later row than its own, or at the end. Who reads
// meanwhile sees all as before.
func (db *DB) Replace(ctx context.Context, relations []dataset.Relation, fill func(dataset.Writer) error) error {
	var refused error // by fill, whose errors are its caller's own
	err := db.change(ctx, "replace", func(tx pgx.Tx) error {
		w := newWriter(ctx, db, tx, relations)
		if err := w.begin(relations); err != nil {
			return err
		}
		if refused = fill(w); refused != nil {
			return refused
		}
		return w.finish(relations)
	})
	if refused != nil && ctx.Err() == nil {
		return refused
	}
	if err != nil {
		return err
	}
	db.tidy(ctx, relations)
	return nil
}

// Has implements [dataset.Store]. Cancelled movements count.
func (db *DB) Has(ctx context.Context, r dataset.Relation) (found bool, err error) {
	err = db.change(ctx, "look into "+r.String(), func(tx pgx.Tx) error {
		if err := db.needTables(ctx, tx, r); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM `+db.table(r)+`)`).Scan(&found)
	})
	return found, err
}

// change runs fn in a transaction, which takes as long as it takes.
func (db *DB) change(ctx context.Context, op string, fn func(pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, db.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
			return err
		}
		return fn(tx)
	})
	if errors.Is(err, ErrViews) {
		return fmt.Errorf("postgres: %s: %w", op, err)
	}
	return classify(ctx, op, err)
}

// needTables makes sure that relations are tables of the profile Native.
func (db *DB) needTables(ctx context.Context, tx pgx.Tx, relations ...dataset.Relation) error {
	for _, r := range relations {
		var kind *string
		err := tx.QueryRow(ctx, `SELECT max(relkind::text) FROM pg_catalog.pg_class WHERE oid = to_regclass($1::text)`, db.table(r)).Scan(&kind)
		if err != nil {
			return err
		}
		if kind == nil || (*kind != "r" && *kind != "p") {
			return fmt.Errorf("%w: %s has no table to write to", ErrViews, r)
		}
	}
	return nil
}

// tidy lets the next reads find the rows without those that were replaced in their way, and without
// looking each one up. The data is in: what cannot be tidied now, the server will tidy by itself.
func (db *DB) tidy(ctx context.Context, relations []dataset.Relation) {
	if len(relations) > 0 {
		_ = db.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
			_, err := conn.Exec(ctx, `VACUUM (SKIP_LOCKED) `+strings.Join(db.tables(relations), ", "))
			return err
		})
	}
}

// tables are those of relations, in the one sequence in which all writers lock them.
func (db *DB) tables(relations []dataset.Relation) []string {
	var wanted [allRelations]bool
	for _, r := range relations {
		wanted[r] = true
	}
	var all []string
	for _, r := range dataset.Relations() {
		if wanted[r] {
			all = append(all, db.table(r))
		}
	}
	return all
}

// begin keeps other writers out until the end, and empties the relations. Readers are not kept
// waiting, and see the rows until then: for them nothing is truncated.
func (w *writer) begin(relations []dataset.Relation) error {
	if err := w.db.needTables(w.ctx, w.tx, relations...); err != nil {
		return err
	}
	statements := []string{`SET LOCAL ruptura.carga = 'sim'`} // finish checks what triggers would
	if tables := w.db.tables(relations); len(tables) > 0 {
		statements = append(statements, `LOCK TABLE `+strings.Join(tables, ", ")+` IN SHARE ROW EXCLUSIVE MODE`)
		for _, table := range tables {
			statements = append(statements, `DELETE FROM `+table)
		}
	}
	return w.run(statements)
}

// finish writes what is still here, and makes sure that what is added up fits.
func (w *writer) finish(relations []dataset.Relation) error {
	for _, r := range dataset.Relations() {
		if err := w.flush(r); err != nil {
			return err
		}
	}
	for _, r := range relations {
		if err := w.checkSums(r); err != nil {
			return err
		}
	}
	if tables := w.db.tables(relations); len(tables) > 0 {
		return w.run([]string{`ANALYZE ` + strings.Join(tables, ", ")})
	}
	return nil
}

func (w *writer) run(statements []string) error {
	for _, sql := range statements {
		if _, err := w.tx.Exec(w.ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// checkSums returns an error that wraps [atp.ErrOverflow] when a product's stock or an order's value
// does not fit.
func (w *writer) checkSums(r dataset.Relation) error {
	var sql string
	switch r {
	case dataset.Items:
		sql = `SELECT FROM ` + w.db.table(r) + ` WHERE qtd_saldo > 0 GROUP BY num_pedido
			HAVING sum(qtd_saldo * preco_unitario) NOT BETWEEN -92233720368547.75808 AND 92233720368547.75807`
	case dataset.Stock:
		sql = `SELECT FROM ` + w.db.table(r) + ` WHERE NOT cancelado GROUP BY cod_produto
			HAVING sum(qtd) NOT BETWEEN -9223372036854775.808 AND 9223372036854775.807`
	default:
		return nil
	}
	var over bool
	if err := w.tx.QueryRow(w.ctx, `SELECT EXISTS (`+sql+`)`).Scan(&over); err != nil {
		return err
	}
	if over {
		return fmt.Errorf("sum of %s: %w", r, atp.ErrOverflow)
	}
	return nil
}
