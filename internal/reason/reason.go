// Package reason says in one sentence why a line is short, in the words of an analyst at an order
// book. Whatever it says is in the explanation that it is made of, or adds up from it.
package reason

import (
	"cmp"
	"slices"
	"strings"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// Situation is what a sentence is made of.
type Situation struct {
	*atp.Explanation

	Mode   atp.Mode
	Policy atp.Policy
	// Planned tells that the product has receipts to come, whether they suffice or not.
	Planned bool
	// Overdue is what should have been received before today, and is not counted.
	Overdue atp.Quantity
	Today   atp.Day
}

// Sentence says why the line is short and what becomes of it.
func Sentence(l lang.Lang, s Situation) string {
	t := teller{s, l}
	parts := []string{t.balance() + t.earlier(), t.remedy()}
	if s.Overdue > 0 {
		parts = append(parts, t.overdue())
	}
	return t.head() + ": " + strings.Join(parts, "; ") + "."
}

// teller tells one situation in one language.
type teller struct {
	Situation

	lang lang.Lang
}

// text fills the gaps of a text, each a % sign, with what is given.
func (t *teller) text(pt, en string, gaps ...string) string {
	text := lang.Text{PT: pt, EN: en}.In(t.lang)
	var b strings.Builder
	for _, gap := range gaps {
		before, after, _ := strings.Cut(text, "%")
		b.WriteString(before + gap)
		text = after
	}
	return b.String() + text
}

// plural chooses by a quantity, in Portuguese and English. Portuguese counts as one what is less
// than two.
func (t *teller) plural(q atp.Quantity, onePT, manyPT, oneEN, manyEN string) string {
	one := q == atp.QuantityScale || t.lang == lang.PT && q < 2*atp.QuantityScale
	if one {
		return lang.Text{PT: onePT, EN: oneEN}.In(t.lang)
	}
	return lang.Text{PT: manyPT, EN: manyEN}.In(t.lang)
}

// head is how much is missing.
func (t *teller) head() string {
	if t.Missing == 0 {
		return t.text("Ainda não sai", "Not free yet")
	}
	return t.text(t.plural(t.Missing, "Falta %", "Faltam %", "", ""), "% short", t.number(t.Missing))
}

// balance is what there is, and who takes it.
func (t *teller) balance() string {
	out, in := t.out(), t.in()
	switch {
	case out == 0 && in == 0:
		return t.onlyStock()
	case out == 0: // nobody takes any, but there is production on the way
		return t.there() + t.supply(in)
	case t.OnHand+in <= 0:
		return t.stock() + t.text(" e ", " and ") + t.taken(out)
	case out > t.OnHand+in:
		return t.there() + t.supply(in) + t.text(" e ", " and ") + t.taken(out) +
			t.text(", % a mais do que há", ", % more than there is", t.number(out-t.OnHand-in))
	}
	if out == t.OnHand && in == 0 {
		return t.text(t.plural(out, "o % em estoque", "os % em estoque", "", ""), "the % on hand", t.number(out)) +
			t.goes(out) + " (" + t.claims() + ")"
	}
	return t.text(t.plural(t.OnHand+in, "de %, ", "dos %, ", "", ""), "of the %, ", t.supply(in)) + t.taken(out)
}

// out is what others take, in what can ship meanwhile, up to the critical day.
func (t *teller) out() atp.Quantity {
	sum := t.MoreQuantity
	for i := range t.Claims {
		sum += t.Claims[i].Quantity
	}
	return sum
}

func (t *teller) in() (sum atp.Quantity) {
	for _, in := range t.Inflows {
		sum += in.Quantity
	}
	return sum
}

// onlyStock is a balance that nobody else takes from.
func (t *teller) onlyStock() string {
	if t.OnHand <= 0 {
		return t.stock()
	}
	asked := t.text(" e o item pede %", " and the line asks for %", t.number(t.Needed))
	if t.Before > 0 {
		asked += t.text(", além de % de itens anteriores deste pedido", ", beside % of earlier lines of this order", t.number(t.Before))
	}
	return t.stock() + asked
}

// stock is a stock of nothing, or less.
func (t *teller) stock() string {
	switch {
	case t.OnHand < 0:
		return t.text("o estoque está negativo (%)", "stock is negative (%)", t.number(t.OnHand))
	case t.OnHand == 0:
		return t.text("não há nada em estoque", "there is nothing on hand")
	}
	return t.there() + t.text("% em estoque", "% on hand", t.number(t.OnHand))
}

func (t *teller) there() string { return t.plural(t.OnHand, "há ", "há ", "there is ", "there are ") }

// supply is what is on hand and, if any, what can ship by the critical day.
func (t *teller) supply(in atp.Quantity) string {
	stock := t.text("% em estoque", "% on hand", t.number(t.OnHand))
	if in == 0 {
		return stock
	}
	return stock + t.text(" e % que a produção libera até %", " and % that production frees by %", t.number(in), t.by(t.Critical.Day()))
}

// taken is who takes how much, and until when.
func (t *teller) taken(out atp.Quantity) string {
	return t.number(out) + t.goes(out) + " (" + t.claims() + ")"
}

// goes says where it goes: out of the house by a day or, when all compete, to those who come first.
func (t *teller) goes(out atp.Quantity) string {
	if t.Mode == atp.Alone {
		verb := t.plural(out, " já sai", " já saem", " leaves", " leave")
		if t.Critical.Day() == t.Today {
			return verb + t.text(" hoje", " today")
		}
		return verb + t.text(" até %", " by %", t.by(t.Critical.Day()))
	}
	when := ""
	if !t.Critical.Now() && len(t.Inflows) == 0 {
		when = t.text(" até %", " by %", t.by(t.Critical.Day()))
	}
	reserved, served := t.kinds()
	switch {
	case !served:
		return t.plural(out, " já está separado", " já estão separados", " is already set aside", " are already set aside") + when
	case !reserved:
		return t.plural(out, " vai", " vão", " goes", " go") + t.text(" para pedidos com prioridade", " to orders with priority") + when
	}
	return t.plural(out, " vai", " vão", " goes", " go") +
		t.text(" para o que já está separado ou tem prioridade", " to what is set aside or has priority") + when
}

// kinds tells which kinds of claims there are; of those that are not listed it is not known.
func (t *teller) kinds() (reserved, served bool) {
	reserved, served = t.MoreClaims > 0, t.MoreClaims > 0
	for i := range t.Claims {
		reserved = reserved || t.Claims[i].Reserved
		served = served || !t.Claims[i].Reserved
	}
	return reserved, served
}

// named is how many orders a sentence names.
const named = 2

// holding is an order and what it takes.
type holding struct {
	order    atp.OrderNumber
	quantity atp.Quantity
	claims   int
}

// claims names those who take most, and sums up the others.
func (t *teller) claims() string {
	all := t.holdings()
	if len(all) == 1 && t.MoreClaims == 0 {
		return t.text("pedido %", "order %", string(all[0].order))
	}
	show := min(named, len(all))
	if len(all) == named+1 && t.MoreClaims == 0 {
		show = len(all) // rather than "1 more order"
	}
	var parts []string
	for _, h := range all[:show] {
		parts = append(parts, t.text("pedido %: %", "order %: %", string(h.order), t.number(h.quantity)))
	}
	rest, claims := t.MoreQuantity, t.MoreClaims
	for _, h := range all[show:] {
		rest += h.quantity
		claims += h.claims
	}
	switch {
	case claims == 0:
	case t.MoreClaims == 0:
		parts = append(parts, t.text("mais % pedidos: %", "% more orders: %", t.count(len(all)-show), t.number(rest)))
	case claims == 1:
		parts = append(parts, t.text("mais 1 saída: %", "1 more: %", t.number(rest)))
	default:
		parts = append(parts, t.text("mais % saídas: %", "% more: %", t.count(claims), t.number(rest)))
	}
	return strings.Join(parts, "; ")
}

// holdings sums up the claims listed by order, the largest first.
func (t *teller) holdings() []holding {
	var all []holding
	for i := range t.Claims {
		c := &t.Claims[i]
		at := slices.IndexFunc(all, func(h holding) bool { return h.order == c.Order })
		if at < 0 {
			at, all = len(all), append(all, holding{order: c.Order})
		}
		all[at].quantity += c.Quantity
		all[at].claims++
	}
	slices.SortStableFunc(all, func(a, b holding) int { return cmp.Compare(b.quantity, a.quantity) })
	return all
}

// earlier is what the order's own lines before this one ask for.
func (t *teller) earlier() string {
	if t.Before == 0 || t.OnHand > 0 && t.out() == 0 && t.in() == 0 { // then onlyStock has said so
		return ""
	}
	return t.text(", e itens anteriores deste pedido pedem %", ", and earlier lines of this order ask for %", t.number(t.Before))
}

// remedy is when the line can ship, and what brings that about.
func (t *teller) remedy() string {
	whole := t.Mode == atp.Together && t.Policy == atp.WholeOrders
	on := t.Resolved.Day()
	switch {
	case !t.Resolved.InSight() && whole:
		return t.text("o pedido inteiro não tem data", "the whole order has no date")
	case !t.Resolved.InSight() && t.Planned && t.Mode == atp.Together:
		return t.text("o que sobra da produção programada não cobre", "what is left of the production planned does not cover it")
	case !t.Resolved.InSight() && t.Planned:
		return t.text("a produção programada não cobre", "the production planned does not cover it")
	case !t.Resolved.InSight():
		return t.text("não há produção programada", "no production is planned")
	case t.By.Quantity == 0:
		return t.text("fica disponível em %", "available on %", t.date(on))
	case t.By.Ready == on && whole:
		return t.production() + t.text(" e o pedido sai inteiro em %", " and the order ships whole on %", t.date(on))
	case whole:
		return t.production() + t.text(" este item, e o pedido sai inteiro em %", " this line, and the order ships whole on %", t.date(on))
	case t.By.Ready != on:
		return t.production() + t.text(" e o item sai em %", " and the line ships on %", t.date(on))
	}
	return t.production() + t.text(" e libera em %", " and is free on %", t.date(on))
}

// production is the receipt that covers the line, alone or as the last of several.
func (t *teller) production() string {
	if t.By.Quantity >= t.Missing {
		return t.text("a produção de % cobre", "the production of % covers it", t.date(t.By.Arrives))
	}
	return t.text("a produção até % cobre", "the production up to % covers it", t.date(t.By.Arrives))
}

func (t *teller) overdue() string {
	return t.text(
		t.plural(t.Overdue, "% de produção atrasada não conta", "% de produção atrasada não contam", "", ""),
		t.plural(t.Overdue, "", "", "% of overdue production does not count", "% of overdue production do not count"),
		t.number(t.Overdue))
}
