// Package redistest gives tests a real Redis: this machine's redis-server, started in a folder of
// its own on a free port of the loopback interface, with nothing of the machine's configuration.
// A test that stops, pauses or empties one starts its own; the others share one for the whole
// process, each with a prefix of its own for its keys and channels.
//
// A test skips where Redis is not installed, and fails there when RUPTURA_REQUIRE_SERVICES is 1. No
// server outlives its process, even one that is killed.
package redistest

import (
	"context"
	"errors"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"
)

const requireServices = "RUPTURA_REQUIRE_SERVICES"

// errMissing says that Redis is not installed.
var errMissing = errors.New("redis-server is not installed (bash scripts/setup.sh test installs it)")

// patience bounds what would otherwise hang; no test waits for it to pass.
const patience = 30 * time.Second

// shared starts the server of all tests of this process, which ends with the process.
var shared = sync.OnceValues(func() (*Server, error) { return start(Options{}) })

// serial makes the prefixes of tests differ.
var serial atomic.Int64

// Shared is the server of all tests of this process, started by the first that asks, and a prefix
// for the test's keys and channels that no other test has. Tests must not stop, pause or flush it.
func Shared(t testing.TB) (s *Server, prefix string) {
	t.Helper()
	s, err := shared()
	must(t, err)
	return s, "teste" + strconv.FormatInt(serial.Add(1), 10)
}

// quiet keeps to itself what go-redis says of servers that come and go, which they do here on purpose.
// What matters of it comes back as errors too.
var quiet = sync.OnceFunc(logging.Disable)

// must fails the test on an error; it skips it when Redis is not installed and need not be.
func must(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, errMissing) && os.Getenv(requireServices) != "1":
		t.Skipf("redistest: %v", err)
	default:
		t.Fatalf("redistest: %v", err)
	}
}

// until looks again and again until it sees what it wants. Redis tells nobody of such changes.
func until(t testing.TB, what string, look func(context.Context) (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	var last error
	for {
		ok, err := look(ctx)
		if ok {
			return
		}
		last = err
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("redistest: waited in vain for %s: %v", what, last)
		}
	}
}
