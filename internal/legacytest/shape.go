package legacytest

import (
	"strconv"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// Shape makes of a dataset one that the ERP's tables can hold as well, and that means the same
// everywhere:
//
//   - an order has one line of a product, the first; lines are numbered through the whole book, in
//     the sequence in which they are written
//   - receipts have a date
//   - only codes that are numbers are unified, and then with them all codes that are the same
//     number: with a pair of 500 and 7, 00500 and 500 are one product too
func Shape(fill func(dataset.Writer) error) func(dataset.Writer) error {
	return func(w dataset.Writer) error {
		s := &shaper{Writer: w, lines: map[lineKey]bool{}, codes: map[atp.ProductCode]int64{}, unified: map[int64]bool{}}
		if err := fill(s); err != nil {
			return err
		}
		return s.finish()
	}
}

type lineKey struct {
	order   atp.OrderNumber
	product atp.ProductCode
}

// shaper passes on what the ERP can hold.
type shaper struct {
	dataset.Writer

	lines   map[lineKey]bool
	last    int64                     // line number
	codes   map[atp.ProductCode]int64 // that are numbers, written other than by strconv
	unified map[int64]bool
	pairs   []dataset.Unification
}

// Item implements dataset.Writer.
func (s *shaper) Item(i dataset.Item) error {
	s.note(i.Product)
	key := lineKey{i.Order, i.Product}
	if s.lines[key] {
		return nil
	}
	s.lines[key] = true
	s.last++
	i.Line = s.last
	return s.Writer.Item(i)
}

// Movement implements dataset.Writer.
func (s *shaper) Movement(m dataset.Movement) error {
	s.note(m.Product)
	return s.Writer.Movement(m)
}

// Reservation implements dataset.Writer.
func (s *shaper) Reservation(r dataset.Reservation) error {
	s.note(r.Product)
	return s.Writer.Reservation(r)
}

// Receipt implements dataset.Writer.
func (s *shaper) Receipt(r dataset.Receipt) error {
	if !r.Arrives.Known() {
		return nil
	}
	s.note(r.Product)
	return s.Writer.Receipt(r)
}

// Unification implements dataset.Writer.
func (s *shaper) Unification(u dataset.Unification) error {
	from, okFrom := number(u.From)
	to, okTo := number(u.To)
	if okFrom && okTo {
		s.unified[from], s.unified[to] = true, true
		s.pairs = append(s.pairs, dataset.Unification{From: canonical(from), To: canonical(to)})
	}
	return nil
}

// note keeps in mind the codes that unification may have to join with their canonical form.
func (s *shaper) note(code atp.ProductCode) {
	if n, ok := number(code); ok && canonical(n) != code {
		s.codes[code] = n
	}
}

func (s *shaper) finish() error {
	for code, n := range s.codes {
		if s.unified[n] {
			s.pairs = append(s.pairs, dataset.Unification{From: code, To: canonical(n)})
		}
	}
	written := map[dataset.Unification]bool{}
	for _, u := range s.pairs {
		if written[u] {
			continue
		}
		written[u] = true
		if err := s.Writer.Unification(u); err != nil {
			return err
		}
	}
	return nil
}

// canonical is how a number is written without leading zeros.
func canonical(n int64) atp.ProductCode { return atp.ProductCode(strconv.FormatInt(n, 10)) }
