package atp

import "slices"

// moment is when something can ship, as a place in a balance: 0 is now, t+1 is D+t. never is none of
// them.
type moment int16

const (
	now   moment = 0
	never moment = -1
)

// promise is the moment as a promise.
func (m moment) promise(today Day) Promise {
	switch m {
	case never:
		return Promise{}
	case now:
		return promiseNow()
	}
	return promiseOn(today + Day(m) - 1)
}

// moments is how many there are: now, and D0 to D+P.
func (p Params) moments() int { return p.Promise + 2 }

// moment is the moment of a promise.
func (p Params) moment(of Promise) moment {
	switch {
	case of.Now():
		return now
	case !of.InSight():
		return never
	}
	return moment(p.until(of.Day()) + 1) //nolint:gosec // at most P+1
}

// balance is what is free of a group at each moment: the least of what commitments have left from
// then on (joint §1: free(now), free(0) … free(P)). Because each moment looks at all later ones, a
// balance never falls from one moment to the next. It may be below zero, where supply alone is.
//
// It stands for H and A(0…P+W) without keeping them. Supply alone never falls, so at first a balance is what
// supply makes of each moment. Committing x at m lowers the future of m by x; that of an
// earlier moment is the least of its own days and of what follows m, and only the latter has changed.
type balance []Quantity

// at is what can be committed at a moment, never less than 0.
func (b balance) at(m moment) Quantity { return max(b[m], 0) }

// commit takes x at a moment at which at least as much is free.
func (b balance) commit(m moment, x Quantity) {
	rest := b[m:]
	for i := range rest {
		rest[i] -= x
	}
	for i := int(m) - 1; i >= 0 && b[i] > rest[0]; i-- {
		b[i] = rest[0]
	}
}

// earliest is the first moment, from one on, at which x is free; or never.
func (b balance) earliest(from moment, x Quantity) moment {
	switch {
	case x <= b.at(from): // nothing is free even where there is less than nothing
		return from
	case x > b[len(b)-1]:
		return never
	}
	i, _ := slices.BinarySearch(b[from:], x)
	return from + moment(i) //nolint:gosec // at most P+1
}
