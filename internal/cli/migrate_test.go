package cli_test

import (
	"context"
	"strings"
	"testing"

	"ruptura/internal/cli"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

// steps is a schema with one step, whose way back loses data or not.
type steps struct {
	losses  []cli.Loss
	undone  bool
	profile string
}

func (s *steps) Up(context.Context) ([]cli.Migration, error) { return nil, nil }
func (s *steps) Down(context.Context) (cli.Migration, error) {
	s.undone = true
	return cli.Migration{Version: 1, Name: "00001_relacoes"}, nil
}
func (s *steps) Losses(context.Context) ([]cli.Loss, error)      { return s.losses, nil }
func (s *steps) Status(context.Context) ([]cli.Migration, error) { return nil, nil }
func (s *steps) Close() error                                    { return nil }

func TestMigrateDownAsksBeforeDataIsLost(t *testing.T) {
	rows := []cli.Loss{{Table: "ruptura.pedidos", Rows: 1000}, {Table: "ruptura.itens", Rows: 1}}
	for _, c := range []struct {
		name     string
		losses   []cli.Loss
		terminal bool
		answer   string
		args     []string
		undone   bool
		says     string
	}{
		{name: "nothing to lose", undone: true, says: "desfeito: 00001_relacoes"},
		{name: "nobody to ask", losses: rows, says: "erro: este passo apaga dados: ruptura.pedidos (1.000 linhas), ruptura.itens (1 linha); faça uma cópia e repita com --yes"},
		{name: "told to", losses: rows, args: []string{"--yes"}, undone: true, says: "desfeito"},
		{name: "yes", losses: rows, terminal: true, answer: "Sim\n", undone: true, says: "Continuar? [s/N] "},
		{name: "no", losses: rows, terminal: true, answer: "n\n", says: "nada foi alterado"},
		{name: "just return", losses: rows, terminal: true, answer: "\n", says: "nada foi alterado"},
		{name: "no answer", losses: rows, terminal: true, says: "nada foi alterado"},
	} {
		t.Run(c.name, func(t *testing.T) {
			console, s := newConsole(t), &steps{losses: c.losses}
			console.deps.OpenMigrator = func(context.Context, settings.Settings, string) (cli.Migrator, error) { return s, nil }
			console.answers, console.asked = c.answer, c.terminal
			status, out, errs := console.run(append([]string{"migrate", "down"}, c.args...)...)
			if (status == cli.Done) != c.undone || s.undone != c.undone || !strings.Contains(out+errs, c.says) {
				t.Errorf("status %d, undone %t: %s%s", status, s.undone, out, errs)
			}
		})
	}
}

func TestMigrateProfile(t *testing.T) {
	c, s := newConsole(t), &steps{}
	c.deps.OpenMigrator = func(_ context.Context, _ settings.Settings, profile string) (cli.Migrator, error) {
		s.profile = profile
		return s, nil
	}
	if status, _, errs := c.run("migrate", "up", "--profile", "legado", "--db", "postgres://h/d"); status != cli.Done || s.profile != "legado" {
		t.Errorf("status %d, profile %q: %s", status, s.profile, errs)
	}
	if status, _, errs := c.run("migrate", "up", "--profile", "legado"); status != cli.Misuse || !strings.Contains(errs, "é para PostgreSQL") {
		t.Errorf("status %d: %s", status, errs)
	}
}

func TestProfile(t *testing.T) {
	for l, want := range map[string]string{"pt": "-- ruptura, perfil legado: visões", "en": "-- ruptura, profile legado: views"} {
		c := newConsole(t)
		c.deps.ProfileSQL = func(profile, schema string, l lang.Lang) (string, error) {
			return "CREATE VIEW " + schema + "." + profile + "; -- " + l.String() + "\n", nil
		}
		status, out, errs := c.run("profile", "legado", "--db-schema", "carteira", "--lang", l)
		if status != cli.Done || errs != "" || !strings.HasPrefix(out, want) || !strings.Contains(out, "\nCREATE VIEW carteira.legado; -- ") ||
			!strings.Contains(out, `GRANT USAGE ON SCHEMA "carteira" TO`) {
			t.Errorf("status %d: %s%s", status, out, errs)
		}
		header, _, _ := strings.Cut(out, "\n\n")
		for line := range strings.SplitSeq(header, "\n") {
			if !strings.HasPrefix(line, "-- ") {
				t.Errorf("not a comment: %q", line)
			}
		}
		if status, _, errs = c.run("profile", "erp", "--lang", l); status != cli.Misuse || !strings.Contains(errs, "nativo") {
			t.Errorf("status %d: %s", status, errs)
		}
	}
}
