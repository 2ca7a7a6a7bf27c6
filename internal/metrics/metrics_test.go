package metrics_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ruptura/internal/atp"
	"ruptura/internal/metrics"
	"ruptura/internal/session"
	"ruptura/internal/session/local"
	"ruptura/internal/worker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// read is what Prometheus reads.
func read(m *metrics.Metrics) string {
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	return "\n" + w.Body.String()
}

func want(t *testing.T, m *metrics.Metrics, lines ...string) {
	t.Helper()
	text := read(m)
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no %s", line)
		}
	}
}

func TestRequestsAndStreams(t *testing.T) {
	m := metrics.New()
	m.Request("/x", "GET", 200, 20*time.Millisecond)
	m.Request("/x", "GET", 200, 2*time.Second)
	m.Request("/x", "FORGED\n", 405, 0)
	m.StreamOpened()
	m.StreamOpened()
	m.StreamClosed()
	want(t, m,
		`ruptura_http_request_seconds_count{method="GET",route="/x",status="200"} 2`,
		`ruptura_http_request_seconds_sum{method="GET",route="/x",status="200"} 2.02`,
		`ruptura_http_request_seconds_bucket{method="GET",route="/x",status="200",le="0.025"} 1`,
		`ruptura_http_request_seconds_count{method="OTHER",route="/x",status="405"} 1`,
		`ruptura_streams_open 1`)
	if strings.Contains(read(m), "FORGED") {
		t.Error("a made-up method makes a label")
	}
}

func TestJobs(t *testing.T) {
	m := metrics.New()
	m.Job(worker.Report{
		Session: "S", Orders: 20, Failed: 3, Waiting: time.Second, Reading: 2 * time.Second, Calculating: 3 * time.Second, Publishing: 4 * time.Second,
	})
	want(t, m,
		`ruptura_orders_analysed_total{outcome="ok"} 17`, `ruptura_orders_analysed_total{outcome="erro"} 3`,
		`ruptura_job_seconds_sum{part="waiting"} 1`, `ruptura_job_seconds_sum{part="reading"} 2`,
		`ruptura_job_seconds_sum{part="calculating"} 3`, `ruptura_job_seconds_sum{part="publishing"} 4`)
}

func TestReads(t *testing.T) {
	m := metrics.New()
	for range 3 {
		m.ReadRetried()
	}
	m.ReadFailed()
	want(t, m, `ruptura_source_reads_retried_total 3`, `ruptura_source_reads_failed_total 1`)
}

// queue is a queue of a known length, or none that answers.
type queue struct {
	length int
	err    error
}

func (q *queue) Enqueue(context.Context, ...session.Job) error { return nil }
func (q *queue) Len(context.Context) (int, error)              { return q.length, q.err }

func TestQueueAndLog(t *testing.T) {
	m, q := metrics.New(), &queue{length: 7}
	m.Queue(q)
	m.Log(func(context.Context) (int, int64, error) { return 3, 4096, q.err })
	m.Workers(func(context.Context) (int, error) { return 4, q.err })
	m.Dead(func(ctx context.Context) (int, error) {
		if _, limited := ctx.Deadline(); !limited {
			t.Error("asked without a time limit")
		}
		return 5, q.err
	})
	want(t, m, `ruptura_queue_jobs 7`, `ruptura_sessions_kept 3`, `ruptura_log_bytes 4096`, `ruptura_workers 4`, `ruptura_queue_dead_jobs 5`)
	q.err = errors.New("no connection")
	want(t, m, `ruptura_queue_jobs -1`, `ruptura_sessions_kept -1`, `ruptura_log_bytes -1`, `ruptura_workers -1`, `ruptura_queue_dead_jobs -1`)
}

func TestSessions(t *testing.T) {
	m := metrics.New()
	inner := local.New(local.Config{TTL: time.Hour, Memory: 20_000})
	defer inner.Close()
	store := m.Watch(inner)
	create := func(key session.Key) session.ID {
		t.Helper()
		s := &session.Session{ID: session.NewID(), Spec: session.Spec{Orders: []atp.OrderNumber{"A"}, LotSize: 1, Workers: 1}}
		id, err := store.Create(t.Context(), s, key)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	publish := func(id session.ID, body string) {
		t.Helper()
		for range 2 { // the second time it is there already
			if _, err := store.Publish(t.Context(), id, session.LotResult{Orders: 1, Body: []byte(body)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	publish(create(session.Key{}), `"lote":1`)
	key := session.Key{Caller: "c", Value: "v", Fingerprint: "f"}
	first := create(key)
	if again := create(key); again != first { // is no new session
		t.Fatal("the key made two sessions")
	}
	for range 2 {
		if err := store.End(t.Context(), first, session.Ending{State: session.Cancelled, At: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.End(t.Context(), "NADA", session.Ending{}); !errors.Is(err, session.ErrUnknown) {
		t.Errorf("%v", err)
	}
	want(t, m, `ruptura_sessions_started_total 2`,
		`ruptura_sessions_ended_total{end="completo"} 1`, `ruptura_sessions_ended_total{end="cancelado"} 1`)
}

// raced is a store in which somebody else ends a session just before.
type raced struct {
	session.Store
	at time.Time
}

func (r raced) End(ctx context.Context, id session.ID, end session.Ending) error {
	if err := r.Store.End(ctx, id, session.Ending{State: end.State, At: r.at}); err != nil {
		return err
	}
	return r.Store.End(ctx, id, end)
}

// TestAnotherProcessesEndIsItsOwn has two processes cancel a session at once: only the one whose end
// stands counts it.
func TestAnotherProcessesEndIsItsOwn(t *testing.T) {
	m, begun := metrics.New(), time.Now()
	inner := local.New(local.Config{TTL: time.Hour, Memory: 20_000})
	defer inner.Close()
	store := m.Watch(raced{inner, begun})
	s := &session.Session{ID: session.NewID(), Spec: session.Spec{Orders: []atp.OrderNumber{"A"}, LotSize: 1, Workers: 1}}
	if _, err := store.Create(t.Context(), s, session.Key{}); err != nil {
		t.Fatal(err)
	}
	if err := store.End(t.Context(), s.ID, session.Ending{State: session.Cancelled, At: begun.Add(time.Second)}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(read(m), `ruptura_sessions_ended_total{`) {
		t.Error("another's end was counted")
	}
}
