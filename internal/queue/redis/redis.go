// Package redis is the work queue between processes: a stream in Redis (7 or later, or Valkey)
// whose consumer group is the workers.
//
// A job is one entry of the stream <prefix>:fila for as long as it waits or is in hand, and is
// deleted with its end. Being in hand is a lease: it is renewed while the work goes on, and
// when nobody has renewed it for Config.Lease, another worker takes the job over. What a worker does
// to a job is a script that first looks whose the job is, so that one whose lease has passed to
// somebody else changes nothing any more. A job is therefore done at least once, and what it
// publishes has to be refused the second time.
package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"ruptura/internal/queue"
	rds "ruptura/internal/redis"
	"ruptura/internal/session"
)

// DefaultLease is for how long a job stays with a worker that is not heard of.
const DefaultLease = 10 * time.Second

const (
	// group is all workers of all processes.
	group = "workers"
	// returned is the consumer that holds what was given back until somebody takes it.
	returned = "devolvidos"
	// block is for how long one wait for a new job lasts: what is to be taken over, and what was
	// given back, is looked for in between, and a stop waits for it. Two commands a wait are what a
	// process without work costs.
	block = 500 * time.Millisecond
	// renewals is how often a lease is renewed within its length.
	renewals = 3
)

// Config says how a process takes part. The zero value is usable.
type Config struct {
	// Lease is after what time without a sign of life a job goes to another worker; DefaultLease
	// if zero. All processes should have the same.
	Lease time.Duration
	// Consumer is the process's name in Redis, which no other process may have; if empty it is made
	// of the host's name, the process's number and a random part. Its workers are numbered after it.
	Consumer string
	// Log is told of jobs taken over and of leases that could not be renewed; nothing is told if nil.
	Log *slog.Logger
}

// Queue is the work queue in Redis. It implements [queue.Queue]. One process needs one, whatever
// the number of its workers: they wait for new jobs on one connection.
type Queue struct {
	client   *rds.Client
	jobs     string // the key of the stream
	dead     string // the key of the stream of dead jobs
	lease    time.Duration
	consumer string
	log      *slog.Logger

	closing chan struct{}
	// turn holds a value while somebody waits for a new job; the others wait for their turn.
	turn chan struct{}

	mu     sync.Mutex
	closed bool
	seats  []bool // which of the process's consumers are in use
	// ahead is what has been taken for the next Takes, by consumers whose seats stay in use.
	ahead  []ahead
	tidied time.Time
	// running counts what Close waits for. It grows only under the lock, while not closed.
	running sync.WaitGroup
}

var _ queue.Queue = (*Queue)(nil)

// New returns the queue that a client's server holds. It does not connect.
func New(client *rds.Client, c Config) *Queue {
	q := &Queue{
		client: client, jobs: client.Key("fila"), dead: client.Key("fila", "mortos"),
		lease: c.Lease, consumer: c.Consumer, log: c.Log,
		closing: make(chan struct{}), turn: make(chan struct{}, 1),
	}
	if q.lease <= 0 {
		q.lease = DefaultLease
	}
	if q.consumer == "" {
		q.consumer = processName()
	}
	if q.log == nil {
		q.log = slog.New(slog.DiscardHandler)
	}
	return q
}

// processName is a name that no other process has.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), rand.Text()[:8])
}

// Enqueue adds jobs at the end, or returns queue.ErrClosed. After session.ErrUnavailable they may have
// been added all the same; adding one again does no harm but that it is taken twice.
func (q *Queue) Enqueue(ctx context.Context, jobs ...session.Job) error {
	if q.isClosed() {
		return queue.ErrClosed
	}
	_, err := q.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, j := range jobs {
			p.XAdd(ctx, &redis.XAddArgs{Stream: q.jobs, Values: encode(j)})
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("queue: add a job: %w", rds.Explain(err))
	}
	return nil
}

// Len is the number of jobs waiting: those that were given back included, those in hand not, nor
// those of a worker that has died, until they are taken over.
func (q *Queue) Len(ctx context.Context) (int, error) {
	n, err := length.Run(ctx, q.client, []string{q.jobs}, group, returned).Int()
	if err != nil {
		return 0, fmt.Errorf("queue: length: %w", rds.Explain(err))
	}
	return n, nil
}

// Close ends waiting, gives back at once what is still in hand, and takes the process's consumers
// out of the group. It waits for what is under way, normally at most half a second; when ctx ends first it
// returns its error, and what was in hand is taken over after the lease. It may be called again.
func (q *Queue) Close(ctx context.Context) error {
	consumers := q.shut()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		q.running.Wait()
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		return fmt.Errorf("queue: close: %w", ctx.Err())
	}
	if len(consumers) == 0 {
		return nil
	}
	args := append([]any{group, returned}, consumers...)
	if err := leave.Run(ctx, q.client, []string{q.jobs}, args...).Err(); err != nil && !missing(err) {
		return fmt.Errorf("queue: close: %w", rds.Explain(err))
	}
	return nil
}

// shut lets nothing new begin and names the consumers that this process has been.
func (q *Queue) shut() (consumers []any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.closed = true
		close(q.closing)
	}
	for i := range q.seats {
		consumers = append(consumers, q.name(i))
	}
	return consumers
}

func (q *Queue) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

// sit runs a search under the name of a consumer that is nobody else's until it is freed, unless the
// queue is closed. What has been taken ahead comes first.
func (q *Queue) sit(s *search) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	if len(q.ahead) > 0 {
		s.ahead, q.ahead = q.ahead[0], q.ahead[1:]
	} else {
		s.seat = q.newSeat()
	}
	s.consumer = q.name(s.seat)
	q.running.Go(s.run)
	return true
}

// newSeat is one that is nobody else's until it is freed. The caller holds the lock.
func (q *Queue) newSeat() int {
	seat := 0
	for seat < len(q.seats) && q.seats[seat] {
		seat++
	}
	if seat == len(q.seats) {
		q.seats = append(q.seats, false)
	}
	q.seats[seat] = true
	return seat
}

// ahead is what a consumer has taken before anybody waited for it.
type ahead struct {
	seat  int
	entry *entry
}

// keepAhead keeps what has been taken for the next Take.
func (q *Queue) keepAhead(a ahead) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ahead = append(q.ahead, a)
}

// leaveAhead gives back one that was taken ahead, for a Take that does not want it. Close sees to what
// is left.
func (q *Queue) leaveAhead() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.ahead) == 0 || q.closed {
		return
	}
	a := q.ahead[0]
	q.ahead = q.ahead[1:]
	q.running.Go(func() {
		q.giveBack(a.entry, q.name(a.seat))
		q.free(a.seat)
	})
}

// giveBack gives back what nobody waits for any more. If that fails the seat's next search finds it.
func (q *Queue) giveBack(e *entry, consumer string) {
	if _, err := q.say(context.Background(), giveBack, consumer, e.id, returned); err != nil {
		q.log.Warn("job not given back, it waits until its lease ends", "error", err)
	}
}

func (q *Queue) free(seat int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.seats[seat] = false
}

// name is a consumer's name.
func (q *Queue) name(seat int) string { return fmt.Sprintf("%s-w%d", q.consumer, seat+1) }

// missing reports whether a command failed because there is no stream or no group: nobody has made
// them yet, or Redis has been emptied.
func missing(err error) bool {
	reply, ok := errors.AsType[redis.Error](err)
	if !ok {
		return false
	}
	for _, said := range []string{"NOGROUP", "UNBLOCKED", "ERR no such key"} {
		if strings.Contains(reply.Error(), said) {
			return true
		}
	}
	return false
}
