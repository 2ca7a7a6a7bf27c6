package postgres

import (
	"bytes"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

const (
	allRelations = dataset.Unifications + 1
	// batchSize is how many bytes of rows go to the server at a time.
	batchSize = 1 << 18
)

// writer is the [dataset.Writer] of one Replace: rows of each relation wait here until there are
// enough of them, and then travel together, as COPY takes them.
type writer struct {
	ctx      context.Context //nolint:containedctx // Replace's own, which rows are written within
	db       *DB
	tx       pgx.Tx
	replaced [allRelations]bool
	batches  [allRelations]copyRows
	pairs    map[dataset.Unification]struct{} // written so far
}

func newWriter(ctx context.Context, db *DB, tx pgx.Tx, relations []dataset.Relation) *writer {
	w := &writer{ctx: ctx, db: db, tx: tx, pairs: make(map[dataset.Unification]struct{})}
	for _, r := range relations {
		w.replaced[r] = true
	}
	return w
}

// Order implements [dataset.Writer].
func (w *writer) Order(o dataset.Order) error {
	return w.add(dataset.Orders, func(c *copyRows) {
		c.text(string(o.Number))
		c.optional(o.Client)
		c.optional(o.TaxID)
		c.optional(o.City)
		c.optional(o.UF)
		c.optional(o.Salesperson)
		c.day(o.Ordered)
		c.day(o.Requested)
		c.truth(o.Important)
		c.optional(o.Note)
	})
}

// Item implements [dataset.Writer].
func (w *writer) Item(i dataset.Item) error {
	if _, err := atp.NewValue(i.Open, i.Price); err != nil {
		return fmt.Errorf("postgres: write %s: %w", dataset.Items, err)
	}
	return w.add(dataset.Items, func(c *copyRows) {
		c.text(string(i.Order))
		c.integer(i.Line)
		c.text(string(i.Product))
		c.text(i.Name)
		c.quantity(i.Open)
		c.price(i.Price, i.Priced)
	})
}

// Movement implements [dataset.Writer].
func (w *writer) Movement(m dataset.Movement) error {
	return w.add(dataset.Stock, func(c *copyRows) {
		c.text(string(m.Product))
		c.optional(m.Place)
		c.day(m.Date)
		c.quantity(m.Quantity)
	})
}

// Reservation implements [dataset.Writer].
func (w *writer) Reservation(r dataset.Reservation) error {
	return w.add(dataset.Reservations, func(c *copyRows) {
		c.text(r.Lot)
		c.text(string(r.Order))
		c.text(string(r.Product))
		c.quantity(r.Quantity)
		c.day(r.Ships)
	})
}

// Receipt implements [dataset.Writer].
func (w *writer) Receipt(r dataset.Receipt) error {
	return w.add(dataset.Receipts, func(c *copyRows) {
		c.text(string(r.Product))
		c.day(r.Arrives)
		c.quantity(r.Quantity)
		c.optional(r.Line)
	})
}

// Unification implements [dataset.Writer]. A pair that comes again is kept once.
func (w *writer) Unification(u dataset.Unification) error {
	if _, again := w.pairs[u]; again {
		return nil
	}
	w.pairs[u] = struct{}{}
	return w.add(dataset.Unifications, func(c *copyRows) {
		c.text(string(u.From))
		c.text(string(u.To))
	})
}

// copied are the columns of a relation's table, in the sequence in which rows are written.
func copied(r dataset.Relation) (columns string, count int16) {
	switch r {
	case dataset.Orders:
		return "num_pedido, cliente, cnpj, cidade, uf, vendedor, data_pedido, data_entrega, importante, observacao", 10
	case dataset.Items:
		return "num_pedido, linha, cod_produto, nome_produto, qtd_saldo, preco_unitario", 6
	case dataset.Stock:
		return "cod_produto, local, data, qtd", 4
	case dataset.Reservations:
		return "lote, num_pedido, cod_produto, qtd, expedicao", 5
	case dataset.Receipts:
		return "cod_produto, data, qtd, linha", 4
	default:
		return "codigo_origem, codigo_destino", 2
	}
}

// add writes a row of a relation.
func (w *writer) add(r dataset.Relation, write func(*copyRows)) error {
	if !w.replaced[r] {
		return fmt.Errorf("postgres: write %s: the relation is not being replaced", r)
	}
	batch := &w.batches[r]
	_, columns := copied(r)
	batch.row(columns)
	write(batch)
	if len(batch.b) < batchSize {
		return nil
	}
	return classify(w.ctx, "write", w.flush(r))
}

// flush sends a relation's rows to the server.
func (w *writer) flush(r dataset.Relation) error {
	batch := &w.batches[r]
	if len(batch.b) == 0 {
		return nil
	}
	columns, _ := copied(r)
	_, err := w.tx.Conn().PgConn().CopyFrom(w.ctx, bytes.NewReader(batch.end()),
		`COPY `+w.db.table(r)+` (`+columns+`) FROM STDIN (FORMAT binary)`)
	batch.b = batch.b[:0]
	if err != nil {
		return fmt.Errorf("%s: %w", r, err)
	}
	return nil
}
