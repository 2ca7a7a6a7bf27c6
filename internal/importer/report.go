package importer

import (
	"encoding/json"

	"ruptura/internal/dataset"
	"ruptura/internal/lang"
)

// Report is the outcome of an import.
type Report struct {
	// Check tells that loading was not asked for, Loaded that the store now holds the files.
	Check, Loaded bool
	// Lang is the language of the JSON.
	Lang           lang.Lang
	Files          []FileReport
	Numbers, Dates Decision
	// Problems are in the sequence found: at most MaxErrors errors, and warnings and notes.
	Problems []Problem
	// Errors and Warnings count all there are, listed or not.
	Errors, Warnings int
}

// FileReport is what is known of one file or sheet.
type FileReport struct {
	Relation dataset.Relation
	Path     string
	Sheet    string // of a workbook, else empty
	// Encoding is "UTF-8" or "Windows-1252", empty for a workbook.
	Encoding string
	// Separator is ';', ',' or a tab, 0 for a workbook.
	Separator byte
	// Rows were taken, Ignored had nothing to load (a quantity of zero, a code unified with
	// itself); a file with errors counts its good rows.
	Rows, Ignored int64
	// Unknown are the columns that nothing is done with.
	Unknown []string
}

// Decision is a format and what spoke for it.
type Decision struct {
	// Format is "br", "intl" or "iso"; empty if undecided.
	Format string
	Reason lang.Text
}

type reportJSON struct {
	Check    bool          `json:"somente_verificacao"`
	Loaded   bool          `json:"importado"`
	Files    []fileJSON    `json:"arquivos"`
	Numbers  decisionJSON  `json:"numeros"`
	Dates    decisionJSON  `json:"datas"`
	Errors   int           `json:"total_erros"`
	Warnings int           `json:"total_avisos"`
	Problems []problemJSON `json:"problemas"`
}

type fileJSON struct {
	Relation  string   `json:"relacao"`
	Path      string   `json:"arquivo"`
	Sheet     string   `json:"planilha,omitempty"`
	Encoding  string   `json:"codificacao,omitempty"`
	Separator string   `json:"separador,omitempty"`
	Rows      int64    `json:"linhas"`
	Ignored   int64    `json:"ignoradas"`
	Unknown   []string `json:"colunas_desconhecidas,omitempty"`
}

type decisionJSON struct {
	Format string `json:"formato"`
	Reason string `json:"motivo"`
}

type problemJSON struct {
	Severity string `json:"gravidade"`
	File     string `json:"arquivo,omitempty"`
	Line     int    `json:"linha,omitempty"`
	Column   string `json:"coluna,omitempty"`
	Value    string `json:"valor,omitempty"`
	Why      string `json:"mensagem"`
	Count    int    `json:"ocorrencias,omitempty"`
}

// MarshalJSON writes the report with its texts in the report's language.
func (r *Report) MarshalJSON() ([]byte, error) {
	out := reportJSON{
		Check: r.Check, Loaded: r.Loaded, Errors: r.Errors, Warnings: r.Warnings,
		Numbers: decisionJSON{r.Numbers.Format, r.Numbers.Reason.In(r.Lang)},
		Dates:   decisionJSON{r.Dates.Format, r.Dates.Reason.In(r.Lang)},
		Files:   make([]fileJSON, 0, len(r.Files)), Problems: make([]problemJSON, 0, len(r.Problems)),
	}
	for _, f := range r.Files {
		j := fileJSON{
			Relation: f.Relation.String(), Path: f.Path, Sheet: f.Sheet, Encoding: f.Encoding,
			Rows: f.Rows, Ignored: f.Ignored, Unknown: f.Unknown,
		}
		if f.Separator != 0 {
			j.Separator = string(rune(f.Separator))
		}
		out.Files = append(out.Files, j)
	}
	for _, p := range r.Problems {
		out.Problems = append(out.Problems, problemJSON{p.Severity.In(r.Lang), p.File, p.Line, p.Column, p.Value, p.Why.In(r.Lang), p.Count})
	}
	return json.Marshal(out)
}
