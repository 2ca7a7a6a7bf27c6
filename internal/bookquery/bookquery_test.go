package bookquery

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

func TestParse(t *testing.T) {
	day := func(s string) atp.Day {
		d, err := atp.ParseDay(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	base := func(change func(*Query)) Query {
		q := Query{BookQuery: source.BookQuery{Sort: source.ByNeed, Limit: DefaultLimit}}
		change(&q)
		return q
	}
	tests := map[string]struct {
		query string
		want  Query
	}{
		"nothing":             {"", base(func(*Query) {})},
		"empty form":          {"q=&uf=&importante=&necessidade_de=", base(func(*Query) {})},
		"text is trimmed":     {"q=+s%C3%A3o+paulo+", base(func(q *Query) { q.Text = "são paulo" })},
		"state in lower case": {"uf=sp", base(func(q *Query) { q.UF = "SP" })},
		"not important":       {"importante=false", base(func(q *Query) { q.Important = new(false) })},
		"need dates": {"necessidade_de=2026-03-01&necessidade_ate=2026-03-31", base(func(q *Query) {
			q.NeedFrom, q.NeedTo = day("2026-03-01"), day("2026-03-31")
		})},
		"product":    {"produto=00500", base(func(q *Query) { q.Product = "00500" })},
		"descending": {"ordem=-valor_total", base(func(q *Query) { q.Sort, q.Descending = source.ByValue, true })},
		"by results": {"ordem=criticidade&sessao=aB_9-z", base(func(q *Query) { q.Sort, q.Session = ByCriticality, "aB_9-z" })},
		"largest":    {"limite=2000&cursor=abc", base(func(q *Query) { q.Limit, q.Cursor = 2000, "abc" })},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := url.ParseQuery(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			got, problems := Parse(v)
			if len(problems) > 0 {
				t.Fatalf("problems: %v", problems)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			again, problems := Parse(got.Values())
			if diff := cmp.Diff(got, again); diff != "" || len(problems) > 0 {
				t.Errorf("Values does not read back: %s %v", diff, problems)
			}
		})
	}
}

func TestParseProblems(t *testing.T) {
	tests := map[string]struct{ query, field string }{
		"unknown":           {"pedido=1", "pedido"},
		"twice":             {"uf=SP&uf=RJ", UF},
		"long":              {"q=" + strings.Repeat("a", 201), Text},
		"control character": {"q=a%0Ab", Text},
		"broken UTF-8":      {"q=%ff", Text},
		"long state":        {"uf=SPX", UF},
		"state of digits":   {"uf=12", UF},
		"important":         {"importante=maybe", Important},
		"date":              {"necessidade_de=31/03/2026", NeedFrom},
		"dates swapped":     {"necessidade_de=2026-03-02&necessidade_ate=2026-03-01", NeedTo},
		"column":            {"ordem=senha", Order},
		"bare minus":        {"ordem=-", Order},
		"no session":        {"ordem=disponibilidade", Order},
		"session":           {"sessao=a/b", Session},
		"limit zero":        {"limite=0", Limit},
		"limit too large":   {"limite=2001", Limit},
		"limit not number":  {"limite=x", Limit},
		"long product":      {"produto=" + strings.Repeat("9", 51), Product},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := url.ParseQuery(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			_, problems := Parse(v)
			if len(problems) != 1 || problems[0].Field != tt.field {
				t.Fatalf("got %v, want one problem of %s", problems, tt.field)
			}
			if problems[0].Text.PT == "" || problems[0].Text.EN == "" {
				t.Error("a language is missing")
			}
		})
	}
}

func TestParseFilterRefusesListingFields(t *testing.T) {
	_, problems := ParseFilter(url.Values{Limit: {"10"}, UF: {"SP"}})
	if len(problems) != 1 || problems[0].Field != Limit {
		t.Errorf("got %v", problems)
	}
}

// book is a source that knows order numbers alone.
type book struct {
	source.Source
	numbers []atp.OrderNumber
}

func (b book) Numbers(context.Context, source.NumbersQuery) ([]atp.OrderNumber, error) {
	return b.numbers, nil
}

func (b book) Book(_ context.Context, q source.BookQuery) (source.BookPage, error) {
	var page source.BookPage
	numbers := q.Numbers
	if numbers == nil {
		start, _ := strconv.Atoi(q.Cursor)
		end := min(start+q.Limit, len(b.numbers))
		if numbers = b.numbers[start:end]; end < len(b.numbers) {
			page.Next = strconv.Itoa(end)
		}
	}
	for _, n := range numbers {
		page.Orders = append(page.Orders, source.BookOrder{Number: n})
	}
	return page, nil
}

func TestPageByResults(t *testing.T) {
	src := book{numbers: []atp.OrderNumber{"1", "2", "3", "4", "5"}}
	rank := func(context.Context, Ranking) ([]atp.OrderNumber, error) {
		return []atp.OrderNumber{"4", "9", "2", "1"}, nil
	}
	q := Query{BookQuery: source.BookQuery{Sort: ByAvailability, Limit: 2}, Session: "s"}
	var got []atp.OrderNumber
	for {
		page, err := Page(t.Context(), src, q, rank)
		if err != nil || page.Total != 5 {
			t.Fatalf("total %d, %v", page.Total, err)
		}
		for _, o := range page.Orders {
			got = append(got, o.Number)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if want := []atp.OrderNumber{"4", "2", "1", "3", "5"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: closed orders left out, unanalysed ones last", got, want)
	}
}

func TestWalk(t *testing.T) {
	numbers := make([]atp.OrderNumber, 2*MaxLimit+1)
	for i := range numbers {
		numbers[i] = atp.OrderNumber(strconv.Itoa(i))
	}
	rank := func(context.Context, Ranking) ([]atp.OrderNumber, error) {
		return []atp.OrderNumber{"4000", "2"}, nil
	}
	for name, q := range map[string]Query{
		"by a column": {BookQuery: source.BookQuery{Limit: 2, Cursor: "1"}},
		"by results":  {BookQuery: source.BookQuery{Limit: 2, Cursor: "r1", Sort: ByAtRisk}, Session: "s"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []atp.OrderNumber
			err := Walk(t.Context(), book{numbers: numbers}, q, rank, func(orders []source.BookOrder) error {
				for _, o := range orders {
					got = append(got, o.Number)
				}
				return nil
			})
			want := numbers
			if q.ByResults() {
				want = slices.Concat([]atp.OrderNumber{"4000", "2"}, numbers[:2], numbers[3:4000])
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%d orders, the first %q, %v", len(got), got[:3], err)
			}
		})
	}
	stop := errors.New("enough")
	if err := Walk(t.Context(), book{numbers: numbers}, Query{}, nil, func([]source.BookOrder) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("went on after an error: %v", err)
	}
}

func TestPageByResultsErrors(t *testing.T) {
	q := Query{BookQuery: source.BookQuery{Sort: ByAvailability, Limit: 2}, Session: "s"}
	if _, err := Page(t.Context(), book{}, q, nil); !errors.Is(err, ErrSession) {
		t.Errorf("without a ranker: %v", err)
	}
	q.Cursor = "x1"
	if _, err := Page(t.Context(), book{}, q, nil); !errors.Is(err, source.ErrCursor) {
		t.Errorf("with a foreign cursor: %v", err)
	}
}

func TestContested(t *testing.T) {
	src := book{numbers: []atp.OrderNumber{"1", "2", "3", "4", "5"}}
	for _, c := range []struct {
		sort source.Column
		desc bool
		want []atp.OrderNumber
	}{
		{"", false, []atp.OrderNumber{"1", "2", "4"}}, // as the book has them
		{source.ByClient, true, []atp.OrderNumber{"1", "2", "4"}},
		{ByAtRisk, true, []atp.OrderNumber{"4", "2", "1"}}, // as the results have them
	} {
		rank := func(_ context.Context, asked Ranking) ([]atp.OrderNumber, error) {
			if want := (Ranking{"s", c.sort, c.desc, true}); asked != want {
				t.Errorf("asked for %+v, want %+v", asked, want)
			}
			return []atp.OrderNumber{"4", "9", "2", "1"}, nil
		}
		q := Query{BookQuery: source.BookQuery{Sort: c.sort, Descending: c.desc, Limit: 2}, Session: "s", Contested: true}
		var got []atp.OrderNumber
		for {
			page, err := Page(t.Context(), src, q, rank)
			if err != nil || page.Total != 3 {
				t.Fatalf("total %d, %v", page.Total, err)
			}
			for _, o := range page.Orders {
				got = append(got, o.Number)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.sort, got, c.want)
		}
	}
}

func TestContestedNeedsASession(t *testing.T) {
	q, problems := Parse(url.Values{"disputa": {"true"}, "sessao": {"S"}})
	if len(problems) > 0 || !q.Contested || q.Values().Encode() != "disputa=true&sessao=S" {
		t.Errorf("%+v, %v", q, problems)
	}
	for _, v := range []url.Values{{"disputa": {"true"}}, {"disputa": {"talvez"}, "sessao": {"S"}}} {
		if _, problems := Parse(v); len(problems) != 1 || problems[0].Field != Contested {
			t.Errorf("%v: %v", v, problems)
		}
	}
}
