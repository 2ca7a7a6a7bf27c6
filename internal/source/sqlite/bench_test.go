package sqlite

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// company is a made-up order book of a given size.
type company struct {
	orders, linesPerOrder, products, movements, reservations, receipts int
}

// usual is the size that the project's figures are given for.
var usual = company{
	orders: 1000, linesPerOrder: 8, products: 500, movements: 200_000, reservations: 5000, receipts: 2000,
}

var companyToday = atp.NewDay(2026, 3, 2)

func (c company) number(i int) atp.OrderNumber { return atp.OrderNumber(fmt.Sprintf("VCD%07d", i)) }
func (c company) product(i int) atp.ProductCode {
	return atp.ProductCode(fmt.Sprintf("%07d", 4_000_000+i))
}

func (c company) fill(w dataset.Writer) error {
	rng := rand.New(rand.NewPCG(1, 2))
	day := func(spread int) atp.Day { return companyToday + atp.Day(rng.IntN(spread)) }
	for i := range c.orders {
		if err := w.Order(dataset.Order{
			Number: c.number(i), Client: fmt.Sprintf("Supermercados São João %d Ltda", i%300),
			TaxID: "12.345.678/0001-90", City: "Ribeirão Preto", UF: "SP", Salesperson: "Antônia Gonçalves",
			Ordered: day(20) - 30, Requested: day(30), Important: i%20 == 0, Note: "Entregar pela manhã",
		}); err != nil {
			return err
		}
		for line := range c.linesPerOrder {
			p := rng.IntN(c.products)
			if err := w.Item(dataset.Item{
				Order: c.number(i), Line: int64(line + 1), Product: c.product(p),
				Name: fmt.Sprintf("Biscoito recheado chocolate 140 g caixa %d", p),
				Open: atp.Quantity(rng.IntN(200)+1) * 1000, Price: atp.Money(rng.IntN(5000) + 100), Priced: true,
			}); err != nil {
				return err
			}
		}
	}
	return c.fillStock(w, rng, day)
}

func (c company) fillStock(w dataset.Writer, rng *rand.Rand, day func(int) atp.Day) error {
	for range c.movements {
		if err := w.Movement(dataset.Movement{
			Product: c.product(rng.IntN(c.products)), Place: "CD1", Date: day(30) - 30,
			Quantity: atp.Quantity(rng.IntN(2000)-900) * 1000,
		}); err != nil {
			return err
		}
	}
	for i := range c.reservations {
		if err := w.Reservation(dataset.Reservation{
			Lot: fmt.Sprintf("L%05d", i/10), Order: c.number(rng.IntN(c.orders)),
			Product: c.product(rng.IntN(c.products)), Quantity: atp.Quantity(rng.IntN(90)+1) * 1000, Ships: day(20) - 3,
		}); err != nil {
			return err
		}
	}
	for range c.receipts {
		if err := w.Receipt(dataset.Receipt{
			Product: c.product(rng.IntN(c.products)), Arrives: day(30), Quantity: atp.Quantity(rng.IntN(900)+1) * 1000, Line: "L1",
		}); err != nil {
			return err
		}
	}
	for i := 0; i+1 < c.products; i += 25 {
		if err := w.Unification(dataset.Unification{From: c.product(i), To: c.product(i + 1)}); err != nil {
			return err
		}
	}
	return nil
}

func (c company) open(tb testing.TB) *DB {
	tb.Helper()
	db, err := Open(tb.Context(), filepath.Join(tb.TempDir(), "company.db"), Options{Migrate: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	if err := db.Replace(tb.Context(), dataset.Relations(), c.fill); err != nil {
		tb.Fatal(err)
	}
	return db
}

// query asks for n orders, spread over the book; 0 asks for all.
func (c company) query(n int) source.Query {
	if n == 0 {
		return source.Query{All: true}
	}
	var q source.Query
	for i := range n {
		q.Orders = append(q.Orders, c.number(i*c.orders/n))
	}
	return q
}

// readSizes are numbers of orders; 0 is the whole book.
var readSizes = []int{1, 20, 200, 1000, 0}

// BenchmarkRead reports how many times as long a read takes as its bare statements, the two taken
// in turns: the ratio of the medians.
func BenchmarkRead(b *testing.B) {
	db := usual.open(b)
	for _, n := range readSizes {
		q := usual.query(n)
		bare, err := db.Bare(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("orders=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			var reads, floors []time.Duration
			for b.Loop() {
				start := time.Now()
				if _, err := db.Read(b.Context(), q); err != nil {
					b.Fatal(err)
				}
				reads = append(reads, time.Since(start))
				b.StopTimer()
				start = time.Now()
				if _, err := bare.Scan(b.Context()); err != nil {
					b.Fatal(err)
				}
				floors = append(floors, time.Since(start))
				b.StartTimer()
			}
			b.ReportMetric(median(reads).Seconds()*1e3, "read-ms")
			b.ReportMetric(median(floors).Seconds()*1e3, "bare-ms")
			b.ReportMetric(float64(median(reads))/float64(median(floors)), "read/bare")
		})
	}
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func BenchmarkBareStatements(b *testing.B) {
	db := usual.open(b)
	for _, n := range readSizes {
		bare, err := db.Bare(b.Context(), usual.query(n))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("orders=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			rows := 0
			for b.Loop() {
				if rows, err = bare.Scan(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows), "rows")
		})
	}
}

// large is a hundred times the usual book.
var large = company{
	orders: 100_000, linesPerOrder: 8, products: 5000, movements: 1000, reservations: 300_000, receipts: 2000,
}

func BenchmarkBook(b *testing.B) {
	for _, c := range []company{usual, large} {
		if c.orders > usual.orders && testing.Short() {
			continue
		}
		db := c.open(b)
		stale := companyToday - 60
		page := source.BookQuery{StaleBefore: stale, Limit: 500}
		with := func(change func(*source.BookQuery)) source.BookQuery { q := page; change(&q); return q }
		queries := map[string]source.BookQuery{
			"first":   page,
			"client":  with(func(q *source.BookQuery) { q.Sort = source.ByClient }),
			"number":  with(func(q *source.BookQuery) { q.Sort = source.ByNumber }),
			"value":   with(func(q *source.BookQuery) { q.Sort = source.ByValue; q.Descending = true }),
			"text":    with(func(q *source.BookQuery) { q.Text = "são joão 7" }),
			"product": with(func(q *source.BookQuery) { q.Product = c.product(7) }),
			"needed":  with(func(q *source.BookQuery) { q.NeedFrom, q.NeedTo = companyToday, companyToday+1 }),
			"named":   with(func(q *source.BookQuery) { q.Numbers = c.query(500).Orders }),
		}
		for _, name := range slices.Sorted(maps.Keys(queries)) {
			b.Run(fmt.Sprintf("orders=%d/%s", c.orders, name), func(b *testing.B) {
				for b.Loop() {
					if _, err := db.Book(b.Context(), queries[name]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(fmt.Sprintf("orders=%d/numbers", c.orders), func(b *testing.B) {
			for b.Loop() {
				if _, err := db.Numbers(b.Context(), source.NumbersQuery{StaleBefore: stale}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReplace(b *testing.B) {
	db := company{}.open(b)
	million := company{orders: 10_000, linesPerOrder: 8, products: 1000, movements: 900_000, reservations: 8000, receipts: 2000}
	for b.Loop() {
		if err := db.Replace(b.Context(), dataset.Relations(), million.fill); err != nil {
			b.Fatal(err)
		}
	}
}
