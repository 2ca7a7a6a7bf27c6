package atp

import "time"

// OrderNumber identifies a sales order (pedido): 1 to 50 characters, compared by code point.
type OrderNumber string

// ProductCode identifies a product. Leading zeros and letters count: "00500" is not "500"
// unless the two are unified.
type ProductCode string

// StockKey is what stock is kept by. Today that is the product alone; a place or a shelf life
// becomes a field here, and everything that adds up per key follows.
type StockKey struct {
	Product ProductCode
}

// Snapshot is everything an analysis needs, as one consistent read of the source gave it: the
// lines asked for and, for every product they touch (unified codes included), all stock,
// reservations and receipts. Rows may come in any sequence. A Snapshot is a plain value: a
// what-if is a changed copy.
type Snapshot struct {
	// ReadAt is the instant at which the source was read.
	ReadAt       time.Time
	Orders       []Order
	Lines        []Line
	Stock        []Stock
	Reservations []Reservation
	Receipts     []Receipt
	Unifications []Unification
}

// Order is an order's header. An order may have lines and no header: it then has no dates and
// is not important.
type Order struct {
	Number    OrderNumber
	Client    string
	Ordered   Day // when it was placed; zero if unknown
	Requested Day // the delivery date that was asked for; zero if none
	Important bool
}

// Line is an open order line.
type Line struct {
	Order OrderNumber
	// Number and then Sequence (the source's own) put the lines of an order in sequence.
	Number   int64
	Sequence int64
	Key      StockKey
	Name     string
	// Open is what is still to be shipped. Lines below 0.001 do not exist for the analysis.
	Open Quantity
	// Price per unit; a line that is not Priced counts with price 0.
	Price  Money
	Priced bool
}

// Stock is a signed amount on hand: a balance or a single movement. All rows of a key add up.
type Stock struct {
	Key      StockKey
	Quantity Quantity
}

// Reservation is stock set aside for an order and not yet invoiced (separação). Rows with a
// quantity of zero or less are ignored.
type Reservation struct {
	Order    OrderNumber
	Lot      string
	Key      StockKey
	Quantity Quantity
	// Ships is the day the goods leave (expedição). Without a date, or before today, they are
	// still owed and leave today.
	Ships Day
}

// Receipt is scheduled production. Rows without a date, or with a quantity of zero or less, are
// ignored.
type Receipt struct {
	Key      StockKey
	Quantity Quantity
	Arrives  Day
}

// counts reports whether the receipt means anything: it has a date and a quantity.
func (r Receipt) counts() bool { return r.Arrives.Known() && r.Quantity > 0 }

// Unification says that two codes are one physical product. Pairs are transitive; cycles and
// repeats are allowed.
type Unification struct {
	From, To ProductCode
}
