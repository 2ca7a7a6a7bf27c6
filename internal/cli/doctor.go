package cli

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"ruptura/internal/doctor"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

func (a *app) doctor() *cobra.Command {
	p := page{
		use:   "doctor",
		short: lang.Text{PT: "procura o que está errado e diz como resolver", EN: "looks for what is wrong and says how to mend it"},
		long: lang.Text{
			PT: "Confere as configurações, o banco (conexão, permissões, relações, colunas, tipos), os dados (chaves repetidas, " +
				"vazios, códigos que não batem, quantidades e datas), os índices que ajudariam, com o plano medido, e o relógio; com " +
				"--redis, o Redis (versão, memória, disco, permissões), a fila, os trabalhadores e o que foi posto de lado; com " +
				"--url, também um programa em execução e o proxy diante dele, por uma análise de pedidos que não existem; com --page, uma " +
				"página que usa o cliente (docs/embed.pt-BR.md). Nenhum dado é alterado: do PostgreSQL e do Redis só se lê. O código de saída " +
				"é 1 se há um problema; avisos não contam.",
			EN: "Checks the settings, the database (connection, permissions, relations, columns, types), the data (repeated keys, " +
				"nulls, codes that match nothing, quantities and dates), the indexes that would help, with the measured plan, and the " +
				"clock; with --redis, Redis (version, memory, disk, permissions), the queue, the workers and what was put aside; with " +
				"--url, also a running program and the proxy in front of it, by an analysis of orders that do not exist; with --page, " +
				"a page that uses the client (docs/embed.md). No data is changed: PostgreSQL and Redis are only read. " +
				"The exit status is 1 if there is a problem; warnings do not count.",
		},
		examples: []example{
			{"ruptura doctor", lang.Text{PT: "o banco das configurações", EN: "the database of the settings"}},
			{"ruptura doctor --db postgres://leitor@servidor/erp", lang.Text{PT: "o PostgreSQL do ERP", EN: "the ERP's PostgreSQL"}},
			{"ruptura doctor --url https://ruptura.empresa.com.br --json", lang.Text{
				PT: "também o servidor, como os usuários o alcançam; resposta para programas",
				EN: "also the server, as its users reach it; answer for programs",
			}},
			{"ruptura doctor --page https://erp.empresa.com.br/carteira", lang.Text{
				PT: "também uma página do ERP que usa o cliente",
				EN: "also a page of the ERP that uses the client",
			}},
		},
		groups:  settings.Groups()[1:], // the first is every command's
		suggest: []string{"doutor", "check", "diagnose", "verificar"},
	}
	cmd := a.command(p)
	var o doctorOptions
	flags := cmd.Flags()
	flags.StringVar(&o.url, "url", "", a.text("endereço de um ruptura em execução, como os usuários o chamam",
		"address of a running ruptura, as its users call it"))
	hint(flags, "url", "URL")
	flags.StringVar(&o.page, "page", "", a.text("página que usa o cliente: endereço, ou arquivo salvo do navegador",
		"page that uses the client: its address, or a file saved from the browser"))
	hint(flags, "page", a.text("ARQUIVO|URL", "FILE|URL"))
	flags.BoolVar(&o.json, "json", false, a.text("um objeto JSON, para programas", "one JSON object, for programs"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := a.noArguments(cmd, args); err != nil {
			return err
		}
		if o.url != "" {
			if err := doctor.CheckURL(o.url); err != nil {
				return a.misused(cmd, "opção --url: deve ter a forma http://SERVIDOR ou https://SERVIDOR, sem usuário nem senha",
					"flag --url: must have the form http://HOST or https://HOST, without user and password")
			}
		}
		if cmd.Flags().Changed("page") && doctor.CheckPage(o.page) != nil {
			return a.misused(cmd, "opção --page: deve ser um arquivo, ou ter a forma http://SERVIDOR/PÁGINA, sem usuário nem senha",
				"flag --page: must be a file, or have the form http://HOST/PAGE, without user and password")
		}
		return a.runDoctor(cmd, o)
	}
	return cmd
}

type doctorOptions struct {
	url, page string
	json      bool
}

// runDoctor makes all checks that the settings allow, and fails if one found a problem.
func (a *app) runDoctor(cmd *cobra.Command, o doctorOptions) error {
	sections, err := doctor.Run(cmd.Context(), a.checks(cmd, o))
	if err != nil {
		return err
	}
	show := a.showSections
	if o.json {
		show = a.sectionsJSON
	}
	if err := show(sections); err != nil {
		return err
	}
	for _, s := range sections {
		if s.Worst() == doctor.Problem {
			return errShown
		}
	}
	return nil
}

// checks are those of the settings, and those that can be made with them: wrong settings of the
// server do not keep the database from being looked at.
func (a *app) checks(cmd *cobra.Command, o doctorOptions) []doctor.Check {
	s, all := a.settings(cmd, settings.Groups()...)
	checks := []doctor.Check{settingsCheck(s, all)}
	wrong := all
	for _, some := range [][]settings.Group{
		{settings.Data, settings.Calculation, settings.Work, settings.Redis}, {settings.Data, settings.Calculation, settings.Redis},
		{settings.Data, settings.Calculation},
	} {
		if wrong != nil {
			s, wrong = a.settings(cmd, some...)
		}
	}
	if wrong == nil {
		if a.deps.Checks != nil {
			checks = append(checks, a.deps.Checks(s, a.now)...)
		}
		checks = append(checks, doctor.Clock(a.now, s.Zone, s.Today))
	}
	if o.url != "" {
		checks = append(checks, doctor.Server(o.url, a.now))
	}
	if o.page != "" {
		checks = append(checks, doctor.Page(o.page))
	}
	return checks
}

// settingsCheck says what is wrong with the settings, or the few that tell which installation this is.
func settingsCheck(s settings.Settings, err error) doctor.Check {
	return doctor.Check{
		Name: "settings", Title: lang.Text{PT: "Configuração", EN: "Settings"}, Timeout: timeless,
		Run: func(context.Context) ([]doctor.Finding, error) {
			if errs, ok := errors.AsType[settings.Errors](err); ok {
				return invalid(errs), nil
			}
			if err != nil {
				return nil, err
			}
			file := cmp.Or(s.Config, "–")
			f := doctor.Finding{Code: "settings.valid", What: lang.Text{
				PT: "válida; arquivo: " + file + "; banco: " + s.Database.String(),
				EN: "valid; file: " + file + "; database: " + s.Database.String(),
			}}
			if s.Redis != "" {
				f.What.PT += "; Redis: " + s.Redis.String()
				f.What.EN += "; Redis: " + s.Redis.String()
			}
			return []doctor.Finding{f}, nil
		},
	}
}

// invalid is a finding for each setting that cannot be used.
func invalid(errs settings.Errors) []doctor.Finding {
	found := make([]doctor.Finding, len(errs))
	for i, e := range errs {
		found[i] = doctor.Finding{
			Code: "settings.invalid", Level: doctor.Problem, What: lang.Text{PT: e.In(lang.PT), EN: e.In(lang.EN)},
		}
	}
	return found
}
