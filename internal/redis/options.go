package redis

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"os"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// options are those of the address over the program's own.
func (a *Address) options() (*goredis.UniversalOptions, error) {
	security, err := a.security()
	if err != nil {
		return nil, err
	}
	o := a.tuned()
	return &goredis.UniversalOptions{
		Addrs: a.hosts, MasterName: a.master, IsClusterMode: a.kind == cluster, DB: a.database,
		Username: a.user, Password: a.password,
		SentinelUsername: a.query.Get(paramSentinelUser), SentinelPassword: a.query.Get(paramSentinelPassword),
		TLSConfig: security,
		Protocol:  o.Protocol, ClientName: o.ClientName,

		MaxRetries: cmp.Or(o.MaxRetries, retries), MaxRedirects: redirects,
		MinRetryBackoff: o.MinRetryBackoff, MaxRetryBackoff: o.MaxRetryBackoff,
		DialTimeout:   cmp.Or(o.DialTimeout, dialTimeout),
		DialerRetries: 1,
		ReadTimeout:   cmp.Or(o.ReadTimeout, ioTimeout),
		WriteTimeout:  cmp.Or(o.WriteTimeout, ioTimeout),
		// A context's deadline is a promise to somebody who waits.
		ContextTimeoutEnabled: true,

		PoolFIFO: o.PoolFIFO, PoolSize: o.PoolSize, PoolTimeout: cmp.Or(o.PoolTimeout, poolTimeout),
		MinIdleConns: o.MinIdleConns, MaxIdleConns: o.MaxIdleConns, MaxActiveConns: o.MaxActiveConns,
		MaxConcurrentDials: o.MaxConcurrentDials, ConnMaxIdleTime: o.ConnMaxIdleTime,
		ConnMaxLifetime: o.ConnMaxLifetime, ConnMaxLifetimeJitter: o.ConnMaxLifetimeJitter,
		// Pipelines are few here, and need no connections of their own.
		PipelinePoolSize: cmp.Or(o.PipelinePoolSize, -1), PipelineReadBufferSize: o.PipelineReadBufferSize,
		PipelineWriteBufferSize: o.PipelineWriteBufferSize,

		// Commands that some servers do not have and some users may not run, for no gain here.
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}, nil
}

// tuned are the parameters that go-redis reads; they have been checked.
func (a *Address) tuned() *goredis.Options {
	known := url.Values{}
	for name, values := range a.query {
		switch name {
		case paramCA, paramCert, paramKey, paramSkip, paramSentinelUser, paramSentinelPassword:
		default:
			known[name] = values
		}
	}
	o, err := goredis.ParseURL("redis://localhost?" + known.Encode())
	if err != nil {
		return &goredis.Options{}
	}
	return o
}

// security is nil without TLS. Each server is held to the name by which it is called.
func (a *Address) security() (*tls.Config, error) {
	if !a.tls {
		return nil, nil //nolint:nilnil // what go-redis takes for no TLS
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: a.query.Get(paramSkip) == "true"} //nolint:gosec // asked for by name
	if file := a.query.Get(paramCA); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, badFile(paramCA, err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, refuse("o arquivo do parâmetro ca não contém nenhum certificado (PEM)", "the file of the parameter ca holds no certificate (PEM)")
		}
	}
	if file := a.query.Get(paramCert); file != "" {
		pair, err := tls.LoadX509KeyPair(file, a.query.Get(paramKey))
		if err != nil {
			return nil, badFile(paramCert+", "+paramKey, err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
