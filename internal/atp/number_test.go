package atp_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ruptura/internal/atp"
)

func TestQuantityTexts(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want atp.Quantity
		text string
	}{
		{"0", 0, "0"},
		{"-0", 0, "0"},
		{"0.000", 0, "0"},
		{"1", 1000, "1"},
		{"+1", 1000, "1"},
		{"007", 7000, "7"},
		{"1.5", 1500, "1.5"},
		{"1.50", 1500, "1.5"},
		{"1.050", 1050, "1.05"},
		{"0.001", 1, "0.001"},
		{"-0.001", -1, "-0.001"},
		{"1.2340000", 1234, "1.234"},
		{"9223372036854775.807", math.MaxInt64, "9223372036854775.807"},
		{"-9223372036854775.808", math.MinInt64, "-9223372036854775.808"},
	} {
		t.Run(tc.in, func(t *testing.T) {
			got, err := atp.ParseQuantity(tc.in)
			if err != nil || got != tc.want {
				t.Fatalf("ParseQuantity = %d, %v; want %d", got, err, tc.want)
			}
			if got.String() != tc.text {
				t.Errorf("String = %q, want %q", got, tc.text)
			}
		})
	}
}

func TestTextsThatAreNoQuantity(t *testing.T) {
	for _, in := range []string{
		"", "-", "+", ".", "-.", ".5", "5.", "--1", "+-1", "-+1", "1.2.3", "1.2.", "1,5", "1 000", " 1", "1 ", "1e3", "0x10", "1_000",
		"NaN", "Inf", "١", "1.0005", "1.0001000", "1.0x", "1.000x", "1.000x0", "12a", "a12", "−1",
	} {
		if q, err := atp.ParseQuantity(in); !errors.Is(err, atp.ErrSyntax) {
			t.Errorf("ParseQuantity(%q) = %s, %v; want ErrSyntax", in, q, err)
		}
	}
	for _, in := range []string{"9223372036854775.808", "-9223372036854775.809", "99999999999999999999", strings.Repeat("9", 500)} {
		if q, err := atp.ParseQuantity(in); !errors.Is(err, atp.ErrOverflow) {
			t.Errorf("ParseQuantity(%q) = %s, %v; want ErrOverflow", in, q, err)
		}
	}
}

func TestMoneyTexts(t *testing.T) {
	for in, want := range map[string]atp.Money{"1234.5": 123450, "0.01": 1, "-3": -300, "92233720368547758.07": math.MaxInt64} {
		if got, err := atp.ParseMoney(in); err != nil || got != want || got.String() != in {
			t.Errorf("ParseMoney(%q) = %s, %v; want %d", in, got, err, want)
		}
	}
	if m, err := atp.ParseMoney("0.001"); !errors.Is(err, atp.ErrSyntax) {
		t.Errorf("ParseMoney(0.001) = %s, %v; want ErrSyntax", m, err)
	}
	if m, err := atp.ParseMoney("92233720368547758.08"); !errors.Is(err, atp.ErrOverflow) {
		t.Errorf("ParseMoney beyond the range = %s, %v; want ErrOverflow", m, err)
	}
}

// TestNumbersAreReadBack: what is written is valid JSON, exact, and reads back as itself.
func TestNumbersAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		q, m := atp.Quantity(n), atp.Money(n)
		if back, err := atp.ParseQuantity(q.String()); err != nil || back != q {
			t.Errorf("quantity %d is written %s, read back %d, %v", n, q, back, err)
		}
		if back, err := atp.ParseMoney(m.String()); err != nil || back != m {
			t.Errorf("money %d is written %s, read back %d, %v", n, m, back, err)
		}
		exact, ok := new(big.Rat).SetString(q.String())
		if !ok || exact.Cmp(big.NewRat(n, atp.QuantityScale)) != 0 || !json.Valid([]byte(q.String())) {
			t.Errorf("quantity %d is written %s", n, q)
		}
	})
}

func TestQuantityAdd(t *testing.T) {
	number := rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1 << 62, -1 << 62}))
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		sum := new(big.Int).Add(big.NewInt(a), big.NewInt(b))
		got, err := atp.Quantity(a).Add(atp.Quantity(b))
		switch {
		case !sum.IsInt64() && !errors.Is(err, atp.ErrOverflow):
			t.Errorf("%d + %d = %d, %v; want ErrOverflow", a, b, got, err)
		case sum.IsInt64() && (err != nil || int64(got) != sum.Int64()):
			t.Errorf("%d + %d = %d, %v", a, b, got, err)
		}
	})
}

func TestValueIsExactOrAnError(t *testing.T) {
	small := rapid.Int64Range(-1<<33, 1<<33)
	number := rapid.OneOf(small, rapid.Int64(), rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, math.MinInt64}))
	rapid.Check(t, func(t *rapid.T) {
		q, price := number.Draw(t, "quantity"), number.Draw(t, "price")
		product := new(big.Int).Mul(big.NewInt(q), big.NewInt(price))
		fits := new(big.Int).Abs(product).IsInt64()
		got, err := atp.NewValue(atp.Quantity(q), atp.Money(price))
		switch {
		case !fits && !errors.Is(err, atp.ErrOverflow):
			t.Errorf("%d × %d = %d, %v; want ErrOverflow", q, price, got, err)
		case fits && (err != nil || int64(got) != product.Int64()):
			t.Errorf("%d × %d = %d, %v", q, price, got, err)
		}
	})
}

func TestValueRoundsHalfToEven(t *testing.T) {
	for v, want := range map[atp.Value]atp.Money{
		0: 0, 499: 0, 500: 0, 501: 1, 1499: 1, 1500: 2, 1501: 2, 2500: 2, 2501: 3, 3500: 4,
		-499: 0, -500: 0, -501: -1, -1500: -2, -2500: -2, -2501: -3,
		math.MaxInt64: 9223372036854776, math.MinInt64: -9223372036854776,
	} {
		if got := v.Money(); got != want {
			t.Errorf("Value(%d).Money() = %d, want %d", v, got, want)
		}
	}
}

// FuzzParseQuantity holds the parser against a pattern and big.Rat.
func FuzzParseQuantity(f *testing.F) {
	for _, s := range []string{"", "0", "-12", "1.5", "0.001", "1.0001", "9223372036854775.807", "-9223372036854775.809", "1.000x", "1e3"} {
		f.Add(s)
	}
	number := regexp.MustCompile(`^[-+]?\d+(\.\d{1,3}0*)?$`)
	f.Fuzz(func(t *testing.T, s string) {
		q, err := atp.ParseQuantity(s)
		if !number.MatchString(s) {
			if !errors.Is(err, atp.ErrSyntax) {
				t.Errorf("ParseQuantity(%q) = %d, %v; want ErrSyntax", s, q, err)
			}
			return
		}
		exact, _ := new(big.Rat).SetString(strings.TrimPrefix(s, "+"))
		exact.Mul(exact, big.NewRat(atp.QuantityScale, 1))
		switch {
		case !exact.Num().IsInt64():
			if !errors.Is(err, atp.ErrOverflow) {
				t.Errorf("ParseQuantity(%q) = %d, %v; want ErrOverflow", s, q, err)
			}
		case err != nil || int64(q) != exact.Num().Int64():
			t.Errorf("ParseQuantity(%q) = %d, %v; want %v", s, q, err, exact)
		default:
			if back, err := atp.ParseQuantity(q.String()); err != nil || back != q {
				t.Errorf("%q is written %s and read back as %d, %v", s, q, back, err)
			}
		}
	})
}
