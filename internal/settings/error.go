package settings

import (
	"strconv"
	"strings"

	"ruptura/internal/lang"
)

// Error is one setting that cannot be used. It never holds a secret.
type Error struct {
	// Where names the flag, variable or file that gave the value.
	Where lang.Text
	// Value is what was given, shortened, and redacted when it can hold a password; "" when
	// there is none to show.
	Value string
	// Why says what is wrong and what to do.
	Why lang.Text
}

// In is the message in a language.
func (e *Error) In(l lang.Lang) string {
	if e.Value == "" {
		return e.Where.In(l) + ": " + e.Why.In(l)
	}
	return e.Where.In(l) + ": " + invalid.In(l) + " " + strconv.Quote(e.Value) + ": " + e.Why.In(l)
}

var invalid = lang.Text{PT: "valor inválido", EN: "invalid value"}

// Error is the message in English.
func (e *Error) Error() string { return "settings: " + e.In(lang.EN) }

// Errors are all the settings that cannot be used, so that they can be mended in one go.
type Errors []*Error

// In is one line per error, in a language.
func (es Errors) In(l lang.Lang) string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.In(l)
	}
	return strings.Join(lines, "\n")
}

// Error is the messages in English.
func (es Errors) Error() string { return "settings: " + es.In(lang.EN) }

// refusal is why a value will not do, before it is known where it came from.
type refusal struct{ why lang.Text }

func (r refusal) Error() string { return r.why.EN }
