package redis_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"ruptura/internal/redistest"
	"ruptura/internal/session"
	"ruptura/internal/session/redis"
	"ruptura/internal/wire"
)

// memory has room for about ten small sessions.
const memory = 400_000

// small is the number of orders of a session whose reservation is about a tenth of memory.
const small = 30

func narrow() redis.Config {
	c := config()
	c.Memory = memory
	return c
}

// fill creates sessions until there is no room left.
func fill(t *testing.T, store session.Store) []*session.Session {
	t.Helper()
	var kept []*session.Session
	for {
		s := plan(small)
		_, err := store.Create(t.Context(), s, session.Key{})
		if errors.Is(err, session.ErrFull) {
			return kept
		}
		if err != nil {
			t.Fatal(err)
		}
		if kept = append(kept, s); len(kept) > 1000 {
			t.Fatal("the store takes everything")
		}
	}
}

func wantWithin(t *testing.T, store *redis.Store, limit int64) {
	t.Helper()
	if _, bytes, err := store.Usage(t.Context()); err != nil || bytes > limit {
		t.Fatalf("%d bytes used of %d, %v", bytes, limit, err)
	}
}

func TestRunningSessionsKeepTheirRoom(t *testing.T) {
	store := fresh(t, narrow())
	kept := fill(t, store)
	if len(kept) < 5 || len(kept) > 20 {
		t.Errorf("%d sessions let in, want about ten", len(kept))
	}
	for _, s := range kept { // whoever was let in can finish, at the size expected
		finish(t, store, s, 1000)
		wantWithin(t, store, memory)
	}
}

func TestOldestFinishedGoFirst(t *testing.T) {
	store := fresh(t, narrow())
	kept := fill(t, store)
	for i, s := range slices.Backward(kept) { // the last begun finishes first
		if i != 2 {
			finish(t, store, s, 1000)
			now := time.Now().UnixMilli() // by which the registry sorts
			until(t, "the next millisecond", func() bool { return time.Now().UnixMilli() > now })
		}
	}
	for gone := len(kept) - 1; gone >= 4; gone-- {
		for isKnown(t, store, kept[gone].ID) {
			create(t, store, small)
			wantWithin(t, store, memory)
		}
		if !isKnown(t, store, kept[gone-1].ID) {
			t.Errorf("session %d went before its turn", gone-1)
		}
	}
	if !isKnown(t, store, kept[2].ID) {
		t.Error("a running session was forgotten")
	}
}

func TestRefusedRequestCostsNobodyAnything(t *testing.T) {
	store := fresh(t, narrow())
	running, finished := create(t, store, small), create(t, store, small)
	finish(t, store, finished, 100)
	create(t, store, 9*small)
	_, err := store.Create(t.Context(), plan(9*small), session.Key{Caller: "a", Value: "k"})
	if !errors.Is(err, session.ErrFull) || errors.Is(err, session.ErrTooLarge) {
		t.Errorf("Create = %v, want ErrFull alone", err)
	}
	if !isKnown(t, store, finished.ID) || !isKnown(t, store, running.ID) {
		t.Error("a request that was refused pushed others out")
	}
	wantUsage(t, store, 3)
}

func TestWhatNeverFitsIsToldApart(t *testing.T) {
	store := fresh(t, narrow())
	items := plan(4 * small) // would fit without its items
	items.Detail = wire.Items
	for name, s := range map[string]*session.Session{"many orders": plan(50 * small), "items": items} {
		_, err := store.Create(t.Context(), s, session.Key{})
		if !errors.Is(err, session.ErrTooLarge) || !errors.Is(err, session.ErrFull) {
			t.Errorf("Create(%s) = %v, want ErrTooLarge", name, err)
		}
	}
	wantUsage(t, store, 0)
}

func TestOutgrowingTheLogEndsTheSessionThatDoes(t *testing.T) {
	store := fresh(t, narrow())
	innocent, finished, greedy := create(t, store, small), create(t, store, small), create(t, store, 100)
	finish(t, store, finished, 100)
	r := follow(t, store, greedy.ID, 0)
	publish(t, store, greedy, 0, memory/3)
	publish(t, store, greedy, 1, memory/3)
	if p := publish(t, store, greedy, 2, memory/3); !p.Ended {
		t.Errorf("Publish beyond the limit = %+v, want written and ended", p)
	}
	wantWithin(t, store, memory+memory/3+memory/16)
	takeN(t, r, 5) // inicio, three lots and erro
	st, err := store.Status(t.Context(), greedy.ID)
	if err != nil || st.State != session.Failed || st.Processed != 60 {
		t.Errorf("Status = %+v, %v; want it failed after 60 orders", st, err)
	}
	finish(t, store, innocent, 100) // and nobody else suffers
	wantWithin(t, store, memory)
}

// A last lot cannot end the session any earlier, so it may go beyond the limit; but such excess
// must not add up.
func TestLargeLastLotsDoNotAddUp(t *testing.T) {
	store := fresh(t, narrow())
	const large = memory / 4
	running := fill(t, store)
	for _, s := range running {
		publish(t, store, s, 0, 1000)
	}
	for _, s := range running {
		if p := publish(t, store, s, 1, large); !p.Ended {
			t.Fatalf("last lot: %+v", p)
		}
		wantWithin(t, store, memory+large+large/16)
		if st, err := store.Status(t.Context(), s.ID); err != nil || st.State != session.Complete {
			t.Fatalf("Status right after the end = %v, %v; want complete", st.State, err)
		}
	}
}

// What has expired makes room by itself, whether it has ended or nobody has finished it.
func TestWhatExpiresMakesRoom(t *testing.T) {
	c := narrow()
	c.TTL = 60 * time.Millisecond
	store := fresh(t, c)
	kept := fill(t, store)
	finish(t, store, kept[0], 100)
	until(t, "room", func() bool {
		_, err := store.Create(t.Context(), plan(9*small), session.Key{})
		if err != nil && !errors.Is(err, session.ErrFull) {
			t.Fatal(err)
		}
		return err == nil
	})
}

// The registry hears of a session's writes late; who lives must not be forgotten for it.
func TestWhoIsOnlySilentToTheRegistryKeepsItsRoom(t *testing.T) {
	c := narrow()
	c.TTL = 300 * time.Millisecond
	store := fresh(t, c)
	s := create(t, store, 20*small/2)
	begins, next := time.Now(), 0
	until(t, "several lives", func() bool {
		if next < s.Lots()-1 && time.Since(begins) > time.Duration(next)*c.TTL/4 {
			publish(t, store, s, next, 1)
			next++
		}
		_, err := store.Create(t.Context(), plan(7*small), session.Key{})
		if !errors.Is(err, session.ErrFull) {
			t.Fatalf("Create = %v, want ErrFull", err)
		}
		return time.Since(begins) > 3*c.TTL
	})
}

// Redis itself may be out of memory: then nothing is written, not a part of it.
func TestRedisOutOfMemory(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", config())
	s := create(t, store, 60)
	publish(t, store, s, 0, 100)
	server.Do(t, "CONFIG", "SET", "maxmemory", "1")
	_, err := store.Publish(t.Context(), s.ID, lot(s, 1, 100))
	if !errors.Is(err, session.ErrFull) {
		t.Errorf("Publish = %v, want ErrFull", err)
	}
	if _, err := store.Create(t.Context(), plan(20), session.Key{}); !errors.Is(err, session.ErrFull) {
		t.Errorf("Create = %v, want ErrFull", err)
	}
	st, err := store.Status(t.Context(), s.ID)
	if err != nil || st.Processed != 20 || st.LastEvent != 2 {
		t.Errorf("Status = %+v, %v; want one lot", st, err)
	}
	server.Do(t, "CONFIG", "SET", "maxmemory", "0")
	publish(t, store, s, 1, 100)
	publish(t, store, s, 2, 100)
	wantUsage(t, store, 1)
}
