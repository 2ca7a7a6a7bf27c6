package sqlite

import (
	"fmt"
	"strings"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/source"
)

// group is every code unified with the parameter, itself included; UNION ends cycles.
const group = `WITH RECURSIVE grupo (cod) AS (
		SELECT %s
		UNION SELECT codigo_destino FROM grupo JOIN unificacao ON codigo_origem = cod
		UNION SELECT codigo_origem FROM grupo JOIN unificacao ON codigo_destino = cod
	) SELECT cod FROM grupo`

// bookColumns are those of the book that a page shows, named as on the wire; [bookOrder] reads them.
const bookColumns = `num_pedido, cliente, cnpj, cidade, uf, vendedor, data_pedido, data_necessidade, itens, valor_total,
	importante, observacao`

// bookOf is the book, a query of one row per open order; stale is the parameter with the first
// ship date that counts towards a need date. SQLite drops from it what a statement does not use.
func bookOf(stale string) string {
	return `SELECT a.num_pedido, p.cliente, p.cnpj, p.cidade, p.uf, p.vendedor, p.data_pedido,
		coalesce((
			SELECT s.expedicao FROM separacoes AS s
			WHERE s.num_pedido = a.num_pedido AND s.expedicao >= ` + stale + ` AND s.qtd > 0
			ORDER BY s.expedicao LIMIT 1
		), p.data_entrega) AS data_necessidade,
		a.itens, a.valor_total, coalesce(p.importante, 0) AS importante, p.observacao, p.busca
		FROM pedidos_abertos AS a LEFT JOIN pedidos AS p ON p.num_pedido = a.num_pedido`
}

// builder puts a statement together. What users typed goes into args alone.
type builder struct {
	strings.Builder
	args []any // string or int64
}

// arg adds a parameter and returns its place holder.
func (b *builder) arg(value any) string {
	b.args = append(b.args, value)
	return fmt.Sprintf("?%d", len(b.args))
}

func (b *builder) run(conn *sqlite.Conn, query string, row func(*sqlite.Stmt)) error {
	stmt, err := conn.Prepare(query)
	if err != nil {
		return err
	}
	for i, arg := range b.args {
		switch arg := arg.(type) {
		case string:
			stmt.BindText(i+1, arg)
		case int64:
			stmt.BindInt64(i+1, arg)
		}
	}
	return eachRow(stmt, row)
}

// query selects columns of the orders that match the filter and come after a position of the
// listing, if one is given.
func (l listing) query(columns string, after *source.Position) *builder {
	b := &builder{}
	stale := b.arg(l.StaleBefore.String())
	conditions := append(l.conditions(b), l.beyond(b, after)...)
	b.WriteString(`SELECT ` + columns + ` FROM (` + bookOf(stale) + `)`)
	if len(conditions) > 0 {
		b.WriteString(` WHERE ` + strings.Join(conditions, ` AND `))
	}
	return b
}

// conditions are the filter's, cheapest first.
func (l listing) conditions(b *builder) (all []string) {
	if l.UF != "" {
		all = append(all, `uf = `+b.arg(l.UF))
	}
	if l.Salesperson != "" {
		all = append(all, `vendedor = `+b.arg(l.Salesperson))
	}
	if l.Important != nil {
		all = append(all, `importante = `+b.arg(flag(*l.Important)))
	}
	if l.Text != "" {
		// Not LIKE: to a search, % and _ are characters like any other.
		all = append(all, `instr(coalesce(busca, dobra(num_pedido)), `+b.arg(source.Fold(l.Text))+`) > 0`)
	}
	if l.Product != "" {
		all = append(all, `num_pedido IN (SELECT i.num_pedido FROM itens AS i WHERE i.qtd_saldo > 0 AND i.cod_produto IN (`+
			fmt.Sprintf(group, b.arg(string(l.Product)))+`))`)
	}
	if l.NeedFrom.Known() {
		all = append(all, `data_necessidade >= `+b.arg(l.NeedFrom.String()))
	}
	if l.NeedTo.Known() {
		all = append(all, `data_necessidade <= `+b.arg(l.NeedTo.String()))
	}
	return all
}

// beyond is the condition of coming after a position: missing keys come last, whichever the
// direction, and equal ones go by number.
func (l listing) beyond(b *builder, after *source.Position) []string {
	if after == nil {
		return nil
	}
	column, number := string(l.column), b.arg(after.Number)
	if after.Key == nil {
		return []string{column + ` IS NULL AND num_pedido > ` + number}
	}
	key, further := b.arg(after.Key), ` > `
	if l.Descending {
		further = ` < `
	}
	return []string{`(` + column + further + key +
		` OR (` + column + ` = ` + key + ` AND num_pedido > ` + number + `) OR ` + column + ` IS NULL)`}
}

func (l listing) order() string {
	direction := ` ASC`
	if l.Descending {
		direction = ` DESC`
	}
	return ` ORDER BY ` + string(l.column) + direction + ` NULLS LAST, num_pedido`
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}
