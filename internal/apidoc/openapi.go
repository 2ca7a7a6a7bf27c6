package apidoc

import (
	"encoding/json"
	"fmt"
	"strings"
)

// document is the part of an OpenAPI 3.1 description that the page shows.
type document struct {
	Info struct {
		Title, Version, Summary, Description string
	}
	Tags  []struct{ Name, Description string }
	Paths ordered[ordered[*operation]]
	// Components are what references lead to.
	Components struct {
		Schemas    ordered[*schema]
		Parameters ordered[*parameter]
		Headers    ordered[*header]
		Responses  ordered[*response]
	}
}

type operation struct {
	ID          string `json:"operationId"`
	Tags        []string
	Summary     string
	Description string
	Parameters  []*parameter
	RequestBody *struct {
		Description string
		Content     ordered[*media]
	}
	Responses ordered[*response]
}

// reference is embedded in what may be one: {"$ref": "#/components/kind/name"}.
type reference struct {
	Ref string `json:"$ref"`
}

// target is the name that the reference leads to, empty if it is none.
func (r reference) target() string { return r.Ref[strings.LastIndex(r.Ref, "/")+1:] }

type parameter struct {
	reference
	Name, In    string
	Description string
	Required    bool
	Schema      *schema
	Example     json.RawMessage
}

type header struct {
	reference
	Description string
	Required    bool
	Schema      *schema
	Example     json.RawMessage
}

type response struct {
	reference
	Description string
	Headers     ordered[*header]
	Content     ordered[*media]
}

type media struct {
	Schema   *schema
	Example  json.RawMessage
	Examples ordered[struct {
		Summary string
		Value   json.RawMessage
	}]
	// Frames shows an event stream as it is on the wire, which no example in JSON can.
	Frames string `json:"x-frames"`
}

type schema struct {
	reference
	Type        typeNames
	Format      string
	Title       string
	Description string
	Properties  ordered[*schema]
	Required    []string
	Items       *schema
	AnyOf       []*schema
	OneOf       []*schema

	Const, Default       json.RawMessage
	Enum, Examples       []json.RawMessage
	Minimum, Maximum     *json.Number
	MinLength, MaxLength *json.Number
	MinItems, MaxItems   *json.Number
	MultipleOf           *json.Number
}

// typeNames is one name or a list of them.
type typeNames []string

// UnmarshalJSON reads a string or a list of strings.
func (t *typeNames) UnmarshalJSON(b []byte) error {
	var one string
	if err := json.Unmarshal(b, &one); err == nil {
		*t = typeNames{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(b, &many); err != nil {
		return fmt.Errorf("type: %w", err)
	}
	*t = many
	return nil
}

// parse reads a description and replaces every reference to a parameter, header or response by
// what it leads to. References to schemas stay: on the page they are links.
func parse(description []byte) (*document, error) {
	d := new(document)
	if err := json.Unmarshal(description, d); err != nil { //nolint:musttag // most of OpenAPI's names are ours
		return nil, fmt.Errorf("read the API's description: %w", err)
	}
	for _, r := range d.Components.Responses {
		if err := d.resolveHeaders(r.Value); err != nil {
			return nil, err
		}
	}
	for _, path := range d.Paths {
		for _, op := range path.Value {
			if err := d.resolve(op.Value); err != nil {
				return nil, fmt.Errorf("%s %s: %w", op.Name, path.Name, err)
			}
		}
	}
	return d, nil
}

func (d *document) resolve(op *operation) error {
	for i, p := range op.Parameters {
		if err := follow(&op.Parameters[i], p.reference, d.Components.Parameters); err != nil {
			return err
		}
	}
	for i, r := range op.Responses {
		if err := follow(&op.Responses[i].Value, r.Value.reference, d.Components.Responses); err != nil {
			return err
		}
		if err := d.resolveHeaders(op.Responses[i].Value); err != nil {
			return err
		}
	}
	return nil
}

func (d *document) resolveHeaders(r *response) error {
	for i, h := range r.Headers {
		if err := follow(&r.Headers[i].Value, h.Value.reference, d.Components.Headers); err != nil {
			return err
		}
	}
	return nil
}

// follow puts what a reference leads to in its place.
func follow[T any](place *T, r reference, among ordered[T]) error {
	if r.Ref == "" {
		return nil
	}
	found, ok := among.get(r.target())
	if !ok {
		return fmt.Errorf("%q leads nowhere", r.Ref)
	}
	*place = found
	return nil
}

// schema is what a schema stands for: itself, or the one it refers to. A reference that leads
// nowhere stands for anything.
func (d *document) schema(s *schema) *schema {
	if s == nil {
		return &schema{}
	}
	if found, ok := d.Components.Schemas.get(s.target()); ok && s.Ref != "" {
		return found
	}
	return s
}
