package cli

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
	"ruptura/internal/source"
)

// readSize is how many orders one read of the source serves, as in the server.
const readSize = 5000

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
	p := page{
		use:   a.text("analyze [PEDIDO…] [--all]", "analyze [ORDER…] [--all]"),
		short: lang.Text{PT: "analisa pedidos no terminal, sem servidor", EN: "analyses orders in the terminal, without a server"},
		long: lang.Text{
			PT: "Diz, de cada pedido, se pode sair inteiro agora, o que falta, quanto vale e quando chega. Lê o banco na hora; " +
				"nada é guardado.\n\n" +
				"Com números de pedido mostra também os itens em ruptura; com --all, a carteira inteira por data de necessidade. " +
				"--json escreve os mesmos objetos da API; --csv serve para planilhas: em português usa ponto e vírgula e vírgula " +
				"decimal, em inglês (--lang en) vírgula e ponto, sempre UTF-8 com BOM.\n\n" +
				"Um pedido que não existe é avisado em stderr e o código de saída é 1; os outros são mostrados.",
			EN: "Tells of each order whether it can ship whole now, what is missing, what it is worth and when it comes. Reads " +
				"the database on the spot; nothing is kept.\n\n" +
				"With order numbers it also shows the short lines; with --all, the whole book by need date. --json writes the " +
				"same objects as the API; --csv is for spreadsheets: comma and decimal point in English, semicolon and decimal " +
				"comma in Portuguese (--lang pt), always UTF-8 with BOM.\n\n" +
				"An order that does not exist is reported on stderr and the exit status is 1; the others are shown.",
		},
		examples: []example{
			{"ruptura analyze --all", lang.Text{PT: "a carteira inteira", EN: "the whole book"}},
			{"ruptura analyze VCD2543401 VCD2543402", lang.Text{PT: "dois pedidos, com os itens que faltam", EN: "two orders, with the lines that are short"}},
			{"ruptura analyze --all --today 2026-03-02 --json", lang.Text{PT: "como se hoje fosse 2 de março, para um programa ler", EN: "as if today were 2 March, for a program to read"}},
			{"ruptura analyze --all --csv > ruptura.csv", lang.Text{PT: "para uma planilha", EN: "for a spreadsheet"}},
		},
		groups:  []settings.Group{settings.Data, settings.Calculation},
		suggest: []string{"analisar", "analise", "analyse"},
	}
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
	if o.detail == "" {
		o.detail = items
		if o.all {
			o.detail = summary
		}
	}
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

// analysisRun is one run over any number of orders.
type analysisRun struct {
	*app
	src      source.Source
	params   atp.Params
	out      output
	totals   *totals
	failures []failedOrder
}

type failedOrder struct {
	number atp.OrderNumber
	why    string
}

// orders analyses in reads of a bounded size.
func (run *analysisRun) orders(ctx context.Context, numbers []atp.OrderNumber) error {
	bar := run.progress(int64(len(numbers)), run.text("analisando", "analysing"), progressbar.OptionShowCount())
	defer bar.done()
	for some := range slices.Chunk(numbers, readSize) {
		book, err := analysis.Read(ctx, run.src, source.Query{Orders: some}, run.params)
		if err != nil {
			return err
		}
		clients, err := run.clients(ctx, some)
		if err != nil {
			return err
		}
		for _, n := range some {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := run.order(book, n, clients[n]); err != nil {
				return err
			}
			bar.step(1)
		}
	}
	return nil
}

// clients reads who ordered.
func (run *analysisRun) clients(ctx context.Context, numbers []atp.OrderNumber) (map[atp.OrderNumber]string, error) {
	page, err := run.src.Book(ctx, source.BookQuery{Numbers: numbers, StaleBefore: run.params.StaleBefore()})
	if err != nil {
		return nil, err
	}
	clients := make(map[atp.OrderNumber]string, len(page.Orders))
	for i := range page.Orders {
		clients[page.Orders[i].Number] = page.Orders[i].Client
	}
	return clients, nil
}

func (run *analysisRun) order(book *analysis.Book, n atp.OrderNumber, client string) error {
	start := time.Now()
	r, err := book.Answer(n)
	if err == nil {
		err = run.totals.add(&r)
	}
	if err != nil {
		why := analysis.Explain(err).In(run.lang)
		run.totals.failed++
		run.failures = append(run.failures, failedOrder{n, why})
		return run.out.failure(n, why)
	}
	return run.out.result(&r, client, book, time.Since(start))
}
