package redis

import (
	"context"
	"errors"
	"fmt"

	goredis "github.com/redis/go-redis/v9"

	rds "ruptura/internal/redis"
	"ruptura/internal/session"
)

// lookAtOnce bounds how many sessions are looked at in one round trip.
const lookAtOnce = 100

// looks bounds how often one request for room looks.
const looks = 20

// admit charges a new session for what it is expected to need, or says why it cannot. Before it says
// that the log is full it sees to it that nobody is charged who is gone.
func (s *Store) admit(ctx context.Context, id session.ID, size int64) error {
	for range looks {
		answer, err := several(s.onRegistry(ctx, s.scripts.admit,
			string(id), size, s.config.Memory, s.config.TTL.Milliseconds(), lookAtOnce), 3)
		if err != nil {
			return err
		}
		if answer[0] == int64(tooLarge) {
			return session.ErrTooLarge
		}
		if err := s.remove(ctx, ids(answer[1])...); err != nil {
			return err
		}
		looked := ids(answer[2])
		freed, err := s.look(ctx, looked)
		switch {
		case err != nil:
			return err
		case answer[0] != int64(full):
			return nil
		case !freed && len(looked) < lookAtOnce:
			return session.ErrFull
		}
	}
	return session.ErrFull
}

// look sees what has become of sessions that have not been heard of for longer than they live, and
// tells the registry. It reports whether one of them was gone or had ended.
func (s *Store) look(ctx context.Context, silent []session.ID) (freed bool, err error) {
	if len(silent) == 0 {
		return false, nil
	}
	seen, err := s.lookAt(ctx, silent)
	if err != nil {
		return false, err
	}
	for _, l := range seen {
		freed = freed || l.gone || l.state.Ended()
		if err := s.settle(ctx, l); err != nil {
			return false, err
		}
	}
	return freed, nil
}

// looked is what a session looks like to the registry.
type looked struct {
	id      session.ID
	gone    bool
	state   session.State
	written int64 // ms, of Redis's clock
	size    int64 // once it has ended
}

func (s *Store) lookAt(ctx context.Context, list []session.ID) ([]looked, error) {
	commands := make([]*goredis.SliceCmd, len(list))
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for i, id := range list {
			commands[i] = p.HMGet(ctx, s.keys(id).info, "estado", "escrito", "fixo", "bytes")
		}
		return nil
	})
	if err != nil {
		return nil, rds.Explain(err)
	}
	seen := make([]looked, len(list))
	for i, c := range commands {
		info, err := readInfo(c)
		switch {
		case errors.Is(err, session.ErrUnknown):
			seen[i] = looked{id: list[i], gone: true}
		case err != nil:
			return nil, err
		default:
			seen[i] = looked{list[i], false, info.state, info.numbers[0], info.numbers[1] + info.numbers[2]}
		}
	}
	return seen, nil
}

// settle tells the registry what a session looks like. That one is not there means something only
// when its life is over: until then it may be about to be made.
func (s *Store) settle(ctx context.Context, l looked) error {
	switch {
	case l.gone:
		return s.forget(ctx, l.id)
	case l.state.Ended():
		return s.finish(ctx, l.id, l.size)
	}
	err := s.client.ZAddArgs(ctx, s.registry[0], goredis.ZAddArgs{
		XX: true, GT: true, Members: []goredis.Z{{Score: float64(l.written), Member: string(l.id)}},
	}).Err()
	return rds.Explain(err)
}

// forget lets the registry know sessions no more.
func (s *Store) forget(ctx context.Context, list ...session.ID) error {
	args := make([]any, len(list))
	for i, id := range list {
		args[i] = string(id)
	}
	err := s.onRegistry(ctx, s.scripts.forget, args...).Err()
	if errors.Is(err, goredis.Nil) {
		return nil
	}
	return rds.Explain(err)
}

// remove deletes what is left of sessions.
func (s *Store) remove(ctx context.Context, list ...session.ID) error {
	if len(list) == 0 {
		return nil
	}
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for _, id := range list {
			p.Unlink(ctx, s.keys(id).all()...)
		}
		return nil
	})
	return rds.Explain(err)
}

// finish tells the registry that a session has ended, holding so many bytes.
func (s *Store) finish(ctx context.Context, id session.ID, size int64) error {
	answer, err := s.onRegistry(ctx, s.scripts.finish, string(id), size, s.config.Memory).Slice()
	if err != nil {
		return rds.Explain(err)
	}
	return s.remove(ctx, ids(answer)...)
}

// finished is finish for who has just ended a session. That has happened whatever comes of this, so
// it does not fail: what is lost here is repaired by whoever looks at silent sessions.
func (s *Store) finished(ctx context.Context, id session.ID, size int64) {
	ctx = context.WithoutCancel(ctx)
	err := s.finish(ctx, id, size)
	if err == nil {
		err = s.releaseKey(ctx, id, 2*s.config.TTL)
	}
	if err != nil {
		s.config.Log.Warn("end of a session not registered", "session", id, "error", err)
	}
}

// grown charges a running session for more than was expected and reports whether there is room.
// When Redis does not say, there is: the session's end will set it right.
func (s *Store) grown(ctx context.Context, id session.ID, size int64) bool {
	answer, err := several(s.onRegistry(ctx, s.scripts.charge, string(id), size, s.config.Memory), 2)
	if err == nil {
		err = s.remove(ctx, ids(answer[1])...)
	}
	if err != nil {
		s.config.Log.Warn("growth of a session not registered", "session", id, "error", err)
		return true
	}
	return answer[0] != int64(full)
}

// Usage is the number of sessions kept, by all processes, and the bytes they are charged for.
func (s *Store) Usage(ctx context.Context) (sessions int, bytes int64, err error) {
	answer, err := numbers(s.onRegistry(ctx, s.scripts.usage, s.config.TTL.Milliseconds()), 2)
	if err != nil {
		return 0, 0, fmt.Errorf("usage of the log: %w", err)
	}
	return int(answer[0]), answer[1], nil
}
