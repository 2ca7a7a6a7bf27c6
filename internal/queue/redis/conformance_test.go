package redis_test

import (
	"testing"

	"ruptura/internal/queue"
	"ruptura/internal/queue/queuetest"
	"ruptura/internal/redistest"
)

func TestConformance(t *testing.T) {
	queuetest.Run(t, func(t *testing.T) queue.Queue { return shared(t).process(t, long) })
}

func TestConformanceInACluster(t *testing.T) {
	cluster := redistest.StartCluster(t)
	queuetest.Run(t, func(t *testing.T) queue.Queue {
		_, prefix := redistest.Shared(t)
		return rig{cluster.URL(), prefix}.process(t, long)
	})
}
