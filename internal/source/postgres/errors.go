package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/source"
)

var (
	// ErrConnString says that a connection string cannot be read; the text around it says why.
	ErrConnString = errors.New("postgres: connection string not understood")
	// ErrPermission says that the server refuses the user or its password, or that the user may
	// not read what the program needs.
	ErrPermission error = unusable("postgres: not permitted")
	// ErrSchema says that the database, the schema, a relation or a column is missing or is of
	// another kind than the program reads; the text around it says which.
	ErrSchema error = unusable("postgres: wrong database schema")
	// ErrColumns says that the relations are there, but not all of their columns, or not of types that
	// can be read; the text around it says which. It is an [ErrSchema].
	ErrColumns = fmt.Errorf("%w: wrong columns", ErrSchema)
	// ErrCertificate says that the server's certificate is not one to trust.
	ErrCertificate error = unusable("postgres: the server's certificate is refused")
	// ErrNoTLS says that the connection string asks for TLS, and that the server offers none.
	ErrNoTLS error = unusable("postgres: the server offers no TLS")
	// ErrPooling says that a pooler between gives each statement a connection of its own.
	ErrPooling error = unusable("postgres: a pgbouncer in statement mode allows no transactions; it has to be pool_mode = transaction or session")
	// ErrData says that a relation holds a value that means nothing to the program, such as NaN
	// for a quantity; the text around it says where.
	ErrData error = unusable("postgres: value cannot be used")
)

// unusable is an error that trying again does not mend: all of them are source.ErrUnusable too.
type unusable string

// Error implements error.
func (e unusable) Error() string { return string(e) }

// Is reports what else it is.
func (unusable) Is(target error) bool { return target == source.ErrUnusable }

// classify wraps an error of the driver or of decoding with the operation and the sentinel that
// callers know. None of them holds the connection string.
func classify(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil {
		return fmt.Errorf("postgres: %s: %w", op, cause)
	}
	if sentinel := sentinelOf(err); sentinel != nil && !errors.Is(err, sentinel) {
		return fmt.Errorf("postgres: %s: %w: %w", op, sentinel, err)
	}
	return fmt.Errorf("postgres: %s: %w", op, err)
}

// sentinelOf is what an error means to callers, nil if nothing more than it says itself.
func sentinelOf(err error) error {
	for _, own := range []error{ErrConnString, ErrSchema, ErrPermission, ErrData, atp.ErrOverflow, source.ErrCursor, source.ErrNotFound} {
		if errors.Is(err, own) {
			return own
		}
	}
	if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) {
		if strings.Contains(refused.Message, "statement pooling mode") { // a protocol error by its code
			return ErrPooling
		}
		return sentinelOfState(refused.Code)
	}
	if distrusts(err) {
		return ErrCertificate
	}
	if lacksTLS(err) {
		return ErrNoTLS
	}
	// What the server did not say itself happened on the way to it.
	return source.ErrUnavailable
}

// noTLS is what the driver says, and has no error of its own for, when it insists on TLS.
const noTLS = "server refused TLS connection"

// lacksTLS reports whether that is what every attempt to connect failed over: each host that a
// connection string names is one.
func lacksTLS(err error) bool {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		return !slices.ContainsFunc(all.Unwrap(), func(e error) bool { return !lacksTLS(e) })
	}
	if next := errors.Unwrap(err); next != nil {
		return lacksTLS(next)
	}
	return strings.Contains(err.Error(), noTLS)
}

// denied reports whether the user of a connection may not do what it was asked to.
func denied(err error) bool {
	refused := (*pgconn.PgError)(nil)
	return errors.Is(err, ErrPermission) || (errors.As(err, &refused) && refused.Code == "42501")
}

// distrusts reports whether the server's certificate was refused: by the standard library, or by the
// driver, which looks at it by itself where the host's name does not matter (verify-ca).
func distrusts(err error) bool {
	var (
		refused   *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
	)
	return errors.As(err, &refused) || errors.As(err, &authority) || errors.As(err, &invalid)
}

// sentinelOfState sorts the server's error codes (PostgreSQL, appendix A).
func sentinelOfState(code string) error {
	switch code {
	case "57014", // statement timeout; a cancelled context has been dealt with
		"57P01", "57P02", "57P03", "57P05", // shutting down, crashed, starting, idle too long
		"55P03", "25P03", "25P04", // a lock not granted, idle in a transaction or too long in one
		"40001", "40P01": // conflict with a standby's recovery, deadlock
		return source.ErrUnavailable
	case "42501":
		return ErrPermission
	case "57P04", "3D000", "3F000", "42P01", "42703", "42883", "42804", "42809", "42846":
		return ErrSchema
	case "22003":
		return atp.ErrOverflow
	case "23505":
		return dataset.ErrDuplicate
	}
	switch code[:min(2, len(code))] { // the class
	case "08", "53", "58", "XX": // connection, resources, the server's system, its inside
		return source.ErrUnavailable
	case "28":
		return ErrPermission
	case "22":
		return ErrData
	}
	return nil
}

// reason is why a connection string was refused, without any of it.
func reason(err error) string {
	if parse := (*pgconn.ParseConfigError)(nil); !errors.As(err, &parse) {
		return "not readable"
	}
	// The message comes after the connection string, quoted.
	text := err.Error()
	text = text[strings.LastIndex(text, "`")+1:]
	text = strings.TrimPrefix(text, ": ")
	if strings.Contains(text, "as URL") {
		// The parser's own words would quote parts of the string.
		return "not a URL; write special characters of user and password as %XX"
	}
	return text
}
