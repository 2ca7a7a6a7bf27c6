// Package redis keeps sessions and their event logs in Redis, so that any number of processes can
// work on them and show them.
//
// A session lives under keys in one slot; each method that writes is one script, one atomic step
// there. What must know of all sessions, the registry, lives in another slot: it is told before a
// session is made and after it has ended, and what was lost between is repaired by
// [Store.Unfinished] and by those who ask for room. Instants are kept in milliseconds.
package redis

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/atp"
	rds "ruptura/internal/redis"
	"ruptura/internal/session"
)

// Config are the limits of a store.
type Config struct {
	// TTL is how long a session lives after its last change.
	TTL time.Duration
	// Memory bounds the bytes that all sessions together are charged for, those that running ones
	// will still need included. All processes should say the same.
	Memory int64
	// Silence is after how long without news a followed session is looked at, in case its news was
	// lost on the way; 5 s if zero.
	Silence time.Duration
	Log     *slog.Logger
}

// Store is a session.Store in Redis. Close it to stop what it has begun; the client stays open.
type Store struct {
	client   *rds.Client
	config   Config
	scripts  scripts
	registry [4]string
	specs    *cache
	hub      *hub
}

var (
	_ session.Store      = (*Store)(nil)
	_ session.BatchStore = (*Store)(nil)
)

// defaultSilence is Config.Silence unless it is given.
const defaultSilence = 5 * time.Second

// New makes a store; it does not connect.
func New(client *rds.Client, c Config) *Store {
	if c.Silence <= 0 {
		c.Silence = defaultSilence
	}
	s := &Store{client: client, config: c, scripts: newScripts(), specs: newCache()}
	s.registry = s.registryKeys()
	s.hub = newHub(s)
	return s
}

// Close stops what follows sessions; readers learn it at their next Take.
func (s *Store) Close() { s.hub.close() }

// Ping reports whether Redis answers.
func (s *Store) Ping(ctx context.Context) error { return s.client.Ping(ctx) }

// Begin notes the beginning of work.
func (s *Store) Begin(ctx context.Context, id session.ID, at time.Time) (bool, error) {
	if !isID(id) {
		return false, session.ErrUnknown
	}
	answer, err := s.onSession(ctx, s.scripts.begin, id, at.UnixMilli()).Int()
	switch {
	case err != nil:
		return false, rds.Explain(err)
	case answer == unknown:
		return false, session.ErrUnknown
	}
	return answer == written, nil
}

// NextJob gives out the next job.
func (s *Store) NextJob(ctx context.Context, id session.ID, finished int) (int, bool, error) {
	if !isID(id) {
		return 0, false, session.ErrUnknown
	}
	answer, err := numbers(s.onSession(ctx, s.scripts.nextJob, id, finished), 2)
	switch {
	case err != nil:
		return 0, false, err
	case answer[0] == unknown:
		return 0, false, session.ErrUnknown
	}
	return int(answer[1]), answer[0] == written, nil
}

// States by the names under which they are kept, which are those of the wire.
var states = map[string]session.State{
	session.Queued.String(): session.Queued, session.Running.String(): session.Running,
	session.Complete.String(): session.Complete, session.Failed.String(): session.Failed,
	session.Cancelled.String(): session.Cancelled,
}

// Status tells how far a session is.
func (s *Store) Status(ctx context.Context, id session.ID) (session.Status, error) {
	if !isID(id) {
		return session.Status{}, session.ErrUnknown
	}
	info, err := readInfo(s.client.HMGet(ctx, s.keys(id).info, "estado", "criado", "iniciado", "concluido", "pedidos", "lotes",
		"processados", "com_erro", "lotes_concluidos", "workers", "ultimo_evento", "modo", "politica"))
	if err != nil {
		return session.Status{}, err
	}
	n := info.numbers
	return session.Status{
		State: info.state, Created: instant(n[0]), Begun: instant(n[1]), Done: instant(n[2]),
		Orders: int(n[3]), Lots: int(n[4]), Processed: int(n[5]), Failed: int(n[6]),
		LotsDone: int(n[7]), Workers: int(n[8]), LastEvent: n[9],
		Mode: atp.Mode(n[10]), Policy: atp.Policy(n[11]), //nolint:gosec // as Create wrote them
	}, nil
}

// instant reads milliseconds; 0 is the zero instant.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// info is a session's state and other fields of it, zero where there is none yet.
type info struct {
	state   session.State
	numbers []int64
}

// readInfo reads an answer of HMGET whose first field is the state, or ErrUnknown.
func readInfo(c *goredis.SliceCmd) (info, error) {
	values, err := c.Result()
	if err != nil {
		return info{}, rds.Explain(err)
	}
	name, ok := values[0].(string)
	if !ok {
		return info{}, session.ErrUnknown
	}
	i := info{state: states[name], numbers: make([]int64, len(values)-1)}
	for k, v := range values[1:] {
		text, ok := v.(string)
		if !ok {
			continue
		}
		if i.numbers[k], err = strconv.ParseInt(text, 10, 64); err != nil {
			return info{}, errors.Join(errReply, err)
		}
	}
	return i, nil
}
