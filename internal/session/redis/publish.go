package redis

import (
	"context"
	"encoding/json"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/session"
)

// Publish writes a lot's results, in one round trip. With the last lot, or with one that outgrows
// what the session is charged for, the registry is told in another.
func (s *Store) Publish(ctx context.Context, id session.ID, lot session.LotResult) (session.Published, error) {
	if !isID(id) {
		return session.Published{}, session.ErrUnknown
	}
	a, err := readLot(s.onSession(ctx, s.scripts.publish, id, lotArgs(lot)...))
	if err != nil {
		return session.Published{}, err
	}
	return a.Published, s.account(ctx, id, &a, lot.At)
}

// PublishAll writes several lots' results as Publish does, all of them in one round trip.
func (s *Store) PublishAll(ctx context.Context, id session.ID, lots []session.LotResult) ([]session.Published, error) {
	if !isID(id) {
		return nil, session.ErrUnknown
	}
	if len(lots) == 0 {
		return nil, nil
	}
	answers := s.publishAll(ctx, id, lots, s.scripts.publish.EvalSha)
	if goredis.HasErrorPrefix(answers[0].Err(), "NOSCRIPT") { // the first one brings it along
		answers = s.publishAll(ctx, id, lots, s.scripts.publish.Eval)
	}
	published := make([]session.Published, 0, len(lots))
	for i := range lots {
		a, err := readLot(answers[i])
		if err != nil {
			return published, err
		}
		err = s.account(ctx, id, &a, lots[i].At)
		published = append(published, a.Published)
		if err != nil {
			return published, err
		}
	}
	return published, nil
}

// publishAll sends all lots, the first one by a call of its own kind.
func (s *Store) publishAll(
	ctx context.Context, id session.ID, lots []session.LotResult,
	first func(context.Context, goredis.Scripter, []string, ...any) *goredis.Cmd,
) []*goredis.Cmd {
	pipeline := s.client.Pipeline()
	call := first
	answers := make([]*goredis.Cmd, len(lots))
	for i := range lots {
		keys, args := s.forSession(id, lotArgs(lots[i])...)
		answers[i] = call(ctx, pipeline, keys, args...)
		call = s.scripts.publish.EvalSha
	}
	_, _ = pipeline.Exec(ctx) // each answer has its own error
	return answers
}

// lotArgs is what lua/publish.lua is called with.
func lotArgs(lot session.LotResult) []any {
	return []any{lot.Lot, lot.Skip, lot.Orders, lot.Failed, lot.At.UnixMilli(), lot.Body}
}

// lotAnswer is what lua/publish.lua says, and with it what the registry must be told: the bytes that
// the session is to be charged for, if they are more than before.
type lotAnswer struct {
	session.Published
	size int64
	more bool
}

func readLot(c *goredis.Cmd) (lotAnswer, error) {
	answer, err := numbers(c, 4)
	switch {
	case err != nil:
		return lotAnswer{}, err
	case answer[0] == unknown:
		return lotAnswer{}, session.ErrUnknown
	}
	p := session.Published{Written: answer[0] == written, Ended: answer[1] == 1}
	return lotAnswer{p, answer[2], answer[3] == 1}, nil
}

// account tells the registry what a lot has changed for it. A session for which there is no more room
// ends.
func (s *Store) account(ctx context.Context, id session.ID, a *lotAnswer, at time.Time) error {
	switch {
	case a.Ended: // also asked again, after an answer that was lost
		s.finished(ctx, id, a.size)
	case a.Written && a.more && !s.grown(ctx, id, a.size):
		a.Ended = true
		return s.outgrown(ctx, id, at)
	}
	return nil
}

// outgrown ends a session for which there is no more room.
func (s *Store) outgrown(ctx context.Context, id session.ID, at time.Time) error {
	asked, err := s.Session(ctx, id)
	if err != nil {
		return err
	}
	return s.End(ctx, id, session.Ending{State: session.Failed, Message: session.NoRoom.In(asked.Lang), At: at})
}

// End ends a session early.
func (s *Store) End(ctx context.Context, id session.ID, end session.Ending) error {
	if !isID(id) {
		return session.ErrUnknown
	}
	message, err := json.Marshal(end.Message)
	if err != nil {
		return err
	}
	answer, err := several(s.onSession(ctx, s.scripts.end, id, end.State.String(), message, end.At.UnixMilli()), 1)
	if err != nil {
		return err
	}
	if answer[0] == int64(unknown) {
		return session.ErrUnknown
	}
	// Asked again, after an answer that was lost, the key is freed all the same.
	if end.FreeKey && len(answer) > 1 && answer[1] == end.State.String() {
		if err := s.releaseKey(ctx, id, 0); err != nil {
			return err
		}
	}
	if size, ok := answer[len(answer)-1].(int64); ok && answer[0] == int64(written) {
		s.finished(ctx, id, size)
	}
	return nil
}
