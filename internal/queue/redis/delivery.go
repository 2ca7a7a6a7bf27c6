package redis

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"ruptura/internal/queue"
	rds "ruptura/internal/redis"
	"ruptura/internal/session"
)

var _ queue.Relay = (*delivery)(nil)

// delivery is a job in hand, under the name of one consumer.
type delivery struct {
	*Queue
	seat     int
	consumer string
	entry    *entry
	job      session.Job

	// busy holds a value while somebody speaks to Redis about the job, and guards what follows.
	busy chan struct{}
	// doubt tells that a settlement has failed, and may have happened all the same.
	doubt bool
	gone  bool // settled, abandoned, or lost and told so
	// heir is what the consumer has taken when this one ended, nil if nothing.
	heir *entry

	lost    chan struct{} // closed by keep, or by the settlement that finds out
	settled chan struct{}
}

// Job is what is to be done.
func (d *delivery) Job() session.Job { return d.job }

// Attempts is how often the job has been taken and not been given back.
func (d *delivery) Attempts() int { return d.entry.attempts }

// Lost is closed when the job has been taken over, when Redis has forgotten it, or when the queue is
// closed. While Redis does not answer it stays open: that alone says nothing about whose the job is.
func (d *delivery) Lost() <-chan struct{} { return d.lost }

// Done forgets the job.
func (d *delivery) Done(ctx context.Context) error {
	return d.settle(ctx, "finish", func(ctx context.Context) (verdict, error) {
		return d.say(ctx, finish, d.consumer, d.entry.id)
	})
}

// Pass queues the next job, forgets this one, and takes another for the next Take.
func (d *delivery) Pass(ctx context.Context, next *session.Job) error {
	return d.settle(ctx, "pass", func(ctx context.Context) (verdict, error) {
		args := []any{group, d.consumer, d.entry.id, d.lease.Milliseconds(), d.doubt}
		if next != nil {
			args = append(args, encode(*next)...)
		}
		reply, err := pass.Run(ctx, d.client, []string{d.jobs}, args...).Slice()
		if err != nil {
			return 0, err
		}
		whose, ok := reply[0].(int64)
		if !ok {
			return 0, fmt.Errorf("queue: answer not understood: %v", reply)
		}
		if len(reply) > 1 && reply[1] != nil {
			d.heir, err = parse(reply[1])
		}
		return verdict(whose), err
	})
}

// Return puts the job back at the head of the queue: before all that has not been taken yet, and
// among those given back by the sequence in which they were queued.
func (d *delivery) Return(ctx context.Context) error {
	return d.settle(ctx, "return", func(ctx context.Context) (verdict, error) {
		return d.say(ctx, giveBack, d.consumer, d.entry.id, returned)
	})
}

// Bury moves the job to the dead ones.
func (d *delivery) Bury(ctx context.Context, reason string) error {
	return d.settle(ctx, "bury", func(ctx context.Context) (verdict, error) { return d.bury(ctx, reason) })
}

// bury takes three steps, since the dead are perhaps on another server: that the job is ours, that
// it is dead, that it is no longer in the queue. Begun again it does nothing twice.
func (d *delivery) bury(ctx context.Context, reason string) (verdict, error) {
	v, err := d.say(ctx, renew, d.consumer, d.entry.id)
	if err != nil || v != ours {
		return v, err
	}
	if err := d.addDead(ctx, d.entry, reason); err != nil {
		return v, err
	}
	return d.say(ctx, finish, d.consumer, d.entry.id)
}

// Abandon lets the lease pass, after which another worker takes the job over. The name under which
// it is in hand is not used again until then: whoever has it finds what it has before all else. It
// waits for what is being said to Redis about the job, which is bounded by the client's timeouts.
func (d *delivery) Abandon() {
	d.busy <- struct{}{}
	defer func() { <-d.busy }()
	if d.gone {
		return
	}
	d.gone = true
	close(d.settled)
	time.AfterFunc(d.lease, func() { d.free(d.seat) })
}

// verdict is whose a job turned out to be.
type verdict int

const (
	forgotten verdict = iota - 1 // there is no such job any more
	theirs
	ours
)

// say runs one of the scripts about a job in hand.
func (q *Queue) say(ctx context.Context, script *redis.Script, consumer, id string, more ...any) (verdict, error) {
	v, err := script.Run(ctx, q.client, []string{q.jobs}, append([]any{group, consumer, id}, more...)...).Int()
	return verdict(v), err
}

// settle ends the delivery by what tell tells Redis. After an error it has not ended.
func (d *delivery) settle(ctx context.Context, op string, tell func(context.Context) (verdict, error)) error {
	select {
	case d.busy <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-d.busy }()
	if d.gone {
		return queue.ErrLost
	}
	if d.isLost() {
		d.end()
		return queue.ErrLost
	}
	v, err := tell(ctx)
	if err != nil {
		d.doubt = true
		return fmt.Errorf("queue: %s a job: %w", op, rds.Explain(err))
	}
	d.end()
	// What is forgotten after a settlement in doubt is what that has done.
	if v == ours || v == forgotten && d.doubt {
		return nil
	}
	close(d.lost)
	return queue.ErrLost
}

// end lets go of the job; the caller has busy.
func (d *delivery) end() {
	d.gone = true
	close(d.settled)
	if d.heir != nil {
		d.keepAhead(ahead{d.seat, d.heir})
		return
	}
	d.free(d.seat)
}

func (d *delivery) isLost() bool {
	select {
	case <-d.lost:
		return true
	default:
		return false
	}
}

// keep renews the lease until the job is settled or lost.
func (d *delivery) keep() {
	pause := d.lease / renewals
	timer := time.NewTimer(pause)
	defer timer.Stop()
	silent := false
	for {
		select {
		case <-d.settled:
			return
		case <-d.closing:
			d.lose()
			return
		case <-timer.C:
		}
		switch kept, err := d.renew(); {
		case err == nil && !kept:
			return
		case err == nil:
			silent = false
			timer.Reset(pause)
		default:
			if !silent {
				d.log.Warn("lease of a job not renewed, trying again", "session", d.job.Session, "job", d.job.Number, "error", err)
			}
			silent = true
			timer.Reset(pause / renewals)
		}
	}
}

// renew renews the lease once. It reports whether the job is still in hand.
func (d *delivery) renew() (kept bool, err error) {
	select {
	case d.busy <- struct{}{}:
	case <-d.settled:
		return false, nil
	}
	defer func() { <-d.busy }()
	if d.gone {
		return false, nil
	}
	v, err := d.say(context.Background(), renew, d.consumer, d.entry.id)
	if err != nil {
		return true, rds.Explain(err)
	}
	if v != ours && !d.doubt { // in doubt, the settlement that is to come finds out
		close(d.lost)
	}
	return v == ours, nil
}

// lose tells that the job is no longer in hand, unless that is known.
func (d *delivery) lose() {
	d.busy <- struct{}{}
	defer func() { <-d.busy }()
	if !d.gone && !d.isLost() {
		close(d.lost)
	}
}
