package local_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ruptura/internal/session"
	"ruptura/internal/session/local"
	"ruptura/internal/wire"
)

// memory has room for about ten small sessions.
const memory = 400_000

// small is the number of orders of a session whose reservation is about a tenth of memory.
const small = 30

// fill creates sessions until there is no room left.
func fill(t *testing.T, store *local.Store) []*session.Session {
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

func wantWithin(t *testing.T, store *local.Store, limit int64) {
	t.Helper()
	if _, bytes := store.Usage(); bytes > limit {
		t.Fatalf("%d bytes used of %d", bytes, limit)
	}
}

func TestRunningSessionsKeepTheirRoom(t *testing.T) {
	inBubble(t, memory, func(t *testing.T, store *local.Store) {
		kept := fill(t, store)
		if len(kept) < 5 || len(kept) > 20 {
			t.Errorf("%d sessions let in, want about ten", len(kept))
		}
		for _, s := range kept { // whoever was let in can finish, at the size expected
			finish(t, store, s, 1000)
			wantWithin(t, store, memory)
		}
	})
}

func TestOldestFinishedGoFirst(t *testing.T) {
	inBubble(t, memory, func(t *testing.T, store *local.Store) {
		kept := fill(t, store)
		for i, s := range slices.Backward(kept) { // the last begun finishes first
			if i != 2 {
				finish(t, store, s, 1000)
			}
		}
		for gone := len(kept) - 1; gone >= 4; gone-- {
			for isKnown(t, store, kept[gone]) {
				create(t, store, small)
				wantWithin(t, store, memory)
			}
			if !isKnown(t, store, kept[gone-1]) {
				t.Errorf("session %d went before its turn", gone-1)
			}
		}
		if !isKnown(t, store, kept[2]) {
			t.Error("a running session was forgotten")
		}
	})
}

func TestRefusedRequestCostsNobodyAnything(t *testing.T) {
	inBubble(t, memory, func(t *testing.T, store *local.Store) {
		running, finished := create(t, store, small), create(t, store, small)
		finish(t, store, finished, 100)
		large := plan(9 * small)
		if _, err := store.Create(t.Context(), large, session.Key{}); err != nil {
			t.Fatalf("Create of what fits = %v", err)
		}
		_, err := store.Create(t.Context(), plan(9*small), session.Key{Caller: "a", Value: "k"})
		if !errors.Is(err, session.ErrFull) || errors.Is(err, session.ErrTooLarge) {
			t.Errorf("Create = %v, want ErrFull alone", err)
		}
		if !isKnown(t, store, finished) || !isKnown(t, store, running) {
			t.Error("a request that was refused pushed others out")
		}
		wantUsage(t, store, 3)
	})
}

func TestWhatNeverFitsIsToldApart(t *testing.T) {
	inBubble(t, memory, func(t *testing.T, store *local.Store) {
		_, err := store.Create(t.Context(), plan(50*small), session.Key{})
		if !errors.Is(err, session.ErrTooLarge) || !errors.Is(err, session.ErrFull) {
			t.Errorf("Create = %v, want ErrTooLarge", err)
		}
		items := plan(2 * small) // would fit without its items
		items.Detail = wire.Items
		if _, err := store.Create(t.Context(), items, session.Key{}); err != nil {
			t.Errorf("Create with items = %v", err)
		}
		items = plan(4 * small)
		items.Detail = wire.Items
		if _, err := store.Create(t.Context(), items, session.Key{}); !errors.Is(err, session.ErrTooLarge) {
			t.Errorf("Create with too many items = %v, want ErrTooLarge", err)
		}
	})
}

func TestOutgrowingTheLogEndsTheSessionThatDoes(t *testing.T) {
	inBubble(t, memory, func(t *testing.T, store *local.Store) {
		innocent, finished, greedy := create(t, store, small), create(t, store, small), create(t, store, 100)
		finish(t, store, finished, 100)
		r, err := store.Follow(t.Context(), greedy.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		publish(t, store, greedy, 0, memory/3)
		publish(t, store, greedy, 1, memory/3)
		if p := publish(t, store, greedy, 2, memory/3); !p.Written || !p.Ended {
			t.Errorf("Publish beyond the limit = %+v, want written and ended", p)
		}
		wantWithin(t, store, memory+memory/3)
		got, last, err := r.Take(t.Context(), 100)
		if err != nil || !last || len(got) != 5 {
			t.Fatalf("Take = %d events, last %t, %v; want inicio, three lots and erro", len(got), last, err)
		}
		st, err := store.Status(t.Context(), greedy.ID)
		if err != nil || st.State != session.Failed || st.Processed != 60 {
			t.Errorf("Status = %+v, %v; want it failed after 60 orders", st, err)
		}
		finish(t, store, innocent, 100) // and nobody else suffers
		wantWithin(t, store, memory)
	})
}

// A last lot cannot end the session any earlier, so it may go beyond the limit; but such excess
// must not add up.
func TestLargeLastLotsDoNotAddUp(t *testing.T) {
	inBubble(t, memory, func(t *testing.T, store *local.Store) {
		const large = memory / 4
		running := fill(t, store)
		for _, s := range running {
			publish(t, store, s, 0, 1000)
		}
		for _, s := range running {
			if p := publish(t, store, s, 1, large); !p.Written || !p.Ended {
				t.Fatalf("last lot: %+v", p)
			}
			wantWithin(t, store, memory+large)
			if st, err := store.Status(t.Context(), s.ID); err != nil || st.State != session.Complete {
				t.Fatalf("Status right after the end = %v, %v; want complete", st.State, err)
			}
		}
		wantWithin(t, store, memory+large)
	})
}

func TestReadersOfWhatWasPushedOutGetTheRest(t *testing.T) {
	inBubble(t, memory, func(t *testing.T, store *local.Store) {
		s := create(t, store, small)
		r, err := store.Follow(t.Context(), s.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		finish(t, store, s, 100)
		fill(t, store)
		if isKnown(t, store, s) {
			t.Fatal("the finished session was not pushed out")
		}
		for i := range 4 {
			<-r.Ready()
			got, last, err := r.Take(t.Context(), 1)
			if err != nil || len(got) != 1 || last != (i == 3) {
				t.Fatalf("Take %d = %d events, last %t, %v", i, len(got), last, err)
			}
		}
	})
}

// Whatever happens, what is charged never goes beyond the limit by more than one lot, the sums
// agree, and nothing is left when all lives are over.
func TestRoomIsAccountedFor(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		const largest = 60_000
		inBubble(t, memory, func(t *testing.T, store *local.Store) {
			var sessions []*session.Session
			next := map[session.ID]int{}
			for range rapid.IntRange(1, 60).Draw(rt, "steps") {
				action := rapid.IntRange(0, 9).Draw(rt, "action")
				switch {
				case action < 3 || len(sessions) == 0:
					s := plan(rapid.IntRange(1, 200).Draw(rt, "orders"))
					s.Detail = rapid.SampledFrom([]wire.Detail{wire.Summary, wire.Items}).Draw(rt, "detail")
					if _, err := store.Create(t.Context(), s, session.Key{Caller: "a", Value: string(s.ID)}); err == nil {
						sessions = append(sessions, s)
					} else if !errors.Is(err, session.ErrFull) {
						rt.Fatal(err)
					}
				case action < 8:
					s := rapid.SampledFrom(sessions).Draw(rt, "session")
					if i := next[s.ID]; i < s.Lots() && isKnown(t, store, s) {
						publish(t, store, s, i, rapid.IntRange(0, largest).Draw(rt, "size"))
						next[s.ID]++
					}
				case action < 9:
					s := rapid.SampledFrom(sessions).Draw(rt, "session")
					err := store.End(t.Context(), s.ID, session.Ending{State: session.Cancelled, FreeKey: action%2 == 0})
					if err != nil && !errors.Is(err, session.ErrUnknown) {
						rt.Fatal(err)
					}
				default:
					pass(ttl / time.Duration(rapid.IntRange(1, 20).Draw(rt, "pause")))
				}
				if _, bytes := store.Usage(); bytes > memory+largest+1000 || bytes < 0 {
					rt.Fatalf("%d bytes used of %d", bytes, memory)
				}
			}
		})
	})
}
