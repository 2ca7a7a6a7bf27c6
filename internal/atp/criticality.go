package atp

import "fmt"

// Criticality tells how bad an order's shortage is; higher is worse. The zero value means that
// nothing is short.
type Criticality uint8

// The degrees, from mild to worst.
const (
	NotShort Criticality = iota
	Low
	Medium
	High
	Critical
)

var criticalityNames = [...]string{"", "BAIXA", "MEDIA", "ALTA", "CRITICA"}

// String is the degree's wire name, "" for NotShort.
func (c Criticality) String() string { return criticalityNames[c] }

// Threshold bounds a degree by the number of short lines and the percentage short, both
// inclusive. Percent is in hundredths of a percent: 500 is 5 %.
type Threshold struct {
	Lines   int
	Percent int
}

// Thresholds are the limits of the degrees (calculation §3): at most Low is Low, else at most
// Medium is Medium, else above Critical in both is Critical, else High.
type Thresholds struct {
	Low, Medium, Critical Threshold
}

// DefaultThresholds are the documented defaults.
func DefaultThresholds() Thresholds {
	return Thresholds{
		Low:      Threshold{Lines: 2, Percent: 500},
		Medium:   Threshold{Lines: 3, Percent: 1000},
		Critical: Threshold{Lines: 3, Percent: 1000},
	}
}

// Validate makes sure that a degree never drops as lines or percentage grow: each limit must be
// at least the one before it. Its errors wrap ErrParams.
func (t Thresholds) Validate() error {
	ordered := []Threshold{{}, t.Low, t.Medium, t.Critical, {Lines: maxLines, Percent: 10000}}
	for i := 1; i < len(ordered); i++ {
		if ordered[i].Lines < ordered[i-1].Lines || ordered[i].Percent < ordered[i-1].Percent {
			return fmt.Errorf("%w: criticality thresholds must not fall from low to medium to critical, nor pass 100 %%", ErrParams)
		}
	}
	return nil
}

// maxLines is more lines than an order can sensibly have; it only bounds a setting.
const maxLines = 1_000_000

// of classifies an order with n short lines and a share p of it short. The share is compared
// exactly, before any rounding.
func (t Thresholds) of(n int, p ratio) Criticality {
	within := func(th Threshold) bool { return n <= th.Lines && p.compare(th.Percent) <= 0 }
	switch {
	case n == 0:
		return NotShort
	case within(t.Low):
		return Low
	case within(t.Medium):
		return Medium
	case n > t.Critical.Lines && p.compare(t.Critical.Percent) > 0:
		return Critical
	}
	return High
}

// ParseCriticality reads a wire name; anything else is NotShort.
func ParseCriticality(name string) Criticality {
	for c := Low; c <= Critical; c++ {
		if criticalityNames[c] == name {
			return c
		}
	}
	return NotShort
}
