package main

import (
	"context"
	"errors"
	"math"
	"slices"

	"ruptura/internal/atp"
	"ruptura/internal/cli"
	"ruptura/internal/dataset"
	"ruptura/internal/doctor"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
	"ruptura/internal/source"
	"ruptura/internal/source/postgres"
)

func postgresOptions(s settings.Settings) postgres.Options {
	return postgres.Options{
		Schema: s.DatabaseSchema, StatementTimeout: s.DatabaseTimeout,
		MaxConns: int32(min(s.DatabaseConnections, math.MaxInt32)), //nolint:gosec // bounded
	}
}

func postgresSource(ctx context.Context, s settings.Settings) (source.Source, error) {
	db, err := postgres.Open(ctx, s.Database.Postgres, postgresOptions(s))
	if err != nil {
		return nil, toldReading(ctx, err, s)
	}
	return erp{db, s}, nil
}

// toldReading is toldPostgres for a read: of relations that do not serve it says what is wrong with
// them, for which it looks.
func toldReading(ctx context.Context, err error, s settings.Settings) error {
	if !errors.Is(err, postgres.ErrSchema) {
		return toldPostgres(err, s)
	}
	i, failed := postgres.NewInspection(ctx, s.Database.Postgres, postgresOptions(s))
	if failed != nil {
		return toldPostgres(err, s)
	}
	defer i.Close()
	found, unusable, failed := i.Relations(ctx)
	if failed != nil || (doctor.DataOptions{Unusable: unusable}).NothingUsable() {
		return toldPostgres(err, s)
	}
	return toldError{err, endpointOf(s).misfit(err, worst(found))}
}

// worst are the findings of the gravest level, none if all is well.
func worst(found []doctor.Finding) []doctor.Finding {
	level := (doctor.Section{Findings: found}).Worst()
	return slices.DeleteFunc(found, func(f doctor.Finding) bool { return f.Level != level || level == doctor.OK })
}

// erp is the engine as a user hears of it: its errors have words.
type erp struct {
	*postgres.DB

	settings settings.Settings
}

// Read implements source.Source.
func (e erp) Read(ctx context.Context, q source.Query) (*atp.Snapshot, error) {
	snapshot, err := e.DB.Read(ctx, q)
	return snapshot, toldReading(ctx, err, e.settings)
}

// Numbers implements source.Source.
func (e erp) Numbers(ctx context.Context, q source.NumbersQuery) ([]atp.OrderNumber, error) {
	numbers, err := e.DB.Numbers(ctx, q)
	return numbers, toldReading(ctx, err, e.settings)
}

// Book implements source.Source.
func (e erp) Book(ctx context.Context, q source.BookQuery) (source.BookPage, error) {
	page, err := e.DB.Book(ctx, q)
	return page, toldReading(ctx, err, e.settings)
}

// Ping implements source.Source.
func (e erp) Ping(ctx context.Context) error {
	return toldPostgres(e.DB.Ping(ctx), e.settings)
}

// postgresStore opens the program's own tables for an import; they are made by migrate, never by
// an import, for a mistake in --db must not leave a schema in somebody's ERP.
func postgresStore(ctx context.Context, s settings.Settings) (cli.Store, error) {
	db, err := postgres.Open(ctx, s.Database.Postgres, postgresOptions(s))
	if err != nil {
		return nil, toldPostgres(err, s)
	}
	return postgresTables{db, s}, nil
}

// postgresTables is the engine's database as the commands load it.
type postgresTables struct {
	*postgres.DB

	settings settings.Settings
}

// Replace implements cli.Store.
func (t postgresTables) Replace(ctx context.Context, relations []dataset.Relation, fill func(dataset.Writer) error) error {
	return toldWriting(t.DB.Replace(ctx, relations, fill), t.settings)
}

// Has implements cli.Store.
func (t postgresTables) Has(ctx context.Context, r dataset.Relation) (bool, error) {
	has, err := t.DB.Has(ctx, r)
	return has, toldPostgres(err, t.settings)
}

// Loadable implements cli.Loadable.
func (t postgresTables) Loadable(ctx context.Context) error {
	return toldWriting(t.DB.Loadable(ctx), t.settings)
}

// Discard implements cli.Store: an import never made this database, so nothing goes.
func (t postgresTables) Discard(context.Context) error { return t.Close() }

func postgresMigrator(ctx context.Context, s settings.Settings, profile string) (cli.Migrator, error) {
	m, err := postgres.NewMigrator(ctx, s.Database.Postgres, s.DatabaseSchema, postgres.Profile(profile))
	if err != nil {
		return nil, toldMigrating(err, s, profile)
	}
	return postgresSteps{m, s, profile}, nil
}

// postgresSteps is the engine's Migrator as the commands know it.
type postgresSteps struct {
	*postgres.Migrator

	settings settings.Settings
	profile  string // as asked for
}

// Up implements cli.Migrator.
func (p postgresSteps) Up(ctx context.Context) ([]cli.Migration, error) {
	steps, err := p.Migrator.Up(ctx)
	return shownPostgres(steps, ""), toldMigrating(err, p.settings, p.profile)
}

// Down implements cli.Migrator.
func (p postgresSteps) Down(ctx context.Context) (cli.Migration, error) {
	step, err := p.Migrator.Down(ctx)
	return cli.Migration{Version: step.Version, Name: step.Name}, p.toldUndoing(ctx, err)
}

// toldUndoing is toldMigrating for a step back: who may not make it is told who may.
func (p postgresSteps) toldUndoing(ctx context.Context, err error) error {
	if !errors.Is(err, postgres.ErrPermission) {
		return toldMigrating(err, p.settings, p.profile)
	}
	owner, failed := p.Owner(ctx)
	if failed != nil || owner == "" {
		return toldMigrating(err, p.settings, p.profile)
	}
	return toldError{err, endpointOf(p.settings).mayNotUndo(owner)}
}

// Losses implements cli.Migrator.
func (p postgresSteps) Losses(ctx context.Context) ([]cli.Loss, error) {
	losses, err := p.Migrator.Losses(ctx)
	all := make([]cli.Loss, len(losses))
	for i, l := range losses {
		all[i] = cli.Loss(l)
	}
	return all, p.toldUndoing(ctx, err)
}

// Status implements cli.Migrator.
func (p postgresSteps) Status(ctx context.Context) ([]cli.Migration, error) {
	steps, err := p.Migrator.Status(ctx)
	if err != nil {
		return nil, toldMigrating(err, p.settings, p.profile)
	}
	profile, err := p.Applied(ctx)
	if profile == "" {
		profile = postgres.Profile(p.profile)
	}
	return shownPostgres(steps, profile), toldMigrating(err, p.settings, p.profile)
}

func shownPostgres(steps []postgres.Migration, profile postgres.Profile) []cli.Migration {
	all := make([]cli.Migration, len(steps))
	for i, s := range steps {
		all[i] = cli.Migration{Version: s.Version, Name: s.Name, Profile: string(profile), Applied: s.AppliedAt}
	}
	return all
}

func profileSQL(profile, schema string, l lang.Lang) (string, error) {
	return postgres.Profile(profile).SQL(schema, l)
}
