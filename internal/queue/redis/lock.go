package redis

import (
	"context"
	"fmt"
	"time"

	rds "ruptura/internal/redis"
)

// Lock reports whether the caller is the first of all processes to ask within a time, in whole ms:
// what all of them would do now and then is done by one. Nobody gives it back; it passes.
func (q *Queue) Lock(ctx context.Context, length time.Duration) (mine bool, err error) {
	mine, err = q.client.SetNX(ctx, q.client.Key("fila", "varredura"), q.consumer, max(length, time.Millisecond)).Result()
	if err != nil {
		return false, fmt.Errorf("queue: lock: %w", rds.Explain(err))
	}
	return mine, nil
}
