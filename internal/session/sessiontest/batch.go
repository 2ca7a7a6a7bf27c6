package sessiontest

import (
	"slices"
	"testing"

	"ruptura/internal/session"
)

var batchCases = []testCase{
	{"several lots at once are written as one by one", testBatch},
	{"the last lot of a batch completes the session", testBatchComplete},
	{"what a batch finds written it leaves", testBatchWritten},
	{"a batch may be repeated", testBatchRepeated},
	{"an empty batch changes nothing", testBatchEmpty},
	{"a batch of a session nobody knows", testBatchUnknown},
	{"a batch after the end is refused", testBatchEnded},
	{"a job's last lots give out the next job, once", testLastLots},
	{"lots of no lot give out no job", testWrongLastLots},
}

// inBatches is the store as one that is asked for several lots at once. The engines that need not be
// are let off.
func inBatches(t *testing.T, store session.Store) session.BatchStore {
	t.Helper()
	batch, ok := store.(session.BatchStore)
	if !ok {
		t.Skip("this engine writes lots one by one")
	}
	return batch
}

// wantBatch publishes lots of a session and checks what became of each.
func wantBatch(t *testing.T, store session.Store, s *session.Session, lots []int, want ...session.Published) {
	t.Helper()
	results := make([]session.LotResult, len(lots))
	for i, lot := range lots {
		results[i] = result(s, lot)
	}
	got, err := inBatches(t, store).PublishAll(t.Context(), s.ID, results)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("PublishAll(lots %v) = %+v, %v; want %+v", lots, got, err, want)
	}
}

var (
	wasWritten = session.Published{Written: true}
	wasRefused = session.Published{}
	wasLast    = session.Published{Written: true, Ended: true}
	wasOver    = session.Published{Ended: true}
)

func testBatch(t *testing.T, store session.Store) {
	together, apart := begun(t, store, 100), begun(t, store, 100)
	wantBatch(t, store, together, []int{3, 0, 1}, wasWritten, wasWritten, wasWritten)
	for _, lot := range []int{3, 0, 1} {
		publish(t, store, apart.ID, result(apart, lot))
	}
	wantStatus(t, status(t, store, together.ID), status(t, store, apart.ID))
	wantSameLog(t, events(t, store, together.ID)[1:], events(t, store, apart.ID)[1:])
}

func testBatchComplete(t *testing.T, store session.Store) {
	s := begun(t, store, 45)
	r := follow(t, store, s.ID, 0)
	wantBatch(t, store, s, []int{2, 1, 0}, wasWritten, wasWritten, wasLast)
	log := events(t, store, s.ID)
	wantKinds(t, log, "inicio", "resultados", "resultados", "resultados", "completo")
	wantRest(t, r, 2, log)
}

func testBatchWritten(t *testing.T, store session.Store) {
	s := begun(t, store, 100)
	publish(t, store, s.ID, result(s, 1))
	wantBatch(t, store, s, []int{0, 1, 2, 2}, wasWritten, wasRefused, wasWritten, wasRefused)
	if got := status(t, store, s.ID); got.Processed != 60 || got.LotsDone != 3 {
		t.Errorf("Status = %d orders, %d lots; want 60 and 3", got.Processed, got.LotsDone)
	}
}

func testBatchRepeated(t *testing.T, store session.Store) {
	s := begun(t, store, 45)
	wantBatch(t, store, s, []int{0, 1}, wasWritten, wasWritten)
	wantBatch(t, store, s, []int{0, 1}, wasRefused, wasRefused)
	wantBatch(t, store, s, []int{0, 1, 2}, wasRefused, wasRefused, wasLast)
	wantBatch(t, store, s, []int{0, 1, 2}, wasOver, wasOver, wasOver)
	wantKinds(t, events(t, store, s.ID), "inicio", "resultados", "resultados", "resultados", "completo")
}

func testBatchEmpty(t *testing.T, store session.Store) {
	s := begun(t, store, 45)
	before := status(t, store, s.ID)
	wantBatch(t, store, s, nil)
	wantStatus(t, status(t, store, s.ID), before)
}

func testBatchUnknown(t *testing.T, store session.Store) {
	got, err := inBatches(t, store).PublishAll(t.Context(), unknownID, []session.LotResult{part(0, 0, 20), part(1, 0, 20)})
	wantError(t, "PublishAll of an unknown session", err, session.ErrUnknown)
	if len(got) > 0 {
		t.Errorf("PublishAll of an unknown session = %+v", got)
	}
}

func testBatchEnded(t *testing.T, store session.Store) {
	s := begun(t, store, 45)
	end(t, store, s.ID, session.Ending{State: session.Cancelled, Message: "cancelado", At: at(3)})
	wantBatch(t, store, s, []int{0, 1}, wasOver, wasOver)
	wantKinds(t, events(t, store, s.ID), "inicio", "erro")
}

// lastOf publishes the last lots of a job and checks which job that gives out, NoJob for none.
func lastOf(t *testing.T, store session.Store, s *session.Session, finished, want int, lots ...int) {
	t.Helper()
	results := make([]session.LotResult, len(lots))
	for i, lot := range lots {
		results[i] = result(s, lot)
	}
	_, next, ok, err := inBatches(t, store).PublishLast(t.Context(), s.ID, results, finished)
	if !ok {
		next = session.NoJob
	}
	if err != nil || next != want {
		t.Fatalf("PublishLast(lots %v) of job %d gives out %d, %v; want %d", lots, finished, next, err, want)
	}
}

func testLastLots(t *testing.T, store session.Store) {
	s := begun(t, store, 4*session.MaxJobLots*20) // a job or more for each of 2 workers
	if s.Jobs() != 4 {
		t.Fatalf("%d jobs, want 4", s.Jobs())
	}
	for range 2 {
		if _, _, err := store.NextJob(t.Context(), s.ID, session.NoJob); err != nil {
			t.Fatal(err)
		}
	}
	lastOf(t, store, s, 0, 2, 0, 1)
	lastOf(t, store, s, 0, session.NoJob, 0, 1) // told again
	lastOf(t, store, s, 0, session.NoJob, 2)    // even with lots that had not been written
	lastOf(t, store, s, 1, 3, 5)
	lastOf(t, store, s, 2, session.NoJob, 10) // there are no more
	if got := status(t, store, s.ID); got.LotsDone != 5 {
		t.Errorf("%d lots are done, want 5", got.LotsDone)
	}
	end(t, store, s.ID, session.Ending{State: session.Cancelled, Message: "cancelado", At: at(3)})
	lastOf(t, store, s, 3, session.NoJob, 15)
}

func testWrongLastLots(t *testing.T, store session.Store) {
	s := begun(t, store, 4*session.MaxJobLots*20)
	wrong := result(s, 1)
	wrong.Skip = 20
	published, _, ok, err := inBatches(t, store).PublishLast(t.Context(), s.ID, []session.LotResult{result(s, 0), wrong}, 0)
	if err == nil || ok || len(published) != 1 {
		t.Errorf("PublishLast = %+v, %t, %v; want one lot written, no job and an error", published, ok, err)
	}
	if number, ok, err := store.NextJob(t.Context(), s.ID, 0); err != nil || !ok || number != 0 {
		t.Errorf("NextJob = %d, %t, %v; want the first one", number, ok, err)
	}
}
