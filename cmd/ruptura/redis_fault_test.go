package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ruptura/internal/redistest"
)

// fleetViewers is how many sessions are under way in each test, whatever happens.
const fleetViewers = 200

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
	f.renewed("one worker of two killed, four times")
	for _, w := range workers {
		w.kill()
	}
	f.worker()
	f.worker()
	f.finish("all workers killed")
	f.wantBreaks(false)
}

// TestWorkersAreStopped has workers end in peace, with a lease that nobody lives to see run out:
// what they have in hand they finish or, without time for it, hand back.
func TestWorkersAreStopped(t *testing.T) {
	f := startFleet(t, "10m", redistest.Options{})
	f.server()
	workers := []*member{f.worker(), f.worker("--shutdown-timeout", "0")}
	f.watch(fleetViewers)
	for i := range 4 {
		f.more(500)
		workers[i%2].stop()
		workers[i%2] = f.worker("--shutdown-timeout", []string{"10s", "0"}[i%2])
	}
	for _, w := range workers {
		w.stop()
	}
	f.worker()
	f.finish("all workers stopped")
	f.wantBreaks(false)
}

// TestServersAreKilled kills one server after the other; whoever was there goes to the others.
func TestServersAreKilled(t *testing.T) {
	f := startFleet(t, fleetLease, redistest.Options{})
	servers := []*member{f.server(), f.server()}
	f.worker()
	f.watch(fleetViewers)
	for i := range 3 {
		f.more(1000)
		servers[i%2].kill()
		f.gone(servers[i%2])
		if i == 1 {
			f.renewed("one server of two killed, twice") // by the other one alone
		}
		servers[i%2] = f.server()
	}
	f.finish("one server of two killed, again")
	f.wantBreaks(true)
}

// TestRedisRestarts has Redis end in peace and by force, and begin again with what it had.
func TestRedisRestarts(t *testing.T) {
	f := startFleet(t, fleetLease, redistest.Options{AOF: true})
	server := f.server()
	f.server()
	f.worker()
	f.worker()
	f.watch(fleetViewers)
	for _, end := range []func(testing.TB){f.redis.Stop, f.redis.Kill} {
		f.more(1000)
		end(t)
		f.away(server)
		f.redis.Restart(t)
	}
	f.finish("Redis restarted, twice")
	f.ready(server)
	f.wantBreaks(false)
}

// TestRedisPauses freezes Redis for five seconds, several leases.
func TestRedisPauses(t *testing.T) {
	f := startFleet(t, fleetLease, redistest.Options{})
	server := f.server()
	f.worker()
	f.worker()
	f.watch(fleetViewers)
	f.more(1000)
	f.redis.Pause(t)
	pause := time.After(5 * time.Second) // the wait is the fault
	f.away(server)
	<-pause
	f.redis.Resume(t)
	f.finish("Redis paused for 5 s")
	f.ready(server)
	f.wantBreaks(false)
}

// TestRedisIsEmptied loses everything, in the middle: sessions are unknown, and who had them sends
// what is missing again.
func TestRedisIsEmptied(t *testing.T) {
	f := startFleet(t, fleetLease, redistest.Options{})
	f.server()
	f.server()
	f.worker()
	f.worker()
	f.watch(fleetViewers)
	f.more(1000)
	f.redis.FlushAll(t)
	f.finish("Redis emptied")
	if f.counts.forgotten.Load() == 0 {
		t.Error("no session was forgotten")
	}
}

// TestJobsAreLost deletes the queue with all jobs in it and in hand, as if every process had died
// between the session and its job.
func TestJobsAreLost(t *testing.T) {
	f := startFleet(t, fleetLease, redistest.Options{})
	f.server()
	f.worker()
	f.worker()
	f.watch(fleetViewers)
	for range 2 {
		f.more(1000)
		f.redis.Do(t, "DEL", "ruptura:fila")
	}
	f.finish("all jobs lost, twice")
	f.wantBreaks(false)
}

// wantBreaks checks whether streams had to come back, and that nothing else happened to sessions.
func (f *fleet) wantBreaks(want bool) {
	f.t.Helper()
	if n := f.counts.breaks.Load(); (n > 0) != want {
		f.t.Errorf("%d streams came back", n)
	}
	if n := f.counts.forgotten.Load(); n > 0 {
		f.t.Errorf("%d sessions were forgotten", n)
	}
}

// away checks what a server says while Redis is away.
func (f *fleet) away(m *member) {
	f.t.Helper()
	if status, body := f.ask(m, "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, `"sessoes":"indisponivel"`) {
		f.t.Errorf("readiness: %d, %s", status, body)
	}
	if status, _ := f.ask(m, "/healthz"); status != http.StatusOK {
		f.t.Errorf("health: %d", status)
	}
	v := &viewer{fleet: f, server: m.url}
	if status, err := v.post("away", []byte(`{"todos":true}`)); status != http.StatusServiceUnavailable || err != nil {
		f.t.Errorf("a new session: %d, %v", status, err)
	}
}

// ready checks that a server is well.
func (f *fleet) ready(m *member) {
	f.t.Helper()
	if status, body := f.ask(m, "/readyz"); status != http.StatusOK {
		f.t.Errorf("readiness: %d, %s", status, body)
	}
}

func (f *fleet) ask(m *member, path string) (status int, body string) {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.ctx, http.MethodGet, m.url+path, http.NoBody)
	if err != nil {
		f.t.Fatal(err)
	}
	response, err := f.client.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	defer closed(f.t, response.Body)
	text, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
