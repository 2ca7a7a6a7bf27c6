package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"ruptura/internal/dataset"
	"ruptura/internal/doctor"
	"ruptura/internal/lang"
)

// described is a column of a relation as the catalog has it.
type described struct {
	relation, name, kind string // kind of the relation, as pg_class.relkind
	shown                string // its type, as SQL writes it
	oid                  uint32 // of its type, that below a domain
	category             string // of the type, as pg_type.typcategory
	readable             bool
}

const describeQuery = `SELECT c.relname::text, c.relkind::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
	coalesce(nullif(t.typbasetype, 0), t.oid)::int8, t.typcategory::text, has_column_privilege(c.oid, a.attnum, 'SELECT')
	FROM pg_catalog.pg_class AS c
	JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
	JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
	JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
	WHERE n.nspname = $1 AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND a.attnum > 0 AND NOT a.attisdropped
	AND c.relname = ANY ($2) ORDER BY c.relname, a.attnum`

// Relations looks at the schema: every relation and column the program reads, its type, and whether
// it may be read. Unusable are those that cannot be asked, as [doctor.DataOptions] has them.
func (i *Inspection) Relations(ctx context.Context) (found []doctor.Finding, unusable map[string]bool, err error) {
	var exists, usable bool
	var user string
	columns := map[string]described{}
	err = i.read(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT current_user::text`).Scan(&user); err != nil {
			return err
		}
		schemas, err := tx.Query(ctx, `SELECT has_schema_privilege(oid, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = $1`, i.db.schema)
		if err != nil {
			return err
		}
		if _, err = pgx.ForEachRow(schemas, []any{&usable}, func() error { exists = true; return nil }); err != nil {
			return err
		}
		return describe(ctx, tx, i.db.schema, columns)
	})
	if err != nil {
		return nil, nil, err
	}
	r := &relations{schema: i.db.schema, user: user, columns: columns, unusable: map[string]bool{}}
	switch {
	case !exists:
		r.noSchema()
		r.giveUp()
	case !usable:
		r.closedSchema()
		r.giveUp()
	default:
		r.check()
	}
	return r.found, r.unusable, nil
}

func describe(ctx context.Context, tx pgx.Tx, schema string, into map[string]described) error {
	var names []string
	for _, r := range dataset.Relations() {
		names = append(names, r.String())
	}
	rows, err := tx.Query(ctx, describeQuery, schema, names)
	if err != nil {
		return err
	}
	var d described
	var oid int64
	_, err = pgx.ForEachRow(rows, []any{&d.relation, &d.kind, &d.name, &d.shown, &oid, &d.category, &d.readable}, func() error {
		d.oid = uint32(oid) //nolint:gosec // an oid has 32 bits
		into[d.relation+"."+d.name] = d
		return nil
	})
	return err
}

// relations judges the columns that were found.
type relations struct {
	schema   string
	user     string // who asks
	columns  map[string]described
	found    []doctor.Finding
	unusable map[string]bool
	closed   []string // relations that the user may not read
	absent   []dataset.Relation
}

func (r *relations) problem(code string, what, mend lang.Text, evidence ...string) {
	r.found = append(r.found, doctor.Finding{Code: code, Level: doctor.Problem, What: what, Mend: mend, Evidence: evidence})
}

func (r *relations) quoted() string { return pgx.Identifier{r.schema}.Sanitize() }

// makers are the commands that make relations.
func (r *relations) makers() []string {
	flag := ""
	if r.schema != DefaultSchema {
		flag = " --db-schema " + r.schema
	}
	return []string{"ruptura migrate up --profile legado" + flag, "ruptura migrate up --profile nativo" + flag}
}

var makeAll = lang.Text{
	PT: "crie as relações: visões sobre o ERP (legado), tabelas para importar (nativo), ou as suas próprias visões; ou indique outro esquema em --db-schema",
	EN: "make the relations: views on the ERP (legado), tables to import into (nativo), or views of your own; or name another schema with --db-schema",
}

func (r *relations) noSchema() {
	r.problem("relations.no-schema", lang.Text{
		PT: "o esquema " + r.schema + " não existe", EN: "the schema " + r.schema + " does not exist",
	}, makeAll, r.makers()...)
}

// giveUp leaves nothing to be asked.
func (r *relations) giveUp() {
	for _, relation := range dataset.Relations() {
		r.unusable[relation.String()] = true
	}
}

var mendGrant = lang.Text{PT: "um administrador deve executar", EN: "an administrator has to run"}

// grants let the user read all relations.
func (r *relations) grants() []string {
	user := pgx.Identifier{r.user}.Sanitize()
	return []string{
		fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s;", r.quoted(), user),
		fmt.Sprintf("GRANT SELECT ON ALL TABLES IN SCHEMA %s TO %s;", r.quoted(), user),
	}
}

func (r *relations) closedSchema() {
	r.problem("relations.no-usage", lang.Text{
		PT: "o usuário " + r.user + " não pode usar o esquema " + r.schema, EN: "user " + r.user + " may not use the schema " + r.schema,
	}, mendGrant, r.grants()...)
}

// check looks at each relation in turn.
func (r *relations) check() {
	kinds := map[string][]string{}
	for _, relation := range dataset.Relations() {
		name := relation.String()
		kind, ok := r.kindOf(name)
		if !ok {
			r.absent = append(r.absent, relation)
			r.unusable[name] = true
			continue
		}
		kinds[kind] = append(kinds[kind], name)
		r.relation(relation)
	}
	r.closedRelations()
	switch {
	case len(r.absent) == len(dataset.Relations()):
		r.problem("relations.none", lang.Text{
			PT: "o esquema " + r.schema + " não tem nenhuma das seis relações", EN: "the schema " + r.schema + " has none of the six relations",
		}, makeAll, r.makers()...)
	default:
		r.missing()
	}
	if len(r.found) == 0 {
		r.found = append(r.found, complete(kinds))
	}
}

func (r *relations) missing() {
	for _, relation := range r.absent {
		name, columns := relation.String(), strings.Join(columnsOf(relation), ", ")
		r.problem("relations.missing", lang.Text{PT: "falta a relação " + name, EN: "the relation " + name + " is missing"}, lang.Text{
			PT: "crie a tabela ou visão com as colunas " + columns + "; se não há tais dados, uma visão sem linhas",
			EN: "make the table or view with the columns " + columns + "; if there is no such data, a view without rows",
		})
	}
}

// kindOf is what a relation is, if it is there.
func (r *relations) kindOf(relation string) (string, bool) {
	for _, c := range r.columns {
		if c.relation == relation {
			return c.kind, true
		}
	}
	return "", false
}

func complete(kinds map[string][]string) doctor.Finding {
	words := map[string]lang.Text{
		"r": {PT: "tabelas", EN: "tables"}, "p": {PT: "tabelas particionadas", EN: "partitioned tables"}, "v": {PT: "visões", EN: "views"},
		"m": {PT: "visões materializadas (tão atuais quanto o seu último REFRESH)", EN: "materialised views (as fresh as their last REFRESH)"},
		"f": {PT: "tabelas externas", EN: "foreign tables"},
	}
	var pt, en []string
	for _, kind := range []string{"r", "p", "v", "m", "f"} {
		if names := kinds[kind]; len(names) > 0 {
			list := ": " + strings.Join(names, ", ")
			pt, en = append(pt, words[kind].PT+list), append(en, words[kind].EN+list)
		}
	}
	return doctor.Finding{Code: "relations.complete", What: lang.Text{
		PT: "completas; " + strings.Join(pt, "; "), EN: "complete; " + strings.Join(en, "; "),
	}}
}

// relation looks at one relation's columns.
func (r *relations) relation(relation dataset.Relation) {
	var lacks []string
	unreadable := false
	for _, name := range columnsOf(relation) {
		c, ok := r.columns[relation.String()+"."+name]
		switch {
		case !ok:
			lacks = append(lacks, name)
			r.unusable[relation.String()+"."+name] = true
		case !c.readable:
			unreadable = true
		default:
			r.column(c)
		}
	}
	name := relation.String()
	if len(lacks) > 0 {
		r.problem("relations.missing-column", lang.Text{
			PT: name + " não tem " + strings.Join(lacks, ", "), EN: name + " has no " + strings.Join(lacks, ", "),
		}, lang.Text{
			PT: "acrescente a coluna; se não há tal dado, por exemplo NULL::" + typeOf(relation, lacks[0]) + " AS " + lacks[0],
			EN: "add the column; if there is no such data, for example NULL::" + typeOf(relation, lacks[0]) + " AS " + lacks[0],
		})
	}
	if unreadable {
		r.unusable[name] = true
		r.closed = append(r.closed, name)
	}
}

// closedRelations tells which the user may not read.
func (r *relations) closedRelations() {
	if len(r.closed) == 0 {
		return
	}
	list := strings.Join(r.closed, ", ")
	r.problem("relations.no-select", lang.Text{
		PT: "o usuário " + r.user + " não pode ler " + list, EN: "user " + r.user + " may not read " + list,
	}, mendGrant, r.grants()[1])
}

// typeOf is the documented type of a column.
func typeOf(relation dataset.Relation, name string) string {
	switch {
	case slices.Contains([]string{"data_pedido", "data_entrega", "expedicao", "data"}, name):
		return "date"
	case slices.Contains([]string{"qtd_saldo", "qtd", "preco_unitario"}, name):
		return "numeric"
	case name == "importante":
		return "boolean"
	case name == "linha" && relation == dataset.Items:
		return "bigint"
	}
	return "text"
}

// column judges a column's type: the program converts what it can, at a price.
func (r *relations) column(c described) {
	relation := slices.IndexFunc(dataset.Relations(), func(d dataset.Relation) bool { return d.String() == c.relation })
	want := typeOf(dataset.Relations()[relation], c.name)
	level, mend := suits(want, c)
	if level == doctor.OK {
		return
	}
	if level == doctor.Problem {
		r.unusable[c.relation+"."+c.name] = true
	}
	r.found = append(r.found, doctor.Finding{Code: "relations.type", Level: level, What: lang.Text{
		PT: fmt.Sprintf("%s.%s é %s, e não %s", c.relation, c.name, c.shown, want),
		EN: fmt.Sprintf("%s.%s is %s, not %s", c.relation, c.name, c.shown, want),
	}, Mend: mend})
}

// suits says how well a column's type serves where another is wanted, and what to do about it.
func suits(want string, c described) (doctor.Level, lang.Text) {
	cast := func(pt, en string) lang.Text {
		return lang.Text{PT: pt + "; na visão: " + c.name + "::" + want, EN: en + "; in the view: " + c.name + "::" + want}
	}
	switch want {
	case "text":
		if c.category == "S" {
			return doctor.OK, lang.Text{}
		}
		return doctor.Warning, cast("é convertido em cada leitura, não usa índice e pode perder zeros à esquerda",
			"it is converted at each read, uses no index and may lose leading zeros")
	case "date":
		return suitsDate(c, cast)
	case "boolean":
		if c.oid == pgtype.BoolOID {
			return doctor.OK, lang.Text{}
		}
		return doctor.Problem, lang.Text{
			PT: "converta na visão, por exemplo (" + c.name + " = 'S')",
			EN: "convert it in the view, for example (" + c.name + " = 'S')",
		}
	case "bigint":
		if c.oid == pgtype.Int8OID || c.oid == pgtype.Int4OID || c.oid == pgtype.Int2OID {
			return doctor.OK, lang.Text{}
		}
		if c.category == "N" {
			return doctor.Warning, cast("é arredondado para inteiro", "it is rounded to a whole number")
		}
		return doctor.Problem, cast("deve ser um número inteiro", "it must be a whole number")
	default:
		return suitsNumeric(c, cast)
	}
}

func suitsDate(c described, cast func(pt, en string) lang.Text) (doctor.Level, lang.Text) {
	switch c.oid {
	case pgtype.DateOID:
		return doctor.OK, lang.Text{}
	case pgtype.TimestampOID:
		return doctor.Warning, cast("a hora é ignorada", "the time of day is ignored")
	case pgtype.TimestamptzOID:
		return doctor.Warning, lang.Text{
			PT: "o dia depende do fuso da conexão; na visão: (" + c.name + " AT TIME ZONE 'America/Sao_Paulo')::date",
			EN: "the day depends on the connection's time zone; in the view: (" + c.name + " AT TIME ZONE 'America/Sao_Paulo')::date",
		}
	}
	return doctor.Problem, lang.Text{
		PT: "converta na visão, por exemplo to_date(" + c.name + ", 'DD/MM/YYYY')",
		EN: "convert it in the view, for example to_date(" + c.name + ", 'DD/MM/YYYY')",
	}
}

func suitsNumeric(c described, cast func(pt, en string) lang.Text) (doctor.Level, lang.Text) {
	switch c.oid {
	case pgtype.NumericOID, pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID:
		return doctor.OK, lang.Text{}
	case pgtype.Float4OID, pgtype.Float8OID:
		if c.relation != dataset.Stock.String() { // the others are not added up by the server
			return doctor.OK, lang.Text{}
		}
		return doctor.Warning, lang.Text{
			PT: "é um número binário: cada linha é arredondada a 3 casas antes da soma; os números saem certos, a leitura é mais lenta",
			EN: "it is a binary number: each row is rounded to 3 decimals before they are added up; the numbers come out right, reading is slower",
		}
	}
	return doctor.Problem, cast("deve ser um número", "it must be a number")
}
