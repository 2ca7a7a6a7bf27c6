package worker

import (
	"context"
	"errors"

	"ruptura/internal/session"
)

// takeAtOnce bounds the events held to look for the last one.
const takeAtOnce = 64

// whileAlive is a context that ends with a session: its cause is then errEnded or
// session.ErrUnknown, or what interrupt says. Whoever cancels a session, in whatever process, writes
// its end into its log, so that is what is watched. The caller calls release, which waits.
func (p *Pool) whileAlive(ctx context.Context, id session.ID) (alive context.Context, interrupt context.CancelCauseFunc, release func()) {
	alive, interrupt = context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		switch err := p.untilEnd(alive, id); {
		case errors.Is(err, errEnded), errors.Is(err, session.ErrUnknown):
			interrupt(err)
		case alive.Err() == nil: // what is read is of use all the same
			p.config.Log.Warn("session not watched while reading", "session", id, "error", err)
		}
	}()
	return alive, interrupt, func() { interrupt(nil); <-done }
}

// untilEnd waits for the end of a session: errEnded, or session.ErrUnknown when it is forgotten.
func (p *Pool) untilEnd(ctx context.Context, id session.ID) error {
	store := p.config.Service.Store
	status, err := store.Status(ctx, id)
	if err != nil {
		return err
	}
	log, err := store.Follow(ctx, id, status.LastEvent)
	if err != nil {
		return err
	}
	defer log.Close()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-log.Ready():
			switch _, last, err := log.Take(ctx, takeAtOnce); {
			case errors.Is(err, session.ErrUnavailable): // it says when it is back
			case err != nil:
				return err
			case last:
				return errEnded
			}
		}
	}
}
