package metrics

import (
	"context"

	"ruptura/internal/session"
)

// Watch counts the sessions that begin and end in a store.
func (m *Metrics) Watch(s session.Store) session.Store {
	w := &watched{Store: s, metrics: m}
	if batch, ok := s.(session.BatchStore); ok {
		return &watchedBatch{w, batch}
	}
	return w
}

// watchedBatch is a store with batches whose sessions are counted.
type watchedBatch struct {
	*watched
	batch session.BatchStore
}

func (w *watchedBatch) PublishAll(ctx context.Context, id session.ID, lots []session.LotResult) ([]session.Published, error) {
	published, err := w.batch.PublishAll(ctx, id, lots)
	w.countLast(ctx, id, published)
	return published, err
}

func (w *watchedBatch) PublishLast(
	ctx context.Context, id session.ID, lots []session.LotResult, finished int,
) (published []session.Published, next int, ok bool, err error) {
	published, next, ok, err = w.batch.PublishLast(ctx, id, lots, finished)
	w.countLast(ctx, id, published)
	return published, next, ok, err
}

// watched is a store whose sessions are counted.
type watched struct {
	session.Store
	metrics *Metrics
}

func (w *watched) Create(ctx context.Context, s *session.Session, key session.Key) (session.ID, error) {
	id, err := w.Store.Create(ctx, s, key)
	if err == nil && id == s.ID {
		w.metrics.started.Inc()
	}
	return id, err
}

func (w *watched) Publish(ctx context.Context, id session.ID, lot session.LotResult) (session.Published, error) {
	p, err := w.Store.Publish(ctx, id, lot)
	if err == nil && p.Written && p.Ended {
		w.count(ctx, id)
	}
	return p, err
}

// End counts an end that this call has made. Another process may end the session at the same time;
// then the end that stands is the other's, made at another instant or for another reason.
func (w *watched) End(ctx context.Context, id session.ID, end session.Ending) error {
	before, err := w.Store.Status(ctx, id)
	if err != nil {
		return err
	}
	if err := w.Store.End(ctx, id, end); err != nil {
		return err
	}
	if before.State.Ended() {
		return nil
	}
	after, err := w.Store.Status(ctx, id)
	if err == nil && after.State == end.State && after.Done.UnixMilli() == end.At.UnixMilli() {
		w.metrics.ended.WithLabelValues(after.State.String()).Inc()
	}
	return nil
}

// count counts an end by how the session stands now; one that is gone already is not counted.
func (w *watched) count(ctx context.Context, id session.ID) {
	if status, err := w.Store.Status(ctx, id); err == nil && status.State.Ended() {
		w.metrics.ended.WithLabelValues(status.State.String()).Inc()
	}
}

// countLast counts an end that came with a lot.
func (w *watched) countLast(ctx context.Context, id session.ID, published []session.Published) {
	for _, p := range published {
		if p.Written && p.Ended {
			w.count(ctx, id)
		}
	}
}
