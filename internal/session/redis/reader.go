package redis

import (
	"context"
	"errors"
	"fmt"

	"ruptura/internal/session"
)

// reader follows a session's log by position. It holds no events of its own, so a slow reader costs
// nobody anything.
type reader struct {
	hub   *hub
	id    session.ID
	ready chan struct{}
	topic *topic

	// Guarded by the topic's lock.
	after int64
	// sum is what the event numbered after is known by, once it is: known tells.
	sum   uint32
	known bool
	// done says that the session's final event has been taken.
	done bool
	// look says that the log may hold what was not heard of, failed that it could not be read.
	look, failed bool
}

// Follow returns a reader of the log.
func (s *Store) Follow(ctx context.Context, id session.ID, after int64) (session.Reader, error) {
	if !isID(id) {
		return nil, session.ErrUnknown
	}
	reach, err := readEnd(s.client.HMGet(ctx, s.keys(id).info, "estado", "ultimo_evento"))
	if err != nil {
		return nil, err
	}
	if after < 0 || after > reach.last {
		return nil, session.ErrBeyond
	}
	r := &reader{hub: s.hub, id: id, after: after, ready: make(chan struct{}, 1), look: true}
	r.done = reach.ended && after == reach.last
	if err := s.hub.join(r); err != nil {
		return nil, err
	}
	r.wake() // there may be something already
	return r, nil
}

// Ready receives when there may be something to take.
func (r *reader) Ready() <-chan struct{} { return r.ready }

// wake makes Ready receive; one value is enough for any number of events.
func (r *reader) wake() {
	select {
	case r.ready <- struct{}{}:
	default:
	}
}

// lookAgain makes the reader look at the log. The caller holds the topic's lock.
func (r *reader) lookAgain() {
	r.look = true
	r.wake()
}

// Take returns the next events: as they were heard, without asking Redis, when the next one is among
// them, else from the log. It does not ask when there is no reason to think that there is one.
func (r *reader) Take(ctx context.Context, limit int) ([]session.Event, bool, error) {
	events, heard, enough := r.heard(limit)
	switch {
	case enough:
		return events, r.done, nil
	case r.hub.ctx.Err() != nil:
		return nil, false, errClosed
	}
	events, reach, err := r.hub.read(ctx, r.id, r.after, limit, r.same)
	if err != nil {
		return nil, false, r.failure(err)
	}
	r.topic.mu.Lock()
	defer r.topic.mu.Unlock()
	r.advance(events)
	r.done = r.done || reach.ended && r.after == reach.last
	r.topic.read(heard, max(reach.last, r.after))
	return events, r.done, nil
}

// same reports whether the log still has the event that this reader took last. Of where a reader
// begins it is only known from then on.
func (r *reader) same(e session.Event) bool {
	sum := sumOf(e)
	if !r.known {
		r.sum, r.known = sum, true
	}
	return sum == r.sum
}

// heard is what can be said without asking Redis, false when it has to be asked, and the last event of
// which anybody has heard.
func (r *reader) heard(limit int) (events []session.Event, last int64, enough bool) {
	t := r.topic
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.done {
		return nil, t.known, true
	}
	if limit <= 0 {
		r.wake() // whoever takes nothing has seen nothing
		return nil, t.known, true
	}
	events = t.tail.after(r.after, limit)
	if len(events) > 0 && r.follows() {
		r.advance(events)
		if r.after < t.known {
			r.wake()
		}
		return events, t.known, true
	}
	if !r.look && r.after >= t.known {
		return nil, t.known, true
	}
	r.look = false // unless it is asked to again from here on
	return nil, t.known, false
}

// follows reports whether what was heard surely comes after what this reader has taken. The caller
// holds the lock.
func (r *reader) follows() bool {
	sum, ok := r.topic.tail.sumAt(r.after)
	return r.after == 0 || ok && r.known && sum == r.sum
}

// advance notes what has been taken. The caller holds the topic's lock.
func (r *reader) advance(events []session.Event) {
	if len(events) == 0 {
		return
	}
	last := events[len(events)-1]
	r.after, r.done = last.ID, isFinal(last)
	r.sum, r.known = sumOf(last), true
	if len(r.topic.readers) == 1 {
		r.topic.tail.dropTo(r.after) // nobody else needs them
	}
}

// failure is why the log could not be read; the reader stays as it was.
func (r *reader) failure(err error) error {
	if errors.Is(err, session.ErrBeyond) {
		return fmt.Errorf("%w: the log is shorter than it was", session.ErrUnknown)
	}
	r.topic.mu.Lock()
	defer r.topic.mu.Unlock()
	r.look, r.failed = true, true
	return err
}

// Close ends the reading.
func (r *reader) Close() { r.hub.leave(r) }
