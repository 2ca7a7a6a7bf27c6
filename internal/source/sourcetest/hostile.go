package sourcetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// hostile are texts that break programs which put them together with others.
var hostile = []string{
	`'`, `"`, `''; DROP TABLE pedidos; --`, `") OR 1=1 --`, `%`, `_`, `\`, `\%`, `?1`, `$1`, `:a`, `@a`, `*`, `[a-z]`,
	`\x00`, `␀`, "line\nbreak", "tab\t", " space ", `<img onerror=x>`, `{"a":1}`, `null`, `NULL`,
	"🍞👩‍🚀", "\u202eRTL override", "עברית", "e\u0301", "\u200b", "ﬁ", "İ", strings.Repeat("x", 50),
}

func testHostile(t *testing.T, open func(*testing.T) Engine) {
	e := open(t)
	d := hostileData()
	load(t, t.Context(), e, d)
	for _, text := range hostile {
		t.Run(fmt.Sprintf("%q", text), func(t *testing.T) {
			number := atp.OrderNumber(text)
			q := source.Query{Orders: []atp.OrderNumber{number}, Products: []atp.ProductCode{atp.ProductCode(text)}}
			snap := read(t, t.Context(), e, q)
			if len(snap.Lines) != 1 {
				t.Errorf("%d lines, want 1", len(snap.Lines))
			}
			compareSnapshots(t, snap, d.snapshot(q))
			for name, filter := range map[string]source.Filter{
				"text": {Text: text}, "state": {UF: text}, "salesperson": {Salesperson: text}, "product": {Product: atp.ProductCode(text)},
			} {
				page := book(t, t.Context(), e, source.BookQuery{Filter: filter, Limit: 100})
				found := slices.Contains(numbersOf(page.Orders), number)
				if !found || (name != "text" && page.Total != 1) {
					t.Errorf("filter by %s found %q", name, numbersOf(page.Orders))
				}
			}
			page := book(t, t.Context(), e, source.BookQuery{Numbers: []atp.OrderNumber{number}})
			compareBooks(t, page.Orders, []source.BookOrder{{
				Number: number, Client: text, TaxID: text, City: text, UF: text, Salesperson: text, Note: text, Items: 1, Value: 100,
			}})
		})
	}
	for _, text := range []string{"\x00", "a\x00b", "\xff\xfe", strings.Repeat("a", 100_000)} {
		if _, err := e.Book(t.Context(), source.BookQuery{Filter: source.Filter{Text: text, UF: text}, Limit: 1}); err != nil {
			t.Errorf("searching for %.10q: %v", text, err)
		}
		if got := read(t, t.Context(), e, source.Query{Orders: []atp.OrderNumber{atp.OrderNumber(text)}}); len(got.Lines) != 0 {
			t.Errorf("reading %.10q gave %d lines", text, len(got.Lines))
		}
	}
}

// hostileData has an order for each text, which stands in all its fields.
func hostileData() *Data {
	d := &Data{}
	for _, text := range hostile {
		number, product := atp.OrderNumber(text), atp.ProductCode(text)
		d.Orders = append(d.Orders, hostileOrder(text))
		d.Items = append(d.Items, dataset.Item{Order: number, Line: 1, Product: product, Name: text, Open: 1000, Price: 100, Priced: true})
		d.Stock = append(d.Stock, dataset.Movement{Product: product, Place: text, Quantity: 1})
		d.Reservations = append(d.Reservations, dataset.Reservation{Lot: text, Order: number, Product: product, Quantity: 1})
		d.Receipts = append(d.Receipts, dataset.Receipt{Product: product, Line: text, Quantity: 1})
		d.Unifications = append(d.Unifications, dataset.Unification{From: product, To: product})
	}
	return d
}

func hostileOrder(text string) dataset.Order {
	return dataset.Order{
		Number: atp.OrderNumber(text), Client: text, TaxID: text, City: text, UF: text, Salesperson: text, Note: text,
	}
}
