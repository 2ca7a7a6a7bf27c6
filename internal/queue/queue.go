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

// Queue hands jobs to workers, first in, first out. It is safe for concurrent use.
type Queue interface {
	session.Jobs
	// Take waits for a job and gives it to the caller alone. It returns the context's error, or
	// ErrClosed.
	Take(ctx context.Context) (Delivery, error)
}

// Delivery is a job in the hands of one worker. Exactly one of its methods must be called.
type Delivery interface {
	Job() session.Job
	// Done forgets the job: it is finished, or no longer wanted.
	Done(ctx context.Context) error
	// Return puts the job back at the head of the queue for another worker.
	Return(ctx context.Context) error
}
