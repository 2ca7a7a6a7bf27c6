package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source"
	"ruptura/internal/source/sqlite"
)

// browserToday is D0 of every test in a browser.
var browserToday = atp.NewDay(2026, 3, 2)

// compiled gives the path of the program, compiled once as a user would run it.
var compiled func() (string, error)

// scratch is a folder for what the tests share; it is there for as long as they run.
var scratch string

// TestMain keeps what is made once for all tests: the program, its demo data, a browser.
func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "ruptura-test-"); err != nil {
		panic(err)
	}
	compiled = sync.OnceValues(func() (string, error) {
		program := filepath.Join(scratch, "ruptura")
		if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
			return "", fmt.Errorf("build: %w\n%s", err, out)
		}
		return program, nil
	})
	code := postgrestest.Main(m)
	endSharedBrowser()
	if err := os.RemoveAll(scratch); err != nil {
		panic(err)
	}
	os.Exit(code)
}

func buildProgram(t testing.TB) string {
	t.Helper()
	program, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// closed closes what a test has opened.
func closed(t testing.TB, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// served is the program running on a database of its own.
type served struct {
	url      string
	database string
	files    string // the folder that the database was loaded from, if any
}

// serveDemo runs the real program on a made-up company, made and loaded by the program too.
func serveDemo(t testing.TB, orders int) *served {
	t.Helper()
	s := newDemo(t, orders, 1)
	s.start(t)
	return s
}

// runProgram runs a command of the program to its end.
func runProgram(t testing.TB, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), buildProgram(t), args...).CombinedOutput(); err != nil {
		t.Fatalf("ruptura %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// load imports a file or a folder, as a user would, while the program may be serving.
func (s *served) load(t testing.TB, path string) {
	t.Helper()
	runProgram(t, "import", path, "--db", "sqlite:"+s.database)
}

// start runs the program on the database.
func (s *served) start(t testing.TB) {
	t.Helper()
	s.url = startProgram(t, buildProgram(t), "serve", "--db", "sqlite:"+s.database, "--today", browserToday.String(), "--addr", "127.0.0.1:0")
}

// replace loads rows into the database while the program is running on it.
func (s *served) replace(t testing.TB, relations []dataset.Relation, fill func(dataset.Writer) error) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), s.database, sqlite.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, db)
	if err := db.Replace(t.Context(), relations, fill); err != nil {
		t.Fatal(err)
	}
}

var printedAddress = regexp.MustCompile(`http://[0-9.:]+`)

// startProgram runs a command that serves and gives the address it prints. The test ends it.
func startProgram(t testing.TB, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	output, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = output
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopProgram(t, cmd, output) })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address := printedAddress.FindString(lines.Text()); address != "" {
			return address
		}
	}
	t.Fatal("the program printed no address")
	return ""
}

func stopProgram(t testing.TB, cmd *exec.Cmd, output *os.File) {
	t.Helper()
	defer closed(t, output)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the program ended badly: %v", err)
	}
	if t.Failed() {
		if text, err := os.ReadFile(output.Name()); err == nil {
			t.Logf("its log:\n%s", text)
		}
	}
}

// faultyProxy stands before the program and hurts what passes. It also serves pages of its own.
type faultyProxy struct {
	*httptest.Server
	streams atomic.Int64 // requests for a stream that came, HEAD left out
	bodies  chan string  // bodies of the batches that were sent
	busy    atomic.Int64 // how many batches to refuse first, as a busy server does
	heard   chan struct{}
}

// cutOnceHeard cuts the stream that is to be cut, once the page has a result. What is on its way at a cut
// may be lost to the page, although the server sent it.
func (p *faultyProxy) cutOnceHeard(b *tab) {
	b.t.Helper()
	b.wait(`seen.some((e) => e.name === 'resultado')`)
	close(p.heard)
}

// fault decides about the n-th request for a stream: the status to refuse it with, or 0, and
// after how many events to cut it, or 0; see [faultyProxy.cutOnceHeard].
type fault func(n int64, r *http.Request) (refuse, cutAfter int)

func newFaultyProxy(t *testing.T, target string, pages map[string]string, hurt fault) *faultyProxy {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	p := &faultyProxy{bodies: make(chan string, 16), heard: make(chan struct{})}
	cut := cutKey{}
	forward := &httputil.ReverseProxy{
		FlushInterval: -1, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // cuts are meant
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: func(r *http.Response) error {
			if n, _ := r.Request.Context().Value(cut).(int); n > 0 {
				r.Body = &cutBody{ReadCloser: r.Body, events: n, heard: p.heard, gone: r.Request.Context().Done()}
			}
			return nil
		},
	}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if page, ok := pages[r.URL.Path]; ok {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, page)
			return
		}
		if r.Method == http.MethodPost {
			body, _ := io.ReadAll(r.Body)
			if p.busy.Add(-1) >= 0 {
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			p.bodies <- string(body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
		}
		if strings.Contains(r.URL.Path, "/stream/") && hurt != nil {
			n := p.streams.Load()
			if r.Method == http.MethodGet {
				n = p.streams.Add(1)
			}
			refuse, after := hurt(n, r)
			if refuse > 0 {
				w.WriteHeader(refuse)
				return
			}
			r = r.WithContext(context.WithValue(r.Context(), cut, after))
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		p.CloseClientConnections()
		p.Close()
	})
	return p
}

// cutKey carries, in a request's context, after how many events to cut its answer.
type cutKey struct{}

// errCut makes the proxy drop the connection in the middle of a response.
var errCut = errors.New("cut by the test")

// cutBody fails after so many events, each of which ends with an empty line.
type cutBody struct {
	io.ReadCloser
	events int
	last   byte
	heard  <-chan struct{} // the cut waits for it
	gone   <-chan struct{} // nobody reads any more
}

// Read gives one byte at a time, so that the cut comes exactly between two events.
func (b *cutBody) Read(p []byte) (int, error) {
	if b.events <= 0 {
		select {
		case <-b.heard:
		case <-b.gone:
		}
		return 0, errCut
	}
	n, err := b.ReadCloser.Read(p[:1])
	if n == 1 {
		if p[0] == '\n' && b.last == '\n' {
			b.events--
		}
		b.last = p[0]
	}
	return n, err
}

// numbers are the first orders of the book.
func (s *served) numbers(t *testing.T, n int) []atp.OrderNumber {
	t.Helper()
	db, err := sqlite.Open(t.Context(), s.database, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, db)
	all, err := db.Numbers(t.Context(), source.NumbersQuery{StaleBefore: browserToday - 60})
	if err != nil || len(all) < n {
		t.Fatalf("%d orders, %v", len(all), err)
	}
	return all[:n]
}
