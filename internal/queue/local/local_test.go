package local_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"ruptura/internal/queue"
	"ruptura/internal/queue/local"
	"ruptura/internal/queue/queuetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T) queue.Queue {
	q := local.New()
	t.Cleanup(q.Close)
	return q
}

func TestConformance(t *testing.T) {
	queuetest.Run(t, open)
	queuetest.Bubble(t, open)
}

func TestCloseWakesWaitingWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := local.New()
		got := make(chan error)
		go func() {
			_, err := q.Take(t.Context())
			got <- err
		}()
		synctest.Wait()
		q.Close()
		q.Close() // is idempotent
		if err := <-got; !errors.Is(err, queue.ErrClosed) {
			t.Errorf("Take = %v, want ErrClosed", err)
		}
	})
}
