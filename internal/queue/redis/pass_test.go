package redis_test

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/queue"
	"ruptura/internal/queue/redis"
	"ruptura/internal/session"
)

// pass passes a job on, and queues the next one if its number is not negative.
func pass(t testing.TB, d queue.Delivery, next int) error {
	t.Helper()
	relay, ok := d.(queue.Relay)
	if !ok {
		t.Fatalf("%T is not a relay", d)
	}
	if next < 0 {
		return relay.Pass(t.Context(), nil)
	}
	j := job(next)
	return relay.Pass(t.Context(), &j)
}

// Who passes a job on gets what is first in the queue, which is not what was queued last.
func TestPass(t *testing.T) {
	r := shared(t)
	q, other := r.process(t, long), r.process(t, long)
	enqueue(t, q, 0, 1)
	d := take(t, q)
	ok(t, pass(t, d, 2))
	if err := d.Done(t.Context()); !errors.Is(err, queue.ErrLost) {
		t.Errorf("Done of a job passed on = %v, want ErrLost", err)
	}
	wantLen(t, q, 1) // what the next Take gets does not wait
	d = take(t, q)
	want(t, d, 1, 1)
	ok(t, pass(t, d, -1))
	d = take(t, q)
	want(t, d, 2, 1)
	ok(t, pass(t, d, -1))
	wantLen(t, q, 0)
	enqueue(t, other, 3)
	d = take(t, q)
	want(t, d, 3, 1)
	ok(t, d.Done(t.Context()))
}

// What was given back comes before what is new, for who passes a job on as for everybody.
func TestPassTakesWhatWasGivenBack(t *testing.T) {
	r := shared(t)
	q, other := r.process(t, long), r.process(t, long)
	enqueue(t, q, 0, 1, 2)
	d, back := take(t, q), take(t, other)
	ok(t, back.Return(t.Context()))
	ok(t, pass(t, d, -1))
	d = take(t, q)
	want(t, d, 1, 1)
	ok(t, d.Done(t.Context()))
}

// A job that was passed on too late is somebody else's, but the next one has been given out and must
// be done.
func TestPassAfterTheLease(t *testing.T) {
	r := shared(t)
	late, kill := r.mortal(t, short)
	enqueue(t, late, 0)
	take(t, late)
	kill()
	heir := r.process(t, short)
	d := take(t, heir)
	want(t, d, 0, 2)
	c := r.client(t)
	ok(t, c.XClaim(t.Context(), &goredis.XClaimArgs{
		Stream: c.Key("fila"), Group: "workers", Consumer: "thief", Messages: []string{first(t, c.XPendingExt(t.Context(), pendingOf(c)))},
	}).Err())
	if err := pass(t, d, 1); !errors.Is(err, queue.ErrLost) {
		t.Errorf("Pass of a lost job = %v, want ErrLost", err)
	}
	wantLen(t, heir, 1)
}

func first(t testing.TB, pending *goredis.XPendingExtCmd) string {
	t.Helper()
	if err := pending.Err(); err != nil || len(pending.Val()) == 0 {
		t.Fatalf("nothing in hand: %v", err)
	}
	return pending.Val()[0].ID
}

// losing makes answers get lost on their way.
type losing struct{ next atomic.Bool }

func (*losing) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (*losing) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return next
}

func (l *losing) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		err := next(ctx, cmd)
		if err == nil && l.next.CompareAndSwap(true, false) {
			cmd.SetErr(io.ErrUnexpectedEOF)
			return io.ErrUnexpectedEOF
		}
		return err
	}
}

// Asked again after its answer was lost, nothing is queued twice, and what it had taken is found.
func TestPassWhoseAnswerIsLost(t *testing.T) {
	r := shared(t)
	c, l := r.client(t), &losing{}
	c.AddHook(l)
	q := redis.New(c, redis.Config{Lease: long})
	defer closeQueue(t, q)
	enqueue(t, q, 0, 1)
	d := take(t, q)
	ok(t, pass(t, d, 2)) // brings the script along
	d = take(t, q)
	l.next.Store(true)
	if err := pass(t, d, 3); !errors.Is(err, session.ErrUnavailable) {
		t.Fatalf("Pass whose answer is lost = %v, want ErrUnavailable", err)
	}
	ok(t, pass(t, d, 3))
	for n := 2; n <= 3; n++ {
		d := take(t, q)
		want(t, d, n, 1)
		ok(t, d.Done(t.Context()))
	}
	wantLen(t, q, 0)
}

// Who passes a job on and then wants no other gives back what was taken for it.
func TestPassAndStop(t *testing.T) {
	for name, stop := range map[string]func(*testing.T, *redis.Queue){
		"by its context": func(t *testing.T, q *redis.Queue) {
			t.Helper()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := q.Take(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("Take = %v, want the context's error", err)
			}
		},
		"by closing": func(t *testing.T, q *redis.Queue) { t.Helper(); closeQueue(t, q) },
	} {
		t.Run(name, func(t *testing.T) {
			r := shared(t)
			q, other := r.process(t, long), r.process(t, long)
			enqueue(t, q, 0, 1)
			ok(t, pass(t, take(t, q), 2))
			stop(t, q)
			for n := 1; n <= 2; n++ {
				if n == 1 {
					until(t, "the job to be given back", func() bool { l, err := other.Len(t.Context()); return err == nil && l == 2 })
				}
				d := take(t, other)
				want(t, d, n, 1)
				ok(t, d.Done(t.Context()))
			}
		})
	}
}
