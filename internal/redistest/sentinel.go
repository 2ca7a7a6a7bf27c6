package redistest

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
)

// MasterName is what the sentinel calls the servers that it watches.
const MasterName = "principal"

// Sentinel is a master and a replica of it, watched by a sentinel.
type Sentinel struct {
	// Watcher is the sentinel's own server.
	Watcher *Server
	// Master and Replica are what they were at the beginning.
	Master, Replica *Server
}

// StartSentinel starts the three, which end with the test.
func StartSentinel(t testing.TB) *Sentinel {
	t.Helper()
	s := &Sentinel{Master: Start(t, Options{})}
	s.Replica = Start(t, Options{Settings: []string{fmt.Sprintf("replicaof 127.0.0.1 %d", s.Master.port)}})
	until(t, "the replica", s.Replica.follows)
	watcher, err := startAs(asSentinel, Options{Settings: []string{
		fmt.Sprintf("sentinel monitor %s 127.0.0.1 %d 1", MasterName, s.Master.port),
		"sentinel down-after-milliseconds " + MasterName + " 500",
		"sentinel failover-timeout " + MasterName + " 2000",
	}})
	must(t, err)
	watcher.endWith(t)
	s.Watcher = watcher
	until(t, "the sentinel to see the replica", func(ctx context.Context) (bool, error) {
		info, err := watcher.try(ctx, "INFO", "sentinel")
		return strings.Contains(fmt.Sprint(info), "slaves=1"), err
	})
	return s
}

// follows reports whether a replica has all that its master has.
func (s *Server) follows(ctx context.Context) (bool, error) {
	info, err := s.try(ctx, "INFO", "replication")
	return strings.Contains(fmt.Sprint(info), "master_link_status:up"), err
}

// Failover kills the master and returns once the sentinel has made the replica the new one.
func (s *Sentinel) Failover(t testing.TB) {
	t.Helper()
	s.Master.Kill(t)
	until(t, "the failover", func(ctx context.Context) (bool, error) {
		info, err := s.Replica.try(ctx, "INFO", "replication")
		return strings.Contains(fmt.Sprint(info), "role:master") && s.CurrentMaster(t) == s.Replica.Addr(), err
	})
}

// CurrentMaster is the address of the master, as the sentinel says.
func (s *Sentinel) CurrentMaster(t testing.TB) string {
	t.Helper()
	at, ok := s.Watcher.Do(t, "SENTINEL", "get-master-addr-by-name", MasterName).([]any)
	if !ok || len(at) != 2 {
		t.Fatalf("redistest: the sentinel says %v", at)
	}
	return net.JoinHostPort(fmt.Sprint(at[0]), fmt.Sprint(at[1]))
}

// URL is their address as the program takes it.
func (s *Sentinel) URL() string {
	return "redis+sentinel://" + s.Watcher.Addr() + "/" + MasterName + "/0"
}
