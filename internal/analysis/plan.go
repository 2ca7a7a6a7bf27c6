package analysis

import (
	"ruptura/internal/atp"
	"ruptura/internal/session"
	"ruptura/internal/source"
	"ruptura/internal/wire"
)

// Plan is how orders are to be answered for: the zero Plan but for Params looks at each alone.
type Plan struct {
	Params atp.Params
	Mode   atp.Mode
	// Policy and Priority count only where all orders compete.
	Policy   atp.Policy
	Priority atp.Priority
	// Detail is how much the answers tell.
	Detail wire.Detail
}

// PlanOf is the plan of a session.
func PlanOf(s *session.Spec) Plan {
	return Plan{Params: s.Params, Mode: s.Mode, Policy: s.Policy, Priority: s.Priority, Detail: s.Detail}
}

// query is what must be read to answer for orders.
func (p Plan) query(orders []atp.OrderNumber) source.Query {
	if p.Mode == atp.Together {
		return source.Query{All: true, Holders: true}
	}
	return source.Query{Orders: orders, Holders: p.Detail.Explained()}
}

// Scratch is memory for one answer after the other, for one goroutine. The zero Scratch is ready to
// use.
type Scratch struct{ together, alone atp.Scratch }
