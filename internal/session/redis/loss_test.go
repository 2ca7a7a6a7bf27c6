package redis_test

import (
	"bytes"
	"errors"
	"testing"

	"ruptura/internal/redistest"
	"ruptura/internal/session"
	"ruptura/internal/session/redis"
)

// keysOf are those of one session.
func keysOf(s *session.Session) (keys []string) {
	for _, part := range []string{"info", "eventos", "feitos", "passados", "pedido"} {
		keys = append(keys, "ruptura:{"+string(s.ID)+"}:"+part)
	}
	return keys
}

// remember gives what makes a session what it is now, as when a replica that has no more of it becomes
// the master.
func remember(t *testing.T, server *redistest.Server, s *session.Session) (lose func()) {
	t.Helper()
	kept := map[string]string{}
	for _, key := range keysOf(s) {
		if text, ok := server.Do(t, "DUMP", key).(string); ok {
			kept[key] = text
		}
	}
	return func() {
		t.Helper()
		for key, text := range kept {
			server.Do(t, "RESTORE", key, 0, text, "REPLACE")
		}
	}
}

// What Redis has lost it numbers again: who had had the one event 3 must not go on with event 4.
func TestLostEventsAreNotSkipped(t *testing.T) {
	for _, c := range []struct {
		name string
		// taken is how far the readers have read before the loss; heard whether they hear what comes.
		taken [2]int
		heard bool
	}{
		{"who has read all of it", [2]int{3, 3}, true},
		{"who has read all of it, and hears nothing", [2]int{3, 3}, false},
		{"one has read all, one has not", [2]int{3, 2}, true},
		{"one has read all, one nothing", [2]int{3, 0}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := redistest.Start(t, redistest.Options{})
			store := open(t, server.URL(), "", alert())
			s := create(t, store, 100)
			publish(t, store, s, 0, 10)
			lose := remember(t, server, s)
			readers := []session.Reader{follow(t, store, s.ID, 0), follow(t, store, s.ID, 0)}
			until(t, "the subscription", func() bool { _, n := subscriptions(t, server); return n == 1 })
			publish(t, store, s, 1, 10)
			for i, r := range readers {
				takeN(t, r, c.taken[i])
			}
			if !c.heard {
				if err := redis.Deaf(store, s.ID); err != nil {
					t.Fatal(err)
				}
			}
			lose()
			publish(t, store, s, 2, 10)
			publish(t, store, s, 1, 10)
			for i, r := range readers {
				wantUnknownOrLog(t, store, s.ID, r, c.taken[i])
			}
		})
	}
}

// wantUnknownOrLog checks that a reader that has taken some events, of which Redis has two still, is
// told that the session is gone, or goes on with the log as it is when it has taken none that were lost.
func wantUnknownOrLog(t *testing.T, store *redis.Store, id session.ID, r session.Reader, taken int) {
	t.Helper()
	log, err := store.Events(t.Context(), id, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for at := taken; at < len(log); {
		events, _, err := take(t, r, 10)
		if errors.Is(err, session.ErrUnknown) {
			return
		}
		if err != nil || taken > 2 {
			t.Fatalf("after %d events: Take = %d events, %v; want ErrUnknown", taken, len(events), err)
		}
		for _, e := range events {
			if !bytes.Equal(e.Data, log[at].Data) {
				t.Fatalf("event %d: %s, want %s", e.ID, e.Data, log[at].Data)
			}
			at++
		}
	}
}

// What was heard and then lost is not waited for.
func TestLostEventIsNotWaitedFor(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", alert())
	s := create(t, store, 100)
	publish(t, store, s, 0, 10)
	lose := remember(t, server, s)
	r, other := follow(t, store, s.ID, 0), follow(t, store, s.ID, 0)
	until(t, "the subscription", func() bool { _, n := subscriptions(t, server); return n == 1 })
	publish(t, store, s, 1, 10)
	takeN(t, r, 2)
	takeN(t, other, 3)
	lose()
	if events, _, err := take(t, other, 10); !errors.Is(err, session.ErrUnknown) {
		t.Fatalf("Take = %d events, %v; want ErrUnknown", len(events), err)
	}
	before := calls(t, server)
	for range 100 {
		select {
		case <-r.Ready():
		default:
		}
		if _, _, err := r.Take(t.Context(), 10); err != nil {
			return // it may have taken what was lost
		}
	}
	if asked := calls(t, server) - before; asked > 20 {
		t.Errorf("the log was read %d times for nothing", asked)
	}
}
