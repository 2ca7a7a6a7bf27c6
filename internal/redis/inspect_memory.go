package redis

import (
	"context"
	"fmt"
	"strconv"

	"ruptura/internal/doctor"
	"ruptura/internal/lang"
)

const keepsAll = "noeviction"

// InspectMemory looks at whether Redis keeps what it is given: how much it may hold, what it does
// when that is full, what survives a restart. limit is what the logs of all analyses may need, and
// held what they take by now, both in bytes.
func (c *Client) InspectMemory(ctx context.Context, limit, held int64) ([]doctor.Finding, error) {
	return c.onEachNode(ctx, func(ctx context.Context, n node) ([]doctor.Finding, error) {
		said, err := n.Info(ctx).Result()
		if refused(err) {
			return []doctor.Finding{unseen}, nil
		}
		if err != nil {
			return nil, Explain(err)
		}
		info := fields(said)
		found := append(policy(info), room(info, limit, held)...)
		lasting, err := n.lasting(ctx, info)
		return append(append(found, lasting...), c.replicas(info)...), err
	})
}

// unseen is of a user, or a provider, who does not let us look.
var unseen = doctor.Finding{Code: "redis.info-refused", Level: doctor.Warning, What: lang.Text{
	PT: "memória e gravação em disco não puderam ser vistas: este usuário não pode usar INFO",
	EN: "memory and what is written to disk could not be looked at: this user may not run INFO",
}, Mend: lang.Text{
	PT: "dê-lhe o direito (ACL SETUSER NOME +info), ou confira você mesmo: maxmemory-policy noeviction, appendonly yes",
	EN: "grant it (ACL SETUSER NAME +info), or see for yourself: maxmemory-policy noeviction, appendonly yes",
}}

// policy is what happens when memory is full.
func policy(info map[string]string) []doctor.Finding {
	is, known := info["maxmemory_policy"]
	switch {
	case !known:
		return []doctor.Finding{{Code: "redis.policy", Level: doctor.Warning, What: lang.Text{
			PT: "este Redis não diz a sua maxmemory-policy", EN: "this Redis does not tell its maxmemory-policy",
		}, Mend: lang.Text{PT: "confira que é noeviction", EN: "see that it is noeviction"}}}
	case is == keepsAll:
		return []doctor.Finding{{Code: "redis.policy", What: lang.Text{
			PT: "maxmemory-policy é noeviction: nada some quando falta memória", EN: "maxmemory-policy is noeviction: nothing vanishes for want of memory",
		}}}
	case info["maxmemory"] == "0":
		return []doctor.Finding{{Code: "redis.policy", What: lang.Text{
			PT: "maxmemory-policy é " + is + ", sem efeito enquanto maxmemory for 0", EN: "maxmemory-policy is " + is + ", without effect while maxmemory is 0",
		}}}
	}
	return []doctor.Finding{{Code: "redis.policy", Level: doctor.Problem, What: lang.Text{
		PT: "maxmemory-policy é " + is + ": com a memória cheia o Redis joga fora a fila ou análises em curso",
		EN: "maxmemory-policy is " + is + ": when memory is full Redis throws away the queue or analyses under way",
	}, Mend: persistently, Evidence: []string{"CONFIG SET maxmemory-policy noeviction", "CONFIG REWRITE"}}}
}

var persistently = lang.Text{
	PT: "execute no redis-cli (num Redis gerenciado, mude no painel do provedor)",
	EN: "run in redis-cli (a managed Redis is changed at its provider's)",
}

// room is whether the logs fit.
func room(info map[string]string, limit, held int64) []doctor.Finding {
	used, maximum := number(info, "used_memory"), number(info, "maxmemory")
	if maximum == 0 {
		return []doctor.Finding{{Code: "redis.memory", What: lang.Text{
			PT: fmt.Sprintf("memória em uso %s, sem maxmemory; --log-memory %s", mebibytes(used), mebibytes(limit)),
			EN: fmt.Sprintf("memory in use %s, without maxmemory; --log-memory %s", mebibytes(used), mebibytes(limit)),
		}}}
	}
	f := doctor.Finding{Code: "redis.memory", What: lang.Text{
		PT: fmt.Sprintf("memória em uso %s, de maxmemory %s; --log-memory %s", mebibytes(used), mebibytes(maximum), mebibytes(limit)),
		EN: fmt.Sprintf("memory in use %s, of maxmemory %s; --log-memory %s", mebibytes(used), mebibytes(maximum), mebibytes(limit)),
	}}
	if others := max(used-held, 0); others+limit > maximum {
		f.Level = doctor.Warning
		f.Mend = lang.Text{
			PT: "as análises podem precisar de mais do que cabe, e seriam recusadas: diminua --log-memory em todos os servidores, ou aumente maxmemory",
			EN: "analyses may need more than there is room for, and would be refused: lower --log-memory on all servers, or raise maxmemory",
		}
		f.Evidence = []string{"CONFIG SET maxmemory " + strconv.FormatInt((others+limit)/mebibyte*5/4+1, 10) + "mb", "CONFIG REWRITE"}
	}
	return []doctor.Finding{f}
}

const mebibyte = 1 << 20

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/mebibyte) }

func number(info map[string]string, name string) int64 {
	n, err := strconv.ParseInt(info[name], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// lasting is what a restart of Redis would lose.
func (n node) lasting(ctx context.Context, info map[string]string) ([]doctor.Finding, error) {
	var found []doctor.Finding
	if info["aof_last_write_status"] == "err" || info["rdb_last_bgsave_status"] == "err" {
		found = append(found, doctor.Finding{Code: "redis.disk", Level: doctor.Problem, What: lang.Text{
			PT: "a última gravação em disco do Redis falhou: ele pode recusar o que se grava",
			EN: "the last write of Redis to disk failed: it may refuse all writing",
		}, Mend: lang.Text{PT: "veja o registro do Redis, e se há espaço em disco", EN: "see the log of Redis, and whether the disk has room"}})
	}
	switch info["aof_enabled"] {
	case "0":
		return append(found, doctor.Finding{Code: "redis.aof", Level: doctor.Warning, What: lang.Text{
			PT: "sem AOF: se o Redis cair, perdem-se a fila e as análises em curso, e as páginas abertas pedem de novo o que lhes falta",
			EN: "no AOF: if Redis goes down, the queue and the analyses under way are lost, and open pages ask again for what they lack",
		}, Mend: persistently, Evidence: []string{"CONFIG SET appendonly yes", "CONFIG REWRITE"}}), nil
	case "1":
		sync, err := n.sync(ctx)
		return append(found, sync...), err
	}
	return append(found, doctor.Finding{Code: "redis.aof", What: lang.Text{
		PT: "este Redis não diz se tem AOF (o que sobrevive à sua queda)", EN: "this Redis does not tell whether it has an AOF (what survives its death)",
	}}), nil
}

// sync is how often the AOF reaches the disk.
func (n node) sync(ctx context.Context) ([]doctor.Finding, error) {
	values, err := n.ConfigGet(ctx, "appendfsync").Result()
	f := doctor.Finding{Code: "redis.aof"}
	switch how := values["appendfsync"]; {
	case refused(err):
		f.What = lang.Text{
			PT: "AOF ligado; de quanto em quanto vai ao disco não pôde ser visto (CONFIG não é permitido aqui)",
			EN: "AOF on; how often it reaches the disk could not be looked at (CONFIG is not permitted here)",
		}
	case err != nil:
		return nil, Explain(err)
	case how == "no":
		f.Level, f.Mend, f.Evidence = doctor.Warning, persistently, []string{"CONFIG SET appendfsync everysec", "CONFIG REWRITE"}
		f.What = lang.Text{
			PT: "AOF ligado, mas só vai ao disco quando o sistema quer (appendfsync no): uma queda de energia pode levar meio minuto",
			EN: "AOF on, but it reaches the disk when the system likes (appendfsync no): a power failure may take half a minute along",
		}
	case how == "always":
		f.What = lang.Text{PT: "AOF ligado, a cada gravação (appendfsync always)", EN: "AOF on, at each write (appendfsync always)"}
	default:
		f.What = lang.Text{
			PT: "AOF ligado (appendfsync " + how + "): uma queda de energia leva no máximo cerca de um segundo",
			EN: "AOF on (appendfsync " + how + "): a power failure takes about a second at most",
		}
	}
	return []doctor.Finding{f}, nil
}

// replicas tells when sentinels watch a server that nobody could take over from.
func (c *Client) replicas(info map[string]string) []doctor.Finding {
	if c.address.kind != sentinel || number(info, "connected_slaves") > 0 {
		return nil
	}
	return []doctor.Finding{{Code: "redis.replicas", Level: doctor.Warning, What: lang.Text{
		PT: "o principal não tem réplica ligada: se cair, os Sentinels não têm quem pôr no lugar",
		EN: "the master has no replica connected: if it dies, the Sentinels have nobody to put in its place",
	}, Mend: lang.Text{PT: "ligue ao menos uma réplica (REPLICAOF)", EN: "connect at least one replica (REPLICAOF)"}}}
}
