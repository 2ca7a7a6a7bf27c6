package sessiontest

import (
	"testing"

	"ruptura/internal/session"
)

var followCases = []testCase{
	{"before, during and after the work the events are the same", testFollowAnytime},
	{"a reader may begin after any event", testFollowFromAnywhere},
	{"a reader gets what comes while it reads", testFollowLive},
	{"the end is told with the last event, not before", testFollowLast},
	{"an end that is known already is told", testFollowEnded},
	{"what was not taken makes another value", testReadyUntilTaken},
	{"what comes before the first look makes a value", testReadyBefore},
	{"taking unasked is allowed", testTakeUnasked},
	{"an early end reaches readers", testFollowError},
	{"a reader that never takes harms nobody", testIdleReader},
	{"a reader may leave in the middle", testCloseInTheMiddle},
	{"readers of one session do not hear of another", testReadersApart},
}

func testFollowAnytime(t *testing.T, store session.Store) {
	s := begun(t, store, 100)
	before := follow(t, store, s.ID, 0)
	publish(t, store, s.ID, result(s, 0))
	publish(t, store, s.ID, result(s, 1))
	during := follow(t, store, s.ID, 0)
	for i := 2; i < s.Lots(); i++ {
		publish(t, store, s.ID, result(s, i))
	}
	after := follow(t, store, s.ID, 0)
	log := events(t, store, s.ID)
	for _, r := range []session.Reader{before, during, after} {
		wantRest(t, r, 3, log)
	}
}

func testFollowFromAnywhere(t *testing.T, store session.Store) {
	s := begun(t, store, 100)
	for i := range s.Lots() - 1 {
		publish(t, store, s.ID, result(s, i))
	}
	known := int64(len(events(t, store, s.ID)))
	readers := map[int64]session.Reader{}
	for after := range known + 1 {
		readers[after] = follow(t, store, s.ID, after)
	}
	publish(t, store, s.ID, result(s, s.Lots()-1))
	log := events(t, store, s.ID)
	for after, r := range readers {
		wantRest(t, r, 2, log[after:])
	}
}

func testFollowLive(t *testing.T, store session.Store) {
	s := begun(t, store, 100)
	r := follow(t, store, s.ID, 0)
	got := takeN(t, r, 1)
	for i := range s.Lots() - 1 {
		wantNothing(t, r)
		publish(t, store, s.ID, result(s, i))
		got = concat(got, takeN(t, r, 1))
	}
	publish(t, store, s.ID, result(s, s.Lots()-1))
	rest, err := drain(t.Context(), r, 1)
	if err != nil {
		t.Fatal(err)
	}
	wantSameLog(t, concat(got, rest), events(t, store, s.ID))
}

func testFollowLast(t *testing.T, store session.Store) {
	s := begun(t, store, 20)
	r := follow(t, store, s.ID, 0)
	publishAll(t, store, s)
	for _, want := range []struct {
		kind string
		last bool
	}{{"inicio", false}, {"resultados", false}, {"completo", true}} {
		got, last, err := take(t.Context(), r, 1)
		if err != nil || len(got) != 1 {
			t.Fatalf("Take = %d events, %v; want one", len(got), err)
		}
		if kind := decode(t, got[0]).Kind; kind != want.kind || last != want.last {
			t.Errorf("took %q, last %t; want %q, last %t", kind, last, want.kind, want.last)
		}
	}
	if got, last, err := r.Take(t.Context(), 1); len(got) > 0 || !last || err != nil {
		t.Errorf("Take after the last event = %d events, last %t, error %v; want none, last", len(got), last, err)
	}
}

func testFollowEnded(t *testing.T, store session.Store) {
	s := begun(t, store, 20)
	publishAll(t, store, s)
	r := follow(t, store, s.ID, int64(len(events(t, store, s.ID))))
	got, last, err := take(t.Context(), r, all)
	if err != nil || !last || len(got) > 0 {
		t.Errorf("Take = %d events, last %t, error %v; want none, last", len(got), last, err)
	}
}

func testReadyUntilTaken(t *testing.T, store session.Store) {
	s := begun(t, store, 200)
	r := follow(t, store, s.ID, 0)
	publishAll(t, store, s)
	log := events(t, store, s.ID)
	for i := range log {
		if err := ready(t.Context(), r); err != nil {
			t.Fatalf("after %d of %d events: %v", i, len(log), err)
		}
		got, last, err := r.Take(t.Context(), 1)
		if err != nil || last != (i == len(log)-1) {
			t.Fatalf("event %d: last %t, error %v", i+1, last, err)
		}
		wantSameLog(t, got, log[i:i+1])
	}
}

func testReadyBefore(t *testing.T, store session.Store) {
	s := begun(t, store, 100)
	r := follow(t, store, s.ID, 1)
	for i := range 3 {
		publish(t, store, s.ID, result(s, i))
	}
	if err := ready(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

func testTakeUnasked(t *testing.T, store session.Store) {
	s := begun(t, store, 100)
	r := follow(t, store, s.ID, 0)
	if got, last, err := r.Take(t.Context(), 10); len(got) != 1 || last || err != nil {
		t.Fatalf("Take = %d events, last %t, error %v; want the first event", len(got), last, err)
	}
	wantNothing(t, r)
	if got, last, err := r.Take(t.Context(), 0); len(got) != 0 || last || err != nil {
		t.Fatalf("Take of nothing = %d events, last %t, error %v", len(got), last, err)
	}
	publishAll(t, store, s)
	if got, last, err := r.Take(t.Context(), 0); len(got) != 0 || last || err != nil {
		t.Fatalf("Take of nothing = %d events, last %t, error %v", len(got), last, err)
	}
	wantRest(t, r, all, events(t, store, s.ID)[1:])
}

func testFollowError(t *testing.T, store session.Store) {
	s := begun(t, store, 100)
	r := follow(t, store, s.ID, 0)
	takeN(t, r, 1)
	publish(t, store, s.ID, result(s, 0))
	end(t, store, s.ID, session.Ending{State: session.Cancelled, Message: "cancelado", At: at(3)})
	log := events(t, store, s.ID)
	wantKinds(t, log, "inicio", "resultados", "erro")
	wantRest(t, r, 1, log[1:])
}

func testIdleReader(t *testing.T, store session.Store) {
	s := begun(t, store, 400)
	idle := follow(t, store, s.ID, 0)
	busy := follow(t, store, s.ID, 0)
	publishAll(t, store, s)
	log := events(t, store, s.ID)
	wantRest(t, busy, 7, log)
	wantRest(t, idle, 7, log) // and loses nothing itself
}

func testCloseInTheMiddle(t *testing.T, store session.Store) {
	s := begun(t, store, 100)
	stays := follow(t, store, s.ID, 0)
	leaves, err := store.Follow(t.Context(), s.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	publish(t, store, s.ID, result(s, 0))
	seen := takeN(t, leaves, 1)
	leaves.Close()
	for i := 1; i < s.Lots(); i++ {
		publish(t, store, s.ID, result(s, i))
	}
	log := events(t, store, s.ID)
	wantRest(t, stays, 2, log)
	back := follow(t, store, s.ID, seen[0].ID)
	wantRest(t, back, 2, log[1:])
}

func testReadersApart(t *testing.T, store session.Store) {
	one, two := begun(t, store, 40), begun(t, store, 40)
	r := follow(t, store, one.ID, 1)
	publishAll(t, store, two)
	wantNothing(t, r)
	publishAll(t, store, one)
	wantRest(t, r, 1, events(t, store, one.ID)[1:])
}
