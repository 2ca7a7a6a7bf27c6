package backoff_test

import (
	"testing"
	"time"

	"ruptura/internal/backoff"
)

func TestPause(t *testing.T) {
	for failures, longest := range map[int]time.Duration{
		1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 6: 3200 * time.Millisecond, 7: backoff.Longest,
		11: backoff.Longest, 64: backoff.Longest, 1_000_000: backoff.Longest,
	} {
		for range 200 {
			if got := backoff.Pause(failures); got > longest || got < longest/2-1 {
				t.Fatalf("Pause(%d) = %v, want %v less up to a half", failures, got, longest)
			}
		}
	}
}
