package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"ruptura/internal/dataset"
)

// Applied is the profile that the schema has; "" if it has none. It writes nothing.
func (m *Migrator) Applied(ctx context.Context) (profile Profile, err error) {
	err = m.within(ctx, "look", pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		var made bool
		table := m.script.schema + ".ruptura_passos"
		if err := tx.QueryRow(ctx, `SELECT to_regclass($1::text) IS NOT NULL`, table).Scan(&made); err != nil || !made {
			return err
		}
		err := tx.QueryRow(ctx, `SELECT perfil FROM `+table+` ORDER BY versao DESC LIMIT 1`).Scan(&profile)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return profile, err
}

// Owner is who made the schema's relations, and may undo them; "" if there are none.
func (m *Migrator) Owner(ctx context.Context) (name string, err error) {
	err = m.within(ctx, "look", pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT coalesce(min(pg_get_userbyid(c.relowner)::text), '') FROM pg_catalog.pg_class AS c
			JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
			WHERE n.nspname = $1::text AND c.relname IN ('ruptura_passos', 'pedidos')`, m.schema).Scan(&name)
	})
	return name, err
}

// Loadable reports whether [DB.Replace] could load the relations: its error wraps [ErrViews] where
// there are no tables, or [ErrPermission] if the user may not write them. It writes nothing.
func (db *DB) Loadable(ctx context.Context) error {
	var closed string
	err := db.change(ctx, "look", func(tx pgx.Tx) error {
		if err := db.needTables(ctx, tx, dataset.Relations()...); err != nil {
			return err
		}
		for _, r := range dataset.Relations() {
			var may bool
			err := tx.QueryRow(ctx, `SELECT has_table_privilege($1::text, 'INSERT') AND has_table_privilege($1::text, 'DELETE')`, db.table(r)).Scan(&may)
			if err != nil {
				return err
			}
			if !may {
				closed = db.table(r)
			}
		}
		return nil
	})
	if err == nil && closed != "" {
		return fmt.Errorf("postgres: look: %w: no INSERT or DELETE on %s", ErrPermission, closed)
	}
	return err
}
