package cli_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ruptura/internal/cli"
	"ruptura/internal/dataset"
	"ruptura/internal/settings"
	"ruptura/internal/source"
	"ruptura/internal/source/sqlite"
)

// write makes a file in the console's folder.
func (c *console) write(name, text string) {
	c.t.Helper()
	path := c.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// files writes a small import whose items are given.
func (c *console) files(items string) {
	c.write("in/pedidos.csv", "num_pedido;cliente;data_entrega\nP1;Padaria São Bento;05/03/2026\n")
	c.write("in/itens.csv", "num_pedido;cod_produto;nome_produto;qtd_saldo;preco_unitario\n"+items)
	c.write("in/estoque.csv", "cod_produto;qtd\nA;1.234,5\n")
}

var columnGap = regexp.MustCompile(` {2,}`)

// placeless removes what the test's folder does to an output: its name and the columns' widths.
func (c *console) placeless(out string) string {
	return columnGap.ReplaceAllString(strings.ReplaceAll(out, c.dir, "DIR"), "  ")
}

func TestImport(t *testing.T) {
	for _, lang := range []string{"pt", "en"} {
		c := newConsole(t)
		c.files("P1;A;Azeitona;10,5;12,50\n")
		status, out, errs := c.run("import", c.path("in"), "--lang", lang)
		if status != cli.Done || errs != "" {
			t.Errorf("%s: status %d, stderr %q", lang, status, errs)
		}
		golden(t, "import."+lang+".txt", c.placeless(out))
		if status, out, errs = c.run("analyze", "P1", "--json"); status != cli.Done || !strings.Contains(out, `"pedido_ok":true`) {
			t.Errorf("%s: status %d, %s%s", lang, status, out, errs)
		}
	}
}

func TestImportRepeatsTheDatabaseThatWasNamed(t *testing.T) {
	for name, quoted := range map[string]string{"sqlite:%s/b.db": "sqlite:%s/b.db", "sqlite:%s/a b's.db": `'sqlite:%s/a b'\''s.db'`} {
		c := newConsole(t)
		c.files("P1;A;Azeitona;10,5;12,50\n")
		status, out, errs := c.run("import", c.path("in"), "--db", strings.ReplaceAll(name, "%s", c.dir))
		word := strings.ReplaceAll(quoted, "%s", c.dir)
		if want := "ruptura serve --db " + word + ", ou ruptura analyze --all --db " + word + "."; status != cli.Done || !strings.Contains(out, want) {
			t.Errorf("status %d, %s%s; want %s", status, out, errs, want)
		}
	}
}

func TestImportRefused(t *testing.T) {
	for _, lang := range []string{"pt", "en"} {
		c := newConsole(t)
		c.files("P1;A;Azeitona;muito;12,50\nP9;A;Azei\x1b[31mtona;1,5;12,50\n")
		status, out, errs := c.run("import", c.path("in"), "--lang", lang)
		if status != cli.Failed || errs != "" || strings.Contains(out, "\x1b") {
			t.Errorf("%s: status %d, stdout %q, stderr %q", lang, status, out, errs)
		}
		golden(t, "import-refused."+lang+".txt", c.placeless(out))
	}
}

func TestImportCheckChangesNothing(t *testing.T) {
	c := newConsole(t)
	c.files("P1;A;Azeitona;10,5;12,50\n")
	status, out, _ := c.run("import", c.path("in"), "--check", "--json")
	var report struct {
		Loaded bool `json:"importado"`
		Files  []struct {
			Rows int `json:"linhas"`
		} `json:"arquivos"`
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || status != cli.Done || report.Loaded || len(report.Files) != 3 {
		t.Errorf("status %d, %v: %s", status, err, out)
	}
	if _, err := os.Stat(c.path("ruptura.db")); !os.IsNotExist(err) {
		t.Errorf("a check made a database: %v", err)
	}
}

func TestImportThatFailsMakesNoDatabase(t *testing.T) {
	full := errors.New("disk full")
	for name, fail := range map[string]error{"refused files": nil, "a failing disk": full} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.files("P1;A;Azeitona;10,5;12,50\n")
			if fail == nil {
				c.files("P1;A;Azeitona;muito;12,50\n")
			}
			c.failing(fail)
			if status, out, errs := c.run("import", c.path("in")); status != cli.Failed {
				t.Errorf("status %d: %s%s", status, out, errs)
			}
			if left, err := filepath.Glob(c.path("ruptura.db*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %q (%v)", left, err)
			}
		})
	}
}

func TestImportThatFailsKeepsTheDatabase(t *testing.T) {
	c := newConsole(t)
	c.company()
	c.files("P1;A;Azeitona;10,5;12,50\n")
	c.failing(errors.New("disk full"))
	if status, out, errs := c.run("import", c.path("in")); status != cli.Failed || !strings.Contains(errs, "disk full") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}
	if status, out, _ := c.run("analyze", "--all", "--json"); status != cli.Done || !strings.Contains(out, `"P3"`) {
		t.Errorf("status %d: %s", status, out)
	}
}

// failing makes loading fail after all was written, unless err is nil.
func (c *console) failing(err error) {
	open := c.deps.OpenStore
	c.deps.OpenStore = func(ctx context.Context, s settings.Settings, create bool) (cli.Store, error) {
		store, openErr := open(ctx, s, create)
		if openErr != nil {
			return nil, openErr
		}
		return failingStore{store, err}, nil
	}
}

// failingStore is a database that fails at the end of a load.
type failingStore struct {
	cli.Store
	err error
}

func (f failingStore) Replace(ctx context.Context, relations []dataset.Relation, fill func(dataset.Writer) error) error {
	return f.Store.Replace(ctx, relations, func(w dataset.Writer) error { return errors.Join(fill(w), f.err) })
}

func TestGenerateThenImport(t *testing.T) {
	c := newConsole(t)
	if status, out, errs := c.run("generate", c.path("made"), "--orders", "30", "--seed", "7"); status != cli.Done ||
		!strings.Contains(out, "30 pedidos") {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	if status, _, errs := c.run("generate", c.path("made")); status != cli.Failed || !strings.Contains(errs, "--force") {
		t.Errorf("over existing files: status %d, %s", status, errs)
	}
	if status, out, errs := c.run("import", c.path("made")); status != cli.Done {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	if status, out, errs := c.run("analyze", "--all"); status != cli.Done || !strings.Contains(out, "\n30 pedidos analisados") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}
}

func TestGenerateWhereNoFolderCanBe(t *testing.T) {
	c := newConsole(t)
	c.write("file", "")
	for lang, want := range map[string]string{"pt": "erro: não foi possível gravar em", "en": "error: could not write to"} {
		if status, _, errs := c.run("generate", c.path("file/x"), "--lang", lang); status != cli.Failed || !strings.HasPrefix(errs, want) {
			t.Errorf("status %d, %s", status, errs)
		}
	}
}

func TestDemoServesACompanyAndCleansUp(t *testing.T) {
	c := newConsole(t)
	var path string
	c.deps.Serve = func(ctx context.Context, s cli.Serving) error {
		path = s.Settings.Database.SQLite
		db, err := sqlite.Open(ctx, path, sqlite.Options{})
		if err != nil {
			return err
		}
		numbers, err := db.Numbers(ctx, source.NumbersQuery{})
		if err != nil || len(numbers) != 20 {
			t.Errorf("%d orders, %v", len(numbers), err)
		}
		s.Ready("http://127.0.0.1:9")
		return db.Close()
	}
	status, out, errs := c.run("demo", "--orders", "20", "--addr", "127.0.0.1:9")
	if status != cli.Done || out != "ruptura em http://127.0.0.1:9/carteira (Ctrl+C encerra)\n" || errs != "" {
		t.Errorf("status %d, stdout %q, stderr %q", status, out, errs)
	}
	if _, err := os.Stat(filepath.Dir(path)); !os.IsNotExist(err) {
		t.Errorf("the temporary folder is still there: %v", err)
	}
}

func TestServe(t *testing.T) {
	c := newConsole(t)
	var got cli.Serving
	c.deps.Serve = func(_ context.Context, s cli.Serving) error {
		got = s
		s.Logger.Info("hello", "name", "a\nb")
		return nil
	}
	c.env["RUPTURA_LOT_SIZE"] = "5"
	status, _, errs := c.run("serve", "--workers", "0", "--addr", ":0", "--log-format", "json", "--host-name", "a,b", "--host-name", "c")
	if status != cli.Done || got.Settings.LotSize != 5 || got.Settings.Workers != 0 || len(got.Settings.HostNames) != 3 {
		t.Errorf("status %d, settings %+v", status, got.Settings)
	}
	lines := strings.Split(strings.TrimSpace(errs), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "without access control") || !strings.Contains(lines[1], "no workers") ||
		!json.Valid([]byte(lines[2])) {
		t.Errorf("log is %q", lines)
	}
}

func TestInterrupted(t *testing.T) {
	c := newConsole(t)
	c.company()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if status, _, errs := c.runContext(ctx, "analyze", "--all"); status != cli.Failed || errs != "erro: interrompido\n" {
		t.Errorf("status %d, %q", status, errs)
	}
}

func TestWithATerminalProgressGoesToStderr(t *testing.T) {
	c := newConsole(t)
	c.terminal, c.width = true, 80
	if status, out, errs := c.run("generate", c.path("made"), "--orders", "300"); status != cli.Done || strings.Contains(out, "gravando") {
		t.Errorf("status %d, stdout %q, stderr %q", status, out, errs)
	}
}
