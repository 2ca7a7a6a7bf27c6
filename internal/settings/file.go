package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"

	"github.com/pelletier/go-toml/v2"

	"ruptura/internal/lang"
)

// file is what a TOML file says, as texts by setting.
type file struct {
	path   string
	values map[string][]string
}

func (f file) where(key string) lang.Text {
	return lang.Text{PT: fmt.Sprintf("%s em %s", key, f.path), EN: fmt.Sprintf("%s in %s", key, f.path)}
}

// file reads the file named by --config or RUPTURA_CONFIG, if one is.
func (s Sources) file() (file, error) {
	path := s.getenv("RUPTURA_CONFIG")
	if flag, ok := s.Flags["config"]; ok {
		path = flag[len(flag)-1]
	} else if path == "" {
		return file{}, nil
	}
	text, err := s.ReadFile(path)
	if err != nil {
		return file{}, Errors{{Where: same(path), Why: unreadable(err)}}
	}
	return parseFile(path, text)
}

func unreadable(err error) lang.Text {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return lang.Text{PT: "o arquivo de configuração não existe", EN: "the configuration file does not exist"}
	case errors.Is(err, fs.ErrPermission):
		return lang.Text{PT: "sem permissão para ler o arquivo de configuração",
			EN: "no permission to read the configuration file"}
	}
	return lang.Text{PT: "não foi possível ler o arquivo de configuração", EN: "the configuration file could not be read"}
}

func parseFile(path string, text []byte) (file, error) {
	f := file{path: path, values: map[string][]string{}}
	var tree map[string]any
	if err := toml.Unmarshal(text, &tree); err != nil {
		return f, Errors{f.syntax(err)}
	}
	var errs Errors
	known := inFile()
	for _, key := range sortedKeys(tree) {
		values, ok := texts(tree[key])
		switch {
		case !slices.Contains(known, key):
			errs = append(errs, &Error{Where: f.where(strconv.Quote(key)), Why: unknownKey(key, known)})
		case !ok:
			errs = append(errs, &Error{Where: f.where(key), Why: lang.Text{
				PT: "deve ser um texto entre aspas, um número inteiro, uma data ou uma lista de textos",
				EN: "must be a quoted text, a whole number, a date or a list of texts"}})
		default:
			f.values[key] = values
		}
	}
	if len(errs) > 0 {
		return f, errs
	}
	return f, nil
}

// syntax says where TOML could not be read; the library's reason is English only, and quotes no
// value.
func (f file) syntax(err error) *Error {
	where := f.path
	if d, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, column := d.Position()
		where = fmt.Sprintf("%s:%d:%d", f.path, row, column)
	}
	return &Error{Where: same(where), Why: lang.Text{
		PT: "não é TOML válido; escreva uma configuração por linha, como lot-size = 20 ou session-ttl = \"15m\"",
		EN: "not valid TOML; write one setting a line, like lot-size = 20 or session-ttl = \"15m\""}}
}

func unknownKey(key string, known []string) lang.Text {
	if near, ok := Closest(key, known); ok {
		return lang.Text{PT: "configuração desconhecida; quis dizer " + near + "?",
			EN: "unknown setting; did you mean " + near + "?"}
	}
	return lang.Text{PT: "configuração desconhecida; docs/config.md traz a lista",
		EN: "unknown setting; docs/config.md lists them all"}
}

func inFile() []string {
	var names []string
	for _, row := range Table() {
		if !row.NotInFile {
			names = append(names, row.Name)
		}
	}
	return names
}

func sortedKeys(tree map[string]any) []string {
	keys := make([]string, 0, len(tree))
	for k := range tree {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// texts gives a TOML value in the form a flag would have it.
func texts(v any) ([]string, bool) {
	switch v := v.(type) {
	case string:
		return []string{v}, true
	case int64:
		return []string{strconv.FormatInt(v, 10)}, true
	case toml.LocalDate:
		return []string{v.String()}, true
	case []any:
		var all []string
		for _, item := range v {
			text, ok := item.(string)
			if !ok {
				return nil, false
			}
			all = append(all, text)
		}
		return all, true
	}
	return nil, false
}
