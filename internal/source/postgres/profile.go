package postgres

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"ruptura/internal/lang"
)

// Profile is a way to have the six relations in a schema.
type Profile string

// The profiles.
const (
	Native Profile = "nativo" // tables, for those who import files
	Legacy Profile = "legado" // views of the ERP's tables
)

// LegacySchema is where the ERP has its tables.
const LegacySchema = "public"

// schemaMark is the comment on a schema that a profile made, and so may drop.
const schemaMark = "ruptura"

var (
	// ErrProfile says that there is no such profile, or that a schema has another one.
	ErrProfile error = unusable("postgres: wrong profile")
	// ErrSchemaName says that a text cannot be a schema's name.
	ErrSchemaName = errors.New("postgres: not a schema name")
)

//go:embed sql
var scripts embed.FS

// Profiles lists both.
func Profiles() []Profile { return []Profile{Native, Legacy} }

// SQL is all that makes the profile's relations in a schema, for a database's administrator to
// read, and to run with psql as it is, once, in one transaction. [Migrator.Up] runs the same. Its
// comments are in one language. Errors wrap [ErrProfile] or [ErrSchemaName].
func (p Profile) SQL(schema string, l lang.Lang) (string, error) {
	script, err := newScript(schema)
	if err != nil {
		return "", err
	}
	steps, err := p.steps()
	if err != nil {
		return "", err
	}
	parts := []string{script.text("sql/comeca.sql")}
	for _, s := range steps {
		parts = append(parts, script.up(s))
	}
	all := "BEGIN;\n\n" + strings.Join(parts, "\n") + "\nCOMMIT;\n"
	return inLanguage(all, l), script.err
}

// step is one step of a profile.
type step struct {
	profile Profile
	version int
	name    string // of its files: "00001_relacoes"
}

// steps lists the profile's, oldest first.
func (p Profile) steps() ([]step, error) {
	files, err := fs.Glob(scripts, "sql/"+string(p)+"/*.up.sql")
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%w: there is no profile %q", ErrProfile, string(p))
	}
	all := make([]step, len(files))
	for i, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".up.sql")
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("postgres: step %s: %w", name, err)
		}
		all[i] = step{profile: p, version: version, name: name}
	}
	return all, nil
}

func (s step) file(direction string) string {
	return "sql/" + string(s.profile) + "/" + s.name + "." + direction + ".sql"
}

// script fills names into the files of SQL.
type script struct {
	schema string // quoted
	names  *strings.Replacer
	err    error // of the first file that could not be read
}

func newScript(schema string) (*script, error) {
	if err := checkName(schema); err != nil {
		return nil, err
	}
	quoted := pgx.Identifier{schema}.Sanitize()
	return &script{schema: quoted, names: strings.NewReplacer(
		"{schema}", quoted,
		"{source}", LegacySchema,
		"{name}", "'"+strings.ReplaceAll(schema, "'", "''")+"'",
		"{mark}", "'"+schemaMark+"'",
	)}, nil
}

func (s *script) text(file string) string {
	b, err := fs.ReadFile(scripts, file)
	if s.err == nil {
		s.err = err
	}
	return s.names.Replace(string(b))
}

// up is a step and its entry in the record.
func (s *script) up(st step) string {
	return s.text(st.file("up")) + fmt.Sprintf("\nINSERT INTO %s.ruptura_passos (versao, perfil, passo) VALUES (%d, '%s', '%s');\n",
		s.schema, st.version, st.profile, st.name)
}

func (s *script) down(st step) string {
	return s.text(st.file("down")) + fmt.Sprintf("\nDELETE FROM %s.ruptura_passos WHERE versao = %d;\n", s.schema, st.version)
}

// checkName makes sure that a text is a schema's name as a whole, and stays one wherever a script
// has it: quoted, in a literal, in the body of a function, in a comment.
func checkName(schema string) error {
	const longest = 63 // bytes; PostgreSQL would cut the rest off
	switch {
	case schema == "" || len(schema) > longest:
		return fmt.Errorf("%w: it must have 1 to %d bytes", ErrSchemaName, longest)
	case strings.HasPrefix(schema, "pg_") || schema == "information_schema":
		return fmt.Errorf("%w: %q is PostgreSQL's own", ErrSchemaName, schema)
	case !utf8.ValidString(schema), strings.ContainsAny(schema, `\${}`), strings.ContainsFunc(schema, unicode.IsControl):
		return fmt.Errorf(`%w: %q has a control character, or one of \ $ { }`, ErrSchemaName, schema)
	}
	return nil
}

// What lines of comment begin with, by their language.
const commentPT, commentEN = "--pt ", "--en "

// withoutComments keeps the comments of no language.
func withoutComments(sql string) string {
	var b strings.Builder
	for line := range strings.Lines(sql) {
		if !strings.HasPrefix(line, commentPT) && !strings.HasPrefix(line, commentEN) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// inLanguage keeps the comments of one language.
func inLanguage(sql string, l lang.Lang) string {
	keep, drop := commentPT, commentEN
	if l == lang.EN {
		keep, drop = drop, keep
	}
	var b strings.Builder
	for line := range strings.Lines(sql) {
		if !strings.HasPrefix(line, drop) {
			if comment, ok := strings.CutPrefix(line, keep); ok {
				line = "-- " + comment
			}
			b.WriteString(line)
		}
	}
	return b.String()
}
