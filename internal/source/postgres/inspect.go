package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ruptura/internal/doctor"
	"ruptura/internal/lang"
)

// Inspection is a look at a database from outside the engine: it also works where the engine would
// refuse to. It only reads, each time in one read-only transaction under the statement timeout.
type Inspection struct {
	db *DB
}

var _ doctor.Database = (*Inspection)(nil)

// NewInspection prepares to look at the database that a connection string names, as [Open] does; it
// connects when first asked. Close must be called.
func NewInspection(ctx context.Context, connString string, o Options) (*Inspection, error) {
	o.MaxConns = 1
	config, err := configure(connString, o)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, classify(ctx, "inspect", err)
	}
	db := &DB{pool: pool, schema: o.Schema, limit: o.StatementTimeout}
	if db.schema == "" {
		db.schema = DefaultSchema
	}
	if db.limit <= 0 {
		db.limit = defaultStatementTimeout
	}
	return &Inspection{db}, nil
}

// Close ends the connection.
func (i *Inspection) Close() { i.db.pool.Close() }

// read runs fn in a read-only transaction.
func (i *Inspection) read(ctx context.Context, fn func(pgx.Tx) error) error {
	tx, err := i.db.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return classify(ctx, "inspect", err)
	}
	for _, sql := range i.db.opening()[1:] {
		if _, execErr := tx.Exec(ctx, sql); execErr != nil {
			err = errors.Join(err, execErr)
		}
	}
	if err == nil {
		err = fn(tx)
	}
	// Also when the context has ended, so that the connection is not thrown away.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if endErr := tx.Rollback(end); err == nil {
		err = endErr
	}
	return classify(ctx, "inspect", err)
}

// server is what a server says of itself and of who asks.
type server struct {
	version, user, database string
	number                  int
	standby, superuser      bool
	lag                     time.Duration // of a standby
	now                     time.Time
	asked                   time.Duration // how long the answer took
	backend                 uint32
	conn                    net.Conn
	pid                     uint32 // of the backend, as told when connecting
}

const serverQuery = `SELECT split_part(current_setting('server_version'), ' ', 1), current_setting('server_version_num')::int,
	current_user::text, current_database()::text, pg_is_in_recovery(), pg_backend_pid(), clock_timestamp(),
	(SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user),
	coalesce(CASE WHEN pg_is_in_recovery() THEN extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END, 0)::float8`

// Server looks at the connection: what answers, as whom it is asked, and what lies between.
func (i *Inspection) Server(ctx context.Context, now func() time.Time) ([]doctor.Finding, error) {
	var s server
	err := i.read(ctx, func(tx pgx.Tx) error {
		sent, seconds := now(), 0.0
		err := tx.QueryRow(ctx, serverQuery).Scan(
			&s.version, &s.number, &s.user, &s.database, &s.standby, &s.backend, &s.now, &s.superuser, &seconds)
		s.asked, s.lag = now().Sub(sent), time.Duration(seconds*float64(time.Second)).Round(time.Second)
		s.conn, s.pid = tx.Conn().PgConn().Conn(), tx.Conn().PgConn().PID()
		return err
	})
	if err != nil {
		return nil, err
	}
	found := append(s.version12(i.db.schema), s.encryption()...)
	if s.pid != s.backend {
		found = append(found, doctor.Finding{Code: "source.pooler", What: lang.Text{
			PT: "há um pgbouncer, ou outro distribuidor de conexões, no caminho: o programa trabalha com ele também em modo transaction",
			EN: "a pgbouncer, or another pooler, stands between: the program works through it, in transaction mode too",
		}})
	}
	found = append(found, s.replica()...)
	return append(found, doctor.Drift("source.clock", lang.Text{PT: "do PostgreSQL", EN: "of PostgreSQL"}, s.now, now(), s.asked)...), nil
}

// oldest is the first version that understands the program's statements.
const oldest = 120000

func (s *server) version12(schema string) []doctor.Finding {
	who := doctor.Finding{Code: "source.open", What: lang.Text{
		PT: fmt.Sprintf("PostgreSQL %s, banco %s, esquema %s, usuário %s", s.version, s.database, schema, s.user),
		EN: fmt.Sprintf("PostgreSQL %s, database %s, schema %s, user %s", s.version, s.database, schema, s.user),
	}}
	if s.number >= oldest {
		return []doctor.Finding{who}
	}
	return []doctor.Finding{who, {Code: "source.version", Level: doctor.Problem, What: lang.Text{
		PT: "esta versão do PostgreSQL é antiga demais", EN: "this version of PostgreSQL is too old",
	}, Mend: lang.Text{PT: "use o PostgreSQL 12 ou mais novo", EN: "use PostgreSQL 12 or newer"}}}
}

func (s *server) encryption() []doctor.Finding {
	if _, ok := s.conn.(*tls.Conn); ok {
		return []doctor.Finding{{Code: "source.tls", What: lang.Text{PT: "conexão cifrada (TLS)", EN: "encrypted connection (TLS)"}}}
	}
	if a, ok := s.conn.RemoteAddr().(*net.TCPAddr); !ok || a.IP.IsLoopback() {
		return []doctor.Finding{{Code: "source.local", What: lang.Text{
			PT: "conexão sem TLS, dentro desta máquina", EN: "connection without TLS, within this machine",
		}}}
	}
	return []doctor.Finding{{Code: "source.no-tls", Level: doctor.Warning, What: lang.Text{
		PT: "conexão sem TLS: senha e dados passam abertos pela rede", EN: "connection without TLS: password and data cross the network in the open",
	}, Mend: lang.Text{
		PT: "ligue o TLS no servidor e use sslmode=verify-full (ou require) em --db", EN: "switch TLS on in the server and use sslmode=verify-full " +
			"(or require) in --db",
	}}}
}

// maxLag is how far behind a standby may be before its numbers are old.
const maxLag = time.Minute

func (s *server) replica() []doctor.Finding {
	switch {
	case !s.standby:
		return nil
	case s.lag > maxLag:
		// A primary at rest looks the same: there is nothing to replay.
		return []doctor.Finding{{Code: "source.standby-lag", Level: doctor.Warning, What: lang.Text{
			PT: fmt.Sprintf("réplica (standby): a última mudança recebida tem %s", s.lag),
			EN: fmt.Sprintf("standby: the last change received is %s old", s.lag),
		}, Mend: lang.Text{
			PT: "se o servidor principal está em uso, veja o atraso em pg_stat_replication",
			EN: "if the primary is in use, look at the lag in its pg_stat_replication",
		}}}
	}
	return []doctor.Finding{{Code: "source.standby", What: lang.Text{
		PT: "réplica (standby): os dados são os do servidor principal, com o atraso da réplica",
		EN: "standby: the data is the primary's, as late as the standby is",
	}}}
}

// Find implements [doctor.Database].
func (i *Inspection) Find(ctx context.Context, query string) (found doctor.Found, err error) {
	query = strings.NewReplacer(i.db.relations()...).Replace(query)
	query = fmt.Sprintf(`SELECT k::text COLLATE "C", count(*) OVER () FROM (%s) AS wrong ORDER BY 1 LIMIT %d`, query, doctor.MaxExamples)
	err = i.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, query)
		if err != nil {
			return err
		}
		var example string
		_, err = pgx.ForEachRow(rows, []any{&example, &found.Rows}, func() error {
			found.Examples = append(found.Examples, example)
			return nil
		})
		return err
	})
	return found, err
}
