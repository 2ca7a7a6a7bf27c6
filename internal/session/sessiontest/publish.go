package sessiontest

import (
	"testing"

	"ruptura/internal/session"
)

var publishCases = []testCase{
	{"each lot says how far the session is", testResultsEvents},
	{"lots may come in any sequence", testLotsInAnySequence},
	{"progress never says 100 early", testProgress},
	{"a lot is written once", testLotTwice},
	{"a lot may be written in parts", testParts},
	{"what overlaps with what is written is refused", testPartsOverlap},
	{"the last lot completes the session", testComplete},
	{"a session of one lot", testOneLot},
	{"the body may be used again", testBodyReused},
}

func testResultsEvents(t *testing.T, store session.Store) {
	s := begun(t, store, 45)
	for i, want := range []session.Status{
		{Processed: 20, LotsDone: 1, LastEvent: 2},
		{Processed: 40, LotsDone: 2, LastEvent: 3, Failed: 3},
	} {
		lot := result(s, i)
		lot.Failed = 3 * i
		if p := publish(t, store, s.ID, lot); p.Ended {
			t.Errorf("the session has ended with lot %d", i)
		}
		want.State, want.Created, want.Begun = session.Running, start(), at(1)
		want.Orders, want.Lots, want.Workers = 45, 3, 2
		wantStatus(t, status(t, store, s.ID), want)
	}
	log := events(t, store, s.ID)
	wantKinds(t, log, "inicio", "resultados", "resultados")
	wantJSON(t, log[1], `{"id":2,"tipo":"resultados","lote":1,"resultados":[],
		"processados":20,"com_erro":0,"total_pedidos":45,"progresso":44.4}`)
	wantJSON(t, log[2], `{"id":3,"tipo":"resultados","lote":2,"resultados":[],
		"processados":40,"com_erro":3,"total_pedidos":45,"progresso":88.8}`)
}

func testLotsInAnySequence(t *testing.T, store session.Store) {
	s := begun(t, store, 85)
	for i, lot := range []int{4, 1, 3, 0, 2} { // lot 4 has five orders
		if p := publish(t, store, s.ID, result(s, lot)); p.Ended != (i == 4) {
			t.Errorf("lot %d, published as number %d: ended %t", lot, i+1, p.Ended)
		}
	}
	log := events(t, store, s.ID)
	wantKinds(t, log, "inicio", "resultados", "resultados", "resultados", "resultados", "resultados", "completo")
	for i, processed := range []int{5, 25, 45, 65, 85} {
		if got := decode(t, log[i+1]).Processed; got != processed {
			t.Errorf("event %d: %d orders processed, want %d", i+2, got, processed)
		}
	}
}

func testProgress(t *testing.T, store session.Store) {
	s := plan(2001)
	s.LotSize = 1000
	if _, err := store.Create(t.Context(), s, session.Key{}); err != nil {
		t.Fatal(err)
	}
	publishAll(t, store, s)
	log := events(t, store, s.ID)
	for i, want := range []float64{49.9, 99.9, 100} {
		if got := decode(t, log[i+1]).Progress; got != want {
			t.Errorf("progress after lot %d: %v, want %v", i, got, want)
		}
	}
}

func testLotTwice(t *testing.T, store session.Store) {
	s := begun(t, store, 45)
	publish(t, store, s.ID, result(s, 1))
	again := result(s, 1)
	again.Failed, again.Body = 20, []byte(`"lote":2,"outra":true`)
	p, err := store.Publish(t.Context(), s.ID, again)
	if err != nil || p.Written || p.Ended {
		t.Errorf("Publish of a lot that is done = %+v, %v; want neither written nor ended", p, err)
	}
	wantKinds(t, events(t, store, s.ID), "inicio", "resultados")
	if got := status(t, store, s.ID); got.Processed != 20 || got.Failed != 0 || got.LotsDone != 1 {
		t.Errorf("Status = %+v, want 20 orders of one lot", got)
	}
}

func testComplete(t *testing.T, store session.Store) {
	s := begun(t, store, 45)
	publish(t, store, s.ID, result(s, 0))
	publish(t, store, s.ID, result(s, 1))
	last := result(s, 2)
	last.Failed, last.At = 2, at(7)
	if p := publish(t, store, s.ID, last); !p.Ended {
		t.Error("the last lot did not end the session")
	}
	want := session.Status{
		State: session.Complete, Created: start(), Begun: at(1), Done: at(7), Orders: 45, Lots: 3,
		Processed: 45, Failed: 2, LotsDone: 3, Workers: 2, LastEvent: 5,
	}
	wantStatus(t, status(t, store, s.ID), want)
	log := events(t, store, s.ID)
	wantKinds(t, log, "inicio", "resultados", "resultados", "resultados", "completo")
	wantJSON(t, log[4], `{"id":5,"tipo":"completo","completo":true,
		"processados":45,"com_erro":2,"total_pedidos":45,"duracao_ms":7000}`)
	for i := range s.Lots() {
		p, err := store.Publish(t.Context(), s.ID, result(s, i))
		if err != nil || p.Written || !p.Ended {
			t.Errorf("Publish(lot %d) after the end = %+v, %v; want ended, not written", i, p, err)
		}
	}
	wantStatus(t, status(t, store, s.ID), want)
	wantKinds(t, events(t, store, s.ID), "inicio", "resultados", "resultados", "resultados", "completo")
}

func testOneLot(t *testing.T, store session.Store) {
	s := begun(t, store, 1)
	if p := publish(t, store, s.ID, result(s, 0)); !p.Ended {
		t.Error("the only lot did not end the session")
	}
	wantKinds(t, events(t, store, s.ID), "inicio", "resultados", "completo")
}

func testBodyReused(t *testing.T, store session.Store) {
	s := begun(t, store, 45)
	lot := result(s, 0)
	publish(t, store, s.ID, lot)
	for i := range lot.Body {
		lot.Body[i] = 'x'
	}
	if got := decode(t, events(t, store, s.ID)[1]); got.Lot != 1 {
		t.Errorf("the event changed with the worker's memory: %+v", got)
	}
}

// part is orders [skip, skip+orders) of lot i.
func part(i, skip, orders int) session.LotResult {
	return session.LotResult{Lot: i, Skip: skip, Orders: orders, Body: body(i), At: at(2)}
}

func testParts(t *testing.T, store session.Store) {
	s := begun(t, store, 45)
	for _, step := range []struct {
		lot                 session.LotResult
		processed, lotsDone int
		ended               bool
	}{
		{part(0, 10, 10), 10, 0, false},
		{part(2, 0, 4), 14, 0, false},
		{part(1, 0, 20), 34, 1, false},
		{part(0, 0, 5), 39, 1, false},
		{part(2, 4, 1), 40, 2, false},
		{part(0, 5, 5), 45, 3, true},
	} {
		if p := publish(t, store, s.ID, step.lot); p.Ended != step.ended {
			t.Errorf("after %d orders: ended %t", step.processed, p.Ended)
		}
		if got := status(t, store, s.ID); got.Processed != step.processed || got.LotsDone != step.lotsDone {
			t.Errorf("Status = %d orders, %d lots; want %d and %d", got.Processed, got.LotsDone, step.processed, step.lotsDone)
		}
	}
	wantKinds(t, events(t, store, s.ID),
		"inicio", "resultados", "resultados", "resultados", "resultados", "resultados", "resultados", "completo")
}

func testPartsOverlap(t *testing.T, store session.Store) {
	s := begun(t, store, 45)
	publish(t, store, s.ID, part(0, 10, 5))
	publish(t, store, s.ID, part(1, 0, 20))
	for _, lot := range []session.LotResult{part(0, 0, 20), part(0, 10, 10), part(0, 14, 1), part(0, 5, 6), part(1, 0, 20), part(1, 19, 1)} {
		p, err := store.Publish(t.Context(), s.ID, lot)
		if err != nil || p.Written || p.Ended {
			t.Errorf("Publish(%+v) = %+v, %v; want neither written nor ended", lot, p, err)
		}
	}
	publish(t, store, s.ID, part(0, 15, 5))
	if got := status(t, store, s.ID); got.Processed != 30 || got.LotsDone != 1 {
		t.Errorf("Status = %d orders, %d lots; want 30 and 1", got.Processed, got.LotsDone)
	}
}
