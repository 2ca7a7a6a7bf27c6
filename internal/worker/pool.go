// Package worker analyses sessions in the background: each worker takes a job of whole lots,
// analyses its orders against the session's one read of the source, and publishes every lot.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ruptura/internal/analysis"
	"ruptura/internal/queue"
	"ruptura/internal/session"
	"ruptura/internal/source"
	"ruptura/internal/wire"
)

// Config is what a pool works with. All of it is required, but for Observe.
type Config struct {
	Workers int
	Queue   queue.Queue
	Service *session.Service
	Source  source.Source
	// Retry is for how long a session waits for a source that is away (source.ErrUnavailable)
	// before its orders get an error; 0 does not wait.
	Retry   time.Duration
	Log     *slog.Logger
	Observe Observer
}

// Observer is told what happens, for metrics. It must be safe for concurrent use.
type Observer interface {
	// Job is told of every finished job.
	Job(Report)
	// ReadRetried counts the attempts to read a source that was away, but for the first ones;
	// ReadFailed the reads that came to nothing.
	ReadRetried()
	ReadFailed()
}

// nobody observes nothing.
type nobody struct{}

func (nobody) Job(Report)   {}
func (nobody) ReadRetried() {}
func (nobody) ReadFailed()  {}

// Report is what one job cost.
type Report struct {
	Session session.ID
	Job     int
	Worker  string
	Orders  int
	Failed  int
	// Waiting is the time in the queue; Reading includes waiting for a read that another
	// worker makes.
	Waiting, Reading, Calculating, Publishing time.Duration
}

// Pool is a number of workers. Start and Stop are synchronous and may each be called again.
type Pool struct {
	config Config
	reads  *reads
	answer answerFunc

	mu    sync.Mutex
	stop  context.CancelFunc // no new jobs
	abort context.CancelFunc // end running jobs
	group *sync.WaitGroup

	// atStop calls a function when the pool is asked to stop, unless its result is called before.
	// It is set before the workers start.
	atStop func(func()) (forget func() bool)
}

// New prepares a pool; nothing runs before Start.
func New(c Config) *Pool {
	if c.Observe == nil {
		c.Observe = nobody{}
	}
	p := &Pool{config: c, answer: (*analysis.Book).AnswerWith}
	p.reads = newReads(p.read)
	return p
}

// Start starts the workers.
func (p *Pool) Start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.group != nil {
		return
	}
	taking, stop := context.WithCancel(context.Background())
	running, abort := context.WithCancel(context.Background())
	p.stop, p.abort, p.group = stop, abort, &sync.WaitGroup{}
	p.atStop = func(f func()) func() bool { return context.AfterFunc(taking, f) }
	for i := range p.config.Workers {
		w := &worker{pool: p, name: fmt.Sprintf("w%d", i+1)}
		p.group.Go(func() { w.run(taking, running) })
	}
}

// Stop takes no more jobs and waits for running ones; when ctx ends first they stop reading, or at
// their next order, and go back to the queue, as does at once what waits for a source that is away.
// It returns once no worker runs.
func (p *Pool) Stop(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.group == nil {
		return
	}
	p.stop()
	cancel := context.AfterFunc(ctx, p.abort)
	p.group.Wait()
	cancel()
	p.abort()
	p.group = nil
	p.reads.clear()
}

// worker takes one job after the other.
type worker struct {
	pool *Pool
	name string
	// lot and body are used again by one job after the other.
	lot  *wire.Lot
	body []byte
}

// retryAfter is how long a worker waits when the queue itself fails.
const retryAfter = time.Second

func (w *worker) run(taking, running context.Context) {
	log := w.pool.config.Log.With("worker", w.name)
	for {
		d, err := w.pool.config.Queue.Take(taking)
		switch {
		case err == nil:
			w.handle(running, d, log)
		case taking.Err() != nil || errors.Is(err, queue.ErrClosed):
			return
		default:
			log.Error("job not taken", "error", err)
			select {
			case <-taking.Done():
			case <-time.After(retryAfter):
			}
		}
	}
}

// handle does a job and settles what becomes of it.
func (w *worker) handle(ctx context.Context, d queue.Delivery, log *slog.Logger) {
	j := d.Job()
	log = log.With("session", j.Session, "job", j.Number)
	report, err := w.work(ctx, j)
	after := context.WithoutCancel(ctx)
	switch {
	case err == nil:
		w.pool.config.Observe.Job(report)
		log.Info("job done", "orders", report.Orders, "failed", report.Failed, "waiting", report.Waiting,
			"reading", report.Reading, "calculating", report.Calculating, "publishing", report.Publishing)
		// In this sequence: a job that is given out twice does no harm, one never given out does.
		err = errors.Join(w.next(after, j), d.Done(after))
	case errors.Is(err, session.ErrUnknown), errors.Is(err, errEnded):
		w.pool.reads.drop(j.Session)
		log.Info("job dropped", "reason", err)
		err = d.Done(after)
	default:
		log.Error("job interrupted", "error", err)
		err = d.Return(after)
	}
	if err != nil && !errors.Is(err, queue.ErrClosed) {
		log.Error("job not settled", "error", err)
	}
}

// next keeps the session's work flowing.
func (w *worker) next(ctx context.Context, finished session.Job) error {
	err := w.pool.config.Service.Continue(ctx, finished.Session, finished.Number)
	if errors.Is(err, session.ErrUnknown) {
		return nil
	}
	return err
}
