package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the database/sql driver that migrations run through
	"zombiezen.com/go/sqlite"

	"ruptura/internal/source"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migration is one step of the schema's history.
type Migration struct {
	Version   int64
	Name      string    // of its file
	AppliedAt time.Time // zero while pending
}

// Applied reports whether the database has the step.
func (m Migration) Applied() bool { return !m.AppliedAt.IsZero() }

// Migrator changes a database's schema, step by step, each in its own transaction.
type Migrator struct {
	path     string
	provider *goose.Provider
}

// NewMigrator prepares to migrate the file at path; only [Migrator.Up] creates it. Call Close
// when done.
func NewMigrator(path string) (*Migrator, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: migrate: %w", err)
	}
	// As a URI, in which no character of the path can be taken for an option.
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(absolute), RawQuery: url.Values{
		"_pragma": {"busy_timeout(5000)", "journal_mode(wal)", "synchronous(normal)"},
		"_txlock": {"immediate"},
	}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("sqlite: migrate: %w", err)
	}
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: migrate: %w", err), db.Close())
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, steps, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: migrate: %w", err), db.Close())
	}
	return &Migrator{path: absolute, provider: provider}, nil
}

// Up brings the schema up to date and returns the steps that were missing.
//
// It, Down and Status return an error that wraps [ErrForeign], and write nothing, when the file is
// another program's.
func (m *Migrator) Up(ctx context.Context) ([]Migration, error) {
	if err := refuseForeign(ctx, "migrate up", m.path); err != nil {
		return nil, err
	}
	results, err := m.provider.Up(ctx)
	if err != nil {
		// Another program may have made the same steps a moment before.
		if pending, pendingErr := m.provider.HasPending(ctx); pendingErr != nil || pending {
			return nil, migrationError(ctx, "up", err)
		}
	}
	done := make([]Migration, 0, len(results))
	for _, r := range results {
		done = append(done, Migration{Version: r.Source.Version, Name: filepath.Base(r.Source.Path)})
	}
	return done, nil
}

// Down undoes the last step and returns it; the data of what it drops is lost. On a database
// without any step it returns an error that wraps [ErrSchema].
func (m *Migrator) Down(ctx context.Context) (Migration, error) {
	if err := m.exists(ctx, "down"); err != nil {
		return Migration{}, err
	}
	result, err := m.provider.Down(ctx)
	if errors.Is(err, goose.ErrNoNextVersion) {
		return Migration{}, fmt.Errorf("sqlite: migrate down: %w: there is no step to undo", ErrSchema)
	}
	if err != nil {
		return Migration{}, migrationError(ctx, "down", err)
	}
	return Migration{Version: result.Source.Version, Name: filepath.Base(result.Source.Path)}, nil
}

// Status lists every step known to the program, oldest first.
func (m *Migrator) Status(ctx context.Context) ([]Migration, error) {
	if err := m.exists(ctx, "status"); err != nil {
		return nil, err
	}
	states, err := m.provider.Status(ctx)
	if err != nil {
		return nil, migrationError(ctx, "status", err)
	}
	all := make([]Migration, 0, len(states))
	for _, s := range states {
		all = append(all, Migration{
			Version: s.Source.Version, Name: filepath.Base(s.Source.Path), AppliedAt: s.AppliedAt,
		})
	}
	return all, nil
}

// Close lets go of the file.
func (m *Migrator) Close() error { return m.provider.Close() }

// exists makes sure that the file is there, and this program's.
func (m *Migrator) exists(ctx context.Context, op string) error {
	if _, err := os.Stat(m.path); err != nil {
		return fmt.Errorf("sqlite: migrate %s: %w: %w", op, source.ErrUnavailable, withoutPath(err))
	}
	return refuseForeign(ctx, "migrate "+op, m.path)
}

func migrationError(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("sqlite: migrate %s: %w", op, ctx.Err())
	}
	if coded := interface{ Code() int }(nil); errors.As(err, &coded) {
		if sentinel := sentinelOf(sqlite.ResultCode(coded.Code()).ToError()); sentinel != nil { //nolint:gosec // SQLite's codes have 32 bits
			return fmt.Errorf("sqlite: migrate %s: %w: %w", op, sentinel, err)
		}
	}
	return fmt.Errorf("sqlite: migrate %s: %w", op, err)
}

func migrateUp(ctx context.Context, path string) error {
	m, err := NewMigrator(path)
	if err != nil {
		return err
	}
	_, err = m.Up(ctx)
	return errors.Join(err, m.Close())
}

// checkSchema makes sure that the schema is the one this program was built for.
func (db *DB) checkSchema(ctx context.Context) error {
	want, err := latestVersion()
	if err != nil {
		return err
	}
	return db.view(ctx, "open", func(conn *sqlite.Conn) error {
		if err := checkOwner(conn); err != nil {
			return err
		}
		have, err := schemaVersion(conn)
		switch {
		case err != nil:
			return err
		case have < want:
			return fmt.Errorf("%w: the database is at version %d and the program needs %d; run \"ruptura migrate up\"", ErrSchema, have, want)
		case have > want:
			return fmt.Errorf("%w: the database is at version %d and the program knows %d; use a newer program", ErrSchema, have, want)
		}
		return nil
	})
}

// latestVersion is the version of the newest migration there is.
func latestVersion() (int64, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		return 0, fmt.Errorf("sqlite: no migrations in the program: %w", err)
	}
	return goose.NumericComponent(names[len(names)-1])
}

// schemaVersion is the newest migration that a database has had, 0 if none.
func schemaVersion(conn *sqlite.Conn) (int64, error) {
	known, err := integer(conn, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'goose_db_version'")
	if err != nil || known == 0 {
		return 0, err
	}
	return integer(conn, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied")
}

// integer runs a query of one row with one number.
func integer(conn *sqlite.Conn, query string) (int64, error) {
	stmt, err := conn.Prepare(query)
	if err != nil {
		return 0, err
	}
	if _, err = stmt.Step(); err != nil {
		return 0, err
	}
	n := stmt.ColumnInt64(0)
	return n, stmt.Reset()
}
