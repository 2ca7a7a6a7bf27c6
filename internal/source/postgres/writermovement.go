package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// AddMovement writes one movement of stock and returns its id. Its errors wrap [atp.ErrOverflow]
// when the product's stock would not fit 64 bits, and [ErrViews] where there is no table; nothing is
// written then.
func (db *DB) AddMovement(ctx context.Context, m dataset.Movement) (id int64, err error) {
	var place, date *string
	if m.Place != "" {
		place = &m.Place
	}
	if m.Date.Known() {
		text := m.Date.String()
		date = &text
	}
	err = db.write(ctx, "add movement", func(tx pgx.Tx, table string) error {
		return tx.QueryRow(ctx, `INSERT INTO `+table+` (cod_produto, local, data, qtd)
			VALUES ($1::text, $2::text, $3::text::date, $4::text::numeric) RETURNING id`,
			string(m.Product), place, date, m.Quantity.String()).Scan(&id)
	})
	return id, err
}

// CancelMovement makes a movement not count any more. Cancelling it again changes nothing; one
// that does not exist is [source.ErrNotFound].
func (db *DB) CancelMovement(ctx context.Context, id int64) error {
	return db.write(ctx, "cancel movement", func(tx pgx.Tx, table string) error {
		done, err := tx.Exec(ctx, `UPDATE `+table+` SET cancelado = true WHERE id = $1::bigint`, id)
		if err == nil && done.RowsAffected() == 0 {
			err = fmt.Errorf("movement %d: %w", id, source.ErrNotFound)
		}
		return err
	})
}

// write changes the ledger, one after the other: a balance is checked against all that counts.
func (db *DB) write(ctx context.Context, op string, fn func(tx pgx.Tx, table string) error) error {
	return db.change(ctx, op, func(tx pgx.Tx) error {
		if err := db.needTables(ctx, tx, dataset.Stock); err != nil {
			return err
		}
		table := db.table(dataset.Stock)
		if _, err := tx.Exec(ctx, `LOCK TABLE `+table+` IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return err
		}
		return fn(tx, table)
	})
}
