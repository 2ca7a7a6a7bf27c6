package web

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/session"
	"ruptura/internal/source"
)

// view is all that the template shows, already in words and addresses.
type view struct {
	Base, Lang, Theme string
	Assets            assets
	T                 map[string]string
	ReadAt            instant
	Languages, Themes []choice

	Rows    []row
	Columns []column
	Filter  filterView
	// FilterWire is the filter as a batch request takes it, "" where there is none for what is shown.
	FilterWire string
	// Early is the body of the request that begins the analysis, if it can be told.
	Early string
	// Session is the ID that the analysis will have.
	Session   session.ID
	Total     string
	Shown     string
	TotalRows int
	Limits    []choice
	First     string
	Next      string
	Clear     string
	Here      string

	Notice string
	// Resort is the order that a session would have given that is gone; the script adds another.
	Resort   *choice
	Problems []string
	// Failed says that there are no rows to show, Unusable that trying again will not give any.
	Failed, Unusable bool
	Filtered         bool
	// ByResults sorts by a session's results; nil where nothing ranks.
	ByResults *resultColumns
	Exports   []choice

	// Mode and Policy are how orders are analysed, empty where that is not said; Contest offers others,
	// nil where there is no choice.
	Mode, Policy string
	Contest      *contestView
	// Contests is the page with the orders that are fine alone and short together, short of a session; "" unless
	// orders compete.
	Contests string
	// OrderLink is the page with one order, whose number takes the place of {pedido}.
	OrderLink string

	// Worst are the places of the worst products, WithoutProduct the page that the script adds a
	// product to.
	Worst    []int
	BackHint string
	// ProjectionDays is how far a product's projection must reach to tell when it is back, Window
	// for how long nothing promised may be broken.
	ProjectionDays, Window int
	ProductsOpen           bool
	WithoutProduct         string
}

// resultColumns are the headings that sort by results: the value at risk, which has a column of
// its own, and those over the button, with Sorted for all of them.
type resultColumns struct {
	AtRisk  resultColumn
	Columns []resultColumn
	Sorted  string
}

// resultColumn is a heading whose Address lacks a session, which the script adds. Ready is the
// address with the session that sorts the page now.
type resultColumn struct {
	Text, Address, Ready, Sorted string
}

// worstProducts is how many of them the page names.
const worstProducts = 10

type instant struct{ ISO, Text string }

// choice is one of a few values that exclude each other.
type choice struct {
	Value, Text, Address string
	Chosen               bool
}

// column is a heading; Sorted is the aria-sort value, "" where it is not the one sorted by.
type column struct {
	Name, Text, Class, Address, Sorted string
}

type date struct {
	ISO, Text string
	Overdue   bool
}

type row struct {
	Number, Client, TaxID, City, UF, Salesperson string
	Ordered, Need                                date
	Value, Note                                  string
	Cents                                        int64
	Important                                    bool
}

type filterView struct {
	Text, Salesperson, Product, From, To string
	WithoutProduct                       string
	// Contested keeps the contested orders alone; WithoutContest is the page with all.
	Contested               bool
	WithoutContest          string
	States, Important, Sort []choice
	Limit, Session          string
	// Narrowed opens the fields that a narrow page folds away.
	Narrowed bool
}

func (p *bookPage) view(prefs preferences, out outcome) view {
	f := format{prefs.lang}
	now := p.Now()
	v := view{
		Base: p.BasePath, Lang: prefs.lang.String(), Theme: prefs.theme, Assets: p.assets,
		T:      p.words(prefs),
		ReadAt: instant{now.Format(time.RFC3339), f.clock(now)},
		Failed: out.err != nil, Unusable: out.unusable(), Notice: out.notice.In(prefs.lang),
		Total: f.count(out.page.Total), TotalRows: out.page.Total, Shown: f.count(len(out.page.Orders)),
		Clear: p.addresses(prefs).all(), ProductsOpen: prefs.products,
	}
	v.BackHint = strings.ReplaceAll(v.T["backHint"], "{0}", strconv.Itoa(p.Promise))
	v.ProjectionDays, v.Window = min(p.Promise+p.Window+1, atp.MaxProjection), p.Window
	for place := range worstProducts {
		v.Worst = append(v.Worst, place+1)
	}
	for _, problem := range out.problems {
		v.Problems = append(v.Problems, problem.Field+": "+problem.Text.In(prefs.lang))
	}
	today := p.Today()
	for _, o := range out.page.Orders {
		v.Rows = append(v.Rows, newRow(o, f, today))
	}
	p.navigation(&v, prefs, out)
	p.choices(&v, prefs, out.query)
	p.contest(&v, prefs, out.query)
	p.exports(&v, prefs, out.query)
	v.Resort = p.resort(v.T, prefs, out)
	if v.FilterWire != "" && len(v.Rows) > 0 {
		v.Session = session.NewID()
		v.Early = earlyRequest(v.FilterWire, prefs.manner, v.Rows)
	}
	return v
}

func (p *bookPage) words(prefs preferences) map[string]string {
	words := make(map[string]string, len(texts))
	for name, t := range texts {
		words[name] = t.In(prefs.lang)
	}
	return words
}

func newRow(o source.BookOrder, f format, today atp.Day) row {
	return row{
		Number: string(o.Number), Client: o.Client, TaxID: o.TaxID, City: o.City, UF: o.UF,
		Salesperson: o.Salesperson,
		Ordered:     date{o.Ordered.String(), f.day(o.Ordered), false},
		Need:        date{o.Need.String(), f.day(o.Need), o.Need.Known() && o.Need < today},
		Value:       f.money(o.Value), Cents: int64(o.Value), Note: o.Note, Important: o.Important,
	}
}

// pageValues differ from the listing's in their default number of rows, and keep a session only
// while it sorts.
func pageValues(q bookquery.Query) url.Values {
	if !q.ByResults() {
		q.Session = ""
	}
	v := q.Values()
	v.Del(bookquery.Limit)
	if q.Limit != pageLimit && q.Limit != 0 {
		v.Set(bookquery.Limit, strconv.Itoa(q.Limit))
	}
	return v
}

func (p *bookPage) navigation(v *view, prefs preferences, out outcome) {
	q, a := out.query, p.addresses(prefs)
	v.Here = a.at(q, func(n *bookquery.Query) { n.Cursor = q.Cursor })
	if q.Cursor != "" {
		v.First = a.at(q, func(*bookquery.Query) {})
	}
	if out.page.Next != "" {
		v.Next = a.at(q, func(n *bookquery.Query) { n.Cursor = out.page.Next })
	}
	v.Filtered = q.Filter != source.Filter{} || q.Contested
	if !q.Contested { // a session's results are no filter of a request: then the rows are what is analysed
		v.FilterWire = filterWire(q.Filter)
	}
	v.Columns = columns(a, v.T, q)
	if p.Rank != nil {
		v.ByResults = resultColumnsOf(a, v.T, q)
	}
	v.OrderLink = a.orderLink()
	v.WithoutProduct = a.at(q, func(n *bookquery.Query) { n.Product = "" })
}

func resultColumnsOf(a addresses, words map[string]string, q bookquery.Query) *resultColumns {
	column := func(by source.Column, text string, largest bool) resultColumn {
		c := resultColumn{Text: words[text]}
		descending := largest
		if q.Sort == by {
			c.Sorted = sorted(q.Descending)
			descending = !q.Descending
		}
		c.Address = a.at(q, sortBy(by, descending))
		if q.Session != "" {
			c.Ready = with(c.Address, bookquery.Session, q.Session)
		}
		return c
	}
	r := &resultColumns{AtRisk: column(bookquery.ByAtRisk, "riskColumn", true), Columns: []resultColumn{
		column(bookquery.ByAvailability, "availability", false), column(bookquery.ByCriticality, "criticality", true),
	}}
	for _, c := range r.Columns {
		r.Sorted += c.Sorted // one at most
	}
	return r
}

// resultWords are the names of the columns that results sort by.
var resultWords = map[source.Column]string{
	bookquery.ByAvailability: "availability", bookquery.ByCriticality: "criticality", bookquery.ByAtRisk: "riskColumn",
}

// resort offers the order whose session is gone, nil where none is.
func (p *bookPage) resort(words map[string]string, prefs preferences, out outcome) *choice {
	if p.Rank == nil || !sortsResults(out.wanted) {
		return nil
	}
	return &choice{
		Text:    strings.ReplaceAll(words["resort"], "{0}", strings.ToLower(words[resultWords[out.wanted.Sort]])),
		Address: p.addresses(prefs).at(out.query, sortBy(out.wanted.Sort, out.wanted.Descending)),
	}
}

// filterWire is the filter as a batch request takes it.
func filterWire(f source.Filter) string {
	fields := map[string]any{}
	for name, values := range bookquery.FilterValues(f) {
		fields[name] = values[0]
	}
	if f.Important != nil {
		fields[bookquery.Important] = *f.Important
	}
	text, err := json.Marshal(fields)
	if err != nil { // strings and booleans always marshal
		return "{}"
	}
	return string(text)
}

func sortBy(c source.Column, descending bool) func(*bookquery.Query) {
	return func(q *bookquery.Query) { q.Sort, q.Descending = c, descending }
}

func sorted(descending bool) string {
	if descending {
		return "descending"
	}
	return "ascending"
}

// headings are the columns of the table in their sequence. The largest values are looked for
// first, so those columns start descending.
var headings = []struct {
	by          source.Column
	text, class string
	largest     bool
}{
	{source.ByImportant, "important", "c-star", true},
	{source.ByNumber, "number", "c-number", false},
	{source.ByClient, "client", "c-client", false},
	{source.ByCity, "place", "c-place", false},
	{source.BySalesperson, "salesperson", "c-seller", false},
	{source.ByOrdered, "ordered", "c-date", false},
	{source.ByNeed, "need", "c-need", false},
	{source.ByValue, "value", "c-value", true},
}

func columns(a addresses, words map[string]string, q bookquery.Query) []column {
	var all []column
	for _, h := range headings {
		c := column{Name: string(h.by), Text: words[h.text], Class: h.class}
		descending := h.largest
		if q.Sort == h.by {
			c.Sorted = sorted(q.Descending)
			descending = !q.Descending
		}
		c.Address = a.at(q, sortBy(h.by, descending))
		all = append(all, c)
	}
	return all
}

// with adds a parameter to an address of the page.
func with(address, name, value string) string {
	u, err := url.Parse(address)
	if err != nil { // addresses here are made by this package
		return address
	}
	v := u.Query()
	v.Set(name, value)
	u.RawQuery = v.Encode()
	return u.String()
}
