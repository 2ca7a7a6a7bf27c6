// Package bookquery reads the query of the order book listing. The JSON listing, the page and the
// filter of a batch take the same fields, so that an address, a request and a saved filter always
// mean the same orders.
package bookquery

import (
	"net/url"
	"slices"
	"strconv"

	"ruptura/internal/lang"
	"ruptura/internal/source"
)

// Names of the fields, as on the wire.
const (
	Text        = "q"
	UF          = "uf"
	Salesperson = "vendedor"
	Important   = "importante"
	Product     = "produto"
	NeedFrom    = "necessidade_de"
	NeedTo      = "necessidade_ate"
	Order       = "ordem"
	Limit       = "limite"
	Cursor      = "cursor"
	Session     = "sessao"
	Contested   = "disputa"
)

// Columns that sort by the results of a session; they need [Query.Session].
const (
	ByAvailability source.Column = "disponibilidade"
	ByCriticality  source.Column = "criticidade"
	ByAtRisk       source.Column = "valor_com_ruptura"
)

// resultColumns are all of them.
var resultColumns = []source.Column{ByAvailability, ByCriticality, ByAtRisk}

// Rows of one page of the listing.
const (
	DefaultLimit = 100
	MaxLimit     = 2000
)

// Query is a page of the listing as it was asked for. StaleBefore is left for the caller to set:
// it depends on today, not on the query.
type Query struct {
	source.BookQuery
	// Session is the analysis whose results sort or narrow the listing, or empty.
	Session string
	// Contested keeps the orders that the session, one in which all orders compete, has found fine
	// alone and short among all others. It needs Session.
	Contested bool
}

// Problem says what is wrong with one field, and what to do.
type Problem struct {
	Field string
	Text  lang.Text
}

// ByResults reports whether the listing depends on a session's results, which no source knows.
func (q Query) ByResults() bool { return q.Contested || q.sortsResults() }

// sortsResults reports whether it is sorted by them.
func (q Query) sortsResults() bool { return slices.Contains(resultColumns, q.Sort) }

// Parse reads a whole query. Empty values count as absent, as forms send them. The query is of
// use only when there are no problems.
func Parse(v url.Values) (Query, []Problem) {
	p := parser{values: v}
	p.refuseUnknown(filterFields, listingFields)
	q := Query{Session: p.session()}
	q.Contested = p.contested(q.Session)
	q.Filter = p.filter()
	q.Sort, q.Descending = p.order(q.Session)
	q.Limit = p.limit()
	q.Cursor = p.text(Cursor, maxCursor)
	return q, p.problems
}

// Known reports whether [Parse] takes a field.
func Known(field string) bool {
	return slices.Contains(filterFields, field) || slices.Contains(listingFields, field)
}

// ParseFilter reads the fields that narrow the book and refuses all others.
func ParseFilter(v url.Values) (source.Filter, []Problem) {
	p := parser{values: v}
	p.refuseUnknown(filterFields)
	return p.filter(), p.problems
}

// Values is the query in its shortest form: what [Parse] reads back as the same query. Defaults
// are left out.
func (q Query) Values() url.Values {
	v := FilterValues(q.Filter)
	set := func(field, value string) {
		if value != "" {
			v.Set(field, value)
		}
	}
	if q.Sort != "" && (q.Sort != source.ByNeed || q.Descending) {
		set(Order, orderText(q.Sort, q.Descending))
	}
	if q.Limit != 0 && q.Limit != DefaultLimit {
		set(Limit, strconv.Itoa(q.Limit))
	}
	set(Cursor, q.Cursor)
	set(Session, q.Session)
	if q.Contested {
		set(Contested, "true")
	}
	return v
}

// FilterValues is the filter alone, in the form that [ParseFilter] reads.
func FilterValues(f source.Filter) url.Values {
	v := url.Values{}
	set := func(field, value string) {
		if value != "" {
			v.Set(field, value)
		}
	}
	set(Text, f.Text)
	set(UF, f.UF)
	set(Salesperson, f.Salesperson)
	set(Product, string(f.Product))
	if f.Important != nil {
		set(Important, strconv.FormatBool(*f.Important))
	}
	set(NeedFrom, f.NeedFrom.String())
	set(NeedTo, f.NeedTo.String())
	return v
}

func orderText(column source.Column, descending bool) string {
	if descending {
		return "-" + string(column)
	}
	return string(column)
}
