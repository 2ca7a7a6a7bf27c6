package redis_test

import (
	"testing"

	"ruptura/internal/redistest"
	"ruptura/internal/session"
	"ruptura/internal/session/sessiontest"
)

// A user needs its own keys and channels, and no command that Redis calls dangerous.
func TestConformanceAsANarrowUser(t *testing.T) {
	server := redistest.Start(t, redistest.Options{
		Settings: []string{"user ana on >segredo ~estreito* &estreito* +@all -@dangerous -@admin -client", "user default off"},
	})
	sessiontest.Run(t, func(t *testing.T) session.Store {
		_, prefix := redistest.Shared(t)
		return open(t, server.As("ana", "segredo"), "estreito-"+prefix, config())
	})
}
