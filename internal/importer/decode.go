package importer

import (
	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// decode reads the row as its relation says, and reports whether there was something to load.
func (r *reader) decode(rec *record) (bool, error) {
	switch rec.in.relation {
	case dataset.Orders:
		return r.order(rec)
	case dataset.Items:
		return r.item(rec)
	case dataset.Stock:
		return r.movement(rec)
	case dataset.Reservations:
		return r.reservation(rec)
	case dataset.Receipts:
		return r.receipt(rec)
	case dataset.Unifications:
		return r.unification(rec)
	}
	return false, nil
}

func (r *reader) order(rec *record) (bool, error) {
	o := dataset.Order{
		Number: atp.OrderNumber(rec.code(orderNumber)), Client: rec.text(orderClient, maxText), TaxID: rec.text(orderTaxID, maxCode),
		City: rec.text(orderCity, maxText), UF: rec.text(orderUF, maxCode), Salesperson: rec.text(orderSalesperson, maxText),
		Ordered: rec.date(orderOrdered), Requested: rec.date(orderRequested), Important: rec.flag(orderImportant),
		Note: rec.text(orderNote, maxNote),
	}
	if o.Number != "" && r.counting {
		if first := r.index.header(o.Number, rec.row.line); first > 0 {
			rec.blame(orderNumber, string(o.Number), text("este pedido já está na linha %d. Deixe uma só linha por pedido.",
				"this order is already on line %d. Keep one row per order.", first))
		}
	}
	if rec.bad {
		return false, nil
	}
	return true, r.sink.Order(o)
}

func (r *reader) item(rec *record) (bool, error) {
	i := dataset.Item{
		Order: atp.OrderNumber(rec.code(itemOrder)), Product: atp.ProductCode(rec.code(itemProduct)),
		Name: rec.required(itemName, maxText), Open: rec.quantity(itemOpen),
	}
	if i.Price, i.Priced = rec.money(itemPrice); i.Price < 0 {
		rec.blame(itemPrice, i.Price.String(), text("preço negativo. Deixe vazio se não há preço.", "negative price. Leave it empty if there is none."))
	}
	if i.Open < 0 {
		rec.blame(itemOpen, i.Open.String(), text("saldo negativo. Tire a linha se não há o que embarcar.",
			"negative open quantity. Remove the row if there is nothing to ship."))
	}
	if rec.in.at[itemLine] >= 0 {
		i.Line = rec.sequence(itemLine)
	}
	if rec.bad {
		return false, nil
	}
	id := r.index.item(i, rec.row.line, rec.in.at[itemLine] >= 0 && r.counting)
	if rec.in.at[itemLine] < 0 {
		i.Line = r.index.nextLine(id)
	}
	if i.Open == 0 {
		rec.remark(Warning, itemOpen, "0", text("saldo zero: linha ignorada.", "open quantity of zero: row ignored."))
		return false, nil
	}
	return true, r.sink.Item(i)
}

func (r *reader) movement(rec *record) (bool, error) {
	m := dataset.Movement{
		Product: atp.ProductCode(rec.code(stockProduct)), Quantity: rec.quantity(stockQuantity),
		Place: rec.text(stockPlace, maxText), Date: rec.date(stockDate),
	}
	if rec.bad {
		return false, nil
	}
	r.index.product(m.Product)
	return true, r.sink.Movement(m)
}

func (r *reader) reservation(rec *record) (bool, error) {
	v := dataset.Reservation{
		Lot: rec.text(reservationLot, maxCode), Order: atp.OrderNumber(rec.code(reservationOrder)),
		Product: atp.ProductCode(rec.code(reservationProduct)), Quantity: rec.quantity(reservationQuantity), Ships: rec.date(reservationShips),
	}
	if rec.bad || rec.nothing(reservationQuantity, v.Quantity) {
		return false, nil
	}
	if !v.Ships.Known() {
		rec.remark(Note, reservationShips, "", text("separação sem data de expedição: conta como se saísse hoje.",
			"reservation without a ship date: counts as leaving today."))
	}
	if r.index.knowsProducts && !r.index.hasProduct(v.Product) {
		rec.remark(Warning, reservationProduct, string(v.Product), text(
			"produto que não está em itens nem em estoque. Confira o código; a separação foi mantida.",
			"product that is neither in itens nor in estoque. Check the code; the reservation was kept."))
	}
	if r.index.items != nil && !r.index.hasItems(v.Order) {
		rec.remark(Note, reservationOrder, string(v.Order), text("separação de pedido fora da carteira: conta contra os outros.",
			"reservation of an order outside the book: counts against the others."))
	}
	return true, r.sink.Reservation(v)
}

func (r *reader) receipt(rec *record) (bool, error) {
	v := dataset.Receipt{
		Product: atp.ProductCode(rec.code(receiptProduct)), Arrives: rec.date(receiptDate),
		Quantity: rec.quantity(receiptQuantity), Line: rec.text(receiptLine, maxText),
	}
	if !v.Arrives.Known() && rec.cell(receiptDate).blank() {
		rec.missing(receiptDate)
	}
	if rec.bad || rec.nothing(receiptQuantity, v.Quantity) {
		return false, nil
	}
	return true, r.sink.Receipt(v)
}

func (r *reader) unification(rec *record) (bool, error) {
	u := dataset.Unification{From: atp.ProductCode(rec.code(unificationFrom)), To: atp.ProductCode(rec.code(unificationTo))}
	if rec.bad {
		return false, nil
	}
	if u.From == u.To {
		rec.remark(Note, unificationTo, string(u.To), text("código unificado consigo mesmo: linha ignorada.", "code unified with itself: row ignored."))
		return false, nil
	}
	return true, r.sink.Unification(u)
}

// required reads a text that must be there.
func (r *record) required(column, limit int) string {
	if r.cell(column).blank() {
		r.missing(column)
		return ""
	}
	return r.text(column, limit)
}

// nothing warns of a quantity that sets nothing aside and brings nothing (calculation §2).
func (r *record) nothing(column int, q atp.Quantity) bool {
	if q > 0 {
		return false
	}
	r.remark(Warning, column, q.String(), text("quantidade zero ou negativa: linha ignorada.", "quantity of zero or less: row ignored."))
	return true
}
