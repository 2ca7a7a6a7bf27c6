package reason

import (
	"strconv"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

var weekdays = [...]lang.Text{
	time.Sunday:    {PT: "domingo", EN: "Sunday"},
	time.Monday:    {PT: "segunda", EN: "Monday"},
	time.Tuesday:   {PT: "terça", EN: "Tuesday"},
	time.Wednesday: {PT: "quarta", EN: "Wednesday"},
	time.Thursday:  {PT: "quinta", EN: "Thursday"},
	time.Friday:    {PT: "sexta", EN: "Friday"},
	time.Saturday:  {PT: "sábado", EN: "Saturday"},
}

// by is a day as it follows "até": a weekday within the week, else a date.
func (t *teller) by(d atp.Day) string {
	switch ahead := d - t.Today; {
	case ahead == 0:
		return t.text("hoje", "today")
	case ahead == 1:
		return t.text("amanhã", "tomorrow")
	case ahead > 1 && ahead < 7:
		return weekdays[d.Time().Weekday()].In(t.lang)
	}
	return t.date(d)
}

// date is a day as 09/03, or 9 Mar.
func (t *teller) date(d atp.Day) string {
	if t.lang == lang.EN {
		return d.Time().Format("2 Jan")
	}
	return d.Time().Format("02/01")
}

func (t *teller) count(n int) string { return grouped(t.lang, strconv.Itoa(n)) }

func (t *teller) number(q atp.Quantity) string { return grouped(t.lang, q.String()) }

// grouped writes a plain decimal number as the language does: 1.234,5 or 1,234.5.
func grouped(l lang.Lang, plain string) string {
	group, point := ".", ","
	if l == lang.EN {
		group, point = ",", "."
	}
	whole, decimals, fraction := strings.Cut(plain, ".")
	digits, negative := strings.CutPrefix(whole, "-")
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteByte(digits[i])
	}
	if fraction {
		b.WriteString(point + decimals)
	}
	return b.String()
}

// Criterion says who comes first by a criterion.
func Criterion(c atp.Criterion) lang.Text {
	names := criteria[c.Key]
	if c.Descending {
		return names[1]
	}
	return names[0]
}

// criteria are the words of each key, as it stands and reversed.
var criteria = map[atp.Key][2]lang.Text{ //nolint:gochecknoglobals // a constant table
	atp.ByImportance: {
		{PT: "importantes primeiro", EN: "important ones first"},
		{PT: "importantes por último", EN: "important ones last"},
	},
	atp.ByNeed: {
		{PT: "data de necessidade mais próxima primeiro", EN: "earliest need date first"},
		{PT: "data de necessidade mais distante primeiro", EN: "latest need date first"},
	},
	atp.ByOrdered: {
		{PT: "pedidos mais antigos primeiro", EN: "oldest orders first"},
		{PT: "pedidos mais novos primeiro", EN: "newest orders first"},
	},
	atp.ByValue: {
		{PT: "menor valor primeiro", EN: "smallest value first"},
		{PT: "maior valor primeiro", EN: "largest value first"},
	},
	atp.ByClient: {
		{PT: "clientes na sequência da lista", EN: "clients in the sequence of the list"},
		{PT: "clientes na sequência inversa da lista", EN: "clients in the reverse sequence of the list"},
	},
}
