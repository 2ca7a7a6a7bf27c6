package worker

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	contract "ruptura/internal/queue"
	"ruptura/internal/session"
	"ruptura/internal/wire"
)

// mortalQueue is a queue whose workers may die: the job in hand then goes to the next one.
type mortalQueue struct {
	contract.Queue

	mu       sync.Mutex
	attempts map[session.Job]int
	inHand   *mortalDelivery // the latest
	deaths   int
	buried   []session.Job
}

type mortalDelivery struct {
	contract.Delivery
	queue    *mortalQueue
	attempts int
	lost     chan struct{}
	dead     bool
}

func (q *mortalQueue) Take(ctx context.Context) (contract.Delivery, error) {
	d, err := q.Queue.Take(ctx)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	key := d.Job()
	key.Queued = time.Time{}
	q.attempts[key]++
	q.inHand = &mortalDelivery{Delivery: d, queue: q, attempts: q.attempts[key], lost: make(chan struct{})}
	return q.inHand, nil
}

// die has the one worker be as good as dead: somebody else takes its job over.
func (q *mortalQueue) die() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.deaths++
	q.inHand.dead = true
	close(q.inHand.lost)
	return q.inHand.Delivery.Return(context.Background())
}

func (d *mortalDelivery) Attempts() int         { return d.attempts }
func (d *mortalDelivery) Lost() <-chan struct{} { return d.lost }

func (d *mortalDelivery) unlessLost(settle func() error) error {
	d.queue.mu.Lock()
	defer d.queue.mu.Unlock()
	if d.dead {
		return contract.ErrLost
	}
	return settle()
}

func (d *mortalDelivery) Done(ctx context.Context) error {
	return d.unlessLost(func() error { return d.Delivery.Done(ctx) })
}

func (d *mortalDelivery) Return(ctx context.Context) error {
	return d.unlessLost(func() error { return d.Delivery.Return(ctx) })
}

func (d *mortalDelivery) Bury(ctx context.Context, reason string) error {
	return d.unlessLost(func() error {
		d.queue.buried = append(d.queue.buried, d.Job())
		if reason != ReasonDied {
			return errors.New("buried because of " + reason)
		}
		return d.Delivery.Bury(ctx, reason)
	})
}

// An order that kills whoever analyses it ends up alone, gets an error after five deaths of its own,
// and costs no neighbour its answer.
func TestDeadlyOrderStandsAloneInTheEnd(t *testing.T) {
	for _, c := range []struct {
		name           string
		orders, deadly int
	}{
		{"in the middle", 205, 77}, {"the first", 205, 0}, {"the last", 205, 204}, {"the only one", 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { testDeadly(t, c.orders, c.deadly) })
		})
	}
}

func testDeadly(t *testing.T, orders, deadly int) {
	r := newRig(&fading{}, 1)
	q := &mortalQueue{Queue: r.jobs, attempts: map[session.Job]int{}}
	r.pool.config.Queue = q
	r.pool.answer = func(b *analysis.Book, s *analysis.Scratch, n atp.OrderNumber) (wire.Answer, error) {
		if n != number(deadly) {
			return b.AnswerWith(s, n)
		}
		if err := q.die(); err != nil {
			t.Error(err)
		}
		synctest.Wait() // until the worker knows
		return wire.Answer{}, errors.New("what a dead worker says")
	}
	r.pool.Start()
	events := r.session(t, spec(numbers(orders)))
	r.jobs.rest()
	r.close()

	seen := map[atp.OrderNumber]bool{}
	for _, got := range results(events) {
		if seen[got.Order] {
			t.Errorf("%s has two results", got.Order)
		}
		seen[got.Order] = true
		if bad := got.Order == number(deadly); got.Success == bad {
			t.Errorf("%+v", got)
		} else if bad && !strings.Contains(got.Error, "posto de lado") {
			t.Errorf("the error says %q", got.Error)
		}
	}
	if last := events[len(events)-1]; last.Kind != "completo" || last.Processed != orders || last.Failed != 1 || len(seen) != orders {
		t.Errorf("%d results; the end: %s", len(seen), last.raw)
	}
	if len(q.buried) != 1 || q.buried[0].Part != (session.Span{First: deadly, End: deadly + 1}) && orders > 1 {
		t.Errorf("buried: %+v", q.buried)
	}
	if most := wholeAttempts*8 + singleAttempts; q.deaths < singleAttempts || q.deaths > most {
		t.Errorf("%d deaths, want %d at most", q.deaths, most)
	}
	counted := 0
	for _, report := range r.watch.reports {
		counted += report.Orders
	}
	// What a dead worker has published is in nobody's report.
	if counted > orders || counted < orders-100 {
		t.Errorf("%d orders reported, want each once", counted)
	}
}

// A job that somebody else has taken over is left alone: nothing more of it is published here.
func TestTakenOverJobIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(&fading{}, 1)
		q := &mortalQueue{Queue: r.jobs, attempts: map[session.Job]int{}}
		r.pool.config.Queue = q
		once := sync.OnceValue(func() error {
			err := q.die()
			synctest.Wait()
			return err
		})
		r.pool.answer = func(b *analysis.Book, s *analysis.Scratch, n atp.OrderNumber) (wire.Answer, error) {
			if n == number(25) {
				if err := once(); err != nil {
					t.Error(err)
				}
			}
			return b.AnswerWith(s, n)
		}
		r.pool.Start()
		events := r.session(t, spec(numbers(60)))
		r.jobs.rest()
		r.close()
		if last := events[len(events)-1]; last.Kind != "completo" || last.Processed != 60 || last.Failed != 0 || len(events) != 5 {
			t.Errorf("%d events; the end: %s", len(events), last.raw)
		}
		if log := r.log.String(); !strings.Contains(log, "job taken over by another worker") {
			t.Errorf("the log does not say so:\n%s", log)
		}
	})
}
