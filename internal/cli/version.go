package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"ruptura/internal/lang"
)

func (a *app) version() *cobra.Command {
	cmd := a.command(page{
		use:   "version",
		short: lang.Text{PT: "versão, commit e versão do Go", EN: "version, commit and Go version"},
		long:  lang.Text{PT: "Mostra de que código este programa foi feito.", EN: "Shows what code this program was built from."},
		examples: []example{
			{"ruptura version --json", lang.Text{PT: "para um programa ler", EN: "for a program to read"}},
		},
		suggest: []string{"versao", "versão"},
	})
	var asJSON bool
	cmd.Flags().BoolVar(&asJSON, "json", false, a.text("para programas", "for programs"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := a.noArguments(cmd, args); err != nil {
			return err
		}
		if _, err := a.settings(cmd); err != nil {
			return err
		}
		return a.showVersion(thisBuild(), asJSON)
	}
	return cmd
}

// build is what the program knows of how it was made.
type build struct {
	Version  string `json:"versao"`
	Commit   string `json:"commit"`
	Modified bool   `json:"modificado"`
	Go       string `json:"go"`
	Platform string `json:"plataforma"`
}

func thisBuild() build {
	b := build{Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = info.Main.Version
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func (a *app) showVersion(b build, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(a.Stdout).Encode(b)
	}
	commit := b.Commit
	switch {
	case commit == "":
		commit = a.text("desconhecido", "unknown")
	case b.Modified:
		commit += a.text(" (com alterações)", " (modified)")
	}
	_, err := fmt.Fprintf(a.Stdout, "ruptura %s\ncommit %s\n%s %s\n", b.Version, commit, b.Go, b.Platform)
	return err
}
