package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	rds "ruptura/internal/redis"
	"ruptura/internal/session"
)

// Publish writes a lot's results, in one round trip. With the last lot, or with one that outgrows
// what the session is charged for, the registry is told in another.
func (s *Store) Publish(ctx context.Context, id session.ID, lot session.LotResult) (session.Published, error) {
	published, err := s.PublishAll(ctx, id, []session.LotResult{lot})
	if len(published) == 0 {
		return session.Published{}, err
	}
	return published[0], err
}

// PublishAll writes several lots' results as Publish does, all of them in one round trip, and as one
// step unless they are many bytes.
func (s *Store) PublishAll(ctx context.Context, id session.ID, lots []session.LotResult) ([]session.Published, error) {
	if !isID(id) {
		return nil, session.ErrUnknown
	}
	published, _, err := s.publishAll(ctx, id, lots, notAsked)
	return published, err
}

// PublishLast writes a job's last lots, and gives out the session's next job in the step that writes
// the last of them.
func (s *Store) PublishLast(
	ctx context.Context, id session.ID, lots []session.LotResult, finished int,
) (published []session.Published, next int, ok bool, err error) {
	if !isID(id) {
		return nil, 0, false, session.ErrUnknown
	}
	published, next, err = s.publishAll(ctx, id, lots, finished)
	return published, max(next, 0), next >= 0, err
}

// publishAll writes lots, and asks for the next job with the last of them.
func (s *Store) publishAll(
	ctx context.Context, id session.ID, lots []session.LotResult, finished int,
) (published []session.Published, next int, err error) {
	published, next = make([]session.Published, 0, len(lots)), session.NoJob
	for len(lots) > 0 {
		n, asks := atOnce(lots), notAsked
		if n == len(lots) {
			asks = finished
		}
		a, err := s.publish(ctx, id, lots[:n], asks)
		err = errors.Join(err, s.account(ctx, id, &a, lots[n-1].At))
		published, next = append(published, a.published...), a.next
		if err != nil {
			return published, next, err
		}
		lots = lots[n:]
	}
	return published, next, nil
}

// bytesAtOnce bounds the results that one call of the script writes, but for the first of its lots:
// nobody else is served meanwhile, and a megabyte takes some milliseconds.
const bytesAtOnce = 256 << 10

// atOnce is how many of the lots one call of the script writes.
func atOnce(lots []session.LotResult) int {
	n := 1
	for bytes := len(lots[0].Body); n < len(lots); n++ {
		if bytes += len(lots[n].Body); bytes > bytesAtOnce {
			break
		}
	}
	return n
}

// answer is what lua/publish.lua says: what became of the lots, and what the registry must be told, the
// bytes that the session is to be charged for and whether they are more than before.
type answer struct {
	published []session.Published
	size      int64
	more      bool
	next      int // the job given out, or session.NoJob
}

// notAsked stands for the job whose end asks for the next one, where none does.
const notAsked = -2

// Verdicts on a lot; see lua/publish.lua.
const (
	over  = 3
	last  = 2
	wrong = -2
)

// publish writes lots in one step. On an error the answer is about those before the one that failed.
func (s *Store) publish(ctx context.Context, id session.ID, lots []session.LotResult, finished int) (a answer, err error) {
	const before, perLot = 3, 6 // numbers in the reply, arguments of the call
	a.next = session.NoJob
	args := append(make([]any, 0, 1+perLot*len(lots)), finished)
	for i := range lots {
		l := &lots[i]
		args = append(args, l.Lot, l.Skip, l.Orders, l.Failed, l.At.UnixMilli(), l.Body)
	}
	reply, err := s.onSession(ctx, s.scripts.publish, id, args...).Int64Slice()
	switch {
	case err != nil:
		return a, rds.Explain(err)
	case len(reply) <= before:
		return a, session.ErrUnknown
	}
	a.size, a.more, a.next = reply[0], reply[1] == 1, int(reply[2])
	for i, verdict := range reply[before:] {
		switch verdict {
		case unknown:
			return a, session.ErrUnknown
		case wrong:
			return a, fmt.Errorf("%w: %d orders after %d of lot %d are not of one lot",
				errReply, lots[i].Orders, lots[i].Skip, lots[i].Lot)
		}
		a.published = append(a.published, session.Published{
			Written: verdict == written || verdict == last, Ended: verdict == over || verdict == last,
		})
	}
	return a, nil
}

// account tells the registry what lots have changed for it. A session for which there is no more room
// ends.
func (s *Store) account(ctx context.Context, id session.ID, a *answer, at time.Time) error {
	if len(a.published) == 0 {
		return nil
	}
	final := &a.published[len(a.published)-1]
	switch {
	case final.Ended: // also asked again, after an answer that was lost
		s.finished(ctx, id, a.size)
	case a.more && !s.grown(ctx, id, a.size):
		final.Ended = true
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
