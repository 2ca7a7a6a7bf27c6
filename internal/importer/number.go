package importer

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// NumberFormat is how numbers are written in text.
type NumberFormat string

// The formats. AnyNumbers leaves it to the files.
const (
	AnyNumbers           NumberFormat = ""
	BrazilianNumbers     NumberFormat = "br"   // 1.234,56
	InternationalNumbers NumberFormat = "intl" // 1,234.56
)

// decimal is a number taken apart: all digits, without separators.
type decimal struct {
	negative    bool
	whole, frac string
}

// String writes it with a decimal point.
func (d decimal) String() string {
	s := d.whole
	if s == "" {
		s = "0"
	}
	if d.frac != "" {
		s += "." + d.frac
	}
	if d.negative {
		s = "-" + s
	}
	return s
}

// splitDecimal reads a number whose decimal mark and grouping mark are known. Grouping is either
// absent or complete: one to three digits, not starting with zero, then threes.
func splitDecimal(s string, point, group byte) (decimal, bool) {
	var d decimal
	s = trimNumber(s)
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		d.negative, s = true, rest
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	s = trimNumber(s)
	at := strings.IndexByte(s, point)
	if at >= 0 {
		s, d.frac = s[:at], s[at+1:]
		if d.frac == "" || !digits(d.frac) {
			return d, false
		}
	}
	whole, ok := ungroup(s, group)
	d.whole = whole
	return d, ok && (whole != "" || d.frac != "")
}

// trimNumber removes spaces, also the unbreakable ones, and the currency sign.
func trimNumber(s string) string {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "R$"); ok {
		s = strings.TrimSpace(rest)
	}
	return s
}

func ungroup(s string, mark byte) (string, bool) {
	at := strings.IndexByte(s, mark)
	if at < 0 {
		return s, digits(s)
	}
	if at == 0 || at > 3 || s[0] == '0' || !digits(s[:at]) {
		return "", false
	}
	out := []byte(s[:at])
	for s = s[at:]; s != ""; s = s[4:] {
		if len(s) < 4 || s[0] != mark || !digits(s[1:4]) {
			return "", false
		}
		out = append(out, s[1:4]...)
	}
	return string(out), true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (f NumberFormat) split(s string) (decimal, bool) {
	if f == BrazilianNumbers {
		return splitDecimal(s, ',', '.')
	}
	return splitDecimal(s, '.', ',')
}

// evidence is what one value says about a format.
type evidence uint8

const (
	says0      evidence = iota // nothing: no number, or the same in both formats
	saysEither                 // a number in both, but not the same one: 1.234
	saysBR
	saysOther // intl, or iso
)

// numberEvidence tells which format a text must be in. 1.234,56 and 1.234.567 and 0,5 can only
// be Brazilian, 1,234.56 and 1.5 and 0.500 (a group cannot start with 0) only international;
// 1.234 is a number in both.
func numberEvidence(s string) evidence {
	if !strings.ContainsAny(s, ".,") {
		return says0
	}
	br, isBR := BrazilianNumbers.split(s)
	intl, isIntl := InternationalNumbers.split(s)
	switch {
	case isBR && isIntl && br != intl:
		return saysEither
	case isBR && !isIntl:
		return saysBR
	case isIntl && !isBR:
		return saysOther
	}
	return says0
}

var (
	errNumber   = errors.New("not a number")
	errDecimals = errors.New("too many decimals")
	errRange    = errors.New("out of range")
)

// number reads a text as a plain decimal with a point, of at most so many decimals.
func (f NumberFormat) number(s string, decimals int) (string, error) {
	d, ok := f.split(s)
	if !ok {
		return "", errNumber
	}
	return d.limit(decimals)
}

func (d decimal) limit(decimals int) (string, error) {
	d.frac = strings.TrimRight(d.frac, "0")
	if len(d.frac) > decimals {
		return "", errDecimals
	}
	return d.String(), nil
}

// excelDigits is how many significant digits a spreadsheet shows and means; what lies beyond is
// the noise of binary fractions (12.340000000000002).
const excelDigits = 15

// typedNumber reads the stored text of a numeric spreadsheet cell.
func typedNumber(s string, decimals int) (string, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return "", errNumber
	}
	if math.Abs(v) >= 1e18 {
		return "", errRange
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', excelDigits-1, 64), 64)
	if err != nil {
		return "", errNumber
	}
	d, _ := InternationalNumbers.split(strconv.FormatFloat(rounded, 'f', -1, 64))
	return d.limit(decimals)
}

// Decimals of the two kinds of numbers, as atp keeps them.
const (
	quantityDecimals = 3
	moneyDecimals    = 2
)

func numberTrouble(err error, decimals int) lang.Text {
	switch {
	case errors.Is(err, errDecimals):
		return text("tem mais de %d casas decimais. Arredonde o valor.", "has more than %d decimals. Round the value.", decimals)
	case errors.Is(err, errRange), errors.Is(err, atp.ErrOverflow):
		return text("número grande demais. Confira se a coluna é esta.", "number too large. Check whether this is the right column.")
	}
	return text("não é um número. Escreva só o número, por exemplo 1234,56.", "is not a number. Write the number alone, for example 1234.56.")
}
