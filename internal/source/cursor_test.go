package source_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/source"
)

func TestCursorRoundTrip(t *testing.T) {
	for _, c := range []struct {
		column source.Column
		at     source.Position
	}{
		{source.ByClient, source.Position{Key: "São \"x\" <&>\u2028", Number: "A/1"}},
		{source.ByClient, source.Position{Number: "A"}},
		{source.ByValue, source.Position{Key: int64(1) << 62, Number: "A"}},
		{source.ByItems, source.Position{Key: int64(0), Number: "A"}},
	} {
		for _, descending := range []bool{false, true} {
			got, err := source.ParseCursor(c.at.Cursor(c.column, descending), c.column, descending)
			if err != nil || !cmp.Equal(*got, c.at) {
				t.Errorf("%+v came back as %+v (%v)", c.at, got, err)
			}
		}
	}
}

// FuzzCursor makes sure that whatever comes as a cursor is either one of ours or ErrCursor.
func FuzzCursor(f *testing.F) {
	f.Add(source.Position{Key: "x", Number: "A"}.Cursor(source.ByClient, false))
	f.Add(source.Position{Key: int64(1), Number: "A"}.Cursor(source.ByItems, true))
	f.Add("e30")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		for _, column := range source.Columns() {
			at, err := source.ParseCursor(s, column, false)
			if err != nil && !errors.Is(err, source.ErrCursor) {
				t.Errorf("%v, want ErrCursor", err)
			}
			if err == nil && (at.Number == "" || column.Numeric() != isInteger(at.Key)) {
				t.Errorf("%q gave %+v for %s", s, at, column)
			}
		}
	})
}

func isInteger(key any) bool { _, ok := key.(int64); return ok }
