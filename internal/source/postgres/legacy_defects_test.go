package postgres_test

import (
	"strings"
	"testing"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/demo"
	"ruptura/internal/legacytest"
	"ruptura/internal/source"
)

// What the system that this one replaces got wrong, on its own tables, one by one.

const never = -1 // no day in sight

func TestLegacyProductionIsCountedOnce(t *testing.T) {
	e := newERP(t)
	e.scheduled("P", 50, 3)
	e.line("ENOUGH", "P", 40, 10)
	e.line("TOO MUCH", "P", 80, 10) // twice the production would do
	expect(t, e.analyse("ENOUGH").Lines[0], 40_000, 4)
	expect(t, e.analyse("TOO MUCH").Lines[0], 80_000, never)
}

func TestLegacyReservationsOverdueUndatedOrWithoutFlagCount(t *testing.T) {
	e := newERP(t)
	e.moved("P", 100)
	e.line("A", "P", 50, 10)
	e.exec(`INSERT INTO separacao (num_pedido, cod_produto, qtd_saldo, expedicao, sincronizado_nf) VALUES
		('B', 'P', 20, '2026-02-20', false), ('C', 'P', 20, NULL, false), ('D', 'P', 20, '2026-03-04', NULL),
		('E', 'P', 500, '2026-03-04', true), (NULL, 'P', 4, '2026-03-03', false)`)
	l := e.analyse("A").Lines[0]
	expect(t, l, 14_000, never)
	if l.Lowest != 36_000 {
		t.Errorf("the lowest is %s, want 36", l.Lowest)
	}
}

func TestLegacyUnifiedCodesOfOneDayAddUp(t *testing.T) {
	e := newERP(t)
	e.unified(101, 102)
	for code, q := range map[string]float64{"101": 30, "102": 40} {
		e.scheduled(code, q, 1)
		e.reserved("X", code, q/10, 2)
	}
	e.line("A", "101", 63, 10)
	e.line("B", "102", 64, 10)
	r := e.analyse("A")
	expect(t, r.Lines[0], 63_000, 2)
	if next := r.Lines[0].Next; next.Arrives != onDay(1) || next.Quantity != 70_000 {
		t.Errorf("the next receipt is of %s on %s", next.Quantity, next.Arrives)
	}
	expect(t, e.analyse("B").Lines[0], 64_000, never)
}

// TestLegacySameInputSameNumbers moves all rows to other places on disk, which changes the sequence
// in which a scan meets them.
func TestLegacySameInputSameNumbers(t *testing.T) {
	e := newERP(t)
	fill := func(w dataset.Writer) error {
		return demo.Generate(demo.Config{Orders: 40, Movements: 300, Seed: 5, Today: legacyToday}, w)
	}
	if err := legacytest.Load(t.Context(), e.conn, legacytest.Shape(fill)); err != nil {
		t.Fatal(err)
	}
	// The lines of an order disagree about its header.
	e.exec(`UPDATE carteira_principal SET raz_social_red = 'CLIENTE ' || id, data_entrega_pedido = date '2026-03-01' + id % 30,
		data_pedido = date '2026-02-01' + id % 20, importante = id % 3 = 0, vendedor = NULLIF('V' || id % 4, 'V1'), observ_ped_1 = id`)
	first := e.everything()
	for _, shuffle := range []string{
		`UPDATE carteira_principal SET ativo = ativo WHERE id % 3 = 0`, `UPDATE separacao SET status = status WHERE id % 2 = 0`,
		`CLUSTER carteira_principal USING carteira_produto`, `CLUSTER separacao USING separacao_lote`,
		`CLUSTER movimentacao_estoque USING movimentacao_data`, `CLUSTER programacao_producao USING programacao_data`, `ANALYZE`,
	} {
		e.exec(shuffle)
		if now := e.everything(); now != first {
			t.Errorf("after %s the answers differ", shuffle)
		}
	}
}

// everything is the book and all its answers, as text.
func (e *erp) everything() string {
	e.t.Helper()
	page, err := e.db.Book(e.t.Context(), source.BookQuery{StaleBefore: legacyToday - 60, Limit: 100})
	if err != nil {
		e.t.Fatal(err)
	}
	if len(page.Orders) == 0 {
		e.t.Fatal("the book is empty")
	}
	return listing(page) + answers(e.t, e.db, page.Orders)
}

func TestLegacyOwnReservationsDoNotCompete(t *testing.T) {
	e := newERP(t)
	e.moved("P", 100)
	e.line("A", "P", 70, 10)
	e.line("B", "P", 70, 10)
	e.reserved("X", "P", 30, 2)
	e.reserved("A", "P", 60, 3)
	expect(t, e.analyse("A").Lines[0], 0, never)
	expect(t, e.analyse("B").Lines[0], 60_000, never)
}

// TestLegacyOrdersCompete has an order see what the others have set aside: nobody is promised the
// same goods twice.
func TestLegacyOrdersCompete(t *testing.T) {
	e := newERP(t)
	e.moved("P", 100)
	for _, order := range []string{"A", "B"} {
		e.line(order, "P", 60, 10)
	}
	expect(t, e.analyse("B").Lines[0], 0, never)
	e.reserved("A", "P", 60, 5)
	expect(t, e.analyse("A").Lines[0], 0, never)
	l := e.analyse("B").Lines[0]
	expect(t, l, 20_000, never)
	if l.Shippable != 40_000 {
		t.Errorf("B can have %s, want 40", l.Shippable)
	}
}

func TestLegacyTwoCodesOfOneProductInAnOrder(t *testing.T) {
	e := newERP(t)
	e.unified(201, 202)
	e.moved("201", 60)
	e.moved("202", 40)
	e.line("A", "201", 70, 10)
	e.line("A", "202", 40, 10)
	r := e.analyse("A")
	expect(t, lineOf(t, r, "201"), 0, never)
	l := lineOf(t, r, "202")
	expect(t, l, 10_000, never)
	if l.Shippable != 30_000 || l.OnHand != 100_000 {
		t.Errorf("%s of %s on hand can ship", l.Shippable, l.OnHand)
	}
}

func TestLegacyTooLittleProductionGivesTheOrderNoDate(t *testing.T) {
	e := newERP(t)
	e.scheduled("P", 100, 2)
	e.scheduled("Q", 0.5, 2)
	e.line("A", "P", 40, 10)
	e.line("A", "Q", 40, 10)
	r := e.analyse("A")
	expect(t, lineOf(t, r, "P"), 40_000, 3)
	expect(t, lineOf(t, r, "Q"), 40_000, never)
	if r.Whole.InSight() {
		t.Errorf("the order has a date, %s, and one of its lines has none", r.Whole.Day())
	}
}

func TestLegacyReservationsAfterTheWindowCountForTheDate(t *testing.T) {
	e := newERP(t)
	for product, leaves := range map[string]int{"P": 13, "Q": 14} {
		e.scheduled(product, 50, 5)
		e.reserved("X", product, 45, leaves)
		e.line("A", product, 40, 10)
	}
	r := e.analyse("A")
	expect(t, lineOf(t, r, "P"), 40_000, never)
	expect(t, lineOf(t, r, "Q"), 40_000, 6)
}

func TestLegacyShortageIsNeverMoreThanTheOrder(t *testing.T) {
	e := newERP(t)
	e.moved("P", -20)
	e.scheduled("P", 100, 1)
	e.line("A", "P", 30, 10)
	expect(t, e.analyse("A").Lines[0], 30_000, 2)
}

func TestLegacyCriticality(t *testing.T) {
	for _, c := range []struct {
		name  string
		short []float64 // value of each short line, out of 1000
		want  atp.Criticality
	}{
		{"one line, wholly short, all of the order", []float64{1000}, atp.High},
		{"one line, 1 %", []float64{10}, atp.Low},
		{"three lines, 9 %", []float64{30, 30, 30}, atp.Medium},
		{"four lines, 40 %", []float64{100, 100, 100, 100}, atp.Critical},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newERP(t)
			rest := 1000.0
			for i, value := range c.short {
				e.line("A", "S"+string(rune('0'+i)), 1, value)
				rest -= value
			}
			if rest > 0 {
				e.moved("P", 1)
				e.line("A", "P", 1, rest)
			}
			if r := e.analyse("A"); r.Criticality != c.want || r.Short != len(c.short) {
				t.Errorf("%s with %d lines short, want %s", r.Criticality, r.Short, c.want)
			}
		})
	}
}

func TestLegacyPercentages(t *testing.T) {
	e := newERP(t)
	e.moved("P", 1000)
	e.line("UNPRICED", "P", 30, nil)
	e.line("UNPRICED", "NONE", 10, nil)
	e.line("NOTHING", "NONE", 10, nil)
	e.line("ALMOST", "P", 1, 996)
	e.line("ALMOST", "NONE", 1, 4)
	e.line("HARDLY", "P", 1, 4)
	e.line("HARDLY", "NONE", 1, 996)
	for order, want := range map[atp.OrderNumber]int{"UNPRICED": 75, "NOTHING": 0, "ALMOST": 99, "HARDLY": 1} {
		if r := e.analyse(order); r.PercentAvailable != want {
			t.Errorf("%s is available to %d %%, want %d", order, r.PercentAvailable, want)
		}
	}
}

func TestLegacyHalfAUnitShort(t *testing.T) {
	e := newERP(t)
	e.moved("P", 9.5)
	e.line("A", "P", 10, 1)
	expect(t, e.analyse("A").Lines[0], 500, never)
	text := answer(t, e.db, source.Query{All: true}, "A").text
	if !strings.Contains(text, `"ruptura_qtd":0.5,`) {
		t.Errorf("half a unit does not show: %s", text)
	}
}

// TestLegacyUnificationIsTransitiveAndKnowsLeadingZeros has one product under many codes, and codes
// that look like it and are others.
func TestLegacyUnificationIsTransitiveAndKnowsLeadingZeros(t *testing.T) {
	e := newERP(t)
	e.unified(500, 7)
	e.unified(9, 7)
	e.unified(9, 11)
	e.unified(11, 500) // round again
	e.unified(12, 12)
	e.exec(`INSERT INTO unificacao_codigos (codigo_origem, codigo_destino, ativo) VALUES (500, 600, false), (500, 601, NULL)`)
	same := []string{"500", "00500", "7", "0007", "09", strings.Repeat("0", 48) + "11"}
	others := []string{"500X", "600", "601", "5", "٥٠٠", "+7", "7.0", " 7", "70", "4294967303", "-7"}
	for i, code := range same {
		e.moved(code, float64(int(1)<<i))
	}
	for _, code := range others {
		e.moved(code, 1000)
	}
	for i, code := range append(same, "0011") { // the last has never had any stock
		order := "A" + string(rune('0'+i))
		e.line(order, code, 64, 1)
		expect(t, e.analyse(atp.OrderNumber(order)).Lines[0], 1000, never)
	}
	for i, code := range others {
		order := "B" + string(rune('a'+i))
		e.line(order, code, 1001, 1)
		expect(t, e.analyse(atp.OrderNumber(order)).Lines[0], 1000, never)
	}
	// A code unified with itself is still one product with its leading zeros.
	e.moved("12", 1)
	e.moved("0012", 1)
	e.line("C", "012", 3, 1)
	expect(t, e.analyse("C").Lines[0], 1000, never)
}
