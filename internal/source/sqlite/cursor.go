package sqlite

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"zombiezen.com/go/sqlite"

	"ruptura/internal/source"
)

// position is the last row of a page: its sort key (a string, an int64 or nil) and number.
type position struct {
	key    any
	number string
}

// cursor is a position as it travels. It names the sort that it belongs to.
type cursor struct {
	Sort       source.Column `json:"s"`
	Descending bool          `json:"d,omitempty"`
	Text       *string       `json:"t,omitempty"`
	Integer    *int64        `json:"i,omitempty"`
	Number     string        `json:"n"`
}

// maxCursor bounds what is decoded: far more than the longest key makes.
const maxCursor = 64 << 10

func (p position) cursor(column source.Column, descending bool) string {
	c := cursor{Sort: column, Descending: descending, Number: p.number}
	switch key := p.key.(type) {
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

// parseCursor reads a cursor made for this sort, or returns [source.ErrCursor].
func parseCursor(s string, column source.Column, descending bool) (*position, error) {
	if len(s) > maxCursor {
		return nil, fmt.Errorf("sqlite: book: %w: too long", source.ErrCursor)
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("sqlite: book: %w: not base64", source.ErrCursor)
	}
	var c cursor
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return nil, fmt.Errorf("sqlite: book: %w: not readable", source.ErrCursor)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("sqlite: book: %w: more than one value", source.ErrCursor)
	}
	if c.Sort != column || c.Descending != descending {
		return nil, fmt.Errorf("sqlite: book: %w: it belongs to another sort", source.ErrCursor)
	}
	return c.position()
}

func (c cursor) position() (*position, error) {
	p := &position{number: c.Number}
	switch {
	case numeric(c.Sort) != (c.Integer != nil) || (numeric(c.Sort) && c.Text != nil) || c.Number == "":
		return nil, fmt.Errorf("sqlite: book: %w: its key does not fit the column", source.ErrCursor)
	case c.Integer != nil:
		p.key = *c.Integer
	case c.Text != nil:
		p.key = *c.Text
	}
	return p, nil
}

// numeric reports whether a column holds numbers, which are never missing.
func numeric(c source.Column) bool {
	return c == source.ByItems || c == source.ByValue || c == source.ByImportant
}

// valueOf is a column as a position's key.
func valueOf(stmt *sqlite.Stmt, col int) any {
	switch stmt.ColumnType(col) {
	case sqlite.TypeText:
		return stmt.ColumnText(col)
	case sqlite.TypeInteger:
		return stmt.ColumnInt64(col)
	default:
		return nil
	}
}
