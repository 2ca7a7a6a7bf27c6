// Package wire writes results in the JSON that pages, scripts and programs read (the names are
// Portuguese and fixed). Results are by far the most of what the program sends, so they are
// appended to a buffer by hand, without reflection; everything else uses encoding/json.
package wire

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"ruptura/internal/atp"
)

// object appends the members of one JSON object. Names are trusted constants.
type object struct {
	b     []byte
	empty bool
}

func openObject(b []byte) object { return object{b: append(b, '{'), empty: true} }

func (o *object) close() []byte { return append(o.b, '}') }

// name starts a member.
func (o *object) name(name string) {
	if !o.empty {
		o.b = append(o.b, ',')
	}
	o.empty = false
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
}

func (o *object) string(name, value string) { o.name(name); o.b = AppendString(o.b, value) }

func (o *object) int(name string, value int) {
	o.name(name)
	o.b = strconv.AppendInt(o.b, int64(value), 10)
}

func (o *object) bool(name string, value bool) { o.name(name); o.b = strconv.AppendBool(o.b, value) }

func (o *object) null(name string) { o.name(name); o.b = append(o.b, "null"...) }

func (o *object) quantity(name string, q atp.Quantity) { o.name(name); o.b = q.Append(o.b) }

func (o *object) money(name string, m atp.Money) { o.name(name); o.b = m.Append(o.b) }

// percent writes hundredths of a percent.
func (o *object) percent(name string, hundredths int) { o.money(name, atp.Money(hundredths)) }

// day writes a date, or null for none.
func (o *object) day(name string, d atp.Day) {
	if !d.Known() {
		o.null(name)
		return
	}
	o.name(name)
	o.b = append(o.b, '"')
	o.b = d.Append(o.b)
	o.b = append(o.b, '"')
}

// promise writes "agora", a date, or null.
func (o *object) promise(name string, p atp.Promise) {
	if p.Now() {
		o.name(name)
		o.b = append(o.b, `"agora"`...)
		return
	}
	o.day(name, p.Day())
}

func (o *object) instant(name string, t time.Time) { o.text(name, t.AppendFormat(nil, InstantFormat)) }

// text writes a string that needs no escape.
func (o *object) text(name string, plain []byte) {
	o.name(name)
	o.b = append(o.b, '"')
	o.b = append(o.b, plain...)
	o.b = append(o.b, '"')
}

// millis writes a duration in milliseconds with three decimals.
func (o *object) millis(name string, d time.Duration) {
	o.name(name)
	o.b = atp.Quantity(d.Microseconds()).Append(o.b)
}

// InstantFormat is RFC 3339 with milliseconds and zone.
const InstantFormat = "2006-01-02T15:04:05.000Z07:00"

// AppendString appends s as a JSON string. What could end a script, an attribute or a line of an
// event stream is escaped, and invalid UTF-8 is replaced, as encoding/json does.
func AppendString(b []byte, s string) []byte {
	if !plain(s) {
		quoted, err := json.Marshal(s)
		if err != nil { // a string always marshals
			panic(err)
		}
		return append(b, quoted...)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// plain reports whether s needs no escape at all.
func plain(s string) bool {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0x7f {
				return false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			return false
		}
		i += size
	}
	return true
}
