package sessiontest

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"ruptura/internal/session"
)

// testModel runs random sequences of calls against a store and against the simplest thing that
// could be right.
func testModel(t *testing.T, store session.Store) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(t, rt, store)
		defer m.close()
		rt.Repeat(map[string]func(*rapid.T){
			"begin":   m.begin,
			"nextJob": m.nextJob,
			"publish": m.publish,
			"end":     m.end,
			"follow":  m.follow,
			"take":    m.take,
			"leave":   m.leave,
			"":        m.agree,
		})
	})
}

type model struct {
	t     *testing.T
	store session.Store
	s     *session.Session

	state     session.State
	next      int
	done      map[int]bool
	processed int
	kinds     []string
	readers   []*modelReader
}

// modelReader is a reader and the number of the last event it took.
type modelReader struct {
	session.Reader
	after int
}

func newModel(t *testing.T, rt *rapid.T, store session.Store) *model {
	t.Helper()
	s := plan(rapid.IntRange(1, 60).Draw(rt, "orders"))
	s.LotSize = rapid.IntRange(1, 20).Draw(rt, "lotSize")
	s.Workers = rapid.IntRange(1, 4).Draw(rt, "workers")
	if _, err := store.Create(t.Context(), s, session.Key{}); err != nil {
		rt.Fatal(err)
	}
	return &model{t: t, store: store, s: s, done: map[int]bool{}, kinds: []string{"inicio"}}
}

func (m *model) close() {
	for _, r := range m.readers {
		r.Close()
	}
}

func (m *model) begin(rt *rapid.T) {
	alive, err := m.store.Begin(m.t.Context(), m.s.ID, at(1))
	if err != nil || alive == m.state.Ended() {
		rt.Fatalf("Begin = %t, %v in state %v", alive, err, m.state)
	}
	if m.state == session.Queued {
		m.state = session.Running
	}
}

func (m *model) nextJob(rt *rapid.T) {
	n, ok, err := m.store.NextJob(m.t.Context(), m.s.ID, session.NoJob)
	want := !m.state.Ended() && m.next < m.s.Jobs()
	if err != nil || ok != want || ok && n != m.next {
		rt.Fatalf("NextJob = %d, %t, %v; want %d, %t", n, ok, err, m.next, want)
	}
	if ok {
		m.next++
	}
}

func (m *model) publish(rt *rapid.T) {
	i := rapid.IntRange(0, m.s.Lots()-1).Draw(rt, "lot")
	want := session.Published{Written: !m.state.Ended() && !m.done[i], Ended: m.state.Ended()}
	if want.Written {
		m.done[i] = true
		m.processed += len(m.s.Lot(i))
		m.kinds = append(m.kinds, "resultados")
		if len(m.done) == m.s.Lots() {
			m.state, want.Ended = session.Complete, true
			m.kinds = append(m.kinds, "completo")
		}
	}
	if got, err := m.store.Publish(m.t.Context(), m.s.ID, result(m.s, i)); err != nil || got != want {
		rt.Fatalf("Publish(lot %d) = %+v, %v; want %+v", i, got, err, want)
	}
}

func (m *model) end(rt *rapid.T) {
	if rapid.IntRange(0, 4).Draw(rt, "rarely") > 0 {
		rt.Skip("would end nearly every session early")
	}
	state := rapid.SampledFrom([]session.State{session.Failed, session.Cancelled}).Draw(rt, "state")
	if err := m.store.End(m.t.Context(), m.s.ID, session.Ending{State: state, Message: "fim", At: at(3)}); err != nil {
		rt.Fatal(err)
	}
	if !m.state.Ended() {
		m.state = state
		m.kinds = append(m.kinds, "erro")
	}
}

func (m *model) follow(rt *rapid.T) {
	after := rapid.IntRange(0, len(m.kinds)).Draw(rt, "after")
	r, err := m.store.Follow(m.t.Context(), m.s.ID, int64(after))
	if err != nil {
		rt.Fatal(err)
	}
	m.readers = append(m.readers, &modelReader{r, after})
}

func (m *model) reader(rt *rapid.T) int {
	if len(m.readers) == 0 {
		rt.Skip("nobody reads")
	}
	return rapid.IntRange(0, len(m.readers)-1).Draw(rt, "reader")
}

func (m *model) leave(rt *rapid.T) {
	i := m.reader(rt)
	m.readers[i].Close()
	m.readers = append(m.readers[:i], m.readers[i+1:]...)
}

func (m *model) take(rt *rapid.T) {
	r := m.readers[m.reader(rt)]
	limit := rapid.IntRange(1, 5).Draw(rt, "limit")
	want := min(limit, len(m.kinds)-r.after)
	got, last, err := m.takeUpTo(r, want, limit)
	if err != nil || len(got) != want || last != (m.state.Ended() && r.after+want == len(m.kinds)) {
		rt.Fatalf("Take(%d) after event %d of %d = %d events, last %t, error %v", limit, r.after, len(m.kinds), len(got), last, err)
	}
	checkLog(m.t, got, int64(r.after+1))
	r.after += len(got)
}

// takeUpTo takes in several bites, if it must be: what was published last may come a little later.
func (m *model) takeUpTo(r session.Reader, want, limit int) ([]session.Event, bool, error) {
	if want == 0 {
		return r.Take(m.t.Context(), limit)
	}
	var got []session.Event
	for {
		more, last, err := take(m.t.Context(), r, limit-len(got))
		got = append(got, more...)
		if len(got) >= want || last || err != nil {
			return got, last, err
		}
	}
}

// agree compares what can be seen of the session with the model.
func (m *model) agree(rt *rapid.T) {
	got, err := m.store.Status(m.t.Context(), m.s.ID)
	if err != nil {
		rt.Fatal(err)
	}
	if got.State != m.state || got.Processed != m.processed || got.LotsDone != len(m.done) || got.LastEvent != int64(len(m.kinds)) {
		rt.Fatalf("Status = %+v; want state %v, %d orders, %d lots, %d events",
			got, m.state, m.processed, len(m.done), len(m.kinds))
	}
	log := events(m.t, m.store, m.s.ID)
	if names := kinds(m.t, log); fmt.Sprint(names) != fmt.Sprint(m.kinds) {
		rt.Fatalf("the log holds %q, want %q", names, m.kinds)
	}
}
