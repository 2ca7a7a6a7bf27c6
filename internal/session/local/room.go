package local

import (
	"container/list"

	"ruptura/internal/session"
)

// admit charges a new entry for what it is expected to need, or says why it cannot. The caller
// holds the lock.
func (s *Store) admit(e *entry) error {
	size := e.size()
	if size > s.config.Memory {
		return session.ErrTooLarge
	}
	if !s.makeRoom(size) {
		return session.ErrFull
	}
	s.charge(e, size)
	return nil
}

// charge changes what an entry is charged for. The caller holds the lock.
func (s *Store) charge(e *entry, size int64) {
	s.used += size - e.charge
	if e.place != nil {
		s.spare += size - e.charge
	}
	e.charge = size
}

// makeRoom forgets ended sessions, the oldest first, until there is room for that many more
// bytes. When all of them would not be enough it forgets none: nobody loses results to a request
// that is refused anyway. The caller holds the lock.
func (s *Store) makeRoom(bytes int64) bool {
	if s.used-s.spare+bytes > s.config.Memory {
		return false
	}
	s.evict(bytes, nil)
	return true
}

// evict forgets ended sessions, the oldest first, until there is room for that many more bytes or
// only the one to keep is left. The caller holds the lock.
func (s *Store) evict(bytes int64, keep *list.Element) {
	for s.used+bytes > s.config.Memory {
		oldest := s.ended.Front()
		if oldest == nil || oldest == keep {
			return
		}
		s.forget(oldest.Value.(*entry)) //nolint:forcetypeassert,errcheck // the list holds nothing else
	}
}

// written accounts for a write: it renews the session's life, charges for its size, and notes its
// end. It reports whether the log is within its limit, or is beyond it through no fault of this
// session, and ErrUnknown when the write came too late.
func (s *Store) written(e *entry, ended bool) (fits bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries[e.asked.ID] != e {
		return false, session.ErrUnknown
	}
	s.renew(e)
	before := e.charge
	s.charge(e, e.size())
	if ended && e.place == nil {
		e.place = s.ended.PushBack(e)
		s.spare += e.charge
	}
	if e.place != nil { // its last lot may have gone beyond the limit: those before it make room now, it later
		s.evict(0, e.place)
		return true, nil
	}
	return e.charge <= before || s.makeRoom(0), nil
}
