package web

import (
	"encoding/json"
	"strings"
)

// earlyRequest is the body of the batch request that the client sends for a page seen from its first row: so it can be
// sent before the table and the client have arrived. A manner is named only if it is not the usual one, as the client does.
func earlyRequest(filter string, how manner, rows []row) string {
	body := struct {
		Filter json.RawMessage `json:"filtro"`
		First  []string        `json:"primeiro"`
		Mode   string          `json:"modo,omitempty"`
		Policy string          `json:"politica,omitempty"`
	}{Filter: json.RawMessage(filter), First: make([]string, 0, len(rows))}
	if how.together() {
		body.Mode, body.Policy = how.mode, how.policy
	}
	for _, r := range rows {
		if number := strings.TrimSpace(r.Number); number != "" {
			body.First = append(body.First, number)
		}
	}
	text, err := json.Marshal(body)
	if err != nil { // texts, and JSON that this package made
		return ""
	}
	return string(text)
}
