package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ruptura/internal/analysis"
	"ruptura/internal/backoff"
	"ruptura/internal/session"
	"ruptura/internal/source"
)

// slowFailure is how long an attempt must take to be worth not repeating for every job.
const slowFailure = time.Second

// outage is how long one session has waited for its source. Its reads share it.
type outage struct {
	mu sync.Mutex
	// given is the error of the attempt that was the last within the limit, nil until then. From
	// then on each job makes one attempt.
	given error
	// holds is until when given speaks for further attempts too: a server that answers nothing
	// would cost each job as much time again.
	holds time.Time
}

// exhausted reports whether the session has waited for as long as it may.
func (o *outage) exhausted() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.given != nil
}

// verdict is the error that stands for another attempt now, or nil.
func (o *outage) verdict(now time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.Before(o.holds) {
		return o.given
	}
	return nil
}

// give says that err, after an attempt that took that long, was the last within the limit. It
// reports whether it was the first to say so.
func (o *outage) give(err error, now time.Time, took time.Duration) (first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	first, o.given = o.given == nil, err
	if took >= slowFailure {
		o.holds = now.Add(took)
	}
	return first
}

// patientRead is one read under way, with all its attempts.
type patientRead struct {
	*Pool
	session *session.Session
	number  int
	outage  *outage
	log     *slog.Logger
	begin   time.Time
	took    time.Duration // the last attempt
}

// read makes one read for all who share it. It is interrupted when the session ends, with errEnded
// or session.ErrUnknown. While the source is away it waits and tries again, within the limit; a
// stop of the pool ends that at once, with errStopped.
func (p *Pool) read(ctx context.Context, s *session.Session, number int, o *outage) (*analysis.Book, error) {
	ctx, interrupt, release := p.whileAlive(ctx, s.ID)
	defer release()
	r := &patientRead{
		Pool: p, session: s, number: number, outage: o, begin: time.Now(), log: p.config.Log.With("session", s.ID, "read", number),
	}
	if err := o.verdict(r.begin); err != nil {
		return nil, err
	}
	book, err := r.attempt(ctx)
	if away(err) && ctx.Err() == nil {
		// What is away is not waited for when we are asked to stop.
		forget := context.AfterFunc(p.taking, func() { interrupt(errStopped) })
		defer forget()
		book, err = r.again(ctx, err)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case away(err) && p.config.Retry > 0:
		err = fmt.Errorf("%w: %w", analysis.ErrGaveUp, err)
	}
	if err != nil {
		r.failed(err)
	}
	return book, err
}

func away(err error) bool { return errors.Is(err, source.ErrUnavailable) }

// attempt reads once.
func (r *patientRead) attempt(ctx context.Context) (*analysis.Book, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	start := time.Now()
	defer func() { r.took = time.Since(start) }()
	return analysis.Read(ctx, r.config.Source, r.session.ReadOrders(r.number), analysis.PlanOf(&r.session.Spec))
}

// again repeats a failed attempt until the source is back or the limit has run out.
func (r *patientRead) again(ctx context.Context, err error) (*analysis.Book, error) {
	for failures := 1; ; failures++ {
		left := r.config.Retry - time.Since(r.begin)
		if left <= 0 || r.outage.exhausted() {
			return nil, err
		}
		r.wait(ctx, failures, left, err)
		var book *analysis.Book
		if book, err = r.attempt(ctx); err == nil {
			r.log.Info("source is back", "attempts", failures+1, "away", time.Since(r.begin))
			return book, nil
		}
		if !away(err) || ctx.Err() != nil {
			return nil, err
		}
	}
}

// wait lets the source come back, for no longer than is left.
func (r *patientRead) wait(ctx context.Context, failures int, left time.Duration, cause error) {
	wait := min(backoff.Pause(failures), left)
	r.config.Observe.ReadRetried()
	r.log.Warn("source is away, trying again", "attempt", failures+1, "in", wait, "error", cause)
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}

// failed says that the read came to nothing. Of a source that stays away a session says so once,
// however many jobs it has.
func (r *patientRead) failed(err error) {
	r.config.Observe.ReadFailed()
	level := slog.LevelError
	if away(err) && !r.outage.give(err, time.Now(), r.took) {
		level = slog.LevelDebug
	}
	r.log.Log(context.Background(), level, "source not read", "after", time.Since(r.begin), "error", err)
}
