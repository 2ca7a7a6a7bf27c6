package atp_test

import (
	"fmt"
	"testing"
	"time"

	"ruptura/internal/atp"
)

// The book of the benchmarks: 1,000 orders × 8 lines over 500 products, with reservations and
// receipts such as a busy company has.
const (
	benchOrders       = 1000
	benchLines        = 8
	benchProducts     = 500
	benchReservations = 5000
	benchReceipts     = 2000
	benchLot          = 20
)

// spread is a fixed sequence of well-mixed numbers, so that every run sees the same book.
type spread uint64

func (s *spread) below(n int) int {
	*s = *s*6364136223846793005 + 1442695040888963407
	return int(uint64(*s) >> 33 % uint64(n))
}

func benchOrder(i int) string   { return fmt.Sprintf("VCD%07d", 2500000+i) }
func benchProduct(i int) string { return fmt.Sprintf("%05d", 500+i) }

func benchSnapshot() *atp.Snapshot {
	s, r := &atp.Snapshot{}, spread(1)
	for i := range benchProducts {
		s.Stock = append(s.Stock, stock(benchProduct(i), atp.Quantity(r.below(400))*unit))
		if i%20 == 1 {
			s.Unifications = append(s.Unifications, atp.Unification{From: atp.ProductCode(benchProduct(i)), To: atp.ProductCode(benchProduct(i - 1))})
		}
	}
	for i := range benchOrders {
		s.Orders = append(s.Orders, atp.Order{Number: atp.OrderNumber(benchOrder(i)), Requested: d0 + atp.Day(r.below(30))})
		for n := range benchLines {
			s.Lines = append(s.Lines, line(benchOrder(i), benchProduct(r.below(benchProducts)), int64(n+1), atp.Quantity(1+r.below(40))*unit, atp.Money(500+r.below(9000))))
		}
	}
	for range benchReservations {
		s.Reservations = append(s.Reservations,
			reserve(benchOrder(r.below(benchOrders*2)), benchProduct(r.below(benchProducts)), atp.Quantity(1+r.below(20))*unit, d0+atp.Day(r.below(40)-3)))
	}
	for range benchReceipts {
		s.Receipts = append(s.Receipts, receipt(benchProduct(r.below(benchProducts)), atp.Quantity(20+r.below(90))*unit, d0+atp.Day(r.below(60)-2)))
	}
	return s
}

func mustBook(b *testing.B, s *atp.Snapshot) *atp.Book {
	b.Helper()
	book, err := atp.NewBook(s, atp.DefaultParams(d0))
	if err != nil {
		b.Fatal(err)
	}
	return book
}

// analyzeOrders answers for the first n orders and returns how many lines were short.
func analyzeOrders(b *testing.B, book *atp.Book, s *atp.Snapshot, n int) int {
	b.Helper()
	short := 0
	for i := range s.Orders[:n] {
		r, err := book.Analyze(s.Orders[i].Number)
		if err != nil {
			b.Fatal(err)
		}
		short += r.Short
	}
	return short
}

// bareLoop is the least that could be called work on the same lines: quantity × price, added up.
func bareLoop(s *atp.Snapshot) int64 {
	var sum int64
	for i := range s.Lines {
		sum += int64(s.Lines[i].Open) * int64(s.Lines[i].Price)
	}
	return sum
}

// perBareLoop reports how many times one round of the benchmark takes a bare loop, timed now.
func perBareLoop(b *testing.B, s *atp.Snapshot) {
	b.Helper()
	rounds, elapsed := b.N, b.Elapsed()
	const times = 2000
	var sum int64
	start := time.Now()
	for range times {
		sum += bareLoop(s)
	}
	bare := time.Since(start) / times
	if sum == 0 {
		b.Fatal("the bare loop was left out")
	}
	b.ReportMetric(float64(elapsed)/float64(rounds)/float64(bare), "×bare-loop")
	b.ReportMetric(float64(elapsed.Nanoseconds())/float64(rounds)/float64(len(s.Lines)), "ns/line")
}

// BenchmarkBook is all there is to do with a snapshot of 1,000 orders: index it, answer for all.
func BenchmarkBook(b *testing.B) {
	s := benchSnapshot()
	b.ReportAllocs()
	for b.Loop() {
		analyzeOrders(b, mustBook(b, s), s, benchOrders)
	}
	perBareLoop(b, s)
}

// BenchmarkIndex is NewBook alone.
func BenchmarkIndex(b *testing.B) {
	s := benchSnapshot()
	b.ReportAllocs()
	for b.Loop() {
		mustBook(b, s)
	}
	perBareLoop(b, s)
}

// BenchmarkAnalyze is the answers alone, of a book that stands.
func BenchmarkAnalyze(b *testing.B) {
	s := benchSnapshot()
	book := mustBook(b, s)
	b.ReportAllocs()
	for b.Loop() {
		analyzeOrders(b, book, s, benchOrders)
	}
	perBareLoop(b, s)
	b.ReportMetric(float64(analyzeOrders(b, book, s, benchOrders))/float64(len(s.Lines)), "short/line")
}

// BenchmarkFirstLot is what a reader of the stream waits for: from a snapshot of 1,000 orders to
// the first 20 answers.
func BenchmarkFirstLot(b *testing.B) {
	s := benchSnapshot()
	b.ReportAllocs()
	for b.Loop() {
		analyzeOrders(b, mustBook(b, s), s, benchLot)
	}
}

// BenchmarkWidestParams is NewBook under the longest horizon and window that are allowed.
func BenchmarkWidestParams(b *testing.B) {
	s := benchSnapshot()
	p := atp.DefaultParams(d0)
	p.Window, p.Promise = atp.MaxWindow, atp.MaxPromise
	b.ReportAllocs()
	for b.Loop() {
		if _, err := atp.NewBook(s, p); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkProject is one product's projection over the longest time, from the whole snapshot.
func BenchmarkProject(b *testing.B) {
	s := benchSnapshot()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := atp.Project(s, atp.DefaultParams(d0), "00500", atp.MaxProjection); err != nil {
			b.Fatal(err)
		}
	}
}
