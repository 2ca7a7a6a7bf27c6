package sqlite

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/source"
)

func TestCursorRoundTrip(t *testing.T) {
	for _, c := range []struct {
		column source.Column
		at     position
	}{
		{source.ByClient, position{key: "São \"x\" <&>\u2028", number: "A/1"}},
		{source.ByClient, position{number: "A"}},
		{source.ByValue, position{key: int64(1) << 62, number: "A"}},
		{source.ByItems, position{key: int64(0), number: "A"}},
	} {
		for _, descending := range []bool{false, true} {
			got, err := parseCursor(c.at.cursor(c.column, descending), c.column, descending)
			if err != nil || !cmp.Equal(*got, c.at, cmp.AllowUnexported(position{})) {
				t.Errorf("%+v came back as %+v (%v)", c.at, got, err)
			}
		}
	}
}

// FuzzCursor makes sure that whatever comes as a cursor is either one of ours or ErrCursor.
func FuzzCursor(f *testing.F) {
	f.Add(position{key: "x", number: "A"}.cursor(source.ByClient, false))
	f.Add(position{key: int64(1), number: "A"}.cursor(source.ByItems, true))
	f.Add("e30")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		for _, column := range source.Columns() {
			at, err := parseCursor(s, column, false)
			if err != nil && !errors.Is(err, source.ErrCursor) {
				t.Errorf("%v, want ErrCursor", err)
			}
			if err == nil && (at.number == "" || numeric(column) != isInteger(at.key)) {
				t.Errorf("%q gave %+v for %s", s, at, column)
			}
		}
	})
}

func isInteger(key any) bool { _, ok := key.(int64); return ok }
