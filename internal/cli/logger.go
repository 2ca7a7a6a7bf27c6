package cli

import (
	"log/slog"

	"ruptura/internal/settings"
)

// logger writes to stderr in the form the settings ask for.
func (a *app) logger(s settings.Settings) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.LogLevel}
	if s.LogFormat == settings.LogJSON {
		return slog.New(slog.NewJSONHandler(a.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(a.Stderr, options))
}
