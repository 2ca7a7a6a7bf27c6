package importer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ruptura/internal/dataset"
)

// input is one file or sheet to be read.
type input struct {
	FileReport
	relation dataset.Relation
	name     string   // as problems call it
	columns  []column // the schema
	at       []int    // by schema column: its place in the file, -1 if missing
	titles   []string // by schema column: the header as written
	width    int      // columns in the header
}

// find makes inputs of the paths given. Faults of the paths are problems of the report; the
// error is of the disk.
func (r *run) find(paths []string) error {
	for _, p := range paths {
		info, err := os.Stat(p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			r.unusable(Problem{File: p, Why: text("não existe. Confira o caminho.", "does not exist. Check the path.")})
		case err != nil:
			return fmt.Errorf("importer: %w", err)
		case info.IsDir():
			if err := r.findIn(p); err != nil {
				return err
			}
		case !info.Mode().IsRegular():
			r.unusable(Problem{File: p, Why: text("não é um arquivo comum.", "is not a regular file.")})
		default:
			if err := r.take(p, info.Size(), true); err != nil {
				return err
			}
		}
	}
	if len(r.inputs) == 0 && r.log.errors == 0 {
		r.unusable(Problem{File: strings.Join(paths, ", "), Why: text(
			"nenhum arquivo para importar. São: %s, cada um .csv ou .xlsx, ou uma só pasta de trabalho com essas planilhas.",
			"nothing to import. The files are: %s, each .csv or .xlsx, or one workbook with these sheets.", relationList())})
	}
	slices.SortStableFunc(r.inputs, func(a, b *input) int { return int(a.relation) - int(b.relation) })
	return nil
}

// unusable reports an input that cannot be taken.
func (r *run) unusable(p Problem) {
	r.unread = true
	r.log.add(p)
}

func relationList() string {
	var names []string
	for _, rel := range dataset.Relations() {
		names = append(names, rel.String())
	}
	return strings.Join(names, ", ")
}

// findIn takes the files of a folder that have a name of ours; a lone workbook may have any.
func (r *run) findIn(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("importer: %w", err)
	}
	named := 0
	var others []string
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || !importable(path) || strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), "~$") {
			continue
		}
		if _, ok := relationNamed(stem(path)); !ok {
			others = append(others, path)
			continue
		}
		named++
		if err := r.take(path, info.Size(), false); err != nil {
			return err
		}
	}
	if named == 0 && len(others) == 1 && extension(others[0]) != ".csv" {
		return r.take(others[0], 0, true)
	}
	for _, path := range others {
		r.log.add(Problem{Severity: Warning, File: filepath.Base(path), Why: text(
			"arquivo não importado: o nome não é um destes: %s.", "file not imported: its name is none of these: %s.", relationList())})
	}
	return nil
}

func extension(path string) string { return strings.ToLower(filepath.Ext(path)) }
func stem(path string) string      { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }

func importable(path string) bool {
	switch extension(path) {
	case ".csv", ".xlsx", ".xlsm", ".xls":
		return true
	}
	return false
}

// take adds a file. One that the user named must be of use; of a folder it is known to be.
func (r *run) take(path string, size int64, named bool) error {
	switch extension(path) {
	case ".csv", ".txt", ".tsv":
		rel, ok := relationNamed(stem(path))
		if !ok {
			r.unusable(Problem{File: filepath.Base(path), Why: text(
				"o nome do arquivo não diz o que ele contém. Dê-lhe um destes nomes: %s.",
				"the file's name does not tell what it contains. Name it one of: %s.", relationList())})
			return nil
		}
		r.addInput(&input{relation: rel, FileReport: FileReport{Path: path}, name: filepath.Base(path)}, size, csvPasses)
	case ".xlsx", ".xlsm":
		return r.takeWorkbook(path)
	case ".xls":
		r.unusable(Problem{File: filepath.Base(path), Why: text(
			"formato antigo do Excel (.xls). Salve como .xlsx ou CSV.", "old Excel format (.xls). Save as .xlsx or CSV.")})
	default:
		if named {
			r.unusable(Problem{File: filepath.Base(path), Why: text(
				"só se importam arquivos .csv e .xlsx.", "only .csv and .xlsx files can be imported.")})
		}
	}
	return nil
}

// How often the bytes of a file are read: its encoding, its formats, its rows; and once more to
// load them.
const (
	csvPasses   = 3
	sheetPasses = 2
)

func (r *run) addInput(in *input, bytes, passes int64) {
	if other := r.input(in.relation); other != nil {
		r.log.add(Problem{File: in.Path, Why: text(
			"“%s” também está em %s. Deixe um só.", "“%s” is also in %s. Keep one of them.", in.relation, other.Path)})
		return
	}
	in.Relation = in.relation
	in.columns = columnsOf(in.relation)
	r.inputs = append(r.inputs, in)
	if !r.options.Check {
		passes++
	}
	r.meter.total += bytes * passes
}

// takeWorkbook adds the sheets of a workbook that are named as relations; failing any, its first
// sheet, if the file is named as one.
func (r *run) takeWorkbook(path string) error {
	book, err := r.workbooks.open(path)
	var d *defect
	switch {
	case errors.As(err, &d):
		r.unusable(Problem{File: filepath.Base(path), Why: d.why})
		return nil
	case err != nil:
		return fmt.Errorf("importer: %w", err)
	}
	found := 0
	var others []string
	for _, s := range book.sheets {
		if rel, ok := relationNamed(s.name); ok {
			found++
			r.addSheet(path, s, rel, true)
		} else {
			others = append(others, s.name)
		}
	}
	if rel, ok := relationNamed(stem(path)); ok && found == 0 {
		r.addSheet(path, book.sheets[0], rel, len(book.sheets) > 1)
		found, others = 1, others[1:]
	}
	severity := Warning
	if found == 0 {
		severity = Error
		r.unread = true
	}
	if len(others) > 0 {
		r.log.add(Problem{Severity: severity, File: filepath.Base(path), Value: strings.Join(others, ", "), Why: text(
			"planilha não importada: o nome não é um destes: %s.", "sheet not imported: its name is none of these: %s.", relationList())})
	}
	return nil
}

func (r *run) addSheet(path string, s sheet, rel dataset.Relation, several bool) {
	in := &input{relation: rel, FileReport: FileReport{Path: path, Sheet: s.name}, name: filepath.Base(path)}
	if several {
		in.name += " [" + s.name + "]"
	}
	r.addInput(in, int64(s.size), sheetPasses) //nolint:gosec // bounded by maxPartBytes
}

// open starts a pass over an input.
func (r *run) open(in *input) (table, error) {
	if in.Sheet == "" {
		return openCSV(in.Path, in.Encoding, in.Separator, r.meter)
	}
	book, err := r.workbooks.open(in.Path)
	if err != nil {
		return nil, err
	}
	return book.rows(in.Sheet, r.meter)
}
