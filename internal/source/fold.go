package source

import (
	"bytes"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// between keeps a search from matching across two fields: no name holds it.
const between = "\x1f"

// Fold reduces a text to what a search compares: without case, without accents, with one space where
// there are several. Every engine uses it, on what is searched and on what is looked for.
func Fold(s string) string {
	if strings.Contains(s, "  ") || strings.ContainsFunc(s, otherSpace) {
		s = strings.Join(strings.Fields(s), " ")
	}
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

// otherSpace reports what is space and no plain blank.
func otherSpace(r rune) bool { return r != ' ' && unicode.IsSpace(r) }

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Matcher tells which orders a [Filter]'s Text is found in, for an engine that cannot fold in its
// queries. It remembers the texts that it has folded, which orders share. It is for one goroutine.
type Matcher struct {
	wanted string
	folded map[string]string
	text   []byte
}

// NewMatcher looks for a text.
func NewMatcher(text string) *Matcher {
	return &Matcher{wanted: Fold(text), folded: make(map[string]string)}
}

// Match reports whether the text is in an order's, as in [SearchText].
func (m *Matcher) Match(number, client, city, salesperson string) bool {
	m.text = append(m.text[:0], Fold(number)...)
	for _, field := range [...]string{client, city, salesperson} {
		m.text = append(append(m.text, between...), m.fold(field)...)
	}
	return bytes.Contains(m.text, []byte(m.wanted))
}

func (m *Matcher) fold(s string) string {
	folded, ok := m.folded[s]
	if !ok {
		folded = Fold(s)
		m.folded[s] = folded
	}
	return folded
}

// SearchText is what [Filter] looks for its Text in, both folded: the texts of an order, which do
// not run into each other.
func SearchText(number, client, city, salesperson string) string {
	return strings.Join([]string{Fold(number), Fold(client), Fold(city), Fold(salesperson)}, between)
}
