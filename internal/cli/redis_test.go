package cli_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ruptura/internal/cli"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

// deadQueue is a queue with jobs put aside, that notes what is done to them.
type deadQueue struct {
	jobs   []cli.DeadJob
	ended  string // the job whose analysis has ended
	done   []string
	err    error
	closed bool
}

func (q *deadQueue) Dead(_ context.Context, limit int) ([]cli.DeadJob, error) {
	return q.jobs[:min(limit, len(q.jobs))], q.err
}

func (q *deadQueue) Retry(_ context.Context, id string) error {
	if id == q.ended {
		return cli.ErrEnded
	}
	return q.do("retry", id)
}

func (q *deadQueue) Drop(_ context.Context, id string) error { return q.do("drop", id) }
func (q *deadQueue) Close() error                            { q.closed = true; return nil }

func (q *deadQueue) do(what, id string) error {
	if !slices.ContainsFunc(q.jobs, func(j cli.DeadJob) bool { return j.ID == id }) {
		return cli.ErrNotDead
	}
	q.done = append(q.done, what+" "+id)
	return nil
}

// onQueue is a console with such a queue.
func onQueue(t *testing.T) (*console, *deadQueue) {
	t.Helper()
	at := time.Date(2026, 3, 2, 15, 4, 5, 0, time.UTC)
	q := &deadQueue{jobs: []cli.DeadJob{
		{
			ID: "1772463845000-0", At: at, Session: "WK3N", State: "completo", Orders: []string{"P1"}, Attempts: 5, Reason: "processo_caiu",
			Words: lang.Text{PT: "o processo caiu todas as vezes", EN: "the process died every time"},
		},
		{
			ID: "1772463846000-0", At: at.Add(time.Second), Session: "ABCD", Orders: []string{}, Attempts: 6, Reason: "mau\x1b[31m",
			Words: lang.Text{PT: "mau\x1b[31m", EN: "mau\x1b[31m"},
		},
	}}
	c := newConsole(t)
	c.env["REDIS_URL"] = "redis://ana:hunter2@cache"
	c.deps.OpenQueue = func(s settings.Settings) (cli.Queue, error) {
		if s.Redis != "redis://ana:hunter2@cache" || s.RedisPrefix != "ruptura" {
			t.Errorf("the queue at %#v", s.Redis)
		}
		return q, nil
	}
	return c, q
}

func TestQueueList(t *testing.T) {
	for _, lang := range []string{"pt", "en"} {
		c, q := onQueue(t)
		status, out, errs := c.run("queue", "list", "--lang", lang)
		if status != cli.Done || errs != "" || !q.closed || strings.Contains(out, "\x1b") {
			t.Errorf("status %d, closed %t: %s%s", status, q.closed, out, errs)
		}
		golden(t, "queue."+lang+".txt", out)
	}
	c, q := onQueue(t)
	q.jobs = nil
	if status, out, _ := c.run("queue", "list"); status != cli.Done || out != "nada foi posto de lado\n" {
		t.Errorf("an empty queue: status %d: %s", status, out)
	}
	if status, out, _ := c.run("queue", "list", "--json"); status != cli.Done || out != "[]\n" {
		t.Errorf("an empty queue for programs: status %d: %s", status, out)
	}
}

func TestQueueListForPrograms(t *testing.T) {
	c, _ := onQueue(t)
	status, out, _ := c.run("queue", "list", "--json", "--lang", "en")
	var got []struct {
		ID, Status, Motivo string
		Session            string `json:"session_id"`
		Em                 time.Time
		Pedidos            []string
		Tentativas         int
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || status != cli.Done || len(got) != 2 {
		t.Fatalf("status %d, %v: %s", status, err, out)
	}
	first := got[0]
	if first.ID != "1772463845000-0" || first.Session != "WK3N" || first.Status != "completo" || first.Motivo != "processo_caiu" ||
		!slices.Equal(first.Pedidos, []string{"P1"}) || first.Tentativas != 5 || first.Em.IsZero() || got[1].Pedidos == nil {
		t.Errorf("%s", out)
	}
}

func TestQueueRetryAndDrop(t *testing.T) {
	for _, c := range []struct {
		line   string
		status int
		done   []string
		pt, en string
	}{
		{"retry 1772463845000-0", cli.Done, []string{"retry 1772463845000-0"}, "devolvido: 1772463845000-0", "put back: 1772463845000-0"},
		{"retry --all", cli.Done, []string{"retry 1772463845000-0", "retry 1772463846000-0"}, "a página ou 'ruptura analyze'", "page or 'ruptura analyze'"},
		{"drop 1772463846000-0 1772463845000-0", cli.Done, []string{"drop 1772463846000-0", "drop 1772463845000-0"}, "esquecido: 17", "forgotten: 17"},
		{"drop --all", cli.Done, []string{"drop 1772463845000-0", "drop 1772463846000-0"}, "esquecido: 1772463846000-0", "forgotten: 1772463846000-0"},
		{"drop 7-0", cli.Failed, nil, `não há trabalho posto de lado com o id "7-0"`, `no job was put aside with the id "7-0"`},
		{"retry \x1b[2J", cli.Failed, nil, "ruptura queue list", "ruptura queue list"},
		{"retry", cli.Misuse, nil, "pelo id, ou --all", "by their id, or --all"},
		{"drop --all 7-0", cli.Misuse, nil, "pelo id, ou --all", "by their id, or --all"},
		{"list 7-0", cli.Misuse, nil, `argumento inesperado "7-0"`, `unexpected argument "7-0"`},
		{"lst", cli.Misuse, nil, "quis dizer list?", "did you mean list?"},
		{"", cli.Misuse, nil, "list, retry ou drop", "list, retry or drop"},
	} {
		t.Run(c.line, func(t *testing.T) {
			for lang, want := range map[string]string{"pt": c.pt, "en": c.en} {
				console, q := onQueue(t)
				status, out, errs := console.run(append([]string{"queue", "--lang", lang}, strings.Fields(c.line)...)...)
				if status != c.status || !slices.Equal(q.done, c.done) || !strings.Contains(out+errs, want) || strings.Contains(out+errs, "\x1b") {
					t.Errorf("%s: status %d, done %q: %s%s", lang, status, q.done, out, errs)
				}
			}
		})
	}
}

func TestQueueIsAway(t *testing.T) {
	c, q := onQueue(t)
	q.err = errors.New("no connection")
	if status, _, errs := c.run("queue", "drop", "--all"); status != cli.Failed || !q.closed || !strings.Contains(errs, "no connection") {
		t.Errorf("status %d, closed %t: %s", status, q.closed, errs)
	}
}

func TestWorker(t *testing.T) {
	c := newConsole(t)
	var got cli.Serving
	c.deps.Work = func(_ context.Context, s cli.Serving) error { got = s; return nil }
	c.env["RUPTURA_ADDR"] = "nonsense of a server"
	c.env["REDIS_URL"] = "redis://ana:hunter2@cache"
	line := []string{"worker", "--workers", "4", "--lease", "3s", "--shutdown-timeout", "1m"}
	delete(c.env, "RUPTURA_ADDR")
	if status, out, errs := c.run(line...); status != cli.Done || out+errs != "" {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	if s := got.Settings; s.Workers != 4 || s.Lease != 3*time.Second || s.ShutdownTimeout != time.Minute || s.Redis == "" || got.Logger == nil {
		t.Errorf("worked with %+v", s)
	}
}

func TestWhatNeedsRedisSaysSo(t *testing.T) {
	for _, c := range []struct{ line, pt, en string }{
		{"worker", "diga em --redis", "say in --redis"},
		{"worker --redis redis://ana:hunter2@cache --workers 0", "indique ao menos 1", "name at least 1"},
		{"worker --redis redis://ana:hunter2@", "opção --redis: valor inválido", "flag --redis: invalid value"},
		{"worker --addr :80", "opção desconhecida --addr", "unknown flag --addr"},
		{"worker now", "argumento inesperado", "unexpected argument"},
		{"queue list", "sem Redis nada é posto de lado", "without Redis nothing is put aside"},
		{"queue drop --all --redis http://ana:hunter2@x", "redis://USUÁRIO:SENHA", "redis://USER:PASSWORD"},
	} {
		t.Run(c.line, func(t *testing.T) {
			for lang, want := range map[string]string{"pt": c.pt, "en": c.en} {
				console := newConsole(t)
				status, out, errs := console.run(append(strings.Fields(c.line), "--lang", lang)...)
				if status != cli.Misuse || out != "" || !strings.Contains(errs, want) || strings.Contains(errs, "hunter2") {
					t.Errorf("%s: status %d: %s%s", lang, status, out, errs)
				}
			}
		})
	}
}

// TestDemoIsOneProcess has a Redis in its surroundings that the demo must not touch.
func TestDemoIsOneProcess(t *testing.T) {
	c := newConsole(t)
	c.env["REDIS_URL"], c.env["RUPTURA_REDIS"] = "redis://cache", "redis://ana:hunter2@cache"
	served := false
	c.deps.Serve = func(_ context.Context, s cli.Serving) error {
		served = true
		if s.Settings.Redis != "" {
			t.Errorf("the demo is served with %s", s.Settings.Redis)
		}
		return nil
	}
	if status, _, errs := c.run("demo", "--orders", "1"); status != cli.Done || !served {
		t.Errorf("status %d: %s", status, errs)
	}
	if status, _, errs := c.run("demo", "--redis", "redis://cache"); status != cli.Misuse || !strings.Contains(errs, "opção desconhecida --redis") {
		t.Errorf("status %d: %s", status, errs)
	}
}

func TestQueueRetryRefusesWhatHasEnded(t *testing.T) {
	for lang, words := range map[string][2]string{
		"pt": {"não volta à fila: a sua análise terminou", "não devolvido: 1772463845000-0"},
		"en": {"is not put back: its analysis has ended", "not put back: 1772463845000-0"},
	} {
		c, q := onQueue(t)
		q.ended = "1772463845000-0"
		status, _, errs := c.run("queue", "retry", q.ended, "--lang", lang)
		if status != cli.Failed || len(q.done) > 0 || !strings.Contains(errs, words[0]) {
			t.Errorf("%s: status %d, done %q: %s", lang, status, q.done, errs)
		}
		status, out, errs := c.run("queue", "retry", "--all", "--lang", lang)
		if status != cli.Done || !slices.Equal(q.done, []string{"retry 1772463846000-0"}) || !strings.Contains(out, words[1]) {
			t.Errorf("%s: --all: status %d, done %q: %s%s", lang, status, q.done, out, errs)
		}
	}
}
