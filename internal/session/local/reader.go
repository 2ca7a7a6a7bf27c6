package local

import (
	"context"

	"ruptura/internal/session"
)

// reader follows an entry's log by position. It holds no events of its own, so a slow reader
// costs nobody anything.
type reader struct {
	entry *entry
	after int64
	ready chan struct{}
}

func (e *entry) follow(after int64) (session.Reader, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if after < 0 || after > e.last() {
		return nil, session.ErrBeyond
	}
	r := &reader{entry: e, after: after, ready: make(chan struct{}, 1)}
	e.readers[r] = struct{}{}
	r.wake() // there may be something already
	return r, nil
}

// Ready receives when there may be something to take.
func (r *reader) Ready() <-chan struct{} { return r.ready }

// Take returns the next events. Even after the store has forgotten a session that ended, its
// readers get the rest of it.
func (r *reader) Take(_ context.Context, limit int) ([]session.Event, bool, error) {
	e := r.entry
	e.mu.Lock()
	defer e.mu.Unlock()
	events := e.slice(r.after, limit)
	r.after += int64(len(events))
	switch {
	case r.after < e.last():
		r.wake()
	case e.state.Ended():
		return events, true, nil
	case e.abandoned && len(events) == 0:
		return nil, false, session.ErrUnknown
	case e.abandoned:
		r.wake()
	}
	return events, false, nil
}

// Close ends the reading.
func (r *reader) Close() {
	r.entry.mu.Lock()
	defer r.entry.mu.Unlock()
	delete(r.entry.readers, r)
}

// wake makes Ready receive; one value is enough for any number of events.
func (r *reader) wake() {
	select {
	case r.ready <- struct{}{}:
	default:
	}
}
