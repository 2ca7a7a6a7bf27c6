package demo

import (
	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// historyDays is how far back the ledger goes.
const historyDays = 365

// writeLedger writes each product's movements, oldest first: an opening balance, production in,
// shipments out, adding up to what is on hand. They are made here, one product at a time, so
// that a ledger of any length takes no memory.
func (c *company) writeLedger(w dataset.Writer) error {
	d := c.cfg.random(streamLedger)
	left := c.cfg.Movements
	var steps []atp.Quantity
	for i, p := range c.products {
		n := max(left/(len(c.products)-i), 1)
		left -= n
		steps = walk(d, steps[:0], n, c.onHand[i])
		for j, q := range steps {
			m := dataset.Movement{
				Product: p.code, Place: place(d, j, q), Quantity: q,
				Date: c.cfg.Today - historyDays + atp.Day(historyDays*j/n), //nolint:gosec // 0..365
			}
			if err := w.Movement(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// walk appends n signed steps that add up to total.
func walk(d *dice, steps []atp.Quantity, n int, total atp.Quantity) []atp.Quantity {
	steps = append(steps, 0)
	sum := atp.Quantity(0)
	for j := 1; j < n; j++ {
		q := units(d.between(1, 90))
		if j%2 == 0 {
			q = -q
		}
		steps = append(steps, q)
		sum += q
	}
	steps[0] = total - sum
	if steps[0] < 0 && n > 1 { // shipped since, not opened with less than nothing
		steps[n-1] += 2 * steps[0]
		steps[0] = -steps[0]
	}
	return steps
}

// place is the factory for what comes in and a warehouse for what goes out.
func place(d *dice, step int, q atp.Quantity) string {
	all := places()
	switch {
	case step == 0:
		return all[0]
	case q < 0:
		return all[d.IntN(3)]
	default:
		return all[1]
	}
}
