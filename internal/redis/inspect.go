package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/doctor"
	"ruptura/internal/lang"
)

// oldest is the first version whose streams and scripts do what the engines ask of them.
const oldest = 7

// Inspect looks at what answers at the address, and changes nothing: whether it is Redis or Valkey,
// recent enough, found as the address says, able to write, and agrees about the time.
func (c *Client) Inspect(ctx context.Context, now func() time.Time) ([]doctor.Finding, error) {
	found, err := c.onEachNode(ctx, func(ctx context.Context, n node) ([]doctor.Finding, error) {
		who, err := n.identity(ctx)
		if err != nil {
			return nil, err
		}
		clock, err := n.clock(ctx, now)
		return append(c.judge(who), clock...), err
	})
	if err != nil || !c.Cluster() {
		return found, err
	}
	whole, err := c.wholeness(ctx)
	return append(found, whole...), err
}

// identity is what a server says of itself.
type identity struct{ name, version, mode, role string }

// identity asks by HELLO, which every user may say.
func (n node) identity(ctx context.Context) (identity, error) {
	reply, err := n.Do(ctx, "HELLO").Result()
	if err != nil {
		return identity{}, Explain(err)
	}
	said := map[string]string{}
	switch pairs := reply.(type) {
	case map[any]any:
		for k, v := range pairs {
			said[fmt.Sprint(k)] = fmt.Sprint(v)
		}
	case []any: // the protocol's second version
		for i := 0; i+1 < len(pairs); i += 2 {
			said[fmt.Sprint(pairs[i])] = fmt.Sprint(pairs[i+1])
		}
	}
	return identity{said["server"], said["version"], said["mode"], said["role"]}, nil
}

func (c *Client) judge(who identity) []doctor.Finding {
	product := "Redis"
	if strings.EqualFold(who.name, "valkey") {
		product = "Valkey"
	}
	f := doctor.Finding{Code: "redis.version", What: lang.Text{
		PT: product + " " + who.version + " em " + c.String() + c.form().PT, EN: product + " " + who.version + " at " + c.String() + c.form().EN,
	}}
	if major, err := strconv.Atoi(strings.SplitN(who.version, ".", 2)[0]); err == nil && major < oldest {
		f.Level = doctor.Problem
		f.Mend = lang.Text{PT: "instale Redis 7 ou mais novo, ou Valkey", EN: "install Redis 7 or later, or Valkey"}
	}
	return append([]doctor.Finding{f}, c.misplaced(who)...)
}

// form is how the server is found, where that is not plain.
func (c *Client) form() lang.Text {
	switch c.address.kind {
	case sentinel:
		return lang.Text{PT: ", por Sentinel", EN: ", by Sentinel"}
	case cluster:
		return lang.Text{PT: ", em Cluster", EN: ", a Cluster"}
	case single:
	}
	return lang.Text{}
}

// misplaced tells when a server is not what the address takes it for.
func (c *Client) misplaced(who identity) []doctor.Finding {
	f := doctor.Finding{Code: "redis.form", Level: doctor.Problem}
	switch {
	case who.mode == "sentinel":
		f.What = lang.Text{PT: "é um Sentinel, que não guarda dados", EN: "it is a Sentinel, which keeps no data"}
		f.Mend = lang.Text{
			PT: "em --redis use redis+sentinel://SERVIDOR:26379/NOME/0", EN: "in --redis write redis+sentinel://HOST:26379/NAME/0",
		}
	case who.mode == "cluster" && !c.Cluster():
		f.What = lang.Text{PT: "é parte de um Redis Cluster", EN: "it is part of a Redis Cluster"}
		f.Mend = lang.Text{PT: "em --redis use redis+cluster:// em vez de redis://", EN: "in --redis write redis+cluster:// instead of redis://"}
	case who.role != "" && who.role != "master":
		f.What = lang.Text{PT: "é uma réplica: nela não se grava", EN: "it is a replica: nothing can be written there"}
		f.Mend = lang.Text{
			PT: "em --redis indique o principal, ou os Sentinels (redis+sentinel://), que dizem qual é",
			EN: "in --redis name the master, or the Sentinels (redis+sentinel://), which say who it is",
		}
	default:
		return nil
	}
	return []doctor.Finding{f}
}

// clock compares the server's time with ours.
func (n node) clock(ctx context.Context, now func() time.Time) ([]doctor.Finding, error) {
	before := now()
	theirs, err := n.Time(ctx).Result()
	if err != nil {
		return nil, Explain(err)
	}
	took := now().Sub(before)
	apart := doctor.Drift("redis.clock", lang.Text{PT: "do Redis", EN: "of Redis"}, theirs, before.Add(took/2), took/2)
	if apart == nil {
		apart = []doctor.Finding{{Code: "redis.clock", What: lang.Text{
			PT: "o relógio do Redis concorda com o desta máquina", EN: "the clock of Redis agrees with this machine's",
		}}}
	}
	return apart, nil
}

// wholeness is whether a cluster serves all keys.
func (c *Client) wholeness(ctx context.Context) ([]doctor.Finding, error) {
	state, err := c.ClusterInfo(ctx).Result()
	if err != nil {
		return nil, Explain(err)
	}
	info := fields(state)
	if info["cluster_state"] == "ok" {
		return []doctor.Finding{{Code: "redis.cluster", What: lang.Text{
			PT: "Cluster inteiro, com " + info["cluster_size"] + " principais", EN: "the Cluster is whole, with " + info["cluster_size"] + " masters",
		}}}, nil
	}
	return []doctor.Finding{{Code: "redis.cluster", Level: doctor.Problem, What: lang.Text{
		PT: "o Cluster não está inteiro: atende " + info["cluster_slots_ok"] + " das 16384 partes",
		EN: "the Cluster is not whole: it serves " + info["cluster_slots_ok"] + " of 16384 slots",
	}, Mend: lang.Text{PT: "veja quem falta com CLUSTER NODES", EN: "see who is missing with CLUSTER NODES"}}}, nil
}

// fields reads lines of name:value.
func fields(info string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(info) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			all[name] = value
		}
	}
	return all
}

// refused reports an answer by which Redis does not let this user run a command, or has none such:
// managed ones take some away.
func refused(err error) bool {
	return goredis.HasErrorPrefix(err, "NOPERM") || goredis.HasErrorPrefix(err, "unknown command") || goredis.HasErrorPrefix(err, "unknown subcommand")
}
