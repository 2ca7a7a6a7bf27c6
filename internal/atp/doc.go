// Package atp is the stock-out ("ruptura") calculation: what of an order can ship now, what is
// missing, what it is worth and when it will come (available to promise).
//
// The package is the domain of the program. It imports the standard library only, does no I/O,
// reads no clock and keeps no state: a [Snapshot] and [Params] go in, answers come out, and the
// same input gives the same output whatever the order of its rows. All arithmetic on quantities
// and money is fixed-point and checked for overflow.
//
// The rules are those of docs/calculation.md; comments cite its sections as "calculation §n".
package atp
