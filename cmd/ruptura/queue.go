package main

import (
	"context"
	"errors"

	"ruptura/internal/cli"
	"ruptura/internal/lang"
	"ruptura/internal/queue/redis"
	rds "ruptura/internal/redis"
	"ruptura/internal/session"
	store "ruptura/internal/session/redis"
	"ruptura/internal/settings"
	"ruptura/internal/worker"
)

// sharedQueue is the queue in Redis as the commands know it.
type sharedQueue struct {
	client   *rds.Client
	jobs     *redis.Queue
	sessions *store.Store
}

func openQueue(s settings.Settings) (cli.Queue, error) {
	q, err := openShared(s)
	if err != nil {
		return nil, err
	}
	return q, nil
}

func openShared(s settings.Settings) (*sharedQueue, error) {
	client, err := rds.Open(string(s.Redis), rds.Options{Prefix: s.RedisPrefix})
	if err != nil {
		return nil, err
	}
	return &sharedQueue{
		client: client, jobs: redis.New(client, redis.Config{Lease: s.Lease}),
		sessions: store.New(client, store.Config{TTL: s.SessionTTL, Memory: s.LogMemory}),
	}, nil
}

// Dead implements cli.Queue.
func (q *sharedQueue) Dead(ctx context.Context, limit int) ([]cli.DeadJob, error) {
	jobs, err := q.jobs.Dead(ctx, limit)
	if err != nil {
		return nil, err
	}
	dead := make([]cli.DeadJob, len(jobs))
	for i, j := range jobs {
		dead[i] = cli.DeadJob{
			ID: j.ID, At: j.At, Session: string(j.Job.Session), Orders: []string{}, Attempts: j.Attempts, Reason: j.Reason, Words: reason(j.Reason),
		}
		if err := q.describe(ctx, j.Job, &dead[i]); err != nil && !errors.Is(err, session.ErrUnknown) {
			return nil, err
		}
	}
	return dead, nil
}

// describe says of a job what its session knows.
func (q *sharedQueue) describe(ctx context.Context, j session.Job, d *cli.DeadJob) error {
	status, err := q.sessions.Status(ctx, j.Session)
	if err != nil {
		return err
	}
	asked, err := q.sessions.Session(ctx, j.Session)
	if err != nil {
		return err
	}
	d.State = status.State.String()
	if span := asked.Span(j); span.First >= 0 && span.End <= len(asked.Orders) && span.First < span.End {
		for _, n := range asked.Orders[span.First:span.End] {
			d.Orders = append(d.Orders, string(n))
		}
	}
	return nil
}

// reason is why a job was put aside, in words.
func reason(code string) lang.Text {
	if code == worker.ReasonDied {
		return lang.Text{
			PT: "o processo que o analisava caiu, ou não deu mais notícia, todas as vezes",
			EN: "the process that analysed it died, or was not heard of again, every time",
		}
	}
	return lang.Text{PT: code, EN: code}
}

// Retry implements cli.Queue.
func (q *sharedQueue) Retry(ctx context.Context, id string) error {
	dead, err := q.jobs.DeadJob(ctx, id)
	if err != nil {
		return notDead(err)
	}
	status, err := q.sessions.Status(ctx, dead.Job.Session)
	if errors.Is(err, session.ErrUnknown) || err == nil && status.State.Ended() {
		return cli.ErrEnded
	}
	if err != nil {
		return err
	}
	return notDead(q.jobs.Retry(ctx, id))
}

// Drop implements cli.Queue.
func (q *sharedQueue) Drop(ctx context.Context, id string) error {
	return notDead(q.jobs.Drop(ctx, id))
}

func notDead(err error) error {
	if errors.Is(err, redis.ErrNotDead) {
		return cli.ErrNotDead
	}
	return err
}

// Close implements cli.Queue.
func (q *sharedQueue) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	q.sessions.Close()
	return errors.Join(q.jobs.Close(ctx), q.client.Close())
}
