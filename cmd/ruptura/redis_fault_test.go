package main

import (
	"testing"

	"ruptura/internal/redistest"
)

// fleetViewers is how many sessions are under way in each test.
const fleetViewers = 300

// TestWorkersAreKilled kills one of two workers again and again, and then all of them.
func TestWorkersAreKilled(t *testing.T) {
	f := startFleet(t, fleetLease, redistest.Options{})
	f.server()
	f.server()
	workers := []*member{f.worker(), f.worker()}
	f.watch(fleetViewers)
	f.more(500)
	for i := range 4 {
		workers[i%2].kill()
		workers[i%2] = f.worker()
		f.more(500)
	}
	f.renewed("one worker of two killed")
	for _, w := range workers {
		w.kill()
	}
	f.worker()
	f.worker()
	f.renewed("all workers killed")
	f.finish()
}
