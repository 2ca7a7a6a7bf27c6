package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ruptura/internal/demo"
	"ruptura/internal/redistest"
	"ruptura/internal/source"
	"ruptura/internal/source/sqlite"
)

// The fault tests of several processes run the real program, as servers without workers and as
// workers, around a real Redis that is theirs alone. Some hundred viewers, who do what the page
// does, keep as many sessions under way for as long as things happen; each session of each is
// checked. What takes time (a lease that runs out) is waited for by its effect.

// fleetData is the order book of the fault tests.
var fleetData = demo.Config{Orders: 1200, Movements: 2000, Seed: 7, Today: browserToday}

// fleetLease is the lease of the fault tests, short because they wait for it to run out.
const fleetLease = "1s"

// fleetPatience bounds what would otherwise hang; no test waits for it to pass.
const fleetPatience = 3 * time.Minute

// fewer is how many times fewer sessions the fault tests have under way with the race detector on,
// which makes them slow and looks for something else. RUPTURA_FAULTS=full has them all.
func fewer() int {
	if os.Getenv("RUPTURA_FAULTS") == "full" {
		return 1
	}
	return slower * slower
}

// fleet is processes around one Redis, and those who watch sessions.
type fleet struct {
	t     *testing.T
	ctx   context.Context // ends when the test has taken too long, or a viewer has seen what it should not
	fail  context.CancelFunc
	redis *redistest.Server
	lease string
	data  string // the SQLite file
	// orders are all there are.
	orders []string
	client *http.Client

	mu      sync.Mutex
	members []*member
	servers []string
	viewers []*viewer
	waiting []*generation
	group   sync.WaitGroup // of the viewers
	nurses  sync.WaitGroup // these end with the context alone
	closing atomic.Bool    // viewers begin no more sessions; set under the lock
	next    atomic.Int64
	counts  counts
}

// counts is what viewers have seen.
type counts struct {
	sessions, orders atomic.Int64
	breaks           atomic.Int64 // streams that ended without an end
	refused          atomic.Int64 // requests for a session answered with 503
	forgotten        atomic.Int64 // sessions that were gone
	reading          atomic.Int64 // streams that have been opened
}

// startFleet starts Redis alone.
func startFleet(t *testing.T, lease string, o redistest.Options) *fleet {
	t.Helper()
	f := &fleet{
		t: t, redis: redistest.Start(t, o), lease: lease, data: demoFile(t, fleetData),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}},
	}
	ctx, cancel := context.WithTimeout(t.Context(), fleetPatience)
	f.ctx, f.fail = ctx, cancel
	f.number()
	t.Cleanup(func() {
		cancel()
		f.group.Wait()
		f.nurses.Wait()
		f.client.CloseIdleConnections()
		f.end()
	})
	return f
}

// number reads the numbers of the order book.
func (f *fleet) number() {
	f.t.Helper()
	db, err := sqlite.Open(f.ctx, f.data, sqlite.Options{})
	if err != nil {
		f.t.Fatal(err)
	}
	defer closed(f.t, db)
	numbers, err := db.Numbers(f.ctx, source.NumbersQuery{StaleBefore: browserToday - 60})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, n := range numbers {
		f.orders = append(f.orders, string(n))
	}
}

// common is what all processes are told.
func (f *fleet) common(redis string) []string {
	return []string{"--redis", redis, "--db", "sqlite:" + f.data, "--today", browserToday.String(), "--lease", f.lease}
}

// server starts a server without workers.
func (f *fleet) server() *member {
	f.t.Helper()
	args := append([]string{"serve", "--addr", "127.0.0.1:0", "--workers", "0", "--queue-limit", "100000", "--log-memory", "512MiB"}, f.common(f.redis.URL())...)
	m := f.start(exec.Command(buildProgram(f.t), args...), "http://")
	m.url = printedAddress.FindString(m.said("http://"))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.servers = append(f.servers, m.url)
	return m
}

// worker starts a worker process.
func (f *fleet) worker(more ...string) *member {
	f.t.Helper()
	args := slices.Concat([]string{"worker"}, f.common(f.redis.URL()), more)
	return f.start(exec.Command(buildProgram(f.t), args...), "working")
}

// address is where a server is, another one with each call.
func (f *fleet) address() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.servers) == 0 {
		return "" // between two, who asks nobody asks again
	}
	return f.servers[int(f.next.Add(1))%len(f.servers)]
}

// gone takes a server from the list of those that are asked.
func (f *fleet) gone(m *member) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.servers = slices.DeleteFunc(f.servers, func(url string) bool { return url == m.url })
}

// end ends all processes as their administrator does, and checks that they take it well.
func (f *fleet) end() {
	f.t.Helper()
	f.mu.Lock()
	members := f.members
	f.mu.Unlock()
	for _, m := range members {
		m.signal(syscall.SIGTERM)
	}
	for _, m := range members {
		m.leave()
	}
	if !f.t.Failed() {
		return
	}
	for _, m := range members {
		f.t.Logf("%s said:\n%s", m.cmd.Args, m.tail())
	}
}

// member is a process of the fleet.
type member struct {
	t     *testing.T
	cmd   *exec.Cmd
	url   string // of a server
	input io.WriteCloser
	ended chan struct{}
	err   error // once it has ended

	mu      sync.Mutex
	killed  bool
	text    bytes.Buffer
	heard   map[string]string // the last line with what is listened for
	pending map[string]chan struct{}
}

// start starts a process and waits until it says that it is ready.
func (f *fleet) start(cmd *exec.Cmd, ready string) *member {
	f.t.Helper()
	m, err := f.launch(cmd, ready)
	if err != nil {
		f.t.Fatal(err)
	}
	return m
}

// launch is start for a goroutine other than the test's.
func (f *fleet) launch(cmd *exec.Cmd, ready string) (*member, error) {
	m := &member{t: f.t, cmd: cmd, ended: make(chan struct{}), heard: map[string]string{}, pending: map[string]chan struct{}{}}
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = in, in
	if m.input, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	is := m.listen(ready)
	err = cmd.Start()
	_ = in.Close()
	if err != nil {
		_ = out.Close()
		return nil, err
	}
	f.mu.Lock()
	f.members = append(f.members, m)
	f.mu.Unlock()
	go m.follow(out)
	select {
	case <-is:
		return m, nil
	case <-m.ended:
		if m.said(ready) != "" { // it has ended, but not at once
			return m, nil
		}
		return m, fmt.Errorf("%s ended at once: %w\n%s", cmd.Args, m.err, m.tail())
	case <-f.ctx.Done():
		return m, fmt.Errorf("%s is not ready\n%s", cmd.Args, m.tail())
	}
}

// follow keeps what the process says until it has ended.
func (m *member) follow(out io.ReadCloser) {
	defer close(m.ended)
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		m.mu.Lock()
		m.text.WriteString(line)
		for what, c := range m.pending {
			if strings.Contains(line, what) {
				m.heard[what] = line
				delete(m.pending, what)
				close(c)
			}
		}
		m.mu.Unlock()
		if err != nil {
			break
		}
	}
	_ = out.Close()
	m.err = m.cmd.Wait()
}

// listen receives when the process says something from now on.
func (m *member) listen(what string) <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.pending[what]
	if !ok {
		c = make(chan struct{})
		m.pending[what] = c
	}
	return c
}

// said is the line that was listened for.
func (m *member) said(what string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.heard[what]
}

// times is how often the process has said something.
func (m *member) times(what string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Count(m.text.Bytes(), []byte(what))
}

// tail is the last that the process said.
func (m *member) tail() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	const most = 4000
	b := m.text.Bytes()
	return string(b[max(len(b)-most, 0):])
}

// kill ends the process as a power failure does.
func (m *member) kill() {
	m.t.Helper()
	m.mu.Lock()
	m.killed = true
	m.mu.Unlock()
	m.signal(syscall.SIGKILL)
	<-m.ended
}

// stop ends the process as its administrator does.
func (m *member) stop() {
	m.t.Helper()
	m.signal(syscall.SIGTERM)
	m.leave()
}

func (m *member) signal(s syscall.Signal) {
	if err := m.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		m.t.Error(err)
	}
}

// leave waits for the end, which must be a good one unless the test killed the process.
func (m *member) leave() {
	m.t.Helper()
	select {
	case <-m.ended:
	case <-time.After(fleetPatience):
		m.t.Errorf("%s does not end", m.cmd.Args)
		m.signal(syscall.SIGKILL)
		<-m.ended
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil && !m.killed {
		m.t.Errorf("%s ended badly: %v", m.cmd.Args, m.err)
	}
}

// generation is one session more of each viewer than there were at a moment.
type generation struct {
	due  map[*viewer]int
	done chan struct{}
}

// watch has that many viewers keep sessions of 40 to 60 orders under way, and two begin with 1,000,
// or with fewer.
func (f *fleet) watch(viewers int) {
	const long = 2
	viewers /= fewer()
	for i := range viewers + long {
		size := 40 + i%21
		if i >= viewers {
			size = 1000 / fewer()
		}
		first := i * 31 % (len(f.orders) - size)
		f.view(&viewer{orders: f.orders[first : first+size], check: noErrors, once: i >= viewers})
	}
}

// view has one viewer have sessions.
func (f *fleet) view(v *viewer) *viewer {
	f.mu.Lock()
	defer f.mu.Unlock()
	v.fleet, v.number = f, len(f.viewers)
	f.viewers = append(f.viewers, v)
	f.group.Go(v.run)
	return v
}

// finished notes that a viewer has seen a session end. It reports whether to begin another.
func (f *fleet) finished(v *viewer) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	v.done++
	more := !v.once && !f.closing.Load()
	for _, g := range f.waiting {
		if n, ok := g.due[v]; ok && v.done >= n {
			if delete(g.due, v); len(g.due) == 0 {
				close(g.done)
			}
		}
	}
	return more
}

// renewed waits until all sessions have ended that are under way now, but for the long ones, and
// tells how long it took.
func (f *fleet) renewed(after string) {
	f.t.Helper()
	f.wait(after, false)
}

// wait is renewed; the last time nobody begins another session.
func (f *fleet) wait(after string, last bool) {
	f.t.Helper()
	began := time.Now()
	f.mu.Lock()
	g := &generation{due: map[*viewer]int{}, done: make(chan struct{})}
	for _, v := range f.viewers {
		if !v.once {
			g.due[v] = v.done + 1
		}
	}
	f.waiting = append(f.waiting, g)
	f.closing.Store(f.closing.Load() || last)
	sessions := len(g.due)
	if sessions == 0 {
		close(g.done)
	}
	f.mu.Unlock()
	select {
	case <-g.done:
		f.t.Logf("%s: all %d sessions under way had ended after %s", after, sessions, time.Since(began).Round(time.Millisecond))
	case <-f.ctx.Done():
		f.t.Fatalf("%s: sessions do not end: %s", after, f.stuck(g))
	}
}

// stuck tells of some viewers whose sessions do not end.
func (f *fleet) stuck(g *generation) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var told strings.Builder
	fmt.Fprintf(&told, "%d of %d", len(g.due), len(f.viewers))
	some := 3
	for v := range g.due {
		if some--; some < 0 {
			break
		}
		fmt.Fprintf(&told, "\nviewer %d: %v", v.number, v.state.Load())
	}
	return told.String()
}

// more waits until that many more orders have been answered, or fewer.
func (f *fleet) more(orders int64) {
	f.t.Helper()
	want := f.counts.orders.Load() + orders/int64(fewer())
	f.until("more answers", func() bool { return f.counts.orders.Load() >= want })
}

// until looks again and again until it sees what it wants.
func (f *fleet) until(what string, seen func() bool) {
	f.t.Helper()
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for !seen() {
		select {
		case <-again.C:
		case <-f.ctx.Done():
			f.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// finish lets all sessions end that are under way, and begins no others.
func (f *fleet) finish(after string) {
	f.t.Helper()
	f.wait(after, true)
	f.group.Wait()
	c := &f.counts
	f.t.Logf("%d sessions, %d answers; %d streams came back, %d times 503, %d sessions forgotten",
		c.sessions.Load(), c.orders.Load(), c.breaks.Load(), c.refused.Load(), c.forgotten.Load())
}
