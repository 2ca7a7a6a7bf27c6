package cli

import (
	"bufio"
	"strings"

	"ruptura/internal/atp"
)

// column is a column of a table in the terminal.
type column struct {
	title string
	right bool // figures
	// shrinks marks the column that gives way when the terminal is narrow.
	shrinks  bool
	coloured bool
}

// gap is the space between columns, and least the width below which no column shrinks.
const (
	gap   = "  "
	least = 8
)

// table writes rows under their titles. Texts are made harmless here, so callers need not.
func (a *app) table(columns []column, rows []shownOrder) error {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = width(c.title)
	}
	for _, r := range rows {
		for i := range r.cells {
			r.cells[i] = clean(r.cells[i])
			widths[i] = max(widths[i], width(r.cells[i]))
		}
	}
	a.shrink(columns, widths)
	w := bufio.NewWriter(a.Stdout)
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.title
	}
	_, _ = w.WriteString(a.bold(line(columns, widths, titles, nil)) + "\n") // errors come again with Flush
	for _, r := range rows {
		_, _ = w.WriteString(line(columns, widths, r.cells, func(s string) string { return a.paint(r.degree, s) }) + "\n")
	}
	return w.Flush()
}

// shrink makes the table as wide as the terminal, where there is one.
func (a *app) shrink(columns []column, widths []int) {
	if !a.StdoutTerminal || a.Width <= 0 {
		return
	}
	total := len(gap) * (len(columns) - 1)
	for _, w := range widths {
		total += w
	}
	for i, c := range columns {
		if c.shrinks && total > a.Width {
			widths[i] = max(min(least, widths[i]), widths[i]-(total-a.Width))
		}
	}
}

func line(columns []column, widths []int, cells []string, paint func(string) string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		cell := pad(fit(cells[i], widths[i]), widths[i], c.right)
		if i == len(columns)-1 {
			cell = strings.TrimRight(cell, " ")
		}
		if c.coloured && paint != nil {
			cell = paint(cell)
		}
		parts[i] = cell
	}
	return strings.TrimRight(strings.Join(parts, gap), " ")
}

// paint colours a text by criticality, on a terminal whose user has not said NO_COLOR.
func (a *app) paint(c atp.Criticality, s string) string {
	return a.style([...]string{
		atp.NotShort: "32", atp.Low: "36", atp.Medium: "33", atp.High: "35", atp.Critical: "1;31",
	}[c], s)
}

func (a *app) bold(s string) string { return a.style("1", s) }

func (a *app) style(code, s string) string {
	if !a.StdoutTerminal || a.Getenv("NO_COLOR") != "" || a.Getenv("TERM") == "dumb" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
