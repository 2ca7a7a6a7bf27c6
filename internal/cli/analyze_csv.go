package cli

import (
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/wire"
)

// csvOutput writes one row per order, as a spreadsheet in the user's language reads it.
type csvOutput struct {
	*app
	format format
	w      *csv.Writer
	mode   atp.Mode
	width  int   // columns
	err    error // of the byte order mark
}

func newCSVOutput(a *app, mode atp.Mode) *csvOutput {
	o := &csvOutput{app: a, format: format{a.lang}, mode: mode}
	// Without the mark spreadsheets take UTF-8 for the machine's old encoding.
	_, o.err = a.Stdout.Write([]byte("\ufeff"))
	o.w = csv.NewWriter(a.Stdout)
	o.w.UseCRLF = true
	if a.lang == lang.PT {
		o.w.Comma = ';'
	}
	if o.err == nil {
		columns := []string{
			"num_pedido", "cliente", "percentual_disponibilidade", "criticidade", "percentual_ruptura",
			"valor_total_pedido", "valor_com_ruptura", "qtd_itens_ruptura", "total_itens",
			"data_disponibilidade_total", "data_necessidade", "no_prazo", "dias_atraso",
		}
		if mode == atp.Together {
			columns = append(columns, "prioridade", "percentual_disponibilidade_isolado", "data_disponibilidade_isolado",
				"causa_num_pedido", "causa_cliente", "causa_qtd", "causa_cod_produto", "causa_nome_produto")
		}
		columns = append(columns, "erro")
		o.width, o.err = len(columns), o.w.Write(columns)
	}
	return o
}

func (o *csvOutput) result(r *wire.Answer, client string, _ *analysis.Book, _ time.Duration) error {
	if o.err != nil {
		return o.err
	}
	late := ""
	if r.DaysLate > 0 {
		late = strconv.Itoa(r.DaysLate)
	}
	row := []string{
		harmless(string(r.Order)), harmless(client), strconv.Itoa(r.PercentAvailable), r.Criticality.String(),
		o.format.percent(r.PercentShort), o.format.plainMoney(r.Value.Money()), o.format.plainMoney(r.ShortValue.Money()),
		strconv.Itoa(r.Short), strconv.Itoa(len(r.Lines)), o.promise(r.Whole), o.day(r.Need), o.punctuality(&r.Result), late,
	}
	if r.Contest != nil {
		row = append(row, o.contest(r.Contest)...)
	}
	return o.w.Write(append(row, ""))
}

// contest is the columns that tell how an order fares among all others.
func (o *csvOutput) contest(c *wire.Contest) []string {
	row := []string{strconv.Itoa(c.Rank), strconv.Itoa(c.Alone.PercentAvailable), o.promise(c.Alone.Whole), "", "", "", "", ""}
	if c.Worse {
		copy(row[3:], []string{
			harmless(string(c.Cause.Order)), harmless(c.Cause.Client), o.format.plainQuantity(c.Cause.Quantity),
			harmless(string(c.Cause.Line.Key.Product)), harmless(c.Cause.Line.Name),
		})
	}
	return row
}

func (o *csvOutput) failure(n atp.OrderNumber, why string) error {
	if o.err != nil {
		return o.err
	}
	row := make([]string, o.width)
	row[0], row[o.width-1] = harmless(string(n)), why
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
