package redis

import (
	"errors"
	"slices"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/session"
)

// maxTick is the longest time between two looks at what is silent.
const maxTick = time.Second

// keep sees to the subscriptions, and looks at what is silent, until the hub is closed.
func (h *hub) keep() {
	tick := time.NewTicker(min(h.store.config.Silence/4, maxTick))
	defer tick.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-h.poke:
			h.subscribe()
		case <-tick.C:
			h.check()
			h.lookAtSilent()
		}
	}
}

// subscribe makes the subscriptions those that readers need. What fails here is not lost: go-redis
// keeps the names and subscribes with the next connection.
func (h *hub) subscribe() {
	h.mu.Lock()
	pubsub := h.pubsub
	var on, off []string
	for id := range h.changed {
		_, wanted := h.topics[id]
		_, has := h.subscribed[id]
		switch channel := h.store.keys(id).channel; {
		case wanted && !has:
			h.subscribed[id] = struct{}{}
			on = append(on, channel)
		case !wanted && has:
			delete(h.subscribed, id)
			off = append(off, channel)
		}
	}
	clear(h.changed)
	h.mu.Unlock()
	var errs []error
	for channels := range slices.Chunk(on, subscribeAtOnce) {
		errs = append(errs, pubsub.Subscribe(h.ctx, channels...))
	}
	for channels := range slices.Chunk(off, subscribeAtOnce) {
		errs = append(errs, pubsub.Unsubscribe(h.ctx, channels...))
	}
	if err := errors.Join(errs...); err != nil {
		h.store.config.Log.Debug("subscriptions wait for the next connection", "error", err)
	}
}

// check asks a silent connection for a sign of life, and gives it up when there is none: a network
// may fail without a word.
func (h *hub) check() {
	silent := time.Since(time.Unix(0, h.heard.Load()))
	if silent < pingAfter {
		return
	}
	h.mu.Lock()
	pubsub := h.pubsub
	if silent >= deadAfter && !h.closed {
		h.hangUp() // receive opens another
	}
	h.mu.Unlock()
	if silent >= deadAfter {
		return
	}
	if err := pubsub.Ping(h.ctx); err != nil {
		h.store.config.Log.Debug("subscriptions do not answer", "error", err)
	}
}

// lookAtSilent sees how far sessions are whose readers have heard nothing for some time, or could
// not read: so what was lost on the way is found, and it is told that a session is gone.
func (h *hub) lookAtSilent() {
	now := time.Now()
	silent := map[session.ID]*topic{}
	var ids []session.ID
	h.mu.Lock()
	for id, t := range h.topics {
		if t.silent(now, h.store.config.Silence) {
			silent[id] = t
			ids = append(ids, id)
		}
	}
	h.mu.Unlock()
	for some := range slices.Chunk(ids, subscribeAtOnce) {
		if err := h.look(some, silent); err != nil {
			return // the readers that failed are looked at again, the others after the next silence
		}
	}
}

func (h *hub) look(ids []session.ID, topics map[session.ID]*topic) error {
	commands := make([]*goredis.SliceCmd, len(ids))
	_, err := h.store.client.Pipelined(h.ctx, func(p goredis.Pipeliner) error {
		for i, id := range ids {
			commands[i] = p.HMGet(h.ctx, h.store.keys(id).info, "estado", "ultimo_evento")
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, c := range commands {
		reach, err := readEnd(c)
		switch {
		case errors.Is(err, session.ErrUnknown):
			topics[ids[i]].lookAgain() // and learn it
		case err != nil:
			return err
		default:
			topics[ids[i]].seen(reach.last)
		}
	}
	return nil
}
