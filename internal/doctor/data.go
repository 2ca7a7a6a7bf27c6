package doctor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/lang"
	"ruptura/internal/source"
)

// Database answers questions about the rows of the six relations, in SQL that both engines
// understand.
type Database interface {
	// Find runs a query of one text column, in which {pedidos} stands for that relation, and gives
	// the number of its rows and the first few by code point.
	Find(ctx context.Context, query string) (Found, error)
	// Count reads a relation from end to end, all the columns that an analysis reads, and gives the
	// number of its rows. Its error is [ColumnsError] where it can tell which columns fail.
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
// finding, and what cannot be read is asked no more; only the end of the context ends it early. Where
// nothing can be asked its error is [ErrSkipped].
func Data(ctx context.Context, db Database, o DataOptions) ([]Finding, error) {
	if o.NothingUsable() {
		return nil, ErrSkipped
	}
	a := asking{db: db, o: o}
	a.o.Unusable = maps.Clone(o.Unusable)
	if a.o.Unusable == nil {
		a.o.Unusable = map[string]bool{}
	}
	a.counts(ctx)
	for _, q := range questions(o.StaleBefore) {
		if err := ctx.Err(); err != nil {
			return a.found, err
		}
		a.ask(ctx, q)
	}
	a.sumUp()
	return a.found, ctx.Err()
}

// NothingUsable reports whether none of the relations can be asked.
func (o DataOptions) NothingUsable() bool {
	for _, r := range dataset.Relations() {
		if !o.Unusable[r.String()] {
			return false
		}
	}
	return true
}

// asking is one run of all questions.
type asking struct {
	db          Database
	o           DataOptions
	found       []Finding
	unanswered  reasons // by the questions' codes
	clean, left int
}

func (a *asking) ask(ctx context.Context, q question) {
	switch {
	case q.decimals && !a.o.Decimals:
		return
	case !q.answerable(a.o):
		a.left++
		return
	}
	f, err := q.ask(ctx, a.db, a.o.Timeout)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		a.unanswered.add(err, q.code+" "+q.uses[0])
		if late(err) { // one wait is enough
			relation, _, _ := strings.Cut(q.uses[0], ".")
			a.o.Unusable[relation] = true
		}
	case f.Count == 0:
		a.clean++
	default:
		a.found = append(a.found, f)
	}
}

// late reports an answer that did not come in time, which it would not the next time either.
func late(err error) bool {
	return errors.Is(err, source.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded)
}

// sumUp tells of the questions that had no answer, found nothing, or could not be asked.
func (a *asking) sumUp() {
	for _, r := range a.unanswered {
		n, list := len(r.of), strings.Join(r.of, ", ")
		a.found = append(a.found, Finding{Code: "data.unanswered", Level: Warning, What: lang.Text{
			PT: fmt.Sprintf("perguntas aos dados sem resposta: %d (%s): %s", n, list, r.why.PT),
			EN: fmt.Sprintf("questions to the data without an answer: %d (%s): %s", n, list, r.why.EN),
		}})
	}
	if a.clean > 0 {
		a.found = append(a.found, Finding{Code: "data.clean", What: lang.Text{
			PT: fmt.Sprintf("%d outras perguntas aos dados nada acharam de errado", a.clean),
			EN: fmt.Sprintf("%d other questions to the data found nothing wrong", a.clean),
		}})
	}
	if a.left > 0 {
		a.found = append(a.found, Finding{Code: "data.unasked", Level: Warning, What: lang.Text{
			PT: fmt.Sprintf("%d perguntas aos dados não foram feitas, por causa do que está acima", a.left),
			EN: fmt.Sprintf("%d questions to the data were not asked, because of what is above", a.left),
		}, Mend: lang.Text{PT: "corrija e repita", EN: "mend it and try again"}})
	}
}

// counts says how much data there is, where there is none, and what cannot be read.
func (a *asking) counts(ctx context.Context) {
	var rows []string
	var failed reasons
	var found []Finding
	for _, r := range dataset.Relations() {
		if a.o.Unusable[r.String()] {
			continue
		}
		n, err := count(ctx, a.db, r, a.o.Timeout)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			a.unreadable(&failed, r, err)
			continue
		case n == 0:
			found = append(found, empty(r)...)
		}
		rows = append(rows, fmt.Sprintf("%s %d", r, n))
	}
	if len(rows) > 0 {
		list := strings.Join(rows, ", ")
		a.found = append(a.found, Finding{Code: "data.rows", What: lang.Text{PT: "linhas: " + list, EN: "rows: " + list}})
	}
	a.found = append(append(a.found, failed.findings()...), found...)
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

func (q question) ask(ctx context.Context, db Database, limit time.Duration) (Finding, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	found, err := db.Find(ctx, q.query)
	if err != nil {
		return Finding{}, err
	}
	nameless := func(example string) bool { return example == "" }
	return Finding{
		Code: q.code, Level: q.level, Count: found.Rows, What: q.what, Mend: q.mend,
		Examples: slices.Compact(slices.DeleteFunc(found.Examples, nameless)),
	}, nil
}
