package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/demo"
	"ruptura/internal/source"
)

// openDemo is a database with a company of so many orders, and their numbers.
func openDemo(t *testing.T, size int) (*DB, []atp.OrderNumber) {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "demo.db"), Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	cfg := demo.Config{Orders: size, Movements: 5000, Seed: 3, Today: atp.NewDay(2026, 3, 2)}
	err = db.Replace(t.Context(), dataset.Relations(), func(w dataset.Writer) error { return demo.Generate(cfg, w) })
	if err != nil {
		t.Fatal(err)
	}
	numbers, err := db.Numbers(t.Context(), source.NumbersQuery{StaleBefore: cfg.Today})
	if err != nil {
		t.Fatal(err)
	}
	return db, numbers
}

// sorted puts the rows of a snapshot into one sequence, and drops what may differ: the instant,
// and the source's own sequence of lines, whose numbers are unique here.
func sorted(s *atp.Snapshot) *atp.Snapshot {
	text := func(v any) string { return fmt.Sprintf("%+v", v) }
	c := *s
	c.ReadAt = s.ReadAt.Truncate(1 << 62)
	c.Lines = slices.Clone(s.Lines)
	for i := range c.Lines {
		c.Lines[i].Sequence = 0
	}
	slices.SortFunc(c.Lines, func(a, b atp.Line) int { return strings.Compare(text(a), text(b)) })
	slices.SortFunc(c.Orders, func(a, b atp.Order) int { return strings.Compare(text(a), text(b)) })
	slices.SortFunc(c.Stock, func(a, b atp.Stock) int { return strings.Compare(text(a), text(b)) })
	slices.SortFunc(c.Reservations, func(a, b atp.Reservation) int { return strings.Compare(text(a), text(b)) })
	slices.SortFunc(c.Receipts, func(a, b atp.Receipt) int { return strings.Compare(text(a), text(b)) })
	slices.SortFunc(c.Unifications, func(a, b atp.Unification) int { return strings.Compare(text(a), text(b)) })
	return &c
}

// readWith reads as if reads of so many orders were worth two connections.
func readWith(t *testing.T, db *DB, pairFrom int, numbers []atp.OrderNumber) *atp.Snapshot {
	t.Helper()
	db.pairFrom = pairFrom
	s, err := db.Read(t.Context(), source.Query{Orders: numbers})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTwoConnectionsReadTheSame(t *testing.T) {
	db, numbers := openDemo(t, 300)
	for name, asked := range map[string][]atp.OrderNumber{
		"whole book":       numbers,
		"some orders":      numbers[:90],
		"unknown among":    append([]atp.OrderNumber{"?", numbers[7]}, numbers[3:200]...),
		"repeats":          append(slices.Clone(numbers[:40]), numbers[:40]...),
		"one":              numbers[:1],
		"nobody":           {"nobody"},
		"nobody, and more": {"nobody", "either"},
	} {
		t.Run(name, func(t *testing.T) {
			one, two := readWith(t, db, 1<<30, asked), readWith(t, db, 1, asked)
			if diff := cmp.Diff(sorted(one), sorted(two)); diff != "" {
				t.Errorf("one connection and two (-one +two):\n%s", diff)
			}
		})
	}
}

func TestSecondConnectionJoinsOnlyTheSameSnapshot(t *testing.T) {
	db, numbers := openDemo(t, 120)
	q := source.Query{Orders: numbers}
	db.pairFrom = 1
	for _, tc := range []struct {
		name          string
		before, after bool // a write before, and after, the first connection's snapshot
		want          bool
	}{
		{"nothing written", false, false, true},
		{"written before the first", true, false, false},
		{"written between the two", false, true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			write := func(yes bool) {
				if yes {
					movement(t, db, "P", 1)
				}
			}
			second := db.second(t.Context(), q)
			if second == nil {
				t.Fatal("no second connection")
			}
			defer second.release()
			write(tc.before)
			err := db.view(t.Context(), "test", func(conn *sqlite.Conn) error {
				r := &reading{conn: conn}
				if err := r.measure(); err != nil {
					return err
				}
				write(tc.after)
				same, err := second.join()
				if same != tc.want {
					t.Errorf("joins: %v, want %v", same, tc.want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func movement(t *testing.T, db *DB, product atp.ProductCode, q atp.Quantity) {
	t.Helper()
	if _, err := db.AddMovement(t.Context(), dataset.Movement{Product: product, Quantity: q}); err != nil {
		t.Fatal(err)
	}
}

// TestReadsAreConsistentWhateverTheConnections moves stock between two products while large reads
// go on: a read that mixed two snapshots would see stock come or go.
func TestReadsAreConsistentWhateverTheConnections(t *testing.T) {
	db, numbers := openDemo(t, 120)
	db.pairFrom = 1
	total := func(s *atp.Snapshot) (sum atp.Quantity, lines int) {
		for _, row := range s.Stock {
			sum += row.Quantity
		}
		return sum, len(s.Lines)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var writing sync.WaitGroup
	first := readWith(t, db, 1, numbers)
	from, to := first.Stock[0].Key.Product, first.Stock[len(first.Stock)-1].Key.Product
	writing.Go(func() {
		for ctx.Err() == nil {
			err := db.change(ctx, "test", func(conn *sqlite.Conn) error {
				for product, sign := range map[atp.ProductCode]string{from: "-", to: "+"} {
					stmt, err := conn.Prepare("UPDATE estoque_saldo SET qtd = qtd " + sign + " 1000 WHERE cod_produto = ?1")
					if err != nil {
						return err
					}
					stmt.BindText(1, string(product))
					if err := eachRow(stmt, func(*sqlite.Stmt) {}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
		}
	})
	wantSum, wantLines := total(first)
	var reading sync.WaitGroup
	for range 3 {
		reading.Go(func() {
			for range 60 {
				s, err := db.Read(t.Context(), source.Query{Orders: numbers})
				if err != nil {
					t.Error(err)
					return
				}
				if sum, lines := total(s); sum != wantSum || lines != wantLines {
					t.Errorf("stock %s and %d lines, want %s and %d", sum, lines, wantSum, wantLines)
				}
			}
		})
	}
	reading.Wait()
	stop()
	writing.Wait()
}
