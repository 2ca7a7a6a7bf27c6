package postgres

import (
	"slices"
	"strconv"
	"strings"

	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// builder puts a statement together. What users typed goes into args alone.
type builder struct {
	strings.Builder
	args []arg
}

// arg adds a parameter and returns its place holder.
func (b *builder) arg(a arg) string {
	b.args = append(b.args, a)
	return "$" + strconv.Itoa(len(b.args))
}

func (b *builder) write(parts ...string) {
	for _, part := range parts {
		b.WriteString(part)
	}
}

func (b *builder) statement(row func()) statement {
	return statement{sql: b.String(), args: b.args, row: row}
}

// The days that are dates, for SQL: all others are none, as in [row.date].
const isDate = ` BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'`

func cleanDate(column string) string {
	return `CASE WHEN ` + column + `::date` + isDate + ` THEN ` + column + `::date END`
}

// known is a text, NULL when it is empty.
func known(column string) string { return `nullif(` + column + `::text, '')` }

// orderNumber is compared by code point, as all texts of a listing.
const orderNumber = `num_pedido::text COLLATE "C" AS num`

// isOpen is the condition of an open line: at least a thousandth, when rounded.
func (l *listing) isOpen() string {
	if l.layout.open == exact {
		return `qtd_saldo > 0`
	}
	return l.layout.open.sql("qtd_saldo", quantityDecimals) + ` > 0`
}

// openOrders are the open orders with what their lines add up to, a query of one row each. PostgreSQL
// drops what a statement does not use of it.
func (l *listing) openOrders(among string) string {
	open, price := l.layout.open.sql("qtd_saldo", quantityDecimals), l.layout.price.sql("preco_unitario", moneyDecimals)
	return `SELECT ` + orderNumber + `, count(*) AS itens, sum((` + open + `) * coalesce(` + price + `, 0)::numeric) AS valor
		FROM ` + l.db.relation(dataset.Items) + ` WHERE num_pedido IS NOT NULL AND ` + l.isOpen() + among + ` GROUP BY 1`
}

// shipping are the first ship dates, not stale, of the orders that have one.
func (l *listing) shipping(b *builder, among string) string {
	stale := ``
	if l.StaleBefore.Known() {
		stale = ` AND expedicao::date >= ` + b.arg(dayArg(l.StaleBefore))
	}
	return `SELECT ` + orderNumber + `, min(expedicao::date) AS expedicao FROM ` + l.db.relation(dataset.Reservations) + `
		WHERE expedicao::date` + isDate + stale + ` AND (` + l.layout.reserved.sql("qtd", quantityDecimals) + `) > 0` + among + `
		GROUP BY 1`
}

// headers are the orders' own columns.
func (l *listing) headers(among string) string {
	return `SELECT ` + orderNumber + `, ` + known("cliente") + ` AS cliente, ` + known("cnpj") + ` AS cnpj, ` +
		known("cidade") + ` AS cidade, ` + known("uf") + ` AS uf, ` + known("vendedor") + ` AS vendedor, ` +
		cleanDate("data_pedido") + ` AS data_pedido, ` + cleanDate("data_entrega") + ` AS data_entrega,
		importante::bool AS importante, ` + known("observacao") + ` AS observacao
		FROM ` + l.db.relation(dataset.Orders) + ` WHERE true` + among
}

// need is the need date (calculation §3).
const need = `coalesce(e.expedicao, p.data_entrega)`

// sortKey is what a listing is sorted by, which is an integer, a date or a text by code point.
func (l *listing) sortKey() string {
	switch l.column {
	case source.ByNumber:
		return `a.num`
	case source.ByNeed:
		return need
	case source.ByOrdered:
		return `p.data_pedido`
	case source.ByItems:
		return `a.itens`
	case source.ByValue:
		return `(a.valor * 100000)::int8` // exact: a value has five decimals
	case source.ByImportant:
		return `coalesce(p.importante, false)::int::int8`
	default:
		return `p.` + string(l.column) + ` COLLATE "C"`
	}
}

// matching begins a statement: base has the orders that match the filter, with their sort key as
// chave and other columns.
func (l *listing) matching(b *builder, columns string) {
	among := ``
	if l.searched {
		among = ` AND num_pedido::text = ANY (` + b.arg(textsArg(l.found)) + `)`
	}
	conditions := strings.Join(append(l.conditions(b), `true`), ` AND `)
	b.write(`WITH base AS MATERIALIZED (SELECT a.num, `, columns, ` FROM (`, l.openOrders(among+l.holding(b)), `) AS a`)
	if uses(`p.`, columns, conditions) {
		b.write(` LEFT JOIN (`, l.headers(among), `) AS p USING (num)`)
	}
	if uses(`e.`, columns, conditions) {
		b.write(` LEFT JOIN (`, l.shipping(b, among), `) AS e USING (num)`)
	}
	b.write(` WHERE `, conditions, `)`)
}

// uses reports whether an expression has a column of a relation. PostgreSQL would read a relation
// that none uses.
func uses(relation string, expressions ...string) bool {
	return slices.ContainsFunc(expressions, func(e string) bool { return strings.Contains(e, relation) })
}

// conditions are the filter's, but for text and product.
func (l *listing) conditions(b *builder) (all []string) {
	if l.searched {
		return nil // the orders found match them
	}
	is := func(column, value string) string {
		if !storable(value) {
			return `false`
		}
		return column + ` = ` + b.arg(textArg(value))
	}
	if l.UF != "" {
		all = append(all, is(`p.uf`, l.UF))
	}
	if l.Salesperson != "" {
		all = append(all, is(`p.vendedor`, l.Salesperson))
	}
	if l.Important != nil {
		all = append(all, `coalesce(p.importante, false) = `+b.arg(truthArg(*l.Important)))
	}
	if l.NeedFrom.Known() {
		all = append(all, need+` >= `+b.arg(dayArg(l.NeedFrom)))
	}
	if l.NeedTo.Known() {
		all = append(all, need+` <= `+b.arg(dayArg(l.NeedTo)))
	}
	return all
}

// holding narrows open orders down to those with an open line of the filter's product, or of a code
// unified with it; UNION ends cycles.
func (l *listing) holding(b *builder) string {
	switch {
	case l.Product == "" || l.searched:
		return ``
	case !storable(string(l.Product)):
		return ` AND false`
	}
	return ` AND num_pedido::text IN (WITH RECURSIVE ` + l.db.pairs(l.layout) + `, grupo (cod) AS (
		SELECT ` + b.arg(textArg(string(l.Product))) + ` UNION SELECT outro.cod COLLATE "default" FROM grupo AS g CROSS JOIN LATERAL (
			SELECT para FROM pares WHERE de = g.cod UNION ALL SELECT de FROM pares WHERE para = g.cod
		) AS outro (cod)
	) SELECT num_pedido::text FROM ` + l.db.relation(dataset.Items) + `
		WHERE ` + l.isOpen() + ` AND cod_produto::text = ANY (ARRAY(SELECT cod FROM grupo)))`
}

func (l *listing) order() string {
	direction := ` ASC`
	if l.Descending {
		direction = ` DESC`
	}
	return ` ORDER BY chave` + direction + ` NULLS LAST, num`
}

// past is the condition of coming after the page before: missing keys come last, whichever the
// direction, and equal ones go by number.
func (l *listing) past(b *builder) string {
	if l.beyond == "" {
		return ``
	}
	number := b.arg(textArg(l.beyond))
	if l.after == nil {
		return ` WHERE chave IS NULL AND num > ` + number
	}
	key, further := b.arg(*l.after), ` > `
	if l.Descending {
		further = ` < `
	}
	return ` WHERE chave` + further + key + ` OR (chave = ` + key + ` AND num > ` + number + `) OR chave IS NULL`
}

func (l *listing) numbersStatement(row func()) statement {
	b := &builder{}
	l.matching(b, l.sortKey()+` AS chave`)
	b.write(` SELECT num FROM base`, l.order())
	return b.statement(row)
}

// texts are what a search looks in, of the orders that match the rest of the filter.
func (l *listing) texts(row func()) statement {
	b := &builder{}
	l.matching(b, `p.cliente, p.cidade, p.vendedor`)
	b.write(` SELECT num, cliente, cidade, vendedor FROM base`)
	return b.statement(row)
}

// pageStatement looks up what a page shows for the page's orders alone. Its last column, the
// total, comes even when the page is empty.
func (l *listing) pageStatement(row func()) statement {
	b := &builder{}
	l.matching(b, l.sortKey()+` AS chave`)
	b.write(`, pagina AS MATERIALIZED (
		SELECT row_number() OVER (`, l.order(), `) AS pos, num, chave FROM base`, l.past(b), l.order(),
		` LIMIT `, b.arg(integerArg(int64(l.Limit)+1)), `)`)
	l.details(b, `(SELECT count(*) FROM base)`)
	return b.statement(row)
}

func (l *listing) namedStatement(row func()) statement {
	b := &builder{}
	b.write(`WITH pagina AS MATERIALIZED (
		SELECT pos, num COLLATE "C" AS num, NULL::int8 AS chave FROM unnest(`, b.arg(textsArg(l.Numbers)), `) WITH ORDINALITY AS n (num, pos))`)
	l.details(b, `0::int8`)
	return b.statement(row)
}

// details end a statement that has a pagina: what a listing shows of its orders, those that are
// open, in sequence. The row of the total comes even when there is none.
func (l *listing) details(b *builder, total string) {
	const among = ` AND num_pedido::text = ANY (ARRAY(SELECT num COLLATE "default" FROM pagina))`
	b.write(` SELECT d.num, d.cliente, d.cnpj, d.cidade, d.uf, d.vendedor, d.data_pedido, d.necessidade, d.itens, d.valor,
		d.importante, d.observacao, d.chave, t.n
		FROM (SELECT `, total, ` AS n) AS t LEFT JOIN (
			SELECT g.pos, g.chave, num, a.itens, a.valor,
				p.cliente, p.cnpj, p.cidade, p.uf, p.vendedor, p.data_pedido, p.importante, p.observacao, `, need, ` AS necessidade FROM pagina AS g
			JOIN (`, l.openOrders(among), `) AS a USING (num)
			LEFT JOIN (`, l.headers(among), `) AS p USING (num)
			LEFT JOIN (`, l.shipping(b, among), `) AS e USING (num)
		) AS d ON true ORDER BY d.pos`)
}
