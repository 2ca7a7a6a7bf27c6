package web

import (
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/lang"
	"ruptura/internal/source"
)

// kind is what a cell holds, so that each format writes it as its own.
type kind uint8

const (
	blankCell kind = iota
	textCell
	countCell
	moneyCell
	dayCell
	instantCell
	// headingStyle is no kind of value, but has a style beside theirs.
	headingStyle
)

// cell is a value of an export; which field counts, its kind tells.
type cell struct {
	kind  kind
	text  string
	count int
	money atp.Money
	day   atp.Day
	at    time.Time
}

func text(s string) cell     { return cell{kind: textCell, text: s} }
func count(n int) cell       { return cell{kind: countCell, count: n} }
func money(m atp.Money) cell { return cell{kind: moneyCell, money: m} }

func day(d atp.Day) cell {
	if !d.Known() {
		return cell{}
	}
	return cell{kind: dayCell, day: d}
}

func moment(t time.Time) cell { return cell{kind: instantCell, at: t} }

// exportRow is an order with what its session has found out, if anything.
type exportRow struct {
	order    *source.BookOrder
	outcome  bookquery.Outcome
	analysed bool
	export   *export
}

// known gives a cell of the results, blank where there are none.
func (r *exportRow) known(c cell) cell {
	if !r.analysed || r.outcome.Failure != "" {
		return cell{}
	}
	return c
}

// contest gives a cell of what is told where orders compete, blank where nothing is.
func (r *exportRow) contest(of func(*bookquery.Contest) cell) cell {
	if r.outcome.Contest == nil {
		return cell{}
	}
	return r.known(of(r.outcome.Contest))
}

func (r *exportRow) word(t lang.Text) cell { return text(t.In(r.export.words.lang)) }

func (r *exportRow) yes(b bool) cell {
	if b {
		return r.word(texts["yes"])
	}
	return r.word(texts["no"])
}

// exportColumn is a column with its width in characters.
type exportColumn struct {
	title lang.Text
	width float64
	of    func(*exportRow) cell
}

// bookColumns come from the order book.
var bookColumns = []exportColumn{
	{lang.Text{PT: "Pedido", EN: "Order"}, 16, func(r *exportRow) cell { return text(string(r.order.Number)) }},
	{lang.Text{PT: "Importante", EN: "Important"}, 11, func(r *exportRow) cell { return r.yes(r.order.Important) }},
	{lang.Text{PT: "Cliente", EN: "Client"}, 36, func(r *exportRow) cell { return text(r.order.Client) }},
	{lang.Text{PT: "CNPJ", EN: "Tax ID (CNPJ)"}, 20, func(r *exportRow) cell { return text(r.order.TaxID) }},
	{lang.Text{PT: "Cidade", EN: "City"}, 22, func(r *exportRow) cell { return text(r.order.City) }},
	{lang.Text{PT: "UF", EN: "State"}, 6, func(r *exportRow) cell { return text(r.order.UF) }},
	{lang.Text{PT: "Vendedor", EN: "Salesperson"}, 22, func(r *exportRow) cell { return text(r.order.Salesperson) }},
	{lang.Text{PT: "Data do pedido", EN: "Ordered"}, 14, func(r *exportRow) cell { return day(r.order.Ordered) }},
	{lang.Text{PT: "Necessidade", EN: "Needed"}, 13, func(r *exportRow) cell { return day(r.order.Need) }},
	{lang.Text{PT: "Itens", EN: "Items"}, 7, func(r *exportRow) cell { return count(r.order.Items) }},
	{lang.Text{PT: "Valor (R$)", EN: "Value (R$)"}, 15, func(r *exportRow) cell { return money(r.order.Value) }},
}

// outcomeColumns come from a session.
var outcomeColumns = []exportColumn{
	{lang.Text{PT: "Situação", EN: "Status"}, 16, situation},
	{lang.Text{PT: "Disponibilidade (%)", EN: "Availability (%)"}, 18, func(r *exportRow) cell { return r.known(count(r.outcome.Available)) }},
	{lang.Text{PT: "Criticidade", EN: "Criticality"}, 12, criticality},
	{lang.Text{PT: "Itens disponíveis", EN: "Items available"}, 16, func(r *exportRow) cell { return r.known(count(r.outcome.ItemsAvailable)) }},
	{lang.Text{PT: "Itens em ruptura", EN: "Items short"}, 16, func(r *exportRow) cell { return r.known(count(r.outcome.ItemsShort)) }},
	{lang.Text{PT: "Valor disponível (R$)", EN: "Available value (R$)"}, 20, func(r *exportRow) cell { return r.known(money(r.outcome.AvailableValue)) }},
	{lang.Text{PT: "Em risco (R$)", EN: "At risk (R$)"}, 18, func(r *exportRow) cell { return r.known(money(r.outcome.AtRisk)) }},
	{lang.Text{PT: "Disponível por inteiro em", EN: "Whole order available on"}, 23, func(r *exportRow) cell { return r.known(day(r.outcome.Whole)) }},
	{lang.Text{PT: "No prazo", EN: "On time"}, 10, punctual},
	{lang.Text{PT: "Dias de atraso", EN: "Days late"}, 13, late},
	{lang.Text{PT: "Análise lida em", EN: "Analysis read at"}, 20, func(r *exportRow) cell { return r.known(moment(r.outcome.ReadAt)) }},
}

// contestColumns come from a session in which all orders compete.
var contestColumns = []exportColumn{
	{lang.Text{PT: "Sozinho (%)", EN: "Alone (%)"}, 12, func(r *exportRow) cell {
		return r.contest(func(c *bookquery.Contest) cell { return count(c.AloneAvailable) })
	}},
	{lang.Text{PT: "Sozinho, por inteiro em", EN: "Alone, whole order on"}, 21, func(r *exportRow) cell {
		return r.contest(func(c *bookquery.Contest) cell { return day(c.AloneWhole) })
	}},
	{lang.Text{PT: "Em disputa", EN: "Contested"}, 11, func(r *exportRow) cell {
		return r.contest(func(*bookquery.Contest) cell { return r.yes(r.outcome.Contested) })
	}},
	{lang.Text{PT: "Por causa do pedido", EN: "Because of order"}, 19, func(r *exportRow) cell {
		return r.contest(func(c *bookquery.Contest) cell { return text(string(c.Cause)) })
	}},
	{lang.Text{PT: "Do cliente", EN: "Of client"}, 30, func(r *exportRow) cell {
		return r.contest(func(c *bookquery.Contest) cell { return text(c.CauseClient) })
	}},
	{lang.Text{PT: "Prioridade", EN: "Priority"}, 11, func(r *exportRow) cell { return r.contest(func(c *bookquery.Contest) cell { return count(c.Rank) }) }},
	{lang.Text{PT: "Prioridade, de", EN: "Priority, out of"}, 14, func(r *exportRow) cell {
		return r.contest(func(c *bookquery.Contest) cell { return count(c.Of) })
	}},
}

// lastColumns end every row.
var lastColumns = []exportColumn{
	{lang.Text{PT: "Observação", EN: "Note"}, 36, func(r *exportRow) cell { return text(r.order.Note) }},
	{lang.Text{PT: "Carteira lida em", EN: "Order book read at"}, 20, func(r *exportRow) cell { return moment(r.export.at) }},
}

// exportColumns are those of a file with or without results, and with what is told where orders compete.
func exportColumns(results map[atp.OrderNumber]bookquery.Outcome) []exportColumn {
	columns := append([]exportColumn(nil), bookColumns...)
	if results != nil {
		columns = append(columns, outcomeColumns...)
	}
	for _, o := range results {
		if o.Contest != nil {
			columns = append(columns, contestColumns...)
			break
		}
	}
	return append(columns, lastColumns...)
}

func situation(r *exportRow) cell {
	switch {
	case !r.analysed || r.outcome.Failure != "":
		return r.word(textNotAnalysed)
	case r.outcome.OK:
		return r.word(texts["ok"])
	}
	return r.word(texts["short"])
}

func criticality(r *exportRow) cell {
	if r.outcome.Criticality == atp.NotShort {
		return cell{}
	}
	return r.known(r.word(texts[r.outcome.Criticality.String()]))
}

func punctual(r *exportRow) cell {
	if r.outcome.OnTime == nil {
		return cell{}
	}
	return r.known(r.yes(*r.outcome.OnTime))
}

func late(r *exportRow) cell {
	if r.outcome.DaysLate == 0 {
		return cell{}
	}
	return r.known(count(r.outcome.DaysLate))
}
