package cli

import (
	"fmt"
	"time"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/wire"
)

// tableOutput shows orders as a table when all of them are known, and the totals below.
type tableOutput struct {
	*app
	format format
	rules  rules
	// priority is who is served first where all orders compete.
	priority atp.Priority
	today    atp.Day
	zone     *time.Location
	rows     []shownOrder
	short    []shownItems
	readAt   time.Time
}

// shownOrder is what the table needs of an answer, so that a large book fits in memory.
type shownOrder struct {
	cells  []string
	degree atp.Criticality
}

type shownItems struct {
	title string
	lines []atp.LineResult
	why   []explained
}

func (o *tableOutput) result(r *wire.Answer, client string, b *analysis.Book, _ time.Duration) error {
	o.readAt = b.ReadAt().In(o.zone)
	cells := []string{string(r.Order), client}
	if r.Contest != nil {
		cells = append(cells, o.format.count(r.Contest.Rank), fmt.Sprintf("%d%%", r.Contest.Alone.PercentAvailable))
	}
	cells = append(cells, fmt.Sprintf("%d%%", r.PercentAvailable), o.degree(r.Criticality),
		o.shortValue(&r.Result), o.promise(r.Whole), o.punctuality(&r.Result))
	if r.Contest != nil {
		cells = append(cells, o.because(r.Contest))
	}
	o.rows = append(o.rows, shownOrder{degree: r.Criticality, cells: cells})
	if o.rules.detail.Items() && r.Short > 0 {
		o.short = append(o.short, shownItems{string(r.Order), r.Lines, o.explainedOf(r)})
	}
	return nil
}

// failure does nothing: orders that failed are told on stderr, after the table.
func (o *tableOutput) failure(atp.OrderNumber, string) error { return nil }

func (o *tableOutput) end(t *totals, took time.Duration) error {
	if len(o.rows) > 0 {
		if err := o.table(o.columns(), o.rows); err != nil {
			return err
		}
	}
	for _, s := range o.short {
		if err := o.itemTable(s); err != nil {
			return err
		}
		for _, e := range s.why {
			if err := o.explain(e); err != nil {
				return err
			}
		}
	}
	return o.summary(t, took)
}

func (o *tableOutput) columns() []column {
	columns := []column{
		{title: o.text("Pedido", "Order")},
		{title: o.text("Cliente", "Client"), shrinks: true},
	}
	if o.rules.mode == atp.Together {
		columns = append(columns,
			column{title: o.text("Prior.", "Rank"), right: true},
			column{title: o.text("Sozinho", "Alone"), right: true},
			column{title: o.text("Concorrendo", "Together"), right: true})
	} else {
		columns = append(columns, column{title: o.text("Disp.", "Avail."), right: true})
	}
	columns = append(columns, []column{
		{title: o.text("Criticidade", "Criticality"), coloured: true},
		{title: o.text("Ruptura R$", "Short R$"), right: true},
		{title: o.text("Disponível", "Available")},
		{title: o.text("No prazo", "On time")},
	}...)
	if o.rules.mode == atp.Together {
		columns = append(columns, column{title: o.text("Por causa de", "Because of"), shrinks: true})
	}
	return columns
}

// because names what makes an order's answer worse than alone, and how much it takes.
func (o *tableOutput) because(c *wire.Contest) string {
	if !c.Worse {
		return "–"
	}
	return fmt.Sprintf(o.text("%s: %s de %s", "%s: %s of %s"), c.Cause.Order, o.format.quantity(c.Cause.Quantity), c.Cause.Line.Key.Product)
}

func (o *tableOutput) itemTable(s shownItems) error {
	var rows []shownOrder
	for i := range s.lines {
		if l := &s.lines[i]; l.Short {
			rows = append(rows, shownOrder{cells: []string{
				string(l.Key.Product), l.Name, o.format.quantity(l.Open), o.format.quantity(l.OnHand),
				o.format.quantity(l.Lowest), o.format.quantity(l.Shortage), o.next(l), o.promise(l.AvailableOn),
			}})
		}
	}
	if _, err := fmt.Fprintf(o.Stdout, o.text("\nPedido %s: %d de %d itens em ruptura\n", "\nOrder %s: %d of %d lines short\n"),
		clean(s.title), len(rows), len(s.lines)); err != nil {
		return err
	}
	return o.table([]column{
		{title: o.text("Produto", "Product")},
		{title: o.text("Nome", "Name"), shrinks: true},
		{title: o.text("Saldo", "Open"), right: true},
		{title: o.text("Estoque", "On hand"), right: true},
		{title: o.text("Mínimo", "Lowest"), right: true},
		{title: o.text("Falta", "Short"), right: true},
		{title: o.text("Produção", "Receipt")},
		{title: o.text("Disponível", "Available")},
	}, rows)
}

func (o *tableOutput) next(l *atp.LineResult) string {
	if !l.Next.Arrives.Known() {
		return "–"
	}
	return o.format.quantity(l.Next.Quantity) + o.text(" em ", " on ") + o.format.day(l.Next.Arrives)
}

func (o *tableOutput) shortValue(r *atp.Result) string {
	if r.Short == 0 {
		return "–"
	}
	return o.format.money(r.ShortValue.Money())
}

func (o *tableOutput) promise(p atp.Promise) string {
	switch {
	case p.Now():
		return o.text("agora", "now")
	case !p.InSight():
		return o.text("sem data", "no date")
	}
	return o.format.day(p.Day())
}

func (o *tableOutput) punctuality(r *atp.Result) string {
	switch {
	case r.Punctuality == atp.NoNeed:
		return "–"
	case r.Punctuality == atp.OnTime:
		return o.text("sim", "yes")
	case r.DaysLate > 0:
		return fmt.Sprintf(o.text("não, %d d", "no, %d d"), r.DaysLate)
	}
	return o.text("não", "no")
}

// degree is the criticality as shape and word: colour alone would not do.
func (a *app) degree(c atp.Criticality) string {
	return [...]string{
		atp.NotShort: "✓ OK",
		atp.Low:      "◔ " + a.text("baixa", "low"),
		atp.Medium:   "◑ " + a.text("média", "medium"),
		atp.High:     "◕ " + a.text("alta", "high"),
		atp.Critical: "● " + a.text("crítica", "critical"),
	}[c]
}
