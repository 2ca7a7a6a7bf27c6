package local_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/session"
	"ruptura/internal/session/local"
)

const ttl = 15 * time.Minute

// inBubble runs a test with a store of that much memory, where time costs nothing.
func inBubble(t *testing.T, memory int64, test func(*testing.T, *local.Store)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store := local.New(local.Config{TTL: ttl, Memory: memory})
		defer store.Close()
		test(t, store)
		pass(ttl)
		wantUsage(t, store, 0)
	})
}

// pass lets time pass in a bubble, and what happens at its end happen.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// wantUsage checks the number of sessions kept; without any, nothing may be charged for.
func wantUsage(t *testing.T, store *local.Store, sessions int) {
	t.Helper()
	n, bytes := store.Usage()
	if n != sessions || n == 0 && bytes != 0 {
		t.Errorf("Usage = %d sessions, %d bytes; want %d sessions", n, bytes, sessions)
	}
}

func plan(orders int) *session.Session {
	s := &session.Session{ID: session.NewID(), Created: time.Now(), Spec: session.Spec{LotSize: 20, Workers: 2}}
	for i := range orders {
		s.Orders = append(s.Orders, atp.OrderNumber(fmt.Sprintf("P%06d", i)))
	}
	return s
}

func create(t *testing.T, store *local.Store, orders int) *session.Session {
	t.Helper()
	s := plan(orders)
	if _, err := store.Create(t.Context(), s, session.Key{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// publish writes lot i with a body of that many bytes.
func publish(t *testing.T, store *local.Store, s *session.Session, i, size int) session.Published {
	t.Helper()
	lot := session.LotResult{Lot: i, Orders: len(s.Lot(i)), Body: []byte(`"resto":null`), At: time.Now()}
	for len(lot.Body) < size {
		lot.Body = append(lot.Body, ' ')
	}
	p, err := store.Publish(t.Context(), s.ID, lot)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// finish publishes all lots, with that many bytes for each order.
func finish(t *testing.T, store *local.Store, s *session.Session, each int) {
	t.Helper()
	for i := range s.Lots() {
		if p := publish(t, store, s, i, each*len(s.Lot(i))); !p.Written {
			t.Fatalf("lot %d was not written", i)
		}
	}
}

func isKnown(t *testing.T, store *local.Store, s *session.Session) bool {
	t.Helper()
	_, err := store.Status(t.Context(), s.ID)
	if err != nil && !errors.Is(err, session.ErrUnknown) {
		t.Fatal(err)
	}
	return err == nil
}

func TestSessionLivesItsTimeAfterEachChange(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*testing.T, *local.Store, *session.Session)
		renews bool
	}{
		{"begin", func(t *testing.T, store *local.Store, s *session.Session) {
			if _, err := store.Begin(t.Context(), s.ID, time.Now()); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"job", func(t *testing.T, store *local.Store, s *session.Session) {
			if _, ok, err := store.NextJob(t.Context(), s.ID, session.NoJob); err != nil || !ok {
				t.Fatal(ok, err)
			}
		}, true},
		{"lot", func(t *testing.T, store *local.Store, s *session.Session) { publish(t, store, s, 0, 100) }, true},
		{"last lot", func(t *testing.T, store *local.Store, s *session.Session) { finish(t, store, s, 100) }, true},
		{"end", func(t *testing.T, store *local.Store, s *session.Session) {
			if err := store.End(t.Context(), s.ID, session.Ending{State: session.Failed}); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"reading", func(t *testing.T, store *local.Store, s *session.Session) {
			r, err := store.Follow(t.Context(), s.ID, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if _, _, err := r.Take(t.Context(), 10); err != nil {
				t.Fatal(err)
			}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, 1<<20, func(t *testing.T, store *local.Store) {
				s := create(t, store, 60)
				pass(ttl - time.Nanosecond)
				c.change(t, store, s)
				pass(ttl - time.Nanosecond)
				if got := isKnown(t, store, s); got != c.renews {
					t.Errorf("known after %v: %t, want %t", 2*ttl, got, c.renews)
				}
				pass(time.Nanosecond)
				if isKnown(t, store, s) {
					t.Error("known at the end of its life")
				}
			})
		})
	}
}

// A change at the very moment at which a life ends either comes too late or renews it whole.
func TestChangeAtTheMomentOfExpiry(t *testing.T) {
	for range 200 {
		inBubble(t, 1<<20, func(t *testing.T, store *local.Store) {
			s := create(t, store, 60)
			<-time.After(ttl) // the store's timer goes off at this moment too
			_, err := store.Publish(t.Context(), s.ID, session.LotResult{Orders: 20, Body: []byte(`"a":1`), At: time.Now()})
			late := errors.Is(err, session.ErrUnknown)
			if err != nil && !late {
				t.Fatal(err)
			}
			pass(ttl - 1)
			if isKnown(t, store, s) == late {
				t.Errorf("written: %t, known afterwards: %t", !late, late)
			}
		})
	}
}

func TestKeyLivesAsLongAsItsSession(t *testing.T) {
	inBubble(t, 1<<20, func(t *testing.T, store *local.Store) {
		key := session.Key{Caller: "a", Value: "k", Fingerprint: "f"}
		first, second := plan(20), plan(20)
		if _, err := store.Create(t.Context(), first, key); err != nil {
			t.Fatal(err)
		}
		pass(ttl)
		key.Fingerprint = "another request"
		if got, err := store.Create(t.Context(), second, key); err != nil || got != second.ID {
			t.Errorf("Create with a key that has expired = %q, %v; want a new session", got, err)
		}
	})
}

func TestFreedKeyStaysWithWhoeverTookIt(t *testing.T) {
	inBubble(t, 1<<20, func(t *testing.T, store *local.Store) {
		key := session.Key{Caller: "a", Value: "k", Fingerprint: "f"}
		first, second := plan(20), plan(20)
		if _, err := store.Create(t.Context(), first, key); err != nil {
			t.Fatal(err)
		}
		if err := store.End(t.Context(), first.ID, session.Ending{State: session.Failed, FreeKey: true}); err != nil {
			t.Fatal(err)
		}
		pass(ttl / 2)
		if got, err := store.Create(t.Context(), second, key); err != nil || got != second.ID {
			t.Fatalf("Create with a key that is free = %q, %v; want a new session", got, err)
		}
		pass(ttl / 2)
		if isKnown(t, store, first) {
			t.Fatal("the first session is still known")
		}
		if got, err := store.Create(t.Context(), plan(20), key); err != nil || got != second.ID {
			t.Errorf("Create = %q, %v; want the second session, %q", got, err, second.ID)
		}
	})
}

func TestReadersLearnOfExpiry(t *testing.T) {
	inBubble(t, 1<<20, func(t *testing.T, store *local.Store) {
		s := create(t, store, 60)
		r, err := store.Follow(t.Context(), s.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		publish(t, store, s, 0, 100)
		pass(ttl + 1)
		<-r.Ready()
		if got, last, err := r.Take(t.Context(), 10); len(got) != 2 || last || err != nil {
			t.Fatalf("Take = %d events, last %t, %v; want what had been written", len(got), last, err)
		}
		<-r.Ready()
		if _, _, err := r.Take(t.Context(), 10); !errors.Is(err, session.ErrUnknown) {
			t.Errorf("Take = %v, want ErrUnknown", err)
		}
	})
}

func TestCloseTellsReadersAndForgets(t *testing.T) {
	inBubble(t, 1<<20, func(t *testing.T, store *local.Store) {
		s := create(t, store, 60)
		r, err := store.Follow(t.Context(), s.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		told := make(chan error)
		go func() {
			<-r.Ready()
			_, _, err := r.Take(t.Context(), 10)
			for err == nil {
				<-r.Ready()
				_, _, err = r.Take(t.Context(), 10)
			}
			told <- err
		}()
		synctest.Wait()
		store.Close()
		if err := <-told; !errors.Is(err, session.ErrUnknown) {
			t.Errorf("Take after Close = %v, want ErrUnknown", err)
		}
		wantUsage(t, store, 0)
	})
}
