package postgres

import "context"

// layout is what the relations' columns are made of, as far as statements depend on it.
type layout struct{}

func (db *DB) look(context.Context) (*layout, error) { return &layout{}, nil }
