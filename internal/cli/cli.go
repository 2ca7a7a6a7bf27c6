// Package cli is the command line: commands, their help in two languages, and what they print.
// It reads arguments and settings, asks the ports in [Deps], and shows answers to people on
// stdout (tables, reports) or to programs (--json); logs and progress go to stderr.
package cli

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

// Exit statuses of the program.
const (
	Done   = 0
	Failed = 1
	Misuse = 2
)

// Env is what surrounds the program.
type Env struct {
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	ReadFile       func(string) ([]byte, error)
	// Stdin is where a person answers; nil for nobody.
	Stdin io.Reader
	// StdinTerminal, StdoutTerminal and StderrTerminal tell whether a person sits there directly.
	StdinTerminal, StdoutTerminal, StderrTerminal bool
	// Width of the terminal in columns; 0 if there is none.
	Width int
}

// System is the environment of the running process.
func System() Env {
	out, err := int(os.Stdout.Fd()), int(os.Stderr.Fd())
	env := Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, ReadFile: os.ReadFile,
		StdinTerminal: term.IsTerminal(int(os.Stdin.Fd())), StdoutTerminal: term.IsTerminal(out), StderrTerminal: term.IsTerminal(err),
	}
	if width, _, err := term.GetSize(out); err == nil {
		env.Width = width
	}
	return env
}

// Run executes one command line (without the program's name) and returns the exit status. When
// ctx ends, the command stops as soon as it can do so cleanly.
func Run(ctx context.Context, args []string, env Env, deps Deps) int {
	a := &app{Env: env, deps: deps, now: time.Now}
	if deps.Now != nil {
		a.now = deps.Now
	}
	a.lang = settings.Language(a.sources(scan(args)))
	root := a.root()                          //nolint:contextcheck // cobra hands the context to the command that runs
	root.SetArgs(append([]string{}, args...)) // nil would mean os.Args
	err := a.unknownCommand(root, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	return a.status(err)
}

// app is one run of the program.
type app struct {
	Env
	deps Deps
	now  func() time.Time
	lang lang.Lang
}

// text chooses between a Portuguese and an English text.
func (a *app) text(pt, en string) string { return lang.Text{PT: pt, EN: en}.In(a.lang) }

func (a *app) sources(flags map[string][]string) settings.Sources {
	return settings.Sources{Flags: flags, Getenv: a.Getenv, ReadFile: a.ReadFile}
}

func (a *app) root() *cobra.Command {
	root := a.command(page{
		use:   "ruptura",
		short: lang.Text{PT: "análise de ruptura da carteira de pedidos", EN: "stock-out analysis of the order book"},
		long: lang.Text{
			PT: "ruptura diz, para cada pedido em aberto, o que pode sair agora, o que falta, quanto vale e quando chega. " +
				"É um único programa, com o banco de dados embutido: experimente com demo, ou importe os seus arquivos e " +
				"abra a página com serve.",
			EN: "ruptura tells, for every open order, what can ship now, what is missing, what it is worth and when it " +
				"comes. It is a single program with its database built in: try demo, or import your own files and open " +
				"the page with serve.",
		},
		examples: []example{
			{"ruptura demo", lang.Text{PT: "do nada à página, com dados de exemplo", EN: "from nothing to the page, on example data"}},
			{"ruptura import dados/", lang.Text{PT: "carrega os seus arquivos CSV ou XLSX", EN: "loads your CSV or XLSX files"}},
			{"ruptura serve", lang.Text{PT: "abre a página sobre eles", EN: "opens the page on them"}},
			{"ruptura analyze --all", lang.Text{PT: "a mesma análise no terminal", EN: "the same analysis in the terminal"}},
		},
	})
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentFlags().BoolP("help", "h", false, a.text("mostra esta ajuda", "shows this help"))
	a.settingFlags(root.PersistentFlags(), []settings.Group{settings.General})
	root.SetHelpCommand(a.helpCommand())
	root.AddCommand(a.demo(), a.serve(), a.worker(), a.analyze(), a.importing(), a.generate(), a.migrate(), a.profile(), a.doctor(), a.queue(), a.version())
	root.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return root
}
