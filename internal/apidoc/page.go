package apidoc

import (
	"bytes"
	"encoding/json"
	"strings"
)

// page is what the template shows: the description, arranged for reading.
type page struct {
	Title, Version, Summary string
	Intro                   []block
	Groups                  []group
	Types                   []typeView
	Errors                  []errorView
}

// group is the operations of one tag.
type group struct {
	ID, Name   string
	About      []block
	Operations []operationView
}

type operationView struct {
	ID, Method, Path string
	Summary          string
	About            []block
	Curl             string
	Parameters       []field
	BodyAbout        []block
	Body             []contentView
	Responses        []responseView
}

type responseView struct {
	Status  string
	OK      bool
	About   []block
	Headers []field
	Content []contentView
}

// contentView is a body: its type, what is in it, and what it may look like.
type contentView struct {
	MediaType string
	Type      []part
	Fields    []field
	Examples  []exampleView
}

type exampleView struct{ Caption, Text string }

// typeView describes a type that others refer to.
type typeView struct {
	ID, Name string
	About    []block
	// Type is what it is if it has no fields.
	Type     []part
	Notes    []note
	Fields   []field
	Examples []exampleView
}

type errorView struct {
	ID, Code, Status string
	About            []block
}

// errorCodes is the type whose alternatives are the errors there are; they have a place of their
// own, errorsID.
const (
	errorCodes = "Codigo"
	errorsID   = "erros"
)

// arrange makes the page; base is the address under which the operations stand.
func arrange(d *document, base string) page {
	p := page{
		Title: d.Info.Title, Version: d.Info.Version, Summary: d.Info.Summary,
		Intro: prose(d.Info.Description),
	}
	for _, tag := range d.Tags {
		p.Groups = append(p.Groups, group{
			ID: anchor("grupo-" + tag.Name), Name: tag.Name,
			About: prose(tag.Description), Operations: operationsOf(d, tag.Name, base),
		})
	}
	for _, s := range d.Components.Schemas {
		if s.Name == errorCodes {
			p.Errors = errorsOf(s.Value)
			continue
		}
		p.Types = append(p.Types, typeOfComponent(d, s.Name, s.Value))
	}
	return p
}

func operationsOf(d *document, tag, base string) []operationView {
	var all []operationView
	for _, path := range d.Paths {
		for _, m := range path.Value {
			if len(m.Value.Tags) > 0 && m.Value.Tags[0] == tag {
				all = append(all, operationOf(d, path.Name, m.Name, m.Value, base))
			}
		}
	}
	return all
}

func operationOf(d *document, path, method string, op *operation, base string) operationView {
	v := operationView{
		ID: op.ID, Method: strings.ToUpper(method), Path: path,
		Summary: op.Summary, About: prose(op.Description),
	}
	v.Curl = curl(v.Method, base+path, op)
	for _, q := range op.Parameters {
		v.Parameters = append(v.Parameters, field{
			Name: q.Name, Where: q.In, Required: q.Required,
			Type: typeOf(q.Schema), Notes: notes(q.Schema), About: prose(q.Description),
		})
	}
	if op.RequestBody != nil {
		v.BodyAbout = prose(op.RequestBody.Description)
		v.Body = contentsOf(d, op.RequestBody.Content)
	}
	for _, r := range op.Responses {
		v.Responses = append(v.Responses, responseOf(d, r.Name, r.Value))
	}
	return v
}

func responseOf(d *document, status string, r *response) responseView {
	v := responseView{Status: status, OK: strings.HasPrefix(status, "2"), About: prose(r.Description)}
	for _, h := range r.Headers {
		if h.Value.Schema == nil || len(h.Value.Schema.Const) > 0 {
			continue // always the same: of use to tests, noise to readers
		}
		v.Headers = append(v.Headers, field{
			Name: h.Name, Required: h.Value.Required,
			Type: typeOf(h.Value.Schema), Notes: notes(h.Value.Schema), About: prose(h.Value.Description),
		})
	}
	v.Content = contentsOf(d, r.Content)
	return v
}

func contentsOf(d *document, content ordered[*media]) []contentView {
	all := make([]contentView, 0, len(content))
	for _, m := range content {
		all = append(all, contentView{
			MediaType: m.Name, Type: typeOf(m.Value.Schema),
			Fields: d.fields(m.Value.Schema), Examples: examplesOf(d, m.Value),
		})
	}
	return all
}

// examplesOf takes the examples given with a body, else those of its type.
func examplesOf(d *document, m *media) []exampleView {
	switch {
	case m.Frames != "":
		return []exampleView{{Text: m.Frames}}
	case len(m.Example) > 0:
		return pretty([]json.RawMessage{m.Example})
	case len(m.Examples) == 0:
		return pretty(d.schema(m.Schema).Examples)
	}
	all := make([]exampleView, 0, len(m.Examples))
	for _, e := range m.Examples {
		all = append(all, exampleView{Caption: e.Value.Summary, Text: indent(e.Value.Value)})
	}
	return all
}

func pretty(values []json.RawMessage) []exampleView {
	all := make([]exampleView, 0, len(values))
	for _, v := range values {
		all = append(all, exampleView{Text: indent(v)})
	}
	return all
}

// indent lays JSON out for reading. A text stands by itself.
func indent(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	var b bytes.Buffer
	if err := json.Indent(&b, value, "", "  "); err != nil {
		return string(value)
	}
	return b.String()
}

func typeOfComponent(d *document, name string, s *schema) typeView {
	v := typeView{
		ID: typeID(name), Name: name, About: prose(s.Description),
		Notes: notes(s), Fields: d.fields(s), Examples: pretty(s.Examples),
	}
	if len(v.Fields) == 0 {
		v.Type = typeOf(s)
	}
	return v
}

func errorsOf(s *schema) []errorView {
	all := make([]errorView, 0, len(s.OneOf))
	for _, e := range s.OneOf {
		code := strings.Trim(string(e.Const), `"`)
		all = append(all, errorView{ID: "erro-" + code, Code: code, Status: e.Title, About: prose(e.Description)})
	}
	return all
}

func anchor(name string) string { return strings.ToLower(strings.ReplaceAll(name, " ", "-")) }
