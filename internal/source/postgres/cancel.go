package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// cancelLimit is how long a server may take over a call that is cancelled: to hear of it, and to
	// end the statement.
	cancelLimit = time.Second
	// settling is how long a cancel request that the server has taken may still be on its way, within
	// it, to a statement. A later one must not meet it.
	settling = 100 * time.Millisecond
)

// canceller ends a connection's statement when its context does. Unlike the driver's own, it never
// hangs up on a cancel request that is under way, even when the statement has ended by itself: that
// makes a pgbouncer 1.18 crash (its issue 801).
type canceller struct {
	conn *pgconn.PgConn
	done chan struct{}
}

// HandleCancel implements ctxwatch.Handler.
func (c *canceller) HandleCancel(context.Context) {
	c.done = make(chan struct{})
	c.limit(time.Now().Add(cancelLimit))
	go func() { //nolint:gosec // the context at hand has ended, which is why
		defer close(c.done)
		ctx, cancel := context.WithTimeout(context.Background(), cancelLimit)
		defer cancel()
		if err := c.conn.CancelRequest(ctx); err != nil {
			c.limit(time.Now()) // it will not end by being asked to
			return
		}
		<-time.After(settling)
	}()
}

// HandleUnwatchAfterCancel implements ctxwatch.Handler.
func (c *canceller) HandleUnwatchAfterCancel() {
	<-c.done
	c.limit(time.Time{})
}

// limit lets reading and writing fail from an instant on. A connection for which not even that can
// be said is closed, and fails by itself.
func (c *canceller) limit(at time.Time) { _ = c.conn.Conn().SetDeadline(at) }
