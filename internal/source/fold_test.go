package source_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ruptura/internal/source"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "",
		"ABC 123 %_":          "abc 123 %_",
		"São João":            "sao joao",
		"SA\u0303O":           "sao",
		"Água Ção ÉÍÓÚ":       "agua cao eiou",
		"Straße":              "strasse",
		"İstanbul":            "istanbul",
		"\xffbroken\x00":      "\ufffdbroken\x00",
		"日本 🍞 עברית":          "日本 🍞 עברית",
		"Œuvre & Cia \t Ltda": "œuvre & cia ltda",
		" São\u00a0 Paulo ":   "sao paulo",
	} {
		if got := source.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestMatcher compares with a search in the whole text.
func TestMatcher(t *testing.T) {
	texts := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "São João", "SA\u0303O", "\u0303", "a", "são  joão", " a ", "\xff", "İ"}))
	rapid.Check(t, func(rt *rapid.T) {
		wanted := texts.Draw(rt, "wanted")
		m := source.NewMatcher(wanted)
		for range 2 {
			number, client := texts.Draw(rt, "number"), texts.Draw(rt, "client")
			city, salesperson := texts.Draw(rt, "city"), texts.Draw(rt, "salesperson")
			want := strings.Contains(source.SearchText(number, client, city, salesperson), source.Fold(wanted))
			if got := m.Match(number, client, city, salesperson); got != want {
				rt.Errorf("%q in %q, %q, %q, %q: %t, want %t", wanted, number, client, city, salesperson, got, want)
			}
		}
	})
}
