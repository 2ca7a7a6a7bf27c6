package sourcetest

import (
	"context"
	"errors"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// bookData has one order of each kind.
var bookData = Data{
	Orders: []dataset.Order{
		{Number: "A1", Client: "Padaria São João", City: "Ribeirão Preto", UF: "SP", Salesperson: "Zé", Requested: today + 5, Important: true},
		{Number: "A2", Client: "Mercado Água Viva", City: "Niterói", UF: "RJ", Salesperson: "Ana", Requested: today + 9, TaxID: "1", Note: "só à tarde"},
		{Number: "A3", Client: "Empório", UF: "SP", Ordered: today - 3},
		{Number: "CLOSED", Client: "sem saldo", Requested: today},
	},
	Items: []dataset.Item{
		item("A1", 1, "P", 2), item("A1", 2, "P", 1), item("A2", 1, "Q", 1), item("A3", 1, "R", 4), item("NOHEAD", 1, "R", 1),
		item("CLOSED", 1, "P", 0),
		{Order: "A3", Line: 2, Product: "S", Open: 5, Price: 100, Priced: true}, // 0.005 × 1.00: half of a cent
	},
	Reservations: []dataset.Reservation{
		reserved("A1", "Z", 1, today-61), reserved("A1", "Z", 1, today-60), reserved("A1", "Z", 1, today+1),
		reserved("A2", "Q", 0, today), reserved("A2", "Q", 1, 0),
		reserved("NOHEAD", "Q", 1, today+2),
	},
	Unifications: []dataset.Unification{{From: "P", To: "X"}, {From: "R", To: "X"}},
}

var yes, no = true, false

var filterCases = []struct {
	name   string
	filter source.Filter
	want   []atp.OrderNumber
}{
	{"none", source.Filter{}, []atp.OrderNumber{"A1", "NOHEAD", "A2", "A3"}},
	{"text in client, other case and accents", source.Filter{Text: "SAO joao"}, []atp.OrderNumber{"A1"}},
	{"text in city", source.Filter{Text: "niteroi"}, []atp.OrderNumber{"A2"}},
	{"text with accents in a plain field", source.Filter{Text: "ãná"}, []atp.OrderNumber{"A2"}},
	{"text in number, without header", source.Filter{Text: "ohea"}, []atp.OrderNumber{"NOHEAD"}},
	{"text does not match across fields", source.Filter{Text: "A1Padaria"}, nil},
	{"text is not looked for in notes", source.Filter{Text: "tarde"}, nil},
	{"wildcards are characters", source.Filter{Text: "%"}, nil},
	{"underscore too", source.Filter{Text: "_"}, nil},
	{"state", source.Filter{UF: "SP"}, []atp.OrderNumber{"A1", "A3"}},
	{"salesperson", source.Filter{Salesperson: "Ana"}, []atp.OrderNumber{"A2"}},
	{"product, with unified codes", source.Filter{Product: "P"}, []atp.OrderNumber{"A1", "NOHEAD", "A3"}},
	{"product without open lines", source.Filter{Product: "Z"}, nil},
	{"important", source.Filter{Important: &yes}, []atp.OrderNumber{"A1"}},
	{"not important", source.Filter{Important: &no}, []atp.OrderNumber{"NOHEAD", "A2", "A3"}},
	{"needed from", source.Filter{NeedFrom: today + 2}, []atp.OrderNumber{"NOHEAD", "A2"}},
	{"needed until", source.Filter{NeedTo: today + 2}, []atp.OrderNumber{"A1", "NOHEAD"}},
	{"needed on", source.Filter{NeedFrom: today + 9, NeedTo: today + 9}, []atp.OrderNumber{"A2"}},
	{"several at once", source.Filter{UF: "SP", Product: "R", Text: "emporio"}, []atp.OrderNumber{"A3"}},
}

func testBook(t *testing.T, open func(*testing.T) Engine) {
	e := open(t)
	if page := book(t, t.Context(), e, source.BookQuery{Limit: 10}); len(page.Orders) != 0 || page.Total != 0 || page.Next != "" {
		t.Errorf("empty base: %+v", page)
	}
	load(t, t.Context(), e, &bookData)
	for _, c := range filterCases {
		t.Run(c.name, func(t *testing.T) {
			page := book(t, t.Context(), e, source.BookQuery{Filter: c.filter, StaleBefore: today - 60, Limit: 100})
			// A1 is needed on today-60 by a reservation that is not yet stale, which the cases do not want.
			fresh := book(t, t.Context(), e, source.BookQuery{Filter: c.filter, StaleBefore: today - 59, Limit: 100})
			if got := numbersOf(fresh.Orders); !gocmp.Equal(got, c.want, cmpopts.EquateEmpty()) {
				t.Errorf("book has %q, want %q", got, c.want)
			}
			if fresh.Total != len(c.want) || fresh.Next != "" {
				t.Errorf("total %d, next %q", fresh.Total, fresh.Next)
			}
			numbers, err := e.Numbers(t.Context(), source.NumbersQuery{Filter: c.filter, StaleBefore: today - 60})
			if err != nil || !gocmp.Equal(numbers, numbersOf(page.Orders), cmpopts.EquateEmpty()) {
				t.Errorf("numbers are %q (%v), and the book has %q", numbers, err, numbersOf(page.Orders))
			}
		})
	}
	t.Run("rows", func(t *testing.T) {
		q := source.BookQuery{StaleBefore: today - 60, Limit: 100}
		compareBooks(t, book(t, t.Context(), e, q).Orders, bookData.list(q))
	})
	t.Run("numbers asked for", func(t *testing.T) { bookOfNumbers(t, e) })
	t.Run("limits", func(t *testing.T) {
		for _, limit := range []int{-1, 0, 2001} {
			if _, err := e.Book(t.Context(), source.BookQuery{Limit: limit}); err == nil {
				t.Errorf("a page of %d was not refused", limit)
			}
		}
		if _, err := e.Book(t.Context(), source.BookQuery{Limit: 1, Sort: "cliente; --"}); err == nil {
			t.Error("an unknown column was not refused")
		}
	})
}

func bookOfNumbers(t *testing.T, e Engine) {
	page := book(t, t.Context(), e, source.BookQuery{
		Numbers: []atp.OrderNumber{"NOHEAD", "CLOSED", "UNKNOWN", "A3", "A1"}, StaleBefore: today - 59,
		Filter: source.Filter{UF: "XX"}, Sort: source.ByClient, Cursor: "ignored",
	})
	want := []atp.OrderNumber{"NOHEAD", "A3", "A1"}
	if got := numbersOf(page.Orders); !gocmp.Equal(got, want) || page.Total != len(want) || page.Next != "" {
		t.Errorf("%q, total %d, next %q; want %q", got, page.Total, page.Next, want)
	}
	all := map[atp.OrderNumber]source.BookOrder{}
	for _, o := range bookData.list(source.BookQuery{StaleBefore: today - 59}) {
		all[o.Number] = o
	}
	for _, o := range page.Orders {
		compareBooks(t, []source.BookOrder{o}, []source.BookOrder{all[o.Number]})
	}
	if page := book(t, t.Context(), e, source.BookQuery{Numbers: []atp.OrderNumber{}}); len(page.Orders) != 0 {
		t.Errorf("no numbers gave %d orders", len(page.Orders))
	}
}

// testBookProperty pages through random books by random columns, with random filters, and compares
// with the reference.
func testBookProperty(t *testing.T, open func(*testing.T) Engine) {
	e := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		d := drawData(rt)
		load(rt, t.Context(), e, d)
		for range 3 {
			column := rapid.SampledFrom(source.Columns()).Draw(rt, "column")
			q := source.BookQuery{
				Filter: drawFilter(rt), Sort: column, Descending: rapid.Bool().Draw(rt, "descending"),
				StaleBefore: today - 60, Limit: rapid.IntRange(1, 6).Draw(rt, "limit"),
			}
			want := d.list(q)
			var got []source.BookOrder
			for {
				page := book(rt, t.Context(), e, q)
				got = append(got, page.Orders...)
				if page.Total != len(want) {
					rt.Errorf("by %s: total %d, want %d", column, page.Total, len(want))
				}
				if q.Cursor = page.Next; page.Next == "" || len(got) > len(want) {
					break
				}
			}
			compareBooks(rt, got, want)
		}
	})
}

func drawFilter(t *rapid.T) source.Filter {
	var f source.Filter
	switch rapid.IntRange(0, 7).Draw(t, "filter") {
	case 0:
		f.Text = rapid.SampledFrom([]string{"sao", "ÃO", "a", "%", "_", "'", "1", "ze", "🍞"}).Draw(t, "text")
	case 1:
		f.UF = "SP"
	case 2:
		f.Salesperson = clients.Draw(t, "salesperson filter")
	case 3:
		f.Product = productCodes.Draw(t, "product filter")
	case 4:
		f.Important = rapid.SampledFrom([]*bool{&yes, &no}).Draw(t, "important filter")
	case 5:
		f.NeedFrom, f.NeedTo = days.Draw(t, "from"), days.Draw(t, "to")
	}
	return f
}

func book(t fataler, ctx context.Context, e Engine, q source.BookQuery) source.BookPage {
	t.Helper()
	page, err := e.Book(ctx, q)
	if err != nil {
		t.Fatalf("book: %v", err)
	}
	return page
}

func compareBooks(t reporter, got, want []source.BookOrder) {
	t.Helper()
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("book (-want +got):\n%s", diff)
	}
}

func numbersOf(orders []source.BookOrder) []atp.OrderNumber {
	var numbers []atp.OrderNumber
	for _, o := range orders {
		numbers = append(numbers, o.Number)
	}
	return numbers
}

func testCursor(t *testing.T, open func(*testing.T) Engine) {
	e := open(t)
	load(t, t.Context(), e, &bookData)
	next := func(column source.Column, descending bool) string {
		return book(t, t.Context(), e, source.BookQuery{Sort: column, Descending: descending, Limit: 2}).Next
	}
	for name, cursor := range map[string]string{
		"rubbish": "rubbish!", "another column's": next(source.ByClient, false), "the other direction's": next(source.ByNeed, true),
		"a number's": next(source.ByItems, false), "cut short": next(source.ByNeed, false)[1:], "long": string(make([]byte, 100_000)),
		"of SQL": "' OR 1=1 --",
	} {
		_, err := e.Book(t.Context(), source.BookQuery{Sort: source.ByNeed, Limit: 2, Cursor: cursor})
		if !errors.Is(err, source.ErrCursor) {
			t.Errorf("a cursor that is %s: %v, want ErrCursor", name, err)
		}
	}
	// The cursor of a row that is gone still tells where to go on.
	cursor := next(source.ByNumber, false)
	gone := bookData
	gone.Items = []dataset.Item{item("A3", 1, "R", 1), item("A1", 1, "R", 1)}
	load(t, t.Context(), e, &gone)
	page := book(t, t.Context(), e, source.BookQuery{Sort: source.ByNumber, Limit: 2, Cursor: cursor})
	if got := numbersOf(page.Orders); !gocmp.Equal(got, []atp.OrderNumber{"A3"}) {
		t.Errorf("after a row that is gone: %q", got)
	}
}
