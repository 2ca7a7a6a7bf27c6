package reason_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/reason"
)

// monday is the day of every case.
var monday = atp.NewDay(2026, 3, 2)

// world is what a line's sentence depends on, in whole units.
type world struct {
	stock, asked int64
	// before is an earlier line of the same order.
	before int64
	// others are reservations: order, quantity, days from today.
	others []taking
	// rivals are orders that come before, when all compete.
	rivals   []taking
	receipts []taking
	overdue  int64
	policy   atp.Policy
	together bool
}

type taking struct {
	order    string
	quantity int64
	day      int
}

const unit = atp.QuantityScale

// sentences are those of a world's line, in both languages, and the explanation.
func (w world) sentences(t require) (pt, en string, s reason.Situation) {
	t.Helper()
	key := atp.StockKey{Product: "P"}
	snap := &atp.Snapshot{Stock: []atp.Stock{{Key: key, Quantity: atp.Quantity(w.stock) * unit}}}
	line := func(order string, n int64, q int64) {
		if q != 0 {
			snap.Lines = append(snap.Lines, atp.Line{Order: atp.OrderNumber(order), Number: n, Key: key, Open: atp.Quantity(q) * unit})
		}
	}
	line("Z", 1, w.before)
	line("Z", 2, w.asked)
	for _, r := range w.rivals {
		line(r.order, 1, r.quantity)
	}
	for _, o := range w.others {
		snap.Reservations = append(snap.Reservations, atp.Reservation{
			Order: atp.OrderNumber(o.order), Key: key, Quantity: atp.Quantity(o.quantity) * unit, Ships: monday + atp.Day(o.day),
		})
	}
	for _, r := range w.receipts {
		snap.Receipts = append(snap.Receipts, atp.Receipt{Key: key, Quantity: atp.Quantity(r.quantity) * unit, Arrives: monday + atp.Day(r.day)})
	}
	if w.overdue > 0 {
		snap.Receipts = append(snap.Receipts, atp.Receipt{Key: key, Quantity: atp.Quantity(w.overdue) * unit, Arrives: monday - 3})
	}
	b, err := atp.NewBook(snap, atp.DefaultParams(monday))
	must(t, err)
	var r atp.Result
	var all []*atp.Explanation
	if w.together {
		a, err := b.Allocate(w.policy, atp.DefaultPriority())
		must(t, err)
		r, err = a.Answer("Z")
		must(t, err)
		all, err = a.Explain(&r)
		must(t, err)
		s.Mode, s.Policy = atp.Together, w.policy
	} else {
		r, err = b.Analyze("Z")
		must(t, err)
		all, err = b.Explain(&r)
		must(t, err)
	}
	last := len(all) - 1
	if all[last] == nil {
		return "", "", s
	}
	s.Explanation, s.Today = all[last], monday
	s.Planned, s.Overdue = r.Lines[last].Next.Quantity > 0, r.Lines[last].Overdue
	return reason.Sentence(lang.PT, s), reason.Sentence(lang.EN, s), s
}

type require interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func must(t require, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSentence(t *testing.T) {
	for _, c := range []struct {
		name   string
		world  world
		pt, en string
	}{
		{"nothing there", world{asked: 5},
			"Faltam 5: não há nada em estoque; não há produção programada.",
			"5 short: there is nothing on hand; no production is planned."},
		{"a negative stock", world{stock: -30, asked: 12},
			"Faltam 42: o estoque está negativo (-30); não há produção programada.",
			"42 short: stock is negative (-30); no production is planned."},
		{"the order asks for more than there is", world{stock: 1, asked: 2},
			"Falta 1: há 1 em estoque e o item pede 2; não há produção programada.",
			"1 short: there is 1 on hand and the line asks for 2; no production is planned."},
		{"large numbers", world{stock: 1500, asked: 2_000_000},
			"Faltam 1.998.500: há 1.500 em estoque e o item pede 2.000.000; não há produção programada.",
			"1,998,500 short: there are 1,500 on hand and the line asks for 2,000,000; no production is planned."},
		{"earlier lines of the order", world{stock: 100, before: 60, asked: 60},
			"Faltam 20: há 100 em estoque e o item pede 60, além de 60 de itens anteriores deste pedido; não há produção programada.",
			"20 short: there are 100 on hand and the line asks for 60, beside 60 of earlier lines of this order; no production is planned."},
		{"reservations by Thursday, production after", world{stock: 400, asked: 120, others: []taking{
			{"1234", 180, 2}, {"1111", 100, 3}, {"1112", 30, 1}, {"1113", 30, 0}}, receipts: []taking{{"", 100, 7}}},
			"Faltam 60: dos 400 em estoque, 340 já saem até quinta (pedido 1234: 180; pedido 1111: 100; mais 2 pedidos: 60); a produção de 09/03 cobre e libera em 10/03.",
			"60 short: of the 400 on hand, 340 leave by Thursday (order 1234: 180; order 1111: 100; 2 more orders: 60); the production of 9 Mar covers it and is free on 10 Mar."},
		{"one order takes all, and again", world{stock: 50, asked: 10, others: []taking{{"7", 20, 1}, {"7", 30, 1}}},
			"Faltam 10: os 50 em estoque já saem até amanhã (pedido 7); não há produção programada.",
			"10 short: the 50 on hand leave by tomorrow (order 7); no production is planned."},
		{"today, more than there is, and earlier lines", world{stock: 50, before: 5, asked: 10, others: []taking{{"7", 60, -2}}, overdue: 8},
			"Faltam 25: há 50 em estoque e 60 já saem hoje (pedido 7), 10 a mais do que há, e itens anteriores deste pedido pedem 5; não há produção programada; 8 de produção atrasada não contam.",
			"25 short: there are 50 on hand and 60 leave today (order 7), 10 more than there is, and earlier lines of this order ask for 5; no production is planned; 8 of overdue production do not count."},
		{"nothing there and still some leaves, a week from now", world{asked: 10, others: []taking{{"7", 1, 7}}, receipts: []taking{{"", 5, 20}}},
			"Faltam 11: não há nada em estoque e 1 já sai até 09/03 (pedido 7); a produção programada não cobre.",
			"11 short: there is nothing on hand and 1 leaves by 9 Mar (order 7); the production planned does not cover it."},
		{"receipts in between", world{stock: 10, asked: 20, others: []taking{{"7", 50, 4}}, receipts: []taking{{"", 45, 1}, {"", 10, 6}, {"", 9, 8}}},
			"Faltam 15: dos 10 em estoque e 45 que a produção libera até sexta, 50 já saem até sexta (pedido 7); a produção até 10/03 cobre e libera em 11/03.",
			"15 short: of the 10 on hand and 45 that production frees by Friday, 50 leave by Friday (order 7); the production up to 10 Mar covers it and is free on 11 Mar."},
		{"orders with priority", world{stock: 100, asked: 60, rivals: []taking{{"A", 60, 0}}, receipts: []taking{{"", 50, 4}}, together: true},
			"Faltam 20: dos 100 em estoque, 60 vão para pedidos com prioridade (pedido A); a produção de 06/03 cobre e libera em 07/03.",
			"20 short: of the 100 on hand, 60 go to orders with priority (order A); the production of 6 Mar covers it and is free on 7 Mar."},
		{"what is set aside", world{stock: 20, asked: 15, others: []taking{{"X", 10, 3}}, together: true},
			"Faltam 5: dos 20 em estoque, 10 já estão separados (pedido X); não há produção programada.",
			"5 short: of the 20 on hand, 10 are already set aside (order X); no production is planned."},
		{"both", world{stock: 20, asked: 15, others: []taking{{"X", 10, 3}}, rivals: []taking{{"A", 3, 0}}, receipts: []taking{{"", 1, 3}}, together: true},
			"Faltam 8: dos 20 em estoque, 13 vão para o que já está separado ou tem prioridade (pedido X: 10; pedido A: 3); o que sobra da produção programada não cobre.",
			"8 short: of the 20 on hand, 13 go to what is set aside or has priority (order X: 10; order A: 3); what is left of the production planned does not cover it."},
		{"the whole order waits", world{stock: 20, asked: 25, receipts: []taking{{"", 5, 3}}, together: true, policy: atp.WholeOrders},
			"Faltam 5: há 20 em estoque e o item pede 25; a produção de 05/03 cobre e o pedido sai inteiro em 06/03.",
			"5 short: there are 20 on hand and the line asks for 25; the production of 5 Mar covers it and the order ships whole on 6 Mar."},
		{"the whole order has no date", world{stock: 20, asked: 25, together: true, policy: atp.WholeOrders},
			"Faltam 5: há 20 em estoque e o item pede 25; o pedido inteiro não tem data.",
			"5 short: there are 20 on hand and the line asks for 25; the whole order has no date."},
	} {
		t.Run(c.name, func(t *testing.T) {
			pt, en, _ := c.world.sentences(t)
			if pt != c.pt {
				t.Errorf("got  %s\nwant %s", pt, c.pt)
			}
			if en != c.en {
				t.Errorf("got  %s\nwant %s", en, c.en)
			}
		})
	}
}

// figure is a number of a sentence, but for those of orders, which are letters here.
var figure = regexp.MustCompile(`-?\d[\d.,]*\d|-?\d`)

// Every quantity that a sentence tells is one of the explanation, or a sum of some of them.
func TestFiguresAreThoseOfTheExplanation(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		pt, _, s := w.sentences(rt)
		if pt == "" {
			return
		}
		told := map[string]bool{}
		add := func(q atp.Quantity) { told[strings.ReplaceAll(q.String(), ".", ",")] = true }
		out, in := s.MoreQuantity, atp.Quantity(0)
		by := map[atp.OrderNumber]atp.Quantity{}
		for _, c := range s.Claims {
			out += c.Quantity
			by[c.Order] += c.Quantity
		}
		for _, i := range s.Inflows {
			in += i.Quantity
		}
		for _, q := range []atp.Quantity{s.Missing, s.OnHand, s.Needed, s.Before, s.Overdue, out, in, out - in - s.OnHand} {
			add(q)
		}
		rest := out
		for _, q := range by {
			add(q)
		}
		for a, q := range by {
			add(rest - q)
			for b, r := range by {
				if a != b {
					add(rest - q - r)
				}
			}
		}
		for n := range len(s.Claims) + s.MoreClaims + 1 {
			add(atp.Quantity(n) * unit)
		}
		text := regexp.MustCompile(`\d\d/\d\d`).ReplaceAllString(pt, "DIA")
		for _, f := range figure.FindAllString(text, -1) {
			if !told[strings.ReplaceAll(f, ".", "")] {
				rt.Fatalf("%s is not in the explanation: %s\n%+v", f, pt, s.Explanation)
			}
		}
	})
}

func drawWorld(rt *rapid.T) world {
	takings := func(name string, most int, names []string, from, to int) []taking {
		return rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) taking {
			return taking{rapid.SampledFrom(names).Draw(rt, "order"), rapid.Int64Range(1, 900).Draw(rt, "quantity"), rapid.IntRange(from, to).Draw(rt, "day")}
		}), 0, most).Draw(rt, name)
	}
	return world{
		stock: rapid.Int64Range(-50, 1500).Draw(rt, "stock"), asked: rapid.Int64Range(1, 2000).Draw(rt, "asked"),
		before: rapid.SampledFrom([]int64{0, 0, 7, 300}).Draw(rt, "before"),
		others: takings("others", 25, []string{"X", "Y", "W", "V", "U"}, -3, 12), rivals: takings("rivals", 4, []string{"A", "B", "C"}, 0, 0),
		receipts: takings("receipts", 4, []string{""}, 0, 35), overdue: rapid.SampledFrom([]int64{0, 0, 11}).Draw(rt, "overdue"),
		policy: rapid.SampledFrom(atp.Policies()).Draw(rt, "policy"), together: rapid.Bool().Draw(rt, "together"),
	}
}

func TestEveryCriterionHasWords(t *testing.T) {
	seen := map[string]bool{}
	for k := atp.ByImportance; k <= atp.ByClient; k++ {
		for _, descending := range []bool{false, true} {
			text := reason.Criterion(atp.Criterion{Key: k, Descending: descending})
			if text.PT == "" || text.EN == "" || seen[text.PT] {
				t.Errorf("key %d, descending %t: %+v", k, descending, text)
			}
			seen[text.PT] = true
		}
	}
}
