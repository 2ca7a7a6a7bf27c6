package worker

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	contract "ruptura/internal/queue"
	"ruptura/internal/session"
)

// grudging is a queue that refuses to hear of the end of jobs, so many times each.
type grudging struct {
	contract.Queue
	refusals int

	mu        sync.Mutex
	abandoned []session.Job
}

type grudgingDelivery struct {
	contract.Delivery
	queue *grudging
	left  int
}

var errNoPermission = errors.New("NOPERM this user has no permissions")

func (q *grudging) Take(ctx context.Context) (contract.Delivery, error) {
	d, err := q.Queue.Take(ctx)
	if err != nil {
		return nil, err
	}
	return &grudgingDelivery{d, q, q.refusals}, nil
}

func (d *grudgingDelivery) Done(ctx context.Context) error {
	if d.left--; d.left >= 0 {
		return errNoPermission
	}
	return d.Delivery.Done(ctx)
}

func (d *grudgingDelivery) Abandon() {
	d.queue.mu.Lock()
	defer d.queue.mu.Unlock()
	d.queue.abandoned = append(d.queue.abandoned, d.Job()) // and nobody gets it again
}

// What the queue refuses is tried again for some time; then the job is let go, so that it does not
// seem to be in good hands for ever.
func TestJobThatCannotBeSettledIsLetGo(t *testing.T) {
	for _, c := range []struct {
		name      string
		refusals  int
		abandoned int
	}{
		{"refused at first", insistTimes - 1, 0}, {"always refused", 1 << 30, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(&fading{}, 1)
				q := &grudging{Queue: r.jobs, refusals: c.refusals}
				r.pool.config.Queue = q
				r.pool.Start()
				events := r.session(t, spec(numbers(20)))
				r.jobs.rest()
				r.close()
				if last := events[len(events)-1]; last.Kind != "completo" {
					t.Errorf("the end: %s", last.raw)
				}
				if len(q.abandoned) != c.abandoned {
					t.Errorf("%d jobs let go, want %d", len(q.abandoned), c.abandoned)
				}
				if told := strings.Contains(r.log.String(), "job not settled"); told != (c.abandoned > 0) {
					t.Errorf("the log says so: %t", told)
				}
			})
		})
	}
}

// batches is a store that can be asked for several lots at once, and loses an answer now and then.
type batches struct {
	session.Store

	mu    sync.Mutex
	sizes []int
	lose  func(call int) bool
}

func (b *batches) PublishAll(ctx context.Context, id session.ID, lots []session.LotResult) ([]session.Published, error) {
	b.mu.Lock()
	b.sizes = append(b.sizes, len(lots))
	lost := b.lose != nil && b.lose(len(b.sizes))
	b.mu.Unlock()
	var published []session.Published
	for i, lot := range lots {
		if lost && i == len(lots)/2 {
			return published, session.ErrUnavailable
		}
		p, err := b.Publish(ctx, id, lot)
		if err != nil {
			return published, err
		}
		published = append(published, p)
	}
	if lost {
		return nil, session.ErrUnavailable
	}
	return published, nil
}

func (b *batches) PublishLast(
	ctx context.Context, id session.ID, lots []session.LotResult, finished int,
) (published []session.Published, next int, ok bool, err error) {
	published, err = b.PublishAll(ctx, id, lots)
	if err == nil {
		next, ok, err = b.NextJob(ctx, id, finished)
	}
	return published, next, ok, err
}

// Lots that are published together are whole and once each, whatever answers are lost.
func TestLotsInBatches(t *testing.T) {
	for _, c := range []struct {
		name string
		lose func(call int) bool
	}{
		{"all answered", nil}, {"every other answer lost", func(call int) bool { return call%2 == 1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(&fading{}, 2)
				b := &batches{Store: r.store, lose: c.lose}
				r.service.Store = b
				r.pool.Start()
				events := r.session(t, spec(numbers(1005)))
				r.jobs.rest()
				r.close()
				seen := map[string]bool{}
				for _, got := range results(events) {
					if seen[string(got.Order)] || !got.Success {
						t.Errorf("%+v, seen before: %t", got, seen[string(got.Order)])
					}
					seen[string(got.Order)] = true
				}
				if last := events[len(events)-1]; last.Kind != "completo" || last.Processed != 1005 || len(seen) != 1005 {
					t.Errorf("%d results; the end: %s", len(seen), last.raw)
				}
				if most := max(b.sizes[0], b.sizes[len(b.sizes)/2]); most < 2 {
					t.Errorf("batches of %v lots", b.sizes)
				}
				for id, most := range r.jobs.most {
					if most > 3 { // the next job is queued a little before the end of the last
						t.Errorf("session %s had %d jobs waiting", id, most)
					}
				}
			})
		})
	}
}
