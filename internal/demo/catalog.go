package demo

import (
	"strconv"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// product is one code of the catalogue.
type product struct {
	code  atp.ProductCode
	name  string
	price atp.Money // list price per unit
	loose bool
	group int
}

// group is a set of unified codes; most have one. Stock is planned per group.
type group struct {
	members []int
	state   state
}

// A catalogue has productsPer1000 codes for a thousand orders, within these limits.
const (
	productsPer1000 = 500
	minProducts     = 150
	maxProducts     = 2000
)

func (c *company) makeCatalog(d *dice) {
	n := min(max(c.cfg.Orders*productsPer1000/1000, minProducts), maxProducts)
	c.products = inventProducts(d, n)
	c.unify(d)
	c.assignStates()
}

// inventProducts makes n different products, in no order of kind.
func inventProducts(d *dice, n int) []product {
	var all []product
	for _, f := range families() {
		for _, v := range f.variants {
			for _, p := range f.packs {
				for i, b := range brands() {
					all = append(all, product{
						name:  f.name + " " + v + " " + b + " " + p.name,
						price: atp.Money(f.price*p.grams/100*(100-4*i)/100 + 1),
						loose: p.loose,
					})
				}
			}
		}
	}
	d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	all = all[:min(n, len(all))]
	code := 4_759_000
	for i := range all {
		code += d.between(1, 97)
		all[i].code = atp.ProductCode(strconv.Itoa(code))
	}
	return all
}

// Unified codes: one chain of four, one cycle of three, and pairs. Everything else stands alone.
const (
	chainLength = 4
	cycleLength = 3
	pairEvery   = 40 // one pair for so many products
)

func (c *company) unify(d *dice) {
	next := 0
	take := func(n int) {
		g := group{}
		for range n {
			c.products[next].group = len(c.groups)
			g.members = append(g.members, next)
			next++
		}
		c.groups = append(c.groups, g)
	}
	take(chainLength)
	take(cycleLength)
	for range len(c.products) / pairEvery {
		take(2)
	}
	for _, g := range c.groups {
		c.linkMembers(g)
	}
	for next < len(c.products) {
		take(1)
	}
	d.Shuffle(len(c.unifications), func(i, j int) {
		c.unifications[i], c.unifications[j] = c.unifications[j], c.unifications[i]
	})
}

// linkMembers writes the pairs of one group, each code to its successor, and gives the members
// the name of the first: it is one physical product. The group of cycleLength also closes.
func (c *company) linkMembers(g group) {
	for i := 1; i < len(g.members); i++ {
		from, to := &c.products[g.members[i-1]], &c.products[g.members[i]]
		to.name, to.price, to.loose = from.name, from.price, from.loose
		c.unifications = append(c.unifications, dataset.Unification{From: from.code, To: to.code})
	}
	if len(g.members) == cycleLength {
		last := g.members[len(g.members)-1]
		c.unifications = append(c.unifications, dataset.Unification{
			From: c.products[last].code, To: c.products[g.members[0]].code,
		})
	}
}

// assignStates makes about one group in twelve scarce, spread evenly over the ways of being so.
// The chain (group 0) stays healthy, the cycle (group 1) becomes scarce.
func (c *company) assignStates() {
	next := 0
	for i := 1; i < len(c.groups); i += scarceEvery {
		c.groups[i].state = scarceStates[next%len(scarceStates)]
		next++
	}
}

const scarceEvery = 12

func (c *company) writeUnifications(w dataset.Writer) error {
	for _, u := range c.unifications {
		if err := w.Unification(u); err != nil {
			return err
		}
	}
	return nil
}
