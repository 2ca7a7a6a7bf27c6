package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

var (
	notQueued = lang.Text{
		PT: "a análise não pôde ser posta na fila; envie os pedidos de novo",
		EN: "the analysis could not be queued; send the orders again",
	}
	cancelled = lang.Text{PT: "cancelado", EN: "cancelled"}
	// NoRoom is what a session ends with when its results outgrow the log.
	NoRoom = lang.Text{
		PT: "não há memória para guardar mais resultados; peça menos pedidos de cada vez, ou aumente --log-memory",
		EN: "there is no memory to keep more results; ask for fewer orders at a time, or raise --log-memory",
	}
)

// Job is a run of whole lots of one session, the unit of work of a worker.
type Job struct {
	Session ID
	Number  int
	// Part is the orders that are left of the job when others of it have been split off; zero is the
	// whole job.
	Part Span
	// Queued is when the job was put into the queue.
	Queued time.Time
}

// Jobs is where jobs wait for workers.
type Jobs interface {
	// Enqueue adds jobs at the end, in that sequence. After an error some of them may have been added.
	Enqueue(ctx context.Context, jobs ...Job) error
	// Len is the number of jobs waiting.
	Len(ctx context.Context) (int, error)
}

// Service begins and cancels sessions and keeps their jobs flowing.
type Service struct {
	Store Store
	Jobs  Jobs
	// MaxWaiting is how many sessions may wait before new ones are turned away with ErrBusy. One that
	// waits has as many jobs in the queue as it has workers; the newcomer's number stands for all.
	MaxWaiting int
	// Now is the clock.
	Now func() time.Time
}

// Start keeps a session and queues its first jobs. The answer may be an earlier session's ID, if
// the key made one before. ErrBusy and ErrFull mean that trying again later may help.
func (s *Service) Start(ctx context.Context, spec Spec, key Key) (*Session, error) {
	return s.StartAs(ctx, NewID(), spec, key)
}

// StartAs is Start with an ID that somebody waits for already; if a session has it, the new one gets
// another.
func (s *Service) StartAs(ctx context.Context, id ID, spec Spec, key Key) (*Session, error) {
	if len(spec.Orders) == 0 {
		return nil, ErrEmpty
	}
	if _, ok := s.Store.(Preparer); ok && spec.Mode == atp.Together {
		spec.Workers = 1 // its first job prepares all of it; a second one would only read the same again
	}
	if err := s.admit(ctx, &spec); err != nil {
		return nil, err
	}
	fresh := &Session{ID: id, Created: s.Now(), Spec: spec, Given: min(spec.Workers, spec.Jobs())}
	id, err := s.Store.Create(ctx, fresh, key)
	switch {
	case errors.Is(err, ErrTaken):
		return s.StartAs(ctx, NewID(), spec, key)
	case err != nil:
		return nil, fmt.Errorf("keep session: %w", err)
	case id != fresh.ID:
		return s.Store.Session(ctx, id)
	}
	first := make([]Job, fresh.Given)
	for i := range first {
		first[i] = Job{Session: fresh.ID, Number: i, Queued: s.Now()}
	}
	if err := s.Jobs.Enqueue(ctx, first...); err != nil {
		return nil, s.abandon(ctx, fresh, true, fmt.Errorf("queue the first jobs: %w", err))
	}
	return fresh, nil
}

// Recall is the session that a key has made before, whatever is waiting now; ErrUnknown if there is
// none.
func (s *Service) Recall(ctx context.Context, key Key) (*Session, error) {
	id, err := s.Store.Recall(ctx, key)
	if err != nil {
		return nil, err
	}
	return s.Store.Session(ctx, id)
}

func (s *Service) admit(ctx context.Context, newcomer *Spec) error {
	waiting, err := s.Jobs.Len(ctx)
	if err != nil {
		return fmt.Errorf("length of the queue: %w", err)
	}
	if waiting >= s.MaxWaiting*max(newcomer.Workers, 1) {
		return ErrBusy
	}
	return nil
}

// abandon ends a session whose jobs could not be queued, so that it does not look alive.
func (s *Service) abandon(ctx context.Context, asked *Session, freeKey bool, cause error) error {
	err := s.Store.End(context.WithoutCancel(ctx), asked.ID, Ending{
		State: Failed, Message: notQueued.In(asked.Lang), At: s.Now(), FreeKey: freeKey,
	})
	if err != nil {
		return fmt.Errorf("%w (and ending the session: %w)", cause, err)
	}
	return cause
}

// Cancel ends a session at its user's wish: what is queued is dropped, what is running stops at its
// next lot. On a session that has ended nothing changes.
func (s *Service) Cancel(ctx context.Context, id ID) error {
	asked, err := s.Store.Session(ctx, id)
	if err != nil {
		return err
	}
	return s.Store.End(ctx, id, Ending{State: Cancelled, Message: cancelled.In(asked.Lang), At: s.Now()})
}

// Continue queues the session's next job, if there is one: the end of a job calls it, so that a
// session never has more jobs waiting than it has workers. Each job has one successor, however
// often its end is told. patiently tries each step, perhaps again while it fails with ErrUnavailable.
// When the job cannot be queued for another reason nobody would ever do it, so the session ends; but
// a lack of room is waited for like an absence, as other sessions will make some.
func (s *Service) Continue(ctx context.Context, id ID, finished int, patiently func(try func() error) error) error {
	return s.endUnless(ctx, id, s.proceed(ctx, id, finished, waitingForRoom(patiently)))
}

// Queue is Continue for a job that has been given out; add is how it is queued.
func (s *Service) Queue(
	ctx context.Context, id ID, number int, patiently func(try func() error) error, add func(context.Context, Job) error,
) error {
	return s.endUnless(ctx, id, s.enqueue(ctx, id, number, waitingForRoom(patiently), add))
}

// waitingForRoom takes a lack of room for an absence.
func waitingForRoom(patiently func(try func() error) error) func(try func() error) error {
	return func(try func() error) error {
		return patiently(func() error { return fullIsAway(try()) })
	}
}

// endUnless ends a session whose next job could not be queued, unless it is gone, or what keeps it is
// away. It returns the cause.
func (s *Service) endUnless(ctx context.Context, id ID, cause error) error {
	if cause == nil || errors.Is(cause, ErrUnknown) || errors.Is(cause, ErrUnavailable) {
		return cause
	}
	asked, err := s.Store.Session(context.WithoutCancel(ctx), id)
	if err != nil {
		return fmt.Errorf("%w (and ending the session: %w)", cause, err)
	}
	return s.abandon(ctx, asked, false, cause)
}

// proceed queues the session's next job, if there is one.
func (s *Service) proceed(ctx context.Context, id ID, finished int, patiently func(try func() error) error) error {
	var number int
	var ok bool
	err := patiently(func() (err error) {
		number, ok, err = s.Store.NextJob(ctx, id, finished)
		return err
	})
	if err != nil || !ok {
		return err
	}
	return s.enqueue(ctx, id, number, patiently, s.add)
}

// enqueue queues a job that has been given out.
func (s *Service) enqueue(
	ctx context.Context, id ID, number int, patiently func(try func() error) error, add func(context.Context, Job) error,
) error {
	err := patiently(func() error { return add(ctx, Job{Session: id, Number: number, Queued: s.Now()}) })
	if err != nil {
		return fmt.Errorf("queue job %d: %w", number, err)
	}
	return nil
}

// add queues a job.
func (s *Service) add(ctx context.Context, j Job) error { return s.Jobs.Enqueue(ctx, j) }

// fullIsAway makes a lack of room an ErrUnavailable too.
func fullIsAway(err error) error {
	if errors.Is(err, ErrFull) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// unlessGone is an error, unless it says that a session is forgotten.
func unlessGone(err error) error {
	if errors.Is(err, ErrUnknown) {
		return nil
	}
	return err
}
