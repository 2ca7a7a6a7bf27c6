package redis

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/lang"
)

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		address, shown, user, password string
		hosts                          []string
		check                          func(*goredis.UniversalOptions) bool
	}{
		{"redis://localhost", "redis://localhost:6379/0", "", "", []string{"localhost:6379"}, func(o *goredis.UniversalOptions) bool {
			return o.TLSConfig == nil && !o.IsClusterMode && o.MasterName == "" && o.DB == 0
		}},
		{"redis://ana:se%40gre%2Fdo@cache:7000/3", "redis://cache:7000/3", "ana", "se@gre/do", []string{"cache:7000"},
			func(o *goredis.UniversalOptions) bool { return o.DB == 3 }},
		{"redis://:a:b,c@cache", "redis://cache:6379/0", "", "a:b,c", []string{"cache:6379"}, nil},
		{"redis://[::1]:7000/", "redis://[::1]:7000/0", "", "", []string{"[::1]:7000"}, nil},
		{"rediss://cache", "rediss://cache:6379/0", "", "", []string{"cache:6379"}, func(o *goredis.UniversalOptions) bool {
			return o.TLSConfig != nil && !o.TLSConfig.InsecureSkipVerify
		}},
		{"rediss://cache?skip_verify=true", "rediss://cache:6379/0", "", "", []string{"cache:6379"},
			func(o *goredis.UniversalOptions) bool { return o.TLSConfig.InsecureSkipVerify }},
		{"redis+sentinel://ana:x@a,b:1/principal/2?sentinel_username=eva&sentinel_password=y", "redis+sentinel://a:26379,b:1/principal/2", "ana", "x",
			[]string{"a:26379", "b:1"}, func(o *goredis.UniversalOptions) bool {
				return o.MasterName == "principal" && o.DB == 2 && o.SentinelUsername == "eva" && o.SentinelPassword == "y"
			}},
		{"rediss+sentinel://a/m", "rediss+sentinel://a:26379/m/0", "", "", []string{"a:26379"},
			func(o *goredis.UniversalOptions) bool { return o.TLSConfig != nil && o.MasterName == "m" }},
		{"redis+cluster://a:1,b:2,c", "redis+cluster://a:1,b:2,c:6379", "", "", []string{"a:1", "b:2", "c:6379"},
			func(o *goredis.UniversalOptions) bool { return o.IsClusterMode }},
		{"rediss+cluster://a/0", "rediss+cluster://a:6379", "", "", []string{"a:6379"},
			func(o *goredis.UniversalOptions) bool { return o.IsClusterMode && o.TLSConfig != nil }},
		{"redis://a?read_timeout=9s&pool_size=7&max_retries=2", "redis://a:6379/0", "", "", []string{"a:6379"},
			func(o *goredis.UniversalOptions) bool {
				return o.ReadTimeout == 9*time.Second && o.PoolSize == 7 && o.MaxRetries == 2 && o.DialTimeout == dialTimeout
			}},
	} {
		t.Run(c.address, func(t *testing.T) {
			a, err := Parse(c.address)
			if err != nil {
				t.Fatal(err)
			}
			o, err := a.options()
			if err != nil {
				t.Fatal(err)
			}
			if a.String() != c.shown || fmt.Sprintf("%#v", a) != "redis.Address("+c.shown+")" {
				t.Errorf("shown as %s and %#v, want %s", a, a, c.shown)
			}
			if o.Username != c.user || o.Password != c.password || !slices.Equal(o.Addrs, c.hosts) {
				t.Errorf("user %q, password %q, hosts %q", o.Username, o.Password, o.Addrs)
			}
			if c.check != nil && !c.check(o) {
				t.Errorf("options are %+v", o)
			}
		})
	}
}

func TestBadAddresses(t *testing.T) {
	for _, c := range []struct{ name, address, pt, en string }{
		{"empty", "", "deve ter a forma redis://", "must have the form redis://"},
		{"another scheme", "http://ana:segredo@a", "deve ter a forma", "must have the form"},
		{"no host", "redis://", "falta o servidor", "the host is missing"},
		{"no host after a password", "redis://:segredo@", "falta o servidor", "the host is missing"},
		{"port", "redis://a:segredo", "falta o servidor, ou a porta", "the port is no number"},
		{"port beyond", "redis://a:66000", "1 a 65535", "1 to 65535"},
		{"several hosts", "redis://a,b", "redis+cluster://", "redis+sentinel://"},
		{"empty among hosts", "redis+cluster://a,,b", "falta o servidor", "the host is missing"},
		{"slash in password", "redis://ana:seg/redo@a", "%2F", "%2F"},
		{"question mark in password", "redis://ana:seg?redo@a", "%3F", "%3F"},
		{"percent in password", "redis://ana:seg%redo@a", "%25", "%25"},
		{"two in a line", "redis://a\nredis://b", "quebras de linha", "line breaks"},
		{"database", "redis://a/segredo", "número do banco", "database's number"},
		{"negative database", "redis://a/-1", "número do banco", "database's number"},
		{"database of a cluster", "redis+cluster://a/1", "só tem o banco 0", "database 0 alone"},
		{"no master", "redis+sentinel://a", "/NOME/0", "/NAME/0"},
		{"unknown parameter", "redis://a?segredos=1", "o parâmetro segredos não existe", "no parameter segredos"},
		{"parameter that is no name", "redis://a?SE-GREDO=1", "%XX", "%XX"},
		{"addresses in parameters", "redis+cluster://a?addr=b", "addr não existe", "no parameter addr"},
		{"replicas", "redis+cluster://a?read_only=true", "read_only não existe", "no parameter read_only"},
		{"value", "redis://a?pool_size=segredo", "o valor do parâmetro pool_size", "the value of the parameter pool_size"},
		{"time", "redis://a?read_timeout=segredo", "o valor do parâmetro read_timeout", "the value of the parameter read_timeout"},
		{"time too short", "redis://a?read_timeout=50ms", "ao menos 1s", "at least 1s"},
		{"no time to read at all", "redis://a?read_timeout=0", "ao menos 1s", "at least 1s"},
		{"sentinel's password elsewhere", "redis://a?sentinel_password=segredo", "não existe", "no parameter"},
		{"certificate without TLS", "redis://a?ca=segredo", "comece o endereço por rediss", "begin the address with rediss"},
		{"skip_verify", "rediss://a?skip_verify=talvez", "o valor do parâmetro skip_verify", "the value"},
		{"certificate without key", "rediss://a?cert=segredo", "cert e key", "cert and key"},
		{"semicolon", "redis://a?x=1;y=segredo", "%XX", "%XX"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := Parse(c.address)
			bad := (*AddressError)(nil)
			if a != nil || !errors.As(err, &bad) {
				t.Fatalf("%v, %v", a, err)
			}
			if pt, en := bad.In(lang.PT), bad.In(lang.EN); !strings.Contains(pt, c.pt) || !strings.Contains(en, c.en) {
				t.Errorf("it says\n%s\n%s", pt, en)
			}
			if text := bad.In(lang.PT) + err.Error(); strings.Contains(text, "segredo ") || strings.Contains(text, "redo@") {
				if c.name != "unknown parameter" {
					t.Errorf("it shows a secret: %s", text)
				}
			}
		})
	}
}

func TestBadFilesAndPrefixes(t *testing.T) {
	for name, c := range map[string]struct{ address, prefix, want string }{
		"no such authority": {"rediss://a?ca=/nowhere/ca.pem", "", "the parameter ca could not be used"},
		"no certificate":    {"rediss://a?ca=/dev/null", "", "holds no certificate"},
		"no such pair":      {"rediss://a?cert=/nowhere/c&key=/nowhere/k", "", "cert, key could not be used"},
		"braces":            {"redis://a", "{x}", "prefix"},
		"space":             {"redis://a", "a b", "prefix"},
		"too long":          {"redis://a", strings.Repeat("x", 65), "prefix"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(c.address, Options{Prefix: c.prefix})
			if bad := (*AddressError)(nil); !errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v", err)
			}
		})
	}
}
