package analysis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/session"
)

// Outcomes lists the results in a session's log, as far as it has come.
func Outcomes(store session.Store) bookquery.Outcomes {
	return func(ctx context.Context, id string) (map[atp.OrderNumber]bookquery.Outcome, error) {
		all := map[atp.OrderNumber]bookquery.Outcome{}
		err := eachResult(ctx, store, id, func(r *loggedResult) error {
			outcome, err := r.outcome()
			all[r.Order] = outcome
			return err
		})
		if err != nil {
			return nil, err
		}
		return all, nil
	}
}

// loggedResult is what listings need of a result object.
type loggedResult struct {
	Success   bool            `json:"success"`
	Error     string          `json:"error"`
	Order     atp.OrderNumber `json:"num_pedido"`
	OK        bool            `json:"pedido_ok"`
	Available int             `json:"percentual_disponibilidade"`
	ReadAt    time.Time       `json:"posicao_em"`
	Summary   struct {
		Criticality    string      `json:"criticidade"`
		ItemsShort     int         `json:"qtd_itens_ruptura"`
		ItemsAvailable int         `json:"qtd_itens_disponiveis"`
		AvailableValue json.Number `json:"valor_disponivel"`
		AtRisk         json.Number `json:"valor_com_ruptura"`
		Whole          *string     `json:"data_disponibilidade_total"`
		OnTime         *bool       `json:"no_prazo"`
		DaysLate       int         `json:"dias_atraso"`
		// Alone is nil where each order is looked at alone.
		Alone *struct {
			OK        bool    `json:"pedido_ok"`
			Available int     `json:"percentual_disponibilidade"`
			Whole     *string `json:"data_disponibilidade_total"`
		} `json:"isolado"`
		Rank   int `json:"prioridade"`
		RankOf int `json:"prioridade_de"`
		Cause  *struct {
			Order  atp.OrderNumber `json:"num_pedido"`
			Client string          `json:"cliente"`
		} `json:"causa"`
	} `json:"resumo"`
}

// contested reports whether the order is fine alone and short among all others.
func (r *loggedResult) contested() bool {
	return !r.OK && r.Summary.Alone != nil && r.Summary.Alone.OK
}

func (r *loggedResult) outcome() (bookquery.Outcome, error) {
	if !r.Success {
		return bookquery.Outcome{Order: r.Order, Failure: r.Error}, nil
	}
	s := &r.Summary
	available, err1 := atp.ParseMoney(s.AvailableValue.String())
	atRisk, err2 := atp.ParseMoney(s.AtRisk.String())
	whole, err3 := r.whole(r.OK, s.Whole)
	contest, err4 := r.contest()
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return bookquery.Outcome{}, fmt.Errorf("result of order %q: %w", r.Order, err)
	}
	return bookquery.Outcome{
		Order: r.Order, OK: r.OK, Contested: r.contested(), Available: r.Available, Criticality: atp.ParseCriticality(s.Criticality),
		ItemsAvailable: s.ItemsAvailable, ItemsShort: s.ItemsShort, AvailableValue: available, AtRisk: atRisk,
		Whole: whole, OnTime: s.OnTime, DaysLate: s.DaysLate, Contest: contest, ReadAt: r.ReadAt,
	}, nil
}

// contest is what is told of the order where all compete, nil where it was looked at alone.
func (r *loggedResult) contest() (*bookquery.Contest, error) {
	s := &r.Summary
	if s.Alone == nil {
		return nil, nil //nolint:nilnil // there is none
	}
	whole, err := r.whole(s.Alone.OK, s.Alone.Whole)
	c := &bookquery.Contest{Rank: s.Rank, Of: s.RankOf, AloneAvailable: s.Alone.Available, AloneWhole: whole}
	if s.Cause != nil {
		c.Cause, c.CauseClient = s.Cause.Order, s.Cause.Client
	}
	return c, err
}

// whole is the day from which an order can ship, in the zone of the company, which the instant
// carries.
func (r *loggedResult) whole(ok bool, on *string) (atp.Day, error) {
	switch {
	case ok:
		y, m, d := r.ReadAt.Date()
		return atp.NewDay(y, m, d), nil
	case on == nil:
		return 0, nil
	}
	return atp.ParseDay(*on)
}

// eventsPerCall bounds how much of a log is decoded at a time.
const eventsPerCall = 100

// eachResult walks the results of a session's log. The error for a session that is not known wraps
// [bookquery.ErrSession].
func eachResult(ctx context.Context, store session.Store, id string, visit func(*loggedResult) error) error {
	for after := int64(0); ; {
		events, err := store.Events(ctx, session.ID(id), after, eventsPerCall)
		if errors.Is(err, session.ErrUnknown) {
			return fmt.Errorf("%w: %w", bookquery.ErrSession, err)
		}
		if err != nil {
			return fmt.Errorf("results of the session: %w", err)
		}
		if len(events) == 0 {
			return nil
		}
		for _, e := range events {
			if err := visitLot(e, visit); err != nil {
				return fmt.Errorf("event %d: %w", e.ID, err)
			}
		}
		after = events[len(events)-1].ID
	}
}

func visitLot(e session.Event, visit func(*loggedResult) error) error {
	var lot struct {
		Results []loggedResult `json:"resultados"`
	}
	if err := json.Unmarshal(e.Data, &lot); err != nil {
		return err
	}
	for i := range lot.Results {
		if err := visit(&lot.Results[i]); err != nil {
			return err
		}
	}
	return nil
}
