package settings

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"ruptura/internal/lang"
)

// Sources are the places settings come from, beside their defaults.
type Sources struct {
	// Flags holds the values of the flags that were given, by name.
	Flags map[string][]string
	// Getenv reads a variable; an empty one counts as not set.
	Getenv func(string) string
	// ReadFile reads the file named by --config.
	ReadFile func(string) ([]byte, error)
}

// Load gives the settings of the groups named; General is always among them. Settings of other
// groups keep their defaults and are not looked at, so that a variable meant for the server
// cannot fail an import. A bad value is an [Errors].
func Load(from Sources, groups ...Group) (Settings, error) {
	file, err := from.file()
	if err != nil {
		return Settings{}, err
	}
	l := loader{from: from, file: file, wanted: map[Group]bool{General: true}}
	for _, g := range groups {
		l.wanted[g] = true
	}
	for _, row := range Table() {
		l.apply(row)
	}
	l.settings.Lang = from.language(file)
	l.checkThresholds()
	l.checkPriority()
	if len(l.errs) > 0 {
		return Settings{}, l.errs
	}
	return l.settings, nil
}

// Default gives the defaults alone.
func Default() Settings {
	s, err := Load(Sources{})
	if err != nil {
		panic(err) // the table itself is wrong, which a test would have found
	}
	return s
}

type loader struct {
	from     Sources
	file     file
	wanted   map[Group]bool
	settings Settings
	errs     Errors
}

// apply stores the strongest value given for a setting, else its default.
func (l *loader) apply(row Setting) {
	given, where, ok := l.strongest(row)
	if !l.wanted[row.Group] || !ok {
		given, where = nil, lang.Text{}
		if row.Default != "" {
			given = []string{row.Default}
		}
	}
	for _, text := range given {
		if err := row.set(&l.settings, text); err != nil {
			l.refuse(row, where, text, err)
		}
	}
}

func (l *loader) strongest(row Setting) (values []string, where lang.Text, ok bool) {
	if values, ok := l.from.Flags[row.Name]; ok {
		return values, lang.Text{PT: "opção --" + row.Name, EN: "flag --" + row.Name}, true
	}
	for _, name := range row.Envs() {
		if v := l.from.getenv(name); v != "" {
			return []string{v}, lang.Text{PT: "variável de ambiente " + name, EN: "environment variable " + name}, true
		}
	}
	if values, ok := l.file.values[row.Name]; ok {
		return values, l.file.where(row.Name), true
	}
	return nil, lang.Text{}, false
}

func (l *loader) refuse(row Setting, where lang.Text, text string, err error) {
	why := lang.Text{PT: err.Error(), EN: err.Error()}
	if r, ok := errors.AsType[refusal](err); ok {
		why = r.why
	}
	value := abbreviate(text)
	if row.Secret {
		value = redact(text)
	}
	l.errs = append(l.errs, &Error{Where: where, Value: value, Why: why})
}

// checkThresholds looks at the three criticality thresholds together.
func (l *loader) checkThresholds() {
	if len(l.errs) > 0 || l.settings.Criticality.Validate() == nil {
		return
	}
	l.errs = append(l.errs, &Error{
		Where: same("criticality-low, criticality-medium, criticality-critical"),
		Why: lang.Text{PT: "os limites não podem cair de low para medium nem de medium para critical",
			EN: "the limits must not fall from low to medium, nor from medium to critical"},
	})
}

// checkPriority looks at the keys and the clients together.
func (l *loader) checkPriority() {
	if len(l.errs) > 0 || l.settings.Priority.Validate() == nil {
		return
	}
	why := lang.Text{PT: "a lista de clientes só vale com a chave cliente; acrescente cliente a --priority",
		EN: "the list of clients goes with the key cliente only; add cliente to --priority"}
	if len(l.settings.Priority.Clients) == 0 {
		why = lang.Text{PT: "a chave cliente pede a lista: --priority-clients \"PRIMEIRO;SEGUNDO\"",
			EN: "the key cliente needs its list: --priority-clients \"FIRST;SECOND\""}
	}
	l.errs = append(l.errs, &Error{Where: same("priority, priority-clients"), Why: why})
}

func (s Sources) getenv(name string) string {
	if s.Getenv == nil {
		return ""
	}
	return s.Getenv(name)
}

// abbreviate keeps a message readable whatever was given.
func abbreviate(s string) string {
	const most = 80
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// Language is the language to speak before the settings are known to be valid: --lang,
// RUPTURA_LANG or the file if they make sense, else the locale, else Portuguese.
func Language(from Sources) lang.Lang {
	file, err := from.file()
	if err != nil {
		file.values = nil
	}
	return from.language(file)
}

func (s Sources) language(f file) lang.Lang {
	for _, text := range slices.Concat(s.Flags["lang"], []string{s.getenv("RUPTURA_LANG")}, f.values["lang"]) {
		if l, ok := lang.Parse(text); ok {
			return l
		}
	}
	return s.locale()
}

// locale reads the first of the POSIX variables that is set, as setlocale(3) does.
func (s Sources) locale() lang.Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := strings.TrimSpace(s.getenv(name)); v != "" {
			l, _ := lang.Parse(v)
			return l
		}
	}
	return lang.PT
}
