package cli

import (
	"context"
	"io"
	"log/slog"
	"time"

	"ruptura/internal/dataset"
	"ruptura/internal/doctor"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
	"ruptura/internal/source"
)

// Deps are the engines behind the commands, which the program wires. Errors that have a method
// In(lang.Lang) string are shown in the user's language.
type Deps struct {
	// OpenSource opens the order book for reading. A missing database is fs.ErrNotExist.
	OpenSource func(context.Context, settings.Settings) (source.Source, error)
	// OpenStore opens the database for loading: made and migrated if need be when create is set,
	// else as it is, a missing one being fs.ErrNotExist.
	OpenStore func(ctx context.Context, s settings.Settings, create bool) (Store, error)
	// OpenMigrator opens the database to look at and change its schema. The profile says what
	// PostgreSQL's six relations are made of; empty is the one that is there.
	OpenMigrator func(ctx context.Context, s settings.Settings, profile string) (Migrator, error)
	// ProfileSQL is what makes a profile's relations in a schema of PostgreSQL, its comments in a
	// language.
	ProfileSQL func(profile, schema string, l lang.Lang) (string, error)
	// Checks are what doctor looks at in the database of the settings, and in their Redis.
	Checks func(s settings.Settings, now func() time.Time) []doctor.Check
	// Serve runs the server until the context ends, and returns nil after a clean shutdown.
	Serve func(context.Context, Serving) error
	// Work runs workers alone until the context ends, and returns nil after a clean shutdown.
	Work func(context.Context, Serving) error
	// OpenQueue opens the queue that processes share.
	OpenQueue func(settings.Settings) (Queue, error)
	// Now is the clock, time.Now if nil.
	Now func() time.Time
}

// Store is a database that can be loaded.
type Store interface {
	dataset.Store
	io.Closer
	// Discard closes a database that was made but not filled, and removes it.
	Discard(context.Context) error
}

// Loadable is a [Store] that can say beforehand why it cannot be loaded.
type Loadable interface {
	Loadable(context.Context) error
}

// Migrator changes a database's schema, step by step.
type Migrator interface {
	// Up applies every step that is missing and returns those it applied.
	Up(context.Context) ([]Migration, error)
	// Down takes back the latest step and returns it; it is an error when there is none.
	Down(context.Context) (Migration, error)
	// Losses are the tables with rows of their own that Down would drop.
	Losses(context.Context) ([]Loss, error)
	// Status lists every step, the oldest first.
	Status(context.Context) ([]Migration, error)
	io.Closer
}

// Loss is a table with rows that exist nowhere else.
type Loss struct {
	Table string
	Rows  int64
}

// Migration is one step of the schema.
type Migration struct {
	Version int64
	Name    string
	// Profile is that of PostgreSQL which the step is of; "" elsewhere.
	Profile string
	// Applied is when it was applied, zero while it is pending.
	Applied time.Time
}

// Serving is what a server, or workers alone, are started with.
type Serving struct {
	Settings settings.Settings
	Logger   *slog.Logger
	// Ready is called once, when the server answers, with its address as http://host:port.
	Ready func(url string)
}
