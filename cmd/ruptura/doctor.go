package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"ruptura/internal/dataset"
	"ruptura/internal/doctor"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
	"ruptura/internal/source"
	"ruptura/internal/source/postgres"
	"ruptura/internal/source/sqlite"
)

// Limits of the checks of a source, beside those that its statements have.
const (
	openTimeout = 15 * time.Second
	// dataTimeout is for all questions to the data, each of which has its own limit.
	dataTimeout = 10 * time.Minute
	// fileTimeout is for one question to the embedded database.
	fileTimeout = time.Minute
)

var (
	sourceTitle    = lang.Text{PT: "Banco de dados", EN: "Database"}
	relationsTitle = lang.Text{PT: "Relações e colunas", EN: "Relations and columns"}
	dataTitle      = lang.Text{PT: "Dados", EN: "Data"}
	rightsTitle    = lang.Text{PT: "Permissões", EN: "Permissions"}
	mendFile       = lang.Text{
		PT: "volte a uma cópia, ou importe os dados em outro arquivo; confira o disco",
		EN: "go back to a copy, or import the data into another file; check the disk",
	}
	indexTitle = lang.Text{PT: "Índices", EN: "Indexes"}
)

// sourceChecks are those of the engine that the settings choose.
func sourceChecks(s settings.Settings, now func() time.Time) []doctor.Check {
	if s.Database.Postgres != "" {
		return postgresChecks(s, now)
	}
	return []doctor.Check{
		{Name: "source", Title: sourceTitle, Timeout: dataTimeout, Run: func(ctx context.Context) ([]doctor.Finding, error) {
			return withFile(ctx, s, fileFindings(s.Database.SQLite))
		}},
		{Name: "data", Title: dataTitle, After: "source", Timeout: dataTimeout, Run: func(ctx context.Context) ([]doctor.Finding, error) {
			return withFile(ctx, s, func(ctx context.Context, db *sqlite.DB) ([]doctor.Finding, error) {
				return doctor.Data(ctx, db, doctor.DataOptions{StaleBefore: s.Params(now()).StaleBefore(), Timeout: fileTimeout})
			})
		}},
	}
}

// postgresChecks each connect for themselves, so that one that breaks its connection leaves the next
// a new one.
func postgresChecks(s settings.Settings, now func() time.Time) []doctor.Check {
	var ask doctor.DataOptions // what can be asked, as the relations' check leaves it to the others
	unreadable := false
	with := func(look inspecting) func(context.Context) ([]doctor.Finding, error) { return inspect(s, look) }
	limit := openTimeout + 2*s.DatabaseTimeout
	return []doctor.Check{
		{Name: "source", Title: sourceTitle, Timeout: limit, Run: with(
			func(ctx context.Context, i *postgres.Inspection) ([]doctor.Finding, error) { return i.Server(ctx, now) })},
		{Name: "relations", Title: relationsTitle, After: "source", Timeout: limit, Run: with(
			func(ctx context.Context, i *postgres.Inspection) (found []doctor.Finding, err error) {
				found, ask.Unusable, err = i.Relations(ctx)
				return found, err
			})},
		{Name: "rights", Title: rightsTitle, After: "source", Timeout: limit, Run: with(
			func(ctx context.Context, i *postgres.Inspection) ([]doctor.Finding, error) {
				if ask.NothingUsable() {
					return nil, doctor.ErrSkipped // who cannot even read would seem to be a good user
				}
				return i.Rights(ctx)
			})},
		{Name: "data", Title: dataTitle, After: "source", Timeout: dataTimeout, Run: with(
			func(ctx context.Context, i *postgres.Inspection) ([]doctor.Finding, error) {
				ask.StaleBefore, ask.Decimals, ask.Timeout = s.Params(now()).StaleBefore(), true, limit
				found, err := doctor.Data(ctx, questioned{i, s}, ask)
				unreadable = slices.ContainsFunc(found, func(f doctor.Finding) bool { return f.Code == "data.unreadable" })
				return found, err
			})},
		{Name: "index", Title: indexTitle, After: "relations", Timeout: limit, Run: with(
			func(ctx context.Context, i *postgres.Inspection) ([]doctor.Finding, error) {
				if unreadable {
					return nil, doctor.ErrSkipped
				}
				return i.Indexes(ctx)
			})},
	}
}

// inspecting is one look at a database of PostgreSQL.
type inspecting func(context.Context, *postgres.Inspection) ([]doctor.Finding, error)

// inspect connects for one look.
func inspect(s settings.Settings, look inspecting) func(context.Context) ([]doctor.Finding, error) {
	return func(ctx context.Context) ([]doctor.Finding, error) {
		i, err := postgres.NewInspection(ctx, s.Database.Postgres, postgresOptions(s))
		if err != nil {
			return nil, toldDoctor(err, s)
		}
		defer i.Close()
		found, err := look(ctx, i)
		return found, toldDoctor(err, s)
	}
}

// questioned is a database whose refusals have words.
type questioned struct {
	doctor.Database

	settings settings.Settings
}

// Find implements doctor.Database.
func (q questioned) Find(ctx context.Context, query string) (doctor.Found, error) {
	found, err := q.Database.Find(ctx, query)
	return found, toldDoctor(err, q.settings)
}

// Count implements doctor.Database.
func (q questioned) Count(ctx context.Context, r dataset.Relation) (int64, error) {
	n, err := q.Database.Count(ctx, r)
	if columns, ok := errors.AsType[doctor.ColumnsError](err); ok {
		told := make(doctor.ColumnsError, len(columns))
		for i, c := range columns {
			told[i] = doctor.UnreadableColumn{Name: c.Name, Err: toldDoctor(c.Err, q.settings)}
		}
		return n, told
	}
	return n, toldDoctor(err, q.settings)
}

// withFile opens the embedded database for one check.
func withFile(
	ctx context.Context, s settings.Settings, look func(context.Context, *sqlite.DB) ([]doctor.Finding, error),
) (found []doctor.Finding, err error) {
	path := s.Database.SQLite
	db, err := sqlite.Open(ctx, path, sqlite.Options{})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []doctor.Finding{{Code: "source.missing", Level: doctor.Problem, What: lang.Text{
			PT: "o arquivo " + path + " não existe", EN: "the file " + path + " does not exist",
		}, Mend: lang.Text{
			PT: "crie-o com 'ruptura import PASTA', ou indique outro em --db", EN: "make it with 'ruptura import DIR', or name another with --db",
		}}}, nil
	case errors.Is(err, sqlite.ErrReadOnly), errors.Is(err, sqlite.ErrCantOpen), !errors.Is(err, source.ErrUnavailable) && err != nil:
		return nil, told(err, path, wrongSchema)
	case err != nil:
		return []doctor.Finding{{Code: "source.unreadable", Level: doctor.Problem, What: lang.Text{
			PT: "o arquivo " + path + " não pôde ser lido (" + err.Error() + ")", EN: "the file " + path + " could not be read (" + err.Error() + ")",
		}, Mend: mendFile}}, nil
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return look(ctx, db)
}

// fileFindings look at the file as a whole. That it could be opened says that its schema fits.
func fileFindings(path string) func(context.Context, *sqlite.DB) ([]doctor.Finding, error) {
	return func(ctx context.Context, db *sqlite.DB) ([]doctor.Finding, error) {
		found := []doctor.Finding{{Code: "source.open", What: lang.Text{
			PT: fmt.Sprintf("SQLite, arquivo %s, esquema em dia", path), EN: fmt.Sprintf("SQLite, file %s, schema up to date", path),
		}}}
		broken, err := db.Integrity(ctx)
		switch {
		case err != nil:
			return found, err
		case len(broken) > 0:
			return append(found, doctor.Finding{Code: "source.corrupt", Level: doctor.Problem, Evidence: broken, What: lang.Text{
				PT: "o arquivo está danificado", EN: "the file is damaged",
			}, Mend: mendFile}), nil
		}
		return append(found, doctor.Finding{Code: "source.intact", What: lang.Text{PT: "arquivo íntegro", EN: "file intact"}}), nil
	}
}
