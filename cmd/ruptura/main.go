// Command ruptura tells, for an open order book, what can ship now and what is missing: a server
// with a page and an API, and the same analysis in the terminal. This package only wires.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a container may have no time zones of its own

	"ruptura/internal/cli"
	"ruptura/internal/redis"
)

func main() { os.Exit(run()) }

// run ends cleanly at the first interrupt; a second one kills.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	redis.LogTo(slog.New(slog.DiscardHandler)) // what matters of it comes back as errors
	return cli.Run(ctx, os.Args[1:], cli.System(), engineDeps())
}

// engineDeps are the engines behind the commands.
func engineDeps() cli.Deps {
	return cli.Deps{
		OpenSource:   openSource,
		OpenStore:    openStore,
		OpenMigrator: openMigrator,
		ProfileSQL:   profileSQL,
		Checks:       checks,
		Serve:        serve,
		Work:         work,
		OpenQueue:    openQueue,
	}
}
