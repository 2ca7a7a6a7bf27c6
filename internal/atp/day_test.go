package atp_test

import (
	"errors"
	"testing"
	"time"
	_ "time/tzdata" // the zones below, wherever the test runs

	"pgregory.net/rapid"

	"ruptura/internal/atp"
)

func TestDays(t *testing.T) {
	for text, want := range map[string]atp.Day{
		"0001-01-01": 1, "0001-01-02": 2, "0001-12-31": 365, "1970-01-01": 719163, "1969-12-31": 719162,
		"2000-02-29": 730179, "2026-03-02": d0, "9999-12-31": 3652059,
	} {
		d, err := atp.ParseDay(text)
		if err != nil || d != want || d.String() != text || !d.Known() {
			t.Errorf("ParseDay(%q) = %d (%v), %v; want %d", text, d, d, err, want)
		}
	}
	if atp.Day(0).Known() || atp.Day(0).String() != "" {
		t.Error("the zero Day must not be a date")
	}
}

func TestTextsThatAreNoDay(t *testing.T) {
	for _, s := range []string{
		"", "2026", "2026-3-2", "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-32", "2026-02-29", "1900-02-29", "2026-04-31",
		"0000-01-01", "-001-01-01", "02/03/2026", "2026/03/02", "2026-03-02T00:00:00Z", " 2026-03-02", "20260302", "2026-03-0x", "２０２６-03-02",
	} {
		if d, err := atp.ParseDay(s); !errors.Is(err, atp.ErrDay) {
			t.Errorf("ParseDay(%q) = %v, %v; want ErrDay", s, d, err)
		}
	}
}

// TestDaysFollowTheCalendar walks every day of four centuries and more.
func TestDaysFollowTheCalendar(t *testing.T) {
	at := time.Date(1898, 12, 30, 0, 0, 0, 0, time.UTC)
	d := atp.NewDay(at.Date())
	for ; at.Year() < 2305; at, d = at.AddDate(0, 0, 1), d+1 {
		if atp.NewDay(at.Date()) != d || !d.Time().Equal(at) {
			t.Fatalf("day %d is %v, want %v", d, d, at)
		}
	}
}

func TestDaysAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := atp.Day(rapid.Int32Range(1, 3652059).Draw(t, "day"))
		if back, err := atp.ParseDay(d.String()); err != nil || back != d {
			t.Errorf("day %d is written %v and read back as %d, %v", d, d, back, err)
		}
		if y, m, n := d.Time().Date(); atp.NewDay(y, m, n) != d || atp.NewDay(y, m, n+1) != d+1 {
			t.Errorf("day %d is %d-%d-%d", d, y, m, n)
		}
	})
}

func TestDayInAZone(t *testing.T) {
	for _, tc := range []struct{ zone, want string }{
		{"UTC", "2026-03-02"},
		{"America/Sao_Paulo", "2026-03-01"},
		{"America/Noronha", "2026-03-02"}, // UTC-2: midnight sharp
		{"Asia/Tokyo", "2026-03-02"},
		{"Pacific/Kiritimati", "2026-03-02"},
	} {
		t.Run(tc.zone, func(t *testing.T) {
			zone, err := time.LoadLocation(tc.zone)
			if err != nil {
				t.Fatal(err)
			}
			instant := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
			if got := atp.DayIn(instant, zone).String(); got != tc.want {
				t.Errorf("DayIn = %s, want %s", got, tc.want)
			}
			early := time.Date(1965, 5, 5, 23, 59, 59, 999, zone) // before 1970, the last second of a day
			if got := atp.DayIn(early.UTC(), zone).String(); got != "1965-05-05" {
				t.Errorf("DayIn = %s, want 1965-05-05", got)
			}
		})
	}
}
