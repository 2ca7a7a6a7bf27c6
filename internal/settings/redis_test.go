package settings_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

func TestRedis(t *testing.T) {
	for _, c := range []struct{ name, given, shown string }{
		{"one server", "redis://ana:hunter2@cache:6380/3", "redis://cache:6380/3"},
		{"no port", "redis://cache", "redis://cache:6379/0"},
		{"a token as the user", "redis://hunter2@cache", "redis://cache:6379/0"},
		{"TLS", "rediss://:hunter2@cache?skip_verify=true", "rediss://cache:6379/0"},
		{"sentinels", "redis+sentinel://ana:hunter2@a,b:1/principal/2?sentinel_password=hunter2", "redis+sentinel://a:26379,b:1/principal/2"},
		{"cluster", "rediss+cluster://ana:hunter2@a,b", "rediss+cluster://a:6379,b:6379"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := settings.Load(from(map[string][]string{"redis": {c.given}}, nil, ""), settings.Redis)
			if err != nil {
				t.Fatal(err)
			}
			if string(s.Redis) != c.given || s.Redis.String() != c.shown {
				t.Errorf("%q, shown as %q", string(s.Redis), s.Redis)
			}
			var log strings.Builder
			slog.New(slog.NewTextHandler(&log, nil)).Info("x", "redis", s.Redis)
			text, err := json.Marshal(s.Redis)
			if shown := fmt.Sprintf("%v %+v %#v %s %s", s.Redis, s, s.Redis, &log, text); err != nil || strings.Contains(shown, "hunter2") {
				t.Errorf("%v: shows the password: %s", err, shown)
			}
		})
	}
}

func TestRedisSettings(t *testing.T) {
	env := map[string]string{"REDIS_URL": "redis://a"}
	s, err := settings.Load(from(map[string][]string{"redis-prefix": {"erp:ruptura-2"}, "lease": {"500ms"}}, env, ""), settings.Redis)
	if err != nil || s.Redis != "redis://a" || s.RedisPrefix != "erp:ruptura-2" || s.Lease != 500*time.Millisecond {
		t.Errorf("%v: %+v", err, s)
	}
	env["RUPTURA_REDIS"] = "redis://b"
	if s, err = settings.Load(from(nil, env, ""), settings.Redis); err != nil || s.Redis != "redis://b" {
		t.Errorf("the program's own variable: %v: %+v", err, s)
	}
	// What works alone does not look at it.
	env["RUPTURA_REDIS"] = "nonsense"
	if s, err = settings.Load(from(nil, env, ""), settings.Work, settings.Server); err != nil || s.Redis != "" {
		t.Errorf("another group: %v: %+v", err, s)
	}
}

func TestSecretsOfRedisAreNeverShown(t *testing.T) {
	for _, address := range []string{
		"http://ana:hunter2@h", "redis://ana:hunter2@", "redis://ana:hunter2/x@h", "redis://ana:hunter2?@h", "redis://ana:hunter2%@h", "hunter2",
		"redis://ana:hunter2@h:hunter2", "redis://ana:hunter2@h/hunter2", "redis://h?password=hunter2", "redis://ana:hunter2@h x", "redis+sentinel://ana:hunter2@h",
		"redis://ana:hunter2@h?hunter2=1", "rediss://ana:hunter2@h?ca=&hunter2",
	} {
		_, err := settings.Load(from(map[string][]string{"redis": {address}}, nil, ""), settings.Redis)
		var errs settings.Errors
		if !errors.As(err, &errs) {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if said := errs.In(lang.PT) + errs.In(lang.EN) + err.Error(); strings.Contains(said, "hunter2") {
			t.Errorf("%s: %s", address, said)
		}
	}
}
