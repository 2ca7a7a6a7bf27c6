package sessiontest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"ruptura/internal/session"
)

// errLost says that Ready did not receive although there was something to take.
var errLost = errors.New("sessiontest: the reader was not woken")

// follow returns a reader that the test closes in the end.
func follow(t *testing.T, store session.Store, id session.ID, after int64) session.Reader {
	t.Helper()
	r, err := store.Follow(t.Context(), id, after)
	if err != nil {
		t.Fatalf("Follow(after %d): %v", after, err)
	}
	t.Cleanup(r.Close)
	return r
}

// ready waits until there may be something to take.
func ready(ctx context.Context, r session.Reader) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-r.Ready():
		return nil
	case <-timer.C:
		return errLost
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take waits for events that must come and takes at most limit of them. Waking up for nothing is
// allowed.
func take(ctx context.Context, r session.Reader, limit int) ([]session.Event, bool, error) {
	for {
		if err := ready(ctx, r); err != nil {
			return nil, false, err
		}
		got, last, err := r.Take(ctx, limit)
		if len(got) > limit {
			return nil, false, fmt.Errorf("%d events taken at a limit of %d", len(got), limit)
		}
		if len(got) > 0 || last || err != nil {
			return got, last, err
		}
	}
}

// takeN takes exactly n events, which must not include the session's last one.
func takeN(t *testing.T, r session.Reader, n int) []session.Event {
	t.Helper()
	var log []session.Event
	for len(log) < n {
		got, last, err := take(t.Context(), r, n-len(log))
		if err != nil || last {
			t.Fatalf("after %d of %d events: last %t, error %v", len(log), n, last, err)
		}
		log = append(log, got...)
	}
	return log
}

// drain takes everything up to the session's last event, at most limit events at once.
func drain(ctx context.Context, r session.Reader, limit int) ([]session.Event, error) {
	var log []session.Event
	for {
		got, last, err := take(ctx, r, limit)
		log = append(log, got...)
		if last || err != nil {
			return log, err
		}
	}
}

// wantRest drains a reader and compares with the part of the log that it should have read.
func wantRest(t *testing.T, r session.Reader, limit int, want []session.Event) {
	t.Helper()
	got, err := drain(t.Context(), r, limit)
	if err != nil {
		t.Fatal(err)
	}
	wantSameLog(t, got, want)
}

// wantNothing checks that a reader has nothing to take now.
func wantNothing(t *testing.T, r session.Reader) {
	t.Helper()
	got, last, err := r.Take(t.Context(), all)
	if len(got) > 0 || last || err != nil {
		t.Fatalf("Take = %d events, last %t, error %v; want nothing yet", len(got), last, err)
	}
}

// concat joins parts of a log.
func concat(parts ...[]session.Event) []session.Event { return slices.Concat(parts...) }
