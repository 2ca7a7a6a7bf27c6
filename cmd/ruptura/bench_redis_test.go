package main

import (
	"path/filepath"
	"testing"
	"time"

	"ruptura/internal/redistest"
)

// The benchmarks with Redis hold each figure against the same without it, or against the least that
// Redis and a bare server need for the same; both take turns in one run. Redis is one of their own,
// on this machine, which writes what it keeps to its append-only file every second, as we advise.
//
//	bash scripts/bench.sh -bench Redis                       all of them, some minutes
//	RUPTURA_BENCH_STREAMS=500 bash scripts/bench.sh -bench Streams   a look, with fewer connections

// startRedis starts a Redis as we advise it.
func startRedis(b *testing.B) *redistest.Server {
	b.Helper()
	return redistest.Start(b, redistest.Options{AOF: true})
}

// BenchmarkRedisSession is a whole session of 1,000 orders, with Redis against embedded: two programs
// on the same database, two workers each.
func BenchmarkRedisSession(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "bench.db")
		fillBench(b, path, benchData)
		againstEmbedded(b, func(more map[string]string) *bench { return startBenchOn(b, path, benchData.Today, more) })
	})
	b.Run("postgres", func(b *testing.B) { // what a company has that needs Redis
		_, reader := loadPostgres(b, benchData)
		againstEmbedded(b, func(more map[string]string) *bench {
			return startBenchFrom(b, openPostgres(b, reader), benchData.Today, more)
		})
	})
}

// againstEmbedded holds sessions of a program with Redis against those of one without.
func againstEmbedded(b *testing.B, start func(more map[string]string) *bench) {
	b.Helper()
	embedded := start(nil)
	shared := start(map[string]string{"redis": startRedis(b).URL(), "log-memory": "256MiB"})
	var first, whole turns
	for b.Loop() {
		f, w, err := shared.session(b.Context(), shared.orders)
		if err != nil {
			b.Fatal(err)
		}
		fe, we, err := embedded.session(b.Context(), embedded.orders)
		if err != nil {
			b.Fatal(err)
		}
		first.add(f, fe)
		whole.add(w, we)
	}
	b.ReportMetric(0, "ns/op") // both together say nothing
	first.report(b, "first", "embedded")
	whole.report(b, "complete", "embedded")
}

// turns are pairs of times, ours and what it is held against.
type turns struct{ ours, floor, ratios []float64 }

func (t *turns) add(ours, floor time.Duration) {
	t.ours, t.floor = append(t.ours, milliseconds(ours)), append(t.floor, milliseconds(floor))
	t.ratios = append(t.ratios, float64(ours)/float64(floor))
}

// report reports the median of each and of the ratios of the pairs.
func (t *turns) report(b *testing.B, what, floor string) {
	b.Helper()
	b.ReportMetric(median(t.ours), what+"-ms")
	b.ReportMetric(median(t.floor), what+"-"+floor+"-ms")
	b.ReportMetric(median(t.ratios), what+"-x-"+floor)
}
