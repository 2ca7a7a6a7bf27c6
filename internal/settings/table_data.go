package settings

import (
	"time"

	"ruptura/internal/lang"
)

func data() []Setting {
	return []Setting{
		{
			Name: "db", Group: Data, Default: "sqlite:ruptura.db",
			Value:    lang.Text{PT: "sqlite:ARQUIVO|postgres://…", EN: "sqlite:FILE|postgres://…"},
			Fallback: "DATABASE_URL", Secret: true,
			Meaning: lang.Text{
				PT: "banco de dados com a carteira; PostgreSQL também como 'host=… dbname=…', " +
					"e o que faltar vem de PGHOST, PGPASSWORD, PGSERVICE, ~/.pgpass",
				EN: "database with the order book; PostgreSQL also as 'host=… dbname=…', " +
					"and what is missing comes from PGHOST, PGPASSWORD, PGSERVICE, ~/.pgpass"},
			set: into(parseDatabase, func(s *Settings) *Database { return &s.Database }),
		},
		{
			Name: "db-schema", Group: Data, Default: "ruptura", Value: lang.Text{PT: "ESQUEMA", EN: "SCHEMA"},
			Meaning: lang.Text{PT: "PostgreSQL: esquema com as seis relações", EN: "PostgreSQL: schema with the six relations"},
			set:     into(parseSchema, func(s *Settings) *string { return &s.DatabaseSchema }),
		},
		{
			Name: "db-timeout", Group: Data, Default: "30s", Value: period,
			Meaning: lang.Text{PT: "PostgreSQL: quanto um comando pode demorar antes de ser interrompido (100ms a 1h)",
				EN: "PostgreSQL: how long a statement may take before it is stopped (100ms to 1h)"},
			set: into(duration(100*time.Millisecond, time.Hour), func(s *Settings) *time.Duration { return &s.DatabaseTimeout }),
		},
		{
			Name: "db-connections", Group: Data, Default: "4", Value: number,
			Meaning: lang.Text{PT: "PostgreSQL: conexões abertas ao mesmo tempo, no máximo (1 a 100)",
				EN: "PostgreSQL: connections open at the same time, at most (1 to 100)"},
			set: into(whole(1, 100), func(s *Settings) *int { return &s.DatabaseConnections }),
		},
		{
			Name: "db-retry", Group: Data, Default: "1m", Value: period,
			Meaning: lang.Text{
				PT: "quanto uma análise em lotes espera por um banco que caiu antes de dar erro nos pedidos (0 a 1h)",
				EN: "how long an analysis in lots waits for a lost database before its orders get an error (0 to 1h)"},
			set: into(duration(0, time.Hour), func(s *Settings) *time.Duration { return &s.DatabaseRetry }),
		},
	}
}
