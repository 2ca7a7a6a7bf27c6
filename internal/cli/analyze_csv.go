package cli

import (
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// csvOutput writes one row per order, as a spreadsheet in the user's language reads it.
type csvOutput struct {
	*app
	format format
	w      *csv.Writer
	err    error // of the byte order mark
}

func newCSVOutput(a *app) *csvOutput {
	o := &csvOutput{app: a, format: format{a.lang}}
	// Without the mark spreadsheets take UTF-8 for the machine's old encoding.
	_, o.err = a.Stdout.Write([]byte("\ufeff"))
	o.w = csv.NewWriter(a.Stdout)
	o.w.UseCRLF = true
	if a.lang == lang.PT {
		o.w.Comma = ';'
	}
	if o.err == nil {
		o.err = o.w.Write([]string{
			"num_pedido", "cliente", "percentual_disponibilidade", "criticidade", "percentual_ruptura",
			"valor_total_pedido", "valor_com_ruptura", "qtd_itens_ruptura", "total_itens",
			"data_disponibilidade_total", "data_necessidade", "no_prazo", "dias_atraso", "erro",
		})
	}
	return o
}

func (o *csvOutput) result(r *atp.Result, client string, _ *analysis.Book, _ time.Duration) error {
	if o.err != nil {
		return o.err
	}
	late := ""
	if r.DaysLate > 0 {
		late = strconv.Itoa(r.DaysLate)
	}
	return o.w.Write([]string{
		harmless(string(r.Order)), harmless(client), strconv.Itoa(r.PercentAvailable), r.Criticality.String(),
		o.format.percent(r.PercentShort), o.format.plainMoney(r.Value.Money()), o.format.plainMoney(r.ShortValue.Money()),
		strconv.Itoa(r.Short), strconv.Itoa(len(r.Lines)), o.promise(r.Whole), o.day(r.Need), o.punctuality(r), late, "",
	})
}

func (o *csvOutput) failure(n atp.OrderNumber, why string) error {
	if o.err != nil {
		return o.err
	}
	row := make([]string, 14)
	row[0], row[13] = harmless(string(n)), why
	return o.w.Write(row)
}

func (o *csvOutput) end(*totals, time.Duration) error {
	if o.err != nil {
		return o.err
	}
	o.w.Flush()
	return o.w.Error()
}

func (o *csvOutput) promise(p atp.Promise) string {
	if p.Now() {
		return o.text("agora", "now")
	}
	return o.day(p.Day())
}

func (o *csvOutput) day(d atp.Day) string {
	if !d.Known() {
		return ""
	}
	return o.format.day(d)
}

func (o *csvOutput) punctuality(r *atp.Result) string {
	switch r.Punctuality {
	case atp.OnTime:
		return o.text("sim", "yes")
	case atp.Late:
		return o.text("não", "no")
	case atp.NoNeed:
	}
	return ""
}

// harmless keeps a spreadsheet from taking a text for a formula, and a terminal from obeying it.
func harmless(s string) string {
	s = clean(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}
