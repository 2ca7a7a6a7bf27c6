package importer

import (
	"errors"
	"fmt"
	"io"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/lang"
)

// reader turns rows into the dataset's, for the check and again for the load.
type reader struct {
	*run
	log      *journal
	index    *index
	sink     dataset.Writer
	counting bool // the reports' rows are counted, and duplicates looked for
	from1904 bool // of the workbook being read
}

// read passes over all inputs. Its error is of the disk, the context or the sink; faults of the
// rows are in the log.
func (r *run) read(rd *reader) error {
	for _, in := range r.inputs {
		if err := rd.input(in); err != nil {
			return err
		}
	}
	r.meter.complete()
	return nil
}

func (r *reader) input(in *input) (err error) {
	t, err := r.open(in)
	if err != nil {
		return fmt.Errorf("importer: reading %s: %w", in.Path, err)
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	if s, ok := t.(*sheetTable); ok {
		r.from1904 = s.book.from1904
	}
	rec := record{reader: r, in: in}
	var header []string
	for n := 0; ; n++ {
		if n%1024 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		rec.row, err = t.next()
		rec.bad = false
		var d *defect
		switch {
		case errors.Is(err, io.EOF):
			r.warnIfEmpty(in, n)
			return nil
		case errors.As(err, &d):
			r.log.add(Problem{File: in.name, Line: d.line, Why: d.why})
			return nil
		case err != nil:
			return fmt.Errorf("importer: reading %s: %w", in.Path, err)
		case n == 0:
			header = texts(rec.row)
			continue
		}
		if err := r.one(&rec, header); err != nil {
			return err
		}
	}
}

func texts(r row) []string {
	var all []string
	for _, c := range r.cells {
		all = append(all, c.text)
	}
	return all
}

func (r *reader) warnIfEmpty(in *input, rows int) {
	if rows <= 1 && r.counting {
		r.log.add(Problem{Severity: Warning, File: in.name, Why: text(
			"só tem o cabeçalho: a importação deixa “%s” vazio.", "has only the header: the import leaves “%s” empty.", in.relation)})
	}
}

// one reads one row and writes it to the sink. Its error is the sink's.
func (r *reader) one(rec *record, header []string) error {
	if rec.repeats(header) {
		rec.in.ignore(r.counting)
		rec.remark(Note, 0, "", text("cabeçalho repetido no meio do arquivo, ignorado.", "header repeated within the file, ignored."))
		return nil
	}
	if why := rec.shape(); why != nil {
		r.log.add(Problem{File: rec.in.name, Line: rec.row.line, Why: *why})
		return nil
	}
	loaded, err := r.decode(rec)
	if err != nil {
		return err
	}
	if r.counting && !rec.bad {
		if loaded {
			rec.in.Rows++
		} else {
			rec.in.Ignored++
		}
	}
	return nil
}

func (in *input) ignore(counting bool) {
	if counting {
		in.Ignored++
	}
}

func (r *record) repeats(header []string) bool {
	if len(r.row.cells) != len(header) {
		return false
	}
	for i, c := range r.row.cells {
		if c.text != header[i] {
			return false
		}
	}
	return true
}

// shape tells what is wrong with the row as a whole. A spreadsheet's rows may be shorter than
// the header; those of a text file were cut, or have a separator too few.
func (r *record) shape() *lang.Text {
	switch n := len(r.row.cells); {
	case r.row.broken != nil:
		return r.row.broken
	case r.in.Sheet != "":
	case n < r.in.width:
		why := text("tem %d colunas e o cabeçalho tem %d: linha cortada?", "has %d columns and the header has %d: is the row cut?", n, r.in.width)
		return &why
	case n > r.in.width && !blank(r.row.cells[r.in.width:]):
		why := text("tem %d colunas e o cabeçalho tem %d. Se o separador faz parte de um texto, ponha o texto entre aspas.",
			"has %d columns and the header has %d. If the separator is part of a text, put the text in quotes.", n, r.in.width)
		return &why
	}
	return nil
}

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

// nothing is a sink that lets everything go.
type nothing struct{}

func (nothing) Order(dataset.Order) error             { return nil }
func (nothing) Item(dataset.Item) error               { return nil }
func (nothing) Movement(dataset.Movement) error       { return nil }
func (nothing) Reservation(dataset.Reservation) error { return nil }
func (nothing) Receipt(dataset.Receipt) error         { return nil }
func (nothing) Unification(dataset.Unification) error { return nil }
