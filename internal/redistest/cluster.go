package redistest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// Cluster is a Redis Cluster of masters without replicas.
type Cluster struct{ Nodes []*Server }

// slots is how many hash slots a cluster divides among its nodes.
const slots = 16384

// StartCluster starts a cluster of three masters, which ends with the test.
func StartCluster(t testing.TB) *Cluster {
	t.Helper()
	const masters = 3
	c := &Cluster{}
	buses := make([]int, masters)
	for i := range buses {
		bus, err := freePort()
		must(t, err)
		buses[i] = bus
		c.Nodes = append(c.Nodes, Start(t, Options{
			Settings: []string{"cluster-enabled yes", "cluster-config-file nodes.conf", fmt.Sprintf("cluster-port %d", bus)},
		}))
	}
	for i, node := range c.Nodes {
		node.Do(t, "CLUSTER", "ADDSLOTSRANGE", i*slots/masters, (i+1)*slots/masters-1)
		node.Do(t, "CLUSTER", "SET-CONFIG-EPOCH", i+1)
		if i > 0 {
			c.Nodes[0].Do(t, "CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(node.port), strconv.Itoa(buses[i]))
		}
	}
	for _, node := range c.Nodes {
		until(t, "the cluster", node.whole)
	}
	return c
}

// whole reports whether a node knows who serves each slot.
func (s *Server) whole(ctx context.Context) (bool, error) {
	info, err := s.try(ctx, "CLUSTER", "INFO")
	text := fmt.Sprint(info)
	return strings.Contains(text, "cluster_state:ok") && strings.Contains(text, "cluster_size:3"), err
}

// URL is its address as the program takes it.
func (c *Cluster) URL() string {
	var addrs []string
	for _, node := range c.Nodes {
		addrs = append(addrs, node.Addr())
	}
	return "redis+cluster://" + strings.Join(addrs, ",")
}
