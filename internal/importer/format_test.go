package importer

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ruptura/internal/atp"
)

func TestNumberEvidence(t *testing.T) {
	for s, want := range map[string]evidence{
		"":             says0,
		"12":           says0,
		"-7":           says0,
		"abc":          says0,
		"a,b":          says0,
		"1.2.3":        says0,
		"12,":          says0,
		"1.234":        saysEither,
		"1,234":        saysEither,
		"-999.999":     saysEither,
		"R$ 1.000":     saysEither,
		"1.234,56":     saysBR,
		"1.234.567":    saysBR,
		"0,5":          saysBR,
		"0,500":        saysBR,
		"1234,567":     saysBR,
		"1,2":          saysBR,
		",5":           saysBR,
		"R$\u00a09,90": saysBR,
		"1,234.56":     saysOther,
		"1,234,567":    saysOther,
		"1.5":          saysOther,
		"0.500":        saysOther,
		"1234.567":     saysOther,
		"1.2345":       saysOther,
		".5":           saysOther,
	} {
		if got := numberEvidence(s); got != want {
			t.Errorf("%q says %d, want %d", s, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, tc := range []struct {
		format NumberFormat
		in     string
		want   string
		err    error
	}{
		{BrazilianNumbers, "1.234,56", "1234.56", nil},
		{BrazilianNumbers, "1.234", "1234", nil},
		{BrazilianNumbers, "-0,500", "-0.5", nil},
		{BrazilianNumbers, "- 1", "-1", nil},
		{BrazilianNumbers, "+1.000.000,001", "1000000.001", nil},
		{BrazilianNumbers, "R$ 10,0000", "10", nil},
		{BrazilianNumbers, "1.5", "", errNumber},
		{BrazilianNumbers, "1.23,4", "", errNumber},
		{BrazilianNumbers, "12.34.567", "", errNumber},
		{BrazilianNumbers, "1,0001", "", errDecimals},
		{BrazilianNumbers, "--1", "", errNumber},
		{BrazilianNumbers, "-", "", errNumber},
		{BrazilianNumbers, ",", "", errNumber},
		{BrazilianNumbers, "1e3", "", errNumber},
		{BrazilianNumbers, "10%", "", errNumber},
		{BrazilianNumbers, "(10)", "", errNumber},
		{BrazilianNumbers, "١", "", errNumber},
		{InternationalNumbers, "1,234.56", "1234.56", nil},
		{InternationalNumbers, "1.234", "1.234", nil},
		{InternationalNumbers, "0,500", "", errNumber},
		{InternationalNumbers, "NaN", "", errNumber},
		{InternationalNumbers, "0x10", "", errNumber},
	} {
		if got, err := tc.format.number(tc.in, 3); got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("%s %q: %q, %v; want %q, %v", tc.format, tc.in, got, err, tc.want, tc.err)
		}
	}
}

func TestTypedNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"12.340000000000002":    "12.34",
		"0.30000000000000004":   "0.3",
		"1E+3":                  "1000",
		"5.0000000000000001E-3": "0.005",
		"-7":                    "-7",
		"123456789012":          "123456789012",
		"1234567.8949999999":    "1234567.895",
		"0.10000000000000001":   "0.1",
	} {
		if got, err := typedNumber(in, 3); got != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for in, want := range map[string]error{"12.3456": errDecimals, "x": errNumber, "NaN": errNumber, "Inf": errNumber, "1e400": errNumber, "1e30": errRange} {
		if got, err := typedNumber(in, 3); !errors.Is(err, want) {
			t.Errorf("%q: %q, %v; want %v", in, got, err, want)
		}
	}
}

func TestDates(t *testing.T) {
	march31 := atp.NewDay(2026, time.March, 31)
	for _, tc := range []struct {
		format DateFormat
		in     string
		want   atp.Day
		err    error
	}{
		{ISODates, "2026-03-31", march31, nil},
		{ISODates, "2026-03-31 23:59:59", march31, nil},
		{ISODates, "2026-03-31T10:00", march31, nil},
		{ISODates, "2026-03-31T10:00:00.123", march31, nil},
		{ISODates, "2026-03-31T23:00:00Z", 0, errDate},
		{ISODates, "2026-3-1", 0, errDate},
		{ISODates, "31/03/2026", 0, errDate},
		{ISODates, "2026-02-29", 0, errDate},
		{ISODates, "2026-00-10", 0, errDate},
		{BrazilianDates, "31/03/2026", march31, nil},
		{BrazilianDates, " 31/3/2026 00:00 ", march31, nil},
		{BrazilianDates, "29/02/2024", atp.NewDay(2024, time.February, 29), nil},
		{BrazilianDates, "03/31/2026", 0, errMonthDay},
		{BrazilianDates, "31/03/26", 0, errShortYear},
		{BrazilianDates, "31/03/0026", 0, errYear},
		{BrazilianDates, "31/04/2026", 0, errDate},
		{BrazilianDates, "31/03", 0, errDate},
		{BrazilianDates, "1/1/1/1", 0, errDate},
		{BrazilianDates, "-1/01/2026", 0, errDate},
	} {
		if got, err := tc.format.date(tc.in); got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("%s %q: %v, %v; want %v, %v", tc.format, tc.in, got, err, tc.want, tc.err)
		}
	}
}

func TestTypedDates(t *testing.T) {
	march31 := atp.NewDay(2026, time.March, 31)
	for _, tc := range []struct {
		in   string
		from bool
		want atp.Day
		err  error
	}{
		{"46112", false, march31, nil},
		{"46112.999", false, march31, nil},
		{"44650", true, march31, nil},
		{"20260331", false, 0, errDate},
		{"-1", false, 0, errDate},
		{"NaN", false, 0, errDate},
		{"10", false, 0, errYear},
	} {
		if got, err := typedDate(tc.in, tc.from); got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("%q: %v, %v; want %v, %v", tc.in, got, err, tc.want, tc.err)
		}
	}
}

func TestDateCodes(t *testing.T) {
	for code, want := range map[string]bool{
		"dd/mm/yyyy": true, "[$-416]d-mmm": true, "yyyy": true, "General": false, `#,##0.00" dias"`: false,
		`[Red]0.00`: false, `\d0`: false, "R$ #,##0.00": false, "[h]:mm": false,
	} {
		if got := dateCode(code); got != want {
			t.Errorf("%q is a date: %t", code, got)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Nº Pedido": "nopedido", "NUM_PEDIDO": "numpedido", "Cód. Produto": "codproduto", " Data de Entrega ": "dataentrega",
		"De": "de", "Preço\u00a0Unitário": "precounitario", "###": "", "Expedição": "expedicao",
	} {
		if got := fold(in); got != want {
			t.Errorf("%q folds to %q, want %q", in, got, want)
		}
	}
}

// Every name a column goes by must be found again as that column.
func TestSynonymsAreUnique(t *testing.T) {
	for _, in := range []string{"pedidos", "itens", "estoque", "separacoes", "producao", "unificacao"} {
		r, ok := relationNamed(in)
		if !ok {
			t.Fatal(in)
		}
		columns := columnsOf(r)
		for i, c := range columns {
			for _, name := range append(c.synonyms, c.name) {
				if got := match(columns, name); got != i {
					t.Errorf("%s: %q is column %d, want %d", in, name, got, i)
				}
			}
		}
	}
}

// grouped writes a plain decimal as people do: with grouping marks and a decimal mark.
func grouped(plain, group, point string) string {
	s, negative := strings.CutPrefix(plain, "-")
	whole, frac, _ := strings.Cut(s, ".")
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteByte(whole[i])
	}
	if frac != "" {
		b.WriteString(point + frac)
	}
	return b.String()
}

func TestNumbersComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := atp.Quantity(rapid.Int64().Draw(t, "quantity"))
		for _, tc := range []struct {
			format       NumberFormat
			group, point string
		}{{BrazilianNumbers, ".", ","}, {BrazilianNumbers, "", ","}, {InternationalNumbers, ",", "."}, {InternationalNumbers, "", "."}} {
			written := grouped(q.String(), tc.group, tc.point)
			plain, err := tc.format.number(written, quantityDecimals)
			if err != nil {
				t.Fatalf("%q: %v", written, err)
			}
			if got, err := atp.ParseQuantity(plain); got != q || err != nil {
				t.Fatalf("%q is %s (%v), want %s", written, got, err, q)
			}
			if tc.format == BrazilianNumbers && numberEvidence(written) == saysOther || tc.format == InternationalNumbers && numberEvidence(written) == saysBR {
				t.Fatalf("%q speaks for the other format", written)
			}
		}
	})
}

func TestDatesComeBack(t *testing.T) {
	first, last := atp.NewDay(firstYear, 1, 1), atp.NewDay(lastYear, 12, 31)
	rapid.Check(t, func(t *rapid.T) {
		d := atp.Day(rapid.Int32Range(int32(first), int32(last)).Draw(t, "day"))
		for format, layout := range map[DateFormat]string{ISODates: "2006-01-02", BrazilianDates: "2/1/2006"} {
			if got, err := format.date(d.Time().Format(layout)); got != d || err != nil {
				t.Fatalf("%s: %s, %v", d, got, err)
			}
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1.234,56", "1,234.56", "R$ -0,5", "1.234", "", "-", "9999999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, format := range []NumberFormat{BrazilianNumbers, InternationalNumbers} {
			plain, err := format.number(s, quantityDecimals)
			if err != nil {
				continue
			}
			if _, err := atp.ParseQuantity(plain); err != nil && !errors.Is(err, atp.ErrOverflow) {
				t.Errorf("%q became %q: %v", s, plain, err)
			}
		}
		numberEvidence(s)
		_, _ = typedNumber(s, quantityDecimals)
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2026-03-31", "31/03/2026", "31/03/2026 10:00", "46112", "//", "--"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, format := range []DateFormat{BrazilianDates, ISODates} {
			if d, err := format.date(s); err == nil && (d < atp.NewDay(firstYear, 1, 1) || d > atp.NewDay(lastYear, 12, 31)) {
				t.Errorf("%q is %s", s, d)
			}
		}
		dateEvidence(s)
		_, _ = typedDate(s, true)
	})
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a;b\r\n\"x\"\"y\";2", "sep=;\na;b\r1;2\r", "\"", "\"a\"b,c\n\n,,\n", "\uFEFFa,b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		encoding, err := inspect(bytes.NewReader(content))
		if err != nil {
			return
		}
		lines := bytes.Count(content, []byte("\n")) + bytes.Count(content, []byte("\r")) + 1
		for _, separator := range []byte{',', ';', '\t'} {
			readAll(t, content, encoding, separator, lines)
		}
	})
}

// readAll reads to the end, which must come after at most so many lines.
func readAll(t *testing.T, content []byte, encoding string, separator byte, lines int) {
	table, err := newCSV(bytes.NewReader(content), encoding, separator)
	if err != nil {
		return
	}
	for last := 0; ; {
		row, err := table.next()
		var d *defect
		if errors.Is(err, io.EOF) || errors.As(err, &d) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if row.line <= last || row.line > lines {
			t.Fatalf("line %d after %d of %d", row.line, last, lines)
		}
		last = row.line
	}
}

// What a CSV writer writes is read back, whatever the text.
func TestTextComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.SliceOfN(rapid.StringMatching(`[a-zç",;\t\n ="]{1,8}`), 1, 6).Draw(t, "fields")
		fields = append(fields, "end")
		var quoted []string
		for _, s := range fields {
			quoted = append(quoted, `"`+strings.ReplaceAll(s, `"`, `""`)+`"`)
		}
		line := "head\n" + strings.Join(quoted, ";") + "\r\n"
		table, err := newCSV(strings.NewReader(line), utf8Encoding, ';')
		if err != nil {
			t.Fatal(err)
		}
		if _, err := table.next(); err != nil {
			t.Fatal(err)
		}
		row, err := table.next()
		if err != nil || len(row.cells) != len(fields) || row.broken != nil {
			t.Fatalf("%q: %d cells, %v", line, len(row.cells), err)
		}
		for i, c := range row.cells {
			if c.text != fields[i] {
				t.Fatalf("%q became %q", fields[i], c.text)
			}
		}
	})
}
