package atp

// Result is the answer for one order.
type Result struct {
	Order OrderNumber
	// Lines in their sequence (calculation §3).
	Lines []LineResult
	// Short and Available count the lines.
	Short, Available int
	// Value is of all lines, ShortValue of the short ones with their whole value, and
	// AvailableValue of the others.
	Value, ShortValue, AvailableValue Value
	// PercentShort is the share of the order's value (of its quantities if it has no value) on
	// short lines, in hundredths of a percent: 0..10000.
	PercentShort int
	// PercentAvailable is what is left of 100 %, PercentServable weighs each line by its
	// available quantity, PercentLines counts available lines: whole percentages that are 100
	// only when all, and 0 only when nothing is available.
	PercentAvailable, PercentServable, PercentLines int
	Criticality                                     Criticality
	// Whole is when the whole order can ship.
	Whole Promise
	// Need is the need date, zero if there is none.
	Need Day
	// Punctuality compares Whole with Need.
	Punctuality Punctuality
	// DaysLate is how late the order is; it is zero unless Late with both dates known.
	DaysLate int
}

// LineResult is the answer for one line.
type LineResult struct {
	*Line
	// OnHand is the stock of the line's product, unified codes included.
	OnHand Quantity
	// Lowest is minW: the lowest that can ship over the window, as this order sees it.
	Lowest Quantity
	// Shippable is the part of the line that can ship now: 0..Open.
	Shippable Quantity
	// Shortage is the rest of it.
	Shortage Quantity
	// Short tells that the line cannot ship whole now.
	Short bool
	// AvailableOn is when the line can ship whole.
	AvailableOn Promise
	// Next is the product's earliest receipt from today on, all codes summed on that date (so
	// its Key is empty), with zero date and quantity if none.
	Next Receipt
	// Overdue is the quantity of receipts that should have come before today.
	Overdue Quantity
	Value   Value
	// Waits tells that the line could ship now, but waits for the rest of its order (calculation §7,
	// pedido); it counts as available.
	Waits bool
	// Shipments are the parts in which the line ships, in sequence, one for each date (calculation §7, parcial); nil
	// under every other policy. What is missing from their sum has no date.
	Shipments []Shipment
}

// Promise is when something can ship: now, on a day, or not in sight. The zero Promise is not in
// sight.
type Promise struct {
	now bool
	day Day
}

func promiseNow() Promise     { return Promise{now: true} }
func promiseOn(d Day) Promise { return Promise{day: d} }
func (p Promise) later(q Promise) Promise {
	switch {
	case p.now:
		return q
	case q.now:
		return p
	case !p.day.Known() || !q.day.Known():
		return Promise{}
	}
	return promiseOn(max(p.day, q.day))
}

// Now reports whether it can ship at once.
func (p Promise) Now() bool { return p.now }

// Day is the day on which it can ship, zero when that is now or not in sight.
func (p Promise) Day() Day { return p.day }

// InSight reports whether there is a date at all.
func (p Promise) InSight() bool { return p.now || p.day.Known() }

// on is the day meant, today for now.
func (p Promise) on(today Day) Day {
	if p.now {
		return today
	}
	return p.day
}

// Punctuality tells whether an order can ship by its need date.
type Punctuality uint8

// The possible answers; NoNeed is an order without a need date.
const (
	NoNeed Punctuality = iota
	OnTime
	Late
)
