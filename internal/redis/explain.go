package redis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"slices"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/lang"
	"ruptura/internal/session"
)

// Explain says what an error of Redis or on the way to it means to the program. What may pass is
// session.ErrUnavailable: a network that fails, a server that starts, changes its role or is busy. A
// server without memory is session.ErrFull. ErrDenied, ErrCertificate and ErrSetup are for somebody
// to mend; the latter two are session.ErrUnavailable too. All of these are an [*Error]. Everything
// else stays as it is: goredis.Nil, a context that was cancelled, a client that is closed, a
// script's own errors.
func Explain(err error) error {
	if known := (*Error)(nil); err == nil || errors.As(err, &known) {
		return err
	}
	if said := goredis.Error(nil); errors.As(err, &said) { // by Redis itself
		return explainReply(err)
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, goredis.ErrClosed):
		return err
	case distrusts(err):
		return &Error{[]error{ErrCertificate, session.ErrUnavailable}, err, lang.Text{
			PT: "o certificado do Redis não é de confiança; indique o da autoridade com o parâmetro ca=ARQUIVO do endereço",
			EN: "the certificate of Redis is not trusted; name its authority's with the address's parameter ca=FILE",
		}}
	}
	return &Error{[]error{session.ErrUnavailable}, err, lang.Text{
		PT: "o Redis não respondeu; confira em --redis o servidor, a porta e se é com TLS (rediss), e se ele está no ar",
		EN: "Redis did not answer; check host, port and TLS (rediss) in --redis, and whether it is up",
	}}
}

// replies are what Redis answers, by how it begins (after ERR, if that comes first), and what it means.
var replies = []struct {
	beginnings []string
	kinds      []error
	words      lang.Text
}{
	{[]string{"OOM"}, []error{session.ErrFull}, lang.Text{
		PT: "o Redis está sem memória; aumente maxmemory ou diminua --log-memory",
		EN: "Redis is out of memory; raise maxmemory or lower --log-memory",
	}},
	{[]string{"NOAUTH", "WRONGPASS", "NOPERM", "AUTH ", "invalid password", "DENIED"}, []error{ErrDenied}, lang.Text{
		PT: "o Redis recusou o usuário ou a senha de --redis, ou esse usuário não pode fazer o que o programa precisa; confira com ACL GETUSER",
		EN: "Redis refused the user or the password of --redis, or that user may not do what the program needs; check with ACL GETUSER",
	}},
	{[]string{"DB index is out of range", "invalid DB index"}, []error{ErrSetup, session.ErrUnavailable}, lang.Text{
		PT: "o banco do fim do endereço em --redis não existe nesse Redis; use /0",
		EN: "the database at the end of the address in --redis does not exist in that Redis; write /0",
	}},
	{[]string{"This instance has cluster support disabled"}, []error{ErrSetup, session.ErrUnavailable}, lang.Text{
		PT: "o servidor em --redis não é um Redis Cluster; use redis:// em vez de redis+cluster://",
		EN: "the server in --redis is no Redis Cluster; write redis:// instead of redis+cluster://",
	}},
	{[]string{"MOVED"}, []error{ErrSetup, session.ErrUnavailable}, lang.Text{
		PT: "o servidor em --redis é parte de um Redis Cluster; use redis+cluster:// em vez de redis://",
		EN: "the server in --redis is part of a Redis Cluster; write redis+cluster:// instead of redis://",
	}},
	{
		[]string{"LOADING", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "TRYAGAIN", "NOREPLICAS", "BUSY ", "MISCONF", "ASK ", "max number of clients"},
		[]error{session.ErrUnavailable}, lang.Text{
			PT: "o Redis não pode atender agora; se não passar logo, veja o registro dele",
			EN: "Redis cannot serve now; if it does not pass soon, look at its log",
		},
	},
}

func explainReply(err error) error {
	for _, r := range replies {
		if slices.ContainsFunc(r.beginnings, func(b string) bool { return goredis.HasErrorPrefix(err, b) }) {
			return &Error{r.kinds, err, r.words}
		}
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

// dialling is a hook that sees to it that no failure to connect looks like a missing key: a sentinel
// that does not know the master's name answers nothing, and go-redis says so by wrapping Nil.
type dialling struct{}

// DialHook implements goredis.Hook.
func (dialling) DialHook(next goredis.DialHook) goredis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := next(ctx, network, addr)
		if errors.Is(err, goredis.Nil) {
			return nil, &Error{[]error{ErrSetup, session.ErrUnavailable}, errNoMaster, lang.Text{
				PT: "o Sentinel não conhece o servidor pelo nome que está no endereço em --redis; confira-o com SENTINEL MASTERS",
				EN: "the sentinel does not know the server by the name in the address in --redis; check it with SENTINEL MASTERS",
			}}
		}
		return conn, err
	}
}

var errNoMaster = errors.New("SENTINEL get-master-addr-by-name answers nothing")

// ProcessHook implements goredis.Hook.
func (dialling) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }

// ProcessPipelineHook implements goredis.Hook.
func (dialling) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return next
}
