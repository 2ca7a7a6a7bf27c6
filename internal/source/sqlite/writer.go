package sqlite

import (
	"fmt"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// Order implements [dataset.Writer].
func (w *writer) Order(o dataset.Order) error {
	return w.insert(dataset.Orders, `INSERT INTO pedidos (num_pedido, cliente, cnpj, cidade, uf, vendedor,
		data_pedido, data_entrega, importante, observacao, busca) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		func(b *binder) {
			b.text(string(o.Number))
			b.optional(o.Client)
			b.optional(o.TaxID)
			b.optional(o.City)
			b.optional(o.UF)
			b.optional(o.Salesperson)
			b.day(o.Ordered)
			b.day(o.Requested)
			b.boolean(o.Important)
			b.optional(o.Note)
			b.text(source.SearchText(string(o.Number), o.Client, o.City, o.Salesperson))
		})
}

// Item implements [dataset.Writer].
func (w *writer) Item(i dataset.Item) error {
	if _, err := atp.NewValue(i.Open, i.Price); err != nil {
		return fmt.Errorf("sqlite: write %s: %w", dataset.Items, err)
	}
	return w.insert(dataset.Items, `INSERT INTO itens (num_pedido, linha, cod_produto, nome_produto, qtd_saldo,
		preco_unitario) VALUES (?, ?, ?, ?, ?, ?)`,
		func(b *binder) {
			b.text(string(i.Order))
			b.integer(i.Line)
			b.text(string(i.Product))
			b.text(i.Name)
			b.integer(int64(i.Open))
			b.price(i.Price, i.Priced)
		})
}

const insertMovement = `INSERT INTO estoque (cod_produto, local, data, qtd) VALUES (?, ?, ?, ?)`

// Movement implements [dataset.Writer].
func (w *writer) Movement(m dataset.Movement) error {
	return w.insert(dataset.Stock, insertMovement, func(b *binder) { b.movement(m) })
}

// Reservation implements [dataset.Writer].
func (w *writer) Reservation(r dataset.Reservation) error {
	return w.insert(dataset.Reservations, `INSERT INTO separacoes (lote, num_pedido, cod_produto, qtd, expedicao)
		VALUES (?, ?, ?, ?, ?)`,
		func(b *binder) {
			b.text(r.Lot)
			b.text(string(r.Order))
			b.text(string(r.Product))
			b.integer(int64(r.Quantity))
			b.day(r.Ships)
		})
}

// Receipt implements [dataset.Writer].
func (w *writer) Receipt(r dataset.Receipt) error {
	return w.insert(dataset.Receipts, `INSERT INTO producao (cod_produto, data, qtd, linha) VALUES (?, ?, ?, ?)`,
		func(b *binder) {
			b.text(string(r.Product))
			b.day(r.Arrives)
			b.integer(int64(r.Quantity))
			b.optional(r.Line)
		})
}

// Unification implements [dataset.Writer]. A pair that comes again is kept once.
func (w *writer) Unification(u dataset.Unification) error {
	return w.insert(dataset.Unifications, `INSERT INTO unificacao (codigo_origem, codigo_destino) VALUES (?, ?)
		ON CONFLICT DO NOTHING`,
		func(b *binder) {
			b.text(string(u.From))
			b.text(string(u.To))
		})
}

func (w *writer) insert(r dataset.Relation, query string, bind func(*binder)) error {
	if !w.replaced[r] {
		return fmt.Errorf("sqlite: write %s: the relation is not being replaced", r)
	}
	err := insert(w.conn, query, bind)
	if err == nil {
		return nil
	}
	if sentinel := sentinelOf(err); sentinel != nil {
		err = fmt.Errorf("%w: %w", sentinel, err)
	}
	return fmt.Errorf("sqlite: write %s: %w", r, err)
}

func insert(conn *sqlite.Conn, query string, bind func(*binder)) error {
	stmt, err := conn.Prepare(query)
	if err != nil {
		return err
	}
	bind(&binder{stmt: stmt})
	if _, err = stmt.Step(); err != nil {
		return err
	}
	return stmt.Reset()
}

// binder gives a statement its parameters, one after the other.
type binder struct {
	stmt *sqlite.Stmt
	n    int
}

func (b *binder) next() int { b.n++; return b.n }

func (b *binder) text(s string)     { b.stmt.BindText(b.next(), s) }
func (b *binder) integer(n int64)   { b.stmt.BindInt64(b.next(), n) }
func (b *binder) boolean(flag bool) { b.stmt.BindBool(b.next(), flag) }

// optional binds NULL for a text that is not known.
func (b *binder) optional(s string) {
	if s == "" {
		b.stmt.BindNull(b.next())
		return
	}
	b.text(s)
}

func (b *binder) day(d atp.Day) { b.optional(d.String()) }

func (b *binder) price(m atp.Money, known bool) {
	if !known {
		b.stmt.BindNull(b.next())
		return
	}
	b.integer(int64(m))
}

func (b *binder) movement(m dataset.Movement) {
	b.text(string(m.Product))
	b.optional(m.Place)
	b.day(m.Date)
	b.integer(int64(m.Quantity))
}
