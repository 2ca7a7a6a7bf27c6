package postgres

import (
	"context"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// Numbers implements [source.Source].
func (db *DB) Numbers(context.Context, source.NumbersQuery) ([]atp.OrderNumber, error) {
	return nil, nil
}

// Book implements [source.Source].
func (db *DB) Book(context.Context, source.BookQuery) (source.BookPage, error) {
	return source.BookPage{}, nil
}
