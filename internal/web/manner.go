package web

import (
	"net/url"
	"slices"
	"strings"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/lang"
	"ruptura/internal/reason"
	"ruptura/internal/source"
)

// Parameters that say how orders are analysed.
const (
	modeParam   = "modo"
	policyParam = "politica"
)

// manner is how orders are analysed, by the names on the wire. The mode is empty where there is no
// choice of modes, the policy unless orders compete.
type manner struct{ mode, policy string }

// together reports whether orders compete.
func (m manner) together() bool { return m.mode == atp.Together.String() }

// set puts a manner into an address, in its shortest form.
func (m manner) set(values url.Values) {
	if !m.together() {
		return
	}
	values.Set(modeParam, m.mode)
	if m.policy != atp.WholeLines.String() {
		values.Set(policyParam, m.policy)
	}
}

// choosesMode tells whether there is anything to choose.
func (p *bookPage) choosesMode() bool { return len(p.Modes) > 1 }

// takeManner takes the manner out of an address. What it does not know it leaves there, to be told of like any
// other parameter that means nothing.
func (p *bookPage) takeManner(values url.Values) manner {
	if !p.choosesMode() {
		return manner{}
	}
	m := manner{mode: p.Modes[0]}
	if mode := values.Get(modeParam); mode == "" || slices.Contains(p.Modes, mode) {
		values.Del(modeParam)
		if mode != "" {
			m.mode = mode
		}
	}
	if !m.together() {
		return m
	}
	policy, err := atp.ParsePolicy(values.Get(policyParam))
	m.policy = policy.String()
	if err == nil {
		values.Del(policyParam)
	}
	return m
}

// addresses makes those of the page, which all keep the manner.
type addresses struct {
	base string
	manner
}

func (p *bookPage) addresses(prefs preferences) addresses { return addresses{p.BasePath, prefs.manner} }

// at is the page with a query: change makes it from the present one, which starts over at the
// first row.
func (a addresses) at(q bookquery.Query, change func(*bookquery.Query)) string {
	q.Cursor = ""
	change(&q)
	v := pageValues(q)
	a.set(v)
	return a.page(v)
}

// all is the page without any filter.
func (a addresses) all() string {
	v := url.Values{}
	a.set(v)
	return a.page(v)
}

// orderPlace stands for an order's number in an address that a script completes.
const orderPlace = "{pedido}"

// orderLink is the page with one order, whose number takes the place of orderPlace.
func (a addresses) orderLink() string {
	address := a.all()
	if strings.Contains(address, "?") {
		return address + "&" + bookquery.Text + "=" + orderPlace
	}
	return address + "?" + bookquery.Text + "=" + orderPlace
}

func (a addresses) page(v url.Values) string {
	if len(v) == 0 {
		return a.base + "/carteira"
	}
	return a.base + "/carteira?" + v.Encode()
}

// analysed is the page with a query analysed in another manner. A session's results are those of its own
// manner, so that nothing of the query that depends on them is kept.
func (a addresses) analysed(q bookquery.Query, m manner) string {
	a.manner = m
	return a.at(q, dropResults)
}

// dropResults takes out of a query what depends on the results of a session.
func dropResults(q *bookquery.Query) {
	if sortsResults(*q) {
		q.Sort, q.Descending = source.ByNeed, false
	}
	q.Session, q.Contested = "", false
}

// sortsResults reports whether a query sorts by the results of a session.
func sortsResults(q bookquery.Query) bool {
	_, ok := resultWords[q.Sort]
	return ok
}

// contestView offers the manners of an analysis, where there is a choice.
type contestView struct {
	Modes, Policies []choice
	// Hint tells what the chosen mode means, PolicyHint the policy.
	Hint, PolicyHint string
	// Priority is in which sequence orders are served, in words; with Clients in theirs.
	Priority, Clients string
}

// contest offers the modes of an analysis and, where orders compete, the policies.
func (p *bookPage) contest(v *view, prefs preferences, q bookquery.Query) {
	if !p.choosesMode() {
		return
	}
	a := p.addresses(prefs)
	v.Mode, v.Policy = prefs.mode, prefs.policy
	c := &contestView{Hint: v.T[prefs.mode+"Hint"]}
	for _, mode := range p.Modes {
		m := manner{mode: mode, policy: prefs.policy}
		if m.policy == "" {
			m.policy = atp.WholeLines.String()
		}
		c.Modes = append(c.Modes, choice{Value: mode, Text: v.T[mode], Address: a.analysed(q, m), Chosen: mode == prefs.mode})
	}
	if prefs.together() {
		p.policies(c, v.T, prefs, q)
	}
	if prefs.together() && p.Rank != nil && !q.Contested {
		v.Contests = a.at(q, func(n *bookquery.Query) { dropResults(n); n.Contested = true })
	}
	v.Contest = c
}

func (p *bookPage) policies(c *contestView, words map[string]string, prefs preferences, q bookquery.Query) {
	a := p.addresses(prefs)
	for _, policy := range atp.Policies() {
		name := policy.String()
		c.Policies = append(c.Policies, choice{
			Value: name, Text: words[name], Address: a.analysed(q, manner{prefs.mode, name}), Chosen: name == prefs.policy,
		})
	}
	c.PolicyHint = words[prefs.policy+"Hint"]
	c.Priority = priorityWords(p.Priority, prefs.lang)
	c.Clients = clientWords(p.Priority.Clients)
}

// maxClients is how many clients of a priority's list the page names.
const maxClients = 8

func clientWords(clients []string) string {
	if len(clients) > maxClients {
		clients = append(slices.Clone(clients[:maxClients]), "…")
	}
	return strings.Join(clients, ", ")
}

// priorityWords is a priority as an analyst would say it: the first criterion, then the next.
func priorityWords(by atp.Priority, l lang.Lang) string {
	var words []string
	for _, c := range by.Criteria {
		words = append(words, reason.Criterion(c).In(l))
	}
	return strings.Join(words, "; ")
}
