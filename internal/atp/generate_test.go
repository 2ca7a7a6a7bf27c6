package atp_test

import (
	"math"

	"pgregory.net/rapid"

	"ruptura/internal/atp"
)

// chooser makes the choices a random book is made of: rapid's, which can shrink a failure, or the
// bytes of a fuzz target.
type chooser interface {
	// below picks a number in 0..n-1.
	below(n int) int
}

type drawn struct{ t *rapid.T }

func (d drawn) below(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "choice") }

// byteChooser picks by one byte each; when they run out it always picks the first.
type byteChooser struct{ rest []byte }

func (b *byteChooser) below(n int) int {
	if len(b.rest) == 0 {
		return 0
	}
	first := int(b.rest[0])
	b.rest = b.rest[1:]
	return first % n
}

func oneOf[T any](c chooser, choices ...T) T { return choices[c.below(len(choices))] }

// randomCase is a small book in which everything meets everything: few products, some unified,
// few orders with repeated products, and dates on both sides of every limit.
type randomCase struct {
	snapshot atp.Snapshot
	params   atp.Params
}

// Orders of a random book; outsider never has lines.
const outsider = atp.OrderNumber("X")

func someOrders() []atp.OrderNumber { return []atp.OrderNumber{"O1", "O2", "O3"} }

func randomParams(c chooser) atp.Params {
	p := atp.DefaultParams(d0)
	p.Window = oneOf(c, 7, 0, 1, 2, 5)
	p.Promise = oneOf(c, 28, 0, 1, 9)
	p.Lead = oneOf(c, 1, 0, 2, 12)
	p.StaleDays = oneOf(c, 60, 0, 5)
	if c.below(2) == 1 {
		limits, lines, percent := &p.Criticality, 0, 0
		for _, t := range []*atp.Threshold{&limits.Low, &limits.Medium, &limits.Critical} {
			lines += c.below(3)
			percent += c.below(12) * 300
			*t = atp.Threshold{Lines: lines, Percent: percent}
		}
	}
	return p
}

// randomBook makes a case; amounts picks the quantities.
func randomBook(c chooser, amounts func(chooser) atp.Quantity) randomCase {
	r := randomCase{params: randomParams(c)}
	s := &r.snapshot
	code := func() string { return oneOf(c, "A", "B", "C", "D") }
	for range c.below(4) {
		s.Unifications = append(s.Unifications, atp.Unification{From: atp.ProductCode(code()), To: atp.ProductCode(oneOf(c, "A", "B", "C", "D", "E"))})
	}
	for i := range 1 + c.below(7) {
		l := line(string(oneOf(c, someOrders()...)), code(), int64(c.below(3)), amounts(c), oneOf[atp.Money](c, 100, 0, 1, 1999, 33, -700))
		l.Sequence, l.Priced = int64(i), c.below(5) != 0
		s.Lines = append(s.Lines, l)
	}
	for _, n := range someOrders() {
		if requested := c.below(4); requested > 0 {
			s.Orders = append(s.Orders, atp.Order{Number: n, Requested: d0 + atp.Day(requested*9-12)})
		}
	}
	for range c.below(6) {
		s.Stock = append(s.Stock, stock(code(), oneOf[atp.Quantity](c, 1, 1, 2, -1)*amounts(c)))
	}
	day := func() atp.Day {
		const far = 50
		return d0 + atp.Day(oneOf(c, c.below(12), c.below(far), -1-c.below(3), -58-c.below(5), -int(d0)))
	}
	for range c.below(7) {
		owner := oneOf(c, append(someOrders(), outsider)...)
		s.Reservations = append(s.Reservations, reserve(string(owner), oneOf(c, "A", "B", "C", "D", "Z"), amounts(c), day()))
	}
	for range c.below(6) {
		s.Receipts = append(s.Receipts, receipt(code(), amounts(c), day()))
	}
	return r
}

// modest quantities never overflow.
func modest(c chooser) atp.Quantity {
	switch c.below(8) {
	case 0:
		return atp.Quantity(c.below(3) - 1) // 0, the least there is, and what must be ignored
	case 1:
		return -atp.Quantity(c.below(5000))
	default:
		return atp.Quantity(1+c.below(60)) * oneOf[atp.Quantity](c, 500, 1000, 333)
	}
}

// wild quantities now and then are near the limits of their type.
func wild(c chooser) atp.Quantity {
	switch c.below(24) {
	case 0:
		return oneOf[atp.Quantity](c, math.MaxInt64, math.MinInt64, math.MaxInt64/2, 1<<62, 1<<62-1, 1<<61, -1<<62, math.MaxInt64/100, math.MaxInt64/100+1)
	case 1:
		return 1 << c.below(63)
	default:
		return modest(c)
	}
}

// contest is a random book whose orders compete, under some policy and priority.
type contest struct {
	randomCase

	policy   atp.Policy
	priority atp.Priority
}

// rivals are the orders of a contest.
func rivals() []atp.OrderNumber { return append(someOrders(), "O4", "O5") }

// randomContest makes a book with more orders than products, so that they meet.
func randomContest(c chooser, amounts func(chooser) atp.Quantity) contest {
	r := contest{randomCase: randomBook(c, amounts), policy: oneOf(c, atp.Policies()...), priority: randomPriority(c)}
	s := &r.snapshot
	code := func() string { return oneOf(c, "A", "A", "B", "C") }
	for i := range c.below(9) {
		l := line(string(oneOf(c, rivals()...)), code(), int64(c.below(3)), amounts(c), oneOf[atp.Money](c, 100, 250, 0))
		l.Sequence = int64(10 + i)
		s.Lines = append(s.Lines, l)
	}
	for range c.below(6) {
		row := reserve(string(oneOf(c, append(rivals(), outsider)...)), code(), amounts(c), d0+atp.Day(c.below(10)-1))
		row.Lot = oneOf(c, "L1", "L2")
		s.Reservations = append(s.Reservations, row)
	}
	s.Orders = nil
	for _, n := range rivals() {
		if c.below(5) > 0 {
			s.Orders = append(s.Orders, randomHeader(c, n))
		}
	}
	return r
}

func randomHeader(c chooser, n atp.OrderNumber) atp.Order {
	day := func() atp.Day { return oneOf(c, 0, d0-1, d0, d0+3, d0+9) }
	return atp.Order{
		Number: n, Client: oneOf(c, "", "ACME", "Beta", "Gama"), Ordered: day(), Requested: day(), Important: c.below(3) == 0,
	}
}

func randomPriority(c chooser) atp.Priority {
	if c.below(2) == 0 {
		return atp.DefaultPriority()
	}
	keys := []atp.Key{atp.ByImportance, atp.ByNeed, atp.ByOrdered, atp.ByValue, atp.ByClient}
	shuffle(c, keys)
	var p atp.Priority
	for _, key := range keys[:c.below(len(keys)+1)] {
		p.Criteria = append(p.Criteria, atp.Criterion{Key: key, Descending: c.below(3) == 0})
		if key == atp.ByClient {
			p.Clients = []string{" beta", "Acme", "BETA"}
		}
	}
	return p
}
