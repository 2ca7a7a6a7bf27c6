package settings

import (
	"regexp"
	"strings"

	"ruptura/internal/lang"
)

// Database says where the order book is kept: in one of the two.
type Database struct {
	// SQLite is the path of the database file, "" if it is PostgreSQL.
	SQLite string
	// Postgres is what the driver takes to connect, a URL or keywords, "" if it is SQLite. It may
	// hold a password: show [Database.String] instead.
	Postgres string
}

// String is the database as --db takes it, without what may be secret.
func (d Database) String() string {
	if d.Postgres != "" {
		return shownPostgres(d.Postgres)
	}
	return "sqlite:" + d.SQLite
}

// GoString keeps a password out of %#v.
func (d Database) GoString() string { return "settings.Database(" + d.String() + ")" }

// MarshalText keeps a password out of logs and JSON.
func (d Database) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

var (
	scheme   = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*):`)
	keywords = regexp.MustCompile(`^\s*[a-z_]+\s*=`)
)

func parseDatabase(s string) (Database, error) {
	if keywords.MatchString(s) {
		return parseKeywords(s)
	}
	kind := ""
	if m := scheme.FindStringSubmatch(s); m != nil {
		kind = strings.ToLower(m[1])
	}
	switch kind {
	case "sqlite":
		return parseSQLite(s[len("sqlite:"):])
	case "postgres", "postgresql":
		return parsePostgres(kind, s[len(kind)+1:])
	}
	return Database{}, refuse("deve ter a forma sqlite:ARQUIVO, por exemplo sqlite:ruptura.db, ou postgres://USUÁRIO@SERVIDOR/BANCO",
		"must have the form sqlite:FILE, for example sqlite:ruptura.db, or postgres://USER@HOST/DATABASE")
}

// parseSQLite reads what follows "sqlite:": a path, or "//" and an absolute path. Parameters are
// refused, as is a database in memory: each connection would see one of its own.
func parseSQLite(path string) (Database, error) {
	if rest, ok := strings.CutPrefix(path, "//"); ok {
		if !strings.HasPrefix(rest, "/") {
			return Database{}, refuse("escreva sqlite:ARQUIVO (relativo) ou sqlite:///CAMINHO (absoluto)",
				"write sqlite:FILE (relative) or sqlite:///PATH (absolute)")
		}
		path = rest
	}
	switch {
	case path == "":
		return Database{}, refuse("falta o nome do arquivo depois de sqlite:", "the file name after sqlite: is missing")
	case strings.Contains(path, ":memory:"):
		return Database{}, refuse("um banco em memória não serve: indique um arquivo",
			"a database in memory will not do: name a file")
	case strings.ContainsAny(path, "?\x00\r\n"):
		return Database{}, refuse("o nome do arquivo não pode conter parâmetros (?) nem quebras de linha",
			"the file name cannot contain parameters (?) or line breaks")
	}
	return Database{SQLite: path}, nil
}

// redact is what may be shown of a value that can hold a password and was refused: its scheme.
func redact(s string) string {
	if m := scheme.FindString(s); m != "" {
		return m + "…"
	}
	return "…"
}

func refuse(pt, en string) error { return refusal{lang.Text{PT: pt, EN: en}} }
