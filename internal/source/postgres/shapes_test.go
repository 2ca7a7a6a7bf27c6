package postgres

import (
	"cmp"
	"context"
	"net"
	"slices"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source"
	"ruptura/internal/source/sourcetest"
)

// sorted puts a snapshot's rows in one sequence, but for the lines, which have theirs.
func sorted(s *atp.Snapshot) *atp.Snapshot {
	slices.SortStableFunc(s.Lines, func(a, b atp.Line) int { return cmp.Compare(a.Order, b.Order) })
	for i := range s.Lines {
		s.Lines[i].Sequence = int64(i)
	}
	slices.SortFunc(s.Orders, func(a, b atp.Order) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortFunc(s.Stock, func(a, b atp.Stock) int { return cmp.Compare(a.Key.Product, b.Key.Product) })
	slices.SortFunc(s.Reservations, func(a, b atp.Reservation) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Key.Product, b.Key.Product), cmp.Compare(a.Lot, b.Lot),
			cmp.Compare(a.Ships, b.Ships), cmp.Compare(a.Quantity, b.Quantity))
	})
	slices.SortFunc(s.Receipts, func(a, b atp.Receipt) int {
		return cmp.Or(cmp.Compare(a.Key.Product, b.Key.Product), cmp.Compare(a.Arrives, b.Arrives), cmp.Compare(a.Quantity, b.Quantity))
	})
	slices.SortFunc(s.Unifications, func(a, b atp.Unification) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return s
}

// native is an empty database of the program's own tables.
func native(t testing.TB) string {
	t.Helper()
	url := postgrestest.Database(t)
	up(t, url, Native)
	return url
}

// up makes a profile's relations in a database.
func up(t testing.TB, url string, p Profile) {
	t.Helper()
	m, err := NewMigrator(t.Context(), url, DefaultSchema, p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestShapesAgree reads the same orders looked up and picked out of the whole book: which of the two
// a read does is a guess at what is cheaper, and must not show.
func TestShapesAgree(t *testing.T) {
	url := native(t)
	db := open(t, url, Options{})
	c := company{sourcetest.Company{Orders: 40, LinesPerOrder: 3, Products: 60, Movements: 300, Reservations: 200, Receipts: 100}}
	if err := db.Replace(t.Context(), dataset.Relations(), c.Fill); err != nil {
		t.Fatal(err)
	}
	// Rows that were written again are elsewhere in the table than their neighbours.
	postgrestest.Exec(t, url, `UPDATE ruptura.itens SET nome_produto = nome_produto || '!' WHERE linha <> 2`)
	rapid.Check(t, func(rt *rapid.T) {
		q := source.Query{Products: rapid.SliceOfN(rapid.Map(rapid.IntRange(0, c.Products), c.Product), 0, 2).Draw(rt, "products")}
		q.Orders = rapid.SliceOfN(rapid.Map(rapid.IntRange(0, c.Orders), c.Number), 1, 20).Draw(rt, "orders")
		var snaps [2]*atp.Snapshot
		for i, size := range []int64{1, 1 << 40} {
			db.size.Store(size)
			snap, err := db.Read(t.Context(), q)
			if err != nil {
				rt.Fatal(err)
			}
			snap.ReadAt = usual.Today().Time()
			snaps[i] = sorted(snap)
		}
		if diff := gocmp.Diff(snaps[0], snaps[1]); diff != "" {
			rt.Errorf("(-whole +part):\n%s", diff)
		}
	})
}

// trips counts how often a connection turns from reading to writing: the round trips.
type trips struct {
	net.Conn
	*turns
}

// turns are shared by all who use a connection: the driver reads on its own when a write takes long.
type turns struct {
	count   atomic.Int64
	writing atomic.Bool
}

func (c trips) Write(b []byte) (int, error) {
	if !c.writing.Swap(true) {
		c.count.Add(1)
	}
	return c.Conn.Write(b)
}

func (c trips) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.writing.Store(false)
	return n, err
}

// TestRoundTrips counts them on the connection: one for each read, of either shape.
func TestRoundTrips(t *testing.T) {
	config, err := configure(native(t), Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	var seen turns
	dial := config.ConnConfig.DialFunc
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return trips{conn, &seen}, err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	db := &DB{pool: pool, schema: DefaultSchema, limit: defaultStatementTimeout}
	defer func() { _ = db.Close() }()
	c := company{sourcetest.Company{Orders: 30, LinesPerOrder: 3, Products: 20, Movements: 100, Reservations: 50, Receipts: 20}}
	if err := db.Replace(t.Context(), dataset.Relations(), c.Fill); err != nil {
		t.Fatal(err)
	}
	if _, err := db.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, call := range []struct {
		name string
		want int64
		do   func() error
	}{
		{"whole", 1, func() error { _, err := db.Read(t.Context(), source.Query{All: true}); return err }},
		{"part", 1, func() error { _, err := db.Read(t.Context(), c.Query(2)); return err }},
		{"numbers", 1, func() error { _, err := db.Numbers(t.Context(), source.NumbersQuery{}); return err }},
		{"page", 1, func() error { _, err := db.Book(t.Context(), source.BookQuery{Limit: 5}); return err }},
		{"named", 1, func() error { _, err := db.Book(t.Context(), source.BookQuery{Numbers: c.Query(3).Orders}); return err }},
		{"search", 2, func() error {
			_, err := db.Numbers(t.Context(), source.NumbersQuery{Filter: source.Filter{Text: "joao"}})
			return err
		}},
	} {
		seen.count.Store(0)
		seen.writing.Store(false)
		if err := call.do(); err != nil || seen.count.Load() != call.want {
			t.Errorf("%s: %d round trips (%v), want %d", call.name, seen.count.Load(), err, call.want)
		}
	}
}

// TestFewStatements keeps a read of a whole book to a handful of statements.
func TestFewStatements(t *testing.T) {
	db := &DB{schema: DefaultSchema}
	const most = 15
	for name, q := range shapes("A") {
		n := len(db.opening()) + len(db.statements(&layout{}, q, &reading{})) + 1
		if n > most {
			t.Errorf("%s: %d statements, want at most %d", name, n, most)
		}
	}
}
