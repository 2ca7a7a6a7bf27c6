package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/session"
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
	book    *analysis.Book
	// failed is why there is no book: every order of the job then gets it as its error.
	failed error
	// scratch serves one answer after the other. It refers to the read, so it ends with the job.
	scratch atp.Scratch
	report  Report
}

// work does all orders of a job, lot by lot. It returns errEnded or session.ErrUnknown when the
// session is over, or the context's error when interrupted; lots already published stay.
func (w *worker) work(ctx context.Context, asked session.Job) (Report, error) {
	s, err := w.session(ctx, asked.Session)
	if err != nil {
		return Report{}, err
	}
	if err := w.begin(ctx, s.ID); err != nil {
		return Report{}, err
	}
	j := w.newJob(s, asked)
	if err := j.read(ctx, s.ReadOf(asked.Number)); err != nil {
		return Report{}, err
	}
	if err := j.publish(ctx, s.Span(asked)); err != nil {
		return Report{}, err
	}
	if asked.Part == (session.Span{}) { // what parts have used goes with the session
		w.pool.reads.finish(s.ID, s.ReadOf(asked.Number))
	}
	return j.report, nil
}

// begin says that work has begun on a session, or errEnded.
func (w *worker) begin(ctx context.Context, id session.ID) error {
	var alive bool
	err := w.patiently(ctx, func() (err error) {
		alive, err = w.pool.config.Service.Store.Begin(ctx, id, w.pool.config.Service.Now())
		return err
	})
	if err == nil && !alive {
		return errEnded
	}
	return err
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
	for span.Len() > 0 {
		part := session.Span{First: span.First, End: min((span.First/j.session.LotSize+1)*j.session.LotSize, span.End)}
		span.First = part.End
		if err := j.do(ctx, part, span.Len() == 0); err != nil {
			return err
		}
	}
	return nil
}

// do analyses a lot, or a part of one, and publishes it. That the session has ended is an error
// unless it is with the job's last orders.
func (j *job) do(ctx context.Context, part session.Span, last bool) error {
	lot := part.First / j.session.LotSize
	start := time.Now()
	j.lot.Reset()
	for _, order := range j.session.Orders[part.First:part.End] {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("lot %d: %w", lot+1, err)
		}
		j.add(order)
	}
	j.body = j.lot.AppendBody(j.body[:0], lot+1, j.name, j.readAt())
	calculated := time.Now()
	published, err := j.write(ctx, session.LotResult{
		Lot: lot, Skip: part.First % j.session.LotSize, Orders: part.Len(), Failed: j.lot.Failed(), Body: j.body,
		At: j.pool.config.Service.Now(),
	})
	j.report.Calculating += calculated.Sub(start)
	j.report.Publishing += time.Since(calculated)
	if err != nil {
		return fmt.Errorf("publish lot %d: %w", lot+1, err)
	}
	// Let the streams send it before the next lot: with no idle core their goroutines would
	// otherwise wait until this one is preempted, which takes longer than all lots together.
	runtime.Gosched()
	if published.Written {
		j.report.Orders += j.lot.Orders()
		j.report.Failed += j.lot.Failed()
	}
	if published.Ended {
		j.pool.reads.drop(j.session.ID)
	}
	if published.Ended && !last {
		return errEnded
	}
	return nil
}

// write publishes, unless the job is in other hands by now.
func (j *job) write(ctx context.Context, lot session.LotResult) (p session.Published, err error) {
	err = j.patiently(ctx, func() (err error) {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err = j.pool.config.Service.Store.Publish(ctx, j.session.ID, lot)
		return err
	})
	return p, err
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
type answerFunc func(*analysis.Book, *atp.Scratch, atp.OrderNumber) (atp.Result, error)

func (j *job) answer(n atp.OrderNumber) (err error) {
	defer analysis.Recover(&err, string(n))
	start := time.Now()
	r, err := j.pool.answer(j.book, &j.scratch, n)
	if err != nil {
		return err
	}
	return j.lot.Add(&r, j.book.Reading(time.Since(start)))
}
