package cli

import (
	"fmt"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/reason"
)

// topProducts is how many products at risk a summary names.
const topProducts = 10

// summary writes what a run adds up to.
func (o *tableOutput) summary(t *totals, took time.Duration) error {
	if t.orders == 0 {
		if t.failed > 0 {
			return nil
		}
		_, err := fmt.Fprintln(o.Stdout, o.text("Nenhum pedido em aberto. Carregue dados com 'ruptura import'.",
			"No open orders. Load data with 'ruptura import'."))
		return err
	}
	f := o.format
	var b strings.Builder
	analysed := o.text("analisados", "analysed")
	if t.orders == 1 {
		analysed = o.text("analisado", "analysed")
	}
	fmt.Fprintf(&b, o.text("\n%s %s em %s, para %s; dados lidos às %s\n", "\n%s %s in %s, for %s; data read at %s\n"),
		o.plural(t.orders, "pedido", "order"), analysed, seconds(took, f), f.day(o.today), o.readAt.Format("15:04:05"))
	fmt.Fprintf(&b, o.text("  saem inteiros: %s %s\n", "  can ship whole: %s %s\n"),
		o.paint(atp.NotShort, o.degree(atp.NotShort)), f.count(t.whole))
	if t.whole < t.orders {
		fmt.Fprintf(&b, "  %s: %s\n", o.text("em ruptura", "short"), o.byDegree(t))
	}
	o.contest(&b, t)
	fmt.Fprintf(&b, o.text("  fora do prazo: %s\n", "  late: %s\n"), f.count(t.late))
	fmt.Fprintf(&b, o.text("  valor: total R$ %s, disponível R$ %s, em ruptura R$ %s\n", "  value: total R$ %s, available R$ %s, short R$ %s\n"),
		f.money(t.value), f.money(t.available), f.money(t.atRisk))
	if _, err := fmt.Fprint(o.Stdout, b.String()); err != nil {
		return err
	}
	return o.products(t)
}

// contest tells what becomes of the orders that would be whole alone, and who is served first.
func (o *tableOutput) contest(b *strings.Builder, t *totals) {
	if o.rules.mode != atp.Together {
		return
	}
	fmt.Fprintf(b, o.text("  sozinhos sairiam inteiros: %s; em disputa (bons sozinhos, em ruptura concorrendo): %s\n",
		"  alone, could ship whole: %s; contested (fine alone, short together): %s\n"),
		o.format.count(t.wholeAlone), o.format.count(t.contested))
	words := make([]string, len(o.priority.Criteria))
	for i, c := range o.priority.Criteria {
		words[i] = reason.Criterion(c).In(o.lang)
	}
	fmt.Fprintf(b, o.text("  prioridade: %s; política: %s\n", "  priority: %s; policy: %s\n"), strings.Join(words, ", "), o.rules.policy)
}

func (o *tableOutput) byDegree(t *totals) string {
	parts := []string{o.format.count(t.orders - t.whole)}
	for c := atp.Critical; c >= atp.Low; c-- {
		if t.degrees[c] > 0 {
			parts = append(parts, o.paint(c, o.degree(c))+" "+o.format.count(t.degrees[c]))
		}
	}
	return strings.Join(parts, "  ")
}

func (o *tableOutput) products(t *totals) error {
	top := t.top(topProducts)
	if len(top) == 0 {
		return nil
	}
	rows := make([]shownOrder, len(top))
	for i, p := range top {
		rows[i].cells = []string{string(p.code), p.name, o.format.count(p.orders), o.format.quantity(p.shortage), o.format.money(p.value)}
	}
	if _, err := fmt.Fprintln(o.Stdout, o.text("\nProdutos com mais valor em ruptura", "\nProducts with most value short")); err != nil {
		return err
	}
	return o.table([]column{
		{title: o.text("Produto", "Product")},
		{title: o.text("Nome", "Name"), shrinks: true},
		{title: o.text("Pedidos", "Orders"), right: true},
		{title: o.text("Falta", "Missing"), right: true},
		{title: o.text("Valor R$", "Value R$"), right: true},
	}, rows)
}

// reportFailures tells on stderr which orders could not be analysed, the first of many by name.
func (run *analysisRun) reportFailures() {
	const most = 20
	for i, f := range run.failures {
		if i == most {
			fmt.Fprintf(run.Stderr, run.text("erro: e mais %s\n", "error: and %s more\n"),
				run.plural(len(run.failures)-most, "pedido", "order"))
			return
		}
		fmt.Fprintf(run.Stderr, "%s: %s: %s\n", run.text("erro", "error"), clean(string(f.number)), f.why)
	}
}

// plural counts things whose plural only takes an s.
func (a *app) plural(n int, pt, en string) string {
	word := a.text(pt, en)
	if n != 1 {
		word += "s"
	}
	return format{a.lang}.count(n) + " " + word
}

func seconds(d time.Duration, f format) string {
	if d < time.Second {
		return f.count(int(d.Milliseconds())) + " ms"
	}
	return f.grouped(atp.Quantity(d.Milliseconds()/10*10).String(), 2) + " s"
}
