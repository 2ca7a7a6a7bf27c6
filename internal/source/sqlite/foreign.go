package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"

	"zombiezen.com/go/sqlite"
)

// ErrForeign says that a file is not a database of this program at all. It is an [ErrSchema].
var ErrForeign = fmt.Errorf("%w: not a database of this program", ErrSchema)

// refuseForeign returns an error that wraps [ErrForeign] when the file at path holds what another
// program made. It comes before anything is written: migrations note themselves in the file first,
// and some of their tables have names that others use too.
func refuseForeign(ctx context.Context, op, path string) (err error) {
	if info, statErr := os.Stat(path); statErr != nil || info.Size() == 0 {
		return nil // whoever opens it next makes it, or says why it cannot
	}
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return classify(ctx, op, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	conn.SetBusyTimeout(busyTimeout)
	if err = execute(conn, "BEGIN"); err != nil {
		return classify(ctx, op, err)
	}
	return classify(ctx, op, errors.Join(checkOwner(conn), execute(conn, "ROLLBACK")))
}

// checkOwner tells a database of this program by its migrations, of which the first made the
// relations, or by having nothing in it. The table of migrations alone proves nothing: other
// programs keep theirs under the same name.
func checkOwner(conn *sqlite.Conn) error {
	version, err := schemaVersion(conn)
	if err != nil {
		return err
	}
	query, want := `SELECT count(*) FROM sqlite_schema
		WHERE name <> 'goose_db_version' AND tbl_name <> 'goose_db_version' AND name NOT GLOB 'sqlite_*'`, int64(0)
	if version > 0 {
		query, want = `SELECT count(*) FROM sqlite_schema WHERE type = 'table'
			AND name IN ('pedidos', 'itens', 'separacoes', 'producao', 'unificacao')`, 5
	}
	have, err := integer(conn, query)
	if err == nil && have != want {
		err = ErrForeign
	}
	return err
}
