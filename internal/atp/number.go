package atp

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// ErrOverflow says that an exact result does not fit the range of its type. It is always an
// error of the orders concerned: no figure ever wraps around silently.
var ErrOverflow = errors.New("atp: number out of range")

// ErrSyntax says that a text is not a decimal number of the expected precision.
var ErrSyntax = errors.New("atp: not a decimal number")

// Quantity is an amount of goods in thousandths of its unit: 1.5 boxes are Quantity(1500).
// The range is about ±9.2e15 units.
type Quantity int64

// Money is an amount in hundredths of the currency: R$ 1,50 is Money(150).
type Money int64

// Scale of the fixed-point types: how many of the smallest part make one whole.
const (
	QuantityScale = 1000
	MoneyScale    = 100
)

// ParseQuantity reads a plain decimal number ("-12", "1.5", "0.001") with at most three decimals.
// It returns ErrSyntax for anything else and ErrOverflow outside the range.
func ParseQuantity(s string) (Quantity, error) {
	n, err := parseFixed(s, 3)
	return Quantity(n), err
}

// ParseMoney reads a plain decimal number with at most two decimals, like [ParseQuantity].
func ParseMoney(s string) (Money, error) {
	n, err := parseFixed(s, 2)
	return Money(n), err
}

// String writes the quantity as a plain decimal number without trailing zeros: "1.5", "-0.001".
func (q Quantity) String() string { return string(q.Append(nil)) }

// Append adds the quantity to b in the form of [Quantity.String], which is also valid JSON.
func (q Quantity) Append(b []byte) []byte { return appendFixed(b, int64(q), 3) }

// String writes the amount as a plain decimal number without trailing zeros: "12.5".
func (m Money) String() string { return string(m.Append(nil)) }

// Append adds the amount to b in the form of [Money.String], which is also valid JSON.
func (m Money) Append(b []byte) []byte { return appendFixed(b, int64(m), 2) }

// Add returns q + r, or ErrOverflow.
func (q Quantity) Add(r Quantity) (Quantity, error) {
	sum, ok := add(int64(q), int64(r))
	if !ok {
		return 0, ErrOverflow
	}
	return Quantity(sum), nil
}

// add reports whether a + b fits.
func add(a, b int64) (int64, bool) {
	s := a + b
	return s, (s > a) == (b > 0)
}

// Value is quantity × price, exact, in units of 1e-5 of the currency. The range is about
// ±9.2e13 of the currency; beyond it [Value] arithmetic reports ErrOverflow.
type Value int64

const valueScale = QuantityScale * MoneyScale

// NewValue multiplies a quantity by a price per unit.
func NewValue(q Quantity, price Money) (Value, error) {
	hi, lo := bits.Mul64(abs(int64(q)), abs(int64(price)))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, fmt.Errorf("value of %s at %s: %w", q, price, ErrOverflow)
	}
	v := int64(lo)
	if (q < 0) != (price < 0) {
		v = -v
	}
	return Value(v), nil
}

// Money rounds the value to hundredths, half to even (calculation §3, last rule).
func (v Value) Money() Money { return Money(divHalfEven(int64(v), valueScale/MoneyScale)) }

func (v Value) add(w Value) (Value, error) {
	s, ok := add(int64(v), int64(w))
	if !ok {
		return 0, ErrOverflow
	}
	return Value(s), nil
}

func abs(n int64) uint64 {
	if n < 0 {
		return -uint64(n) //nolint:gosec // right for the least int64 too
	}
	return uint64(n)
}

// divHalfEven is n/d rounded half to even, for d > 0.
func divHalfEven(n, d int64) int64 {
	q, r := n/d, n%d
	twice := 2 * int64(abs(r)) //nolint:gosec // |r| < d ≤ 1000
	if twice > d || (twice == d && q%2 != 0) {
		if n < 0 {
			return q - 1
		}
		return q + 1
	}
	return q
}

// parseFixed reads [sign] digits [. digits] with at most `decimals` decimals.
func parseFixed(s string, decimals int) (int64, error) {
	digits, negative := strings.CutPrefix(s, "-")
	if !negative {
		digits = strings.TrimPrefix(digits, "+")
	}
	whole, frac, _ := strings.Cut(digits, ".")
	if len(frac) > decimals {
		if strings.Trim(frac[decimals:], "0") != "" {
			return 0, fmt.Errorf("%q has more than %d decimals: %w", s, decimals, ErrSyntax)
		}
		frac = frac[:decimals]
	}
	all := whole + frac + strings.Repeat("0", decimals-len(frac))
	if whole == "" || strings.Trim(all, "0123456789") != "" || strings.HasSuffix(digits, ".") {
		return 0, fmt.Errorf("%q: %w", s, ErrSyntax)
	}
	if negative {
		all = "-" + all
	}
	n, err := strconv.ParseInt(all, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q: %w", s, ErrOverflow)
	}
	return n, nil
}

func appendFixed(b []byte, n int64, decimals int) []byte {
	if n < 0 {
		b = append(b, '-')
	}
	scale := uint64(1)
	for range decimals {
		scale *= 10
	}
	u := abs(n)
	b = strconv.AppendUint(b, u/scale, 10)
	frac := u % scale
	if frac == 0 {
		return b
	}
	b = append(b, '.')
	for frac > 0 {
		scale /= 10
		b = append(b, byte('0'+frac/scale)) //nolint:gosec // a digit
		frac %= scale
	}
	return b
}
