package cli

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/settings"
	"ruptura/internal/source"
)

// maxNumber is the length of an order number in characters.
const maxNumber = 50

// The words of --modo and --detalhe, as the API has them.
const (
	isolated = "isolado"
	joint    = "concorrente"
	summary  = "resumo"
	items    = "itens"
)

type analyzeOptions struct {
	all, json, csv bool
	mode, detail   string
}

func (a *app) analyze() *cobra.Command {
	var o analyzeOptions
	o.mode = isolated
	p := a.analyzePage()
	cmd := a.command(p)
	flags := cmd.Flags()
	flags.BoolVar(&o.all, "all", false, a.text("todos os pedidos em aberto", "every open order"))
	choose(flags, &o.mode, "modo", a.text("como o estoque é disputado: isolado olha cada pedido sozinho; concorrente ainda não está disponível",
		"how stock is competed for: isolado looks at each order alone; concorrente is not available yet"), isolated, joint)
	choose(flags, &o.detail, "detalhe", a.text("com ou sem os itens; sem esta opção, itens para pedidos indicados e resumo com --all",
		"with or without the lines; without this flag, itens for orders given and resumo with --all"), summary, items)
	flags.BoolVar(&o.json, "json", false, a.text("um objeto JSON, para programas", "one JSON object, for programs"))
	flags.BoolVar(&o.csv, "csv", false, a.text("uma linha por pedido, para planilhas", "one row per order, for spreadsheets"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		numbers, err := a.asked(cmd, args, &o)
		if err != nil {
			return err
		}
		s, err := a.settings(cmd, p.groups...)
		if err != nil {
			return err
		}
		return a.runAnalysis(cmd.Context(), o, numbers, s)
	}
	return cmd
}

// asked checks the command line and gives the orders it names, each once.
func (a *app) asked(cmd *cobra.Command, args []string, o *analyzeOptions) ([]atp.OrderNumber, error) {
	switch {
	case o.mode == joint:
		return nil, a.misused(cmd, "o modo concorrente ainda não está disponível nesta versão; use --modo isolado",
			"mode concorrente is not available in this version yet; use --modo isolado")
	case o.json && o.csv:
		return nil, a.misused(cmd, "escolha --json ou --csv, não os dois", "choose --json or --csv, not both")
	case o.csv && o.detail == items:
		return nil, a.misused(cmd, "--csv traz uma linha por pedido, sem itens; para os itens use --json",
			"--csv has one row per order, without lines; for the lines use --json")
	case o.all == (len(args) > 0):
		return nil, a.misused(cmd, "indique os pedidos, ou --all para todos", "name the orders, or --all for every one")
	}
	if o.detail == "" && !o.all {
		o.detail = items
	}
	return a.numbers(cmd, args)
}

func (a *app) numbers(cmd *cobra.Command, args []string) ([]atp.OrderNumber, error) {
	var numbers []atp.OrderNumber
	for _, arg := range args {
		if n := utf8.RuneCountInString(arg); n == 0 || n > maxNumber || !utf8.ValidString(arg) {
			return nil, a.misused(cmd, "número de pedido inválido %q: deve ter de 1 a %d caracteres",
				"invalid order number %q: it must have 1 to %d characters", fit(arg, 60), maxNumber)
		}
		if n := atp.OrderNumber(arg); !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}

func (a *app) runAnalysis(ctx context.Context, o analyzeOptions, numbers []atp.OrderNumber, s settings.Settings) (err error) {
	start := a.now()
	params := s.Params(start)
	src, err := a.deps.OpenSource(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	if o.all {
		numbers, err = src.Numbers(ctx, source.NumbersQuery{StaleBefore: params.StaleBefore()})
		if err != nil {
			return err
		}
	}
	run := &analysisRun{app: a, src: src, params: params, out: a.output(o, s, params.Today), totals: newTotals()}
	if err := run.orders(ctx, numbers); err != nil {
		return err
	}
	if err := run.out.end(run.totals, a.now().Sub(start)); err != nil {
		return err
	}
	run.reportFailures()
	if run.totals.failed > 0 {
		return errShown
	}
	return nil
}

// output is where answers go, in one of the forms.
type output interface {
	result(r *atp.Result, client string, b *analysis.Book, calculation time.Duration) error
	failure(n atp.OrderNumber, why string) error
	end(t *totals, took time.Duration) error
}

func (a *app) output(o analyzeOptions, s settings.Settings, today atp.Day) output {
	switch {
	case o.json:
		return &jsonOutput{w: a.Stdout, items: o.detail == items, today: today}
	case o.csv:
		return newCSVOutput(a)
	}
	return &tableOutput{app: a, format: format{a.lang}, items: o.detail == items, today: today, zone: s.Zone}
}
