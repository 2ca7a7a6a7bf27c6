package sourcetest

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// readCase is an order book and what is asked of it; the answer is the reference's.
type readCase struct {
	name string
	data Data
	ask  source.Query
	// lines is how many lines must come back: a check on the case itself.
	lines int
}

var readCases = []readCase{
	{name: "empty base, one order", ask: source.Query{Orders: []atp.OrderNumber{"A"}}},
	{name: "empty base, all", ask: source.Query{All: true}},
	{name: "nothing asked", data: Data{Items: []dataset.Item{item("A", 1, "P", 1)}}},
	{
		name:  "unknown orders are absent",
		data:  Data{Items: []dataset.Item{item("A", 1, "P", 1), item("B", 1, "P", 1)}},
		ask:   source.Query{Orders: []atp.OrderNumber{"X", "A", "a", "A ", ""}},
		lines: 1,
	},
	{
		name:  "an order asked for twice comes once",
		data:  Data{Items: []dataset.Item{item("A", 1, "P", 1)}},
		ask:   source.Query{Orders: []atp.OrderNumber{"A", "A"}},
		lines: 1,
	},
	{
		name:  "a product twice in an order",
		data:  Data{Items: []dataset.Item{item("A", 2, "P", 5), item("A", 1, "P", 3)}, Stock: []dataset.Movement{stock("P", 7)}},
		ask:   source.Query{Orders: []atp.OrderNumber{"A"}},
		lines: 2,
	},
	{
		name: "lines without open quantity do not exist",
		data: Data{
			Orders:       []dataset.Order{{Number: "B", Client: "b"}},
			Items:        []dataset.Item{item("A", 1, "P", 0), item("A", 2, "Q", -3), item("A", 3, "R", 1), item("B", 1, "P", 0)},
			Reservations: []dataset.Reservation{reserved("X", "P", 1, today)},
		},
		ask:   source.Query{All: true},
		lines: 1,
	},
	{
		name: "unification is transitive and may be a cycle",
		data: Data{
			Items: []dataset.Item{item("A", 1, "P3", 1)},
			Stock: []dataset.Movement{stock("P1", 1), stock("P2", 2), stock("P3", 3), stock("P4", 4), stock("Z", 9)},
			Unifications: []dataset.Unification{
				{From: "P1", To: "P2"}, {From: "P2", To: "P3"}, {From: "P3", To: "P1"}, {From: "P4", To: "P1"},
				{From: "P4", To: "P4"}, {From: "Z", To: "Y"},
			},
			Receipts: []dataset.Receipt{{Product: "P4", Arrives: today, Quantity: 5}, {Product: "Y", Arrives: today, Quantity: 5}},
		},
		ask:   source.Query{Orders: []atp.OrderNumber{"A"}},
		lines: 1,
	},
	{
		name: "leading zeros and letters count",
		data: Data{
			Items: []dataset.Item{item("0100", 1, "00500", 1), item("100", 1, "500", 1)},
			Stock: []dataset.Movement{stock("00500", 1), stock("500", 2), stock("500A", 3), stock("500a", 4)},
		},
		ask:   source.Query{Orders: []atp.OrderNumber{"0100"}},
		lines: 1,
	},
	{
		name: "reservations: own, of others, of products not in the order, overdue and undated",
		data: Data{
			Items: []dataset.Item{item("A", 1, "P", 1), item("B", 1, "Q", 1)},
			Reservations: []dataset.Reservation{
				reserved("A", "P", 1, today), reserved("A", "Q", 2, today+1), reserved("B", "P", 3, today-10),
				reserved("B", "Q", 4, today), reserved("GONE", "P", 5, 0), reserved("GONE", "Z", 6, 0), reserved("A", "P", -1, today),
				reserved("A", "P", 1, today), // the same row again is another reservation
			},
		},
		ask:   source.Query{Orders: []atp.OrderNumber{"A"}},
		lines: 1,
	},
	{name: "holders of reservations, open or not", data: held(), ask: source.Query{Orders: []atp.OrderNumber{"A", "SHIPPED"}, Holders: true}, lines: 1},
	{name: "holders of a product's reservations", data: held(), ask: source.Query{Products: []atp.ProductCode{"P"}, Holders: true}},
	{name: "holders of all reservations that matter", data: held(), ask: source.Query{All: true, Holders: true}, lines: 2},
	{
		name: "receipts: early, undated, zero",
		data: Data{
			Items: []dataset.Item{item("A", 1, "P", 1)},
			Receipts: []dataset.Receipt{
				{Product: "P", Arrives: today - 30, Quantity: 1000, Line: "L1"}, {Product: "P", Quantity: 2000},
				{Product: "P", Arrives: today, Quantity: 0}, {Product: "Q", Arrives: today, Quantity: 1},
			},
		},
		ask:   source.Query{Orders: []atp.OrderNumber{"A"}},
		lines: 1,
	},
	{
		name: "products alone, and their unified codes",
		data: Data{
			Items:        []dataset.Item{item("A", 1, "P", 1)},
			Stock:        []dataset.Movement{stock("P", 1), stock("Q", -2), stock("R", 3)},
			Reservations: []dataset.Reservation{reserved("A", "P", 1, today), reserved("A", "R", 1, today)},
			Unifications: []dataset.Unification{{From: "Q", To: "P"}},
		},
		ask: source.Query{Products: []atp.ProductCode{"P", "UNKNOWN"}},
	},
	{
		name: "headers, prices and dates at their ends",
		data: Data{
			Orders: []dataset.Order{
				{Number: "A", Client: "Ção & Filhos", Ordered: atp.NewDay(1, 1, 1), Requested: atp.NewDay(9999, 12, 31), Important: true},
				{Number: "B"}, {Number: "C", Client: "without lines"},
			},
			Items: []dataset.Item{
				{Order: "A", Line: -1, Product: "P", Name: "", Open: 1, Price: 0, Priced: true},
				{Order: "A", Line: 1 << 40, Product: "P", Name: "p", Open: 1},
				{Order: "B", Line: 0, Product: "Q", Name: "q", Open: 9e15, Price: 1, Priced: true},
				{Order: "HEADERLESS", Line: 0, Product: "Q", Name: "q", Open: 1, Price: -5, Priced: true},
			},
			Stock: []dataset.Movement{{Product: "P", Quantity: 9e18}, {Product: "Q", Quantity: -9e18}},
		},
		ask:   source.Query{All: true},
		lines: 4,
	},
}

func testRead(t *testing.T, open func(*testing.T) Engine) {
	e := open(t)
	for _, c := range readCases {
		t.Run(c.name, func(t *testing.T) {
			load(t, t.Context(), e, &c.data)
			before := time.Now()
			snap := read(t, t.Context(), e, c.ask)
			if len(snap.Lines) != c.lines {
				t.Errorf("%d lines, want %d", len(snap.Lines), c.lines)
			}
			if snap.ReadAt.Before(before) || snap.ReadAt.After(time.Now()) {
				t.Errorf("read at %v, which is not during the call", snap.ReadAt)
			}
			compareSnapshots(t, snap, c.data.snapshot(c.ask))
		})
	}
}

type reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

func compareSnapshots(t reporter, got, want *atp.Snapshot) {
	t.Helper()
	inSequence(t, got)
	if diff := gocmp.Diff(want, canonical(got), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
}

// inSequence makes sure that the lines of each order come by number, and that those of equal
// number are told apart.
func inSequence(t reporter, snap *atp.Snapshot) {
	t.Helper()
	last := map[atp.OrderNumber]atp.Line{}
	for _, line := range snap.Lines {
		if before, ok := last[line.Order]; ok &&
			(line.Number < before.Number || (line.Number == before.Number && line.Sequence <= before.Sequence)) {
			t.Errorf("order %q: line %d comes after line %d", line.Order, line.Number, before.Number)
		}
		last[line.Order] = line
	}
}

// held is a book in which reservations belong to orders of every kind.
func held() Data {
	return Data{
		Orders: []dataset.Order{
			{Number: "A", Client: "the one asked for"}, {Number: "B", Client: "open", Important: true}, {Number: "SHIPPED", Client: "without lines"},
			{Number: "ELSEWHERE", Client: "of another product"}, {Number: "IDLE", Client: "without reservations"},
		},
		Items: []dataset.Item{item("A", 1, "P", 1), item("B", 1, "Q", 1)},
		Reservations: []dataset.Reservation{
			reserved("A", "P", 1, today), reserved("B", "P", 2, today), reserved("B", "P", 3, today), reserved("SHIPPED", "P", 4, today),
			reserved("GONE", "P", 5, today), reserved("ELSEWHERE", "Z", 6, today), reserved("SHIPPED", "Z", 7, today),
		},
	}
}
