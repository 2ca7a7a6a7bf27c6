package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/session"
	"ruptura/internal/wire"
)

var (
	// errEnded says that a job's session has ended, so that the job means nothing any more.
	errEnded = errors.New("worker: session has ended")
	// errStopped says that the pool stops while the source is away: the job is for somebody later.
	errStopped = errors.New("worker: stopped while the source is away")
)

// job is a job under way.
type job struct {
	*worker
	session *session.Session
	asked   session.Job
	// ready are the lots that wait to be published.
	ready []session.LotResult
	// telling says that the job's end is to be told with its last lots, told that it was; next is then
	// the job which that gave out, or session.NoJob.
	telling, told bool
	next          int
	book          *analysis.Book
	// failed is why there is no book: every order of the job then gets it as its error.
	failed error
	// scratch serves one answer after the other. It refers to the read, so it ends with the job.
	scratch analysis.Scratch
	report  Report
}

// work does all orders of a job, lot by lot. It returns errEnded or session.ErrUnknown when the
// session is over, or the context's error when interrupted; lots already published stay. What it
// returns waits for the job's end to be passed on, where that has begun.
func (w *worker) work(ctx context.Context, asked session.Job) (*job, error) {
	s, err := w.begin(ctx, asked.Session)
	if err != nil {
		return nil, err
	}
	if w.pool.hangsTogether(s) {
		return w.workPrepared(ctx, s, asked)
	}
	j := w.newJob(s, asked)
	j.telling = w.pool.batch != nil
	if err := j.read(ctx, s.ReadOf(asked.Number)); err != nil {
		return nil, err
	}
	if err := j.publish(ctx, s.Span(asked)); err != nil {
		return nil, j.unpublished(ctx, err)
	}
	if asked.Part == (session.Span{}) { // what parts have used goes with the session
		w.pool.reads.finish(s.ID, s.ReadOf(asked.Number))
	}
	return j, nil
}

// unpublished is why a job could not be published. When it comes again it gives out no other, so what it
// has given out by now is queued.
func (j *job) unpublished(ctx context.Context, err error) error {
	if j.told && !over(err) {
		return errors.Join(err, j.passedOn(context.WithoutCancel(ctx)))
	}
	return err
}

// begin says that work has begun on a session, or errEnded, and asks meanwhile what it is. Where its
// read is at hand, work has begun here; should the session have ended since, its next lot says so.
func (w *worker) begin(ctx context.Context, id session.ID) (s *session.Session, err error) {
	if s := w.pool.reads.session(id); s != nil {
		return s, nil
	}
	var asking sync.WaitGroup
	var unasked error
	asking.Go(func() { s, unasked = w.session(ctx, id) })
	alive := false
	err = w.patiently(ctx, func() (err error) {
		alive, err = w.pool.config.Service.Store.Begin(ctx, id, w.pool.config.Service.Now())
		return err
	})
	asking.Wait()
	switch {
	case err != nil:
		return nil, err
	case !alive:
		return nil, errEnded
	}
	return s, unasked
}

// read gets the job's book. That the source cannot be read is an answer, not an interruption; who
// tried to read it has said so.
func (j *job) read(ctx context.Context, number int) error {
	start := time.Now()
	book, err := j.pool.reads.get(ctx, j.session, number)
	j.report.Reading = time.Since(start)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errEnded), errors.Is(err, session.ErrUnknown), errors.Is(err, errStopped):
		return err
	}
	j.book, j.failed = book, err
	return nil
}

// publish analyses a span and publishes what it holds of each lot.
func (j *job) publish(ctx context.Context, span session.Span) error {
	begun := time.Now()
	// Somebody waits for the first results of a session; those that follow are on time together.
	atOnce := j.pool.batch == nil || j.asked.Number < j.session.Workers
	for span.Len() > 0 {
		part := session.Span{First: span.First, End: min((span.First/j.session.LotSize+1)*j.session.LotSize, span.End)}
		span.First = part.End
		if err := j.analyse(ctx, part); err != nil {
			return err
		}
		last := span.Len() == 0
		if !atOnce && !last && time.Since(begun) < together {
			continue
		}
		if err := j.flush(ctx, last); err != nil {
			return err
		}
		begun, atOnce = time.Now(), j.pool.batch == nil
	}
	return nil
}

// together is for how long lots may wait for the next ones, to be published with them in one round
// trip.
const together = 10 * time.Millisecond

// analyse analyses a lot, or a part of one, which then waits to be published.
func (j *job) analyse(ctx context.Context, part session.Span) error {
	n := len(j.ready)
	if n == len(j.bodies) {
		j.bodies = append(j.bodies, nil)
	}
	l, err := j.result(ctx, part, j.bodies[n])
	if err != nil {
		return err
	}
	j.bodies[n] = l.Body
	j.ready = append(j.ready, l)
	return nil
}

// result analyses a lot, or a part of one; body is memory for it.
func (j *job) result(ctx context.Context, part session.Span, body []byte) (session.LotResult, error) {
	lot := part.First / j.session.LotSize
	start := time.Now()
	j.lot.Reset()
	for _, order := range j.session.Orders[part.First:part.End] {
		if err := ctx.Err(); err != nil {
			return session.LotResult{}, fmt.Errorf("lot %d: %w", lot+1, err)
		}
		j.add(order)
	}
	l := session.LotResult{
		Lot: lot, Skip: part.First % j.session.LotSize, Orders: part.Len(), Failed: j.lot.Failed(),
		Body: j.lot.AppendBody(body[:0], lot+1, j.name, j.readAt()), At: j.pool.config.Service.Now(),
	}
	j.report.Calculating += time.Since(start)
	return l, nil
}

// flush publishes what waits. That the session has ended is an error unless it is with the job's last
// orders.
func (j *job) flush(ctx context.Context, last bool) error {
	start := time.Now()
	published, err := j.write(ctx, last)
	j.report.Publishing += time.Since(start)
	if err != nil {
		return fmt.Errorf("publish lot %d: %w", j.ready[0].Lot+1, err)
	}
	// Let the streams send it before the next lot: with no idle core their goroutines would
	// otherwise wait until this one is preempted, which takes longer than all lots together.
	runtime.Gosched()
	ended := false
	for i, p := range published {
		if p.Written {
			j.report.Orders += j.ready[i].Orders
			j.report.Failed += j.ready[i].Failed
		}
		if ended = ended || p.Ended; ended && (!last || i < len(published)-1) {
			j.pool.reads.drop(j.session.ID)
			return errEnded
		}
	}
	if ended {
		j.pool.reads.drop(j.session.ID)
	}
	j.ready = j.ready[:0]
	return nil
}

// write publishes what waits, unless the job is in other hands by now.
func (j *job) write(ctx context.Context, last bool) (published []session.Published, err error) {
	err = j.patiently(ctx, func() (err error) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if j.telling && last {
			published, err = j.writeLast(ctx)
			return err
		}
		if j.pool.batch != nil {
			published, err = j.pool.batch.PublishAll(ctx, j.session.ID, j.ready)
			return err
		}
		p, err := j.pool.config.Service.Store.Publish(ctx, j.session.ID, j.ready[0])
		published = []session.Published{p}
		return err
	})
	return published, err
}

// writeLast publishes what waits, which are the job's last lots, and tells the job's end.
func (j *job) writeLast(ctx context.Context) ([]session.Published, error) {
	published, next, ok, err := j.pool.batch.PublishLast(ctx, j.session.ID, j.ready, j.asked.Number)
	if ok || err == nil && !j.told {
		j.told, j.next = true, session.NoJob
	}
	if ok {
		j.next = next
	}
	return published, err
}

// passedOn tells the job's end, and queues the job which that has given out, or gives out now.
func (j *job) passedOn(ctx context.Context) error {
	switch {
	case !j.told:
		return j.worker.next(ctx, j.asked)
	case j.next == session.NoJob:
		return nil
	}
	return j.queue(ctx, j, func(ctx context.Context, next session.Job) error { return j.pool.config.Queue.Enqueue(ctx, next) })
}

// readAt is when the data was read; without a read it is now, since that is what failed.
func (j *job) readAt() time.Time {
	if j.book == nil {
		return j.pool.config.Service.Now()
	}
	return j.book.ReadAt()
}

// add analyses one order into the lot. Whatever goes wrong with it is its own result.
func (j *job) add(n atp.OrderNumber) {
	err := j.failed
	if err == nil {
		err = j.answer(n)
	}
	if err == nil {
		return
	}
	if !errors.Is(err, atp.ErrOrderNotFound) && j.failed == nil {
		j.pool.config.Log.Error("order not analysed", "session", j.session.ID, "order", string(n), "error", err)
	}
	j.lot.AddFailure(n, analysis.Explain(err).In(j.session.Lang))
}

// answerFunc analyses one order of a book, in memory that is used again.
type answerFunc func(*analysis.Book, *analysis.Scratch, atp.OrderNumber) (wire.Answer, error)

func (j *job) answer(n atp.OrderNumber) (err error) {
	defer analysis.Recover(&err, string(n))
	start := time.Now()
	r, err := j.pool.answer(j.book, &j.scratch, n)
	if err != nil {
		return err
	}
	return j.lot.Add(&r, j.book.Reading(time.Since(start)))
}
