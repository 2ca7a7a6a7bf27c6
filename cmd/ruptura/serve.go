package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"ruptura/internal/analysis"
	"ruptura/internal/apidoc"
	"ruptura/internal/atp"
	"ruptura/internal/cli"
	"ruptura/internal/doctor"
	"ruptura/internal/httpapi"
	"ruptura/internal/metrics"
	queue "ruptura/internal/queue/local"
	"ruptura/internal/session"
	store "ruptura/internal/session/local"
	"ruptura/internal/settings"
	"ruptura/internal/source"
	"ruptura/internal/web"
	"ruptura/internal/worker"
)

// serve runs the server until the context ends.
func serve(ctx context.Context, s cli.Serving) error {
	tuneMemory(os.Getenv)
	from, err := openSource(ctx, s.Settings)
	if err != nil {
		return err
	}
	p, err := newProgram(s.Settings, from, s.Logger)
	if err != nil {
		return errors.Join(err, from.Close())
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Settings.Addr)
	if err != nil {
		return errors.Join(fmt.Errorf("listen: %w", err), p.close())
	}
	return p.run(ctx, listener, s.Ready)
}

// gcPercent lets the heap grow to three times what is live before it is collected. A session makes
// and drops some megabytes within milliseconds; at the usual twice, collecting them takes a tenth
// of its time. GOGC, where set, decides.
const gcPercent = 200

func tuneMemory(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}

// program is the parts of a running server, tied together.
type program struct {
	settings settings.Settings
	log      *slog.Logger
	source   source.Source
	sessions *store.Store
	jobs     *queue.Queue
	pool     *worker.Pool
	api      httpapi.Config
	closing  chan struct{}
}

// newProgram ties the parts together around a source, which it closes in the end.
func newProgram(s settings.Settings, from source.Source, log *slog.Logger) (*program, error) {
	counts := metrics.New()
	p := &program{
		settings: s, log: log, source: from, closing: make(chan struct{}),
		sessions: store.New(store.Config{TTL: s.SessionTTL, Memory: s.LogMemory}), jobs: queue.New(),
	}
	counts.Queue(p.jobs)
	counts.Log(p.sessions.Usage)
	service := &session.Service{
		Store: counts.Watch(p.sessions), Jobs: p.jobs, Now: p.now,
		MaxWaiting: s.QueueLimit * max(s.Workers, 1), // a waiting session has as many jobs
	}
	p.pool = worker.New(worker.Config{
		Workers: s.Workers, Queue: p.jobs, Service: service, Source: from, Log: log, Observe: counts,
		Retry: min(s.DatabaseRetry, s.SessionTTL/2), // a session that is forgotten while it waits could not say why
	})
	rank := analysis.Ranker(p.sessions)
	page, err := web.New(web.Config{
		Source: from, Rank: rank, Outcomes: analysis.Outcomes(p.sessions), Today: func() atp.Day { return s.Params(p.now()).Today },
		Now: p.now, StaleDays: s.StaleDays, Window: s.Window, Promise: s.PromiseDays, BasePath: s.BasePath, Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	docs, err := apidoc.Handler(httpapi.OpenAPI(), s.BasePath)
	if err != nil {
		return nil, fmt.Errorf("documentation: %w", err)
	}
	p.api = httpapi.Config{
		Source: from, Service: service, Rank: rank, Params: s.Params, Now: p.now, Workers: s.Workers, LotSize: s.LotSize,
		ReadSize: source.ReadSize(from), CacheTTL: s.CacheTTL, Hosts: s.HostNames, BasePath: s.BasePath, Origins: s.Origins, Page: page, Docs: docs,
		Metrics: counts.Handler(), Observe: counts, Log: log, Closing: p.closing,
	}
	return p, nil
}

// now is the company's clock.
func (p *program) now() time.Time { return time.Now().In(p.settings.Zone) }

// Limits of the HTTP server. There is no limit on writing as a whole, which would end streams:
// every answer and every event has its own.
const (
	headerTimeout  = 5 * time.Second
	requestTimeout = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeader      = 32 << 10
	// streamGrace is what open streams get to end in, after the jobs have had their time.
	streamGrace = 2 * time.Second
	// lookTimeout bounds the look at the source before the first request.
	lookTimeout = 2 * time.Second
)

// run serves on a listener until the context ends, then closes everything within the time limit.
func (p *program) run(ctx context.Context, listener net.Listener, ready func(string)) error {
	p.api.CheckHost = loopback(listener.Addr())
	server := &http.Server{
		Handler: httpapi.New(p.api), ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelWarn),
	}
	p.lookAtSource(ctx)
	p.pool.Start()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if ready != nil {
		ready(address(listener.Addr()) + p.settings.BasePath)
	}
	select {
	case err := <-served:
		return errors.Join(fmt.Errorf("serve: %w", err), server.Close(), p.close())
	case <-ctx.Done():
		return errors.Join(p.shutdown(server, served), p.close())
	}
}

// lookAtSource says in the log when the source does not answer. That is no reason not to start: it
// is waited for, and /readyz tells.
func (p *program) lookAtSource(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if err := p.source.Ping(ctx); err != nil {
		why := doctor.Words(err).In(p.settings.Lang) // the first line that who starts the program sees
		p.log.Warn("source is away; serving all the same, and /readyz says when it is back", "error", why)
	}
}

// shutdown takes no more connections, lets running jobs finish and publish, ends the streams, and
// waits for the last answers.
func (p *program) shutdown(server *http.Server, served <-chan error) error {
	p.log.Info("shutting down")
	jobs, cancel := context.WithTimeout(context.Background(), p.settings.ShutdownTimeout)
	defer cancel()
	all, cancelAll := context.WithTimeout(context.Background(), p.settings.ShutdownTimeout+streamGrace)
	defer cancelAll()
	down := make(chan error, 1)
	go func() { down <- server.Shutdown(all) }()
	p.pool.Stop(jobs)
	close(p.closing)
	err := <-down
	if err != nil {
		err = errors.Join(fmt.Errorf("some connections did not end in time: %w", err), server.Close())
	}
	if end := <-served; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}

// close frees what is left; nothing runs any more.
func (p *program) close() error {
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	p.pool.Stop(stopped)
	p.jobs.Close()
	p.sessions.Close()
	return p.source.Close()
}

// loopback reports whether only this machine can reach an address.
func loopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// address is where to point a browser.
func address(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return a.String()
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "localhost"
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(host, strconv.Itoa(tcp.Port))}
	return u.String()
}
