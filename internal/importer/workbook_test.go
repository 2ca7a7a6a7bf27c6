package importer

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestSharedStringsAreBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.xlsx")
	f := excelize.NewFile()
	if err := errors.Join(f.SetCellValue("Sheet1", "A1", "some text"), f.SaveAs(path), f.Close()); err != nil {
		t.Fatal(err)
	}
	for room, fits := range map[int]bool{1 << 10: true, 5: false} {
		book, err := openWorkbook(path, room)
		var d *defect
		switch {
		case fits && err != nil, !fits && !errors.As(err, &d):
			t.Errorf("room for %d bytes: error %v", room, err)
		case fits:
			if text, ok := book.strings.get(0); !ok || text != "some text" {
				t.Errorf("%q", text)
			}
			if err := book.zip.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{"a_x000D_b": "a\rb", "_x": "_x", "_x00": "_x00", "_xZZZZ_": "_xZZZZ_", "_x005F_x0041_": "_x0041_"} {
		if got := unescape(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
