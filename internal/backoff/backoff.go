// Package backoff says how long to wait before trying again what did not answer.
package backoff

import (
	"math/rand/v2"
	"time"
)

// The pauses between attempts: each is twice the one before, less up to a half by chance, so that
// many who wait do not all come back at once.
const (
	First   = 100 * time.Millisecond
	Longest = 5 * time.Second
)

// Pause is how long to wait after that many failed attempts, counted from 1.
func Pause(failures int) time.Duration {
	longest := Longest
	if doublings := failures - 1; doublings < 10 {
		longest = min(First<<doublings, Longest)
	}
	return longest - rand.N(longest/2+1) //nolint:gosec // jitter, not a secret
}
