package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/lang"
	contract "ruptura/internal/queue"
	queue "ruptura/internal/queue/local"
	"ruptura/internal/session"
	store "ruptura/internal/session/local"
	"ruptura/internal/source"
	"ruptura/internal/source/sqlite"
	"ruptura/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what would otherwise hang; no test waits for it to pass.
const patience = 2 * time.Minute

// tb is a test, of package testing or of rapid.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

var today = atp.NewDay(2026, 3, 2)

// openBook is a database file of its own with the rows that fill writes.
func openBook(t *testing.T, fill func(dataset.Writer) error) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), sqlite.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Replace(t.Context(), dataset.Relations(), fill); err != nil {
		t.Fatal(err)
	}
	return db
}

func number(i int) atp.OrderNumber { return atp.OrderNumber(fmt.Sprintf("P%05d", i)) }

func numbers(n int) []atp.OrderNumber {
	list := make([]atp.OrderNumber, n)
	for i := range list {
		list[i] = number(i)
	}
	return list
}

// simpleBook has that many orders for 10 of product A each, and 100 of it in stock.
func simpleBook(orders int) func(dataset.Writer) error {
	return func(w dataset.Writer) error {
		for i := range orders {
			if err := w.Order(dataset.Order{Number: number(i)}); err != nil {
				return err
			}
			item := dataset.Item{Order: number(i), Line: 1, Product: "A", Name: "Arroz", Open: 10_000, Price: 250, Priced: true}
			if err := w.Item(item); err != nil {
				return err
			}
		}
		return w.Movement(dataset.Movement{Product: "A", Quantity: 100_000})
	}
}

// watched is a source whose reads are counted, and may be held up or fail.
type watched struct {
	source.Source
	before func(ctx context.Context, q source.Query) error

	mu   sync.Mutex
	asks []source.Query
}

func (w *watched) Read(ctx context.Context, q source.Query) (*atp.Snapshot, error) {
	w.mu.Lock()
	w.asks = append(w.asks, q)
	w.mu.Unlock()
	if w.before != nil {
		if err := w.before(ctx, q); err != nil {
			return nil, err
		}
	}
	return w.Source.Read(ctx, q)
}

func (w *watched) reads() []source.Query {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asks
}

// rig is a pool with real parts around it.
type rig struct {
	source  *watched
	store   *store.Store
	jobs    *watchedQueue
	service *session.Service
	pool    *Pool
	log     bytes.Buffer // read it only when the pool has stopped
	watch   observer     // likewise
}

// observer keeps what it is told.
type observer struct {
	mu              sync.Mutex
	reports         []Report
	retried, failed int
}

func (o *observer) Job(r Report) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reports = append(o.reports, r)
}

func (o *observer) ReadRetried() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.retried++
}

func (o *observer) ReadFailed() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed++
}

func newRig(from source.Source, workers int) *rig {
	r := &rig{
		source: &watched{Source: from}, jobs: newWatchedQueue(workers),
		store: store.New(store.Config{TTL: time.Hour, Memory: 1 << 30}),
	}
	r.service = &session.Service{Store: r.store, Jobs: r.jobs, MaxWaiting: 1000, Now: time.Now}
	r.pool = New(Config{
		Workers: workers, Queue: r.jobs, Service: r.service, Source: r.source, Log: slog.New(slog.NewJSONHandler(&r.log, nil)),
		Observe: &r.watch,
	})
	return r
}

// start starts the pool, which the end of the test stops.
func start(t *testing.T, from source.Source, workers int) *rig {
	t.Helper()
	r := newRig(from, workers)
	t.Cleanup(r.close)
	r.pool.Start()
	return r
}

func (r *rig) close() {
	r.pool.Stop(context.Background())
	r.jobs.Close()
	r.store.Close()
}

func spec(orders []atp.OrderNumber) session.Spec {
	return session.Spec{Orders: orders, Params: atp.DefaultParams(today), Detail: wire.Items, LotSize: 20, Workers: 2, Lang: lang.PT}
}

func (r *rig) begin(t tb, s session.Spec) session.ID {
	t.Helper()
	started, err := r.service.Start(context.Background(), s, session.Key{})
	if err != nil {
		t.Fatal(err)
	}
	return started.ID
}

// event is one event of a session, as far as the tests look.
type event struct {
	ID        int64     `json:"id"`
	Kind      string    `json:"tipo"`
	Lot       int       `json:"lote"`
	Worker    string    `json:"worker_id"`
	Results   []result  `json:"resultados"`
	Products  []product `json:"produtos_em_ruptura"`
	Processed int       `json:"processados"`
	Failed    int       `json:"com_erro"`
	Progress  float64   `json:"progresso"`
	ReadAt    string    `json:"posicao_em"`
	Error     string    `json:"error"`
	raw       []byte
}

type product struct {
	Code     string  `json:"cod_produto"`
	Orders   int     `json:"pedidos"`
	Shortage float64 `json:"ruptura_qtd"`
	Value    float64 `json:"valor"`
}

type result struct {
	Success bool            `json:"success"`
	Order   atp.OrderNumber `json:"num_pedido"`
	OK      bool            `json:"pedido_ok"`
	Error   string          `json:"error"`
	Short   []item          `json:"itens"`
	Fine    []item          `json:"itens_disponiveis"`
}

type item struct {
	OnHand float64 `json:"estoque_atual"`
}

// follow reads a session to its end.
func (r *rig) follow(t tb, id session.ID) []event {
	t.Helper()
	reader, err := r.store.Follow(context.Background(), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	var all []event
	for {
		select {
		case <-reader.Ready():
		case <-deadline.C:
			t.Fatalf("session did not end; the last of %d events: %s", len(all), all[len(all)-1].raw)
		}
		events, last, err := reader.Take(context.Background(), 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			all = append(all, decode(t, e))
		}
		if last {
			return all
		}
	}
}

func decode(t tb, e session.Event) event {
	t.Helper()
	parsed := event{raw: e.Data}
	if err := json.Unmarshal(e.Data, &parsed); err != nil {
		t.Fatalf("%v: %s", err, e.Data)
	}
	return parsed
}

// session runs a session to its end.
func (r *rig) session(t tb, s session.Spec) []event {
	t.Helper()
	return r.follow(t, r.begin(t, s))
}

// results lists all results in the sequence of the log.
func results(events []event) []result {
	var all []result
	for _, e := range events {
		all = append(all, e.Results...)
	}
	return all
}

// wait receives from a channel, or fails.
func wait[T any](t tb, what string, from <-chan T) (value T) {
	t.Helper()
	select {
	case value = <-from:
	case <-time.After(patience):
		t.Fatalf("waited in vain: %s", what)
	}
	return value
}

// watchedQueue tells when all workers wait for a job, and who waited for what.
type watchedQueue struct {
	*queue.Queue
	workers int

	mu      sync.Mutex
	changed *sync.Cond
	idle    int
	waiting map[session.ID]int // jobs in the queue
	most    map[session.ID]int // and the most there ever were
	taken   []session.Job
}

func newWatchedQueue(workers int) *watchedQueue {
	q := &watchedQueue{Queue: queue.New(), workers: workers, waiting: map[session.ID]int{}, most: map[session.ID]int{}}
	q.changed = sync.NewCond(&q.mu)
	return q
}

func (q *watchedQueue) Enqueue(ctx context.Context, jobs ...session.Job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range jobs {
		q.waiting[j.Session]++
		q.most[j.Session] = max(q.most[j.Session], q.waiting[j.Session])
	}
	return q.Queue.Enqueue(ctx, jobs...)
}

func (q *watchedQueue) Take(ctx context.Context) (contract.Delivery, error) {
	q.count(1)
	d, err := q.Queue.Take(ctx)
	q.count(-1)
	if err == nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.waiting[d.Job().Session]--
		q.taken = append(q.taken, d.Job())
	}
	return d, err
}

func (q *watchedQueue) count(more int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.idle += more
	q.changed.Broadcast()
}

// rest waits until all workers wait for a job and there is none.
func (q *watchedQueue) rest() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if n, _ := q.Len(context.Background()); n == 0 && q.idle == q.workers {
			return
		}
		q.changed.Wait()
	}
}

// released checks that the pool keeps no read once its workers rest.
func (r *rig) released(t *testing.T) {
	t.Helper()
	r.jobs.rest()
	if n := r.pool.reads.count(); n != 0 {
		t.Errorf("%d reads kept after the end", n)
	}
}
