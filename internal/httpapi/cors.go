package httpapi

import (
	"net/http"
	"slices"
	"strings"
)

// What pages of other origins may send, and read of an answer, beside what all may.
const (
	corsMethods = "GET, HEAD, POST, DELETE"
	corsHeaders = "Content-Type, Idempotency-Key, Accept-Language, Last-Event-ID, Cache-Control"
	corsExposed = "Retry-After, Location, Age"
	// corsMaxAge is for how long, in seconds, a browser need not ask again.
	corsMaxAge = "600"
)

// cors lets pages of the origins allowed, and of no other, use the API and the script. There are no
// cookies in it: nobody is known by one here. Answers differ by Origin, which caches must know.
func (s *server) cors(next http.Handler) http.Handler {
	if len(s.Origins) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.shared(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if !slices.Contains(s.Origins, origin) {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", corsExposed)
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Methods", corsMethods)
			h.Set("Access-Control-Allow-Headers", corsHeaders)
			h.Set("Access-Control-Max-Age", corsMaxAge)
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// shared reports whether a path is one that pages of other origins may use.
func (s *server) shared(path string) bool {
	below, ok := strings.CutPrefix(path, s.BasePath)
	return ok && (strings.HasPrefix(below, "/api/") || strings.HasPrefix(below, "/static/"))
}
