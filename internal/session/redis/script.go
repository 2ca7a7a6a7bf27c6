package redis

import (
	"context"
	"embed"
	"errors"
	"fmt"

	goredis "github.com/redis/go-redis/v9"

	rds "ruptura/internal/redis"
	"ruptura/internal/session"
)

// What the scripts on a session answer first; see lua/session.lua.
const (
	unknown = -1
	refused = 0
	written = 1
	taken   = 2 // create.lua, discard.lua
)

// What the scripts on the registry answer first; see lua/registry.lua.
const (
	tooLarge = -2
	full     = -1
)

//go:embed lua/*.lua
var sources embed.FS

// scripts are what the store runs inside Redis, each one an atomic step. What each does stands in
// its file.
type scripts struct {
	create, discard, begin, nextJob, publish, end *goredis.Script // on a session
	admit, charge, finish, forget, silent, usage  *goredis.Script // on the registry
	claim, release                                *goredis.Script // on an idempotency key
}

func newScripts() scripts {
	return scripts{
		create: script("session", "create"), discard: script("session", "discard"), begin: script("session", "begin"), nextJob: script("session", "nextjob"),
		publish: script("session", "publish"), end: script("session", "end"),
		admit: script("registry", "admit"), charge: script("registry", "charge"), finish: script("registry", "finish"),
		forget: script("registry", "forget"), silent: script("registry", "silent"), usage: script("registry", "usage"),
		claim: script("claim"), release: script("release"),
	}
}

// script joins files of the folder lua.
func script(names ...string) *goredis.Script {
	var text []byte
	for _, name := range names {
		part, err := sources.ReadFile("lua/" + name + ".lua")
		if err != nil {
			panic(err) // it is part of the program
		}
		text = append(text, part...)
	}
	return goredis.NewScript(string(text))
}

// onSession runs a script on a session.
func (s *Store) onSession(ctx context.Context, script *goredis.Script, id session.ID, args ...any) *goredis.Cmd {
	keys, args := s.forSession(id, args...)
	return script.Run(ctx, s.client, keys, args...)
}

// forSession is what every script on a session is called with.
func (s *Store) forSession(id session.ID, args ...any) (keys []string, all []any) {
	k := s.keys(id)
	return k.all(), append([]any{s.config.TTL.Milliseconds(), k.channel}, args...)
}

// onRegistry runs a script on the registry.
func (s *Store) onRegistry(ctx context.Context, script *goredis.Script, args ...any) *goredis.Cmd {
	return script.Run(ctx, s.client, s.registry[:], args...)
}

// errReply says that a script answered what it never answers.
var errReply = errors.New("session/redis: unexpected reply of a script")

// several is a script's answer of several values, at least n.
func several(c *goredis.Cmd, n int) ([]any, error) {
	values, err := c.Slice()
	if err != nil {
		return nil, rds.Explain(err)
	}
	if len(values) < n {
		return nil, fmt.Errorf("%w: %d values, want %d", errReply, len(values), n)
	}
	return values, nil
}

// numbers is a script's answer of numbers, with zeros after it up to n.
func numbers(c *goredis.Cmd, n int) ([]int64, error) {
	values, err := c.Int64Slice()
	if err != nil {
		return nil, rds.Explain(err)
	}
	for len(values) < n {
		values = append(values, 0)
	}
	return values, nil
}

// ids reads a list of sessions in a script's answer.
func ids(value any) []session.ID {
	values, _ := value.([]any)
	list := make([]session.ID, 0, len(values))
	for _, v := range values {
		if text, ok := v.(string); ok {
			list = append(list, session.ID(text))
		}
	}
	return list
}
