package importer

import (
	"strings"

	"ruptura/internal/lang"
)

// formats is what all files together say about how numbers and dates are written, and what was
// decided. Only text speaks: the numbers and dates of a spreadsheet are beyond doubt.
type formats struct {
	number, date   [saysOther + 1]*place // the first value that says so, by evidence
	unsure         []place               // the first number that is one in both formats, per separator
	numbers, dates Decision
	numberFormat   NumberFormat
	dateFormat     DateFormat
}

func (f *formats) hear(in *input, column, line int, c cell) {
	if c.kind != textCell || strings.TrimSpace(c.text) == "" {
		return
	}
	seen, says := &f.date, dateEvidence(c.text)
	if in.columns[column].what == aNumber {
		seen, says = &f.number, numberEvidence(c.text)
	}
	if says == saysEither {
		f.hearUnsure(place{in, column, line, c.text})
	}
	if says != says0 && seen[says] == nil {
		seen[says] = &place{in, column, line, strings.Clone(c.text)}
	}
}

func (f *formats) hearUnsure(p place) {
	for _, u := range f.unsure {
		if u.in.Separator == p.in.Separator {
			return
		}
	}
	p.value = strings.Clone(p.value)
	f.unsure = append(f.unsure, p)
}

// decide settles both formats, or reports why it cannot.
func (r *run) decide() {
	f := &r.formats
	f.numberFormat = r.decideNumbers()
	f.numbers.Format = string(f.numberFormat)
	f.dateFormat = r.decideDates()
	f.dates.Format = string(f.dateFormat)
}

func (r *run) decideNumbers() NumberFormat {
	f := &r.formats
	br, intl := f.number[saysBR], f.number[saysOther]
	switch {
	case r.options.Numbers != AnyNumbers:
		f.numbers.Reason = text("escolhido na chamada", "chosen when called")
		return r.options.Numbers
	case br != nil && intl != nil:
		r.contradiction(*br, *intl, lang.Text{PT: "números com vírgula decimal", EN: "numbers with a decimal comma"},
			lang.Text{PT: "com ponto decimal", EN: "with a decimal point"}, "--numbers br, --numbers intl")
		return AnyNumbers
	case br != nil:
		f.numbers.Reason = decidedBy(*br)
		return BrazilianNumbers
	case intl != nil:
		f.numbers.Reason = decidedBy(*intl)
		return InternationalNumbers
	case len(f.unsure) > 0:
		return r.decideBySeparator()
	}
	f.numbers.Reason = text("nenhum número com ponto ou vírgula", "no number with a point or comma")
	return r.defaultNumbers()
}

// defaultNumbers is for files in which it makes no difference.
func (r *run) defaultNumbers() NumberFormat {
	for _, in := range r.inputs {
		if in.Separator == ';' {
			return BrazilianNumbers
		}
	}
	return InternationalNumbers
}

// decideBySeparator is for files whose only numbers with a mark are like 1.234, a number in both
// formats.
func (r *run) decideBySeparator() NumberFormat {
	f := &r.formats
	var br, intl, silent *place
	for i := range f.unsure {
		switch p := &f.unsure[i]; p.in.Separator {
		case ';':
			br = p
		case ',':
			intl = p
		default:
			silent = p
		}
	}
	switch {
	case br != nil && intl != nil:
		r.contradiction(*br, *intl, lang.Text{PT: "separador “;” (vírgula decimal)", EN: "separator “;” (decimal comma)"},
			lang.Text{PT: "separador “,” (ponto decimal)", EN: "separator “,” (decimal point)"}, "--numbers br, --numbers intl")
		return AnyNumbers
	case br != nil:
		return r.assume(*br, BrazilianNumbers)
	case intl != nil:
		return r.assume(*intl, InternationalNumbers)
	}
	r.log.add(silent.problem(text("pode ser lido com ponto ou com vírgula decimal, e nenhum outro valor decide. Diga qual: --numbers br ou --numbers intl.",
		"can be read with a decimal point or a decimal comma, and no other value decides. Say which: --numbers br or --numbers intl.")))
	return AnyNumbers
}

// assume takes a format because of the separator alone, and says so.
func (r *run) assume(p place, f NumberFormat) NumberFormat {
	d, _ := f.split(p.value)
	r.formats.numbers.Reason = text("o separador “%c” de %s; nenhum valor decide", "the separator “%c” of %s; no value decides",
		p.in.Separator, show(p.in.name))
	w := p.problem(text("foi lido como %s, pelo separador do arquivo. Se não é isso, diga --numbers br ou --numbers intl.",
		"was read as %s, by the file's separator. If that is wrong, say --numbers br or --numbers intl.", d))
	w.Severity = Warning
	r.log.add(w)
	return f
}

func (r *run) decideDates() DateFormat {
	f := &r.formats
	br, iso := f.date[saysBR], f.date[saysOther]
	switch {
	case r.options.Dates != AnyDates:
		f.dates.Reason = text("escolhido na chamada", "chosen when called")
		return r.options.Dates
	case br != nil && iso != nil:
		r.contradiction(*br, *iso, lang.Text{PT: "datas dia/mês/ano", EN: "dates day/month/year"},
			lang.Text{PT: "datas ano-mês-dia", EN: "dates year-month-day"}, "--dates br, --dates iso")
		return AnyDates
	case br != nil:
		f.dates.Reason = decidedBy(*br)
		return BrazilianDates
	case iso != nil:
		f.dates.Reason = decidedBy(*iso)
		return ISODates
	}
	f.dates.Reason = text("nenhuma data em texto", "no date in text")
	return ISODates
}

func decidedBy(p place) lang.Text {
	at := p.text()
	return lang.Text{PT: "decidido por " + at.PT, EN: "decided by " + at.EN}
}

// contradiction reports two values that cannot be in the same format, both places named.
func (r *run) contradiction(a, b place, what, other lang.Text, options string) {
	at := b.text()
	r.log.add(a.problem(lang.Text{
		PT: what.PT + ", mas " + at.PT + " está " + other.PT + ". Use um só formato em todos os arquivos, ou diga qual vale: " + options + ".",
		EN: what.EN + ", but " + at.EN + " has " + other.EN + ". Use one format in all files, or say which holds: " + options + ".",
	}))
}
