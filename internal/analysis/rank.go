package analysis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/session"
	"ruptura/internal/source"
)

// Ranker sorts the orders of a session by the results in its log.
func Ranker(store session.Store) bookquery.Ranker {
	return func(ctx context.Context, asked bookquery.Ranking) ([]atp.OrderNumber, error) {
		if asked.Contested {
			if err := wantTogether(ctx, store, asked.Session); err != nil {
				return nil, err
			}
		}
		var results []rankedOrder
		err := eachResult(ctx, store, asked.Session, func(r *loggedResult) error {
			if !r.Success || asked.Contested && !r.contested() {
				return nil
			}
			key, err := r.key(asked.By)
			results = append(results, rankedOrder{r.Order, key})
			return err
		})
		if err != nil {
			return nil, err
		}
		sorted := slices.Contains([]source.Column{bookquery.ByAvailability, bookquery.ByCriticality, bookquery.ByAtRisk}, asked.By)
		if !sorted {
			return numbersOf(results), nil
		}
		slices.SortFunc(results, func(a, b rankedOrder) int {
			order := cmp.Compare(a.key, b.key)
			if asked.Descending {
				order = -order
			}
			return cmp.Or(order, cmp.Compare(a.number, b.number))
		})
		return numbersOf(results), nil
	}
}

func numbersOf(results []rankedOrder) []atp.OrderNumber {
	numbers := make([]atp.OrderNumber, len(results))
	for i := range results {
		numbers[i] = results[i].number
	}
	return numbers
}

// wantTogether refuses a session that looks at each order alone.
func wantTogether(ctx context.Context, store session.Store, id string) error {
	status, err := store.Status(ctx, session.ID(id))
	switch {
	case errors.Is(err, session.ErrUnknown):
		return fmt.Errorf("%w: %w", bookquery.ErrSession, err)
	case err != nil:
		return fmt.Errorf("mode of the session: %w", err)
	case status.Mode != atp.Together:
		return bookquery.ErrMode
	}
	return nil
}

// rankedOrder is an order with what it is sorted by: larger means more available, more critical
// or more money at risk.
type rankedOrder struct {
	number atp.OrderNumber
	key    int64
}

func (r *loggedResult) key(by source.Column) (int64, error) {
	if by == bookquery.ByAvailability {
		return int64(r.Available), nil
	}
	if by == bookquery.ByAtRisk {
		m, err := atp.ParseMoney(r.Summary.AtRisk.String())
		return int64(m), err
	}
	return int64(atp.ParseCriticality(r.Summary.Criticality)), nil
}
