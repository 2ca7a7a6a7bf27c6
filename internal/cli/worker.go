package cli

import (
	"github.com/spf13/cobra"

	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

func (a *app) worker() *cobra.Command {
	p := page{
		use:   "worker",
		short: lang.Text{PT: "só analisa: trabalhadores ao lado de servidores, por Redis", EN: "analyses only: workers beside servers, through Redis"},
		long: lang.Text{
			PT: "Toma análises da fila no Redis e publica os resultados nele, sem página nem API. Pode haver quantos se queira, em " +
				"quantas máquinas se queira, ao lado de qualquer número de 'ruptura serve'; todos com o mesmo --redis, o mesmo " +
				"banco (--db) e a mesma --lease. Ctrl+C termina o que está em curso (--shutdown-timeout) ou o devolve à fila; o " +
				"que um processo morto deixou, outro assume.\n\n" +
				"As regras do cálculo vêm com cada análise: valem as do servidor que a recebeu.",
			EN: "Takes analyses from the queue in Redis and publishes the results there, without page or API. There may be as many " +
				"as you like, on as many machines as you like, beside any number of 'ruptura serve'; all with the same --redis, " +
				"the same database (--db) and the same --lease. Ctrl+C finishes what is running (--shutdown-timeout) or hands it " +
				"back; what a dead process left, another one takes over.\n\n" +
				"The rules of the calculation come with each analysis: they are those of the server that took it.",
		},
		examples: []example{
			{"ruptura worker --redis redis://10.0.0.5:6379 --db postgres://leitor@erp/empresa", lang.Text{
				PT: "dois trabalhadores", EN: "two workers",
			}},
			{"REDIS_URL=rediss://ruptura:senha@redis:6379 ruptura worker --workers 4", lang.Text{
				PT: "quatro, com TLS, a senha fora da linha de comando", EN: "four, over TLS, the password off the command line",
			}},
		},
		groups:  []settings.Group{settings.Data, settings.Calculation, settings.Work, settings.Redis},
		suggest: []string{"workers", "trabalhador", "trabalhar"},
	}
	cmd := a.command(p)
	a.settingFlags(cmd.Flags(), []settings.Group{settings.Server}, "shutdown-timeout")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := a.noArguments(cmd, args); err != nil {
			return err
		}
		s, err := a.settings(cmd, append(p.groups, settings.Server)...)
		if err != nil {
			return err
		}
		switch {
		case s.Redis == "":
			return a.misused(cmd, "diga em --redis (ou REDIS_URL) onde está a fila; sem Redis, 'ruptura serve' tem os seus próprios trabalhadores",
				"say in --redis (or REDIS_URL) where the queue is; without Redis, 'ruptura serve' has workers of its own")
		case s.Workers == 0:
			return a.misused(cmd, "--workers 0 não analisa nada; indique ao menos 1", "--workers 0 analyses nothing; name at least 1")
		}
		return a.deps.Work(cmd.Context(), Serving{Settings: s, Logger: a.logger(s)})
	}
	return cmd
}
