package bookquery

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// ErrSession says that the session named in a query is unknown, or gone.
var ErrSession = errors.New("bookquery: unknown session")

// Ranker lists the orders that a session has analysed, sorted by their results: [ByAvailability]
// [ByCriticality] or [ByAtRisk]. For a session that does not exist its error wraps [ErrSession].
type Ranker func(ctx context.Context, session string, by source.Column, descending bool) ([]atp.OrderNumber, error)

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
	results, err := rank(ctx, q.Session, q.Sort, q.Descending)
	if err != nil {
		return nil, err
	}
	matching, err := src.Numbers(ctx, source.NumbersQuery{Filter: q.Filter, StaleBefore: q.StaleBefore})
	if err != nil {
		return nil, err
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
