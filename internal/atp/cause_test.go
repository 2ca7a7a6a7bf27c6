package atp_test

import (
	"fmt"
	"testing"

	"ruptura/internal/atp"
)

// TestCauses are the cases that docs/calculation.md §8 tells apart; each asks about order Z.
func TestCauses(t *testing.T) {
	q := func(n int) atp.Quantity { return atp.Quantity(n) * unit }
	for _, tc := range []struct {
		name   string
		policy atp.Policy
		s      atp.Snapshot
		want   string
	}{
		{"of equals the lesser number", atp.WholeLines, atp.Snapshot{
			Orders: []atp.Order{{Number: "B", Important: true}}, // served before A
			Stock:  []atp.Stock{stock("P", q(20))},
			Lines:  []atp.Line{line("A", "P", 1, q(10), 1), line("B", "P", 1, q(10), 1), line("Z", "P", 1, q(5), 1)},
		}, "A 10 of P"},
		{"reservations and lines of one order together", atp.WholeLines, atp.Snapshot{
			Orders:       []atp.Order{{Number: "B", Client: "ACME"}},
			Stock:        []atp.Stock{stock("P", q(27))},
			Lines:        []atp.Line{line("A", "P", 1, q(12), 1), line("B", "P", 1, q(15), 1), line("Z", "P", 1, q(5), 1)},
			Reservations: []atp.Reservation{reserve("B", "P", q(8), d0+1)},
		}, "B 15 of P for ACME"},
		{"somebody outside the book", atp.Parts, atp.Snapshot{
			Stock:        []atp.Stock{stock("P", q(10))},
			Lines:        []atp.Line{line("Z", "P", 1, q(5), 1)},
			Reservations: []atp.Reservation{reserve("X", "P", q(4), d0), reserve("X", "P", q(5), d0+7)},
			Orders:       []atp.Order{{Number: "X", Client: "Gama"}},
		}, ""}, // alone they count as well
		{"short either way, but later", atp.WholeLines, atp.Snapshot{
			Receipts: []atp.Receipt{receipt("P", q(10), d0+2), receipt("P", q(10), d0+6)},
			Lines:    []atp.Line{line("A", "P", 1, q(10), 1), line("Z", "P", 1, q(10), 1)},
		}, "A 10 of P"},
		{"the line that is worth most", atp.WholeLines, atp.Snapshot{
			Stock: []atp.Stock{stock("P", q(10)), stock("Q", q(10))},
			Lines: []atp.Line{
				line("A", "P", 1, q(10), 1), line("B", "Q", 1, q(10), 1), line("Z", "P", 1, q(5), 100), line("Z", "Q", 2, q(6), 100),
			},
		}, "B 10 of Q"},
		{"its own lines are nobody's doing", atp.WholeOrders, atp.Snapshot{
			Stock:    []atp.Stock{stock("P", q(10))},
			Receipts: []atp.Receipt{receipt("P", q(10), d0+2), receipt("Q", q(10), d0+9)},
			Lines:    []atp.Line{line("A", "P", 1, q(10), 1), line("Y", "P", 1, q(1), 1), line("Z", "P", 1, q(4), 1), line("Z", "Q", 2, q(1), 1)},
			Orders:   []atp.Order{{Number: "Z", Important: true}},
		}, ""},
		{"not itself, however much it holds", atp.WholeLines, atp.Snapshot{
			Orders:       []atp.Order{{Number: "A", Important: true}},
			Stock:        []atp.Stock{stock("P", q(25))},
			Lines:        []atp.Line{line("A", "P", 1, q(5), 1), line("Z", "P", 1, q(25), 1)},
			Reservations: []atp.Reservation{reserve("Z", "P", q(8), d0), reserve("Z", "P", q(7), d0+1)},
		}, "A 5 of P"},
		{"fine", atp.WholeLines, atp.Snapshot{
			Stock: []atp.Stock{stock("P", q(10))},
			Lines: []atp.Line{line("A", "P", 1, q(5), 1), line("Z", "P", 1, q(5), 1)},
		}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := allocate(t, tc.s, tc.policy)
			together, err := a.Answer("Z")
			if err != nil {
				t.Fatal(err)
			}
			alone, err := a.Book().Analyze("Z")
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if c, ok := a.Cause(&together, &alone); ok {
				if got = fmt.Sprintf("%s %s of %s", c.Order, c.Quantity, c.Line.Key.Product); c.Client != "" {
					got += " for " + c.Client
				}
			}
			if got != tc.want {
				t.Errorf("the cause is %q, want %q", got, tc.want)
			}
		})
	}
}
