package httpapi_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"ruptura/internal/session"
	"ruptura/internal/wire"
)

var retryLine = regexp.MustCompile(`^retry: (\d+)\n\n`)

// withoutRetry is a stream without the one line that differs each time.
func withoutRetry(stream string) string { return retryLine.ReplaceAllString(stream, "") }

// publish does lot i of a session that no worker works on.
func publish(t *testing.T, s session.Store, id string, i int) {
	t.Helper()
	asked, err := s.Session(context.Background(), session.ID(id))
	if err != nil {
		t.Fatal(err)
	}
	lot := wire.NewLot(wire.Form{})
	for _, n := range asked.Lot(i) {
		lot.AddFailure(n, "é\n\ndata: x\r\u2028")
	}
	published, err := s.Publish(context.Background(), session.ID(id), session.LotResult{
		Lot: i, Orders: lot.Orders(), Failed: lot.Failed(), At: time.Now(), Body: lot.AppendBody(nil, i+1, "w1", time.Now()),
	})
	if err != nil || !published.Written {
		t.Fatalf("publish lot %d: %+v, %v", i, published, err)
	}
}

// open opens a stream and leaves it open.
func (r *rig) open(ctx context.Context, path string, headers ...string) *http.Response {
	r.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.server.URL+path, http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := r.server.Client().Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// frames reads that many frames.
func frames(t *testing.T, from *bufio.Reader, n int) string {
	t.Helper()
	var b strings.Builder
	for range n {
		for {
			text, err := from.ReadString('\n')
			if err != nil {
				t.Fatalf("%v after %q", err, b.String())
			}
			b.WriteString(text)
			if text == "\n" {
				break
			}
		}
	}
	return b.String()
}

const stream = "/api/ruptura/stream/"

// lots posts a batch of that many lots.
func (r *rig) lots(n int) string { return r.begin(orders(n * 20)) }

func noWorkers(s *setup) { s.workers = 0 }

func TestStreamFormat(t *testing.T) {
	r := start(t, noWorkers)
	id := r.lots(3)
	for i := range 3 {
		publish(t, r.store, id, i)
	}
	a := r.get(stream + id)
	for name, want := range map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Encoding": "",
		"Content-Length": "",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	text := string(a.body)
	retry := retryLine.FindStringSubmatch(text)
	if retry == nil {
		t.Fatalf("the stream does not begin with retry: %q", text)
	}
	if ms, _ := strconv.Atoi(retry[1]); ms < 1000 || ms > 3000 {
		t.Errorf("retry after %d ms", ms)
	}
	list := strings.Split(strings.TrimSuffix(withoutRetry(text), "\n\n"), "\n\n")
	if len(list) != 5 {
		t.Fatalf("%d events, want 5: %q", len(list), text)
	}
	for i, one := range list {
		kind := "resultados"
		switch i {
		case 0:
			kind = "inicio"
		case 4:
			kind = "completo"
		}
		want := fmt.Sprintf("id: %d\ndata: {\"id\":%d,\"tipo\":%q,", i+1, i+1, kind)
		if !strings.HasPrefix(one, want) || strings.Count(one, "\n") != 1 || strings.ContainsAny(one, "\r\u2028") {
			t.Errorf("event %d: %q", i+1, one)
		}
	}
}

func TestRetryHasJitter(t *testing.T) {
	r := start(t)
	id := r.begin(`{"pedidos":["BOM"]}`)
	seen := map[string]bool{}
	for range 20 {
		seen[retryLine.FindString(r.whole(id))] = true
	}
	if len(seen) < 2 {
		t.Errorf("twenty clients come back at the same time: %v", seen)
	}
}

// TestSameEventsWheneverJoined subscribes before, during and after the work.
func TestSameEventsWheneverJoined(t *testing.T) {
	r := start(t, noWorkers)
	id := r.lots(4)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var open []*bufio.Reader
	var begun []string
	for lot := range 4 {
		reader := bufio.NewReader(r.open(ctx, stream+id).Body)
		begun = append(begun, frames(t, reader, 2+lot)) // retry, inicio, what is done
		open = append(open, reader)
		publish(t, r.store, id, lot)
	}
	want := withoutRetry(r.whole(id))
	for i, reader := range open {
		rest, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		if got := withoutRetry(begun[i] + string(rest)); got != want {
			t.Errorf("joined after %d lots:\n%q\nwant\n%q", i, got, want)
		}
	}
}

func TestResume(t *testing.T) {
	r := start(t, noWorkers)
	id := r.lots(5)
	for i := range 5 {
		publish(t, r.store, id, i)
	}
	list := strings.SplitAfter(withoutRetry(r.whole(id)), "\n\n")
	list = list[:len(list)-1]
	for after := range list {
		want := strings.Join(list[after:], "")
		last := strconv.Itoa(after)
		for _, c := range []struct {
			name, query string
			headers     []string
		}{
			{"header", "", []string{"Last-Event-ID", last}},
			{"desde", "?desde=" + last, nil},
			{"header over desde", "?desde=6", []string{"Last-Event-ID", last}},
			{"header over nonsense", "?desde=x", []string{"Last-Event-ID", last}},
			{"empty header", "?desde=" + last, []string{"Last-Event-ID", ""}},
		} {
			if got := withoutRetry(r.whole(id+c.query, c.headers...)); got != want {
				t.Errorf("%s after event %d: %q, want %q", c.name, after, got, want)
			}
		}
	}
	for _, headers := range [][]string{{"Last-Event-ID", "7"}, nil} {
		a := r.get(stream+id+"?desde=7", headers...)
		if a.StatusCode != http.StatusNoContent || len(a.body) > 0 {
			t.Errorf("after the last event: %s %q", a.Status, a.body)
		}
	}
}

func TestLastEventOfRunningSession(t *testing.T) {
	r := start(t, noWorkers)
	id := r.lots(1)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	response := r.open(ctx, stream+id, "Last-Event-ID", "1")
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: more is to come", response.Status)
	}
	wantProblem(t, r.get(stream+id, "Last-Event-ID", "2"), 404, "evento_inexistente", "pt-BR")
	publish(t, r.store, id, 0)
	rest, err := io.ReadAll(response.Body)
	if err != nil || !strings.HasPrefix(withoutRetry(string(rest)), "id: 2\n") {
		t.Errorf("%q, %v", rest, err)
	}
}

// TestCutStreamLosesNothing cuts the connection at many places, in the middle of events too, and
// comes back with the last whole event's id.
func TestCutStreamLosesNothing(t *testing.T) {
	r := start(t)
	id := r.lots(10)
	want := withoutRetry(r.whole(id))
	for _, every := range []int64{100, 777, 1500, 5000} {
		var got strings.Builder
		last := "0"
		for tries := 0; ; tries++ {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			response := r.open(ctx, stream+id, "Last-Event-ID", last)
			if response.StatusCode == http.StatusNoContent {
				cancel()
				break
			}
			part, _ := io.ReadAll(io.LimitReader(response.Body, every*int64(1+tries)))
			cancel()
			whole := part[:strings.LastIndex(string(part), "\n\n")+1]
			for _, frame := range strings.SplitAfter(withoutRetry(string(whole)+"\n"), "\n\n") {
				if n := regexp.MustCompile(`^id: (\d+)\n`).FindStringSubmatch(frame); n != nil && strings.HasSuffix(frame, "\n\n") {
					last = n[1]
					got.WriteString(frame)
				}
			}
		}
		if got.String() != want {
			t.Errorf("cut every %d bytes: %d bytes, want %d", every, got.Len(), len(want))
		}
	}
}

// TestManyReaders reads a session that works while it is read, many at a time.
func TestManyReaders(t *testing.T) {
	r := start(t)
	id := r.lots(30)
	got := make(chan string, 20)
	for range cap(got) {
		go func() {
			response, err := r.server.Client().Get(r.server.URL + stream + id)
			if err != nil {
				got <- err.Error()
				return
			}
			defer response.Body.Close()
			all, err := io.ReadAll(response.Body)
			if err != nil {
				all = []byte(err.Error())
			}
			got <- withoutRetry(string(all))
		}()
	}
	want := withoutRetry(r.whole(id))
	for range cap(got) {
		if one := <-got; one != want {
			t.Errorf("a reader got %d bytes, another %d", len(one), len(want))
		}
	}
	if n := strings.Count(want, "\nid: ") + 1; n != 32 {
		t.Errorf("%d events, want 32", n)
	}
}
