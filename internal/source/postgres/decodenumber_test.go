package postgres

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"
	"pgregory.net/rapid"

	"ruptura/internal/atp"
)

// encodeNumeric is a numeric in the binary format, as the driver's own codec writes it.
func encodeNumeric(t interface{ Fatal(args ...any) }, n pgtype.Numeric) []byte {
	b, err := pgtype.NewMap().Encode(pgtype.NumericOID, pgtype.BinaryFormatCode, n, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// roundHalfEven is the slow way: n × 10^exp in units of 10^-decimals.
func roundHalfEven(n *big.Int, exp, decimals int) *big.Int {
	shift := exp + decimals
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		return power.Mul(power, n)
	}
	quotient, rest := new(big.Int).QuoRem(n, power, new(big.Int))
	twice := rest.Abs(rest).Lsh(rest, 1)
	if c := twice.Cmp(power); c > 0 || (c == 0 && quotient.Bit(0) == 1) {
		quotient.Add(quotient, big.NewInt(int64(n.Sign())))
	}
	return quotient
}

func TestNumericProperty(t *testing.T) {
	limit := big.NewInt(math.MaxInt64)
	rapid.Check(t, func(rt *rapid.T) {
		n := big.NewInt(rapid.OneOf(rapid.Int64(), rapid.Int64Range(-20_000, 20_000)).Draw(rt, "digits"))
		exp := rapid.IntRange(-25, 12).Draw(rt, "exponent")
		decimals := rapid.SampledFrom([]int{0, moneyDecimals, quantityDecimals, valueDecimals}).Draw(rt, "decimals")
		want := roundHalfEven(n, exp, decimals)
		got, err := fixedNumeric(encodeNumeric(rt, pgtype.Numeric{Int: n, Exp: int32(exp), Valid: true}), decimals)
		switch {
		case want.IsInt64():
			if err != nil || got != want.Int64() {
				rt.Errorf("%se%d is %d (%v), want %s", n, exp, got, err, want)
			}
		case !errors.Is(err, atp.ErrOverflow):
			rt.Errorf("%se%d is %d (%v), want ErrOverflow beyond %s", n, exp, got, err, limit)
		}
	})
}

func TestNumericWithoutValue(t *testing.T) {
	for name, n := range map[string]pgtype.Numeric{
		"NaN": {NaN: true, Valid: true}, "infinity": {InfinityModifier: pgtype.Infinity, Valid: true},
		"-infinity": {InfinityModifier: pgtype.NegativeInfinity, Valid: true},
	} {
		if got, err := fixedNumeric(encodeNumeric(t, n), quantityDecimals); !errors.Is(err, ErrData) {
			t.Errorf("%s is %d (%v), want ErrData", name, got, err)
		}
	}
}

func TestFloat(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want int64
	}{
		{0, 0}, {1.0055, 1006}, {1.0045, 1004}, {-1.0055, -1006}, {0.0005, 0}, {0.0015, 2}, {0.1 + 0.2, 300}, {1e-300, 0},
		{123456.7895, 123456790}, {2.5, 2500}, {9e15, 9e18},
	} {
		if got, err := fixedFloat(c.f, float8Digits, quantityDecimals); err != nil || got != c.want {
			t.Errorf("%v is %d (%v), want %d", c.f, got, err, c.want)
		}
	}
	for _, c := range []struct {
		f    float64
		want error
	}{{math.NaN(), ErrData}, {math.Inf(1), ErrData}, {math.Inf(-1), ErrData}, {1e16, atp.ErrOverflow}, {-1e300, atp.ErrOverflow}} {
		if got, err := fixedFloat(c.f, float8Digits, quantityDecimals); !errors.Is(err, c.want) {
			t.Errorf("%v is %d (%v), want %v", c.f, got, err, c.want)
		}
	}
}

func TestFloatOfThreeDecimalsStaysAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := atp.Quantity(rapid.Int64Range(-999_999_999_999_999, 999_999_999_999_999).Draw(t, "thousandths"))
		f, err := strconv.ParseFloat(q.String(), 64)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := fixedFloat(f, float8Digits, quantityDecimals); err != nil || got != int64(q) {
			t.Errorf("%s is %d (%v)", q, got, err)
		}
	})
}

func TestInteger(t *testing.T) {
	for _, c := range []struct {
		n, want int64
		err     error
	}{
		{5, 5000, nil}, {-5, -5000, nil}, {math.MaxInt64 / 1000, math.MaxInt64 / 1000 * 1000, nil},
		{math.MaxInt64/1000 + 1, 0, atp.ErrOverflow}, {math.MinInt64, 0, atp.ErrOverflow},
	} {
		if got, err := fixedInteger(c.n, quantityDecimals); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%d is %d (%v), want %d (%v)", c.n, got, err, c.want, c.err)
		}
	}
}

// FuzzNumeric makes sure that no answer of a server makes the decoder panic.
func FuzzNumeric(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 0, 0, 0, 0, 0, 1})
	f.Add([]byte{0, 3, 0xff, 0xff, 0x40, 0, 0, 5, 0, 1, 0, 2, 0, 3})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, decimals := range []int{moneyDecimals, quantityDecimals, valueDecimals} {
			if n, err := fixedNumeric(b, decimals); err != nil && n != 0 {
				t.Errorf("%d with %v", n, err)
			}
		}
	})
}
