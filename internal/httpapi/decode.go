package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
)

// decodeObject reads a JSON object strictly: every name is known, to the letter and its case, and
// given once. encoding/json by itself would take "PEDIDOS" for "pedidos" and the last of two
// values. member says where the value of a name goes, nil if there is no such name; prefix stands
// before names in what is reported.
func decodeObject(d *json.Decoder, prefix string, member func(name string) any) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return notAnObject()
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return notAnObject()
		}
		if err := decodeMember(d, prefix+name, member(name), seen); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return notAnObject()
	}
	return nil
}

func decodeMember(d *json.Decoder, name string, into any, seen map[string]bool) error {
	switch {
	case into == nil:
		return invalid(field(shorten(name), "campo desconhecido; veja os campos em /docs", "unknown field; see the fields in /docs"))
	case seen[name]:
		return invalid(field(shorten(name), "informe uma só vez", "give it once only"))
	}
	seen[name] = true
	err := d.Decode(into)
	var told *problem
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &told):
		return told
	case errors.As(err, &wrong):
		return invalid(field(name, "o valor tem o tipo errado; veja /docs", "the value has the wrong type; see /docs"))
	}
	return notAnObject()
}

func notAnObject() error {
	return malformed("O corpo não é um objeto JSON válido.", "The body is not a valid JSON object.")
}

// filterFields are the members of filtro, whose names and values bookquery knows.
type filterFields map[string]json.RawMessage

// UnmarshalJSON reads them as strictly as the object they stand in; null is no filter.
func (f *filterFields) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		return nil
	}
	if raw[0] != '{' {
		return &json.UnmarshalTypeError{}
	}
	values := map[string]*json.RawMessage{}
	err := decodeObject(json.NewDecoder(bytes.NewReader(raw)), "filtro.", func(name string) any {
		if values[name] == nil {
			values[name] = new(json.RawMessage)
		}
		return values[name]
	})
	if err != nil {
		return err
	}
	*f = make(filterFields, len(values))
	for name, value := range values {
		(*f)[name] = *value
	}
	return nil
}

// shorten keeps an answer about a nonsense name from growing with it.
func shorten(name string) string {
	const most = 100
	if r := []rune(name); len(r) > most {
		return string(r[:most]) + "…"
	}
	return name
}
