package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path"
	"sync"
	"sync/atomic"
	"testing"

	"ruptura/internal/session"
)

// load is the clients of many streams, in a process of their own.
type load struct {
	b     *testing.B
	child *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Scanner
}

// loadOrder is the first line of the process's input. Each further line is a burst: a lot to publish,
// for each stream's session, by pipelined scripts; or -1 when somebody else publishes.
type loadOrder struct {
	Host  string
	Paths []string
	Redis string // "" when it does not publish
}

const loadEnv = "RUPTURA_BENCH_LOAD"

// openLoad returns once every stream is open and has had its first event.
func openLoad(b *testing.B, o loadOrder) *load {
	b.Helper()
	l := &load{b: b, child: exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestStreamLoad$")}
	l.child.Env = append(os.Environ(), loadEnv+"=1")
	l.child.Stderr = os.Stderr
	out, err := l.child.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if l.in, err = l.child.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	l.out = bufio.NewScanner(out)
	if err := l.child.Start(); err != nil {
		b.Fatal(err)
	}
	l.tell(o)
	l.hear("open")
	return l
}

func (l *load) tell(what any) {
	l.b.Helper()
	if err := json.NewEncoder(l.in).Encode(what); err != nil {
		l.b.Fatal(err)
	}
}

func (l *load) hear(word string) {
	l.b.Helper()
	for l.out.Scan() {
		if l.out.Text() == word {
			return
		}
		l.b.Log(l.out.Text())
	}
	l.b.Fatalf("the clients ended before they said %q", word)
}

// close lets go of all streams.
func (l *load) close() {
	l.b.Helper()
	if err := l.in.Close(); err != nil {
		l.b.Fatal(err)
	}
	for l.out.Scan() {
		continue
	}
	if err := l.child.Wait(); err != nil {
		l.b.Fatal(err)
	}
}

// TestStreamLoad is the process of a load.
func TestStreamLoad(t *testing.T) {
	if os.Getenv(loadEnv) == "" {
		t.Skip("only as the client process of a benchmark")
	}
	tuneMemory(os.Getenv)
	orders := json.NewDecoder(os.Stdin)
	var o loadOrder
	if err := orders.Decode(&o); err != nil {
		t.Fatal(err)
	}
	c := &clients{marks: make(chan struct{}, 1)}
	defer c.close()
	if err := c.open(o); err != nil {
		t.Fatal(err)
	}
	publish := func(int) error { return nil }
	if o.Redis != "" {
		p, err := openPublishing(t.Context(), o.Redis)
		if err != nil {
			t.Fatal(err)
		}
		ids := sessionsOf(o.Paths)
		publish = func(lot int) error { return p.scripts(t.Context(), ids, lot) }
	}
	fmt.Println("open")
	for want := int64(len(o.Paths)); ; want += int64(len(o.Paths)) {
		var lot int
		if err := orders.Decode(&lot); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		if err := publish(lot); err != nil {
			t.Fatal(err)
		}
		c.wait(want)
		fmt.Println("all")
	}
}

func sessionsOf(paths []string) []session.ID {
	ids := make([]session.ID, len(paths))
	for i, p := range paths {
		ids[i] = session.ID(path.Base(p))
	}
	return ids
}

// clients are open streams, and how many marks have come over them.
type clients struct {
	seen  atomic.Int64
	marks chan struct{} // receives when there are more
	group sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
}

// opening is how many streams are opened at once.
const opening = 16

// open opens all streams.
func (c *clients) open(o loadOrder) error {
	paths := make(chan string)
	failed := make(chan error, opening)
	for range opening {
		go func() {
			var errs []error
			for p := range paths {
				errs = append(errs, c.follow(o.Host, p))
			}
			failed <- errors.Join(errs...)
		}()
	}
	for _, p := range o.Paths {
		paths <- p
	}
	close(paths)
	var errs []error
	for range opening {
		errs = append(errs, <-failed)
	}
	return errors.Join(errs...)
}

// follow opens a stream and waits for its first event.
func (c *clients) follow(host, stream string) error {
	conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", host)
	if err != nil {
		return err
	}
	if tcp, ok := conn.(*net.TCPConn); ok { // its port is free at once: there are fewer than all rounds need
		err = tcp.SetLinger(0)
	}
	c.mu.Lock()
	c.conns = append(c.conns, conn)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", stream, host); err != nil {
		return err
	}
	if err := firstEvent(conn); err != nil {
		return err
	}
	c.group.Go(func() { c.count(conn) })
	return nil
}

// count counts the marks that come, until the stream ends.
func (c *clients) count(conn net.Conn) {
	buffer := make([]byte, 8<<10)
	for {
		n, err := conn.Read(buffer)
		if marks := bytes.Count(buffer[:n], []byte{mark}); marks > 0 {
			c.seen.Add(int64(marks))
			select {
			case c.marks <- struct{}{}:
			default:
			}
		}
		if err != nil {
			return
		}
	}
}

// wait waits until as many marks have come, from the beginning.
func (c *clients) wait(want int64) {
	for c.seen.Load() < want {
		<-c.marks
	}
}

func (c *clients) close() {
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.group.Wait()
}
