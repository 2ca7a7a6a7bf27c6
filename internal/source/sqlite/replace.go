package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// Replace implements [dataset.Store]. Its errors wrap [dataset.ErrDuplicate] for a key that comes
// twice and [atp.ErrOverflow] for a line's value or a product's stock beyond 64 bits. It must not
// be called from within fill.
func (db *DB) Replace(ctx context.Context, relations []dataset.Relation, fill func(dataset.Writer) error) error {
	var refused error // by fill, whose errors are its caller's own
	err := db.change(ctx, "replace", func(conn *sqlite.Conn) error {
		w := &writer{conn: conn}
		if err := w.empty(relations); err != nil {
			return err
		}
		if refused = fill(w); refused != nil {
			return refused
		}
		return w.finish()
	})
	if refused != nil && ctx.Err() == nil {
		return refused
	}
	if err != nil {
		return err
	}
	return db.checkpoint(ctx)
}

// Has implements [dataset.Store]. Cancelled movements count.
func (db *DB) Has(ctx context.Context, r dataset.Relation) (bool, error) {
	var found int64
	err := db.view(ctx, "look into "+r.String(), func(conn *sqlite.Conn) (err error) {
		found, err = integer(conn, "SELECT EXISTS (SELECT 1 FROM "+r.String()+")")
		return err
	})
	return found != 0, err
}

// checkpoint moves the log into the file, so that a big change does not leave a big log. Readers
// at work may keep it from doing so; a later one will.
func (db *DB) checkpoint(ctx context.Context) error {
	conn, err := take(ctx, db.writer, "checkpoint")
	if err != nil {
		return nil // the data is in; only the tidying was not done
	}
	defer db.writer.Put(conn)
	stmt, err := conn.Prepare("PRAGMA wal_checkpoint(truncate)")
	if err != nil {
		return classify(ctx, "checkpoint", err)
	}
	return classify(ctx, "checkpoint", eachRow(stmt, func(*sqlite.Stmt) {}))
}

// writer is the [dataset.Writer] of one Replace.
type writer struct {
	conn     *sqlite.Conn
	replaced [len(allRelations)]bool
	triggers []string // out of the way until finish
}

var allRelations = [...]dataset.Relation{
	dataset.Orders, dataset.Items, dataset.Stock, dataset.Reservations, dataset.Receipts, dataset.Unifications,
}

// derived are the tables that triggers keep, and how to add them up at once.
var derived = map[dataset.Relation]struct{ table, sum string }{
	dataset.Items: {"pedidos_abertos", `INSERT INTO pedidos_abertos (num_pedido, itens, valor_total)
		SELECT num_pedido, count(*), sum(qtd_saldo * coalesce(preco_unitario, 0))
		FROM itens WHERE qtd_saldo > 0 GROUP BY num_pedido`},
	dataset.Stock: {"estoque_saldo", `INSERT INTO estoque_saldo (cod_produto, qtd)
		SELECT cod_produto, sum(qtd) FROM estoque WHERE cancelado = 0 GROUP BY cod_produto`},
}

func (w *writer) empty(relations []dataset.Relation) error {
	for _, r := range relations {
		w.replaced[r] = true
		if d, ok := derived[r]; ok {
			if err := errors.Join(w.suspendTriggers(r), execute(w.conn, "DELETE FROM "+d.table)); err != nil {
				return err
			}
		}
		if err := execute(w.conn, "DELETE FROM "+r.String()); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) finish() error {
	for r, d := range derived {
		if !w.replaced[r] {
			continue
		}
		err := execute(w.conn, d.sum)
		if sqlite.ErrCode(err) == sqlite.ResultError {
			// The one thing in this statement that data can make fail is sum().
			return fmt.Errorf("sum of %s: %w", r, atp.ErrOverflow)
		}
		if err != nil {
			return err
		}
	}
	for _, trigger := range w.triggers {
		if err := executeOnce(w.conn, trigger); err != nil {
			return err
		}
	}
	return nil
}

// suspendTriggers drops a relation's triggers: adding up once is many times faster than row by
// row. Nobody else sees it, since finish puts them back in the same transaction.
func (w *writer) suspendTriggers(r dataset.Relation) error {
	stmt, err := w.conn.Prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 ORDER BY rowid`)
	if err != nil {
		return err
	}
	stmt.BindText(1, r.String())
	var names []string
	err = eachRow(stmt, func(stmt *sqlite.Stmt) {
		names = append(names, stmt.ColumnText(0))
		w.triggers = append(w.triggers, stmt.ColumnText(1))
	})
	for _, name := range names {
		err = errors.Join(err, executeOnce(w.conn, "DROP TRIGGER "+name))
	}
	return err
}
