package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"ruptura/internal/dataset"
	"ruptura/internal/importer"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

type importOptions struct {
	check, json    bool
	numbers, dates string
	named          []string // what the command line says of the database, to be repeated
}

func (a *app) importing() *cobra.Command {
	p := page{
		use:      a.text("import PASTA|ARQUIVO…", "import DIR|FILE…"),
		short:    lang.Text{PT: "carrega arquivos CSV ou XLSX no banco, tudo ou nada", EN: "loads CSV or XLSX files into the database, all or nothing"},
		long:     importHelp,
		examples: importExamples,
		groups:   []settings.Group{settings.Data},
		suggest:  []string{"importar", "load", "carregar"},
	}
	cmd := a.command(p)
	var o importOptions
	flags := cmd.Flags()
	flags.BoolVar(&o.check, "check", false, a.text("só confere os arquivos e relata; o banco não muda",
		"only checks the files and reports; the database does not change"))
	choose(flags, &o.numbers, "numbers", a.text("como os números estão escritos, se os arquivos não bastam para saber: br é 1.234,56; intl é 1,234.56",
		"how numbers are written, if the files do not tell: br is 1.234,56; intl is 1,234.56"),
		string(importer.BrazilianNumbers), string(importer.InternationalNumbers))
	choose(flags, &o.dates, "dates", a.text("como as datas estão escritas: br é 31/03/2026; iso é 2026-03-31",
		"how dates are written: br is 31/03/2026; iso is 2026-03-31"),
		string(importer.BrazilianDates), string(importer.ISODates))
	flags.BoolVar(&o.json, "json", false, a.text("relatório em JSON, para programas", "report as JSON, for programs"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return a.misused(cmd, "indique uma pasta ou arquivos", "name a folder or files")
		}
		s, err := a.settings(cmd, p.groups...)
		if err != nil {
			return err
		}
		o.named = a.named(cmd, s)
		return a.runImport(cmd.Context(), args, o, s)
	}
	return cmd
}

// named are the flags that say which database, as the next command needs them again.
func (a *app) named(cmd *cobra.Command, s settings.Settings) []string {
	var words []string
	if cmd.Flags().Changed("db") {
		words = append(words, "--db", shellWord(s.Database.String()))
	}
	if cmd.Flags().Changed("db-schema") {
		words = append(words, "--db-schema", shellWord(s.DatabaseSchema))
	}
	return words
}

func (a *app) runImport(ctx context.Context, paths []string, o importOptions, s settings.Settings) (err error) {
	store, err := a.storeFor(ctx, o, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if target, ok := store.(Loadable); ok {
		if err := target.Loadable(ctx); err != nil {
			return err
		}
	}
	var bar *progress
	report, err := importer.Run(ctx, store, paths, importer.Options{
		Check: o.check, Lang: a.lang,
		Numbers: importer.NumberFormat(o.numbers), Dates: importer.DateFormat(o.dates),
		Progress: func(done, total int64) {
			if bar == nil {
				bar = a.progress(total, a.text("lendo", "reading"), progressbar.OptionShowBytes(true))
			}
			bar.set(done)
		},
	})
	bar.done()
	if err != nil && !errors.Is(err, importer.ErrRejected) {
		return err
	}
	if shown := a.showReport(report, o, s); shown != nil {
		return shown
	}
	if err != nil {
		return errShown
	}
	return nil
}

func (a *app) showReport(r *importer.Report, o importOptions, s settings.Settings) error {
	if o.json {
		e := json.NewEncoder(a.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	return a.writeReport(r, s.Database, o.named)
}

// storeFor opens the database. Where there is none, a check makes none, and an import only when
// the files have been found good.
func (a *app) storeFor(ctx context.Context, o importOptions, s settings.Settings) (importStore, error) {
	store, err := a.deps.OpenStore(ctx, s, false)
	switch {
	case err == nil:
		return store, nil
	case errors.Is(err, fs.ErrNotExist):
		return futureStore{func(ctx context.Context) (Store, error) { return a.deps.OpenStore(ctx, s, true) }}, nil
	case o.check:
		return nil, err
	}
	return a.deps.OpenStore(ctx, s, true) // its schema may be of an older version
}

// importStore is what an import loads into.
type importStore interface {
	dataset.Store
	io.Closer
}

// futureStore is a database that does not exist until something is loaded into it.
type futureStore struct {
	create func(context.Context) (Store, error)
}

func (futureStore) Has(context.Context, dataset.Relation) (bool, error) { return false, nil }
func (futureStore) Close() error                                        { return nil }

// Replace makes the database and loads it; when that fails, it leaves none.
func (f futureStore) Replace(ctx context.Context, relations []dataset.Relation, fill func(dataset.Writer) error) error {
	store, err := f.create(ctx)
	if err != nil {
		return err
	}
	if err := store.Replace(ctx, relations, fill); err != nil {
		// Also when it was interrupted.
		return errors.Join(err, store.Discard(context.WithoutCancel(ctx)))
	}
	return store.Close()
}
