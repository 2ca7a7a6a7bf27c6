package analysis_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/session"
	"ruptura/internal/session/local"
	"ruptura/internal/source"
	"ruptura/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var today = atp.NewDay(2026, 3, 2)

// given is a source that gives what it is told to.
type given struct {
	source.Source
	snapshot *atp.Snapshot
	err      error
	panics   bool
}

func (g given) Read(context.Context, source.Query) (*atp.Snapshot, error) {
	if g.panics {
		panic("driver broken")
	}
	return g.snapshot, g.err
}

func snapshot() *atp.Snapshot {
	return &atp.Snapshot{
		ReadAt: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		Lines:  []atp.Line{{Order: "P1", Key: atp.StockKey{Product: "A"}, Open: 10_000}},
		Stock:  []atp.Stock{{Key: atp.StockKey{Product: "A"}, Quantity: 4000}},
	}
}

func TestReadAndAnswer(t *testing.T) {
	b, err := analysis.Read(t.Context(), given{snapshot: snapshot()}, nil, analysis.Plan{Params: atp.DefaultParams(today)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Answer("P1")
	if err != nil || r.Lines[0].Shortage != 6000 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := b.Answer("P2"); !errors.Is(err, atp.ErrOrderNotFound) {
		t.Errorf("an unknown order: %v", err)
	}
	got := b.Reading(time.Second)
	if !got.At.Equal(snapshot().ReadAt) || got.Query <= 0 || got.Total != got.Query+time.Second || got.Cached {
		t.Errorf("reading %+v", got)
	}
}

func TestReadFails(t *testing.T) {
	down := fmt.Errorf("%w: disk", source.ErrUnavailable)
	for _, c := range []struct {
		name   string
		from   source.Source
		params atp.Params
		want   error
	}{
		{"the source", given{err: down}, atp.DefaultParams(today), source.ErrUnavailable},
		{"a panic", given{panics: true}, atp.DefaultParams(today), analysis.ErrPanicked},
		{"no snapshot", given{}, atp.DefaultParams(today), analysis.ErrPanicked},
		{"the parameters", given{snapshot: snapshot()}, atp.Params{}, atp.ErrParams},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := analysis.Read(t.Context(), c.from, nil, analysis.Plan{Params: c.params})
			if !errors.Is(err, c.want) || b != nil {
				t.Errorf("%v, %v; want %v", b, err, c.want)
			}
		})
	}
}

func TestPanicIsAnError(t *testing.T) {
	_, err := new(analysis.Book).Answer("P\n1") // a book without data
	if !errors.Is(err, analysis.ErrPanicked) {
		t.Fatalf("%v", err)
	}
	if text := err.Error(); !strings.Contains(text, `"P\n1"`) || !strings.Contains(text, "analysis_test.go") {
		t.Errorf("the error does not say what was done, with its stack: %s", text)
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		err    error
		pt, en string
	}{
		{fmt.Errorf("x: %w", atp.ErrOrderNotFound), "pedido não encontrado ou sem saldo", "order not found"},
		{fmt.Errorf("x: %w", atp.ErrOverflow), "grandes demais", "too large"},
		{fmt.Errorf("SELECT: %w", source.ErrUnavailable), "tente de novo", "try again"},
		{fmt.Errorf("%w: SELECT: %w", analysis.ErrGaveUp, source.ErrUnavailable), "fora do ar por mais tempo", "away for longer"},
		{fmt.Errorf("SELECT: %w", source.ErrUnusable), "'ruptura doctor'", "'ruptura doctor'"},
		{context.DeadlineExceeded, "tente de novo", "try again"},
		{errors.New("SELECT nome FROM segredo"), "erro interno", "internal error"},
		{analysis.ErrPanicked, "erro interno", "internal error"},
	} {
		text := analysis.Explain(c.err)
		if !strings.Contains(text.PT, c.pt) || !strings.Contains(text.EN, c.en) || strings.Contains(text.PT+text.EN, "SELECT") {
			t.Errorf("%v is told as %+v", c.err, text)
		}
	}
}

// readAt is an evening on which it is tomorrow already in Greenwich.
var readAt = time.Date(2026, 3, 2, 22, 30, 0, 0, time.FixedZone("", -3*60*60))

// analysed is a session whose orders have the given results, in lots of one.
func analysed(t *testing.T, results []atp.Result) (session.Store, string) {
	t.Helper()
	store := local.New(local.Config{TTL: time.Hour, Memory: 64 << 20})
	t.Cleanup(store.Close)
	s := &session.Session{ID: session.NewID(), Spec: session.Spec{LotSize: 1, Workers: 1}}
	for i := range results {
		s.Orders = append(s.Orders, results[i].Order)
	}
	if _, err := store.Create(t.Context(), s, session.Key{}); err != nil {
		t.Fatal(err)
	}
	for i := range results {
		lot := wire.NewLot(wire.Form{})
		if results[i].Short < 0 {
			lot.AddFailure(results[i].Order, "erro")
		} else if err := lot.Add(&wire.Answer{Result: results[i]}, wire.Reading{At: readAt}); err != nil {
			t.Fatal(err)
		}
		_, err := store.Publish(t.Context(), s.ID, session.LotResult{Lot: i, Orders: 1, Body: lot.AppendBody(nil, i+1, "w", time.Now())})
		if err != nil {
			t.Fatal(err)
		}
	}
	return store, string(s.ID)
}

func TestRanker(t *testing.T) {
	store, id := analysed(t, []atp.Result{
		{Order: "D", Short: 1, PercentAvailable: 50, Criticality: atp.Low, ShortValue: 900_000},
		{Order: "A", PercentAvailable: 100},
		{Order: "FAILED", Short: -1},
		{Order: "C", Short: 4, PercentAvailable: 50, Criticality: atp.Critical},
		{Order: "B", Short: 2, PercentAvailable: 9, Criticality: atp.Medium},
		{Order: "E", Short: 2, PercentAvailable: 10, Criticality: atp.High},
	})
	rank := analysis.Ranker(store)
	for _, c := range []struct {
		by         source.Column
		descending bool
		want       []atp.OrderNumber
	}{
		{bookquery.ByAvailability, false, []atp.OrderNumber{"B", "E", "C", "D", "A"}},
		{bookquery.ByAvailability, true, []atp.OrderNumber{"A", "C", "D", "E", "B"}},
		{bookquery.ByCriticality, false, []atp.OrderNumber{"A", "D", "B", "E", "C"}},
		{bookquery.ByCriticality, true, []atp.OrderNumber{"C", "E", "B", "D", "A"}},
		{bookquery.ByAtRisk, true, []atp.OrderNumber{"D", "A", "B", "C", "E"}},
	} {
		got, err := rank(t.Context(), bookquery.Ranking{Session: id, By: c.by, Descending: c.descending})
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s descending=%t: %q, %v; want %q", c.by, c.descending, got, err, c.want)
		}
	}
}

func TestRankerReadsTheWholeLog(t *testing.T) {
	results := make([]atp.Result, 450)
	for i := range results {
		results[i] = atp.Result{Order: atp.OrderNumber(fmt.Sprintf("P%03d", i)), PercentAvailable: i % 101}
	}
	store, id := analysed(t, results)
	got, err := analysis.Ranker(store)(t.Context(), bookquery.Ranking{Session: id, By: bookquery.ByAvailability, Descending: true})
	if err != nil || len(got) != len(results) || got[0] != "P100" {
		t.Errorf("%d orders, the first %q, %v", len(got), got[0], err)
	}
}

func TestRankerOfUnknownSession(t *testing.T) {
	store, _ := analysed(t, nil)
	if _, err := analysis.Ranker(store)(t.Context(), bookquery.Ranking{Session: "NADA", By: bookquery.ByAvailability, Descending: true}); !errors.Is(err, bookquery.ErrSession) {
		t.Errorf("%v, want ErrSession", err)
	}
}

func TestOutcomes(t *testing.T) {
	store, id := analysed(t, []atp.Result{
		{Order: "OK", Available: 3, PercentAvailable: 100, AvailableValue: 1_250_000, Punctuality: atp.OnTime},
		{
			Order: "SHORT", Short: 2, Available: 1, PercentAvailable: 40, Criticality: atp.High, AvailableValue: 50_000,
			ShortValue: 321_240_000, Need: today, Punctuality: atp.Late, DaysLate: 2,
		},
		{Order: "NEVER", Short: 1, Criticality: atp.Low, Punctuality: atp.NoNeed},
		{Order: "FAILED", Short: -1},
	})
	got, err := analysis.Outcomes(store)(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	want := map[atp.OrderNumber]bookquery.Outcome{
		"OK": {Order: "OK", OK: true, Available: 100, ItemsAvailable: 3, AvailableValue: 1250, Whole: today, OnTime: new(true), ReadAt: readAt},
		"SHORT": {
			Order: "SHORT", Available: 40, Criticality: atp.High, ItemsAvailable: 1, ItemsShort: 2, AvailableValue: 50,
			AtRisk: 321_240, OnTime: new(false), DaysLate: 2, ReadAt: readAt,
		},
		"NEVER":  {Order: "NEVER", Criticality: atp.Low, ItemsShort: 1, ReadAt: readAt},
		"FAILED": {Order: "FAILED", Failure: "erro"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := analysis.Outcomes(store)(t.Context(), "NADA"); !errors.Is(err, bookquery.ErrSession) {
		t.Errorf("%v, want ErrSession", err)
	}
}
