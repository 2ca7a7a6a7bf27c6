package wire

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ruptura/internal/atp"
)

// Lot gathers the results of one lot and writes them as the body of a `resultados` event:
// everything but the members that depend on the session's progress. A Lot may be reset and used
// again; it is not safe for concurrent use.
type Lot struct {
	form     Form
	results  []byte
	orders   int
	failed   int
	atRisk   atp.Money    // of all results, as they were rounded on the way out
	shortage atp.Quantity // of all products: while it fits, so does each of its parts
	products map[atp.ProductCode]*shortProduct
	readAt   stamp
}

// stamp is an instant as text, kept because all results of a lot share it.
type stamp struct {
	at   time.Time
	text []byte
}

// of is the text of an instant.
func (s *stamp) of(t time.Time) []byte {
	if s.text == nil || t != s.at { // not Equal: the zone counts too
		s.at, s.text = t, t.AppendFormat(s.text[:0], InstantFormat)
	}
	return s.text
}

// shortProduct sums up what is short of one product in a lot.
type shortProduct struct {
	code     atp.ProductCode
	name     string
	orders   int
	last     int // the last order counted, so that two lines of one order count once
	shortage atp.Quantity
	value    atp.Money
}

// NewLot prepares an empty lot whose results have the given form.
func NewLot(form Form) *Lot {
	return &Lot{form: form, products: map[atp.ProductCode]*shortProduct{}}
}

// Reset empties the lot for the next one and keeps its memory.
func (l *Lot) Reset() {
	l.results, l.orders, l.failed, l.atRisk, l.shortage = l.results[:0], 0, 0, 0, 0
	clear(l.products)
}

// Form is the form of the results.
func (l *Lot) Form() Form { return l.form }

// Orders is the number of results, Failed how many of them are errors.
func (l *Lot) Orders() int { return l.orders }

// Failed counts the orders that could not be analysed.
func (l *Lot) Failed() int { return l.failed }

// Add appends an answer. When the lot's sums would overflow it returns ErrOverflow, and the lot
// is as before.
func (l *Lot) Add(a *Answer, reading Reading) error {
	results := appendResult(l.separated(), a, l.form, reading, l.readAt.of(reading.At))
	if err := l.sum(&a.Result); err != nil {
		return err
	}
	l.results = results
	l.orders++
	return nil
}

// AddFailure appends an error result.
func (l *Lot) AddFailure(n atp.OrderNumber, message string) {
	l.results = AppendFailure(l.separated(), n, message)
	l.orders++
	l.failed++
}

// separated is the results so far, ready for another one; the lot itself stays as it is.
func (l *Lot) separated() []byte {
	if l.orders > 0 {
		return append(l.results, ',')
	}
	return l.results
}

// sum adds an order's short lines to the lot's products.
func (l *Lot) sum(r *atp.Result) error {
	total := l.shortage
	for i := range r.Lines {
		var err error
		if total, err = total.Add(r.Lines[i].Shortage); err != nil {
			return fmt.Errorf("shortage of a lot: %w", err)
		}
	}
	l.shortage = total
	l.atRisk += r.ShortValue.Money()
	for i := range r.Lines {
		line := &r.Lines[i]
		if !line.Short {
			continue
		}
		p := l.products[line.Key.Product]
		if p == nil {
			p = &shortProduct{code: line.Key.Product, name: line.Name, last: -1}
			l.products[p.code] = p
		}
		if p.last != l.orders {
			p.last = l.orders
			p.orders++
		}
		p.name = min(p.name, line.Name) // one name, whatever the sequence of the orders
		p.shortage += line.Shortage
		p.value += line.Value.Money()
	}
	return nil
}

// AppendBody appends the lot's members of a `resultados` event, without the braces. number counts
// from 1.
func (l *Lot) AppendBody(b []byte, number int, worker string, readAt time.Time) []byte {
	o := object{b: b, empty: true}
	o.int("lote", number)
	o.string("worker_id", worker)
	o.name("resultados")
	o.b = append(o.b, '[')
	o.b = append(o.b, l.results...)
	o.b = append(o.b, ']')
	o.name("produtos_em_ruptura")
	o.b = l.appendProducts(o.b)
	o.text("posicao_em", l.readAt.of(readAt))
	return o.b
}

func (l *Lot) appendProducts(b []byte) []byte {
	products := make([]*shortProduct, 0, len(l.products))
	for _, p := range l.products {
		products = append(products, p)
	}
	slices.SortFunc(products, func(a, b *shortProduct) int { return strings.Compare(string(a.code), string(b.code)) })
	values := l.shares(products)
	b = append(b, '[')
	for i, p := range products {
		if i > 0 {
			b = append(b, ',')
		}
		o := openObject(b)
		o.string("cod_produto", string(p.code))
		o.string("nome_produto", p.name)
		o.int("pedidos", p.orders)
		o.quantity("ruptura_qtd", p.shortage)
		o.money("valor", values[i])
		b = o.close()
	}
	return append(b, ']')
}

// shares rounds the products' values so that they add up to the orders' value at risk to the
// cent: what rounding leaves over goes to the product with the largest value, where it matters
// least.
func (l *Lot) shares(products []*shortProduct) []atp.Money {
	values := make([]atp.Money, len(products))
	left, largest := l.atRisk, 0
	for i, p := range products {
		values[i] = p.value
		left -= values[i]
		if p.value > products[largest].value {
			largest = i
		}
	}
	if len(values) > 0 {
		values[largest] += left
	}
	return values
}
