package postgrestest

import (
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
)

// Options are what a server of one's own may have.
type Options struct {
	// Settings are lines of postgresql.conf, as "work_mem = '1MB'".
	Settings []string
	// Access are the lines of pg_hba.conf; without any, everybody at this machine may come in
	// without a password.
	Access []string
	// Files are put beside them, by name and readable by the server alone: certificates, above all.
	Files map[string][]byte
}

// Server is a PostgreSQL.
type Server struct {
	bin  string // folder of its programs
	dir  string
	port int

	mu      sync.Mutex
	process *process // nil while it does not run
}

// Start starts a server of the test's own, which ends with it.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := start(o)
	must(t, err)
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Errorf("postgrestest: %v", err)
		}
	})
	return s
}

func start(o Options) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := makeDir()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir}
	if err := errors.Join(s.init(), s.configure(o)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	const tries = 5 // a free port may be taken by another program before the server has it
	for range tries {
		if s.port, err = freePort(); err != nil {
			break
		}
		if err = s.launch(); err == nil {
			return s, nil
		}
	}
	return nil, errors.Join(err, os.RemoveAll(dir))
}

// binaries is the folder with this machine's newest PostgreSQL.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	newest, folder := 0, ""
	for _, path := range found {
		dir := filepath.Dir(path)
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && v > newest {
			newest, folder = v, dir
		}
	}
	if folder != "" {
		return folder, nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", fmt.Errorf("PostgreSQL: %w", errMissing)
	}
	return filepath.Dir(path), nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port //nolint:errcheck // a TCP listener has a TCP address
	return port, l.Close()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) init() error {
	from, err := cluster.made(s.bin)
	switch {
	case err != nil:
		return err
	case from == "":
		return initialise(s.bin, s.dir, s.data())
	}
	return run(s.dir, "cp", "-a", from, s.data())
}

// configure writes settings that make a server fast whose data nobody will miss.
func (s *Server) configure(o Options) error {
	lines := append([]string{
		"fsync = off", "synchronous_commit = off", "full_page_writes = off", "listen_addresses = '127.0.0.1'",
		"unix_socket_directories = ''", "max_connections = 100", "shared_buffers = '64MB'", "jit = on", "autovacuum = on",
		"logging_collector = off", "lc_messages = 'C'", "shared_preload_libraries = '" + s.preload() + "'",
	}, o.Settings...)
	conf, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = conf.WriteString(strings.Join(lines, "\n") + "\n")
	errs := []error{err, conf.Close()}
	if len(o.Access) > 0 {
		errs = append(errs, s.write("pg_hba.conf", []byte(strings.Join(o.Access, "\n")+"\n")))
	}
	for name, content := range o.Files {
		errs = append(errs, s.write(name, content))
	}
	return errors.Join(errs...)
}

func (s *Server) write(name string, content []byte) error {
	path := filepath.Join(s.data(), name)
	return errors.Join(os.WriteFile(path, content, 0o600), own(path))
}

// preload is what counts statements, where it is installed.
func (s *Server) preload() string {
	out, err := exec.Command(filepath.Join(s.bin, "pg_config"), "--pkglibdir").Output()
	if err != nil {
		return ""
	}
	const library = "pg_stat_statements"
	if found, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), library+".*")); err != nil || len(found) == 0 {
		return ""
	}
	return library
}

func (s *Server) launch() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		return errors.New("the server runs already")
	}
	s.process, err = startProcess(s.dir, filepath.Join(s.data(), "postmaster.pid"), "database system is ready to accept connections",
		filepath.Join(s.bin, "postgres"), "-D", s.data(), "-p", strconv.Itoa(s.port))
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
		err = s.halt("QUIT")
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// Stop ends the server as an administrator does: transactions at work are cut off.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	must(t, s.halt("INT"))
}

// Kill ends all the server's processes at once, as a power failure does.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.each(t, syscall.SIGKILL)
	must(t, s.halt("KILL"))
}

// Restart starts the server on its old port, after stopping it if need be.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if s.runs() {
		s.Stop(t)
	}
	must(t, s.launch())
}

// Pause freezes all the server's processes: connections stay and nothing answers, as on a network
// that drops everything. The test must call Resume.
func (s *Server) Pause(t testing.TB) { t.Helper(); s.each(t, syscall.SIGSTOP) }

// Resume ends a Pause.
func (s *Server) Resume(t testing.TB) { t.Helper(); s.each(t, syscall.SIGCONT) }

func (s *Server) each(t testing.TB, signal syscall.Signal) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		t.Fatal("postgrestest: the server does not run")
	}
	must(t, s.process.signal(signal))
}

// Port is the port of 127.0.0.1 that the server listens on.
func (s *Server) Port() int { return s.port }

// Bin is the path of one of the server's programs, as "psql" or "pg_dump".
func (s *Server) Bin(program string) string { return filepath.Join(s.bin, program) }

// url is a connection string of the superuser.
func (s *Server) url(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.User("postgres"), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)),
		Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}
