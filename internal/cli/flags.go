package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ruptura/internal/settings"
)

// Annotations that help reads from a flag.
const (
	placeholder = "value"   // the form of the value
	fromSetting = "setting" // set on flags that are rows of the table of settings
)

// settingFlags gives a command the settings of some groups; if any are named, those alone.
func (a *app) settingFlags(flags *pflag.FlagSet, groups []settings.Group, only ...string) {
	for _, row := range settings.Table() {
		if !slices.Contains(groups, row.Group) || len(only) > 0 && !slices.Contains(only, row.Name) {
			continue
		}
		f := flags.VarPF(&given{many: row.Many}, row.Name, "", row.Meaning.In(a.lang))
		f.DefValue = row.Default
		f.Annotations = map[string][]string{placeholder: {row.Value.In(a.lang)}, fromSetting: row.Envs()}
	}
}

// given keeps the values of a setting's flag as they were written; settings.Load judges them.
type given struct {
	values []string
	many   bool
}

// Set implements pflag.Value: the last value wins unless the setting takes many.
func (g *given) Set(s string) error {
	if !g.many {
		g.values = nil
	}
	g.values = append(g.values, s)
	return nil
}

// String implements pflag.Value.
func (g *given) String() string { return strings.Join(g.values, ",") }

// Type implements pflag.Value.
func (g *given) Type() string { return "setting" }

// settings reads the settings of a command.
func (a *app) settings(cmd *cobra.Command, groups ...settings.Group) (settings.Settings, error) {
	flags := map[string][]string{}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if g, ok := f.Value.(*given); ok {
			flags[f.Name] = g.values
		}
	})
	return settings.Load(a.sources(flags), groups...)
}

// scan finds the two flags that decide the language before cobra can parse anything.
func scan(args []string) map[string][]string {
	flags := map[string][]string{}
	for i, arg := range args {
		if arg == "--" {
			break
		}
		for _, name := range []string{"lang", "config"} {
			if v, ok := strings.CutPrefix(arg, "--"+name+"="); ok {
				flags[name] = []string{v}
			} else if arg == "--"+name && i+1 < len(args) {
				flags[name] = []string{args[i+1]}
			}
		}
	}
	return flags
}

// choice is a flag whose value is one of a few words.
type choice struct {
	value *string
	words []string
}

// Set implements pflag.Value.
func (c choice) Set(s string) error {
	if !slices.Contains(c.words, s) {
		return errChoice
	}
	*c.value = s
	return nil
}

// String implements pflag.Value.
func (c choice) String() string { return *c.value }

// Type implements pflag.Value.
func (c choice) Type() string { return strings.Join(c.words, "|") }

func choose(flags *pflag.FlagSet, into *string, name, usage string, words ...string) {
	f := flags.VarPF(choice{into, words}, name, "", usage)
	f.Annotations = map[string][]string{placeholder: {strings.Join(words, "|")}}
}

func hint(flags *pflag.FlagSet, name, form string) {
	flags.Lookup(name).Annotations = map[string][]string{placeholder: {form}}
}
