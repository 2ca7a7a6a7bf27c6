package atp

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// ErrPriority says that a priority cannot be used: an unknown key, one named twice, or client keys
// without a list of clients.
var ErrPriority = errors.New("atp: invalid priority")

// Key is something that orders are served by when all compete (joint §1).
type Key uint8

// The keys. Whatever an order lacks comes last, in either direction.
const (
	// ByImportance serves important orders first.
	ByImportance Key = iota + 1
	// ByNeed serves by need date, the earliest first.
	ByNeed
	// ByOrdered serves by the date on which the order was placed, the earliest first.
	ByOrdered
	// ByValue serves by the value of the order's open lines, the smallest first.
	ByValue
	// ByClient serves clients in the sequence of a list.
	ByClient
)

// keyNames are the wire names of the keys.
var keyNames = map[Key]string{ //nolint:gochecknoglobals // a constant table
	ByImportance: "importante", ByNeed: "data_necessidade", ByOrdered: "data_pedido", ByValue: "valor", ByClient: "cliente",
}

// Criterion is a key and its direction. As text it is the key's wire name, with "-" before it when
// descending: "-valor" serves the largest order first.
type Criterion struct {
	Key        Key
	Descending bool
}

// MarshalText writes the criterion as "valor" or "-valor".
func (c Criterion) MarshalText() ([]byte, error) {
	name, ok := keyNames[c.Key]
	if !ok {
		return nil, fmt.Errorf("%w: key %d", ErrPriority, c.Key)
	}
	if c.Descending {
		name = "-" + name
	}
	return []byte(name), nil
}

// UnmarshalText reads what MarshalText writes, or returns ErrPriority.
func (c *Criterion) UnmarshalText(text []byte) error {
	name, descending := strings.CutPrefix(string(text), "-")
	for key, known := range keyNames {
		if name == known {
			*c = Criterion{key, descending}
			return nil
		}
	}
	return fmt.Errorf("%w: unknown key %q", ErrPriority, text)
}

// String is the criterion as text, empty for one that does not exist.
func (c Criterion) String() string {
	text, err := c.MarshalText()
	if err != nil {
		return ""
	}
	return string(text)
}

// Priority decides who is served first: by the first criterion that tells two orders apart, and in
// the end by order number, by code point.
type Priority struct {
	Criteria []Criterion `json:"criteria"`
	// Clients is the sequence that ByClient serves, by the clients' names in the book, without regard
	// to case and to space around them. Clients that are not listed come last.
	Clients []string `json:"clients,omitempty"`
}

// DefaultPriority is important orders first, then the earliest need date, then the earliest order
// date (joint §1).
func DefaultPriority() Priority {
	return Priority{Criteria: []Criterion{{Key: ByImportance}, {Key: ByNeed}, {Key: ByOrdered}}}
}

// ParsePriority reads criteria separated by commas ("importante,-valor"). It returns ErrPriority for
// an unknown or repeated key, and for one that the clients' list contradicts.
func ParsePriority(criteria string, clients []string) (Priority, error) {
	p := Priority{Clients: clients}
	for text := range strings.SplitSeq(criteria, ",") {
		var c Criterion
		if err := c.UnmarshalText([]byte(strings.TrimSpace(text))); err != nil {
			return Priority{}, err
		}
		p.Criteria = append(p.Criteria, c)
	}
	return p, p.Validate()
}

// Validate reports what is wrong with a priority, wrapping ErrPriority.
func (p Priority) Validate() error {
	seen := map[Key]bool{}
	for _, c := range p.Criteria {
		name, ok := keyNames[c.Key]
		switch {
		case !ok:
			return fmt.Errorf("%w: key %d", ErrPriority, c.Key)
		case seen[c.Key]:
			return fmt.Errorf("%w: %s is named twice", ErrPriority, name)
		}
		seen[c.Key] = true
	}
	switch {
	case seen[ByClient] && len(p.Clients) == 0:
		return fmt.Errorf("%w: %s needs a list of clients", ErrPriority, keyNames[ByClient])
	case !seen[ByClient] && len(p.Clients) > 0:
		return fmt.Errorf("%w: a list of clients needs %s among the keys", ErrPriority, keyNames[ByClient])
	}
	return nil
}

// contender is an order as its priority sees it.
type contender struct {
	important     bool
	need, ordered Day
	value         Value
	client        int // its place in the list, past the end if it is not there
}

// places is where each client of the list stands.
func (p Priority) places() map[string]int {
	places := make(map[string]int, len(p.Clients))
	for i, name := range p.Clients {
		if _, ok := places[folded(name)]; !ok {
			places[folded(name)] = i
		}
	}
	return places
}

// folded is a client's name as it is compared.
func folded(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// last is the key of an order that lacks what a criterion looks at.
const last = math.MaxInt64

// key is what a criterion sees of an order: the least is served first.
func (c Criterion) key(o *contender, clients int) int64 {
	key, known := int64(0), true
	switch c.Key {
	case ByImportance:
		if !o.important {
			key = 1
		}
	case ByNeed:
		key, known = int64(o.need), o.need.Known()
	case ByOrdered:
		key, known = int64(o.ordered), o.ordered.Known()
	case ByValue:
		key = int64(o.value)
	case ByClient:
		key, known = int64(o.client), o.client < clients
	}
	switch {
	case !known:
		return last
	case c.Descending:
		return -key
	}
	return key
}

// ranked is an order and its keys, one for each criterion, which are at most as many as there are kinds.
type ranked struct {
	keys   [ByClient]int64
	number OrderNumber
	order  int32
}

func (r *ranked) compare(o *ranked) int {
	for i, key := range r.keys {
		if key != o.keys[i] {
			return cmp.Compare(key, o.keys[i])
		}
	}
	return strings.Compare(string(r.number), string(o.number))
}

// sequence is how the orders of a book are served, by their places in it.
func (p Priority) sequence(orders []contender, number func(order int) OrderNumber) []int32 {
	all := make([]ranked, len(orders))
	for i := range all {
		all[i].order, all[i].number = int32(i), number(i) //nolint:gosec // see orderAt
		for k, c := range p.Criteria {
			all[i].keys[k] = c.key(&orders[i], len(p.Clients))
		}
	}
	slices.SortFunc(all, func(a, b ranked) int { return a.compare(&b) })
	sequence := make([]int32, len(all))
	for i := range all {
		sequence[i] = all[i].order
	}
	return sequence
}
