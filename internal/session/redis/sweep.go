package redis

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	goredis "github.com/redis/go-redis/v9"

	rds "ruptura/internal/redis"
	"ruptura/internal/session"
)

// Unfinished lists at most limit sessions that have not ended, nor been written for as long as idle,
// the longest silent first. On its way it sets right what the registry has not been told: who is
// heard of, who has ended, who is gone.
func (s *Store) Unfinished(ctx context.Context, idle time.Duration, limit int) ([]session.ID, error) {
	var found []looked
	for pass := 0; len(found) < limit; {
		some, err := s.silent(ctx, idle, pass)
		if err != nil {
			return nil, err
		}
		seen, err := s.lookAt(ctx, some.sessions)
		if err != nil {
			return nil, err
		}
		over := some.over - pass
		for i, l := range seen {
			switch {
			case l.idle(some.now - idle.Milliseconds()):
				found = append(found, l)
				pass++
			case l.gone && i >= over: // perhaps about to be made
				pass++
			default:
				if err := s.settle(ctx, l); err != nil {
					return nil, err
				}
			}
		}
		if len(seen) < lookAtOnce {
			break
		}
	}
	slices.SortStableFunc(found, func(a, b looked) int { return cmp.Compare(a.written, b.written) })
	list := make([]session.ID, min(len(found), max(limit, 0)))
	for i := range list {
		list[i] = found[i].id
	}
	return list, nil
}

// idle reports whether a session has not ended, nor been written since an instant.
func (l looked) idle(since int64) bool { return !l.gone && !l.state.Ended() && l.written <= since }

// silence is sessions that have not been heard of for some time, those that have been silent longest
// first.
type silence struct {
	now int64 // ms, by Redis's clock
	// over is how many of all such sessions, also those passed over, were last heard of longer ago
	// than they live.
	over     int
	sessions []session.ID
}

// silent asks the registry who is silent, and passes over some.
func (s *Store) silent(ctx context.Context, idle time.Duration, pass int) (silence, error) {
	answer, err := several(s.onRegistry(ctx, s.scripts.silent,
		idle.Milliseconds(), pass, lookAtOnce, s.config.TTL.Milliseconds()), 3)
	if err != nil {
		return silence{}, err
	}
	now, isNumber := answer[0].(int64)
	over, isCount := answer[1].(int64)
	if !isNumber || !isCount {
		return silence{}, errReply
	}
	return silence{now, int(over), ids(answer[2])}, nil
}

// Undone lists at most limit jobs that make up the orders given out and not yet written: whole jobs,
// or the parts of them that are left.
func (s *Store) Undone(ctx context.Context, id session.ID, limit int) ([]session.Job, error) {
	asked, err := s.Session(ctx, id)
	if err != nil {
		return nil, err
	}
	given, done, err := s.progress(ctx, id)
	if err != nil {
		return nil, err
	}
	var jobs []session.Job
	for n := 0; n < min(given, asked.Jobs()) && len(jobs) < limit; n++ {
		whole := session.Job{Session: id, Number: n}
		span := asked.Span(whole)
		if span.End > len(done) {
			return nil, session.ErrUnknown // Redis has thrown a part of it away
		}
		for _, part := range left(done, span) {
			j := whole
			if part != span {
				j.Part = part
			}
			jobs = append(jobs, j)
		}
	}
	return jobs[:min(len(jobs), max(limit, 0))], nil
}

// progress is how many jobs of a session have been given out, none once it has ended, and a byte for
// each order that tells whether it has been written.
func (s *Store) progress(ctx context.Context, id session.ID) (given int, done []byte, err error) {
	k := s.keys(id)
	var (
		state  *goredis.SliceCmd
		orders *goredis.StringCmd
	)
	_, err = s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		state, orders = p.HMGet(ctx, k.info, "estado", "proximo"), p.Get(ctx, k.written)
		return nil
	})
	if err != nil && !errors.Is(err, goredis.Nil) {
		return 0, nil, rds.Explain(err)
	}
	i, err := readInfo(state)
	if err != nil || i.state.Ended() {
		return 0, nil, err
	}
	done, err = orders.Bytes()
	if errors.Is(err, goredis.Nil) {
		return 0, nil, session.ErrUnknown
	}
	return int(i.numbers[0]), done, rds.Explain(err)
}

// left is the runs of a span's orders that have not been written.
func left(done []byte, span session.Span) []session.Span {
	var runs []session.Span
	for at := span.First; at < span.End; {
		next := bytes.IndexByte(done[at:span.End], '0')
		if next < 0 {
			break
		}
		run := session.Span{First: at + next, End: span.End}
		if length := bytes.IndexByte(done[run.First:span.End], '1'); length >= 0 {
			run.End = run.First + length
		}
		runs = append(runs, run)
		at = run.End
	}
	return runs
}
