package worker

import (
	"context"
	"errors"
	"time"

	"ruptura/internal/session"
)

// keepEvery is how often reads are looked through for sessions that have ended elsewhere.
const keepEvery = 2 * time.Second

// keep drops the reads of sessions that have ended in another process, whose last jobs nobody here
// has seen.
func (p *Pool) keep(ctx context.Context) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			p.dropEnded(ctx)
		}
	}
}

func (p *Pool) dropEnded(ctx context.Context) {
	for _, id := range p.reads.sessions() {
		status, err := p.config.Service.Store.Status(ctx, id)
		if errors.Is(err, session.ErrUnknown) || err == nil && status.State.Ended() {
			p.reads.drop(id)
		}
	}
}
