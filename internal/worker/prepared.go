package worker

import (
	"context"
	"fmt"
	"iter"
	"log/slog"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/queue"
	"ruptura/internal/session"
)

// fatal is what a session ends with that kills whoever prepares it.
var fatal = lang.Text{
	PT: "o processo que calculava esta análise caiu todas as vezes, talvez por falta de memória; avise quem cuida do servidor",
	EN: "the process that calculated this analysis died every time, perhaps of a lack of memory; tell who looks after the server",
}

// hangsTogether reports whether the results of a session must all come of one read, and there is
// where to keep them for other processes.
func (p *Pool) hangsTogether(s *session.Session) bool {
	return p.preparer != nil && s.Mode == atp.Together
}

// workPrepared does a job of a session whose results hang together: it publishes what has been
// prepared, here if nowhere else. Where the source cannot be read the job's orders get that as their error.
func (w *worker) workPrepared(ctx context.Context, s *session.Session, asked session.Job) (*job, error) {
	j := w.newJob(s, asked)
	j.telling = w.pool.batch != nil
	failed, ready, err := w.prepared(ctx, s.ID)
	if err == nil && !ready {
		failed, err = j.prepareAll(ctx)
	}
	switch {
	case err != nil:
		return nil, err
	case j.failed != nil:
		err = j.publish(ctx, s.Span(asked))
	default:
		err = j.publishPrepared(ctx, s.Span(asked), failed)
	}
	if err != nil {
		return nil, j.unpublished(ctx, err)
	}
	return j, nil
}

// prepared asks whether a session's results are prepared, and how many of each lot's orders failed.
func (w *worker) prepared(ctx context.Context, id session.ID) (failed map[int]int, ok bool, err error) {
	err = w.patiently(ctx, func() (err error) {
		failed, ok, err = w.pool.preparer.Prepared(ctx, id)
		return err
	})
	return failed, ok, err
}

// prepareAll reads, analyses all orders of the session and keeps the results, unless another process has
// been first. That the source cannot be read is the job's answer.
func (j *job) prepareAll(ctx context.Context) (failed map[int]int, err error) {
	defer j.pool.reads.drop(j.session.ID) // what was read is needed no more
	if err := j.read(ctx, 0); err != nil || j.failed != nil {
		return nil, err
	}
	err = j.patiently(ctx, func() error { return j.pool.preparer.Prepare(ctx, j.session.ID, j.lots(ctx)) })
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	failed, ready, err := j.prepared(ctx, j.session.ID)
	if err == nil && !ready { // the session has ended meanwhile
		err = errEnded
	}
	return failed, err
}

// lots are the results of the whole session, lot by lot, each good until the next.
func (j *job) lots(ctx context.Context) iter.Seq2[session.LotResult, error] {
	return func(yield func(session.LotResult, error) bool) {
		var body []byte
		for i := range j.session.Lots() {
			l, err := j.result(ctx, j.wholeLot(i), body)
			if !yield(l, err) || err != nil {
				return
			}
			body = l.Body
		}
	}
}

// wholeLot is the orders of a lot.
func (j *job) wholeLot(i int) session.Span {
	first := i * j.session.LotSize
	return session.Span{First: first, End: min(first+j.session.LotSize, len(j.session.Orders))}
}

// publishPrepared publishes, as they were prepared, all lots that a span touches: whole ones, so that
// what two halves of a lot both ask for is written once.
func (j *job) publishPrepared(ctx context.Context, span session.Span, failed map[int]int) error {
	size := j.session.LotSize
	for i := span.First / size; i*size < span.End; i++ {
		j.ready = append(j.ready, session.LotResult{
			Lot: i, Orders: j.wholeLot(i).Len(), Failed: failed[i], At: j.pool.config.Service.Now(),
		})
		last := (i+1)*size >= span.End
		if j.pool.batch != nil && !last {
			continue
		}
		if err := j.flush(ctx, last); err != nil {
			return err
		}
	}
	return nil
}

// suspectTogether deals with a job of such a session that has been taken too often without an end. Who
// publishes what is prepared calculates nothing and is above suspicion; preparing may take more memory
// than there is, and no part of it is to blame alone, so the session ends.
func (w *worker) suspectTogether(ctx context.Context, d queue.Delivery, s *session.Session, log *slog.Logger) (done bool, err error) {
	if d.Attempts() <= singleAttempts {
		return false, nil
	}
	if _, ready, err := w.prepared(ctx, s.ID); ready || err != nil {
		return false, err
	}
	log.Error("session given up: who prepared it did not come back", "attempts", d.Attempts()-1)
	end := session.Ending{State: session.Failed, Message: fatal.In(s.Lang), At: w.pool.config.Service.Now()}
	if err := w.patiently(ctx, func() error { return w.pool.config.Service.Store.End(ctx, s.ID, end) }); err != nil && !over(err) {
		return false, err
	}
	return true, w.insist(ctx, func() error { return d.Bury(ctx, ReasonDied) })
}
