package redis

import (
	"bytes"
	"hash/crc32"
	"strconv"
	"sync"
	"time"

	"ruptura/internal/session"
)

// topic is one session as its readers in this process hear of it.
type topic struct {
	mu      sync.Mutex
	readers map[*reader]struct{}
	tail    tail
	// known is the last event of which anybody here has heard.
	known int64
	// heard is when something was last heard of the session, or it was looked at.
	heard time.Time
}

// hear takes an event as it was published. What cannot be read makes the readers look at the log.
func (t *topic) hear(data []byte) {
	id, ok := eventID(data)
	if !ok {
		t.lookAgain()
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.heard = time.Now()
	if !t.tail.add(session.Event{ID: id, Data: data}) {
		t.lookAgainLocked()
	}
	t.learn(id)
}

// learn wakes those who have not read as far as the log goes. The caller holds the lock.
func (t *topic) learn(last int64) {
	t.known = max(t.known, last)
	for r := range t.readers {
		if r.after < t.known {
			r.wake()
		}
	}
}

// seen tells how far the log goes: readers who are not there, before it or, after a loss, beyond it,
// look at it themselves, and so do those who could not read.
func (t *topic) seen(last int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for r := range t.readers {
		if r.failed || r.after != last {
			r.failed = false
			r.lookAgain()
		}
	}
}

// lookAgain makes all readers look at the log.
func (t *topic) lookAgain() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lookAgainLocked()
}

// lookAgainLocked is lookAgain for a caller that holds the lock.
func (t *topic) lookAgainLocked() {
	for r := range t.readers {
		r.lookAgain()
	}
}

// read tells how far the log goes, as it was found by a reader that knew of events up to the one
// numbered known. When it is shorter Redis has lost some: they are no longer waited for, nor taken
// from what was heard. Who has had them finds out by itself. The caller holds the lock.
func (t *topic) read(known, last int64) {
	if last < known && t.known == known {
		t.known, t.tail = last, tail{}
	}
	t.learn(last)
}

// sumOf is by what an event is known again.
func sumOf(e session.Event) uint32 { return crc32.ChecksumIEEE(e.Data) }

// silent reports whether the session should be looked at, and that it is. What a silent session's
// readers have not taken by now they read in the log: it holds no memory here.
func (t *topic) silent(now time.Time, silence time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	failed := false
	for r := range t.readers {
		failed = failed || r.failed
	}
	if now.Sub(t.heard) < silence {
		return failed
	}
	t.heard = now
	t.tail.dropTo(t.tail.last())
	return true
}

// Limits of a tail. Who is further behind reads the log.
const (
	tailEvents = 64
	tailBytes  = 256 << 10
)

// tail is the last events of a log, as they were published, without gaps.
type tail struct {
	events []session.Event
	bytes  int
	// before is the number of the event before them, 0 if it was not heard, sum what it is known by.
	before int64
	sum    uint32
}

// last is the number of the last event heard, 0 without any.
func (t *tail) last() int64 {
	if len(t.events) == 0 {
		return t.before
	}
	return t.events[len(t.events)-1].ID
}

// add takes an event; after a gap it begins again with it. It returns false when the number has been
// heard before: nothing is published twice, so Redis has lost events and begun again before them.
func (t *tail) add(e session.Event) (next bool) {
	next = e.ID > t.last()
	if t.last() > 0 && e.ID != t.last()+1 {
		*t = tail{}
	}
	t.events = append(t.events, e)
	t.bytes += len(e.Data)
	for len(t.events) > tailEvents || t.bytes > tailBytes {
		t.dropTo(t.events[0].ID)
	}
	return next
}

// sumAt is what the event with that number is known by, false if it was not heard or too long ago.
func (t *tail) sumAt(id int64) (uint32, bool) {
	switch {
	case id > 0 && id == t.before:
		return t.sum, true
	case len(t.events) == 0 || id < t.events[0].ID || id > t.last():
		return 0, false
	}
	return sumOf(t.events[id-t.events[0].ID]), true
}

// after is a copy of at most limit events that follow the one numbered after, none unless the very
// next one is there.
func (t *tail) after(after int64, limit int) []session.Event {
	if len(t.events) == 0 || after+1 < t.events[0].ID || after >= t.last() {
		return nil
	}
	from := int(after + 1 - t.events[0].ID)
	return append([]session.Event(nil), t.events[from:min(from+limit, len(t.events))]...)
}

// dropTo forgets the events up to the one with that number.
func (t *tail) dropTo(id int64) {
	for len(t.events) > 0 && t.events[0].ID <= id {
		t.before, t.sum = t.events[0].ID, sumOf(t.events[0])
		t.bytes -= len(t.events[0].Data)
		t.events[0] = session.Event{}
		t.events = t.events[1:]
	}
	if len(t.events) == 0 {
		t.events = nil
	}
}

// head begins every event.
const head = `{"id":`

// eventID reads an event's number from its beginning.
func eventID(data []byte) (int64, bool) {
	rest, ok := bytes.CutPrefix(data, []byte(head))
	digits, _, comma := bytes.Cut(rest, []byte{','})
	if !ok || !comma {
		return 0, false
	}
	id, err := strconv.ParseInt(string(digits), 10, 64)
	return id, err == nil && id > 0
}

// isFinal reports whether an event is a session's last one.
func isFinal(e session.Event) bool {
	_, rest, _ := bytes.Cut(e.Data, []byte{','})
	return bytes.HasPrefix(rest, []byte(`"tipo":"completo"`)) || bytes.HasPrefix(rest, []byte(`"tipo":"erro"`))
}
