package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"ruptura/internal/queue"
	rds "ruptura/internal/redis"
)

// search is one Take on its way to a job. It runs in a goroutine of its own, because a command that
// waits in Redis cannot be called off: what it brings after the Take has left goes back.
type search struct {
	*Queue
	ahead    // its entry is nil when nothing has been taken ahead
	consumer string
	found    chan found
	left     chan struct{}
}

type found struct {
	delivery *delivery
	err      error
}

// Take waits for a job: one to be taken over or given back comes before a new one. While Redis is
// away it returns session.ErrUnavailable; the caller tries again.
func (q *Queue) Take(ctx context.Context) (queue.Delivery, error) {
	if err := ctx.Err(); err != nil {
		q.leaveAhead()
		return nil, err
	}
	s := &search{Queue: q, found: make(chan found), left: make(chan struct{})}
	if !q.sit(s) {
		return nil, queue.ErrClosed
	}
	defer close(s.left)
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-q.closing:
		return nil, queue.ErrClosed
	case f := <-s.found:
		if f.err != nil {
			return nil, fmt.Errorf("queue: take a job: %w", rds.Explain(f.err))
		}
		return f.delivery, nil
	}
}

// run finds a job, hands it over, and then renews its lease; or frees the seat.
func (s *search) run() {
	d, err := s.find()
	if d == nil && err == nil { // nobody waits any more
		s.free(s.seat)
		return
	}
	select {
	case s.found <- found{d, err}:
		if d != nil {
			d.keep()
			return
		}
	case <-s.left:
		s.undo(d)
	}
	s.free(s.seat)
}

// undo gives back a job that nobody waits for any more.
func (s *search) undo(d *delivery) {
	if d != nil {
		s.giveBack(d.entry, s.consumer)
	}
}

// find returns a job, an error, or neither when nobody waits for it any more.
func (s *search) find() (*delivery, error) {
	if s.entry != nil {
		if d, err := s.deliver(s.entry); d != nil || err != nil {
			return d, err
		}
	}
	for !s.over() {
		s.tidy()
		e, err := s.look()
		if err == nil && e == nil {
			e, err = s.listen()
		}
		if err != nil {
			return nil, err
		}
		if e == nil {
			continue
		}
		d, err := s.deliver(e)
		if d != nil || err != nil {
			return d, err
		}
	}
	return nil, nil //nolint:nilnil // the third case
}

// over reports whether the Take has left or the queue closes.
func (s *search) over() bool {
	select {
	case <-s.left:
		return true
	case <-s.closing:
		return true
	default:
		return false
	}
}

// look takes what there is now, nil if nothing.
func (s *search) look() (*entry, error) {
	reply, err := look.Run(context.Background(), s.client, []string{s.jobs},
		group, s.consumer, s.lease.Milliseconds()).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil //nolint:nilnil // no job is no error
	}
	if err != nil {
		return nil, err
	}
	return parse(reply)
}

// listen waits a while for a new job, nil if none came. One of the process listens for all: when it
// has a job, the next one listens.
func (s *search) listen() (*entry, error) {
	select {
	case s.turn <- struct{}{}:
		defer s.yield()
		return s.read()
	default:
	}
	again := time.NewTimer(s.lease / renewals)
	defer again.Stop()
	select {
	case s.turn <- struct{}{}:
	case <-again.C: // to look for what is to be taken over, and show that we live
		return nil, nil //nolint:nilnil // no job is no error
	case <-s.left:
		return nil, nil //nolint:nilnil // no job is no error
	case <-s.closing:
		return nil, nil //nolint:nilnil // no job is no error
	}
	defer s.yield()
	if e, err := s.look(); e != nil || err != nil {
		return e, err
	}
	return s.read()
}

func (s *search) yield() { <-s.turn }

// read waits in Redis for a new job. It is bounded by the client's time to read, which is longer,
// and not by more than that, as go-redis's own XReadGroup would be: a connection that has gone dead
// without a word is noticed as soon as with any other command.
func (s *search) read() (*entry, error) {
	cmd := redis.NewXStreamSliceCmd(context.Background(), "xreadgroup", "group", group, s.consumer,
		"count", 1, "block", block.Milliseconds(), "streams", s.jobs, ">")
	cmd.SetFirstKeyPos(9)
	err := s.client.Process(context.Background(), cmd)
	if errors.Is(err, redis.Nil) || missing(err) { // the next look makes the group again
		return nil, nil //nolint:nilnil // no job is no error
	}
	if err != nil {
		return nil, err
	}
	message := cmd.Val()[0].Messages[0]
	return &entry{id: message.ID, attempts: 1, fields: textFields(message)}, nil
}

// deliver makes a delivery of an entry. One that is not a job is put aside, and there is none.
func (s *search) deliver(e *entry) (*delivery, error) {
	d := &delivery{
		Queue: s.Queue, seat: s.seat, consumer: s.consumer, entry: e,
		busy: make(chan struct{}, 1), lost: make(chan struct{}), settled: make(chan struct{}),
	}
	job, err := decode(e.fields)
	if err != nil {
		s.log.Error("queue has an entry that is not a job; it goes to the dead ones", "entry", e.id, "error", err)
		_, err := d.bury(context.Background(), err.Error())
		return nil, err
	}
	d.job = job
	if e.from != "" && e.from != returned {
		s.log.Warn("job taken over", "session", job.Session, "job", job.Number, "attempts", e.attempts, "from", e.from)
	}
	return d, nil
}

// tidy deletes stale consumers, each process now and then.
func (s *search) tidy() {
	s.mu.Lock()
	due := time.Since(s.tidied) > s.stale()
	if due {
		s.tidied = time.Now()
	}
	s.mu.Unlock()
	if !due {
		return
	}
	if err := s.Clean(context.Background()); err != nil {
		s.log.Debug("consumers of dead workers not deleted", "error", err)
	}
}
