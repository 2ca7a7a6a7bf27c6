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
	"testing"
)

// Bouncer is a pgbouncer in transaction mode in front of a server: two transactions in a row may
// meet different connections of the server, and two clients the same one.
type Bouncer struct {
	port int
}

// PgBouncer starts one before the server, for the length of the test, with few connections, so that
// clients take turns on them.
func (s *Server) PgBouncer(t testing.TB) *Bouncer {
	t.Helper()
	return s.PgBouncerMode(t, "transaction")
}

// PgBouncerMode is PgBouncer in another mode ("session", "statement").
func (s *Server) PgBouncerMode(t testing.TB, mode string) *Bouncer {
	t.Helper()
	program, err := pgbouncer()
	must(t, err)
	dir, err := makeDir()
	must(t, err)
	b := &Bouncer{}
	b.port, err = freePort()
	must(t, err)
	must(t, errors.Join(
		configFile(filepath.Join(dir, "users"), "\"postgres\" \"\"\n"),
		configFile(filepath.Join(dir, "ini"), b.config(dir, s.port, mode)),
	))
	p, err := startProcess(dir, filepath.Join(dir, "pid"), "process up: PgBouncer", program, filepath.Join(dir, "ini"))
	must(t, err)
	t.Cleanup(func() {
		if err := errors.Join(p.end("TERM"), os.RemoveAll(dir)); err != nil {
			t.Errorf("postgrestest: pgbouncer: %v", err)
		}
	})
	return b
}

// Through is a connection string of the server, by way of the pgbouncer.
func (b *Bouncer) Through(t testing.TB, connString string) string {
	t.Helper()
	u, err := url.Parse(connString)
	must(t, err)
	u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(b.port))
	return u.String()
}

// config leaves all at its default that an administrator would leave.
func (b *Bouncer) config(dir string, server int, mode string) string {
	return fmt.Sprintf(`[databases]
* = host=127.0.0.1 port=%d

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
pidfile = %s
auth_type = trust
auth_file = %s
auth_user = postgres
pool_mode = %s
default_pool_size = 4
`, server, b.port, filepath.Join(dir, "pid"), filepath.Join(dir, "users"), mode)
}

func configFile(path, content string) error {
	return errors.Join(os.WriteFile(path, []byte(content), 0o600), own(path))
}

func pgbouncer() (string, error) {
	path, err := exec.LookPath("pgbouncer")
	if err == nil {
		return path, nil
	}
	const debian = "/usr/sbin/pgbouncer" // not in everybody's PATH
	if _, err := os.Stat(debian); err != nil {
		return "", fmt.Errorf("pgbouncer: %w", errMissing)
	}
	return debian, nil
}
