package postgres

import (
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"ruptura/internal/dataset"
	"ruptura/internal/lang"
)

// catalog is what the database says of the relations.
type catalog struct {
	row     *row
	schema  string
	exists  bool
	usable  bool
	columns map[string]column // by relation and column: "itens.linha"
}

type column struct {
	oid      int64
	shown    string // the type, as SQL writes it
	category string // of the type, as pg_type.typcategory
	casts    string // the types that a cast leads to, as numbers
	modifier int64
	readable bool
	inTable  bool
}

func (c *catalog) aSchema() { c.exists, c.usable = true, c.row.truth(0) }

func (c *catalog) aColumn() {
	r := c.row
	if c.columns == nil {
		c.columns = make(map[string]column)
	}
	name := string(r.values[0]) + "." + string(r.values[1])
	c.columns[name] = column{
		oid: r.integer(2), modifier: r.integer(3), readable: r.truth(4), inTable: r.truth(5),
		shown: string(r.values[6]), category: string(r.values[7]), casts: string(r.values[8]),
	}
}

// fault is what is wrong with a database, also in the words of those who use it.
type fault struct {
	kind  error
	words lang.Text
}

// Error implements error.
func (f *fault) Error() string { return f.kind.Error() + ": " + f.words.EN }

// Unwrap gives the kind.
func (f *fault) Unwrap() error { return f.kind }

// Words say it. They name the schema and what is in it, and nothing of users or servers.
func (f *fault) Words() lang.Text { return f.words }

// check names everything of the gravest kind at once.
func (c *catalog) check() error {
	schema := pgx.Identifier{c.schema}.Sanitize()
	missing, unreadable, unfit := c.gaps()
	list := func(names []string) string { return strings.Join(names, ", ") }
	switch {
	case !c.exists:
		return &fault{ErrSchema, lang.Text{PT: "o esquema " + schema + " não existe", EN: "there is no schema " + schema}}
	case !c.usable:
		return &fault{ErrPermission, lang.Text{
			PT: "falta GRANT USAGE ON SCHEMA " + schema, EN: "GRANT USAGE ON SCHEMA " + schema + " is missing",
		}}
	case len(missing) > 0:
		return &fault{c.kindOf(missing), lang.Text{
			PT: "o esquema " + schema + " não tem " + list(missing), EN: "schema " + schema + " has no " + list(missing),
		}}
	case len(unreadable) > 0:
		return &fault{ErrPermission, lang.Text{
			PT: "no esquema " + schema + ", falta GRANT SELECT em " + list(unreadable),
			EN: "in schema " + schema + ", GRANT SELECT is missing on " + list(unreadable),
		}}
	case len(unfit) > 0:
		return &fault{ErrColumns, lang.Text{
			PT: "no esquema " + schema + ", " + strings.NewReplacer(" is ", " é ", ", not ", ", e não ").Replace(list(unfit)),
			EN: "in schema " + schema + ", " + list(unfit),
		}}
	}
	return nil
}

// kindOf is [ErrColumns] when only columns are missing.
func (c *catalog) kindOf(missing []string) error {
	if slices.ContainsFunc(missing, func(name string) bool { return !strings.Contains(name, ".") }) {
		return ErrSchema
	}
	return ErrColumns
}

// gaps are the relations and columns that are missing, the relations that may not be read, and the
// columns whose type does not serve.
func (c *catalog) gaps() (missing, unreadable, unfit []string) {
	for _, relation := range dataset.Relations() {
		var lacks []string
		columns := columnsOf(relation)
		for _, name := range columns {
			full := relation.String() + "." + name
			found, ok := c.columns[full]
			switch {
			case !ok:
				lacks = append(lacks, full)
			case !found.readable && !slices.Contains(unreadable, relation.String()):
				unreadable = append(unreadable, relation.String())
			case !found.serves(typeOf(relation, name)):
				unfit = append(unfit, full+" is "+found.shown+", not "+typeOf(relation, name))
			}
		}
		if len(lacks) == len(columns) {
			lacks = []string{relation.String()}
		}
		missing = append(missing, lacks...)
	}
	return missing, unreadable, unfit
}

// serves reports whether the statements can read a column of which they want a type: numbers as the
// decoder knows them, all else by a cast. Any text can be cast; whether its value can, shows later.
func (c column) serves(want string) bool {
	var target int64
	switch want {
	case "text":
		return true
	case "numeric":
		return slices.Contains([]int64{
			pgtype.NumericOID, pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.Float4OID, pgtype.Float8OID,
		}, c.oid)
	case "date":
		target = pgtype.DateOID
	case "boolean":
		target = pgtype.BoolOID
	default:
		target = pgtype.Int8OID
	}
	return c.oid == target || c.category == "S" || slices.Contains(strings.Fields(c.casts), strconv.FormatInt(target, 10))
}
