// Package legacytest makes the tables of the ERP that the profile `legado` reads, for tests and
// benchmarks: their columns, types and indexes, filled with any dataset the other engines can be
// filled with.
//
// The ERP's shape holds less than the six relations do; [Shape] makes of any dataset one that
// both can hold. What is loaded is sown with rows that must not count (inactive, cancelled,
// invoiced), and says the same thing in the several ways the ERP has for it.
package legacytest

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"ruptura/internal/dataset"
)

var (
	//go:embed tables.sql
	tablesSQL string
	//go:embed indexes.sql
	indexesSQL string
)

// tables are all that Create makes.
const tables = "carteira_principal, movimentacao_estoque, separacao, programacao_producao, unificacao_codigos"

// Create makes the tables, empty, in the first schema of the connection's search path.
func Create(ctx context.Context, conn *pgx.Conn) error {
	return create(ctx, conn, tablesSQL, indexesSQL)
}

// CreateFull makes the tables with what fill writes, as tables long in use: it is faster than
// Create, Load and Vacuum where there are millions of rows.
func CreateFull(ctx context.Context, conn *pgx.Conn, fill func(dataset.Writer) error) error {
	if err := create(ctx, conn, tablesSQL); err != nil {
		return err
	}
	if err := Load(ctx, conn, fill); err != nil {
		return err
	}
	if err := create(ctx, conn, indexesSQL); err != nil {
		return err
	}
	return Vacuum(ctx, conn)
}

func create(ctx context.Context, conn *pgx.Conn, scripts ...string) error {
	for _, sql := range scripts {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("legacy tables: %w", err)
		}
	}
	return nil
}

// Load empties the tables and fills them with what fill writes, in one transaction. Data that they
// cannot hold is an error; see [Shape].
func Load(ctx context.Context, conn *pgx.Conn, fill func(dataset.Writer) error) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	err = load(ctx, tx, fill)
	if err != nil {
		return errors.Join(fmt.Errorf("legacy tables: %w", err), tx.Rollback(ctx))
	}
	return tx.Commit(ctx)
}

func load(ctx context.Context, tx pgx.Tx, fill func(dataset.Writer) error) error {
	if _, err := tx.Exec(ctx, "TRUNCATE "+tables+" RESTART IDENTITY"); err != nil {
		return err
	}
	w := newWriter(ctx, tx)
	if err := fill(w); err != nil {
		return err
	}
	return w.flush()
}

// Vacuum does what autovacuum has long done to tables in use: it leaves them with statistics and
// with pages known to be visible to all.
func Vacuum(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "VACUUM ANALYZE "+tables)
	return err
}
