package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/atp"
	rds "ruptura/internal/redis"
	"ruptura/internal/session"
	sharedstore "ruptura/internal/session/redis"
)

// publishing is what one event's publication needs, without the program around it.
type publishing struct {
	client *rds.Client
	script *goredis.Script
}

// openPublishing connects to a Redis and loads the script of the store there.
func openPublishing(ctx context.Context, address string) (*publishing, error) {
	client, err := rds.Open(address, rds.Options{})
	if err != nil {
		return nil, err
	}
	var text []byte
	for _, name := range []string{"session.lua", "publish.lua"} {
		part, err := os.ReadFile(filepath.Join("..", "..", "internal", "session", "redis", "lua", name))
		if err != nil {
			return nil, err
		}
		text = append(text, part...)
	}
	p := &publishing{client, goredis.NewScript(string(text))}
	return p, p.script.Load(ctx, client).Err()
}

// pipelined is how many commands go to Redis at once.
const pipelined = 200

// scripts publishes one lot, of one order, of each session by the store's script alone, in pipelines on
// one connection.
func (p *publishing) scripts(ctx context.Context, ids []session.ID, lot int) error {
	return p.each(ctx, ids, func(to goredis.Pipeliner, i int, id session.ID) {
		to.EvalSha(ctx, p.script.Hash(), p.keys(id), 900_000, p.client.Key(string(id)),
			lot, 0, 1, 0, time.Now().UnixMilli(), burstBody(i))
	})
}

// bare logs and publishes an event of each session, and nothing else.
func (p *publishing) bare(ctx context.Context, ids []session.ID, _ int) error {
	return p.each(ctx, ids, func(to goredis.Pipeliner, i int, id session.ID) {
		event := burstBody(i)
		to.XAdd(ctx, &goredis.XAddArgs{Stream: p.client.Key("nu", string(id)), Values: []any{"d", event}})
		to.Publish(ctx, p.client.Key("nu", string(id)), event)
	})
}

func (p *publishing) each(ctx context.Context, ids []session.ID, add func(goredis.Pipeliner, int, session.ID)) error {
	for from := 0; from < len(ids); from += pipelined {
		pipeline := p.client.Pipeline()
		for i, id := range ids[from:min(from+pipelined, len(ids))] {
			add(pipeline, from+i, id)
		}
		answers, err := pipeline.Exec(ctx)
		if err != nil {
			return err
		}
		for _, a := range answers {
			if c, ok := a.(*goredis.Cmd); ok && !strings.HasPrefix(fmt.Sprint(c.Val()), "[1 ") {
				return fmt.Errorf("a script refused: %v", c)
			}
		}
	}
	return nil
}

func (p *publishing) keys(id session.ID) []string {
	keys := make([]string, 0, 5)
	for _, name := range []string{"info", "eventos", "feitos", "passados", "pedido"} {
		keys = append(keys, p.client.Key("{"+string(id)+"}", name))
	}
	return keys
}

// mark ends what is published in a burst, and is nowhere else.
const mark = '~'

// burstBody is an event's members, 5 kB, different for each number.
func burstBody(i int) []byte {
	body := append([]byte(`"lote":1,"resultados":[],"recheio":"`), strings.Repeat("recheio.", 615)...)
	body = strconv.AppendInt(body, int64(i), 10)
	return append(body, mark, '"')
}

// BenchmarkRedisPublish is the publication of 5 kB results of 1,000 sessions by the store's script, which
// also refuses what is written already and counts, against a bare XADD and PUBLISH of the same: in
// pipelines, and one round trip after the other.
func BenchmarkRedisPublish(b *testing.B) {
	const sessions = 1000
	url := startRedis(b).URL()
	p, err := openPublishing(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = p.client.Close() }()
	store := sharedstore.New(p.client, sharedstore.Config{TTL: 15 * time.Minute, Memory: 2 << 30})
	defer store.Close()
	var piped, single turns
	for b.Loop() {
		ids := make([]session.ID, sessions)
		for i := range ids {
			ids[i] = keepSession(b, store)
		}
		ours, floor := timed(b, p.scripts, ids, 0), timed(b, p.bare, ids, 0)
		piped.add(ours/sessions, floor/sessions)
		through := func(ctx context.Context, ids []session.ID, lot int) error {
			return publishThrough(ctx, store, ids, lot)
		}
		single.add(timed(b, through, ids, 1)/sessions, timed(b, p.oneByOne, ids, 1)/sessions)
	}
	b.ReportMetric(0, "ns/op")
	piped.report(b, "pipelined", "bare")
	single.report(b, "single", "bare")
}

// keepSession makes a session of a few orders, each a lot.
func keepSession(b *testing.B, store *sharedstore.Store) session.ID {
	b.Helper()
	id, err := store.Create(b.Context(), &session.Session{ID: session.NewID(), Created: time.Now(), Spec: session.Spec{
		Orders: []atp.OrderNumber{"P1", "P2", "P3", "P4"}, LotSize: 1, Workers: 1,
	}}, session.Key{})
	if err != nil {
		b.Fatal(err)
	}
	return id
}

func timed(b *testing.B, f func(context.Context, []session.ID, int) error, ids []session.ID, lot int) time.Duration {
	b.Helper()
	start := time.Now()
	if err := f(b.Context(), ids, lot); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// publishThrough publishes a lot of each session through a store, as a worker does.
func publishThrough(ctx context.Context, store session.Store, ids []session.ID, lot int) error {
	for i, id := range ids {
		if _, err := store.Publish(ctx, id, session.LotResult{Lot: lot, Orders: 1, Body: burstBody(i), At: time.Now()}); err != nil {
			return err
		}
	}
	return nil
}

// oneByOne is bare, and waits for each answer.
func (p *publishing) oneByOne(ctx context.Context, ids []session.ID, _ int) error {
	for i := range ids {
		if err := p.bare(ctx, ids[i:i+1], 0); err != nil {
			return err
		}
	}
	return nil
}
