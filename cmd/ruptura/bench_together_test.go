package main

import (
	"testing"
	"time"

	"ruptura/internal/demo"
)

// BenchmarkTogether is a session of a whole book of 10,000 orders in which all compete, from the POST to
// `completo` at a client that reads the stream, against the same in which each is looked at alone. Both
// take turns in one run.
func BenchmarkTogether(b *testing.B) {
	data := demo.Config{Orders: benchMedium.Orders, Movements: benchData.Movements, Seed: 1, Today: benchData.Today}
	b.Run("sqlite", func(b *testing.B) { againstAlone(b, startBench(b, data)) })
	b.Run("postgres", func(b *testing.B) { againstAlone(b, startPostgres(b, benchMedium).bench) })
}

// againstAlone runs a session of the whole book in both modes.
func againstAlone(b *testing.B, t *bench) {
	b.Helper()
	run := func(body string) func() (time.Duration, error) {
		return func() (time.Duration, error) {
			_, whole, err := t.sessionOf(b.Context(), []byte(body))
			return whole, err
		}
	}
	pairs(b, run(`{"todos":true,"modo":"concorrente"}`), run(`{"todos":true}`))
}
