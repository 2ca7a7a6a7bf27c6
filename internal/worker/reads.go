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

// sharedRead is one read, under way until done is closed.
type sharedRead struct {
	done chan struct{}
	book *analysis.Book
	err  error
	jobs int // that have not finished with it
}

func newReads(read readFunc) *reads {
	return &reads{read: read, open: map[readKey]*sharedRead{}}
}

// get returns the read that serves a job, making it or waiting for whoever is making it. After an
// error the next job tries again. Every get is followed by one finish or drop.
func (r *reads) get(ctx context.Context, s *session.Session, number int) (*analysis.Book, error) {
	shared, mine := r.claim(s, number)
	if mine {
		shared.book, shared.err = r.read(ctx, s, number)
		if shared.err != nil {
			r.fail(s.ID, number, shared)
		}
		close(shared.done)
	}
	select {
	case <-shared.done:
		return shared.book, shared.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (r *reads) claim(s *session.Session, number int) (shared *sharedRead, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := readKey{s.ID, number}
	if shared, ok := r.open[key]; ok {
		return shared, false
	}
	shared = &sharedRead{done: make(chan struct{}), jobs: s.ReadJobs(number)}
	r.open[key] = shared
	return shared, true
}

// fail forgets a read that failed, so that it is made again.
func (r *reads) fail(id session.ID, number int, failed *sharedRead) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if key := (readKey{id, number}); r.open[key] == failed {
		delete(r.open, key)
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

// count is the number of reads held.
func (r *reads) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.open)
}
