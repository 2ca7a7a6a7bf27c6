package worker

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"ruptura/internal/analysis"
	"ruptura/internal/queue"
	"ruptura/internal/session"
)

// A job that is taken over while it reads takes its read with it: the others, who have waited for
// it, make their own, and their orders are not told of somebody else's loss.
func TestInterruptedReadIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book, made := &analysis.Book{}, 0
		r := newReads(func(ctx context.Context, _ *session.Session, _ int, _ *outage) (*analysis.Book, error) {
			if made++; made > 1 {
				return book, nil
			}
			<-ctx.Done()
			return nil, context.Cause(ctx)
		})
		s := &session.Session{ID: "a", Spec: spec(numbers(40))}
		ctx, lose := context.WithCancelCause(t.Context())
		first := make(chan error, 1)
		go func() {
			_, err := r.get(ctx, s, 0)
			first <- err
		}()
		synctest.Wait()
		second := make(chan error, 1)
		go func() {
			got, err := r.get(t.Context(), s, 0)
			if got != book {
				err = errors.Join(err, errors.New("no book"))
			}
			second <- err
		}()
		synctest.Wait()
		lose(queue.ErrLost)
		if err := <-first; err == nil {
			t.Error("the one interrupted has a book")
		}
		if err := <-second; err != nil || made != 2 {
			t.Errorf("after %d reads: %v", made, err)
		}
	})
}
