// Package postgrestest gives tests a real PostgreSQL: this machine's newest one, started in a
// folder of its own on a free port, as another user when the tests run as root. One server is
// shared by all tests of a process; a test that stops or kills one starts its own.
//
// A package that uses it says so in its TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }
//
// A test skips where PostgreSQL is not installed, and fails there when RUPTURA_REQUIRE_SERVICES is
// 1. No server outlives its process, even one that is killed.
package postgrestest

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
)

const requireServices = "RUPTURA_REQUIRE_SERVICES"

// errMissing says that a program is not installed.
var errMissing = errors.New("not installed (bash scripts/setup.sh test installs it)")

// shared is the server of all tests of this process.
var shared struct {
	sync.Mutex
	managed bool // by Main
	server  *Server
	err     error
}

// Main runs a package's tests, and stops the shared server after the last one. Under it, initdb runs
// once for all servers.
func Main(m *testing.M) int {
	shared.Lock()
	shared.managed = true
	shared.Unlock()
	cluster.keep()
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	err := cluster.remove()
	if shared.server != nil {
		err = errors.Join(err, shared.server.close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "postgrestest:", err)
		return max(code, 1)
	}
	return code
}

// Shared is the server of all tests of this process, started by the first that asks. Tests must
// not stop it.
func Shared(t testing.TB) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.managed {
		t.Fatal("postgrestest: call postgrestest.Main from TestMain")
	}
	if shared.server == nil && shared.err == nil {
		shared.server, shared.err = start(Options{})
	}
	must(t, shared.err)
	return shared.server
}

// Database makes an empty database on the shared server, dropped after the test, and returns its
// connection string, as a superuser.
func Database(t testing.TB) string {
	t.Helper()
	return Shared(t).Database(t)
}

// must fails the test on an error; it skips it when something is not installed and need not be.
func must(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, errMissing) && os.Getenv(requireServices) != "1":
		t.Skipf("postgrestest: %v", err)
	default:
		t.Fatalf("postgrestest: %v", err)
	}
}
