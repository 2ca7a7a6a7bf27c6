package redis

import (
	"context"
	"encoding/json"

	"ruptura/internal/session"
)

// Publish writes a lot's results, in one round trip. With the last lot, or with one that outgrows
// what the session is charged for, the registry is told in another.
func (s *Store) Publish(ctx context.Context, id session.ID, lot session.LotResult) (session.Published, error) {
	if !isID(id) {
		return session.Published{}, session.ErrUnknown
	}
	answer, err := numbers(s.onSession(ctx, s.scripts.publish, id,
		lot.Lot, lot.Skip, lot.Orders, lot.Failed, lot.At.UnixMilli(), lot.Body), 4)
	switch {
	case err != nil:
		return session.Published{}, err
	case answer[0] == unknown:
		return session.Published{}, session.ErrUnknown
	}
	p := session.Published{Written: answer[0] == written, Ended: answer[1] == 1}
	size, more := answer[2], answer[3] == 1
	switch {
	case p.Written && p.Ended:
		s.finished(ctx, id, size)
	case p.Written && more && !s.grown(ctx, id, size):
		p.Ended = true
		return p, s.outgrown(ctx, id, lot)
	}
	return p, nil
}

// outgrown ends a session for which there is no more room.
func (s *Store) outgrown(ctx context.Context, id session.ID, lot session.LotResult) error {
	asked, err := s.Session(ctx, id)
	if err != nil {
		return err
	}
	return s.End(ctx, id, session.Ending{State: session.Failed, Message: session.NoRoom.In(asked.Lang), At: lot.At})
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
