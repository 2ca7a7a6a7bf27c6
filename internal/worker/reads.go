package worker

import (
	"context"
	"sync"

	"ruptura/internal/analysis"
	"ruptura/internal/session"
)

// readFunc reads the source for a session's orders.
type readFunc func(ctx context.Context, s *session.Session, read int) (*analysis.Book, error)

// reads shares what is read among the jobs of one session in this process: summing the same
// stock once per job would cost more than all the rest. It is no cache. A read belongs to one
// session, is made when its first job starts, and is dropped when its last job ends or the
// session does; nobody else ever sees it.
type reads struct {
	read readFunc

	mu   sync.Mutex
	open map[readKey]*sharedRead
}

type readKey struct {
	session session.ID
	number  int
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
}

func newReads(read readFunc) *reads {
	return &reads{read: read, open: map[readKey]*sharedRead{}}
}

// get returns the read that serves a job, making it or waiting for whoever is making it. After an
// error the next job tries again. A job that has got its read, or an error, calls finish in the
// end, or drop; one that is interrupted and will be done again calls neither.
func (r *reads) get(ctx context.Context, s *session.Session, number int) (*analysis.Book, error) {
	t, mine := r.claim(s, number)
	if mine {
		t.book, t.err = r.read(ctx, s, number)
		if t.err != nil {
			r.fail(readKey{s.ID, number}, t)
		}
		close(t.done)
	}
	select {
	case <-t.done:
		return t.book, t.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (r *reads) claim(s *session.Session, number int) (t *try, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := readKey{s.ID, number}
	shared, ok := r.open[key]
	if !ok {
		shared = &sharedRead{jobs: s.ReadJobs(number)}
		r.open[key] = shared
	}
	if shared.try != nil {
		return shared.try, false
	}
	shared.try = &try{done: make(chan struct{})}
	return shared.try, true
}

// fail forgets an attempt, so that the next job makes another.
func (r *reads) fail(key readKey, failed *try) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if shared, ok := r.open[key]; ok && shared.try == failed {
		shared.try = nil
	}
}

// finish says that a job needs its read no longer.
func (r *reads) finish(id session.ID, number int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := readKey{id, number}
	if shared, ok := r.open[key]; ok {
		if shared.jobs--; shared.jobs == 0 {
			delete(r.open, key)
		}
	}
}

// drop forgets all reads of a session that has ended.
func (r *reads) drop(id session.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key := range r.open {
		if key.session == id {
			delete(r.open, key)
		}
	}
}

// clear forgets everything, when nobody works any more: what is read later must be fresh.
func (r *reads) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.open)
}

// count is the number of reads held.
func (r *reads) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.open)
}
