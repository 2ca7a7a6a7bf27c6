package session_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ruptura/internal/atp"
	"ruptura/internal/session"
	"ruptura/internal/source"
)

func orders(n int) []atp.OrderNumber {
	all := make([]atp.OrderNumber, n)
	for i := range all {
		all[i] = atp.OrderNumber(fmt.Sprintf("P%06d", i))
	}
	return all
}

func spec(n, lotSize, workers int) *session.Spec {
	return &session.Spec{Orders: orders(n), LotSize: lotSize, Workers: workers}
}

func TestIDsAreLongAndNeverRepeat(t *testing.T) {
	seen := map[session.ID]bool{}
	for range 1000 {
		id := session.NewID()
		if len(id) < 26 { // 128 bits in base 32
			t.Fatalf("ID %q is too short", id)
		}
		if seen[id] {
			t.Fatalf("ID %q came twice", id)
		}
		seen[id] = true
	}
}

func TestParseID(t *testing.T) {
	id := session.NewID()
	if got, ok := session.ParseID(string(id)); !ok || got != id {
		t.Errorf("ParseID(%q) = %q, %t", id, got, ok)
	}
	for _, text := range []string{
		"", string(id[1:]), string(id) + "A", strings.ToLower(string(id)), " " + string(id[1:]), string(id[1:]) + "\n", string(id[1:]) + "1",
		string(id[2:]) + "é",
	} {
		if _, ok := session.ParseID(text); ok {
			t.Errorf("%q is an ID", text)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		name                     string
		orders, lotSize, workers int
		lots                     int
		jobs                     []int // lots of each
		reads                    int
	}{
		{"one order", 1, 20, 2, 1, []int{1}, 1},
		{"one lot", 20, 20, 2, 1, []int{1}, 1},
		{"two lots", 21, 20, 2, 2, []int{1, 1}, 1},
		{"three lots, two workers", 60, 20, 2, 3, []int{1, 2}, 1},
		{"six lots, four workers", 120, 20, 4, 6, []int{1, 2, 1, 2}, 1},
		{"eleven lots, two workers", 220, 20, 2, 11, []int{2, 3, 3, 3}, 1},
		{"a thousand orders", 1000, 20, 2, 50, []int{5, 5, 5, 5, 5, 5, 5, 5, 5, 5}, 1},
		{"more workers than lots", 40, 20, 9, 2, []int{1, 1}, 1},
		{"more than a read", 5001, 20, 1, 251, nil, 2},
		{"two reads and a bit", 10_020, 20, 2, 501, nil, 3},
		{"large lots", 10_000, 2000, 1, 5, []int{1, 2, 2}, 3},
		{"lots larger than a read", 18_000, 6000, 2, 3, []int{1, 1, 1}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := spec(c.orders, c.lotSize, c.workers)
			if got := s.Lots(); got != c.lots {
				t.Errorf("%d lots, want %d", got, c.lots)
			}
			var jobs []int
			for i := range s.Jobs() {
				first, end := s.JobLots(i)
				jobs = append(jobs, end-first)
			}
			if c.jobs != nil && !slices.Equal(jobs, c.jobs) {
				t.Errorf("jobs of %v lots, want %v", jobs, c.jobs)
			}
			if got := s.ReadOf(s.Jobs()-1) + 1; got != c.reads {
				t.Errorf("%d reads, want %d", got, c.reads)
			}
		})
	}
}

// drawSpec draws a session of any shape.
func drawSpec(t *rapid.T) *session.Spec {
	lotSize := rapid.OneOf(rapid.IntRange(1, 50), rapid.IntRange(1, 12_000)).Draw(t, "lotSize")
	n := rapid.OneOf(rapid.IntRange(1, 300), rapid.IntRange(1, 30_000)).Draw(t, "orders")
	s := spec(n, lotSize, rapid.IntRange(1, 40).Draw(t, "workers"))
	s.ReadSize = rapid.OneOf(rapid.Just(0), rapid.IntRange(1, 20_000), rapid.Just(source.Unlimited)).Draw(t, "readSize")
	return s
}

func TestEveryOrderIsInOneLotOfOneJobOfOneRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpec(t)
		var lots, reads []atp.OrderNumber
		for i := range s.Lots() {
			lot := s.Lot(i)
			if len(lot) != s.LotSize && (i < s.Lots()-1 || len(lot) == 0) {
				t.Fatalf("lot %d has %d orders", i, len(lot))
			}
			lots = append(lots, lot...)
		}
		if !slices.Equal(lots, s.Orders) {
			t.Fatal("the lots are not the orders in their sequence")
		}
		next := 0
		for i := range s.Jobs() {
			first, end := s.JobLots(i)
			if first != next || end <= first || end-first > session.MaxJobLots {
				t.Fatalf("job %d has lots [%d, %d), the one before ended at %d", i, first, end, next)
			}
			next = end
		}
		if next != s.Lots() {
			t.Fatalf("the jobs end at lot %d of %d", next, s.Lots())
		}
		for i := range s.ReadOf(s.Jobs()-1) + 1 {
			reads = append(reads, s.ReadOrders(i)...)
		}
		if !slices.Equal(reads, s.Orders) {
			t.Fatal("the reads are not the orders in their sequence")
		}
	})
}

func TestEachReadServesItsJobs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpec(t)
		served := map[int]int{}
		for i := range s.Jobs() {
			read := s.ReadOf(i)
			served[read]++
			first, end := s.JobLots(i)
			var job []atp.OrderNumber
			for lot := first; lot < end; lot++ {
				job = append(job, s.Lot(lot)...)
			}
			at := slices.Index(s.ReadOrders(read), job[0])
			if at < 0 || !slices.Equal(s.ReadOrders(read)[at:at+len(job)], job) {
				t.Fatalf("job %d is not within read %d", i, read)
			}
		}
		for read, jobs := range served {
			if got := s.ReadJobs(read); got != jobs {
				t.Fatalf("read %d says it serves %d jobs, %d use it", read, got, jobs)
			}
			if n := len(s.ReadOrders(read)); n > max(cmp.Or(s.ReadSize, session.DefaultReadSize), s.LotSize) {
				t.Fatalf("read %d has %d orders", read, n)
			}
		}
	})
}

func TestAsManyOrdersPerReadAsTheSourceLikes(t *testing.T) {
	for _, c := range []struct {
		name                   string
		orders, lotSize, size  int
		reads, most, firstJobs int
	}{
		{"usual", 100_000, 20, 0, 20, 5000, 50},
		{"all at once", 100_000, 20, source.Unlimited, 1, 100_000, 1000},
		{"smaller than a job", 1000, 20, 40, 26, 20, 1},
		{"smaller than a lot", 100, 20, 1, 5, 20, 1},
		{"all at once, huge lots", 100_000, 50_000, source.Unlimited, 1, 100_000, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := spec(c.orders, c.lotSize, 2)
			s.ReadSize = c.size
			if got := s.ReadOf(s.Jobs()-1) + 1; got != c.reads {
				t.Errorf("%d reads, want %d", got, c.reads)
			}
			if got := len(s.ReadOrders(0)); got != c.most {
				t.Errorf("the first read has %d orders, want %d", got, c.most)
			}
			if got := s.ReadJobs(0); got != c.firstJobs {
				t.Errorf("the first read serves %d jobs, want %d", got, c.firstJobs)
			}
		})
	}
}

func TestAllWorkersBeginAtOnceAndShareFairly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpec(t)
		if s.Jobs() < min(s.Workers, s.Lots()) {
			t.Fatalf("%d jobs for %d workers and %d lots", s.Jobs(), s.Workers, s.Lots())
		}
		smallest, largest := s.Lots(), 0
		for i := range s.Jobs() {
			first, end := s.JobLots(i)
			smallest, largest = min(smallest, end-first), max(largest, end-first)
		}
		if largest-smallest > 1 {
			t.Fatalf("jobs of %d to %d lots", smallest, largest)
		}
	})
}

func TestLotsDoNotShareRoomToGrow(t *testing.T) {
	s := spec(40, 20, 2)
	_ = append(s.Lot(0), "X")
	if s.Orders[20] == "X" {
		t.Error("appending to a lot changed the next one")
	}
}

func TestDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := drawOrders(t, "given")
		before := slices.Clone(given)
		var want []atp.OrderNumber
		for _, n := range given {
			if !slices.Contains(want, n) {
				want = append(want, n)
			}
		}
		if got := session.Distinct(given); !slices.Equal(got, want) {
			t.Fatalf("Distinct = %q, want %q", got, want)
		}
		if !slices.Equal(given, before) {
			t.Fatal("Distinct changed its argument")
		}
	})
}

func TestFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, front := drawOrders(t, "all"), drawOrders(t, "front")
		allBefore, frontBefore := slices.Clone(all), slices.Clone(front)
		var want []atp.OrderNumber
		for _, n := range slices.Concat(front, all) {
			if slices.Contains(all, n) && !slices.Contains(want, n) {
				want = append(want, n)
			}
		}
		if got := session.First(all, front); !slices.Equal(got, want) {
			t.Fatalf("First = %q, want %q", got, want)
		}
		if !slices.Equal(all, allBefore) || !slices.Equal(front, frontBefore) {
			t.Fatal("First changed its arguments")
		}
	})
}

func drawOrders(t *rapid.T, label string) []atp.OrderNumber {
	number := rapid.Map(rapid.StringMatching(`[ab]{1,2}`), func(s string) atp.OrderNumber { return atp.OrderNumber(s) })
	return rapid.SliceOfN(number, 0, 12).Draw(t, label)
}

func TestProgressReachesItsEndOnlyAtTheEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(1, 2_000_000).Draw(t, "total")
		processed := rapid.IntRange(0, total).Draw(t, "processed")
		got := session.Progress(processed, total)
		if got < 0 || got > 1000 || (got == 1000) != (processed == total) {
			t.Fatalf("Progress(%d, %d) = %d", processed, total, got)
		}
		if processed > 0 && session.Progress(processed-1, total) > got {
			t.Fatalf("Progress(%d, %d) falls", processed, total)
		}
		if st := (session.Status{Processed: processed, Orders: total}); st.Progress() != got {
			t.Fatalf("Status.Progress = %d, want %d", st.Progress(), got)
		}
	})
	if got := session.Progress(0, 0); got != 1000 {
		t.Errorf("Progress of nothing = %d, want 1000", got)
	}
}

func TestStates(t *testing.T) {
	for state, want := range map[session.State]struct {
		name  string
		ended bool
	}{
		session.Queued: {"na_fila", false}, session.Running: {"processando", false}, session.Complete: {"completo", true},
		session.Failed: {"erro", true}, session.Cancelled: {"cancelado", true},
	} {
		if state.String() != want.name || state.Ended() != want.ended {
			t.Errorf("state %d is %q, ended %t; want %+v", state, state, state.Ended(), want)
		}
	}
}

// Whatever is cut in halves again and again ends with single orders, each once, and no half lies
// across two lots unless it is made of whole ones.
func TestHalves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := session.Spec{
			Orders:  make([]atp.OrderNumber, rapid.IntRange(1, 300).Draw(t, "orders")),
			LotSize: rapid.IntRange(1, 30).Draw(t, "lot"), Workers: rapid.IntRange(1, 4).Draw(t, "workers"),
		}
		next := 0
		var cut func(session.Span)
		cut = func(p session.Span) {
			across := p.First/s.LotSize != (p.End-1)/s.LotSize
			if whole := p.First%s.LotSize == 0 && (p.End%s.LotSize == 0 || p.End == len(s.Orders)); across && !whole {
				t.Fatalf("%+v lies across lots of %d", p, s.LotSize)
			}
			if p.Len() == 1 {
				if p.First != next {
					t.Fatalf("order %d comes after %d", p.First, next-1)
				}
				next++
				return
			}
			left, right := s.Halves(p)
			if left.First != p.First || left.End != right.First || right.End != p.End || left.Len() < 1 || right.Len() < 1 {
				t.Fatalf("%+v is cut into %+v and %+v", p, left, right)
			}
			cut(left)
			cut(right)
		}
		for i := range s.Jobs() {
			cut(s.Span(session.Job{Number: i}))
		}
		if next != len(s.Orders) {
			t.Fatalf("%d orders in the jobs, want %d", next, len(s.Orders))
		}
	})
}
