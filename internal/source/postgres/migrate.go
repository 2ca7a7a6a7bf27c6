package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrForeign says that a schema holds what this program did not make. It is an [ErrSchema].
var ErrForeign = fmt.Errorf("%w: made by somebody else", ErrSchema)

// Migration is one step of a profile.
type Migration struct {
	Version   int64
	Name      string
	AppliedAt time.Time // zero while pending
}

// Applied reports whether the schema has the step.
func (m Migration) Applied() bool { return !m.AppliedAt.IsZero() }

// Migrator makes a profile's relations in a schema, and takes them away. Each call is one
// transaction; two at once, by whatever programs, come one after the other. A pooler may stand
// between.
type Migrator struct {
	conn    *pgx.Conn
	schema  string
	profile Profile
	script  *script
}

// NewMigrator connects to a database, as a user who needs CREATE on the schema (or on the database,
// to make the schema) and, for [Legacy], SELECT on the ERP's tables. Without a profile it is for the
// one that the schema has. Call Close when done. Errors wrap [ErrProfile] or [ErrSchemaName], or are
// those of [Open].
func NewMigrator(ctx context.Context, connString, schema string, p Profile) (*Migrator, error) {
	script, err := newScript(schema)
	if err != nil {
		return nil, err
	}
	if p != "" {
		if _, err := p.steps(); err != nil {
			return nil, err
		}
	}
	config, err := configure(connString, Options{})
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return nil, classify(ctx, "migrate", err)
	}
	return &Migrator{conn: conn, schema: schema, profile: p, script: script}, nil
}

// Close ends the connection.
func (m *Migrator) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), defaultConnectTimeout)
	defer cancel()
	return m.conn.Close(ctx)
}

// Up makes the schema, if need be, and what it lacks of the profile, and returns the steps that
// were missing. Its errors wrap [ErrProfile] when the schema has another profile and [ErrForeign]
// when it has relations of somebody else; nothing has changed then.
func (m *Migrator) Up(ctx context.Context) (done []Migration, err error) {
	err = m.change(ctx, "up", func(tx pgx.Tx, now *record) error {
		if now.profile == "" {
			return fmt.Errorf("%w: none is given, and the schema has none yet", ErrProfile)
		}
		pending := now.pending()
		if !now.begun && len(pending) > 0 {
			if err := m.run(ctx, tx, m.script.text("sql/comeca.sql")); err != nil {
				return err
			}
		}
		for _, s := range pending {
			if err := m.run(ctx, tx, m.script.up(s)); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			done = append(done, Migration{Version: int64(s.version), Name: s.name})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

// Down undoes the last step and returns it; the data of tables that it drops is lost. With the first
// step goes all else that Up made, the schema included if Up made it and nobody else uses it. On a
// schema without any step it returns an error that wraps [ErrSchema].
func (m *Migrator) Down(ctx context.Context) (undone Migration, err error) {
	err = m.change(ctx, "down", func(tx pgx.Tx, now *record) error {
		last, ok := now.last()
		if !ok {
			return fmt.Errorf("%w: there is no step to undo", ErrSchema)
		}
		sql := m.script.down(last)
		if len(now.applied) == 1 {
			sql += m.script.text("sql/termina.sql")
		}
		undone = Migration{Version: int64(last.version), Name: last.name}
		return m.run(ctx, tx, sql)
	})
	if err != nil {
		return Migration{}, err
	}
	return undone, nil
}

// Status lists every step of the profile, oldest first. It writes nothing.
func (m *Migrator) Status(ctx context.Context) (all []Migration, err error) {
	err = m.within(ctx, "status", pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		now, err := m.record(ctx, tx)
		if err != nil {
			return err
		}
		for _, s := range now.steps {
			all = append(all, Migration{Version: int64(s.version), Name: s.name, AppliedAt: now.applied[s.version]})
		}
		return nil
	})
	return all, err
}

// change runs fn, in a transaction that nobody else's migration runs beside, on what the schema has.
func (m *Migrator) change(ctx context.Context, op string, fn func(pgx.Tx, *record) error) error {
	return m.within(ctx, op, pgx.TxOptions{}, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('ruptura migrate ' || $1::text, 0))`, m.schema)
		if err != nil {
			return err
		}
		now, err := m.record(ctx, tx)
		if err != nil {
			return err
		}
		return fn(tx, now)
	})
}

func (m *Migrator) within(ctx context.Context, op string, o pgx.TxOptions, fn func(pgx.Tx) error) error {
	err := pgx.BeginTxFunc(ctx, m.conn, o, fn)
	if errors.Is(err, ErrProfile) {
		return fmt.Errorf("postgres: migrate %s: %w", op, err)
	}
	return classify(ctx, "migrate "+op, err)
}

// run runs statements that are separated by semicolons, without the comments: a database of another
// encoding may not even have their letters.
func (m *Migrator) run(ctx context.Context, tx pgx.Tx, sql string) error {
	if m.script.err != nil {
		return m.script.err
	}
	_, err := tx.Exec(ctx, withoutComments(sql), pgx.QueryExecModeSimpleProtocol)
	return err
}
