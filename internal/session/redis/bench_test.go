package redis_test

import (
	"bytes"
	"errors"
	"strconv"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	rds "ruptura/internal/redis"
	"ruptura/internal/redistest"
	"ruptura/internal/session"
)

// bodySize is about what 20 summaries take.
const bodySize = 5000

// bare is the least that a log and a publication cost: XADD and PUBLISH in a script.
var bare = goredis.NewScript(`redis.call('XADD', KEYS[1], '*', 'd', ARGV[1]); redis.call('PUBLISH', ARGV[2], ARGV[1])`)

// BenchmarkPublish is one lot's results, against the bare script, with nobody listening.
func BenchmarkPublish(b *testing.B) {
	server, prefix := redistest.Shared(b)
	body := bytes.Repeat([]byte("x"), bodySize)
	b.Run("bare", func(b *testing.B) {
		client, err := rds.Open(server.URL(), rds.Options{Prefix: prefix})
		if err != nil {
			b.Fatal(err)
		}
		defer func() {
			if err := client.Close(); err != nil {
				b.Error(err)
			}
		}()
		for i := range b.N {
			key := "{nu" + strconv.Itoa(i/1000) + "}"
			if err := bare.Run(b.Context(), client, []string{key}, body, "canal").Err(); err != nil && !errors.Is(err, goredis.Nil) {
				b.Fatal(err)
			}
		}
	})
	b.Run("store", func(b *testing.B) {
		c := config()
		c.Memory = 1 << 50
		store := open(b, server.URL(), prefix, c)
		var s *session.Session
		for i := range b.N {
			if i%1000 == 0 {
				b.StopTimer()
				s = create(b, store, 20*1001)
				b.StartTimer()
			}
			l := session.LotResult{Lot: i % 1000, Orders: 20, Body: body, At: start()}
			if p, err := store.Publish(b.Context(), s.ID, l); err != nil || !p.Written {
				b.Fatal(p, err)
			}
		}
	})
}

// BenchmarkFollow is from a publication until a reader in another process has taken it.
func BenchmarkFollow(b *testing.B) {
	server, prefix := redistest.Shared(b)
	c := config()
	c.Memory = 1 << 50
	writes, reads := open(b, server.URL(), prefix, c), open(b, server.URL(), prefix, c)
	body := bytes.Repeat([]byte("x"), bodySize)
	var (
		s *session.Session
		r session.Reader
	)
	for i := range b.N {
		if i%1000 == 0 {
			b.StopTimer()
			if r != nil {
				r.Close()
			}
			s = create(b, writes, 20*1001)
			var err error
			if r, err = reads.Follow(b.Context(), s.ID, 0); err != nil {
				b.Fatal(err)
			}
			takeN(b, r, 1)
			b.StartTimer()
		}
		l := session.LotResult{Lot: i % 1000, Orders: 20, Body: body, At: start()}
		if p, err := writes.Publish(b.Context(), s.ID, l); err != nil || !p.Written {
			b.Fatal(p, err)
		}
		takeN(b, r, 1)
	}
	r.Close()
}
