package importer

import (
	"bytes"
	"errors"
	"io"
	"os"
	"unicode/utf8"

	"ruptura/internal/lang"
)

// The encodings of CSV.
const (
	utf8Encoding = "UTF-8"
	windows1252  = "Windows-1252"
)

// inspectCSV reads a whole file to tell its encoding, or a *defect for what is no CSV.
func inspectCSV(path string, m *meter) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	return inspect(metered{f, m})
}

func inspect(r io.Reader) (string, error) {
	in := inspector{}
	buf := make([]byte, 1<<16)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		chunk := buf[:kept+n]
		if in.size == 0 && n > 0 {
			if why, bad := foreign(chunk); bad {
				return "", &defect{0, why}
			}
		}
		in.size += int64(n)
		kept = copy(buf, in.look(chunk, errors.Is(err, io.EOF)))
		if errors.Is(err, io.EOF) {
			return in.verdict()
		}
		if err != nil {
			return "", err
		}
	}
}

// foreign recognises by its first bytes what is not text in one of the encodings read.
func foreign(head []byte) (lang.Text, bool) {
	starts := func(s string) bool { return bytes.HasPrefix(head, []byte(s)) }
	switch {
	case starts("PK\x03\x04"):
		return text("é uma planilha ou um ZIP, não CSV. Mude a extensão para .xlsx ou salve como CSV.",
			"is a spreadsheet or a ZIP, not CSV. Change the extension to .xlsx or save as CSV."), true
	case starts("\xD0\xCF\x11\xE0"):
		return text("é uma planilha antiga (.xls), não CSV. Salve como .xlsx ou CSV.", "is an old spreadsheet (.xls), not CSV. Save as .xlsx or CSV."), true
	case starts("\xFF\xFE"), starts("\xFE\xFF"):
		return text("está em UTF-16. Salve como CSV UTF-8.", "is in UTF-16. Save as CSV UTF-8."), true
	case starts("%PDF"):
		return text("é um PDF, não CSV.", "is a PDF, not CSV."), true
	}
	return lang.Text{}, false
}

// inspector counts what tells one encoding from the other.
type inspector struct {
	size               int64
	line               int
	nul, wrong, letter int // NUL bytes, bytes that are no UTF-8, letters of several bytes
	nulLine, wrongLine int
}

// look examines a chunk and returns what is left of a letter cut at its end.
func (in *inspector) look(p []byte, last bool) []byte {
	for len(p) > 0 {
		if p[0] < utf8.RuneSelf {
			in.plain(p[0])
			p = p[1:]
			continue
		}
		if !last && !utf8.FullRune(p) {
			return p
		}
		r, n := utf8.DecodeRune(p)
		if r == utf8.RuneError && n == 1 {
			if in.wrong++; in.wrongLine == 0 {
				in.wrongLine = in.line + 1
			}
		} else {
			in.letter++
		}
		p = p[n:]
	}
	return nil
}

func (in *inspector) plain(b byte) {
	switch b {
	case '\n':
		in.line++
	case 0:
		if in.nul++; in.nulLine == 0 {
			in.nulLine = in.line + 1
		}
	}
}

// verdict decides. Text in Windows-1252 almost never contains what would be a letter in UTF-8,
// so a file with more such letters than wrong bytes is damaged UTF-8.
func (in *inspector) verdict() (string, error) {
	switch {
	case in.size == 0:
		return "", broken(0, "está vazio. Precisa ao menos da linha de cabeçalho.", "is empty. It needs at least the header row.")
	case in.nul > 0:
		return "", broken(in.nulLine, "tem bytes zero: não é texto, ou está em UTF-16. Salve como CSV UTF-8.",
			"has zero bytes: it is not text, or is in UTF-16. Save as CSV UTF-8.")
	case in.wrong == 0:
		return utf8Encoding, nil
	case in.letter > in.wrong:
		return "", broken(in.wrongLine, "mistura UTF-8 com outra codificação, ou está danificado. Salve de novo como CSV UTF-8.",
			"mixes UTF-8 with another encoding, or is damaged. Save it again as CSV UTF-8.")
	}
	return windows1252, nil
}
