package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/demo"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

// company is what demo and generate are asked to make up.
type company struct {
	orders int
	seed   uint64
}

// movementsPerOrder is how much history of stock a company has, in proportion to its size.
const movementsPerOrder = demo.DefaultMovements / demo.DefaultOrders

func (c *company) flags(a *app, cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.IntVar(&c.orders, "orders", demo.DefaultOrders, a.text("quantos pedidos, de cerca de 8 itens", "how many orders, of about 8 lines each"))
	flags.Uint64Var(&c.seed, "seed", 1, a.text("semente: a mesma semente, no mesmo dia, dá os mesmos dados",
		"seed: the same seed, on the same day, gives the same data"))
	hint(flags, "orders", "N")
	hint(flags, "seed", "N")
}

// config checks the size of the company.
func (c *company) config(a *app, cmd *cobra.Command, today atp.Day) (demo.Config, error) {
	if c.orders < 1 || c.orders > demo.MaxOrders {
		return demo.Config{}, a.misused(cmd, "opção --orders: deve ser um número inteiro de 1 a %d",
			"flag --orders: must be a whole number from 1 to %d", demo.MaxOrders)
	}
	return demo.Config{Orders: c.orders, Movements: movementsPerOrder * c.orders, Seed: c.seed, Today: today}, nil
}

func (a *app) demo() *cobra.Command {
	p := page{
		use:   "demo",
		short: lang.Text{PT: "do nada à página, com uma empresa de exemplo", EN: "from nothing to the page, with an example company"},
		long: lang.Text{
			PT: "Cria uma empresa de alimentos de exemplo (pedidos, estoque, separações, produção, códigos unificados) num banco " +
				"temporário e abre a página sobre ela. Ctrl+C encerra e apaga o banco.",
			EN: "Makes up an example food company (orders, stock, reservations, production, unified codes) in a temporary " +
				"database and opens the page on it. Ctrl+C ends it and removes the database.",
		},
		examples: []example{
			{"ruptura demo", lang.Text{PT: "mil pedidos em http://127.0.0.1:8080", EN: "a thousand orders at http://127.0.0.1:8080"}},
			{"ruptura demo --orders 200 --seed 7 --addr 127.0.0.1:9000", lang.Text{
				PT: "outra empresa, menor, em outra porta",
				EN: "another, smaller company on another port",
			}},
		},
		groups:  []settings.Group{settings.Calculation, settings.Work, settings.Server},
		suggest: []string{"exemplo", "example", "try"},
	}
	cmd := a.command(p)
	var c company
	c.flags(a, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := a.noArguments(cmd, args); err != nil {
			return err
		}
		s, err := a.settings(cmd, p.groups...)
		if err != nil {
			return err
		}
		cfg, err := c.config(a, cmd, s.Params(a.now()).Today)
		if err != nil {
			return err
		}
		return a.runDemo(cmd.Context(), s, cfg)
	}
	return cmd
}

// runDemo fills a database in a temporary folder, serves it, and removes it.
func (a *app) runDemo(ctx context.Context, s settings.Settings, cfg demo.Config) (err error) {
	dir, err := os.MkdirTemp("", "ruptura-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s.Database = settings.Database{SQLite: filepath.Join(dir, "ruptura.db")}
	if err := a.fill(ctx, s, cfg); err != nil {
		return err
	}
	return a.runServer(ctx, s)
}

func (a *app) fill(ctx context.Context, s settings.Settings, cfg demo.Config) (err error) {
	store, err := a.deps.OpenStore(ctx, s, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return a.waiting(a.text("criando a empresa de exemplo", "making up the example company"), func() error {
		return store.Replace(ctx, dataset.Relations(), func(w dataset.Writer) error { return demo.Generate(cfg, w) })
	})
}
