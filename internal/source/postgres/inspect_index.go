package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"ruptura/internal/doctor"
	"ruptura/internal/lang"
)

// sampleQuery finds the order with most lines, which asks most of the indexes.
const sampleQuery = `SELECT num_pedido::text FROM {itens} WHERE qtd_saldo > 0 GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1`

// Indexes measures the read of one order as the engine makes it, and says which index would make it
// cheaper: for a table that is read from end to end for a few rows, one on what is looked for; for
// rows that lie scattered, one that holds all that is read of them.
func (i *Inspection) Indexes(ctx context.Context) ([]doctor.Finding, error) {
	layout, err := i.db.look(ctx)
	if err != nil {
		return nil, err
	}
	var order string
	var text []byte
	known := tables{textual: map[string]bool{}, indexes: map[string][]index{}}
	err = i.read(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, strings.NewReplacer(i.db.relations()...).Replace(sampleQuery)).Scan(&order)
		if err != nil {
			return err
		}
		if err := known.read(ctx, tx, i.db.schema); err != nil {
			return err
		}
		text, err = explain(ctx, tx, i.db.partQuery(layout, false), textsArg([]string{order}), textsArg([]string{}))
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return []doctor.Finding{{Code: "index.no-order", What: lang.Text{
			PT: "sem pedidos não há o que medir", EN: "without orders there is nothing to measure",
		}}}, nil
	}
	if err != nil {
		return nil, err
	}
	return advice(order, text, known)
}

// explain runs a query and gives its measured plan, as JSON.
func explain(ctx context.Context, tx pgx.Tx, sql string, args ...arg) ([]byte, error) {
	values, oids, formats := make([][]byte, len(args)), make([]uint32, len(args)), make([]int16, len(args))
	for i, a := range args {
		values[i], oids[i], formats[i] = a.value, a.oid, binaryFormat
	}
	result := tx.Conn().PgConn().ExecParams(ctx, "EXPLAIN (ANALYZE, BUFFERS, VERBOSE, FORMAT JSON) "+sql, values, oids, formats, nil).Read()
	if result.Err != nil {
		return nil, result.Err
	}
	if len(result.Rows) != 1 || len(result.Rows[0]) != 1 {
		return nil, fmt.Errorf("%w: no plan", errors.ErrUnsupported)
	}
	return result.Rows[0][0], nil
}

// planNames are those of what EXPLAIN tells, such as "Node Type"; a quote within a value is escaped.
var planNames = regexp.MustCompile(`"[A-Z][A-Za-z ]*":`)

// snake writes a name as "node_type".
func snake(name []byte) []byte {
	return bytes.ReplaceAll(bytes.ToLower(name), []byte(" "), []byte("_"))
}

// plan is a node of what EXPLAIN tells, as far as it matters here.
type plan struct {
	Type     string   `json:"node_type"`
	Schema   string   `json:"schema"`
	Relation string   `json:"relation_name"`
	Alias    string   `json:"alias"`
	Output   []string `json:"output"`
	Group    []string `json:"group_key"`
	Filter   string   `json:"filter"`
	Cond     string   `json:"index_cond"`
	Recheck  string   `json:"recheck_cond"`
	Rows     float64  `json:"actual_rows"`
	Loops    float64  `json:"actual_loops"`
	Removed  float64  `json:"rows_removed_by_filter"`
	Hit      int64    `json:"shared_hit_blocks"`
	Read     int64    `json:"shared_read_blocks"`
	Time     float64  `json:"actual_total_time"` // ms, per loop
	Fetches  float64  `json:"heap_fetches"`
	Plans    []*plan  `json:"plans"`
}

func (p *plan) rows() int64    { return int64(p.Rows * p.Loops) }
func (p *plan) removed() int64 { return int64(p.Removed * p.Loops) }
func (p *plan) pages() int64   { return p.Hit + p.Read }
func (p *plan) table() string  { return plainName(p.Schema) + "." + plainName(p.Relation) }

// plainTable is the table's name without quotes, as [tables] has it.
func (p *plan) plainTable() string { return p.Schema + "." + p.Relation }

// measured is a node as evidence.
func (p *plan) measured() string {
	line := fmt.Sprintf("%s on %s: rows %d, pages %d, %.1f ms", p.Type, p.table(), p.rows(), p.pages(), p.Time*p.Loops)
	if n := p.removed(); n > 0 {
		line += fmt.Sprintf(", rows removed by filter %d", n)
	}
	return line
}

func advice(order string, text []byte, known tables) ([]doctor.Finding, error) {
	var explained []struct {
		Plan plan    `json:"plan"`
		Time float64 `json:"execution_time"`
	}
	if err := json.Unmarshal(planNames.ReplaceAllFunc(text, snake), &explained); err != nil || len(explained) != 1 {
		return nil, fmt.Errorf("postgres: plan not understood: %w", err)
	}
	e := &explained[0]
	a := adviser{seen: map[string]bool{}, known: known}
	a.walk(&e.Plan, nil)
	what := doctor.Finding{Code: "index.measured", What: lang.Text{
		PT: fmt.Sprintf("a leitura do maior pedido (%s) percorreu %d páginas em %.1f ms", order, e.Plan.pages(), e.Time),
		EN: fmt.Sprintf("reading the largest order (%s) went through %d pages in %.1f ms", order, e.Plan.pages(), e.Time),
	}}
	if len(a.found) == 0 {
		what.What.PT += "; nenhum índice a acrescentar"
		what.What.EN += "; no index to add"
	}
	return append([]doctor.Finding{what}, a.found...), nil
}

// What makes a scan worth an index. A smaller table is read in no time.
const (
	manyRows   = 5_000 // read and thrown away, in one scan of a table
	manyPages  = 200   // of rows that lie scattered
	perPage    = 50    // rows found in a page make it as good as an index, which has some hundreds
	fewOfTable = 10    // of which one is wanted
)

// adviser walks a plan and gives an advice per table.
type adviser struct {
	found []doctor.Finding
	seen  map[string]bool
	known tables
}

// walk looks at a node; above are those it is below of.
func (a *adviser) walk(p *plan, above []*plan) {
	if p.Relation != "" {
		a.scan(p, above)
	}
	above = append(above, p)
	for _, child := range p.Plans {
		a.walk(child, slices.Clip(above))
	}
}

func (a *adviser) scan(p *plan, above []*plan) {
	switch {
	case p.Type == "Seq Scan" && p.removed() >= manyRows && p.removed() >= fewOfTable*p.rows():
		a.index(p, p.Filter, above, lang.Text{
			PT: p.table() + " é lida do começo ao fim para poucas linhas: falta um índice",
			EN: p.table() + " is read from end to end for a few rows: an index is missing",
		})
	case (p.Type == "Bitmap Heap Scan" || p.Type == "Index Scan") && p.pages() >= manyPages && p.rows() < perPage*p.pages():
		condition := p.Cond
		if condition == "" {
			condition = p.Recheck
		}
		a.index(p, condition, above, lang.Text{
			PT: "as linhas de " + p.table() + " estão espalhadas: um índice que as contenha dispensa a tabela",
			EN: "the rows of " + p.table() + " lie scattered: an index that holds them makes the table unnecessary",
		})
	case p.Type == "Index Only Scan" && p.Fetches*p.Loops >= manyPages && p.Fetches >= p.Rows/2:
		a.vacuum(p)
	}
}

// index advises one that begins with what a condition looks for.
func (a *adviser) index(p *plan, condition string, above []*plan, what lang.Text) {
	key, direct := keyOf(condition, p.Alias)
	// A code that is no text is converted before it is compared, which an index of it cannot serve.
	if key == "" || a.seen[p.table()] || !a.known.textual[p.plainTable()+"."+unquoted(key)] {
		return
	}
	held, always := p.held(key, above), p.always()
	switch {
	case !direct:
		a.converted(p, key)
		return
	case a.known.serves(p.plainTable(), append([]string{key}, held...), always):
		return // the server has it, and thinks better of using it
	}
	a.seen[p.table()] = true
	statement := fmt.Sprintf("CREATE INDEX CONCURRENTLY %s ON %s (%s)", plainName(a.known.freeName(p)), p.table(), key)
	if len(held) > 0 {
		statement += " INCLUDE (" + strings.Join(held, ", ") + ")"
	}
	if always != "" {
		statement += " WHERE " + always
	}
	a.found = append(a.found, doctor.Finding{Code: "index.advised", Level: doctor.Warning, What: what, Mend: lang.Text{
		PT: "o dono da tabela pode executar (sem parar o ERP; o índice ocupa disco e custa um pouco a cada gravação)",
		EN: "the table's owner can run (without stopping the ERP; the index takes disk and costs a little at each write)",
	}, Evidence: []string{p.measured(), statement + ";", "VACUUM (ANALYZE) " + p.table() + ";"}})
}

// converted tells of a view that compares something made of a text, where the text itself would do.
func (a *adviser) converted(p *plan, key string) {
	a.seen[p.table()] = true
	a.found = append(a.found, doctor.Finding{Code: "index.converted", Level: doctor.Warning, What: lang.Text{
		PT: p.table() + " é lida do começo ao fim: a visão converte a coluna " + key + ", e nenhum índice dela serve",
		EN: p.table() + " is read from end to end: the view converts the column " + key + ", and no index of it serves",
	}, Mend: lang.Text{
		PT: "na visão, use a coluna como está (" + key + ", ou " + key + "::text) e repita",
		EN: "in the view, use the column as it is (" + key + ", or " + key + "::text) and try again",
	}, Evidence: []string{p.measured()}})
}

func (a *adviser) vacuum(p *plan) {
	if a.seen[p.table()] {
		return
	}
	a.seen[p.table()] = true
	a.found = append(a.found, doctor.Finding{Code: "index.vacuum", Level: doctor.Warning, What: lang.Text{
		PT: fmt.Sprintf("o índice de %s serve, mas a tabela foi consultada %d vezes porque não passou por VACUUM", p.table(), int64(p.Fetches*p.Loops)),
		EN: fmt.Sprintf("the index of %s serves, but the table was visited %d times because it was not vacuumed", p.table(), int64(p.Fetches*p.Loops)),
	}, Mend: lang.Text{
		PT: "o dono da tabela pode executar; se volta a acontecer, torne o autovacuum dela mais frequente",
		EN: "the table's owner can run; if it happens again, make its autovacuum more frequent",
	}, Evidence: []string{p.measured(), "VACUUM (ANALYZE) " + p.table() + ";"}})
}
