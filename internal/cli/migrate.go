package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

func (a *app) migrate() *cobra.Command {
	cmd := a.command(page{
		use:   "migrate",
		short: lang.Text{PT: "mostra ou muda a versão do esquema do banco", EN: "shows or changes the version of the database's schema"},
		long: lang.Text{
			PT: "O esquema do banco muda em passos, cada um com a sua volta. No SQLite, import e demo já criam e atualizam o banco; " +
				"use este comando depois de instalar uma versão nova do programa, ou para voltar a uma antiga. Faça antes uma cópia " +
				"do arquivo.\n\n" +
				"No PostgreSQL, --profile diz o que criar em --db-schema: nativo são tabelas, que import carrega; legado são visões " +
				"sobre as tabelas do ERP, que ficam como estão. 'ruptura profile' mostra o SQL de cada um.",
			EN: "The database's schema changes in steps, each with its way back. On SQLite, import and demo make and update the " +
				"database themselves; use this command after installing a new version of the program, or to go back to an old one. " +
				"Make a copy of the file first.\n\n" +
				"On PostgreSQL, --profile says what to make in --db-schema: nativo is tables, which import loads; legado is views on " +
				"the ERP's tables, which stay as they are. 'ruptura profile' shows the SQL of each.",
		},
		examples: []example{
			{"ruptura migrate status", lang.Text{PT: "quais passos foram dados", EN: "which steps have been taken"}},
			{"ruptura migrate up", lang.Text{PT: "cria o banco SQLite ou o atualiza", EN: "makes the SQLite database or updates it"}},
			{"ruptura migrate up --profile legado --db postgres://dba@servidor/erp", lang.Text{
				PT: "cria as visões sobre o ERP", EN: "makes the views on the ERP",
			}},
		},
		suggest: []string{"migrar", "schema"},
	})
	cmd.AddCommand(a.migrateUp(), a.migrateDown(), a.migrateStatus())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return a.unknownWord(cmd, args[0])
		}
		return a.misused(cmd, "diga o que fazer: up, down ou status", "say what to do: up, down or status")
	}
	return cmd
}

// The profiles of PostgreSQL.
const (
	native = "nativo"
	legacy = "legado"
)

func (a *app) migrateUp() *cobra.Command {
	return a.migration("up",
		lang.Text{PT: "dá os passos que faltam", EN: "takes the steps that are missing"},
		lang.Text{PT: "Dá todos os passos que faltam, criando o banco SQLite se não existe. No PostgreSQL, da primeira vez, escolha --profile.",
			EN: "Takes every step that is missing, making the SQLite database if there is none. On PostgreSQL, the first time, choose --profile."},
		func(ctx context.Context, m Migrator, _ settings.Settings) error {
			done, err := m.Up(ctx)
			if err != nil {
				return err
			}
			if len(done) == 0 {
				return a.upToDate(ctx, m)
			}
			for _, step := range done {
				if err := a.say("aplicado: %s", "applied: %s", step.Name); err != nil {
					return err
				}
			}
			return nil
		})
}

// upToDate says that there was nothing to do, and of which profile that is.
func (a *app) upToDate(ctx context.Context, m Migrator) error {
	steps, err := m.Status(ctx)
	if err != nil {
		return err
	}
	if len(steps) == 0 || steps[0].Profile == "" {
		return a.say("o esquema já está em dia", "the schema is up to date already")
	}
	return a.say("o esquema já está em dia, com o perfil %s", "the schema is up to date already, with the profile %s", steps[0].Profile)
}

func (a *app) migrateDown() *cobra.Command {
	var yes bool
	cmd := a.migration("down",
		lang.Text{PT: "volta um passo; os dados do que ele criou se perdem", EN: "takes one step back; the data of what it made is lost"},
		lang.Text{PT: "Desfaz o último passo. Os dados das tabelas e colunas que ele criou se perdem: faça antes uma cópia. Se há " +
			"dados a perder, pergunta antes, ou exige --yes onde não há a quem perguntar. As tabelas do ERP nunca são tocadas.",
			EN: "Undoes the latest step. The data of the tables and columns it made is lost: make a copy first. Where there is data " +
				"to lose it asks first, or demands --yes where there is nobody to ask. The ERP's tables are never touched."},
		func(ctx context.Context, m Migrator, _ settings.Settings) error {
			if err := a.mayLose(ctx, m, yes); err != nil {
				return err
			}
			step, err := m.Down(ctx)
			if err != nil {
				return err
			}
			return a.say("desfeito: %s", "undone: %s", step.Name)
		})
	cmd.Flags().BoolVar(&yes, "yes", false, a.text("não pergunta, mesmo que dados se percam", "does not ask, even if data is lost"))
	return cmd
}

// mayLose asks whether the data that the step back would take may go.
func (a *app) mayLose(ctx context.Context, m Migrator, yes bool) error {
	losses, err := m.Losses(ctx)
	if err != nil || len(losses) == 0 || yes {
		return err
	}
	list := make([]string, len(losses))
	for i, l := range losses {
		list[i] = fmt.Sprintf("%s (%s)", clean(l.Table), a.plural(int(l.Rows), "linha", "row"))
	}
	tables := strings.Join(list, ", ")
	if !a.StdinTerminal || a.Stdin == nil {
		return refusal{lang.Text{
			PT: "este passo apaga dados: " + tables + "; faça uma cópia e repita com --yes",
			EN: "this step deletes data: " + tables + "; make a copy and repeat with --yes",
		}}
	}
	fmt.Fprintf(a.Stderr, a.text("Este passo apaga dados: %s.\nContinuar? [s/N] ", "This step deletes data: %s.\nGo on? [y/N] "), tables)
	answer, _ := bufio.NewReader(a.Stdin).ReadString('\n') // without an answer, no
	if word := strings.ToLower(strings.TrimSpace(answer)); slices.Contains([]string{"s", "sim", "y", "yes"}, word) {
		return nil
	}
	return refusal{lang.Text{PT: "nada foi alterado", EN: "nothing was changed"}}
}

// refusal is why a command did nothing.
type refusal struct{ words lang.Text }

// In implements localised.
func (r refusal) In(l lang.Lang) string { return r.words.In(l) }

// Error is the reason in English.
func (r refusal) Error() string { return "cli: " + r.words.EN }

func (a *app) migrateStatus() *cobra.Command {
	var asJSON bool
	cmd := a.migration("status",
		lang.Text{PT: "lista os passos", EN: "lists the steps"},
		lang.Text{PT: "Lista todos os passos que o programa conhece e quando cada um foi dado.",
			EN: "Lists every step that the program knows and when each was taken."},
		func(ctx context.Context, m Migrator, s settings.Settings) error {
			steps, err := m.Status(ctx)
			if err != nil {
				return err
			}
			if asJSON {
				return a.migrationsJSON(steps)
			}
			return a.migrationsTable(steps, s.Zone)
		})
	cmd.Flags().BoolVar(&asJSON, "json", false, a.text("para programas", "for programs"))
	return cmd
}

// migration makes one of the subcommands.
func (a *app) migration(name string, short, long lang.Text, run func(context.Context, Migrator, settings.Settings) error) *cobra.Command {
	cmd := a.command(page{
		use: name, short: short, long: long, groups: []settings.Group{settings.Data},
		examples: []example{
			{"ruptura migrate " + name + " --db sqlite:carteira.db", lang.Text{PT: "no banco carteira.db", EN: "on the database carteira.db"}},
			{"ruptura migrate " + name + " --profile nativo --db postgres://dba@servidor/ruptura", lang.Text{
				PT: "as tabelas do programa, em PostgreSQL", EN: "the program's own tables, in PostgreSQL",
			}},
		},
	})
	var profile string
	choose(cmd.Flags(), &profile, "profile", a.text("PostgreSQL: tabelas do programa (nativo) ou visões sobre as do ERP (legado); "+
		"sem ela vale o que já está no esquema",
		"PostgreSQL: tables of the program's own (nativo) or views on the ERP's (legado); without it, what is in the schema already"), native, legacy)
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if err := a.noArguments(cmd, args); err != nil {
			return err
		}
		s, err := a.settings(cmd, settings.Data, settings.Calculation) // which has the time zone
		if err != nil {
			return err
		}
		if profile == legacy && s.Database.Postgres == "" {
			return a.misused(cmd, "o perfil legado é para PostgreSQL: indique o banco em --db", "profile legado is for PostgreSQL: name the "+
				"database with --db")
		}
		m, err := a.deps.OpenMigrator(cmd.Context(), s, profile)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, m.Close()) }()
		return run(cmd.Context(), m, s)
	}
	return cmd
}

// migrationsTable shows the steps, when each was taken by the company's clock, and on PostgreSQL of
// which profile they are.
func (a *app) migrationsTable(steps []Migration, zone *time.Location) error {
	if len(steps) == 0 {
		return a.say("o esquema ainda não tem nada do programa", "the schema has nothing of the program yet")
	}
	columns := []column{
		{title: a.text("Versão", "Version"), right: true},
		{title: a.text("Passo", "Step")},
		{title: a.text("Aplicado em", "Applied on")},
	}
	profiles := steps[0].Profile != ""
	if profiles {
		columns = slices.Insert(columns, 1, column{title: a.text("Perfil", "Profile")})
	}
	rows := make([]shownOrder, len(steps))
	for i, m := range steps {
		state := a.text("pendente", "pending")
		if !m.Applied.IsZero() {
			state = m.Applied.In(zone).Format(a.text("02/01/2006 15:04", "2006-01-02 15:04"))
		}
		rows[i].cells = []string{strconv.FormatInt(m.Version, 10), m.Name, state}
		if profiles {
			rows[i].cells = slices.Insert(rows[i].cells, 1, m.Profile)
		}
	}
	return a.table(columns, rows)
}

type migrationJSON struct {
	Version int64      `json:"versao"`
	Name    string     `json:"nome"`
	Profile string     `json:"perfil,omitempty"`
	Applied *time.Time `json:"aplicado_em"`
}

func (a *app) migrationsJSON(steps []Migration) error {
	list := make([]migrationJSON, len(steps))
	for i, m := range steps {
		list[i] = migrationJSON{Version: m.Version, Name: m.Name, Profile: m.Profile}
		if !m.Applied.IsZero() {
			list[i].Applied = &m.Applied
		}
	}
	return json.NewEncoder(a.Stdout).Encode(map[string]any{"passos": list})
}

// say writes a line to stdout.
func (a *app) say(pt, en string, args ...any) error {
	_, err := fmt.Fprintln(a.Stdout, clean(fmt.Sprintf(a.text(pt, en), args...)))
	return err
}
