package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

// ErrSchema says that a file is not a database of this program, or that its schema is older or
// newer than the program; the text around it says what to do.
var ErrSchema = errors.New("sqlite: wrong database schema")

var (
	// ErrReadOnly says that the file, or its folder, must be written and may not be. It is a
	// [source.ErrUnavailable].
	ErrReadOnly = fmt.Errorf("%w: no permission to write", source.ErrUnavailable)
	// ErrCantOpen says that the file could not be opened or made: its folder is not there, or
	// permissions forbid it. It is a [source.ErrUnavailable].
	ErrCantOpen = fmt.Errorf("%w: the file cannot be opened", source.ErrUnavailable)
)

// constraintDataType is SQLITE_CONSTRAINT_DATATYPE, which the driver has no name for.
const constraintDataType sqlite.ResultCode = 3091

// classify wraps an error of the driver with the operation and the sentinel that callers know.
// The driver's messages name constraints and columns, never the values in them.
func classify(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil {
		return fmt.Errorf("sqlite: %s: %w", op, cause)
	}
	if sentinel := sentinelOf(err); sentinel != nil {
		return fmt.Errorf("sqlite: %s: %w: %w", op, sentinel, err)
	}
	return fmt.Errorf("sqlite: %s: %w", op, err)
}

func sentinelOf(err error) error {
	switch code := sqlite.ErrCode(err); code {
	case sqlite.ResultConstraintUnique, sqlite.ResultConstraintPrimaryKey:
		return dataset.ErrDuplicate
	case constraintDataType:
		// Only numbers that outgrew 64 bits get here: everything written is typed.
		return atp.ErrOverflow
	case sqlite.ResultNotADB:
		return ErrForeign
	default:
		return unavailable(code.ToPrimary())
	}
}

func unavailable(primary sqlite.ResultCode) error {
	switch primary {
	case sqlite.ResultReadOnly, sqlite.ResultPerm:
		return ErrReadOnly
	case sqlite.ResultCantOpen:
		return ErrCantOpen
	case sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultIOErr, sqlite.ResultFull,
		sqlite.ResultCorrupt, sqlite.ResultNoMem, sqlite.ResultInterrupt, sqlite.ResultProtocol:
		return source.ErrUnavailable
	}
	return nil
}
