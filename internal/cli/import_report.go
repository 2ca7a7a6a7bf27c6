package cli

import (
	"fmt"
	"strings"

	"ruptura/internal/importer"
	"ruptura/internal/settings"
)

// writeReport tells a person what an import found and what to do next, which repeats the flags that
// named the database.
func (a *app) writeReport(r *importer.Report, db settings.Database, named []string) error {
	if err := a.reportFiles(r); err != nil {
		return err
	}
	var b strings.Builder
	a.reportFormats(&b, r)
	a.reportProblems(&b, r)
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	b.WriteString(a.outcome(r, db, named) + "\n")
	_, err := fmt.Fprint(a.Stdout, b.String())
	return err
}

func (a *app) reportFiles(r *importer.Report) error {
	if len(r.Files) == 0 {
		return nil
	}
	f := format{a.lang}
	rows := make([]shownOrder, len(r.Files))
	for i, file := range r.Files {
		name := file.Path
		if file.Sheet != "" {
			name += " [" + file.Sheet + "]"
		}
		rows[i].cells = []string{
			file.Relation.String(), name, a.written(file), f.count(int(file.Rows)), f.count(int(file.Ignored)),
		}
	}
	err := a.table([]column{
		{title: a.text("Relação", "Relation")},
		{title: a.text("Arquivo", "File"), shrinks: true},
		{title: a.text("Forma", "Form")},
		{title: a.text("Linhas", "Rows"), right: true},
		{title: a.text("Ignoradas", "Ignored"), right: true},
	}, rows)
	if err == nil {
		_, err = fmt.Fprintln(a.Stdout)
	}
	return err
}

// written is how a file is written: encoding and separator.
func (a *app) written(f importer.FileReport) string {
	switch f.Separator {
	case ';':
		return f.Encoding + a.text(", ponto e vírgula", ", semicolons")
	case ',':
		return f.Encoding + a.text(", vírgula", ", commas")
	case '\t':
		return f.Encoding + a.text(", tabulação", ", tabs")
	}
	if f.Encoding != "" || f.Rows == 0 { // it could not be read, and a problem says why
		return "–"
	}
	return "XLSX"
}

func (a *app) reportFormats(b *strings.Builder, r *importer.Report) {
	if len(r.Files) == 0 {
		return
	}
	numbers := map[string]string{"br": "1.234,56", "intl": "1,234.56"}
	dates := map[string]string{"br": "31/03/2026", "iso": "2026-03-31"}
	a.reportFormat(b, a.text("números", "numbers"), numbers[r.Numbers.Format], r.Numbers)
	a.reportFormat(b, a.text("datas", "dates"), dates[r.Dates.Format], r.Dates)
}

// reportFormat shows a format by a sample, and what spoke for it.
func (a *app) reportFormat(b *strings.Builder, what, sample string, d importer.Decision) {
	if sample == "" {
		return
	}
	fmt.Fprintf(b, "%s: %s – %s\n", what, sample, clean(d.Reason.In(a.lang)))
}

func (a *app) reportProblems(b *strings.Builder, r *importer.Report) {
	for _, s := range []importer.Severity{importer.Note, importer.Warning, importer.Error} {
		for _, p := range r.Problems {
			if p.Severity == s {
				fmt.Fprintf(b, "%s: %s\n", s.In(a.lang), clean(p.String(a.lang)))
			}
		}
	}
	if r.Errors > importer.MaxErrors {
		fmt.Fprintf(b, a.text("… e mais %s.\n", "… and %s more.\n"), a.plural(r.Errors-importer.MaxErrors, "erro", "error"))
	}
}

// outcome says what happened and what to do next.
func (a *app) outcome(r *importer.Report, db settings.Database, named []string) string {
	flag := strings.Join(append([]string{""}, named...), " ")
	switch {
	case r.Errors > 0:
		return fmt.Sprintf(a.text("Nada foi alterado: corrija %s e importe de novo.", "Nothing was changed: correct %s and import again."),
			a.plural(r.Errors, "erro", "error"))
	case r.Loaded:
		return fmt.Sprintf(a.text("Importado em %s. Agora: ruptura serve%[2]s, ou ruptura analyze --all%[2]s.",
			"Imported into %s. Next: ruptura serve%[2]s, or ruptura analyze --all%[2]s."), clean(db.String()), clean(flag))
	}
	return a.text("Nenhum erro; o banco não foi alterado. Para carregar, repita sem --check.",
		"No errors; the database was not changed. To load, repeat without --check.")
}
