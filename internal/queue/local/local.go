// Package local is the work queue inside one process.
package local

import (
	"context"
	"sync"
	"sync/atomic"

	"ruptura/internal/queue"
	"ruptura/internal/session"
)

// Queue is a queue in memory. The zero value is not usable; call [New].
type Queue struct {
	mu     sync.Mutex
	jobs   []session.Job
	closed bool
	// ready holds a value while jobs may be waiting: whoever takes one passes it on if there
	// are more.
	ready chan struct{}
	done  chan struct{}
}

var _ queue.Queue = (*Queue)(nil)

// New returns an empty queue.
func New() *Queue {
	return &Queue{ready: make(chan struct{}, 1), done: make(chan struct{})}
}

// Enqueue adds jobs at the end, or returns queue.ErrClosed.
func (q *Queue) Enqueue(_ context.Context, jobs ...session.Job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return queue.ErrClosed
	}
	q.jobs = append(q.jobs, jobs...)
	if len(q.jobs) > 0 {
		q.signal()
	}
	return nil
}

// Len is the number of jobs waiting.
func (q *Queue) Len(context.Context) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.jobs), nil
}

// Take waits for a job.
func (q *Queue) Take(ctx context.Context) (queue.Delivery, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		select {
		case <-q.done:
			return nil, queue.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-q.ready:
			if j, ok := q.pop(); ok {
				return &delivery{queue: q, job: j}, nil
			}
		}
	}
}

// Close wakes everybody who waits; jobs still queued are dropped with the process.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.closed = true
		close(q.done)
	}
}

func (q *Queue) pop() (session.Job, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.jobs) == 0 {
		return session.Job{}, false
	}
	j := q.jobs[0]
	q.jobs[0] = session.Job{} // the slice keeps its place until it grows
	q.jobs = q.jobs[1:]
	if len(q.jobs) > 0 {
		q.signal()
	}
	return j, true
}

func (q *Queue) putBack(j session.Job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return queue.ErrClosed
	}
	q.jobs = append([]session.Job{j}, q.jobs...)
	q.signal()
	return nil
}

// signal lets one waiting worker look; the caller holds the lock.
func (q *Queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

type delivery struct {
	queue   *Queue
	job     session.Job
	settled atomic.Bool
}

func (d *delivery) Job() session.Job { return d.job }

// Done forgets the job.
func (d *delivery) Done(context.Context) error {
	if d.settled.Swap(true) {
		return queue.ErrLost
	}
	return nil
}

// Return puts the job back at the head of the queue.
func (d *delivery) Return(context.Context) error {
	if d.settled.Swap(true) {
		return queue.ErrLost
	}
	return d.queue.putBack(d.job)
}

// Bury forgets the job.
func (d *delivery) Bury(ctx context.Context, _ string) error { return d.Done(ctx) }

// Abandon puts the job back: there is no lease that could pass. A queue that is closed drops it, as
// it does all its jobs.
func (d *delivery) Abandon() {
	if !d.settled.Swap(true) {
		_ = d.queue.putBack(d.job) // only ErrClosed
	}
}

// Attempts is always 1: the queue dies with its workers.
func (d *delivery) Attempts() int { return 1 }

// Lost is nil: nobody takes over.
func (d *delivery) Lost() <-chan struct{} { return nil }
