package local

import (
	"container/list"
	"slices"
	"sync"
	"time"

	"ruptura/internal/session"
)

// What a session is expected to need, in bytes, and is charged for from the start: so that what
// has been let in can also finish.
const (
	overhead     = 4096 // of a session
	perEvent     = 64   // beside its data
	perOrder     = 32   // to keep its number, beside its characters
	perSummary   = 1024 // a result without items
	perItemsMore = 5120 // what items add to it
)

// entry is one session with its log.
type entry struct {
	asked       *session.Session
	idempotency session.Key

	// Guarded by the store's lock.
	charge  int64
	place   *list.Element // in the list of ended sessions
	expires time.Time
	expiry  *time.Timer

	// fixed is the part of its size that never changes.
	fixed int64

	mu     sync.Mutex
	events []session.Event
	bytes  int64 // of the events
	state  session.State
	begun  time.Time
	done   time.Time
	next   int // the next job to give out
	// passed tells of each job whether its end has asked for another one.
	passed map[int]bool
	// written tells of each order whether its result has been; left is how many each lot lacks.
	written   []bool
	left      []int
	lotsDone  int
	counters  session.Counters
	readers   map[*reader]struct{}
	abandoned bool // by the store: nothing more will come
}

func newEntry(asked *session.Session, key session.Key) *entry {
	e := &entry{
		asked: asked, idempotency: key,
		next:     min(asked.Given, asked.Jobs()),
		passed:   map[int]bool{},
		written:  make([]bool, len(asked.Orders)),
		left:     make([]int, asked.Lots()),
		counters: session.Counters{Total: len(asked.Orders)},
		readers:  map[*reader]struct{}{},
	}
	for i := range e.left {
		e.left[i] = len(asked.Lot(i))
	}
	e.fixed = overhead + int64(len(e.left))*8 + int64(len(asked.Orders))*perOrder
	for _, n := range asked.Orders {
		e.fixed += int64(len(n))
	}
	e.append(session.StartEvent(asked))
	return e
}

func (e *entry) key() callerKey { return callerKey{e.idempotency.Caller, e.idempotency.Value} }

// size is what the session is charged for: what it holds and, while it runs, what it is expected
// to need.
func (e *entry) size() int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	size := e.bytes + e.fixed
	if e.state.Ended() {
		return size
	}
	each := int64(perSummary)
	if e.asked.Detail.Items() {
		each += perItemsMore
	}
	return size + each*int64(e.counters.Total-e.counters.Processed)
}

// append adds an event and wakes all readers. The caller holds the lock, or the entry is new.
func (e *entry) append(data []byte) {
	e.events = append(e.events, session.Event{ID: e.last() + 1, Data: data})
	e.bytes += int64(len(data)) + perEvent
	for r := range e.readers {
		r.wake()
	}
}

func (e *entry) last() int64 { return int64(len(e.events)) }

// begin reports whether this was the beginning, and whether there is something to do.
func (e *entry) begin(at time.Time) (first, alive bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state == session.Queued {
		e.state, e.begun = session.Running, at
		first = true
	}
	return first, !e.state.Ended()
}

func (e *entry) nextJob(finished int) (int, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state.Ended() || e.next >= e.asked.Jobs() || e.passed[finished] {
		return 0, false
	}
	if finished != session.NoJob {
		e.passed[finished] = true
	}
	e.next++
	return e.next - 1, true
}

func (e *entry) publish(lot session.LotResult) session.Published {
	e.mu.Lock()
	defer e.mu.Unlock()
	first := lot.Lot*e.asked.LotSize + lot.Skip
	written := e.written[first : first+lot.Orders]
	if e.state.Ended() || slices.Contains(written, true) {
		return session.Published{Ended: e.state.Ended()}
	}
	for i := range written {
		written[i] = true
	}
	if e.left[lot.Lot] -= lot.Orders; e.left[lot.Lot] == 0 {
		e.lotsDone++
	}
	e.counters.Processed += lot.Orders
	e.counters.Failed += lot.Failed
	complete := e.lotsDone == len(e.left)
	if complete { // before the readers wake: the last result and the end belong together
		e.state, e.done = session.Complete, lot.At
	}
	e.append(session.ResultsEvent(e.last()+1, e.counters, lot.Body))
	if complete {
		e.append(session.CompleteEvent(e.last()+1, e.counters, lot.At.Sub(e.asked.Created)))
	}
	return session.Published{Written: true, Ended: complete}
}

func (e *entry) end(end session.Ending) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state.Ended() {
		return false
	}
	e.state, e.done = end.State, end.At
	e.append(session.ErrorEvent(e.last()+1, e.counters, end.Message))
	return true
}

// abandon tells the readers that nothing more will come.
func (e *entry) abandon() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.abandoned = true
	for r := range e.readers {
		r.wake()
	}
}

func (e *entry) status() session.Status {
	e.mu.Lock()
	defer e.mu.Unlock()
	return session.Status{
		State: e.state, Created: e.asked.Created, Begun: e.begun, Done: e.done,
		Orders: e.counters.Total, Lots: len(e.left),
		Processed: e.counters.Processed, Failed: e.counters.Failed,
		LotsDone: e.lotsDone, Workers: e.asked.Workers, LastEvent: e.last(),
		Mode: e.asked.Mode, Policy: e.asked.Policy,
	}
}

func (e *entry) eventsAfter(after int64, limit int) ([]session.Event, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if after < 0 || after > e.last() {
		return nil, session.ErrBeyond
	}
	return e.slice(after, limit), nil
}

// slice shares the log's memory: events never change. The caller holds the lock.
func (e *entry) slice(after int64, limit int) []session.Event {
	end := after + min(int64(max(limit, 0)), e.last()-after) // a large limit must not overflow
	return e.events[after:end:end]
}
