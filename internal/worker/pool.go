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
	"ruptura/internal/backoff"
	"ruptura/internal/queue"
	"ruptura/internal/session"
	"ruptura/internal/source"
	"ruptura/internal/wire"
)

// Config is what a pool works with. All of it is required, but for Observe.
type Config struct {
	Workers int
	// Name comes before the number in the names of workers, where there are several processes.
	Name    string
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
	batch  session.BatchStore // nil if the store has no batches

	mu    sync.Mutex
	stop  context.CancelFunc // no new jobs
	abort context.CancelFunc // end running jobs
	group *sync.WaitGroup

	// taking ends when the pool is asked to stop. It is set before the workers start.
	taking context.Context //nolint:containedctx // the life of the pool, which many wait for
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
	p.taking = taking
	p.batch, _ = p.config.Service.Store.(session.BatchStore)
	for i := range p.config.Workers {
		w := &worker{pool: p, name: p.workerName(i)}
		p.group.Go(func() { w.run(taking, running) })
	}
	p.group.Go(func() { p.keep(taking) })
}

// workerName names worker i.
func (p *Pool) workerName(i int) string {
	if p.config.Name == "" {
		return fmt.Sprintf("w%d", i+1)
	}
	return fmt.Sprintf("%s-w%d", p.config.Name, i+1)
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
	// lot and bodies are used again by one job after the other.
	lot    *wire.Lot
	bodies [][]byte
}

// run takes jobs until it is asked to stop. While the queue fails, and after a job that could not be
// done for reasons of its own, it waits.
func (w *worker) run(taking, running context.Context) {
	log := w.pool.config.Log.With("worker", w.name)
	silent, stumbles := 0, 0
	for {
		d, err := w.pool.config.Queue.Take(taking)
		switch {
		case err == nil:
			if silent > 0 {
				log.Info("queue is back", "attempts", silent+1)
			}
			silent = 0
			if w.handle(running, d, log) {
				stumbles = 0
				continue
			}
			stumbles++
		case taking.Err() != nil || errors.Is(err, queue.ErrClosed):
			return
		default:
			if silent++; silent == 1 {
				log.Error("job not taken, trying again", "error", err)
			}
		}
		select {
		case <-taking.Done():
		case <-time.After(backoff.Pause(max(silent, stumbles))):
		}
	}
}

// handle does a job and settles what becomes of it. It reports whether another one may be taken at
// once.
func (w *worker) handle(running context.Context, d queue.Delivery, log *slog.Logger) (smoothly bool) {
	asked := d.Job()
	log = log.With("session", asked.Session, "job", asked.Number)
	ctx, release := inHand(running, d)
	defer release()
	done, err := w.suspect(ctx, d, log)
	if done {
		return w.settled(d, err, log)
	}
	var j *job
	if err == nil {
		j, err = w.work(ctx, asked)
	}
	after := context.WithoutCancel(ctx)
	switch {
	case err == nil:
		w.pool.config.Observe.Job(j.report)
		log.Info("job done", "orders", j.report.Orders, "failed", j.report.Failed, "waiting", j.report.Waiting,
			"reading", j.report.Reading, "calculating", j.report.Calculating, "publishing", j.report.Publishing)
		err = w.finish(after, d, j)
	case over(err):
		w.pool.reads.drop(asked.Session)
		log.Info("job dropped", "reason", err)
		err = w.insist(after, func() error { return d.Done(after) })
	case errors.Is(context.Cause(ctx), queue.ErrLost):
		log.Warn("job taken over by another worker")
		err = d.Return(after)
	default:
		log.Error("job interrupted", "error", err)
		w.settled(d, w.insist(after, func() error { return d.Return(after) }), log)
		return false
	}
	return w.settled(d, err, log)
}

// finish ends a job that is done. In this sequence: a job that is given out twice does no harm, one
// never given out does.
func (w *worker) finish(ctx context.Context, d queue.Delivery, j *job) error {
	relay, _ := d.(queue.Relay)
	if !j.told || relay == nil || w.pool.taking.Err() != nil {
		return w.finishApart(ctx, d, j)
	}
	pass := func(next *session.Job) error { return relay.Pass(ctx, next) }
	if j.next == session.NoJob {
		return w.insist(ctx, func() error { return pass(nil) })
	}
	var lost error
	err := w.queue(ctx, j, func(_ context.Context, next session.Job) error {
		err := pass(&next)
		if errors.Is(err, queue.ErrLost) { // but the next job is queued
			lost, err = err, nil
		}
		return err
	})
	if err != nil { // another one does the job again
		return errors.Join(err, d.Return(ctx))
	}
	return lost
}

// finishApart is finish step by step.
func (w *worker) finishApart(ctx context.Context, d queue.Delivery, j *job) error {
	err := j.passedOn(ctx)
	if err != nil && !errors.Is(err, queue.ErrClosed) { // another one tells the job's end
		return errors.Join(err, d.Return(ctx))
	}
	return errors.Join(err, w.insist(ctx, func() error { return d.Done(ctx) }))
}

// queue queues the job that the end of another has given out.
func (w *worker) queue(ctx context.Context, j *job, add func(context.Context, session.Job) error) error {
	try := func(f func() error) error { return w.patiently(ctx, f) }
	return unlessGone(w.pool.config.Service.Queue(ctx, j.asked.Session, j.next, try, add))
}

// settled reports whether a job's end was taken note of. One of which it was not is let go: it must
// not seem to be in good hands for ever.
func (w *worker) settled(d queue.Delivery, err error, log *slog.Logger) bool {
	if err == nil || errors.Is(err, queue.ErrClosed) || errors.Is(err, queue.ErrLost) {
		return true
	}
	log.Error("job not settled", "error", err)
	d.Abandon()
	return false
}

// next keeps the session's work flowing.
func (w *worker) next(ctx context.Context, finished session.Job) error {
	try := func(f func() error) error { return w.patiently(ctx, f) }
	return unlessGone(w.pool.config.Service.Continue(ctx, finished.Session, finished.Number, try))
}

// unlessGone is an error, unless it says that a session is forgotten.
func unlessGone(err error) error {
	if errors.Is(err, session.ErrUnknown) {
		return nil
	}
	return err
}

// patiently tries again what fails because the store or the queue is away, until it is back, the
// context ends, or the pool is asked to stop.
func (w *worker) patiently(ctx context.Context, try func() error) error {
	for failures := 1; ; failures++ {
		err := try()
		if !errors.Is(err, session.ErrUnavailable) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-w.pool.taking.Done():
			return err
		case <-time.After(backoff.Pause(failures)):
		}
	}
}

// insistTimes bounds how often is tried what fails although the queue answers.
const insistTimes = 8

// insist is patiently for the end of a job: what is refused is tried again too, for some time, since
// a user's rights or a full memory may be mended.
func (w *worker) insist(ctx context.Context, try func() error) error {
	for refusals := 1; ; refusals++ {
		err := w.patiently(ctx, try)
		switch {
		case err == nil, errors.Is(err, queue.ErrLost), errors.Is(err, queue.ErrClosed), errors.Is(err, session.ErrUnavailable),
			refusals == insistTimes:
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-w.pool.taking.Done():
			return err
		case <-time.After(backoff.Pause(refusals)):
		}
	}
}
