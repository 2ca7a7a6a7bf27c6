package redis_test

import (
	"testing"

	"ruptura/internal/queue"
	"ruptura/internal/queue/queuetest"
	"ruptura/internal/redistest"
)

// A user needs its own keys and channels, and no command that Redis calls dangerous.
func TestConformanceAsANarrowUser(t *testing.T) {
	server := redistest.Start(t, redistest.Options{
		Settings: []string{"user ana on >segredo ~estreito* &estreito* +@all -@dangerous -@admin -client", "user default off"},
	})
	queuetest.Run(t, func(t *testing.T) queue.Queue {
		_, prefix := redistest.Shared(t)
		return rig{server.As("ana", "segredo"), "estreito-" + prefix}.process(t, long)
	})
}
