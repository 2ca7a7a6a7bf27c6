package sessiontest

import (
	"bytes"
	"math"
	"testing"

	"ruptura/internal/session"
)

var logCases = []testCase{
	{"any part of the log can be read", testEventsParts},
	{"what does not exist cannot be resumed from", testEventsBeyond},
	{"events stay as they were", testEventsStay},
}

func testEventsParts(t *testing.T, store session.Store) {
	s := begun(t, store, 100)
	publishAll(t, store, s)
	whole := events(t, store, s.ID)
	last := int64(len(whole))
	for after := range last + 1 {
		for _, limit := range []int{0, 1, 2, 3, int(last), math.MaxInt} {
			got, err := store.Events(t.Context(), s.ID, after, limit)
			if err != nil {
				t.Fatalf("Events(after %d, limit %d): %v", after, limit, err)
			}
			wantSameLog(t, got, whole[after:][:min(limit, len(whole[after:]))])
		}
	}
}

func testEventsBeyond(t *testing.T, store session.Store) {
	s := begun(t, store, 100)
	publish(t, store, s.ID, result(s, 0))
	for _, after := range []int64{3, 4, 1000, math.MaxInt64, -1, math.MinInt64} {
		_, err := store.Events(t.Context(), s.ID, after, 10)
		wantError(t, "Events beyond the log", err, session.ErrBeyond)
		r, err := store.Follow(t.Context(), s.ID, after)
		wantError(t, "Follow beyond the log", err, session.ErrBeyond)
		if r != nil {
			t.Errorf("Follow(after %d) gave a reader with its error", after)
		}
	}
}

func testEventsStay(t *testing.T, store session.Store) {
	s := begun(t, store, 100)
	publish(t, store, s.ID, result(s, 0))
	early := events(t, store, s.ID)
	for i := 1; i < s.Lots(); i++ {
		publish(t, store, s.ID, result(s, i))
	}
	wantSameLog(t, events(t, store, s.ID)[:len(early)], early)
}

func wantSameLog(t testing.TB, got, want []session.Event) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d events, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i].ID != want[i].ID || !bytes.Equal(got[i].Data, want[i].Data) {
			t.Fatalf("event %d: %s, want event %d: %s", got[i].ID, got[i].Data, want[i].ID, want[i].Data)
		}
	}
}
