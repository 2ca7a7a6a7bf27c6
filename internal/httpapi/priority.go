package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"

	"ruptura/internal/reason"
)

// priorityAnswer is who is served first where all orders compete.
type priorityAnswer struct {
	Success  bool            `json:"success"`
	Criteria []criterionJSON `json:"criterios"`
	Clients  []string        `json:"clientes"`
}

type criterionJSON struct {
	Key         string `json:"chave"`
	Descending  bool   `json:"decrescente"`
	Description string `json:"descricao"`
}

// priority is GET /api/ruptura/prioridade.
func (s *server) priority(w http.ResponseWriter, r *http.Request) error {
	if err := onlyParams(r.URL.Query()); err != nil {
		return err
	}
	a := priorityAnswer{Success: true, Criteria: []criterionJSON{}, Clients: append([]string{}, s.Priority.Clients...)}
	for _, c := range s.Priority.Criteria {
		key := c
		key.Descending = false
		a.Criteria = append(a.Criteria, criterionJSON{key.String(), c.Descending, reason.Criterion(c).In(language(r))})
	}
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode the priority: %w", err)
	}
	return sendJSON(w, r, http.StatusOK, b)
}
