package local

import "time"

// forget removes an entry. The caller holds the lock.
func (s *Store) forget(e *entry) {
	if s.entries[e.asked.ID] != e {
		return
	}
	delete(s.entries, e.asked.ID)
	s.freeKey(e)
	s.charge(e, 0)
	if e.place != nil {
		s.ended.Remove(e.place)
		e.place = nil
	}
	e.expiry.Stop()
	e.abandon()
}

// freeKey lets the entry's idempotency key make another session. The caller holds the lock.
func (s *Store) freeKey(e *entry) {
	if s.keys[e.key()] == e {
		delete(s.keys, e.key())
	}
}

// expire forgets an entry at the end of its life, unless a change renewed it while the timer was
// going off.
func (s *Store) expire(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !time.Now().Before(e.expires) {
		s.forget(e)
	}
}

// renew begins the entry's life again. The caller holds the lock.
func (s *Store) renew(e *entry) {
	e.expires = time.Now().Add(s.config.TTL)
	e.expiry.Reset(s.config.TTL)
}

// changed renews the life of an entry whose size is the same as before.
func (s *Store) changed(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries[e.asked.ID] == e {
		s.renew(e)
	}
}
