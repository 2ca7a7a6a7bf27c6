package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ruptura/internal/postgrestest"
)

// patient are settings of a program that waits for longer than any test takes.
func patient() map[string][]string { return map[string][]string{"db-retry": {"10m"}} }

// noLimit is a statement timeout that no test reaches.
const noLimit = 10 * time.Minute

// TestSessionsOutliveTheirDatabase ends the server while sessions are being read.
func TestSessionsOutliveTheirDatabase(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(*faulty)
	}{
		{"killed", func(f *faulty) { f.server.Kill(f.t) }},
		{"shut down", func(f *faulty) { f.server.Stop(f.t) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := startFaulty(t, patient(), noLimit, nil)
			release := f.lock()
			defer release()
			sizes := []int{20, faultOrders, 100} // the first is one job, so that each worker has a session
			var streams []string
			for _, orders := range sizes {
				streams = append(streams, f.begin(orders))
			}
			f.waiting(2)
			away := f.log.next(saysAway)
			c.end(f)
			f.receive("the retry", away)
			f.away()
			f.server.Restart(t)
			for i, orders := range sizes {
				f.follow(streams[i], orders).wantWords(t, "")
			}
			f.back()
		})
	}
}

// TestSilentDatabase freezes the server: connections stay open and nothing answers.
func TestSilentDatabase(t *testing.T) {
	f := startFaulty(t, patient(), 150*time.Millisecond, nil)
	f.follow(f.begin(50), 50).wantWords(t, "") // so that there are connections
	away := f.log.next(saysAway)
	f.server.Pause(t)
	stream := f.begin(faultOrders)
	f.receive("the retry", away)
	if body := f.wantStatus("/readyz", http.StatusServiceUnavailable); !strings.Contains(body, `"fonte":"indisponivel"`) {
		t.Errorf("readiness says %s", body)
	}
	f.wantStatus("/api/ruptura/analisar/P1", http.StatusServiceUnavailable)
	f.server.Resume(t)
	f.follow(stream, faultOrders).wantWords(t, "")
	f.back()
}

// TestWayToTheDatabaseIsCut cuts the network while a session is read.
func TestWayToTheDatabaseIsCut(t *testing.T) {
	f := prepareFaulty(t)
	p := startProxy(t, fmt.Sprintf("127.0.0.1:%d", f.server.Port()))
	f.serve(t, patient(), noLimit, p.route)
	t.Cleanup(p.close)
	release := f.lock()
	defer release()
	stream := f.begin(faultOrders)
	f.waiting(1)
	away := f.log.next(saysAway)
	p.cut()
	f.receive("the retry", away)
	f.away()
	release()
	p.mend()
	f.follow(stream, faultOrders).wantWords(t, "")
	f.back()
}

// TestLostConnectionsAreReplaced has an administrator end the program's connections: nobody notices.
func TestLostConnectionsAreReplaced(t *testing.T) {
	f := startFaulty(t, patient(), noLimit, nil)
	release := f.lock()
	defer release()
	stream := f.begin(faultOrders)
	f.waiting(1)
	postgrestest.Exec(t, f.direct, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ruptura'`)
	release()
	f.follow(stream, faultOrders).wantWords(t, "")
	f.back()
}

// TestDatabaseStaysAway lets the limit run out.
func TestDatabaseStaysAway(t *testing.T) {
	f := startFaulty(t, map[string][]string{"db-retry": {"300ms"}}, noLimit, nil)
	f.server.Stop(t)
	f.follow(f.begin(faultOrders), faultOrders).wantWords(t, "o banco de dados ficou fora do ar")
	f.away()
	if counted := f.wantStatus("/metrics", http.StatusOK); strings.Contains(counted, "\nruptura_source_reads_failed_total 0\n") ||
		strings.Contains(counted, "\nruptura_source_reads_retried_total 0\n") {
		t.Error("the metrics do not tell")
	}
	if got := strings.Count(f.log.logged(), "level=ERROR msg=\"source not read\""); got != 1 {
		t.Errorf("%d errors in the log, want one", got)
	}
	f.server.Restart(t)
	f.back()
	f.follow(f.begin(faultOrders), faultOrders).wantWords(t, "")
}

// TestStartWithoutADatabase starts the program before its database.
func TestStartWithoutADatabase(t *testing.T) {
	f := prepareFaulty(t)
	f.server.Stop(t)
	said := f.log.next(saysStarted)
	f.serve(t, patient(), noLimit, nil)
	f.receive("the log to say so", said)
	away := f.log.next(saysAway)
	stream := f.begin(faultOrders)
	f.receive("the retry", away)
	f.away()
	f.server.Restart(t)
	f.follow(stream, faultOrders).wantWords(t, "")
	f.back()
}

// TestStopWhileTheDatabaseIsAway does not wait for it.
func TestStopWhileTheDatabaseIsAway(t *testing.T) {
	flags := patient()
	flags["shutdown-timeout"] = []string{"10m"}
	f := startFaulty(t, flags, noLimit, nil)
	f.server.Stop(t)
	away := f.log.next(saysAway)
	f.begin(faultOrders)
	f.receive("the retry", away)
	f.stop() // the end of the test waits for the end of the program
}

// TestNobodyWaitsForAQuery: a read that nobody wants any more ends in the server too.
func TestNobodyWaitsForAQuery(t *testing.T) {
	f := startFaulty(t, patient(), noLimit, nil)
	release := f.lock()
	defer release()
	t.Run("session cancelled", func(t *testing.T) {
		stream := f.begin(faultOrders)
		f.waiting(1)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, f.url+strings.Replace(stream, "/stream/", "/status/", 1), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := f.client.Do(request)
		if err != nil || response.StatusCode != http.StatusNoContent {
			t.Fatal(response, err)
		}
		_ = response.Body.Close()
		f.waiting(0)
	})
	t.Run("client gone", func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url+"/api/ruptura/analisar/P1", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		left := make(chan error, 1)
		go func() {
			response, err := f.client.Do(request)
			if err == nil {
				_ = response.Body.Close()
			}
			left <- err
		}()
		f.waiting(1)
		leave()
		if err := <-left; err == nil {
			t.Error("the request was answered")
		}
		f.waiting(0)
	})
}
