package web

import (
	"strconv"

	"ruptura/internal/bookquery"
	"ruptura/internal/lang"
	"ruptura/internal/source"
)

// limits are the numbers of rows that the page offers.
var limits = []int{100, pageLimit, bookquery.MaxLimit}

// choices fills in what the filters and switches offer, with what is chosen now.
func (p *bookPage) choices(v *view, prefs preferences, q bookquery.Query) {
	a := p.addresses(prefs)
	v.Filter = filterView{
		Text: q.Text, Salesperson: q.Salesperson, Product: string(q.Product),
		From: q.NeedFrom.String(), To: q.NeedTo.String(),
		WithoutProduct: a.at(q, func(n *bookquery.Query) { n.Product = "" }),
		States:         stateChoices(v.T, q.UF),
		Important:      importantChoices(v.T, q.Important),
		Sort:           sortChoices(v.T, q),
	}
	if v.Filter.Contested = q.Contested; q.Contested {
		v.Filter.WithoutContest = a.at(q, dropContest)
	}
	v.Filter.Narrowed = q.Filter != source.Filter{Text: q.Text}
	if q.ByResults() {
		v.Filter.Session = q.Session
	}
	if q.Limit != pageLimit && q.Limit != 0 {
		v.Filter.Limit = strconv.Itoa(q.Limit)
	}
	for _, n := range limits {
		v.Limits = append(v.Limits, choice{
			Text: format{prefs.lang}.count(n), Chosen: n == q.Limit,
			Address: a.at(q, func(next *bookquery.Query) { next.Limit = n }),
		})
	}
	for _, l := range []lang.Lang{lang.PT, lang.EN} {
		v.Languages = append(v.Languages, choice{
			Value: l.String(), Text: languageNames[l], Address: with(v.Here, langParam, l.String()), Chosen: l == prefs.lang,
		})
	}
	for _, theme := range themes {
		v.Themes = append(v.Themes, choice{
			Value: theme, Text: v.T[theme], Address: with(v.Here, themeParam, theme), Chosen: theme == prefs.theme,
		})
	}
}

func dropContest(q *bookquery.Query) { q.Contested = false }

var languageNames = map[lang.Lang]string{lang.PT: "PT", lang.EN: "EN"}

func stateChoices(words map[string]string, chosen string) []choice {
	all := []choice{{Text: words["all"], Chosen: chosen == ""}}
	known := chosen == ""
	for _, uf := range states {
		known = known || uf == chosen
		all = append(all, choice{Value: uf, Text: uf, Chosen: uf == chosen})
	}
	if !known { // an address may name a state that is not Brazilian; the form must not drop it
		all = append(all, choice{Value: chosen, Text: chosen, Chosen: true})
	}
	return all
}

func importantChoices(words map[string]string, chosen *bool) []choice {
	return []choice{
		{Text: words["any"], Chosen: chosen == nil},
		{Value: "true", Text: words["yes"], Chosen: chosen != nil && *chosen},
		{Value: "false", Text: words["no"], Chosen: chosen != nil && !*chosen},
	}
}

// sortChoices are for the narrow page, which has no headings to sort by, and keep the order of
// the wide one when it filters.
func sortChoices(words map[string]string, q bookquery.Query) []choice {
	var all []choice
	add := func(by source.Column, text string, descending bool) {
		chosen := q.Sort == by || q.Sort == "" && by == source.ByNeed
		value := string(by)
		if chosen {
			descending = q.Descending
		}
		if descending {
			value = "-" + value
		}
		all = append(all, choice{Value: value, Text: text, Chosen: chosen})
	}
	for _, h := range headings {
		add(h.by, words[h.text], h.largest)
	}
	if q.ByResults() {
		add(bookquery.ByAvailability, words["availability"], false)
		add(bookquery.ByCriticality, words["criticality"], true)
		add(bookquery.ByAtRisk, words["riskColumn"], true)
	}
	return all
}
