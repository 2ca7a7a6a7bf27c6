package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// record is what a schema has had of a profile.
type record struct {
	profile Profile // "" if it is not known yet
	steps   []step  // all of the profile, oldest first
	begun   bool    // the table is there
	applied map[int]time.Time
}

// recordQuery finds the table by its columns: another program may have one of the same name. What
// else there is in a schema, the catalog knows by what depends on it; privileges that are given in
// advance are no content.
const recordQuery = `SELECT
	(SELECT count(*) = 4 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
		WHERE c.relnamespace = n.oid AND c.relname = 'ruptura_passos' AND c.relkind = 'r'
			AND a.attname IN ('versao', 'perfil', 'passo', 'aplicado')),
	EXISTS (SELECT FROM pg_catalog.pg_depend WHERE refclassid = 'pg_catalog.pg_namespace'::regclass AND refobjid = n.oid
		AND classid <> 'pg_catalog.pg_default_acl'::regclass)
	FROM pg_catalog.pg_namespace AS n WHERE n.nspname = $1::text`

// record reads what the schema has. Its errors wrap [ErrForeign], [ErrProfile] or [ErrSchema] when it
// is not what this program can go on with.
func (m *Migrator) record(ctx context.Context, tx pgx.Tx) (*record, error) {
	r := &record{profile: m.profile, applied: map[int]time.Time{}}
	var used bool
	rows, err := tx.Query(ctx, recordQuery, m.schema)
	if err != nil {
		return nil, err
	}
	if _, err := pgx.ForEachRow(rows, []any{&r.begun, &used}, func() error { return nil }); err != nil {
		return nil, err
	}
	if used && !r.begun {
		return nil, fmt.Errorf("%w: schema %s has relations or functions that this program did not make", ErrForeign, m.script.schema)
	}
	if r.begun {
		if err := m.entries(ctx, tx, r); err != nil {
			return nil, err
		}
	}
	if r.profile == "" {
		return r, nil
	}
	if r.steps, err = r.profile.steps(); err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	return r, nil
}

func (m *Migrator) entries(ctx context.Context, tx pgx.Tx, r *record) error {
	rows, err := tx.Query(ctx, `SELECT versao, perfil, aplicado FROM `+m.script.schema+`.ruptura_passos ORDER BY versao`)
	if err != nil {
		return err
	}
	var (
		version int
		profile string
		at      time.Time
	)
	_, err = pgx.ForEachRow(rows, []any{&version, &profile, &at}, func() error {
		if r.profile == "" {
			r.profile = Profile(profile)
		}
		if r.profile != Profile(profile) {
			return fmt.Errorf("%w: schema %s has the profile %q", ErrProfile, m.script.schema, profile)
		}
		r.applied[version] = at
		return nil
	})
	return err
}

// check makes sure that the program knows all steps that the schema has had.
func (r *record) check() error {
	known := make(map[int]bool, len(r.steps))
	for _, s := range r.steps {
		known[s.version] = true
	}
	for version := range r.applied {
		if !known[version] {
			return fmt.Errorf("%w: it is at version %d, which this program does not know; use a newer program", ErrSchema, version)
		}
	}
	return nil
}

// pending are the steps that the schema has not had.
func (r *record) pending() (missing []step) {
	for _, s := range r.steps {
		if r.applied[s.version].IsZero() {
			missing = append(missing, s)
		}
	}
	return missing
}

// last is the newest step that the schema has had.
func (r *record) last() (newest step, ok bool) {
	for _, s := range r.steps {
		if !r.applied[s.version].IsZero() {
			newest, ok = s, true
		}
	}
	return newest, ok
}
