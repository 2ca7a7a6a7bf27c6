package sqlite

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// AddMovement writes one movement of stock and returns its id. Its errors wrap [atp.ErrOverflow]
// when the product's stock would not fit 64 bits; nothing is written then.
func (db *DB) AddMovement(ctx context.Context, m dataset.Movement) (id int64, err error) {
	err = db.change(ctx, "add movement", func(conn *sqlite.Conn) error {
		if err := insert(conn, insertMovement, func(b *binder) { b.movement(m) }); err != nil {
			return err
		}
		id = conn.LastInsertRowID()
		return nil
	})
	return id, err
}

// CancelMovement makes a movement not count any more. Cancelling it again changes nothing; one
// that does not exist is [source.ErrNotFound].
func (db *DB) CancelMovement(ctx context.Context, id int64) error {
	return db.change(ctx, "cancel movement", func(conn *sqlite.Conn) error {
		err := insert(conn, `UPDATE estoque SET cancelado = 1 WHERE id = ?`, func(b *binder) { b.integer(id) })
		if err != nil {
			return err
		}
		if conn.Changes() == 0 {
			return fmt.Errorf("movement %d: %w", id, source.ErrNotFound)
		}
		return nil
	})
}
