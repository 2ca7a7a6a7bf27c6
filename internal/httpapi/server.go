// Package httpapi is the program's HTTP surface: the JSON API, the event stream, health and
// metrics, and the limits on what a stranger may send. It knows no engine; the page and the
// documentation are handlers it is given.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/lang"
	"ruptura/internal/session"
	"ruptura/internal/source"
)

// Config is what the API works with.
type Config struct {
	Source  source.Source
	Service *session.Service
	// Keeper names what keeps the sessions, when that is not this process: "o Redis".
	Keeper lang.Text
	// Rank sorts the order book by a session's results.
	Rank bookquery.Ranker
	// Params are the rules of an analysis that begins at an instant.
	Params func(now time.Time) atp.Params
	Now    func() time.Time
	// Priority is who is served first where all orders compete.
	Priority atp.Priority
	// Workers is how many there are, in this process or in all, and so how many jobs of a new
	// session may be under way at once.
	Workers func(context.Context) (int, error)
	// LotSize and ReadSize are those of new sessions.
	LotSize, ReadSize int
	// CacheTTL is how old an answer to ?cache=true may be; 0 refuses such requests.
	CacheTTL time.Duration
	// CheckHost refuses requests for a host that is neither loopback nor one of Hosts: a page
	// elsewhere whose name is made to point here (DNS rebinding) must not read the order book.
	CheckHost bool
	Hosts     []string
	// BasePath stands before every path but those that probes and Prometheus ask the process itself
	// for: "" or "/path", without a slash at its end. Page and Docs get requests without it.
	BasePath string
	// Origins are those, beside our own, whose pages may use the API.
	Origins []string
	// Page serves the screen, Docs the readable API description, Metrics what Prometheus reads.
	Page, Docs, Metrics http.Handler
	Observe             Observer
	Log                 *slog.Logger
	// Closing ends open streams when it is closed.
	Closing <-chan struct{}
}

// Observer is told what happens, for metrics.
type Observer interface {
	Request(route, method string, status int, took time.Duration)
	StreamOpened()
	StreamClosed()
}

// server answers requests.
type server struct {
	Config
	cache  *answerCache
	checks []*check
}

// New builds the handler of everything.
func New(c Config) http.Handler {
	s := &server{Config: c, cache: newAnswerCache(c.CacheTTL)}
	s.checks = s.newChecks()
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.Handle(r.method+" "+r.pattern, r.handler)
	}
	mux.Handle("GET /docs", c.Docs)
	mux.Handle("GET /docs/", c.Docs)
	mux.Handle("GET /metrics", c.Metrics)
	mux.Handle("/api/", s.api(s.noRoute(mux)))
	mux.Handle("/api", s.api(s.noRoute(mux))) // else the mux would send to /api/, without the base path
	mux.Handle("/", c.Page)
	return s.instrument(s.guard(s.mount(mux)))
}

// Route is one documented operation.
type route struct {
	method, pattern string
	handler         http.Handler
}

// Routes lists method and pattern of every operation of the API, as its description must.
func Routes() [][2]string {
	var list [][2]string
	for _, r := range (&server{}).routes() {
		list = append(list, [2]string{r.method, r.pattern})
	}
	return list
}

func (s *server) routes() []route {
	return []route{
		{"POST", "/api/ruptura/processar-lote", s.api(s.processBatch)},
		{"GET", "/api/ruptura/stream/{session}", s.api(s.stream)},
		{"GET", "/api/ruptura/status/{session}", s.api(s.status)},
		{"DELETE", "/api/ruptura/status/{session}", s.api(s.cancel)},
		{"GET", "/api/ruptura/analisar/{pedido}", s.api(s.analyze)},
		{"GET", "/api/ruptura/analisar", s.api(s.analyze)},
		{"GET", "/api/ruptura/produto/{cod}/projecao", s.api(s.projection)},
		{"GET", "/api/ruptura/produto/projecao", s.api(s.projection)},
		{"GET", "/api/ruptura/prioridade", s.api(s.priority)},
		{"GET", "/api/carteira/pedidos", s.api(s.orders)},
		{"GET", "/healthz", s.api(s.alive)},
		{"GET", "/readyz", s.api(s.ready)},
		{"GET", "/openapi.json", http.HandlerFunc(s.openAPI)},
	}
}

// api makes a handler of one that may fail: its error becomes a problem in the request's
// language, and no answer is kept by anybody.
func (s *server) api(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Add("Vary", "Accept-Language")
		_, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil { // what cannot be read must not be left out
			err = invalid(field(wholeAddress,
				"os parâmetros do endereço estão mal escritos (; se escreve %3B, e % se escreve %25)",
				"the parameters of the address are malformed (; is written %3B, and % is written %25)"))
		} else {
			err = h(w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// sourceTimeout bounds what one request may ask of the source.
const sourceTimeout = 30 * time.Second

func withSourceTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, sourceTimeout)
}
