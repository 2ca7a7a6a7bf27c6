package web

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// sheet is a table on its way to a file.
type sheet interface {
	// row appends cells, which may be used again afterwards.
	row(cells []cell) error
	// flush sends what the format can send before the end.
	flush() error
	// finish sends the rest.
	finish() error
	// close frees what the table holds, finished or not.
	close() error
}

// newSheet begins a table of a format with its headings.
func newSheet(w io.Writer, e *export, columns []exportColumn) (sheet, error) {
	if e.format == formatXLSX {
		return newXLSX(w, e.words, columns)
	}
	return newCSV(w, e.words, columns)
}

// csvSheet is text as Excel opens it in the page's language: where a comma is the decimal sign, a
// semicolon parts the cells. The mark at the beginning tells it that this is UTF-8.
type csvSheet struct {
	out    *csv.Writer
	words  format
	record []string
}

const byteOrderMark = "\ufeff"

func newCSV(w io.Writer, words format, columns []exportColumn) (*csvSheet, error) {
	c := &csvSheet{out: csv.NewWriter(&marked{w: w}), words: words, record: make([]string, 0, len(columns))}
	c.out.UseCRLF = true
	if words.lang == lang.PT {
		c.out.Comma = ';'
	}
	for i := range columns {
		c.record = append(c.record, columns[i].title.In(words.lang))
	}
	return c, c.out.Write(c.record)
}

// marked begins a file with the byte order mark once there is something to write.
type marked struct {
	w     io.Writer
	begun bool
}

func (m *marked) Write(b []byte) (int, error) {
	if !m.begun {
		m.begun = true
		if _, err := io.WriteString(m.w, byteOrderMark); err != nil {
			return 0, err
		}
	}
	return m.w.Write(b)
}

func (c *csvSheet) row(cells []cell) error {
	c.record = c.record[:0]
	for i := range cells {
		c.record = append(c.record, c.field(&cells[i]))
	}
	return c.out.Write(c.record)
}

func (c *csvSheet) field(v *cell) string {
	switch v.kind {
	case textCell:
		return harmless(v.text)
	case countCell:
		return strconv.Itoa(v.count)
	case moneyCell:
		return c.words.amount(v.money)
	case dayCell:
		return c.words.sheetDay(v.day)
	case instantCell:
		return c.words.sheetDay(dayOf(v.at)) + v.at.Format(" 15:04:05")
	case blankCell, headingStyle:
	}
	return ""
}

// formulaSigns begin a formula, the wide ones where the system writes so.
const formulaSigns = "=+-@\t\r\n＝＋－＠"

// harmless keeps a text from being taken for a formula: a spreadsheet takes a cell of a CSV file
// that begins with one of these signs for one, whatever quotes are around it. The apostrophe is
// how a spreadsheet itself marks text.
func harmless(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	if s != "" && strings.ContainsRune(formulaSigns, first) {
		return "'" + s
	}
	return s
}

func (c *csvSheet) flush() error {
	c.out.Flush()
	return c.out.Error()
}

func (c *csvSheet) finish() error { return c.flush() }
func (c *csvSheet) close() error  { return nil }

// maxSheetRows is how many orders a worksheet holds below its headings.
const maxSheetRows = excelize.TotalRows - 1

// xlsxSheet is a workbook. Its rows go to a temporary file when they are many, and to the reader
// only in the end: the format has its table of contents there. A text is written as text, which a
// spreadsheet never reads as a formula, so it stays as it is.
type xlsxSheet struct {
	w      io.Writer
	file   *excelize.File
	stream *excelize.StreamWriter
	styles map[kind]int
	rows   int
	values []any
}

func newXLSX(w io.Writer, words format, columns []exportColumn) (*xlsxSheet, error) {
	x := &xlsxSheet{w: w, file: excelize.NewFile(), values: make([]any, 0, len(columns))}
	if err := x.begin(words, columns); err != nil {
		return nil, fmt.Errorf("begin a workbook: %w", joinClose(err, x.file))
	}
	return x, nil
}

func joinClose(err error, c io.Closer) error {
	if closing := c.Close(); closing != nil {
		return fmt.Errorf("%w (and %w)", err, closing)
	}
	return err
}

func (x *xlsxSheet) begin(words format, columns []exportColumn) error {
	name := texts["title"].In(words.lang)
	if err := x.file.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	if err := x.makeStyles(words); err != nil {
		return err
	}
	var err error
	if x.stream, err = x.file.NewStreamWriter(name); err != nil {
		return err
	}
	for i := range columns {
		if err := x.stream.SetColWidth(i+1, i+1, columns[i].width); err != nil {
			return err
		}
		x.values = append(x.values, excelize.Cell{StyleID: x.styles[headingStyle], Value: columns[i].title.In(words.lang)})
	}
	if err := x.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, XSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	return x.write()
}

func (x *xlsxSheet) makeStyles(words format) error {
	dayFormat, moneyFormat := "dd/mm/yyyy", "#,##0.00"
	if words.lang == lang.EN {
		dayFormat = "yyyy-mm-dd"
	}
	instantFormat := dayFormat + " hh:mm:ss"
	x.styles = map[kind]int{}
	for k, style := range map[kind]*excelize.Style{
		headingStyle: {Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Vertical: "center"}},
		moneyCell:    {CustomNumFmt: &moneyFormat},
		dayCell:      {CustomNumFmt: &dayFormat},
		instantCell:  {CustomNumFmt: &instantFormat},
	} {
		var err error
		if x.styles[k], err = x.file.NewStyle(style); err != nil {
			return err
		}
	}
	return nil
}

func (x *xlsxSheet) row(cells []cell) error {
	if x.rows > maxSheetRows {
		return errTooManyRows
	}
	x.values = x.values[:0]
	for i := range cells {
		x.values = append(x.values, excelize.Cell{StyleID: x.styles[cells[i].kind], Value: xlsxValue(&cells[i])})
	}
	return x.write()
}

func (x *xlsxSheet) write() error {
	x.rows++
	return x.stream.SetRow("A"+strconv.Itoa(x.rows), x.values)
}

// xlsxValue is a value as the format has it: real numbers, and days since the last day but one of
// 1899. A double holds every amount of money up to 90 trillion to the cent.
func xlsxValue(v *cell) any {
	switch v.kind {
	case textCell:
		return v.text
	case countCell:
		return v.count
	case moneyCell:
		return float64(v.money) / atp.MoneyScale
	case dayCell:
		return serial(v.day)
	case instantCell:
		h, m, s := v.at.Clock()
		return float64(serial(dayOf(v.at))) + float64((h*60+m)*60+s)/(24*60*60)
	case blankCell, headingStyle:
	}
	return nil
}

// serial is a day as spreadsheets count.
func serial(d atp.Day) int {
	epoch := time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC)
	return int(d.Time().Sub(epoch) / (24 * time.Hour))
}

// dayOf is the day of an instant in its own zone.
func dayOf(t time.Time) atp.Day {
	y, m, d := t.Date()
	return atp.NewDay(y, m, d)
}

func (x *xlsxSheet) flush() error { return nil }

func (x *xlsxSheet) finish() error {
	if err := x.stream.Flush(); err != nil {
		return fmt.Errorf("finish a workbook: %w", err)
	}
	_, err := x.file.WriteTo(x.w)
	return err
}

func (x *xlsxSheet) close() error { return x.file.Close() }
