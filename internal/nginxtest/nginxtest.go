// Package nginxtest gives tests a real nginx: this machine's, started in a folder of its own on a
// free port of the loopback interface, with a configuration of the test's and nothing of the
// machine's. It ends with the test, and with the process of the tests, even one that is killed.
//
// A test skips where nginx is not installed, and fails there when RUPTURA_REQUIRE_SERVICES is 1.
package nginxtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

const requireServices = "RUPTURA_REQUIRE_SERVICES"

var errMissing = errors.New("nginx is not installed")

// Server is an nginx.
type Server struct {
	// URL is where it answers: "http://127.0.0.1:4711".
	URL string

	t       testing.TB
	program string
	dir     string

	mu      sync.Mutex
	process *process // nil while it does not run
}

// Start starts one whose http block holds what conf makes of the address to listen on,
// "127.0.0.1:4711".
func Start(t testing.TB, conf func(listen string) string) *Server {
	t.Helper()
	program, err := find()
	if errors.Is(err, errMissing) && os.Getenv(requireServices) != "1" {
		t.Skip("nginxtest: ", err)
	}
	must(t, err)
	s := &Server{t: t, program: program, dir: t.TempDir()}
	listen, err := freeAddress()
	must(t, err)
	s.URL = "http://" + listen
	must(t, os.WriteFile(s.file("nginx.conf"), []byte(whole(conf(listen))), 0o600))
	t.Cleanup(s.Stop)
	s.Run()
	return s
}

// Run starts it again after Stop, on the same port. It returns once connections are taken.
func (s *Server) Run() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		s.t.Fatal("nginxtest: it runs already")
	}
	p, err := run(s.program, "-p", s.dir, "-c", s.file("nginx.conf"), "-e", "stderr")
	must(s.t, err)
	s.process = p
}

// Stop ends it at once: connections break off. It does nothing when it does not run.
func (s *Server) Stop() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return
	}
	log, err := s.process.end()
	s.process = nil
	if err != nil {
		s.t.Errorf("nginxtest: %v", err)
	}
	if s.t.Failed() {
		s.t.Logf("nginx's log:\n%s", log)
	}
}

func (s *Server) file(name string) string { return filepath.Join(s.dir, name) }

// whole is a configuration around an http block. Nothing is written outside the server's folder.
func whole(http string) string {
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;\n" // else its worker, as nobody, could not enter the folder
	}
	return user + `daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
client_body_temp_path body;
proxy_temp_path proxy;
fastcgi_temp_path fastcgi;
uwsgi_temp_path uwsgi;
scgi_temp_path scgi;
access_log off;
` + http + "\n}\n"
}

// supervise runs nginx for as long as its own input stays open.
const supervise = `"$@" </dev/null & pid=$!
read -r _
kill -TERM "$pid" 2>/dev/null
wait "$pid"`

// process is an nginx at work, below its supervisor.
type process struct {
	supervisor *exec.Cmd
	input      io.Closer
	done       chan struct{} // closed when all that it logged is in log
	log        strings.Builder
}

// ready is what nginx logs, at the level of notices, when it takes connections.
const ready = "start worker process "

// run returns once nginx is ready; an error has its log.
func run(command ...string) (*process, error) {
	cmd := exec.Command("/bin/sh", append([]string{"-c", supervise, "supervise"}, command...)...)
	// Its own group: an interrupt at the terminal is for the tests, which then let go of it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{supervisor: cmd, input: input, done: make(chan struct{})}
	started := make(chan struct{})
	go p.follow(output, sync.OnceFunc(func() { close(started) }))
	select {
	case <-started:
		return p, nil
	case <-p.done:
		log, err := p.end()
		return nil, errors.Join(fmt.Errorf("nginx did not start:\n%s", log), err)
	}
}

// follow keeps the log until nginx and its workers, who hold it, are gone.
func (p *process) follow(output io.Reader, started func()) {
	defer close(p.done)
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		_, _ = p.log.WriteString(lines.Text() + "\n") // never fails
		if strings.Contains(lines.Text(), ready) {
			started()
		}
	}
}

// end ends nginx and waits until it is gone.
func (p *process) end() (log string, err error) {
	err = p.input.Close()
	<-p.done
	return p.log.String(), errors.Join(err, p.supervisor.Wait())
}

func find() (string, error) {
	path, err := exec.LookPath("nginx")
	if err == nil {
		return path, nil
	}
	const debian = "/usr/sbin/nginx" // not in everybody's PATH
	if _, err := os.Stat(debian); err != nil {
		return "", errMissing
	}
	return debian, nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("nginxtest: %v", err)
	}
}
