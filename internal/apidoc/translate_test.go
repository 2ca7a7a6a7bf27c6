package apidoc

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestPortugueseIsWhole guards against a text that was written or changed in English alone, and
// against a name that a translation lost on the way.
func TestPortugueseIsWhole(t *testing.T) {
	raw, err := os.ReadFile("../httpapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	translated, err := portuguese()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{"Analysis": true, "Order book": true, "Service": true} // names of groups
	for _, member := range proseMember.FindAllSubmatch(raw, -1) {
		var text string
		if err := json.Unmarshal(member[2], &text); err != nil {
			t.Fatal(err)
		}
		used[text] = true
		pt, ok := translated[text]
		if !ok {
			t.Errorf("pt.json lacks %q", text)
			continue
		}
		if en, pt := codes(text), codes(pt); !slices.Equal(en, pt) {
			t.Errorf("%q names %q, its translation %q", text, en, pt)
		}
	}
	for text := range translated {
		if !used[text] {
			t.Errorf("pt.json has %q, which the description no longer says", text)
		}
	}
}

var codeSpan = regexp.MustCompile("`[^`]*`")

// codes are the names in a text that are the same in every language. The form of a date is not.
func codes(text string) []string {
	all := codeSpan.FindAllString(text, -1)
	all = slices.DeleteFunc(all, func(s string) bool { return s == "`YYYY-MM-DD`" || s == "`AAAA-MM-DD`" })
	slices.Sort(all)
	return slices.Compact(all)
}
