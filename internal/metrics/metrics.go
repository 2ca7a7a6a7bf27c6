// Package metrics counts what the program does, for Prometheus. No label ever holds anything a
// user typed.
package metrics

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ruptura/internal/session"
	"ruptura/internal/worker"
)

// Metrics is one registry with all of the program's metrics.
type Metrics struct {
	registry *prometheus.Registry

	requests *prometheus.HistogramVec
	streams  prometheus.Gauge
	started  prometheus.Counter
	ended    *prometheus.CounterVec
	orders   *prometheus.CounterVec
	jobs     *prometheus.HistogramVec
	retried  prometheus.Counter
	failed   prometheus.Counter
}

// seconds are the buckets of durations, from half a millisecond to a minute.
var seconds = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// New makes a registry with the process's own metrics in it too.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ruptura_http_request_seconds", Help: "Time to answer requests, streams until their end.", Buckets: seconds,
		}, []string{"route", "method", "status"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "ruptura_streams_open", Help: "Event streams open now."}),
		started: prometheus.NewCounter(prometheus.CounterOpts{Name: "ruptura_sessions_started_total", Help: "Sessions begun."}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ruptura_sessions_ended_total", Help: "Sessions ended, by how: completo, erro, cancelado.",
		}, []string{"end"}),
		orders: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ruptura_orders_analysed_total", Help: "Orders analysed in the background, by outcome: ok, erro.",
		}, []string{"outcome"}),
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ruptura_job_seconds", Help: "Time of jobs, by part: waiting, reading, calculating, publishing.", Buckets: seconds,
		}, []string{"part"}),
		retried: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ruptura_source_reads_retried_total", Help: "Further attempts of background reads, the source being away.",
		}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ruptura_source_reads_failed_total", Help: "Background reads that came to nothing: their orders got an error.",
		}),
	}
	m.registry.MustRegister(m.requests, m.streams, m.started, m.ended, m.orders, m.jobs, m.retried, m.failed,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Queue reports the length of a queue whenever the metrics are read.
func (m *Metrics) Queue(jobs session.Jobs) {
	m.asked("ruptura_queue_jobs", "Jobs waiting in the queue; -1 if it cannot be asked.", jobs.Len)
}

// Dead reports how many jobs were put aside, where a queue does that.
func (m *Metrics) Dead(count func(context.Context) (int, error)) {
	m.asked("ruptura_queue_dead_jobs", "Jobs put aside because their workers died; -1 if it cannot be asked.", count)
}

// Workers reports how many workers there are, in this process or in all that share a queue.
func (m *Metrics) Workers(count func(context.Context) (int, error)) {
	m.asked("ruptura_workers", "Workers alive, of all processes that share the queue; -1 if it cannot be asked.", count)
}

// scrapeTimeout bounds one question asked because somebody reads the metrics; all of them are asked at once.
const scrapeTimeout = time.Second

// asked is a gauge that is asked for whenever the metrics are read, and -1 when there is no answer.
func (m *Metrics) asked(name, help string, count func(context.Context) (int, error)) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
		defer cancel()
		n, err := count(ctx)
		if err != nil {
			return -1
		}
		return float64(n)
	}))
}

// Log reports the event logs, of this process or of all that share them, whenever the metrics are
// read.
func (m *Metrics) Log(usage func(context.Context) (sessions int, bytes int64, err error)) {
	ask := func() (sessions, size float64) {
		ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
		defer cancel()
		n, b, err := usage(ctx)
		if err != nil {
			return -1, -1
		}
		return float64(n), float64(b)
	}
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ruptura_sessions_kept", Help: "Sessions in the event log; -1 if it cannot be asked."},
			func() float64 { n, _ := ask(); return n }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ruptura_log_bytes", Help: "Memory the event log is charged for; -1 if it cannot be asked."},
			func() float64 { _, b := ask(); return b }),
	)
}

// Request counts an answered request.
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, known(method), strconv.Itoa(status)).Observe(took.Seconds())
}

// known keeps made-up methods from making up label values.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete, http.MethodOptions, http.MethodPut, http.MethodPatch:
		return method
	}
	return "OTHER"
}

// StreamOpened counts an open stream.
func (m *Metrics) StreamOpened() { m.streams.Inc() }

// StreamClosed takes it back.
func (m *Metrics) StreamClosed() { m.streams.Dec() }

// Job counts a finished job.
func (m *Metrics) Job(r worker.Report) {
	m.orders.WithLabelValues("ok").Add(float64(r.Orders - r.Failed))
	m.orders.WithLabelValues("erro").Add(float64(r.Failed))
	for part, took := range map[string]time.Duration{
		"waiting": r.Waiting, "reading": r.Reading, "calculating": r.Calculating, "publishing": r.Publishing,
	} {
		m.jobs.WithLabelValues(part).Observe(took.Seconds())
	}
}

// ReadRetried counts another attempt to read a source that is away.
func (m *Metrics) ReadRetried() { m.retried.Inc() }

// ReadFailed counts a read that came to nothing.
func (m *Metrics) ReadFailed() { m.failed.Inc() }
