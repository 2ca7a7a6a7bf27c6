package doctor_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ruptura/internal/doctor"
)

// program answers as a running program does, as far as the check looks. The trial session takes so
// many ms by its own account; it ends when its stream is told to.
func program(took int, end <-chan struct{}) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"vivo":true}`) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"pronto":true}`) })
	mux.HandleFunc("POST /api/ruptura/processar-lote", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"stream_url":"/api/ruptura/stream/X"}`)
	})
	mux.HandleFunc("GET /api/ruptura/stream/X", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "retry: 1000\n\ndata: {\"tipo\":\"inicio\"}\n\n")
		_ = http.NewResponseController(w).Flush()
		<-end
		_, _ = fmt.Fprintf(w, "data: {\"tipo\":\"completo\",\"duracao_ms\":%d}\n\n", took)
	})
	return mux
}

// whole answers what another handler does, all at once in the end, as a proxy that buffers.
func whole(h http.Handler, change func(http.ResponseWriter, []byte)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		maps.Copy(w.Header(), rec.Header())
		if rec.Header().Get("Content-Type") != "text/event-stream" {
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
			return
		}
		change(w, rec.Body.Bytes())
	})
}

func answer(code int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	})
}

// instead has one path answered by another handler.
func instead(h http.Handler, path string, other http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			other.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// ticking is a clock on which every look takes a second.
func ticking() func() time.Time {
	now := time.Now()
	return func() time.Time { now = now.Add(time.Second); return now }
}

func TestServer(t *testing.T) {
	ended := make(chan struct{})
	close(ended)
	const stream, batch = "/api/ruptura/stream/X", "/api/ruptura/processar-lote"
	good := program(300, ended)
	for _, c := range []struct {
		name  string
		given http.Handler
		now   func() time.Time
		want  []string
	}{
		{"a quick trial", program(20, ended), time.Now, []string{"server.reachable", "stream.quick"}},
		{"a stream as it should be", program(1_500, ended), ticking(), []string{"server.reachable", "stream.unbuffered"}},
		{"another program", answer(http.StatusOK, "<html>"), time.Now, []string{"server.other"}},
		{"a database out of reach", instead(good, "/readyz", answer(http.StatusServiceUnavailable, `{"verificacoes":{"fonte":"indisponivel"}}`)),
			ticking(), []string{"server.reachable", "server.not-ready", "stream.unbuffered"}},
		{"bodies are refused", instead(good, batch, answer(http.StatusRequestEntityTooLarge, "")), time.Now, []string{"server.reachable", "server.refused"}},
		{"a full queue", instead(good, batch, answer(http.StatusTooManyRequests, "")), time.Now, []string{"server.reachable", "server.refused"}},
		{"no stream", instead(good, stream, answer(http.StatusBadGateway, "")), time.Now, []string{"server.reachable", "stream.refused"}},
		{"a length is known", whole(good, func(w http.ResponseWriter, body []byte) {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body)
		}), time.Now, []string{"server.reachable", "stream.buffered"}},
		{"compressed", whole(good, func(w http.ResponseWriter, body []byte) {
			w.Header().Set("Content-Encoding", "gzip")
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = z.Write(body)
			_ = z.Close()
			_, _ = w.Write(b.Bytes())
		}), time.Now, []string{"server.reachable", "stream.compressed"}},
		{"delivered at the end", whole(good, func(w http.ResponseWriter, body []byte) {
			_ = http.NewResponseController(w).Flush()
			_, _ = w.Write(body)
		}), slow(t), []string{"server.reachable", "stream.buffered"}},
		{"cut off", instead(good, stream, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "data: {}\n\n")
			_ = http.NewResponseController(w).Flush()
		})), time.Now, []string{"server.reachable", "stream.broken"}},
		{"nobody works", instead(good, stream, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "data: {\"tipo\":\"inicio\"}\n\ndata: {\"tipo\":\"pulso\"}\n\n")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})), time.Now, []string{"server.reachable", "stream.unbuffered", "server.idle"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(c.given)
			defer server.Close()
			if diff := cmp.Diff(c.want, codes(t, server.URL+"/", c.now)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// slow is a clock on which the stream's first byte comes late and the rest at once: its looks are at
// the start and end of the first request, at the stream's request, first byte and end.
func slow(t *testing.T) func() time.Time {
	t.Helper()
	start := time.Now()
	looks := []time.Duration{0, 0, 0, time.Second, time.Second}
	return func() time.Time {
		at := looks[0]
		if len(looks) > 1 {
			looks = looks[1:]
		}
		return start.Add(at)
	}
}

func codes(t *testing.T, url string, now func() time.Time) []string {
	t.Helper()
	sections, err := doctor.Run(t.Context(), []doctor.Check{doctor.Server(url, now)})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range sections[0].Findings {
		all = append(all, f.Code)
		if (f.Level == doctor.OK) != (f.Mend.PT == "") || f.What.PT == f.What.EN {
			t.Errorf("%+v", f)
		}
	}
	return slices.DeleteFunc(all, func(code string) bool { return code == "server.clock" })
}

func TestServerOutOfReach(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	if diff := cmp.Diff([]string{"server.unreachable"}, codes(t, server.URL, time.Now)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCheckURL(t *testing.T) {
	for address, good := range map[string]bool{
		"http://127.0.0.1:8080": true, "https://ruptura.example.com/base": true, "ruptura.example.com": false, "ftp://x": false,
		"http://": false, "http://user:secret@x": false, "http://x?y": false, ":": false,
	} {
		if err := doctor.CheckURL(address); (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
	}
}
