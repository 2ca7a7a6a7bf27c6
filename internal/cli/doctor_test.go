package cli_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"ruptura/internal/cli"
	"ruptura/internal/doctor"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

// sick is a database with a finding of each kind.
func sick(settings.Settings, func() time.Time) []doctor.Check {
	return []doctor.Check{
		{Name: "source", Title: lang.Text{PT: "Banco de dados", EN: "Database"}, Timeout: time.Minute, Run: func(context.Context) ([]doctor.Finding, error) {
			return []doctor.Finding{
				{Code: "source.open", What: lang.Text{PT: "PostgreSQL 15.6", EN: "PostgreSQL 15.6"}},
				{
					Code: "data.duplicate-order", Level: doctor.Problem, Count: 1234, Examples: []string{"P1", "mau\x1b[31m", strings.Repeat("9", 80)},
					What: lang.Text{PT: "pedidos.num_pedido repetido", EN: "pedidos.num_pedido repeated"},
					Mend: lang.Text{PT: "deixe uma linha por pedido em pedidos", EN: "leave one row per order in pedidos"},
				},
				{
					Code: "index.advised", Level: doctor.Warning, What: lang.Text{PT: "falta um índice", EN: "an index is missing"},
					Mend: lang.Text{PT: "o dono da tabela pode executar", EN: "the table's owner can run"}, Evidence: []string{"CREATE INDEX x ON y (z);"},
				},
			}, nil
		}},
		{Name: "data", Title: lang.Text{PT: "Dados", EN: "Data"}, After: "source", Timeout: time.Minute, Run: nil},
		{Name: "rest", Title: lang.Text{PT: "Resto", EN: "Rest"}, Timeout: time.Minute, Run: func(context.Context) ([]doctor.Finding, error) {
			return nil, errors.New("no disk")
		}},
	}
}

func TestDoctor(t *testing.T) {
	for _, lang := range []string{"pt", "en"} {
		c := newConsole(t)
		c.deps.Checks = sick
		status, out, errs := c.run("doctor", "--lang", lang, "--db", "sqlite:ruptura.db")
		if status != cli.Failed || errs != "" || strings.Contains(out, "\x1b") {
			t.Errorf("%s: status %d, stderr %q", lang, status, errs)
		}
		golden(t, "doctor."+lang+".txt", out)
	}
}

func TestDoctorForPrograms(t *testing.T) {
	c := newConsole(t)
	c.deps.Checks = sick
	status, out, _ := c.run("doctor", "--json", "--lang", "en")
	var got struct {
		OK      bool           `json:"em_ordem"`
		Tally   map[string]int `json:"resumo"`
		Section []struct {
			Name     string `json:"verificacao"`
			Skipped  bool   `json:"nao_verificado"`
			Findings []struct {
				Code     string   `json:"codigo"`
				Level    string   `json:"nivel"`
				Count    int64    `json:"quantidade"`
				Evidence []string `json:"evidencia"`
			} `json:"achados"`
		} `json:"verificacoes"`
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || status != cli.Failed {
		t.Fatalf("status %d, %v: %s", status, err, out)
	}
	if got.OK || got.Tally["problemas"] != 2 || got.Tally["avisos"] != 2 || len(got.Section) != 5 || !got.Section[2].Skipped {
		t.Errorf("%+v", got)
	}
	if f := got.Section[1].Findings[1]; f.Code != "data.duplicate-order" || f.Level != "problema" || f.Count != 1234 {
		t.Errorf("%+v", f)
	}
}

func TestDoctorWhenAllIsWell(t *testing.T) {
	c := newConsole(t)
	delete(c.env, "RUPTURA_TODAY")
	if status, out, errs := c.run("doctor"); status != cli.Done || errs != "" || !strings.HasSuffix(out, "0 problemas, 0 avisos, 2 ok. Tudo em ordem.\n") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}
}

// TestDoctorWithWrongSettings looks at the database all the same, unless it is that which is wrong.
func TestDoctorWithWrongSettings(t *testing.T) {
	c := newConsole(t)
	looked := false
	c.deps.Checks = func(settings.Settings, func() time.Time) []doctor.Check { looked = true; return nil }
	c.env["RUPTURA_WORKERS"] = "many"
	status, out, _ := c.run("doctor")
	if status != cli.Failed || !looked || !strings.Contains(out, "PROBLEMA  variável de ambiente RUPTURA_WORKERS") {
		t.Errorf("status %d, looked %t: %s", status, looked, out)
	}
	looked = false
	c.env["RUPTURA_DB"] = "mysql://u:hunter2@h/d"
	if status, out, _ = c.run("doctor"); status != cli.Failed || looked || strings.Contains(out, "hunter2") {
		t.Errorf("status %d, looked %t: %s", status, looked, out)
	}
}
