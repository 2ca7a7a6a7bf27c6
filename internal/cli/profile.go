package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

func (a *app) profile() *cobra.Command {
	p := page{
		use:   "profile nativo|legado",
		short: lang.Text{PT: "mostra o SQL das seis relações no PostgreSQL", EN: "shows the SQL of the six relations in PostgreSQL"},
		long: lang.Text{
			PT: "Mostra o SQL que um administrador pode ler, adaptar e executar: o mesmo de 'ruptura migrate up --profile'. Nada é " +
				"executado.\n\nnativo cria tabelas, que 'ruptura import' carrega. legado cria visões sobre as tabelas do ERP; para um " +
				"ERP diferente, parta dele e troque as tabelas e colunas, depois confira com 'ruptura doctor'.",
			EN: "Shows the SQL that an administrator can read, adapt and run: the same as 'ruptura migrate up --profile'. Nothing is " +
				"run.\n\nnativo makes tables, which 'ruptura import' loads. legado makes views on the ERP's tables; for another ERP, " +
				"start from it and change tables and columns, then check with 'ruptura doctor'.",
		},
		examples: []example{
			{"ruptura profile legado > ruptura.sql", lang.Text{PT: "para o administrador do banco", EN: "for the database's administrator"}},
			{"ruptura profile legado --db-schema carteira | psql erp", lang.Text{
				PT: "em outro esquema, direto no banco",
				EN: "in another schema, straight into the database",
			}},
		},
		groups:  []settings.Group{settings.Data},
		only:    []string{"db-schema"},
		suggest: []string{"perfil", "sql"},
	}
	cmd := a.command(p)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 || args[0] != native && args[0] != legacy {
			return a.misused(cmd, "indique um perfil: nativo ou legado", "name a profile: nativo or legado")
		}
		s, err := a.settings(cmd, p.groups...)
		if err != nil {
			return err
		}
		return a.showProfile(args[0], s.DatabaseSchema)
	}
	return cmd
}

func (a *app) showProfile(profile, schema string) error {
	sql, err := a.deps.ProfileSQL(profile, schema, a.lang)
	if err != nil {
		return err
	}
	what := a.text("tabelas do programa", "the program's own tables")
	if profile == legacy {
		what = a.text("visões sobre as tabelas do ERP, que não são alteradas", "views on the ERP's tables, which are not changed")
	}
	header := fmt.Sprintf(a.text(
		"ruptura, perfil %[1]s: %[2]s, no esquema %[3]s.\n"+
			"Execute com um usuário que possa criar esse esquema (CREATE no banco) ou criar nele, e ler as tabelas usadas.\n"+
			"Depois dê leitura ao usuário do programa:\n"+
			"  GRANT USAGE ON SCHEMA %[4]s TO leitor;\n"+
			"  GRANT SELECT ON ALL TABLES IN SCHEMA %[4]s TO leitor;\n"+
			"e confira com: ruptura doctor --db postgres://leitor@SERVIDOR/BANCO --db-schema %[3]s",
		"ruptura, profile %[1]s: %[2]s, in the schema %[3]s.\n"+
			"Run it as a user that may create that schema (CREATE on the database) or create in it, and read the tables used.\n"+
			"Then let the program's user read:\n"+
			"  GRANT USAGE ON SCHEMA %[4]s TO reader;\n"+
			"  GRANT SELECT ON ALL TABLES IN SCHEMA %[4]s TO reader;\n"+
			"and check with: ruptura doctor --db postgres://reader@HOST/DATABASE --db-schema %[3]s"),
		profile, what, schema, `"`+schema+`"`) // a setting holds no name with a quote
	_, err = fmt.Fprintf(a.Stdout, "-- %s\n\n%s\n", strings.ReplaceAll(header, "\n", "\n-- "), strings.TrimSpace(sql))
	return err
}
