package redis

import (
	"testing"

	goredis "github.com/redis/go-redis/v9"

	rds "ruptura/internal/redis"
	"ruptura/internal/redistest"
	"ruptura/internal/session"
)

// What a consumer has is lost when it is deleted, so only those that have nothing are.
func TestOnlySilentConsumersWithoutJobsAreForgotten(t *testing.T) {
	server, prefix := redistest.Shared(t)
	client, err := rds.Open(server.URL(), rds.Options{Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, q := t.Context(), New(client, Config{})
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(client.XGroupCreateMkStream(ctx, q.jobs, group, "0").Err())
	check(q.Enqueue(ctx, session.Job{Session: "s"}))
	check(client.XReadGroup(ctx, &goredis.XReadGroupArgs{
		Group: group, Consumer: "died with a job", Streams: []string{q.jobs, ">"}, Block: -1,
	}).Err())
	for _, name := range []string{"died without", returned} {
		check(client.XGroupCreateConsumer(ctx, q.jobs, group, name).Err())
	}

	check(q.Clean(ctx)) // nobody has been silent for long
	wantConsumers(t, q, returned, "died with a job", "died without")
	check(clean.Run(ctx, client, []string{q.jobs}, group, returned, -1).Err())
	wantConsumers(t, q, returned, "died with a job")
}

// wantConsumers wants these, in the sequence in which Redis keeps them: sorted.
func wantConsumers(t *testing.T, q *Queue, names ...string) {
	t.Helper()
	consumers, err := q.client.XInfoConsumers(t.Context(), q.jobs, group).Result()
	if err != nil || len(consumers) != len(names) {
		t.Fatalf("consumers %+v, %v; want %q", consumers, err, names)
	}
	for i, c := range consumers {
		if c.Name != names[i] {
			t.Errorf("consumer %q, want %q", c.Name, names[i])
		}
	}
}
