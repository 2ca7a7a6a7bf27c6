package importer

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// sheetTable streams the rows of a worksheet.
type sheetTable struct {
	book  *workbook
	part  io.ReadCloser
	xml   *xml.Decoder
	line  int
	cells []cell
	text  []byte
}

// rows starts a pass over a sheet.
func (b *workbook) rows(name string, m *meter) (*sheetTable, error) {
	for _, s := range b.sheets {
		if s.name != name {
			continue
		}
		part, err := b.openPart(s.part)
		if err != nil {
			return nil, err
		}
		d := xml.NewDecoder(&guard{in: metered{part, m}, left: maxPartBytes})
		return &sheetTable{book: b, part: part, xml: d}, nil
	}
	return nil, broken(0, "a planilha sumiu da pasta de trabalho.", "the sheet is gone from the workbook.")
}

// Close implements table.
func (t *sheetTable) Close() error { return t.part.Close() }

// next implements table.
func (t *sheetTable) next() (row, error) {
	for {
		token, err := t.xml.RawToken()
		if errors.Is(err, io.EOF) {
			return row{}, io.EOF
		}
		if err != nil {
			return row{}, damaged(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "row" {
			continue
		}
		t.line = number(attribute(start, "r"), t.line+1)
		if err := t.readRow(); err != nil {
			return row{}, damaged(err)
		}
		if !blank(t.cells) {
			return row{line: t.line, cells: t.cells}, nil
		}
	}
}

// readRow reads the cells up to the end of the row.
func (t *sheetTable) readRow() error {
	t.cells = t.cells[:0]
	for {
		token, err := t.xml.RawToken()
		if err != nil {
			return err
		}
		switch e := token.(type) {
		case xml.EndElement:
			if e.Name.Local == "row" {
				return nil
			}
		case xml.StartElement:
			if e.Name.Local != "c" {
				continue
			}
			at := columnOf(attribute(e, "r"), len(t.cells))
			c, err := t.readCell(attribute(e, "t"), attribute(e, "s"))
			if err != nil {
				return err
			}
			t.put(at, c)
		}
	}
}

// put places a cell; those beyond what a table of orders can have are let go.
func (t *sheetTable) put(at int, c cell) {
	if at >= maxColumns {
		return
	}
	for len(t.cells) <= at {
		t.cells = append(t.cells, cell{})
	}
	t.cells[at] = c
}

// readCell reads a cell's value and whether a formula made it.
func (t *sheetTable) readCell(kind, style string) (cell, error) {
	t.text = t.text[:0]
	var formula, valued bool
	depth, collect, phonetic := 1, false, 0
	for depth > 0 {
		token, err := t.xml.RawToken()
		if err != nil {
			return cell{}, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			depth++
			switch e.Name.Local {
			case "f":
				formula = true
			case "rPh":
				phonetic = depth
			case "v", "t":
				collect, valued = phonetic == 0, true
			}
		case xml.EndElement:
			if depth == phonetic {
				phonetic = 0
			}
			depth--
			collect = false
		case xml.CharData:
			if collect {
				t.text = append(t.text, e...)
			}
		}
	}
	return t.typed(kind, style, formula, valued)
}

// typed makes the cell of its type, style and stored text.
func (t *sheetTable) typed(kind, styleIndex string, formula, valued bool) (cell, error) {
	c := cell{formula: formula}
	if formula && !valued {
		c.kind = uncalculatedCell
		return c, nil
	}
	switch kind {
	case "s":
		i, err := strconv.Atoi(string(t.text))
		text, ok := t.book.strings.get(i)
		if err != nil || !ok {
			return c, broken(t.line, "planilha danificada: texto que não existe. Salve-a de novo.",
				"damaged workbook: a text that does not exist. Save it again.")
		}
		c.text = text
		return c, nil
	case "e":
		c.kind = failedCell
	case "d":
		return isoCell(string(t.text), formula)
	case "", "n":
		if len(t.text) > 0 {
			c.kind = numberCell
			if s, ok := t.book.style(styleIndex); ok && s.date {
				c.kind = serialCell
			} else if ok {
				c.pad = s.pad
			}
		}
	}
	c.text = string(t.text)
	if kind == "str" || kind == "inlineStr" {
		c.text = unescape(c.text)
	}
	return c, nil
}

// isoCell is a cell typed as a date and stored as one; here it becomes the usual serial number.
func isoCell(s string, formula bool) (cell, error) {
	d, err := ISODates.date(s)
	if err != nil {
		return cell{text: s, formula: formula}, nil //nolint:nilerr // a text then, which whoever reads it judges
	}
	return cell{text: strconv.Itoa(int(d - serialZero)), kind: serialCell, formula: formula}, nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

func number(s string, otherwise int) int {
	if n, err := strconv.Atoi(s); err == nil && n > 0 && n < 1<<30 {
		return n
	}
	return otherwise
}

// columnOf is the place of a reference such as "C5": 2.
func columnOf(reference string, otherwise int) int {
	n := 0
	for i := range len(reference) {
		b := reference[i]
		if b < 'A' || b > 'Z' || i > 3 {
			break
		}
		n = n*26 + int(b-'A') + 1
	}
	if n == 0 {
		return otherwise
	}
	return n - 1
}

// unescape undoes _x000D_ and the like, by which XLSX writes what XML cannot.
func unescape(s string) string {
	for from := 0; ; {
		at := strings.Index(s[from:], "_x")
		if at < 0 {
			return s
		}
		at += from
		from = at + 1
		if len(s) < at+7 || s[at+6] != '_' {
			continue
		}
		if n, err := strconv.ParseUint(s[at+2:at+6], 16, 16); err == nil {
			s = s[:at] + string(rune(n)) + s[at+7:]
		}
	}
}

// guard bounds a part: its size, and the distance between two tags, which the parser keeps in
// memory.
type guard struct {
	in   io.Reader
	left int64
	run  int
}

// Read implements io.Reader.
func (g *guard) Read(p []byte) (int, error) {
	n, err := g.in.Read(p)
	g.left -= int64(n)
	if at := bytes.LastIndexByte(p[:n], '<'); at >= 0 {
		g.run = n - at
	} else {
		g.run += n
	}
	if g.left < 0 || g.run > maxTokenBytes {
		return 0, tooLarge()
	}
	return n, err
}
