package cli

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// clean makes a text harmless in a terminal: control characters (escape sequences among them),
// line breaks, and the marks that reorder or hide text are shown as codes.
func clean(s string) string {
	if strings.IndexFunc(s, unsafe) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s { // invalid bytes come as U+FFFD
		switch {
		case !unsafe(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// unsafe reports control and format characters, and line and paragraph separators.
func unsafe(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// width is how many columns a text takes in a terminal.
func width(s string) int { return uniseg.StringWidth(s) }

// fit shortens a text to a number of columns, with an ellipsis if something is lost.
func fit(s string, columns int) string {
	if width(s) <= columns {
		return s
	}
	var b strings.Builder
	used := 0
	for g := uniseg.NewGraphemes(s); g.Next(); {
		used += g.Width()
		if used > columns-1 {
			break
		}
		b.WriteString(g.Str())
	}
	return b.String() + "…"
}

// pad fills a text up to a number of columns, on the left for figures.
func pad(s string, columns int, right bool) string {
	fill := strings.Repeat(" ", max(0, columns-width(s)))
	if right {
		return fill + s
	}
	return s + fill
}

// wrap breaks a text, whose own line breaks are kept, at the terminal's width (100 at most, 80 if
// unknown); lines after the first are indented.
func (a *app) wrap(s string, indent int) string {
	columns := 80
	if a.Width > 0 {
		columns = max(40, min(a.Width, 100))
	}
	paragraphs := strings.Split(s, "\n")
	for i, p := range paragraphs {
		paragraphs[i] = fold(p, columns-indent)
	}
	return strings.ReplaceAll(strings.Join(paragraphs, "\n"), "\n", "\n"+strings.Repeat(" ", indent))
}

// fold breaks one paragraph; the spaces it begins with are kept on each line.
func fold(s string, columns int) string {
	text := strings.TrimLeft(s, " ")
	lead := s[:len(s)-len(text)]
	var b strings.Builder
	used := 0
	for i, word := range strings.Fields(text) {
		switch w := width(word); {
		case i == 0:
			b.WriteString(lead + word)
			used = len(lead) + w
		case used+1+w > columns:
			b.WriteString("\n" + lead + word)
			used = len(lead) + w
		default:
			b.WriteString(" " + word)
			used += 1 + w
		}
	}
	return b.String()
}

// shellWord writes a text as one word of a POSIX shell, as it is if that will do.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("_-./:=@%+,", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
