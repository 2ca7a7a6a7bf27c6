package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

// Queue is the queue that processes share, for who looks after it.
type Queue interface {
	// Dead returns the jobs that were put aside, the oldest first, at most limit.
	Dead(ctx context.Context, limit int) ([]DeadJob, error)
	// Retry puts one of them back into the queue, or returns ErrEnded; Drop forgets it. ErrNotDead if
	// there is none.
	Retry(ctx context.Context, id string) error
	Drop(ctx context.Context, id string) error
	io.Closer
}

// ErrNotDead says that no job was put aside under a name.
var ErrNotDead = errors.New("cli: no such dead job")

// ErrEnded says that a job's analysis has ended or is forgotten, so that nothing would come of it.
var ErrEnded = errors.New("cli: analysis of a dead job has ended")

// DeadJob is a job that was put aside.
type DeadJob struct {
	ID      string    `json:"id"`
	At      time.Time `json:"em"`
	Session string    `json:"session_id"`
	// State is the session's, "" when it is forgotten; its orders are then not known by name.
	State    string    `json:"status"`
	Orders   []string  `json:"pedidos"`
	Attempts int       `json:"tentativas"`
	Reason   string    `json:"motivo"`
	Words    lang.Text `json:"-"` // the reason for people
}

// listed bounds what one list shows.
const listed = 1000

func (a *app) queue() *cobra.Command {
	cmd := a.command(page{
		use:   "queue",
		short: lang.Text{PT: "trabalhos que a fila no Redis pôs de lado", EN: "jobs that the queue in Redis has put aside"},
		long: lang.Text{
			PT: "Um pedido cujo trabalhador morre cinco vezes seguidas recebe um erro como resultado e o seu trabalho é posto de lado, " +
				"para que alguém veja por quê. Aqui se lista, devolve à fila ou esquece. Devolver não muda um resultado que já foi escrito, nem o erro.",
			EN: "An order whose worker dies five times in a row gets an error as its result and its job is put aside, for somebody to " +
				"find out why. Here they are listed, put back or forgotten. Putting one back does not change a result that is written, nor that error.",
		},
		examples: []example{
			{"ruptura queue list", lang.Text{PT: "o que há, e por quê", EN: "what there is, and why"}},
			{"ruptura queue retry 1772443800000-0", lang.Text{PT: "tenta de novo", EN: "tries again"}},
			{"ruptura queue drop --all", lang.Text{PT: "esquece todos", EN: "forgets all of them"}},
		},
		suggest: []string{"fila", "mortos", "dead"},
	})
	cmd.AddCommand(a.queueList(), a.queueRetry(), a.queueDrop())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return a.unknownWord(cmd, args[0])
		}
		return a.misused(cmd, "diga o que fazer: list, retry ou drop", "say what to do: list, retry or drop")
	}
	return cmd
}

func (a *app) queueList() *cobra.Command {
	var asJSON bool
	cmd := a.onQueue("list", lang.Text{PT: "lista os trabalhos postos de lado", EN: "lists the jobs put aside"},
		example{"ruptura queue list --json", lang.Text{PT: "para programas", EN: "for programs"}},
		func(cmd *cobra.Command, q Queue, s settings.Settings, args []string) error {
			if err := a.noArguments(cmd, args); err != nil {
				return err
			}
			jobs, err := q.Dead(cmd.Context(), listed)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(a.Stdout).Encode(append([]DeadJob{}, jobs...))
			}
			return a.showDead(jobs, s.Zone)
		})
	cmd.Flags().BoolVar(&asJSON, "json", false, a.text("uma lista JSON, para programas", "one JSON list, for programs"))
	return cmd
}

// showDead writes the jobs for a person.
func (a *app) showDead(jobs []DeadJob, zone *time.Location) error {
	if len(jobs) == 0 {
		return a.say("nada foi posto de lado", "nothing was put aside")
	}
	columns := []column{
		{title: "id"}, {title: a.text("em", "at")}, {title: a.text("pedido", "order")}, {title: a.text("tentativas", "attempts"), right: true},
		{title: a.text("análise", "analysis")}, {title: a.text("motivo", "reason"), shrinks: true},
	}
	rows := make([]shownOrder, len(jobs))
	for i, j := range jobs {
		state := j.State
		if state == "" {
			state = a.text("esquecida", "forgotten")
		}
		rows[i].cells = []string{
			j.ID, j.At.In(zone).Format(time.DateTime), strings.Join(j.Orders, " "), format{a.lang}.count(j.Attempts), state, j.Words.In(a.lang),
		}
	}
	return a.table(columns, rows)
}

func (a *app) queueRetry() *cobra.Command {
	return a.onEach("retry", lang.Text{
		PT: "devolve à fila trabalhos de análises em curso; um resultado já escrito não muda",
		EN: "puts jobs of analyses that still run back into the queue; a result that is written does not change",
	},
		example{"ruptura queue retry 1772443800000-0", lang.Text{
			PT: "um, pelo id que 'ruptura queue list' mostra", EN: "one, by the id that 'ruptura queue list' shows",
		}},
		lang.Text{PT: "devolvido: %s", EN: "put back: %s"}, Queue.Retry,
		lang.Text{
			PT: "um resultado que já foi escrito não muda, nem o erro do pedido; para o analisar de novo use a página ou 'ruptura analyze'",
			EN: "a result that is written does not change, nor does the order's error; to analyse it again use the page or 'ruptura analyze'",
		})
}

func (a *app) queueDrop() *cobra.Command {
	return a.onEach("drop", lang.Text{PT: "esquece trabalhos", EN: "forgets jobs"},
		example{"ruptura queue drop --all", lang.Text{PT: "todos os que foram postos de lado", EN: "all that were put aside"}},
		lang.Text{PT: "esquecido: %s", EN: "forgotten: %s"}, Queue.Drop, lang.Text{})
}

// onEach makes a subcommand that does something to the jobs named, or to all.
func (a *app) onEach(
	name string, short lang.Text, shown example, said lang.Text, do func(Queue, context.Context, string) error, hint lang.Text,
) *cobra.Command {
	var all bool
	cmd := a.onQueue(name, short, shown, func(cmd *cobra.Command, q Queue, _ settings.Settings, args []string) error {
		if all == (len(args) > 0) {
			return a.misused(cmd, "indique os trabalhos pelo id, ou --all para todos", "name the jobs by their id, or --all for every one")
		}
		if all {
			var err error
			if args, err = deadIDs(cmd.Context(), q); err != nil {
				return err
			}
			if len(args) == 0 {
				return a.say("nada foi posto de lado", "nothing was put aside")
			}
		}
		each := func(id string) (bool, error) { return unlessEnded(all, do(q, cmd.Context(), id)) }
		if err := a.sayEach(args, said, each); err != nil {
			return err
		}
		if hint.EN != "" {
			return a.say(hint.PT, hint.EN)
		}
		return nil
	})
	cmd.Flags().BoolVar(&all, "all", false, a.text("todos", "all of them"))
	return cmd
}

// sayEach does something to each job and says so, or that it was passed over.
func (a *app) sayEach(ids []string, said lang.Text, do func(id string) (done bool, err error)) error {
	for _, id := range ids {
		done, err := do(id)
		if err != nil {
			return inWords(id, err)
		}
		words := said
		if !done {
			words = notPutBack
		}
		if err := a.say(words.PT, words.EN, id); err != nil {
			return err
		}
	}
	return nil
}

// deadIDs names all jobs that were put aside.
func deadIDs(ctx context.Context, q Queue) ([]string, error) {
	jobs, err := q.Dead(ctx, listed)
	ids := make([]string, len(jobs))
	for i, j := range jobs {
		ids[i] = j.ID
	}
	return ids, err
}

// notPutBack is said of a job that is passed over.
var notPutBack = lang.Text{
	PT: "não devolvido: %s (a análise terminou ou foi esquecida)",
	EN: "not put back: %s (the analysis has ended or is forgotten)",
}

// unlessEnded passes over a job whose analysis has ended, when it was not asked for by name.
func unlessEnded(all bool, err error) (done bool, other error) {
	if all && errors.Is(err, ErrEnded) {
		return false, nil
	}
	return err == nil, err
}

// inWords says why nothing was done to a job, where that is its own affair.
func inWords(id string, err error) error {
	switch {
	case errors.Is(err, ErrNotDead):
		return refusal{lang.Text{
			PT: fmt.Sprintf("não há trabalho posto de lado com o id %q; veja 'ruptura queue list'", id),
			EN: fmt.Sprintf("no job was put aside with the id %q; see 'ruptura queue list'", id),
		}}
	case errors.Is(err, ErrEnded):
		return refusal{lang.Text{
			PT: fmt.Sprintf("o trabalho %q não volta à fila: a sua análise terminou ou foi esquecida, e um resultado escrito não muda; "+
				"para analisar o pedido de novo use a página ou 'ruptura analyze', e para esquecer o trabalho 'ruptura queue drop'", id),
			EN: fmt.Sprintf("job %q is not put back: its analysis has ended or is forgotten, and a result that is written does not change; "+
				"to analyse the order again use the page or 'ruptura analyze', and to forget the job 'ruptura queue drop'", id),
		}}
	}
	return err
}

// onQueue makes a subcommand that needs the queue.
func (a *app) onQueue(
	name string, short lang.Text, shown example, run func(*cobra.Command, Queue, settings.Settings, []string) error,
) *cobra.Command {
	p := page{use: name, short: short, long: short, examples: []example{shown}, groups: []settings.Group{settings.Redis}}
	cmd := a.command(p)
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		s, err := a.settings(cmd, settings.Redis, settings.Calculation) // which has the time zone
		if err != nil {
			return err
		}
		if s.Redis == "" {
			return a.misused(cmd, "diga em --redis (ou REDIS_URL) onde está a fila; sem Redis nada é posto de lado",
				"say in --redis (or REDIS_URL) where the queue is; without Redis nothing is put aside")
		}
		q, err := a.deps.OpenQueue(s)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, q.Close()) }()
		return run(cmd, q, s, args)
	}
	return cmd
}
