package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"ruptura/internal/analysis"
	"ruptura/internal/lang"
	"ruptura/internal/session"
	"ruptura/internal/source"
)

// probeTimeout bounds how long readiness waits for what it checks.
const probeTimeout = 2 * time.Second

// readiness is what /readyz answers.
type readiness struct {
	Ready  bool              `json:"pronto"`
	Checks map[string]string `json:"verificacoes"`
}

// unreadyJSON is the problem that it answers when something is away.
type unreadyJSON struct {
	problemJSON
	readiness
}

// alive is GET /healthz: the process answers.
func (s *server) alive(w http.ResponseWriter, r *http.Request) error {
	return sendJSON(w, r, http.StatusOK, []byte(`{"vivo":true}`))
}

// ready is GET /readyz: what we depend on answers, or which one does not.
func (s *server) ready(w http.ResponseWriter, r *http.Request) error {
	errs := make([]error, len(s.checks))
	var group sync.WaitGroup
	for i, c := range s.checks {
		group.Go(func() { errs[i] = c.ask(r.Context()) })
	}
	group.Wait()
	a := readiness{Ready: true, Checks: map[string]string{}}
	var missing []*check
	var unusable, refused error
	for i, c := range s.checks {
		a.Checks[c.name] = "ok"
		if errs[i] != nil {
			a.Ready, a.Checks[c.name] = false, "indisponivel"
			missing = append(missing, c)
			switch {
			case errors.Is(errs[i], source.ErrUnusable):
				unusable = errs[i]
			case c.name == sessionsCheck && !away(errs[i]):
				refused = errs[i]
			}
		}
	}
	if !a.Ready {
		p := notReady(missing)
		switch {
		case unusable != nil:
			p = notUsable(unusable)
		case refused != nil && len(missing) == 1:
			p = s.notKept()
		}
		return sendProblem(w, r, p, unreadyJSON{p.body(language(r)), a})
	}
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode readiness: %w", err)
	}
	return sendJSON(w, r, http.StatusOK, b)
}

// notReady is the problem of not reaching something that we depend on.
func notReady(missing []*check) *problem {
	var pt, en []string
	for _, c := range missing {
		pt, en = append(pt, c.title.PT), append(en, c.title.EN)
	}
	return &problem{status: http.StatusServiceUnavailable, code: "nao_pronto", retryAfter: 5, detail: lang.Text{
		PT: "Sem resposta: " + strings.Join(pt, ", ") + ". Confira se está no ar; quando voltar, este endereço responde 200 sem reiniciar nada.",
		EN: "No answer: " + strings.Join(en, ", ") + ". Check that it is up; once it is back, this address answers 200 without any restart.",
	}}
}

// notUsable is the problem of a source that answers, and is not as it has to be, or lets nobody in.
// What is wrong with it is told as far as that names nothing but relations and rights.
func notUsable(err error) *problem {
	why := lang.Text{
		PT: "recusa o usuário ou a senha, ou não tem o que o programa lê",
		EN: "it refuses the user or the password, or has not what the program reads",
	}
	var worded interface{ Words() lang.Text }
	if errors.As(err, &worded) {
		why = worded.Words()
	}
	return &problem{status: http.StatusServiceUnavailable, code: "nao_pronto", retryAfter: 5, detail: lang.Text{
		PT: "O banco de dados (fonte) responde, mas não serve: " + why.PT + ". Rode 'ruptura doctor' no servidor; " +
			"corrigido, este endereço responde 200 sem reiniciar nada.",
		EN: "The database (fonte) answers, but cannot be used: " + why.EN + ". Run 'ruptura doctor' on the server; " +
			"once mended, this address answers 200 without any restart.",
	}}
}

// away reports an answer that did not come, and may come by itself later.
func away(err error) bool {
	return errors.Is(err, session.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// notKept is the problem of a keeper of sessions that answers and does not let us in. Why stands in
// the log, for it may tell users and machines.
func (s *server) notKept() *problem {
	who := s.keeper()
	return &problem{status: http.StatusServiceUnavailable, code: "nao_pronto", retryAfter: 5, detail: lang.Text{
		PT: "Responde, mas recusa o usuário, a senha ou o que o programa precisa fazer: " + who.PT + ". Rode 'ruptura doctor' no servidor; " +
			"corrigido, este endereço responde 200 sem reiniciar nada.",
		EN: "Answers, but refuses the user, the password or what the program needs to do: " + who.EN + ". Run 'ruptura doctor' on the server; " +
			"once mended, this address answers 200 without any restart.",
	}}
}

// sessionsCheck is the name of what keeps sessions.
const sessionsCheck = "sessoes"

// keeper is what keeps sessions, in words.
func (s *server) keeper() lang.Text {
	if s.Keeper != (lang.Text{}) {
		return lang.Text{PT: s.Keeper.PT + " (" + sessionsCheck + ")", EN: s.Keeper.EN + " (" + sessionsCheck + ")"}
	}
	return lang.Text{PT: "o registro das análises (sessoes)", EN: "the log of the analyses (sessoes)"}
}

// newChecks are what readiness looks at.
func (s *server) newChecks() []*check {
	return []*check{
		{
			name: "fonte", title: lang.Text{PT: "o banco de dados (fonte)", EN: "the database (fonte)"}, log: s.Log,
			ping: func(ctx context.Context) error { return s.Source.Ping(ctx) },
		},
		{
			name: sessionsCheck, title: s.keeper(), log: s.Log,
			ping: func(ctx context.Context) error { return s.Service.Store.Ping(ctx) },
		},
	}
}

// check looks whether one thing that we depend on answers. Those who ask while it looks share what
// it finds, however many they are; nobody gets an older answer than that.
type check struct {
	name  string
	title lang.Text
	ping  func(context.Context) error
	log   *slog.Logger

	mu    sync.Mutex
	under *probe // the look under way, which all who ask meanwhile share
	down  bool   // as last seen
}

// probe is one look, under way until done is closed.
type probe struct {
	done chan struct{}
	err  error
}

// ask looks, or waits for who is looking.
func (c *check) ask(ctx context.Context) error {
	c.mu.Lock()
	p, mine := c.under, c.under == nil
	if mine {
		p = &probe{done: make(chan struct{})}
		c.under = p
	}
	c.mu.Unlock()
	if mine {
		c.look(ctx, p)
	}
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// look pings for all who wait, so that the one who asked first may leave.
func (c *check) look(ctx context.Context, p *probe) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTimeout)
	defer cancel()
	p.err = func() (err error) {
		defer analysis.Recover(&err, c.name)
		return c.ping(ctx)
	}()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.under = nil
	close(p.done)
	if changed := c.down != (p.err != nil); changed && p.err != nil {
		c.log.Warn("not ready", "dependency", c.name, "error", p.err)
	} else if changed {
		c.log.Info("ready again", "dependency", c.name)
	}
	c.down = p.err != nil
}
