package main

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ruptura/internal/cli"
	"ruptura/internal/queue/redis"
	rds "ruptura/internal/redis"
	"ruptura/internal/redistest"
	"ruptura/internal/session"
	"ruptura/internal/worker"
)

// diagnosis is what doctor says of a Redis: the gravest level by code, and all its text.
type diagnosis struct {
	levels  map[string]string
	skipped map[string]bool
	text    string
}

// diagnose runs doctor on a Redis, in a language.
func diagnose(t *testing.T, address, lang string, more ...string) diagnosis {
	t.Helper()
	args := append([]string{"doctor", "--json", "--lang", lang, "--db", "sqlite:" + t.TempDir() + "/none.db", "--redis", address}, more...)
	_, out := command(t, args...)
	if strings.Contains(out, "segredo") || strings.Contains(out, "hunter2") {
		t.Errorf("a password is shown: %s", out)
	}
	var said struct {
		Sections []struct {
			Name     string `json:"verificacao"`
			Skipped  bool   `json:"nao_verificado"`
			Findings []struct {
				Code  string `json:"codigo"`
				Level string `json:"nivel"`
			} `json:"achados"`
		} `json:"verificacoes"`
	}
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	d := diagnosis{levels: map[string]string{}, skipped: map[string]bool{}, text: out}
	for _, s := range said.Sections {
		d.skipped[s.Name] = s.Skipped
		for _, f := range s.Findings {
			if grave := []string{"", "ok", "aviso", "problema"}; slices.Index(grave, f.Level) > slices.Index(grave, d.levels[f.Code]) {
				d.levels[f.Code] = f.Level // servers of a cluster each have a finding of one code
			}
		}
	}
	return d
}

// says wants findings, each as code=level, and words.
func (d diagnosis) says(t *testing.T, words string, findings ...string) {
	t.Helper()
	for _, f := range findings {
		code, level, _ := strings.Cut(f, "=")
		if d.levels[code] != level {
			t.Errorf("%s is %q, want %q", code, d.levels[code], level)
		}
	}
	if !strings.Contains(d.text, words) {
		t.Errorf("no word of %q", words)
	}
	if t.Failed() {
		t.Log(d.text)
	}
}

func TestDoctorFindsRedisWell(t *testing.T) {
	server := redistest.Start(t, redistest.Options{AOF: true})
	for lang, words := range map[string]string{"pt": "o usuário pode tudo o que o programa precisa", "en": "the user may do all that the program needs"} {
		diagnose(t, server.URL(), lang).says(t, words,
			"redis.version=ok", "redis.clock=ok", "redis.rights=ok", "redis.policy=ok", "redis.memory=ok", "redis.aof=ok",
			"queue.length=ok", "queue.workers=aviso", "queue.dead=ok", "sessions.kept=ok")
	}
}

func TestDoctorFindsFaultsOfRedis(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Settings: []string{
		"maxmemory 64mb", "maxmemory-policy volatile-lru",
		"user ana on >segredo ~ruptura:* &ruptura:* +@all -@dangerous -@admin -client",
		"user bia on >segredo ~ruptura:* &ruptura:* +@all -xclaim -publish -config",
		"user caio on >segredo ~outros:* &* +@all", "user duda on >segredo ~* &* +@all -@scripting",
	}})
	diagnose(t, server.URL(), "pt").says(t, "CONFIG SET maxmemory-policy noeviction", "redis.policy=problema", "redis.memory=aviso", "redis.aof=aviso")
	diagnose(t, server.URL(), "en", "--log-memory", "32MiB").says(t, "CONFIG SET appendonly yes", "redis.memory=ok")
	diagnose(t, server.As("ana", "segredo"), "pt").says(t, "não pode usar INFO", "redis.rights=ok", "redis.info-refused=aviso", "queue.length=ok")
	diagnose(t, server.As("bia", "segredo"), "en").says(t, "ACL SETUSER NAME ~ruptura:* &ruptura:* +publish +xclaim", "redis.rights=problema")
	diagnose(t, server.As("caio", "segredo"), "pt").says(t, "nas chaves e canais ruptura:*", "redis.rights=problema")
	none := diagnose(t, server.As("duda", "segredo"), "en")
	none.says(t, "EVAL, EVALSHA", "redis.rights=problema")
	if !none.skipped["queue"] || none.skipped["redis-memory"] {
		t.Errorf("skipped %v", none.skipped)
	}
	diagnose(t, server.As("ana", "hunter2"), "en").says(t, "refused the user or the password", "redis.failed=problema")
	server.Do(t, "CONFIG", "SET", "appendonly", "yes", "appendfsync", "no", "maxmemory", "0")
	diagnose(t, server.URL(), "pt").says(t, "sem efeito enquanto maxmemory for 0", "redis.policy=ok", "redis.aof=aviso")
	diagnose(t, server.As("bia", "segredo"), "pt").says(t, "CONFIG não é permitido aqui", "redis.aof=ok")
	server.Kill(t) // it does not end in peace while it writes its first AOF
	gone := diagnose(t, server.As("ana", "segredo"), "pt")
	gone.says(t, "o Redis não respondeu", "redis.failed=problema")
	for _, name := range []string{"redis-rights", "redis-memory", "queue", "sessions"} {
		if !gone.skipped[name] {
			t.Errorf("%s is looked at all the same", name)
		}
	}
}

// redisFor is a client and a queue of a test's own.
func redisFor(t *testing.T, server *redistest.Server, prefix string) (*rds.Client, *redis.Queue) {
	t.Helper()
	client, err := rds.Open(server.URL(), rds.Options{Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	jobs := redis.New(client, redis.Config{})
	t.Cleanup(func() {
		if err := jobs.Close(t.Context()); err != nil {
			t.Log(err) // the context of the test has ended
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client, jobs
}

func TestDoctorAndQueueTellOfJobs(t *testing.T) {
	server, prefix := redistest.Shared(t)
	_, jobs := redisFor(t, server, prefix)
	with := []string{"--redis-prefix", prefix}
	queue := func(lang string, args ...string) (int, string) {
		t.Helper()
		return command(t, append(append([]string{"queue"}, args...), "--redis", server.URL(), "--redis-prefix", prefix, "--lang", lang)...)
	}
	if status, out := queue("pt", "list"); status != cli.Done || out != "nada foi posto de lado\n" {
		t.Errorf("status %d: %s", status, out)
	}
	if err := jobs.Enqueue(t.Context(), session.Job{Session: "ESQUECIDA", Number: 2, Queued: time.Now()}); err != nil {
		t.Fatal(err)
	}
	diagnose(t, server.URL(), "pt", with...).says(t, "nenhum trabalhador vivo; trabalhos à espera de um: 1", "queue.workers=problema")
	d, err := jobs.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	diagnose(t, server.URL(), "en", with...).says(t, "0 waiting, 1 under way", "queue.workers=ok")
	if err := d.Bury(t.Context(), worker.ReasonDied); err != nil {
		t.Fatal(err)
	}
	diagnose(t, server.URL(), "pt", with...).says(t, "ruptura queue list", "queue.dead=aviso")

	dead, err := jobs.Dead(t.Context(), 10)
	if err != nil || len(dead) != 1 {
		t.Fatalf("%v, %v", dead, err)
	}
	id := dead[0].ID
	for lang, words := range map[string]string{"pt": "caiu, ou não deu mais notícia", "en": "died, or was not heard of again"} {
		if status, out := queue(lang, "list"); status != cli.Done || !strings.Contains(out, id) || !strings.Contains(out, words) {
			t.Errorf("status %d: %s", status, out)
		}
	}
	if status, out := queue("en", "retry", "1-1"); status != cli.Failed || !strings.Contains(out, `no job was put aside with the id "1-1"`) {
		t.Errorf("status %d: %s", status, out)
	}
	if status, out := queue("pt", "drop", "nada"); status != cli.Failed || !strings.Contains(out, "não há trabalho posto de lado") {
		t.Errorf("status %d: %s", status, out)
	}
	if status, out := queue("en", "retry", id); status != cli.Failed || !strings.Contains(out, "ended or is forgotten") {
		t.Errorf("status %d: %s", status, out)
	}
	if status, out := queue("pt", "drop", "--all"); status != cli.Done || !strings.Contains(out, "esquecido: ") {
		t.Errorf("status %d: %s", status, out)
	}
	if n, err := jobs.DeadLen(t.Context()); err != nil || n != 0 {
		t.Errorf("%d dead, %v", n, err)
	}
}

func TestQueueWithoutRedisAnswering(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Password: "segredo"})
	wrong, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	wrong.User = url.UserPassword("default", "hunter2")
	for _, c := range []struct{ lang, words string }{{"pt", "recusou o usuário ou a senha"}, {"en", "refused the user or the password"}} {
		if status, out := command(t, "queue", "list", "--lang", c.lang, "--redis", wrong.String()); status != cli.Failed ||
			!strings.Contains(out, c.words) || strings.Contains(out, "hunter2") {
			t.Errorf("status %d: %s", status, out)
		}
	}
	server.Stop(t)
	if status, out := command(t, "queue", "list", "--redis", server.URL()); status != cli.Failed ||
		!strings.Contains(out, "o Redis não respondeu") || strings.Contains(out, "segredo") {
		t.Errorf("status %d: %s", status, out)
	}
}

func TestDoctorSeesClustersAndSentinels(t *testing.T) {
	many := redistest.StartCluster(t)
	diagnose(t, many.URL(), "pt").says(t, "Cluster inteiro, com 3 principais", "redis.version=ok", "redis.cluster=ok", "redis.rights=ok", "queue.length=ok")
	diagnose(t, many.Nodes[0].URL(), "en").says(t, "write redis+cluster:// instead of redis://", "redis.form=problema")
	many.Nodes[1].Do(t, "CONFIG", "SET", "maxmemory", "64mb", "maxmemory-policy", "allkeys-lru")
	diagnose(t, many.URL(), "en").says(t, many.Nodes[1].Addr(), "redis.policy=problema")

	watched := redistest.StartSentinel(t)
	diagnose(t, watched.URL(), "en").says(t, ", by Sentinel", "redis.version=ok", "redis.rights=ok", "queue.length=ok")
	diagnose(t, watched.Replica.URL(), "pt").says(t, "é uma réplica", "redis.form=problema")
	diagnose(t, watched.Watcher.URL(), "en").says(t, "redis+sentinel://HOST", "redis.form=problema")
}
