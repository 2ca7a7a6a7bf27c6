package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

// page is a command's page of help.
type page struct {
	use         string
	short, long lang.Text
	examples    []example
	groups      []settings.Group
	// only names the settings of the groups that the command has a use for; all if empty.
	only []string
	// suggest lists other words for the command that people may try.
	suggest []string
}

// example is a command line and what it is for.
type example struct {
	line string
	why  lang.Text
}

// command makes a command from its page.
func (a *app) command(p page) *cobra.Command {
	cmd := &cobra.Command{
		Use: p.use, Short: p.short.In(a.lang), Long: p.long.In(a.lang), SuggestFor: p.suggest,
		Args: cobra.ArbitraryArgs, SilenceErrors: true, SilenceUsage: true, DisableFlagsInUseLine: true,
	}
	cmd.SetOut(a.Stdout)
	cmd.SetErr(a.Stderr)
	cmd.SetFlagErrorFunc(a.flagError)
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) { a.help(cmd, p) })
	cmd.Flags().SortFlags = false
	a.settingFlags(cmd.Flags(), p.groups, p.only...)
	return cmd
}

func (a *app) helpCommand() *cobra.Command {
	cmd := a.command(page{
		use:   a.text("help [COMANDO]", "help [COMMAND]"),
		short: lang.Text{PT: "explica um comando", EN: "explains a command"},
		long: lang.Text{PT: "Mostra a ajuda de um comando, a mesma de --help.",
			EN: "Shows the help of a command, as --help does."},
		examples: []example{
			{"ruptura help import", lang.Text{PT: "quais arquivos e colunas são lidos", EN: "which files and columns are read"}},
		},
		suggest: []string{"ajuda"},
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		at := cmd.Root()
		for _, word := range args {
			next, _, err := at.Find([]string{word})
			if err != nil || next == at {
				return a.unknownWord(at, word)
			}
			at = next
		}
		return at.Help()
	}
	return cmd
}

// help writes a command's page.
func (a *app) help(cmd *cobra.Command, p page) {
	w := a.Stdout
	fmt.Fprintf(w, "%s\n\n%s:\n  %s\n", a.wrap(cmd.Long, 0), a.text("Uso", "Usage"), a.usage(cmd))
	a.commands(w, cmd)
	if len(p.examples) > 0 {
		fmt.Fprintf(w, "\n%s:\n", a.text("Exemplos", "Examples"))
	}
	for _, e := range p.examples {
		fmt.Fprintf(w, "  # %s\n  %s\n", e.why.In(a.lang), e.line)
	}
	a.options(w, cmd)
	if cmd.HasSubCommands() {
		fmt.Fprintf(w, a.text("\n'%s COMANDO --help' explica um comando.\n", "\n'%s COMMAND --help' explains a command.\n"),
			cmd.CommandPath())
	}
}

func (a *app) usage(cmd *cobra.Command) string {
	line := cmd.UseLine()
	if cmd.HasSubCommands() {
		line += a.text(" COMANDO", " COMMAND")
	}
	return line + a.text(" [opções]", " [flags]")
}

func (a *app) commands(w io.Writer, cmd *cobra.Command) {
	if !cmd.HasSubCommands() {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", a.text("Comandos", "Commands"))
	for _, sub := range cmd.Commands() {
		fmt.Fprintf(w, "  %-10s %s\n", sub.Name(), sub.Short)
	}
}

// options writes the command's own flags first, then its settings group by group.
func (a *app) options(w io.Writer, cmd *cobra.Command) {
	var own []*pflag.Flag
	byName := map[string]*pflag.Flag{}
	visit := func(f *pflag.Flag) {
		if _, ok := f.Annotations[fromSetting]; ok {
			byName[f.Name] = f
		} else if !slices.Contains(own, f) {
			own = append(own, f)
		}
	}
	cmd.LocalFlags().VisitAll(visit)
	cmd.InheritedFlags().VisitAll(visit)
	a.section(w, a.text("Opções", "Flags"), own)
	for _, g := range slices.Backward(settings.Groups()) {
		var flags []*pflag.Flag
		for _, row := range settings.Table() {
			if f := byName[row.Name]; f != nil && row.Group == g {
				flags = append(flags, f)
			}
		}
		a.section(w, a.text("Configuração – ", "Settings – ")+lowerFirst(g.Title().In(a.lang)), flags)
	}
}

func (a *app) section(w io.Writer, title string, flags []*pflag.Flag) {
	if len(flags) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", title)
	for _, f := range flags {
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if form := f.Annotations[placeholder]; len(form) > 0 {
			name += " " + form[0]
		}
		fmt.Fprintf(w, "  %s\n      %s\n", name, a.wrap(f.Usage+a.origin(f), 6))
	}
}

// origin tells a flag's default and the variables that stand for it.
func (a *app) origin(f *pflag.Flag) string {
	var notes []string
	if f.DefValue != "" && f.DefValue != "false" {
		notes = append(notes, a.text("padrão ", "default ")+f.DefValue)
	}
	if envs := f.Annotations[fromSetting]; len(envs) > 0 {
		notes = append(notes, strings.Join(envs, a.text(" ou ", " or ")))
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, "; ") + ")"
}

// lowerFirst is a title in the middle of a line: names in it stay as they are.
func lowerFirst(title string) string { return strings.ToLower(title[:1]) + title[1:] }
