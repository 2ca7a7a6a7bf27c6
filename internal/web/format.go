package web

import (
	"strconv"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// format writes numbers and dates as the page's language does.
type format struct{ lang lang.Lang }

var monthsEN = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// count writes a whole number with its thousands apart: 1.234 or 1,234.
func (f format) count(n int) string { return f.group(strconv.Itoa(n)) }

// money writes an amount without its currency, always with two decimals: 1.234,50.
func (f format) money(m atp.Money) string {
	whole, cents, _ := strings.Cut(m.String(), ".")
	return f.group(whole) + f.decimal() + (cents + "00")[:2]
}

// day writes a date: 11/03/2026, or 11 Mar 2026 in English, where 11/03 could be two dates. It is
// "" for no date.
func (f format) day(d atp.Day) string {
	if !d.Known() {
		return ""
	}
	t := d.Time()
	if f.lang == lang.EN {
		return t.Format("02 ") + monthsEN[t.Month()-1] + t.Format(" 2006")
	}
	return t.Format("02/01/2006")
}

func (f format) clock(t time.Time) string { return t.Format("15:04:05") }

func (f format) decimal() string {
	if f.lang == lang.EN {
		return "."
	}
	return ","
}

func (f format) group(digits string) string {
	separator := "."
	if f.lang == lang.EN {
		separator = ","
	}
	sign := ""
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		sign, digits = "-", rest
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + separator + digits[i:]
	}
	return sign + digits
}

// amount writes money for a spreadsheet to read: its decimals apart as the language has it, its
// thousands together.
func (f format) amount(m atp.Money) string {
	whole, cents, _ := strings.Cut(m.String(), ".")
	return whole + f.decimal() + (cents + "00")[:2]
}

// sheetDay writes a date as a spreadsheet of the language reads it.
func (f format) sheetDay(d atp.Day) string {
	if f.lang == lang.EN {
		return d.String()
	}
	return f.day(d)
}
