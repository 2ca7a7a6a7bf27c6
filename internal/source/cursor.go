package source

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
)

// Position is a row of a sorted listing, the last of a page: where the next page goes on.
type Position struct {
	// Key is the row's value of the column that the listing is sorted by: an int64 in a column of
	// numbers ([Column.Numeric]), else a string, or nil if it is missing.
	Key any
	// Number is the row's order number, which breaks ties.
	Number string
}

// cursor is a position as it travels. It names the sort that it belongs to.
type cursor struct {
	Sort       Column  `json:"s"`
	Descending bool    `json:"d,omitempty"`
	Text       *string `json:"t,omitempty"`
	Integer    *int64  `json:"i,omitempty"`
	Number     string  `json:"n"`
}

// maxCursor bounds what is decoded: far more than the longest key makes.
const maxCursor = 64 << 10

// Cursor writes the position as a cursor of a listing sorted so.
func (p Position) Cursor(column Column, descending bool) string {
	c := cursor{Sort: column, Descending: descending, Number: p.Number}
	switch key := p.Key.(type) {
	case string:
		c.Text = &key
	case int64:
		c.Integer = &key
	}
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings, integers and a flag always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParseCursor reads a cursor made for a listing sorted so, or returns [ErrCursor].
func ParseCursor(s string, column Column, descending bool) (*Position, error) {
	if len(s) > maxCursor {
		return nil, fmt.Errorf("%w: too long", ErrCursor)
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("%w: not base64", ErrCursor)
	}
	var c cursor
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return nil, fmt.Errorf("%w: not readable", ErrCursor)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: more than one value", ErrCursor)
	}
	if c.Sort != column || c.Descending != descending {
		return nil, fmt.Errorf("%w: it belongs to another sort", ErrCursor)
	}
	return c.position()
}

func (c cursor) position() (*Position, error) {
	p := &Position{Number: c.Number}
	numeric := c.Sort.Numeric()
	switch {
	case numeric != (c.Integer != nil) || (numeric && c.Text != nil) || c.Number == "":
		return nil, fmt.Errorf("%w: its key does not fit the column", ErrCursor)
	case c.Integer != nil:
		p.Key = *c.Integer
	case c.Text != nil:
		p.Key = *c.Text
	}
	return p, nil
}

// Numeric reports whether a column holds numbers, which are never missing.
func (c Column) Numeric() bool { return c == ByItems || c == ByValue || c == ByImportant }
