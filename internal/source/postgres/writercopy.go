package postgres

import (
	"encoding/binary"

	"ruptura/internal/atp"
)

// copyHeader begins every COPY in the binary format: the signature, no flags, no extension.
const copyHeader = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"

// copyRows are rows as COPY takes them in the binary format: for each row the number of its columns,
// for each column its length and its value.
type copyRows struct {
	b []byte
}

// row begins a row of so many columns.
func (c *copyRows) row(columns int16) {
	if len(c.b) == 0 {
		c.b = append(c.b, copyHeader...)
	}
	c.b = binary.BigEndian.AppendUint16(c.b, uint16(columns)) //nolint:gosec // a few
}

// end closes the rows and gives all of them.
func (c *copyRows) end() []byte { return append(c.b, 0xff, 0xff) }

func (c *copyRows) length(n int) { c.b = binary.BigEndian.AppendUint32(c.b, uint32(n)) } //nolint:gosec // below 4 GB; -1 is NULL

func (c *copyRows) null() { c.length(-1) }

func (c *copyRows) text(s string) {
	c.length(len(s))
	c.b = append(c.b, s...)
}

// optional is NULL for a text that is not known.
func (c *copyRows) optional(s string) {
	if s == "" {
		c.null()
		return
	}
	c.text(s)
}

func (c *copyRows) value(a arg) {
	c.length(len(a.value))
	c.b = append(c.b, a.value...)
}

func (c *copyRows) integer(n int64) { c.value(integerArg(n)) }
func (c *copyRows) truth(b bool)    { c.value(truthArg(b)) }

func (c *copyRows) day(d atp.Day) {
	if !d.Known() {
		c.null()
		return
	}
	c.value(dayArg(d))
}

func (c *copyRows) quantity(q atp.Quantity) { c.numeric(int64(q), quantityDecimals) }

func (c *copyRows) price(m atp.Money, known bool) {
	if !known {
		c.null()
		return
	}
	c.numeric(int64(m), moneyDecimals)
}

// numeric is n in units of 10 to the power of -decimals, of which there are at most digitPlaces.
func (c *copyRows) numeric(n int64, decimals int) {
	sign, size := uint16(positive), uint64(n) //nolint:gosec // two's complement
	if n < 0 {
		sign, size = negative, -size
	}
	unit := uint64(powers[decimals]) //nolint:gosec // positive
	fraction := size % unit * uint64(powers[digitPlaces-decimals])
	var whole [5]uint16 // the least first: 64 bits with two decimals have 17 more digits
	count := 0
	for rest := size / unit; rest > 0; rest /= digitBase {
		whole[count] = uint16(rest % digitBase)
		count++
	}
	c.length(header + 2*(count+1))
	for _, field := range []uint16{uint16(count + 1), uint16(count - 1), sign, uint16(decimals)} { //nolint:gosec // a few; the weight may be -1
		c.b = binary.BigEndian.AppendUint16(c.b, field)
	}
	for i := count - 1; i >= 0; i-- {
		c.b = binary.BigEndian.AppendUint16(c.b, whole[i])
	}
	c.b = binary.BigEndian.AppendUint16(c.b, uint16(fraction)) //nolint:gosec // below digitBase
}
