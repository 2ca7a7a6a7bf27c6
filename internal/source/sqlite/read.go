package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// Read implements [source.Source]. What it costs over its bare SQL statements is measured by
// BenchmarkRead against BenchmarkBareStatements.
func (db *DB) Read(ctx context.Context, q source.Query) (*atp.Snapshot, error) {
	var snap *atp.Snapshot
	second := db.second(ctx, q)
	defer second.release()
	err := db.view(ctx, "read", func(conn *sqlite.Conn) (err error) {
		snap, err = read(conn, second, q, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return snap, nil
}

// reading is one call of Read under way.
type reading struct {
	decoder
	conn        *sqlite.Conn
	record      *Bare // notes the statements run, if not nil
	sizes       sizes
	snap        *atp.Snapshot
	orders      *orders
	entered     entry
	products    map[string]*product // touched
	withHolders bool                // headers of whoever holds a reservation are read too
	codes       []string            // the keys of products, in the sequence in which they were met
}

// product is a product touched, and the name that it had last: it hardly ever changes.
type product struct {
	code atp.ProductCode
	name string
}

// read reads on one connection or, when the second sees the same snapshot, on both at once.
func read(conn *sqlite.Conn, second *second, q source.Query, record *Bare) (*atp.Snapshot, error) {
	// Noted before anything is read: a snapshot is never older than it says.
	r := &reading{conn: conn, record: record, snap: &atp.Snapshot{ReadAt: time.Now()}}
	if err := r.measure(); err != nil {
		return nil, err
	}
	r.prepare(q)
	same, err := second.join()
	switch {
	case err != nil:
		return nil, err
	case same:
		return r.snap, r.together(second.conn, q)
	}
	return r.snap, r.alone(q)
}

func (r *reading) alone(q source.Query) error {
	return inTurn(
		func() error { return r.lines(r.orderLines()) },
		func() error { return r.unify(q.Products) },
		r.headers, r.stock, r.reservations, r.receipts, r.holders,
	)
}

func inTurn(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// prepare makes room for what a read of this size usually gives.
func (r *reading) prepare(q source.Query) {
	const linesPerOrder, texts = 10, 64          // rather too many: growing copies everything
	orders := min(len(q.Orders), r.sizes.orders) // who asks for what does not exist gets no room
	if q.All {
		orders = r.sizes.orders
	}
	r.orders = newOrders(q, orders)
	r.withHolders = q.Holders
	r.decoder = newDecoder(orders + texts)
	r.products = make(map[string]*product, min(linesPerOrder*orders, r.sizes.balances)+len(q.Products))
	r.snap.Lines = make([]atp.Line, 0, linesPerOrder*orders)
	r.snap.Orders = make([]atp.Order, 0, orders)
}

// room is how many of a relation's rows the products touched probably have.
func (r *reading) room(rows int) int {
	return min(rows, (len(r.codes)+1)*(rows/max(r.sizes.balances, 1)+1))
}

// touch adds a product to those read.
func (r *reading) touch(b []byte) *product {
	if p, ok := r.products[string(b)]; ok {
		return p
	}
	s := string(b)
	p := &product{code: atp.ProductCode(s)}
	r.products[s] = p
	r.codes = append(r.codes, s)
	return p
}

const columnsOfOrders = `SELECT num_pedido, cliente, data_pedido, data_entrega, importante FROM pedidos `

func (r *reading) headers() error {
	if len(r.codes) == 0 {
		return nil
	}
	if r.sizes.scanLines(len(r.orders.numbers)) {
		return r.scan(columnsOfOrders, r.header)
	}
	return r.seek(columnsOfOrders+`WHERE num_pedido = ?1`, r.orders.open(), r.header)
}

func (r *reading) header(stmt *sqlite.Stmt) {
	if number, ok := r.orders.find(r.bytes(stmt, 0)); ok {
		r.addHeader(stmt, number)
	}
}

func (r *reading) addHeader(stmt *sqlite.Stmt, number atp.OrderNumber) {
	r.snap.Orders = append(r.snap.Orders, atp.Order{
		Number:    number,
		Client:    r.text(stmt, 1),
		Ordered:   r.date(stmt, 2),
		Requested: r.date(stmt, 3),
		Important: stmt.ColumnInt64(4) != 0,
	})
}

// holders reads, if asked to, the headers of those whose reservations have been read and who are not among
// the orders read.
func (r *reading) holders() error {
	if !r.withHolders {
		return nil
	}
	wanted := map[string]struct{}{}
	var numbers []string
	for i := range r.snap.Reservations {
		number := string(r.snap.Reservations[i].Order)
		if _, read := r.orders.find([]byte(number)); read {
			continue
		}
		if _, again := wanted[number]; !again {
			wanted[number] = struct{}{}
			numbers = append(numbers, number)
		}
	}
	row := func(stmt *sqlite.Stmt) {
		number := r.bytes(stmt, 0)
		if _, ok := wanted[string(number)]; ok {
			r.addHeader(stmt, atp.OrderNumber(r.text(stmt, 0)))
		}
	}
	if r.sizes.scanLines(len(numbers)) {
		return r.scan(columnsOfOrders, row)
	}
	return r.seek(columnsOfOrders+`WHERE num_pedido = ?1`, numbers, row)
}

const columnsOfStock = `SELECT cod_produto, qtd FROM estoque_saldo `

func (r *reading) stock() error {
	r.snap.Stock = make([]atp.Stock, 0, len(r.codes))
	return r.ofProducts(r.sizes.balances, columnsOfStock, func(stmt *sqlite.Stmt) {
		if p, ok := r.products[string(r.bytes(stmt, 0))]; ok {
			r.snap.Stock = append(r.snap.Stock, atp.Stock{
				Key: atp.StockKey{Product: p.code}, Quantity: atp.Quantity(stmt.ColumnInt64(1)),
			})
		}
	})
}

const columnsOfReceipts = `SELECT cod_produto, data, qtd FROM producao `

func (r *reading) receipts() error {
	r.snap.Receipts = make([]atp.Receipt, 0, r.room(r.sizes.receipts))
	return r.ofProducts(r.sizes.receipts, columnsOfReceipts, func(stmt *sqlite.Stmt) {
		if p, ok := r.products[string(r.bytes(stmt, 0))]; ok {
			r.snap.Receipts = append(r.snap.Receipts, atp.Receipt{
				Key:      atp.StockKey{Product: p.code},
				Arrives:  r.date(stmt, 1),
				Quantity: atp.Quantity(stmt.ColumnInt64(2)),
			})
		}
	})
}

// ofProducts reads the rows of the products touched, from a relation of a known size. When it
// reads the relation whole, row is given the others' too.
func (r *reading) ofProducts(size int, columns string, row func(*sqlite.Stmt)) error {
	switch {
	case len(r.codes) == 0:
		return nil
	case worthScanning(len(r.codes), size):
		return r.scan(columns, row)
	}
	return r.seek(columns+`WHERE cod_produto = ?1`, r.codes, row)
}
