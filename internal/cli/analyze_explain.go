package cli

import (
	"fmt"
	"strings"

	"ruptura/internal/atp"
	"ruptura/internal/reason"
	"ruptura/internal/wire"
)

// explained is a short line with what is told of why.
type explained struct {
	line     *atp.LineResult
	why      *atp.Explanation
	sentence string
}

// explainedOf lists the short lines of an answer.
func (o *tableOutput) explainedOf(r *wire.Answer) []explained {
	var all []explained
	for i, why := range r.Explanations {
		if why != nil {
			all = append(all, explained{&r.Lines[i], why, reason.Sentence(o.lang, r.Situation(i))})
		}
	}
	return all
}

// explain tells why a line is short: the sentence, and below it the balance as a waterfall from what is
// on hand to what is free on the critical day.
func (o *tableOutput) explain(e explained) error {
	steps := o.steps(e)
	low, high := span(steps)
	rows := make([]shownOrder, len(steps))
	for i, s := range steps {
		rows[i].cells = []string{s.label, s.when, s.signed(o.format), o.format.quantity(s.after), s.bar(low, high)}
	}
	if _, err := fmt.Fprintf(o.Stdout, "\n%s  %s\n%s\n", clean(string(e.line.Key.Product)), clean(e.line.Name), clean(e.sentence)); err != nil {
		return err
	}
	return o.table([]column{
		{title: o.text("Conta", "Sum"), shrinks: true},
		{title: o.text("Quando", "When")},
		{title: o.text("Qtd", "Qty"), right: true},
		{title: o.text("Sobra", "Left"), right: true},
		{title: ""},
	}, rows)
}

// step is a row of a waterfall.
type step struct {
	label, when   string
	change, after atp.Quantity
	// total shows a balance from zero, not a change.
	total bool
}

// steps are the rows of a line's waterfall.
func (o *tableOutput) steps(e explained) []step {
	w := waterfall{}
	w.total(o.text("em estoque", "on hand"), "", e.why.OnHand)
	for _, c := range e.why.Claims {
		w.change(o.claim(c), o.promise(c.On), -c.Quantity)
	}
	if e.why.MoreClaims > 0 {
		w.change(fmt.Sprintf(o.text("mais %s", "%s more"), o.format.count(e.why.MoreClaims)), "", -e.why.MoreQuantity)
	}
	for _, in := range e.why.Inflows {
		w.change(o.text("produção de ", "production of ")+o.format.day(in.Arrives), o.format.day(in.Ready), in.Quantity)
	}
	w.total(o.text("livre", "free"), o.promise(e.why.Critical), e.why.Available)
	if e.why.Before > 0 {
		w.change(o.text("itens anteriores do pedido", "earlier lines of the order"), "", -e.why.Before)
	}
	w.change(o.text("este item", "this line"), "", -e.why.Needed)
	return w.steps
}

// claim names who takes something.
func (o *tableOutput) claim(c atp.Claim) string {
	text := o.text("pedido ", "order ")
	if c.Reserved {
		text = o.text("separado, pedido ", "set aside, order ")
	}
	text += string(c.Order)
	if c.Client != "" {
		text += ", " + c.Client
	}
	return text
}

// waterfall is steps that add up.
type waterfall struct{ steps []step }

func (w *waterfall) total(label, when string, q atp.Quantity) {
	w.steps = append(w.steps, step{label: label, when: when, change: q, after: q, total: true})
}

func (w *waterfall) change(label, when string, q atp.Quantity) {
	w.steps = append(w.steps, step{label: label, when: when, change: q, after: w.steps[len(w.steps)-1].after + q})
}

func (s *step) signed(f format) string {
	if s.total {
		return ""
	}
	if s.change > 0 {
		return "+" + f.quantity(s.change)
	}
	return f.quantity(s.change)
}

// span is the lowest and the highest balance of all steps, zero included.
func span(steps []step) (low, high atp.Quantity) {
	for _, s := range steps {
		low, high = min(low, s.after), max(high, s.after)
	}
	return low, high
}

// barWidth is the width of a waterfall in characters.
const barWidth = 24

// bar draws the step between the lowest and the highest balance: what there is, or what is taken
// from it (░) or added to it (▒).
func (s *step) bar(low, high atp.Quantity) string {
	from, fill := s.after-s.change, "░"
	switch {
	case s.total:
		from, fill = 0, "█"
	case s.change > 0:
		fill = "▒"
	}
	start, end := place(min(from, s.after), low, high), place(max(from, s.after), low, high)
	if start == end && s.change != 0 { // too small to see, but there
		start = min(start, barWidth-1)
		end = start + 1
	}
	return strings.Repeat(" ", start) + strings.Repeat(fill, end-start)
}

// place is where a balance stands in a bar, 0..barWidth.
func place(q, low, high atp.Quantity) int {
	if high == low {
		return 0
	}
	return int(float64(q-low) / float64(high-low) * barWidth)
}
