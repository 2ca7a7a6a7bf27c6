package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/lang"
)

// Database answers questions about the rows of the six relations, in SQL that both engines
// understand.
type Database interface {
	// Find runs a query of one text column, in which {pedidos} stands for that relation, and gives
	// the number of its rows and the first few by code point.
	Find(ctx context.Context, query string) (Found, error)
	// Count is the number of a relation's rows.
	Count(ctx context.Context, r dataset.Relation) (int64, error)
}

// Found is what a query found.
type Found struct {
	Rows     int64
	Examples []string
}

// MaxExamples is how many rows a finding names.
const MaxExamples = 5

// DataOptions say what to look for.
type DataOptions struct {
	// StaleBefore is the first ship date of a reservation that is not stale.
	StaleBefore atp.Day
	// Decimals says that the database's quantities are decimal numbers; else they are whole
	// thousandths, which cannot have more decimals.
	Decimals bool
	// Unusable are the columns that cannot be asked, as "itens.qtd_saldo" or, for a whole relation,
	// "itens"; what needs one of them is left out.
	Unusable map[string]bool
	// Timeout bounds each question.
	Timeout time.Duration
}

// Data asks a database all that may be wrong with its rows. A question that fails becomes a
// finding; only the end of the context ends it early.
func Data(ctx context.Context, db Database, o DataOptions) ([]Finding, error) {
	found := counts(ctx, db, o)
	clean, left := 0, 0
	for _, q := range questions() {
		if err := ctx.Err(); err != nil {
			return found, err
		}
		if q.decimals && !o.Decimals {
			continue
		}
		if !q.answerable(o) {
			left++
			continue
		}
		f, err := q.ask(ctx, db, o)
		switch {
		case err != nil && ctx.Err() == nil:
			found = append(found, unanswered(q, err))
		case err == nil && f.Count == 0:
			clean++
		case err == nil:
			found = append(found, f)
		}
	}
	return append(found, asked(clean, left)...), ctx.Err()
}

// asked sums up the questions that found nothing.
func asked(clean, left int) []Finding {
	var all []Finding
	if clean > 0 {
		all = append(all, Finding{Code: "data.clean", What: lang.Text{
			PT: fmt.Sprintf("%d outras perguntas aos dados nada acharam de errado", clean),
			EN: fmt.Sprintf("%d other questions to the data found nothing wrong", clean),
		}})
	}
	if left > 0 {
		all = append(all, Finding{Code: "data.unasked", Level: Warning, What: lang.Text{
			PT: fmt.Sprintf("%d perguntas aos dados ficaram sem resposta por causa das colunas acima", left),
			EN: fmt.Sprintf("%d questions to the data could not be asked because of the columns above", left),
		}, Mend: lang.Text{PT: "corrija as colunas e repita", EN: "mend the columns and try again"}})
	}
	return all
}

func unanswered(q question, err error) Finding {
	f := Finding{Code: "data.unanswered", Level: Warning}
	why := Words(err)
	f.What = lang.Text{
		PT: "não se sabe se há " + q.what.PT + " (" + q.code + "): " + why.PT,
		EN: "not known whether there are " + q.what.EN + " (" + q.code + "): " + why.EN,
	}
	if errors.Is(err, context.DeadlineExceeded) {
		f.Mend = lang.Text{PT: "aumente --db-timeout e repita", EN: "raise --db-timeout and try again"}
	}
	return f
}

// counts says how much data there is, and where there is none.
func counts(ctx context.Context, db Database, o DataOptions) []Finding {
	var pt, en []string
	var found []Finding
	for _, r := range dataset.Relations() {
		if o.Unusable[r.String()] {
			continue
		}
		n, err := count(ctx, db, r, o.Timeout)
		if err != nil {
			why := Words(err)
			found = append(found, Finding{Code: "data.unanswered", Level: Warning, What: lang.Text{
				PT: "não foi possível contar " + r.String() + ": " + why.PT, EN: "could not count " + r.String() + ": " + why.EN,
			}})
			continue
		}
		pt, en = append(pt, fmt.Sprintf("%s %d", r, n)), append(en, fmt.Sprintf("%s %d", r, n))
		if n == 0 {
			found = append(found, empty(r)...)
		}
	}
	if len(pt) == 0 {
		return found
	}
	return append([]Finding{{Code: "data.rows", What: lang.Text{
		PT: "linhas: " + strings.Join(pt, ", "), EN: "rows: " + strings.Join(en, ", "),
	}}}, found...)
}

func count(ctx context.Context, db Database, r dataset.Relation, limit time.Duration) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return db.Count(ctx, r)
}

// empty judges a relation without rows: some companies reserve nothing, plan no production or have
// one code per product, but none is without orders.
func empty(r dataset.Relation) []Finding {
	f := Finding{Code: "data.empty-relation", What: lang.Text{PT: r.String() + " não tem linhas", EN: r.String() + " has no rows"}}
	switch r {
	case dataset.Orders, dataset.Items:
		f.Level = Problem
		f.Mend = lang.Text{
			PT: "não há carteira a analisar: importe dados, ou confira as condições da visão " + r.String(),
			EN: "there is no order book to analyse: import data, or check the conditions of the view " + r.String(),
		}
	case dataset.Stock:
		f.Level = Warning
		f.Mend = lang.Text{
			PT: "sem estoque tudo está em ruptura: importe dados, ou confira as condições da visão estoque",
			EN: "without stock everything is short: import data, or check the conditions of the view estoque",
		}
	default:
		return nil
	}
	return []Finding{f}
}

// question is a query whose rows are all wrong.
type question struct {
	code  string
	level Level
	// uses are the columns asked.
	uses  []string
	query string
	// decimals says that it makes sense for decimal numbers alone.
	decimals bool
	// what is wrong, in the plural, to stand after a number of rows.
	what lang.Text
	mend lang.Text
}

func (q question) answerable(o DataOptions) bool {
	for _, column := range q.uses {
		relation, _, _ := strings.Cut(column, ".")
		if o.Unusable[relation] || o.Unusable[column] {
			return false
		}
	}
	return true
}

func (q question) ask(ctx context.Context, db Database, o DataOptions) (Finding, error) {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	// A day writes itself as digits and dashes.
	found, err := db.Find(ctx, strings.ReplaceAll(q.query, "{stale}", "'"+o.StaleBefore.String()+"'"))
	if err != nil {
		return Finding{}, err
	}
	nameless := func(example string) bool { return example == "" }
	what := lang.Text{
		PT: strings.ReplaceAll(q.what.PT, "{stale}", o.StaleBefore.Time().Format("02/01/2006")),
		EN: strings.ReplaceAll(q.what.EN, "{stale}", o.StaleBefore.String()),
	}
	return Finding{
		Code: q.code, Level: q.level, Count: found.Rows, What: what, Mend: q.mend,
		Examples: slices.Compact(slices.DeleteFunc(found.Examples, nameless)),
	}, nil
}
