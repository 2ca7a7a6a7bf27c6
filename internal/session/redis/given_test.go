package redis_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/session"
	"ruptura/internal/session/redis"
)

// patience bounds what would otherwise hang; no test waits for it to pass.
const patience = 20 * time.Second

// until looks again and again until it sees what it wants: Redis tells nobody when a key expires.
func until(t testing.TB, what string, look func() bool) {
	t.Helper()
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	hang := time.NewTimer(patience)
	defer hang.Stop()
	for !look() {
		select {
		case <-again.C:
		case <-hang.C:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// start is when the sessions of the tests are created.
func start() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

func plan(orders int) *session.Session {
	s := &session.Session{ID: session.NewID(), Created: start(), Spec: session.Spec{LotSize: 20, Workers: 2}}
	for i := range orders {
		s.Orders = append(s.Orders, atp.OrderNumber(fmt.Sprintf("P%06d", i)))
	}
	return s
}

func create(t testing.TB, store session.Store, orders int) *session.Session {
	t.Helper()
	s := plan(orders)
	if _, err := store.Create(t.Context(), s, session.Key{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// lot is lot i with a body of at least that many bytes.
func lot(s *session.Session, i, size int) session.LotResult {
	body := fmt.Appendf(nil, `"lote":%d,"resultados":[]`, i+1)
	for len(body) < size {
		body = append(body, ' ')
	}
	return session.LotResult{Lot: i, Orders: len(s.Lot(i)), Body: body, At: start().Add(time.Second)}
}

func publish(t testing.TB, store session.Store, s *session.Session, i, size int) session.Published {
	t.Helper()
	p, err := store.Publish(t.Context(), s.ID, lot(s, i, size))
	if err != nil || !p.Written {
		t.Fatalf("Publish(lot %d) = %+v, %v; want it written", i, p, err)
	}
	return p
}

// finish publishes all lots, with that many bytes for each order.
func finish(t testing.TB, store session.Store, s *session.Session, each int) {
	t.Helper()
	for i := range s.Lots() {
		publish(t, store, s, i, each*len(s.Lot(i)))
	}
}

func isKnown(t testing.TB, store session.Store, id session.ID) bool {
	t.Helper()
	_, err := store.Status(t.Context(), id)
	if err != nil && !errors.Is(err, session.ErrUnknown) {
		t.Fatal(err)
	}
	return err == nil
}

func follow(t testing.TB, store session.Store, id session.ID, after int64) session.Reader {
	t.Helper()
	r, err := store.Follow(t.Context(), id, after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// take waits for at least one event or the end.
func take(t testing.TB, r session.Reader, limit int) (events []session.Event, last bool, err error) {
	t.Helper()
	hang := time.NewTimer(patience)
	defer hang.Stop()
	for {
		select {
		case <-r.Ready():
		case <-hang.C:
			t.Fatal("the reader was not woken")
		}
		events, last, err = r.Take(t.Context(), limit)
		if len(events) > 0 || last || err != nil && !errors.Is(err, session.ErrUnavailable) {
			return events, last, err
		}
	}
}

// takeN takes exactly n events.
func takeN(t testing.TB, r session.Reader, n int) []session.Event {
	t.Helper()
	var log []session.Event
	for len(log) < n {
		events, _, err := take(t, r, n-len(log))
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, events...)
	}
	return log
}

// wantNumbers checks that events follow each other from that number on.
func wantNumbers(t testing.TB, events []session.Event, first int64) {
	t.Helper()
	for i, e := range events {
		if e.ID != first+int64(i) {
			t.Fatalf("event %d comes as number %d", e.ID, first+int64(i))
		}
	}
}

func wantUsage(t testing.TB, store *redis.Store, sessions int) {
	t.Helper()
	n, bytes, err := store.Usage(t.Context())
	if err != nil || n != sessions || n == 0 && bytes != 0 {
		t.Errorf("Usage = %d sessions, %d bytes, %v; want %d sessions", n, bytes, err, sessions)
	}
}
