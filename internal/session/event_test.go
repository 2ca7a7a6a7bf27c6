package session_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ruptura/internal/session"
)

func TestStartEvent(t *testing.T) {
	s := &session.Session{ID: "ABC", Spec: *spec(45, 20, 2)}
	want := `{"id":1,"tipo":"inicio","session_id":"ABC","total_pedidos":45,"lotes":3,"workers":2,"modo":"isolado"}`
	if got := string(session.StartEvent(s)); got != want {
		t.Errorf("StartEvent = %s\nwant %s", got, want)
	}
}

func TestResultsEvent(t *testing.T) {
	body := []byte(`"lote":3,"resultados":[]`)
	got := string(session.ResultsEvent(4, session.Counters{Processed: 40, Failed: 2, Total: 45}, body))
	want := `{"id":4,"tipo":"resultados","processados":40,"com_erro":2,"total_pedidos":45,"progresso":88.8,` + string(body) + `}`
	if got != want {
		t.Errorf("ResultsEvent = %s\nwant %s", got, want)
	}
}

func TestResultsEventIsJSONWhateverTheCounters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(1, 1_000_000).Draw(t, "total")
		c := session.Counters{Processed: rapid.IntRange(0, total).Draw(t, "processed"), Total: total}
		var got struct {
			Progress json.Number `json:"progresso"`
		}
		if err := json.Unmarshal(session.ResultsEvent(2, c, []byte(`"lote":1`)), &got); err != nil {
			t.Fatal(err)
		}
		tenths := session.Progress(c.Processed, total)
		if want := fmt.Sprintf("%d.%d", tenths/10, tenths%10); got.Progress.String() != want {
			t.Fatalf("progresso %s, want %s", got.Progress, want)
		}
	})
}

func TestCompleteEvent(t *testing.T) {
	c := session.Counters{Processed: 45, Failed: 2, Total: 45}
	for _, clock := range []struct {
		took time.Duration
		want int
	}{{1234 * time.Millisecond, 1234}, {-time.Second, 0}} {
		want := fmt.Sprintf(`{"id":5,"tipo":"completo","completo":true,"processados":45,"com_erro":2,"total_pedidos":45,"duracao_ms":%d}`, clock.want)
		if got := string(session.CompleteEvent(5, c, clock.took)); got != want {
			t.Errorf("CompleteEvent = %s\nwant %s", got, want)
		}
	}
}

func TestErrorEvent(t *testing.T) {
	got := string(session.ErrorEvent(3, session.Counters{Processed: 20, Failed: 1, Total: 45}, "linha\nnova </script>"))
	want := `{"id":3,"tipo":"erro","error":"linha\nnova \u003c/script\u003e","processados":20,"total_pedidos":45}`
	if got != want {
		t.Errorf("ErrorEvent = %s\nwant %s", got, want)
	}
}
