package sqlite

import (
	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// orders is the set of orders of a read: those asked for, and which of them have open lines. Two
// readings of the same set may enter different orders at once.
type orders struct {
	all     bool     // whatever comes is asked for
	numbers []string // each once
	index   map[string]int32
	entered []bool // by index
}

func newOrders(q source.Query, room int) *orders {
	o := &orders{
		all: q.All, numbers: make([]string, 0, room), index: make(map[string]int32, room), entered: make([]bool, 0, room),
	}
	for _, number := range q.Orders {
		if _, again := o.index[string(number)]; !again {
			o.add(string(number))
		}
	}
	return o
}

func (o *orders) add(number string) int32 {
	at := int32(len(o.numbers)) //nolint:gosec // a read of 2^31 orders would not fit in memory
	o.numbers, o.entered = append(o.numbers, number), append(o.entered, false)
	o.index[number] = at
	return at
}

// enter notes that an order has an open line. It returns "" for one that was not asked for.
func (o *orders) enter(number []byte) atp.OrderNumber {
	at, ok := o.index[string(number)]
	if !ok {
		if !o.all {
			return ""
		}
		at = o.add(string(number))
	}
	o.entered[at] = true
	return atp.OrderNumber(o.numbers[at])
}

// find is an order with an open line.
func (o *orders) find(number []byte) (atp.OrderNumber, bool) {
	at, ok := o.index[string(number)]
	if !ok || !o.entered[at] {
		return "", false
	}
	return atp.OrderNumber(o.numbers[at]), true
}

// open lists the orders with open lines.
func (o *orders) open() []string {
	open := make([]string, 0, len(o.numbers))
	for i, number := range o.numbers {
		if o.entered[i] {
			open = append(open, number)
		}
	}
	return open
}
