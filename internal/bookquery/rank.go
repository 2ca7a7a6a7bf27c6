package bookquery

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// ErrSession says that the session named in a query is unknown, or gone.
var ErrSession = errors.New("bookquery: unknown session")

// ErrMode says that a session has looked at each order alone, so that it knows of no contest.
var ErrMode = errors.New("bookquery: session looks at each order alone")

// Ranking asks for the orders that a session has analysed.
type Ranking struct {
	Session string
	// By is what they are sorted by: [ByAvailability], [ByCriticality] or [ByAtRisk]; the sequence in
	// which they were analysed when it is another column.
	By         source.Column
	Descending bool
	// Contested leaves out all but those that are fine alone and short among all others.
	Contested bool
}

// Ranker lists the orders that a session has analysed. For a session that does not exist its error
// wraps [ErrSession]; for Contested and one that looks at each order alone, [ErrMode].
type Ranker func(ctx context.Context, asked Ranking) ([]atp.OrderNumber, error)

// rankCursor marks a cursor of a listing sorted by results: a place in the ranking.
const rankCursor = "r"

// Page answers a query, whether sorted by a column of the source or by a session's results.
// Orders without a result come last. Errors are those of the source and of rank; a nil rank knows
// no session.
func Page(ctx context.Context, src source.Source, q Query, rank Ranker) (source.BookPage, error) {
	if !q.ByResults() {
		return src.Book(ctx, q.BookQuery)
	}
	start, err := rankPlace(q.Cursor)
	if err != nil {
		return source.BookPage{}, err
	}
	numbers, err := ranked(ctx, src, q, rank)
	if err != nil {
		return source.BookPage{}, err
	}
	total := len(numbers)
	start = min(start, total)
	end := min(start+q.Limit, total)
	page, err := src.Book(ctx, source.BookQuery{Numbers: numbers[start:end], StaleBefore: q.StaleBefore, Limit: q.Limit})
	if err != nil {
		return source.BookPage{}, err
	}
	page.Total, page.Next = total, ""
	if end < total {
		page.Next = rankCursor + strconv.Itoa(end)
	}
	return page, nil
}

// ranked is every order that matches the filter, in the sequence of the session's results.
func ranked(ctx context.Context, src source.Source, q Query, rank Ranker) ([]atp.OrderNumber, error) {
	if rank == nil {
		return nil, ErrSession
	}
	results, err := rank(ctx, Ranking{q.Session, q.Sort, q.Descending, q.Contested})
	if err != nil {
		return nil, err
	}
	matching, err := matching(ctx, src, q)
	if err != nil {
		return nil, err
	}
	if q.Contested {
		return narrow(results, matching, q.sortsResults()), nil
	}
	open := make(map[atp.OrderNumber]bool, len(matching))
	for _, n := range matching {
		open[n] = true
	}
	numbers := make([]atp.OrderNumber, 0, len(matching))
	for _, list := range [][]atp.OrderNumber{results, matching} {
		for _, n := range list {
			if open[n] {
				open[n] = false
				numbers = append(numbers, n)
			}
		}
	}
	return numbers, nil
}

// matching is every order that matches the filter, in the sequence asked for where the source knows it.
func matching(ctx context.Context, src source.Source, q Query) ([]atp.OrderNumber, error) {
	if q.sortsResults() || (q.Sort == "" || q.Sort == source.ByNeed) && !q.Descending {
		return src.Numbers(ctx, source.NumbersQuery{Filter: q.Filter, StaleBefore: q.StaleBefore})
	}
	var numbers []atp.OrderNumber
	q.Contested = false
	err := Walk(ctx, src, q, nil, func(some []source.BookOrder) error {
		for i := range some {
			numbers = append(numbers, some[i].Number)
		}
		return nil
	})
	return numbers, err
}

// narrow keeps what is in both lists, in the sequence of the results or of the orders that match.
func narrow(results, matching []atp.OrderNumber, byResults bool) []atp.OrderNumber {
	sequence, among := matching, results
	if byResults {
		sequence, among = results, matching
	}
	wanted := make(map[atp.OrderNumber]bool, len(among))
	for _, n := range among {
		wanted[n] = true
	}
	return slices.DeleteFunc(slices.Clone(sequence), func(n atp.OrderNumber) bool { return !wanted[n] })
}

func rankPlace(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	digits, ok := strings.CutPrefix(cursor, rankCursor)
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 0 {
		return 0, source.ErrCursor
	}
	return n, nil
}
