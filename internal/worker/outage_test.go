package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/backoff"
	"ruptura/internal/lang"
	"ruptura/internal/session"
	"ruptura/internal/source"
)

// fading is a source in memory that is away for a while, for a bubble.
type fading struct {
	source.Source

	mu      sync.Mutex
	back    time.Time     // when it returns
	delay   time.Duration // that an attempt takes while it is away, unless interrupted
	broken  error         // instead of being away
	begun   []time.Time   // the attempts
	between func()        // called by each
}

func (f *fading) Read(ctx context.Context, q source.Query) (*atp.Snapshot, error) {
	f.mu.Lock()
	f.begun = append(f.begun, time.Now())
	f.mu.Unlock()
	if f.between != nil {
		f.between()
	}
	if f.broken != nil {
		return nil, f.broken
	}
	if time.Now().Before(f.back) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(f.delay):
			return nil, fmt.Errorf("%w: connection refused", source.ErrUnavailable)
		}
	}
	s := &atp.Snapshot{ReadAt: time.Now()}
	for _, n := range q.Orders {
		s.Lines = append(s.Lines, atp.Line{Order: n, Number: 1, Key: atp.StockKey{Product: "A"}, Name: "Arroz", Open: 10_000})
	}
	return s, nil
}

func (f *fading) attempts() []time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.begun
}

// bubble runs a test with a pool of two workers over a source that is away, where time costs
// nothing.
func bubble(t *testing.T, retry time.Duration, run func(*testing.T, *rig, *fading)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &fading{back: time.Now().Add(24 * time.Hour)}
		r := newRig(f, 2)
		r.pool.config.Retry = retry
		r.pool.Start()
		run(t, r, f)
		r.close()
	})
}

// all is a session whose orders share one read.
func all(orders int) session.Spec {
	s := spec(numbers(orders))
	s.ReadSize = source.Unlimited
	return s
}

func TestSourceThatComesBackIsWaitedFor(t *testing.T) {
	bubble(t, time.Minute, func(t *testing.T, r *rig, f *fading) {
		begin := time.Now()
		f.back = begin.Add(20 * time.Second)
		events := r.session(t, all(1000))
		exactlyOnce(t, events, numbers(1000))
		if last := events[len(events)-1]; last.Failed != 0 {
			t.Errorf("the end: %s", last.raw)
		}
		if took := time.Since(begin); took < 20*time.Second || took > 20*time.Second+backoff.Longest {
			t.Errorf("the session took %s, its source was away for 20 s", took)
		}
		attempts := f.attempts()
		for i, at := range attempts[1:] {
			longest := min(backoff.First<<i, backoff.Longest)
			if pause := at.Sub(attempts[i]); pause < longest/2 || pause > longest {
				t.Errorf("attempt %d came after %s, want %s to %s", i+2, pause, longest/2, longest)
			}
		}
		r.pool.Stop(t.Context())
		if r.watch.retried != len(attempts)-1 || r.watch.failed != 0 {
			t.Errorf("%d attempts counted as %d retries, %d failures", len(attempts), r.watch.retried, r.watch.failed)
		}
		if got := strings.Count(r.log.String(), `"WARN","msg":"source is away`); got != len(attempts)-1 {
			t.Errorf("%d warnings for %d further attempts", got, len(attempts)-1)
		}
		if !strings.Contains(r.log.String(), "source is back") {
			t.Error("the log does not say that the source is back")
		}
	})
}

func TestSourceThatStaysAwayFailsTheOrders(t *testing.T) {
	for _, c := range []struct {
		name  string
		delay time.Duration
		// most is how many attempts 10 jobs may make after the limit.
		most int
	}{
		{"refused at once", 0, 10},
		{"silent", 8 * time.Second, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, time.Minute, func(t *testing.T, r *rig, f *fading) {
				f.delay = c.delay
				begin := time.Now()
				s := all(1000) // in ten jobs
				s.Lang = lang.EN
				events := r.session(t, s)
				exactlyOnce(t, events, s.Orders)
				for _, got := range results(events) {
					if got.Success || !strings.Contains(got.Error, "away for longer than the analysis waits") {
						t.Fatalf("%+v", got)
					}
				}
				if took := time.Since(begin); took < time.Minute || took > time.Minute+2*c.delay {
					t.Errorf("the session took %s", took)
				}
				late := 0
				for _, at := range f.attempts() {
					if at.Sub(begin) >= time.Minute {
						late++
					}
				}
				if late > c.most {
					t.Errorf("%d attempts after the limit, want at most %d", late, c.most)
				}
				r.released(t)
				r.pool.Stop(t.Context())
				if got := strings.Count(r.log.String(), `"ERROR"`); got != 1 {
					t.Errorf("%d errors in the log, want one:\n%s", got, &r.log)
				}
			})
		})
	}
}

func TestExhaustedSessionTakesASourceThatIsBack(t *testing.T) {
	bubble(t, time.Minute, func(t *testing.T, r *rig, f *fading) {
		s := all(1000)
		s.Workers = 1 // one job after the other
		count := 0
		f.between = func() {
			if time.Since(f.begun[0]) >= time.Minute { // once the limit has run out
				if count++; count == 4 {
					f.back = time.Now()
				}
			}
		}
		events := r.session(t, s)
		exactlyOnce(t, events, s.Orders)
		if last := events[len(events)-1]; last.Failed != 300 {
			t.Errorf("want three jobs of 100 failed: %s", last.raw)
		}
	})
}

func TestWhatWaitingDoesNotMendFailsAtOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		words string
	}{
		{"not usable", fmt.Errorf("coluna x: %w", source.ErrUnusable), "'ruptura doctor'"},
		{"unforeseen", errors.New("segredo"), "erro interno"},
		{"too large", atp.ErrOverflow, "grandes demais"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, time.Minute, func(t *testing.T, r *rig, f *fading) {
				f.broken = c.err
				begin := time.Now()
				for _, got := range results(r.session(t, all(100))) {
					if got.Success || !strings.Contains(got.Error, c.words) || strings.Contains(got.Error, "segredo") {
						t.Fatalf("%+v", got)
					}
				}
				if took := time.Since(begin); took != 0 {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

// TestEndInterruptsTheRead: whatever the read is at, what ends the session ends it too, and at once.
func TestEndInterruptsTheRead(t *testing.T) {
	for _, at := range []struct {
		name  string
		delay time.Duration
		after time.Duration
	}{
		{"while it waits", 0, 10 * time.Second},
		{"in its first attempt", time.Hour, 10 * time.Second},
		{"in a further attempt", 20 * time.Second, 25 * time.Second},
	} {
		for _, end := range []struct {
			name string
			do   func(*testing.T, *rig, session.ID)
		}{
			{"cancelled", func(t *testing.T, r *rig, id session.ID) {
				t.Helper()
				if err := r.service.Cancel(t.Context(), id); err != nil {
					t.Error(err)
				}
			}},
			{"forgotten", func(_ *testing.T, r *rig, _ session.ID) { r.store.Close() }},
		} {
			t.Run(end.name+" "+at.name, func(t *testing.T) {
				bubble(t, time.Minute, func(t *testing.T, r *rig, f *fading) {
					f.delay = at.delay
					id := r.begin(t, all(1000))
					time.Sleep(at.after) //nolint:forbidigo // in a bubble
					begin := time.Now()
					end.do(t, r, id)
					r.released(t)
					if took := time.Since(begin); took != 0 {
						t.Errorf("the workers were free after %s", took)
					}
					f.back = time.Now()
					if got := len(results(r.session(t, all(10)))); got != 10 {
						t.Errorf("afterwards %d results, want 10", got)
					}
				})
			})
		}
	}
}

func TestStopInterruptsTheWait(t *testing.T) {
	for _, c := range []struct {
		name  string
		delay time.Duration
	}{
		{"between attempts", 0}, {"in a further attempt", 20 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, time.Minute, func(t *testing.T, r *rig, f *fading) {
				f.delay = c.delay
				id := r.begin(t, all(1000))
				time.Sleep(25 * time.Second) //nolint:forbidigo // in a bubble
				begin := time.Now()
				r.pool.Stop(context.Background())
				if took := time.Since(begin); took != 0 {
					t.Errorf("Stop took %s", took)
				}
				if got := r.processed(t, id); got != 0 {
					t.Errorf("%d orders got a result", got)
				}
				f.back = time.Now()
				r.pool.Start()
				exactlyOnce(t, r.follow(t, id), numbers(1000))
			})
		})
	}
}

// TestFirstReadMayFinish: a stop lets a read that has not failed go on until the time is up.
func TestFirstReadMayFinish(t *testing.T) {
	bubble(t, time.Minute, func(t *testing.T, r *rig, f *fading) {
		f.delay = time.Hour
		id := r.begin(t, all(1000))
		synctest.Wait()
		begin := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		r.pool.Stop(ctx)
		if took := time.Since(begin); took != 10*time.Second || r.processed(t, id) != 0 {
			t.Errorf("Stop took %s, %d orders done", took, r.processed(t, id))
		}
		if n, _ := r.jobs.Len(t.Context()); n != 2 {
			t.Errorf("%d jobs wait, want the two returned", n)
		}
	})
}
