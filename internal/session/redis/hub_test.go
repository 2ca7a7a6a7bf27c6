package redis_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ruptura/internal/redistest"
	"ruptura/internal/session"
	"ruptura/internal/session/redis"
)

// alert is a store that looks at silent sessions soon.
func alert() redis.Config {
	c := config()
	c.Silence = 20 * time.Millisecond
	return c
}

// subscriptions are the connections of a server that are subscribed to something, and to how much.
func subscriptions(t *testing.T, server *redistest.Server) (connections, channels int) {
	t.Helper()
	text, _ := server.Do(t, "CLIENT", "LIST", "TYPE", "PUBSUB").(string)
	for line := range strings.Lines(text) {
		for field := range strings.FieldsSeq(line) {
			var n int
			if _, err := fmt.Sscanf(field, "sub=%d", &n); err == nil {
				connections++
				channels += n
			}
		}
	}
	return connections, channels
}

func TestThousandsOfSessionsOverOneConnection(t *testing.T) {
	const sessions = 2000
	server := redistest.Start(t, redistest.Options{})
	follows, writes := open(t, server.URL(), "", config()), open(t, server.URL(), "", config())
	all := make([]*session.Session, sessions)
	readers := make([]session.Reader, sessions)
	for i := range all {
		all[i] = create(t, writes, 40)
		readers[i] = follow(t, follows, all[i].ID, 0)
	}
	until(t, "all subscriptions", func() bool {
		_, channels := subscriptions(t, server)
		return channels == sessions
	})
	if connections, _ := subscriptions(t, server); connections != 1 {
		t.Errorf("%d connections are subscribed, want one", connections)
	}
	var group sync.WaitGroup
	workers := make(chan struct{}, 16) // who publish at once; thousands would wait in vain for a connection
	for i := range all {
		group.Go(func() {
			log := takeN(t, readers[i], 1)
			workers <- struct{}{}
			publish(t, writes, all[i], 0, 1000)
			publish(t, writes, all[i], 1, 1000)
			<-workers
			wantNumbers(t, append(log, takeN(t, readers[i], 3)...), 1)
		})
	}
	group.Wait()
	for _, r := range readers[:sessions-1] {
		r.Close()
	}
	until(t, "those who left to be forgotten", func() bool {
		_, channels := subscriptions(t, server)
		return channels == 1
	})
}

// calls are how often a server was asked for a log.
func calls(t *testing.T, server *redistest.Server) (n int) {
	t.Helper()
	text, _ := server.Do(t, "INFO", "commandstats").(string)
	for line := range strings.Lines(text) {
		if _, err := fmt.Sscanf(line, "cmdstat_xrange:calls=%d,", &n); err == nil {
			return n
		}
	}
	return 0
}

func TestWhatWasHeardIsNotAskedFor(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", config())
	s := create(t, store, 20*50)
	readers := []session.Reader{follow(t, store, s.ID, 0), follow(t, store, s.ID, 0), follow(t, store, s.ID, 0)}
	until(t, "the subscription", func() bool { _, n := subscriptions(t, server); return n == 1 })
	for _, r := range readers {
		takeN(t, r, 1)
	}
	publish(t, store, s, 0, 100) // takes with it what the subscription's confirmation has stirred up
	for _, r := range readers {
		takeN(t, r, 1)
	}
	before := calls(t, server)
	for i := 1; i < s.Lots(); i++ {
		publish(t, store, s, i, 5000)
		for _, r := range readers {
			wantNumbers(t, takeN(t, r, 1), int64(i+2))
		}
	}
	if asked := calls(t, server) - before; asked > len(readers) {
		t.Errorf("the log was read %d times for %d events that were heard", asked, s.Lots()-1)
	}
}

func TestLostMessageIsFound(t *testing.T) {
	store := fresh(t, alert())
	s := create(t, store, 100)
	r := follow(t, store, s.ID, 0)
	takeN(t, r, 1)
	if err := redis.Deaf(store, s.ID); err != nil {
		t.Fatal(err)
	}
	for i := range s.Lots() {
		publish(t, store, s, i, 100)
		wantNumbers(t, takeN(t, r, 1), int64(i+2))
	}
	if events, last, err := take(t, r, 10); len(events) != 1 || !last || err != nil {
		t.Errorf("Take = %d events, last %t, %v; want completo", len(events), last, err)
	}
}

// Of two readers the one that is far behind neither loses anything nor costs the other anything.
func TestSlowReader(t *testing.T) {
	store := fresh(t, alert())
	s := create(t, store, 20*200)
	slow, quick := follow(t, store, s.ID, 0), follow(t, store, s.ID, 0)
	takeN(t, quick, 1)
	for i := range s.Lots() {
		publish(t, store, s, i, 20_000)
		wantNumbers(t, takeN(t, quick, 1), int64(i+2))
	}
	wantNumbers(t, takeN(t, slow, s.Lots()+2), 1)
	if events, last, err := take(t, quick, 10); len(events) != 1 || !last || err != nil {
		t.Errorf("Take = %d events, last %t, %v; want completo", len(events), last, err)
	}
}

func TestEmptiedRedisTellsReaders(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", alert())
	s := create(t, store, 100)
	publish(t, store, s, 0, 100)
	r, late := follow(t, store, s.ID, 0), follow(t, store, s.ID, 2)
	takeN(t, r, 2)
	server.FlushAll(t)
	for _, r := range []session.Reader{r, late} {
		if events, _, err := take(t, r, 10); !errors.Is(err, session.ErrUnknown) {
			t.Errorf("Take = %d events, %v; want ErrUnknown", len(events), err)
		}
	}
	if isKnown(t, store, s.ID) {
		t.Error("the session is still known")
	}
	if _, err := store.Publish(t.Context(), s.ID, lot(s, 1, 100)); !errors.Is(err, session.ErrUnknown) {
		t.Errorf("Publish = %v, want ErrUnknown", err)
	}
	if _, err := store.Session(t.Context(), s.ID); !errors.Is(err, session.ErrUnknown) {
		t.Errorf("Session = %v, want ErrUnknown", err)
	}
	finish(t, store, create(t, store, 40), 100) // and life goes on
	wantUsage(t, store, 1)
}

func TestExpiryTellsReaders(t *testing.T) {
	c := alert()
	c.TTL = 100 * time.Millisecond
	store := fresh(t, c)
	s := create(t, store, 100)
	r := follow(t, store, s.ID, 0)
	takeN(t, r, 1)
	if _, _, err := take(t, r, 10); !errors.Is(err, session.ErrUnknown) {
		t.Errorf("Take = %v, want ErrUnknown", err)
	}
}

// A failover may lose what was written last.
func TestShorterLogIsAnother(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", alert())
	s := create(t, store, 100)
	publish(t, store, s, 0, 100)
	publish(t, store, s, 1, 100)
	r := follow(t, store, s.ID, 0)
	takeN(t, r, 3)
	server.Do(t, "XDEL", "ruptura:{"+string(s.ID)+"}:eventos", "3-0")
	server.Do(t, "HSET", "ruptura:{"+string(s.ID)+"}:info", "ultimo_evento", "2")
	if _, _, err := take(t, r, 10); !errors.Is(err, session.ErrUnknown) {
		t.Errorf("Take = %v, want ErrUnknown", err)
	}
}

// outage publishes while readers follow, and in the middle Redis is away.
func outage(t *testing.T, server *redistest.Server, goes, returns func(testing.TB)) {
	t.Helper()
	address := server.URL() + "?read_timeout=1s"
	reads, writes := open(t, address, "", alert()), open(t, address, "", config())
	s := create(t, writes, 20*30)
	var readers []session.Reader
	for range 5 {
		readers = append(readers, follow(t, reads, s.ID, 0))
	}
	for i := range 10 {
		publish(t, writes, s, i, 1000)
	}
	for i, r := range readers {
		wantNumbers(t, takeN(t, r, 2*i), 1)
	}
	late := follow(t, reads, s.ID, 11)
	goes(t)
	if events, last, err := late.Take(t.Context(), 1); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Take = %d events, last %t, %v; want ErrUnavailable", len(events), last, err)
	}
	if _, err := writes.Publish(t.Context(), s.ID, lot(s, 10, 1000)); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Publish = %v, want ErrUnavailable", err)
	}
	returns(t)
	for i := 10; i < s.Lots(); i++ {
		again(t, writes, s, i)
	}
	for i, r := range append(readers, late) {
		seen := min(2*i, 11)
		if i == len(readers) {
			seen = 11
		}
		wantNumbers(t, takeN(t, r, s.Lots()+2-seen), int64(seen+1))
		if _, last, err := r.Take(t.Context(), 1); !last || err != nil {
			t.Errorf("after completo: last %t, %v", last, err)
		}
	}
}

// again publishes a lot until it is written.
func again(t *testing.T, store session.Store, s *session.Session, i int) {
	t.Helper()
	until(t, "a lot to be written", func() bool {
		_, err := store.Publish(t.Context(), s.ID, lot(s, i, 1000))
		if err != nil && !errors.Is(err, session.ErrUnavailable) {
			t.Fatal(err)
		}
		return err == nil
	})
}

func TestReadersGoOnAfterARestart(t *testing.T) {
	server := redistest.Start(t, redistest.Options{AOF: true})
	outage(t, server, server.Stop, server.Restart)
}

func TestReadersGoOnAfterAPause(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	outage(t, server, server.Pause, server.Resume)
}

func TestClosedStoreTellsReaders(t *testing.T) {
	store := fresh(t, config())
	s := create(t, store, 100)
	r := follow(t, store, s.ID, 0)
	takeN(t, r, 1)
	store.Close()
	if _, _, err := r.Take(t.Context(), 10); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Take = %v, want ErrUnavailable", err)
	}
	if _, err := store.Follow(t.Context(), s.ID, 0); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Follow = %v, want ErrUnavailable", err)
	}
}
