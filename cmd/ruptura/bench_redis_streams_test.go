package main

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ruptura/internal/session"
)

// manyStreams is how many streams are open at once, each of a session of its own. Two processes hold
// one end each, so that both stay below the usual limit of open files.
func manyStreams(b *testing.B) int {
	b.Helper()
	text := os.Getenv("RUPTURA_BENCH_STREAMS")
	if text == "" {
		return 10_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// bursts is how often every stream gets an event, all at once.
const bursts = 5

// streamFigures is what one server's open streams have taken.
type streamFigures struct {
	perStream float64         // bytes
	took      []time.Duration // each burst
	idle      float64         // of a core, while nothing but signs of life is sent
}

// BenchmarkManyStreams is 10,000 open streams of one server, embedded and with Redis, against a bare
// net/http handler: memory, the time until 10,000 different events of 5 kB have all arrived, and what
// idle streams cost. With Redis the events come from another process, by pipelined scripts, and the
// floor is the bare handler's time and that of the scripts alone.
func BenchmarkManyStreams(b *testing.B) {
	b.Run("embedded", func(b *testing.B) { manyStreamsOf(b, "") })
	b.Run("redis", func(b *testing.B) { manyStreamsOf(b, startRedis(b).URL()) })
}

func manyStreamsOf(b *testing.B, redis string) {
	b.Helper()
	flags := map[string]string{"workers": "0", "queue-limit": "100000", "lot-size": "1"}
	if redis != "" {
		flags["redis"] = redis
	}
	t := startBenchWith(b, benchData, flags)
	var ours, bare, scripts []time.Duration
	var memory, floorMemory, idle, floorIdle []float64
	for b.Loop() {
		paths := t.sessionsOfLots(b, manyStreams(b))
		floor := bareFigures(b, paths)
		figures := t.figures(b, paths, redis)
		ours, bare = append(ours, figures.took...), append(bare, floor.took...)
		memory, floorMemory = append(memory, figures.perStream), append(floorMemory, floor.perStream)
		idle, floorIdle = append(idle, figures.idle), append(floorIdle, floor.idle)
		if redis != "" {
			scripts = append(scripts, scriptsAlone(b, redis, sessionsOf(paths))...)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(memory)/1024, "KiB/stream")
	b.ReportMetric(median(floorMemory)/1024, "bare-KiB/stream")
	b.ReportMetric(median(memory)/median(floorMemory), "memory-x-bare")
	b.ReportMetric(median(idle)*100, "idle-%")
	b.ReportMetric(median(floorIdle)*100, "bare-idle-%")
	reportBursts(b, ours, bare, scripts)
}

func reportBursts(b *testing.B, ours, bare, scripts []time.Duration) {
	b.Helper()
	floor := middle(bare)
	b.ReportMetric(milliseconds(middle(ours)), "burst-ms")
	b.ReportMetric(milliseconds(floor), "bare-burst-ms")
	if len(scripts) > 0 {
		floor += middle(scripts)
		b.ReportMetric(milliseconds(middle(scripts)), "scripts-ms")
	}
	b.ReportMetric(float64(middle(ours))/float64(floor), "burst-x-floor")
}

func middle(times []time.Duration) time.Duration {
	values := make([]float64, len(times))
	for i, t := range times {
		values[i] = float64(t)
	}
	return time.Duration(median(values))
}

// sessionsOfLots begins that many sessions of lots of one order, enough of them for every burst without
// an end, and returns their streams.
func (t *bench) sessionsOfLots(b *testing.B, n int) []string {
	b.Helper()
	body, err := json.Marshal(map[string]any{"pedidos": t.orders[:2*bursts+1]})
	if err != nil {
		b.Fatal(err)
	}
	paths := make([]string, n)
	for i := range paths {
		if paths[i], err = t.post(b.Context(), body); err != nil {
			b.Fatal(err)
		}
	}
	return paths
}

// figures are those of our server.
func (t *bench) figures(b *testing.B, paths []string, redis string) streamFigures {
	b.Helper()
	publish := func(int) {}
	lotOfChild := func(lot int) int { return lot }
	if redis == "" {
		ids := sessionsOf(paths)
		publish = func(lot int) { inHalves(len(ids), func(i int) { t.publishLot(b, ids[i], lot, i) }) }
		lotOfChild = func(int) int { return -1 }
	}
	return measure(b, loadOrder{Host: hostOf(t.url), Paths: paths, Redis: redis}, publish, lotOfChild)
}

func (t *bench) publishLot(b *testing.B, id session.ID, lot, i int) {
	b.Helper()
	result := session.LotResult{Lot: lot, Orders: 1, Body: burstBody(i), At: time.Now()}
	if p, err := t.program.engines.sessions.Publish(b.Context(), id, result); err != nil || !p.Written {
		b.Errorf("publish: %+v %v", p, err)
	}
}

// bareFigures are those of the bare handler.
func bareFigures(b *testing.B, paths []string) streamFigures {
	b.Helper()
	server := startBare(b, 5*time.Second)
	defer func() {
		if err := server.server.Close(); err != nil {
			b.Fatal(err)
		}
	}()
	publish := func(int) { inHalves(len(paths), func(i int) { server.send(paths[i], burstBody(i)) }) }
	return measure(b, loadOrder{Host: hostOf(server.url), Paths: paths}, publish, func(int) int { return -1 })
}

func hostOf(url string) string { return strings.TrimPrefix(url, "http://") }

// inHalves does n things in two goroutines, as two workers would.
func inHalves(n int, do func(i int)) {
	var both sync.WaitGroup
	for first := range 2 {
		both.Go(func() {
			for i := first; i < n; i += 2 {
				do(i)
			}
		})
	}
	both.Wait()
}

// idleFor is how long idle streams are watched: two signs of life of each.
const idleFor = 10 * time.Second

// measure opens the streams, publishes to all of them, and watches them idle.
func measure(b *testing.B, o loadOrder, publish func(lot int), lotOfChild func(int) int) (f streamFigures) {
	b.Helper()
	before := memory()
	clients := openLoad(b, o)
	defer clients.close()
	f.perStream = (memory() - before) / float64(len(o.Paths))
	used := processorTime(b)
	<-time.After(idleFor)
	f.idle = float64(processorTime(b)-used) / float64(idleFor)
	for lot := range bursts {
		start := time.Now()
		clients.tell(lotOfChild(lot))
		publish(lot)
		clients.hear("all")
		f.took = append(f.took, time.Since(start))
	}
	return f
}

// scriptsAlone is how long the scripts take when nobody follows the sessions.
func scriptsAlone(b *testing.B, redis string, ids []session.ID) (took []time.Duration) {
	b.Helper()
	p, err := openPublishing(b.Context(), redis)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = p.client.Close() }()
	for lot := range bursts {
		took = append(took, timed(b, p.scripts, ids, bursts+lot))
	}
	return took
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
