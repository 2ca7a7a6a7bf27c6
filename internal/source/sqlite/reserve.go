package sqlite

import (
	"zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
)

const columnsOfReservations = `SELECT num_pedido, cod_produto, lote, qtd, expedicao FROM separacoes `

// reservations reads those of the products touched, whoever they belong to, and those of the
// orders read, whatever their product; each once.
func (r *reading) reservations() error {
	if len(r.codes) == 0 {
		return nil
	}
	r.snap.Reservations = make([]atp.Reservation, 0, r.room(r.sizes.reservations)+len(r.orders.numbers))
	if worthScanning(len(r.codes)+len(r.orders.numbers), r.sizes.reservations) {
		return r.scan(columnsOfReservations, r.anyReservation)
	}
	err := r.seek(columnsOfReservations+`WHERE cod_produto = ?1`, r.codes, func(stmt *sqlite.Stmt) {
		r.reserve(stmt, r.number(stmt), r.products[string(r.bytes(stmt, 1))].code)
	})
	if err != nil {
		return err
	}
	return r.seek(columnsOfReservations+`WHERE num_pedido = ?1`, r.orders.open(), func(stmt *sqlite.Stmt) {
		if _, had := r.products[string(r.bytes(stmt, 1))]; !had {
			r.reserve(stmt, r.number(stmt), atp.ProductCode(r.text(stmt, 1)))
		}
	})
}

// anyReservation takes a row of the whole relation if the read asks for it.
func (r *reading) anyReservation(stmt *sqlite.Stmt) {
	p, ok := r.products[string(r.bytes(stmt, 1))]
	if ok {
		r.reserve(stmt, r.number(stmt), p.code)
	} else if number, ok := r.orders.find(r.bytes(stmt, 0)); ok {
		r.reserve(stmt, number, atp.ProductCode(r.text(stmt, 1)))
	}
}

// number is the order of a reservation, which need not be among those read.
func (r *reading) number(stmt *sqlite.Stmt) atp.OrderNumber {
	b := r.bytes(stmt, 0)
	if number, ok := r.orders.find(b); ok {
		return number
	}
	return atp.OrderNumber(r.text(stmt, 0))
}

func (r *reading) reserve(stmt *sqlite.Stmt, number atp.OrderNumber, product atp.ProductCode) {
	r.snap.Reservations = append(r.snap.Reservations, atp.Reservation{
		Order:    number,
		Key:      atp.StockKey{Product: product},
		Lot:      r.text(stmt, 2),
		Quantity: atp.Quantity(stmt.ColumnInt64(3)),
		Ships:    r.date(stmt, 4),
	})
}
