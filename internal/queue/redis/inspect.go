package redis

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	rds "ruptura/internal/redis"
	"ruptura/internal/session"
)

const (
	// page is how many entries one command fetches.
	page = 1000
	// slack is how much longer than a lease a worker may be silent and still be believed alive.
	slack = 5 * time.Second
	// shortestStale is the least time after which a consumer that has nothing is deleted.
	shortestStale = time.Minute
)

// Stats is what there is to know about the queue at a look.
type Stats struct {
	// Waiting is Len; InHand the jobs that workers have, dead ones included until they are taken over.
	Waiting, InHand, Dead int
	// Oldest is for how long the oldest entry, waiting or in hand, has been there; 0 if there is none.
	Oldest time.Duration
	// Consumers are the workers, those that have died included until they are forgotten.
	Consumers []Consumer
}

// Consumer is a worker as Redis knows it.
type Consumer struct {
	Name   string
	InHand int
	// Silent is for how long it has given no sign of life.
	Silent time.Duration
	// Alive tells that this is not long enough to believe it dead.
	Alive bool
}

// Stats looks at the queue. Its parts are not of one instant.
func (q *Queue) Stats(ctx context.Context) (Stats, error) {
	consumers, err := q.consumers(ctx)
	if err != nil {
		return Stats{}, err
	}
	s := Stats{Consumers: consumers}
	for _, c := range consumers {
		s.InHand += c.InHand
	}
	if s.Waiting, err = q.Len(ctx); err != nil {
		return Stats{}, err
	}
	if s.Dead, err = q.DeadLen(ctx); err != nil {
		return Stats{}, err
	}
	s.Oldest, err = q.oldest(ctx)
	return s, err
}

// DeadLen is the number of dead jobs.
func (q *Queue) DeadLen(ctx context.Context) (int, error) {
	n, err := q.client.XLen(ctx, q.dead).Result()
	if err != nil {
		return 0, fmt.Errorf("queue: number of dead jobs: %w", rds.Explain(err))
	}
	return int(n), nil
}

// oldest is the age of the first entry, by Redis's clock.
func (q *Queue) oldest(ctx context.Context) (time.Duration, error) {
	first, err := q.client.XRangeN(ctx, q.jobs, "-", "+", 1).Result()
	if err != nil {
		return 0, fmt.Errorf("queue: oldest job: %w", rds.Explain(err))
	}
	if len(first) == 0 {
		return 0, nil
	}
	now, err := serverTime.Run(ctx, q.client, []string{q.jobs}).Int64()
	if err != nil {
		return 0, fmt.Errorf("queue: Redis's clock: %w", rds.Explain(err))
	}
	return max(time.UnixMilli(now).Sub(instant(first[0].ID)), 0), nil
}

// Workers is the number of workers of all processes that are alive, waiting or at work.
func (q *Queue) Workers(ctx context.Context) (int, error) {
	consumers, err := q.consumers(ctx)
	n := 0
	for _, c := range consumers {
		if c.Alive {
			n++
		}
	}
	return n, err
}

// consumers is the group's consumers, without the one that only keeps what was given back.
func (q *Queue) consumers(ctx context.Context) ([]Consumer, error) {
	infos, err := q.client.XInfoConsumers(ctx, q.jobs, group).Result()
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("queue: workers: %w", rds.Explain(err))
	}
	consumers := make([]Consumer, 0, len(infos))
	for _, i := range infos {
		if i.Name != returned {
			consumers = append(consumers, Consumer{i.Name, int(i.Pending), i.Idle, i.Idle < q.lease+slack})
		}
	}
	return consumers, nil
}

// Holds is how many jobs each session has in the queue, waiting or in hand. A session whose job is
// done while we look, and the next one queued before that as it should be, is not missed.
func (q *Queue) Holds(ctx context.Context) (map[session.ID]int, error) {
	holds := make(map[session.ID]int)
	for from := "-"; ; {
		entries, err := q.client.XRangeN(ctx, q.jobs, from, "+", page).Result()
		if err != nil {
			return nil, fmt.Errorf("queue: jobs by session: %w", rds.Explain(err))
		}
		for _, e := range entries {
			holds[session.ID(textFields(e)["s"])]++
		}
		if len(entries) < page {
			return holds, nil
		}
		from = "(" + entries[len(entries)-1].ID
	}
}

// Clean forgets the workers that have nothing in hand and have long been silent. The queue does it
// by itself now and then.
func (q *Queue) Clean(ctx context.Context) error {
	err := clean.Run(ctx, q.client, []string{q.jobs}, group, returned, q.stale().Milliseconds()).Err()
	if err != nil && !missing(err) {
		return fmt.Errorf("queue: forget dead workers: %w", rds.Explain(err))
	}
	return nil
}

// stale is after what time of silence a consumer that has nothing is deleted: long after those who
// look at the queue have believed it dead.
func (q *Queue) stale() time.Duration { return max(10*q.lease, shortestStale) }

// textFields is an entry's fields.
func textFields(e redis.XMessage) map[string]string {
	fields := make(map[string]string, len(e.Values))
	for field, value := range e.Values {
		fields[field] = fmt.Sprint(value)
	}
	return fields
}
