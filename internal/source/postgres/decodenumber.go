package postgres

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"ruptura/internal/atp"
)

// powers of ten, as far as numbers are shifted by them.
var powers = [...]int64{1, 10, 100, 1000, 10_000, 100_000}

const (
	digitBase   = 10_000 // a numeric's digits have four decimal ones
	digitPlaces = 4
	header      = 8 // bytes: the number of digits, the weight of the first, the sign, the scale
)

// Signs of a numeric.
const (
	positive         = 0x0000
	negative         = 0x4000
	notANumber       = 0xC000
	positiveInfinity = 0xD000
	negativeInfinity = 0xF000
)

// digits are those of a numeric in the binary format: the first counts digitBase to the power of
// weight, each further one a power less.
type digits struct {
	raw    []byte
	weight int
}

// at is the digit with a power, 0 beyond the ends.
func (d digits) at(power int) uint64 {
	i := 2 * (d.weight - power)
	if i < 0 || i+2 > len(d.raw) {
		return 0
	}
	return uint64(binary.BigEndian.Uint16(d.raw[i:]))
}

// anyBelow reports whether a digit below a power is not zero. The server sends none at the end
// that are.
func (d digits) anyBelow(power int) bool { return len(d.raw) > 2*max(d.weight-power+1, 0) }

// fixedNumeric is a numeric in units of 10 to the power of -decimals, rounded half to even.
func fixedNumeric(b []byte, decimals int) (int64, error) {
	if len(b) < header || len(b) < header+2*int(binary.BigEndian.Uint16(b)) {
		return 0, fmt.Errorf("%w: a numeric cut short", ErrData)
	}
	d := digits{raw: b[header:], weight: int(int16(binary.BigEndian.Uint16(b[2:])))} //nolint:gosec // two's complement
	sign := binary.BigEndian.Uint16(b[4:])
	switch sign {
	case positive, negative:
	case notANumber:
		return 0, fmt.Errorf("%w: NaN", ErrData)
	case positiveInfinity, negativeInfinity:
		return 0, fmt.Errorf("%w: infinity", ErrData)
	default:
		return 0, fmt.Errorf("%w: a numeric of sign %#x", ErrData, sign)
	}
	if len(d.raw) == 0 {
		return 0, nil
	}
	n, ok := d.fixed(decimals)
	return signed(n, sign == negative, ok)
}

// fixed is the absolute value, if it fits.
func (d digits) fixed(decimals int) (n uint64, ok bool) {
	whole := -(decimals / digitPlaces) // the power of the last digit that counts in full
	for power := d.weight; power >= whole; power-- {
		if n, ok = mulAdd(n, digitBase, d.at(power)); !ok {
			return 0, false
		}
	}
	places := decimals % digitPlaces
	unit := uint64(powers[digitPlaces-places]) //nolint:gosec // positive
	split := d.at(whole - 1)
	if n, ok = mulAdd(n, uint64(powers[places]), split/unit); !ok { //nolint:gosec // positive
		return 0, false
	}
	rest, half := split%unit, unit/2
	if rest > half || (rest == half && (n%2 == 1 || d.anyBelow(whole-1))) {
		n++ // far from 2^64: each step made sure of 2^63
	}
	return n, true
}

// mulAdd is n × by + plus, if that is at most 2^63.
func mulAdd(n, by, plus uint64) (uint64, bool) {
	hi, lo := bits.Mul64(n, by)
	sum, carry := bits.Add64(lo, plus, 0)
	return sum, hi == 0 && carry == 0 && sum <= 1<<63
}

// signed gives a number its sign, or [atp.ErrOverflow].
func signed(n uint64, negative, ok bool) (int64, error) {
	switch {
	case ok && n <= math.MaxInt64 && negative:
		return -int64(n), nil
	case ok && n <= math.MaxInt64:
		return int64(n), nil
	case ok && n == 1<<63 && negative:
		return math.MinInt64, nil
	}
	return 0, atp.ErrOverflow
}

func fixedInteger(n int64, decimals int) (int64, error) {
	hi, lo := bits.Mul64(uint64(max(n, -n)), uint64(powers[decimals])) //nolint:gosec // the least integer is its own absolute value
	return signed(lo, n < 0, hi == 0)
}

// How many decimal digits of a float mean something: those that PostgreSQL keeps in a cast to
// numeric.
const (
	float4Digits = 6
	float8Digits = 15
)

// surelyExact bounds the whole numbers of units that a float8 can only mean as they are: its 15 digits
// are then less than a hundredth of a unit away.
const surelyExact = 1e12

// fixedFloat rounds half to even what the float means in decimals: 1.0055 is 1.006, although the
// float itself lies below that half.
func fixedFloat(f float64, significant, decimals int) (int64, error) {
	if math.IsNaN(f) {
		return 0, fmt.Errorf("%w: NaN", ErrData)
	}
	if math.IsInf(f, 0) {
		return 0, fmt.Errorf("%w: infinity", ErrData)
	}
	if n := f * float64(powers[decimals]); significant == float8Digits && math.Abs(n) < surelyExact && n == math.Trunc(n) {
		return int64(n), nil
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', significant-1, 64), "e")
	power, err := strconv.Atoi(exponent)
	if err != nil {
		return 0, err
	}
	shifted, err := strconv.ParseFloat(mantissa+"e"+strconv.Itoa(power+decimals), 64)
	if shifted = math.RoundToEven(shifted); err != nil || shifted < math.MinInt64 || shifted >= math.MaxInt64 {
		return 0, atp.ErrOverflow
	}
	return int64(shifted), nil
}
