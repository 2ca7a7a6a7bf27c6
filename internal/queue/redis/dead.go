package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	rds "ruptura/internal/redis"
	"ruptura/internal/session"
)

// ErrNotDead says that there is no dead job of that name (any more).
var ErrNotDead = errors.New("queue: no such dead job")

const (
	// mostDead bounds the dead jobs that are kept: the oldest go first.
	mostDead = 10_000
	// longestReason bounds what is kept of a reason, in bytes.
	longestReason = 2000
)

// DeadJob is a job that nobody should try again without a look at it.
type DeadJob struct {
	// ID names it to Retry and Drop.
	ID  string
	Job session.Job
	// Attempts is how often it had been taken, Reason why it died, At when.
	Attempts int
	Reason   string
	At       time.Time
}

// addDead adds a job to the dead ones.
func (q *Queue) addDead(ctx context.Context, e *entry, reason string) error {
	if len(reason) > longestReason {
		reason = reason[:longestReason]
	}
	args := []any{e.id, mostDead, "t", e.attempts, "m", strings.ToValidUTF8(reason, "")}
	for _, field := range []string{"s", "n", "p", "q"} {
		args = append(args, field, e.fields[field])
	}
	return bury.Run(ctx, q.client, []string{q.dead}, args...).Err()
}

// Dead returns the dead jobs, the oldest first, at most limit.
func (q *Queue) Dead(ctx context.Context, limit int) ([]DeadJob, error) {
	entries, err := q.client.XRangeN(ctx, q.dead, "-", "+", int64(limit)).Result()
	if err != nil {
		return nil, fmt.Errorf("queue: dead jobs: %w", rds.Explain(err))
	}
	jobs := make([]DeadJob, len(entries))
	for i, e := range entries {
		jobs[i] = deadJob(e)
	}
	return jobs, nil
}

// deadJob reads an entry. What it cannot read stays zero: it is there to be looked at.
func deadJob(e redis.XMessage) DeadJob {
	fields := textFields(e)
	job, err := decode(fields)
	if err != nil {
		job = session.Job{Session: session.ID(fields["s"])}
	}
	attempts, err := strconv.Atoi(fields["t"])
	if err != nil {
		attempts = 0
	}
	return DeadJob{ID: e.ID, Job: job, Attempts: attempts, Reason: fields["m"], At: instant(e.ID)}
}

// DeadJob returns one of the dead jobs, or ErrNotDead.
func (q *Queue) DeadJob(ctx context.Context, id string) (DeadJob, error) {
	e, err := q.deadEntry(ctx, id)
	if err != nil {
		return DeadJob{}, err
	}
	return deadJob(e), nil
}

func (q *Queue) deadEntry(ctx context.Context, id string) (redis.XMessage, error) {
	entries, err := q.client.XRangeN(ctx, q.dead, id, id, 1).Result()
	if err != nil {
		return redis.XMessage{}, notDead(id, err)
	}
	if len(entries) == 0 {
		return redis.XMessage{}, fmt.Errorf("%w: %s", ErrNotDead, id)
	}
	return entries[0], nil
}

// Retry puts a dead job back into the queue, at the end and with its attempts forgotten. Cut short, it
// may leave the job in both places; it can then be asked again, or dropped. ErrNotDead if there is none.
func (q *Queue) Retry(ctx context.Context, id string) error {
	e, err := q.deadEntry(ctx, id)
	if err != nil {
		return err
	}
	job, err := decode(textFields(e))
	if err != nil {
		return err
	}
	job.Queued = time.Now()
	if err := q.Enqueue(ctx, job); err != nil {
		return err
	}
	return q.Drop(ctx, id)
}

// Drop forgets a dead job, or returns ErrNotDead.
func (q *Queue) Drop(ctx context.Context, id string) error {
	n, err := q.client.XDel(ctx, q.dead, id).Result()
	if err != nil {
		return notDead(id, err)
	}
	if n == 0 {
		return fmt.Errorf("%w: %s", ErrNotDead, id)
	}
	return nil
}

// notDead tells a name that cannot be one from what else goes wrong.
func notDead(id string, err error) error {
	if refused, ok := errors.AsType[redis.Error](err); ok && strings.Contains(refused.Error(), "Invalid stream ID") {
		return fmt.Errorf("%w: %s", ErrNotDead, id)
	}
	return fmt.Errorf("queue: dead job: %w", rds.Explain(err))
}

// instant is when an entry was added, by Redis's clock; zero if its ID is none.
func instant(id string) time.Time {
	ms, err := strconv.ParseInt(strings.SplitN(id, "-", 2)[0], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
