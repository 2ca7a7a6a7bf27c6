package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ruptura/internal/nginxtest"
	"ruptura/internal/redistest"
)

// heldOrders is a job: what a worker without a database keeps from the page.
const heldOrders = 100

// TestPageOutlivesAWorkerAndAServer is the picture of docs/scale.md: two servers behind the nginx that
// we ship, two workers, one Redis, and a browser. One of the workers has its job in hand and cannot
// end it, for its database does not answer; so the page is half full for as long as we like. That
// worker is killed then, and the server that the page's stream comes from.
func TestPageOutlivesAWorkerAndAServer(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	f := startFleet(t, "5s", redistest.Options{})
	servers := []*member{f.serverBelow("/ruptura"), f.serverBelow("/ruptura")}
	proxy := nginxtest.Start(t, func(listen string) string { return shippedForServers(t, servers, listen) })
	stuck := f.worker("--workers", "1", "--db", "postgres://nobody@127.0.0.1:1/none?connect_timeout=1", "--db-retry", "10m")
	other := f.worker("--workers", "1")
	f.measures(servers, "ruptura_workers 2")
	other.signal(syscall.SIGSTOP) // until the first has its job
	t.Cleanup(func() { other.signal(syscall.SIGCONT) })

	b := newTab(t, browser)
	inHand := stuck.listen("source is away, trying again")
	b.open(proxy.URL + "/ruptura/carteira?lang=pt")
	f.hear(inHand, "a job in the hand of the worker without a database")
	other.signal(syscall.SIGCONT)
	b.wait(fmt.Sprintf(`seen.filter((e) => e.name === 'resultado').length === %d`, len(f.orders)-heldOrders))

	stuck.kill()
	f.measures(servers, "ruptura_streams_open 1").kill()
	b.analysed()
	b.wholeStream(len(f.orders))
	b.allDone(len(f.orders))
	b.unnoticed()
}

// serverBelow is server under a path.
func (f *fleet) serverBelow(path string) *member {
	f.t.Helper()
	args := append([]string{"serve", "--addr", "127.0.0.1:0", "--workers", "0", "--base-path", path}, f.common(f.redis.URL())...)
	m := f.start(exec.Command(buildProgram(f.t), args...), "http://")
	m.url = printedAddress.FindString(m.said("http://"))
	return m
}

// shippedForServers is the configuration in deploy/nginx for several servers, with a test's addresses.
func shippedForServers(t *testing.T, servers []*member, listen string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "nginx", "ruptura-servers.conf"))
	if err != nil {
		t.Fatal(err)
	}
	conf := string(text)
	put := map[string]string{"\n    listen 80;": "\n    listen " + listen + ";"}
	for i, s := range servers {
		put[fmt.Sprintf("\n    server 127.0.0.1:%d ", 8081+i)] = "\n    server " + strings.TrimPrefix(s.url, "http://") + " "
	}
	for old, by := range put {
		if strings.Count(conf, old) != 1 {
			t.Fatalf("deploy/nginx/ruptura-servers.conf has no single %q", old)
		}
		conf = strings.Replace(conf, old, by, 1)
	}
	return conf
}

// hear waits for something that a process says.
func (f *fleet) hear(said <-chan struct{}, what string) {
	f.t.Helper()
	select {
	case <-said:
	case <-f.ctx.Done():
		f.t.Fatalf("waited in vain for %s", what)
	}
}

// measures waits for a server whose metrics have a line, and returns it.
func (f *fleet) measures(servers []*member, line string) *member {
	f.t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		for _, m := range servers {
			if _, metrics := f.ask(m, "/metrics"); strings.Contains(metrics, "\n"+line+"\n") {
				return m
			}
		}
		select {
		case <-again.C:
		case <-f.ctx.Done():
			f.t.Fatalf("no server measures %q", line)
		}
	}
}

// unnoticed fails when the page has shown or asked for more than one whole analysis.
func (b *tab) unnoticed() {
	b.t.Helper()
	if n := b.number(`seen.filter((e) => e.name === 'erro').length`); n != 0 {
		b.t.Errorf("%d errors shown", n)
	}
	if n := b.requested("POST "); n != 1 {
		b.t.Errorf("%d analyses, want 1", n)
	}
	if n := b.requested("/stream/"); n < 2 {
		b.t.Errorf("%d streams: the one that broke did not come back", n)
	}
	if n := b.requested("/status/"); n != 0 {
		b.t.Errorf("%d requests for the status: the stream was given up", n)
	}
	for _, line := range b.troubles() {
		if !strings.Contains(line, "ERR_") { // the browser's own word on a connection that broke
			b.t.Errorf("console: %s", line)
		}
	}
}
