package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/backoff"
	"ruptura/internal/dataset"
	"ruptura/internal/lang"
	contract "ruptura/internal/queue"
	"ruptura/internal/session"
	"ruptura/internal/source"
	"ruptura/internal/wire"
)

// meet returns a function that does not return before that many calls are in it.
func meet(t *testing.T, parties int) func() {
	var mu sync.Mutex
	here := 0
	all := make(chan struct{})
	return func() {
		mu.Lock()
		if here++; here == parties {
			close(all)
		}
		mu.Unlock()
		wait(t, "the others", all)
	}
}

func TestAllWorkersWorkOnOneSessionAtOnce(t *testing.T) {
	for _, workers := range []int{2, 5} {
		t.Run(strconv.Itoa(workers), func(t *testing.T) {
			r := newRig(openBook(t, simpleBook(200)), workers)
			t.Cleanup(r.close)
			together, seen := meet(t, workers), make(chan struct{}, 200)
			r.pool.answer = func(b *analysis.Book, s *analysis.Scratch, n atp.OrderNumber) (wire.Answer, error) {
				if len(seen) < workers { // each worker's first order waits for the others' first
					seen <- struct{}{}
					together()
				}
				return b.AnswerWith(s, n)
			}
			r.pool.Start()
			s := spec(numbers(200))
			s.Workers = workers
			names := map[string]bool{}
			for _, e := range r.session(t, s) {
				names[e.Worker] = true
			}
			delete(names, "")
			if len(names) != workers {
				t.Errorf("the session was worked on by %v, want %d workers", names, workers)
			}
		})
	}
}

func TestWorkersReadTwoSessionsAtOnce(t *testing.T) {
	r := newRig(openBook(t, simpleBook(5)), 2)
	t.Cleanup(r.close)
	together := meet(t, 2)
	r.source.before = func(context.Context, source.Query) error { together(); return nil }
	r.pool.Start()
	a, b := r.begin(t, spec(numbers(5))), r.begin(t, spec(numbers(5)))
	for _, id := range []session.ID{a, b} {
		if got := len(results(r.follow(t, id))); got != 5 {
			t.Errorf("%d results, want 5", got)
		}
	}
}

func TestOneReadServesMany(t *testing.T) {
	r := start(t, openBook(t, simpleBook(50)), 2)
	for _, c := range []struct{ orders, reads int }{{1, 1}, {20, 1}, {1000, 1}, {5000, 1}, {5001, 2}, {12_000, 3}} {
		t.Run(strconv.Itoa(c.orders), func(t *testing.T) {
			before := len(r.source.reads())
			events := r.session(t, spec(numbers(c.orders)))
			if got := len(results(events)); got != c.orders {
				t.Errorf("%d results, want %d", got, c.orders)
			}
			r.released(t)
			reads := r.source.reads()[before:]
			if len(reads) != c.reads {
				t.Errorf("%d orders took %d reads, want %d", c.orders, len(reads), c.reads)
			}
			var asked []atp.OrderNumber
			for _, q := range reads {
				if len(q.Orders) > session.DefaultReadSize {
					t.Errorf("a read of %d orders", len(q.Orders))
				}
				asked = append(asked, q.Orders...)
			}
			slices.Sort(asked)
			if !slices.Equal(asked, numbers(c.orders)) {
				t.Errorf("the reads ask for %d orders, want each of the %d once", len(asked), c.orders)
			}
		})
	}
}

// TestLargeReadIsFreed: a session of any size may share one read, and what it holds goes with the
// session's last job, while the session's results stay.
func TestLargeReadIsFreed(t *testing.T) {
	r := newRig(openBook(t, simpleBook(100)), 2)
	t.Cleanup(r.close)
	var book atomic.Pointer[weak.Pointer[analysis.Book]]
	r.pool.answer = func(b *analysis.Book, s *analysis.Scratch, n atp.OrderNumber) (wire.Answer, error) {
		w := weak.Make(b)
		if earlier := book.Swap(&w); earlier != nil && *earlier != w {
			t.Error("two reads")
		}
		return b.AnswerWith(s, n)
	}
	r.pool.Start()
	s := spec(numbers(20_000))
	s.ReadSize = source.Unlimited
	if got := len(results(r.session(t, s))); got != 20_000 {
		t.Errorf("%d results", got)
	}
	r.released(t)
	runtime.GC()
	if book.Load().Value() != nil {
		t.Error("the read is still held")
	}
}

func TestEachSessionReadsAfresh(t *testing.T) {
	db := openBook(t, simpleBook(30))
	r := start(t, db, 2)
	first := r.session(t, spec(numbers(30)))
	if _, err := db.AddMovement(t.Context(), dataset.Movement{Product: "A", Quantity: -95_000}); err != nil {
		t.Fatal(err)
	}
	for instant := readAt(t, first); time.Now().Format("2006-01-02T15:04:05.000") <= instant[:23]; { //nolint:revive // until the clock's next millisecond
	}
	second := r.session(t, spec(numbers(30)))
	for i, got := range results(first) {
		if !got.OK || got.Fine[0].OnHand != 100 {
			t.Fatalf("before the change: %+v", got)
		}
		if after := results(second)[i]; after.OK || after.Short[0].OnHand != 5 {
			t.Fatalf("after the change: %+v", after)
		}
	}
	if readAt(t, first) >= readAt(t, second) {
		t.Errorf("read at %s, then at %s", readAt(t, first), readAt(t, second))
	}
}

// readAt is the one instant that all lots of a small session were read at.
func readAt(t *testing.T, events []event) string {
	t.Helper()
	at := events[1].ReadAt
	for _, e := range events[2 : len(events)-1] {
		if e.ReadAt != at {
			t.Errorf("one read, two instants: %s and %s", at, e.ReadAt)
		}
	}
	return at
}

func TestPanicIsOneOrdersError(t *testing.T) {
	r := newRig(openBook(t, simpleBook(45)), 2)
	t.Cleanup(r.close)
	r.pool.answer = func(b *analysis.Book, s *analysis.Scratch, n atp.OrderNumber) (wire.Answer, error) {
		if n == number(7) {
			panic("segredo: /etc/passwd")
		}
		return b.AnswerWith(s, n)
	}
	r.pool.Start()
	events := r.session(t, spec(numbers(45)))
	for _, got := range results(events) {
		if bad := got.Order == number(7); got.Success == bad {
			t.Errorf("%s: %+v", got.Order, got)
		} else if bad && (strings.Contains(got.Error, "segredo") || !strings.Contains(got.Error, "erro interno")) {
			t.Errorf("the error says %q", got.Error)
		}
	}
	if last := events[len(events)-1]; last.Kind != "completo" || last.Failed != 1 || last.Processed != 45 {
		t.Errorf("the end: %s", last.raw)
	}
	r.pool.Stop(t.Context())
	if log := r.log.String(); !strings.Contains(log, "segredo") || !strings.Contains(log, "worker_test.go") {
		t.Errorf("the log does not tell of the panic with its stack:\n%s", log)
	}
}

func TestPanicWhileReading(t *testing.T) {
	r := newRig(openBook(t, simpleBook(5)), 2)
	t.Cleanup(r.close)
	r.source.before = func(context.Context, source.Query) error { panic("broken") }
	r.pool.Start()
	for _, got := range results(r.session(t, spec(numbers(5)))) {
		if got.Success || !strings.Contains(got.Error, "erro interno") {
			t.Errorf("%+v", got)
		}
	}
	r.released(t)
}

func TestSourceFails(t *testing.T) {
	r := newRig(openBook(t, simpleBook(200)), 1)
	t.Cleanup(r.close)
	failures := 1
	r.source.before = func(context.Context, source.Query) error {
		if failures--; failures >= 0 {
			return fmt.Errorf("%w: disk /dev/sda1 on fire", source.ErrUnavailable)
		}
		return nil
	}
	r.pool.Start()
	s := spec(numbers(200)) // two jobs of five lots
	s.Workers, s.Lang = 1, lang.EN
	events := r.session(t, s)
	for i, got := range results(events) {
		failed := i < 100
		if got.Success == failed {
			t.Fatalf("order %d: %+v", i, got)
		}
		if failed && got.Error != "the data could not be read now; try again in a moment" {
			t.Fatalf("the error says %q", got.Error)
		}
	}
	if last := events[len(events)-1]; last.Kind != "completo" || last.Failed != 100 {
		t.Errorf("the end: %s", last.raw)
	}
	if got := len(r.source.reads()); got != 2 {
		t.Errorf("%d reads, want one that failed and another", got)
	}
	r.released(t)
}

func TestOrdersWithoutAnswer(t *testing.T) {
	huge := func(w dataset.Writer) error {
		for line := range 2 { // each fits, their sum does not
			r := dataset.Reservation{Lot: strconv.Itoa(line), Order: "OTHER", Product: "B", Quantity: 9e18, Ships: today}
			if err := w.Reservation(r); err != nil {
				return err
			}
		}
		if err := w.Item(dataset.Item{Order: "HUGE", Line: 1, Product: "B", Name: "B", Open: 1000}); err != nil {
			return err
		}
		return simpleBook(2)(w)
	}
	r := start(t, openBook(t, huge), 2)
	want := map[atp.OrderNumber]string{
		"HUGE": "grandes demais", "NONE": "pedido não encontrado ou sem saldo", number(0): "", number(1): "",
	}
	events := r.session(t, spec([]atp.OrderNumber{number(0), "HUGE", "NONE", number(1)}))
	for _, got := range results(events) {
		if got.Success != (want[got.Order] == "") || !strings.Contains(got.Error, want[got.Order]) {
			t.Errorf("%+v, want %q", got, want[got.Order])
		}
	}
	if last := events[len(events)-1]; last.Failed != 2 || last.Processed != 4 {
		t.Errorf("the end: %s", last.raw)
	}
}

// TestNewcomerIsServedEarly puts a small session behind a long one under way.
func TestNewcomerIsServedEarly(t *testing.T) {
	r := newRig(openBook(t, simpleBook(20)), 2)
	t.Cleanup(r.close)
	begun, proceed := make(chan struct{}), make(chan struct{})
	var once sync.Once
	r.pool.answer = func(b *analysis.Book, s *analysis.Scratch, n atp.OrderNumber) (wire.Answer, error) {
		once.Do(func() { close(begun) })
		<-proceed
		return b.AnswerWith(s, n)
	}
	r.pool.Start()
	long := r.begin(t, spec(numbers(4000)))
	wait(t, "the long session to begin", begun)
	short := r.begin(t, spec(numbers(20)))
	close(proceed)
	r.follow(t, short)
	r.follow(t, long)
	r.pool.Stop(t.Context())
	place := slices.IndexFunc(r.jobs.taken, func(j session.Job) bool { return j.Session == short })
	if place > 4 { // two under way, at most one more each of those that wait
		t.Errorf("the newcomer's job was taken as number %d of %d", place+1, len(r.jobs.taken))
	}
	if most := r.jobs.most[long]; most > 2 {
		t.Errorf("the long session had %d jobs waiting at once, want at most one a worker", most)
	}
}

func TestCancelledSessionFreesItsWorkers(t *testing.T) {
	r := newRig(openBook(t, simpleBook(100)), 2)
	t.Cleanup(r.close)
	reading, proceed := make(chan struct{}), make(chan struct{})
	r.source.before = func(_ context.Context, q source.Query) error {
		if len(q.Orders) > 100 {
			close(reading)
			<-proceed
		}
		return nil
	}
	r.pool.Start()
	id := r.begin(t, spec(numbers(1000)))
	wait(t, "a read", reading)
	if err := r.service.Cancel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	close(proceed)
	events := r.follow(t, id)
	if last := events[len(events)-1]; last.Kind != "erro" || last.Error != "cancelado" || len(events) != 2 {
		t.Errorf("the end: %s", last.raw)
	}
	r.released(t)
	if got := len(results(r.session(t, spec(numbers(10))))); got != 10 {
		t.Errorf("afterwards %d results, want 10", got)
	}
	r.released(t)
}

func TestForgottenSessionFreesItsWorkers(t *testing.T) {
	r := newRig(openBook(t, simpleBook(100)), 2)
	t.Cleanup(r.close)
	answering, proceed := make(chan struct{}), make(chan struct{})
	var once sync.Once
	r.pool.answer = func(b *analysis.Book, s *analysis.Scratch, n atp.OrderNumber) (wire.Answer, error) {
		once.Do(func() { close(answering) })
		<-proceed
		return b.AnswerWith(s, n)
	}
	r.pool.Start()
	r.begin(t, spec(numbers(1000)))
	wait(t, "an answer", answering)
	r.store.Close() // forgets every session
	close(proceed)
	r.released(t)
	if got := len(results(r.session(t, spec(numbers(10))))); got != 10 {
		t.Errorf("afterwards %d results, want 10", got)
	}
}

// beginStore tells of the context that a job runs with.
type beginStore struct {
	session.Store
	begun func(context.Context)
}

func (b beginStore) Begin(ctx context.Context, id session.ID, at time.Time) (bool, error) {
	b.begun(ctx)
	return b.Store.Begin(ctx, id, at)
}

// held is a rig of one worker that stands at its first order of 200, in two jobs, until it may
// proceed.
func held(t *testing.T) (r *rig, id session.ID, proceed chan struct{}, aborted <-chan struct{}) {
	t.Helper()
	r = newRig(openBook(t, simpleBook(200)), 1)
	t.Cleanup(r.close)
	answering := make(chan struct{})
	proceed = make(chan struct{})
	var once sync.Once
	r.pool.answer = func(b *analysis.Book, s *analysis.Scratch, n atp.OrderNumber) (wire.Answer, error) {
		once.Do(func() { close(answering); <-proceed })
		return b.AnswerWith(s, n)
	}
	r.service.Store = beginStore{r.store, func(ctx context.Context) { aborted = ctx.Done() }}
	r.pool.Start()
	s := spec(numbers(200))
	s.Workers = 1
	id = r.begin(t, s)
	wait(t, "an answer", answering)
	return r, id, proceed, aborted
}

func (r *rig) processed(t *testing.T, id session.ID) int {
	t.Helper()
	status, err := r.store.Status(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return status.Processed
}

func TestStopLetsRunningJobsFinish(t *testing.T) {
	r, id, proceed, _ := held(t)
	stopped := make(chan struct{})
	go func() { r.pool.Stop(context.Background()); close(stopped) }()
	select {
	case <-stopped:
		t.Fatal("Stop did not wait")
	default:
	}
	close(proceed)
	wait(t, "Stop", stopped)
	if got := r.processed(t, id); got%100 != 0 || got == 0 {
		t.Errorf("%d orders done after Stop, want whole jobs", got)
	}
	r.pool.Stop(context.Background()) // again does nothing
	r.pool.Start()
	exactlyOnce(t, r.follow(t, id), numbers(200))
}

func TestStopInTimeReturnsTheJob(t *testing.T) {
	r, id, proceed, aborted := held(t)
	ended, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() { r.pool.Stop(ended); close(stopped) }()
	cancel()
	wait(t, "the running job to be told", aborted)
	close(proceed)
	wait(t, "Stop", stopped)
	if got := r.processed(t, id); got != 0 {
		t.Errorf("%d orders were published after the time had run out", got)
	}
	if n, _ := r.jobs.Len(t.Context()); n != 1 {
		t.Errorf("%d jobs wait, want the one returned", n)
	}
	if n := r.pool.reads.count(); n != 0 {
		t.Errorf("%d reads kept by a pool at rest", n)
	}
	r.pool.Start()
	exactlyOnce(t, r.follow(t, id), numbers(200))
	r.released(t)
}

// exactlyOnce checks the whole log of a session that came to its good end.
func exactlyOnce(t tb, events []event, orders []atp.OrderNumber) {
	t.Helper()
	var got []atp.OrderNumber
	progress, processed, lots := 0.0, 0, map[int]bool{}
	for i, e := range events {
		if e.ID != int64(i+1) {
			t.Fatalf("event %d has the id %d", i+1, e.ID)
		}
		want := "resultados"
		switch i {
		case 0:
			want = "inicio"
		case len(events) - 1:
			want = "completo"
		}
		if e.Kind != want {
			t.Fatalf("event %d is %s, want %s", i+1, e.raw, want)
		}
		if want != "resultados" {
			continue
		}
		processed += len(e.Results)
		if e.Progress < progress || e.Processed != processed || lots[e.Lot] {
			t.Fatalf("after %d orders and %v %%: %s", processed, progress, e.raw)
		}
		progress, lots[e.Lot] = e.Progress, true
	}
	for _, one := range results(events) {
		got = append(got, one.Order)
	}
	want := slices.Sorted(slices.Values(orders))
	slices.Sort(got)
	if !slices.Equal(got, want) || progress != 100 {
		t.Fatalf("%d results for %d orders, %v %%", len(got), len(want), progress)
	}
}

// brokenQueue fails once.
type brokenQueue struct {
	contract.Queue
	failures int
}

func (q *brokenQueue) Take(ctx context.Context) (contract.Delivery, error) {
	if q.failures--; q.failures >= 0 {
		return nil, errors.New("queue lost its connection")
	}
	return q.Queue.Take(ctx)
}

func TestFailingQueueIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(nil, 1)
		r.pool.config.Queue = &brokenQueue{Queue: r.jobs, failures: 3}
		begin := time.Now()
		r.pool.Start()
		r.jobs.rest()
		longest := (1 + 2 + 4) * backoff.First
		if took := time.Since(begin); took < longest/2-3 || took > longest {
			t.Errorf("three failures took %s, want a growing pause after each", took)
		}
		r.service.Jobs = r.jobs
		if err := r.jobs.Enqueue(t.Context(), session.Job{Session: "GONE"}); err != nil {
			t.Fatal(err)
		}
		r.jobs.rest()
		r.close()
		for _, said := range []string{"job not taken", "queue is back"} {
			if got := strings.Count(r.log.String(), said); got != 1 {
				t.Errorf("%q is %d times in the log, want once:\n%s", said, got, &r.log)
			}
		}
	})
}

func TestStopDuringAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(nil, 1)
		r.pool.config.Queue = &brokenQueue{Queue: r.jobs, failures: 1}
		r.pool.Start()
		synctest.Wait()
		begin := time.Now()
		r.close()
		if took := time.Since(begin); took != 0 {
			t.Errorf("Stop took %s", took)
		}
	})
}

func TestJobsAreReported(t *testing.T) {
	r := start(t, openBook(t, simpleBook(150)), 2)
	id := r.begin(t, spec(append(numbers(150), "UNKNOWN")))
	r.follow(t, id)
	r.pool.Stop(t.Context())
	var orders, failed int
	for _, report := range r.watch.reports {
		orders, failed = orders+report.Orders, failed+report.Failed
		if report.Session != id || report.Worker == "" {
			t.Errorf("report %+v", report)
		}
		for part, took := range map[string]time.Duration{
			"waiting": report.Waiting, "reading": report.Reading, "calculating": report.Calculating, "publishing": report.Publishing,
		} {
			if took <= 0 {
				t.Errorf("%s took %s", part, took)
			}
		}
	}
	if orders != 151 || failed != 1 {
		t.Errorf("reported %d orders, %d failed; want 151 and 1", orders, failed)
	}
	for line := range strings.Lines(r.log.String()) {
		for _, want := range []string{`"job done"`, `"session":"` + string(id), `"reading":`, `"waiting":`, `"calculating":`, `"publishing":`} {
			if !strings.Contains(line, want) {
				t.Errorf("a line lacks %s: %s", want, line)
			}
		}
	}
	if got := strings.Count(r.log.String(), "\n"); got != len(r.watch.reports) {
		t.Errorf("%d lines for %d jobs", got, len(r.watch.reports))
	}
}
