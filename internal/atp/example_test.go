package atp_test

import (
	"fmt"
	"time"

	"ruptura/internal/atp"
)

// An order of two lines: one is there, the other waits for a receipt that arrives on Thursday
// and ships on Friday, two days after the goods are needed.
func Example() {
	today := atp.NewDay(2026, time.March, 2)
	cheese, jam := atp.StockKey{Product: "00500"}, atp.StockKey{Product: "00710"}
	snapshot := atp.Snapshot{
		Orders: []atp.Order{{Number: "VCD1", Requested: today + 2}},
		Lines: []atp.Line{
			{Order: "VCD1", Number: 1, Key: cheese, Name: "Queijo minas", Open: 20_000, Price: 35_90, Priced: true},
			{Order: "VCD1", Number: 2, Key: jam, Name: "Goiabada", Open: 30_000, Price: 12_00, Priced: true},
		},
		Stock:    []atp.Stock{{Key: cheese, Quantity: 100_000}, {Key: jam, Quantity: 8_000}},
		Receipts: []atp.Receipt{{Key: jam, Quantity: 60_000, Arrives: today + 3}},
	}

	book, err := atp.NewBook(&snapshot, atp.DefaultParams(today))
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := book.Analyze("VCD1")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range result.Lines {
		fmt.Printf("%s: %s of %s now, short: %t, shortage %s\n", l.Name, l.Shippable, l.Open, l.Short, l.Shortage)
	}
	fmt.Printf("short: R$ %s of %s, %s %%\n", result.ShortValue.Money(), result.Value.Money(), atp.Money(result.PercentShort))
	fmt.Printf("%d %% available, %d %% with parts of lines, %s\n", result.PercentAvailable, result.PercentServable, result.Criticality)
	fmt.Printf("whole on %v, needed on %v, %d days late\n", result.Whole.Day(), result.Need, result.DaysLate)
	// Output:
	// Queijo minas: 20 of 20 now, short: false, shortage 0
	// Goiabada: 8 of 30 now, short: true, shortage 22
	// short: R$ 360 of 1078, 33.4 %
	// 67 % available, 76 % with parts of lines, ALTA
	// whole on 2026-03-06, needed on 2026-03-04, 2 days late
}

func ExampleProject() {
	today := atp.NewDay(2026, time.March, 2)
	old, current := atp.StockKey{Product: "500"}, atp.StockKey{Product: "00500"}
	snapshot := atp.Snapshot{
		Unifications: []atp.Unification{{From: "500", To: "00500"}},
		Stock:        []atp.Stock{{Key: old, Quantity: 10_000}, {Key: current, Quantity: 30_000}},
		Reservations: []atp.Reservation{{Order: "VCD7", Key: old, Quantity: 50_000, Ships: today + 1}},
		Receipts:     []atp.Receipt{{Key: current, Quantity: 25_500, Arrives: today + 1}},
	}

	projection, err := atp.Project(&snapshot, atp.DefaultParams(today), "00500", 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("codes:", projection.Codes, "on hand:", projection.OnHand)
	for _, d := range projection.Days {
		fmt.Printf("%v: out %s, in %s, closing %s, can ship %s\n", d.Day, d.Out, d.In, d.Closing, d.Shippable)
	}
	fmt.Println("first below zero:", projection.FirstNegative)
	// Output:
	// codes: [00500 500] on hand: 40
	// 2026-03-02: out 0, in 0, closing 40, can ship 40
	// 2026-03-03: out 50, in 25.5, closing 15.5, can ship -10
	// 2026-03-04: out 0, in 0, closing 15.5, can ship 15.5
	// first below zero: 2026-03-03
}

func ExampleParseQuantity() {
	q, err := atp.ParseQuantity("12.50")
	fmt.Println(q, int64(q), err)
	_, err = atp.ParseQuantity("0.0001")
	fmt.Println(err)
	// Output:
	// 12.5 12500 <nil>
	// "0.0001" has more than 3 decimals: atp: not a decimal number
}

func ExampleParseDay() {
	d, err := atp.ParseDay("2026-02-28")
	fmt.Println(d+1, err)
	_, err = atp.ParseDay("2026-02-30")
	fmt.Println(err)
	// Output:
	// 2026-03-01 <nil>
	// "2026-02-30": atp: not a date (expected YYYY-MM-DD)
}

func ExampleValue_Money() {
	value, err := atp.NewValue(333, 25) // 0.333 at R$ 0,25
	fmt.Println(value.Money(), err)
	half, err := atp.NewValue(500, 25) // 0.5 × 0.25 = 0.125: the even neighbour is 0.12
	fmt.Println(half.Money(), err)
	// Output:
	// 0.08 <nil>
	// 0.12 <nil>
}
