package importer

import (
	"cmp"
	"slices"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// index remembers what the checks across rows and files need, in as little memory as can be: a
// million orders of one line each take about a hundred megabytes, ordinary books much less.
type index struct {
	orders   names
	known    []knownOrder // by the order's number
	lines    []itemKey
	products names
	items    *input // nil if they are not imported
	// knowsHeaders tells that all orders' headers are known, knowsProducts that all products are.
	knowsHeaders, knowsProducts bool
	last                        atp.OrderNumber // rows of one order mostly come together
	lastID                      uint32
}

// knownOrder is where an order appears; 0 is nowhere.
type knownOrder struct {
	header, item int32 // lines in their files
	lines        int32 // items so far
}

// itemKey is a line of an order and where it stands.
type itemKey struct {
	number int64
	order  uint32
	line   int32
}

func newIndex(r *run) *index {
	ix := &index{orders: newNames(), products: newNames(), items: r.input(dataset.Items)}
	ix.knowsHeaders = r.input(dataset.Orders) != nil
	ix.knowsProducts = ix.items != nil && r.input(dataset.Stock) != nil && r.input(dataset.Reservations) != nil
	return ix
}

// restart makes the index ready to number lines once more.
func (ix *index) restart() {
	ix.lines = nil
	for i := range ix.known {
		ix.known[i].lines = 0
	}
}

func (ix *index) id(n atp.OrderNumber) uint32 {
	if n == ix.last && len(ix.known) > 0 {
		return ix.lastID
	}
	id, isNew := ix.orders.number(string(n))
	if isNew {
		ix.known = append(ix.known, knownOrder{})
	}
	ix.last, ix.lastID = n, id
	return id
}

// header remembers an order's header, or returns the line that has it already.
func (ix *index) header(n atp.OrderNumber, line int) int {
	o := &ix.known[ix.id(n)]
	if o.header > 0 {
		return int(o.header)
	}
	o.header = int32(line) //nolint:gosec // lines are counted in 31 bits
	return 0
}

// item remembers an order line, and with check its number, for finding duplicates.
func (ix *index) item(i dataset.Item, line int, check bool) uint32 {
	id := ix.id(i.Order)
	o := &ix.known[id]
	if o.item == 0 {
		o.item = int32(line) //nolint:gosec // see header
	}
	if check {
		ix.lines = append(ix.lines, itemKey{i.Line, id, int32(line)}) //nolint:gosec // see header
	}
	ix.product(i.Product)
	return id
}

// nextLine numbers an order's lines from 1, in the order of the rows.
func (ix *index) nextLine(id uint32) int64 {
	ix.known[id].lines++
	return int64(ix.known[id].lines)
}

func (ix *index) product(p atp.ProductCode) {
	if ix.knowsProducts {
		ix.products.number(string(p))
	}
}

func (ix *index) hasProduct(p atp.ProductCode) bool {
	_, _, ok := ix.products.find(string(p))
	return ok
}

func (ix *index) hasItems(n atp.OrderNumber) bool {
	id, _, ok := ix.orders.find(string(n))
	return ok && ix.known[id].item > 0
}

// report adds what only the whole shows: duplicate lines, and items of orders without a header.
func (ix *index) report(r *run) {
	if ix.items == nil {
		return
	}
	ix.reportDuplicates(r)
	if ix.knowsHeaders {
		ix.reportHeadless(r)
	}
}

func (ix *index) reportDuplicates(r *run) {
	slices.SortFunc(ix.lines, func(a, b itemKey) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.number, b.number), cmp.Compare(a.line, b.line))
	})
	for i := 1; i < len(ix.lines); i++ {
		a, b := ix.lines[i-1], ix.lines[i]
		if a.order != b.order || a.number != b.number {
			continue
		}
		r.log.add(Problem{File: ix.items.name, Line: int(b.line), Column: ix.items.titles[itemLine], Value: ix.orders.text(b.order), Why: text(
			"a linha %d deste pedido já está na linha %d do arquivo. Numere de novo ou tire a coluna.",
			"line %d of this order is already on line %d of the file. Number them anew or remove the column.", b.number, a.line)})
	}
}

// reportHeadless counts the orders that have items and no header.
func (ix *index) reportHeadless(r *run) {
	count, first := 0, int32(0)
	var which uint32
	for id, o := range ix.known {
		if o.item > 0 && o.header == 0 {
			if count++; first == 0 || o.item < first {
				first, which = o.item, uint32(id)
			}
		}
	}
	if count == 0 {
		return
	}
	r.log.add(Problem{
		Severity: Warning, File: ix.items.name, Line: int(first), Column: ix.items.titles[itemOrder], Count: count,
		Value: ix.orders.text(which),
		Why: text("pedido que não está em pedidos: será analisado sem cliente nem datas.",
			"order that is not in pedidos: it will be analysed without client and dates."),
	})
}
