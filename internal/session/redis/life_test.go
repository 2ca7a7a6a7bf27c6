package redis_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"ruptura/internal/redistest"
	"ruptura/internal/session"
	"ruptura/internal/session/redis"
)

// short is a store whose sessions live for a moment.
func short(t *testing.T, ttl time.Duration) *redis.Store {
	t.Helper()
	c := config()
	c.TTL = ttl
	return fresh(t, c)
}

func TestSessionExpiresAfterItsLastChange(t *testing.T) {
	store := short(t, 50*time.Millisecond)
	for name, change := range map[string]func(*session.Session) error{
		"created": func(*session.Session) error { return nil },
		"begun": func(s *session.Session) error {
			_, err := store.Begin(t.Context(), s.ID, start())
			return err
		},
		"written": func(s *session.Session) error {
			_, err := store.Publish(t.Context(), s.ID, lot(s, 0, 1))
			return err
		},
		"ended": func(s *session.Session) error {
			return store.End(t.Context(), s.ID, session.Ending{State: session.Cancelled, At: start()})
		},
	} {
		s := create(t, store, 60)
		if err := change(s); err != nil && !errors.Is(err, session.ErrUnknown) { // it may be over already
			t.Fatalf("%s: %v", name, err)
		}
		until(t, "the end of its life", func() bool { return !isKnown(t, store, s.ID) })
		if _, err := store.Session(t.Context(), s.ID); !errors.Is(err, session.ErrUnknown) {
			t.Errorf("%s: Session = %v, want ErrUnknown", name, err)
		}
	}
	until(t, "nothing charged", func() bool {
		if _, err := store.Unfinished(t.Context(), 0, 10); err != nil {
			t.Fatal(err)
		}
		n, bytes, err := store.Usage(t.Context())
		return err == nil && n == 0 && bytes == 0
	})
}

// Each write begins the life of all of a session's keys again.
func TestEveryChangeRenewsEveryKey(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", config())
	s := create(t, store, 400)
	keys := []string{"info", "eventos", "feitos", "passados", "pedido"}
	for _, change := range []struct {
		name string
		make func() error
	}{
		{"begin", func() error { _, err := store.Begin(t.Context(), s.ID, start()); return err }},
		{"job", func() error { _, _, err := store.NextJob(t.Context(), s.ID, session.NoJob); return err }},
		{"lot", func() error { _, err := store.Publish(t.Context(), s.ID, lot(s, 0, 1)); return err }},
		{"end", func() error { return store.End(t.Context(), s.ID, session.Ending{State: session.Failed, At: start()}) }},
	} {
		for _, key := range keys {
			server.Do(t, "PEXPIRE", "ruptura:{"+string(s.ID)+"}:"+key, 60_000)
		}
		if err := change.make(); err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			left, _ := server.Do(t, "PTTL", "ruptura:{"+string(s.ID)+"}:"+key).(int64)
			if left <= 60_000 || left > time.Hour.Milliseconds() {
				t.Errorf("%s: %s lives for %d ms more", change.name, key, left)
			}
		}
	}
}

func TestKeyOfADeadSessionIsFree(t *testing.T) {
	store := short(t, 30*time.Millisecond)
	key := session.Key{Caller: "a", Value: "k", Fingerprint: "f"}
	first := plan(20)
	if _, err := store.Create(t.Context(), first, key); err != nil {
		t.Fatal(err)
	}
	until(t, "the end of its life", func() bool { return !isKnown(t, store, first.ID) })
	if id, err := store.Recall(t.Context(), key); !errors.Is(err, session.ErrUnknown) {
		t.Errorf("Recall of a dead session = %q, %v", id, err)
	}
	key.Fingerprint = "another request"
	second := plan(20)
	if id, err := store.Create(t.Context(), second, key); err != nil || id != second.ID {
		t.Errorf("Create = %q, %v; want a new session", id, err)
	}
}

// Of many requests with one key, through two processes, one makes a session; nothing is left of the
// others, also when the key still names a session that is gone.
func TestKeyRace(t *testing.T) {
	server, prefix := redistest.Shared(t)
	stores := [2]*redis.Store{open(t, server.URL(), prefix, config()), open(t, server.URL(), prefix, config())}
	for round := range 20 {
		key := session.Key{Caller: "a", Value: string(session.NewID()), Fingerprint: "f"}
		if round%2 == 1 {
			dead := plan(20)
			if _, err := stores[0].Create(t.Context(), dead, key); err != nil {
				t.Fatal(err)
			}
			for _, part := range []string{"info", "eventos", "feitos", "passados", "pedido"} {
				server.Do(t, "DEL", prefix+":{"+string(dead.ID)+"}:"+part)
			}
		}
		before, _, err := stores[0].Usage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var (
			group sync.WaitGroup
			got   [8]session.ID
		)
		for i := range got {
			group.Go(func() {
				var err error
				if got[i], err = stores[i%2].Create(t.Context(), plan(40), key); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		for _, id := range got {
			if id != got[0] || !isKnown(t, stores[0], id) {
				t.Fatalf("one key made several sessions: %q", got)
			}
		}
		wantUsage(t, stores[1], before+1)
	}
}

func TestKeyIsNotKeptAsItCame(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", config())
	if _, err := store.Create(t.Context(), plan(20), session.Key{Caller: "ana", Value: "segredo", Fingerprint: "f"}); err != nil {
		t.Fatal(err)
	}
	names, _ := server.Do(t, "KEYS", "*").([]any)
	for _, name := range names {
		if text, _ := name.(string); strings.Contains(text, "segredo") || strings.Contains(text, "ana") {
			t.Errorf("a key is named %q", text)
		}
	}
}

// An ID is whatever somebody typed: it must not reach the keys of others.
func TestHostileIDs(t *testing.T) {
	store := fresh(t, config())
	s := create(t, store, 20)
	for _, id := range []session.ID{
		"", "{" + s.ID + "}", s.ID + "}:info", "a}:b{" + s.ID, "registro}", "*", "\r\n", session.ID(strings.Repeat("A", 1000)), "é",
	} {
		if isKnown(t, store, id) {
			t.Errorf("%q is known", id)
		}
		if _, err := store.Follow(t.Context(), id, 0); !errors.Is(err, session.ErrUnknown) {
			t.Errorf("Follow(%q) = %v, want ErrUnknown", id, err)
		}
	}
	if isKnown(t, store, "registro") {
		t.Error("the registry is a session")
	}
}

// What creates a session may be sent twice, when its answer was lost.
func TestCreatedTwice(t *testing.T) {
	store := fresh(t, config())
	s := plan(40)
	for range 2 {
		if id, err := store.Create(t.Context(), s, session.Key{}); err != nil || id != s.ID {
			t.Fatalf("Create = %q, %v; want %q", id, err, s.ID)
		}
	}
	if events, err := store.Events(t.Context(), s.ID, 0, 10); err != nil || len(events) != 1 {
		t.Errorf("%d events, %v; want one", len(events), err)
	}
}

// A request that fails takes back what it has made, never what another has made with its ID.
func TestDiscardsItsOwnOnly(t *testing.T) {
	store := fresh(t, config())
	key := session.Key{Caller: "ana", Value: "k", Fingerprint: "f"}
	first, again := plan(40), plan(20)
	again.ID, again.Created = first.ID, first.Created.Add(time.Second)
	if _, err := store.Create(t.Context(), first, key); err != nil {
		t.Fatal(err)
	}
	if err := redis.Discard(store, again); err != nil {
		t.Fatal(err)
	}
	if kept, err := store.Session(t.Context(), first.ID); err != nil || len(kept.Orders) != 40 {
		t.Errorf("Session = %v, %v; want what the first request has made", kept, err)
	}
	if err := redis.Discard(store, first); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Session(t.Context(), first.ID); !errors.Is(err, session.ErrUnknown) {
		t.Errorf("Session = %v, want it unknown", err)
	}
	if sessions, _, err := store.Usage(t.Context()); err != nil || sessions != 0 {
		t.Errorf("%d sessions are charged for, %v", sessions, err)
	}
}
