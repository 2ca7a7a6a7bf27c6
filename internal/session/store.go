package session

import (
	"context"
	"iter"
	"time"

	"ruptura/internal/atp"
)

// Store keeps sessions and their event logs. A session's state and its log change together: what
// the log says has happened, and the other way round. All methods are safe for concurrent use.
//
// Every session known to a store lives for the store's time to live after its last change, ended
// or not, and is then unknown (ErrUnknown), as is any ID never created: all methods that take an
// ID may return it. Reading changes nothing. What does not answer is ErrUnavailable, from every
// method: asked again it never does a thing twice. Engines must pass the suite in sessiontest.
type Store interface { //nolint:interfacebloat // state and log change together; parts of it are of no use alone
	// Create keeps a new session, writes its first event, `inicio`, and gives out as many of its first
	// jobs as it says in Given; NextJob gives out those that follow. With a key that has made
	// a session before, it keeps nothing and returns that session's ID, or ErrKeyReused if the
	// fingerprint differs. ErrTaken means that another session has its ID, ErrFull that
	// the log has no room even without what has ended, and then nothing is lost; ErrTooLarge that it never
	// will.
	Create(ctx context.Context, s *Session, key Key) (ID, error)
	// Recall returns the session that a key has made, or ErrUnknown if there is none (any more), or
	// ErrKeyReused if the fingerprint differs.
	Recall(ctx context.Context, key Key) (ID, error)
	// Session returns what the session was asked to do.
	Session(ctx context.Context, id ID) (*Session, error)
	// Begin says that work has begun; only the first call counts. It reports whether there is
	// still something to do: false once the session has ended.
	Begin(ctx context.Context, id ID, at time.Time) (bool, error)
	// NextJob gives out the session's next job, each number once; false when there is none left
	// or the session has ended. finished is the job whose end asks for it, or NoJob: the end of one
	// job makes one other, so a job that has asked before gets none.
	NextJob(ctx context.Context, id ID, finished int) (int, bool, error)
	// Publish writes the results of a lot or of a part of it, unless any of its orders has been
	// written or the session has ended, and the final `completo` in the same step when these were
	// the last orders: no reader or status ever shows one without the other. The body may be used
	// again when it returns.
	Publish(ctx context.Context, id ID, lot LotResult) (Published, error)
	// End ends a session early with an `erro` event. On one that has ended nothing changes.
	End(ctx context.Context, id ID, end Ending) error
	// Status tells how far a session is.
	Status(ctx context.Context, id ID) (Status, error)
	// Events returns at most limit events after the one numbered after, in sequence. ErrBeyond
	// if there is no such event; 0 stands before the first.
	Events(ctx context.Context, id ID, after int64, limit int) ([]Event, error)
	// Follow returns a reader of the events after the one numbered after, those to come
	// included: none is lost or doubled between log and live. ErrBeyond as for Events.
	Follow(ctx context.Context, id ID, after int64) (Reader, error)
	// Ping reports whether the store answers.
	Ping(ctx context.Context) error
}

// BatchStore is a Store that is asked for several lots at once, to save the way there and back.
type BatchStore interface {
	// PublishAll is as if Publish were called for each lot in sequence, and says what became of each.
	// On an error it says so of those before the one that failed; of those after it some may have been
	// written. The whole may be asked again: what has been written is then refused.
	PublishAll(ctx context.Context, id ID, lots []LotResult) ([]Published, error)
	// PublishLast is PublishAll with a job's last lots, and then NextJob for it, in one step. After an
	// error a job may have been given out all the same: then it is returned with the error.
	PublishLast(ctx context.Context, id ID, lots []LotResult, finished int) (published []Published, next int, ok bool, err error)
}

// Preparer is a Store in which one process can prepare the results of a whole session for all that
// publish them: results which hang together must all come of one read, whoever dies meanwhile.
type Preparer interface {
	// Prepare keeps the results of all lots of a session, each whole, or none of them. Only the first
	// call counts: whoever comes later publishes what was prepared then. It must be called before
	// any of them is published as prepared; what has been published otherwise stays as it is. An error
	// among the lots is returned, and nothing kept.
	Prepare(ctx context.Context, id ID, lots iter.Seq2[LotResult, error]) error
	// Prepared reports whether results are prepared, and how many orders of them failed, by lot.
	Prepared(ctx context.Context, id ID) (failed map[int]int, ok bool, err error)
}

// Key makes repeated requests give one session. The zero Key is no key.
type Key struct {
	// Caller and Value identify the key, Fingerprint the request it came with.
	Caller, Value, Fingerprint string
}

// Zero reports whether there is no key.
func (k Key) Zero() bool { return k.Value == "" }

// Reader follows one session's log. It is for one goroutine.
type Reader interface {
	// Ready receives when there may be something to take; there is always another value after
	// an event that has not been taken.
	Ready() <-chan struct{}
	// Take returns the next events, at most limit, none if there are none yet; last tells that
	// the session's final event is among those taken so far. ErrUnknown when the session is gone.
	// After ErrUnavailable the reader stays as it was, and Ready receives when it is worth another
	// try.
	Take(ctx context.Context, limit int) (events []Event, last bool, err error)
	// Close must be called once the reader is no longer needed.
	Close()
}

// Event is one entry of a log. Data is its whole JSON, on one line.
type Event struct {
	ID   int64
	Data []byte
}

// NoJob is the job that asks for a session's first ones.
const NoJob = -1

// LotResult is a lot, or a part of one, as a worker finished it.
type LotResult struct {
	Lot int // counted from 0
	// Skip is how many of the lot's orders come before these. Parts come of jobs that had to be
	// split: those of one lot are nested or apart.
	Skip           int
	Orders, Failed int
	// Body is the event's members that do not depend on the session's progress, without braces. With
	// an empty one a [Preparer] publishes what it has been given for the lot; ErrUnprepared if that
	// is nothing.
	Body []byte
	At   time.Time
}

// Published is what became of a lot.
type Published struct {
	// Written is false when orders of it had been written before, or the session has ended.
	Written bool
	// Ended tells that the session has ended, perhaps with this lot.
	Ended bool
}

// State is where a session stands.
type State uint8

// The states, by the order in which they come.
const (
	Queued State = iota
	Running
	Complete
	Failed
	Cancelled
)

var stateNames = [...]string{"na_fila", "processando", "completo", "erro", "cancelado"}

// String is the state's wire name.
func (s State) String() string { return stateNames[s] }

// Ended reports whether nothing more will happen.
func (s State) Ended() bool { return s >= Complete }

// Ending is why a session ends early: Failed or Cancelled, with a message in its language.
type Ending struct {
	State   State
	Message string
	At      time.Time
	// FreeKey lets the session's idempotency key make another session: this one could not begin.
	FreeKey bool
}

// Status tells how far a session is. Begun and Done are zero until it has begun and ended.
type Status struct {
	State                State
	Created, Begun, Done time.Time
	Orders, Lots         int
	Processed, Failed    int
	LotsDone, Workers    int
	LastEvent            int64
	// Mode and Policy are those of the Spec.
	Mode   atp.Mode
	Policy atp.Policy
}

// Progress is the share of orders done in tenths of a percent, 0..1000, rounded down so that it
// reaches 1000 only when all are done.
func (s *Status) Progress() int { return Progress(s.Processed, s.Orders) }

// Progress is [Status.Progress] for counts.
func Progress(processed, total int) int {
	if total == 0 {
		return 1000
	}
	return processed * 1000 / total
}
