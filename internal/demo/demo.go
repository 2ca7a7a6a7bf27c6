// Package demo makes up a believable Brazilian food company: an order book with its clients,
// products, stock, reservations, scheduled production and unified codes. The same [Config] gives
// the same rows in the same sequence, on any machine.
//
// The mix is planned, not left to chance: about 45 % of the orders can ship completely; the rest
// touch one of a few dozen scarce products, in the ways that give every criticality and every
// state the program can show.
package demo

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// ErrConfig says that a company of this size cannot be made.
var ErrConfig = errors.New("demo: invalid configuration")

// Limits and defaults of the size.
const (
	DefaultOrders    = 1000
	DefaultMovements = 20_000
	MaxOrders        = 500_000
	MaxMovements     = 10_000_000
)

// Config says how large the company is and what day it is there.
type Config struct {
	// Orders in the book, about 8 lines each; 0 means [DefaultOrders].
	Orders int
	// Movements of stock in the ledger; 0 means [DefaultMovements]. Every product has at least
	// one, so the real number may be higher.
	Movements int
	// Seed chooses the company. Different seeds differ in every figure, not in the mix.
	Seed uint64
	// Today is the day everything is dated relative to. It must be known.
	Today atp.Day
}

// withDefaults fills what is zero and refuses what is out of range, wrapping ErrConfig.
func (c Config) withDefaults() (Config, error) {
	if c.Orders == 0 {
		c.Orders = DefaultOrders
	}
	if c.Movements == 0 {
		c.Movements = DefaultMovements
	}
	switch {
	case !c.Today.Known():
		return c, fmt.Errorf("%w: today is missing", ErrConfig)
	case c.Orders < 1 || c.Orders > MaxOrders:
		return c, fmt.Errorf("%w: %d orders is outside 1..%d", ErrConfig, c.Orders, MaxOrders)
	case c.Movements < 1 || c.Movements > MaxMovements:
		return c, fmt.Errorf("%w: %d movements is outside 1..%d", ErrConfig, c.Movements, MaxMovements)
	}
	return c, nil
}

// Generate writes the whole company into w, relation by relation in loading order. Errors of w
// end it and are returned.
func Generate(cfg Config, w dataset.Writer) error {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return err
	}
	c := newCompany(cfg)
	for _, write := range []func(dataset.Writer) error{
		c.writeOrders, c.writeItems, c.writeLedger, c.writeReservations, c.writeReceipts, c.writeUnifications,
	} {
		if err := write(w); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	return nil
}

// company is everything but the ledger, which is made while it is written.
type company struct {
	cfg          Config
	products     []product
	groups       []group
	unifications []dataset.Unification
	clients      []client
	orders       []order
	lines        []line // of all orders, in order; order.lines is a range of it
	reservations []dataset.Reservation
	receipts     []dataset.Receipt
	onHand       []atp.Quantity // by product
}

// The parts draw from generators of their own, so that a change to one (more movements, say)
// leaves the others as they were.
const (
	streamCatalog = iota + 1
	streamClients
	streamOrders
	streamSupply
	streamLedger
)

func (c Config) random(stream uint64) *dice {
	return &dice{rand.New(rand.NewPCG(c.Seed, stream))} //nolint:gosec // made-up data, not secrets
}

func newCompany(cfg Config) *company {
	c := &company{cfg: cfg}
	c.makeCatalog(cfg.random(streamCatalog))
	c.makeClients(cfg.random(streamClients))
	c.makeOrders(cfg.random(streamOrders))
	c.makeSupply(cfg.random(streamSupply))
	return c
}

// dice is a random generator with the few throws that made-up data needs.
type dice struct{ *rand.Rand }

// between is uniform over lo..hi, both inclusive.
func (d *dice) between(lo, hi int) int { return lo + d.IntN(hi-lo+1) }

// chance is true in percent of 100 cases.
func (d *dice) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d *dice, from []T) T { return from[d.IntN(len(from))] }

// days is a day count as Days are added.
func (d *dice) days(lo, hi int) atp.Day { return atp.Day(d.between(lo, hi)) } //nolint:gosec // small

// units is a whole number of units.
func units(n int) atp.Quantity { return atp.Quantity(n) * atp.QuantityScale }
