// Package sessiontest is what every session store must do. Each engine's tests run it.
//
// Run needs nothing but a store, in memory or across a network: it waits for events, never for the
// clock. What depends on limits of memory and time is for each engine's own tests.
package sessiontest

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ruptura/internal/session"
)

// Run tests an engine; open gives a store that the test may use until it ends, with room for a
// few thousand orders and a time to live of at least a minute. The store need not be empty.
func Run(t *testing.T, open func(t *testing.T) session.Store) {
	t.Helper()
	for _, part := range []struct {
		name  string
		cases []testCase
	}{
		{"create", createCases}, {"work", workCases}, {"publish", publishCases}, {"batch", batchCases}, {"end", endCases},
		{"log", logCases}, {"follow", followCases}, {"key", keyCases}, {"concurrent", concurrentCases},
	} {
		t.Run(part.name, func(t *testing.T) {
			for _, c := range part.cases {
				t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
			}
		})
	}
	t.Run("any sequence of calls agrees with the model", func(t *testing.T) { testModel(t, open(t)) })
}

// Bubble runs what only a store in memory can be held to, inside a synctest bubble each, where
// waiting costs no time and a stuck goroutine is a failure.
func Bubble(t *testing.T, open func(t *testing.T) session.Store) {
	t.Helper()
	for _, c := range bubbleCases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.run(t, open(t)) })
		})
	}
}

type testCase struct {
	name string
	run  func(*testing.T, session.Store)
}

// patience is how long an engine may take to wake a reader before the test calls it lost.
const patience = 10 * time.Second

// unknownID is the ID of no session.
const unknownID = session.ID("DESCONHECIDA")

func wantError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: error %v, want %v", what, got, want)
	}
}
