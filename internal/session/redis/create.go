package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/atp"
	rds "ruptura/internal/redis"
	"ruptura/internal/session"
)

// What a session is expected to need, in bytes, and is charged for from the start: so that what
// has been let in can also finish. The same as in memory, which is some more than Redis takes.
const (
	overhead     = 4096 // of a session
	perEvent     = 64   // beside its data; lua/session.lua has it too
	perOrder     = 32   // to keep its number, beside its characters
	perLot       = 8
	perSummary   = 1024 // a result without items
	perItemsMore = 5120 // what items add to it
)

// Create keeps a new session: room for it first, then itself, then its key. When another request
// has taken the key in between, what this one has made is undone.
func (s *Store) Create(ctx context.Context, asked *session.Session, key session.Key) (session.ID, error) {
	if !isID(asked.ID) {
		return "", fmt.Errorf("create session: %q is no ID", asked.ID)
	}
	held, id, err := s.recall(ctx, key)
	if !errors.Is(err, session.ErrUnknown) {
		return id, err
	}
	what, err := encodeAsked(asked)
	if err != nil {
		return "", err
	}
	if err := s.keep(ctx, asked, key, what); err != nil {
		return "", err
	}
	if key.Zero() {
		return asked.ID, nil
	}
	id, err = s.claim(ctx, asked.ID, key, held)
	if err == nil && id == asked.ID {
		return id, nil
	}
	return id, errors.Join(err, s.discard(context.WithoutCancel(ctx), asked.ID, what))
}

// keep makes a session, if there is room for it; what is how it is told from another with its ID.
func (s *Store) keep(ctx context.Context, asked *session.Session, key session.Key, what []byte) error {
	begins := session.StartEvent(asked)
	fixed, each := estimate(asked)
	size := fixed + int64(len(begins)) + perEvent + each*int64(len(asked.Orders))
	if err := s.admit(ctx, asked.ID, size); err != nil {
		return err
	}
	args := []any{
		begins, what, len(asked.Orders), asked.Jobs(),
		"estado", session.Queued.String(), "criado", asked.Created.UnixMilli(),
		"pedidos", len(asked.Orders), "lotes", asked.Lots(), "tamanho_lote", asked.LotSize, "workers", asked.Workers,
		"processados", 0, "com_erro", 0, "lotes_concluidos", 0, "ultimo_evento", 1,
		"proximo", min(asked.Given, asked.Jobs()), "jobs", asked.Jobs(),
		"modo", int(asked.Mode), "politica", int(asked.Policy), "fixo", fixed, "cada", each, "carga", size,
	}
	if !key.Zero() {
		args = append(args, "chave", s.idempotencyKey(key))
	}
	switch verdict, err := s.onSession(ctx, s.scripts.create, asked.ID, args...).Int(); {
	case err != nil:
		return s.undo(ctx, asked.ID, what, rds.Explain(err))
	case verdict == taken:
		return session.ErrTaken
	}
	kept := *asked
	kept.Given = 0
	kept.Created = time.UnixMilli(asked.Created.UnixMilli())
	s.specs.put(&kept)
	return nil
}

// undo takes back the charge for a session that could not be made, and returns why. Redis away is not
// asked once more: the charge then goes when the session's life would be over.
func (s *Store) undo(ctx context.Context, id session.ID, what []byte, cause error) error {
	if errors.Is(cause, session.ErrUnavailable) {
		return cause
	}
	return errors.Join(cause, s.discard(context.WithoutCancel(ctx), id, what))
}

// estimate is what a session needs whatever its results, and what it is expected to need for each.
func estimate(asked *session.Session) (fixed, each int64) {
	fixed = overhead + int64(asked.Lots())*perLot + int64(len(asked.Orders))*perOrder
	for _, n := range asked.Orders {
		fixed += int64(len(n))
	}
	each = perSummary
	if asked.Detail.Items() {
		each += perItemsMore
	}
	if asked.Mode == atp.Together { // prepared before it is published, and with the answer alone beside
		each *= 2
	}
	return fixed, each
}

// discard forgets a session that nobody has heard of, unless another request has made one with its ID.
func (s *Store) discard(ctx context.Context, id session.ID, what []byte) error {
	verdict, err := s.onSession(ctx, s.scripts.discard, id, what).Int()
	switch {
	case err != nil:
		return rds.Explain(err)
	case verdict == taken:
		return nil
	}
	s.specs.drop(id)
	return s.forget(ctx, id)
}

// Recall returns the session that a key has made.
func (s *Store) Recall(ctx context.Context, key session.Key) (session.ID, error) {
	_, id, err := s.recall(ctx, key)
	return id, err
}

// recall is Recall. With ErrUnknown it says what the key holds, of a session that is gone.
func (s *Store) recall(ctx context.Context, key session.Key) (held string, id session.ID, err error) {
	if key.Zero() {
		return "", "", session.ErrUnknown
	}
	held, err = s.client.Get(ctx, s.idempotencyKey(key)).Result()
	switch {
	case errors.Is(err, goredis.Nil):
		return "", "", session.ErrUnknown
	case err != nil:
		return "", "", rds.Explain(err)
	}
	id, err = s.whose(ctx, held, key)
	return held, id, err
}

// whose is the session that a key's content names: ErrUnknown if it is gone, ErrKeyReused if another
// request made it.
func (s *Store) whose(ctx context.Context, held string, key session.Key) (session.ID, error) {
	id, fingerprint, _ := strings.Cut(held, " ")
	n, err := s.client.Exists(ctx, s.keys(session.ID(id)).info).Result()
	switch {
	case err != nil:
		return "", rds.Explain(err)
	case n == 0:
		return "", session.ErrUnknown
	case fingerprint != key.Fingerprint:
		return "", session.ErrKeyReused
	}
	return session.ID(id), nil
}

// keyLife is how long a key outlives its session, whose life goes on with each write, when its end
// does not set it right: more than any session takes.
const keyLife = 24 * time.Hour

// claim gives the key to a session, unless another that lives has it: then that is returned. held is
// what the key is known to hold of one that is gone.
func (s *Store) claim(ctx context.Context, id session.ID, key session.Key, held string) (session.ID, error) {
	for {
		want := string(id) + " " + key.Fingerprint
		got, err := s.scripts.claim.Run(ctx, s.client, []string{s.idempotencyKey(key)},
			held, want, (s.config.TTL + keyLife).Milliseconds()).Text()
		if err != nil {
			return "", rds.Explain(err)
		}
		if got == want {
			return id, nil
		}
		winner, err := s.whose(ctx, got, key)
		if !errors.Is(err, session.ErrUnknown) {
			return winner, err
		}
		held = got
	}
}

// releaseKey lets the session's key, if it has one, go after some time.
func (s *Store) releaseKey(ctx context.Context, id session.ID, after time.Duration) error {
	key, err := s.client.HGet(ctx, s.keys(id).info, "chave").Result()
	switch {
	case errors.Is(err, goredis.Nil):
		return nil
	case err != nil:
		return rds.Explain(err)
	}
	err = s.scripts.release.Run(ctx, s.client, []string{key}, string(id), after.Milliseconds()).Err()
	if errors.Is(err, goredis.Nil) {
		return nil
	}
	return rds.Explain(err)
}
