package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/lang"
	"ruptura/internal/session"
	"ruptura/internal/source"
)

// problem is an error as clients see it (RFC 9457, with two members that older pages read). Its
// text says what is wrong and what to do, and nothing of the inside.
type problem struct {
	status int
	// code is stable: programs may tell problems apart by it.
	code   string
	detail lang.Text
	fields []bookquery.Problem
	// retryAfter is in seconds; 0 sends no Retry-After.
	retryAfter int
}

func (p *problem) Error() string { return p.code + ": " + p.detail.EN }

// problemJSON is the body of an answer that reports a problem.
type problemJSON struct {
	Title   string      `json:"title"`
	Status  int         `json:"status"`
	Detail  string      `json:"detail"`
	Code    string      `json:"codigo"`
	Success bool        `json:"success"`
	Error   string      `json:"error"`
	Fields  []fieldJSON `json:"errors,omitempty"`
}

type fieldJSON struct {
	Field   string `json:"campo"`
	Message string `json:"mensagem"`
}

var titles = map[int]lang.Text{
	http.StatusBadRequest:            {PT: "Pedido malformado", EN: "Bad request"},
	http.StatusForbidden:             {PT: "Acesso recusado", EN: "Forbidden"},
	http.StatusNotFound:              {PT: "Não encontrado", EN: "Not found"},
	http.StatusMethodNotAllowed:      {PT: "Método não permitido", EN: "Method not allowed"},
	http.StatusRequestEntityTooLarge: {PT: "Corpo grande demais", EN: "Body too large"},
	http.StatusUnsupportedMediaType:  {PT: "Tipo de conteúdo não aceito", EN: "Unsupported content type"},
	http.StatusMisdirectedRequest:    {PT: "Nome de servidor não permitido", EN: "Host name not allowed"},
	http.StatusUnprocessableEntity:   {PT: "Dados inválidos", EN: "Invalid data"},
	http.StatusTooManyRequests:       {PT: "Ocupado", EN: "Busy"},
	http.StatusInternalServerError:   {PT: "Erro interno", EN: "Internal error"},
	http.StatusServiceUnavailable:    {PT: "Indisponível", EN: "Unavailable"},
}

// meanings are the domain's errors as problems. The first that fits counts.
var meanings = []struct {
	err     error
	problem *problem
}{
	{session.ErrUnknown, unknownSession},
	{bookquery.ErrSession, unknownSession},
	{bookquery.ErrMode, noContest},
	{session.ErrBeyond, beyondLog},
	{session.ErrKeyReused, keyReused},
	{session.ErrBusy, queueFull},
	{session.ErrTooLarge, batchTooLarge}, // which is an ErrFull too
	{session.ErrFull, logFull},
	{session.ErrEmpty, noOrders},
	{session.ErrUnavailable, storeDown},
	{atp.ErrOrderNotFound, orderNotFound},
	{source.ErrNotFound, productNotFound},
	{source.ErrCursor, badCursor},
	{atp.ErrOverflow, tooLarge},
	{source.ErrUnusable, sourceUnusable},
	{source.ErrUnavailable, sourceDown},
	{context.DeadlineExceeded, sourceDown},
}

// known maps an error to a problem.
func known(err error) *problem {
	if p := (*problem)(nil); errors.As(err, &p) {
		return p
	}
	for _, m := range meanings {
		if errors.Is(err, m.err) {
			return m.problem
		}
	}
	return internalError
}

// clientGone is the status, by custom, of a request whose client left before the answer.
const clientGone = 499

// fail answers with the problem that an error is. Only errors nobody foresaw are logged here;
// the rest is in the request's line.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := known(err)
	// What we refuse ourselves is told all the same: a body that stops arriving ends the context
	// too, and its sender may still listen.
	if r.Context().Err() != nil && !errors.As(err, new(*problem)) {
		w.WriteHeader(clientGone)
		return
	}
	if p == internalError || p == sourceDown || p == storeDown || p == sourceUnusable {
		s.Log.Error("request failed", "route", routeOf(r), "error", err)
	}
	writeProblem(w, r, p)
}

// body is the problem in a language.
func (p *problem) body(l lang.Lang) problemJSON {
	b := problemJSON{
		Title: titles[p.status].In(l), Status: p.status, Detail: p.detail.In(l), Code: p.code, Error: p.detail.In(l),
	}
	for _, f := range p.fields {
		b.Fields = append(b.Fields, fieldJSON{f.Field, f.Text.In(l)})
	}
	return b
}

func writeProblem(w http.ResponseWriter, r *http.Request, p *problem) {
	if err := sendProblem(w, r, p, p.body(language(r))); err != nil { // strings and numbers always marshal
		panic(err)
	}
}

// sendProblem sends a problem whose body may say more than all do.
func sendProblem(w http.ResponseWriter, r *http.Request, p *problem, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode a problem: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", language(r).String())
	h.Set("Cache-Control", "no-store")
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	send(w, r, p.status, b)
	return nil
}

// send writes a whole body. A client that has gone is no error of ours.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	limitWrite(w)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

func sendJSON(w http.ResponseWriter, r *http.Request, status int, body []byte) error {
	w.Header().Set("Content-Type", "application/json")
	send(w, r, status, body)
	return nil
}

// language is that of the request.
func language(r *http.Request) lang.Lang { return lang.Match(r.Header.Get("Accept-Language")) }
