package apidoc

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

// proseMember finds what a description says in words: the text of each `description` and
// `summary`, as JSON.
var proseMember = regexp.MustCompile(`("(?:description|summary)"\s*:\s*)("(?:[^"\\]|\\.)*")`)

// translation gives Portuguese for English, text by text. What it lacks stays English.
type translation map[string]string

// portuguese is the translation of the API's own description.
func portuguese() (translation, error) {
	text, err := files.ReadFile("pt.json")
	if err != nil {
		return nil, fmt.Errorf("translation: %w", err)
	}
	var t translation
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("translation: %w", err)
	}
	return t, nil
}

// of is a text in Portuguese.
func (t translation) of(text string) string {
	if translated, ok := t[text]; ok {
		return translated
	}
	return text
}

// description is an OpenAPI description whose prose is in Portuguese. All else, the sequence of its
// members too, stays.
func (t translation) description(raw []byte) []byte {
	return proseMember.ReplaceAllFunc(raw, func(member []byte) []byte {
		parts := proseMember.FindSubmatch(member)
		var text string
		if json.Unmarshal(parts[2], &text) != nil {
			return member
		}
		translated, err := json.Marshal(t.of(text))
		if err != nil { // a string always marshals
			return member
		}
		return slices.Concat(parts[1], translated)
	})
}
