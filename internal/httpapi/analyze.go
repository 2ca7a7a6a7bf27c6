package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/source"
	"ruptura/internal/wire"
)

// onlyParams refuses query parameters that an operation does not know: a typo must not be ignored.
func onlyParams(q url.Values, known ...string) error {
	var wrong []bookquery.Problem
	for name, values := range q {
		switch {
		case !slices.Contains(known, name):
			wrong = append(wrong, field(shorten(name), "parâmetro desconhecido; veja /docs", "unknown parameter; see /docs"))
		case len(values) > 1:
			wrong = append(wrong, field(name, "informe uma só vez", "give it once only"))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.SortFunc(wrong, func(a, b bookquery.Problem) int { return strings.Compare(a.Field, b.Field) })
	return invalid(wrong...)
}

// flag reads a parameter that is true or false, which it is when absent; else it adds to what is wrong.
func flag(q url.Values, name string, wrong []bookquery.Problem) (bool, []bookquery.Problem) {
	switch q.Get(name) {
	case "", "false":
		return false, wrong
	case "true":
		return true, wrong
	}
	return false, append(wrong, field(name, "use true ou false", "use true or false"))
}

// analyze is GET /api/ruptura/analisar/{pedido}: one order, now, from the source.
func (s *server) analyze(w http.ResponseWriter, r *http.Request) error {
	asked, err := analyzeQuery(r)
	if err != nil {
		return err
	}
	if asked.cached && s.CacheTTL <= 0 {
		return cacheOff
	}
	start := s.Now()
	plan := analysis.Plan{Params: s.Params(start), Mode: asked.mode, Policy: asked.policy, Priority: s.Priority, Detail: asked.detail}
	form := wire.Form{Detail: asked.detail, Lang: language(r)}
	key := answerKey{asked.order, plan.Params, asked.detail}
	if asked.cached {
		if a, age, ok := s.cache.get(key, start); ok {
			w.Header().Set("Age", strconv.Itoa(int(age/time.Second)))
			a.reading.Cached = true
			return sendJSON(w, r, http.StatusOK, wire.AppendResult(nil, &a.answer, form, a.reading))
		}
	}
	a, err := s.answer(r, asked.order, plan)
	if err != nil {
		return err
	}
	if plan.Mode == atp.Alone { // else it would keep what no cache may answer with
		s.cache.put(key, start, a)
	}
	return sendJSON(w, r, http.StatusOK, wire.AppendResult(make([]byte, 0, 2048), &a.answer, form, a.reading))
}

// cachedAnswer is an answer with how it was read.
type cachedAnswer struct {
	answer  wire.Answer
	reading wire.Reading
}

// answer analyses one order afresh.
func (s *server) answer(r *http.Request, number atp.OrderNumber, plan analysis.Plan) (cachedAnswer, error) {
	ctx, cancel := withSourceTimeout(r.Context())
	defer cancel()
	start := time.Now()
	book, err := analysis.Read(ctx, s.Source, []atp.OrderNumber{number}, plan)
	if err != nil {
		return cachedAnswer{}, fmt.Errorf("analyse one order: %w", err)
	}
	answer, err := book.Answer(number)
	if err != nil {
		return cachedAnswer{}, fmt.Errorf("analyse one order: %w", err)
	}
	return cachedAnswer{answer, wire.Reading{At: book.ReadAt(), Query: book.Query, Total: time.Since(start)}}, nil
}

// analyzeRequest is what is asked for of an order.
type analyzeRequest struct {
	rules

	order atp.OrderNumber
	// cached allows an answer that was made before.
	cached bool
}

func analyzeQuery(r *http.Request) (asked analyzeRequest, err error) {
	q := r.URL.Query()
	text := r.PathValue("pedido")
	known := []string{"modo", "politica", "detalhe", "cache"}
	if text == "" {
		known = append(known, "pedido")
		text = q.Get("pedido")
	}
	if err := onlyParams(q, known...); err != nil {
		return asked, err
	}
	if problem := orderProblem("pedido", text); problem != nil {
		return asked, invalid(*problem)
	}
	asked.order = atp.OrderNumber(text)
	var wrong []bookquery.Problem
	asked.rules, wrong = parseRules(q.Get("modo"), q.Get("politica"), q.Get("detalhe"), wire.Items)
	asked.cached, wrong = flag(q, "cache", wrong)
	switch {
	case len(wrong) > 0:
		return asked, invalid(wrong...)
	case asked.cached && asked.mode == atp.Together:
		return asked, cacheTogether
	}
	return asked, nil
}

// projection is GET /api/ruptura/produto/{cod}/projecao, and with ?cod= for a code that no path can
// hold: what is on its way tidies "." and ".." away, and may take a slash for one of its own.
func (s *server) projection(w http.ResponseWriter, r *http.Request) error {
	asked, err := projectionQuery(r)
	if err != nil {
		return err
	}
	product := asked.product
	ctx, cancel := withSourceTimeout(r.Context())
	defer cancel()
	snapshot, err := s.Source.Read(ctx, source.Query{Products: []atp.ProductCode{product}})
	if err != nil {
		return fmt.Errorf("read a product: %w", err)
	}
	params := s.Params(s.Now())
	if err := s.exists(ctx, snapshot, product, params); err != nil {
		return err
	}
	p, err := atp.Project(snapshot, params, product, asked.days)
	if err != nil {
		return err
	}
	return sendJSON(w, r, http.StatusOK, wire.AppendProjection(nil, &p, asked.reservations, snapshot.ReadAt))
}

// exists tells a product without stock or plans from a code that nobody knows.
func (s *server) exists(ctx context.Context, snapshot *atp.Snapshot, product atp.ProductCode, p atp.Params) error {
	if len(snapshot.Stock)+len(snapshot.Reservations)+len(snapshot.Receipts) > 0 {
		return nil
	}
	page, err := s.Source.Book(ctx, source.BookQuery{
		Filter: source.Filter{Product: product}, StaleBefore: p.StaleBefore(), Limit: 1,
	})
	if err != nil {
		return fmt.Errorf("look for a product: %w", err)
	}
	if page.Total == 0 {
		return source.ErrNotFound
	}
	return nil
}

// projectionRequest is what is asked for of a product.
type projectionRequest struct {
	product atp.ProductCode
	days    int
	// reservations asks for those behind each day.
	reservations bool
}

func projectionQuery(r *http.Request) (asked projectionRequest, err error) {
	q := r.URL.Query()
	text := r.PathValue("cod")
	known := []string{"dias", "detalhe"}
	if text == "" {
		known = append(known, "cod")
		text = q.Get("cod")
	}
	if err := onlyParams(q, known...); err != nil {
		return asked, err
	}
	if problem := orderProblem("cod", text); problem != nil {
		return asked, invalid(*problem)
	}
	asked = projectionRequest{product: atp.ProductCode(text), days: 28}
	if text := q.Get("dias"); text != "" {
		asked.days, err = strconv.Atoi(text)
	}
	if err != nil || asked.days < 1 || asked.days > atp.MaxProjection {
		return asked, invalid(field("dias",
			fmt.Sprintf("use um número de 1 a %d", atp.MaxProjection), fmt.Sprintf("use a number from 1 to %d", atp.MaxProjection)))
	}
	switch q.Get("detalhe") {
	case "":
	case "saidas":
		asked.reservations = true
	default:
		return asked, invalid(field("detalhe", "use saidas", "use saidas"))
	}
	return asked, nil
}
