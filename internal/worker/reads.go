package worker

import (
	"context"
	"maps"
	"slices"
	"sync"

	"ruptura/internal/analysis"
	"ruptura/internal/session"
)

// readFunc reads the source for a session's orders.
type readFunc func(ctx context.Context, s *session.Session, read int, o *outage) (*analysis.Book, error)

// reads shares what is read among the jobs of one session in this process: summing the same
// stock once per job would cost more than all the rest. It is no cache. A read belongs to one
// session, is made when its first job starts, and is dropped when its last job ends or the
// session does; nobody else ever sees it.
type reads struct {
	read readFunc

	mu   sync.Mutex
	open map[session.ID]*sessionReads
}

// sessionReads is the reads of one session.
type sessionReads struct {
	asked  *session.Session
	jobs   int // of the session that have not finished
	shared map[int]*sharedRead
	outage outage
}

// sharedRead is one read among the jobs it serves.
type sharedRead struct {
	jobs int // that have not finished with it
	try  *try
}

// try is one attempt to read, under way until done is closed.
type try struct {
	done chan struct{}
	book *analysis.Book
	err  error
	// left says that whoever made it was interrupted, so that err says nothing about the source. Who
	// waits makes another.
	left bool
}

func newReads(read readFunc) *reads {
	return &reads{read: read, open: map[session.ID]*sessionReads{}}
}

// get returns the read that serves a job, making it or waiting for whoever is making it. After an
// error the next job tries again. A job that has got its read, or an error, calls finish in the
// end, or drop; one that is interrupted and will be done again calls neither.
func (r *reads) get(ctx context.Context, s *session.Session, number int) (*analysis.Book, error) {
	for {
		t, o, mine := r.claim(s, number)
		if mine {
			r.make(ctx, s, number, o, t)
		}
		select {
		case <-t.done:
			if t.left && ctx.Err() == nil {
				continue
			}
			return t.book, t.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// make makes an attempt, for all who wait for it.
func (r *reads) make(ctx context.Context, s *session.Session, number int, o *outage, t *try) {
	t.book, t.err = r.read(ctx, s, number, o)
	if t.err != nil {
		t.left = ctx.Err() != nil
		r.fail(s.ID, number, t)
	}
	close(t.done)
}

func (r *reads) claim(s *session.Session, number int) (t *try, o *outage, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all, ok := r.open[s.ID]
	if !ok {
		all = &sessionReads{asked: s, jobs: s.Jobs(), shared: map[int]*sharedRead{}}
		r.open[s.ID] = all
	}
	shared, ok := all.shared[number]
	if !ok {
		shared = &sharedRead{jobs: s.ReadJobs(number)}
		all.shared[number] = shared
	}
	if shared.try != nil {
		return shared.try, &all.outage, false
	}
	shared.try = &try{done: make(chan struct{})}
	return shared.try, &all.outage, true
}

// fail forgets an attempt, so that the next job makes another.
func (r *reads) fail(id session.ID, number int, failed *try) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if shared := r.find(id, number); shared != nil && shared.try == failed {
		shared.try = nil
	}
}

// find is a read that is held, or nil. The caller holds the lock.
func (r *reads) find(id session.ID, number int) *sharedRead {
	if all, ok := r.open[id]; ok {
		return all.shared[number]
	}
	return nil
}

// finish says that a job needs its read no longer.
func (r *reads) finish(id session.ID, number int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	shared := r.find(id, number)
	if shared == nil {
		return
	}
	all := r.open[id]
	if shared.jobs--; shared.jobs == 0 {
		delete(all.shared, number)
	}
	if all.jobs--; all.jobs == 0 {
		delete(r.open, id)
	}
}

// drop forgets all reads of a session that has ended.
func (r *reads) drop(id session.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, id)
}

// clear forgets everything, when nobody works any more: what is read later must be fresh.
func (r *reads) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.open)
}

// sessions lists the sessions of which reads are held.
func (r *reads) sessions() []session.ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Keys(r.open))
}

// session is the session with that ID, if reads of it are held, else nil.
func (r *reads) session(id session.ID) *session.Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	if all, ok := r.open[id]; ok {
		return all.asked
	}
	return nil
}

// count is the number of reads held.
func (r *reads) count() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, all := range r.open {
		n += len(all.shared)
	}
	return n
}
