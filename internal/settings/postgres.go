package settings

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// maxIdentifier is how long a name may be in PostgreSQL, in bytes.
const maxIdentifier = 63

// parsePostgres reads what follows "postgres:". An empty host or database is left to the variables
// and files that PostgreSQL's own programs read (PGHOST, PGSERVICE, ~/.pgpass).
func parsePostgres(kind, rest string) (Database, error) {
	if !strings.HasPrefix(rest, "//") {
		return Database{}, refuse("escreva postgres://USUÁRIO@SERVIDOR:PORTA/BANCO", "write postgres://USER@HOST:PORT/DATABASE")
	}
	if strings.ContainsAny(rest, "\x00\r\n") {
		return Database{}, refuse("o endereço do banco não pode conter quebras de linha", "the database's address cannot contain line breaks")
	}
	return Database{Postgres: kind + ":" + rest}, nil
}

// parseKeywords reads "host=… dbname=…", PostgreSQL's other form, whose fields must all be known
// by how they are written; what they mean is the driver's to judge.
func parseKeywords(s string) (Database, error) {
	if _, ok := fields(s); !ok {
		return Database{}, refuse("escreva host=SERVIDOR dbname=BANCO user=USUÁRIO; um valor com espaços fica entre aspas simples",
			"write host=HOST dbname=DATABASE user=USER; a value with spaces goes in single quotes")
	}
	return Database{Postgres: s}, nil
}

type keyword struct{ name, value string }

var keywordForm = regexp.MustCompile(`^\s*([a-z_]+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)(?:\s+|$)`)

// fields takes a keyword string apart.
func fields(s string) ([]keyword, bool) {
	if strings.ContainsRune(s, 0) {
		return nil, false
	}
	var all []keyword
	for strings.TrimSpace(s) != "" {
		m := keywordForm.FindStringSubmatch(s)
		if m == nil {
			return nil, false
		}
		all = append(all, keyword{m[1], m[2]})
		s = s[len(m[0]):]
	}
	return all, true
}

// harmless are the parts of an address that tell which database it is and hold no secret.
func harmless(name string) bool {
	return slices.Contains([]string{"host", "port", "dbname", "user", "service", "sslmode"}, name)
}

// shownPostgres is an address without its password and without whatever else it says.
func shownPostgres(s string) string {
	if all, ok := fields(s); ok && keywords.MatchString(s) {
		var kept []string
		for _, f := range all {
			if harmless(f.name) {
				kept = append(kept, f.name+"="+f.value)
			}
		}
		return strings.Join(kept, " ")
	}
	head, rest, _ := strings.Cut(s, "://")
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, slash := strings.Cut(rest, "/")
	if strings.Contains(path+query, "@") { // perhaps of a password with a / or ? that is not written as %2F or %3F
		return head + "://…"
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, _, _ := strings.Cut(authority[:at], ":")
		authority = user + authority[at:]
	}
	if slash {
		path = "/" + path
	}
	return head + "://" + authority + path + shownQuery(query)
}

func shownQuery(query string) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil && harmless(plain) {
			kept = append(kept, pair)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return "?" + strings.Join(kept, "&")
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// parseSchema accepts the names that need no care in any tool a DBA may use.
func parseSchema(s string) (string, error) {
	if !identifier.MatchString(s) || len(s) > maxIdentifier || strings.HasPrefix(strings.ToLower(s), "pg_") {
		return "", refuse("deve ser o nome de um esquema: letras sem acento, algarismos e _, até 63, sem começar por algarismo nem por pg_",
			"must be the name of a schema: letters, digits and _, at most 63, beginning neither with a digit nor with pg_")
	}
	return s, nil
}
