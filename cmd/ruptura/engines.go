package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"ruptura/internal/lang"
	"ruptura/internal/queue"
	localqueue "ruptura/internal/queue/local"
	sharedqueue "ruptura/internal/queue/redis"
	"ruptura/internal/redis"
	"ruptura/internal/session"
	localstore "ruptura/internal/session/local"
	sharedstore "ruptura/internal/session/redis"
	"ruptura/internal/settings"
)

// engines keep sessions and jobs: in this process, or in a Redis that several processes share.
type engines struct {
	sessions session.Store
	jobs     queue.Queue
	// usage is the number of sessions kept and the bytes they are charged for.
	usage func(context.Context) (sessions int, bytes int64, err error)
	// workers is how many there are to work on a session.
	workers func(context.Context) (int, error)
	// keeper names in words what keeps them, unless it is this process.
	keeper lang.Text
	// dead counts the jobs put aside; nil where none are.
	dead func(context.Context) (int, error)
	// process is this one's name, where there are others; it begins its workers' names.
	process string
	// recovery finds lost jobs; nil where none can be lost.
	recovery *session.Recovery
	// close ends everything, when nothing works any more. What is still in hand goes back.
	close func(context.Context) error
}

func openEngines(s settings.Settings, now func() time.Time, log *slog.Logger) (*engines, error) {
	if s.Redis == "" {
		return localEngines(s), nil
	}
	return sharedEngines(s, now, log)
}

func localEngines(s settings.Settings) *engines {
	sessions := localstore.New(localstore.Config{TTL: s.SessionTTL, Memory: s.LogMemory})
	jobs := localqueue.New()
	return &engines{
		sessions: sessions, jobs: jobs,
		usage: func(context.Context) (int, int64, error) {
			n, bytes := sessions.Usage()
			return n, bytes, nil
		},
		workers: func(context.Context) (int, error) { return s.Workers, nil },
		close: func(context.Context) error {
			jobs.Close()
			sessions.Close()
			return nil
		},
	}
}

func sharedEngines(s settings.Settings, now func() time.Time, log *slog.Logger) (*engines, error) {
	client, err := redis.Open(string(s.Redis), redis.Options{Prefix: s.RedisPrefix})
	if err != nil {
		return nil, err
	}
	process := processName()
	sessions := sharedstore.New(client, sharedstore.Config{TTL: s.SessionTTL, Memory: s.LogMemory, Log: log})
	jobs := sharedqueue.New(client, sharedqueue.Config{Lease: s.Lease, Consumer: process, Log: log})
	return &engines{
		sessions: sessions, jobs: jobs, process: process, keeper: lang.Text{PT: "o Redis", EN: "Redis"}, usage: sessions.Usage, dead: jobs.DeadLen,
		workers:  (&roll{count: jobs.Workers, log: log}).call,
		recovery: &session.Recovery{Store: sessions, Jobs: jobs, Idle: s.Lease, Now: now, Log: log},
		close: func(ctx context.Context) error {
			err := unlessAway(jobs.Close(ctx), log)
			sessions.Close()
			return errors.Join(err, client.Close())
		},
	}, nil
}

// unlessAway is an error of taking leave, unless it says that Redis is away: who is asked to stop has
// then stopped as well as it can.
func unlessAway(err error, log *slog.Logger) error {
	if errors.Is(err, session.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		log.Warn("stopped while Redis was away: what was in hand is taken over after its lease", "error", err)
		return nil
	}
	return err
}

// processName tells this process from every other one, on this machine and elsewhere.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), rand.Text()[:6])
}

// roll is how many workers there are, and says in the log when the last one goes and when one is back:
// what is asked for meanwhile waits.
type roll struct {
	count func(context.Context) (int, error)
	log   *slog.Logger

	mu    sync.Mutex
	empty bool // as last seen
}

func (r *roll) call(ctx context.Context) (int, error) {
	n, err := r.count(ctx)
	if err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case n == 0 && !r.empty:
		r.log.Warn("no worker is alive: analyses wait in the queue until a 'ruptura worker', or a server with --workers, works")
	case n > 0 && r.empty:
		r.log.Info("workers are alive again", "workers", n)
	}
	r.empty = n == 0
	return n, nil
}
