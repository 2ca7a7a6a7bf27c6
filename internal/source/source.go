// Package source is the contract with whatever holds the order book: what the program reads,
// how, and which errors it may meet. Engines live below it (source/sqlite) and must pass the
// conformance suite in source/sourcetest.
//
// Nothing here is cached: every call reads the source afresh.
package source

import (
	"context"
	"errors"
	"math"

	"ruptura/internal/atp"
)

var (
	// ErrUnavailable says that the source could not be reached or read now; trying again later
	// may help.
	ErrUnavailable = errors.New("source: unavailable")
	// ErrUnusable says that the source answers, but does not hold what the program needs, or does
	// not let it: a relation, a column, a permission, a value. Trying again does not help.
	ErrUnusable = errors.New("source: not usable as it is")
	// ErrCursor says that a cursor was not made by this source for this query.
	ErrCursor = errors.New("source: invalid cursor")
	// ErrNotFound says that a product or order asked for by name does not exist.
	ErrNotFound = errors.New("source: not found")
)

// Source reads an order book and everything that decides whether it can ship. All methods are
// safe for concurrent use, and each call reads one consistent snapshot.
type Source interface {
	// Read returns the lines of the orders asked for and all stock, reservations (with the
	// orders they belong to), receipts and unifications of every product those lines touch, the
	// closure of unified codes included; and every reservation of the orders asked for, whatever
	// its product. Unknown orders are simply absent from the result.
	Read(ctx context.Context, q Query) (*atp.Snapshot, error)
	// Numbers lists the open orders that match a filter, in the order of the book: by need
	// date (missing last), then number.
	Numbers(ctx context.Context, q NumbersQuery) ([]atp.OrderNumber, error)
	// Book lists open orders, page by page.
	Book(ctx context.Context, q BookQuery) (BookPage, error)
	// Ping reports whether the source answers, with ErrUnavailable when it does not.
	Ping(ctx context.Context) error
	Close() error
}

// Unlimited is the read size of a source of which even the largest book is best read at once.
const Unlimited = math.MaxInt32

// Sizer is implemented by a source whose reads do not cost by the order, so that the usual number
// of orders per read would repeat work: adding up all movements once per read, say.
type Sizer interface {
	// ReadSize is how many orders one read should fetch at most.
	ReadSize() int
}

// ReadSize is how many orders one read of a source should fetch at most; 0 when it has no wish.
func ReadSize(s Source) int {
	if sizer, ok := s.(Sizer); ok {
		return sizer.ReadSize()
	}
	return 0
}

// Query says what to read. Orders, Products and All may not be combined, except that Products
// may stand beside either.
type Query struct {
	Orders []atp.OrderNumber
	// Products asks for stock, reservations, receipts and unifications of products, for a
	// projection; it gives no lines by itself.
	Products []atp.ProductCode
	// All asks for the whole book.
	All bool
	// Holders also asks for the headers of the orders whose reservations are returned, open or not, so
	// that a reservation can be told with its client.
	Holders bool
}

// Filter narrows the order book. The zero Filter matches every open order; every field set must
// match.
type Filter struct {
	// Text is looked for, without regard to case and accents, in number, client, city and
	// salesperson.
	Text        string
	UF          string
	Salesperson string
	// Product keeps the orders with an open line of this product or of a code unified with it.
	Product   atp.ProductCode
	Important *bool
	// NeedFrom and NeedTo bound the need date, both inclusive; zero means open. An order
	// without a need date matches only when both are zero.
	NeedFrom, NeedTo atp.Day
}

// NumbersQuery asks for order numbers alone.
type NumbersQuery struct {
	Filter
	// StaleBefore is the first ship date that counts towards a need date.
	StaleBefore atp.Day
}

// Column is what a listing can be sorted by.
type Column string

// The columns, by their wire names.
const (
	ByNumber      Column = "num_pedido"
	ByClient      Column = "cliente"
	ByCity        Column = "cidade"
	ByUF          Column = "uf"
	BySalesperson Column = "vendedor"
	ByOrdered     Column = "data_pedido"
	ByNeed        Column = "data_necessidade"
	ByItems       Column = "itens"
	ByValue       Column = "valor_total"
	ByImportant   Column = "importante"
)

// Columns lists every column a listing can be sorted by.
func Columns() []Column {
	return []Column{
		ByNumber, ByClient, ByCity, ByUF, BySalesperson, ByOrdered, ByNeed, ByItems, ByValue, ByImportant,
	}
}

// BookQuery asks for one page of the order book.
type BookQuery struct {
	Filter
	StaleBefore atp.Day
	// Numbers, when not nil, asks for exactly these orders, in this sequence; Filter, Sort,
	// Limit and Cursor are then ignored and orders that are not open are left out.
	Numbers []atp.OrderNumber
	// Sort is a column, ByNeed if empty; ties are broken by number, ascending. Missing values
	// come last, whichever the direction.
	Sort       Column
	Descending bool
	// Limit is the size of a page, from 1 to 2,000.
	Limit int
	// Cursor is the Next of the page before, or empty.
	Cursor string
}

// BookPage is one page of the order book.
type BookPage struct {
	Orders []BookOrder
	// Next is the cursor of the next page, empty on the last.
	Next string
	// Total counts all orders that match, on whatever page.
	Total int
}

// BookOrder is one open order as listed.
type BookOrder struct {
	Number      atp.OrderNumber
	Client      string
	TaxID       string // CNPJ
	City        string
	UF          string
	Salesperson string
	Ordered     atp.Day
	// Need is the need date (calculation §3): the earliest ship date of the order's
	// reservations that is not stale, else the requested delivery date, else zero.
	Need      atp.Day
	Items     int
	Value     atp.Money
	Important bool
	Note      string
}
