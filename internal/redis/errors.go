package redis

import (
	"errors"
	"slices"

	"ruptura/internal/lang"
)

var (
	// ErrDenied says that Redis refuses the user or its password, or does not let the user do what
	// the program needs.
	ErrDenied = errors.New("redis: not permitted")
	// ErrCertificate says that the server's certificate is not one to trust.
	ErrCertificate = errors.New("redis: the server's certificate is refused")
	// ErrSetup says that what answers is not what the address says: one server or a cluster, another
	// name for the master, no such database.
	ErrSetup = errors.New("redis: the server is not as the address says")
)

// AddressError is an address that cannot be used. It holds no part of it.
type AddressError struct{ why lang.Text }

// Error says what is wrong in English.
func (e *AddressError) Error() string { return "redis: " + e.why.EN }

// In says what is wrong and what to do.
func (e *AddressError) In(l lang.Lang) string { return e.why.In(l) }

func refuse(pt, en string) error { return &AddressError{lang.Text{PT: pt, EN: en}} }

const (
	escapesPT = "caracteres especiais do usuário e da senha se escrevem como %XX"
	escapesEN = "special characters of user and password are written as %XX"
)

var (
	errEscapes = refuse(escapesPT+" (@ é %40, / é %2F, ? é %3F, % é %25)", escapesEN+" (@ is %40, / is %2F, ? is %3F, % is %25)")
	errForm    = refuse("deve ter a forma redis://USUÁRIO:SENHA@SERVIDOR:6379/0, redis+sentinel://SERVIDOR:26379/NOME/0 ou "+
		"redis+cluster://SERVIDOR:6379,SERVIDOR:6379; com TLS, rediss em vez de redis",
		"must have the form redis://USER:PASSWORD@HOST:6379/0, redis+sentinel://HOST:26379/NAME/0 or "+
			"redis+cluster://HOST:6379,HOST:6379; with TLS, rediss instead of redis")
)

// badFile is a certificate's file that cannot be used.
func badFile(param string, err error) error {
	return refuse("o arquivo do parâmetro "+param+" não pôde ser usado: "+err.Error(), "the file of the parameter "+param+" could not be used: "+err.Error())
}

// Error is what went wrong at Redis, in words for who runs it.
type Error struct {
	kinds []error
	cause error
	words lang.Text
}

// Error says it in English, with the cause.
func (e *Error) Error() string { return "redis: " + e.In(lang.EN) }

// In says what is wrong and what to do.
func (e *Error) In(l lang.Lang) string { return e.words.In(l) + " (" + e.cause.Error() + ")" }

// Unwrap gives what it is to the program, and the cause.
func (e *Error) Unwrap() []error { return append(slices.Clone(e.kinds), e.cause) }
