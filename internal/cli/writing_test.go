package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"ruptura/internal/lang"
)

func TestWritingTellsBothLanguages(t *testing.T) {
	for code, want := range map[syscall.Errno]lang.Text{
		syscall.EACCES:  {PT: "sem permissão de escrita", EN: "no permission to write"},
		syscall.EROFS:   {PT: "sem permissão de escrita", EN: "no permission to write"},
		syscall.ENOTDIR: {PT: "não é uma pasta", EN: "is not a folder"},
		syscall.ENOSPC:  {PT: "o disco está cheio", EN: "the disk is full"},
		syscall.EIO:     {PT: "confira o caminho", EN: "check the path"},
	} {
		err := writing(fmt.Errorf("demo: %w", &fs.PathError{Op: "mkdir", Path: "foo", Err: code}))
		told, ok := errors.AsType[localised](err)
		if !ok || !errors.Is(err, code) {
			t.Errorf("%v: %v", code, err)
			continue
		}
		for _, l := range []lang.Lang{lang.PT, lang.EN} {
			if got := told.In(l); !strings.Contains(got, " foo: "+want.In(l)) || strings.Contains(got, "mkdir") {
				t.Errorf("%v: %q", code, got)
			}
		}
	}
	if other := errors.New("other"); !errors.Is(writing(other), other) || writing(nil) != nil {
		t.Error("an error that is not of a file has changed")
	}
}
