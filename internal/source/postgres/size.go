package postgres

import "ruptura/internal/source"

var _ source.Sizer = (*DB)(nil)

// ReadSize implements [source.Sizer]: every read adds up the movements of all products that it
// touches, and a large one touches most, so a session reads once.
func (db *DB) ReadSize() int { return source.Unlimited }
