package redis

import (
	"context"
	"fmt"
	"time"

	"ruptura/internal/doctor"
	"ruptura/internal/lang"
	"ruptura/internal/session"
)

// Commands are what the store runs, each as it is written in redis-cli, for who checks a user's rights.
func (s *Store) Commands() []string {
	k, r := s.keys("doutor"), s.registry
	key := s.idempotencyKey(session.Key{})
	return []string{
		"eval x 1 " + k.info, "evalsha x 1 " + k.info, "time", "ping",
		"exists " + k.info, "hmget " + k.info + " f", "hset " + k.info + " f x", "hget " + k.info + " f", "pexpire " + k.info + " 1",
		"xadd " + k.events + " * d x", "xrange " + k.events + " - +", "publish " + k.channel + " x", "subscribe " + k.channel, "unsubscribe " + k.channel,
		"set " + k.written + " x", "get " + k.asked, "getrange " + k.written + " 0 1", "setrange " + k.passed + " 0 x", "unlink " + k.info,
		"zadd " + r[0] + " 1 x", "zrem " + r[0] + " x", "zrangebyscore " + r[0] + " 0 1", "zcount " + r[0] + " 0 1", "zscore " + r[1] + " x",
		"zrange " + r[1] + " 0 1", "hexists " + r[2] + " f", "hset " + r[2] + " f x", "hget " + r[2] + " f", "hdel " + r[2] + " f", "hlen " + r[2],
		"hincrby " + r[3] + " f 1", "hget " + r[3] + " f", "get " + key, "set " + key + " x", "pexpire " + key + " 1",
	}
}

// Inspect looks at the sessions, and changes nothing: how many there are, and whether one has been
// forgotten, by who asks for more than idle without a job in the queue. held is how many jobs the
// queue has of each session.
func (s *Store) Inspect(
	ctx context.Context, idle time.Duration, held func(context.Context) (map[session.ID]int, error),
) ([]doctor.Finding, error) {
	sessions, bytes, err := s.Usage(ctx)
	if err != nil {
		return nil, err
	}
	waiting, lost, err := s.forgotten(ctx, idle, held)
	if err != nil {
		return nil, err
	}
	const mebibyte = 1 << 20
	size := fmt.Sprintf("%.1f MiB", float64(bytes)/mebibyte)
	found := []doctor.Finding{{Code: "sessions.kept", What: lang.Text{
		PT: fmt.Sprintf("análises guardadas: %d (%s), das quais %d esperam a sua vez há mais de %s", sessions, size, waiting, idle),
		EN: fmt.Sprintf("analyses kept: %d (%s), of which %d have waited for their turn for more than %s", sessions, size, waiting, idle),
	}}}
	if lost == 0 {
		return found, nil
	}
	return append(found, doctor.Finding{Code: "sessions.silent", Level: doctor.Warning, Count: int64(lost), What: lang.Text{
		PT: fmt.Sprintf("análises abertas sem notícia há mais de %s (--lease) e sem trabalho na fila", idle),
		EN: fmt.Sprintf("open analyses without news for more than %s (--lease) and without a job in the queue", idle),
	}, Mend: lang.Text{
		PT: "nada se perdeu: qualquer processo com trabalhadores as devolve à fila; se isto não passar, veja se há algum vivo",
		EN: "nothing is lost: any process that has workers puts them back into the queue; if this does not pass, see whether one is alive",
	}}), nil
}

// forgotten counts the sessions that have been silent for longer than idle: those with a job in the
// queue, which wait, and those without.
func (s *Store) forgotten(
	ctx context.Context, idle time.Duration, held func(context.Context) (map[session.ID]int, error),
) (waiting, lost int, err error) {
	silent, err := s.allSilent(ctx, idle)
	if err != nil || len(silent) == 0 {
		return 0, 0, err
	}
	jobs, err := held(ctx)
	for _, id := range silent {
		if jobs[id] > 0 {
			waiting++
		} else {
			lost++
		}
	}
	return waiting, lost, err
}

// allSilent lists the sessions that have not ended nor been written for as long as idle. Unlike
// Unfinished it sets nothing right.
func (s *Store) allSilent(ctx context.Context, idle time.Duration) (list []session.ID, err error) {
	for pass := 0; ; pass += lookAtOnce {
		some, err := s.silent(ctx, idle, pass)
		if err != nil {
			return nil, err
		}
		seen, err := s.lookAt(ctx, some.sessions)
		if err != nil {
			return nil, err
		}
		for _, l := range seen {
			if l.idle(some.now - idle.Milliseconds()) {
				list = append(list, l.id)
			}
		}
		if len(seen) < lookAtOnce {
			return list, nil
		}
	}
}
