package redis

import "ruptura/internal/session"

// Forget lets a store remember nothing of what sessions were asked to do.
func Forget(s *Store) { s.specs = newCache() }

// Deaf lets a store hear nothing more of a session that it follows, as if all that is published were
// lost on the way.
func Deaf(s *Store, id session.ID) error {
	return s.hub.pubsub.Unsubscribe(s.hub.ctx, s.keys(id).channel)
}
