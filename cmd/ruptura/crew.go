package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"ruptura/internal/cli"
	"ruptura/internal/doctor"
	"ruptura/internal/metrics"
	"ruptura/internal/session"
	"ruptura/internal/settings"
	"ruptura/internal/source"
	"ruptura/internal/worker"
)

// crew is what works in the background, with or without a server around it.
type crew struct {
	settings settings.Settings
	log      *slog.Logger
	source   source.Source
	engines  *engines
	counts   *metrics.Metrics
	service  *session.Service
	pool     *worker.Pool
	recovery *background // nil without anything to recover
}

// lookTimeout bounds the look at what we depend on before the work begins.
const lookTimeout = 2 * time.Second

// newCrew ties the parts together around a source, which it closes in the end.
func newCrew(s settings.Settings, from source.Source, log *slog.Logger) (*crew, error) {
	c := &crew{settings: s, log: log, source: from, counts: metrics.New()}
	var err error
	if c.engines, err = openEngines(s, c.now, log); err != nil {
		return nil, err
	}
	c.counts.Queue(c.engines.jobs)
	c.counts.Log(c.engines.usage)
	c.counts.Workers(c.engines.workers)
	if c.engines.dead != nil {
		c.counts.Dead(c.engines.dead)
	}
	c.service = &session.Service{
		Store: c.counts.Watch(c.engines.sessions), Jobs: c.engines.jobs, Now: c.now,
		MaxWaiting: s.QueueLimit,
	}
	c.pool = worker.New(worker.Config{
		Workers: s.Workers, Name: c.engines.process, Queue: c.engines.jobs, Service: c.service, Source: from, Log: log, Observe: c.counts,
		Retry: min(s.DatabaseRetry, s.SessionTTL/2), // a session that is forgotten while it waits could not say why
	})
	return c, nil
}

// work runs workers alone until the context ends.
func work(ctx context.Context, s cli.Serving) error {
	tuneMemory(os.Getenv)
	from, err := openSource(ctx, s.Settings)
	if err != nil {
		return err
	}
	c, err := newCrew(s.Settings, from, s.Logger)
	if err != nil {
		return errors.Join(err, from.Close())
	}
	c.lookAround(ctx)
	c.start()
	s.Logger.Info("working", "process", c.engines.process, "workers", s.Settings.Workers, "redis", s.Settings.Redis.String())
	<-ctx.Done()
	s.Logger.Info("shutting down")
	jobs, cancel := context.WithTimeout(context.Background(), s.Settings.ShutdownTimeout)
	defer cancel()
	c.stop(jobs)
	return c.close()
}

// start begins the work in the background.
func (c *crew) start() {
	c.pool.Start()
	if c.engines.recovery != nil {
		c.recovery = inBackground(c.engines.recovery.Run)
	}
}

// stop ends it; when ctx ends first, what is in hand goes back to the queue.
func (c *crew) stop(ctx context.Context) {
	c.pool.Stop(ctx)
	c.recovery.stop()
	c.recovery = nil
}

// close frees what is left; nothing runs any more.
func (c *crew) close() error {
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	c.stop(stopped)
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return errors.Join(c.engines.close(ctx), c.source.Close())
}

// closeTimeout bounds taking leave of Redis.
const closeTimeout = 2 * time.Second

// now is the company's clock.
func (c *crew) now() time.Time { return time.Now().In(c.settings.Zone) }

// lookAround says in the log when something that we depend on does not answer. That is no reason not
// to start: it is waited for, and /readyz tells.
func (c *crew) lookAround(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	for what, ping := range map[string]func(context.Context) error{"source": c.source.Ping, "Redis": c.engines.sessions.Ping} {
		if err := ping(ctx); err != nil {
			why := doctor.Words(err).In(c.settings.Lang) // the first line that who starts the program sees
			c.log.Warn("away; it is waited for, and /readyz says when it is back", "what", what, "error", why)
		}
	}
}
