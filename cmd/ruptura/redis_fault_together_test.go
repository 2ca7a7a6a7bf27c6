package main

import (
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"ruptura/internal/redistest"
)

// togetherViewers is how many sessions are under way in which all orders compete: each reads the
// whole book.
const togetherViewers = 40

// TestWorkersAreKilledTogether kills workers while all orders compete. Whoever takes a job over
// publishes what was prepared: no session has results of two reads.
func TestWorkersAreKilledTogether(t *testing.T) {
	f := startFleet(t, fleetLease, redistest.Options{})
	f.server()
	workers := []*member{f.worker(), f.worker()}
	for i := range max(togetherViewers/fewer(), 2) {
		first := i * 31 % (len(f.orders) - 300)
		f.view(&viewer{orders: f.orders[first : first+300], check: noErrors, together: true})
	}
	for i := range 4 {
		f.more(2000)
		workers[i%2].kill()
		workers[i%2] = f.worker()
	}
	f.finish("workers killed, all orders together")
	f.wantBreaks(false)
}

// TestPoisonTogether has an order that kills whoever analyses it among all others. No part of such a
// session is to blame alone, so it ends, and the sessions of others do not notice.
func TestPoisonTogether(t *testing.T) {
	f := startFleet(t, "500ms", redistest.Options{})
	f.server()
	last := len(f.orders) - 1
	kills := f.orders[last]
	f.orders = f.orders[:last]
	var deaths atomic.Int64
	for range 2 {
		f.nurse(&deaths, func() *exec.Cmd {
			return f.hurtWorker(hurtPoison, f.redis.URL(), deadlyEnv+"="+kills, panickyEnv+"=-")
		})
	}
	f.watch(fleetViewers)
	bad := f.view(&viewer{orders: append([]string{kills}, f.orders[:50]...), once: true, together: true, givenUp: true, check: noErrors})
	f.until("the session to be given up", func() bool { return f.sessionsOf(bad) > 0 })
	t.Logf("given up after %d deaths", deaths.Load())
	f.finish("poison among all orders")
	if shown := f.queue("list", "--lang", "pt"); !strings.Contains(shown, "caiu") {
		t.Errorf("ruptura queue list says:\n%s", shown)
	}
	f.wantBreaks(false)
}
