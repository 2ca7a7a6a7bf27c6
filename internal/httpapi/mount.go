package httpapi

import "net/http"

// mount puts everything under the base path. What asks the process itself, not by way of the proxy
// that the path is for, finds health, readiness and metrics at the root too. Nothing else is there.
func (s *server) mount(next http.Handler) http.Handler {
	if s.BasePath == "" {
		return next
	}
	mux := http.NewServeMux() // it mends odd addresses while they are whole
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		mux.Handle("GET "+path, next)
	}
	mux.Handle(s.BasePath+"/", s.strip(next))
	mux.Handle("/", s.api(func(http.ResponseWriter, *http.Request) error { return outsideBase }))
	return mux
}

// strip hands requests on without the base path, and takes over what was found out about them: the
// log and the metrics know routes as they are everywhere.
func (s *server) strip(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.StripPrefix(s.BasePath, http.HandlerFunc(func(w http.ResponseWriter, below *http.Request) {
			defer func() {
				r.Pattern = below.Pattern
				r.SetPathValue("session", below.PathValue("session"))
			}()
			next.ServeHTTP(w, below)
		})).ServeHTTP(w, r)
	})
}
