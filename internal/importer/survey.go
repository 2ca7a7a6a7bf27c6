package importer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"ruptura/internal/lang"
)

// survey finds out, for every input, encoding, separator and columns, and gathers what its
// values say about the formats.
func (r *run) survey() error {
	for _, in := range r.inputs {
		err := r.surveyInput(in)
		var d *defect
		switch {
		case errors.As(err, &d):
			r.log.add(Problem{File: in.name, Line: d.line, Why: d.why})
		case err != nil:
			return fmt.Errorf("importer: reading %s: %w", in.Path, err)
		}
	}
	return nil
}

func (r *run) surveyInput(in *input) (err error) {
	if in.Sheet == "" {
		if in.Encoding, err = inspectCSV(in.Path, r.meter); err != nil {
			return err
		}
		if in.Separator, err = findSeparator(in); err != nil {
			return err
		}
	}
	t, err := r.open(in)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	head, err := t.next()
	if errors.Is(err, io.EOF) {
		return broken(0, "está vazio. Precisa ao menos da linha de cabeçalho.", "is empty. It needs at least the header row.")
	}
	if err != nil {
		return err
	}
	if !r.readHeader(in, head) {
		return nil
	}
	return r.gather(in, t)
}

// findSeparator tries each separator on the header and takes the one that most columns are known
// by; of equals, the one that gives most columns.
func findSeparator(in *input) (byte, error) {
	if s, ok := statedSeparator(in.Path); ok {
		return s, nil
	}
	best, bestScore := byte(','), -1
	for _, s := range []byte{';', ',', '\t'} {
		t, err := openCSV(in.Path, in.Encoding, s, &meter{})
		if err != nil {
			return 0, err
		}
		head, err := t.next()
		if err := errors.Join(ignoreEOF(err), t.Close()); err != nil {
			return 0, err
		}
		score := len(head.cells)
		for _, c := range head.cells {
			if match(in.columns, c.text) >= 0 {
				score += maxColumns
			}
		}
		if score > bestScore {
			best, bestScore = s, score
		}
	}
	return best, nil
}

// statedSeparator is that of a first line "sep=;".
func statedSeparator(path string) (byte, bool) {
	f, err := os.Open(path)
	if err != nil {
		return 0, false // whoever reads it next says so
	}
	defer func() { _ = f.Close() }() // only read
	in := bufio.NewReader(f)
	if head, _ := in.Peek(len(utf8BOM)); string(head) == utf8BOM {
		_, _ = in.Discard(len(utf8BOM)) // just peeked
	}
	return peekSeparator(in)
}

// readHeader matches the header with the columns, and reports whether all that is required is
// there, once.
func (r *run) readHeader(in *input, head row) bool {
	before := r.log.errors
	if head.broken != nil {
		r.log.add(Problem{File: in.name, Line: head.line, Why: *head.broken})
	}
	in.width = len(head.cells)
	for in.width > 0 && head.cells[in.width-1].blank() {
		in.width--
	}
	in.at = slices.Repeat([]int{-1}, len(in.columns))
	in.titles = make([]string, len(in.columns))
	for i, c := range head.cells {
		r.readTitle(in, head.line, i, strings.TrimSpace(c.text))
	}
	for i, c := range in.columns {
		if c.required && in.at[i] < 0 {
			r.log.add(Problem{File: in.name, Line: head.line, Column: c.name, Why: text(
				"falta esta coluna no cabeçalho, que tem: %s. Outros nomes aceitos: %s.",
				"this column is missing in the header, which has: %s. Other names for it: %s.",
				titlesOf(head), strings.Join(c.synonyms[:min(len(c.synonyms), 8)], ", "))})
		}
	}
	if len(in.Unknown) > 0 {
		r.log.add(Problem{Severity: Warning, File: in.name, Line: head.line, Value: strings.Join(in.Unknown, ", "), Why: text(
			"colunas desconhecidas, não importadas.", "unknown columns, not imported.")})
	}
	return r.log.errors == before
}

func titlesOf(head row) string {
	var all []string
	for _, c := range head.cells {
		all = append(all, show(strings.TrimSpace(c.text)))
	}
	const shownTitles = 20
	if len(all) > shownTitles {
		all = append(all[:shownTitles], "…")
	}
	return strings.Join(all, ", ")
}

func (r *run) readTitle(in *input, line, at int, title string) {
	if title == "" {
		return
	}
	i := match(in.columns, title)
	switch {
	case i < 0:
		in.Unknown = append(in.Unknown, show(title))
	case in.at[i] >= 0:
		r.log.add(Problem{File: in.name, Line: line, Column: title, Why: text(
			"esta coluna já apareceu como “%s”. Deixe uma só.", "this column is there already as “%s”. Keep one of them.", show(in.titles[i]))})
	default:
		in.at[i], in.titles[i] = at, title
	}
}

// gather reads all rows for what they say about the formats.
func (r *run) gather(in *input, t table) error {
	for n := 0; ; n++ {
		if n%1024 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		row, err := t.next()
		var d *defect
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &d): // the check will say so, in its place
			return nil
		case err != nil:
			return err
		}
		for i, c := range in.columns {
			if c.what != aText && in.at[i] >= 0 && in.at[i] < len(row.cells) {
				r.formats.hear(in, i, row.line, row.cells[in.at[i]])
			}
		}
	}
}

// place is where a value stands.
type place struct {
	in     *input
	column int
	line   int
	value  string
}

// String tells it: “1,5” in itens.csv, line 3, column qtd.
func (p place) text() lang.Text {
	return text("“%s” (%s, linha %d, coluna %s)", "“%s” (%s, line %d, column %s)",
		show(p.value), show(p.in.name), p.line, show(p.in.titles[p.column]))
}

func (p place) problem(why lang.Text) Problem {
	return Problem{File: p.in.name, Line: p.line, Column: p.in.titles[p.column], Value: p.value, Why: why}
}
