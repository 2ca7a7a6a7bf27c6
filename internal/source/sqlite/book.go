package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// maxPage is the largest page of a book.
const maxPage = 2000

// Book implements [source.Source]. Texts are sorted by code point.
func (db *DB) Book(ctx context.Context, q source.BookQuery) (source.BookPage, error) {
	var page source.BookPage
	l, err := newListing(q)
	if err != nil {
		return page, err
	}
	err = db.view(ctx, "book", func(conn *sqlite.Conn) (err error) {
		if q.Numbers != nil {
			page, err = listNumbers(conn, q)
		} else {
			page, err = l.page(conn)
		}
		return err
	})
	if err != nil {
		return source.BookPage{}, err
	}
	return page, nil
}

// Numbers implements [source.Source].
func (db *DB) Numbers(ctx context.Context, q source.NumbersQuery) ([]atp.OrderNumber, error) {
	var numbers []atp.OrderNumber
	l := listing{BookQuery: source.BookQuery{Filter: q.Filter, StaleBefore: q.StaleBefore}, column: source.ByNeed}
	err := db.view(ctx, "numbers", func(conn *sqlite.Conn) error {
		b := l.query(`num_pedido, data_necessidade`, nil)
		return b.run(conn, b.String()+l.order(), func(stmt *sqlite.Stmt) {
			numbers = append(numbers, atp.OrderNumber(stmt.ColumnText(0)))
		})
	})
	if err != nil {
		return nil, err
	}
	return numbers, nil
}

// listing is a BookQuery made ready to run.
type listing struct {
	source.BookQuery
	column source.Column
	after  *source.Position // nil on the first page
}

func newListing(q source.BookQuery) (listing, error) {
	l := listing{BookQuery: q, column: q.Sort}
	if l.column == "" {
		l.column = source.ByNeed
	}
	switch {
	case q.Numbers != nil:
		return l, nil
	case !slices.Contains(source.Columns(), l.column):
		return l, errors.New("sqlite: book: unknown column to sort by")
	case q.Limit < 1 || q.Limit > maxPage:
		return l, fmt.Errorf("sqlite: book: limit %d is outside 1..%d", q.Limit, maxPage)
	case q.Cursor == "":
		return l, nil
	}
	var err error
	l.after, err = source.ParseCursor(q.Cursor, l.column, q.Descending)
	if err != nil {
		return l, fmt.Errorf("sqlite: book: %w", err)
	}
	return l, nil
}

// page reads one row more than asked for, to know whether there is a next page.
func (l listing) page(conn *sqlite.Conn) (source.BookPage, error) {
	page := source.BookPage{Orders: make([]source.BookOrder, 0, l.Limit)}
	var last source.Position
	more := false
	b := l.query(bookColumns, l.after)
	query := b.String() + l.order() + ` LIMIT ` + b.arg(int64(l.Limit)+1)
	err := b.run(conn, query, func(stmt *sqlite.Stmt) {
		if more = len(page.Orders) == l.Limit; !more {
			page.Orders = append(page.Orders, bookOrder(stmt))
			last = source.Position{Key: valueOf(stmt, stmt.ColumnIndex(string(l.column))), Number: stmt.ColumnText(0)}
		}
	})
	if err != nil {
		return page, err
	}
	if more {
		page.Next = last.Cursor(l.column, l.Descending)
	}
	if !more && l.after == nil {
		page.Total = len(page.Orders)
		return page, nil
	}
	page.Total, err = l.total(conn)
	return page, err
}

// total counts what matches on all pages.
func (l listing) total(conn *sqlite.Conn) (n int, err error) {
	b := l.query(`count(*)`, nil)
	if l.Filter == (source.Filter{}) {
		// SQLite would look up each order's header all the same.
		b = &builder{}
		b.WriteString(`SELECT count(*) FROM pedidos_abertos`)
	}
	err = b.run(conn, b.String(), func(stmt *sqlite.Stmt) { n = stmt.ColumnInt(0) })
	return n, err
}

// listNumbers looks up orders one by one and leaves out those that are not open.
func listNumbers(conn *sqlite.Conn, q source.BookQuery) (source.BookPage, error) {
	page := source.BookPage{Orders: make([]source.BookOrder, 0, len(q.Numbers))}
	stmt, err := conn.Prepare(`SELECT ` + bookColumns + ` FROM (` + bookOf("?2") + `) WHERE num_pedido = ?1`)
	if err != nil {
		return page, err
	}
	stmt.BindText(2, q.StaleBefore.String())
	for _, number := range q.Numbers {
		stmt.BindText(1, string(number))
		err = eachRow(stmt, func(stmt *sqlite.Stmt) {
			page.Orders = append(page.Orders, bookOrder(stmt))
		})
		if err != nil {
			return page, err
		}
	}
	page.Total = len(page.Orders)
	return page, nil
}

// bookOrder reads [bookColumns].
func bookOrder(stmt *sqlite.Stmt) source.BookOrder {
	return source.BookOrder{
		Number:      atp.OrderNumber(stmt.ColumnText(0)),
		Client:      stmt.ColumnText(1),
		TaxID:       stmt.ColumnText(2),
		City:        stmt.ColumnText(3),
		UF:          stmt.ColumnText(4),
		Salesperson: stmt.ColumnText(5),
		Ordered:     dayOf([]byte(stmt.ColumnText(6))),
		Need:        dayOf([]byte(stmt.ColumnText(7))),
		Items:       stmt.ColumnInt(8),
		Value:       atp.Value(stmt.ColumnInt64(9)).Money(),
		Important:   stmt.ColumnInt64(10) != 0,
		Note:        stmt.ColumnText(11),
	}
}

// valueOf is a column as a position's key.
func valueOf(stmt *sqlite.Stmt, col int) any {
	switch stmt.ColumnType(col) {
	case sqlite.TypeText:
		return stmt.ColumnText(col)
	case sqlite.TypeInteger:
		return stmt.ColumnInt64(col)
	default:
		return nil
	}
}
