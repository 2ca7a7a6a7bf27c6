package main

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ruptura/internal/redistest"
)

// TestWorkerIsCutOff has a worker lose its way to Redis for longer than its lease while it is about
// to publish. Somebody else does its job; what it publishes when it is back is refused, and it goes
// on working.
func TestWorkerIsCutOff(t *testing.T) {
	for _, c := range []struct {
		name      string
		cut, mend func(*redistest.Proxy)
	}{
		{"connections break", (*redistest.Proxy).Cut, (*redistest.Proxy).Mend},
		{"nothing passes", (*redistest.Proxy).Hold, (*redistest.Proxy).Release},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := startFleet(t, fleetLease, redistest.Options{})
			way := redistest.NewProxy(t, f.redis.Addr())
			f.server()
			cutOff := f.start(f.hurtWorker(hurtLate, way.URL(), "RUPTURA_WORKERS=1"), saysWorking)
			t.Cleanup(f.end) // before the way
			holds := cutOff.listen(saysHolds)
			f.watch(fleetViewers)
			f.receive(holds, "a publication")
			c.cut(way)
			began := time.Now()
			if _, err := io.WriteString(cutOff.input, "\n"); err != nil {
				t.Fatal(err)
			}
			other := f.worker()
			taken := `msg="job taken over" session=` + strings.TrimSpace(strings.TrimPrefix(cutOff.said(saysHolds), saysHolds))
			f.until("the end of the lease", func() bool { return other.times(taken) > 0 }) // it may have been at once
			t.Logf("taken over after %s", time.Since(began).Round(time.Millisecond))
			f.renewed("worker cut off")
			c.mend(way)
			other.stop()
			f.finish("worker back, alone")
			if n := cutOff.times(saysWritten); n > 0 {
				t.Errorf("%d late publications were written", n)
			}
			t.Logf("%d late publications were refused", cutOff.times(saysRefused))
			f.wantBreaks(false)
		})
	}
}

// TestEveryTenthReadFails has a database that loses every tenth read; each is tried again.
func TestEveryTenthReadFails(t *testing.T) {
	f := startFleet(t, fleetLease, redistest.Options{})
	f.server()
	workers := []*member{
		f.start(f.hurtWorker(hurtTenth, f.redis.URL()), saysWorking), f.start(f.hurtWorker(hurtTenth, f.redis.URL()), saysWorking),
	}
	f.watch(fleetViewers)
	f.finish("every tenth read fails")
	for _, w := range workers {
		if w.times("source is away, trying again") == 0 {
			t.Error("no read was tried again")
		}
	}
	f.wantBreaks(false)
}

// TestPoison has an order that kills whoever analyses it, and one whose analysis panics. Both get an
// error, the first one after it has been found out, and nobody else does.
func TestPoison(t *testing.T) {
	f := startFleet(t, "500ms", redistest.Options{})
	f.server()
	last := len(f.orders) - 2
	kills, panics := f.orders[last], f.orders[last+1]
	f.orders = f.orders[:last]
	var deaths atomic.Int64
	for range 2 {
		f.nurse(&deaths, func() *exec.Cmd {
			return f.hurtWorker(hurtPoison, f.redis.URL(), deadlyEnv+"="+kills, panickyEnv+"="+panics)
		})
	}
	f.watch(fleetViewers)
	f.more(500)
	began := time.Now()
	bad := f.view(&viewer{
		orders: append([]string{kills, panics}, f.orders[:10/fewer()]...), once: true, items: true,
		check: func(failed map[string]string) error {
			if len(failed) != 2 || !strings.Contains(failed[kills], "posto de lado") || !strings.Contains(failed[panics], "erro interno") {
				return broken("%s kills, %s panics, failed: %q", kills, panics, failed)
			}
			return nil
		},
	})
	f.until("the poison to be found", func() bool { return f.sessionsOf(bad) > 0 })
	t.Logf("found out after %d deaths and %s", deaths.Load(), time.Since(began).Round(time.Millisecond))
	f.finish("poison found out")
	var dead []struct {
		Orders   []string `json:"pedidos"`
		Attempts int      `json:"tentativas"`
		Reason   string   `json:"motivo"`
	}
	if err := json.Unmarshal([]byte(f.queue("list", "--json")), &dead); err != nil {
		t.Fatal(err)
	}
	if len(dead) != 1 || !slices.Equal(dead[0].Orders, []string{kills}) || dead[0].Attempts <= 5 || dead[0].Reason != "workers-died" {
		t.Errorf("put aside: %+v", dead)
	}
	if shown := f.queue("list", "--lang", "pt"); !strings.Contains(shown, kills) || !strings.Contains(shown, "caiu") {
		t.Errorf("ruptura queue list says:\n%s", shown)
	}
	f.wantBreaks(false)
}

// queue runs ruptura queue.
func (f *fleet) queue(args ...string) string {
	f.t.Helper()
	args = append(append([]string{"queue"}, args...), "--redis", f.redis.URL())
	out, err := exec.CommandContext(f.ctx, buildProgram(f.t), args...).Output()
	if err != nil {
		f.t.Errorf("%q: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestSlowViewer has somebody read one byte a second while a thousand others read as fast as they
// can, and then come back for the rest.
func TestSlowViewer(t *testing.T) {
	f := startFleet(t, fleetLease, redistest.Options{})
	f.server()
	f.worker()
	f.worker()
	enough := make(chan struct{})
	slow := f.view(&viewer{orders: f.orders[:1000], items: true, once: true, check: noErrors, slow: enough})
	f.until("the slow one's first results", func() bool { return f.counts.reading.Load() > 0 })
	began := time.Now()
	var others []*viewer
	for i := range 1000 / fewer() {
		others = append(others, f.view(&viewer{orders: f.orders[i : i+20], once: true, check: noErrors}))
	}
	for _, v := range others {
		f.until("the others", func() bool { return f.sessionsOf(v) > 0 })
	}
	t.Logf("%d others had all of theirs after %s", len(others), time.Since(began).Round(time.Millisecond))
	if f.sessionsOf(slow) > 0 {
		t.Error("the slow one had its session already")
	}
	close(enough)
	f.finish("the slow one comes back")
}

// slowly reads one byte a second, until it has had enough of that.
type slowly struct {
	io.Reader
	tick   *time.Ticker
	enough <-chan struct{}
}

// Read implements io.Reader.
func (s *slowly) Read(b []byte) (int, error) {
	select {
	case <-s.enough:
		return 0, io.EOF
	case <-s.tick.C:
		return s.Reader.Read(b[:1])
	}
}

// sessionsOf is how many sessions a viewer has seen end.
func (f *fleet) sessionsOf(v *viewer) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return v.done
}

// receive waits for a channel.
func (f *fleet) receive(from <-chan struct{}, what string) {
	f.t.Helper()
	select {
	case <-from:
	case <-f.ctx.Done():
		f.t.Fatalf("waited in vain for %s", what)
	}
}
