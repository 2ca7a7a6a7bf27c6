package sqlite

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
	"zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
	"ruptura/internal/source/sourcetest"
)

func TestDayOf(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want := atp.NewDay(1, time.January, rapid.IntRange(1, 3652059).Draw(rt, "day"))
		if got := dayOf([]byte(want.String())); got != want {
			rt.Errorf("%s is day %d, want %d", want, got, want)
		}
	})
	if got := dayOf(nil); got.Known() {
		t.Errorf("NULL is %s", got)
	}
}

// TestScanAndSeek reads a book by looking keys up and by reading relations whole: the size of what
// is asked for decides, and must not show.
func TestScanAndSeek(t *testing.T) {
	c := company{sourcetest.Company{Orders: 200, LinesPerOrder: 3, Products: 150, Movements: 300, Reservations: 3000, Receipts: 1000}}
	db := c.open(t)
	count := func(q source.Query) (seeks, rows int) {
		bare, err := db.Bare(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range bare.Statements() {
			if len(s.Keys) > 0 {
				seeks++
			}
		}
		rows, err = bare.Scan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return seeks, rows
	}
	if seeks, rows := count(c.Query(1)); seeks == 0 || rows < 3 {
		t.Errorf("one order: %d statements with keys, %d rows", seeks, rows)
	}
	if seeks, rows := count(source.Query{All: true}); seeks != 0 || rows < 3*200+200+3000+1000 {
		t.Errorf("all: %d statements with keys, %d rows", seeks, rows)
	}
	lines := func(q source.Query) []atp.Line {
		snap, err := db.Read(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		return snap.Lines
	}
	var oneByOne int
	for _, number := range c.Query(200).Orders {
		oneByOne += len(lines(source.Query{Orders: []atp.OrderNumber{number}}))
	}
	if all := lines(c.Query(200)); len(all) != 600 || oneByOne != 600 {
		t.Errorf("%d lines at once, %d one by one, want 600", len(all), oneByOne)
	}
}

// TestLongText has texts beyond the decoder's scratch.
func TestLongText(t *testing.T) {
	db := company{}.open(t)
	for _, n := range []int{scratchSize - 1, scratchSize, scratchSize + 1, 10 * scratchSize} {
		name := "ã" + strings.Repeat("x", n-len("ã"))
		err := db.Replace(t.Context(), []dataset.Relation{dataset.Items}, func(w dataset.Writer) error {
			return w.Item(dataset.Item{Order: "A", Line: 1, Product: "P", Name: name, Open: 1})
		})
		if err != nil {
			t.Fatal(err)
		}
		snap, err := db.Read(t.Context(), source.Query{All: true})
		if err != nil || len(snap.Lines) != 1 || snap.Lines[0].Name != name {
			t.Errorf("a name of %d bytes: %v (%v)", n, snap.Lines, err)
		}
	}
}

// TestWriteLocked begins a write while another is open.
func TestWriteLocked(t *testing.T) {
	db := company{}.open(t)
	err := db.Replace(t.Context(), []dataset.Relation{dataset.Stock}, func(dataset.Writer) error {
		// Through a reader's connection, since the writer's own is taken.
		return db.view(t.Context(), "test", func(conn *sqlite.Conn) error {
			if err := execute(conn, "ROLLBACK"); err != nil {
				return err
			}
			conn.SetBusyTimeout(time.Millisecond)
			err := classify(t.Context(), "test", execute(conn, "BEGIN IMMEDIATE"))
			if !errors.Is(err, source.ErrUnavailable) {
				t.Errorf("%v, want ErrUnavailable", err)
			}
			return execute(conn, "BEGIN")
		})
	})
	if err != nil {
		t.Error(err)
	}
}
