package legacytest

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"ruptura/internal/atp"
)

// rowsPerCopy bounds how many rows wait in memory.
const rowsPerCopy = 10_000

// table is one table being written, by COPY.
type table struct {
	ctx     context.Context
	tx      pgx.Tx
	name    string
	columns []string
	rows    [][]any
	written int
}

func (t *table) add(row ...any) error {
	t.rows = append(t.rows, row)
	t.written++
	if len(t.rows) == rowsPerCopy {
		return t.flush()
	}
	return nil
}

func (t *table) flush() error {
	_, err := t.tx.CopyFrom(t.ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromRows(t.rows))
	t.rows = t.rows[:0]
	if err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	return nil
}

// float is a quantity as the ERP keeps some: binary, and off by a little that rounding removes.
func (t *table) float(q atp.Quantity) float64 {
	const little = 0.0004
	return float64(q)/atp.QuantityScale + little*float64(t.written%3-1)
}
