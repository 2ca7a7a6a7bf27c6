package atp_test

import (
	"errors"
	"math"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/atp"
)

// d0 is the day of the worked examples.
var d0 = atp.NewDay(2026, 3, 2)

const unit = atp.QuantityScale

func key(code string) atp.StockKey { return atp.StockKey{Product: atp.ProductCode(code)} }

func line(order, code string, n int64, open atp.Quantity, price atp.Money) atp.Line {
	return atp.Line{
		Order: atp.OrderNumber(order), Number: n, Sequence: n, Key: key(code), Name: "Produto " + code,
		Open: open, Price: price, Priced: price != 0,
	}
}

func stock(code string, q atp.Quantity) atp.Stock { return atp.Stock{Key: key(code), Quantity: q} }

func reserve(order, code string, q atp.Quantity, ships atp.Day) atp.Reservation {
	return atp.Reservation{Order: atp.OrderNumber(order), Lot: "L1", Key: key(code), Quantity: q, Ships: ships}
}

func receipt(code string, q atp.Quantity, arrives atp.Day) atp.Receipt {
	return atp.Receipt{Key: key(code), Quantity: q, Arrives: arrives}
}

func analyze(t *testing.T, s atp.Snapshot, order string) atp.Result {
	t.Helper()
	b, err := atp.NewBook(&s, atp.DefaultParams(d0))
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Analyze(atp.OrderNumber(order))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWorkedExamples is calculation §4, row by row; example 11 follows below.
func TestWorkedExamples(t *testing.T) {
	const overdue = -5
	type at struct {
		day int
		qty atp.Quantity
	}
	for _, tc := range []struct {
		name                string
		onHand              atp.Quantity
		others, own, supply []at
		q, lowest, short    atp.Quantity
		on                  string // "" no date, "agora", or the date
	}{
		{name: "1 just enough", onHand: 100, others: []at{{2, 30}}, q: 70, lowest: 70, on: "agora"},
		{name: "2 one too many", onHand: 100, others: []at{{2, 30}}, q: 71, lowest: 70, short: 1},
		{name: "3 own reservation", onHand: 100, others: []at{{2, 30}}, own: []at{{3, 60}}, q: 70, lowest: 70, on: "agora"},
		{name: "4 receipt ships a day later", supply: []at{{3, 50}}, q: 40, lowest: 0, short: 40, on: "2026-03-06"},
		{name: "5 receipt today", onHand: 10, supply: []at{{0, 50}}, q: 40, lowest: 10, short: 30, on: "2026-03-03"},
		{name: "6 later reservation in every window", others: []at{{13, 45}}, supply: []at{{5, 50}}, q: 40, short: 40},
		{name: "7 window ends before it", others: []at{{14, 45}}, supply: []at{{5, 50}}, q: 40, short: 40, on: "2026-03-08"},
		{name: "8 overdue both ways", onHand: 80, others: []at{{overdue, 30}}, supply: []at{{overdue, 500}}, q: 60, lowest: 50, short: 10},
		{name: "9 negative stock", onHand: -20, supply: []at{{1, 100}}, q: 30, lowest: -20, short: 30, on: "2026-03-04"},
		{name: "10 today's receipt ships tomorrow", onHand: 50, others: []at{{0, 50}}, supply: []at{{0, 50}}, q: 50, lowest: 0, short: 50, on: "2026-03-03"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := atp.Snapshot{
				Lines: []atp.Line{line("O", "P", 1, tc.q*unit, 100)},
				Stock: []atp.Stock{stock("P", tc.onHand*unit)},
			}
			for _, r := range tc.others {
				s.Reservations = append(s.Reservations, reserve("X", "P", r.qty*unit, d0+atp.Day(r.day)))
			}
			for _, r := range tc.own {
				s.Reservations = append(s.Reservations, reserve("O", "P", r.qty*unit, d0+atp.Day(r.day)))
			}
			for _, r := range tc.supply {
				s.Receipts = append(s.Receipts, receipt("P", r.qty*unit, d0+atp.Day(r.day)))
			}
			l := analyze(t, s, "O").Lines[0]
			got := []any{l.Lowest, l.Shortage, l.Shippable, l.Short, promiseText(l.AvailableOn)}
			want := []any{tc.lowest * unit, tc.short * unit, (tc.q - tc.short) * unit, tc.short > 0, tc.on}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("lowest, shortage, shippable, short, available on (-want +got):\n%s", diff)
			}
		})
	}
}

func promiseText(p atp.Promise) string {
	if p.Now() {
		return "agora"
	}
	return p.Day().String()
}

func TestWorkedExample11UnifiedCodesShareTheirStock(t *testing.T) {
	r := analyze(t, atp.Snapshot{
		Lines:        []atp.Line{line("O", "A", 1, 70*unit, 100), line("O", "B", 2, 40*unit, 100)},
		Stock:        []atp.Stock{stock("A", 60*unit), stock("B", 40*unit)},
		Unifications: []atp.Unification{{From: "A", To: "B"}},
	}, "O")
	a, b := r.Lines[0], r.Lines[1]
	if a.Short || a.Lowest != 100*unit || a.OnHand != 100*unit {
		t.Errorf("A: %+v, want available with 100 on hand and 100 lowest", a)
	}
	if !b.Short || b.Shortage != 10*unit || b.Shippable != 30*unit {
		t.Errorf("B: shortage %s, shippable %s, want 10 and 30", b.Shortage, b.Shippable)
	}
}

func TestUnificationIsTransitiveAndMayCycle(t *testing.T) {
	r := analyze(t, atp.Snapshot{
		Lines: []atp.Line{line("O", "A", 1, 10*unit, 100)},
		Stock: []atp.Stock{stock("C", 4*unit), stock("D", 6*unit), stock("00A", 99*unit)},
		Unifications: []atp.Unification{
			{From: "A", To: "B"}, {From: "C", To: "B"}, {From: "D", To: "C"}, {From: "A", To: "D"}, {From: "A", To: "A"},
		},
	}, "O")
	if l := r.Lines[0]; l.Short || l.OnHand != 10*unit {
		t.Errorf("on hand %s, short %v; want 10 and available", l.OnHand, l.Short)
	}
}

func TestReservationsWithoutDateLeaveToday(t *testing.T) {
	r := analyze(t, atp.Snapshot{
		Lines:        []atp.Line{line("O", "P", 1, 10*unit, 100)},
		Stock:        []atp.Stock{stock("P", 10*unit)},
		Reservations: []atp.Reservation{reserve("X", "P", unit, 0), reserve("X", "P", 0, d0), reserve("X", "P", -5*unit, d0)},
		Receipts:     []atp.Receipt{receipt("P", 100*unit, 0), receipt("P", -3*unit, d0+1)},
	}, "O")
	l := r.Lines[0]
	if l.Lowest != 9*unit || l.AvailableOn.InSight() || l.Next.Arrives.Known() {
		t.Errorf("lowest %s, available on %v, next %v; want 9, none, none", l.Lowest, l.AvailableOn, l.Next)
	}
}

func TestNextReceiptSumsAllCodesOfItsDay(t *testing.T) {
	r := analyze(t, atp.Snapshot{
		Lines:        []atp.Line{line("O", "A", 1, 10*unit, 100)},
		Unifications: []atp.Unification{{From: "B", To: "A"}},
		Receipts: []atp.Receipt{
			receipt("A", 9*unit, d0+9), receipt("B", 2*unit, d0+3), receipt("A", 3*unit, d0+3), receipt("A", 7*unit, d0-1),
		},
	}, "O")
	l := r.Lines[0]
	if l.Next.Arrives != d0+3 || l.Next.Quantity != 5*unit || l.Overdue != 7*unit {
		t.Errorf("next %v %s, overdue %s; want D+3 5, 7", l.Next.Arrives, l.Next.Quantity, l.Overdue)
	}
	if l.AvailableOn.Day() != d0+10 {
		t.Errorf("available on %v, want D+10", l.AvailableOn.Day())
	}
}

// order is a line per share of value: negative shares are short.
func orderOf(shares ...int64) atp.Snapshot {
	var s atp.Snapshot
	for i, share := range shares {
		code := string(rune('A' + i))
		have := share
		if share < 0 {
			share, have = -share, 0
		}
		s.Lines = append(s.Lines, line("O", code, int64(i), atp.Quantity(share)*unit, 100))
		s.Stock = append(s.Stock, stock(code, atp.Quantity(have)*unit))
	}
	return s
}

func TestPercentagesAndCriticality(t *testing.T) {
	for _, tc := range []struct {
		name                       string
		shares                     []int64
		short, available, servable int
		want                       atp.Criticality
	}{
		{"all there", []int64{50, 50}, 0, 100, 100, atp.NotShort},
		{"nothing there", []int64{-1}, 10000, 0, 0, atp.High},
		{"low at its limit", []int64{95, -4, -1}, 500, 95, 95, atp.Low},
		{"just above low", []int64{949, -50, -1}, 510, 95, 95, atp.Medium},
		{"medium by lines", []int64{97, -1, -1, -1}, 300, 97, 97, atp.Medium},
		{"medium at its limit", []int64{90, -8, -1, -1}, 1000, 90, 90, atp.Medium},
		{"high by share", []int64{89, -11}, 1100, 89, 89, atp.High},
		{"high by lines", []int64{96, -1, -1, -1, -1}, 400, 96, 96, atp.High},
		{"critical", []int64{89, -8, -1, -1, -1}, 1100, 89, 89, atp.Critical},
		{"never 100 while a line is short", []int64{9999, -1}, 1, 99, 99, atp.Low},
		{"never 0 while a line is there", []int64{1, -9999}, 9999, 1, 1, atp.High},
		{"half to even", []int64{125, -875}, 8750, 12, 12, atp.High},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := analyze(t, orderOf(tc.shares...), "O")
			got := []any{r.PercentShort, r.PercentAvailable, r.PercentServable, r.Criticality.String()}
			want := []any{tc.short, tc.available, tc.servable, tc.want.String()}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%% short, available, servable, criticality (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOrderWithoutPricesIsWeighedByQuantity(t *testing.T) {
	s := orderOf(75, -25)
	for i := range s.Lines {
		s.Lines[i].Price, s.Lines[i].Priced = 0, false
	}
	r := analyze(t, s, "O")
	if r.PercentShort != 2500 || r.PercentAvailable != 75 || r.Value != 0 {
		t.Errorf("short %d, available %d, value %v; want 2500, 75, 0", r.PercentShort, r.PercentAvailable, r.Value)
	}
}

func TestShortLineWithoutPriceStillCosts100Percent(t *testing.T) {
	s := orderOf(10, -10)
	s.Lines[1].Priced = false
	r := analyze(t, s, "O")
	if r.PercentShort != 0 || r.PercentAvailable != 99 || r.Criticality != atp.Low {
		t.Errorf("short %d, available %d, %v; want 0, 99, low", r.PercentShort, r.PercentAvailable, r.Criticality)
	}
}

func TestPartOfALineCanShip(t *testing.T) {
	s := orderOf(80)
	s.Stock[0].Quantity = 60 * unit
	r := analyze(t, s, "O")
	if r.PercentAvailable != 0 || r.PercentServable != 75 || r.PercentShort != 10000 {
		t.Errorf("available %d, servable %d, short %d; want 0, 75, 10000", r.PercentAvailable, r.PercentServable, r.PercentShort)
	}
}

func TestNeedDateAndPunctuality(t *testing.T) {
	soon := []atp.Receipt{receipt("A", 50*unit, d0+4)} // ships on D+5
	for _, tc := range []struct {
		name         string
		open         atp.Quantity
		requested    atp.Day
		reservations []atp.Reservation
		receipts     []atp.Receipt
		need         atp.Day
		want         atp.Punctuality
		late         int
	}{
		{name: "no need date", open: 1, want: atp.NoNeed},
		{name: "now, needed today", open: 1, requested: d0, need: d0, want: atp.OnTime},
		{name: "now, needed yesterday", open: 1, requested: d0 - 1, need: d0 - 1, want: atp.Late, late: 1},
		{name: "short but in time", open: 20, requested: d0 + 5, receipts: soon, need: d0 + 5, want: atp.OnTime},
		{name: "short and late", open: 20, requested: d0 + 3, receipts: soon, need: d0 + 3, want: atp.Late, late: 2},
		{name: "short without a date", open: 20, requested: d0 + 30, need: d0 + 30, want: atp.Late},
		{
			name: "earliest reservation of whatever product", open: 1, requested: d0 + 30, need: d0 + 2, want: atp.OnTime,
			reservations: []atp.Reservation{reserve("O", "A", unit, d0+9), reserve("O", "Z", unit, d0+2), reserve("X", "A", unit, d0+1)},
		},
		{
			name: "stale and undated reservations tell nothing", open: 1, requested: d0 + 8, need: d0 + 8, want: atp.OnTime,
			reservations: []atp.Reservation{reserve("O", "A", unit, d0-61), reserve("O", "A", unit, 0), reserve("O", "A", 0, d0)},
		},
		{
			name: "sixty days overdue still count", open: 1, need: d0 - 60, want: atp.Late, late: 60,
			reservations: []atp.Reservation{reserve("O", "A", unit, d0-60)},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := analyze(t, atp.Snapshot{
				Orders:       []atp.Order{{Number: "O", Requested: tc.requested}},
				Lines:        []atp.Line{line("O", "A", 1, tc.open*unit, 100)},
				Stock:        []atp.Stock{stock("A", 10*unit)},
				Reservations: tc.reservations, Receipts: tc.receipts,
			}, "O")
			if r.Need != tc.need || r.Punctuality != tc.want || r.DaysLate != tc.late {
				t.Errorf("need %v, %v, %d days late; want %v, %v, %d", r.Need, r.Punctuality, r.DaysLate, tc.need, tc.want, tc.late)
			}
		})
	}
}

func TestWholeOrderWaitsForItsLastLine(t *testing.T) {
	s := orderOf(-10, -20, 5)
	s.Receipts = []atp.Receipt{receipt("A", 10*unit, d0+2), receipt("B", 20*unit, d0+6)}
	if r := analyze(t, s, "O"); r.Whole.Day() != d0+7 {
		t.Errorf("whole on %v, want D+7", r.Whole.Day())
	}
	s.Receipts = s.Receipts[:1]
	if r := analyze(t, s, "O"); r.Whole.InSight() {
		t.Errorf("whole on %v, want no date: one line has none", r.Whole.Day())
	}
}

func TestLeadOfZeroShipsOnTheDayOfTheReceipt(t *testing.T) {
	s := orderOf(-10)
	s.Receipts = []atp.Receipt{receipt("A", 10*unit, d0)}
	p := atp.DefaultParams(d0)
	p.Lead = 0
	b, err := atp.NewBook(&s, p)
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Analyze("O")
	if err != nil {
		t.Fatal(err)
	}
	if l := r.Lines[0]; !l.Short || l.AvailableOn.Day() != d0 {
		t.Errorf("short %v, available on %v; want short now and available today", l.Short, l.AvailableOn.Day())
	}
}

func TestUnknownAndEmptyOrdersAreTheirOwnError(t *testing.T) {
	s := orderOf(10)
	s.Lines = append(s.Lines, line("EMPTY", "A", 1, 0, 100), line("NEGATIVE", "A", 1, -5, 100))
	b, err := atp.NewBook(&s, atp.DefaultParams(d0))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []atp.OrderNumber{"EMPTY", "NEGATIVE", "NOBODY", ""} {
		if _, err := b.Analyze(n); !errors.Is(err, atp.ErrOrderNotFound) {
			t.Errorf("Analyze(%q) = %v, want ErrOrderNotFound", n, err)
		}
	}
	if _, err := b.Analyze("O"); err != nil {
		t.Errorf("its neighbour failed: %v", err)
	}
}

func TestOverflowIsAnErrorOfTheOrdersThatTouchIt(t *testing.T) {
	const huge = atp.Quantity(math.MaxInt64)
	s := orderOf(10)
	s.Lines = append(s.Lines,
		line("STOCK", "H", 1, unit, 100),
		line("VALUE", "V", 1, huge/4, math.MaxInt64),
		line("CUM", "V", 1, huge/4, 1), line("CUM", "V", 2, huge/4, 1), line("CUM", "V", 3, huge/4, 1),
		line("TOTAL VALUE", "V", 1, huge/100, 99), line("TOTAL VALUE", "W", 2, huge/100, 99),
		line("TOTAL QUANTITY", "V", 1, huge/5*2, 0), line("TOTAL QUANTITY", "W", 2, huge/5*2, 0), line("TOTAL QUANTITY", "X", 3, huge/5*2, 0))
	s.Stock = append(s.Stock, stock("H", huge/2), stock("H", huge/2), stock("H", math.MinInt64))
	b, err := atp.NewBook(&s, atp.DefaultParams(d0))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []atp.OrderNumber{"STOCK", "VALUE", "CUM", "TOTAL VALUE", "TOTAL QUANTITY"} {
		if _, err := b.Analyze(n); !errors.Is(err, atp.ErrOverflow) {
			t.Errorf("Analyze(%q) = %v, want ErrOverflow", n, err)
		}
	}
	if _, err := b.Analyze("O"); err != nil {
		t.Errorf("their neighbour failed: %v", err)
	}
}

func TestParamsAreChecked(t *testing.T) {
	for name, spoil := range map[string]func(*atp.Params){
		"no today":          func(p *atp.Params) { p.Today = 0 },
		"negative window":   func(p *atp.Params) { p.Window = -1 },
		"huge promise":      func(p *atp.Params) { p.Promise = atp.MaxPromise + 1 },
		"negative lead":     func(p *atp.Params) { p.Lead = -1 },
		"huge lead":         func(p *atp.Params) { p.Lead = atp.MaxLead + 1 },
		"negative stale":    func(p *atp.Params) { p.StaleDays = -1 },
		"huge stale":        func(p *atp.Params) { p.StaleDays = 1 << 32 },
		"thresholds fall":   func(p *atp.Params) { p.Criticality.Medium.Lines = 1 },
		"thresholds > 100%": func(p *atp.Params) { p.Criticality.Critical.Percent = 10001 },
	} {
		t.Run(name, func(t *testing.T) {
			p := atp.DefaultParams(d0)
			spoil(&p)
			if _, err := atp.NewBook(&atp.Snapshot{}, p); !errors.Is(err, atp.ErrParams) {
				t.Errorf("NewBook = %v, want ErrParams", err)
			}
		})
	}
}

// TestLinesWithEqualNumbers: calculation §3, sequence, down to the last that can differ.
func TestLinesWithEqualNumbers(t *testing.T) {
	first := line("O", "A", 1, 5*unit, 100)
	for name, change := range map[string]func(*atp.Line){
		"number":         func(l *atp.Line) { l.Number = 2 },
		"source":         func(l *atp.Line) { l.Sequence = 2 },
		"product":        func(l *atp.Line) { l.Key = key("B") },
		"quantity":       func(l *atp.Line) { l.Open++ },
		"price":          func(l *atp.Line) { l.Price++ },
		"name":           func(l *atp.Line) { l.Name += "x" },
		"price is given": func(l *atp.Line) { l.Priced = true },
	} {
		t.Run(name, func(t *testing.T) {
			a := first
			a.Priced = name != "price is given"
			b := a
			change(&b)
			for _, lines := range [][]atp.Line{{a, b}, {b, a}} {
				r := analyze(t, atp.Snapshot{
					Lines: lines, Stock: []atp.Stock{stock("A", 5*unit)}, Unifications: []atp.Unification{{From: "A", To: "B"}},
				}, "O")
				if *r.Lines[0].Line != a || *r.Lines[1].Line != b || r.Lines[0].Short || !r.Lines[1].Short {
					t.Errorf("lines %+v, %+v; want %+v available, then %+v short", r.Lines[0].Line, r.Lines[1].Line, a, b)
				}
			}
		})
	}
}

func TestNegativePriceCountsAsMissing(t *testing.T) {
	s := orderOf(10, -10)
	s.Lines[0].Price = -100
	if r := analyze(t, s, "O"); r.Value != r.ShortValue || r.Lines[0].Value != 0 || r.PercentShort != 10000 || r.PercentAvailable != 1 {
		t.Errorf("value %d, short %d, %d %% available; want all value short and 1 %%", r.Value, r.ShortValue, r.PercentAvailable)
	}
}

// TestNextReceiptBelongsToNoCode: it may be several codes' at once.
func TestNextReceiptBelongsToNoCode(t *testing.T) {
	s := orderOf(-10)
	s.Receipts = []atp.Receipt{receipt("A", unit, d0+300)}
	if next := analyze(t, s, "O").Lines[0].Next; next != (atp.Receipt{Quantity: unit, Arrives: d0 + 300}) {
		t.Errorf("next receipt %+v, want 1 on D+300 without a key", next)
	}
}

func TestBookTellsWhereItComesFrom(t *testing.T) {
	s := orderOf(10)
	s.ReadAt = d0.Time()
	p := atp.DefaultParams(d0)
	p.Window = 3
	b, err := atp.NewBook(&s, p)
	if err != nil {
		t.Fatal(err)
	}
	if !b.ReadAt().Equal(s.ReadAt) || b.Params() != p || !b.Has("O") || b.Has("o") {
		t.Errorf("read at %v, params %+v", b.ReadAt(), b.Params())
	}
}

// TestManyMayAskAtOnce proves, under the race detector, that answering changes nothing.
func TestManyMayAskAtOnce(t *testing.T) {
	s := orderOf(10, -20, 5)
	s.Unifications = []atp.Unification{{From: "A", To: "B"}, {From: "B", To: "C"}}
	s.Reservations = []atp.Reservation{reserve("O", "A", unit, d0+1)}
	b, err := atp.NewBook(&s, atp.DefaultParams(d0))
	if err != nil {
		t.Fatal(err)
	}
	want, err := b.Analyze("O")
	if err != nil {
		t.Fatal(err)
	}
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for range 50 {
				if got, err := b.Analyze("O"); err != nil || !cmp.Equal(want, got, cmp.AllowUnexported(atp.Promise{})) {
					t.Errorf("Analyze = %+v, %v; want %+v", got, err, want)
				}
			}
		})
	}
	asking.Wait()
}

func TestCriticalityNames(t *testing.T) {
	for _, c := range []atp.Criticality{atp.NotShort, atp.Low, atp.Medium, atp.High, atp.Critical} {
		if got := atp.ParseCriticality(c.String()); got != c {
			t.Errorf("ParseCriticality(%q) = %v", c, got)
		}
	}
	if got := atp.ParseCriticality("baixa"); got != atp.NotShort {
		t.Errorf("ParseCriticality(baixa) = %v, want none", got)
	}
}
