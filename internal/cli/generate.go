package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"ruptura/internal/demo"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

func (a *app) generate() *cobra.Command {
	p := page{
		use:   a.text("generate PASTA", "generate DIR"),
		short: lang.Text{PT: "grava a empresa de exemplo em arquivos CSV", EN: "writes the example company as CSV files"},
		long: lang.Text{
			PT: "Grava os seis arquivos de importação (pedidos, itens, estoque, separacoes, producao, unificacao) da empresa de " +
				"exemplo: um modelo para os seus, e dados para testes. A mesma semente, com o mesmo --today, dá os mesmos arquivos.",
			EN: "Writes the six import files (pedidos, itens, estoque, separacoes, producao, unificacao) of the example company: " +
				"a pattern for your own, and data for tests. The same seed, with the same --today, gives the same files.",
		},
		examples: []example{
			{"ruptura generate exemplo --orders 50", lang.Text{PT: "cinquenta pedidos na pasta exemplo", EN: "fifty orders in the folder exemplo"}},
			{"ruptura generate exemplo --seed 7 --today 2026-03-02 --force", lang.Text{
				PT: "reproduzível, por cima do que houver",
				EN: "reproducible, over what is there",
			}},
		},
		groups:  []settings.Group{settings.Calculation},
		suggest: []string{"gerar", "gera"},
	}
	cmd := a.command(p)
	var c company
	var force bool
	c.flags(a, cmd)
	cmd.Flags().BoolVar(&force, "force", false, a.text("substitui arquivos que já existam", "replaces files that are there"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return a.misused(cmd, "indique uma pasta", "name one folder")
		}
		s, err := a.settings(cmd, p.groups...)
		if err != nil {
			return err
		}
		cfg, err := c.config(a, cmd, s.Params(a.now()).Today)
		if err != nil {
			return err
		}
		return a.runGenerate(args[0], cfg, force)
	}
	return cmd
}

func (a *app) runGenerate(dir string, cfg demo.Config, force bool) error {
	err := a.waiting(a.text("gravando", "writing"), func() error { return demo.WriteCSV(dir, cfg, force) })
	if err != nil {
		return writing(err)
	}
	_, err = fmt.Fprintf(a.Stdout, a.text("%s em %s. Para carregar: ruptura import %[2]s\n", "%s in %s. To load: ruptura import %[2]s\n"),
		a.plural(cfg.Orders, "pedido", "order"), clean(dir))
	return err
}
