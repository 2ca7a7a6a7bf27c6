package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ruptura/internal/atp"
	"ruptura/internal/session"
	"ruptura/internal/wire"
)

// FuzzBatch gives the reader of batches any bytes: it refuses them with a problem, or what it
// takes is within the contract and reads the same when written plainly.
func FuzzBatch(f *testing.F) {
	for _, seed := range []string{
		`{"pedidos":["A"]}`, `{"todos":true,"primeiro":["A"]}`, `{"filtro":{"uf":"SP","importante":true},"modo":"isolado"}`,
		`{"pedidos":["A"],"pedidos":null}`, `{"PEDIDOS":[]}`, `{"pedidos":["\ud800"]}`, `{"filtro":[]}`, `[]`, ``, `{"pedidos":[1]}`,
		`{"filtro":{"q":1e999}}`, `{"":1}`, "{\"pedidos\":[\"\xff\"]}", `{"filtro":{"uf":"SP","uf":"RJ"}}`, `{"filtro": null, "todos":true}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		asked, err := decodeBatch(body)
		if err != nil {
			wantRefusal(t, err)
			return
		}
		if !utf8.Valid(body) {
			t.Fatalf("taken: %q", body)
		}
		if _, err := asked.filter(); err != nil {
			wantRefusal(t, err)
		}
		if asked.Orders == nil {
			return
		}
		numbers, err := orderNumbers("pedidos", *asked.Orders, 1)
		if err != nil {
			wantRefusal(t, err)
			return
		}
		plain, err := json.Marshal(map[string]any{"pedidos": numbers})
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeBatch(plain)
		if err != nil {
			t.Fatalf("%s: %v", plain, err)
		}
		for i, n := range numbers {
			if (*again.Orders)[i] != string(n) || strings.ContainsAny(string(n), "\x00\r\n") {
				t.Fatalf("%q became %q", n, (*again.Orders)[i])
			}
		}
	})
}

// wantRefusal checks that an error is a problem that can be told.
func wantRefusal(t *testing.T, err error) {
	t.Helper()
	var p *problem
	if !errors.As(err, &p) || p.status >= http.StatusInternalServerError {
		t.Fatalf("refused with %v", err)
	}
	w := httptest.NewRecorder()
	writeProblem(w, httptest.NewRequest(http.MethodPost, "/", http.NoBody), p)
	if w.Body.Len() > 20_000 || !json.Valid(w.Body.Bytes()) {
		t.Fatalf("told in %d bytes: %s", w.Body.Len(), w.Body)
	}
}

// FuzzFraming puts any text into everything that an event carries of users' own: the stream must
// still be read as exactly those events.
func FuzzFraming(f *testing.F) {
	for _, seed := range []string{"A", "a\r\nid: 9\r\n\r\ndata: {}", "\n\n", "\u2028\u2029", "\xff\xfe", "</script>", "\x00", "\ufeffdata:"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, name, message string) {
		s := &session.Session{ID: "S", Spec: session.Spec{Orders: []atp.OrderNumber{atp.OrderNumber(name)}, LotSize: 20, Workers: 1}}
		lot := wire.NewLot(wire.Form{Detail: wire.Items})
		line := &atp.Line{Order: atp.OrderNumber(name), Key: atp.StockKey{Product: atp.ProductCode(name)}, Name: message}
		result := &atp.Result{
			Order: atp.OrderNumber(name), Short: 1, Available: 1, Criticality: atp.Low,
			Lines: []atp.LineResult{{Line: line, Short: true}, {Line: line}},
		}
		if err := lot.Add(&wire.Answer{Result: *result}, wire.Reading{}); err != nil {
			t.Fatal(err)
		}
		lot.AddFailure(atp.OrderNumber(name), message)
		counters := session.Counters{Processed: 1, Total: 1}
		events := []session.Event{
			{ID: 1, Data: session.StartEvent(s)},
			{ID: 2, Data: session.ResultsEvent(2, counters, lot.AppendBody(nil, 1, name, time.Unix(0, 0)))},
			{ID: 3, Data: session.ErrorEvent(3, counters, message)},
			{ID: 4, Data: session.CompleteEvent(4, counters, time.Second)},
		}
		w := httptest.NewRecorder()
		if err := (&eventWriter{w: w, control: http.NewResponseController(w)}).events(events); err != nil {
			t.Fatal(err)
		}
		got := readEvents(w.Body.Bytes())
		if !slices.EqualFunc(got, events, func(a, b session.Event) bool { return a.ID == b.ID && bytes.Equal(a.Data, b.Data) }) {
			t.Fatalf("%q was read as %+v", w.Body, got)
		}
		for _, e := range got {
			if !json.Valid(e.Data) || !utf8.Valid(e.Data) {
				t.Fatalf("not JSON: %q", e.Data)
			}
		}
	})
}

// readEvents reads a stream as the standard says a browser does.
func readEvents(stream []byte) []session.Event {
	text := strings.TrimPrefix(string(stream), "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	var all []session.Event
	var e session.Event
	var data []string
	for line := range strings.SplitSeq(text, "\n") {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if data != nil {
				e.Data = []byte(strings.Join(data, "\n"))
				all, data = append(all, e), nil
			}
		case name == "data":
			data = append(data, value)
		case name == "id":
			e.ID, _ = eventID(value)
		}
	}
	return all
}
