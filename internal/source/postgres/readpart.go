package postgres

import (
	"strings"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// What a row of partSQL is, by its first column.
const (
	partLine = iota
	partPair
	partHeader
	partReservation
	partReceipt
	partBalance
)

// partSQL looks up what a few orders ($1) and products ($2) need, all in one statement, so that
// which products those are is found once. Arrays of what is looked for, rather than joins, reach
// the indexes of tables below views; a text cast is none to a varchar. Codes looked for have no
// collation of their own, so that they are compared by the column's, which its index has.
//
// The columns: kind, order or first code, product or second code, a text, an integer, two dates,
// quantity, price. Lines come first, and pairs next.
const partSQL = `WITH RECURSIVE linhas AS MATERIALIZED (
	SELECT num_pedido::text AS num_pedido, linha::int8 AS linha, cod_produto::text AS cod_produto,
		nome_produto::text AS nome, ({open})::numeric AS qtd, ({price})::numeric AS preco
	FROM {itens} WHERE num_pedido::text = ANY ($1) AND qtd_saldo > 0
), {pairs}, grupo (cod) AS (
	(SELECT cod_produto COLLATE "default" FROM linhas UNION SELECT unnest($2))
	UNION
	SELECT outro.cod COLLATE "default" FROM grupo AS g CROSS JOIN LATERAL (
		SELECT para FROM pares WHERE de = g.cod UNION ALL SELECT de FROM pares WHERE para = g.cod
	) AS outro (cod)
)
SELECT 0::int8, num_pedido, cod_produto, nome, linha, NULL::date, NULL::date, qtd, preco FROM linhas
UNION ALL
SELECT 1, de, para, NULL, NULL, NULL, NULL, NULL, NULL
FROM pares WHERE de = ANY (ARRAY(SELECT cod FROM grupo))
UNION ALL
SELECT 2, num_pedido::text, NULL, cliente::text, importante::bool::int, data_pedido::date, data_entrega::date, NULL, NULL
FROM {pedidos} WHERE num_pedido::text = ANY ({headers})
UNION ALL
SELECT 3, num_pedido::text, cod_produto::text, lote::text, NULL, expedicao::date, NULL, ({reserved})::numeric, NULL
FROM {separacoes} WHERE cod_produto::text = ANY (ARRAY(SELECT cod FROM grupo)) OR num_pedido::text = ANY ($1)
UNION ALL
SELECT 4, NULL, cod_produto::text, NULL, NULL, data::date, NULL, ({received})::numeric, NULL
FROM {producao} WHERE cod_produto::text = ANY (ARRAY(SELECT cod FROM grupo))
UNION ALL
SELECT 5, NULL, cod_produto::text, NULL, NULL, NULL, NULL, sum({stock})::numeric, NULL
FROM {estoque} WHERE cod_produto::text = ANY (ARRAY(SELECT cod FROM grupo)) GROUP BY cod_produto::text`

func (db *DB) partStatement(l *layout, q source.Query, r *reading) statement {
	return statement{sql: db.partQuery(l, q.Holders), args: []arg{textsArg(q.Orders), textsArg(q.Products)}, row: r.partRow}
}

// holdersSQL are the orders asked for and those who hold reservations of the products touched.
const holdersSQL = `$1 || ARRAY(SELECT num_pedido::text FROM {separacoes} WHERE cod_produto::text = ANY (ARRAY(SELECT cod FROM grupo)))`

func (db *DB) partQuery(l *layout, holders bool) string {
	headers := "$1"
	if holders {
		headers = strings.NewReplacer(db.relations()...).Replace(holdersSQL)
	}
	names := []string{
		"{headers}", headers,
		"{pairs}", db.pairs(l),
		"{open}", l.open.sql("qtd_saldo", quantityDecimals),
		"{price}", l.price.sql("preco_unitario", moneyDecimals),
		"{reserved}", l.reserved.sql("qtd", quantityDecimals),
		"{received}", l.received.sql("qtd", quantityDecimals),
		"{stock}", l.stock.sql("qtd", quantityDecimals),
	}
	return strings.NewReplacer(append(names, db.relations()...)...).Replace(partSQL)
}

// pairs defines the unified codes for a closure over them.
func (db *DB) pairs(l *layout) string {
	how := `MATERIALIZED`
	if l.pairs {
		how = `NOT MATERIALIZED`
	}
	return `pares (de, para) AS ` + how + ` (
		SELECT codigo_origem::text, codigo_destino::text FROM ` + db.relation(dataset.Unifications) + `)`
}

// relations are the names in braces that a statement may have, each with its relation.
func (db *DB) relations() []string {
	var names []string
	for _, r := range dataset.Relations() {
		names = append(names, "{"+r.String()+"}", db.relation(r))
	}
	return names
}

func (r *reading) partRow() {
	switch r.integer(0) {
	case partLine:
		r.line(lineColumns{order: 1, product: 2, name: 3, number: 4, open: 7, price: 8})
	case partPair:
		r.snap.Unifications = append(r.snap.Unifications, atp.Unification{
			From: r.touch(r.values[1]).code, To: r.touch(r.values[2]).code,
		})
	case partHeader:
		r.header(1, 3, 5, 6, r.integer(4) != 0)
	case partReservation:
		r.reservation(1, 2, 3, 7, 5)
	case partReceipt:
		r.receipt(2, 5, 7)
	case partBalance:
		r.balance(2, 7)
	}
}
