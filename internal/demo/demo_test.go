package demo_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/demo"
)

var today = atp.NewDay(2026, time.March, 2)

// rows is a dataset.Writer that remembers everything.
type rows struct {
	Orders       []dataset.Order
	Items        []dataset.Item
	Movements    []dataset.Movement
	Reservations []dataset.Reservation
	Receipts     []dataset.Receipt
	Unifications []dataset.Unification
}

func (r *rows) Order(o dataset.Order) error       { r.Orders = append(r.Orders, o); return nil }
func (r *rows) Item(i dataset.Item) error         { r.Items = append(r.Items, i); return nil }
func (r *rows) Movement(m dataset.Movement) error { r.Movements = append(r.Movements, m); return nil }
func (r *rows) Reservation(v dataset.Reservation) error {
	r.Reservations = append(r.Reservations, v)
	return nil
}
func (r *rows) Receipt(v dataset.Receipt) error { r.Receipts = append(r.Receipts, v); return nil }
func (r *rows) Unification(u dataset.Unification) error {
	r.Unifications = append(r.Unifications, u)
	return nil
}

func (r *rows) snapshot() *atp.Snapshot {
	s := &atp.Snapshot{}
	for _, o := range r.Orders {
		s.Orders = append(s.Orders, atp.Order{Number: o.Number, Client: o.Client, Ordered: o.Ordered, Requested: o.Requested, Important: o.Important})
	}
	for _, i := range r.Items {
		s.Lines = append(s.Lines, atp.Line{
			Order: i.Order, Number: i.Line, Key: atp.StockKey{Product: i.Product}, Name: i.Name, Open: i.Open, Price: i.Price, Priced: i.Priced,
		})
	}
	for _, m := range r.Movements {
		s.Stock = append(s.Stock, atp.Stock{Key: atp.StockKey{Product: m.Product}, Quantity: m.Quantity})
	}
	for _, v := range r.Reservations {
		s.Reservations = append(s.Reservations, atp.Reservation{
			Order: v.Order, Lot: v.Lot, Key: atp.StockKey{Product: v.Product}, Quantity: v.Quantity, Ships: v.Ships,
		})
	}
	for _, v := range r.Receipts {
		s.Receipts = append(s.Receipts, atp.Receipt{Key: atp.StockKey{Product: v.Product}, Quantity: v.Quantity, Arrives: v.Arrives})
	}
	for _, u := range r.Unifications {
		s.Unifications = append(s.Unifications, atp.Unification{From: u.From, To: u.To})
	}
	return s
}

func generate(t testing.TB, cfg demo.Config) *rows {
	t.Helper()
	r := &rows{}
	if err := demo.Generate(cfg, r); err != nil {
		t.Fatal(err)
	}
	return r
}

func analyze(t *testing.T, r *rows) []atp.Result {
	t.Helper()
	book, err := atp.NewBook(r.snapshot(), atp.DefaultParams(today))
	if err != nil {
		t.Fatal(err)
	}
	results := make([]atp.Result, 0, len(r.Orders))
	for _, o := range r.Orders {
		res, err := book.Analyze(o.Number)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, res)
	}
	return results
}

// states counts the orders, and the lines, in each state that the program can show.
func states(results []atp.Result) map[string]int {
	n := map[string]int{}
	for _, r := range results {
		n["order "+orderState(r)]++
		n["criticality "+r.Criticality.String()]++
		n["punctuality "+[...]string{"unknown", "on time", "late"}[r.Punctuality]]++
		if r.Short > 0 && r.Punctuality == atp.OnTime {
			n["short but on time"]++
		}
		if r.DaysLate > 0 {
			n["late by days"]++
		}
		if r.Value == 0 {
			n["order without value"]++
		}
		for _, l := range r.Lines {
			n["line "+lineState(l)]++
			if l.Overdue > 0 && l.Short {
				n["short line with overdue production"]++
			}
			if l.OnHand < 0 {
				n["line of negative stock"]++
			}
			if !l.Priced {
				n["line without price"]++
			}
		}
	}
	return n
}

func orderState(r atp.Result) string {
	switch {
	case r.Whole.Now():
		return "now"
	case r.Available == 0:
		return "wholly unavailable"
	case r.Whole.InSight():
		return "total with date"
	}
	return "total without date"
}

func lineState(l atp.LineResult) string {
	switch {
	case !l.Short:
		return "available"
	case l.Shippable > 0 && l.AvailableOn.InSight():
		return "partial with date"
	case l.Shippable > 0:
		return "partial without date"
	case l.AvailableOn.InSight():
		return "none with date"
	}
	return "none without date"
}

func TestMixShowsEveryState(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  demo.Config
	}{
		{"the default", demo.Config{Seed: 1, Today: today}},
		{"another seed", demo.Config{Seed: 20260302, Today: today}},
		{"small", demo.Config{Orders: 120, Movements: 1000, Seed: 7, Today: today}},
		{"large", demo.Config{Orders: 5000, Movements: 4000, Seed: 3, Today: today}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			results := analyze(t, generate(t, tc.cfg))
			n := states(results)
			t.Log(n)
			if share := n["order now"] * 100 / len(results); share < 40 || share > 50 {
				t.Errorf("%d %% of the orders are fine, want 40 to 50", share)
			}
			for _, want := range []string{
				"order wholly unavailable", "order total with date", "order total without date",
				"criticality BAIXA", "criticality MEDIA", "criticality ALTA", "criticality CRITICA",
				"punctuality on time", "punctuality late", "punctuality unknown", "short but on time", "late by days",
				"line partial with date", "line partial without date", "line none with date", "line none without date",
				"short line with overdue production", "line of negative stock", "line without price",
			} {
				if n[want] == 0 {
					t.Errorf("no %s", want)
				}
			}
		})
	}
}

func TestSameSeedSameCompany(t *testing.T) {
	cfg := demo.Config{Orders: 200, Movements: 2000, Seed: 42, Today: today}
	a, b := generate(t, cfg), generate(t, cfg)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
	cfg.Seed++
	if cmp.Equal(a, generate(t, cfg)) {
		t.Error("another seed gave the same company")
	}
}

func TestMovementsChangeOnlyTheLedger(t *testing.T) {
	cfg := demo.Config{Orders: 100, Movements: 500, Seed: 5, Today: today}
	few := generate(t, cfg)
	cfg.Movements = 5000
	many := generate(t, cfg)
	if len(few.Movements) != 500 || len(many.Movements) != 5000 {
		t.Errorf("%d and %d movements, want 500 and 5000", len(few.Movements), len(many.Movements))
	}
	if diff := cmp.Diff(balances(few), balances(many)); diff != "" {
		t.Errorf("balances differ: %s", diff)
	}
	few.Movements, many.Movements = nil, nil
	if diff := cmp.Diff(few, many); diff != "" {
		t.Error(diff)
	}
}

func balances(r *rows) map[atp.ProductCode]atp.Quantity {
	sum := map[atp.ProductCode]atp.Quantity{}
	for _, m := range r.Movements {
		sum[m.Product] += m.Quantity
	}
	return sum
}

func TestRowsAreWellFormed(t *testing.T) {
	r := generate(t, demo.Config{Seed: 11, Today: today})
	numbers := map[atp.OrderNumber]bool{}
	for _, o := range r.Orders {
		if numbers[o.Number] || !strings.HasPrefix(string(o.Number), "VCD2") {
			t.Fatalf("order number %q", o.Number)
		}
		numbers[o.Number] = true
		if !validTaxID(o.TaxID) {
			t.Errorf("CNPJ %q has wrong check digits", o.TaxID)
		}
		if o.Ordered > today || o.Requested.Known() && o.Requested < o.Ordered {
			t.Errorf("order %s of %s is requested for %s", o.Number, o.Ordered, o.Requested)
		}
	}
	if lines := len(r.Items); lines < 7*len(r.Orders) || lines > 9*len(r.Orders) {
		t.Errorf("%d lines for %d orders, want about 8 each", lines, len(r.Orders))
	}
	for _, i := range r.Items {
		if i.Open <= 0 || i.Price < 0 || i.Priced != (i.Price > 0) || len(i.Name) > 60 {
			t.Fatalf("item %+v", i)
		}
	}
	kinds := map[string]int{}
	for _, v := range r.Reservations {
		kinds[map[bool]string{true: "in the book", false: "of other orders"}[numbers[v.Order]]]++
		switch {
		case !v.Ships.Known():
			kinds["undated"]++
		case v.Ships < today-60:
			kinds["stale"]++
		case v.Ships < today:
			kinds["overdue"]++
		}
	}
	for _, k := range []string{"in the book", "of other orders", "undated", "stale", "overdue"} {
		if kinds[k] == 0 {
			t.Errorf("no reservation is %s", k)
		}
	}
}

// validTaxID checks a CNPJ by the published weights, written out.
func validTaxID(s string) bool {
	digits := strings.NewReplacer(".", "", "/", "", "-", "").Replace(s)
	if len(digits) != 14 || len(s) != 18 {
		return false
	}
	weights := []int{6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2}
	for n := 12; n < 14; n++ {
		sum := 0
		for i := range n {
			sum += int(digits[i]-'0') * weights[len(weights)-n+i]
		}
		want := (11 - sum%11) % 11 % 10
		if sum%11 < 2 {
			want = 0
		}
		if int(digits[n]-'0') != want {
			return false
		}
	}
	return true
}

func TestUnificationHasAChainAndACycle(t *testing.T) {
	r := generate(t, demo.Config{Orders: 10, Seed: 1, Today: today})
	next := map[atp.ProductCode]atp.ProductCode{}
	for _, u := range r.Unifications {
		next[u.From] = u.To
	}
	longest, cycles := 0, 0
	for _, u := range r.Unifications {
		steps, at := 0, u.From
		for next[at] != "" && steps < 10 {
			at = next[at]
			steps++
			if at == u.From {
				cycles++
				break
			}
		}
		longest = max(longest, steps)
	}
	if cycles == 0 || longest < 3 {
		t.Errorf("longest chain %d, codes on a cycle %d", longest, cycles)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, cfg := range map[string]demo.Config{
		"no day":            {Orders: 10},
		"negative orders":   {Orders: -1, Today: today},
		"too many orders":   {Orders: demo.MaxOrders + 1, Today: today},
		"negative ledger":   {Movements: -1, Today: today},
		"too long a ledger": {Movements: demo.MaxMovements + 1, Today: today},
	} {
		if err := demo.Generate(cfg, &rows{}); !errors.Is(err, demo.ErrConfig) {
			t.Errorf("%s: error %v, want ErrConfig", name, err)
		}
	}
}

func TestSmallestCompany(t *testing.T) {
	r := generate(t, demo.Config{Orders: 1, Movements: 1, Today: today})
	if len(r.Orders) != 1 || len(r.Items) == 0 {
		t.Errorf("%d orders, %d items", len(r.Orders), len(r.Items))
	}
}

func TestWriteCSVRefusesToOverwrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "for it")
	cfg := demo.Config{Orders: 20, Movements: 200, Seed: 9, Today: today}
	if err := demo.WriteCSV(dir, cfg, false); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, "itens.csv"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Seed++
	if err := demo.WriteCSV(dir, cfg, false); !errors.Is(err, demo.ErrExists) {
		t.Fatalf("error %v, want ErrExists", err)
	}
	after, err := os.ReadFile(filepath.Join(dir, "itens.csv"))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed (%v)", err)
	}
	if err := demo.WriteCSV(dir, cfg, true); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if err := demo.Generate(demo.Config{Seed: 1, Today: today}, &rows{}); err != nil {
			b.Fatal(err)
		}
	}
}
