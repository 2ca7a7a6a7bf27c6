package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ruptura/internal/atp"
	rds "ruptura/internal/redis"
	"ruptura/internal/redistest"
	"ruptura/internal/source"
	"ruptura/internal/source/sqlite"
)

// benchWorker is a worker process as a benchmark wants it.
type benchWorker struct {
	Database string
	Redis    string
	Workers  int
	// Wait is how long each read of the source takes at least; a session of one order is one job
	// with a read of its own.
	Wait time.Duration
}

// workerEnv tells a child process that it is a benchWorker.
const workerEnv = "RUPTURA_BENCH_WORKER"

// TestBenchWorker is a worker process of a benchmark: it works until its input ends.
func TestBenchWorker(t *testing.T) {
	var w benchWorker
	if os.Getenv(workerEnv) == "" {
		t.Skip("only as the worker process of a benchmark")
	}
	if err := json.Unmarshal([]byte(os.Getenv(workerEnv)), &w); err != nil {
		t.Fatal(err)
	}
	tuneMemory(os.Getenv)
	db, err := sqlite.Open(t.Context(), w.Database, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := benchSettings(benchData.Today, map[string]string{"redis": w.Redis, "workers": strconv.Itoa(w.Workers)})
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCrew(s, slowSource{db, w.Wait}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c.start()
	fmt.Println("working")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
}

// slowSource is a source each of whose reads waits first.
type slowSource struct {
	source.Source

	wait time.Duration
}

func (s slowSource) Read(ctx context.Context, q source.Query) (*atp.Snapshot, error) {
	if s.wait > 0 {
		<-time.After(s.wait)
	}
	return s.Source.Read(ctx, q)
}

// start starts the process; stop ends it, and waits.
func (w benchWorker) start(b *testing.B) (pid int, stop func()) {
	b.Helper()
	text, err := json.Marshal(w)
	if err != nil {
		b.Fatal(err)
	}
	return startChild(b, "TestBenchWorker", workerEnv+"="+string(text), "working")
}

// startChild runs a test of this program in a process of its own, until it says that it is ready.
func startChild(b *testing.B, test, env, ready string) (pid int, stop func()) {
	b.Helper()
	child := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^"+test+"$")
	child.Env = append(os.Environ(), env)
	in, err := child.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := child.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != ready {
		b.Log(lines.Text())
	}
	return child.Process.Pid, func() {
		closing := in.Close()
		_, copied := io.Copy(io.Discard, out)
		if err := errors.Join(closing, copied, child.Wait()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRedisWorkers is how much faster two worker processes of one worker each are than one: on
// jobs that wait 20 ms each, and on real work, of which Redis, the server and the processor's two
// cores have their share.
func BenchmarkRedisWorkers(b *testing.B) {
	path := filepath.Join(b.TempDir(), "bench.db")
	fillBench(b, path, benchData)
	redis := startRedis(b)
	server := startBenchOn(b, path, benchData.Today, map[string]string{
		"redis": redis.URL(), "workers": "0", "queue-limit": "100000", "log-memory": "256MiB",
	})
	one := benchWorker{Database: path, Redis: redis.URL(), Workers: 1}
	b.Run("waiting", func(b *testing.B) {
		slow := one
		slow.Wait = 20 * time.Millisecond
		speedUp(b, slow, func() time.Duration { return server.manySessions(b, redis, 200, server.orders[:1]) })
	})
	b.Run("real", func(b *testing.B) {
		speedUp(b, one, func() time.Duration { return server.manySessions(b, redis, 10, server.orders) })
	})
}

// speedUp runs some work with one worker process and with two, in turn.
func speedUp(b *testing.B, worker benchWorker, work func() time.Duration) {
	b.Helper()
	var t turns
	_, stop := worker.start(b)
	defer stop()
	work() // what the first one does once
	for b.Loop() {
		alone := work()
		_, stopSecond := worker.start(b)
		both := work()
		stopSecond()
		t.add(alone, both)
	}
	b.ReportMetric(0, "ns/op")
	t.report(b, "one", "two")
}

// manySessions is how long it takes until as many sessions, posted one after the other, are all
// complete, by what is published about them.
func (t *bench) manySessions(b *testing.B, redis *redistest.Server, sessions int, orders []atp.OrderNumber) time.Duration {
	b.Helper()
	client, err := rds.Open(redis.URL(), rds.Options{})
	if err != nil {
		b.Fatal(err)
	}
	events := client.PSubscribe(b.Context(), client.Key("*"))
	defer func() {
		if err := errors.Join(events.Close(), client.Close()); err != nil {
			b.Fatal(err)
		}
	}()
	if _, err := events.Receive(b.Context()); err != nil {
		b.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"pedidos": orders})
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	for range sessions {
		if _, err := t.post(b.Context(), body); err != nil {
			b.Fatal(err)
		}
	}
	for left := sessions; left > 0; {
		message, err := events.ReceiveMessage(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if strings.Contains(message.Payload, `"tipo":"completo"`) {
			left--
		}
	}
	return time.Since(start)
}
