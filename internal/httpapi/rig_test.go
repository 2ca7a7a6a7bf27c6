package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ruptura/internal/analysis"
	"ruptura/internal/apidoc/apidoctest"
	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/httpapi"
	"ruptura/internal/metrics"
	queue "ruptura/internal/queue/local"
	"ruptura/internal/session"
	store "ruptura/internal/session/local"
	"ruptura/internal/source"
	"ruptura/internal/source/sqlite"
	"ruptura/internal/worker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what would otherwise hang; no test waits for it to pass.
const patience = 30 * time.Second

var today = atp.NewDay(2026, 3, 2)

const hostileOrder = `<img onerror=1>&"'`

// book is the order book of the tests; what its answers must be is worked out by hand.
func book(w dataset.Writer) error {
	orders := []dataset.Order{
		{Number: "BOM", Client: "Ágata Ltda", City: "Recife", UF: "PE", Salesperson: "Rui", Requested: today + 1, Important: true},
		{Number: "FALTA", Client: "Beta S/A", City: "Campinas", UF: "SP", Salesperson: "Eva", Requested: today + 2},
		{Number: "PROX", Client: "Gama", City: "Santos", UF: "SP", Salesperson: "Eva", Requested: today + 8, Note: "ligar antes"},
		{Number: "A/1", Client: "Delta\r\nid: 99\ndata: x"},
		{Number: hostileOrder, Client: "<script>alert(1)</script>"},
		{Number: "SEMEST"},
	}
	items := []dataset.Item{
		{Order: "BOM", Line: 1, Product: "A", Name: "Arroz", Open: 70_000, Price: 250, Priced: true},
		{Order: "FALTA", Line: 1, Product: "A", Name: "Arroz", Open: 71_000, Price: 250, Priced: true},
		{Order: "PROX", Line: 1, Product: "B", Name: "Bala", Open: 40_000, Price: 1000, Priced: true},
		{Order: "A/1", Line: 1, Product: "A", Name: "nome\r\nid: 98\n\ndata: {}\u2028<b>", Open: 1000},
		{Order: hostileOrder, Line: 1, Product: "A", Name: "Arroz", Open: 500},
		{Order: "SEMEST", Line: 1, Product: "C/9", Name: "Coco", Open: 5000},
	}
	movements := []dataset.Movement{
		{Product: "A", Quantity: 60_000}, {Product: "A", Quantity: 40_000}, {Product: "D", Quantity: 100_000}, {Product: "D2", Quantity: 10_000},
	}
	reservations := []dataset.Reservation{
		{Lot: "L1", Order: "OUTRO", Product: "A", Quantity: 30_000, Ships: today + 2},
		{Lot: "L2", Order: "OUTRO", Product: "D", Quantity: 30_000, Ships: today + 2},
		{Lot: "L9", Order: "ATRASO", Product: "D2", Quantity: 5000, Ships: today - 1},
	}
	receipts := []dataset.Receipt{
		{Product: "B", Quantity: 50_000, Arrives: today + 3},
		{Product: "D", Quantity: 20_000, Arrives: today + 1}, {Product: "D", Quantity: 7000, Arrives: today - 1},
	}
	for _, err := range []error{
		each(orders, w.Order), each(items, w.Item), each(movements, w.Movement), each(reservations, w.Reservation),
		each(receipts, w.Receipt), w.Unification(dataset.Unification{From: "D", To: "D2"}),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func each[R any](rows []R, write func(R) error) error {
	for _, row := range rows {
		if err := write(row); err != nil {
			return err
		}
	}
	return nil
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// rig is the API on a real listener, with a database, workers and metrics behind it.
type rig struct {
	t        *testing.T
	db       *sqlite.DB
	store    *store.Store
	jobs     *queue.Queue
	service  *session.Service
	pool     *worker.Pool
	closing  chan struct{}
	log      lockedBuffer
	server   *httptest.Server
	document *apidoctest.Document
}

// setup is what a test may change before the server starts.
type setup struct {
	api     httpapi.Config
	server  *http.Server
	store   store.Config
	workers int
	waiting int
	fill    func(dataset.Writer) error
}

func start(t *testing.T, change ...func(*setup)) *rig {
	t.Helper()
	r := &rig{t: t, jobs: queue.New(), closing: make(chan struct{})}
	counts := metrics.New()
	log := slog.New(slog.NewTextHandler(&r.log, nil))
	s := &setup{
		store: store.Config{TTL: time.Hour, Memory: 64 << 20}, workers: 2, waiting: 100, fill: book, server: &http.Server{},
		api: httpapi.Config{
			Params: func(time.Time) atp.Params { return atp.DefaultParams(today) }, Now: time.Now, LotSize: 20, CheckHost: true,
			Page: http.NotFoundHandler(), Docs: http.NotFoundHandler(), Observe: counts, Log: log, Closing: r.closing, Metrics: counts.Handler(),
		},
	}
	for _, c := range change {
		c(s)
	}
	r.openBook(s)
	r.store = store.New(s.store)
	t.Cleanup(r.store.Close)
	t.Cleanup(r.jobs.Close)
	counts.Queue(r.jobs)
	counts.Log(func(context.Context) (int, int64, error) {
		n, size := r.store.Usage()
		return n, size, nil
	})
	r.service = &session.Service{Store: counts.Watch(r.store), Jobs: r.jobs, MaxWaiting: s.waiting, Now: s.api.Now}
	r.pool = worker.New(worker.Config{
		Workers: s.workers, Queue: r.jobs, Service: r.service, Source: r.db, Log: log, Observe: counts,
	})
	r.pool.Start()
	t.Cleanup(func() { r.pool.Stop(context.Background()) })
	if s.api.Source == nil {
		s.api.Source = r.db
	}
	s.api.Service, s.api.Rank, s.api.Workers = r.service, analysis.Ranker(r.store), workers(s.workers)
	r.document = apidoctest.Load(t, httpapi.OpenAPI())
	r.server = httptest.NewUnstartedServer(httpapi.New(s.api))
	s.server.Handler = r.server.Config.Handler
	s.server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	r.server.Config = s.server
	r.server.Start()
	t.Cleanup(r.server.Close)
	return r
}

func (r *rig) openBook(s *setup) {
	r.t.Helper()
	var err error
	r.db, err = sqlite.Open(r.t.Context(), filepath.Join(r.t.TempDir(), "book.db"), sqlite.Options{Migrate: true})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = r.db.Close() })
	if err := r.db.Replace(r.t.Context(), dataset.Relations(), s.fill); err != nil {
		r.t.Fatal(err)
	}
}

// reply is a whole response.
type reply struct {
	*http.Response
	body []byte
}

// json is the body as a map.
func (r reply) json(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(r.body, &m); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	return m
}

// do sends a request and checks the answer against the API's description. headers are names and
// values in turn.
func (r *rig) do(method, path, body string, headers ...string) reply {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, r.server.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
	}
	client := *r.server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	response.Body = io.NopCloser(bytes.NewReader(content))
	if template := r.template(method, request.URL.EscapedPath()); template != "" {
		r.document.ValidateResponse(r.t, method, template, response)
	}
	return reply{response, content}
}

func (r *rig) get(path string, headers ...string) reply {
	r.t.Helper()
	return r.do(http.MethodGet, path, "", headers...)
}

func (r *rig) post(body string, headers ...string) reply {
	r.t.Helper()
	return r.do(http.MethodPost, "/api/ruptura/processar-lote", body, headers...)
}

// template is the described path that an address belongs to, or nothing.
func (r *rig) template(method, path string) string {
	parts := strings.Split(path, "/")
	for _, op := range r.document.Operations() {
		want := strings.Split(op.Path, "/")
		match := op.Method == method && len(want) == len(parts)
		for i := range want {
			match = match && (want[i] == parts[i] || strings.HasPrefix(want[i], "{") && parts[i] != "")
		}
		if match {
			return op.Path
		}
	}
	return ""
}

// begin posts a batch that must be taken, and returns its session.
func (r *rig) begin(body string, headers ...string) string {
	r.t.Helper()
	a := r.post(body, headers...)
	if a.StatusCode != http.StatusAccepted {
		r.t.Fatalf("%s: %s", a.Status, a.body)
	}
	id, _ := a.json(r.t)["session_id"].(string)
	return id
}

// whole is a session's stream from begin to end.
func (r *rig) whole(id string, headers ...string) string {
	r.t.Helper()
	a := r.get("/api/ruptura/stream/"+id, headers...)
	if a.StatusCode != http.StatusOK {
		r.t.Fatalf("%s: %s", a.Status, a.body)
	}
	return string(a.body)
}

// brokenSource fails whatever it is asked.
type brokenSource struct {
	source.Source
	err error
}

func (s brokenSource) Read(context.Context, source.Query) (*atp.Snapshot, error) { return nil, s.err }
func (s brokenSource) Numbers(context.Context, source.NumbersQuery) ([]atp.OrderNumber, error) {
	return nil, s.err
}
func (s brokenSource) Book(context.Context, source.BookQuery) (source.BookPage, error) {
	return source.BookPage{}, s.err
}
func (s brokenSource) Ping(context.Context) error { return s.err }

// workers is that many of them.
func workers(n int) func(context.Context) (int, error) {
	return func(context.Context) (int, error) { return n, nil }
}
