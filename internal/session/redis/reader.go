package redis

import (
	"context"

	"ruptura/internal/session"
)

// Follow is not there yet.
func (s *Store) Follow(ctx context.Context, id session.ID, after int64) (session.Reader, error) {
	_, _, err := s.read(ctx, id, after, 0)
	return nil, err
}
