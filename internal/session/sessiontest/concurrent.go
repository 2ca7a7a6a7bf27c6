package sessiontest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"ruptura/internal/session"
)

var concurrentCases = []testCase{
	{"a lot offered by many is written once", testOfferedByMany},
	{"readers and publishers do not disturb each other", testCrowd},
	{"an end in the middle is the end for everybody", testCrowdCancelled},
}

func testOfferedByMany(t *testing.T, store session.Store) {
	s := begun(t, store, 400)
	var (
		group   sync.WaitGroup
		written atomic.Int32
		ended   atomic.Int32
	)
	for i := range s.Lots() {
		for range 4 {
			group.Go(func() {
				p, err := store.Publish(t.Context(), s.ID, result(s, i))
				if err != nil {
					t.Error(err)
				}
				if p.Written {
					written.Add(1)
				}
				if p.Written && p.Ended {
					ended.Add(1)
				}
			})
		}
	}
	group.Wait()
	if written.Load() != int32(s.Lots()) || ended.Load() != 1 {
		t.Errorf("%d publications written, %d of them the last; want %d and 1", written.Load(), ended.Load(), s.Lots())
	}
	wantWhole(t, store, s)
}

// wantWhole checks the log of a session that ran to its end: each lot once, counters that only
// rise, one completo.
func wantWhole(t *testing.T, store session.Store, s *session.Session) {
	t.Helper()
	log := events(t, store, s.ID)
	if len(log) != s.Lots()+2 {
		t.Fatalf("the log has %d events, want %d: %q", len(log), s.Lots()+2, kinds(t, log))
	}
	seen := map[int]bool{}
	processed, progress := 0, -1.0
	for _, e := range log[1 : len(log)-1] {
		d := decode(t, e)
		if seen[d.Lot] || d.Lot < 1 || d.Lot > s.Lots() {
			t.Errorf("event %d repeats or invents lot %d", e.ID, d.Lot)
			continue
		}
		seen[d.Lot] = true
		processed += len(s.Lot(d.Lot - 1))
		if d.Kind != "resultados" || d.Processed != processed || d.Progress < progress {
			t.Errorf("event %d: %+v; want %d orders processed, progress from %v", e.ID, d, processed, progress)
		}
		progress = d.Progress
	}
	if d := decode(t, log[len(log)-1]); d.Kind != "completo" || d.Processed != len(s.Orders) {
		t.Errorf("the last event is %+v", d)
	}
}

// crowd is many at one session: workers that all offer all lots, readers that come, go and come
// back, and others who ask how far it is.
type crowd struct {
	store session.Store
	s     *session.Session
	group sync.WaitGroup

	mu   sync.Mutex
	logs map[string][]session.Event // what each reader read
	errs []error
}

func (c *crowd) goes(name string, member func() error) {
	c.group.Go(func() {
		if err := member(); err != nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.errs = append(c.errs, fmt.Errorf("%s: %w", name, err))
		}
	})
}

// gather sets everybody to work and waits for all of them.
func (c *crowd) gather(ctx context.Context, publishers, readers int) {
	for range publishers {
		c.goes("publisher", func() error { return c.publish(ctx) })
	}
	for i := range readers {
		name := fmt.Sprintf("reader %d", i)
		c.goes(name, func() error { return c.read(ctx, name, 1+rand.IntN(7), i%3 == 0) })
	}
	c.goes("status", func() error { return c.watch(ctx) })
	c.goes("poll", func() error { return c.poll(ctx) })
	c.group.Wait()
}

func (c *crowd) publish(ctx context.Context) error {
	for _, i := range rand.Perm(c.s.Lots()) {
		if _, err := c.store.Publish(ctx, c.s.ID, result(c.s, i)); err != nil {
			return err
		}
	}
	return nil
}

// read follows the log to its end. A restless reader leaves after every bite and comes back.
func (c *crowd) read(ctx context.Context, name string, limit int, restless bool) error {
	var log []session.Event
	for {
		r, err := c.store.Follow(ctx, c.s.ID, int64(len(log)))
		if err != nil {
			return err
		}
		more, last, err := c.sit(ctx, r, limit, restless)
		log = append(log, more...)
		if err != nil {
			return err
		}
		if last {
			c.keep(name, log)
			return nil
		}
	}
}

func (c *crowd) keep(name string, log []session.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.logs[name] = log
}

// sit reads until the end or, when restless, for one bite.
func (c *crowd) sit(ctx context.Context, r session.Reader, limit int, restless bool) ([]session.Event, bool, error) {
	defer r.Close()
	if restless {
		return take(ctx, r, limit)
	}
	log, err := drain(ctx, r, limit)
	return log, true, err
}

// watch checks that the status only moves forward and always agrees with itself.
func (c *crowd) watch(ctx context.Context) error {
	var before session.Status
	for !before.State.Ended() {
		now, err := c.store.Status(ctx, c.s.ID)
		if err != nil {
			return err
		}
		events := int64(1 + now.LotsDone)
		if now.State.Ended() {
			events++
		}
		switch {
		case now.Processed < before.Processed, now.LotsDone < before.LotsDone, now.State < before.State,
			now.LastEvent < before.LastEvent:
			return fmt.Errorf("status went back from %+v to %+v", before, now)
		case now.LastEvent != events:
			return fmt.Errorf("status does not agree with itself: %+v", now)
		case (now.LotsDone == now.Lots) != (now.State == session.Complete), now.State.Ended() == now.Done.IsZero():
			return fmt.Errorf("state and counters do not agree: %+v", now)
		}
		before = now
	}
	return nil
}

// poll checks that nobody ever sees the last results without the end.
func (c *crowd) poll(ctx context.Context) error {
	for {
		log, err := c.store.Events(ctx, c.s.ID, 0, all)
		if err != nil {
			return err
		}
		if int64(len(log)) != log[len(log)-1].ID {
			return fmt.Errorf("%d events, the last has number %d", len(log), log[len(log)-1].ID)
		}
		now, err := c.store.Status(ctx, c.s.ID)
		if err != nil {
			return err
		}
		if now.LastEvent < int64(len(log)) {
			return fmt.Errorf("status knows of %d events, the log of %d", now.LastEvent, len(log))
		}
		if len(log) == c.s.Lots()+1 {
			return fmt.Errorf("the last results without the end: %s", log[len(log)-1].Data)
		}
		if now.State.Ended() {
			return nil
		}
	}
}

func (c *crowd) check(t *testing.T, readers int) {
	t.Helper()
	for _, err := range c.errs {
		t.Error(err)
	}
	log := events(t, c.store, c.s.ID)
	for name, got := range c.logs {
		t.Run(name, func(t *testing.T) { wantSameLog(t, got, log) })
	}
	if len(c.logs) != readers && len(c.errs) == 0 {
		t.Errorf("%d readers reached the end, want %d", len(c.logs), readers)
	}
}

func testCrowd(t *testing.T, store session.Store) {
	const publishers, readers = 4, 12
	s := begun(t, store, 1200)
	c := &crowd{store: store, s: s, logs: map[string][]session.Event{}}
	c.gather(t.Context(), publishers, readers)
	c.check(t, readers)
	wantWhole(t, store, s)
}

func testCrowdCancelled(t *testing.T, store session.Store) {
	const publishers, readers = 3, 8
	s := begun(t, store, 1200)
	c := &crowd{store: store, s: s, logs: map[string][]session.Event{}}
	c.goes("canceller", func() error {
		r, err := store.Follow(t.Context(), s.ID, 0)
		if err != nil {
			return err
		}
		defer r.Close()
		for range 10 { // so that it comes in the middle
			if _, _, err := take(t.Context(), r, 1); err != nil {
				return err
			}
		}
		return store.End(t.Context(), s.ID, session.Ending{State: session.Cancelled, Message: "cancelado", At: at(4)})
	})
	c.gather(t.Context(), publishers, readers)
	c.check(t, readers)
	log := events(t, store, s.ID)
	for _, e := range log[:len(log)-1] {
		if decode(t, e).last() {
			t.Errorf("event %d ends the session, the log goes on: %s", e.ID, e.Data)
		}
	}
	if !decode(t, log[len(log)-1]).last() {
		t.Errorf("the log ends with %s", log[len(log)-1].Data)
	}
}
