package atp

import (
	"errors"
	"fmt"
)

// ErrParams says that parameters of the calculation contradict each other or their range.
var ErrParams = errors.New("atp: invalid parameters")

// Limits of the parameters, in days.
const (
	MaxWindow  = 90
	MaxPromise = 365
	MaxLead    = 90
	MaxStale   = 3650
)

// Params are the rules that may differ between companies. They are fixed when an analysis is
// asked for and travel with it.
type Params struct {
	// Today is D0, taken once per analysis in the configured time zone.
	Today Day
	// Window is W: for how many days after a shipment nothing promised may be broken.
	Window int
	// Promise is P: how many days ahead a date is looked for.
	Promise int
	// Lead is L: days from a receipt to goods that can ship.
	Lead int
	// StaleDays is how long ago a reservation may have been due and still tell the need date.
	StaleDays   int
	Criticality Thresholds
}

// DefaultParams are the documented defaults (calculation §2 and §3).
func DefaultParams(today Day) Params {
	return Params{
		Today: today, Window: 7, Promise: 28, Lead: 1, StaleDays: 60,
		Criticality: DefaultThresholds(),
	}
}

// Validate reports what is out of range, wrapping ErrParams.
func (p Params) Validate() error {
	switch {
	case !p.Today.Known():
		return fmt.Errorf("%w: today is missing", ErrParams)
	case p.Window < 0 || p.Window > MaxWindow:
		return fmt.Errorf("%w: window %d is outside 0..%d", ErrParams, p.Window, MaxWindow)
	case p.Promise < 0 || p.Promise > MaxPromise:
		return fmt.Errorf("%w: promise horizon %d is outside 0..%d", ErrParams, p.Promise, MaxPromise)
	case p.Lead < 0 || p.Lead > MaxLead:
		return fmt.Errorf("%w: lead %d is outside 0..%d", ErrParams, p.Lead, MaxLead)
	case p.StaleDays < 0 || p.StaleDays > MaxStale:
		return fmt.Errorf("%w: stale days %d is outside 0..%d", ErrParams, p.StaleDays, MaxStale)
	}
	return p.Criticality.Validate()
}

// StaleBefore is the first ship date that still counts towards a need date.
func (p Params) StaleBefore() Day { return p.Today - Day(p.StaleDays) } //nolint:gosec // ≤ MaxStale

// width is how many days a window covers: W+1, from t to t+W.
func (p Params) width() int { return p.Window + 1 }

// days is how many days any decision looks at: D..D+P+W.
func (p Params) days() int { return p.Promise + p.Window + 1 }

// offset is the day D+offset on which a reservation leaves: today when it is overdue or has no
// date, because the goods are still owed (calculation §1).
func (p Params) offset(ships Day) int {
	if !ships.Known() {
		return 0
	}
	return max(0, p.until(ships))
}

// until is how many days d is away from today, negative before it. It is an int, so that no two
// days are too far apart.
func (p Params) until(d Day) int { return int(d) - int(p.Today) }
