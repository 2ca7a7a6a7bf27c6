package redis_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/session"
	"ruptura/internal/session/local"
	"ruptura/internal/session/redis"
	"ruptura/internal/wire"
)

// Whatever is done, an event is the same to the byte as in memory, and so is the status.
func TestEventsAreThoseOfMemory(t *testing.T) {
	there := fresh(t, config())
	here := local.New(local.Config{TTL: time.Hour, Memory: 1 << 40})
	defer here.Close()
	rapid.Check(t, func(rt *rapid.T) {
		s := plan(rapid.IntRange(1, 3000).Draw(rt, "orders"))
		s.LotSize = rapid.IntRange(1, 200).Draw(rt, "lotSize")
		p := &pair{t: t, s: s, here: here, there: there}
		p.both(rt, "Create", func(store session.Store) (any, error) { return store.Create(t.Context(), s, session.Key{}) })
		for range rapid.IntRange(0, 15).Draw(rt, "steps") {
			p.step(rt)
		}
		p.compare(rt)
	})
}

// pair is one session in two engines.
type pair struct {
	t     *testing.T
	s     *session.Session
	here  *local.Store
	there *redis.Store
}

func (p *pair) both(rt *rapid.T, what string, call func(session.Store) (any, error)) {
	want, wantErr := call(p.here)
	got, err := call(p.there)
	if !reflect.DeepEqual(got, want) || (err == nil) != (wantErr == nil) {
		rt.Fatalf("%s = %+v, %v; in memory %+v, %v", what, got, err, want, wantErr)
	}
}

func (p *pair) step(rt *rapid.T) {
	ctx, id := p.t.Context(), p.s.ID
	at := start().Add(time.Duration(rapid.Int64Range(-5000, 1<<40).Draw(rt, "at")) * time.Millisecond)
	switch action := rapid.IntRange(0, 11).Draw(rt, "action"); {
	case action == 0:
		p.both(rt, "Begin", func(store session.Store) (any, error) { return store.Begin(ctx, id, at) })
	case action == 1:
		finished := rapid.IntRange(-1, p.s.Jobs()-1).Draw(rt, "finished")
		p.both(rt, "NextJob", func(store session.Store) (any, error) {
			n, ok, err := store.NextJob(ctx, id, finished)
			return [2]any{n, ok}, err
		})
	case action == 2 && rapid.IntRange(0, 3).Draw(rt, "rarely") == 0:
		end := session.Ending{
			State: rapid.SampledFrom([]session.State{session.Failed, session.Cancelled}).Draw(rt, "state"),
			At:    at, Message: rapid.String().Draw(rt, "message") + "\u2028<é\"\\\xff",
		}
		p.both(rt, "End", func(store session.Store) (any, error) { return nil, store.End(ctx, id, end) })
	default:
		l := p.lot(rt)
		l.At = at
		p.both(rt, "Publish", func(store session.Store) (any, error) { return store.Publish(ctx, id, l) })
	}
}

// lot is a lot or a part of one.
func (p *pair) lot(rt *rapid.T) session.LotResult {
	l := session.LotResult{Lot: rapid.IntRange(0, p.s.Lots()-1).Draw(rt, "lot")}
	whole := len(p.s.Lot(l.Lot))
	l.Orders = whole
	if rapid.Bool().Draw(rt, "part") {
		l.Skip = rapid.IntRange(0, whole-1).Draw(rt, "skip")
		l.Orders = rapid.IntRange(1, whole-l.Skip).Draw(rt, "orders")
	}
	l.Failed = rapid.IntRange(0, l.Orders).Draw(rt, "failed")
	l.Body = append([]byte(`"resto":"`), rapid.SliceOf(rapid.Byte()).Draw(rt, "body")...)
	return l
}

func (p *pair) compare(rt *rapid.T) {
	want, err := p.here.Events(p.t.Context(), p.s.ID, 0, 1<<20)
	if err != nil {
		rt.Fatal(err)
	}
	got, err := p.there.Events(p.t.Context(), p.s.ID, 0, 1<<20)
	if err != nil || len(got) != len(want) {
		rt.Fatalf("%d events, %v; in memory %d", len(got), err, len(want))
	}
	for i := range want {
		if got[i].ID != want[i].ID || !bytes.Equal(got[i].Data, want[i].Data) {
			rt.Fatalf("event %d: %q; in memory %q", got[i].ID, got[i].Data, want[i].Data)
		}
	}
	wantStatus, err := p.here.Status(p.t.Context(), p.s.ID)
	if err != nil {
		rt.Fatal(err)
	}
	status, err := p.there.Status(p.t.Context(), p.s.ID)
	if diff := cmp.Diff(wantStatus, status); err != nil || diff != "" {
		rt.Fatalf("Status differs, %v (-memory +redis):\n%s", err, diff)
	}
}

// Another process reads what was asked for as it was asked: every field, whatever is in it.
func TestWhatWasAskedTravelsWhole(t *testing.T) {
	wantEveryFieldDrawn(t)
	one := fresh(t, config())
	rapid.Check(t, func(rt *rapid.T) {
		want := &session.Session{ID: session.NewID(), Created: start().Add(time.Duration(rapid.Int32().Draw(rt, "created")) * time.Millisecond), Spec: drawSpec(rt)}
		if _, err := one.Create(t.Context(), want, session.Key{}); err != nil {
			rt.Fatal(err)
		}
		redis.Forget(one)
		got, err := one.Session(t.Context(), want.ID)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			rt.Fatalf("Session differs, %v (-asked +read):\n%s", err, diff)
		}
	})
}

func drawSpec(rt *rapid.T) session.Spec {
	number := rapid.Custom(func(t *rapid.T) atp.OrderNumber {
		if rapid.IntRange(0, 9).Draw(t, "raw") == 0 {
			return atp.OrderNumber(rapid.SliceOfN(rapid.Byte(), 1, 50).Draw(t, "bytes"))
		}
		return atp.OrderNumber(rapid.StringN(1, 50, -1).Draw(t, "number"))
	})
	return session.Spec{
		Orders: rapid.SliceOfN(number, 1, 40).Draw(rt, "orders"),
		Params: rapid.Make[atp.Params]().Draw(rt, "params"),
		Detail: rapid.SampledFrom([]wire.Detail{wire.Summary, wire.Items, wire.Explained}).Draw(rt, "detail"), LotSize: rapid.IntRange(1, 100).Draw(rt, "lotSize"),
		ReadSize: rapid.IntRange(0, 1<<40).Draw(rt, "readSize"), Workers: rapid.IntRange(1, 64).Draw(rt, "workers"),
		Lang: lang.Lang(rapid.IntRange(0, 1).Draw(rt, "lang")),
	}
}

// wantEveryFieldDrawn fails when a Spec has got a field that this test does not know.
func wantEveryFieldDrawn(t *testing.T) {
	t.Helper()
	if n := reflect.TypeFor[session.Spec]().NumField(); n != 7 {
		t.Fatalf("a Spec has %d fields, drawSpec draws 7", n)
	}
}
