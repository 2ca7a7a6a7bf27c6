package atp

import (
	"errors"
	"fmt"
	"time"
)

// ErrDay says that a text is not a date of the form 2006-01-02.
var ErrDay = errors.New("atp: not a date (expected YYYY-MM-DD)")

// Day is a calendar date without time or zone: the number of days since 1 January of year 1,
// which is Day(1). The zero Day means "no date". Days add and subtract as integers.
type Day int32

const secondsPerDay = 24 * 60 * 60

// beforeEpoch is the Day of 1970-01-01.
const beforeEpoch = 719163

// NewDay is the day of a civil date.
func NewDay(year int, month time.Month, day int) Day {
	return dayOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DayIn is the date that an instant has in a time zone.
func DayIn(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return NewDay(y, m, d)
}

func dayOf(midnightUTC time.Time) Day {
	return Day(midnightUTC.Unix()/secondsPerDay + beforeEpoch) //nolint:gosec // five million years fit
}

// ParseDay reads a date of the form YYYY-MM-DD, or returns ErrDay.
func ParseDay(s string) (Day, error) {
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		if t, err := time.Parse(time.DateOnly, s); err == nil && t.Year() > 0 {
			return dayOf(t), nil
		}
	}
	return 0, fmt.Errorf("%q: %w", s, ErrDay)
}

// Known reports whether d is a date at all.
func (d Day) Known() bool { return d != 0 }

// Time is midnight of the day in UTC. It must not be called on the zero Day.
func (d Day) Time() time.Time {
	return time.Unix((int64(d)-beforeEpoch)*secondsPerDay, 0).UTC()
}

// String writes the date as YYYY-MM-DD, or "" for the zero Day.
func (d Day) String() string { return string(d.Append(nil)) }

// Append adds the date to b in the form of [Day.String].
func (d Day) Append(b []byte) []byte {
	if !d.Known() {
		return b
	}
	return d.Time().AppendFormat(b, time.DateOnly)
}
