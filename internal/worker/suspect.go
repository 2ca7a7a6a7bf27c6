package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"ruptura/internal/analysis"
	"ruptura/internal/queue"
	"ruptura/internal/session"
	"ruptura/internal/wire"
)

// How often a job may be taken without an end before it is under suspicion of killing who does it.
const (
	// wholeAttempts is for a job of several orders: it is then cut in halves, until the culprit
	// stands alone and nobody else suffers.
	wholeAttempts = 2
	// singleAttempts is for one order: it is then given an error result and put aside.
	singleAttempts = 5
)

// ReasonDied is why a job is put aside: its workers died, or were not heard of again.
const ReasonDied = "workers-died"

// inHand is a context that ends when the job is taken over by another worker, with queue.ErrLost as
// its cause. The caller calls release, which waits.
func inHand(ctx context.Context, d queue.Delivery) (held context.Context, release func()) {
	lost := d.Lost()
	if lost == nil {
		return ctx, func() {}
	}
	held, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-lost:
			cancel(queue.ErrLost)
		case <-held.Done():
		}
	}()
	return held, func() { cancel(nil); <-done }
}

// suspect deals with a job that has been taken too often without an end: it reports true when there
// is nothing left to do for this worker.
func (w *worker) suspect(ctx context.Context, d queue.Delivery, log *slog.Logger) (done bool, err error) {
	if d.Attempts() <= wholeAttempts {
		return false, nil
	}
	j := d.Job()
	s, err := w.session(ctx, j.Session)
	if err != nil {
		return false, err
	}
	if w.pool.hangsTogether(s) {
		return w.suspectTogether(ctx, d, s, log)
	}
	switch span := s.Span(j); {
	case span.Len() > 1:
		log.Warn("job cut in halves: who had it did not come back", "attempts", d.Attempts()-1, "orders", span.Len())
		return true, w.halve(ctx, d, s, span)
	case d.Attempts() > singleAttempts:
		log.Error("order put aside: who had it did not come back", "attempts", d.Attempts()-1, "order", string(s.Orders[span.First]))
		return true, w.putAside(ctx, d, s, span)
	}
	return false, nil
}

// halve queues both halves of a job in its place.
func (w *worker) halve(ctx context.Context, d queue.Delivery, s *session.Session, span session.Span) error {
	left, right := d.Job(), d.Job()
	left.Part, right.Part = s.Halves(span)
	left.Queued = w.pool.config.Service.Now()
	right.Queued = left.Queued
	if err := w.patiently(ctx, func() error { return w.pool.config.Queue.Enqueue(ctx, left, right) }); err != nil {
		return errors.Join(fmt.Errorf("queue the halves: %w", err), d.Return(context.WithoutCancel(ctx)))
	}
	return w.insist(ctx, func() error { return d.Done(ctx) })
}

// putAside gives an order its error, so that its session can end, and buries its job.
func (w *worker) putAside(ctx context.Context, d queue.Delivery, s *session.Session, span session.Span) error {
	j := w.newJob(s, d.Job())
	j.failed = analysis.ErrDeadly
	if err := j.publish(ctx, span); err != nil && !over(err) {
		return errors.Join(err, d.Return(context.WithoutCancel(ctx)))
	}
	w.pool.config.Observe.Job(j.report)
	err := w.next(ctx, d.Job())
	return errors.Join(err, w.insist(ctx, func() error { return d.Bury(ctx, ReasonDied) }))
}

// over reports whether an error says that a session needs nothing any more.
func over(err error) bool { return errors.Is(err, session.ErrUnknown) || errors.Is(err, errEnded) }

// session is what a session was asked to do.
func (w *worker) session(ctx context.Context, id session.ID) (s *session.Session, err error) {
	err = w.patiently(ctx, func() (err error) {
		s, err = w.pool.config.Service.Store.Session(ctx, id)
		return err
	})
	return s, err
}

// newJob prepares a job of a session.
func (w *worker) newJob(s *session.Session, asked session.Job) *job {
	if form := (wire.Form{Detail: s.Detail, Lang: s.Lang}); w.lot == nil || w.lot.Form() != form {
		w.lot = wire.NewLot(form)
	}
	return &job{worker: w, session: s, asked: asked, report: Report{
		Session: s.ID, Job: asked.Number, Worker: w.name, Waiting: w.pool.config.Service.Now().Sub(asked.Queued),
	}}
}
