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
	"ruptura/internal/wire"
)

// maxNumber is the length of an order number in characters.
const maxNumber = 50

type analyzeOptions struct {
	all, json, csv       bool
	mode, policy, detail string
	// explain is an order of which all is told.
	explain string
	rules   rules // what mode, policy and detail mean
}

// rules are how orders are to be answered for.
type rules struct {
	mode   atp.Mode
	policy atp.Policy
	detail wire.Detail
}

func (a *app) analyze() *cobra.Command {
	var o analyzeOptions
	o.mode = atp.Alone.String()
	p := a.analyzePage()
	cmd := a.command(p)
	flags := cmd.Flags()
	flags.BoolVar(&o.all, "all", false, a.text("todos os pedidos em aberto", "every open order"))
	choose(flags, &o.mode, "modo", a.text("como o estoque é disputado: isolado olha cada pedido sozinho; concorrente atende todos por prioridade (--priority)",
		"how stock is competed for: isolado looks at each order alone; concorrente serves all of them by priority (--priority)"),
		atp.Alone.String(), atp.Together.String())
	choose(flags, &o.policy, "politica", a.text("com --modo concorrente: linha, um item sai inteiro; parcial, sai o que há; pedido, o pedido sai inteiro",
		"with --modo concorrente: linha, a line ships whole; parcial, what there is ships; pedido, the order ships whole"),
		atp.WholeLines.String(), atp.Parts.String(), atp.WholeOrders.String())
	choose(flags, &o.detail, "detalhe", a.text("sem itens, com itens, ou também o porquê de cada falta; sem esta opção, itens para pedidos indicados e resumo com --all",
		"without lines, with lines, or also why each is short; without this flag, itens for orders given and resumo with --all"),
		wire.Summary.String(), wire.Items.String(), wire.Explained.String())
	flags.StringVar(&o.explain, "explain", "", a.text("explica um pedido: quem leva o estoque de cada item que falta, e quando ele chega",
		"explains one order: who takes the stock of each short line, and when it comes"))
	hint(flags, "explain", a.text("PEDIDO", "ORDER"))
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
	case cmd.Flags().Changed("explain"):
		return a.explained(cmd, args, o)
	case o.policy != "" && o.mode != atp.Together.String():
		return nil, a.politicaAlone(cmd)
	case o.json && o.csv:
		return nil, a.misused(cmd, "escolha --json ou --csv, não os dois", "choose --json or --csv, not both")
	case o.csv && o.detail != "" && o.detail != wire.Summary.String():
		return nil, a.misused(cmd, "--csv traz uma linha por pedido, sem itens; para os itens use --json",
			"--csv has one row per order, without lines; for the lines use --json")
	case o.all == (len(args) > 0):
		return nil, a.misused(cmd, "indique os pedidos, ou --all para todos", "name the orders, or --all for every one")
	}
	if o.detail == "" && !o.all && !o.csv {
		o.detail = wire.Items.String()
	}
	o.understand()
	return a.numbers(cmd, args)
}

// explained checks the command line of --explain.
func (a *app) explained(cmd *cobra.Command, args []string, o *analyzeOptions) ([]atp.OrderNumber, error) {
	switch {
	case o.all || o.csv || len(args) > 0:
		return nil, a.misused(cmd, "--explain explica um só pedido: use sem --all, sem --csv e sem outros pedidos",
			"--explain explains one order: use it without --all, --csv and other orders")
	case o.detail != "" && o.detail != wire.Explained.String():
		return nil, a.misused(cmd, "--explain já traz tudo; use sem --detalhe", "--explain tells everything; use it without --detalhe")
	case o.policy != "" && o.mode != atp.Together.String():
		return nil, a.politicaAlone(cmd)
	}
	o.detail = wire.Explained.String()
	o.understand()
	return a.numbers(cmd, []string{o.explain})
}

func (a *app) politicaAlone(cmd *cobra.Command) error {
	return a.misused(cmd, "--politica só vale com --modo concorrente", "--politica goes with --modo concorrente only")
}

// understand reads the words, which the flags have let through already.
func (o *analyzeOptions) understand() {
	o.rules.mode, _ = atp.ParseMode(o.mode)
	o.rules.policy, _ = atp.ParsePolicy(o.policy)
	o.rules.detail, _ = wire.ParseDetail(o.detail)
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
	plan := analysis.Plan{Params: params, Mode: o.rules.mode, Policy: o.rules.policy, Priority: s.Priority, Detail: o.rules.detail}
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
	run := &analysisRun{app: a, src: src, plan: plan, out: a.output(o, s, params.Today), totals: newTotals()}
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
	result(r *wire.Answer, client string, b *analysis.Book, calculation time.Duration) error
	failure(n atp.OrderNumber, why string) error
	end(t *totals, took time.Duration) error
}

func (a *app) output(o analyzeOptions, s settings.Settings, today atp.Day) output {
	switch {
	case o.json:
		return &jsonOutput{w: a.Stdout, form: wire.Form{Detail: o.rules.detail, Lang: a.lang}, rules: o.rules, today: today}
	case o.csv:
		return newCSVOutput(a, o.rules.mode)
	}
	return &tableOutput{app: a, format: format{a.lang}, rules: o.rules, priority: s.Priority, today: today, zone: s.Zone}
}
