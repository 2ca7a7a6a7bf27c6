package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	rds "ruptura/internal/redis"
	"ruptura/internal/session"
)

// failures is the field that says how many orders of each lot failed: "lot:count" with spaces between.
const failures = "falhas"

// Prepare keeps the results of a session's lots in a hash: first under a name that only this call
// knows, in parts, then by one renaming under the name that the scripts know, unless there is one.
// What a process leaves that dies before the renaming is forgotten with time.
func (s *Store) Prepare(ctx context.Context, id session.ID, lots iter.Seq2[session.LotResult, error]) error {
	if !isID(id) {
		return session.ErrUnknown
	}
	k := s.keys(id)
	draft := k.prepared + ":" + rand.Text()
	if err := s.draft(ctx, draft, lots); err != nil {
		return errors.Join(err, s.tearUp(ctx, draft, err))
	}
	kept, err := s.client.RenameNX(ctx, draft, k.prepared).Result()
	if err != nil {
		err = rds.Explain(err)
		return errors.Join(err, s.tearUp(ctx, draft, err))
	}
	if kept {
		return nil
	}
	return s.tearUp(ctx, draft, nil)
}

// tearUp forgets a draft, unless Redis is away: then it goes with time.
func (s *Store) tearUp(ctx context.Context, draft string, cause error) error {
	if errors.Is(cause, session.ErrUnavailable) {
		return nil
	}
	return rds.Explain(s.client.Unlink(context.WithoutCancel(ctx), draft).Err())
}

// draft writes lots into a hash, some of them in each round trip.
func (s *Store) draft(ctx context.Context, key string, lots iter.Seq2[session.LotResult, error]) error {
	var failed strings.Builder
	var fields []any
	bytes := 0
	for l, err := range lots {
		if err != nil {
			return err
		}
		if l.Failed > 0 {
			fmt.Fprintf(&failed, "%d:%d ", l.Lot, l.Failed)
		}
		fields = append(fields, l.Lot, string(l.Body)) // the body may be used again
		if bytes += len(l.Body); bytes < bytesAtOnce {
			continue
		}
		if err := s.write(ctx, key, fields); err != nil {
			return err
		}
		fields, bytes = fields[:0], 0
	}
	return s.write(ctx, key, append(fields, failures, failed.String()))
}

// write adds fields to a hash, which lives as long as a session.
func (s *Store) write(ctx context.Context, key string, fields []any) error {
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		p.HSet(ctx, key, fields...)
		p.PExpire(ctx, key, s.config.TTL)
		return nil
	})
	return rds.Explain(err)
}

// Prepared tells whether results are prepared. Asking prolongs their life: they are about to be
// published.
func (s *Store) Prepared(ctx context.Context, id session.ID) (failed map[int]int, ok bool, err error) {
	if !isID(id) {
		return nil, false, session.ErrUnknown
	}
	key := s.keys(id).prepared
	text, err := s.client.HGet(ctx, key, failures).Result()
	switch {
	case errors.Is(err, goredis.Nil):
		return nil, false, nil
	case err != nil:
		return nil, false, rds.Explain(err)
	}
	if err := s.client.PExpire(ctx, key, s.config.TTL).Err(); err != nil {
		return nil, false, rds.Explain(err)
	}
	failed, err = readFailures(text)
	return failed, err == nil, err
}

func readFailures(text string) (map[int]int, error) {
	failed := map[int]int{}
	for entry := range strings.FieldsSeq(text) {
		lot, count, _ := strings.Cut(entry, ":")
		l, err := strconv.Atoi(lot)
		n, err2 := strconv.Atoi(count)
		if err = errors.Join(err, err2); err != nil {
			return nil, fmt.Errorf("read failures of prepared lots: %w", err)
		}
		failed[l] = n
	}
	return failed, nil
}
