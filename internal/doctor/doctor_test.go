package doctor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata" // a test machine may have no zoneinfo

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/doctor"
	"ruptura/internal/lang"
)

func check(name, after string, run func(context.Context) ([]doctor.Finding, error)) doctor.Check {
	return doctor.Check{Name: name, After: after, Timeout: time.Minute, Run: run}
}

// TestRunGoesOn has checks that fail and hang, after which the others are made all the same, except
// those that need what failed.
func TestRunGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		found := func(l doctor.Level) func(context.Context) ([]doctor.Finding, error) {
			return func(context.Context) ([]doctor.Finding, error) {
				return []doctor.Finding{{Code: "seen", Level: l}}, nil
			}
		}
		sections, err := doctor.Run(t.Context(), []doctor.Check{
			check("fails", "", func(context.Context) ([]doctor.Finding, error) {
				return []doctor.Finding{{Code: "before"}}, errors.New("no disk")
			}),
			check("needs it", "fails", found(doctor.OK)),
			check("needs what was skipped", "needs it", found(doctor.OK)),
			check("hangs", "", func(ctx context.Context) ([]doctor.Finding, error) { <-ctx.Done(); return nil, ctx.Err() }),
			check("warns", "", found(doctor.Warning)),
			check("needs a warning", "warns", found(doctor.OK)),
		})
		if err != nil {
			t.Fatal(err)
		}
		hung := lang.Text{PT: "não terminou no tempo dado", EN: "did not end in the time given"}
		want := []doctor.Section{
			{Name: "fails", Findings: []doctor.Finding{
				{Code: "before"}, {Code: "fails.failed", Level: doctor.Problem, What: lang.Text{PT: "no disk", EN: "no disk"}},
			}},
			{Name: "needs it", Skipped: true},
			{Name: "needs what was skipped", Skipped: true},
			{Name: "hangs", Findings: []doctor.Finding{{Code: "hangs.failed", Level: doctor.Problem, What: hung}}},
			{Name: "warns", Findings: []doctor.Finding{{Code: "seen", Level: doctor.Warning}}},
			{Name: "needs a warning", Findings: []doctor.Finding{{Code: "seen"}}},
		}
		if diff := cmp.Diff(want, sections); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	sections, err := doctor.Run(ctx, []doctor.Check{
		check("first", "", func(context.Context) ([]doctor.Finding, error) { cancel(); return nil, nil }),
		check("second", "", func(context.Context) ([]doctor.Finding, error) { t.Error("made"); return nil, nil }),
	})
	if !errors.Is(err, context.Canceled) || len(sections) != 1 {
		t.Errorf("%d sections, %v", len(sections), err)
	}
}

// broken is a database whose questions hang or fail.
type broken struct{}

func (broken) Find(ctx context.Context, _ string) (doctor.Found, error) {
	<-ctx.Done()
	return doctor.Found{}, ctx.Err()
}

func (broken) Count(context.Context, dataset.Relation) (int64, error) {
	return 0, errors.New("no disk")
}

// TestDataAsksNoMoreOfWhatCannotBeRead has no relation that can be read: the reason is told once.
func TestDataAsksNoMoreOfWhatCannotBeRead(t *testing.T) {
	found, err := doctor.Data(t.Context(), broken{}, doctor.DataOptions{StaleBefore: atp.NewDay(2026, 1, 1), Timeout: time.Minute})
	if err != nil || len(found) != 2 || found[0].Code != "data.unreadable" || found[0].Level != doctor.Problem || found[1].Code != "data.unasked" {
		t.Fatalf("%+v, %v", found, err)
	}
	const want = "could not read pedidos, itens, estoque, separacoes, producao, unificacao: no disk"
	if got := found[0].What.EN; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// hanging is a database that counts, and has no answer to a question.
type hanging struct{ broken }

func (hanging) Count(context.Context, dataset.Relation) (int64, error) { return 1, nil }

// TestDataWaitsOncePerRelation has no question answered: each relation costs one wait, and the
// reason is told once.
func TestDataWaitsOncePerRelation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		found, err := doctor.Data(t.Context(), hanging{}, doctor.DataOptions{StaleBefore: atp.NewDay(2026, 1, 1), Timeout: time.Minute})
		if err != nil || len(found) != 3 || found[1].Code != "data.unanswered" || found[1].Level != doctor.Warning {
			t.Fatalf("%+v, %v", found, err)
		}
		if waited := time.Since(start); waited != 6*time.Minute {
			t.Errorf("waited %v", waited)
		}
	})
}

// TestDataOfNothingIsSkipped has nothing that could be asked.
func TestDataOfNothingIsSkipped(t *testing.T) {
	unusable := map[string]bool{}
	for _, r := range dataset.Relations() {
		unusable[r.String()] = true
	}
	sections, err := doctor.Run(t.Context(), []doctor.Check{
		check("data", "", func(ctx context.Context) ([]doctor.Finding, error) {
			return doctor.Data(ctx, broken{}, doctor.DataOptions{Unusable: unusable, Timeout: time.Minute})
		}),
		check("needs it", "data", func(context.Context) ([]doctor.Finding, error) { t.Error("made"); return nil, nil }),
	})
	if diff := cmp.Diff([]doctor.Section{{Name: "data", Skipped: true}, {Name: "needs it", Skipped: true}}, sections); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestClock(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 3, 2, 2, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		now   time.Time
		fixed atp.Day
		want  []string
	}{
		{"as it should be", day, 0, []string{"em America/New_York são 01/03/2026 21:30 (UTC-05:00), com mudança de horário em 08/03/2026"}},
		{"a fixed day", day, atp.NewDay(2026, 1, 31), []string{
			"em America/New_York são 01/03/2026 21:30 (UTC-05:00), com mudança de horário em 08/03/2026",
			"--today fixa a data da análise em 31/01/2026",
		}},
		{"a dead battery", time.Unix(0, 0), 0, []string{
			"em America/New_York são 31/12/1969 19:00 (UTC-05:00), com mudança de horário em 26/04/1970", "o relógio desta máquina está no passado",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sections, err := doctor.Run(t.Context(), []doctor.Check{doctor.Clock(func() time.Time { return c.now }, zone, c.fixed)})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range sections[0].Findings {
				got = append(got, f.What.PT)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDrift(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	whose := lang.Text{PT: "do servidor", EN: "of the server"}
	if f := doctor.Drift("x", whose, now, now.Add(6*time.Second), time.Second); len(f) != 0 {
		t.Errorf("%+v", f)
	}
	f := doctor.Drift("x", whose, now, now.Add(61*time.Second), time.Second)
	if len(f) != 1 || f[0].What.PT != "o relógio do servidor difere do desta máquina em 1m1s" {
		t.Errorf("%+v", f)
	}
}
