package importer_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/importer"
)

// book makes a workbook: by sheet name, rows of cells.
func book(t testing.TB, path string, sheets map[string][][]any, more ...func(*excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	for name, rows := range sheets {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			at, err := excelize.CoordinatesToCellName(1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetSheetRow(name, at, &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, m := range more {
		m(f)
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.SaveAs(path), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func goodBook() map[string][][]any {
	return map[string][][]any{
		"Pedidos": {{"Nº Pedido", "Cliente", "Data de Entrega", "Importante"}, {"A1", "Zé & Irmãos <\"1\">", time.Date(2026, 3, 31, 15, 0, 0, 0, time.UTC), true}},
		"Itens":   {{"Pedido", "Linha", "Cód. Produto", "Produto", "Saldo", "Preço"}, {"A1", 1, 4759098, "Palmito", 0.1 + 0.2, 12.340000000000002}, {"A1", 2, "00500", "Azeitona", "1.234,5", nil}},
		"Estoque": {{"Código", "Qtd"}, {4759098, 1.234}, {"00500", -7}},
	}
}

func TestWorkbookOfSheets(t *testing.T) {
	m, rep := load(t, book(t, filepath.Join(t.TempDir(), "carteira.xlsx"), goodBook()))
	want := rows{
		Orders: []dataset.Order{{Number: "A1", Client: "Zé & Irmãos <\"1\">", Requested: atp.NewDay(2026, time.March, 31), Important: true}},
		Items: []dataset.Item{
			{Order: "A1", Line: 1, Product: "4759098", Name: "Palmito", Open: 300, Price: 1234, Priced: true},
			{Order: "A1", Line: 2, Product: "00500", Name: "Azeitona", Open: 1_234_500},
		},
		Movements: []dataset.Movement{{Product: "4759098", Quantity: 1234}, {Product: "00500", Quantity: -7000}},
	}
	if diff := cmp.Diff(want, m.rows); diff != "" {
		t.Error(diff)
	}
	if rep.Numbers.Format != "br" || rep.Files[0].Sheet != "Pedidos" || rep.Files[0].Encoding != "" {
		t.Errorf("report %+v", rep)
	}
}

func TestFolderOfWorkbookAndText(t *testing.T) {
	dir := good(t, map[string]string{"estoque.csv": ""})
	book(t, filepath.Join(dir, "ESTOQUE.XLSX.tmp.xlsx"), map[string][][]any{"x": {{"a"}}})
	book(t, filepath.Join(dir, "Estoque.xlsx"), map[string][][]any{"Plan1": {{"cod_produto", "qtd"}, {"P1", 5}}})
	m, _ := load(t, dir)
	if diff := cmp.Diff([]dataset.Movement{{Product: "P1", Quantity: 5000}}, m.Movements); diff != "" {
		t.Error(diff)
	}
}

func TestLoneWorkbookInAFolder(t *testing.T) {
	dir := t.TempDir()
	book(t, filepath.Join(dir, "qualquer nome.xlsx"), goodBook())
	if m, _ := load(t, dir); len(m.Items) != 2 {
		t.Errorf("%d items", len(m.Items))
	}
}

// set changes one cell of a good workbook.
func set(t testing.TB, change func(f *excelize.File) error) func(*excelize.File) {
	t.Helper()
	return func(f *excelize.File) {
		if err := change(f); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCodesKeepTheirZeros(t *testing.T) {
	path := book(t, filepath.Join(t.TempDir(), "a.xlsx"), goodBook(), set(t, func(f *excelize.File) error {
		format := "0000000"
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		return errors.Join(err, f.SetCellValue("Estoque", "A2", 500), f.SetCellStyle("Estoque", "A2", "A2", style))
	}))
	if m, _ := load(t, path); m.Movements[0].Product != "0000500" {
		t.Errorf("product %q", m.Movements[0].Product)
	}
}

func TestWorkbookCells(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(f *excelize.File) error
		want   string
		loads  bool
	}{
		{"a formula never calculated", func(f *excelize.File) error {
			return errors.Join(f.SetCellValue("Estoque", "B2", nil), f.SetCellFormula("Estoque", "B2", "1+1"))
		}, "[Estoque], line 2, column Qtd: formula without a calculated value", false},
		{"an error in a cell", func(f *excelize.File) error { return f.SetCellDefault("Estoque", "B2", "#N/A") }, "[Estoque], line 2, column Qtd: “#N/A”: ", false},
		{"a quantity too fine", func(f *excelize.File) error { return f.SetCellValue("Estoque", "B2", 12.3456) }, "“12.3456”: has more than 3 decimals", false},
		{"a date for a quantity", func(f *excelize.File) error {
			return f.SetCellValue("Estoque", "B2", time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
		}, "is a date where a number is expected", false},
		{"a code of too many digits", func(f *excelize.File) error { return f.SetCellDefault("Estoque", "A2", "1234567890123456789") }, "number of more than 15 digits", false},
		{"a number that is no date", func(f *excelize.File) error { return f.SetCellValue("Pedidos", "C2", 20260331) }, "is not a date", false},
		{"a sheet of another name", func(f *excelize.File) error { _, err := f.NewSheet("Resumo"); return err }, "warning: a.xlsx: “Resumo”: sheet not imported", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := book(t, filepath.Join(t.TempDir(), "a.xlsx"), goodBook(), set(t, tc.change))
			rep, err := importer.Run(t.Context(), &memory{}, []string{path}, importer.Options{})
			if tc.loads != (err == nil) || !strings.Contains(told(rep), tc.want) {
				t.Errorf("error %v, the report says\n%swant %s", err, told(rep), tc.want)
			}
		})
	}
}

// rewrite copies a workbook with one part changed.
func rewrite(t testing.TB, path, part string, change func(string) string) string {
	t.Helper()
	in, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == part {
			content = []byte(change(string(content)))
		}
		p, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	changed := filepath.Join(t.TempDir(), filepath.Base(path))
	if err := errors.Join(w.Close(), os.WriteFile(changed, out.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	return changed
}

// stockBook is a workbook of one sheet, estoque, whose XML is known.
func stockBook(t testing.TB) string {
	t.Helper()
	return book(t, filepath.Join(t.TempDir(), "estoque.xlsx"), map[string][][]any{"estoque": {{"cod_produto", "qtd"}, {"P1", 5}}})
}

// Excel writes a formula's last value beside it, which no library does.
func TestFormulaWithAValue(t *testing.T) {
	path := rewrite(t, stockBook(t), "xl/worksheets/sheet2.xml", func(s string) string {
		return strings.Replace(s, "<v>5</v>", "<f>2+3</f><v>5</v>", 1)
	})
	dir := good(t, map[string]string{"estoque.csv": ""})
	m, rep := load(t, dir, path)
	if diff := cmp.Diff([]dataset.Movement{{Product: "P1", Quantity: 5000}}, m.Movements); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(told(rep), "warning: estoque.xlsx [estoque], line 2, column qtd: “5”: formula: its last calculated value was used.") {
		t.Error(told(rep))
	}
}

func TestHostileWorkbooks(t *testing.T) {
	const sheet = "xl/worksheets/sheet2.xml"
	for name, tc := range map[string]struct {
		part   string
		change func(string) string
		want   string
	}{
		"text without end":      {sheet, func(s string) string { return strings.Replace(s, "<v>5", "<v>"+strings.Repeat("5", 3<<20), 1) }, "too large to be read safely"},
		"tag without end":       {sheet, func(s string) string { return strings.Replace(s, "<v>5", "<v a=\""+strings.Repeat("5", 3<<20), 1) }, "too large to be read safely"},
		"string that is absent": {sheet, func(s string) string { return strings.ReplaceAll(s, `t="s"><v>`, `t="s"><v>99`) }, "damaged workbook: a text that does not exist"},
		"entity":                {sheet, func(s string) string { return strings.Replace(s, "<v>5", "<v>&bomb;", 1) }, "damaged or cut"},
		"broken XML":            {sheet, func(s string) string { return strings.Replace(s, "<v>5</v>", "<v>5</", 1) }, "damaged or cut"},
		"no sheets":             {"xl/workbook.xml", func(string) string { return "<workbook/>" }, "the workbook has no sheets"},
	} {
		t.Run(name, func(t *testing.T) {
			path := rewrite(t, stockBook(t), tc.part, tc.change)
			rep, err := importer.Run(t.Context(), &memory{}, []string{good(t, map[string]string{"estoque.csv": ""}), path}, importer.Options{})
			if !errors.Is(err, importer.ErrRejected) || !strings.Contains(told(rep), tc.want) {
				t.Errorf("error %v, the report says\n%swant %s", err, told(rep), tc.want)
			}
		})
	}
}

func TestCellFarAwayIsLetGo(t *testing.T) {
	path := rewrite(t, stockBook(t), "xl/worksheets/sheet2.xml", func(s string) string {
		return strings.Replace(s, "</row></sheetData>", `<c r="XFD2"><v>1</v></c></row></sheetData>`, 1)
	})
	if m, _ := load(t, good(t, map[string]string{"estoque.csv": ""}), path); len(m.Movements) != 1 {
		t.Errorf("%d movements", len(m.Movements))
	}
}
