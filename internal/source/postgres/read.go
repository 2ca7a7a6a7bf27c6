package postgres

import (
	"context"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// Read implements [source.Source]. It costs one round trip, or three if something is asked for that the
// database's encoding cannot even write. What it takes over its bare statements is measured by
// BenchmarkRead.
func (db *DB) Read(ctx context.Context, q source.Query) (*atp.Snapshot, error) {
	snap, err := db.read(ctx, q)
	if err == nil {
		return snap, nil
	}
	unheld, err := db.unheld(ctx, err, append(plain(q.Orders), plain(q.Products)...))
	if err != nil {
		return nil, err
	}
	q.Orders, q.Products = without(q.Orders, unheld), without(q.Products, unheld)
	return db.read(ctx, q)
}

func (db *DB) read(ctx context.Context, q source.Query) (*atp.Snapshot, error) {
	layout, err := db.look(ctx)
	if err != nil {
		return nil, err
	}
	var r *reading
	err = db.view(ctx, "read", func(t *trip) error {
		r = db.newReading(t, q)
		t.send(db.statements(layout, q, r)...)
		return t.finish()
	})
	if err != nil {
		return nil, db.explain(ctx, err)
	}
	if r.passed > 0 {
		db.size.Store(r.passed)
	}
	r.settle()
	r.addHolders()
	return r.snap, nil
}

// statements are those of a read, in either of its two shapes.
func (db *DB) statements(l *layout, q source.Query, r *reading) []statement {
	if db.worthReadingWhole(q) {
		return db.wholeStatements(l, r)
	}
	return []statement{db.partStatement(l, q, r)}
}

// worthReadingWhole reports whether reading all and dropping what was not asked for is the cheaper
// way. It is a guess from the size of the book as it last was; either way gives the same.
func (db *DB) worthReadingWhole(q source.Query) bool {
	size := db.size.Load()
	if size == 0 {
		return q.All || len(q.Orders) >= usualSize
	}
	return q.All || shareWorthAll*int64(len(q.Orders)) >= size
}

const (
	// usualSize is from where on a read is taken for most of a book of unknown size.
	usualSize = 500
	// shareWorthAll is the part of the orders, one in so many, that touches most products.
	shareWorthAll = 5
)

// reading is one call of Read under way.
type reading struct {
	*decoder
	snap     *atp.Snapshot
	orders   *orders
	products map[string]*product
	codes    []*product        // of products, in the sequence in which they were met
	ofLine   []int32           // the order of each line, by its index in orders
	jumbled  bool              // the lines of an order did not come in sequence
	passed   int64             // headers of the whole book, asked for or not
	pairs    []atp.Unification // of the whole book
	// withHolders asks for the headers of those who hold reservations; holders are those that are not
	// among the orders read, and strangers the headers that may turn out to be theirs.
	withHolders bool
	holders     map[string]struct{}
	strangers   []stranger
}

// product is a product touched, and the name that it had last: it hardly ever changes.
type product struct {
	code atp.ProductCode
	name string
}

func (db *DB) newReading(t *trip, q source.Query) *reading {
	const linesPerOrder, productsAtMost, ordersAtMost = 10, 1 << 12, 1 << 17
	room := len(q.Orders)
	if q.All {
		room = int(db.size.Load())
	}
	room = min(room, ordersAtMost)
	r := &reading{
		withHolders: q.Holders, holders: map[string]struct{}{},
		decoder: t.decoder, orders: newOrders(q, room),
		products: make(map[string]*product, min(linesPerOrder*room, productsAtMost)+len(q.Products)),
		// Noted before anything is read: a snapshot is never older than it says.
		snap: &atp.Snapshot{ReadAt: time.Now()},
	}
	r.snap.Lines = make([]atp.Line, 0, linesPerOrder*room)
	r.ofLine = make([]int32, 0, linesPerOrder*room)
	r.snap.Orders = make([]atp.Order, 0, room)
	for _, code := range q.Products {
		r.touch([]byte(code))
	}
	return r
}

// touch adds a product to those read.
func (r *reading) touch(b []byte) *product {
	if p, ok := r.products[string(b)]; ok {
		return p
	}
	s := string(b)
	p := &product{code: atp.ProductCode(s)}
	r.products[s] = p
	r.codes = append(r.codes, p)
	return p
}

// lineColumns say which column of a row is what.
type lineColumns struct{ order, number, product, name, open, price int }

func (r *reading) line(c lineColumns) {
	r.of = dataset.Items
	if r.null(c.order) {
		return // of no order
	}
	at, asked := r.orders.at(r.values[c.order])
	if !asked {
		return
	}
	open := r.quantity(c.open, c.product, c.order)
	if open <= 0 {
		return // less than a thousandth: not an open line
	}
	p := r.touch(r.values[c.product])
	if string(r.values[c.name]) != p.name {
		p.name = valid(r.values[c.name])
	}
	number := r.integer(c.number)
	e := &r.orders.all[at]
	r.jumbled = r.jumbled || (e.entered && number <= e.last)
	e.entered, e.last = true, number
	r.ofLine = append(r.ofLine, at)
	r.snap.Lines = append(r.snap.Lines, atp.Line{
		Order: e.number, Number: number, Sequence: int64(len(r.snap.Lines)), Key: atp.StockKey{Product: p.code}, Name: p.name,
		Open: open, Price: r.money(c.price, c.product, c.order), Priced: !r.null(c.price),
	})
}

// header takes the columns of an order.
func (r *reading) header(order, client, ordered, requested int, important bool) {
	e := r.orders.find(r.values[order])
	if e == nil && !r.mayHold(order) {
		return
	}
	h := atp.Order{Client: r.text(client), Ordered: r.date(ordered), Requested: r.date(requested), Important: important}
	if e == nil {
		h.Number = atp.OrderNumber(r.text(order))
		r.strangers = append(r.strangers, stranger{string(r.values[order]), h})
		return
	}
	h.Number = e.number
	r.snap.Orders = append(r.snap.Orders, h)
}

// stranger is the header of an order that is not among those read.
type stranger struct {
	number string // as it is kept
	header atp.Order
}

// mayHold reports whether the order in a column may hold a reservation that is read: when all
// reservations have been read it does, else they are still to come.
func (r *reading) mayHold(order int) bool {
	if !r.withHolders || r.null(order) {
		return false
	}
	if len(r.holders) == 0 {
		return true
	}
	_, holds := r.holders[string(r.values[order])]
	return holds
}

// addHolders keeps the headers of those who hold reservations.
func (r *reading) addHolders() {
	for i := range r.strangers {
		if _, holds := r.holders[r.strangers[i].number]; holds {
			r.snap.Orders = append(r.snap.Orders, r.strangers[i].header)
		}
	}
}

// balance takes the columns of a product's stock.
func (r *reading) balance(code, quantity int) {
	r.of = dataset.Stock
	if p, ok := r.products[string(r.values[code])]; ok && !r.null(code) {
		r.snap.Stock = append(r.snap.Stock, atp.Stock{
			Key: atp.StockKey{Product: p.code}, Quantity: r.quantity(quantity, code),
		})
	}
}

// receipt takes the columns of a receipt.
func (r *reading) receipt(code, date, quantity int) {
	r.of = dataset.Receipts
	if p, ok := r.products[string(r.values[code])]; ok && !r.null(code) {
		r.snap.Receipts = append(r.snap.Receipts, atp.Receipt{
			Key: atp.StockKey{Product: p.code}, Arrives: r.date(date), Quantity: r.quantity(quantity, code),
		})
	}
}

// reservation takes the columns of a reservation. Wanted are those of the products
// touched, whoever they belong to, and those of the orders read, whatever their product.
func (r *reading) reservation(order, code, lot, quantity, ships int) {
	e := r.orders.find(r.values[order])
	p, touched := r.products[string(r.values[code])]
	if e == nil && (!touched || r.null(code)) {
		return
	}
	r.of = dataset.Reservations
	row := atp.Reservation{Lot: r.text(lot), Quantity: r.quantity(quantity, code, order), Ships: r.date(ships)}
	if e != nil {
		row.Order = e.number
	} else {
		row.Order = atp.OrderNumber(r.text(order))
		if r.withHolders {
			r.holders[string(r.values[order])] = struct{}{}
		}
	}
	if touched {
		row.Key.Product = p.code
	} else {
		row.Key.Product = atp.ProductCode(r.text(code))
	}
	r.snap.Reservations = append(r.snap.Reservations, row)
}
