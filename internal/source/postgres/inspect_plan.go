package postgres

import (
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// reserved are the words that name a table or column only in quotes (pg_get_keywords, R and T).
const reserved = ` all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant
group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp
natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user
similar some symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where
window with `

// plainName is a name as SQL takes it, in quotes only where it needs them.
func plainName(name string) string {
	for i, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (i == 0 || r < '0' || r > '9') {
			return pgx.Identifier{name}.Sanitize()
		}
	}
	if slices.Contains(strings.Fields(reserved), name) {
		return pgx.Identifier{name}.Sanitize()
	}
	return name
}

// unquoted is the name that a plan writes so.
func unquoted(name string) string {
	if inner, ok := strings.CutPrefix(name, `"`); ok {
		return strings.ReplaceAll(strings.TrimSuffix(inner, `"`), `""`, `"`)
	}
	return name
}

// either matches a name with or without quotes, which a plan has for more words than need them.
func either(name string) string {
	return `(?:` + regexp.QuoteMeta(name) + `|` + regexp.QuoteMeta(pgx.Identifier{name}.Sanitize()) + `)`
}

// columnsIn are the columns of a table, by its alias, that an expression of a plan names, each once.
func columnsIn(expression, alias string) []string {
	var all []string
	// A column is written alias.column, both in quotes where they need them.
	name := regexp.MustCompile(`(?:^|[^\w."])` + either(alias) + `\.("(?:[^"]|"")+"|\w+)`)
	for _, m := range name.FindAllStringSubmatch(expression, -1) {
		if !slices.Contains(all, m[1]) {
			all = append(all, m[1])
		}
	}
	return all
}

// keyOf is the one column that a condition looks for values of, and whether it does so directly,
// without converting the column; "" if there is none, or a choice.
func keyOf(condition, alias string) (key string, direct bool) {
	for _, c := range conjuncts(condition) {
		columns := columnsIn(c, alias)
		if len(columns) != 1 || !strings.Contains(c, " = ") || !outer(c, alias) {
			continue
		}
		if isDirect(c, alias, columns[0]) {
			return columns[0], true
		}
		if key == "" {
			key = columns[0]
		}
	}
	return key, false
}

// relabelled is a column that is read as another type of text, which changes nothing.
var relabelled = regexp.MustCompile(`^\((.*)\)::(?:text|character varying(?:\(\d+\))?)$`)

// isDirect reports whether a comparison has a column by itself on one of its sides.
func isDirect(comparison, alias, column string) bool {
	is := regexp.MustCompile(`^` + either(alias) + `\.` + regexp.QuoteMeta(column) + `$`)
	left, right, _ := strings.Cut(unwrapped(comparison), " = ")
	for _, side := range []string{left, right} {
		for m := relabelled.FindStringSubmatch(side); m != nil; m = relabelled.FindStringSubmatch(side) {
			side = m[1]
		}
		if is.MatchString(side) {
			return true
		}
	}
	return false
}

var (
	parameter = regexp.MustCompile(`\$\d+|= ANY`)
	otherName = regexp.MustCompile(`("(?:[^"]|"")+"|\b[A-Za-z_]\w*)\.`)
)

// outer reports whether a condition depends on what is looked for, not on the table alone.
func outer(condition, alias string) bool {
	if parameter.MatchString(withoutTexts(condition)) {
		return true
	}
	for _, m := range otherName.FindAllStringSubmatch(withoutTexts(condition), -1) {
		if unquoted(m[1]) != alias {
			return true
		}
	}
	return false
}

var texts = regexp.MustCompile(`'(?:[^']|'')*'`)

func withoutTexts(condition string) string { return texts.ReplaceAllString(condition, "''") }

// moving are what a partial index cannot be made of, because it does not stay the same.
var moving = regexp.MustCompile(`(?i)\b(current_\w+|localtime\w*|now|clock_timestamp)\b`)

// always are the conditions that a view puts on its table, whatever is looked for: the predicate of
// a partial index.
func (p *plan) always() string {
	var kept []string
	for _, c := range conjuncts(p.Filter) {
		if !outer(c, p.Alias) && !moving.MatchString(withoutTexts(c)) {
			kept = append(kept, unqualified(c, p.Alias))
		}
	}
	return strings.Join(kept, " AND ")
}

func unqualified(condition, alias string) string {
	prefix := regexp.MustCompile(`('(?:[^']|'')*')|(^|[^\w."])` + either(alias) + `\.`)
	return prefix.ReplaceAllString(condition, "$1$2")
}

// held are the columns other than the key that are read of the table's rows.
func (p *plan) held(key string, above []*plan) []string {
	var names []string
	for _, node := range above {
		names = append(names, columnsIn(strings.Join(append(slices.Clone(node.Output), node.Group...), "\n"), p.Alias)...)
	}
	if len(names) == 0 {
		names = columnsIn(strings.Join(p.Output, "\n"), p.Alias)
	}
	for _, c := range conjuncts(p.Filter) { // what a partial index cannot hold must be in it
		if !outer(c, p.Alias) && moving.MatchString(withoutTexts(c)) {
			names = append(names, columnsIn(c, p.Alias)...)
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == key })
}

// conjuncts takes a condition apart at its outermost ANDs.
func conjuncts(condition string) []string {
	condition = unwrapped(condition)
	if condition == "" {
		return nil
	}
	var parts []string
	depth, quoted, from := 0, byte(0), 0
	for i := range len(condition) {
		switch c := condition[i]; {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
		case c == '\'' || c == '"':
			quoted = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && strings.HasPrefix(condition[i:], " AND "):
			parts = append(parts, condition[from:i])
			from = i + len(" AND ")
		}
	}
	return append(parts, condition[from:])
}

// unwrapped is a condition without the brackets around the whole of it.
func unwrapped(condition string) string {
	if !strings.HasPrefix(condition, "(") || !strings.HasSuffix(condition, ")") {
		return condition
	}
	depth, quoted := 0, byte(0)
	for i := range len(condition) {
		switch c := condition[i]; {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
		case c == '\'' || c == '"':
			quoted = c
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 && i < len(condition)-1 {
				return condition
			}
		}
	}
	return condition[1 : len(condition)-1]
}
