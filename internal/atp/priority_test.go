package atp_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/atp"
)

func TestPrioritiesAsText(t *testing.T) {
	for _, tc := range []struct {
		text    string
		clients []string
		want    []atp.Criterion // nil when it is refused
	}{
		{"importante,data_necessidade,data_pedido", nil, atp.DefaultPriority().Criteria},
		{" -valor , importante", nil, []atp.Criterion{{Key: atp.ByValue, Descending: true}, {Key: atp.ByImportance}}},
		{"cliente", []string{"ACME"}, []atp.Criterion{{Key: atp.ByClient}}},
		{"", nil, nil},
		{"valor,", nil, nil},
		{"--valor", nil, nil},
		{"Valor", nil, nil},
		{"valor,importante,-valor", nil, nil},
		{"cliente", nil, nil},
		{"valor", []string{"ACME"}, nil},
	} {
		got, err := atp.ParsePriority(tc.text, tc.clients)
		if tc.want == nil {
			if !errors.Is(err, atp.ErrPriority) {
				t.Errorf("ParsePriority(%q, %q) = %v, %v; want ErrPriority", tc.text, tc.clients, got, err)
			}
			continue
		}
		if want := (atp.Priority{Criteria: tc.want, Clients: tc.clients}); err != nil || !cmp.Equal(want, got) {
			t.Errorf("ParsePriority(%q, %q) = %v, %v", tc.text, tc.clients, got, err)
		}
		travels(t, got)
	}
}

// travels checks that a priority comes back from JSON as it went in.
func travels(t *testing.T, p atp.Priority) {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back atp.Priority
	if err := json.Unmarshal(text, &back); err != nil || !cmp.Equal(p, back) {
		t.Errorf("%s comes back as %v, %v", text, back, err)
	}
}

func TestPrioritiesThatDoNotExist(t *testing.T) {
	unknown := atp.Priority{Criteria: []atp.Criterion{{Key: 99}}}
	if err := unknown.Validate(); !errors.Is(err, atp.ErrPriority) {
		t.Errorf("Validate = %v, want ErrPriority", err)
	}
	if text := unknown.Criteria[0].String(); text != "" {
		t.Errorf("a key that does not exist is called %q", text)
	}
	b, err := atp.NewBook(&atp.Snapshot{}, atp.DefaultParams(d0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Allocate(atp.WholeLines, unknown); !errors.Is(err, atp.ErrPriority) {
		t.Errorf("Allocate = %v, want ErrPriority", err)
	}
}

func TestNamesOfModesAndPolicies(t *testing.T) {
	for _, p := range atp.Policies() {
		if got, err := atp.ParsePolicy(p.String()); err != nil || got != p {
			t.Errorf("ParsePolicy(%q) = %v, %v", p, got, err)
		}
	}
	for _, m := range []atp.Mode{atp.Alone, atp.Together} {
		if got, err := atp.ParseMode(m.String()); err != nil || got != m {
			t.Errorf("ParseMode(%q) = %v, %v", m, got, err)
		}
	}
	if p, err := atp.ParsePolicy(""); err != nil || p != atp.WholeLines {
		t.Errorf("the policy is %v unless asked otherwise, %v", p, err)
	}
	if m, err := atp.ParseMode(""); err != nil || m != atp.Alone {
		t.Errorf("the mode is %v unless asked otherwise, %v", m, err)
	}
	if _, err := atp.ParsePolicy("Linha"); !errors.Is(err, atp.ErrParams) {
		t.Errorf("ParsePolicy = %v, want ErrParams", err)
	}
	if _, err := atp.ParseMode("junto"); !errors.Is(err, atp.ErrParams) {
		t.Errorf("ParseMode = %v, want ErrParams", err)
	}
}

// TestOrdersThatAreNotInTheBook asks for one.
func TestOrdersThatAreNotInTheBook(t *testing.T) {
	a := allocate(t, atp.Snapshot{Stock: []atp.Stock{stock("P", unit)}, Lines: []atp.Line{line("O1", "P", 1, unit, 1)}}, atp.WholeLines)
	_, answered := a.Answer("O2")
	_, _, ranked := a.Rank("O2")
	_, explained := a.Explain(&atp.Result{Order: "O2"})
	_, explainedAlone := a.Book().Explain(&atp.Result{Order: "O2"})
	for _, err := range []error{answered, ranked, explained, explainedAlone} {
		if !errors.Is(err, atp.ErrOrderNotFound) {
			t.Errorf("%v, want ErrOrderNotFound", err)
		}
	}
	if _, ok := a.Cause(&atp.Result{Order: "O2"}, &atp.Result{Order: "O2"}); ok {
		t.Error("an order that is not there has a cause")
	}
	if got := a.Commitments("Q"); got != nil {
		t.Errorf("commitments of a product that is not there: %v", got)
	}
}
