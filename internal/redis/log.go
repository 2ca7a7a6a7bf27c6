package redis

import (
	"context"
	"fmt"
	"log/slog"

	goredis "github.com/redis/go-redis/v9"
)

// LogTo sends to a logger what go-redis says by itself, which it else writes to standard error. It is
// for the whole process: for main to call, once.
func LogTo(log *slog.Logger) { goredis.SetLogger(remarks{log}) }

// remarks are at the level of debugging: what matters of them comes back as errors too.
type remarks struct{ log *slog.Logger }

// Printf implements go-redis's logger.
func (r remarks) Printf(ctx context.Context, format string, args ...any) {
	r.log.DebugContext(ctx, "redis client", "remark", fmt.Sprintf(format, args...))
}
