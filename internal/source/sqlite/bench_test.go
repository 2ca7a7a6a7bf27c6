package sqlite

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ruptura/internal/dataset"
	"ruptura/internal/source"
	"ruptura/internal/source/sourcetest"
)

// company is a made-up order book in this engine.
type company struct{ sourcetest.Company }

// usual is the size that the project's figures are given for.
var usual = company{sourcetest.Company{Orders: 1000, LinesPerOrder: 8, Products: 500, Movements: 200_000, Reservations: 5000, Receipts: 2000}}

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
	if err := db.Replace(tb.Context(), dataset.Relations(), c.Fill); err != nil {
		tb.Fatal(err)
	}
	return db
}

// readSizes are numbers of orders; 0 is the whole book.
var readSizes = []int{1, 20, 200, 1000, 0}

// BenchmarkRead reports how many times as long a read takes as its bare statements, the two taken
// in turns: the ratio of the medians.
func BenchmarkRead(b *testing.B) {
	db := usual.open(b)
	for _, n := range readSizes {
		q := usual.Query(n)
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
		bare, err := db.Bare(b.Context(), usual.Query(n))
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
var large = company{sourcetest.Company{Orders: 100_000, LinesPerOrder: 8, Products: 5000, Movements: 1000, Reservations: 300_000, Receipts: 2000}}

func BenchmarkBook(b *testing.B) {
	for _, c := range []company{usual, large} {
		if c.Orders > usual.Orders && testing.Short() {
			continue
		}
		db := c.open(b)
		stale := usual.Today() - 60
		page := source.BookQuery{StaleBefore: stale, Limit: 500}
		with := func(change func(*source.BookQuery)) source.BookQuery { q := page; change(&q); return q }
		queries := map[string]source.BookQuery{
			"first":   page,
			"client":  with(func(q *source.BookQuery) { q.Sort = source.ByClient }),
			"number":  with(func(q *source.BookQuery) { q.Sort = source.ByNumber }),
			"value":   with(func(q *source.BookQuery) { q.Sort = source.ByValue; q.Descending = true }),
			"text":    with(func(q *source.BookQuery) { q.Text = "são joão 7" }),
			"product": with(func(q *source.BookQuery) { q.Product = c.Product(7) }),
			"needed":  with(func(q *source.BookQuery) { q.NeedFrom, q.NeedTo = usual.Today(), usual.Today()+1 }),
			"named":   with(func(q *source.BookQuery) { q.Numbers = c.Query(500).Orders }),
		}
		for _, name := range slices.Sorted(maps.Keys(queries)) {
			b.Run(fmt.Sprintf("orders=%d/%s", c.Orders, name), func(b *testing.B) {
				for b.Loop() {
					if _, err := db.Book(b.Context(), queries[name]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(fmt.Sprintf("orders=%d/numbers", c.Orders), func(b *testing.B) {
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
	million := company{sourcetest.Company{Orders: 10_000, LinesPerOrder: 8, Products: 1000, Movements: 900_000, Reservations: 8000, Receipts: 2000}}
	for b.Loop() {
		if err := db.Replace(b.Context(), dataset.Relations(), million.Fill); err != nil {
			b.Fatal(err)
		}
	}
}
