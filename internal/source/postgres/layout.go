package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// columnsOf are the columns that a relation must have, as it is documented in docs/postgres.md.
func columnsOf(r dataset.Relation) []string {
	switch r {
	case dataset.Orders:
		return []string{
			"num_pedido", "cliente", "cnpj", "cidade", "uf", "vendedor", "data_pedido", "data_entrega", "importante", "observacao",
		}
	case dataset.Items:
		return []string{"num_pedido", "linha", "cod_produto", "nome_produto", "qtd_saldo", "preco_unitario"}
	case dataset.Stock:
		return []string{"cod_produto", "qtd"}
	case dataset.Reservations:
		return []string{"lote", "num_pedido", "cod_produto", "qtd", "expedicao"}
	case dataset.Receipts:
		return []string{"cod_produto", "data", "qtd"}
	default:
		return []string{"codigo_origem", "codigo_destino"}
	}
}

// kind is what a column of numbers is made of.
type kind uint8

const (
	wide     kind = iota // a numeric of any scale
	exact                // never has more decimals than are read
	floating             // a binary float
)

// layout is what statements depend on: the kinds of the columns of numbers.
type layout struct {
	open, price, stock, reserved, received kind
	// pairs says that unified codes are in a table, where looking one up is cheap. What a view does
	// is not known, so it is read once and whole.
	pairs bool
}

// look makes sure, once, that the relations are there and may be read. It does so again after a
// statement met others than it found.
func (db *DB) look(ctx context.Context) (*layout, error) {
	if l := db.layout.Load(); l != nil {
		return l, nil
	}
	return db.survey(ctx)
}

// survey looks at the relations whatever it found before.
func (db *DB) survey(ctx context.Context) (*layout, error) {
	var found catalog
	err := db.view(ctx, "look", func(t *trip) error {
		found = catalog{row: &t.row, schema: db.schema}
		t.send(statement{sql: schemaQuery, args: []arg{textArg(db.schema)}, row: found.aSchema})
		t.send(statement{sql: columnsQuery, args: []arg{textArg(db.schema)}, row: found.aColumn})
		if err := t.finish(); err != nil {
			return err
		}
		return found.check()
	})
	if errors.Is(err, source.ErrUnusable) {
		db.layout.Store(nil)
	}
	if err != nil {
		return nil, err
	}
	l := found.layout()
	db.layout.Store(l)
	return l, nil
}

// explain makes the next call look again if an error says that the relations are not as found. What is
// wrong with them now, relation and column, says more than the server's words over a statement.
func (db *DB) explain(ctx context.Context, failed error) error {
	if !errors.Is(failed, ErrSchema) {
		return failed
	}
	db.layout.Store(nil)
	if _, err := db.look(ctx); errors.Is(err, source.ErrUnusable) {
		return err
	}
	return failed
}

const schemaQuery = `SELECT has_schema_privilege(oid, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = $1::text`

const columnsQuery = `SELECT c.relname::text, a.attname::text, coalesce(nullif(t.typbasetype, 0), t.oid)::int8,
	(CASE WHEN t.typbasetype = 0 THEN a.atttypmod ELSE t.typtypmod END)::int8, has_column_privilege(c.oid, a.attnum, 'SELECT'),
	c.relkind IN ('r', 'p'), format_type(a.atttypid, a.atttypmod), t.typcategory::text,
	(SELECT string_agg(k.casttarget::int8::text, ' ') FROM pg_catalog.pg_cast AS k
		WHERE k.castsource = coalesce(nullif(t.typbasetype, 0), t.oid))
	FROM pg_catalog.pg_class AS c
	JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
	JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
	JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
	WHERE n.nspname = $1::text AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND a.attnum > 0 AND NOT a.attisdropped
	AND c.relname IN ('pedidos', 'itens', 'estoque', 'separacoes', 'producao', 'unificacao')`

func (c *catalog) layout() *layout {
	return &layout{
		open:     c.columns["itens.qtd_saldo"].kind(quantityDecimals),
		price:    c.columns["itens.preco_unitario"].kind(moneyDecimals),
		stock:    c.columns["estoque.qtd"].kind(quantityDecimals),
		reserved: c.columns["separacoes.qtd"].kind(quantityDecimals),
		received: c.columns["producao.qtd"].kind(quantityDecimals),
		pairs:    c.columns["unificacao.codigo_origem"].inTable,
	}
}

// kind sorts a column of which so many decimals are read.
func (c column) kind(decimals int64) kind {
	switch c.oid {
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID:
		return exact
	case pgtype.Float4OID, pgtype.Float8OID:
		return floating
	case pgtype.NumericOID:
		// The modifier of numeric(p, s) is 4 more than p in its upper and s in its lower half; the
		// scale has 11 bits, negative ones with the highest set. -1 is a numeric without.
		if scale := (c.modifier - 4) & 0x7ff; c.modifier >= 4 && (scale <= decimals || scale >= 0x400) {
			return exact
		}
	}
	return wide
}

// sql is a column as a numeric of so many decimals, rounded half to even row by row, as the decoder
// does it.
func (k kind) sql(name string, decimals int) string {
	unit := [...]string{moneyDecimals: "0.01", quantityDecimals: "0.001"}[decimals]
	switch k {
	case exact:
		return name
	case floating:
		return fmt.Sprintf(`(round((%s::numeric * %d)::float8)::numeric * %s)`, name, powers[decimals], unit)
	default:
		return fmt.Sprintf(`CASE WHEN scale(%[1]s::numeric) <= %[2]d THEN %[1]s ELSE round(%[1]s, %[2]d) -
			CASE WHEN abs(%[1]s - trunc(%[1]s, %[2]d)) = %[3]s * 0.5 AND mod(trunc(%[1]s, %[2]d) * %[4]d, 2) = 0
			THEN sign(%[1]s) * %[3]s ELSE 0 END END`, name, decimals, unit, powers[decimals])
	}
}

// relation is a relation of the schema as SQL names it.
func (db *DB) relation(r dataset.Relation) string {
	return pgx.Identifier{db.schema, r.String()}.Sanitize()
}
