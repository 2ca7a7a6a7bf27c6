package redis

import (
	"context"
	"slices"
	"strings"
	"sync"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/doctor"
)

// node is one server that keeps data.
type node struct {
	*goredis.Client

	name string
}

// onEachNode looks at every server that keeps data: the one there is, or a cluster's masters. What is
// the same on all of them is said once, the rest with the names of those it is said of.
func (c *Client) onEachNode(ctx context.Context, look func(context.Context, node) ([]doctor.Finding, error)) ([]doctor.Finding, error) {
	switch client := c.UniversalClient.(type) {
	case *goredis.Client:
		return look(ctx, node{Client: client})
	case *goredis.ClusterClient:
		return onMasters(ctx, client, look)
	}
	return nil, errForm
}

func onMasters(
	ctx context.Context, client *goredis.ClusterClient, look func(context.Context, node) ([]doctor.Finding, error),
) ([]doctor.Finding, error) {
	var mu sync.Mutex // they are asked at once
	found := map[string][]doctor.Finding{}
	err := client.ForEachMaster(ctx, func(ctx context.Context, master *goredis.Client) error {
		n := node{master, master.Options().Addr}
		seen, err := look(ctx, n)
		mu.Lock()
		defer mu.Unlock()
		found[n.name] = seen
		return err
	})
	return together(found), Explain(err)
}

// together makes one list of the findings of several nodes.
func together(of map[string][]doctor.Finding) []doctor.Finding {
	var names []string
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	var all []doctor.Finding
	for _, name := range names {
		for _, f := range of[name] {
			same := func(other doctor.Finding) bool { return other.Code == f.Code && other.What == f.What }
			at := slices.IndexFunc(all, same)
			if at < 0 {
				at = len(all)
				all = append(all, f)
			}
			all[at].Examples = append(all[at].Examples, name)
		}
	}
	for i := range all {
		if len(all[i].Examples) == len(names) {
			all[i].Examples = nil
		}
	}
	slices.SortStableFunc(all, func(a, b doctor.Finding) int { return strings.Compare(a.Code, b.Code) })
	return all
}
