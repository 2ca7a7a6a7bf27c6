package redis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/lang"
	"ruptura/internal/session"
)

var (
	// ErrDenied says that Redis refuses the user or its password, or does not let the user do what
	// the program needs.
	ErrDenied = errors.New("redis: not permitted")
	// ErrCertificate says that the server's certificate is not one to trust.
	ErrCertificate = errors.New("redis: the server's certificate is refused")
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

// Explain says what an error of Redis or on the way to it means to the program. What may pass is
// session.ErrUnavailable: a network that fails, a server that starts, changes its role or is busy. A
// server without memory is session.ErrFull. ErrDenied and ErrCertificate are for somebody to mend;
// ErrCertificate is a session.ErrUnavailable too. All of these are an [*Error]. Everything else stays
// as it is: goredis.Nil, a context that was cancelled, a client that is closed, a script's own errors.
func Explain(err error) error {
	if known := (*Error)(nil); err == nil || errors.As(err, &known) {
		return err
	}
	if goredis.HasErrorPrefix(err, "") { // Redis said it itself
		return explainReply(err)
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, goredis.ErrClosed), errors.Is(err, goredis.Nil):
		return err
	case distrusts(err):
		return &Error{[]error{ErrCertificate, session.ErrUnavailable}, err, lang.Text{
			PT: "o certificado do Redis não é de confiança; indique o da autoridade com o parâmetro ca=ARQUIVO do endereço",
			EN: "the certificate of Redis is not trusted; name its authority's with the address's parameter ca=FILE",
		}}
	}
	return &Error{[]error{session.ErrUnavailable}, err, lang.Text{
		PT: "o Redis não respondeu; confira o endereço em --redis e se ele está no ar",
		EN: "Redis did not answer; check the address in --redis and whether it is up",
	}}
}

// Beginnings of what Redis answers, by what they mean.
var (
	passing = []string{
		"LOADING", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "TRYAGAIN", "NOREPLICAS", "BUSY ", "MISCONF", "MOVED", "ASK ", "UNBLOCKED",
		"max number of clients",
	}
	denials = []string{"NOAUTH", "WRONGPASS", "NOPERM", "AUTH ", "invalid password", "DENIED"}
)

func explainReply(err error) error {
	says := func(prefix string) bool { return goredis.HasErrorPrefix(err, prefix) }
	switch {
	case says("OOM"):
		return &Error{[]error{session.ErrFull}, err, lang.Text{
			PT: "o Redis está sem memória; aumente maxmemory ou diminua --log-memory",
			EN: "Redis is out of memory; raise maxmemory or lower --log-memory",
		}}
	case slices.ContainsFunc(denials, says):
		return &Error{[]error{ErrDenied}, err, lang.Text{
			PT: "o Redis recusou o usuário ou a senha de --redis, ou esse usuário não pode fazer o que o programa precisa; confira com ACL GETUSER",
			EN: "Redis refused the user or the password of --redis, or that user may not do what the program needs; check with ACL GETUSER",
		}}
	case slices.ContainsFunc(passing, says):
		return &Error{[]error{session.ErrUnavailable}, err, lang.Text{
			PT: "o Redis não pode atender agora; se não passar logo, veja o registro dele",
			EN: "Redis cannot serve now; if it does not pass soon, look at its log",
		}}
	}
	return err
}

// distrusts reports whether the server's certificate was refused.
func distrusts(err error) bool {
	var (
		refused   *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	return errors.As(err, &refused) || errors.As(err, &authority) || errors.As(err, &hostname) || errors.As(err, &invalid)
}
