package atp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/atp"
)

// allocate serves a snapshot under the default parameters and priority.
func allocate(t tb, s atp.Snapshot, policy atp.Policy) *atp.Allocation {
	t.Helper()
	b, err := atp.NewBook(&s, atp.DefaultParams(d0))
	if err != nil {
		t.Fatalf("%v", err)
	}
	a, err := b.Allocate(policy, atp.DefaultPriority())
	if err != nil {
		t.Fatalf("%v", err)
	}
	return a
}

// told is an order's answer in a few words: each line's product, "ok" or what is short and when it
// comes, and whether it waits.
func told(t tb, a *atp.Allocation, order string) string {
	t.Helper()
	r, err := a.Answer(atp.OrderNumber(order))
	if err != nil {
		t.Fatalf("%v", err)
	}
	lines := make([]string, len(r.Lines))
	for i, l := range r.Lines {
		lines[i] = string(l.Key.Product) + " ok"
		if l.Short {
			lines[i] = fmt.Sprintf("%s short %s on %q", l.Key.Product, l.Shortage, promiseText(l.AvailableOn))
		}
		if l.Waits {
			lines[i] += " waits"
		}
	}
	return strings.Join(lines, ", ")
}

// TestWorkedExamplesTogether is calculation §9, row by row.
func TestWorkedExamplesTogether(t *testing.T) {
	q := func(n int) atp.Quantity { return atp.Quantity(n) * unit }
	for _, tc := range []struct {
		name   string
		policy atp.Policy
		s      atp.Snapshot
		want   map[string]string
	}{
		{"1 whole lines or nothing", atp.WholeLines, atp.Snapshot{
			Stock: []atp.Stock{stock("P", q(100))},
			Lines: []atp.Line{line("O1", "P", 1, q(60), 1), line("O2", "P", 1, q(60), 1), line("O3", "P", 1, q(40), 1)},
		}, map[string]string{"O1": "P ok", "O2": `P short 60 on ""`, "O3": "P ok"}},
		{"2 a receipt reserved by who came first", atp.WholeLines, atp.Snapshot{
			Stock: []atp.Stock{stock("P", q(100))}, Receipts: []atp.Receipt{receipt("P", q(50), d0+4)},
			Lines: []atp.Line{line("O1", "P", 1, q(60), 1), line("O2", "P", 1, q(60), 1), line("O3", "P", 1, q(40), 1)},
		}, map[string]string{"O1": "P ok", "O2": `P short 60 on "2026-03-07"`, "O3": `P short 40 on ""`}},
		{"3 set aside for both", atp.WholeLines, atp.Snapshot{
			Stock:        []atp.Stock{stock("P", q(50))},
			Lines:        []atp.Line{line("O1", "P", 1, q(40), 1), line("O2", "P", 1, q(40), 1)},
			Reservations: []atp.Reservation{reserve("O1", "P", q(40), d0+1), reserve("O2", "P", q(40), d0+1)},
		}, map[string]string{"O1": "P ok", "O2": `P short 30 on ""`}},
		{"4 a late reservation from outside changes nothing", atp.WholeLines, atp.Snapshot{
			Stock: []atp.Stock{stock("P", q(10))}, Receipts: []atp.Receipt{receipt("P", q(100), d0+15)},
			Lines:        []atp.Line{line("O1", "P", 1, q(50), 1), line("O2", "P", 1, q(5), 1)},
			Reservations: []atp.Reservation{reserve("X", "P", q(20), d0+12)},
		}, map[string]string{"O1": `P short 50 on "2026-03-18"`, "O2": "P ok"}},
		{"5 set aside now and later", atp.WholeLines, atp.Snapshot{
			Stock: []atp.Stock{stock("P", q(20))}, Receipts: []atp.Receipt{receipt("P", q(50), d0+5)},
			Lines:        []atp.Line{line("O1", "P", 1, q(50), 1), line("O2", "P", 1, q(20), 1)},
			Reservations: []atp.Reservation{reserve("O1", "P", q(50), d0+2)},
		}, map[string]string{"O1": `P short 30 on "2026-03-08"`, "O2": `P short 20 on "2026-03-08"`}},
		{"6 a line counts against those after it", atp.WholeLines, atp.Snapshot{
			Stock: []atp.Stock{stock("P", q(40))},
			Lines: []atp.Line{line("O1", "P", 1, q(60), 1), line("O1", "P", 2, q(40), 1)},
		}, map[string]string{"O1": `P short 60 on "", P short 40 on ""`}},
		{"7 what is set aside goes first", atp.WholeLines, atp.Snapshot{
			Orders:       []atp.Order{{Number: "O1", Important: true}, {Number: "O2"}},
			Stock:        []atp.Stock{stock("P", q(100))},
			Lines:        []atp.Line{line("O1", "P", 1, q(50), 1), line("O2", "P", 1, q(70), 1)},
			Reservations: []atp.Reservation{reserve("O2", "P", q(70), d0+3)},
		}, map[string]string{"O1": `P short 50 on ""`, "O2": "P ok"}},
		{"8 parts", atp.Parts, atp.Snapshot{
			Stock: []atp.Stock{stock("P", q(100))},
			Lines: []atp.Line{line("O1", "P", 1, q(60), 1), line("O2", "P", 1, q(60), 1)},
		}, map[string]string{"O1": "P ok", "O2": `P short 20 on ""`}},
		{"9 whole orders", atp.WholeOrders, atp.Snapshot{
			Stock: []atp.Stock{stock("P", q(10)), stock("Q", 0)}, Receipts: []atp.Receipt{receipt("Q", q(10), d0+3)},
			Lines: []atp.Line{line("O1", "P", 1, q(10), 1), line("O1", "Q", 2, q(10), 1), line("O2", "P", 1, q(10), 1)},
		}, map[string]string{"O1": `P ok waits, Q short 10 on "2026-03-06"`, "O2": `P short 10 on ""`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := allocate(t, tc.s, tc.policy)
			got := map[string]string{}
			for order := range tc.want {
				got[order] = told(t, a, order)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
