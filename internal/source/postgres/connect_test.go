package postgres

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source"
)

// certificate is one that vouches for itself, and its key, for 127.0.0.1 or another name.
func certificate(t *testing.T, name string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, DNSNames: []string{name},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.DNSNames, template.IPAddresses = nil, []net.IP{ip}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

// file writes one of the test's own, which nobody else may read.
func file(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// secured starts a server that shows a certificate, and makes a database with relations in it for a
// user who is let in by TLS alone.
func secured(t *testing.T, cert, key []byte) string {
	t.Helper()
	server := postgrestest.Start(t, postgrestest.Options{
		Settings: []string{"ssl = on"},
		Access:   []string{"host all postgres 127.0.0.1/32 trust", "hostssl all all 127.0.0.1/32 trust"},
		Files:    map[string][]byte{"server.crt": cert, "server.key": key},
	})
	connString := server.Database(t)
	postgrestest.Exec(t, connString, oddRelations)
	return server.Reader(t, connString, DefaultSchema)
}

func TestTLSModes(t *testing.T) {
	cert, key := certificate(t, "127.0.0.1")
	authority := file(t, "root.crt", cert)
	stranger, _ := certificate(t, "127.0.0.1")
	other := file(t, "other.crt", stranger)
	connString := secured(t, cert, key)
	for _, c := range []struct {
		name string
		with url.Values
		want error
	}{
		{"none, which the server refuses", url.Values{"sslmode": {"disable"}}, ErrPermission},
		{"preferred", url.Values{"sslmode": {"prefer"}}, nil},
		{"required", url.Values{"sslmode": {"require"}}, nil},
		{"verified", url.Values{"sslmode": {"verify-full"}, "sslrootcert": {authority}}, nil},
		{"verified by a stranger", url.Values{"sslmode": {"verify-full"}, "sslrootcert": {other}}, ErrCertificate},
		{"verified but for its name", url.Values{"sslmode": {"verify-ca"}, "sslrootcert": {authority}}, nil},
		{"verified but for its name, by a stranger", url.Values{"sslmode": {"verify-ca"}, "sslrootcert": {other}}, ErrCertificate},
		{"required, and verified by a stranger", url.Values{"sslmode": {"require"}, "sslrootcert": {other}}, ErrCertificate},
		{"an authority that is not there", url.Values{"sslmode": {"verify-full"}, "sslrootcert": {other + ".none"}}, ErrConnString},
	} {
		t.Run(c.name, func(t *testing.T) { connects(t, withQuery(t, connString, c.with), c.want) })
	}
}

// TestServerWithoutTLS is reached, and is not to be waited for.
func TestServerWithoutTLS(t *testing.T) {
	connString := postgrestest.Database(t)
	postgrestest.Exec(t, connString, oddRelations)
	for _, mode := range []string{"require", "verify-ca", "verify-full"} {
		connects(t, withQuery(t, connString, url.Values{"sslmode": {mode}}), ErrNoTLS)
	}
	db := open(t, withQuery(t, connString, url.Values{"sslmode": {"prefer"}}), Options{})
	if err := db.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	// Beside a host that may come back.
	u, err := url.Parse(withQuery(t, connString, url.Values{"sslmode": {"require"}}))
	if err != nil {
		t.Fatal(err)
	}
	u.Host += ",127.0.0.1:1"
	if err := open(t, u.String(), Options{}).Ping(t.Context()); !errors.Is(err, source.ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
}

// TestTLSOfAnotherHost meets a certificate that is to be trusted, and not this server's.
func TestTLSOfAnotherHost(t *testing.T) {
	cert, key := certificate(t, "erp.example")
	connString := secured(t, cert, key)
	authority := file(t, "root.crt", cert)
	connects(t, withQuery(t, connString, url.Values{"sslmode": {"verify-ca"}, "sslrootcert": {authority}}), nil)
	connects(t, withQuery(t, connString, url.Values{"sslmode": {"verify-full"}, "sslrootcert": {authority}}), ErrCertificate)
}

func withQuery(t *testing.T, connString string, query url.Values) string {
	t.Helper()
	u, err := url.Parse(connString)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// connects opens a database, which is well or fails for good. Without an error it says by TLS or not.
func connects(t *testing.T, connString string, want error) {
	t.Helper()
	db, err := Open(t.Context(), connString, Options{})
	if !errors.Is(err, want) || errors.Is(err, source.ErrUnavailable) {
		t.Errorf("%v, want %v", err, want)
	}
	if err != nil {
		return
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	conn, err := db.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, ok := conn.Conn().PgConn().Conn().(*tls.Conn); !ok {
		t.Error("the connection is not encrypted")
	}
}

// TestWhatIsLeftOut finds it where PostgreSQL's own programs look: a service file, a password file,
// the environment.
func TestWhatIsLeftOut(t *testing.T) {
	server := postgrestest.Start(t, postgrestest.Options{Access: []string{
		"host all postgres 127.0.0.1/32 trust", "host all all 127.0.0.1/32 scram-sha-256",
	}})
	owner := server.Database(t)
	postgrestest.Exec(t, owner, oddRelations)
	u, err := url.Parse(server.Reader(t, owner, DefaultSchema))
	if err != nil {
		t.Fatal(err)
	}
	user, database := u.User.Username(), u.Path[1:]
	password, _ := u.User.Password()
	service := file(t, "service", fmt.Appendf(nil, "[erp]\nhost=127.0.0.1\nport=%s\nuser=%s\ndbname=%s\n", u.Port(), user, database))
	passwords := file(t, "pass", fmt.Appendf(nil, "127.0.0.1:*:%s:%s:%s\n", database, user, password))
	for _, c := range []struct {
		name, connString string
		environment      map[string]string
	}{
		{"PGSERVICE and a password file", "postgres://", map[string]string{"PGSERVICE": "erp", "PGSERVICEFILE": service, "PGPASSFILE": passwords}},
		{"service= and PGPASSWORD", "service=erp", map[string]string{"PGSERVICEFILE": service, "PGPASSWORD": password}},
		{"a URL with the password in PGPASSWORD", "postgres://" + user + "@" + u.Host + "/" + database, map[string]string{"PGPASSWORD": password}},
		{"keywords", "host=127.0.0.1 port=" + u.Port() + " user=" + user + " dbname=" + database + " password='" + password + "'", nil},
		{"PGHOST and the like", "postgres://", map[string]string{
			"PGHOST": "127.0.0.1", "PGPORT": u.Port(), "PGUSER": user, "PGDATABASE": database, "PGPASSWORD": password,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range c.environment {
				t.Setenv(name, value)
			}
			if err := open(t, c.connString, Options{}).Ping(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestModesOfPgBouncer shows which of them give a snapshot.
func TestModesOfPgBouncer(t *testing.T) {
	server := postgrestest.Shared(t)
	connString := server.Database(t)
	postgrestest.Exec(t, connString, oddRelations)
	for mode, want := range map[string]error{"session": nil, "transaction": nil, "statement": ErrPooling} {
		db, err := Open(t.Context(), server.PgBouncerMode(t, mode).Through(t, connString), Options{})
		if !errors.Is(err, want) || errors.Is(err, source.ErrUnavailable) {
			t.Errorf("%s: %v, want %v", mode, err, want)
		}
		if db != nil {
			_ = db.Close()
		}
	}
}

// TestUserIsMadeAnew drops a user and makes one of that name under a program that is connected.
func TestUserIsMadeAnew(t *testing.T) {
	server := postgrestest.Shared(t)
	owner := server.Database(t)
	postgrestest.Exec(t, owner, oddRelations)
	reader := server.Reader(t, owner, DefaultSchema)
	u, err := url.Parse(reader)
	if err != nil {
		t.Fatal(err)
	}
	name := u.User.Username()
	anew := func() {
		postgrestest.Exec(t, owner, `DROP OWNED BY `+name, `DROP ROLE `+name, `CREATE ROLE `+name+` LOGIN`,
			`GRANT USAGE ON SCHEMA ruptura TO `+name, `GRANT SELECT ON ALL TABLES IN SCHEMA ruptura TO `+name)
	}
	db := open(t, reader, Options{})
	for name, call := range map[string]func() error{
		"ping": func() error { return db.Ping(t.Context()) },
		"read": func() error { _, err := db.Read(t.Context(), source.Query{All: true}); return err },
		"part": func() error { _, err := db.Read(t.Context(), source.Query{Orders: []atp.OrderNumber{"A"}}); return err },
		"book": func() error { _, err := db.Book(t.Context(), source.BookQuery{Limit: 1}); return err },
	} {
		anew()
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	postgrestest.Exec(t, owner, `REVOKE SELECT ON ruptura.itens FROM `+name)
	if err := db.Ping(t.Context()); !errors.Is(err, ErrPermission) || !strings.Contains(err.Error(), "itens") {
		t.Errorf("ping: %v, want ErrPermission", err)
	}
	if _, err := db.Read(t.Context(), source.Query{All: true}); !errors.Is(err, ErrPermission) {
		t.Errorf("read: %v, want ErrPermission", err)
	}
}
