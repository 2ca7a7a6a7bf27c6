package redis

import (
	"context"

	"ruptura/internal/session"
)

// Discard takes a session back as a request does that could not finish making it.
func Discard(s *Store, asked *session.Session) error {
	what, err := encodeAsked(asked)
	if err != nil {
		return err
	}
	return s.discard(context.Background(), asked.ID, what)
}

// Forget lets a store remember nothing of what sessions were asked to do.
func Forget(s *Store) { s.specs = newCache() }

// Deaf lets a store hear nothing more of a session that it follows, as if all that is published were
// lost on the way.
func Deaf(s *Store, id session.ID) error {
	return s.hub.pubsub.Unsubscribe(s.hub.ctx, s.keys(id).channel)
}
