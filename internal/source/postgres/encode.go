package postgres

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"

	"ruptura/internal/atp"
)

// arg is a parameter of a statement, in the binary format.
type arg struct {
	oid   uint32
	value []byte
}

func textArg(s string) arg { return arg{pgtype.TextOID, []byte(s)} }

func integerArg(n int64) arg {
	return arg{pgtype.Int8OID, binary.BigEndian.AppendUint64(nil, uint64(n))} //nolint:gosec // two's complement
}

func truthArg(b bool) arg {
	if b {
		return arg{pgtype.BoolOID, []byte{1}}
	}
	return arg{pgtype.BoolOID, []byte{0}}
}

// dayArg is a date; it must be known.
func dayArg(d atp.Day) arg {
	return arg{pgtype.DateOID, binary.BigEndian.AppendUint32(nil, uint32(d-beforeMillennium-1))} //nolint:gosec // two's complement
}

// textsArg is an array of texts, without those that the server could not even read: they are in
// no database.
func textsArg[Text ~string](all []Text) arg {
	const arrayHeader, elementHeader, usualText = 20, 4, 12
	b := make([]byte, arrayHeader, arrayHeader+(elementHeader+usualText)*len(all))
	n := 0
	for _, s := range all {
		if storable(string(s)) {
			b = binary.BigEndian.AppendUint32(b, uint32(len(s))) //nolint:gosec // a text of 4 GB does not get here
			b = append(b, s...)
			n++
		}
	}
	binary.BigEndian.PutUint32(b, 1) // dimension
	binary.BigEndian.PutUint32(b[8:], pgtype.TextOID)
	binary.BigEndian.PutUint32(b[12:], uint32(n))
	binary.BigEndian.PutUint32(b[16:], 1) // the index of the first
	return arg{pgtype.TextArrayOID, b}
}

// storable reports whether PostgreSQL can hold a text.
func storable(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }
