package worker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/demo"
	"ruptura/internal/session"
	"ruptura/internal/source"
	"ruptura/internal/wire"
)

// TestEachOrderOnce: whatever the orders, the size of lots and the number of workers, each order
// comes once, progress never falls and there is one end.
func TestEachOrderOnce(t *testing.T) {
	db := openBook(t, simpleBook(60))
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(db, rapid.IntRange(1, 5).Draw(t, "workers"))
		defer r.close()
		orders := session.Distinct(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) atp.OrderNumber {
			return number(rapid.IntRange(0, 90).Draw(t, "order")) // 30 of them unknown
		}), 1, 200).Draw(t, "orders"))
		s := spec(orders)
		s.LotSize = rapid.IntRange(1, 70).Draw(t, "lot size")
		s.Workers = rapid.IntRange(1, 5).Draw(t, "workers of the session")
		s.Mode, s.Priority = rapid.SampledFrom([]atp.Mode{atp.Alone, atp.Together}).Draw(t, "mode"), atp.DefaultPriority()
		s.Policy = rapid.SampledFrom(atp.Policies()).Draw(t, "policy")
		s.Detail = rapid.SampledFrom([]wire.Detail{wire.Summary, wire.Items, wire.Explained}).Draw(t, "detail")
		r.pool.Start()
		id := r.begin(t, s)
		exactlyOnce(t, r.follow(t, id), orders)
		if rapid.Bool().Draw(t, "again") {
			exactlyOnce(t, r.session(t, s), orders)
		}
		r.jobs.rest()
		if n := r.pool.reads.count(); n != 0 {
			t.Fatalf("%d reads kept after the end", n)
		}
	})
}

// rows is an order book in memory.
type rows struct {
	orders       []dataset.Order
	items        []dataset.Item
	movements    []dataset.Movement
	reservations []dataset.Reservation
	receipts     []dataset.Receipt
	unifications []dataset.Unification
}

func keep[R any](into *[]R, row R) error { *into = append(*into, row); return nil }

func (r *rows) Order(o dataset.Order) error             { return keep(&r.orders, o) }
func (r *rows) Item(i dataset.Item) error               { return keep(&r.items, i) }
func (r *rows) Movement(m dataset.Movement) error       { return keep(&r.movements, m) }
func (r *rows) Reservation(v dataset.Reservation) error { return keep(&r.reservations, v) }
func (r *rows) Receipt(v dataset.Receipt) error         { return keep(&r.receipts, v) }
func (r *rows) Unification(u dataset.Unification) error { return keep(&r.unifications, u) }

func shuffle[R any](random *rand.Rand, list []R) {
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// shuffled writes the rows in another sequence.
func (r *rows) shuffled(seed uint64) func(dataset.Writer) error {
	return func(w dataset.Writer) error {
		random := rand.New(rand.NewPCG(seed, seed))
		shuffle(random, r.orders)
		shuffle(random, r.items)
		shuffle(random, r.movements)
		shuffle(random, r.reservations)
		shuffle(random, r.receipts)
		shuffle(random, r.unifications)
		return write(w, r)
	}
}

func write(w dataset.Writer, r *rows) error {
	for _, err := range []error{
		each(r.orders, w.Order), each(r.items, w.Item), each(r.movements, w.Movement),
		each(r.reservations, w.Reservation), each(r.receipts, w.Receipt), each(r.unifications, w.Unification),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func each[R any](list []R, write func(R) error) error {
	for _, row := range list {
		if err := write(row); err != nil {
			return err
		}
	}
	return nil
}

var fleeting = regexp.MustCompile(`"(posicao_em|query_ms|performance_ms)":[^,}]*,?`)
var resultStart = regexp.MustCompile(`\{"success":(?:true|false),"num_pedido":"([^"]*)"`)

// TestAnswersDoNotDependOnTheWork: the same order book gives the same bytes, whatever the number of
// workers, the size of the lots and the sequence of the source's rows.
func TestAnswersDoNotDependOnTheWork(t *testing.T) {
	var book rows
	if err := demo.Generate(demo.Config{Orders: 60, Movements: 200, Seed: 7, Today: today}, &book); err != nil {
		t.Fatal(err)
	}
	type answers struct {
		Results  map[string]string
		Products map[string]product
	}
	want := map[string]*answers{}
	for i, c := range []struct {
		workers, lotSize int
		mode             atp.Mode
		policy           atp.Policy
	}{
		{1, 20, atp.Alone, 0}, {2, 20, atp.Alone, 0}, {5, 7, atp.Alone, 0}, {3, 100, atp.Alone, 0},
		{1, 20, atp.Together, atp.WholeLines}, {2, 20, atp.Together, atp.WholeLines}, {5, 7, atp.Together, atp.WholeLines},
		{1, 20, atp.Together, atp.Parts}, {3, 100, atp.Together, atp.Parts},
		{1, 20, atp.Together, atp.WholeOrders}, {4, 11, atp.Together, atp.WholeOrders},
	} {
		kind := fmt.Sprintf("%s %s", c.mode, c.policy)
		t.Run(fmt.Sprintf("%s, %d workers, lots of %d", kind, c.workers, c.lotSize), func(t *testing.T) {
			db := openBook(t, book.shuffled(uint64(i)))
			orders, err := db.Numbers(t.Context(), source.NumbersQuery{StaleBefore: today - 60})
			if err != nil {
				t.Fatal(err)
			}
			r := start(t, db, c.workers)
			s := spec(orders)
			s.LotSize, s.Workers = c.lotSize, c.workers
			s.Mode, s.Policy, s.Priority, s.Detail = c.mode, c.policy, atp.DefaultPriority(), wire.Explained
			got := &answers{map[string]string{}, map[string]product{}}
			for _, e := range r.session(t, s) {
				collect(got.Results, e)
				for _, p := range e.Products {
					sum := got.Products[p.Code]
					sum.Code, sum.Orders = p.Code, sum.Orders+p.Orders
					sum.Shortage += p.Shortage
					got.Products[p.Code] = sum // values are rounded by lot
				}
			}
			if len(got.Results) != len(orders) || len(got.Products) == 0 {
				t.Fatalf("%d results, %d short products", len(got.Results), len(got.Products))
			}
			if want[kind] == nil {
				want[kind] = got
			}
			if diff := cmp.Diff(want[kind].Results, got.Results); diff != "" {
				t.Errorf("results differ:\n%s", diff)
			}
			for code, p := range want[kind].Products {
				if q := got.Products[code]; p.Orders != q.Orders || fmt.Sprintf("%.3f", p.Shortage) != fmt.Sprintf("%.3f", q.Shortage) {
					t.Errorf("product %s: %+v, then %+v", code, p, q)
				}
			}
		})
	}
}

// collect takes the results out of an event's own bytes.
func collect(into map[string]string, e event) {
	places := resultStart.FindAllSubmatchIndex(e.raw, -1)
	for i, place := range places {
		end := len(e.raw)
		if i+1 < len(places) {
			end = places[i+1][0]
		} else if e.Kind == "resultados" {
			end = regexp.MustCompile(`\],"produtos_em_ruptura"`).FindIndex(e.raw)[0] + 1
		}
		into[string(e.raw[place[2]:place[3]])] = fleeting.ReplaceAllString(string(e.raw[place[0]:end-1]), "")
	}
}

// TestReadsAreCounted: whichever jobs fail to read, and in whatever sequence they come and go, a
// read is held until its last job is through and not longer.
func TestReadsAreCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &session.Session{ID: "S", Spec: spec(numbers(rapid.IntRange(1, 3000).Draw(t, "orders")))}
		s.ReadSize = rapid.OneOf(rapid.Just(0), rapid.IntRange(1, 500), rapid.Just(source.Unlimited)).Draw(t, "read size")
		fail := false
		shared := newReads(func(context.Context, *session.Session, int, *outage) (*analysis.Book, error) {
			if fail {
				return nil, source.ErrUnavailable
			}
			return &analysis.Book{}, nil
		})
		var under []int
		for job := 0; job < s.Jobs() || len(under) > 0; {
			if job < s.Jobs() && (len(under) == 0 || rapid.Bool().Draw(t, "next begins")) {
				fail = rapid.Bool().Draw(t, "fails")
				_, _ = shared.get(context.Background(), s, s.ReadOf(job))
				under = append(under, job)
				job++
			} else {
				i := rapid.IntRange(0, len(under)-1).Draw(t, "ends")
				shared.finish(s.ID, s.ReadOf(under[i]))
				under = append(under[:i], under[i+1:]...)
			}
			if len(under) > 0 && shared.count() == 0 {
				t.Fatal("a read in use was forgotten")
			}
		}
		if shared.count() != 0 || len(shared.open) != 0 {
			t.Fatalf("%d reads of %d sessions kept after the last job", shared.count(), len(shared.open))
		}
	})
}
