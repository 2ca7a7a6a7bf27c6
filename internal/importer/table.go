package importer

import (
	"strings"

	"ruptura/internal/lang"
)

// table is one pass over the rows of a file or sheet.
type table interface {
	// next gives the next row that is not blank, valid until the call after, and io.EOF after
	// the last. An error of type *defect means that the rest cannot be read; any other is of the
	// disk.
	next() (row, error)
	Close() error
}

// row is one row as it stands in the file.
type row struct {
	line  int
	cells []cell
	// broken says why this row cannot be read, though those after it can.
	broken *lang.Text
}

// cellKind tells what a spreadsheet knows of a cell; in CSV everything is text.
type cellKind uint8

const (
	textCell         cellKind = iota
	numberCell                // text is the stored number, with a point
	serialCell                // a number shown as a date
	failedCell                // #N/A and the like
	uncalculatedCell          // a formula that no program has calculated yet
)

// cell is one value.
type cell struct {
	text    string
	kind    cellKind
	formula bool
	// pad is to how many digits a numeric code is shown, with zeros in front.
	pad int
}

func (c cell) blank() bool {
	return c.kind != uncalculatedCell && c.kind != failedCell && strings.TrimSpace(c.text) == ""
}

func blank(cells []cell) bool {
	for _, c := range cells {
		if !c.blank() {
			return false
		}
	}
	return true
}

// defect is what makes the rest of a file unreadable.
type defect struct {
	line int
	why  lang.Text
}

// Error implements error, in English.
func (d *defect) Error() string { return d.why.EN }

func broken(line int, pt, en string, args ...any) *defect {
	return &defect{line, text(pt, en, args...)}
}
