package sessiontest

import (
	"sync"
	"sync/atomic"
	"testing"

	"ruptura/internal/session"
)

var endCases = []testCase{
	{"a failure is the last event", testFail},
	{"a waiting session can be cancelled", testCancelQueued},
	{"nothing is published after the end", testPublishAfterEnd},
	{"the end is final", testEndTwice},
	{"a complete session does not end again", testEndComplete},
	{"a message cannot break out of its event", testHostileMessage},
	{"of many ends one counts", testEndConcurrent},
}

func testFail(t *testing.T, store session.Store) {
	s := begun(t, store, 45)
	publish(t, store, s.ID, result(s, 0))
	end(t, store, s.ID, session.Ending{State: session.Failed, Message: "não há memória", At: at(5)})
	wantStatus(t, status(t, store, s.ID), session.Status{
		State: session.Failed, Created: start(), Begun: at(1), Done: at(5), Orders: 45, Lots: 3,
		Processed: 20, LotsDone: 1, Workers: 2, LastEvent: 3,
	})
	log := events(t, store, s.ID)
	wantKinds(t, log, "inicio", "resultados", "erro")
	wantJSON(t, log[2], `{"id":3,"tipo":"erro","error":"não há memória","processados":20,"total_pedidos":45}`)
}

func testCancelQueued(t *testing.T, store session.Store) {
	s := create(t, store, 45)
	end(t, store, s.ID, session.Ending{State: session.Cancelled, Message: "cancelado", At: at(5)})
	wantStatus(t, status(t, store, s.ID), session.Status{
		State: session.Cancelled, Created: start(), Done: at(5), Orders: 45, Lots: 3, Workers: 2, LastEvent: 2,
	})
	log := events(t, store, s.ID)
	wantKinds(t, log, "inicio", "erro")
	wantJSON(t, log[1], `{"id":2,"tipo":"erro","error":"cancelado","processados":0,"total_pedidos":45}`)
}

func testPublishAfterEnd(t *testing.T, store session.Store) {
	s := begun(t, store, 45)
	end(t, store, s.ID, session.Ending{State: session.Cancelled, Message: "cancelado", At: at(5)})
	before := status(t, store, s.ID)
	p, err := store.Publish(t.Context(), s.ID, result(s, 0))
	if err != nil || p.Written || !p.Ended {
		t.Errorf("Publish after the end = %+v, %v; want ended, not written", p, err)
	}
	wantStatus(t, status(t, store, s.ID), before)
	wantKinds(t, events(t, store, s.ID), "inicio", "erro")
}

func testEndTwice(t *testing.T, store session.Store) {
	s := begun(t, store, 45)
	end(t, store, s.ID, session.Ending{State: session.Failed, Message: "primeiro", At: at(5)})
	before, log := status(t, store, s.ID), events(t, store, s.ID)
	end(t, store, s.ID, session.Ending{State: session.Cancelled, Message: "segundo", At: at(6)})
	wantStatus(t, status(t, store, s.ID), before)
	wantSameLog(t, events(t, store, s.ID), log)
}

func testEndComplete(t *testing.T, store session.Store) {
	s := begun(t, store, 20)
	publishAll(t, store, s)
	before, log := status(t, store, s.ID), events(t, store, s.ID)
	end(t, store, s.ID, session.Ending{State: session.Cancelled, Message: "cancelado", At: at(6)})
	wantStatus(t, status(t, store, s.ID), before)
	wantSameLog(t, events(t, store, s.ID), log)
}

func testHostileMessage(t *testing.T, store session.Store) {
	message := "a\n\ndata: {}\r\nid: 9\u2028<script>\x00\"}"
	s := begun(t, store, 20)
	end(t, store, s.ID, session.Ending{State: session.Failed, Message: message, At: at(5)})
	log := events(t, store, s.ID) // which looks for line ends
	if got := decode(t, log[1]).Error; got != message {
		t.Errorf("message %q came out as %q", message, got)
	}
}

func testEndConcurrent(t *testing.T, store session.Store) {
	s := begun(t, store, 40)
	publish(t, store, s.ID, result(s, 0))
	var (
		group   sync.WaitGroup
		written atomic.Int32
	)
	for range 4 {
		group.Go(func() {
			e := session.Ending{State: session.Cancelled, Message: "cancelado", At: at(5)}
			if err := store.End(t.Context(), s.ID, e); err != nil {
				t.Error(err)
			}
		})
		group.Go(func() {
			p, err := store.Publish(t.Context(), s.ID, result(s, 1))
			if err != nil || !p.Ended {
				t.Errorf("Publish = %+v, %v; want ended, by this lot or by cancelling", p, err)
			}
			if p.Written {
				written.Add(1)
			}
		})
	}
	group.Wait()
	log := events(t, store, s.ID)
	switch got := status(t, store, s.ID); got.State {
	case session.Complete:
		wantKinds(t, log, "inicio", "resultados", "resultados", "completo")
	case session.Cancelled:
		wantKinds(t, log, "inicio", "resultados", "erro")
	default:
		t.Errorf("state %v after the end", got.State)
	}
	if int(written.Load()) != len(log)-3 {
		t.Errorf("%d publications succeeded, the log holds %q", written.Load(), kinds(t, log))
	}
}
