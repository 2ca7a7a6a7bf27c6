package httpapi_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/httpapi"
	"ruptura/internal/lang"
	"ruptura/internal/metrics"
	"ruptura/internal/session"
	"ruptura/internal/session/local"
)

// pipes is a listener whose connections are pipes, so that time can be that of the test.
type pipes struct {
	accept chan net.Conn
	done   chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{accept: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// bubble is the API in a test's own time.
type bubble struct {
	t         *testing.T
	store     *local.Store
	away      *awayStore // around the store
	service   *session.Service
	listener  *pipes
	server    *http.Server
	closing   chan struct{}
	responses []net.Conn
}

const (
	ttl         = 15 * time.Minute
	readTimeout = 30 * time.Second
)

// inBubble runs a test against a server without workers, in its own time.
func inBubble(t *testing.T, test func(*testing.T, *bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{t: t, store: local.New(local.Config{TTL: ttl, Memory: 64 << 20}), listener: newPipes(), closing: make(chan struct{})}
		b.away = &awayStore{Store: b.store}
		b.service = &session.Service{Store: b.away, Jobs: noJobs{}, MaxWaiting: 10, Now: time.Now}
		nothing := http.NotFoundHandler()
		b.server = &http.Server{ReadTimeout: readTimeout, ReadHeaderTimeout: 5 * time.Second, Handler: httpapi.New(httpapi.Config{
			Service: b.service, Now: time.Now, LotSize: 20, Page: nothing, Docs: nothing, Metrics: nothing, Observe: metrics.New(),
			Log: slog.New(slog.DiscardHandler), Closing: b.closing, CheckHost: true,
		})}
		served := make(chan error)
		go func() { served <- b.server.Serve(b.listener) }()
		defer func() {
			_ = b.server.Close()
			if err := <-served; !errors.Is(err, http.ErrServerClosed) {
				t.Error(err)
			}
			for _, c := range b.responses {
				_ = c.Close()
			}
			b.store.Close()
		}()
		test(t, b)
	})
}

// noJobs is a queue that nobody works on.
type noJobs struct{}

func (noJobs) Enqueue(context.Context, ...session.Job) error { return nil }
func (noJobs) Len(context.Context) (int, error)              { return 0, nil }

// begin keeps a session of that many lots.
func (b *bubble) begin(lots int) string {
	b.t.Helper()
	id := session.NewID()
	b.beginAs(id, lots)
	return string(id)
}

func (b *bubble) beginAs(id session.ID, lots int) {
	b.t.Helper()
	s := session.Spec{Params: atp.DefaultParams(today), LotSize: 20, Workers: 2, Lang: lang.PT}
	for i := range lots * 20 {
		s.Orders = append(s.Orders, atp.OrderNumber(fmt.Sprintf("P%05d", i)))
	}
	if _, err := b.service.StartAs(b.t.Context(), id, s, session.Key{}); err != nil {
		b.t.Fatal(err)
	}
}

// pass lets time go by, which in a bubble takes none.
func pass(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // the bubble's clock moves by sleeping
}

// send opens a connection and sends a request, whose answer nobody reads yet.
func (b *bubble) send(path string, headers ...string) net.Conn {
	b.t.Helper()
	ours, theirs := net.Pipe()
	b.responses = append(b.responses, ours)
	b.listener.accept <- theirs
	_, err := fmt.Fprintf(ours, "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", path, strings.Join(append(headers, ""), "\r\n"))
	if err != nil {
		b.t.Fatal(err)
	}
	return ours
}

// open sends a request and reads the answer's head.
func (b *bubble) open(path string, headers ...string) *http.Response {
	b.t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(b.send(path, headers...)), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return response
}

func TestPulse(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		id := b.begin(2)
		begin := time.Now()
		lines := bufio.NewReader(b.open(stream + id).Body)
		frames(b.t, lines, 2) // retry, inicio
		const pulse = "data: {\"tipo\":\"pulso\"}\n\n"
		for i := 1; i <= 3; i++ {
			if got := frames(b.t, lines, 1); got != pulse {
				t.Fatalf("in silence came %q", got)
			}
			if got := time.Since(begin); got != time.Duration(i)*5*time.Second {
				t.Fatalf("pulse %d after %s", i, got)
			}
		}
		pass(2 * time.Second) // an event begins the silence again
		publish(t, b.store, id, 0)
		if got := frames(b.t, lines, 1); !strings.HasPrefix(got, "id: 2\n") {
			t.Fatalf("after the pulses came %q", got)
		}
		begin = time.Now()
		if got := frames(b.t, lines, 1); got != pulse || time.Since(begin) != 5*time.Second {
			t.Errorf("%q came %s after the event", got, time.Since(begin))
		}
	})
}

// TestLongStream lives many times longer than the server waits for a request to arrive.
func TestLongStream(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		id := b.begin(10)
		body := b.open(stream + id).Body
		all := make(chan string)
		go func() {
			text, err := io.ReadAll(body)
			if err != nil {
				text = append(text, err.Error()...)
			}
			all <- string(text)
		}()
		for i := range 10 {
			pass(2 * readTimeout)
			publish(t, b.store, id, i)
		}
		got := <-all
		if n := strings.Count(got, "\nid: "); n != 12 || !strings.HasSuffix(got, "}\n\n") {
			t.Errorf("%d events of 12 in ten minutes: %q", n, got[max(0, len(got)-200):])
		}
		if n := strings.Count(got, "pulso"); n < 100 {
			t.Errorf("%d pulses in ten minutes", n)
		}
	})
}

// TestSlowReader stops reading: it is dropped in time, nobody else is held up, and it resumes.
func TestSlowReader(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		id := b.begin(10)
		slow := b.send(stream + id)
		if _, err := slow.Read(make([]byte, 1)); err != nil { // one byte, and no more
			t.Fatal(err)
		}
		fast := bufio.NewReader(b.open(stream + id).Body)
		begin := time.Now()
		for i := range 10 {
			publish(t, b.store, id, i)
		}
		rest, err := io.ReadAll(fast)
		if n := strings.Count(string(rest), "\nid: "); err != nil || n != 12 || time.Since(begin) != 0 {
			t.Errorf("beside a slow reader: %d events in %s, %v", n, time.Since(begin), err)
		}
		pass(time.Minute + time.Second)
		got, _ := io.ReadAll(slow)
		if strings.Contains(string(got), "completo") {
			t.Fatalf("the slow reader was not dropped: %q", got)
		}
		back, err := io.ReadAll(b.open(stream + id).Body)
		if err != nil || withoutRetry(string(back)) != withoutRetry(string(rest)) {
			t.Errorf("the slow reader came back and got %d bytes of %d, %v", len(back), len(rest), err)
		}
	})
}

// TestReaderThatStopsInTheMiddle is dropped within the time that one event may take.
func TestReaderThatStopsInTheMiddle(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		id := b.begin(3)
		slow := b.send(stream + id)
		response, err := http.ReadResponse(bufio.NewReader(slow), nil)
		if err != nil {
			t.Fatal(err)
		}
		frames(b.t, bufio.NewReader(response.Body), 2)
		publish(t, b.store, id, 0)
		pass(15*time.Second + time.Millisecond)
		synctest.Wait()
		if _, err := slow.Write([]byte("x")); err == nil {
			t.Error("the connection is open after an event nobody took for 15 s")
		}
	})
}

func TestStreamsEndAtShutdown(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		id := b.begin(3)
		var open []io.Reader
		for range 50 {
			body := bufio.NewReader(b.open(stream + id).Body)
			frames(b.t, body, 2)
			open = append(open, body)
		}
		begin := time.Now()
		close(b.closing)
		var last time.Duration
		ends := make(chan time.Duration)
		for _, body := range open {
			go func() {
				_, _ = io.ReadAll(body)
				ends <- time.Since(begin)
			}()
		}
		seen := map[time.Duration]bool{}
		for range open {
			end := <-ends
			seen[end] = true
			last = max(last, end)
		}
		if last > time.Second || len(seen) < 10 {
			t.Errorf("streams ended at %d moments within %s, want them spread over less than a second", len(seen), last)
		}
		publish(t, b.store, id, 0)
		late := bufio.NewReader(b.open(stream + id).Body)
		begin = time.Now()
		if text, err := io.ReadAll(late); err != nil || !strings.Contains(string(text), "id: 2\n") || time.Since(begin) > time.Second {
			t.Errorf("opened late: %q for %s, %v", text, time.Since(begin), err)
		}
	})
}

func TestExpiredSession(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		id := b.begin(2)
		lines := bufio.NewReader(b.open(stream + id).Body)
		done := make(chan string)
		go func() {
			text, _ := io.ReadAll(lines)
			done <- string(text)
		}()
		pass(ttl - time.Second)
		if got := b.open("/api/ruptura/status/" + id).StatusCode; got != 200 {
			t.Errorf("just before the end of its life: %d", got)
		}
		pass(2 * time.Second)
		if got := <-done; strings.Contains(got, "completo") || strings.Contains(got, `"erro"`) {
			t.Errorf("the stream ended with %q", got)
		}
		for _, path := range []string{stream, "/api/ruptura/status/"} {
			if got := b.open(path + id).StatusCode; got != 404 {
				t.Errorf("%s of an expired session: %d", path, got)
			}
		}
	})
}

// TestSessionLivesAfterItsEnd: a session's life goes by what is written, not by who looks.
func TestSessionLivesAfterItsEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		id := b.begin(1)
		pass(ttl - time.Second)
		publish(t, b.store, id, 0)
		pass(ttl - time.Second)
		if got := b.open(stream + id).StatusCode; got != 200 {
			t.Errorf("after its end a session is gone: %d", got)
		}
		pass(2 * time.Second)
		if got := b.open(stream + id).StatusCode; got != 404 {
			t.Errorf("a session lives on by being read: %d", got)
		}
	})
}

// TestClientThatLeaves closes the connection in the middle of silence.
func TestClientThatLeaves(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		id := b.begin(2)
		conn := b.send(stream + id)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		frames(b.t, bufio.NewReader(response.Body), 2)
		_ = conn.Close()
		synctest.Wait()
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := b.server.Shutdown(ctx); err != nil || time.Since(begin) > 0 {
			t.Errorf("the stream stayed open %s after its client had left: %v", time.Since(begin), err)
		}
	})
}

// TestBodyThatDoesNotArrive gives up on a sender that says more than it sends.
func TestBodyThatDoesNotArrive(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		ours, theirs := net.Pipe()
		b.responses = append(b.responses, ours)
		b.listener.accept <- theirs
		begin := time.Now()
		_, err := fmt.Fprint(ours, "POST /api/ruptura/processar-lote HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"+
			"Content-Length: 100\r\n\r\n{")
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(ours), nil)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusBadRequest || time.Since(begin) != readTimeout || !response.Close {
			t.Errorf("%s after %s, close %t", response.Status, time.Since(begin), response.Close)
		}
	})
}

// A stream that is opened together with the request that makes its session.
func TestStreamComesBeforeItsSession(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		id := session.NewID()
		early := b.send(stream + string(id) + "?aguardar=true")
		pass(9 * time.Second)
		b.beginAs(id, 2)
		answer, err := http.ReadResponse(bufio.NewReader(early), nil)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", answer, err)
		}
		lines := bufio.NewReader(answer.Body)
		if got := frames(t, lines, 2); !strings.Contains(got, `"tipo":"inicio"`) {
			t.Errorf("it begins with %q", got)
		}
		publish(t, b.store, string(id), 0)
		if got := frames(t, lines, 1); !strings.HasPrefix(got, "id: 2\n") {
			t.Errorf("then comes %q", got)
		}
	})
}

func TestStreamDoesNotWaitForEver(t *testing.T) {
	for _, c := range []struct {
		name, query string
		close       bool
		want        time.Duration
		status      int
	}{
		{"for a session that nobody makes", "?aguardar=true", false, 10 * time.Second, http.StatusNotFound},
		{"unless it is asked to", "", false, 0, http.StatusNotFound},
		{"nor when it is asked not to", "?aguardar=false", false, 0, http.StatusNotFound},
		{"at a shutdown", "?aguardar=true", true, 0, http.StatusNotFound},
		{"for no good reason", "?aguardar=sempre", false, 0, http.StatusUnprocessableEntity},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bubble) {
				if c.close {
					close(b.closing)
				}
				begin := time.Now()
				answer := b.open(stream + string(session.NewID()) + c.query)
				if took := time.Since(begin); answer.StatusCode != c.status || took != c.want {
					t.Errorf("%s after %s, want %d after %s", answer.Status, took, c.status, c.want)
				}
			})
		})
	}
}
