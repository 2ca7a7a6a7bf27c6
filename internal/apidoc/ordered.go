package apidoc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// ordered is a JSON object whose members keep their sequence: that of a description is part of
// what it tells.
type ordered[T any] []member[T]

type member[T any] struct {
	Name  string
	Value T
}

// UnmarshalJSON reads an object.
func (o *ordered[T]) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	open, err := d.Token()
	if err != nil {
		return fmt.Errorf("object: %w", err)
	}
	if open != json.Delim('{') {
		return errors.New("not an object")
	}
	for d.More() {
		var m member[T]
		name, err := d.Token()
		if err != nil {
			return fmt.Errorf("name of a member: %w", err)
		}
		m.Name = fmt.Sprint(name)
		if err := d.Decode(&m.Value); err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
		*o = append(*o, m)
	}
	return nil
}

func (o ordered[T]) get(name string) (T, bool) {
	for _, m := range o {
		if m.Name == name {
			return m.Value, true
		}
	}
	var none T
	return none, false
}
