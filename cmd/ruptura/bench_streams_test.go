package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"ruptura/internal/atp"
)

// openStreams is how many streams are held open at once.
const openStreams = 1000

// BenchmarkOpenStreams is the memory of one open stream, each following its own session, against
// a bare net/http handler that sends one event and then waits. The clients are another process.
func BenchmarkOpenStreams(b *testing.B) {
	// Without workers no session ends, so every stream stays open.
	t := startBenchWith(b, benchData, map[string]string{"workers": "0", "queue-limit": "100000"})
	addresses := t.waitingSessions(b)
	var ours, bare float64
	for b.Loop() {
		ours = perConnection(b, t.url, addresses)
		server, url := bareServer(b)
		bare = perConnection(b, url, addresses)
		if err := server.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours/1024, "KiB/stream")
	b.ReportMetric(bare/1024, "floor-KiB/stream")
	b.ReportMetric(ours/bare, "x-floor")
}

// waitingSessions begins a session for each stream.
func (t *bench) waitingSessions(b *testing.B) []string {
	b.Helper()
	body, err := json.Marshal(map[string]any{"pedidos": []atp.OrderNumber{t.orders[0]}})
	if err != nil {
		b.Fatal(err)
	}
	addresses := make([]string, openStreams)
	for i := range addresses {
		if addresses[i], err = t.post(b.Context(), body); err != nil {
			b.Fatal(err)
		}
	}
	return addresses
}

// bareServer answers every request with one event and keeps the response open, with the same
// deadline per write as ours.
func bareServer(b *testing.B) (*http.Server, string) {
	b.Helper()
	listener, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		w.Header().Set("Content-Type", "text/event-stream")
		if control.SetWriteDeadline(time.Now().Add(time.Minute)) != nil {
			return
		}
		fmt.Fprint(w, "data: {}\n\n")
		if control.Flush() == nil {
			<-r.Context().Done()
		}
	})}
	go func() { _ = server.Serve(listener) }()
	return server, address(listener.Addr())
}

// perConnection is the memory that each of the streams adds to this process.
func perConnection(b *testing.B, url string, addresses []string) float64 {
	b.Helper()
	before := memory()
	clients := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestHoldStreams$")
	clients.Env = append(os.Environ(), holdEnv+"="+url+" "+strings.Join(addresses, " "))
	in, err := clients.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := clients.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := clients.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "open "+strconv.Itoa(len(addresses)) {
		b.Log(lines.Text())
	}
	used := memory() - before
	if err := in.Close(); err != nil {
		b.Fatal(err)
	}
	if err := clients.Wait(); err != nil {
		b.Fatal(err)
	}
	return used / float64(len(addresses))
}

// memory is what the process holds in heap and stacks after a collection.
func memory() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}

// holdEnv tells a child process which streams to hold open.
const holdEnv = "RUPTURA_BENCH_HOLD"

// TestHoldStreams is the clients of BenchmarkOpenStreams: it opens each stream, waits for its
// first event, and holds them all until its input ends.
func TestHoldStreams(t *testing.T) {
	url, paths, ok := strings.Cut(os.Getenv(holdEnv), " ")
	if !ok {
		t.Skip("only as the client process of a benchmark")
	}
	host := strings.TrimPrefix(url, "http://")
	var held []net.Conn
	defer func() {
		for _, conn := range held {
			_ = conn.Close()
		}
	}()
	for path := range strings.FieldsSeq(paths) {
		conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
		if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host); err != nil {
			t.Fatal(err)
		}
		if err := firstEvent(conn); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Printf("open %d\n", len(held))
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}

func firstEvent(conn net.Conn) error {
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data:") {
			return nil
		}
	}
	return fmt.Errorf("no event: %w", lines.Err())
}
