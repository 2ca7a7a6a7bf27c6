package redis

import (
	"container/list"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/atp"
	rds "ruptura/internal/redis"
	"ruptura/internal/session"
)

// asked is how what a session was asked to do is kept: all of it, whatever fields it may get.
type asked struct {
	Created int64        `json:"criado"` // ms
	Spec    session.Spec `json:"pedido"`
	// Raw are the orders' numbers where one of them is not UTF-8, which JSON cannot carry as text.
	Raw [][]byte `json:"numeros,omitempty"`
}

func encodeAsked(s *session.Session) ([]byte, error) {
	a := asked{Created: s.Created.UnixMilli(), Spec: s.Spec}
	for _, n := range s.Orders {
		if !utf8.ValidString(string(n)) {
			a.Raw = rawOrders(s.Orders)
			a.Spec.Orders = nil
			break
		}
	}
	b, err := json.Marshal(a) //nolint:musttag // read by this program alone, whole, whatever fields a Spec may get
	if err != nil {
		return nil, fmt.Errorf("encode session: %w", err)
	}
	return b, nil
}

func rawOrders(orders []atp.OrderNumber) [][]byte {
	raw := make([][]byte, len(orders))
	for i, n := range orders {
		raw[i] = []byte(n)
	}
	return raw
}

func decodeAsked(id session.ID, b []byte) (*session.Session, error) {
	var a asked
	if err := json.Unmarshal(b, &a); err != nil { //nolint:musttag // as above
		return nil, fmt.Errorf("decode session %s: %w", id, err)
	}
	for _, n := range a.Raw {
		a.Spec.Orders = append(a.Spec.Orders, atp.OrderNumber(n))
	}
	return &session.Session{ID: id, Created: time.UnixMilli(a.Created), Spec: a.Spec}, nil
}

// Session returns what was asked for. It never changes, so what was read once is read from Redis no
// more while this process remembers it; only whether it is still there is asked.
func (s *Store) Session(ctx context.Context, id session.ID) (*session.Session, error) {
	if !isID(id) {
		return nil, session.ErrUnknown
	}
	key := s.keys(id).asked
	if known := s.specs.get(id); known != nil {
		n, err := s.client.Exists(ctx, key).Result()
		switch {
		case err != nil:
			return nil, rds.Explain(err)
		case n == 0:
			s.specs.drop(id)
			return nil, session.ErrUnknown
		}
		return known, nil
	}
	b, err := s.client.Get(ctx, key).Bytes()
	if errors.Is(err, goredis.Nil) {
		return nil, session.ErrUnknown
	}
	if err != nil {
		return nil, rds.Explain(err)
	}
	read, err := decodeAsked(id, b)
	if err != nil {
		return nil, err
	}
	s.specs.put(read)
	return read, nil
}

// maxCached bounds the orders that a process remembers of what sessions were asked to do: some
// 30 MB. The one used last is remembered whatever its size.
const maxCached = 500_000

// cache remembers what sessions were asked to do, those used last.
type cache struct {
	mu     sync.Mutex
	items  map[session.ID]*list.Element
	recent *list.List // of *session.Session, the one used last in front
	orders int
}

func newCache() *cache {
	return &cache{items: map[session.ID]*list.Element{}, recent: list.New()}
}

func (c *cache) get(id session.ID) *session.Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	item, ok := c.items[id]
	if !ok {
		return nil
	}
	c.recent.MoveToFront(item)
	return item.Value.(*session.Session) //nolint:forcetypeassert,errcheck // the list holds nothing else
}

func (c *cache) put(s *session.Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(c.items[s.ID])
	c.items[s.ID] = c.recent.PushFront(s)
	c.orders += weight(s)
	for c.orders > maxCached && c.recent.Len() > 1 {
		c.remove(c.recent.Back())
	}
}

func (c *cache) drop(id session.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(c.items[id])
}

// remove forgets an item, if there is one. The caller holds the lock.
func (c *cache) remove(item *list.Element) {
	if item == nil {
		return
	}
	s := c.recent.Remove(item).(*session.Session) //nolint:forcetypeassert,errcheck // the list holds nothing else
	delete(c.items, s.ID)
	c.orders -= weight(s)
}

// weight is a session's orders, and some for itself.
func weight(s *session.Session) int { return len(s.Orders) + 10 }
