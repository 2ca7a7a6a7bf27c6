package atp

// Inside the package: a ratio and the classification by one are not visible from outside, and
// deserve numbers that no order would reach.

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// drawRatio leans to the limits and to exact halves.
func drawRatio(t *rapid.T) ratio {
	whole := rapid.OneOf(
		rapid.Uint64Range(1, 100), rapid.Uint64Range(1, math.MaxInt64),
		rapid.SampledFrom([]uint64{200, 2000, 20000, 200000, math.MaxInt64, math.MaxInt64 - 1, 1 << 62, math.MaxUint64}),
	).Draw(t, "whole")
	part := rapid.OneOf(
		rapid.Uint64Range(0, whole), rapid.SampledFrom([]uint64{0, whole, whole / 2, whole - 1}),
	).Draw(t, "part")
	return ratio{part, whole}
}

// roundHalfEven is the reference for scaled, by the definition of rounding.
func roundHalfEven(r *big.Rat) int {
	down := new(big.Int).Div(r.Num(), r.Denom())
	rest := new(big.Rat).Sub(r, new(big.Rat).SetInt(down))
	n := int(down.Int64())
	if c := rest.Cmp(big.NewRat(1, 2)); c > 0 || c == 0 && n%2 != 0 {
		n++
	}
	return n
}

func (r ratio) exact(n int64) *big.Rat {
	part, whole := new(big.Int).SetUint64(r.part), new(big.Int).SetUint64(r.whole)
	return new(big.Rat).Mul(new(big.Rat).SetFrac(part, whole), big.NewRat(n, 1))
}

func TestRatioRoundsAsExactNumbersDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRatio(t)
		if got, want := r.percent2(), roundHalfEven(r.exact(hundredths)); got != want {
			t.Errorf("%d/%d is %d hundredths of a percent, want %d", r.part, r.whole, got, want)
		}
		if got, want := r.scaled(100), roundHalfEven(r.exact(100)); got != want {
			t.Errorf("%d/%d is %d %%, want %d", r.part, r.whole, got, want)
		}
		percent := rapid.OneOf(rapid.IntRange(0, hundredths), rapid.Just(r.percent2())).Draw(t, "percent")
		if got, want := r.compare(percent), r.exact(hundredths).Cmp(big.NewRat(int64(percent), 1)); got != want {
			t.Errorf("%d/%d compares %d with %d hundredths of a percent, want %d", r.part, r.whole, got, percent, want)
		}
		if rest := r.rest(); new(big.Rat).Add(rest.exact(1), r.exact(1)).Cmp(big.NewRat(1, 1)) != 0 {
			t.Errorf("%d/%d and its rest %d/%d are not one", r.part, r.whole, rest.part, rest.whole)
		}
	})
}

func TestRatioHalves(t *testing.T) {
	for _, tc := range []struct {
		part, whole uint64
		want        int
	}{
		{1, 200, 0}, {3, 200, 2}, {5, 200, 2}, {199, 200, 100}, {1, 2, 50}, {1, 3, 33}, {2, 3, 67},
		{math.MaxUint64 / 2, math.MaxUint64, 50}, {math.MaxUint64, math.MaxUint64, 100}, {0, math.MaxUint64, 0},
	} {
		if got := (ratio{tc.part, tc.whole}).scaled(100); got != tc.want {
			t.Errorf("%d/%d is %d %%, want %d", tc.part, tc.whole, got, tc.want)
		}
	}
}

func TestWholePercentagesAreHonestAtTheirEnds(t *testing.T) {
	for _, tc := range []struct {
		name        string
		r           ratio
		nothing, ok bool
		want        int
	}{
		{"all", ratio{5, 5}, false, true, 100},
		{"all of no value", ratio{0, 5}, false, true, 100},
		{"nearly all", ratio{99999, 100000}, false, false, 99},
		{"all value, not all lines", ratio{5, 5}, false, false, 99},
		{"nothing", ratio{0, 5}, true, false, 0},
		{"hardly anything", ratio{1, 100000}, false, false, 1},
		{"something of no value", ratio{0, 5}, false, false, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.r.percent0(tc.nothing, tc.ok); got != tc.want {
				t.Errorf("%d %%, want %d", got, tc.want)
			}
		})
	}
}

// drawThresholds are any that are valid.
func drawThresholds(t *rapid.T) Thresholds {
	var limits [3]Threshold
	var at Threshold
	for i := range limits {
		at.Lines += rapid.IntRange(0, 3).Draw(t, "lines")
		at.Percent += rapid.IntRange(0, 3300).Draw(t, "percent")
		limits[i] = at
	}
	return Thresholds{limits[0], limits[1], limits[2]}
}

func TestCriticalityNeverDrops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := drawThresholds(t)
		if err := limits.Validate(); err != nil {
			t.Fatal(err)
		}
		// Percentages on and around the limits are what matters.
		share := rapid.OneOf(rapid.Uint64Range(0, hundredths), rapid.SampledFrom([]uint64{
			0, uint64(limits.Low.Percent), uint64(limits.Medium.Percent), uint64(limits.Critical.Percent), uint64(limits.Critical.Percent) + 1,
		}))
		n, p := rapid.IntRange(0, 12).Draw(t, "n"), min(share.Draw(t, "p"), hundredths)
		more := rapid.IntRange(n, 13).Draw(t, "more lines")
		worse := max(p, min(share.Draw(t, "more percent"), hundredths))
		if a, b := limits.of(n, ratio{p, hundredths}), limits.of(more, ratio{worse, hundredths}); b < a {
			t.Errorf("%d lines and %d are %v, %d lines and %d only %v under %+v", n, p, a, more, worse, b, limits)
		}
	})
}

func TestCriticalityAtItsLimits(t *testing.T) {
	for _, tc := range []struct {
		lines, percent int
		want           Criticality
	}{
		{0, 0, NotShort}, {0, 10000, NotShort}, {1, 0, Low}, {2, 500, Low}, {2, 501, Medium}, {3, 500, Medium},
		{3, 1000, Medium}, {3, 1001, High}, {4, 0, High}, {4, 1000, High}, {4, 1001, Critical}, {1, 10000, High}, {400, 10000, Critical},
	} {
		if got := DefaultThresholds().of(tc.lines, ratio{uint64(tc.percent), hundredths}); got != tc.want {
			t.Errorf("%d lines and %d hundredths of a percent are %q, want %q", tc.lines, tc.percent, got, tc.want)
		}
	}
	// A share above a limit by less than any rounding shows is above it.
	if got := DefaultThresholds().of(1, ratio{math.MaxInt64/20 + 1, math.MaxInt64}); got != Medium {
		t.Errorf("a hair above 5 %% is %q, want %q", got, Medium)
	}
}

// TestGrossNeverComesBack: once too much, always too much, however the amounts come.
func TestGrossNeverComesBack(t *testing.T) {
	var g group
	for _, q := range []Quantity{math.MinInt64, math.MaxInt64, math.MinInt64, math.MinInt64, math.MaxInt64, 1, -1} {
		g.addStock(q)
		if g.err() == nil {
			t.Errorf("after %d the gross is %d and no error", q, g.gross)
		}
	}
	g = group{}
	g.addStock(1<<62 - 1)
	if g.err() != nil {
		t.Errorf("just below the limit: %v", g.err())
	}
	g.addStock(-1)
	if g.err() == nil {
		t.Error("at the limit: no error")
	}
}
