package importer

import (
	"cmp"
	"slices"
	"strings"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// index remembers what the checks across rows and files need, in as little memory as can be: a
// million lines take some tens of megabytes.
type index struct {
	orders   map[atp.OrderNumber]uint32 // numbers the orders, from 0
	known    []knownOrder               // by that number
	items    []itemKey
	products map[atp.ProductCode]struct{}
	itemsIn  *input // the items' input, nil if they are not imported
	// knowsItems tells that the orders of the book are known, knowsProducts that all products are.
	knowsItems, knowsProducts, knowsHeaders bool
	last                                    atp.OrderNumber // rows of one order mostly come together
	lastID                                  uint32
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

func newIndex(inputs []*input) *index {
	ix := &index{orders: map[atp.OrderNumber]uint32{}}
	var items, stock, reservations bool
	for _, in := range inputs {
		switch in.relation {
		case dataset.Orders:
			ix.knowsHeaders = true
		case dataset.Items:
			items = true
			ix.itemsIn = in
		case dataset.Stock:
			stock = true
		case dataset.Reservations:
			reservations = true
		case dataset.Receipts, dataset.Unifications:
		}
	}
	ix.knowsItems = items
	if ix.knowsProducts = items && stock && reservations; ix.knowsProducts {
		ix.products = map[atp.ProductCode]struct{}{}
	}
	return ix
}

// restart makes the index ready to number lines once more.
func (ix *index) restart() {
	ix.items = nil
	for i := range ix.known {
		ix.known[i].lines = 0
	}
}

func (ix *index) id(n atp.OrderNumber) uint32 {
	if n == ix.last && len(ix.known) > 0 {
		return ix.lastID
	}
	id, ok := ix.orders[n]
	if !ok {
		id = uint32(len(ix.known))                                //nolint:gosec // fewer orders than rows of a file
		ix.orders[atp.OrderNumber(strings.Clone(string(n)))] = id // a row shares one string: do not keep it all
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
		ix.items = append(ix.items, itemKey{i.Line, id, int32(line)}) //nolint:gosec // see header
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
	if ix.products == nil {
		return
	}
	if _, ok := ix.products[p]; !ok {
		ix.products[atp.ProductCode(strings.Clone(string(p)))] = struct{}{}
	}
}

func (ix *index) hasProduct(p atp.ProductCode) bool {
	_, ok := ix.products[p]
	return ok
}

func (ix *index) hasItems(n atp.OrderNumber) bool {
	id, ok := ix.orders[n]
	return ok && ix.known[id].item > 0
}

// report adds what only the whole shows: duplicate lines, and items of orders without a header.
func (ix *index) report(r *run) {
	if ix.itemsIn == nil {
		return
	}
	ix.reportDuplicates(r)
	if ix.knowsHeaders {
		ix.reportHeadless(r)
	}
}

func (ix *index) reportDuplicates(r *run) {
	slices.SortFunc(ix.items, func(a, b itemKey) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.number, b.number), cmp.Compare(a.line, b.line))
	})
	var names []atp.OrderNumber
	for i := 1; i < len(ix.items); i++ {
		a, b := ix.items[i-1], ix.items[i]
		if a.order != b.order || a.number != b.number {
			continue
		}
		if names == nil {
			names = ix.names()
		}
		r.log.add(Problem{File: ix.itemsIn.name, Line: int(b.line), Column: ix.itemsIn.titles[itemLine], Value: string(names[b.order]), Why: text(
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
				first, which = o.item, uint32(id) //nolint:gosec // see id
			}
		}
	}
	if count == 0 {
		return
	}
	r.log.add(Problem{
		Severity: Warning, File: ix.itemsIn.name, Line: int(first), Column: ix.itemsIn.titles[itemOrder], Count: count,
		Value: string(ix.names()[which]),
		Why: text("pedido que não está em pedidos: será analisado sem cliente nem datas.",
			"order that is not in pedidos: it will be analysed without client and dates."),
	})
}

// names are the orders by number.
func (ix *index) names() []atp.OrderNumber {
	names := make([]atp.OrderNumber, len(ix.known))
	for n, id := range ix.orders {
		names[id] = n
	}
	return names
}
