package local_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/session"
	"ruptura/internal/session/local"
)

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What the store says it uses is what it costs the process: never much less, whatever the shape of
// the sessions.
func TestUsageIsHonest(t *testing.T) {
	for _, c := range []struct {
		name                             string
		sessions, orders, number, perLot int
	}{
		{"many small", 2000, 1, 10, 700},
		{"summaries", 20, 1000, 10, 14_000},
		{"items", 5, 1000, 10, 100_000},
		{"long numbers", 2, 50_000, 50, 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := local.New(local.Config{TTL: time.Hour, Memory: 1 << 40})
			defer store.Close()
			body := []byte(`"resto":"` + strings.Repeat("x", c.perLot) + `"`)
			before := heap()
			for range c.sessions {
				s := plan(c.orders)
				for i, n := range s.Orders {
					s.Orders[i] = atp.OrderNumber(strings.Repeat(string(n), 10)[:c.number])
				}
				if _, err := store.Create(t.Context(), s, session.Key{}); err != nil {
					t.Fatal(err)
				}
				for i := range s.Lots() {
					lot := session.LotResult{Lot: i, Orders: len(s.Lot(i)), Body: body, At: s.Created}
					if _, err := store.Publish(t.Context(), s.ID, lot); err != nil {
						t.Fatal(err)
					}
				}
			}
			cost := heap() - before
			_, usage := store.Usage()
			t.Logf("%d bytes charged, %d used", usage, cost)
			if cost > usage*13/10 || usage > cost*7 {
				t.Errorf("%d bytes charged, %d used", usage, cost)
			}
		})
	}
}

// Neither sessions that were pushed out nor readers that left may linger until a life ends.
func TestWhatIsGoneIsFreed(t *testing.T) {
	const room = 4 << 20
	store := local.New(local.Config{TTL: time.Hour, Memory: room})
	defer store.Close()
	stays := create(t, store, 20)
	pushThrough := func(sessions int) {
		for range sessions {
			for range 20 {
				r, err := store.Follow(t.Context(), stays.ID, 0)
				if err != nil {
					t.Fatal(err)
				}
				r.Close()
			}
			finish(t, store, create(t, store, 20), 1000)
		}
	}
	pushThrough(200) // until it is full
	before := heap()
	pushThrough(2000)
	if grown := heap() - before; grown > room/4 {
		t.Errorf("%d bytes more after 2,000 sessions", grown)
	}
}
