package importer

import (
	"errors"
	"fmt"
	"io"

	"ruptura/internal/dataset"
	"ruptura/internal/lang"
)

// reader turns rows into the dataset's, for the check and again for the load.
type reader struct {
	*run
	log      *journal
	index    *index
	sink     dataset.Writer
	counting bool // the reports' rows are counted, and duplicates looked for
	from1904 bool // of the workbook being read
}

// read passes over all inputs. Its error is of the disk, the context or the sink; faults of the
// rows are in the log.
func (r *run) read(rd *reader) error {
	for _, in := range r.inputs {
		if err := rd.input(in); err != nil {
			return err
		}
	}
	r.meter.complete()
	return nil
}

func (r *reader) input(in *input) (err error) {
	t, err := r.open(in)
	if err != nil {
		return fmt.Errorf("importer: reading %s: %w", in.Path, err)
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	if s, ok := t.(*sheetTable); ok {
		r.from1904 = s.book.from1904
	}
	rec := record{reader: r, in: in}
	var header []string
	for n := 0; ; n++ {
		if n%1024 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		rec.row, err = t.next()
		rec.bad = false
		var d *defect
		switch {
		case errors.Is(err, io.EOF):
			r.warnIfEmpty(in, n)
			return nil
		case errors.As(err, &d):
			r.log.add(Problem{File: in.name, Line: d.line, Why: d.why})
			return nil
		case err != nil:
			return fmt.Errorf("importer: reading %s: %w", in.Path, err)
		case n == 0:
			header = texts(rec.row)
			continue
		}
		if err := r.one(&rec, header); err != nil {
			return err
		}
	}
}

func texts(r row) []string {
	var all []string
	for _, c := range r.cells {
		all = append(all, c.text)
	}
	return all
}

func (r *reader) warnIfEmpty(in *input, rows int) {
	if rows <= 1 && r.counting {
		r.log.add(Problem{Severity: Warning, File: in.name, Why: text(
			"só tem o cabeçalho: a importação deixa “%s” vazio.", "has only the header: the import leaves “%s” empty.", in.relation)})
	}
}

// one reads one row and writes it to the sink. Its error is the sink's.
func (r *reader) one(rec *record, header []string) error {
	if rec.repeats(header) {
		rec.in.ignore(r.counting)
		rec.remark(Note, 0, "", text("cabeçalho repetido no meio do arquivo, ignorado.", "header repeated within the file, ignored."))
		return nil
	}
	if why := rec.shape(); why != nil {
		r.log.add(Problem{File: rec.in.name, Line: rec.row.line, Why: *why})
		return nil
	}
	loaded, err := r.decode(rec)
	if err != nil {
		return err
	}
	if r.counting && !rec.bad {
		if loaded {
			rec.in.Rows++
		} else {
			rec.in.Ignored++
		}
	}
	return nil
}

func (in *input) ignore(counting bool) {
	if counting {
		in.Ignored++
	}
}

func (r *record) repeats(header []string) bool {
	if len(r.row.cells) != len(header) {
		return false
	}
	for i, c := range r.row.cells {
		if c.text != header[i] {
			return false
		}
	}
	return true
}

// shape tells what is wrong with the row as a whole. A spreadsheet's rows may be shorter than
// the header; those of a text file were cut, or have a separator too few.
func (r *record) shape() *lang.Text {
	switch n := len(r.row.cells); {
	case r.row.broken != nil:
		return r.row.broken
	case r.in.Sheet != "":
	case n < r.in.width:
		why := text("tem %d colunas e o cabeçalho tem %d: linha cortada?", "has %d columns and the header has %d: is the row cut?", n, r.in.width)
		return &why
	case n > r.in.width && !blank(r.row.cells[r.in.width:]):
		why := text("tem %d colunas e o cabeçalho tem %d. Se o separador faz parte de um texto, ponha o texto entre aspas.",
			"has %d columns and the header has %d. If the separator is part of a text, put the text in quotes.", n, r.in.width)
		return &why
	}
	return nil
}

// nothing is a sink that lets everything go.
type nothing struct{}

func (nothing) Order(dataset.Order) error             { return nil }
func (nothing) Item(dataset.Item) error               { return nil }
func (nothing) Movement(dataset.Movement) error       { return nil }
func (nothing) Reservation(dataset.Reservation) error { return nil }
func (nothing) Receipt(dataset.Receipt) error         { return nil }
func (nothing) Unification(dataset.Unification) error { return nil }
