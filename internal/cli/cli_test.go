package cli_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // a test machine may have no zoneinfo

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ruptura/internal/atp"
	"ruptura/internal/cli"
	"ruptura/internal/dataset"
	"ruptura/internal/settings"
	"ruptura/internal/source"
	"ruptura/internal/source/sqlite"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// console is a program's surroundings in a test, with the real database behind it.
type console struct {
	t        *testing.T
	dir      string
	env      map[string]string
	terminal bool
	width    int
	answers  string // what is typed
	asked    bool   // whether somebody is there to type it
	deps     cli.Deps
	stdout   bytes.Buffer
	stderr   bytes.Buffer
}

func newConsole(t *testing.T) *console {
	t.Helper()
	c := &console{t: t, dir: t.TempDir()}
	c.env = map[string]string{"RUPTURA_DB": "sqlite:" + c.path("ruptura.db"), "RUPTURA_TODAY": "2026-03-02"}
	c.deps = cli.Deps{
		OpenSource: func(ctx context.Context, s settings.Settings) (source.Source, error) {
			return sqlite.Open(ctx, s.Database.SQLite, sqlite.Options{})
		},
		OpenStore: func(ctx context.Context, s settings.Settings, create bool) (cli.Store, error) {
			db, err := sqlite.Open(ctx, s.Database.SQLite, sqlite.Options{Migrate: create})
			if err != nil {
				return nil, err
			}
			return db, nil
		},
		Now: func() time.Time { return time.Date(2026, 3, 2, 15, 4, 5, 0, time.UTC) },
	}
	return c
}

func (c *console) path(name string) string { return filepath.Join(c.dir, name) }

// run executes a command line and returns what it printed, apart and with its status.
func (c *console) run(args ...string) (status int, stdout, stderr string) {
	c.t.Helper()
	return c.runContext(c.t.Context(), args...)
}

func (c *console) runContext(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	c.stdout.Reset()
	c.stderr.Reset()
	status = cli.Run(ctx, args, cli.Env{
		Stdout: &c.stdout, Stderr: &c.stderr, ReadFile: os.ReadFile,
		Getenv: func(name string) string { return c.env[name] },
		Stdin:  strings.NewReader(c.answers), StdinTerminal: c.asked, StdoutTerminal: c.terminal, StderrTerminal: c.terminal, Width: c.width,
	}, c.deps)
	return status, c.stdout.String(), c.stderr.String()
}

// company is a small order book with an order of each kind.
func (c *console) company() {
	c.t.Helper()
	db, err := sqlite.Open(c.t.Context(), c.path("ruptura.db"), sqlite.Options{Migrate: true})
	if err != nil {
		c.t.Fatal(err)
	}
	err = db.Replace(c.t.Context(), dataset.Relations(), func(w dataset.Writer) error {
		day := atp.NewDay(2026, 3, 2)
		return errors.Join(
			w.Order(dataset.Order{Number: "P1", Client: "Atacadão São João", Requested: day + 3}),
			w.Order(dataset.Order{Number: "P2", Client: "=cmd|' /C calc'!A0", Requested: day + 1}),
			w.Order(dataset.Order{Number: "P3", Client: "mau\x1b[31m\u202enome"}),
			w.Item(dataset.Item{Order: "P1", Line: 1, Product: "A", Name: "Azeitona", Open: 10_000, Price: 1250, Priced: true}),
			w.Item(dataset.Item{Order: "P2", Line: 1, Product: "A", Name: "Azeitona", Open: 60_000, Price: 1250, Priced: true}),
			w.Item(dataset.Item{Order: "P2", Line: 2, Product: "B", Name: "Milho <b>", Open: 1_500_000, Price: 99, Priced: true}),
			w.Item(dataset.Item{Order: "P3", Line: 1, Product: "C", Name: "Ervilha", Open: 5_500}),
			w.Movement(dataset.Movement{Product: "A", Quantity: 100_000}),
			w.Receipt(dataset.Receipt{Product: "B", Arrives: day + 4, Quantity: 2_000_000}),
		)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		c.t.Fatal(err)
	}
}

// golden compares with a file in testdata, or rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestHelp(t *testing.T) {
	for _, lang := range []string{"pt", "en"} {
		c := newConsole(t)
		status, out, errs := c.run("--lang", lang)
		if status != cli.Done || errs != "" {
			t.Errorf("%s: status %d, stderr %q", lang, status, errs)
		}
		golden(t, "help."+lang+".txt", out)
		_, out, _ = c.run("--lang", lang, "generate", "--help")
		golden(t, "help-generate."+lang+".txt", out)
	}
}

func TestEveryCommandExplainsItself(t *testing.T) {
	commands := []string{
		"analyze", "demo", "generate", "help", "import", "migrate", "migrate up", "migrate down",
		"migrate status", "profile", "doctor", "serve", "version", "worker", "queue", "queue list", "queue retry", "queue drop",
	}
	for _, command := range commands {
		c := newConsole(t)
		help := append([]string{"help"}, strings.Fields(command)...)
		_, pt, _ := c.run(help...)
		_, asFlag, _ := c.run(append(strings.Fields(command), "-h")...)
		if pt != asFlag {
			t.Errorf("%s: help and -h differ", command)
		}
		if !strings.Contains(pt, "Exemplos:\n  # ") || !strings.Contains(pt, "Uso:\n  ruptura "+command) {
			t.Errorf("%s: no example or usage:\n%s", command, pt)
		}
		for _, english := range []string{"Usage", "Flags", "help for", "default"} {
			if strings.Contains(pt, english) {
				t.Errorf("%s: English %q in the Portuguese help", command, english)
			}
		}
		_, en, _ := c.run(append([]string{"--lang=en"}, help...)...)
		if !strings.Contains(en, "Examples:\n  # ") || en == pt {
			t.Errorf("%s: English help:\n%s", command, en)
		}
	}
}

func TestLanguageOfTheSystem(t *testing.T) {
	c := newConsole(t)
	c.env["LANG"] = "en_US.UTF-8"
	if _, out, _ := c.run(); !strings.Contains(out, "Usage:") {
		t.Error("LANG=en_US gives no English")
	}
	c.env["LC_ALL"] = "pt_BR.UTF-8"
	if _, out, _ := c.run(); !strings.Contains(out, "Uso:") {
		t.Error("LC_ALL=pt_BR gives no Portuguese")
	}
}

func TestWrongUsage(t *testing.T) {
	for _, c := range []struct {
		line   string
		pt, en string
	}{
		{"analize --all", `comando desconhecido "analize"; quis dizer analyze?`, `unknown command "analize"; did you mean analyze?`},
		{"importar x", "quis dizer import?", "did you mean import?"},
		{"xyzzy", `comando desconhecido "xyzzy"`, `unknown command "xyzzy"`},
		{"--log-level info analize", "quis dizer analyze?", "did you mean analyze?"},
		{"help analize", "quis dizer analyze?", "did you mean analyze?"},
		{"migrate dwn", "quis dizer down?", "did you mean down?"},
		{"migrate", "up, down ou status", "up, down or status"},
		{"migrate up now", `argumento inesperado "now"`, `unexpected argument "now"`},
		{"analyze --al", "quis dizer --all?", "did you mean --all?"},
		{"analyze -z", "opção desconhecida -z", "unknown flag -z"},
		{"analyze --modo", "a opção --modo precisa de um valor", "flag --modo needs a value"},
		{"analyze --=x", "opção malformada", "malformed flag"},
		{"analyze --modo rapido P1", `valor inválido "rapido": deve ser isolado ou concorrente`, "must be isolado or concorrente"},
		{"analyze --politica parcial P1", "--politica só vale com --modo concorrente", "goes with --modo concorrente only"},
		{"analyze --modo concorrente --politica tudo P1", "deve ser linha ou parcial ou pedido", "must be linha or parcial or pedido"},
		{"analyze --explain P1 P2", "--explain explica um só pedido", "--explain explains one order"},
		{"analyze --explain P1 --csv", "--explain explica um só pedido", "--explain explains one order"},
		{"analyze --explain P1 --detalhe itens", "use sem --detalhe", "without --detalhe"},
		{"analyze --all --priority nome", "não há a chave \"nome\"", "there is no key \"nome\""},
		{"analyze", "indique os pedidos, ou --all", "name the orders, or --all"},
		{"analyze --all P1", "indique os pedidos, ou --all", "name the orders, or --all"},
		{"analyze --all --json --csv", "não os dois", "not both"},
		{"analyze --all --csv --detalhe itens", "uma linha por pedido", "one row per order"},
		{"analyze " + strings.Repeat("9", 51), "de 1 a 50 caracteres", "1 to 50 characters"},
		{"analyze --all=maybe", "não leva valor", "takes no value"},
		{"analyze --all --window 91", "opção --window: valor inválido", "flag --window: invalid value"},
		{"analyze --all --addr :80", "opção desconhecida --addr", "unknown flag --addr"},
		{"demo --orders many", "deve ser um número inteiro", "must be a whole number"},
		{"demo --orders 0", "de 1 a 500000", "from 1 to 500000"},
		{"demo now", `argumento inesperado "now"`, `unexpected argument "now"`},
		{"generate", "indique uma pasta", "name one folder"},
		{"import", "indique uma pasta ou arquivos", "name a folder or files"},
		{"import --numbers us x", "deve ser br ou intl", "must be br or intl"},
		{"serve --config none.toml", "não existe", "does not exist"},
		{"version --lang de", "deve ser pt ou en", "must be pt or en"},
	} {
		t.Run(c.line, func(t *testing.T) {
			console := newConsole(t)
			for lang, want := range map[string]string{"pt_BR": c.pt, "en": c.en} {
				console.env["LANG"] = lang
				status, out, errs := console.run(strings.Fields(c.line)...)
				if status != cli.Misuse || out != "" || !strings.Contains(errs, want) || strings.Contains(errs, "hunter2") {
					t.Errorf("%s: status %d, stdout %q, stderr %q; want %q", lang, status, out, errs, want)
				}
			}
		})
	}
}

func TestSettingsOfOtherCommandsDoNotMatter(t *testing.T) {
	c := newConsole(t)
	c.env["RUPTURA_ADDR"] = "nonsense"
	if status, _, errs := c.run("generate", c.path("x"), "--orders", "1"); status != cli.Done {
		t.Errorf("status %d: %s", status, errs)
	}
}

func TestVersion(t *testing.T) {
	c := newConsole(t)
	if status, out, _ := c.run("version"); status != cli.Done || !strings.Contains(out, "\ngo1.") {
		t.Errorf("status %d: %s", status, out)
	}
	if _, out, _ := c.run("version", "--json"); !strings.Contains(out, `"go":"go1.`) {
		t.Errorf("JSON: %s", out)
	}
}

func TestHostileArgumentsAreEscaped(t *testing.T) {
	c := newConsole(t)
	for _, args := range [][]string{
		{"a\x1b[2Jb"}, {"analyze", "--x\x1b[2J"}, {"analyze", "--modo", "\x1b[2J"}, {"serve", "--addr", "\x1b[2J\nfoo"},
		{"analyze", "--all", "--config", "\x1b[2J.toml"},
	} {
		if status, out, errs := c.run(args...); status != cli.Misuse || strings.Contains(out+errs, "\x1b") {
			t.Errorf("%q: status %d, %q", args, status, errs)
		}
	}
	c.company()
	if _, out, errs := c.run("analyze", "x\x1b[2J"); strings.Contains(out+errs, "\x1b") {
		t.Errorf("order: %q", errs)
	}
}
