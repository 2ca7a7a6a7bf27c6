package sqlite

import (
	"bytes"
	"slices"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
)

const columnsOfLines = `SELECT num_pedido, linha, cod_produto, nome_produto, qtd_saldo, preco_unitario FROM itens `

// selection is a query for lines: with keys, once for each of them, else of a whole range of
// orders, whoever asked for them.
type selection struct {
	where string
	keys  []string
	whole bool
}

// orderLines selects the lines of the orders asked for, in the cheaper way.
func (r *reading) orderLines() selection {
	if r.orders.all || r.sizes.scanLines(len(r.orders.numbers)) {
		return selection{where: `WHERE qtd_saldo > 0`, whole: true}
	}
	return selection{where: `WHERE num_pedido = ?1 AND qtd_saldo > 0 ORDER BY linha`, keys: r.orders.numbers}
}

// halves selects the same lines as orderLines in two parts of about the same size. No order is in
// both.
func (r *reading) halves() (first, second selection) {
	all := r.orderLines()
	if all.whole {
		pivot := []string{middle(r.orders.numbers)}
		return selection{where: `WHERE num_pedido < ?1 AND qtd_saldo > 0`, keys: pivot},
			selection{where: `WHERE num_pedido >= ?1 AND qtd_saldo > 0`, keys: pivot}
	}
	first, second = all, all
	first.keys, second.keys = all.keys[:len(all.keys)/2], all.keys[len(all.keys)/2:]
	return first, second
}

// middle is about the median, from a sample.
func middle(keys []string) string {
	const sample = 64
	step := max(len(keys)/sample, 1)
	sampled := make([]string, 0, 2*sample)
	for i := 0; i < len(keys); i += step {
		sampled = append(sampled, keys[i])
	}
	slices.Sort(sampled)
	return sampled[len(sampled)/2]
}

func (r *reading) lines(s selection) error {
	if s.whole {
		return r.scan(columnsOfLines+s.where, r.line)
	}
	return r.seek(columnsOfLines+s.where, s.keys, r.line)
}

func (r *reading) line(stmt *sqlite.Stmt) {
	if number := r.bytes(stmt, 0); !bytes.Equal(number, r.entered.text) {
		r.enter(number)
	}
	if r.entered.number == "" {
		return
	}
	p := r.touch(r.bytes(stmt, 2))
	p.name = r.textAs(stmt, 3, p.name)
	price := stmt.ColumnInt64(5)
	r.snap.Lines = append(r.snap.Lines, atp.Line{
		Order:    r.entered.number,
		Number:   stmt.ColumnInt64(1),
		Sequence: int64(len(r.snap.Lines)),
		Key:      atp.StockKey{Product: p.code},
		Name:     p.name,
		Open:     atp.Quantity(stmt.ColumnInt64(4)),
		Price:    atp.Money(price),
		Priced:   price != 0 || !stmt.ColumnIsNull(5),
	})
}

// enter begins an order, and notes it if it was asked for.
func (r *reading) enter(number []byte) {
	r.entered.text = append(r.entered.text[:0], number...)
	r.entered.number = r.orders.enter(number)
}

// entry is the order whose lines are being read. Lines of an order come together.
type entry struct {
	text   []byte
	number atp.OrderNumber // "" if the order was not asked for
}
