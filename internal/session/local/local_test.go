package local_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"ruptura/internal/session"
	"ruptura/internal/session/local"
	"ruptura/internal/session/sessiontest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	open := func(t *testing.T) session.Store {
		t.Helper()
		store := local.New(local.Config{TTL: time.Hour, Memory: 64 << 20})
		t.Cleanup(store.Close)
		return store
	}
	sessiontest.Run(t, open)
	sessiontest.Bubble(t, open)
}
