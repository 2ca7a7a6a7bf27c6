// Package importer loads an order book from CSV and XLSX files: it finds out which file is what
// and how it is written, checks every row, and only when nothing is wrong replaces what the files
// cover, in one transaction. Everything it has to say is in the [Report], in two languages.
//
// Files are read as streams, up to three times: to find out the formats, to check, to load. What
// stays in memory is an index of the orders, lines and product codes.
package importer

import (
	"context"
	"errors"
	"fmt"

	"ruptura/internal/dataset"
	"ruptura/internal/lang"
)

var (
	// ErrRejected says that the files have errors, which the report lists; nothing was changed.
	ErrRejected = errors.New("importer: the files have errors")
	// ErrOptions says that an option has no such value.
	ErrOptions = errors.New("importer: invalid option")
)

// Options say how to import. The zero Options load, and find out the formats by themselves.
type Options struct {
	// Check only reports: the store is asked what it has, and not changed.
	Check bool
	// Numbers and Dates override what the files seem to say.
	Numbers NumberFormat
	Dates   DateFormat
	// Lang is the language of the report's JSON.
	Lang lang.Lang
	// Progress, if set, is told now and then how many of all bytes to read have been read. It is
	// called from the goroutine that called [Run].
	Progress func(done, total int64)
}

func (o Options) validate() error {
	switch o.Numbers {
	case AnyNumbers, BrazilianNumbers, InternationalNumbers:
	default:
		return fmt.Errorf("%w: numbers %q (br, intl)", ErrOptions, string(o.Numbers))
	}
	switch o.Dates {
	case AnyDates, BrazilianDates, ISODates:
	default:
		return fmt.Errorf("%w: dates %q (br, iso)", ErrOptions, string(o.Dates))
	}
	return nil
}

// Run imports folders and files. When the files themselves are at fault the error is ErrRejected
// and the report lists why; on any other error (of the store, the disk, the context) the report
// says how far it came. In both cases the store is as it was.
func Run(ctx context.Context, store dataset.Store, paths []string, o Options) (*Report, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	r := &run{
		ctx: ctx, store: store, options: o,
		report: &Report{Check: o.Check, Lang: o.Lang},
		meter:  &meter{tell: o.Progress},
	}
	defer r.workbooks.close()
	err := r.all(paths)
	r.finish()
	return r.report, err
}

// run is one import under way.
type run struct {
	ctx       context.Context //nolint:containedctx // lives as long as the call of Run
	store     dataset.Store
	options   Options
	report    *Report
	log       journal
	inputs    []*input
	unread    bool // something named could not be taken, so what it holds is not known
	formats   formats
	meter     *meter
	workbooks shelf
}

func (r *run) all(paths []string) error {
	if err := r.find(paths); err != nil {
		return err
	}
	if err := r.survey(); err != nil {
		return err
	}
	if err := r.requireFiles(); err != nil {
		return err
	}
	r.decide()
	if r.log.errors > 0 {
		return ErrRejected
	}
	ix := newIndex(r)
	if err := r.read(&reader{run: r, log: &r.log, index: ix, sink: nothing{}, counting: true}); err != nil {
		return err
	}
	ix.report(r)
	if r.log.errors > 0 {
		return ErrRejected
	}
	if r.options.Check {
		return nil
	}
	return r.load(ix)
}

// load reads the files once more, into the store. They were found good a moment ago; should they
// have changed since, the transaction fails.
func (r *run) load(ix *index) error {
	ix.restart()
	var relations []dataset.Relation
	for _, in := range r.inputs {
		relations = append(relations, in.relation)
	}
	err := r.store.Replace(r.ctx, relations, func(w dataset.Writer) error {
		again := journal{}
		if err := r.read(&reader{run: r, log: &again, index: ix, sink: w}); err != nil {
			return err
		}
		if again.errors > 0 {
			r.log.add(again.first())
			return ErrRejected
		}
		return nil
	})
	if err != nil {
		if errors.Is(err, ErrRejected) {
			return ErrRejected
		}
		return fmt.Errorf("importer: loading: %w", err)
	}
	r.report.Loaded = true
	return nil
}

// requireFiles reports each relation that is neither in the files nor in the store. It says nothing
// when some input could not be taken: what seems to be missing may be there.
func (r *run) requireFiles() error {
	if r.unread {
		return nil
	}
	for _, rel := range []dataset.Relation{dataset.Orders, dataset.Items, dataset.Stock} {
		if r.input(rel) != nil {
			continue
		}
		has, err := r.store.Has(r.ctx, rel)
		if err != nil {
			return fmt.Errorf("importer: %w", err)
		}
		if !has {
			r.log.add(Problem{Severity: Error, File: rel.String(), Why: text(
				"falta o arquivo “%[1]s” (%[1]s.csv, %[1]s.xlsx ou a planilha %[1]s): o banco ainda não tem esses dados. Inclua-o na importação.",
				"the file “%[1]s” is missing (%[1]s.csv, %[1]s.xlsx or a sheet %[1]s): the database has no such data yet. Add it to the import.", rel)})
		}
	}
	return nil
}

func (r *run) input(rel dataset.Relation) *input {
	for _, in := range r.inputs {
		if in.relation == rel {
			return in
		}
	}
	return nil
}

// finish brings the report up to date with what was found.
func (r *run) finish() {
	for _, in := range r.inputs {
		r.report.Files = append(r.report.Files, in.FileReport)
	}
	r.report.Problems = r.log.problems
	r.report.Errors, r.report.Warnings = r.log.errors, r.log.warnings
	r.report.Numbers, r.report.Dates = r.formats.numbers, r.formats.dates
}

// text is a text in both languages, with the same arguments.
func text(pt, en string, args ...any) lang.Text {
	return lang.Text{PT: fmt.Sprintf(pt, args...), EN: fmt.Sprintf(en, args...)}
}
