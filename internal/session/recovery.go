package session

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"ruptura/internal/backoff"
)

// Recovery queues again what was lost between store and queue: who died after the one was written
// and before the other leaves a session that has not ended and for which nobody works. Any number
// of processes may have one: they take turns.
type Recovery struct {
	Store interface {
		Store
		// Unfinished lists at most limit sessions that have not ended, nor been written for as long
		// as idle; those that have been silent longest come first.
		Unfinished(ctx context.Context, idle time.Duration, limit int) ([]ID, error)
		// Undone lists at most limit jobs that make up the orders given out and not yet written.
		Undone(ctx context.Context, id ID, limit int) ([]Job, error)
	}
	Jobs interface {
		Jobs
		// Holds counts each session's jobs, those in hand included.
		Holds(ctx context.Context) (map[ID]int, error)
		// Lock reports whether the caller may sweep: for so long nobody else may. Two who saw the same
		// session without jobs would both queue them, and all its jobs to come would be done twice.
		Lock(ctx context.Context, length time.Duration) (mine bool, err error)
	}
	// Idle is for how long a session must have been silent to be looked at, and how often that is
	// done.
	Idle time.Duration
	Now  func() time.Time
	Log  *slog.Logger
}

// sweepLimit bounds the sessions of one sweep.
const sweepLimit = 1000

// Run sweeps until the context ends.
func (r *Recovery) Run(ctx context.Context) {
	failures := 0
	wait := r.pause()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = r.pause()
		if _, err := r.Sweep(ctx); err != nil && ctx.Err() == nil {
			if failures++; failures == 1 {
				r.Log.Warn("lost jobs not looked for, trying again", "error", err)
			}
			wait = max(wait, backoff.Pause(failures))
			continue
		}
		failures = 0
	}
}

// pause is Idle and up to a quarter more by chance, so that processes that began together do not
// always ask together.
func (r *Recovery) pause() time.Duration {
	return r.Idle + rand.N(r.Idle/4+1) //nolint:gosec // jitter, not a secret
}

// Sweep looks once, unless another process does or has just done, and returns how many jobs it
// queued. It takes no longer than its turn; what it does not come to is left for the next one.
func (r *Recovery) Sweep(ctx context.Context) (queued int, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.Idle)
	defer cancel()
	mine, err := r.Jobs.Lock(ctx, r.Idle)
	if err != nil || !mine {
		return 0, err
	}
	silent, err := r.Store.Unfinished(ctx, r.Idle, sweepLimit)
	if err != nil || len(silent) == 0 {
		return 0, err
	}
	held, err := r.Jobs.Holds(ctx)
	if err != nil {
		return 0, err
	}
	for _, id := range silent {
		if held[id] > 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return queued, err
		}
		n, err := r.revive(ctx, id)
		queued += n
		if err != nil {
			return queued, err
		}
	}
	return queued, nil
}

// revive queues what a session without jobs lacks: what was given out and not done, else its next
// jobs; as many as it has workers. A session that is gone or has ended meanwhile needs nothing.
func (r *Recovery) revive(ctx context.Context, id ID) (queued int, err error) {
	asked, err := r.Store.Session(ctx, id)
	if err != nil {
		return 0, unlessGone(err)
	}
	lost, err := r.Store.Undone(ctx, id, asked.Workers)
	if err != nil {
		return 0, unlessGone(err)
	}
	for len(lost) < asked.Workers {
		number, ok, err := r.Store.NextJob(ctx, id, NoJob)
		if err != nil {
			return queued, unlessGone(err)
		}
		if !ok {
			break
		}
		lost = append(lost, Job{Session: id, Number: number})
	}
	for _, j := range lost {
		j.Queued = r.Now()
		if err := r.Jobs.Enqueue(ctx, j); err != nil {
			return queued, err
		}
		queued++
	}
	if queued > 0 {
		r.Log.Warn("session found without jobs: queued again", "session", id, "jobs", queued)
	}
	return queued, nil
}
