package analysis

import (
	"cmp"
	"context"
	"encoding/json"
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
	return func(ctx context.Context, id string, by source.Column, descending bool) ([]atp.OrderNumber, error) {
		results, err := ranked(ctx, store, session.ID(id))
		if errors.Is(err, session.ErrUnknown) {
			return nil, fmt.Errorf("%w: %w", bookquery.ErrSession, err)
		}
		if err != nil {
			return nil, err
		}
		slices.SortFunc(results, func(a, b rankedResult) int {
			order := cmp.Compare(a.key(by), b.key(by))
			if descending {
				order = -order
			}
			return cmp.Or(order, cmp.Compare(a.Order, b.Order))
		})
		numbers := make([]atp.OrderNumber, len(results))
		for i := range results {
			numbers[i] = results[i].Order
		}
		return numbers, nil
	}
}

// rankedResult is the part of a result object that orders are sorted by.
type rankedResult struct {
	Success   bool            `json:"success"`
	Order     atp.OrderNumber `json:"num_pedido"`
	Available int             `json:"percentual_disponibilidade"`
	Summary   struct {
		Criticality string `json:"criticidade"`
	} `json:"resumo"`
}

// key is the sort key: larger means more available, or more critical.
func (r *rankedResult) key(by source.Column) int {
	if by == bookquery.ByAvailability {
		return r.Available
	}
	return int(atp.ParseCriticality(r.Summary.Criticality))
}

// eventsPerCall bounds how much of a log is decoded at a time.
const eventsPerCall = 100

// ranked reads the successful results of a log.
func ranked(ctx context.Context, store session.Store, id session.ID) ([]rankedResult, error) {
	var all []rankedResult
	for after := int64(0); ; {
		events, err := store.Events(ctx, id, after, eventsPerCall)
		if err != nil {
			return nil, fmt.Errorf("results of the session: %w", err)
		}
		if len(events) == 0 {
			return all, nil
		}
		for _, e := range events {
			var lot struct {
				Results []rankedResult `json:"resultados"`
			}
			if err := json.Unmarshal(e.Data, &lot); err != nil {
				return nil, fmt.Errorf("event %d: %w", e.ID, err)
			}
			for i := range lot.Results {
				if lot.Results[i].Success {
					all = append(all, lot.Results[i])
				}
			}
		}
		after = events[len(events)-1].ID
	}
}
