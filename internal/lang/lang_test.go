package lang_test

import (
	"strings"
	"testing"

	"ruptura/internal/lang"
)

func TestMatch(t *testing.T) {
	for header, want := range map[string]lang.Lang{
		"": lang.PT, "pt": lang.PT, "pt-BR": lang.PT, "pt-PT,en;q=0.5": lang.PT, "en": lang.EN, "en-GB": lang.EN, "en-US,pt-BR;q=0.9": lang.EN,
		"en;q=0.1, pt;q=0.9": lang.PT, "de, en;q=0.8": lang.EN, "de": lang.PT, "ja,zh;q=0.5": lang.PT, "*": lang.PT,
		"pt-BR;q=0,en": lang.EN, "not a header!": lang.PT, "\x00\r\n": lang.PT, strings.Repeat("en-", 5000): lang.PT,
	} {
		if got := lang.Match(header); got != want {
			t.Errorf("Match(%.40q) = %s, want %s", header, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		want lang.Lang
		ok   bool
	}{
		{"pt", lang.PT, true}, {"pt-BR", lang.PT, true}, {"pt_BR.UTF-8", lang.PT, true}, {"PT", lang.PT, true},
		{"en", lang.EN, true}, {"en-GB", lang.EN, true}, {"en_US.UTF-8", lang.EN, true}, {"en.UTF-8", lang.EN, true},
		{"", lang.PT, false}, {"C", lang.PT, false}, {"C.UTF-8", lang.PT, false}, {"POSIX", lang.PT, false}, {"english", lang.PT, false},
		{"de_DE", lang.PT, false},
	} {
		if got, ok := lang.Parse(c.text); got != c.want || ok != c.ok {
			t.Errorf("Parse(%q) = %s, %t; want %s, %t", c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestTagsReadBack(t *testing.T) {
	text := lang.Text{PT: "sim", EN: "yes"}
	for l, want := range map[lang.Lang]string{lang.PT: "sim", lang.EN: "yes"} {
		if got, ok := lang.Parse(l.String()); !ok || got != l || lang.Match(l.String()) != l {
			t.Errorf("%s reads back as %s", l, got)
		}
		if got := text.In(l); got != want {
			t.Errorf("in %s: %q", l, got)
		}
	}
	var zero lang.Lang
	if zero.String() != "pt-BR" {
		t.Errorf("the zero language is %s", zero)
	}
}
