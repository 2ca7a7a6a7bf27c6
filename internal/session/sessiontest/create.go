package sessiontest

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/session"
	"ruptura/internal/wire"
)

var createCases = []testCase{
	{"the log begins with inicio", testStartEvent},
	{"mode and policy are told", testTogether},
	{"a new session waits in the queue", testQueued},
	{"what was asked comes back whole", testWhole},
	{"the sequence of the orders is kept", testSequence},
	{"sessions do not mix", testApart},
	{"an ID has one session", testTaken},
	{"an unknown session is unknown to every method", testUnknown},
	{"the store answers", func(t *testing.T, store session.Store) {
		if err := store.Ping(t.Context()); err != nil {
			t.Errorf("Ping = %v", err)
		}
	}},
}

func testStartEvent(t *testing.T, store session.Store) {
	s := create(t, store, 45)
	log := events(t, store, s.ID)
	wantKinds(t, log, "inicio")
	wantJSON(t, log[0], fmt.Sprintf(
		`{"id":1,"tipo":"inicio","session_id":%q,"total_pedidos":45,"lotes":3,"workers":2,"modo":"isolado"}`, s.ID))
}

func testTogether(t *testing.T, store session.Store) {
	s := plan(45)
	s.Mode, s.Policy = atp.Together, atp.Parts
	if _, err := store.Create(t.Context(), s, session.Key{}); err != nil {
		t.Fatal(err)
	}
	wantJSON(t, events(t, store, s.ID)[0], fmt.Sprintf(
		`{"id":1,"tipo":"inicio","session_id":%q,"total_pedidos":45,"lotes":3,"workers":2,"modo":"concorrente","politica":"parcial"}`, s.ID))
	if st := status(t, store, s.ID); st.Mode != atp.Together || st.Policy != atp.Parts {
		t.Errorf("status %s, %s", st.Mode, st.Policy)
	}
}

func testQueued(t *testing.T, store session.Store) {
	s := create(t, store, 45)
	wantStatus(t, status(t, store, s.ID), session.Status{
		State: session.Queued, Created: start(), Orders: 45, Lots: 3, Workers: 2, LastEvent: 1,
	})
}

func testWhole(t *testing.T, store session.Store) {
	want := &session.Session{
		ID: session.NewID(), Created: start().Add(123 * time.Millisecond),
		Spec: session.Spec{
			Orders: []atp.OrderNumber{"VCD/1", "Ação-2", `"3'`, "<4>", "a,b;c\td", "日本", "  6  "},
			Params: atp.Params{
				Today: atp.NewDay(2031, time.December, 31), Window: 9, Promise: 33, Lead: 2, StaleDays: 77,
				Criticality: atp.Thresholds{
					Low:      atp.Threshold{Lines: 3, Percent: 1},
					Medium:   atp.Threshold{Lines: 4, Percent: 20},
					Critical: atp.Threshold{Lines: 5, Percent: 3000},
				},
			},
			Mode: atp.Together, Policy: atp.WholeOrders,
			Priority: atp.Priority{Criteria: []atp.Criterion{{Key: atp.ByClient}, {Key: atp.ByValue, Descending: true}}, Clients: []string{"Ação; \"S.A.\"", "日本"}},
			Detail:   wire.Explained, LotSize: 3, ReadSize: math.MaxInt32, Workers: 7, Lang: lang.EN,
		},
	}
	if _, err := store.Create(t.Context(), want, session.Key{}); err != nil {
		t.Fatal(err)
	}
	got, err := store.Session(t.Context(), want.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Session differs (-want +got):\n%s", diff)
	}
}

func testSequence(t *testing.T, store session.Store) {
	s := plan(1000)
	slices.Reverse(s.Orders)
	s.Orders[3], s.Orders[700] = s.Orders[700], s.Orders[3]
	want := slices.Clone(s.Orders)
	if _, err := store.Create(t.Context(), s, session.Key{}); err != nil {
		t.Fatal(err)
	}
	got, err := store.Session(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Orders, want) {
		t.Error("the orders came back in another sequence")
	}
}

func testTaken(t *testing.T, store session.Store) {
	first := begun(t, store, 45)
	publish(t, store, first.ID, result(first, 0))
	before := status(t, store, first.ID)
	other := plan(20)
	other.ID, other.Created = first.ID, at(7)
	_, err := store.Create(t.Context(), other, session.Key{})
	wantError(t, "Create with the ID of another session", err, session.ErrTaken)
	wantStatus(t, status(t, store, first.ID), before)
	if kept, err := store.Session(t.Context(), first.ID); err != nil || len(kept.Orders) != 45 {
		t.Errorf("Session = %+v, %v", kept, err)
	}
	publish(t, store, first.ID, result(first, 1))
	publish(t, store, first.ID, result(first, 2))
	wantKinds(t, events(t, store, first.ID), "inicio", "resultados", "resultados", "resultados", "completo")
}

func testApart(t *testing.T, store session.Store) {
	one, two := begun(t, store, 60), begun(t, store, 60)
	publish(t, store, one.ID, result(one, 0))
	publish(t, store, two.ID, result(two, 0))
	publish(t, store, two.ID, result(two, 1))
	end(t, store, one.ID, session.Ending{State: session.Cancelled, Message: "cancelado", At: at(3)})
	wantKinds(t, events(t, store, one.ID), "inicio", "resultados", "erro")
	wantKinds(t, events(t, store, two.ID), "inicio", "resultados", "resultados")
	for want := range two.Jobs() {
		if n, ok, err := store.NextJob(t.Context(), two.ID, session.NoJob); err != nil || !ok || n != want {
			t.Errorf("NextJob = %d, %t, %v; want %d", n, ok, err, want)
		}
	}
}

func testUnknown(t *testing.T, store session.Store) {
	ctx := t.Context()
	create(t, store, 20)
	for name, call := range map[string]func() error{
		"Session": func() error { _, err := store.Session(ctx, unknownID); return err },
		"Begin":   func() error { _, err := store.Begin(ctx, unknownID, at(1)); return err },
		"NextJob": func() error { _, _, err := store.NextJob(ctx, unknownID, session.NoJob); return err },
		"Publish": func() error {
			_, err := store.Publish(ctx, unknownID, session.LotResult{Orders: 20, Body: body(0), At: at(1)})
			return err
		},
		"End": func() error {
			return store.End(ctx, unknownID, session.Ending{State: session.Failed, Message: "erro", At: at(1)})
		},
		"Status": func() error { _, err := store.Status(ctx, unknownID); return err },
		"Events": func() error { _, err := store.Events(ctx, unknownID, 0, 10); return err },
		"Follow": func() error { _, err := store.Follow(ctx, unknownID, 0); return err },
	} {
		wantError(t, name, call(), session.ErrUnknown)
		wantError(t, name+" again", call(), session.ErrUnknown) // the first call must not have made it known
	}
}

// wantStatus compares field by field; instants may differ in their zone.
func wantStatus(t *testing.T, got, want session.Status) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Status differs (-want +got):\n%s", diff)
	}
}
