package redis_test

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ruptura/internal/redistest"
	"ruptura/internal/session"
	"ruptura/internal/session/redis"
)

// signed are the lots of a session as one process would prepare them, with its name in each.
func signed(s *session.Session, name string) iter.Seq2[session.LotResult, error] {
	return func(yield func(session.LotResult, error) bool) {
		var body []byte // used again, as a worker does
		for i := range s.Lots() {
			l := lot(s, i, 100)
			body = fmt.Appendf(body[:0], `"de":%q,%s`, name, l.Body)
			l.Body = body
			if i == 1 {
				l.Failed = 3
			}
			if !yield(l, nil) {
				return
			}
		}
	}
}

// asPrepared are lots to be published as they were prepared.
func asPrepared(s *session.Session, first, end int) []session.LotResult {
	var lots []session.LotResult
	for i := first; i < end; i++ {
		l := lot(s, i, 0)
		l.Body = nil
		lots = append(lots, l)
	}
	return lots
}

// ofTwo runs a test on a store of one process and one of another, alone and on a cluster.
func ofTwo(t *testing.T, run func(t *testing.T, one, other *redis.Store)) {
	t.Run("one server", func(t *testing.T) {
		server, prefix := redistest.Shared(t)
		run(t, open(t, server.URL(), prefix, config()), open(t, server.URL(), prefix, config()))
	})
	t.Run("a cluster", func(t *testing.T) {
		cluster := redistest.StartCluster(t)
		run(t, open(t, cluster.URL(), "", config()), open(t, cluster.URL(), "", config()))
	})
}

// Whoever publishes, and whoever else prepares later, the results are those of the first.
func TestFirstToPrepareIsPublished(t *testing.T) {
	ofTwo(t, func(t *testing.T, one, other *redis.Store) {
		ctx := t.Context()
		s := create(t, one, 50)
		if _, ok, err := other.Prepared(ctx, s.ID); ok || err != nil {
			t.Fatalf("Prepared = %t, %v before anybody has", ok, err)
		}
		for _, err := range []error{one.Prepare(ctx, s.ID, signed(s, "um")), other.Prepare(ctx, s.ID, signed(s, "outro"))} {
			if err != nil {
				t.Fatal(err)
			}
		}
		failed, ok, err := other.Prepared(ctx, s.ID)
		if err != nil || !ok || !maps.Equal(failed, map[int]int{1: 3}) {
			t.Fatalf("Prepared = %v, %t, %v; want 3 failed orders in lot 1", failed, ok, err)
		}
		got, err := other.PublishAll(ctx, s.ID, asPrepared(s, 1, 3))
		if err != nil || len(got) != 2 || !got[0].Written || !got[1].Written {
			t.Fatalf("PublishAll = %+v, %v", got, err)
		}
		again, err := one.PublishAll(ctx, s.ID, asPrepared(s, 0, 3))
		want := []session.Published{{Written: true, Ended: true}, {Ended: true}, {Ended: true}}
		if err != nil || !slices.Equal(again, want) {
			t.Fatalf("PublishAll again = %+v, %v; want %+v", again, err, want)
		}
		wantSignatures(t, one, s, 3, `"de":"um"`)
		if _, ok, err := one.Prepared(ctx, s.ID); ok || err != nil {
			t.Errorf("Prepared = %t, %v after the end", ok, err)
		}
	})
}

// wantSignatures fails unless a session's log has n results, each with a text.
func wantSignatures(t *testing.T, store session.Store, s *session.Session, n int, text string) {
	t.Helper()
	events, err := store.Events(t.Context(), s.ID, 0, 100)
	if err != nil || len(events) != n+2 {
		t.Fatalf("%d events, %v; want %d", len(events), err, n+2)
	}
	for _, e := range events[1 : n+1] {
		if !strings.Contains(string(e.Data), text) {
			t.Errorf("event %d is %s; want it to hold %s", e.ID, e.Data, text)
		}
	}
}

func TestNothingIsPublishedThatWasNotPrepared(t *testing.T) {
	ofTwo(t, func(t *testing.T, one, _ *redis.Store) {
		s := create(t, one, 40)
		got, err := one.PublishAll(t.Context(), s.ID, asPrepared(s, 0, 2))
		if !errors.Is(err, session.ErrUnprepared) || len(got) != 0 {
			t.Fatalf("PublishAll = %+v, %v; want ErrUnprepared", got, err)
		}
		if events, err := one.Events(t.Context(), s.ID, 0, 10); err != nil || len(events) != 1 {
			t.Errorf("%d events, %v; want the first alone", len(events), err)
		}
	})
}

// What was published otherwise, as after a read that failed, stays; the rest comes as prepared.
func TestPreparedBesidePublished(t *testing.T) {
	ofTwo(t, func(t *testing.T, one, other *redis.Store) {
		s := create(t, one, 60)
		publish(t, one, s, 1, 100)
		if err := other.Prepare(t.Context(), s.ID, signed(s, "um")); err != nil {
			t.Fatal(err)
		}
		got, err := one.PublishAll(t.Context(), s.ID, asPrepared(s, 0, 3))
		want := []session.Published{{Written: true}, {}, {Written: true, Ended: true}}
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("PublishAll = %+v, %v; want %+v", got, err, want)
		}
	})
}

// A session that is cancelled leaves nothing behind, and what a dead process has drafted goes with time.
func TestPreparedGoesWithItsSession(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", config())
	s := create(t, store, 40)
	died := func(yield func(session.LotResult, error) bool) {
		l := lot(s, 0, 300<<10)
		if yield(l, nil) {
			server.Do(t, "SCRIPT", "FLUSH")
			panic("killed")
		}
	}
	func() {
		defer func() { _ = recover() }()
		_ = store.Prepare(t.Context(), s.ID, died)
	}()
	if err := store.Prepare(t.Context(), s.ID, signed(s, "um")); err != nil {
		t.Fatal(err)
	}
	if err := store.End(t.Context(), s.ID, session.Ending{State: session.Cancelled, At: start()}); err != nil {
		t.Fatal(err)
	}
	drafts, ok := server.Do(t, "KEYS", "ruptura:{"+string(s.ID)+"}:preparados*").([]any)
	if !ok || len(drafts) != 1 {
		t.Fatalf("left: %v; want the draft of who died", drafts)
	}
	left, ok := server.Do(t, "PTTL", drafts[0]).(int64)
	if !ok || left <= 0 || time.Duration(left)*time.Millisecond > config().TTL {
		t.Errorf("the draft lives %v ms more", left)
	}
}

// Lots that cannot all be made are not kept at all.
func TestPreparedWhollyOrNotAtAll(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", config())
	s := create(t, store, 40)
	broken := errors.New("broken")
	err := store.Prepare(t.Context(), s.ID, func(yield func(session.LotResult, error) bool) {
		if yield(lot(s, 0, 300<<10), nil) {
			yield(session.LotResult{}, broken)
		}
	})
	if !errors.Is(err, broken) {
		t.Fatalf("Prepare = %v, want the error of its lots", err)
	}
	if left, ok := server.Do(t, "KEYS", "ruptura:{"+string(s.ID)+"}:preparados*").([]any); !ok || len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestPrepareWhileRedisIsAway(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", config())
	s := create(t, store, 40)
	server.Stop(t)
	if err := store.Prepare(t.Context(), s.ID, signed(s, "um")); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Prepare = %v, want ErrUnavailable", err)
	}
	if _, _, err := store.Prepared(t.Context(), s.ID); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Prepared = %v, want ErrUnavailable", err)
	}
}
