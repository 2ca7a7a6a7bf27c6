package local

import (
	"testing"

	"ruptura/internal/session"
)

// However many jobs pass through, the queue keeps room only for those that wait at once.
func TestMemoryIsBoundedByWhatWaits(t *testing.T) {
	q := New()
	defer q.Close()
	largest := 0
	for n := range 100_000 {
		if err := q.Enqueue(t.Context(), session.Job{Session: "s", Number: n}); err != nil {
			t.Fatal(err)
		}
		if n < 10 {
			continue // so that ten always wait
		}
		d, err := q.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n%7 == 0 {
			if err := d.Return(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := q.Take(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		largest = max(largest, cap(q.jobs))
	}
	if largest > 64 {
		t.Errorf("room for %d jobs, at most 11 waited", largest)
	}
}
