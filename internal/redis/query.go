package redis

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// The parameters that go-redis does not know.
const (
	paramCA   = "ca"
	paramCert = "cert"
	paramKey  = "key"
	paramSkip = "skip_verify"

	paramSentinelUser     = "sentinel_username"
	paramSentinelPassword = "sentinel_password"
)

// shortestRead is longer than workers wait in Redis for a job.
const shortestRead = time.Second

var paramForm = regexp.MustCompile(`^[a-z_]{1,40}$`)

// tune reads the parameters, and checks each by itself, so that what is wrong can be named without
// its value.
func (a *Address) tune(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errEscapes
	}
	a.query = values
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := a.param(name, values.Get(name)); err != nil {
			return err
		}
	}
	if (values.Get(paramCert) == "") != (values.Get(paramKey) == "") {
		return refuse("cert e key só servem juntos: o certificado deste programa e a chave dele",
			"cert and key only serve together: this program's certificate and its key")
	}
	return nil
}

func (a *Address) param(name, value string) error {
	switch name {
	case paramCA, paramCert, paramKey, paramSkip:
		if !a.tls {
			return refuse("o parâmetro "+name+" só serve com TLS: comece o endereço por rediss",
				"the parameter "+name+" only serves with TLS: begin the address with rediss")
		}
		if name == paramSkip && value != "true" && value != "false" {
			return badValue(name)
		}
		return nil
	case paramSentinelUser, paramSentinelPassword:
		if a.kind != sentinel {
			return unknownParam(name)
		}
		return nil
	case "db": // after the last slash, as everybody writes it
		return unknownParam(name)
	}
	if !paramForm.MatchString(name) {
		return errEscapes // it may be a piece of a password
	}
	return driverParam(name, value)
}

// driverParam checks a parameter that go-redis reads.
func driverParam(name, value string) error {
	o, err := goredis.ParseURL("redis://localhost?" + url.Values{name: {value}}.Encode())
	switch {
	case err == nil && o.ReadTimeout != 0 && o.ReadTimeout < shortestRead:
		return refuse("read_timeout deve ser de ao menos 1s: há comandos que esperam quase isso",
			"read_timeout must be at least 1s: there are commands that wait nearly that")
	case err == nil:
		return nil
	case strings.Contains(err.Error(), "unexpected option"):
		return unknownParam(name)
	default:
		return badValue(name)
	}
}

func unknownParam(name string) error {
	return refuse("o parâmetro "+name+" não existe neste endereço: tire-o", "there is no parameter "+name+" in this address: leave it out")
}

func badValue(name string) error {
	return refuse("o valor do parâmetro "+name+" não serve: números são inteiros, tempos são como 3s ou 500ms, o resto é true ou false",
		"the value of the parameter "+name+" will not do: numbers are whole, times are as 3s or 500ms, the rest is true or false")
}
