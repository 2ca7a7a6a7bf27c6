package importer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// Limits of text, in characters.
const (
	maxCode = 50   // order numbers, product codes, lots
	maxText = 255  // names and the like
	maxNote = 2000 // observations, which may have several lines
)

// record is a row seen through the schema. Its methods read one column each, by the schema's
// index; what cannot be read becomes a problem and marks the record as bad.
type record struct {
	*reader
	in  *input
	row row
	bad bool
}

// cell is the cell of a column, blank if the file does not have it.
func (r *record) cell(column int) cell {
	if at := r.in.at[column]; at >= 0 && at < len(r.row.cells) {
		return r.row.cells[at]
	}
	return cell{}
}

// blame reports an error in a column.
func (r *record) blame(column int, value string, why lang.Text) {
	r.bad = true
	r.log.add(r.problem(Error, column, value, why))
}

// remark reports a warning or a note.
func (r *record) remark(s Severity, column int, value string, why lang.Text) {
	r.log.add(r.problem(s, column, value, why))
}

func (r *record) problem(s Severity, column int, value string, why lang.Text) Problem {
	title := r.in.titles[column]
	if title == "" {
		title = r.in.columns[column].name
	}
	return Problem{Severity: s, File: r.in.name, Line: r.row.line, Column: title, Value: value, Why: why}
}

// usable reports whether a cell has a value that is worth reading, telling why if it should have.
func (r *record) usable(column int, c cell) bool {
	switch c.kind {
	case uncalculatedCell:
		r.blame(column, c.text, text("fórmula sem valor calculado. Abra e salve a planilha no Excel, ou cole os valores.",
			"formula without a calculated value. Open and save the workbook in Excel, or paste the values."))
		return false
	case failedCell:
		r.blame(column, c.text, text("a planilha tem um erro nesta célula. Corrija a fórmula ou cole o valor.",
			"the spreadsheet has an error in this cell. Correct the formula or paste the value."))
		return false
	case textCell, numberCell, serialCell:
	}
	if c.formula {
		r.remark(Warning, column, c.text, text("fórmula: foi usado o último valor calculado.", "formula: its last calculated value was used."))
	}
	return !c.blank()
}

func (r *record) missing(column int) {
	r.blame(column, "", text("está vazio e é obrigatório. Preencha ou tire a linha.", "is empty and required. Fill it in or remove the row."))
}

// text reads a text of at most so many characters, without the spaces around it.
func (r *record) text(column, limit int) string {
	c := r.cell(column)
	if !r.usable(column, c) {
		return ""
	}
	s, why := c.asText()
	if why != nil {
		r.blame(column, c.text, *why)
		return ""
	}
	s = strings.TrimSpace(s)
	if n := utf8.RuneCountInString(s); n > limit {
		r.blame(column, s, text("tem %d caracteres, o limite é %d. Encurte.", "has %d characters, the limit is %d. Shorten it.", n, limit))
		return ""
	}
	if at := strings.IndexFunc(s, forbidden); at >= 0 && (limit != maxNote || strings.ContainsFunc(s, forbiddenInNote)) {
		r.blame(column, s, text("tem um caractere de controle ou danificado. Digite o texto de novo.",
			"has a control character or a damaged one. Type the text again."))
		return ""
	}
	return s
}

// forbidden are control characters and the sign of a letter that could not be decoded.
func forbidden(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }

func forbiddenInNote(r rune) bool { return forbidden(r) && r != '\n' && r != '\r' && r != '\t' }

// code reads a required text of at most maxCode characters.
func (r *record) code(column int) string {
	before := r.bad
	r.bad = false
	s := r.text(column, maxCode)
	if s == "" && !r.bad {
		r.missing(column)
	}
	r.bad = r.bad || before
	return s
}

// decimal reads a number as plain text with a point, "" for none.
func (r *record) decimal(column, decimals int) string {
	c := r.cell(column)
	if !r.usable(column, c) {
		return ""
	}
	var s string
	var err error
	switch {
	case c.kind == numberCell:
		s, err = typedNumber(c.text, decimals)
	case c.kind == serialCell:
		r.blame(column, c.text, text("é uma data onde se espera um número. Mude o formato da célula.",
			"is a date where a number is expected. Change the cell's format."))
		return ""
	case strings.HasPrefix(strings.TrimSpace(c.text), "="):
		r.blame(column, c.text, text("fórmula em vez de número. Cole o valor.", "a formula instead of a number. Paste the value."))
		return ""
	default:
		s, err = r.formats.numberFormat.number(c.text, decimals)
	}
	if err != nil {
		r.blame(column, c.text, numberTrouble(err, decimals))
		return ""
	}
	return s
}

// quantity reads a required quantity.
func (r *record) quantity(column int) atp.Quantity {
	if c := r.cell(column); c.blank() {
		r.missing(column)
		return 0
	}
	s := r.decimal(column, quantityDecimals)
	if s == "" {
		return 0
	}
	q, err := atp.ParseQuantity(s)
	if err != nil {
		r.blame(column, s, numberTrouble(err, quantityDecimals))
	}
	return q
}

// money reads an amount, and whether there is one.
func (r *record) money(column int) (atp.Money, bool) {
	s := r.decimal(column, moneyDecimals)
	if s == "" {
		return 0, false
	}
	m, err := atp.ParseMoney(s)
	if err != nil {
		r.blame(column, s, numberTrouble(err, moneyDecimals))
	}
	return m, err == nil
}

// date reads a date, zero for none.
func (r *record) date(column int) atp.Day {
	c := r.cell(column)
	if !r.usable(column, c) {
		return 0
	}
	var d atp.Day
	var err error
	if c.kind == textCell {
		d, err = r.formats.dateFormat.date(c.text)
	} else {
		d, err = typedDate(c.text, r.from1904)
	}
	if err != nil {
		r.blame(column, c.text, dateTrouble(err))
	}
	return d
}

// flag reads yes or no, no for none.
func (r *record) flag(column int) bool {
	c := r.cell(column)
	if !r.usable(column, c) {
		return false
	}
	switch fold(c.text) {
	case "sim", "s", "yes", "y", "true", "t", "verdadeiro", "v", "1", "x":
		return true
	case "nao", "n", "no", "false", "f", "falso", "0", "":
		return false
	}
	r.blame(column, c.text, text("não é sim nem não. Use sim ou não.", "is neither yes nor no. Use yes or no."))
	return false
}

// sequence reads a line number: a whole number that is not negative.
func (r *record) sequence(column int) int64 {
	before := r.bad
	r.bad = false
	s := r.decimal(column, 0)
	if s == "" && !r.bad {
		r.blame(column, "", text("está vazio, e outras linhas têm número. Preencha todas ou tire a coluna.",
			"is empty, and other rows have a number. Fill in all or remove the column."))
	}
	failed := r.bad
	r.bad = r.bad || before
	if failed {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		r.blame(column, s, text("não é um número de linha (0, 1, 2 …).", "is not a line number (0, 1, 2 …)."))
	}
	return n
}

// asText gives what the cell shows. A number is shown without noise, and with the zeros that its
// format puts in front.
func (c cell) asText() (string, *lang.Text) {
	switch c.kind {
	case numberCell:
		s, err := typedNumber(c.text, excelDigits)
		if err != nil || len(strings.TrimLeft(s, "-0.")) > excelDigits {
			why := text("número com mais de %d dígitos: a planilha já perdeu os últimos. Formate a coluna como texto e digite de novo.",
				"number of more than %d digits: the spreadsheet has lost the last ones. Format the column as text and type it again.", excelDigits)
			return "", &why
		}
		if digits(s) && c.pad > len(s) {
			s = fmt.Sprintf("%0*s", c.pad, s)
		}
		return s, nil
	case serialCell:
		d, err := typedDate(c.text, false)
		if errors.Is(err, errDate) || errors.Is(err, errYear) {
			why := text("é uma data onde se espera texto. Formate a coluna como texto.", "is a date where text is expected. Format the column as text.")
			return "", &why
		}
		return d.String(), nil
	case textCell, failedCell, uncalculatedCell:
	}
	return c.text, nil
}
