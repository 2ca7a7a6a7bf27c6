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

// guard stands before the routes: security headers, and whose requests are taken at all.
func (s *server) guard(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, foreignOrigin)
	}))
	for _, origin := range s.Origins {
		if err := sameOrigin.AddTrustedOrigin(origin); err != nil {
			panic(err) // settings admit nothing but origins
		}
	}
	checked := s.cors(sameOrigin.Handler(next))
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
		checked.ServeHTTP(w, r)
	})
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
	status int // 0 until the headers have gone
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	a.begun()
	return a.ResponseWriter.Write(b)
}

// FlushError sends what there is; the headers at least.
func (a *answer) FlushError() error {
	err := http.NewResponseController(a.ResponseWriter).Flush()
	if err == nil {
		a.begun()
	}
	return err
}

// begun notes the status that goes out when a handler names none.
func (a *answer) begun() {
	if a.status == 0 {
		a.status = http.StatusOK
	}
}

// shortWrite bounds an answer that is not a stream, from the request to its last byte, and again
// from when it is ready to be sent.
const shortWrite = time.Minute

// instrument is around everything: it times each request, refused or not, counts it under its
// route, writes its one log line, and turns a panic into a 500.
func (s *server) instrument(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		a := &answer{ResponseWriter: w}
		limitWrite(w)
		defer func() {
			a.begun()
			s.note(a, r, time.Since(start))
		}()
		defer s.survive(a, r)
		next.ServeHTTP(a, r)
	})
}

// limitWrite gives the client until then to take its answer. An error means a connection without
// deadlines, as in tests.
func limitWrite(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(shortWrite))
}

// survive turns a panic of one request into its 500, or breaks the connection off when a part of
// another answer has gone out already. The server's own way to give up stays.
func (s *server) survive(a *answer, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // a panic value, compared as net/http does
		panic(p)
	}
	s.Log.Error("panic in a request", "route", routeOf(r), "panic", p, "stack", string(debug.Stack()))
	if a.status != 0 {
		panic(http.ErrAbortHandler)
	}
	writeProblem(a, r, internalError)
}

// note counts and logs an answered request.
func (s *server) note(a *answer, r *http.Request, took time.Duration) {
	route := routeOf(r)
	s.Observe.Request(route, r.Method, a.status, took)
	attributes := []any{"method", r.Method, "route", route, "status", a.status, "took", took}
	if id := sessionOf(a, r); id != "" {
		attributes = append(attributes, "session", id)
	}
	s.Log.Info("request", attributes...)
}

// routeOf is the pattern that a request matched, never its path: that is the user's.
func routeOf(r *http.Request) string {
	if r.Pattern == "" {
		return "none"
	}
	if _, path, ok := strings.Cut(r.Pattern, " "); ok {
		return path
	}
	return r.Pattern
}

// sessionHeader names the session that a request made, for programs and for the log line; in a request it
// names the one that it is to make.
const sessionHeader = "X-Ruptura-Session"

// sessionOf is the session that a request is about, or made. What does not even look like one is
// the user's text, which is kept out of the log.
func sessionOf(a *answer, r *http.Request) string {
	id := r.PathValue("session")
	if id == "" {
		id = a.Header().Get(sessionHeader)
	}
	const most = 64
	isWord := func(c rune) bool {
		return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-'
	}
	if len(id) > most || strings.TrimFunc(id, isWord) != "" {
		return ""
	}
	return id
}

// noRoute answers what the mux has no pattern for under /api/: another method, or no such path.
func (s *server) noRoute(mux *http.ServeMux) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		var allowed []string
		for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			probe := r.Clone(r.Context())
			probe.Method = m
			if _, pattern := mux.Handler(probe); pattern != "/api/" && pattern != "/api" && pattern != "" {
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
