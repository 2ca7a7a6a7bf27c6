package postgres

import (
	"context"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// Numbers implements [source.Source].
func (db *DB) Numbers(ctx context.Context, q source.NumbersQuery) ([]atp.OrderNumber, error) {
	numbers, err := db.numbers(ctx, q)
	if err == nil {
		return numbers, nil
	}
	// What no column can hold, no order matches.
	_, err = db.unheld(ctx, err, wanted(q.Filter))
	return nil, err
}

func (db *DB) numbers(ctx context.Context, q source.NumbersQuery) ([]atp.OrderNumber, error) {
	layout, err := db.look(ctx)
	if err != nil {
		return nil, err
	}
	var numbers []atp.OrderNumber
	err = db.view(ctx, "numbers", func(t *trip) error {
		numbers = make([]atp.OrderNumber, 0, db.size.Load())
		l := listing{
			BookQuery: source.BookQuery{Filter: q.Filter, StaleBefore: q.StaleBefore},
			db:        db, layout: layout, column: source.ByNeed,
		}
		if err := l.search(t); err != nil {
			return err
		}
		t.send(l.numbersStatement(func() { numbers = append(numbers, atp.OrderNumber(t.values[0])) }))
		return t.finish()
	})
	if err != nil {
		return nil, db.explain(ctx, err)
	}
	if q.Filter == (source.Filter{}) {
		db.size.Store(int64(len(numbers)))
	}
	return numbers, nil
}
