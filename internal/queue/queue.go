// Package queue is the contract between those who queue jobs and the workers who take them.
// Engines live below it and must pass the suite in queuetest.
package queue

import (
	"context"
	"errors"

	"ruptura/internal/session"
)

// ErrClosed says that the queue takes and gives no more jobs.
var ErrClosed = errors.New("queue: closed")

// ErrLost says that a job is no longer in these hands: it was not renewed in time, and belongs to
// whoever took it over.
var ErrLost = errors.New("queue: job was taken over")

// Queue hands jobs to workers, first in, first out. It is safe for concurrent use. What does not
// answer is session.ErrUnavailable.
type Queue interface {
	session.Jobs
	// Take waits for a job and gives it to the caller alone. It returns the context's error, or
	// ErrClosed. An engine across processes gives a job to another worker when the one that has it
	// dies or cannot be heard for some time.
	Take(ctx context.Context) (Delivery, error)
}

// Delivery is a job in the hands of one worker. Exactly one of Done, Return and Bury must be called
// in the end; one that failed with session.ErrUnavailable may be called again. After a loss they
// change nothing and return ErrLost. Who gives up calling them calls Abandon, or the job would stay
// in hand for as long as the process lives.
type Delivery interface {
	Job() session.Job
	// Attempts is how often the job has been in hands that gave it neither an end nor back, this
	// time included: 1 is the first.
	Attempts() int
	// Lost is closed when the job is taken over by somebody else; nil where that cannot happen.
	Lost() <-chan struct{}
	// Done forgets the job: it is finished, or no longer wanted.
	Done(ctx context.Context) error
	// Return puts the job back at the head of the queue for another worker.
	Return(ctx context.Context) error
	// Bury takes the job out of the queue and keeps it aside, where the engine can, with the reason
	// why nobody should try it again.
	Bury(ctx context.Context, reason string) error
	// Abandon gives up a job that could not be settled, without a word to anybody: it counts as
	// attempted, and another worker gets it as if this one had died. What is settled or abandoned it
	// leaves as it is; what is called after it returns ErrLost.
	Abandon()
}

// Relay is a Delivery of an engine for which each step is a way there and back, and which can take
// several at once.
type Relay interface {
	Delivery
	// Pass queues the session's next job, if one is given, and is Done, in one step; and it lets the
	// caller's next Take, which must follow, have at once what there is to take. After ErrLost too the next job has been
	// queued.
	Pass(ctx context.Context, next *session.Job) error
}
