package main

import (
	"context"
	"errors"

	"ruptura/internal/cli"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
	"ruptura/internal/source"
	"ruptura/internal/source/sqlite"
)

func openSource(ctx context.Context, s settings.Settings) (source.Source, error) {
	db, err := sqlite.Open(ctx, s.Database.SQLite, sqlite.Options{})
	if err != nil {
		return nil, told(err, wrongSchema)
	}
	return db, nil
}

func openStore(ctx context.Context, s settings.Settings, create bool) (cli.Store, error) {
	db, err := sqlite.Open(ctx, s.Database.SQLite, sqlite.Options{Migrate: create})
	if err != nil {
		return nil, told(err, wrongSchema)
	}
	return db, nil
}

func openMigrator(_ context.Context, s settings.Settings) (cli.Migrator, error) {
	m, err := sqlite.NewMigrator(s.Database.SQLite)
	if err != nil {
		return nil, err
	}
	return migrator{m}, nil
}

// migrator is the engine's Migrator as the commands know it.
type migrator struct{ *sqlite.Migrator }

// Up implements cli.Migrator.
func (m migrator) Up(ctx context.Context) ([]cli.Migration, error) {
	steps, err := m.Migrator.Up(ctx)
	return shown(steps), told(err, wrongSchema)
}

// Down implements cli.Migrator.
func (m migrator) Down(ctx context.Context) (cli.Migration, error) {
	step, err := m.Migrator.Down(ctx)
	return shownStep(step), told(err, noStep)
}

// Status implements cli.Migrator.
func (m migrator) Status(ctx context.Context) ([]cli.Migration, error) {
	steps, err := m.Migrator.Status(ctx)
	return shown(steps), told(err, wrongSchema)
}

func shown(steps []sqlite.Migration) []cli.Migration {
	all := make([]cli.Migration, len(steps))
	for i, s := range steps {
		all[i] = shownStep(s)
	}
	return all
}

func shownStep(s sqlite.Migration) cli.Migration {
	return cli.Migration{Version: s.Version, Name: s.Name, Applied: s.AppliedAt}
}

var (
	foreign = lang.Text{
		PT: "o arquivo de --db não é um banco deste programa e não foi alterado; indique outro em --db",
		EN: "the file of --db is not a database of this program and was not changed; name another with --db",
	}
	wrongSchema = lang.Text{
		PT: "o banco de --db é de outra versão do programa; veja 'ruptura migrate status' e, " +
			"se faltam passos, use 'ruptura migrate up'",
		EN: "the database of --db is of another version of the program; see 'ruptura migrate status' and, " +
			"if steps are missing, use 'ruptura migrate up'",
	}
	noStep = lang.Text{PT: "não há passo a desfazer neste banco", EN: "there is no step to undo in this database"}
)

// told gives an error about the schema the user's words.
func told(err error, words lang.Text) error {
	switch {
	case errors.Is(err, sqlite.ErrForeign):
		return toldError{err, foreign}
	case errors.Is(err, sqlite.ErrSchema):
		return toldError{err, words}
	}
	return err
}

// toldError is an error with words for the user, in both languages.
type toldError struct {
	error
	words lang.Text
}

// In is what to tell the user.
func (e toldError) In(l lang.Lang) string { return e.words.In(l) }

// Unwrap gives the error below.
func (e toldError) Unwrap() error { return e.error }
