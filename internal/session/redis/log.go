package redis

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	rds "ruptura/internal/redis"
	"ruptura/internal/session"
)

// Events returns a part of the log.
func (s *Store) Events(ctx context.Context, id session.ID, after int64, limit int) ([]session.Event, error) {
	if !isID(id) {
		return nil, session.ErrUnknown
	}
	events, _, err := s.read(ctx, id, after, limit)
	return events, err
}

// end is how far a log goes.
type end struct {
	last  int64 // its last event
	ended bool  // whether that is the session's final one
}

// read is Events, and tells how far the log went just before, in one round trip.
func (s *Store) read(ctx context.Context, id session.ID, after int64, limit int) ([]session.Event, end, error) {
	return s.readFrom(ctx, id, after, limit, nil)
}

// readFrom is read for who has the event numbered after already: it must still be the one that the
// caller had, as same tells. What Redis has lost it may have numbered again.
func (s *Store) readFrom(
	ctx context.Context, id session.ID, after int64, limit int, same func(session.Event) bool,
) ([]session.Event, end, error) {
	k := s.keys(id)
	from, count := "("+strconv.FormatInt(after, 10)+"-0", int64(limit)
	again := same != nil && after > 0
	if again {
		from, count = from[1:], min(count, math.MaxInt64-1)+1
	}
	var (
		info *goredis.SliceCmd
		log  *goredis.XMessageSliceCmd
	)
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		info = p.HMGet(ctx, k.info, "estado", "ultimo_evento")
		if after >= 0 && limit > 0 {
			log = p.XRangeN(ctx, k.events, from, "+", count)
		}
		return nil
	})
	if err != nil && !errors.Is(err, goredis.Nil) {
		return nil, end{}, rds.Explain(err)
	}
	reach, err := readEnd(info)
	if err != nil {
		return nil, end{}, err
	}
	if after < 0 || after > reach.last {
		return nil, reach, session.ErrBeyond
	}
	if log == nil {
		return nil, reach, nil
	}
	if !again {
		same = nil
	}
	events, err := readNew(log, after, same)
	if err == nil && len(events) == 0 && after < reach.last {
		err = session.ErrUnknown // Redis has thrown the log away
	}
	return events, reach, err
}

// readNew is the events after the one numbered after. With same, that one comes first, and must be the
// one that the caller had.
func readNew(log *goredis.XMessageSliceCmd, after int64, same func(session.Event) bool) ([]session.Event, error) {
	if same == nil {
		return readEvents(log, after+1)
	}
	events, err := readEvents(log, after)
	switch {
	case err != nil:
		return nil, err
	case len(events) == 0, !same(events[0]):
		return nil, fmt.Errorf("%w: event %d is another than it was", session.ErrUnknown, after)
	}
	return events[1:], nil
}

func readEnd(c *goredis.SliceCmd) (end, error) {
	info, err := readInfo(c)
	if err != nil {
		return end{}, err
	}
	return end{info.numbers[0], info.state.Ended()}, nil
}

// readEvents checks that the events follow each other, from the one numbered first on.
func readEvents(c *goredis.XMessageSliceCmd, first int64) ([]session.Event, error) {
	entries, err := c.Result()
	if err != nil {
		return nil, rds.Explain(err)
	}
	events := make([]session.Event, len(entries))
	for i, entry := range entries {
		want := first + int64(i)
		number, _, _ := strings.Cut(entry.ID, "-")
		data, ok := entry.Values["d"].(string)
		if !ok || number != strconv.FormatInt(want, 10) {
			return nil, fmt.Errorf("%w: the log has %s where event %d should be", session.ErrUnknown, entry.ID, want)
		}
		events[i] = session.Event{ID: want, Data: []byte(data)}
	}
	return events, nil
}
