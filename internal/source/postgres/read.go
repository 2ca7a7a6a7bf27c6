package postgres

import (
	"context"
	"errors"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

var errSoon = errors.New("postgres: not yet")

// Read implements [source.Source].
func (db *DB) Read(context.Context, source.Query) (*atp.Snapshot, error) { return nil, errSoon }

// Numbers implements [source.Source].
func (db *DB) Numbers(context.Context, source.NumbersQuery) ([]atp.OrderNumber, error) {
	return nil, errSoon
}

// Book implements [source.Source].
func (db *DB) Book(context.Context, source.BookQuery) (source.BookPage, error) {
	return source.BookPage{}, errSoon
}

// Ping implements [source.Source].
func (db *DB) Ping(ctx context.Context) error { return classify(ctx, "ping", db.pool.Ping(ctx)) }
