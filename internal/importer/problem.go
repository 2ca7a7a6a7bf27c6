package importer

import (
	"fmt"
	"strings"
	"unicode"

	"ruptura/internal/lang"
)

// Severity tells what a problem means for the import.
type Severity uint8

// An Error refuses the whole import; a Warning is worth looking at, and may have left rows out;
// a Note is for the record.
const (
	Error Severity = iota
	Warning
	Note
)

var severityNames = [...]lang.Text{{PT: "erro", EN: "error"}, {PT: "aviso", EN: "warning"}, {PT: "nota", EN: "note"}}

// In is the severity's name.
func (s Severity) In(l lang.Lang) string { return severityNames[s].In(l) }

// MaxErrors is how many errors a report lists; the rest is only counted.
const MaxErrors = 1000

// Problem is one thing found in the files.
type Problem struct {
	Severity Severity
	// File is the file's name, with the sheet after it if there are several; Line counts from 1
	// as the file is shown in an editor or spreadsheet, and is 0 when the whole file is meant.
	File   string
	Line   int
	Column string // the column's name in the file's header
	// Value is what stands there, shortened, with control characters escaped.
	Value string
	// Why says what is wrong and what to do.
	Why lang.Text
	// Count is how many rows are like this one, when they are reported together; else 0.
	Count int
}

// String is the problem as one line of text: place, value, reason.
func (p Problem) String(l lang.Lang) string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, lang.Text{PT: ", linha %d", EN: ", line %d"}.In(l), p.Line)
	}
	if p.Column != "" {
		fmt.Fprintf(&b, lang.Text{PT: ", coluna %s", EN: ", column %s"}.In(l), p.Column)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if p.Value != "" {
		fmt.Fprintf(&b, "“%s”: ", p.Value)
	}
	b.WriteString(p.Why.In(l))
	if p.Count > 1 {
		fmt.Fprintf(&b, lang.Text{PT: " (%d ocorrências; esta é a primeira)", EN: " (%d times; this is the first)"}.In(l), p.Count)
	}
	return b.String()
}

// journal collects problems within bounds: the first MaxErrors errors, and each kind of warning
// or note of a file once, with a count.
type journal struct {
	problems         []Problem
	errors, warnings int
	listed           int
	kinds            map[kind]int // index in problems
}

// kind is what makes two warnings the same.
type kind struct{ file, column, why string }

func (j *journal) add(p Problem) {
	p.Value, p.Column, p.File = show(p.Value), show(p.Column), show(p.File)
	switch p.Severity {
	case Error:
		j.errors++
		if j.listed < MaxErrors {
			j.listed++
			j.problems = append(j.problems, p)
		}
		return
	case Warning:
		j.warnings++
	case Note:
	}
	k := kind{p.File, p.Column, p.Why.EN}
	if at, ok := j.kinds[k]; ok {
		j.problems[at].Count += max(p.Count, 1)
		return
	}
	if j.kinds == nil {
		j.kinds = map[kind]int{}
	}
	j.kinds[k] = len(j.problems)
	p.Count = max(p.Count, 1)
	j.problems = append(j.problems, p)
}

// first is the first error.
func (j *journal) first() Problem {
	for _, p := range j.problems {
		if p.Severity == Error {
			return p
		}
	}
	return Problem{}
}

// shownRunes is how much of a value a problem shows.
const shownRunes = 60

// show shortens a value and escapes what a terminal or a reader would not show as it is.
func show(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > shownRunes {
			b.WriteRune('…')
			break
		}
		switch {
		case r == unicode.ReplacementChar || !unicode.IsPrint(r) && r != '\u00a0':
			b.WriteString(strings.Trim(fmt.Sprintf("%+q", r), "'"))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
