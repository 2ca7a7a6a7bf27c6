package atp

import (
	"cmp"
	"math/bits"
)

// ratio is part/whole with 0 ≤ part ≤ whole and whole > 0, kept exact until it is shown.
type ratio struct{ part, whole uint64 }

// ratioOf takes parts that are never negative, and a whole of at least 1.
func ratioOf(part, whole Value) ratio {
	return ratio{uint64(part), uint64(whole)} //nolint:gosec // see above
}

// hundredths is the whole scaled to percent with two decimals.
const hundredths = 10000

// compare compares the ratio with a percentage in hundredths of a percent.
func (r ratio) compare(percent int) int {
	ahi, alo := bits.Mul64(r.part, hundredths)
	bhi, blo := bits.Mul64(r.whole, uint64(percent)) //nolint:gosec // thresholds are validated to be ≥ 0
	if c := cmp.Compare(ahi, bhi); c != 0 {
		return c
	}
	return cmp.Compare(alo, blo)
}

// scaled is ratio × n rounded half to even; n is at most hundredths, so the result is at most n.
func (r ratio) scaled(n uint64) int {
	hi, lo := bits.Mul64(r.part, n)
	q, rem := bits.Div64(hi, lo, r.whole)
	if up := r.whole - rem; rem > up || (rem == up && q%2 == 1) {
		q++
	}
	return int(q) //nolint:gosec // q ≤ n ≤ 10000
}

// percent2 is the percentage in hundredths of a percent (calculation §3: two decimals).
func (r ratio) percent2() int { return r.scaled(hundredths) }

// percent0 is the whole percentage, kept honest at its ends: 100 only if all, 0 only if none
// (calculation §3, last rule).
func (r ratio) percent0(none, all bool) int {
	switch p := r.scaled(100); {
	case all:
		return 100
	case none:
		return 0
	default:
		return min(max(p, 1), 99)
	}
}

// rest is the ratio's complement to one.
func (r ratio) rest() ratio { return ratio{r.whole - r.part, r.whole} }
