package importer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"

	"golang.org/x/text/encoding/charmap"
)

// csvTable reads CSV as RFC 4180 has it, with any of the three line ends, and with a quote inside
// an unquoted field taken as it stands (12" and the like).
type csvTable struct {
	closer    io.Closer // nil if there is nothing to close
	in        *bufio.Reader
	separator byte
	line      int // of the next byte
	opened    int // line of the last opening quote
	buf       []byte
	ends      []int // of the fields in buf
	cells     []cell
	broken    bool // the record has text after a closing quote
}

// Bounds of one record: a quote that is never closed would swallow the file.
const (
	maxRecordBytes = 1 << 18
	maxColumns     = 1024
)

// openCSV starts a pass over a file.
func openCSV(path, encoding string, separator byte, m *meter) (*csvTable, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t, err := newCSV(metered{f, m}, encoding, separator)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	t.closer = f
	return t, nil
}

// newCSV starts reading. A line "sep=;", which spreadsheets write and honour, is skipped.
func newCSV(r io.Reader, encoding string, separator byte) (*csvTable, error) {
	if encoding == windows1252 {
		r = charmap.Windows1252.NewDecoder().Reader(r)
	}
	t := &csvTable{in: bufio.NewReaderSize(r, 1<<16), separator: separator, line: 1}
	if err := t.skipPreamble(); err != nil {
		return nil, err
	}
	return t, nil
}

const utf8BOM = "\uFEFF"

// skipPreamble passes over a byte order mark and a separator line.
func (t *csvTable) skipPreamble() error {
	head, err := t.in.Peek(len(utf8BOM))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if string(head) == utf8BOM {
		if _, err := t.in.Discard(len(utf8BOM)); err != nil {
			return err
		}
	}
	if _, ok := peekSeparator(t.in); ok {
		_, err := t.record()
		return ignoreEOF(err)
	}
	return nil
}

// peekSeparator reads "sep=" and the character after it, if the line has nothing else.
func peekSeparator(in *bufio.Reader) (byte, bool) {
	head, _ := in.Peek(len("sep=;\r"))
	if len(head) < 5 || !bytes.EqualFold(head[:4], []byte("sep=")) {
		return 0, false
	}
	return head[4], len(head) == 5 || head[5] == '\n' || head[5] == '\r'
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// Close implements table.
func (t *csvTable) Close() error {
	if t.closer == nil {
		return nil
	}
	return t.closer.Close()
}

// next implements table.
func (t *csvTable) next() (row, error) {
	for {
		line, err := t.record()
		if err != nil {
			return row{}, err
		}
		t.split()
		if blank(t.cells) {
			continue
		}
		r := row{line: line, cells: t.cells}
		if t.broken {
			why := text("há texto depois das aspas que fecham o campo. Dobre as aspas de dentro (\"\") ou tire-as.",
				"there is text after the closing quote of a field. Double the quotes inside (\"\") or remove them.")
			r.broken = &why
		}
		return r, nil
	}
}

// split turns the record into cells that share one string.
func (t *csvTable) split() {
	all := string(t.buf)
	t.cells = t.cells[:0]
	start := 0
	for _, end := range t.ends {
		t.cells = append(t.cells, cell{text: all[start:end]})
		start = end
	}
}

// record reads up to the end of the record, and returns the line it began on.
func (t *csvTable) record() (int, error) {
	t.buf, t.ends, t.broken, t.opened = t.buf[:0], t.ends[:0], false, 0
	began := t.line
	for {
		end, err := t.field()
		if errors.Is(err, io.EOF) {
			if len(t.buf) == 0 && len(t.ends) == 0 {
				return 0, io.EOF
			}
			end, err = true, nil
		}
		if err != nil {
			return 0, err
		}
		t.ends = append(t.ends, len(t.buf))
		if end {
			return began, nil
		}
		if len(t.ends) >= maxColumns {
			return 0, broken(began, "mais de %d colunas: não é uma tabela de pedidos.", "more than %d columns: not a table of orders.", maxColumns)
		}
	}
}

// field reads one field and what ends it: true for the end of the line.
func (t *csvTable) field() (endOfLine bool, err error) {
	start := len(t.buf)
	for {
		b, err := t.in.ReadByte()
		if err != nil {
			return true, err
		}
		switch {
		case b == t.separator:
			return false, nil
		case b == '\n' || b == '\r':
			return true, t.newLine(b)
		case b == '"' && len(t.buf) == start:
			return t.quoted()
		}
		if err := t.keep(b); err != nil {
			return true, err
		}
	}
}

// quoted reads the rest of a field that began with a quote.
func (t *csvTable) quoted() (endOfLine bool, err error) {
	t.opened = t.line
	for {
		b, err := t.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return true, t.unclosed()
		}
		if err != nil {
			return true, err
		}
		if b == '"' {
			next, err := t.in.ReadByte()
			switch {
			case err != nil:
				return true, err
			case next == t.separator:
				return false, nil
			case next == '\n' || next == '\r':
				return true, t.newLine(next)
			case next != '"':
				t.broken = true
				return t.field() // up to where the field ends
			}
		}
		if b == '\n' || b == '\r' {
			if err := t.newLine(b); err != nil {
				return true, err
			}
			b = '\n'
		}
		if err := t.keep(b); err != nil {
			return true, err
		}
	}
}

func (t *csvTable) keep(b byte) error {
	t.buf = append(t.buf, b)
	if len(t.buf) <= maxRecordBytes {
		return nil
	}
	if t.opened > 0 {
		return t.unclosed()
	}
	return broken(t.line, "linha com mais de %d bytes: não é uma tabela de pedidos.", "row of more than %d bytes: not a table of orders.", maxRecordBytes)
}

func (t *csvTable) unclosed() error {
	return broken(t.opened, "as aspas abertas nesta linha não se fecham: arquivo cortado, ou aspas a dobrar (\"\").",
		"the quotes opened on this line are never closed: the file is cut, or quotes need doubling (\"\").")
}

// newLine counts a line end, of which b is the first byte.
func (t *csvTable) newLine(b byte) error {
	t.line++
	if b == '\n' {
		return nil
	}
	next, err := t.in.ReadByte()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	case next != '\n':
		return t.in.UnreadByte()
	}
	return nil
}
