package settings

import (
	"time"

	"ruptura/internal/lang"
)

func shared() []Setting {
	return []Setting{
		{
			Name: "redis", Group: Redis, Value: same("redis://…"), Fallback: "REDIS_URL", Secret: true,
			Meaning: lang.Text{
				PT: "fila e resultados num Redis 7 ou Valkey, comum a vários processos: redis://USUÁRIO:SENHA@SERVIDOR:6379/0, " +
					"redis+sentinel://S1,S2/NOME/0 ou redis+cluster://N1,N2; com TLS, rediss. Sem ele, tudo fica neste processo",
				EN: "queue and results in a Redis 7 or Valkey that several processes share: redis://USER:PASSWORD@HOST:6379/0, " +
					"redis+sentinel://S1,S2/NAME/0 or redis+cluster://N1,N2; with TLS, rediss. Without it everything stays in this process"},
			set: into(parseRedis, func(s *Settings) *RedisAddress { return &s.Redis }),
		},
		{
			Name: "redis-prefix", Group: Redis, Default: "ruptura", Value: lang.Text{PT: "NOME", EN: "NAME"},
			Meaning: lang.Text{PT: "começo dos nomes das chaves e dos canais no Redis; o mesmo em todos os processos",
				EN: "beginning of the names of keys and channels in Redis; the same in all processes"},
			set: into(parsePrefix, func(s *Settings) *string { return &s.RedisPrefix }),
		},
		{
			Name: "lease", Group: Redis, Default: "10s", Value: period,
			Meaning: lang.Text{
				PT: "quanto um processo pode ficar sem dar notícia antes que outro assuma o seu trabalho (500ms a 10m)",
				EN: "how long a process may be silent before another one takes over its work (500ms to 10m)"},
			set: into(duration(500*time.Millisecond, 10*time.Minute), func(s *Settings) *time.Duration { return &s.Lease }),
		},
	}
}
