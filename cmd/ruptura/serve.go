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
	"ruptura/internal/httpapi"
	"ruptura/internal/settings"
	"ruptura/internal/source"
	"ruptura/internal/web"
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
	*crew
	api     httpapi.Config
	closing chan struct{}
}

// newProgram ties the parts together around a source, which it closes in the end.
func newProgram(s settings.Settings, from source.Source, log *slog.Logger) (*program, error) {
	c, err := newCrew(s, from, log)
	if err != nil {
		return nil, err
	}
	p := &program{crew: c, closing: make(chan struct{})}
	rank := analysis.Ranker(p.engines.sessions)
	page, err := web.New(web.Config{
		Source: from, Rank: rank, Outcomes: analysis.Outcomes(p.engines.sessions), Today: func() atp.Day { return s.Params(p.now()).Today },
		Now: p.now, StaleDays: s.StaleDays, Window: s.Window, Promise: s.PromiseDays, BasePath: s.BasePath, Log: log,
		Modes: []string{atp.Alone.String(), atp.Together.String()}, Priority: s.Priority,
	})
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	docs, err := apidoc.Handler(httpapi.OpenAPI(), s.BasePath)
	if err != nil {
		return nil, fmt.Errorf("documentation: %w", err)
	}
	p.api = httpapi.Config{
		Source: from, Service: p.service, Keeper: p.engines.keeper, Rank: rank, Params: s.Params, Priority: s.Priority, Now: p.now,
		Workers: p.engines.workers, LotSize: s.LotSize,
		ReadSize: source.ReadSize(from), CacheTTL: s.CacheTTL, Hosts: s.HostNames, BasePath: s.BasePath, Origins: s.Origins, Page: page, Docs: docs,
		Metrics: p.counts.Handler(), Observe: p.counts, Log: log, Closing: p.closing,
	}
	return p, nil
}

// Limits of the HTTP server. There is no limit on writing as a whole, which would end streams:
// every answer and every event has its own.
const (
	headerTimeout  = 5 * time.Second
	requestTimeout = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeader      = 32 << 10
	// streamGrace is what open streams get to end in, after the jobs have had their time.
	streamGrace = 2 * time.Second
)

// run serves on a listener until the context ends, then closes everything within the time limit.
func (p *program) run(ctx context.Context, listener net.Listener, ready func(string)) error {
	p.api.CheckHost = loopback(listener.Addr())
	server := &http.Server{
		Handler: httpapi.New(p.api), ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelWarn),
	}
	p.lookAround(ctx)
	p.start()
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
	p.stop(jobs)
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
