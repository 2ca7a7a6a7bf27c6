package postgres

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// Decimals of the fixed-point types.
const (
	quantityDecimals = 3
	moneyDecimals    = 2
	valueDecimals    = 5
)

// binaryFormat is how all values travel.
const binaryFormat = 1

// decoder turns columns into Go values. A text that was seen before costs no allocation: the same
// string is handed out again. It belongs to one call.
type decoder struct {
	row
	seen map[string]string
	last string // what text gave last: rows near each other often share it
}

func newDecoder() *decoder { return &decoder{seen: make(map[string]string)} }

// row is the current row of a statement. Its values are valid until the next one.
type row struct {
	fields []pgconn.FieldDescription
	values [][]byte
	of     dataset.Relation // whose row it is, for the error
	err    error            // of the first column that could not be decoded
}

// fail notes that a column cannot be decoded. Which row that is in, its keys tell: a product's
// code, an order's number.
func (r *row) fail(col int, err error, keys ...int) {
	if r.err != nil {
		return
	}
	var where strings.Builder
	for _, key := range keys {
		fmt.Fprintf(&where, ", %s %q", r.fields[key].Name, r.values[key])
	}
	r.err = fmt.Errorf("%s%s: %s: %w", r.of, where.String(), r.fields[col].Name, err)
}

func (r *row) null(col int) bool { return r.values[col] == nil }

// text is a text column, "" for NULL.
func (d *decoder) text(col int) string { return d.intern(d.values[col]) }

func (d *decoder) intern(b []byte) string {
	if string(b) == d.last {
		return d.last
	}
	s, ok := d.seen[string(b)]
	if !ok {
		s = valid(b)
		d.seen[string(b)] = s
	}
	d.last = s
	return s
}

// valid is a text as UTF-8, which a database without an encoding of its own does not promise.
func valid(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return strings.ToValidUTF8(string(b), string(utf8.RuneError))
}

// integer is a bigint column, 0 for NULL.
func (r *row) integer(col int) int64 {
	if r.null(col) {
		return 0
	}
	return int64(binary.BigEndian.Uint64(r.values[col])) //nolint:gosec // two's complement
}

// truth is a boolean column, false for NULL.
func (r *row) truth(col int) bool { return !r.null(col) && r.values[col][0] != 0 }

// beforeMillennium is the Day before 2000-01-01, which dates are counted from.
const beforeMillennium = 730119

// date is a date column. NULL, the two infinities and years that four digits cannot write are the
// zero Day: no date.
func (r *row) date(col int) atp.Day {
	if r.null(col) {
		return 0
	}
	days := int64(int32(binary.BigEndian.Uint32(r.values[col]))) + beforeMillennium + 1 //nolint:gosec // two's complement
	if days < int64(firstDay) || days > int64(lastDay) {
		return 0
	}
	return atp.Day(days) //nolint:gosec // within the range of years
}

// The days that are dates.
var (
	firstDay = atp.NewDay(1, 1, 1)
	lastDay  = atp.NewDay(9999, 12, 31)
)

// quantity is a column of numbers of any kind, 0 for NULL, rounded half to even to thousandths.
// The keys tell the row if it is none.
func (r *row) quantity(col int, keys ...int) atp.Quantity {
	return atp.Quantity(r.fixed(col, quantityDecimals, keys...))
}

// money is like quantity, in hundredths.
func (r *row) money(col int, keys ...int) atp.Money {
	return atp.Money(r.fixed(col, moneyDecimals, keys...))
}

// value is like quantity, in units of [atp.Value].
func (r *row) value(col int, keys ...int) atp.Value {
	return atp.Value(r.fixed(col, valueDecimals, keys...))
}

func (r *row) fixed(col, decimals int, keys ...int) int64 {
	b := r.values[col]
	if b == nil {
		return 0
	}
	var n int64
	var err error
	switch oid := r.fields[col].DataTypeOID; oid {
	case pgtype.NumericOID:
		n, err = fixedNumeric(b, decimals)
	case pgtype.Int2OID:
		n = int64(int16(binary.BigEndian.Uint16(b))) * powers[decimals] //nolint:gosec // two's complement
	case pgtype.Int4OID:
		n = int64(int32(binary.BigEndian.Uint32(b))) * powers[decimals] //nolint:gosec // two's complement
	case pgtype.Int8OID:
		n, err = fixedInteger(int64(binary.BigEndian.Uint64(b)), decimals) //nolint:gosec // two's complement
	case pgtype.Float4OID:
		n, err = fixedFloat(float64(math.Float32frombits(binary.BigEndian.Uint32(b))), float4Digits, decimals)
	case pgtype.Float8OID:
		n, err = fixedFloat(math.Float64frombits(binary.BigEndian.Uint64(b)), float8Digits, decimals)
	default:
		err = fmt.Errorf("%w: type %d is not one of numbers", ErrSchema, oid)
	}
	if err != nil {
		r.fail(col, err, keys...)
	}
	return n
}
