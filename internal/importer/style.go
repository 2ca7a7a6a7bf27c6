package importer

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// sharedStrings are the texts of a workbook, end to end in one piece of memory.
type sharedStrings struct {
	all  []byte
	ends []uint32
}

func (s *sharedStrings) get(i int) (string, bool) {
	if i < 0 || i >= len(s.ends) {
		return "", false
	}
	start := uint32(0)
	if i > 0 {
		start = s.ends[i-1]
	}
	return unescape(string(s.all[start:s.ends[i]])), true
}

// loadStrings reads the shared strings: the text of each si, its runs joined, without the
// reading aids (rPh) of some languages.
func (b *workbook) loadStrings(part string) error {
	r, err := b.openPart(part)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // only read
	d := xml.NewDecoder(&guard{in: r, left: 8 * maxStringsBytes})
	collect, phonetic := false, false
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			phonetic = phonetic || e.Name.Local == "rPh"
			collect = e.Name.Local == "t" && !phonetic
		case xml.EndElement:
			collect = false
			switch e.Name.Local {
			case "rPh":
				phonetic = false
			case "si":
				b.strings.ends = append(b.strings.ends, uint32(len(b.strings.all))) //nolint:gosec // below maxStringsBytes
			}
		case xml.CharData:
			if collect {
				b.strings.all = append(b.strings.all, e...)
			}
		}
		if len(b.strings.all)+4*len(b.strings.ends) > b.room {
			return tooLarge()
		}
	}
}

// style is what a cell's number format says of its value.
type style struct {
	date bool
	pad  int // digits of a format such as 00000
}

func (b *workbook) style(index string) (style, bool) {
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 || i >= len(b.styles) {
		return style{}, false
	}
	return b.styles[i], true
}

func (b *workbook) loadStyles(part string) error {
	var doc struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := b.decode(part, &doc); err != nil {
		return err
	}
	codes := map[int]string{}
	for _, f := range doc.Formats {
		codes[f.ID] = f.Code
	}
	for _, c := range doc.Cells {
		s := style{date: builtinDate(c.Format)}
		if code, ok := codes[c.Format]; ok {
			s = style{date: dateCode(code)}
			if strings.Trim(code, "0") == "" {
				s.pad = len(code)
			}
		}
		b.styles = append(b.styles, s)
	}
	return nil
}

// builtinDate knows the number formats that are dates without saying how (ECMA-376, 18.8.30).
func builtinDate(id int) bool {
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 36 || id >= 50 && id <= 58
}

// dateCode looks for a day or a year in a format code, outside quotes and brackets.
func dateCode(code string) bool {
	quoted, bracketed := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '[':
			bracketed = true
		case c == ']':
			bracketed = false
		case bracketed:
		case c == 'd' || c == 'D' || c == 'y' || c == 'Y':
			return true
		}
	}
	return false
}
