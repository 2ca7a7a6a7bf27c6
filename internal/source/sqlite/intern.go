package sqlite

import (
	"bytes"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
)

// scratchSize is enough for nearly every text in a row; longer ones make the scratch grow.
const scratchSize = 256

// decoder turns columns into Go values. A text that was seen before costs no allocation: the same
// string is handed out again. It belongs to one read.
type decoder struct {
	seen    map[string]string
	last    string // what text gave last: rows near each other often share it
	scratch []byte
	// The last day read and its text, for the same reason.
	dayText [len("2006-01-02")]byte
	day     atp.Day
}

func newDecoder(texts int) decoder {
	return decoder{seen: make(map[string]string, texts), scratch: make([]byte, scratchSize)}
}

// bytes is a text column, valid until the next call.
func (d *decoder) bytes(stmt *sqlite.Stmt, col int) []byte {
	n := stmt.ColumnBytes(col, d.scratch)
	if n == len(d.scratch) {
		d.scratch = make([]byte, 2*stmt.ColumnLen(col)+1)
		n = stmt.ColumnBytes(col, d.scratch)
	}
	return d.scratch[:n]
}

// text is a text column, "" for NULL.
func (d *decoder) text(stmt *sqlite.Stmt, col int) string {
	b := d.bytes(stmt, col)
	if string(b) == d.last {
		return d.last
	}
	s, ok := d.seen[string(b)]
	if !ok {
		s = string(b)
		d.seen[s] = s
	}
	d.last = s
	return s
}

// textAs is like text and gives back last, the value of the row before, if it is the same.
func (d *decoder) textAs(stmt *sqlite.Stmt, col int, last string) string {
	b := d.bytes(stmt, col)
	if string(b) == last {
		return last
	}
	return string(b)
}

// date is a date column, the zero Day for NULL. The schema makes sure that a text is a date.
func (d *decoder) date(stmt *sqlite.Stmt, col int) atp.Day {
	b := d.bytes(stmt, col)
	if !bytes.Equal(b, d.dayText[:]) {
		day := dayOf(b)
		if !day.Known() {
			return 0
		}
		copy(d.dayText[:], b)
		d.day = day
	}
	return d.day
}

// dayOf reads YYYY-MM-DD; anything shorter, as NULL is, gives the zero Day.
func dayOf(b []byte) atp.Day {
	if len(b) != len("2006-01-02") {
		return 0
	}
	number := func(digits []byte) (n int) {
		for _, c := range digits {
			n = 10*n + int(c-'0')
		}
		return n
	}
	return civil(number(b[:4]), number(b[5:7]), number(b[8:]))
}

// civil counts days as [atp.NewDay] does, in a tenth of the time: years begin in March, so that
// the leap day is their last.
func civil(year, month, day int) atp.Day {
	if month <= 2 {
		year--
		month += 12
	}
	const beforeMarch = 306 // days of year 1 from its 1 March to its end
	days := 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1
	return atp.Day(days - beforeMarch + 1) //nolint:gosec // years have four digits
}
