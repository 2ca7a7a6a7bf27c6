package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ruptura/internal/demo"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
	"ruptura/internal/source"
)

// errChoice says that a word is not among those a flag takes.
var errChoice = errors.New("cli: not one of the words")

// errShown says that a command failed and has already said why.
var errShown = errors.New("cli: failed, already reported")

// misuse is a wrong command line, told in the user's language.
type misuse struct {
	message string
	command string // whose help to look at
}

func (m *misuse) Error() string { return m.message }

// misused makes a misuse of a command.
func (a *app) misused(cmd *cobra.Command, pt, en string, args ...any) error {
	return &misuse{fmt.Sprintf(a.text(pt, en), args...), cmd.CommandPath()}
}

// status prints why a run failed and gives its exit status.
func (a *app) status(err error) int {
	if err == nil {
		return Done
	}
	if errors.Is(err, errShown) {
		return Failed
	}
	for line := range strings.SplitSeq(a.explain(err), "\n") {
		fmt.Fprintf(a.Stderr, "%s: %s\n", a.text("erro", "error"), clean(line))
	}
	if m, ok := errors.AsType[*misuse](err); ok {
		fmt.Fprintf(a.Stderr, a.text("Veja '%s --help'.\n", "See '%s --help'.\n"), m.command)
		return Misuse
	}
	if _, ok := errors.AsType[settings.Errors](err); ok {
		return Misuse
	}
	return Failed
}

// localised is an error that speaks both languages.
type localised interface {
	error
	In(lang.Lang) string
}

// explain says an error in the user's language, as far as it is known.
func (a *app) explain(err error) string {
	if l, ok := errors.AsType[localised](err); ok {
		return l.In(a.lang)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return a.text("interrompido", "interrupted")
	case errors.Is(err, source.ErrUnavailable) && errors.Is(err, fs.ErrNotExist):
		return a.text("o banco de dados de --db não existe; crie-o com 'ruptura import PASTA', ou experimente 'ruptura demo'",
			"the database of --db does not exist; make it with 'ruptura import DIR', or try 'ruptura demo'")
	case errors.Is(err, source.ErrUnavailable):
		return a.text("o banco de dados não respondeu; confira --db e se outro programa o está ocupando ("+err.Error()+")",
			"the database did not answer; check --db and whether another program keeps it busy ("+err.Error()+")")
	case errors.Is(err, syscall.EADDRINUSE):
		return a.text("o endereço já está em uso, talvez por outro ruptura; escolha outro com --addr ("+err.Error()+")",
			"the address is in use, perhaps by another ruptura; choose another with --addr ("+err.Error()+")")
	case errors.Is(err, demo.ErrExists):
		return a.text("a pasta já tem um dos arquivos; escolha outra, ou use --force para substituir",
			"the folder already has one of the files; choose another, or use --force to replace them") +
			" (" + err.Error() + ")"
	}
	return err.Error()
}

// flagError says in the user's language what pflag found wrong.
func (a *app) flagError(cmd *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return a.unknownFlag(cmd, e)
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return a.misused(cmd, "a opção --%s precisa de um valor", "flag --%s needs a value", e.GetSpecifiedName())
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return a.misused(cmd, "opção --%s: valor inválido %q: %s", "flag --%s: invalid value %q: %s",
			e.GetFlag().Name, e.GetValue(), a.expected(e.GetFlag().Value))
	}
	if e, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return a.misused(cmd, "opção malformada: %s", "malformed flag: %s", e.GetSpecifiedFlag())
	}
	return &misuse{err.Error(), cmd.CommandPath()}
}

func (a *app) unknownFlag(cmd *cobra.Command, e *pflag.NotExistError) error {
	if short := e.GetSpecifiedShortnames(); short != "" {
		return a.misused(cmd, "opção desconhecida -%s", "unknown flag -%s", short)
	}
	name := e.GetSpecifiedName()
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near, ok := settings.Closest(name, names); ok {
		return a.misused(cmd, "opção desconhecida --%s; quis dizer --%s?", "unknown flag --%s; did you mean --%s?", name, near)
	}
	return a.misused(cmd, "opção desconhecida --%s", "unknown flag --%s", name)
}

func (a *app) expected(v pflag.Value) string {
	switch v := v.(type) {
	case choice:
		return a.text("deve ser ", "must be ") + strings.Join(v.words, a.text(" ou ", " or "))
	default:
		if v.Type() == "bool" {
			return a.text("não leva valor", "takes no value")
		}
		return a.text("deve ser um número inteiro", "must be a whole number")
	}
}

// unknownCommand refuses a first word that is no command, before its flags are judged.
func (a *app) unknownCommand(root *cobra.Command, args []string) error {
	word := firstWord(root, args)
	if word == "" || word == "help" {
		return nil
	}
	if cmd, _, err := root.Find([]string{word}); err == nil && cmd != root {
		return nil
	}
	return a.unknownWord(root, word)
}

func (a *app) unknownWord(parent *cobra.Command, word string) error {
	parent.SuggestionsMinimumDistance = 2
	near := slices.Compact(parent.SuggestionsFor(word))
	if len(near) == 0 {
		return a.misused(parent, "comando desconhecido %q", "unknown command %q", word)
	}
	return a.misused(parent, "comando desconhecido %q; quis dizer %s?", "unknown command %q; did you mean %s?",
		word, strings.Join(near, a.text(" ou ", " or ")))
}

// firstWord is the first argument that is neither a flag nor the value of a global one.
func firstWord(root *cobra.Command, args []string) string {
	for i := 0; i < len(args); i++ {
		name, isFlag := strings.CutPrefix(args[i], "--")
		switch {
		case args[i] == "--":
			return ""
		case isFlag:
			if f := root.PersistentFlags().Lookup(name); f != nil && f.NoOptDefVal == "" {
				i++ // its value
			}
		case !strings.HasPrefix(args[i], "-"):
			return args[i]
		}
	}
	return ""
}
