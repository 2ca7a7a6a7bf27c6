package redistest

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
)

// Proxy is a way to a server that can be cut or held up.
type Proxy struct {
	listener net.Listener
	target   string
	group    sync.WaitGroup
	closed   context.Context
	close    context.CancelFunc

	mu   sync.Mutex
	cut  bool
	open map[net.Conn]struct{}
	flow chan struct{} // closed while bytes pass
}

// NewProxy opens a way to an address, for the length of the test.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &Proxy{listener: l, target: target, open: map[net.Conn]struct{}{}, flow: make(chan struct{})}
	p.closed, p.close = context.WithCancel(context.Background())
	close(p.flow)
	p.group.Go(p.accept)
	t.Cleanup(func() {
		p.close()
		must(t, l.Close())
		p.Cut()
		p.group.Wait()
	})
	return p
}

// Addr is the host and port to connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// URL is the proxied server's address as the program takes it, without password or TLS.
func (p *Proxy) URL() string { return "redis://" + p.Addr() + "/0" }

// Cut breaks all connections, and each new one at once, until Mend.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for conn := range p.open {
		_ = conn.Close() // either end may have closed it by now
	}
}

// Mend ends a Cut.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = false
}

// Hold keeps back all bytes both ways, as a network does that drops everything: connections stay,
// new ones open, and nothing comes.
func (p *Proxy) Hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.flowing() {
		p.flow = make(chan struct{})
	}
}

// Release ends a Hold; what was kept back arrives.
func (p *Proxy) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.flowing() {
		close(p.flow)
	}
}

func (p *Proxy) flowing() bool {
	select {
	case <-p.flow:
		return true
	default:
		return false
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		server, err := new(net.Dialer).DialContext(p.closed, "tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.join(client, server)
	}
}

// join passes bytes between two connections until one of them ends.
func (p *Proxy) join(client, server net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut {
		_ = errors.Join(client.Close(), server.Close())
		return
	}
	p.open[client], p.open[server] = struct{}{}, struct{}{}
	p.group.Go(func() { p.pass(client, server) })
	p.group.Go(func() { p.pass(server, client) })
}

func (p *Proxy) pass(to, from net.Conn) {
	_, _ = io.Copy(to, reader{p, from}) // whatever ends it ends both connections
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range []net.Conn{to, from} {
		_ = conn.Close()
		delete(p.open, conn)
	}
}

// reader holds back what it has read while the proxy holds.
type reader struct {
	p    *Proxy
	from net.Conn
}

// Read implements io.Reader.
func (r reader) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	r.p.mu.Lock()
	flow := r.p.flow
	r.p.mu.Unlock()
	select {
	case <-flow:
	case <-r.p.closed.Done():
		return 0, io.EOF
	}
	return n, err
}
