package importer

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// workbook is an open XLSX file. Sheets are read as streams, with the type of each cell, which a
// library that gives formatted texts alone would lose: 1.234 typed as a number and 1.234 typed as
// a text are not the same. Shared strings and styles stay in memory, within limits.
type workbook struct {
	path     string
	zip      *zip.ReadCloser
	parts    map[string]*zip.File
	sheets   []sheet
	strings  sharedStrings
	styles   []style
	from1904 bool
	room     int // bytes left for shared strings
}

// sheet is one worksheet.
type sheet struct {
	name, part string
	size       uint64 // unpacked
}

// Limits of a workbook, against archives made to explode.
const (
	maxParts        = 10_000
	maxPartBytes    = 4 << 30  // unpacked; sheets are read as streams
	maxStringsBytes = 64 << 20 // of text that stays in memory
	maxMetaBytes    = 16 << 20 // of styles, sheet list and relations
	maxTokenBytes   = 1 << 20  // between two tags
)

// shelf keeps the last workbook open: the sheets of one are mostly read in a row.
type shelf struct{ book *workbook }

func (s *shelf) open(name string) (*workbook, error) {
	if s.book != nil && s.book.path == name {
		return s.book, nil
	}
	s.close()
	b, err := openWorkbook(name, maxStringsBytes)
	if err != nil {
		return nil, err
	}
	s.book = b
	return b, nil
}

func (s *shelf) close() {
	if s.book != nil {
		_ = s.book.zip.Close() // only read
		s.book = nil
	}
}

// openWorkbook reads all but the sheets, and at most so many bytes of shared strings. What is no
// workbook is a *defect.
func openWorkbook(name string, room int) (*workbook, error) {
	z, err := zip.OpenReader(name)
	if err != nil {
		if _, ok := errors.AsType[*fs.PathError](err); ok {
			return nil, err
		}
		return nil, notWorkbook(name)
	}
	b := &workbook{path: name, zip: z, parts: map[string]*zip.File{}, room: room}
	if err := b.load(); err != nil {
		return nil, errors.Join(err, z.Close())
	}
	return b, nil
}

func notWorkbook(name string) error {
	head := make([]byte, 4)
	if f, err := os.Open(name); err == nil {
		_, _ = io.ReadFull(f, head) // a short file is no workbook either
		_ = f.Close()
	}
	if string(head) == "\xD0\xCF\x11\xE0" {
		return broken(0, "é uma planilha antiga (.xls) ou protegida por senha. Salve como .xlsx, sem senha.",
			"is an old spreadsheet (.xls) or protected by a password. Save as .xlsx, without a password.")
	}
	if string(head) == "PK\x03\x04" {
		return broken(0, "planilha danificada ou cortada. Salve-a de novo.", "the workbook is damaged or cut. Save it again.")
	}
	return broken(0, "não é uma planilha XLSX. Se é texto, mude a extensão para .csv.", "is not an XLSX workbook. If it is text, change the extension to .csv.")
}

func (b *workbook) load() error {
	if len(b.zip.File) > maxParts {
		return tooLarge()
	}
	for _, f := range b.zip.File {
		b.parts[strings.TrimPrefix(f.Name, "/")] = f
	}
	main := "xl/workbook.xml"
	root, err := b.relations("")
	if err != nil {
		return err
	}
	for _, rel := range root {
		if strings.HasSuffix(rel.Type, "/officeDocument") {
			main = resolve("", rel.Target)
		}
	}
	if b.parts[main] == nil {
		return notWorkbook(b.path)
	}
	return b.loadMain(main)
}

func (b *workbook) loadMain(main string) error {
	var doc struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := b.decode(main, &doc); err != nil {
		return err
	}
	b.from1904 = doc.Properties.Date1904 == "1" || doc.Properties.Date1904 == "true"
	rels, err := b.relations(main)
	if err != nil {
		return err
	}
	for _, s := range doc.Sheets {
		for _, rel := range rels {
			if part := resolve(main, rel.Target); rel.ID == s.ID && strings.HasSuffix(rel.Type, "/worksheet") && b.parts[part] != nil {
				b.sheets = append(b.sheets, sheet{s.Name, part, b.parts[part].UncompressedSize64})
			}
		}
	}
	if len(b.sheets) == 0 {
		return broken(0, "a pasta de trabalho não tem planilhas.", "the workbook has no sheets.")
	}
	return b.loadShared(main, rels)
}

// loadShared reads the strings and the styles that all sheets use.
func (b *workbook) loadShared(main string, rels []relation) error {
	for _, rel := range rels {
		part := resolve(main, rel.Target)
		if b.parts[part] == nil {
			continue
		}
		var err error
		switch {
		case strings.HasSuffix(rel.Type, "/sharedStrings"):
			err = b.loadStrings(part)
		case strings.HasSuffix(rel.Type, "/styles"):
			err = b.loadStyles(part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// relation ties a part to another.
type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// relations are those of a part, or of the package if it is empty. Having none is no fault.
func (b *workbook) relations(part string) ([]relation, error) {
	dir, base := path.Split(part)
	name := dir + "_rels/" + base + ".rels"
	if b.parts[name] == nil {
		return nil, nil
	}
	var doc struct {
		All []relation `xml:"Relationship"`
	}
	err := b.decode(name, &doc)
	return doc.All, err
}

// resolve makes a target, which is relative to the part that names it, a part's name.
func resolve(from, target string) string {
	if rest, ok := strings.CutPrefix(target, "/"); ok {
		return rest
	}
	return path.Join(path.Dir(from), target)
}

// decode reads a small part.
func (b *workbook) decode(part string, into any) error {
	r, err := b.openPart(part)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // only read
	if err := xml.NewDecoder(io.LimitReader(r, maxMetaBytes)).Decode(into); err != nil {
		return damaged(err)
	}
	return nil
}

// openPart unpacks a part as a stream, up to the limit of its size.
func (b *workbook) openPart(part string) (io.ReadCloser, error) {
	f := b.parts[part]
	if f.UncompressedSize64 > maxPartBytes {
		return nil, tooLarge()
	}
	r, err := f.Open()
	if err != nil {
		return nil, damaged(err)
	}
	return r, nil
}

func tooLarge() error {
	return broken(0, "a planilha é grande demais para ser lida com segurança. Salve como CSV.",
		"the workbook is too large to be read safely. Save as CSV.")
}

// damaged makes a *defect of what unpacking or parsing says; errors of the disk stay as they are.
func damaged(err error) error {
	if d, ok := errors.AsType[*defect](err); ok {
		return d
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return err
	}
	return broken(0, "planilha danificada ou cortada. Salve-a de novo.", "the workbook is damaged or cut. Save it again.")
}
