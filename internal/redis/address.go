package redis

import (
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// kind is how Redis is found.
type kind uint8

const (
	single kind = iota
	sentinel
	cluster
)

// schemes are the forms of an address.
var schemes = map[string]struct {
	kind kind
	tls  bool
	port string // without another
}{
	"redis":           {single, false, "6379"},
	"rediss":          {single, true, "6379"},
	"redis+sentinel":  {sentinel, false, "26379"},
	"rediss+sentinel": {sentinel, true, "26379"},
	"redis+cluster":   {cluster, false, "6379"},
	"rediss+cluster":  {cluster, true, "6379"},
}

// Address says where Redis is, and as whom to enter. Its String is safe to show.
type Address struct {
	scheme         string
	kind           kind
	tls            bool
	hosts          []string // each with its port
	user, password string
	master         string // the sentinels' name for it
	database       int
	query          url.Values
}

// String is the address without what may be secret: user, password and parameters.
func (a *Address) String() string {
	s := a.scheme + "://" + strings.Join(a.hosts, ",")
	switch a.kind {
	case sentinel:
		s += "/" + a.master + "/" + strconv.Itoa(a.database)
	case single:
		s += "/" + strconv.Itoa(a.database)
	case cluster:
	}
	return s
}

// GoString keeps a password out of %#v.
func (a *Address) GoString() string { return "redis.Address(" + a.String() + ")" }

// Parse reads an address:
//
//	redis://user:password@host:6379/0                         one server
//	redis+sentinel://user:password@h1:26379,h2:26379/name/0   sentinels, and their name for the master
//	redis+cluster://user:password@h1:6379,h2:6379             some nodes of a cluster
//
// and each with rediss for redis, over TLS. User and password are those of the servers with the
// data; the sentinels' own are the parameters sentinel_username and sentinel_password. Further
// parameters are those of [goredis.ParseURL], and for TLS ca, cert and key, which name files, and
// skip_verify. What is wrong is an [*AddressError], which holds no part of the address.
func Parse(address string) (*Address, error) {
	if strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return nil, refuse("o endereço não pode conter espaços nem quebras de linha", "the address cannot contain spaces or line breaks")
	}
	scheme, rest, _ := strings.Cut(address, "://")
	form, known := schemes[scheme]
	if !known {
		return nil, errForm
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	if strings.Contains(path+query, "@") { // of a password with a / or ? that is not written as %2F or %3F
		return nil, errEscapes
	}
	a := &Address{scheme: scheme, kind: form.kind, tls: form.tls}
	if err := a.enter(authority, form.port); err != nil {
		return nil, err
	}
	if err := a.choose(path); err != nil {
		return nil, err
	}
	if err := a.tune(query); err != nil {
		return nil, err
	}
	return a, nil
}

// enter reads user, password and hosts.
func (a *Address) enter(authority, port string) error {
	at := strings.LastIndexByte(authority, '@')
	if at >= 0 {
		user, password, _ := strings.Cut(authority[:at], ":")
		var userErr, passwordErr error
		a.user, userErr = url.PathUnescape(user)
		a.password, passwordErr = url.PathUnescape(password)
		if userErr != nil || passwordErr != nil {
			return errEscapes
		}
	}
	hosts := strings.Split(authority[at+1:], ",")
	if a.kind == single && len(hosts) > 1 {
		return refuse("redis:// é de um servidor só; para vários use redis+sentinel:// ou redis+cluster://",
			"redis:// is of one server; for several use redis+sentinel:// or redis+cluster://")
	}
	for _, host := range hosts {
		u, err := url.Parse("redis://" + host)
		if err != nil || u.Hostname() == "" || u.User != nil {
			return refuse("falta o servidor, ou a porta não é um número: escreva SERVIDOR:PORTA, por exemplo redis://localhost:6379; "+escapesPT,
				"the host is missing, or the port is no number: write HOST:PORT, for example redis://localhost:6379; "+escapesEN)
		}
		p := u.Port()
		if p == "" {
			p = port
		}
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return refuse("a porta deve ser um número de 1 a 65535", "the port must be a number from 1 to 65535")
		}
		a.hosts = append(a.hosts, net.JoinHostPort(u.Hostname(), p))
	}
	return nil
}

var masterForm = regexp.MustCompile(`^[A-Za-z0-9._-]+$`) // what a sentinel takes

// choose reads the master's name and the number of the database.
func (a *Address) choose(path string) error {
	path = strings.TrimSuffix(path, "/")
	if a.kind == sentinel {
		a.master, path, _ = strings.Cut(path, "/")
		if !masterForm.MatchString(a.master) {
			return refuse("falta o nome que o Sentinel dá ao servidor: escreva redis+sentinel://SERVIDOR:26379/NOME/0",
				"the sentinels' name for the server is missing: write redis+sentinel://HOST:26379/NAME/0")
		}
	}
	if path == "" {
		return nil
	}
	n, err := strconv.Atoi(path)
	switch {
	case err != nil || n < 0:
		return refuse("depois da última barra vem o número do banco, por exemplo /0", "after the last slash comes the database's number, as /0")
	case a.kind == cluster && n > 0:
		return refuse("um Redis Cluster só tem o banco 0: tire o número do fim do endereço", "a Redis Cluster has database 0 alone: leave the number out")
	}
	a.database = n
	return nil
}
