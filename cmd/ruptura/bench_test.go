package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/demo"
	"ruptura/internal/settings"
	"ruptura/internal/source"
	"ruptura/internal/source/sqlite"
)

// The benchmarks of the whole program run it for real, on a loopback socket with a client that
// reads the stream, and hold each figure against the bare SQL of the same read: the same
// statements through the bare driver, every column of every row scanned, nothing done with them.
// Ours and the floor take turns, and the ratio reported is the median of the pairs: absolute
// times depend on the machine and its mood, ratios much less.

// benchData is the size of the data set: 1,000 orders of about 8 lines over 500 products, with a
// ledger of 200,000 movements.
var benchData = demo.Config{Orders: 1000, Movements: 200_000, Seed: 1, Today: atp.NewDay(2026, 3, 2)}

// bench is a running program with its data, for a benchmark.
type bench struct {
	db      *sqlite.DB
	url     string
	client  *http.Client
	orders  []atp.OrderNumber
	program *program
}

func startBench(b *testing.B, data demo.Config) *bench {
	b.Helper()
	return startBenchWith(b, data, nil)
}

// startBenchWith starts the program with further settings.
func startBenchWith(b *testing.B, data demo.Config, more map[string]string) *bench {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bench.db")
	fillBench(b, path, data)
	return startBenchOn(b, path, data.Today, more)
}

// fillBench makes a database file.
func fillBench(b *testing.B, path string, data demo.Config) {
	b.Helper()
	db, err := sqlite.Open(b.Context(), path, sqlite.Options{Migrate: true})
	if err != nil {
		b.Fatal(err)
	}
	err = db.Replace(b.Context(), dataset.Relations(), func(w dataset.Writer) error { return demo.Generate(data, w) })
	if err := errors.Join(err, db.Close()); err != nil {
		b.Fatal(err)
	}
}

// startBenchOn starts the program on a database file, which it may share with others.
func startBenchOn(b *testing.B, path string, today atp.Day, more map[string]string) *bench {
	b.Helper()
	db, err := sqlite.Open(b.Context(), path, sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	t := startBenchFrom(b, db, today, more)
	t.db = db
	return t
}

// startBenchFrom starts the program on a source.
func startBenchFrom(b *testing.B, from source.Source, today atp.Day, more map[string]string) *bench {
	b.Helper()
	tuneMemory(os.Getenv)
	t := &bench{client: &http.Client{Transport: &http.Transport{}}}
	var err error
	t.orders, err = from.Numbers(b.Context(), source.NumbersQuery{StaleBefore: today})
	if err != nil {
		b.Fatal(err)
	}
	s, err := benchSettings(today, more)
	if err != nil {
		b.Fatal(err)
	}
	t.start(b, s, from)
	return t
}

// benchSettings are those of a program that is measured.
func benchSettings(today atp.Day, more map[string]string) (settings.Settings, error) {
	flags := map[string][]string{"today": {today.String()}, "log-memory": {"2GiB"}}
	for name, value := range more {
		flags[name] = []string{value}
	}
	return settings.Load(settings.Sources{Flags: flags, Getenv: func(string) string { return "" }}, settings.Groups()...)
}

func (t *bench) start(b *testing.B, s settings.Settings, from source.Source) {
	b.Helper()
	p, err := newProgram(s, from, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	t.program = p
	listener, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	t.url = address(listener.Addr())
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.run(ctx, listener, nil) }()
	b.Cleanup(func() {
		t.client.CloseIdleConnections()
		stop()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
}

// session analyses orders as a page does, and returns how long it took from sending them to the
// first results and to the end.
func (t *bench) session(ctx context.Context, orders []atp.OrderNumber) (first, whole time.Duration, err error) {
	body, err := json.Marshal(map[string]any{"pedidos": orders})
	if err != nil {
		return 0, 0, err
	}
	return t.sessionOf(ctx, body)
}

// sessionOf is a session asked for by a body.
func (t *bench) sessionOf(ctx context.Context, body []byte) (first, whole time.Duration, err error) {
	start := time.Now()
	address, err := t.post(ctx, body)
	if err != nil {
		return 0, 0, err
	}
	response, err := t.get(ctx, address)
	if err != nil {
		return 0, 0, err
	}
	defer response.Body.Close()
	lines := bufio.NewReaderSize(response.Body, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		long := err == bufio.ErrBufferFull //nolint:errorlint // returned as it is
		if err != nil && !long {
			return 0, 0, fmt.Errorf("stream ended early: %w", err)
		}
		switch {
		case first == 0 && bytes.Contains(line, []byte(`"tipo":"resultados"`)):
			first = time.Since(start)
		case bytes.Contains(line, []byte(`"tipo":"completo"`)):
			return first, time.Since(start), nil
		}
	}
}

func (t *bench) post(ctx context.Context, body []byte) (stream string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url+"/api/ruptura/processar-lote", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := t.client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var answer struct {
		Stream string `json:"stream_url"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusAccepted {
		return "", fmt.Errorf("processar-lote: %s %w", response.Status, err)
	}
	_, err = io.Copy(io.Discard, response.Body) // so that the connection serves the stream too
	return answer.Stream, err
}

func (t *bench) get(ctx context.Context, path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	return t.client.Do(request)
}

// floor is how long the bare SQL of a read takes.
func (t *bench) floor(b *testing.B, q source.Query) func() (time.Duration, error) {
	b.Helper()
	bare, err := t.db.Bare(b.Context(), q)
	if err != nil {
		b.Fatal(err)
	}
	return func() (time.Duration, error) {
		start := time.Now()
		_, err := bare.Scan(b.Context())
		return time.Since(start), err
	}
}

// pairs runs ours and the floor in turn and reports the median of each and of their ratio.
func pairs(b *testing.B, ours, floor func() (time.Duration, error)) {
	b.Helper()
	var mine, bare, ratios []float64
	for i := 0; b.Loop(); i++ {
		m, err := ours()
		if err != nil {
			b.Fatal(err)
		}
		f, err := floor()
		if err != nil {
			b.Fatal(err)
		}
		mine, bare, ratios = append(mine, float64(m)), append(bare, float64(f)), append(ratios, float64(m)/float64(f))
	}
	b.ReportMetric(0, "ns/op") // both together say nothing
	b.ReportMetric(median(mine)/1e6, "ms")
	b.ReportMetric(median(bare)/1e6, "floor-ms")
	b.ReportMetric(median(ratios), "x-floor")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// BenchmarkSession is a whole session of 1,000 orders: from the POST to the first `resultados` and
// to `completo` at a client that reads the stream.
func BenchmarkSession(b *testing.B) {
	t := startBench(b, benchData)
	for _, name := range []string{"first", "complete"} {
		b.Run(name, func(b *testing.B) {
			floor := t.floor(b, source.Query{Orders: t.orders})
			pairs(b, func() (time.Duration, error) {
				first, whole, err := t.session(b.Context(), t.orders)
				if name == "first" {
					return first, err
				}
				return whole, err
			}, floor)
		})
	}
}

// BenchmarkAnalyseOne is one order by `analisar`, over a kept connection. Its SQL takes about as
// long as an HTTP round trip on loopback, so there are two floors: the SQL alone, and a bare
// handler that runs the same SQL and answers the same bytes.
func BenchmarkAnalyseOne(b *testing.B) {
	t := startBench(b, benchData)
	order := t.orders[len(t.orders)/2]
	path := "/api/ruptura/analisar/" + string(order)
	scan := t.floor(b, source.Query{Orders: []atp.OrderNumber{order}})
	answer, err := t.fetch(b.Context(), t.url+path)
	if err != nil || !bytes.HasPrefix(answer, []byte(`{"success":true`)) {
		b.Fatalf("analisar: %s %v", answer, err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := scan(); err != nil {
			panic(err)
		}
		_, _ = w.Write(answer)
	}))
	defer server.Close()
	timed := func(url string) func() (time.Duration, error) {
		return func() (time.Duration, error) {
			start := time.Now()
			_, err := t.fetch(b.Context(), url)
			return time.Since(start), err
		}
	}
	b.Run("sql", func(b *testing.B) { pairs(b, timed(t.url+path), scan) })
	b.Run("sql+http", func(b *testing.B) { pairs(b, timed(t.url+path), timed(server.URL)) })
}

// fetch reads an answer whole.
func (t *bench) fetch(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := t.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}
