// Package settings is the program's configuration: one table of settings that drives flags,
// environment variables, the TOML file, the help and docs/config.md, and the typed value that
// results. Flags win over the environment, the environment over the file, the file over the
// defaults; a value that is out of range is refused with the place it came from.
package settings

import (
	"log/slog"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// LogFormat is the form of the log lines on stderr.
type LogFormat string

// The log formats.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// Settings are the validated settings of one run. Only those of the groups asked for in [Load]
// are filled from outside; the others hold their defaults.
type Settings struct {
	Lang      lang.Lang
	Config    string // path of the file that was read, "" for none
	LogFormat LogFormat
	LogLevel  slog.Level

	Database Database
	// DatabaseSchema is where PostgreSQL keeps the six relations.
	DatabaseSchema string
	// DatabaseTimeout is how long one statement may run on PostgreSQL, > 0.
	DatabaseTimeout time.Duration
	// DatabaseConnections is how many connections to PostgreSQL may be open at once, ≥ 1.
	DatabaseConnections int
	// DatabaseRetry is how long a job waits for a lost database before its orders get an error;
	// 0 is not at all.
	DatabaseRetry time.Duration

	// Zone is where the company is: it decides what "today" means.
	Zone *time.Location
	// Today fixes the analysis to a date; zero takes the clock's. See [Settings.Params].
	Today       atp.Day
	Window      int // days, 0..atp.MaxWindow
	PromiseDays int // days, 0..atp.MaxPromise
	LeadDays    int // days, 0..atp.MaxLead
	StaleDays   int // days, ≥ 0
	Criticality atp.Thresholds
	// Priority is who is served first where all orders compete.
	Priority atp.Priority

	// Workers is how many goroutines of this process analyse lots; 0 is none.
	Workers    int
	LotSize    int           // orders per update, ≥ 1
	QueueLimit int           // sessions that may wait, ≥ 1
	SessionTTL time.Duration // since a session's last write
	LogMemory  int64         // bytes of event logs, all sessions together
	CacheTTL   time.Duration // 0 is off

	// Redis is what processes share; "" for one process alone.
	Redis       RedisAddress
	RedisPrefix string
	// Lease is how long a process may be silent before its work is taken over.
	Lease time.Duration

	// Addr is host:port to listen on; an empty host is every interface, port 0 any free port.
	Addr string
	// HostNames are further names under which the program may be reached, in lower case.
	HostNames []string
	// BasePath is what stands before every path, "" or "/path" without a slash at its end.
	BasePath string
	// Origins are those whose pages may use the API, as a browser writes them: scheme, host in
	// lower case, and a port that is not the scheme's own.
	Origins         []string
	ShutdownTimeout time.Duration
}

// Params are the rules of an analysis asked for at an instant. The settings are valid, so the
// result is too.
func (s Settings) Params(now time.Time) atp.Params {
	today := s.Today
	if !today.Known() {
		today = atp.DayIn(now, s.Zone)
	}
	return atp.Params{
		Today: today, Window: s.Window, Promise: s.PromiseDays, Lead: s.LeadDays,
		StaleDays: s.StaleDays, Criticality: s.Criticality,
	}
}
