package sqlite

import (
	"bytes"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

const columnsOfLines = `SELECT num_pedido, linha, cod_produto, nome_produto, qtd_saldo, preco_unitario FROM itens `

func (r *reading) lines(q source.Query) error {
	if q.All {
		return r.scan(columnsOfLines+`WHERE qtd_saldo > 0`, r.line)
	}
	r.wanted = make(map[string]struct{}, len(q.Orders))
	keys := make([]string, 0, len(q.Orders))
	for _, number := range q.Orders {
		if _, again := r.wanted[string(number)]; !again {
			r.wanted[string(number)] = struct{}{}
			keys = append(keys, string(number))
		}
	}
	if r.sizes.scanLines(len(keys)) {
		return r.scan(columnsOfLines+`WHERE qtd_saldo > 0`, r.line)
	}
	return r.seek(columnsOfLines+`WHERE num_pedido = ?1 AND qtd_saldo > 0 ORDER BY linha`, keys, r.line)
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
	r.entered.number = ""
	if _, ok := r.wanted[string(number)]; ok || r.wanted == nil {
		r.entered.number = atp.OrderNumber(number)
		r.orders[string(r.entered.number)] = r.entered.number
	}
}

// entry is the order whose lines are being read. Lines of an order come together.
type entry struct {
	text   []byte
	number atp.OrderNumber // "" if the order was not asked for
}
