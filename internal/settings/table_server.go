package settings

import (
	"time"

	"ruptura/internal/lang"
)

func work() []Setting {
	return []Setting{
		{
			Name: "workers", Group: Work, Default: "2", Value: number,
			Meaning: lang.Text{PT: "análises em lote ao mesmo tempo (0 a 64); com 0 os lotes ficam na fila, só a análise por clique responde",
				EN: "lots analysed at the same time (0 to 64); with 0 lots stay in the queue and only analysis by click answers"},
			set: into(whole(0, 64), func(s *Settings) *int { return &s.Workers }),
		},
		{
			Name: "lot-size", Group: Work, Default: "20", Value: number,
			Meaning: lang.Text{PT: "pedidos por atualização da página (1 a 1000)", EN: "orders per update of the page (1 to 1000)"},
			set:     into(whole(1, 1000), func(s *Settings) *int { return &s.LotSize }),
		},
		{
			Name: "queue-limit", Group: Work, Default: "1000", Value: number,
			Meaning: lang.Text{PT: "sessões que podem esperar na fila (1 a 1000000); as seguintes são recusadas com 429",
				EN: "sessions that may wait in the queue (1 to 1000000); further ones are refused with 429"},
			set: into(whole(1, 1_000_000), func(s *Settings) *int { return &s.QueueLimit }),
		},
		{
			Name: "session-ttl", Group: Work, Default: "15m", Value: period,
			Meaning: lang.Text{PT: "por quanto tempo uma sessão é guardada depois da última escrita (1s a 168h)",
				EN: "how long a session is kept after its last write (1s to 168h)"},
			set: into(duration(time.Second, 168*time.Hour), func(s *Settings) *time.Duration { return &s.SessionTTL }),
		},
		{
			Name: "log-memory", Group: Work, Default: "256MiB", Value: size,
			Meaning: lang.Text{PT: "memória para os eventos de todas as sessões (1MiB a 1024GiB)",
				EN: "memory for the events of all sessions (1MiB to 1024GiB)"},
			set: into(parseSize, func(s *Settings) *int64 { return &s.LogMemory }),
		},
		{
			Name: "cache-ttl", Group: Work, Default: "0", Value: period,
			Meaning: lang.Text{PT: "idade máxima de uma análise que um cliente pode receber de novo com ?cache=true (0 a 1h); 0 desliga",
				EN: "greatest age of an analysis that a client may be given again with ?cache=true (0 to 1h); 0 is off"},
			set: into(duration(0, time.Hour), func(s *Settings) *time.Duration { return &s.CacheTTL }),
		},
	}
}

func server() []Setting {
	return []Setting{
		{
			Name: "addr", Group: Server, Default: "127.0.0.1:8080", Value: lang.Text{PT: "ENDEREÇO:PORTA", EN: "HOST:PORT"},
			Meaning: lang.Text{PT: "onde atender; :8080 é toda interface, porta 0 qualquer porta livre",
				EN: "where to listen; :8080 is every interface, port 0 any free port"},
			set: into(parseAddr, func(s *Settings) *string { return &s.Addr }),
		},
		{
			Name: "host-name", Group: Server, Value: lang.Text{PT: "NOME", EN: "NAME"}, Many: true,
			Meaning: lang.Text{PT: "outro nome pelo qual o programa pode ser chamado enquanto atende só nesta máquina (repetível)",
				EN: "further name by which the program may be called while it listens on this machine only (repeatable)"},
			set: addHosts,
		},
		{
			Name: "base-path", Group: Server, Value: lang.Text{PT: "/CAMINHO", EN: "/PATH"},
			Meaning: lang.Text{
				PT: "caminho sob o qual o programa atende, como /ruptura, atrás de um proxy que passa os endereços como estão; vazio é a raiz",
				EN: "path under which the program answers, like /ruptura, behind a proxy that passes addresses as they are; empty is the root"},
			set: into(parseBasePath, func(s *Settings) *string { return &s.BasePath }),
		},
		{
			Name: "allow-origin", Group: Server, Value: lang.Text{PT: "ORIGEM", EN: "ORIGIN"}, Many: true,
			Meaning: lang.Text{
				PT: "origem cujas páginas podem usar a API, como https://erp.empresa.com.br (repetível); sem ela, só as nossas",
				EN: "origin whose pages may use the API, like https://erp.example.com (repeatable); without it, only our own"},
			set: addOrigins,
		},
		{
			Name: "shutdown-timeout", Group: Server, Default: "10s", Value: period,
			Meaning: lang.Text{PT: "quanto esperar, ao encerrar, pelo trabalho em curso (0 a 10m)",
				EN: "how long to wait for running work at shutdown (0 to 10m)"},
			set: into(duration(0, 10*time.Minute), func(s *Settings) *time.Duration { return &s.ShutdownTimeout }),
		},
	}
}
