package httpapi

import (
	"strings"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/wire"
)

// rules are how orders are to be answered for.
type rules struct {
	mode   atp.Mode
	policy atp.Policy
	detail wire.Detail
}

// parseRules reads modo, politica and detalhe, each empty for its default. least is the default of
// detalhe, and the least that may be asked for.
func parseRules(mode, policy, detail string, least wire.Detail) (r rules, wrong []bookquery.Problem) {
	var err error
	r.detail = least
	if detail != "" {
		var ok bool
		if r.detail, ok = wire.ParseDetail(detail); !ok || r.detail < least {
			wrong = append(wrong, useOneOf("detalhe", details(least)))
		}
	}
	if r.mode, err = atp.ParseMode(mode); err != nil {
		wrong = append(wrong, useOneOf("modo", []string{atp.Alone.String(), atp.Together.String()}))
	}
	if r.policy, err = atp.ParsePolicy(policy); err != nil {
		wrong = append(wrong, useOneOf("politica", policies()))
	} else if policy != "" && r.mode != atp.Together {
		wrong = append(wrong, field("politica", "só vale com modo concorrente; tire politica, ou peça modo=concorrente",
			"goes with the mode concorrente only; leave politica out, or ask for modo=concorrente"))
	}
	return r, wrong
}

func details(least wire.Detail) []string {
	var names []string
	for d := least; d <= wire.Explained; d++ {
		names = append(names, d.String())
	}
	return names
}

func policies() []string {
	var names []string
	for _, p := range atp.Policies() {
		names = append(names, p.String())
	}
	return names
}

// useOneOf says which words a field takes.
func useOneOf(name string, words []string) bookquery.Problem {
	most, last := strings.Join(words[:len(words)-1], ", "), words[len(words)-1]
	return field(name, "use "+most+" ou "+last, "use "+most+" or "+last)
}
