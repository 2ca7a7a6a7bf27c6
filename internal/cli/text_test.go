package cli

import (
	"math"
	"strings"
	"testing"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/wire"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"Açaí – 100 %":      "Açaí – 100 %",
		"a\x1b[31mb":        `a\x1b[31mb`,
		"a\nb\tc\r":         `a\x0ab\x09c\x0d`,
		"a\u202eb\u200bc":   `a\u202eb\u200bc`,
		"a\u009bb":          `a\x9bb`,
		"line\u2028another": `line\u2028another`,
		"bad \xff byte":     "bad \ufffd byte",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		in      string
		columns int
		want    string
	}{
		{"Pão", 3, "Pão"}, {"Pães", 3, "Pã…"}, {"\uff21\uff22\uff23", 6, "\uff21\uff22\uff23"}, {"\uff21\uff22\uff23", 5, "\uff21\uff22…"}, {"\uff21\uff22\uff23", 4, "\uff21…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"}, {"", 0, ""}, {"ab", 1, "…"},
	} {
		if got := fit(c.in, c.columns); got != c.want || width(got) > max(c.columns, 0) {
			t.Errorf("fit(%q, %d) = %q, want %q", c.in, c.columns, got, c.want)
		}
	}
}

func TestFormat(t *testing.T) {
	pt, en := format{lang.PT}, format{lang.EN}
	for _, c := range []struct{ got, want string }{
		{pt.money(123456789), "1.234.567,89"},
		{en.money(123456789), "1,234,567.89"},
		{pt.money(-100050), "-1.000,50"},
		{pt.money(5), "0,05"},
		{en.money(math.MaxInt64), "92,233,720,368,547,758.07"},
		{pt.plainMoney(123450), "1234,50"},
		{pt.quantity(1234500), "1.234,5"},
		{en.quantity(-1), "-0.001"},
		{pt.count(1000), "1.000"},
		{pt.count(999), "999"},
		{pt.day(atp.NewDay(2026, 3, 2)), "02/03/2026"},
		{en.day(atp.NewDay(2026, 3, 2)), "2026-03-02"},
		{en.day(0), "–"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	a := &app{Env: Env{Width: 40}}
	got := a.wrap("um texto que não cabe em uma linha de quarenta colunas\n\n  recuado que também não cabe inteiro numa só", 2)
	for line := range strings.SplitSeq(got, "\n") {
		if width(line) > 40 {
			t.Errorf("%q is wider than 40", line)
		}
	}
	if !strings.Contains(got, "\n    recuado") || strings.Count(got, "recuado") != 1 {
		t.Errorf("got %q", got)
	}
}

func TestTotalsNeverWrap(t *testing.T) {
	sums := newTotals()
	huge := wire.Answer{Result: atp.Result{Value: math.MaxInt64, AvailableValue: math.MaxInt64}}
	var err error
	for range 2000 {
		if err = sums.add(&huge); err != nil {
			break
		}
	}
	if err == nil || sums.value < 0 {
		t.Errorf("sum is %d, error %v", sums.value, err)
	}
}
