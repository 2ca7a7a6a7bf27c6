package session

import (
	"encoding/json"
	"strconv"
	"time"
)

// Counters are a session's totals as an event reports them.
type Counters struct {
	Processed, Failed, Total int
}

// StartEvent is the data of `inicio`, event 1.
func StartEvent(s *Session) []byte {
	return mustMarshal(struct {
		ID      int64  `json:"id"`
		Kind    string `json:"tipo"`
		Session ID     `json:"session_id"`
		Orders  int    `json:"total_pedidos"`
		Lots    int    `json:"lotes"`
		Workers int    `json:"workers"`
		Mode    string `json:"modo"`
		Policy  string `json:"politica,omitempty"`
	}{1, "inicio", s.ID, len(s.Orders), s.Lots(), s.Workers, s.Mode.String(), s.PolicyName()})
}

// ResultsEvent is the data of `resultados`: progress, then the body as the worker made it.
func ResultsEvent(id int64, c Counters, body []byte) []byte {
	b := make([]byte, 0, len(body)+140)
	b = append(b, `{"id":`...)
	b = strconv.AppendInt(b, id, 10)
	b = append(b, `,"tipo":"resultados","processados":`...)
	b = strconv.AppendInt(b, int64(c.Processed), 10)
	b = append(b, `,"com_erro":`...)
	b = strconv.AppendInt(b, int64(c.Failed), 10)
	b = append(b, `,"total_pedidos":`...)
	b = strconv.AppendInt(b, int64(c.Total), 10)
	b = append(b, `,"progresso":`...)
	b = appendTenths(b, Progress(c.Processed, c.Total))
	b = append(b, ',')
	b = append(b, body...)
	return append(b, '}')
}

// CompleteEvent is the data of `completo`. The clocks of two machines may disagree, but no session
// takes less than no time.
func CompleteEvent(id int64, c Counters, took time.Duration) []byte {
	return mustMarshal(struct {
		ID        int64  `json:"id"`
		Kind      string `json:"tipo"`
		Complete  bool   `json:"completo"`
		Processed int    `json:"processados"`
		Failed    int    `json:"com_erro"`
		Total     int    `json:"total_pedidos"`
		Took      int64  `json:"duracao_ms"`
	}{id, "completo", true, c.Processed, c.Failed, c.Total, max(took, 0).Milliseconds()})
}

// ErrorEvent is the data of `erro`, the early end.
func ErrorEvent(id int64, c Counters, message string) []byte {
	return mustMarshal(struct {
		ID        int64  `json:"id"`
		Kind      string `json:"tipo"`
		Error     string `json:"error"`
		Processed int    `json:"processados"`
		Total     int    `json:"total_pedidos"`
	}{id, "erro", message, c.Processed, c.Total})
}

func appendTenths(b []byte, tenths int) []byte {
	b = strconv.AppendInt(b, int64(tenths/10), 10)
	return append(b, '.', byte('0'+tenths%10))
}

// mustMarshal encodes a struct of strings and numbers, which cannot fail.
func mustMarshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
