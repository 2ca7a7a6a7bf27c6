package cli

import (
	"context"
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

func (a *app) serve() *cobra.Command {
	p := page{
		use:   "serve",
		short: lang.Text{PT: "abre a página e a API sobre o banco de dados", EN: "opens the page and the API on the database"},
		long: lang.Text{
			PT: "Atende a página da carteira, a API e os eventos ao vivo, com as análises em segundo plano, até Ctrl+C; então " +
				"termina o que está em curso (--shutdown-timeout).\n\n" +
				"Não há controle de acesso: por padrão só esta máquina alcança o programa. Para a rede, ponha na frente dele " +
				"um proxy que identifique as pessoas.",
			EN: "Serves the order book's page, the API and the live events, with the analyses in the background, until Ctrl+C; " +
				"then it finishes what is running (--shutdown-timeout).\n\n" +
				"There is no access control: by default only this machine can reach the program. For a network, put a proxy " +
				"in front of it that knows who is who.",
		},
		examples: []example{
			{"ruptura serve", lang.Text{PT: "em http://127.0.0.1:8080, sobre ruptura.db", EN: "at http://127.0.0.1:8080, on ruptura.db"}},
			{"ruptura serve --db sqlite:/dados/carteira.db --workers 4", lang.Text{
				PT: "outro banco, quatro análises ao mesmo tempo",
				EN: "another database, four analyses at a time",
			}},
			{"RUPTURA_ADDR=:8080 ruptura serve --config ruptura.toml", lang.Text{
				PT: "configuração por ambiente e arquivo",
				EN: "settings from environment and file",
			}},
		},
		groups:  []settings.Group{settings.Data, settings.Calculation, settings.Work, settings.Redis, settings.Server},
		suggest: []string{"servir", "servidor", "server", "start", "run"},
	}
	cmd := a.command(p)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := a.noArguments(cmd, args); err != nil {
			return err
		}
		s, err := a.settings(cmd, p.groups...)
		if err != nil {
			return err
		}
		return a.runServer(cmd.Context(), s)
	}
	return cmd
}

// runServer serves until the context ends.
func (a *app) runServer(ctx context.Context, s settings.Settings) error {
	logger := a.logger(s)
	if !loopback(s.Addr) {
		logger.Warn("listening beyond this machine without access control", "addr", s.Addr)
	}
	if s.Workers == 0 && s.Redis == "" {
		logger.Warn("no workers: lots stay in the queue, only single analyses answer")
	}
	return a.deps.Serve(ctx, Serving{Settings: s, Logger: logger, Ready: func(url string) {
		// Nobody may be listening on stdout; the log says the same.
		_, _ = fmt.Fprintf(a.Stdout, a.text("ruptura em %s/carteira (Ctrl+C encerra)\n", "ruptura at %s/carteira (Ctrl+C ends it)\n"), url)
	}})
}

// loopback reports whether an address is reachable from this machine only.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// noArguments refuses words after a command that takes none.
func (a *app) noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return a.misused(cmd, "argumento inesperado %q", "unexpected argument %q", args[0])
}
