package atp_test

import (
	"cmp"
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ruptura/internal/atp"
)

// oracle is the calculation once more, straight from the words of docs/calculation.md: every sum
// made anew for every question, in big numbers, and nothing shared with the package.
type oracle struct {
	s *atp.Snapshot
	p atp.Params
}

// answer is a result in a form that both can give.
type answer struct {
	Lines                                           []lineAnswer
	Value, ShortValue, AvailableValue               string
	PercentShort, PercentAvailable, PercentServable int64
	PercentLines                                    int64
	Criticality, Whole, Need                        string
	Punctuality                                     atp.Punctuality
	DaysLate                                        int
}

type lineAnswer struct {
	Line                        atp.Line
	OnHand, Lowest              string
	Available, Shortage         string
	Short                       bool
	On                          string
	NextOn, NextQuantity, Value string
	Overdue                     string
}

var (
	errNotFound = errors.New("oracle: not found")
	errRange    = errors.New("oracle: out of range")
)

func whole(q atp.Quantity) *big.Int { return big.NewInt(int64(q)) }

// unified are the codes that are the same product as code.
func (o oracle) unified(code atp.ProductCode) map[atp.ProductCode]bool {
	same := map[atp.ProductCode]bool{code: true}
	for range len(o.s.Unifications) + 1 {
		for _, u := range o.s.Unifications {
			if same[u.From] || same[u.To] {
				same[u.From], same[u.To] = true, true
			}
		}
	}
	return same
}

// linesOf are the open lines of an order in sequence; those that tie go by product.
func (o oracle) linesOf(n atp.OrderNumber) []atp.Line {
	var lines []atp.Line
	for _, l := range o.s.Lines {
		if l.Order == n && l.Open >= 1 {
			lines = append(lines, l)
		}
	}
	slices.SortStableFunc(lines, func(a, b atp.Line) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.Key.Product, b.Key.Product))
	})
	return lines
}

func (o oracle) onHand(codes map[atp.ProductCode]bool) *big.Int {
	sum := new(big.Int)
	for _, row := range o.s.Stock {
		if codes[row.Key.Product] {
			sum.Add(sum, whole(row.Quantity))
		}
	}
	return sum
}

// receipts that arrive on D+day.
func (o oracle) receipts(codes map[atp.ProductCode]bool, day int) *big.Int {
	sum := new(big.Int)
	for _, row := range o.s.Receipts {
		if day >= 0 && codes[row.Key.Product] && row.Quantity > 0 && row.Arrives == o.p.Today+atp.Day(day) {
			sum.Add(sum, whole(row.Quantity))
		}
	}
	return sum
}

// reservations that leave on D+day, but not those of order `without`.
func (o oracle) reservations(codes map[atp.ProductCode]bool, day int, without atp.OrderNumber) *big.Int {
	sum := new(big.Int)
	for _, row := range o.s.Reservations {
		ships := row.Ships
		if ships == 0 || ships < o.p.Today {
			ships = o.p.Today
		}
		if codes[row.Key.Product] && row.Quantity > 0 && row.Order != without && ships == o.p.Today+atp.Day(day) {
			sum.Add(sum, whole(row.Quantity))
		}
	}
	return sum
}

// balance is onHand + Σ receipts(s−lead) − reservations(s): S with the lead, PAB with none.
func (o oracle) balance(codes map[atp.ProductCode]bool, day, lead int, without atp.OrderNumber) *big.Int {
	sum := o.onHand(codes)
	for s := 0; s <= day; s++ {
		sum.Add(sum, o.receipts(codes, s-lead))
		sum.Sub(sum, o.reservations(codes, s, without))
	}
	return sum
}

// lowest is min(S(t), …, S(t+W)).
func (o oracle) lowest(codes map[atp.ProductCode]bool, t int, without atp.OrderNumber) *big.Int {
	least := o.balance(codes, t, o.p.Lead, without)
	for d := t; d <= t+o.p.Window; d++ {
		if s := o.balance(codes, d, o.p.Lead, without); s.Cmp(least) < 0 {
			least = s
		}
	}
	return least
}

// gross is the size of all amounts of a product together, which has a limit.
func (o oracle) gross(codes map[atp.ProductCode]bool) *big.Int {
	sum := new(big.Int)
	add := func(code atp.ProductCode, q atp.Quantity) {
		if codes[code] {
			sum.Add(sum, new(big.Int).Abs(whole(q)))
		}
	}
	for _, row := range o.s.Stock {
		add(row.Key.Product, row.Quantity)
	}
	for _, row := range o.s.Reservations {
		add(row.Key.Product, max(row.Quantity, 0))
	}
	for _, row := range o.s.Receipts {
		if row.Arrives != 0 {
			add(row.Key.Product, max(row.Quantity, 0))
		}
	}
	return sum
}

func tooMuch(n *big.Int, bits uint) bool {
	return n.Cmp(new(big.Int).Lsh(big.NewInt(1), bits)) >= 0
}

func (o oracle) order(n atp.OrderNumber) (answer, error) {
	lines := o.linesOf(n)
	if len(lines) == 0 {
		return answer{}, errNotFound
	}
	var t oracleTotals
	var r answer
	for k, l := range lines {
		codes := o.unified(l.Key.Product)
		before := new(big.Int)
		for _, earlier := range lines[:k] {
			if codes[earlier.Key.Product] {
				before.Add(before, whole(earlier.Open))
			}
		}
		if tooMuch(o.gross(codes), 62) || tooMuch(new(big.Int).Add(before, whole(l.Open)), 62) {
			return answer{}, errRange
		}
		a, available := o.line(l, codes, before)
		r.Lines = append(r.Lines, a)
		t.add(l, a, available)
	}
	if t.overflow() {
		return answer{}, errRange
	}
	t.rate(&r, o.p.Criticality)
	o.judge(&r, n)
	return r, nil
}

func (o oracle) line(l atp.Line, codes map[atp.ProductCode]bool, before *big.Int) (lineAnswer, *big.Int) {
	onHand := o.onHand(codes)
	minW := o.lowest(codes, 0, l.Order)
	if onHand.Cmp(minW) < 0 {
		minW = onHand
	}
	cum := new(big.Int).Add(before, whole(l.Open))
	available := new(big.Int).Sub(minW, before)
	if available.Sign() < 0 {
		available.SetInt64(0)
	}
	if available.Cmp(whole(l.Open)) > 0 {
		available.Set(whole(l.Open))
	}
	a := lineAnswer{
		Line: l, OnHand: onHand.String(), Lowest: minW.String(), Available: available.String(),
		Shortage: new(big.Int).Sub(whole(l.Open), available).String(), Short: cum.Cmp(minW) > 0, On: "agora",
		Value: new(big.Int).Mul(whole(l.Open), oraclePrice(l)).String(),
	}
	if a.Short {
		a.On = ""
		for t := 0; t <= o.p.Promise && a.On == ""; t++ {
			if cum.Cmp(o.lowest(codes, t, l.Order)) <= 0 {
				a.On = (o.p.Today + atp.Day(t)).String()
			}
		}
	}
	a.NextOn, a.NextQuantity, a.Overdue = o.supply(codes)
	return a, available
}

func oraclePrice(l atp.Line) *big.Int {
	if !l.Priced || l.Price < 0 {
		return new(big.Int)
	}
	return big.NewInt(int64(l.Price))
}

// supply tells the next receipt and the overdue ones.
func (o oracle) supply(codes map[atp.ProductCode]bool) (on, quantity, overdue string) {
	next, late := atp.Day(0), new(big.Int)
	for _, row := range o.s.Receipts {
		switch {
		case !codes[row.Key.Product] || row.Quantity <= 0 || row.Arrives == 0:
		case row.Arrives < o.p.Today:
			late.Add(late, whole(row.Quantity))
		case next == 0 || row.Arrives < next:
			next = row.Arrives
		}
	}
	if next == 0 {
		return "", "0", late.String()
	}
	return next.String(), o.receipts(codes, int(next-o.p.Today)).String(), late.String()
}

// oracleTotals adds up an order by value and by quantity.
type oracleTotals struct {
	lines, short                         int64
	value, shortValue, availableValue    big.Int
	quantity, shortQuantity, availableBy big.Int
}

func (t *oracleTotals) add(l atp.Line, a lineAnswer, available *big.Int) {
	value := new(big.Int).Mul(whole(l.Open), oraclePrice(l))
	t.lines++
	t.value.Add(&t.value, value)
	t.quantity.Add(&t.quantity, whole(l.Open))
	t.availableValue.Add(&t.availableValue, new(big.Int).Mul(available, oraclePrice(l)))
	t.availableBy.Add(&t.availableBy, available)
	if a.Short {
		t.short++
		t.shortValue.Add(&t.shortValue, value)
		t.shortQuantity.Add(&t.shortQuantity, whole(l.Open))
	}
}

func (t *oracleTotals) overflow() bool { return tooMuch(&t.value, 63) || tooMuch(&t.quantity, 63) }

func (t *oracleTotals) rate(r *answer, limits atp.Thresholds) {
	short, servable, all := &t.shortValue, &t.availableValue, &t.value
	if all.Sign() == 0 {
		short, servable, all = &t.shortQuantity, &t.availableBy, &t.quantity
	}
	percent := func(part, of *big.Int) *big.Rat {
		return new(big.Rat).Mul(new(big.Rat).SetFrac(part, of), big.NewRat(100, 1))
	}
	p := percent(short, all)
	r.PercentShort = halfEven(new(big.Rat).Mul(p, big.NewRat(100, 1))).Int64()
	r.PercentAvailable = honest(new(big.Rat).Sub(big.NewRat(100, 1), p), t.short == t.lines, t.short == 0)
	r.PercentServable = honest(percent(servable, all), t.availableBy.Sign() == 0, t.short == 0)
	r.PercentLines = honest(percent(big.NewInt(t.lines-t.short), big.NewInt(t.lines)), t.short == t.lines, t.short == 0)
	r.Criticality = oracleCriticality(t.short, p, limits)
	r.Value, r.ShortValue = t.value.String(), t.shortValue.String()
	r.AvailableValue = new(big.Int).Sub(&t.value, &t.shortValue).String()
}

// honest rounds a percentage: 0 only if nothing, 100 only if all.
func honest(p *big.Rat, nothing, all bool) int64 {
	n := halfEven(p).Int64()
	if n == 0 && !nothing {
		return 1
	}
	if n == 100 && !all {
		return 99
	}
	return n
}

// halfEven rounds r ≥ 0 to a whole number.
func halfEven(r *big.Rat) *big.Int {
	down := new(big.Int).Div(r.Num(), r.Denom())
	rest := new(big.Rat).Sub(r, new(big.Rat).SetInt(down))
	c := rest.Cmp(big.NewRat(1, 2))
	if c > 0 || (c == 0 && down.Bit(0) == 1) {
		down.Add(down, big.NewInt(1))
	}
	return down
}

func oracleCriticality(n int64, p *big.Rat, limits atp.Thresholds) string {
	atMost := func(percent int) bool { return p.Cmp(big.NewRat(int64(percent), 100)) <= 0 }
	switch {
	case n == 0:
		return ""
	case n <= int64(limits.Low.Lines) && atMost(limits.Low.Percent):
		return "BAIXA"
	case n <= int64(limits.Medium.Lines) && atMost(limits.Medium.Percent):
		return "MEDIA"
	case n > int64(limits.Critical.Lines) && !atMost(limits.Critical.Percent):
		return "CRITICA"
	}
	return "ALTA"
}

func (o oracle) judge(r *answer, n atp.OrderNumber) {
	r.Whole = "agora"
	for _, l := range r.Lines {
		switch {
		case l.On == "":
			r.Whole = ""
		case l.On != "agora" && r.Whole != "" && (r.Whole == "agora" || l.On > r.Whole):
			r.Whole = l.On
		}
	}
	need := o.need(n)
	r.Need = need.String()
	if need == 0 {
		return
	}
	r.Punctuality = atp.Late
	if r.Whole == "" {
		return
	}
	on := o.p.Today
	if r.Whole != "agora" {
		on, _ = atp.ParseDay(r.Whole)
	}
	if on <= need {
		r.Punctuality = atp.OnTime
		return
	}
	r.DaysLate = int(on - need)
}

func (o oracle) need(n atp.OrderNumber) atp.Day {
	need := atp.Day(math.MaxInt32)
	for _, row := range o.s.Reservations {
		if row.Order == n && row.Quantity > 0 && row.Ships != 0 && int(o.p.Today-row.Ships) <= o.p.StaleDays {
			need = min(need, row.Ships)
		}
	}
	if need != math.MaxInt32 {
		return need
	}
	for _, h := range o.s.Orders {
		if h.Number == n {
			return h.Requested
		}
	}
	return 0
}

// answerOf puts a result into the oracle's form.
func answerOf(r atp.Result) answer {
	text := func(q atp.Quantity) string { return whole(q).String() }
	worth := func(v atp.Value) string { return big.NewInt(int64(v)).String() }
	a := answer{
		Value: worth(r.Value), ShortValue: worth(r.ShortValue), AvailableValue: worth(r.AvailableValue),
		PercentShort: int64(r.PercentShort), PercentAvailable: int64(r.PercentAvailable), PercentServable: int64(r.PercentServable),
		PercentLines: int64(r.PercentLines), Criticality: r.Criticality.String(), Whole: promiseText(r.Whole), Need: r.Need.String(),
		Punctuality: r.Punctuality, DaysLate: r.DaysLate,
	}
	for _, l := range r.Lines {
		a.Lines = append(a.Lines, lineAnswer{
			Line: *l.Line, OnHand: text(l.OnHand), Lowest: text(l.Lowest), Available: text(l.Shippable), Shortage: text(l.Shortage),
			Short: l.Short, On: promiseText(l.AvailableOn), NextOn: l.Next.Arrives.String(), NextQuantity: text(l.Next.Quantity),
			Overdue: text(l.Overdue), Value: worth(l.Value),
		})
	}
	return a
}

// tb is what testing and rapid have in common.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// agree compares the package with the oracle for every order that could be.
func agree(t tb, c randomCase) {
	t.Helper()
	b, err := atp.NewBook(&c.snapshot, c.params)
	if err != nil {
		t.Fatalf("NewBook: %v", err)
	}
	for _, n := range append(someOrders(), outsider) {
		want, wantErr := oracle{&c.snapshot, c.params}.order(n)
		got, err := b.Analyze(n)
		switch {
		case errors.Is(wantErr, errNotFound):
			if !errors.Is(err, atp.ErrOrderNotFound) || b.Has(n) {
				t.Errorf("Analyze(%s) = %v, Has %v; want ErrOrderNotFound", n, err, b.Has(n))
			}
		case errors.Is(wantErr, errRange):
			if !errors.Is(err, atp.ErrOverflow) {
				t.Errorf("Analyze(%s) = %v, want ErrOverflow", n, err)
			}
		case err != nil:
			t.Errorf("Analyze(%s): %v", n, err)
		default:
			if diff := gocmp.Diff(want, answerOf(got)); diff != "" {
				t.Errorf("order %s under %+v (-oracle +package):\n%s", n, c.params, diff)
			}
			checkInvariants(t, got)
		}
	}
}

// checkInvariants are what holds of every result, whatever the book.
func checkInvariants(t tb, r atp.Result) {
	t.Helper()
	var value atp.Value
	for _, l := range r.Lines {
		value += l.Value
		if l.Shippable+l.Shortage != l.Open || l.Shippable < 0 || l.Shortage < 0 {
			t.Errorf("available %s and short %s do not add up to %s", l.Shippable, l.Shortage, l.Open)
		}
		if l.Short != (l.Shortage > 0) || l.Short == l.AvailableOn.Now() {
			t.Errorf("short %v with a shortage of %s and date %+v", l.Short, l.Shortage, l.AvailableOn)
		}
	}
	if value != r.Value || r.ShortValue+r.AvailableValue != r.Value {
		t.Errorf("values: lines %d, order %d = short %d + available %d", value, r.Value, r.ShortValue, r.AvailableValue)
	}
	if r.Short+r.Available != len(r.Lines) {
		t.Errorf("%d short and %d available of %d lines", r.Short, r.Available, len(r.Lines))
	}
	for _, p := range []int{r.PercentAvailable, r.PercentServable, r.PercentLines} {
		if p < 0 || p > 100 || (p == 100) != (r.Short == 0) {
			t.Errorf("%d %% with %d lines short", p, r.Short)
		}
	}
	if (r.PercentAvailable == 0) != (r.Available == 0) {
		t.Errorf("0 %% available: %d, with %d lines available", r.PercentAvailable, r.Available)
	}
}

func TestAnswersAreThoseOfTheOracle(t *testing.T) {
	for name, amounts := range map[string]func(chooser) atp.Quantity{"modest": modest, "wild": wild} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) { agree(t, randomBook(drawn{t}, amounts)) }))
	}
}

func FuzzAnalyze(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("every byte is a choice: unifications, lines, stock, reservations, receipts and their days"))
	long := make([]byte, 400)
	for i := range long {
		long[i] = byte(i*i + i/7)
	}
	f.Add(long)
	f.Fuzz(func(t *testing.T, choices []byte) { agree(t, randomBook(&byteChooser{choices}, wild)) })
}
