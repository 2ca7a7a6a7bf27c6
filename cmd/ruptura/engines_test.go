package main

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"ruptura/internal/redistest"
	"ruptura/internal/session"
	"ruptura/internal/settings"
)

// A process that is asked to stop while Redis is away has nothing to reproach itself with.
func TestStopsWhileRedisIsAway(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	s := settings.Settings{RedisPrefix: "teste", Lease: time.Minute, SessionTTL: time.Minute, LogMemory: 64 << 20}
	s.Redis = settings.RedisAddress(server.URL())
	e, err := openEngines(s, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.jobs.Enqueue(t.Context(), session.Job{Session: "S"}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.jobs.Take(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Stop(t)
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := e.close(ctx); err != nil {
		t.Errorf("close = %v, want a clean end", err)
	}
}
