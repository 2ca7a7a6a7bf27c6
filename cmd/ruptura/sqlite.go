package main

import (
	"context"
	"errors"
	"io/fs"

	"ruptura/internal/cli"
	"ruptura/internal/dataset"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
	"ruptura/internal/source"
	"ruptura/internal/source/sqlite"
)

func openSource(ctx context.Context, s settings.Settings) (source.Source, error) {
	if s.Database.Postgres != "" {
		return postgresSource(ctx, s)
	}
	db, err := sqlite.Open(ctx, s.Database.SQLite, sqlite.Options{})
	if err != nil {
		return nil, told(err, s.Database.SQLite, wrongSchema)
	}
	return db, nil
}

func openStore(ctx context.Context, s settings.Settings, create bool) (cli.Store, error) {
	if s.Database.Postgres != "" {
		return postgresStore(ctx, s)
	}
	db, err := sqlite.Open(ctx, s.Database.SQLite, sqlite.Options{Migrate: create})
	if err != nil {
		return nil, told(err, s.Database.SQLite, wrongSchema)
	}
	return database{db, s.Database.SQLite}, nil
}

// database is the engine's database as the commands know it.
type database struct {
	*sqlite.DB
	path string
}

// Replace implements cli.Store.
func (d database) Replace(ctx context.Context, relations []dataset.Relation, fill func(dataset.Writer) error) error {
	return told(d.DB.Replace(ctx, relations, fill), d.path, wrongSchema)
}

func openMigrator(ctx context.Context, s settings.Settings, profile string) (cli.Migrator, error) {
	if s.Database.Postgres != "" {
		return postgresMigrator(ctx, s, profile)
	}
	m, err := sqlite.NewMigrator(s.Database.SQLite)
	if err != nil {
		return nil, err
	}
	return migrator{m, s.Database.SQLite}, nil
}

// migrator is the engine's Migrator as the commands know it.
type migrator struct {
	*sqlite.Migrator
	path string
}

// Up implements cli.Migrator.
func (m migrator) Up(ctx context.Context) ([]cli.Migration, error) {
	steps, err := m.Migrator.Up(ctx)
	return shown(steps), told(err, m.path, wrongSchema)
}

// Down implements cli.Migrator.
func (m migrator) Down(ctx context.Context) (cli.Migration, error) {
	step, err := m.Migrator.Down(ctx)
	return shownStep(step), told(err, m.path, noStep)
}

// Losses implements cli.Migrator.
func (m migrator) Losses(ctx context.Context) ([]cli.Loss, error) {
	losses, err := m.Migrator.Losses(ctx)
	all := make([]cli.Loss, len(losses))
	for i, l := range losses {
		all[i] = cli.Loss(l)
	}
	return all, told(err, m.path, noStep)
}

// Status implements cli.Migrator.
func (m migrator) Status(ctx context.Context) ([]cli.Migration, error) {
	steps, err := m.Migrator.Status(ctx)
	return shown(steps), told(err, m.path, wrongSchema)
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

// told gives an error of the database file at path the user's words; a schema that does not fit
// has those of the caller.
func told(err error, path string, schema lang.Text) error {
	switch {
	case errors.Is(err, sqlite.ErrForeign):
		return toldError{err, foreign}
	case errors.Is(err, sqlite.ErrSchema):
		return toldError{err, schema}
	case errors.Is(err, sqlite.ErrReadOnly), errors.Is(err, fs.ErrPermission):
		return toldError{err, lang.Text{
			PT: "sem permissão de escrita em " + path + ": confira as permissões da pasta e do arquivo",
			EN: "no permission to write to " + path + ": check the permissions of the folder and of the file",
		}}
	case errors.Is(err, sqlite.ErrCantOpen):
		return toldError{err, lang.Text{
			PT: "não foi possível abrir " + path + ": confira se a pasta existe e as permissões da pasta e do arquivo",
			EN: "could not open " + path + ": check that the folder exists, and the permissions of the folder and of the file",
		}}
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
