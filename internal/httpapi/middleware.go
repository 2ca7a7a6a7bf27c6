package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// policy lets pages load nothing but our own files: no inline script or style, no other host.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard stands before everything: security headers, whose requests are taken at all, and panics.
func (s *server) guard(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, foreignOrigin)
	}))
	checked := sameOrigin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if s.CheckHost && !s.knownHost(r.Host) {
			writeProblem(w, r, foreignHost)
			return
		}
		defer s.survive(w, r)
		checked.ServeHTTP(w, r)
	})
}

// survive turns a panic of one request into its 500. The server's own way to give up stays.
func (s *server) survive(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // a panic value, compared as net/http does
		panic(p)
	}
	s.Log.Error("panic in a request", "route", r.Pattern, "panic", p, "stack", string(debug.Stack()))
	writeProblem(w, r, internalError)
}

// knownHost reports whether a Host header names this machine or a configured name.
func (s *server) knownHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || slices.Contains(s.Hosts, host)
}

// answer remembers the status and lets http.ResponseController reach what it wraps.
type answer struct {
	http.ResponseWriter
	status int
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// sessionHeader names the session that a request made, for programs and for the log line.
const sessionHeader = "X-Ruptura-Session"

// instrument times a request, counts it under its route and writes its one log line.
func (s *server) instrument(route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		a := &answer{ResponseWriter: w}
		// An error here means a connection without deadlines, as in tests; streams set their own.
		_ = http.NewResponseController(w).SetWriteDeadline(start.Add(shortWrite))
		next.ServeHTTP(a, r)
		if a.status == 0 {
			a.status = http.StatusOK
		}
		took := time.Since(start)
		s.Observe.Request(route, r.Method, a.status, took)
		attributes := []any{"method", r.Method, "route", route, "status", a.status, "took", took}
		if id := r.PathValue("session"); id != "" {
			attributes = append(attributes, "session", id)
		} else if id := a.Header().Get(sessionHeader); id != "" {
			attributes = append(attributes, "session", id)
		}
		s.Log.Info("request", attributes...)
	})
}

// noRoute answers what the mux has no pattern for under /api/: another method, or no such path.
func (s *server) noRoute(mux *http.ServeMux) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		var allowed []string
		for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			probe := r.Clone(r.Context())
			probe.Method = m
			if _, pattern := mux.Handler(probe); pattern != "/api/" && pattern != "" {
				allowed = append(allowed, m)
			}
		}
		if len(allowed) == 0 {
			return noSuchRoute
		}
		if slices.Contains(allowed, http.MethodGet) {
			allowed = append(allowed, http.MethodHead)
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return methodNotAllowed
	}
}
