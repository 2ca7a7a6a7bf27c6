package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"ruptura/internal/doctor"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

// redisTimeout bounds one look at Redis: some commands, each of which is known within seconds not to
// be answered.
const redisTimeout = 30 * time.Second

var (
	redisTitle    = lang.Text{PT: "Redis", EN: "Redis"}
	memoryTitle   = lang.Text{PT: "Memória e disco do Redis", EN: "Memory and disk of Redis"}
	redisACLTitle = lang.Text{PT: "Permissões no Redis", EN: "Permissions in Redis"}
	queueTitle    = lang.Text{PT: "Fila e trabalhadores", EN: "Queue and workers"}
	sessionsTitle = lang.Text{PT: "Análises", EN: "Analyses"}
)

// checks are those of the engines that the settings choose.
func checks(s settings.Settings, now func() time.Time) []doctor.Check {
	all := sourceChecks(s, now)
	if s.Redis != "" {
		all = append(all, redisChecks(s, now)...)
	}
	return all
}

// redisChecks each connect for themselves.
func redisChecks(s settings.Settings, now func() time.Time) []doctor.Check {
	check := func(name string, title lang.Text, after string, look func(context.Context, *sharedQueue) ([]doctor.Finding, error)) doctor.Check {
		return doctor.Check{Name: name, Title: title, After: after, Timeout: redisTimeout, Run: func(ctx context.Context) ([]doctor.Finding, error) {
			return withRedis(ctx, s, look)
		}}
	}
	return []doctor.Check{
		check("redis", redisTitle, "", func(ctx context.Context, q *sharedQueue) ([]doctor.Finding, error) {
			return q.client.Inspect(ctx, now)
		}),
		check("redis-rights", redisACLTitle, "redis", func(ctx context.Context, q *sharedQueue) ([]doctor.Finding, error) {
			return q.client.InspectRights(ctx, slices.Concat(q.jobs.Commands(), q.sessions.Commands()))
		}),
		check("redis-memory", memoryTitle, "redis", func(ctx context.Context, q *sharedQueue) ([]doctor.Finding, error) {
			_, held, err := q.sessions.Usage(ctx)
			if err != nil {
				held = 0 // the right to ask may be what is missing, which another check tells
			}
			return q.client.InspectMemory(ctx, s.LogMemory, held)
		}),
		check("queue", queueTitle, "redis-rights", func(ctx context.Context, q *sharedQueue) ([]doctor.Finding, error) {
			return q.jobs.Inspect(ctx)
		}),
		check("sessions", sessionsTitle, "redis-rights", func(ctx context.Context, q *sharedQueue) ([]doctor.Finding, error) {
			return q.sessions.Inspect(ctx, s.Lease, q.jobs.Holds)
		}),
	}
}

// withRedis opens a client for one look.
func withRedis(
	ctx context.Context, s settings.Settings, look func(context.Context, *sharedQueue) ([]doctor.Finding, error),
) (found []doctor.Finding, err error) {
	q, err := openShared(s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, q.Close()) }()
	return look(ctx, q)
}
