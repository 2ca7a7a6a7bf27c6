package redis_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/queue"
	"ruptura/internal/queue/redis"
)

func TestDeadWorkersJobIsTakenOver(t *testing.T) {
	r := shared(t)
	dying, kill := r.mortal(t, short)
	enqueue(t, dying, 1, 2)
	want(t, take(t, dying), 1, 1)
	kill()

	heir := r.process(t, short)
	newer, older := take(t, heir), take(t, heir)
	if newer.Job().Number == 1 { // the lease passed between the two
		newer, older = older, newer
	}
	want(t, newer, 2, 1)
	want(t, older, 1, 2)
	ok(t, newer.Done(t.Context()))
	ok(t, older.Done(t.Context()))
	wantLen(t, heir, 0)
}

func TestAttemptsAreCountedAcrossDeathsAndNotByReturns(t *testing.T) {
	r := shared(t)
	survivor := r.process(t, short)
	enqueue(t, survivor, 7)
	for deaths := range 3 {
		dying, kill := r.mortal(t, short)
		d := take(t, dying)
		want(t, d, 7, deaths+1)
		ok(t, d.Return(t.Context()))
		want(t, take(t, dying), 7, deaths+1)
		kill()
	}
	d := take(t, survivor)
	want(t, d, 7, 4)
	ok(t, d.Return(t.Context()))
	d = take(t, survivor)
	want(t, d, 7, 4)
	ok(t, d.Done(t.Context()))
}

// A job that takes many leases stays with the worker that does it, while another one looks for work
// all the time.
func TestLongJobStaysInOnePairOfHands(t *testing.T) {
	r := shared(t)
	slow, idle := r.process(t, short), r.process(t, short)
	enqueue(t, slow, 1)
	d := take(t, slow)
	ctx, leave := context.WithCancel(t.Context())
	stolen := make(chan error)
	go func() {
		d, err := idle.Take(ctx)
		if err == nil {
			err = errors.Join(fmt.Errorf("took job %d, attempt %d", d.Job().Number, d.Attempts()), d.Return(t.Context()))
		}
		stolen <- err
	}()
	looks := r.client(t)
	var before string
	for renewals := 0; renewals < 15; { // five leases long
		until(t, "a renewal", func() bool {
			pending := looks.XPendingExt(t.Context(), pendingOf(looks)).Val()
			if len(pending) != 1 {
				t.Fatalf("in hand: %+v", pending)
			}
			now := pending[0].Idle.String()
			renewed := pending[0].Idle < short/6 && before != now
			before = now
			return renewed
		})
		renewals++
	}
	leave()
	if err := <-stolen; !errors.Is(err, context.Canceled) {
		t.Errorf("while the job was renewed, the other worker: %v", err)
	}
	ok(t, d.Done(t.Context()))
}

// A zombie is a worker that was not heard of for longer than its lease, and then comes back.
func TestZombieChangesNothing(t *testing.T) {
	for name, end := range map[string]func(context.Context, queue.Delivery) error{
		"done":   func(ctx context.Context, d queue.Delivery) error { return d.Done(ctx) },
		"return": func(ctx context.Context, d queue.Delivery) error { return d.Return(ctx) },
		"bury":   func(ctx context.Context, d queue.Delivery) error { return d.Bury(ctx, "late") },
	} {
		t.Run(name, func(t *testing.T) {
			r := shared(t)
			zombie, heir := r.process(t, long), r.process(t, short) // an hour's lease is renewed too late
			enqueue(t, zombie, 5)
			old := take(t, zombie)
			current := take(t, heir)
			want(t, current, 5, 2)

			if err := end(t.Context(), old); !errors.Is(err, queue.ErrLost) {
				t.Errorf("the zombie's end = %v, want ErrLost", err)
			}
			<-old.Lost()
			if err := end(t.Context(), old); !errors.Is(err, queue.ErrLost) {
				t.Errorf("the zombie's end again = %v, want ErrLost", err)
			}
			wantLen(t, heir, 0)
			dead, err := heir.Dead(t.Context(), 10)
			if err != nil || len(dead) != 0 {
				t.Errorf("dead jobs: %+v, %v", dead, err)
			}
			ok(t, current.Done(t.Context()))
			if err := end(t.Context(), old); !errors.Is(err, queue.ErrLost) {
				t.Errorf("the zombie's end after the heir's = %v, want ErrLost", err)
			}
		})
	}
}

// A zombie's renewal finds out by itself that the job is somebody else's, and takes nothing back.
func TestRenewalNoticesTheLoss(t *testing.T) {
	r := shared(t)
	zombie, heir := r.process(t, 2*short), r.process(t, short/15)
	enqueue(t, zombie, 5)
	old := take(t, zombie)   // renewed every 100 ms
	current := take(t, heir) // takes what is silent for 10 ms
	want(t, current, 5, 2)
	<-old.Lost()
	ok(t, current.Done(t.Context()))
	if err := old.Done(t.Context()); !errors.Is(err, queue.ErrLost) {
		t.Errorf("Done = %v, want ErrLost", err)
	}
}

func TestReturnedJobsComeBeforeNewOnes(t *testing.T) {
	r := shared(t)
	q := r.process(t, long)
	enqueue(t, q, 0, 1, 2, 3)
	first, second := take(t, q), take(t, q)
	ok(t, second.Return(t.Context()))
	ok(t, first.Return(t.Context()))
	wantLen(t, q, 4)
	other := r.process(t, long)
	for n := range 4 {
		d := take(t, other)
		want(t, d, n, 1)
		ok(t, d.Done(t.Context()))
	}
}

func TestReturnWakesAnotherProcess(t *testing.T) {
	r := shared(t)
	mine, other := r.process(t, long), r.process(t, long)
	enqueue(t, mine, 3)
	d := take(t, mine)
	got := make(chan queue.Delivery)
	go func() { got <- take(t, other) }()
	until(t, "the other to wait", func() bool { n, err := mine.Workers(t.Context()); return err == nil && n == 2 })
	ok(t, d.Return(t.Context()))
	d = <-got
	want(t, d, 3, 1)
	ok(t, d.Done(t.Context()))
}

// What Redis gave to a worker that never heard of it, since the answer was lost on its way, is found
// when the worker looks again, without waiting for the lease and without counting as an attempt.
func TestJobOfALostAnswerIsFoundAgain(t *testing.T) {
	r := shared(t)
	c := r.client(t)
	q := redis.New(c, redis.Config{Lease: long, Consumer: "p"})
	defer closeQueue(t, q)
	enqueue(t, q, 1, 2)
	ok(t, c.XGroupCreate(t.Context(), c.Key("fila"), "workers", "0").Err())
	ok(t, c.XReadGroup(t.Context(), &goredis.XReadGroupArgs{
		Group: "workers", Consumer: "p-w1", Count: 1, Streams: []string{c.Key("fila"), ">"},
	}).Err())
	for n := range 2 {
		d := take(t, q)
		want(t, d, n+1, 1)
		ok(t, d.Done(t.Context()))
	}
	wantLen(t, q, 0)
}

// A job that its worker has given up goes to another one, of the same process too, and counts as attempted.
func TestAbandonedJobIsTakenOver(t *testing.T) {
	for name, same := range map[string]bool{"the same process": true, "another process": false} {
		t.Run(name, func(t *testing.T) {
			r := shared(t)
			q := r.process(t, short)
			heir := q
			if !same {
				heir = r.process(t, short)
			}
			enqueue(t, q, 5)
			for attempt := range 3 {
				d := take(t, q)
				want(t, d, 5, attempt+1)
				d.Abandon()
				if !same {
					break
				}
			}
			d := take(t, heir)
			if n := d.Attempts(); n < 2 {
				t.Errorf("attempt %d, want the ones given up counted", n)
			}
			ok(t, d.Done(t.Context()))
			wantLen(t, heir, 0)
		})
	}
}
