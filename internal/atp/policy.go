package atp

import "fmt"

// Mode tells whether an order is looked at alone or among all others.
type Mode uint8

// The modes.
const (
	// Alone looks at each order as if it were the only one (modo=isolado, calculation §3).
	Alone Mode = iota
	// Together lets all orders of the book compete, by priority (modo=concorrente, calculation §6).
	Together
)

var modeNames = [...]string{"isolado", "concorrente"}

// String is the mode's wire name.
func (m Mode) String() string { return modeNames[m] }

// ParseMode reads a wire name; the empty one is Alone. Anything else is ErrParams.
func ParseMode(name string) (Mode, error) {
	if name == "" {
		return Alone, nil
	}
	for i, known := range modeNames {
		if name == known {
			return Mode(i), nil
		}
	}
	return Alone, fmt.Errorf("%w: mode %q", ErrParams, name)
}

// Policy is what may ship when orders compete (calculation §7).
type Policy uint8

// The policies.
const (
	// WholeLines ships whole lines (linha, the default).
	WholeLines Policy = iota
	// Parts ships of a line what there is, and the rest as it comes (parcial).
	Parts
	// WholeOrders ships an order's lines together (pedido).
	WholeOrders
)

var policyNames = [...]string{"linha", "parcial", "pedido"}

// String is the policy's wire name.
func (p Policy) String() string { return policyNames[p] }

// Policies are all policies, the default first.
func Policies() []Policy { return []Policy{WholeLines, Parts, WholeOrders} }

// ParsePolicy reads a wire name; the empty one is WholeLines. Anything else is ErrParams.
func ParsePolicy(name string) (Policy, error) {
	if name == "" {
		return WholeLines, nil
	}
	for _, p := range Policies() {
		if name == p.String() {
			return p, nil
		}
	}
	return WholeLines, fmt.Errorf("%w: policy %q", ErrParams, name)
}
