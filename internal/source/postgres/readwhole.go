package postgres

import (
	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// wholeStatements read each relation whole: first what says which orders and products matter, last
// what takes the server longest and gives the fewest rows, so that rows are decoded while the
// server works.
func (db *DB) wholeStatements(l *layout, r *reading) []statement {
	headers := statement{sql: `SELECT num_pedido::text, cliente::text, data_pedido::date, data_entrega::date, importante::bool
			FROM ` + db.relation(dataset.Orders), row: r.wholeHeader}
	reservations := statement{sql: `SELECT num_pedido::text, cod_produto::text, lote::text, qtd, expedicao::date
			FROM ` + db.relation(dataset.Reservations), row: r.wholeReservation}
	third, fourth := headers, reservations
	if r.withHolders { // the reservations say whose headers are wanted
		third, fourth = reservations, headers
	}
	third.before = r.join
	return []statement{
		{sql: `SELECT num_pedido::text, linha::int8, cod_produto::text, nome_produto::text, qtd_saldo, preco_unitario
			FROM ` + db.relation(dataset.Items) + ` WHERE qtd_saldo > 0`, row: r.wholeLine},
		{sql: `SELECT codigo_origem::text, codigo_destino::text FROM ` + db.relation(dataset.Unifications), row: r.wholePair},
		third,
		fourth,
		{sql: `SELECT cod_produto::text, data::date, qtd FROM ` + db.relation(dataset.Receipts), row: r.wholeReceipt},
		{sql: `SELECT cod_produto::text, sum(` + l.stock.sql("qtd", quantityDecimals) + `) AS qtd
			FROM ` + db.relation(dataset.Stock) + ` GROUP BY 1`, row: r.wholeBalance},
	}
}

func (r *reading) wholeLine() {
	r.line(lineColumns{order: 0, number: 1, product: 2, name: 3, open: 4, price: 5})
}
func (r *reading) wholeReceipt() { r.receipt(0, 1, 2) }
func (r *reading) wholeBalance() { r.balance(0, 1) }

func (r *reading) wholeReservation() { r.reservation(0, 1, 2, 3, 4) }

func (r *reading) wholeHeader() {
	r.passed++
	r.header(0, 1, 2, 3, r.truth(4))
}

// wholePair keeps a pair that may turn out to matter.
func (r *reading) wholePair() {
	r.pairs = append(r.pairs, atp.Unification{From: atp.ProductCode(r.text(0)), To: atp.ProductCode(r.text(1))})
}

// join touches everything that is unified, over however many steps, with a product touched so far,
// and keeps the pairs among them.
func (r *reading) join() {
	if len(r.pairs) == 0 {
		return
	}
	next := make(map[atp.ProductCode][]atp.ProductCode, 2*len(r.pairs))
	for _, pair := range r.pairs {
		next[pair.From] = append(next[pair.From], pair.To)
		next[pair.To] = append(next[pair.To], pair.From)
	}
	for i := 0; i < len(r.codes); i++ { //nolint:intrange // the list grows under way
		for _, code := range next[r.codes[i].code] {
			r.touch([]byte(code))
		}
	}
	for _, pair := range r.pairs {
		if _, ok := r.products[string(pair.From)]; ok {
			r.snap.Unifications = append(r.snap.Unifications, pair)
		}
	}
}
