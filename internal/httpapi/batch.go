package httpapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/session"
	"ruptura/internal/source"
	"ruptura/internal/wire"
)

// Limits of what a batch may hold.
const (
	maxBody     = 8 << 20
	maxOrders   = 50_000
	maxOrderLen = 50 // characters of an order number
	maxKey      = 200
)

// batchRequest is the body of processar-lote.
type batchRequest struct {
	Orders *[]string
	Filter map[string]json.RawMessage
	First  []string
	All    bool
	Mode   string
	Policy string
	Detail string

	rules rules // what Mode, Policy and Detail mean
}

// member is where a field of the body goes, nil for a name that is no field.
func (b *batchRequest) member(name string) any {
	switch name {
	case "pedidos":
		return &b.Orders
	case "filtro":
		return (*filterFields)(&b.Filter)
	case "primeiro":
		return &b.First
	case "todos":
		return &b.All
	case "modo":
		return &b.Mode
	case "politica":
		return &b.Policy
	case "detalhe":
		return &b.Detail
	}
	return nil
}

// batchAnswer is what processar-lote answers.
type batchAnswer struct {
	Success   bool       `json:"success"`
	Session   session.ID `json:"session_id"`
	Orders    int        `json:"total_pedidos"`
	Lots      int        `json:"lotes"`
	LotSize   int        `json:"tamanho_lote"`
	Workers   int        `json:"workers"`
	StreamURL string     `json:"stream_url"`
	StatusURL string     `json:"status_url"`
}

// processBatch is POST /api/ruptura/processar-lote.
func (s *server) processBatch(w http.ResponseWriter, r *http.Request) error {
	if err := onlyParams(r.URL.Query()); err != nil {
		return err
	}
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	key, err := idempotencyKey(r, body)
	if err != nil {
		return err
	}
	asked, err := decodeBatch(body)
	if err != nil {
		return err
	}
	// Before anything that depends on the moment: a repeated request gets its session even when
	// the queue is full by now, or the filter would match other orders.
	switch earlier, err := s.Service.Recall(r.Context(), key); {
	case err == nil:
		return s.accept(w, r, earlier)
	case !errors.Is(err, session.ErrUnknown):
		return err
	}
	started, err := s.start(r, asked, key)
	if err != nil {
		return err
	}
	return s.accept(w, r, started)
}

// start begins a new session.
func (s *server) start(r *http.Request, asked *batchRequest, key session.Key) (*session.Session, error) {
	id, err := givenSession(r)
	if err != nil {
		return nil, err
	}
	workers, err := s.Workers(r.Context())
	if err != nil {
		return nil, err
	}
	spec := session.Spec{
		Params: s.Params(s.Now()), Mode: asked.rules.mode, Policy: asked.rules.policy, Detail: asked.rules.detail,
		LotSize: s.LotSize, ReadSize: s.ReadSize, Workers: max(workers, 1), Lang: language(r),
	}
	if spec.Mode == atp.Together {
		spec.Priority = s.Priority
	}
	if spec.Orders, err = s.ordersOf(r, asked, spec.Params); err != nil {
		return nil, err
	}
	return s.Service.StartAs(r.Context(), id, spec, key)
}

// givenSession is the ID that a page of ours was given for its session, or a new one.
func givenSession(r *http.Request) (session.ID, error) {
	values := r.Header.Values(sessionHeader)
	if len(values) == 0 {
		return session.NewID(), nil
	}
	id, ok := session.ParseID(values[0])
	if !ok || len(values) > 1 {
		return "", badSession
	}
	return id, nil
}

func (s *server) accept(w http.ResponseWriter, r *http.Request, started *session.Session) error {
	a := batchAnswer{
		Success: true, Session: started.ID, Orders: len(started.Orders), Lots: started.Lots(), LotSize: started.LotSize,
		Workers: started.Workers, StreamURL: s.BasePath + streamPath + string(started.ID), StatusURL: s.BasePath + statusPath + string(started.ID),
	}
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Location", a.StatusURL)
	w.Header().Set(sessionHeader, string(started.ID))
	return sendJSON(w, r, http.StatusAccepted, b)
}

const (
	streamPath = "/api/ruptura/stream/"
	statusPath = "/api/ruptura/status/"
)

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, notJSON
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, bodyTooLarge
	case err != nil:
		return nil, malformed("O corpo não chegou inteiro; envie de novo.", "The body did not arrive whole; send it again.")
	}
	return body, nil
}

// decodeBatch reads the body strictly: what we do not know, we do not ignore.
func decodeBatch(body []byte) (*batchRequest, error) {
	if !utf8.Valid(body) {
		return nil, malformed("O corpo não é UTF-8 válido.", "The body is not valid UTF-8.")
	}
	var asked batchRequest
	d := json.NewDecoder(bytes.NewReader(body))
	if err := decodeObject(d, "", asked.member); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, malformed("Há texto depois do objeto JSON; envie um só objeto.", "There is text after the JSON object; send one object.")
	}
	return &asked, asked.check()
}

// check looks at the fields that do not name orders.
func (b *batchRequest) check() error {
	var wrong []bookquery.Problem
	if b.ways() != 1 {
		wrong = append(wrong, field("pedidos",
			"informe exatamente um entre pedidos, filtro e todos", "give exactly one of pedidos, filtro and todos"))
	}
	if b.Orders != nil && b.First != nil {
		wrong = append(wrong, field("primeiro",
			"só vale com filtro ou todos: a ordem de pedidos já é a do trabalho",
			"goes with filtro or todos only: the sequence of pedidos is that of the work"))
	}
	rules, problems := parseRules(b.Mode, b.Policy, b.Detail, wire.Summary)
	b.rules = rules
	if wrong = append(wrong, problems...); len(wrong) > 0 {
		return invalid(wrong...)
	}
	return nil
}

// ways counts how many of the ways to say which orders were taken.
func (b *batchRequest) ways() (n int) {
	for _, given := range []bool{b.Orders != nil, b.Filter != nil, b.All} {
		if given {
			n++
		}
	}
	return n
}

// ordersOf is the orders of a batch in the sequence of the work.
func (s *server) ordersOf(r *http.Request, b *batchRequest, p atp.Params) ([]atp.OrderNumber, error) {
	if b.Orders != nil {
		return orderNumbers("pedidos", *b.Orders, 1)
	}
	first, err := orderNumbers("primeiro", b.First, 0)
	if err != nil {
		return nil, err
	}
	filter, err := b.filter()
	if err != nil {
		return nil, err
	}
	ctx, cancel := withSourceTimeout(r.Context())
	defer cancel()
	all, err := s.Source.Numbers(ctx, source.NumbersQuery{Filter: filter, StaleBefore: p.StaleBefore()})
	if err != nil {
		return nil, fmt.Errorf("orders of a filter: %w", err)
	}
	return session.First(all, first), nil
}

// orderNumbers checks a list of order numbers and drops repeats.
func orderNumbers(name string, list []string, least int) ([]atp.OrderNumber, error) {
	if len(list) < least || len(list) > maxOrders {
		return nil, invalid(field(name,
			fmt.Sprintf("informe de %d a %d pedidos; para mais, use filtro ou todos", least, maxOrders),
			fmt.Sprintf("give %d to %d orders; for more, use filtro or todos", least, maxOrders)))
	}
	numbers := make([]atp.OrderNumber, len(list))
	for i, n := range list {
		if problem := orderProblem(name, n); problem != nil {
			problem.Field = fmt.Sprintf("%s[%d]", name, i)
			return nil, invalid(*problem)
		}
		numbers[i] = atp.OrderNumber(n)
	}
	return session.Distinct(numbers), nil
}

// orderProblem says what is wrong with an order number, or nil.
func orderProblem(name, n string) *bookquery.Problem {
	if n == "" || utf8.RuneCountInString(n) > maxOrderLen {
		p := field(name, fmt.Sprintf("o número deve ter de 1 a %d caracteres", maxOrderLen),
			fmt.Sprintf("the number must have 1 to %d characters", maxOrderLen))
		return &p
	}
	if !utf8.ValidString(n) || strings.ContainsFunc(n, unicode.IsControl) {
		p := field(name, "o número não pode ter caracteres de controle", "the number may not hold control characters")
		return &p
	}
	return nil
}

// filter reads filtro, whose fields are those of the order book's query.
func (b *batchRequest) filter() (source.Filter, error) {
	values := url.Values{}
	for name, raw := range b.Filter {
		text, ok := scalar(raw)
		if !ok {
			return source.Filter{}, invalid(field("filtro."+name, "use um texto ou verdadeiro/falso", "use a text or true/false"))
		}
		values.Set(name, text)
	}
	f, wrong := bookquery.ParseFilter(values)
	for i := range wrong {
		wrong[i].Field = "filtro." + wrong[i].Field
	}
	if len(wrong) > 0 {
		return source.Filter{}, invalid(wrong...)
	}
	return f, nil
}

// scalar reads a JSON string, boolean or null as the text a query would have.
func scalar(raw json.RawMessage) (string, bool) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return "", false
	}
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// idempotencyKey reads the header; the caller is the machine that sent it.
func idempotencyKey(r *http.Request, body []byte) (session.Key, error) {
	values := r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return session.Key{}, nil
	}
	value := values[0]
	visible := strings.IndexFunc(value, func(c rune) bool { return c < ' ' || c > '~' }) < 0
	if len(values) > 1 || value == "" || len(value) > maxKey || !visible {
		return session.Key{}, badKey
	}
	caller, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		caller = r.RemoteAddr
	}
	sum := sha256.Sum256(body)
	return session.Key{Caller: caller, Value: value, Fingerprint: hex.EncodeToString(sum[:])}, nil
}
