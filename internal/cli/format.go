package cli

import (
	"strings"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// format writes figures and dates as the user's language does.
type format struct{ lang lang.Lang }

func (f format) decimal() string { return lang.Text{PT: ",", EN: "."}.In(f.lang) }
func (f format) group() string   { return lang.Text{PT: ".", EN: ","}.In(f.lang) }

// money is an amount with two decimals and grouped thousands.
func (f format) money(m atp.Money) string { return f.grouped(m.String(), 2) }

// quantity is an amount with as many decimals as it has, and grouped thousands.
func (f format) quantity(q atp.Quantity) string { return f.grouped(q.String(), 0) }

// plainMoney is an amount with two decimals and no grouping, as spreadsheets read it.
func (f format) plainMoney(m atp.Money) string {
	whole, decimals := split(m.String(), 2)
	return whole + f.decimal() + decimals
}

// plainQuantity is an amount with as many decimals as it has and no grouping.
func (f format) plainQuantity(q atp.Quantity) string {
	return strings.Replace(q.String(), ".", f.decimal(), 1)
}

// percent is hundredths of a percent, with two decimals and no sign.
func (f format) percent(hundredths int) string { return f.plainMoney(atp.Money(hundredths)) }

// count is a whole number with grouped thousands.
func (f format) count(n int) string { return f.quantity(atp.Quantity(n) * atp.QuantityScale) }

// day is a date, or a dash.
func (f format) day(d atp.Day) string {
	switch {
	case !d.Known():
		return "–"
	case f.lang == lang.EN:
		return d.String()
	}
	return d.Time().Format("02/01/2006")
}

// grouped writes a plain decimal number with at least so many decimals.
func (f format) grouped(plain string, least int) string {
	whole, decimals := split(plain, least)
	digits, negative := strings.CutPrefix(whole, "-")
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(f.group())
		}
		b.WriteByte(digits[i])
	}
	if decimals != "" {
		b.WriteString(f.decimal() + decimals)
	}
	return b.String()
}

// split separates whole part and decimals, the latter filled with zeros to at least so many.
func split(plain string, least int) (whole, decimals string) {
	whole, decimals, _ = strings.Cut(plain, ".")
	return whole, decimals + strings.Repeat("0", max(0, least-len(decimals)))
}
