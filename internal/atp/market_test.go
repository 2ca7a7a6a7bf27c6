package atp_test

import (
	"cmp"
	"errors"
	"math/big"
	"slices"
	"strings"

	"ruptura/internal/atp"
)

// market is the allocation once more, straight from the words of docs/calculation.md §6 and §7: H and
// A(d) are kept as they are written there, in big numbers, and looked at anew for every question.
type market struct {
	oracle

	policy   atp.Policy
	priority atp.Priority
	orders   []atp.OrderNumber // as they are served
	spoilt   map[atp.OrderNumber]bool
	shelves  map[atp.ProductCode]*shelf // by the least code of the group
	set      map[setKey][]portion
	granted  map[atp.OrderNumber][]granted
}

// Times: the days are 0 to P.
const (
	atOnce  = -1
	notEver = 1 << 20
)

// shelf is the stock of one group.
type shelf struct {
	codes  map[atp.ProductCode]bool
	bad    bool // its amounts are out of range
	h      *big.Int
	a      []*big.Int
	ledger []taking
}

// taking is an entry of a shelf's ledger.
type taking struct {
	order    atp.OrderNumber
	lot      string
	reserved bool
	portion
}

// portion is a quantity at a time.
type portion struct {
	at int
	q  *big.Int
}

type setKey struct {
	order atp.OrderNumber
	shelf *shelf
}

// granted is what became of a line.
type granted struct {
	line             atp.Line
	shelf            *shelf
	set, on, ready   int // ready is when the line could ship for itself
	rest, cum        *big.Int
	begin            []*big.Int // what is free when the turn begins: at once, then each day
	lowest, now      *big.Int
	short, waits     bool
	ships            []portion
	before           int // takings when the turn began
	earlier, needing *big.Int
}

func newMarket(c contest) *market {
	m := &market{
		oracle: oracle{&c.snapshot, c.params}, policy: c.policy, priority: c.priority,
		spoilt: map[atp.OrderNumber]bool{}, shelves: map[atp.ProductCode]*shelf{},
		set: map[setKey][]portion{}, granted: map[atp.OrderNumber][]granted{},
	}
	for _, n := range rivals() {
		_, err := m.order(n)
		if !errors.Is(err, errNotFound) {
			m.orders = append(m.orders, n)
			m.spoilt[n] = err != nil
		}
	}
	slices.SortFunc(m.orders, m.first)
	m.setAside()
	for _, n := range m.orders {
		if !m.spoilt[n] {
			m.granted[n] = m.turn(n)
		}
	}
	return m
}

func (m *market) shelf(code atp.ProductCode) *shelf {
	codes := m.unified(code)
	least := code
	for c := range codes {
		least = min(least, c)
	}
	if s, ok := m.shelves[least]; ok {
		return s
	}
	s := &shelf{codes: codes, bad: tooMuch(m.gross(codes), 62), h: m.onHand(codes)}
	sum := m.onHand(codes)
	for d := range m.p.Promise + m.p.Window + 1 {
		sum.Add(sum, m.receipts(codes, d-m.p.Lead))
		s.a = append(s.a, new(big.Int).Set(sum))
	}
	m.shelves[least] = s
	return s
}

// free is what can be committed at a time.
func (s *shelf) free(t int) *big.Int {
	least := new(big.Int).Set(s.a[max(t, 0)])
	for _, a := range s.a[max(t, 0):] {
		if a.Cmp(least) < 0 {
			least.Set(a)
		}
	}
	if t == atOnce && s.h.Cmp(least) < 0 {
		least.Set(s.h)
	}
	if least.Sign() < 0 {
		least.SetInt64(0)
	}
	return least
}

func (s *shelf) take(e taking) {
	if e.q.Sign() == 0 {
		return
	}
	if e.at == atOnce {
		s.h.Sub(s.h, e.q)
	}
	for _, a := range s.a[max(e.at, 0):] {
		a.Sub(a, e.q)
	}
	s.ledger = append(s.ledger, e)
}

// gather takes of a claim whatever there is, as it comes, and returns the portions and what is left.
func (m *market) gather(s *shelf, e taking, claim *big.Int) ([]portion, *big.Int) {
	var got []portion
	rest := new(big.Int).Set(claim)
	for t := atOnce; t <= m.p.Promise; t++ {
		x := s.free(t)
		if x.Cmp(rest) > 0 {
			x.Set(rest)
		}
		if x.Sign() > 0 {
			e.portion = portion{t, x}
			s.take(e)
			got = append(got, e.portion)
			rest.Sub(rest, x)
		}
	}
	return got, rest
}

// first is the priority of orders.
func (m *market) first(a, b atp.OrderNumber) int {
	for _, c := range m.priority.Criteria {
		sign := 1
		if c.Descending {
			sign = -1
		}
		x, y := m.rankBy(c.Key, a), m.rankBy(c.Key, b)
		switch {
		case x == nil && y == nil:
		case x == nil:
			return 1
		case y == nil:
			return -1
		default:
			if order := x.Cmp(y); order != 0 {
				return sign * order
			}
		}
	}
	return cmp.Compare(a, b)
}

// rankBy is what an order has of a key, the least first; nil is nothing, which comes last.
func (m *market) rankBy(key atp.Key, n atp.OrderNumber) *big.Int {
	day := func(d atp.Day) *big.Int {
		if d == 0 {
			return nil
		}
		return big.NewInt(int64(d))
	}
	h := m.header(n)
	switch key {
	case atp.ByImportance:
		if h.Important {
			return big.NewInt(0)
		}
		return big.NewInt(1)
	case atp.ByNeed:
		return day(m.need(n))
	case atp.ByOrdered:
		return day(h.Ordered)
	case atp.ByClient:
		for i, name := range m.priority.Clients {
			if strings.EqualFold(strings.TrimSpace(name), h.Client) {
				return big.NewInt(int64(i))
			}
		}
		return nil
	case atp.ByValue:
	}
	value := new(big.Int)
	for _, l := range m.linesOf(n) {
		if !m.spoilt[n] {
			value.Add(value, new(big.Int).Mul(whole(l.Open), oraclePrice(l)))
		}
	}
	return value
}

func (m *market) header(n atp.OrderNumber) atp.Order {
	for _, h := range m.s.Orders {
		if h.Number == n {
			return h
		}
	}
	return atp.Order{}
}

// leaves is the day on which a reservation leaves.
func (m *market) leaves(r atp.Reservation) int {
	if r.Ships == 0 {
		return 0
	}
	return max(0, int(r.Ships)-int(m.p.Today))
}

// setAside is step 1.
func (m *market) setAside() {
	var rows []atp.Reservation
	for _, r := range m.s.Reservations {
		if r.Quantity > 0 && m.leaves(r) <= m.p.Window && !m.shelf(r.Key.Product).bad {
			rows = append(rows, r)
		}
	}
	place := func(n atp.OrderNumber) int {
		if at := slices.Index(m.orders, n); at >= 0 {
			return at
		}
		return len(m.orders)
	}
	slices.SortFunc(rows, func(a, b atp.Reservation) int {
		return cmp.Or(cmp.Compare(m.leaves(a), m.leaves(b)), cmp.Compare(place(a.Order), place(b.Order)), cmp.Compare(a.Order, b.Order),
			cmp.Compare(a.Ships, b.Ships), cmp.Compare(a.Lot, b.Lot), cmp.Compare(a.Quantity, b.Quantity))
	})
	for _, r := range rows {
		s := m.shelf(r.Key.Product)
		got, rest := m.gather(s, taking{order: r.Order, lot: r.Lot, reserved: true}, whole(r.Quantity))
		if rest.Sign() > 0 {
			got = append(got, portion{notEver, rest})
		}
		k := setKey{r.Order, s}
		m.set[k] = append(m.set[k], got...)
	}
}

// turn is an order's turn in step 2.
func (m *market) turn(n atp.OrderNumber) []granted {
	lines := m.claims(n)
	switch m.policy {
	case atp.WholeLines:
		m.wholeLines(n, lines)
	case atp.Parts:
		m.parts(n, lines)
	case atp.WholeOrders:
		m.wholeOrder(n, lines)
	}
	return lines
}

// claims are an order's lines before anything is committed for them: set-aside parts dealt, the uncovered ones
// last.
func (m *market) claims(n atp.OrderNumber) []granted {
	var all []granted
	left := map[*shelf][]portion{}
	sums, opens := map[*shelf]*big.Int{}, map[*shelf]*big.Int{}
	for _, l := range m.linesOf(n) {
		s := m.shelf(l.Key.Product)
		g := granted{line: l, shelf: s, set: atOnce, now: new(big.Int), before: len(s.ledger), lowest: s.free(atOnce)}
		for t := atOnce; t <= m.p.Promise; t++ {
			g.begin = append(g.begin, s.free(t))
		}
		parts := slices.Clone(m.set[setKey{n, s}])
		slices.SortStableFunc(parts, func(a, b portion) int { return cmp.Compare(a.at/notEver, b.at/notEver) })
		for _, p := range parts {
			if p.at == atOnce {
				g.lowest.Add(g.lowest, p.q)
			}
		}
		if sums[s] == nil {
			sums[s], opens[s], left[s] = new(big.Int), new(big.Int), parts
		}
		g.rest, left[s] = g.deal(left[s])
		g.earlier, g.needing = new(big.Int).Set(opens[s]), whole(l.Open)
		opens[s].Add(opens[s], whole(l.Open))
		g.cum = new(big.Int).Add(sums[s], g.rest)
		sums[s] = g.cum
		all = append(all, g)
	}
	return all
}

// deal uses up parts for a line; it returns what is not set aside of it and what is left of the parts.
func (g *granted) deal(parts []portion) (rest *big.Int, left []portion) {
	rest = whole(g.line.Open)
	for _, p := range parts {
		x := new(big.Int).Set(p.q)
		if x.Cmp(rest) > 0 {
			x.Set(rest)
		}
		if x.Sign() > 0 {
			rest.Sub(rest, x)
			g.ships = append(g.ships, portion{p.at, x})
			g.set = max(g.set, p.at)
			if p.at == atOnce {
				g.now.Add(g.now, x)
			}
		}
		if more := new(big.Int).Sub(p.q, x); more.Sign() > 0 {
			left = append(left, portion{p.at, more})
		}
	}
	return rest, left
}

// soonest is the first time, from one on, at which all up to the line was free when the turn began.
func (g *granted) soonest(from int) int {
	for t := from; t < len(g.begin)-1; t++ {
		if g.cum.Cmp(g.begin[t+1]) <= 0 {
			return t
		}
	}
	return notEver
}

func (m *market) commit(n atp.OrderNumber, g *granted, at int) {
	g.shelf.take(taking{order: n, portion: portion{at, g.rest}})
	if at == atOnce {
		g.now.Add(g.now, g.rest)
	}
}

// wholeLines is step 2 as written.
func (m *market) wholeLines(n atp.OrderNumber, lines []granted) {
	ended := map[*shelf]bool{}
	for i := range lines {
		g := &lines[i]
		if g.set == atOnce && g.soonest(atOnce) == atOnce {
			g.on = atOnce
			m.commit(n, g, atOnce)
			continue
		}
		t := g.soonest(0)
		g.short, g.on = true, max(g.set, t)
		if ended[g.shelf] {
			g.on = notEver
		}
		if g.on == notEver {
			ended[g.shelf] = true
			continue
		}
		m.commit(n, g, t)
	}
	for i := range lines {
		lines[i].ready, lines[i].ships = lines[i].on, nil
	}
}

// parts is parcial.
func (m *market) parts(n atp.OrderNumber, lines []granted) {
	for i := range lines {
		g := &lines[i]
		got, rest := m.gather(g.shelf, taking{order: n}, g.rest)
		g.ships, g.on = append(g.ships, got...), g.set
		for _, p := range got {
			g.on = max(g.on, p.at)
			if p.at == atOnce {
				g.now.Add(g.now, p.q)
			}
		}
		if rest.Sign() > 0 {
			g.on = notEver
		}
		g.short, g.ready = g.on != atOnce, g.on
	}
}

// wholeOrder is pedido: times are tried one after the other.
func (m *market) wholeOrder(n atp.OrderNumber, lines []granted) {
	common := notEver
	for t := m.p.Promise; t >= atOnce; t-- {
		suits := true
		for i := range lines {
			suits = suits && lines[i].set <= t && lines[i].cum.Cmp(lines[i].begin[t+1]) <= 0
		}
		if suits {
			common = t
		}
	}
	for i := range lines {
		g := &lines[i]
		now := g.set == atOnce && g.soonest(atOnce) == atOnce
		g.on, g.short, g.waits, g.ships = common, !now, now && common != atOnce, nil
		g.ready = max(g.set, g.soonest(atOnce))
		if common != notEver {
			m.commit(n, g, common)
		}
	}
}
