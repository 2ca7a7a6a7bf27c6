package source_test

import (
	"testing"

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
		"Œuvre & Cia \t Ltda": "œuvre & cia \t ltda",
	} {
		if got := source.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}
