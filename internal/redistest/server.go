package redistest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Options are what a server of one's own may have.
type Options struct {
	// Settings are lines of redis.conf, as "maxmemory 10mb" or "user ana on >segredo ~* &* +@all".
	Settings []string
	// AOF keeps what is written through a Restart, even after Kill; else a restart empties it.
	AOF bool
	// Password is the default user's, "" for none.
	Password string
	// TLS makes it speak TLS alone, with a certificate for 127.0.0.1 by an authority of its own.
	TLS bool
}

// Server is a Redis.
type Server struct {
	program string
	dir     string
	port    int
	options Options
	role    role

	mu      sync.Mutex
	process *process // nil while it does not run
}

// role is what a redis-server is started as.
type role struct {
	flag  string // beside the configuration file
	ready string // what its log says when it answers
}

var (
	asServer   = role{ready: "Ready to accept connections"}
	asSentinel = role{flag: "--sentinel", ready: "Sentinel ID is"}
)

// Start starts a server of the test's own, which ends with it.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := start(o)
	must(t, err)
	s.endWith(t)
	return s
}

func (s *Server) endWith(t testing.TB) {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			log, err := os.ReadFile(filepath.Join(s.dir, "log"))
			t.Logf("Redis at %s (%v):\n%s", s.Addr(), err, log)
		}
		if err := s.close(); err != nil {
			t.Errorf("redistest: %v", err)
		}
	})
}

func start(o Options) (*Server, error) { return startAs(asServer, o) }

func startAs(r role, o Options) (*Server, error) {
	quiet()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errMissing
	}
	dir, err := os.MkdirTemp("", "ruptura-redis-")
	if err != nil {
		return nil, err
	}
	s := &Server{program: program, dir: dir, options: o, role: r}
	if o.TLS {
		err = writeCertificates(dir)
	}
	const tries = 5 // a free port may be taken by another program before the server has it
	for try := 0; err == nil && try < tries; try++ {
		if err = s.configure(); err != nil {
			break
		}
		if err = s.launch(); err == nil {
			return s, nil
		}
	}
	return nil, errors.Join(err, os.RemoveAll(dir))
}

// configure chooses a port and writes the configuration.
func (s *Server) configure() (err error) {
	if s.port, err = freePort(); err != nil {
		return err
	}
	lines := []string{
		"bind 127.0.0.1", "dir " + s.dir, "pidfile " + filepath.Join(s.dir, "pid"), "daemonize no", `logfile ""`, "protected-mode no",
	}
	if s.role == asServer {
		lines = append(lines, `save ""`, "repl-diskless-sync-delay 0", "appendonly "+yesNo(s.options.AOF), "appendfsync everysec")
	}
	if s.options.TLS {
		lines = append(lines, "port 0", fmt.Sprintf("tls-port %d", s.port), "tls-auth-clients no",
			"tls-cert-file "+filepath.Join(s.dir, certFile), "tls-key-file "+filepath.Join(s.dir, keyFile), "tls-ca-cert-file "+s.CA())
	} else {
		lines = append(lines, fmt.Sprintf("port %d", s.port))
	}
	if s.options.Password != "" {
		lines = append(lines, "requirepass "+s.options.Password)
	}
	lines = append(lines, s.options.Settings...)
	return os.WriteFile(s.conf(), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (s *Server) conf() string { return filepath.Join(s.dir, "redis.conf") }

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port //nolint:errcheck // a TCP listener has a TCP address
	return port, l.Close()
}

func (s *Server) launch() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		return errors.New("the server runs already")
	}
	command := []string{s.program, s.conf()}
	if s.role.flag != "" {
		command = append(command, s.role.flag)
	}
	s.process, err = startProcess(s.dir, s.role.ready, command...)
	return err
}

func (s *Server) halt(signal string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return errors.New("the server does not run")
	}
	err := s.process.end(signal)
	s.process = nil
	return err
}

func (s *Server) runs() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process != nil
}

func (s *Server) close() error {
	var err error
	if s.runs() {
		err = s.halt("KILL") // reaches a paused one too
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// Stop ends the server as an administrator does.
func (s *Server) Stop(t testing.TB) { t.Helper(); must(t, s.halt("TERM")) }

// Kill ends the server as a power failure does.
func (s *Server) Kill(t testing.TB) { t.Helper(); must(t, s.halt("KILL")) }

// Restart starts the server on its old port, after stopping it if need be. It returns once the
// server answers, with its data only if it has an AOF.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if s.runs() {
		s.Stop(t)
	}
	must(t, s.launch())
}

// Pause freezes the server: connections stay and nothing answers, as on a network that drops
// everything.
func (s *Server) Pause(t testing.TB) { t.Helper(); s.signal(t, syscall.SIGSTOP) }

// Resume ends a Pause.
func (s *Server) Resume(t testing.TB) { t.Helper(); s.signal(t, syscall.SIGCONT) }

func (s *Server) signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		t.Fatal("redistest: the server does not run")
	}
	must(t, s.process.signal(signal))
}

// FlushAll empties it.
func (s *Server) FlushAll(t testing.TB) { t.Helper(); s.Do(t, "FLUSHALL") }

// Do runs a command as the default user, on a connection of its own, and returns its answer.
func (s *Server) Do(t testing.TB, args ...any) any {
	t.Helper()
	answer, err := s.try(context.Background(), args...) // also from a Cleanup, when the test's own has ended
	if err != nil {
		t.Fatalf("redistest: %v: %v", args, err)
	}
	return answer
}

func (s *Server) try(ctx context.Context, args ...any) (any, error) {
	o := &goredis.Options{
		Addr: s.Addr(), Password: s.options.Password, Protocol: 2, MaxRetries: -1, PoolSize: 1, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if s.options.TLS {
		pem, err := os.ReadFile(s.CA())
		if err != nil {
			return nil, err
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		o.TLSConfig = &tls.Config{RootCAs: roots}
	}
	client := goredis.NewClient(o)
	answer, err := client.Do(ctx, args...).Result()
	return answer, errors.Join(err, client.Close())
}

// Addr is the host and port that it listens on.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// CA is the file with the authority of its certificate.
func (s *Server) CA() string { return filepath.Join(s.dir, caFile) }

// URL is its address as the program takes it, as the default user.
func (s *Server) URL() string {
	if s.options.Password != "" {
		return s.As("default", s.options.Password)
	}
	return s.As("", "")
}

// As is its address as the program takes it, as a user that Settings make.
func (s *Server) As(user, password string) string {
	u := url.URL{Scheme: "redis", Host: s.Addr(), Path: "/0"}
	if user != "" {
		u.User = url.UserPassword(user, password)
	}
	if s.options.TLS {
		u.Scheme, u.RawQuery = "rediss", url.Values{"ca": {s.CA()}}.Encode()
	}
	return u.String()
}
