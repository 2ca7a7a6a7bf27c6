package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/session"
	"ruptura/internal/wire"
)

// eventsPerPoll bounds the events of one status answer.
const eventsPerPoll = 100

// statusAnswer is what the status address answers.
type statusAnswer struct {
	Success   bool            `json:"success"`
	Session   session.ID      `json:"session_id"`
	State     string          `json:"status"`
	Mode      string          `json:"modo"`
	Policy    string          `json:"politica,omitempty"`
	Orders    int             `json:"total_pedidos"`
	Processed int             `json:"processados"`
	Failed    int             `json:"com_erro"`
	Progress  json.RawMessage `json:"progresso"`
	Lots      int             `json:"lotes"`
	LotsDone  int             `json:"lotes_concluidos"`
	Workers   int             `json:"workers"`
	Created   *string         `json:"criado_em"`
	Begun     *string         `json:"iniciado_em"`
	Done      *string         `json:"concluido_em"`
	LastEvent int64           `json:"ultimo_evento"`
	// Events is nil unless asked for, then perhaps empty.
	Events []json.RawMessage `json:"eventos,omitzero"`
}

// status is GET /api/ruptura/status/{session}.
func (s *server) status(w http.ResponseWriter, r *http.Request) error {
	if err := onlyParams(r.URL.Query(), "desde"); err != nil {
		return err
	}
	id := session.ID(r.PathValue("session"))
	status, err := s.Service.Store.Status(r.Context(), id)
	if err != nil {
		return err
	}
	tenths := status.Progress()
	a := statusAnswer{
		Success: true, Session: id, State: status.State.String(), Mode: status.Mode.String(),
		Orders: status.Orders, Processed: status.Processed, Failed: status.Failed,
		Progress: json.RawMessage(fmt.Sprintf("%d.%d", tenths/10, tenths%10)),
		Lots:     status.Lots, LotsDone: status.LotsDone, Workers: status.Workers,
		Created: s.instant(status.Created), Begun: s.instant(status.Begun), Done: s.instant(status.Done),
		LastEvent: status.LastEvent,
	}
	if status.Mode == atp.Together {
		a.Policy = status.Policy.String()
	}
	if a.Events, err = s.polled(r, id); err != nil {
		return err
	}
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode status: %w", err)
	}
	return sendJSON(w, r, http.StatusOK, b)
}

// polled is the events after desde, for clients that cannot stream; without desde it is nil.
func (s *server) polled(r *http.Request, id session.ID) (raw []json.RawMessage, err error) {
	if !r.URL.Query().Has("desde") {
		return raw, nil
	}
	after, err := eventID(r.URL.Query().Get("desde"))
	if err != nil {
		return nil, err
	}
	events, err := s.Service.Store.Events(r.Context(), id, after, eventsPerPoll)
	if err != nil {
		return nil, err
	}
	raw = make([]json.RawMessage, len(events))
	for i, e := range events {
		raw[i] = e.Data
	}
	return raw, nil
}

// cancel is DELETE /api/ruptura/status/{session}.
func (s *server) cancel(w http.ResponseWriter, r *http.Request) error {
	if err := onlyParams(r.URL.Query()); err != nil {
		return err
	}
	if err := s.Service.Cancel(r.Context(), session.ID(r.PathValue("session"))); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// instant writes an instant as the company's clock shows it, or null for the zero one. Who kept it may
// be in another time zone.
func (s *server) instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.In(s.Now().Location()).Format(wire.InstantFormat)
	return &text
}
