// Package lang chooses between the two languages of the program, Portuguese (the default) and
// English, and holds texts that exist in both.
package lang

import (
	"strings"

	"golang.org/x/text/language"
)

// Lang is a language of the user interface. The zero value is Portuguese.
type Lang uint8

// The languages.
const (
	PT Lang = iota
	EN
)

var matcher = language.NewMatcher([]language.Tag{language.BrazilianPortuguese, language.English})

// Match chooses by an Accept-Language header. Anything unreadable gives Portuguese.
func Match(acceptLanguage string) Lang {
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return PT
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return PT
	}
	return Lang(i) //nolint:gosec // 0 or 1: the matcher has two tags
}

// Parse reads a language tag or a POSIX locale such as "pt-BR", "en", "en_US.UTF-8".
func Parse(s string) (Lang, bool) {
	s, _, _ = strings.Cut(strings.ToLower(s), ".")
	s, _, _ = strings.Cut(strings.ReplaceAll(s, "_", "-"), "-")
	switch s {
	case "pt":
		return PT, true
	case "en":
		return EN, true
	}
	return PT, false
}

// String is the language's tag: "pt-BR" or "en".
func (l Lang) String() string {
	if l == EN {
		return "en"
	}
	return "pt-BR"
}

// Text is a text in both languages.
type Text struct{ PT, EN string }

// In gives the text in a language.
func (t Text) In(l Lang) string {
	if l == EN {
		return t.EN
	}
	return t.PT
}
