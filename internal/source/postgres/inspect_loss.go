package postgres

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"

	"github.com/jackc/pgx/v5"
)

// Loss is a table with rows that exist nowhere else.
type Loss struct {
	Table string // with its schema
	Rows  int64
}

var droppedTable = regexp.MustCompile(`(?m)^DROP TABLE \{schema\}\.(\w+);`)

// Losses are the tables with rows that the next Down would drop. Views and what is below them lose
// nothing.
func (m *Migrator) Losses(ctx context.Context) ([]Loss, error) {
	var losses []Loss
	err := m.within(ctx, "down", pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		now, err := m.record(ctx, tx)
		if err != nil {
			return err
		}
		last, ok := now.last()
		if !ok {
			return fmt.Errorf("%w: there is no step to undo", ErrSchema)
		}
		sql, err := fs.ReadFile(scripts, last.file("down"))
		if err != nil {
			return err
		}
		for _, match := range droppedTable.FindAllStringSubmatch(string(sql), -1) {
			table := m.script.schema + "." + match[1]
			loss := Loss{Table: m.schema + "." + match[1]}
			if err := tx.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&loss.Rows); err != nil {
				return err
			}
			if loss.Rows > 0 {
				losses = append(losses, loss)
			}
		}
		return nil
	})
	return losses, err
}
