package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ruptura/internal/atp"
	"ruptura/internal/demo"
	"ruptura/internal/settings"
	"ruptura/internal/source"
	"ruptura/internal/source/sqlite"
)

// heldSource is a source whose reads wait until they may proceed, or are told to stop.
type heldSource struct {
	source.Source
	reading, proceed chan struct{}
}

func (s *heldSource) Read(ctx context.Context, q source.Query) (*atp.Snapshot, error) {
	s.reading <- struct{}{}
	select {
	case <-s.proceed:
		return s.Source.Read(ctx, q)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// running is a program at work.
type running struct {
	t        *testing.T
	url      string
	db       *sqlite.DB
	client   *http.Client
	listener net.Listener
	stop     context.CancelFunc
	done     chan error
}

// launch starts the whole program on demo data; the end of the test checks that nothing is left of it.
func launch(t *testing.T, flags map[string][]string, wrap func(source.Source) source.Source) *running {
	t.Helper()
	before := goleak.IgnoreCurrent()
	data := demo.Config{Orders: launchedOrders, Movements: 200, Seed: 3, Today: atp.NewDay(2026, 3, 2)}
	db, err := sqlite.Open(t.Context(), demoFile(t, data), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var from source.Source = db
	if wrap != nil {
		from = wrap(db)
	}
	r := launchOn(t, flags, from, slog.DiscardHandler, before)
	r.db = db
	return r
}

// launchOn starts the whole program on a source, which it closes.
func launchOn(t *testing.T, flags map[string][]string, from source.Source, log slog.Handler, before goleak.Option) *running {
	t.Helper()
	flags["today"] = []string{"2026-03-02"}
	s, err := settings.Load(settings.Sources{Flags: flags, Getenv: func(string) string { return "" }}, settings.Groups()...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newProgram(s, from, slog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, client: &http.Client{Transport: &http.Transport{}}, done: make(chan error, 1)}
	r.listener, err = new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	ready := make(chan string, 1)
	go func() { r.done <- p.run(ctx, r.listener, func(url string) { ready <- url }) }()
	r.url = <-ready
	t.Cleanup(func() {
		stop()
		r.client.CloseIdleConnections()
		goleak.VerifyNone(t, before)
	})
	return r
}

func (r *running) get(path string) *http.Response {
	r.t.Helper()
	response, err := r.client.Get(r.url + path)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// stream begins a session of the whole book and opens its stream.
func (r *running) stream() *bufio.Reader {
	r.t.Helper()
	b := &bench{url: r.url, client: r.client}
	path, err := b.post(r.t.Context(), []byte(`{"todos":true}`))
	if err != nil {
		r.t.Fatal(err)
	}
	return bufio.NewReader(r.get(path).Body)
}

// ended waits for the program's end.
func (r *running) ended() error {
	r.t.Helper()
	r.client.CloseIdleConnections()
	select {
	case err := <-r.done:
		return err
	case <-time.After(30 * time.Second):
		r.t.Fatal("the program does not end")
		return nil
	}
}

func TestServe(t *testing.T) {
	r := launch(t, map[string][]string{}, nil)
	for path, want := range map[string]string{
		"/": "<!doctype html>", "/carteira": "<!doctype html>", "/docs": "<!doctype html>", "/docs/style.css": "{",
		"/static/carteira/js/ruptura-worker-client.js": "RupturaWorkerClient", "/openapi.json": `"openapi"`,
		"/healthz": `"vivo":true`, "/readyz": `"pronto":true`, "/metrics": "ruptura_queue_jobs 0",
		"/api/carteira/pedidos?limite=1": `"total":40`,
	} {
		response := r.get(path)
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(strings.ToLower(string(body)), strings.ToLower(want)) {
			t.Errorf("%s: %s, %v: %.200s", path, response.Status, err, body)
		}
	}
	all, err := io.ReadAll(r.stream())
	if err != nil || bytes.Count(all, []byte(`"num_pedido":`)) < 40 || !bytes.Contains(all, []byte(`"tipo":"completo"`)) {
		t.Errorf("%v: %.2000s", err, all)
	}
	r.stop()
	if err := r.ended(); err != nil {
		t.Error(err)
	}
	if err := r.db.Ping(t.Context()); !errors.Is(err, source.ErrUnavailable) {
		t.Errorf("the source is not closed: %v", err)
	}
}

func hold(held **heldSource) func(source.Source) source.Source {
	return func(from source.Source) source.Source {
		*held = &heldSource{Source: from, reading: make(chan struct{}, 10), proceed: make(chan struct{})}
		return *held
	}
}

// TestShutdownLetsJobsFinish interrupts the program while a session is read; its reader still gets
// everything, and a reader of nothing does not keep the program waiting.
func TestShutdownLetsJobsFinish(t *testing.T) {
	var held *heldSource
	r := launch(t, map[string][]string{"shutdown-timeout": {"30s"}, "workers": {"1"}}, hold(&held))
	busy := r.stream()
	<-held.reading
	idle := r.stream()
	if _, err := idle.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	r.stop()
	for { // the listener closes first
		c, err := net.Dial("tcp", r.listener.Addr().String())
		if err != nil {
			break
		}
		_ = c.Close()
	}
	close(held.proceed)
	if all, err := io.ReadAll(busy); err != nil || !bytes.Contains(all, []byte(`"tipo":"completo"`)) {
		t.Errorf("a job under way was not finished: %v: %.500s", err, all)
	}
	if all, err := io.ReadAll(idle); err != nil || bytes.Contains(all, []byte(`"tipo":"completo"`)) {
		t.Errorf("a session not begun: %v: %.500s", err, all)
	}
	if err := r.ended(); err != nil {
		t.Error(err)
	}
}

// TestShutdownHasALimit interrupts the program while a read hangs.
func TestShutdownHasALimit(t *testing.T) {
	var held *heldSource
	r := launch(t, map[string][]string{"shutdown-timeout": {"20ms"}}, hold(&held))
	lines := r.stream()
	<-held.reading
	r.stop()
	if all, err := io.ReadAll(lines); err != nil || bytes.Contains(all, []byte(`"tipo":"resultados"`)) {
		t.Errorf("the stream of interrupted work: %v: %.500s", err, all)
	}
	if err := r.ended(); err != nil {
		t.Errorf("streams were not ended in peace: %v", err)
	}
}

func TestListenerFails(t *testing.T) {
	r := launch(t, map[string][]string{"workers": {"0"}}, nil)
	lines := r.stream()
	if _, err := lines.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	_ = r.listener.Close()
	if err := r.ended(); err == nil || !strings.Contains(err.Error(), "serve") {
		t.Errorf("%v", err)
	}
	if err := r.db.Ping(t.Context()); !errors.Is(err, source.ErrUnavailable) {
		t.Errorf("the source is not closed: %v", err)
	}
}

func TestAddress(t *testing.T) {
	for _, c := range []struct {
		ip, url  string
		loopback bool
	}{
		{"127.0.0.1", "http://127.0.0.1:80", true}, {"::1", "http://[::1]:80", true}, {"127.1.2.3", "http://127.1.2.3:80", true},
		{"0.0.0.0", "http://localhost:80", false}, {"::", "http://localhost:80", false}, {"10.0.0.1", "http://10.0.0.1:80", false},
	} {
		a := &net.TCPAddr{IP: net.ParseIP(c.ip), Port: 80}
		if got := address(a); got != c.url || loopback(a) != c.loopback {
			t.Errorf("%s: %s, loopback %t", c.ip, got, loopback(a))
		}
	}
}
