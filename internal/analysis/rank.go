package analysis

import (
	"cmp"
	"context"
	"slices"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/session"
	"ruptura/internal/source"
)

// Ranker sorts the orders of a session by the results in its log.
func Ranker(store session.Store) bookquery.Ranker {
	return func(ctx context.Context, id string, by source.Column, descending bool) ([]atp.OrderNumber, error) {
		var results []rankedOrder
		err := eachResult(ctx, store, id, func(r *loggedResult) error {
			if !r.Success {
				return nil
			}
			key, err := r.key(by)
			results = append(results, rankedOrder{r.Order, key})
			return err
		})
		if err != nil {
			return nil, err
		}
		slices.SortFunc(results, func(a, b rankedOrder) int {
			order := cmp.Compare(a.key, b.key)
			if descending {
				order = -order
			}
			return cmp.Or(order, cmp.Compare(a.number, b.number))
		})
		numbers := make([]atp.OrderNumber, len(results))
		for i := range results {
			numbers[i] = results[i].number
		}
		return numbers, nil
	}
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
