package apidoc

import (
	"encoding/json"
	"slices"
	"strings"
)

// field is a named value: a parameter, a header, or a member of an object.
type field struct {
	Name string
	// Where a parameter stands: path, query or header.
	Where    string
	Required bool
	Type     []part
	Notes    []note
	About    []block
}

// part is a piece of a type's name, perhaps a link to where that type is described. Word marks
// one of the page's own words, which has to be said in the page's language.
type part struct {
	Text string
	Link string
	Word bool
}

// note is one limit on a value: one of the page's phrases, and what to put into it.
type note struct {
	Word   string
	Values []any
}

// fields lists an object's members; nil for anything else.
func (d *document) fields(s *schema) []field {
	s = d.schema(s)
	all := make([]field, 0, len(s.Properties))
	for _, p := range s.Properties {
		all = append(all, field{
			Name:     p.Name,
			Required: slices.Contains(s.Required, p.Name),
			Type:     typeOf(p.Value),
			Notes:    notes(p.Value),
			About:    prose(d.describe(p.Value)),
		})
	}
	return all
}

// describe is a schema's own description, else that of what it refers to.
func (d *document) describe(s *schema) string {
	if s.Description != "" {
		return s.Description
	}
	return d.schema(s).Description
}

// typeOf names a schema's type in a line.
func typeOf(s *schema) []part {
	switch {
	case s == nil:
		return nil
	case s.Ref != "":
		return []part{{Text: s.target(), Link: "#" + typeID(s.target())}}
	case len(s.AnyOf) > 0:
		return either(s.AnyOf)
	case len(s.OneOf) > 0 && len(s.Const) == 0 && s.Type == nil:
		return either(s.OneOf)
	case s.Items != nil:
		return append([]part{{Text: "list of", Word: true}}, typeOf(s.Items)...)
	case len(s.Const) > 0:
		return []part{{Text: string(s.Const)}}
	}
	return plain(s)
}

// plain names the type of a schema that has names for it.
func plain(s *schema) []part {
	var all []part
	for i, name := range s.Type {
		if i > 0 {
			all = append(all, part{Text: "or", Word: true})
		}
		if name == "string" && s.Format != "" {
			name = s.Format
		}
		all = append(all, part{Text: name, Word: name != "null"})
	}
	return all
}

func either(some []*schema) []part {
	var all []part
	for i, s := range some {
		if i > 0 {
			all = append(all, part{Text: "or", Word: true})
		}
		all = append(all, typeOf(s)...)
	}
	return all
}

// notes tells the limits of a schema's values.
func notes(s *schema) []note {
	var all []note
	add := func(word string, values ...any) {
		if !slices.Contains(values, any("")) {
			all = append(all, note{word, values})
		}
	}
	add("one of", raw(s.Enum...))
	add("default", raw(s.Default))
	switch low, high := number(s.Minimum), number(s.Maximum); {
	case low != "" && high != "":
		add("from to", low, high)
	default:
		add("at least", low)
		add("at most", high)
	}
	add("characters", number(s.MaxLength))
	add("entries", number(s.MaxItems))
	return all
}

func number(n *json.Number) string {
	if n == nil {
		return ""
	}
	return n.String()
}

// raw lists values as they are said: texts without their quotes.
func raw(values ...json.RawMessage) string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = strings.Trim(string(v), `"`)
	}
	return strings.Join(all, ", ")
}

// typeID is the anchor of a type.
func typeID(name string) string {
	if name == errorCodes {
		return errorsID
	}
	return "tipo-" + name
}
