// Package local keeps sessions and their event logs in the memory of one process, within a limit.
package local

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"

	"ruptura/internal/session"
)

// Config are the limits of a store.
type Config struct {
	// TTL is how long a session lives after its last change.
	TTL time.Duration
	// Memory bounds the bytes of all logs together, those that running sessions will still
	// need included.
	Memory int64
}

// Store is a session.Store in memory. Close it to stop its timers.
type Store struct {
	config Config

	mu      sync.Mutex
	entries map[session.ID]*entry
	keys    map[callerKey]*entry
	// ended lists the entries that have ended, the oldest first: they go first when room is
	// needed.
	ended *list.List
	// used is the sum of what the entries are charged for, spare the part of it that would go if
	// all that have ended were forgotten.
	used, spare int64
}

// callerKey is an idempotency key.
type callerKey struct{ caller, value string }

var _ session.Store = (*Store)(nil)

// New returns an empty store.
func New(c Config) *Store {
	return &Store{config: c, entries: map[session.ID]*entry{}, keys: map[callerKey]*entry{}, ended: list.New()}
}

// Close forgets everything; readers learn it at their next Take.
func (s *Store) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		s.forget(e)
	}
}

// Usage is the number of sessions kept and the bytes they are charged for.
func (s *Store) Usage() (sessions int, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.entries), s.used
}

// Ping always succeeds: the store is this process.
func (s *Store) Ping(context.Context) error { return nil }

// Create keeps a new session.
func (s *Store) Create(_ context.Context, asked *session.Session, key session.Key) (session.ID, error) {
	e := newEntry(asked, key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, err := s.recall(key); !errors.Is(err, session.ErrUnknown) {
		return id, err
	}
	if _, taken := s.entries[asked.ID]; taken {
		return "", session.ErrTaken
	}
	if err := s.admit(e); err != nil {
		return "", err
	}
	s.entries[asked.ID] = e
	if !key.Zero() {
		s.keys[e.key()] = e
	}
	e.expires = time.Now().Add(s.config.TTL)
	e.expiry = time.AfterFunc(s.config.TTL, func() { s.expire(e) })
	return asked.ID, nil
}

// Recall returns the session that a key has made.
func (s *Store) Recall(_ context.Context, key session.Key) (session.ID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.recall(key)
}

// recall is Recall for who holds the lock.
func (s *Store) recall(key session.Key) (session.ID, error) {
	earlier, ok := s.keys[callerKey{key.Caller, key.Value}]
	switch {
	case !ok || key.Zero():
		return "", session.ErrUnknown
	case earlier.idempotency.Fingerprint != key.Fingerprint:
		return "", session.ErrKeyReused
	}
	return earlier.asked.ID, nil
}

func (s *Store) find(id session.ID) (*entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries[id]
	if !ok {
		return nil, session.ErrUnknown
	}
	return e, nil
}

// Session returns what was asked for.
func (s *Store) Session(_ context.Context, id session.ID) (*session.Session, error) {
	e, err := s.find(id)
	if err != nil {
		return nil, err
	}
	return e.asked, nil
}

// Begin notes the beginning of work.
func (s *Store) Begin(_ context.Context, id session.ID, at time.Time) (bool, error) {
	e, err := s.find(id)
	if err != nil {
		return false, err
	}
	first, alive := e.begin(at)
	if first {
		s.changed(e)
	}
	return alive, nil
}

// NextJob gives out the next job.
func (s *Store) NextJob(_ context.Context, id session.ID, finished int) (int, bool, error) {
	e, err := s.find(id)
	if err != nil {
		return 0, false, err
	}
	n, ok := e.nextJob(finished)
	if ok {
		s.changed(e)
	}
	return n, ok, nil
}

// Publish writes a lot's results.
func (s *Store) Publish(ctx context.Context, id session.ID, lot session.LotResult) (session.Published, error) {
	e, err := s.find(id)
	if err != nil {
		return session.Published{}, err
	}
	p := e.publish(lot)
	if !p.Written {
		return p, nil
	}
	fits, err := s.written(e, p.Ended)
	if fits || err != nil {
		return p, err
	}
	p.Ended = true
	return p, s.End(ctx, id, session.Ending{State: session.Failed, Message: session.NoRoom.In(e.asked.Lang), At: lot.At})
}

// End ends a session early.
func (s *Store) End(_ context.Context, id session.ID, end session.Ending) error {
	e, err := s.find(id)
	if err != nil || !e.end(end) {
		return err
	}
	if end.FreeKey {
		s.mu.Lock()
		s.freeKey(e)
		s.mu.Unlock()
	}
	_, err = s.written(e, true)
	return err
}

// Status tells how far a session is.
func (s *Store) Status(_ context.Context, id session.ID) (session.Status, error) {
	e, err := s.find(id)
	if err != nil {
		return session.Status{}, err
	}
	return e.status(), nil
}

// Events returns a part of the log.
func (s *Store) Events(_ context.Context, id session.ID, after int64, limit int) ([]session.Event, error) {
	e, err := s.find(id)
	if err != nil {
		return nil, err
	}
	return e.eventsAfter(after, limit)
}

// Follow returns a reader of the log.
func (s *Store) Follow(_ context.Context, id session.ID, after int64) (session.Reader, error) {
	e, err := s.find(id)
	if err != nil {
		return nil, err
	}
	return e.follow(after)
}
