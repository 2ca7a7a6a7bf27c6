package bookquery

import (
	"context"
	"slices"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// Outcome is what a session found out about one order.
type Outcome struct {
	Order atp.OrderNumber
	// OK tells that nothing is short; Failure, when not empty, why the order could not be
	// analysed, and then nothing else is set.
	OK      bool
	Failure string
	// Contested tells that it is fine alone, but short among all others.
	Contested bool
	// Available is the share of the order's quantity that can ship, 0..100.
	Available                  int
	Criticality                atp.Criticality
	ItemsAvailable, ItemsShort int
	AvailableValue, AtRisk     atp.Money
	// Whole is the day from which the whole order can ship: zero without a forecast, and for an
	// order that is OK the day on which the data was read.
	Whole atp.Day
	// OnTime is nil where the order has no need date; DaysLate is 0 where it is not known.
	OnTime   *bool
	DaysLate int
	// Contest is what is told beside where all orders compete, nil where each is looked at alone.
	Contest *Contest
	// ReadAt is when the data behind it was read.
	ReadAt time.Time
}

// Contest is how an order fares alone, and why it fares worse among all others.
type Contest struct {
	// Rank is the order's place in the sequence in which all are served, from 1, and Of how many there are.
	Rank, Of int
	// AloneAvailable is the share of its quantity that could ship if it were the only one, 0..100;
	// AloneWhole the day from which all of it could, as [Outcome.Whole].
	AloneAvailable int
	AloneWhole     atp.Day
	// Cause is the order that takes most of what is missing, empty where the answer alone is no better.
	Cause       atp.OrderNumber
	CauseClient string
}

// Outcomes lists what a session has found out so far, by order. For a session that does not exist
// its error wraps [ErrSession].
type Outcomes func(ctx context.Context, session string) (map[atp.OrderNumber]Outcome, error)

// Walk hands out every order that a query matches, in its sequence and some at a time, without
// regard to its limit and cursor. It ends with the first error: the source's, rank's or visit's.
func Walk(ctx context.Context, src source.Source, q Query, rank Ranker, visit func([]source.BookOrder) error) error {
	q.Limit, q.Cursor = MaxLimit, ""
	if q.ByResults() {
		return walkRanked(ctx, src, q, rank, visit)
	}
	for {
		page, err := src.Book(ctx, q.BookQuery)
		if err != nil {
			return err
		}
		if err := visit(page.Orders); err != nil {
			return err
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// walkRanked sorts once, not once for each page.
func walkRanked(ctx context.Context, src source.Source, q Query, rank Ranker, visit func([]source.BookOrder) error) error {
	numbers, err := ranked(ctx, src, q, rank)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(numbers, q.Limit) {
		page, err := src.Book(ctx, source.BookQuery{Numbers: some, StaleBefore: q.StaleBefore, Limit: q.Limit})
		if err != nil {
			return err
		}
		if err := visit(page.Orders); err != nil {
			return err
		}
	}
	return nil
}
