package sessiontest

import (
	"sync"
	"testing"

	"ruptura/internal/session"
)

var keyCases = []testCase{
	{"without a key every request is a session", testNoKey},
	{"a repeated request gives the same session", testKeyRepeated},
	{"a key is good for one request", testKeyReused},
	{"a key belongs to its caller", testKeyCallers},
	{"a key outlives the work", testKeyAfterEnd},
	{"a session that could not begin frees its key", testKeyFreed},
	{"repeated at once it is still one session", testKeyConcurrent},
}

// key is a key that no other test uses.
func key(caller, fingerprint string, value session.ID) session.Key {
	return session.Key{Caller: caller, Value: string(value), Fingerprint: fingerprint}
}

func createWith(t *testing.T, store session.Store, k session.Key) (made, got session.ID) {
	t.Helper()
	s := plan(40)
	got, err := store.Create(t.Context(), s, k)
	if err != nil {
		t.Fatal(err)
	}
	return s.ID, got
}

func wantCreated(t *testing.T, store session.Store, k session.Key) session.ID {
	t.Helper()
	_, err := store.Recall(t.Context(), k)
	wantError(t, "Recall before there is a session", err, session.ErrUnknown)
	made, got := createWith(t, store, k)
	if made != got {
		t.Fatalf("Create gave the earlier session %s, want a new one", got)
	}
	return got
}

func wantEarlier(t *testing.T, store session.Store, k session.Key, want session.ID) {
	t.Helper()
	made, got := createWith(t, store, k)
	if got != want {
		t.Fatalf("Create = %s, want the earlier session %s", got, want)
	}
	_, err := store.Status(t.Context(), made)
	wantError(t, "Status of the session that was not kept", err, session.ErrUnknown)
	if recalled, err := store.Recall(t.Context(), k); err != nil || recalled != want {
		t.Errorf("Recall = %s, %v; want %s", recalled, err, want)
	}
}

func testNoKey(t *testing.T, store session.Store) {
	wantCreated(t, store, session.Key{})
	wantCreated(t, store, session.Key{})
	wantCreated(t, store, session.Key{Caller: "a", Fingerprint: "f"})
	wantCreated(t, store, session.Key{Caller: "a", Fingerprint: "g"})
}

func testKeyRepeated(t *testing.T, store session.Store) {
	k := key("a", "f", session.NewID())
	first := wantCreated(t, store, k)
	wantEarlier(t, store, k, first)
	wantEarlier(t, store, k, first)
	wantKinds(t, events(t, store, first), "inicio")
}

func testKeyReused(t *testing.T, store session.Store) {
	k := key("a", "f", session.NewID())
	first := wantCreated(t, store, k)
	other := plan(40)
	got, err := store.Create(t.Context(), other, key("a", "g", session.ID(k.Value)))
	wantError(t, "Create with another request", err, session.ErrKeyReused)
	if got != "" {
		t.Errorf("Create = %q with its error", got)
	}
	_, err = store.Recall(t.Context(), key("a", "g", session.ID(k.Value)))
	wantError(t, "Recall with another request", err, session.ErrKeyReused)
	_, err = store.Status(t.Context(), other.ID)
	wantError(t, "Status of the session refused", err, session.ErrUnknown)
	wantEarlier(t, store, k, first)
}

func testKeyCallers(t *testing.T, store session.Store) {
	value := session.NewID()
	first := wantCreated(t, store, key("a", "f", value))
	second := wantCreated(t, store, key("b", "f", value))
	wantEarlier(t, store, key("a", "f", value), first)
	wantEarlier(t, store, key("b", "f", value), second)
	joined := "ab:" + string(value) // must not be the same as caller ab:… with the rest of it
	wantCreated(t, store, session.Key{Caller: "ab:", Value: string(value), Fingerprint: "f"})
	wantCreated(t, store, session.Key{Caller: "ab", Value: ":" + string(value), Fingerprint: "f"})
	wantCreated(t, store, session.Key{Caller: "", Value: joined, Fingerprint: "f"})
}

func testKeyAfterEnd(t *testing.T, store session.Store) {
	k := key("a", "f", session.NewID())
	first := wantCreated(t, store, k)
	end(t, store, first, session.Ending{State: session.Cancelled, Message: "cancelado", At: at(1)})
	wantEarlier(t, store, k, first)
}

func testKeyFreed(t *testing.T, store session.Store) {
	k := key("a", "f", session.NewID())
	first := wantCreated(t, store, k)
	end(t, store, first, session.Ending{State: session.Failed, Message: "erro", At: at(1), FreeKey: true})
	second := wantCreated(t, store, k)
	wantKinds(t, events(t, store, first), "inicio", "erro")
	// What ended before must not take away the key of what came after.
	end(t, store, first, session.Ending{State: session.Failed, Message: "erro", At: at(2), FreeKey: true})
	wantEarlier(t, store, k, second)
}

func testKeyConcurrent(t *testing.T, store session.Store) {
	var (
		group sync.WaitGroup
		got   [8]session.ID
	)
	k := key("a", "f", session.NewID())
	for i := range got {
		group.Go(func() {
			id, err := store.Create(t.Context(), plan(40), k)
			if err != nil {
				t.Error(err)
			}
			got[i] = id
		})
	}
	group.Wait()
	for _, id := range got {
		if id != got[0] {
			t.Fatalf("one key made several sessions: %q", got)
		}
	}
	wantKinds(t, events(t, store, got[0]), "inicio")
}
