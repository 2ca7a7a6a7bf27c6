package atp_test

import (
	"fmt"
	"slices"
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

// names makes n strings once: like a source, the book uses the same string for the same thing.
func names(format string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, 500+i)
	}
	return all
}

func benchSnapshot() *atp.Snapshot {
	s, r := &atp.Snapshot{}, spread(1)
	orders, products := names("VCD%07d", benchOrders*2), names("%05d", benchProducts)
	for i, p := range products {
		s.Stock = append(s.Stock, stock(p, atp.Quantity(r.below(300))*unit))
		if i%20 == 1 {
			s.Unifications = append(s.Unifications, atp.Unification{From: atp.ProductCode(p), To: atp.ProductCode(products[i-1])})
		}
	}
	for _, o := range orders[:benchOrders] {
		s.Orders = append(s.Orders, atp.Order{Number: atp.OrderNumber(o), Requested: d0 + atp.Day(r.below(30))})
		for n := range benchLines {
			s.Lines = append(s.Lines, line(o, products[r.below(benchProducts)], int64(n+1), atp.Quantity(1+r.below(40))*unit, atp.Money(500+r.below(9000))))
		}
	}
	for i := range benchReservations { // by product, as an index gives them
		s.Reservations = append(s.Reservations,
			reserve(orders[r.below(len(orders))], products[i*benchProducts/benchReservations], atp.Quantity(1+r.below(20))*unit, d0+atp.Day(r.below(40)-3)))
	}
	for i := range benchReceipts {
		s.Receipts = append(s.Receipts, receipt(products[i*benchProducts/benchReceipts], atp.Quantity(20+r.below(90))*unit, d0+atp.Day(r.below(60)-2)))
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

// bareSum is the least that could be called work on the same lines: quantity × price, added up.
func bareSum(s *atp.Snapshot) int64 {
	var sum int64
	for i := range s.Lines {
		sum += int64(s.Lines[i].Open) * int64(s.Lines[i].Price)
	}
	return sum
}

// bareCheck is the least that could be called a stock check: is there enough of each line's
// product, and what is it worth? Its map stands ready; nothing is shared, projected or dated.
func bareCheck(s *atp.Snapshot, onHand map[atp.StockKey]atp.Quantity) int64 {
	var short int64
	for i := range s.Lines {
		if l := &s.Lines[i]; onHand[l.Key] < l.Open {
			short += int64(l.Open) * int64(l.Price)
		}
	}
	return short
}

// against runs work and the bare loops over the same lines in turn, so that all three meet the
// same noise, and reports the medians: the time of the work alone as ns/op, and how many times
// each loop fits into it.
func against(b *testing.B, s *atp.Snapshot, work func()) {
	b.Helper()
	onHand := make(map[atp.StockKey]atp.Quantity)
	for _, row := range s.Stock {
		onHand[row.Key] += row.Quantity
	}
	var took, sum, check []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := clock()
		work()
		worked := clock()
		total := bareSum(s)
		summed := clock()
		if total == 0 || bareCheck(s, onHand) == 0 {
			b.Fatal("the bare loops were left out")
		}
		check = append(check, clock().Sub(summed))
		took, sum = append(took, worked.Sub(start)), append(sum, summed.Sub(worked))
	}
	ns := median(took)
	b.ReportMetric(ns, "ns/op")
	b.ReportMetric(ns/float64(len(s.Lines)), "ns/line")
	b.ReportMetric(ns/median(sum), "×bare-sum")
	b.ReportMetric(ns/median(check), "×bare-check")
}

func clock() time.Time { return time.Now() } //nolint:forbidigo // benchmarks measure

func median(d []time.Duration) float64 {
	slices.Sort(d)
	return float64(d[len(d)/2].Nanoseconds())
}

// BenchmarkBook is all there is to do with a snapshot of 1,000 orders: index it, answer for all.
func BenchmarkBook(b *testing.B) {
	s := benchSnapshot()
	against(b, s, func() { analyzeOrders(b, mustBook(b, s), s, benchOrders) })
}

// BenchmarkIndex is NewBook alone.
func BenchmarkIndex(b *testing.B) {
	s := benchSnapshot()
	against(b, s, func() { mustBook(b, s) })
}

// BenchmarkAnalyze is the answers alone, of a book that stands.
func BenchmarkAnalyze(b *testing.B) {
	s := benchSnapshot()
	book := mustBook(b, s)
	against(b, s, func() { analyzeOrders(b, book, s, benchOrders) })
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
