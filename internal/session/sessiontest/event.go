package sessiontest

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/session"
)

// all is a limit that no log of the suite reaches.
const all = 1 << 20

// events is the whole log. It checks what holds of every log: the numbers 1, 2, 3 …, each
// repeated inside, and JSON on one line.
func events(t *testing.T, store session.Store, id session.ID) []session.Event {
	t.Helper()
	log, err := store.Events(t.Context(), id, 0, all)
	if err != nil {
		t.Fatal(err)
	}
	checkLog(t, log, 1)
	return log
}

// checkLog checks events that follow each other, the first of them with that number.
func checkLog(t testing.TB, log []session.Event, first int64) {
	t.Helper()
	for i, e := range log {
		if e.ID != first+int64(i) {
			t.Fatalf("event %d of the log has number %d, want %d", i, e.ID, first+int64(i))
		}
		if got := decode(t, e).ID; got != e.ID {
			t.Fatalf("event %d says inside that it is %d", e.ID, got)
		}
		if bytes.ContainsAny(e.Data, "\r\n") {
			t.Fatalf("event %d is on more than one line: %q", e.ID, e.Data)
		}
	}
}

// event is what the suite reads of an event's JSON.
type event struct {
	ID        int64   `json:"id"`
	Kind      string  `json:"tipo"`
	Lot       int     `json:"lote"`
	Processed int     `json:"processados"`
	Failed    int     `json:"com_erro"`
	Total     int     `json:"total_pedidos"`
	Progress  float64 `json:"progresso"`
	Error     string  `json:"error"`
}

func (e event) last() bool { return e.Kind == "completo" || e.Kind == "erro" }

func decode(t testing.TB, e session.Event) event {
	t.Helper()
	var d event
	if err := json.Unmarshal(e.Data, &d); err != nil {
		t.Fatalf("event %d: %v in %q", e.ID, err, e.Data)
	}
	return d
}

// kinds are the kinds of the log's events.
func kinds(t *testing.T, log []session.Event) []string {
	t.Helper()
	names := make([]string, 0, len(log))
	for _, e := range log {
		names = append(names, decode(t, e).Kind)
	}
	return names
}

func wantKinds(t *testing.T, log []session.Event, want ...string) {
	t.Helper()
	if got := kinds(t, log); !slices.Equal(got, want) {
		t.Fatalf("the log holds %q, want %q", got, want)
	}
}

// wantJSON compares an event with the JSON expected, members in any sequence.
func wantJSON(t *testing.T, e session.Event, want string) {
	t.Helper()
	var got, wanted any
	if err := json.Unmarshal(e.Data, &got); err != nil {
		t.Fatalf("event %d: %v in %q", e.ID, err, e.Data)
	}
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("event %d differs (-want +got):\n%s", e.ID, diff)
	}
}
