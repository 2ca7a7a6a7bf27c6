package atp_test

import (
	"fmt"
	"strconv"
	"syscall"
	"testing"
	"time"

	"ruptura/internal/atp"
)

// marketSnapshot is a book of the given size as a large company has it: 8 lines to an order, 20 to a product,
// reservations for one line in ten, receipts for one in twenty. popular orders of a hundred also
// ask for one product that stands in for what goes with everything.
func marketSnapshot(lines, popular int) *atp.Snapshot {
	const perOrder, perProduct = 8, 20
	s, r := &atp.Snapshot{}, spread(1)
	orders, products := names("P%07d", lines/perOrder), names("%06d", lines/perProduct)
	clients := names("Cliente %d", 1+lines/400)
	for _, p := range products {
		s.Stock = append(s.Stock, stock(p, atp.Quantity(r.below(500))*unit))
	}
	for _, o := range orders {
		s.Orders = append(s.Orders, atp.Order{
			Number: atp.OrderNumber(o), Client: clients[r.below(len(clients))], Ordered: d0 - atp.Day(r.below(90)),
			Requested: d0 + atp.Day(r.below(30)), Important: r.below(20) == 0,
		})
		for n := range perOrder {
			product := products[r.below(len(products))]
			if n == 0 && r.below(100) < popular {
				product = products[0]
			}
			l := line(o, "", int64(n+1), atp.Quantity(1+r.below(40))*unit, atp.Money(500+r.below(9000)))
			l.Key.Product, l.Name = atp.ProductCode(product), "Produto"
			s.Lines = append(s.Lines, l)
			if r.below(10) == 0 {
				s.Reservations = append(s.Reservations, reserve(o, product, l.Open, d0+atp.Day(r.below(20)-3)))
			}
			if r.below(20) == 0 {
				s.Receipts = append(s.Receipts, receipt(product, atp.Quantity(50+r.below(300))*unit, d0+atp.Day(r.below(40)-2)))
			}
		}
	}
	if popular > 0 {
		s.Stock = append(s.Stock, stock(products[0], atp.Quantity(lines)*unit/perOrder))
	}
	return s
}

// processor is the time that this process has spent on processors, the garbage collector's included: on a
// machine that is busy with other things it says more than the time that passes.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// beside is against, in time of processor.
func beside(b *testing.B, s *atp.Snapshot, work func()) {
	b.Helper()
	onHand := make(map[atp.StockKey]atp.Quantity)
	for _, row := range s.Stock {
		onHand[row.Key] += row.Quantity
	}
	var took, sum, check []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := processor(b)
		work()
		worked := processor(b)
		total := bareSum(s)
		summed := processor(b)
		if total == 0 || bareCheck(s, onHand) == 0 {
			b.Fatal("the bare loops were left out")
		}
		check = append(check, processor(b)-summed)
		took, sum = append(took, worked-start), append(sum, summed-worked)
	}
	cpu := median(took)
	b.ReportMetric(cpu/1e6, "cpu-ms/op")
	b.ReportMetric(cpu/float64(len(s.Lines)), "cpu-ns/line")
	b.ReportMetric(cpu/median(sum), "×bare-sum")
	b.ReportMetric(cpu/median(check), "×bare-check")
}

// BenchmarkAllocate serves a whole book whose index stands. The bare loops are passes over the same lines.
func BenchmarkAllocate(b *testing.B) {
	for _, lines := range []int{10_000, 100_000, 1_000_000} {
		s := marketSnapshot(lines, 0)
		book := mustBook(b, s)
		for _, policy := range atp.Policies() {
			b.Run(fmt.Sprintf("%d/%s", lines, policy), func(b *testing.B) {
				beside(b, s, func() { mustAllocate(b, book, policy) })
			})
		}
	}
}

// BenchmarkIndexMarket is NewBook for the books of BenchmarkAllocate.
func BenchmarkIndexMarket(b *testing.B) {
	for _, lines := range []int{10_000, 100_000, 1_000_000} {
		s := marketSnapshot(lines, 0)
		b.Run(strconv.Itoa(lines), func(b *testing.B) { beside(b, s, func() { mustBook(b, s) }) })
	}
}

func mustAllocate(b *testing.B, book *atp.Book, policy atp.Policy) *atp.Allocation {
	b.Helper()
	a, err := book.Allocate(policy, atp.DefaultPriority())
	if err != nil {
		b.Fatal(err)
	}
	return a
}

// BenchmarkTell tells everything of every order, as a session does: both answers, the cause, and in the end
// why each line is short; for books without a product that is in many orders, and with one that is in a fifth of
// them, or in all.
func BenchmarkTell(b *testing.B) {
	for _, popular := range []int{0, 20, 100} {
		for _, lines := range []int{100_000, 800_000} {
			s := marketSnapshot(lines, popular)
			a := mustAllocate(b, mustBook(b, s), atp.WholeLines)
			for _, explain := range []bool{false, true} {
				b.Run(fmt.Sprintf("%d%%/%d/explain=%v", popular, lines, explain), func(b *testing.B) {
					b.ReportAllocs()
					causes, reasons := 0, 0
					start := processor(b)
					for b.Loop() {
						causes, reasons = tellAll(b, a, s, explain)
					}
					b.ReportMetric(float64(processor(b)-start)/float64(b.N)/float64(len(s.Orders)), "cpu-ns/order")
					b.ReportMetric(float64(causes), "causes")
					b.ReportMetric(float64(reasons), "explanations")
				})
			}
		}
	}
}

// tellAll counts causes and explanations.
func tellAll(b *testing.B, a *atp.Allocation, s *atp.Snapshot, explain bool) (causes, reasons int) {
	b.Helper()
	var one, other atp.Scratch
	for i := range s.Orders {
		together, err := a.AnswerWith(&one, s.Orders[i].Number)
		if err != nil {
			b.Fatal(err)
		}
		alone, err := a.Book().AnalyzeWith(&other, s.Orders[i].Number)
		if err != nil {
			b.Fatal(err)
		}
		if _, ok := a.Cause(&together, &alone); ok {
			causes++
		}
		if !explain {
			continue
		}
		all, err := a.Explain(&together)
		if err != nil {
			b.Fatal(err)
		}
		reasons += len(all) - countNil(all)
	}
	return causes, reasons
}

func countNil(all []*atp.Explanation) (n int) {
	for _, e := range all {
		if e == nil {
			n++
		}
	}
	return n
}
