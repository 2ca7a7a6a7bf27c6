package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// maxPage is the largest page of a book.
const maxPage = 2000

// Book implements [source.Source]. Texts are sorted by code point, whatever the database's own
// collation. A search for a text costs a second round trip, in the same snapshot.
func (db *DB) Book(ctx context.Context, q source.BookQuery) (source.BookPage, error) {
	page, err := db.book(ctx, q)
	if err == nil {
		return page, nil
	}
	unheld, err := db.unheld(ctx, err, textsOf(q))
	switch {
	case err != nil:
		return source.BookPage{}, err
	case q.Numbers != nil:
		q.Numbers = without(q.Numbers, unheld)
		return db.book(ctx, q)
	case unheld.anyOf(wanted(q.Filter)): // what no column can hold, no order matches
		return source.BookPage{}, nil
	default:
		return source.BookPage{}, fmt.Errorf("postgres: book: %w: its texts are in no database", source.ErrCursor)
	}
}

// textsOf are the texts that a query sends to the server.
func textsOf(q source.BookQuery) []string {
	if q.Numbers != nil {
		return plain(q.Numbers)
	}
	all := wanted(q.Filter)
	if at, err := source.ParseCursor(q.Cursor, cmp.Or(q.Sort, source.ByNeed), q.Descending); err == nil {
		key, _ := at.Key.(string)
		all = append(all, at.Number, key)
	}
	return all
}

func (db *DB) book(ctx context.Context, q source.BookQuery) (source.BookPage, error) {
	l, err := db.newListing(ctx, q)
	if err != nil {
		return source.BookPage{}, err
	}
	var page source.BookPage
	err = db.view(ctx, "book", func(t *trip) error {
		page = source.BookPage{}
		l := l // narrowed by a search anew, should it be tried again
		if q.Numbers != nil {
			return l.named(t, &page)
		}
		if err := l.search(t); err != nil {
			return err
		}
		return l.page(t, &page)
	})
	if err != nil {
		return source.BookPage{}, db.explain(ctx, err)
	}
	if q.Numbers == nil && q.Filter == (source.Filter{}) {
		db.size.Store(int64(page.Total))
	}
	return page, nil
}

// listing is a BookQuery made ready to run.
type listing struct {
	source.BookQuery
	db     *DB
	layout *layout
	column source.Column
	after  *arg   // the key of the last row of the page before; nil if it is missing
	beyond string // its number, "" on the first page
	found  []string
	// searched says that the filter's text was looked for: found has all orders that match.
	searched bool
}

func (db *DB) newListing(ctx context.Context, q source.BookQuery) (listing, error) {
	l := listing{BookQuery: q, db: db, column: cmp.Or(q.Sort, source.ByNeed)}
	if q.Numbers == nil {
		if err := l.check(); err != nil {
			return l, fmt.Errorf("postgres: book: %w", err)
		}
	}
	var err error
	l.layout, err = db.look(ctx)
	return l, err
}

func (l *listing) check() error {
	switch {
	case !slices.Contains(source.Columns(), l.column):
		return errors.New("unknown column to sort by")
	case l.Limit < 1 || l.Limit > maxPage:
		return fmt.Errorf("limit %d is outside 1..%d", l.Limit, maxPage)
	case l.Cursor == "":
		return nil
	}
	at, err := source.ParseCursor(l.Cursor, l.column, l.Descending)
	if err != nil {
		return err
	}
	l.beyond = at.Number
	l.after, err = l.keyArg(at.Key)
	if err == nil && !storable(at.Number) {
		err = fmt.Errorf("%w: its number is in no database", source.ErrCursor)
	}
	return err
}

// keyArg is the key of a cursor as a parameter, nil for one that is missing.
func (l *listing) keyArg(key any) (*arg, error) {
	var a arg
	switch key := key.(type) {
	case int64:
		a = integerArg(key)
	case string:
		if l.column == source.ByNeed || l.column == source.ByOrdered {
			day, err := atp.ParseDay(key)
			if err != nil {
				return nil, fmt.Errorf("%w: its key is not a date", source.ErrCursor)
			}
			a = dayArg(day)
			break
		}
		if !storable(key) {
			return nil, fmt.Errorf("%w: its key is in no database", source.ErrCursor)
		}
		a = textArg(key)
	default:
		return nil, nil //nolint:nilnil // missing
	}
	return &a, nil
}

// search looks for the filter's text, if it has one, among the orders that match the rest of it.
func (l *listing) search(t *trip) error {
	if l.Text == "" {
		return nil
	}
	matcher := source.NewMatcher(l.Text)
	var found []string
	t.send(l.texts(func() {
		if matcher.Match(t.text(0), t.text(1), t.text(2), t.text(3)) {
			found = append(found, t.text(0))
		}
	}))
	err := t.fetch()
	l.found, l.searched = found, true
	return err
}

// page reads one row more than asked for, to know whether there is a next page.
func (l *listing) page(t *trip, page *source.BookPage) error {
	page.Orders = make([]source.BookOrder, 0, l.Limit)
	var last source.Position
	more := false
	t.send(l.pageStatement(func() {
		page.Total = int(t.integer(bookTotal))
		if t.null(bookNumber) {
			return // beyond the last page
		}
		if more = len(page.Orders) == l.Limit; !more {
			page.Orders = append(page.Orders, t.bookOrder())
			last = source.Position{Key: l.key(t), Number: t.text(bookNumber)}
		}
	}))
	if err := t.finish(); err != nil {
		return err
	}
	if more {
		page.Next = last.Cursor(l.column, l.Descending)
	}
	return nil
}

// key is the current row's key as a cursor holds it.
func (l *listing) key(t *trip) any {
	switch {
	case t.null(bookKey):
		return nil
	case l.column.Numeric():
		return t.integer(bookKey)
	case l.column == source.ByNeed || l.column == source.ByOrdered:
		return t.date(bookKey).String()
	default:
		return t.text(bookKey)
	}
}

// named reads the orders asked for by number and leaves out those that are not open.
func (l *listing) named(t *trip, page *source.BookPage) error {
	page.Orders = make([]source.BookOrder, 0, len(l.Numbers))
	t.send(l.namedStatement(func() {
		if !t.null(bookNumber) {
			page.Orders = append(page.Orders, t.bookOrder())
		}
	}))
	err := t.finish()
	page.Total = len(page.Orders)
	return err
}

// The columns of a listing's rows.
const (
	bookNumber = iota
	bookClient
	bookTaxID
	bookCity
	bookUF
	bookSalesperson
	bookOrdered
	bookNeed
	bookItems
	bookValue
	bookImportant
	bookNote
	bookKey
	bookTotal
)

func (t *trip) bookOrder() source.BookOrder {
	t.of = dataset.Items // whose quantities and prices make the only number that may not fit
	return source.BookOrder{
		Number:      atp.OrderNumber(t.text(bookNumber)),
		Client:      t.text(bookClient),
		TaxID:       t.text(bookTaxID),
		City:        t.text(bookCity),
		UF:          t.text(bookUF),
		Salesperson: t.text(bookSalesperson),
		Ordered:     t.date(bookOrdered),
		Need:        t.date(bookNeed),
		Items:       int(t.integer(bookItems)),
		Value:       t.value(bookValue, bookNumber).Money(),
		Important:   t.truth(bookImportant),
		Note:        t.text(bookNote),
	}
}
