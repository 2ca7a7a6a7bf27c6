package settings_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // a test machine may have no zoneinfo

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

var update = flag.Bool("update", false, "rewrite docs/config.md")

func TestDocument(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "config.md")
	if *update {
		if err := os.WriteFile(path, settings.Document(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(settings.Document()), string(got)); diff != "" {
		t.Errorf("docs/config.md differs from the table; run with -update (-table +file):\n%s", diff)
	}
}

// from makes sources of a flag, environment and file, each optional.
func from(flags map[string][]string, env map[string]string, file string) settings.Sources {
	s := settings.Sources{
		Flags:  flags,
		Getenv: func(name string) string { return env[name] },
		ReadFile: func(name string) ([]byte, error) {
			if name != "ruptura.toml" {
				return nil, fs.ErrNotExist
			}
			return []byte(file), nil
		},
	}
	if file != "" {
		if s.Flags == nil {
			s.Flags = map[string][]string{}
		}
		s.Flags["config"] = []string{"ruptura.toml"}
	}
	return s
}

func TestDefaults(t *testing.T) {
	s := settings.Default()
	want := settings.Settings{
		LogFormat: settings.LogText, LogLevel: slog.LevelInfo,
		Database: settings.Database{SQLite: "ruptura.db"}, DatabaseSchema: "ruptura", DatabaseTimeout: 30 * time.Second,
		DatabaseConnections: 4, DatabaseRetry: time.Minute, Zone: s.Zone,
		Window: 7, PromiseDays: 28, LeadDays: 1, StaleDays: 60, Criticality: atp.DefaultThresholds(),
		Priority: atp.DefaultPriority(),
		Workers:  2, LotSize: 20, QueueLimit: 1000, SessionTTL: 15 * time.Minute, LogMemory: 256 << 20,
		RedisPrefix: "ruptura", Lease: 10 * time.Second,
		Addr: "127.0.0.1:8080", ShutdownTimeout: 10 * time.Second,
	}
	if diff := cmp.Diff(want, s, cmp.Comparer(func(a, b *time.Location) bool { return a == b })); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	if s.Zone.String() != "America/Sao_Paulo" {
		t.Errorf("zone is %s", s.Zone)
	}
}

func TestPriority(t *testing.T) {
	load := func(priority, clients string) (settings.Settings, error) {
		flags := map[string][]string{"priority": {priority}}
		if clients != "" {
			flags["priority-clients"] = []string{clients}
		}
		return settings.Load(settings.Sources{Flags: flags, ReadFile: os.ReadFile}, settings.Calculation)
	}
	s, err := load("cliente, -valor", " Ação S.A. ;OUTRA, LTDA")
	want := atp.Priority{
		Criteria: []atp.Criterion{{Key: atp.ByClient}, {Key: atp.ByValue, Descending: true}}, Clients: []string{"Ação S.A.", "OUTRA, LTDA"},
	}
	if diff := cmp.Diff(want, s.Priority); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, c := range []struct{ priority, clients, pt, en string }{
		{"nome", "", `não há a chave "nome"; as chaves são importante, data_necessidade, data_pedido, valor, cliente`, `there is no key "nome"`},
		{"valor,-valor", "", "a chave valor aparece duas vezes", "the key valor is there twice"},
		{"importante,", "", `não há a chave ""`, `there is no key ""`},
		{"cliente", "", "a chave cliente pede a lista: --priority-clients", "the key cliente needs its list"},
		{"valor", "ACME", "a lista de clientes só vale com a chave cliente", "goes with the key cliente only"},
		{"cliente", "ACME;;B", "separados por ponto e vírgula", "separated by semicolons"},
	} {
		_, err := load(c.priority, c.clients)
		errs, ok := errors.AsType[settings.Errors](err)
		if !ok || !strings.Contains(errs.In(lang.PT), c.pt) || !strings.Contains(errs.In(lang.EN), c.en) {
			t.Errorf("%q, %q: %v", c.priority, c.clients, err)
		}
	}
}

func TestPrecedence(t *testing.T) {
	flags := map[string][]string{"lot-size": {"1"}}
	env := map[string]string{"RUPTURA_LOT_SIZE": "2"}
	const file = "lot-size = 3"
	for _, c := range []struct {
		name string
		from settings.Sources
		want int
	}{
		{"flag over all", from(map[string][]string{"lot-size": {"1"}}, env, file), 1},
		{"flag over environment", from(flags, env, ""), 1},
		{"environment over file", from(nil, env, file), 2},
		{"empty variable is not set", from(nil, map[string]string{"RUPTURA_LOT_SIZE": ""}, file), 3},
		{"file over default", from(nil, nil, file), 3},
		{"default", from(nil, nil, ""), 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := settings.Load(c.from, settings.Work)
			if err != nil || s.LotSize != c.want {
				t.Errorf("lot size %d, %v; want %d", s.LotSize, err, c.want)
			}
		})
	}
}

func TestDatabaseFallback(t *testing.T) {
	env := map[string]string{"DATABASE_URL": "sqlite:b.db"}
	s, err := settings.Load(from(nil, env, ""), settings.Data)
	if err != nil || s.Database.SQLite != "b.db" {
		t.Errorf("DATABASE_URL alone: %+v, %v", s.Database, err)
	}
	env["RUPTURA_DB"] = "sqlite:a.db"
	if s, err = settings.Load(from(nil, env, ""), settings.Data); err != nil || s.Database.SQLite != "a.db" {
		t.Errorf("RUPTURA_DB beside it: %+v, %v", s.Database, err)
	}
}

func TestOtherGroupsAreNotLookedAt(t *testing.T) {
	env := map[string]string{"DATABASE_URL": "mysql://root:secret@db/x", "RUPTURA_ADDR": "nonsense"}
	s, err := settings.Load(from(nil, env, ""), settings.Calculation)
	if err != nil || s.Addr != "127.0.0.1:8080" {
		t.Errorf("got %q, %v", s.Addr, err)
	}
}

func TestFile(t *testing.T) {
	s, err := settings.Load(from(nil, nil, `
lang = "en"
today = 2026-03-02
host-name = ["a.example", "B.example"]
session-ttl = "90s"
log-memory = "1 GiB"
criticality-low = "1:2,5"
workers = 0
`), settings.Groups()...)
	if err != nil {
		t.Fatal(err)
	}
	if s.Lang != lang.EN || s.Today != atp.NewDay(2026, 3, 2) || s.SessionTTL != 90*time.Second ||
		s.LogMemory != 1<<30 || s.Criticality.Low != (atp.Threshold{Lines: 1, Percent: 250}) || s.Workers != 0 {
		t.Errorf("got %+v", s)
	}
	if diff := cmp.Diff([]string{"a.example", "b.example"}, s.HostNames); diff != "" {
		t.Error(diff)
	}
}

func TestRefused(t *testing.T) {
	given := func(name, value string) settings.Sources {
		return from(map[string][]string{name: {value}}, nil, "")
	}
	for _, c := range []struct {
		name   string
		from   settings.Sources
		pt, en string // parts of the message
	}{
		{"flag", given("lot-size", "0"), `opção --lot-size: valor inválido "0"`, "whole number from 1 to 1000"},
		{"environment", from(nil, map[string]string{"RUPTURA_WINDOW": "x"}, ""), "variável de ambiente RUPTURA_WINDOW", "0 to 90"},
		{"file", from(nil, nil, `window = 91`), "window em ruptura.toml", "window in ruptura.toml"},
		{"unknown key", from(nil, nil, `lotsize = 1`), "quis dizer lot-size?", "did you mean lot-size?"},
		{"unknown table", from(nil, nil, "[server]\naddr = 1"), "configuração desconhecida", "unknown setting"},
		{"config inside the file", from(nil, nil, `config = "x"`), "configuração desconhecida", "unknown setting"},
		{"wrong kind in the file", from(nil, nil, `workers = 1.5`), "número inteiro", "whole number"},
		{"not TOML", from(nil, nil, "\nworkers 2"), "ruptura.toml:2:", "not valid TOML"},
		{"no such file", given("config", "none.toml"), "não existe", "does not exist"},
		{"duration without unit", given("session-ttl", "900"), "com unidade", "with its unit"},
		{"duration too long", given("cache-ttl", "61m"), "de 0s a 1h", "from 0s to 1h"},
		{"size too small", given("log-memory", "4KiB"), "1MiB", "1MiB"},
		{"size that wraps", given("log-memory", "999999999999999GiB"), "1024GiB", "1024GiB"},
		{"day", given("today", "02/03/2026"), "AAAA-MM-DD", "YYYY-MM-DD"},
		{"zone", given("tz", "Brasilia"), "IANA", "IANA"},
		{"empty zone", given("tz", ""), "IANA", "IANA"},
		{"address", given("addr", "8080"), "ENDEREÇO:PORTA", "HOST:PORT"},
		{"port", given("addr", "localhost:http"), "ENDEREÇO:PORTA", "HOST:PORT"},
		{"host name", given("host-name", "http://x"), "sem porta", "without port"},
		{"one bad host of a list", given("host-name", "ok.example,"), "sem porta", "without port"},
		{"threshold", given("criticality-low", "5%"), "ITENS:PERCENTUAL", "LINES:PERCENT"},
		{"threshold over 100", given("criticality-low", "5:101"), "0 a 100", "0 to 100"},
		{"thresholds that fall", given("criticality-low", "5:5"), "não podem cair", "must not fall"},
		{"log level", given("log-level", "loud"), "debug", "debug"},
		{"log format", given("log-format", "xml"), "text ou json", "text or json"},
		{"language", given("lang", "de"), "pt ou en", "pt or en"},
		{"bare database path", given("db", "ruptura.db"), "sqlite:ARQUIVO", "sqlite:FILE"},
		{"database in memory", given("db", "sqlite::memory:"), "memória", "memory"},
		{"database parameters", given("db", "sqlite:x.db?mode=ro"), "parâmetros", "parameters"},
		{"database host", given("db", "sqlite://x.db"), "sqlite:///", "sqlite:///"},
		{"postgres without slashes", given("db", "postgres:erp"), "postgres://USUÁRIO", "postgres://USER"},
		{"postgres with a line break", given("db", "postgres://u@h/d\nx"), "quebras de linha", "line breaks"},
		{"broken keywords", given("db", "host='x"), "aspas simples", "single quotes"},
		{"keywords and a word", given("db", "host=x erp"), "aspas simples", "single quotes"},
		{"schema with a space", given("db-schema", "my schema"), "nome de um esquema", "name of a schema"},
		{"schema of the system", given("db-schema", "pg_catalog"), "nome de um esquema", "name of a schema"},
		{"long schema", given("db-schema", strings.Repeat("x", 64)), "nome de um esquema", "name of a schema"},
		{"no statement timeout", given("db-timeout", "0"), "de 100ms a 1h", "from 100ms to 1h"},
		{"no connections", given("db-connections", "0"), "de 1 a 100", "from 1 to 100"},
		{"negative patience", given("db-retry", "-1s"), "de 0s a 1h", "from 0s to 1h"},
		{"Redis by another scheme", given("redis", "http://u:hunter2@h"), "redis://USUÁRIO:SENHA@SERVIDOR", "redis://USER:PASSWORD@HOST"},
		{"Redis of two servers", given("redis", "redis://a,b"), "redis+sentinel:// ou redis+cluster://", "redis+sentinel:// or redis+cluster://"},
		{"sentinels without a name", given("redis", "redis+sentinel://a,b"), "NOME/0", "NAME/0"},
		{"database of a cluster", given("redis", "redis+cluster://a/1"), "só tem o banco 0", "database 0 alone"},
		{"Redis from its other variable", from(nil, map[string]string{"REDIS_URL": "redis://"}, ""),
			"variável de ambiente REDIS_URL", "environment variable REDIS_URL"},
		{"prefix with a brace", given("redis-prefix", "a{b}"), "letras sem acento", "letters, digits"},
		{"empty prefix", given("redis-prefix", ""), "letras sem acento", "letters, digits"},
		{"lease too short", given("lease", "100ms"), "de 500ms a 10m", "from 500ms to 10m"},
		{"lease without unit", given("lease", "10"), "com unidade", "with its unit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := settings.Load(c.from, settings.Groups()...)
			var errs settings.Errors
			if !errors.As(err, &errs) {
				t.Fatalf("error is %v", err)
			}
			if pt := errs.In(lang.PT); !strings.Contains(pt, c.pt) {
				t.Errorf("%q does not contain %q", pt, c.pt)
			}
			if en := errs.In(lang.EN); !strings.Contains(en, c.en) {
				t.Errorf("%q does not contain %q", en, c.en)
			}
		})
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	for _, url := range []string{
		"postgres:user:hunter2@host/db", "postgres://user:hunter2@host/db\nx", "mysql://:hunter2@x", "hunter2", "host=x password='hunter2",
		"sqlite://user:hunter2@host", "://hunter2", "sqlite:?key=hunter2",
	} {
		_, err := settings.Load(from(map[string][]string{"db": {url}}, nil, ""), settings.Data)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", url, err)
		}
	}
	_, err := settings.Load(from(nil, nil, "db = \"postgres://user:hunter2@host\nx"), settings.Data)
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("broken file: %v", err)
	}
}

func TestPostgres(t *testing.T) {
	for _, c := range []struct{ name, given, shown string }{
		{"URL", "postgres://ana:hunter2@db:5433/erp?sslmode=require", "postgres://ana@db:5433/erp?sslmode=require"},
		{"long scheme", "postgresql://ana:hunter2@db/erp", "postgresql://ana@db/erp"},
		{"scheme in capitals", "Postgres://db/erp", "postgres://db/erp"},
		{"no host", "postgres:///erp", "postgres:///erp"},
		{"nothing", "postgres://", "postgres://"},
		{"many hosts", "postgres://a:1,b:2/erp", "postgres://a:1,b:2/erp"},
		{"password with an at sign", "postgres://ana:hunter2@x@db/erp", "postgres://ana@db/erp"},
		{"password with a slash", "postgres://ana:hunter2/x@db/erp", "postgres://…"},
		{"password with a question mark", "postgres://ana:hunter2?x@db/erp", "postgres://…"},
		{"password in the query", "postgres://db/erp?user=ana&password=hunter2&p%61ssword=hunter2&sslpassword=hunter2", "postgres://db/erp?user=ana"},
		{"keywords", "host=db dbname=erp user=ana password=hunter2", "host=db dbname=erp user=ana"},
		{"quoted keywords", `host = 'my db' password='hunter2 \' hunter2' port=5433`, "host='my db' port=5433"},
		{"service", "service=erp", "service=erp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := settings.Load(from(map[string][]string{"db": {c.given}}, nil, ""), settings.Data)
			if err != nil {
				t.Fatal(err)
			}
			if s.Database.Postgres == "" || s.Database.SQLite != "" || s.Database.String() != c.shown {
				t.Errorf("got %q, want %q", s.Database, c.shown)
			}
			var log strings.Builder
			slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "settings", s, "database", s.Database)
			if text := fmt.Sprintf("%v %+v %#v %s", s, s, s, s.Database) + log.String(); strings.Contains(text, "hunter2") {
				t.Errorf("the password shows: %s", text)
			}
		})
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	_, err := settings.Load(from(map[string][]string{"window": {"x"}}, map[string]string{"RUPTURA_WORKERS": "y"}, ""),
		settings.Groups()...)
	var errs settings.Errors
	if !errors.As(err, &errs) || len(errs) != 2 {
		t.Errorf("got %v", err)
	}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		name  string
		flags map[string][]string
		env   map[string]string
		file  string
		want  lang.Lang
	}{
		{name: "nothing", want: lang.PT},
		{name: "LANG", env: map[string]string{"LANG": "en_US.UTF-8"}, want: lang.EN},
		{name: "C locale", env: map[string]string{"LANG": "C.UTF-8"}, want: lang.PT},
		{name: "LC_ALL over LANG", env: map[string]string{"LC_ALL": "pt_BR", "LANG": "en"}, want: lang.PT},
		{name: "LC_MESSAGES over LANG", env: map[string]string{"LC_MESSAGES": "en", "LANG": "pt"}, want: lang.EN},
		{name: "flag over all", flags: map[string][]string{"lang": {"en"}},
			env: map[string]string{"RUPTURA_LANG": "pt", "LC_ALL": "pt"}, want: lang.EN},
		{name: "variable over locale", env: map[string]string{"RUPTURA_LANG": "en", "LC_ALL": "pt"}, want: lang.EN},
		{name: "file over locale", env: map[string]string{"LC_ALL": "pt"}, file: `lang = "en"`, want: lang.EN},
		{name: "broken file", env: map[string]string{"LC_ALL": "en"}, file: `lang`, want: lang.EN},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := settings.Language(from(c.flags, c.env, c.file)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestParams(t *testing.T) {
	s := settings.Default()
	now := time.Date(2026, 3, 3, 2, 30, 0, 0, time.UTC) // still the 2nd in São Paulo
	if got := s.Params(now); got != atp.DefaultParams(atp.NewDay(2026, 3, 2)) {
		t.Errorf("got %+v", got)
	}
	s.Today = atp.NewDay(2022, 4, 12)
	if got := s.Params(now).Today; got != s.Today {
		t.Errorf("--today gives %s", got)
	}
	if err := s.Params(now).Validate(); err != nil {
		t.Error(err)
	}
}

func TestClosest(t *testing.T) {
	names := []string{"analyze", "import", "serve", "version"}
	for word, want := range map[string]string{
		"analize": "analyze", "improt": "import", "server": "serve", "versoin": "version", "xyz": "", "": "",
	} {
		if got, _ := settings.Closest(word, names); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
