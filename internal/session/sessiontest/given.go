package sessiontest

import (
	"fmt"
	"testing"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/session"
)

const lotSize = 20

// start is when the sessions of the suite are created. Its steps are whole milliseconds: an
// engine may keep no more.
func start() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

// at is the instant some seconds after the start.
func at(seconds int) time.Time { return start().Add(time.Duration(seconds) * time.Second) }

func today() atp.Day { return atp.NewDay(2026, time.March, 2) }

// plan is a session with that many orders, not yet created.
func plan(orders int) *session.Session {
	s := &session.Session{ID: session.NewID(), Created: start(), Spec: session.Spec{
		Params: atp.DefaultParams(today()), LotSize: lotSize, Workers: 2, Lang: lang.PT,
	}}
	for i := range orders {
		s.Orders = append(s.Orders, atp.OrderNumber(fmt.Sprintf("P%06d", i)))
	}
	return s
}

// create keeps a session with that many orders.
func create(t *testing.T, store session.Store, orders int) *session.Session {
	t.Helper()
	s := plan(orders)
	id, err := store.Create(t.Context(), s, session.Key{})
	if err != nil {
		t.Fatal(err)
	}
	if id != s.ID {
		t.Fatalf("Create = %q, want the session's own ID %q", id, s.ID)
	}
	return s
}

// begun keeps a session and begins it.
func begun(t *testing.T, store session.Store, orders int) *session.Session {
	t.Helper()
	s := create(t, store, orders)
	if alive, err := store.Begin(t.Context(), s.ID, at(1)); err != nil || !alive {
		t.Fatalf("Begin = %t, %v; want true", alive, err)
	}
	return s
}

// body is what a worker says of lot i.
func body(i int) []byte { return fmt.Appendf(nil, `"lote":%d,"resultados":[]`, i+1) }

// result is lot i of s, without failures, finished two seconds after the start.
func result(s *session.Session, i int) session.LotResult {
	return session.LotResult{Lot: i, Orders: len(s.Lot(i)), Body: body(i), At: at(2)}
}

// publish writes a lot that must be accepted.
func publish(t *testing.T, store session.Store, id session.ID, lot session.LotResult) session.Published {
	t.Helper()
	p, err := store.Publish(t.Context(), id, lot)
	if err != nil || !p.Written {
		t.Fatalf("Publish(lot %d) = %+v, %v; want it written", lot.Lot, p, err)
	}
	return p
}

// publishAll writes all lots of s in sequence.
func publishAll(t *testing.T, store session.Store, s *session.Session) {
	t.Helper()
	for i := range s.Lots() {
		publish(t, store, s.ID, result(s, i))
	}
}

// end ends a session early.
func end(t *testing.T, store session.Store, id session.ID, e session.Ending) {
	t.Helper()
	if err := store.End(t.Context(), id, e); err != nil {
		t.Fatal(err)
	}
}

func status(t *testing.T, store session.Store, id session.ID) session.Status {
	t.Helper()
	got, err := store.Status(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
