package sqlite

import (
	"errors"
	"fmt"
	"testing"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/source"
)

// coded is an error as the driver of the migrations makes it.
type coded int

func (c coded) Error() string { return fmt.Sprintf("code %d", int(c)) }
func (c coded) Code() int     { return int(c) }

func TestFilesThatMayNotBeWrittenAreTold(t *testing.T) {
	const (
		readOnlyDirectory sqlite.ResultCode = 1544
		cantOpenIsDir     sqlite.ResultCode = 526
	)
	for code, want := range map[sqlite.ResultCode]error{
		sqlite.ResultReadOnly: ErrReadOnly,
		readOnlyDirectory:     ErrReadOnly,
		sqlite.ResultPerm:     ErrReadOnly,
		sqlite.ResultCantOpen: ErrCantOpen,
		cantOpenIsDir:         ErrCantOpen,
		sqlite.ResultBusy:     source.ErrUnavailable,
	} {
		for name, err := range map[string]error{
			"call":      classify(t.Context(), "read", fmt.Errorf("prepare: %w", code.ToError())),
			"migration": migrationError(t.Context(), "up", fmt.Errorf("goose: %w", coded(code))),
		} {
			if !errors.Is(err, want) || !errors.Is(err, source.ErrUnavailable) {
				t.Errorf("%s, %v: %v, want %v", name, code, err, want)
			}
		}
	}
}
