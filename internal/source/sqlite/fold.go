package sqlite

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"ruptura/internal/dataset"
)

// between keeps a search from matching across two fields: no name holds it.
const between = "\x1f"

// fold reduces a text to what a search compares: without case, without accents.
func fold(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	// The chain has state, so each call makes its own. It fails on no input.
	chain := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), cases.Fold(), norm.NFC)
	folded, _, err := transform.String(chain, s)
	if err != nil {
		return strings.ToLower(s)
	}
	return folded
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// searchText is what [source.Filter] looks for its Text in.
func searchText(o *dataset.Order) string {
	return fold(strings.Join([]string{string(o.Number), o.Client, o.City, o.Salesperson}, between))
}
