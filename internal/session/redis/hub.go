package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/session"
)

const (
	// subscribeAtOnce bounds how many channels one command names.
	subscribeAtOnce = 500
	// readsAtOnce bounds how many readers ask for the log at once, so that those of a whole server,
	// woken together, do not wait in vain for a connection.
	readsAtOnce = 8
	// againAfter is how long to wait before another try to receive.
	againAfter = 100 * time.Millisecond
	// pingAfter is after how much silence the connection is asked for a sign of life, deadAfter after
	// how much it is given up.
	pingAfter = 5 * time.Second
	deadAfter = 12 * time.Second
)

// errClosed says that this store asks nobody any more.
var errClosed = fmt.Errorf("%w: closed", session.ErrUnavailable)

// hub hears for all readers of this process, over one connection, what is published about the
// sessions that they follow. What it hears is never the only source: each confirmation of a
// subscription, the first or one after a connection was lost, makes the session's readers look at
// the log, and so does a look at sessions that have been silent for some time.
type hub struct {
	store  *Store
	ctx    context.Context //nolint:containedctx // of its goroutines, which close ends
	cancel context.CancelFunc
	group  sync.WaitGroup
	heard  atomic.Int64  // when something last came over the connection, in ns
	poke   chan struct{} // tells the keeper that changed has members
	reads  chan struct{} // holds a value for each reader that asks for the log

	mu         sync.Mutex
	pubsub     *goredis.PubSub // nil until somebody reads
	topics     map[session.ID]*topic
	subscribed map[session.ID]struct{} // what pubsub knows of
	changed    map[session.ID]struct{} // whose subscription may have to change
	closed     bool
}

func newHub(s *Store) *hub {
	h := &hub{
		store: s, poke: make(chan struct{}, 1), reads: make(chan struct{}, readsAtOnce),
		topics: map[session.ID]*topic{}, changed: map[session.ID]struct{}{},
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// close ends the hub's goroutines and connection.
func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	h.cancel()
	if h.pubsub != nil {
		h.hangUp()
	}
	for _, t := range h.topics {
		t.lookAgain()
	}
	h.mu.Unlock()
	h.group.Wait()
}

// hangUp closes the connection. The caller holds the lock.
func (h *hub) hangUp() {
	if err := h.pubsub.Close(); err != nil && !errors.Is(err, goredis.ErrClosed) {
		h.store.config.Log.Debug("subscriptions closed with an error", "error", err)
	}
}

// join adds a reader to its session's topic.
func (h *hub) join(r *reader) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errClosed
	}
	if h.pubsub == nil {
		h.open()
		h.group.Go(h.receive)
		h.group.Go(h.keep)
	}
	t := h.topics[r.id]
	if t == nil {
		t = &topic{readers: map[*reader]struct{}{}, heard: time.Now()}
		h.topics[r.id] = t
		h.change(r.id)
	}
	r.topic = t
	t.mu.Lock()
	defer t.mu.Unlock()
	t.readers[r] = struct{}{}
	return nil
}

// leave takes a reader out, and with the last one the topic.
func (h *hub) leave(r *reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r.topic.mu.Lock()
	defer r.topic.mu.Unlock()
	delete(r.topic.readers, r)
	if len(r.topic.readers) == 0 && h.topics[r.id] == r.topic {
		delete(h.topics, r.id)
		h.change(r.id)
	}
}

// change lets the keeper see to a session's subscription. The caller holds the lock.
func (h *hub) change(id session.ID) {
	h.changed[id] = struct{}{}
	select {
	case h.poke <- struct{}{}:
	default:
	}
}

// open begins with a new connection, once it is needed, and has everything subscribed there. The
// caller holds the lock.
func (h *hub) open() {
	h.heard.Store(time.Now().UnixNano())
	h.pubsub = h.store.client.Subscribe(h.ctx)
	h.subscribed = map[session.ID]struct{}{}
	for id := range h.topics {
		h.change(id)
	}
}

// receive hears what comes, until the hub is closed.
func (h *hub) receive() {
	away := false
	for h.ctx.Err() == nil {
		h.mu.Lock()
		pubsub := h.pubsub
		h.mu.Unlock()
		message, err := pubsub.Receive(h.ctx)
		if err == nil {
			h.heard.Store(time.Now().UnixNano())
			away = false
			h.hear(message)
			continue
		}
		if !away && h.ctx.Err() == nil {
			away = true
			h.store.config.Log.Warn("subscriptions interrupted, events come late until they are back", "error", err)
		}
		h.recover(err)
	}
}

// recover waits before the next try. The connection itself is made again by go-redis, with all
// its subscriptions, unless it was given up.
func (h *hub) recover(err error) {
	if errors.Is(err, goredis.ErrClosed) {
		h.mu.Lock()
		if !h.closed {
			h.open()
		}
		h.mu.Unlock()
		return
	}
	timer := time.NewTimer(againAfter)
	defer timer.Stop()
	select {
	case <-h.ctx.Done():
	case <-timer.C:
	}
}

// hear tells a topic what was said about it.
func (h *hub) hear(message any) {
	switch m := message.(type) {
	case *goredis.Subscription:
		if t := h.topic(m.Channel); t != nil && m.Kind == "subscribe" {
			t.lookAgain()
		}
	case *goredis.Message:
		if t := h.topic(m.Channel); t != nil {
			t.hear([]byte(m.Payload))
		}
	}
}

// topic is what a channel is about, or nil when nobody reads it any more.
func (h *hub) topic(channel string) *topic {
	id := session.ID(strings.TrimPrefix(channel, h.store.client.Key("")))
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.topics[id]
}

// read is Store.readFrom for a reader, who may have to wait for others.
func (h *hub) read(
	ctx context.Context, id session.ID, after int64, limit int, same func(session.Event) bool,
) ([]session.Event, end, error) {
	select {
	case h.reads <- struct{}{}:
	case <-ctx.Done():
		return nil, end{}, ctx.Err()
	}
	defer func() { <-h.reads }()
	return h.store.readFrom(ctx, id, after, limit, same)
}
