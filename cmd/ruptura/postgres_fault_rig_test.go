package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"ruptura/internal/postgrestest"
	"ruptura/internal/source/postgres"
)

// faultOrders is how many orders the database of the fault tests has.
const faultOrders = 400

// faultTables is an order book of two lines each over twenty products.
var faultTables = []string{
	`CREATE SCHEMA ruptura`,
	`CREATE TABLE ruptura.pedidos (num_pedido text, cliente text, cnpj text, cidade text, uf text, vendedor text,
		data_pedido date, data_entrega date, importante boolean, observacao text)`,
	`CREATE TABLE ruptura.itens (num_pedido text, linha bigint, cod_produto text, nome_produto text, qtd_saldo numeric(15,3),
		preco_unitario numeric(15,2))`,
	`CREATE TABLE ruptura.estoque (cod_produto text, qtd numeric(15,3), local text, data date)`,
	`CREATE TABLE ruptura.separacoes (lote text, num_pedido text, cod_produto text, qtd numeric(15,3), expedicao date)`,
	`CREATE TABLE ruptura.producao (cod_produto text, data date, qtd numeric(15,3), linha text)`,
	`CREATE TABLE ruptura.unificacao (codigo_origem text, codigo_destino text)`,
	`INSERT INTO ruptura.pedidos SELECT 'P' || n, 'Mercado Bom', '', 'Campinas', 'SP', 'Ana', '2026-02-01', '2026-03-10', false, ''
		FROM generate_series(1, ` + strconv.Itoa(faultOrders) + `) n`,
	`INSERT INTO ruptura.itens SELECT 'P' || n, l, 'C' || (n * l % 20), 'Arroz', 10, 2.5
		FROM generate_series(1, ` + strconv.Itoa(faultOrders) + `) n, generate_series(1, 2) l`,
	`INSERT INTO ruptura.estoque SELECT 'C' || n, 100, '', '2026-01-01' FROM generate_series(0, 19) n`,
	`CHECKPOINT`, // the server of the tests may lose what it has not written when it is killed
}

// logWatch tells when something has been logged.
type logWatch struct {
	slog.Handler
	*logState
}

type logState struct {
	mu      sync.Mutex
	text    bytes.Buffer
	waiting map[string][]chan struct{}
}

func newLogWatch() *logWatch {
	s := &logState{waiting: map[string][]chan struct{}{}}
	return &logWatch{slog.NewTextHandler(&s.text, nil), s}
}

// Handle implements slog.Handler.
func (w *logWatch) Handle(ctx context.Context, r slog.Record) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.waiting[r.Message] {
		close(c)
	}
	delete(w.waiting, r.Message)
	return w.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (w *logWatch) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logWatch{w.Handler.WithAttrs(attrs), w.logState}
}

// next receives when a message is logged from now on.
func (w *logWatch) next(message string) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := make(chan struct{})
	w.waiting[message] = append(w.waiting[message], c)
	return c
}

// logged is everything said so far.
func (w *logWatch) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

const (
	saysAway    = "source is away, trying again"
	saysStarted = "away; it is waited for, and /readyz says when it is back"
	// faultPatience bounds what would otherwise hang; no test waits for it to pass.
	faultPatience = time.Minute
)

// faulty is the program at work over a PostgreSQL that something happens to.
type faulty struct {
	*running
	server *postgrestest.Server
	direct string // the database, past any proxy
	log    *logWatch
}

// startFaulty starts the server and the database, and the program over what route makes of its
// address.
func startFaulty(t *testing.T, flags map[string][]string, limit time.Duration, route func(dsn string) string) *faulty {
	t.Helper()
	f := prepareFaulty(t)
	f.serve(t, flags, limit, route)
	return f
}

func prepareFaulty(t *testing.T) *faulty {
	t.Helper()
	server := postgrestest.Start(t, postgrestest.Options{})
	f := &faulty{server: server, direct: server.Database(t), log: newLogWatch()}
	postgrestest.Exec(t, f.direct, faultTables...)
	return f
}

func (f *faulty) serve(t *testing.T, flags map[string][]string, limit time.Duration, route func(string) string) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	dsn := f.direct
	if route != nil {
		dsn = route(dsn)
	}
	db, err := postgres.Open(t.Context(), dsn, postgres.Options{StatementTimeout: limit, MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	f.running = launchOn(t, flags, db, f.log, before)
	t.Cleanup(func() {
		f.stop()
		if err := f.ended(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(f.log.logged())
		}
	})
}

// begin starts a session of the first so many orders, and gives the address of its stream.
func (f *faulty) begin(orders int) string {
	f.t.Helper()
	numbers := make([]string, orders)
	for i := range numbers {
		numbers[i] = "P" + strconv.Itoa(i+1)
	}
	body, err := json.Marshal(map[string]any{"pedidos": numbers})
	if err != nil {
		f.t.Fatal(err)
	}
	response, err := f.client.Post(f.url+"/api/ruptura/processar-lote", "application/json", bytes.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Stream string `json:"stream_url"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusAccepted {
		f.t.Fatalf("%s, %v", response.Status, err)
	}
	return answer.Stream
}

// faultEvent is an event as far as the fault tests look.
type faultEvent struct {
	Kind    string `json:"tipo"`
	Results []struct {
		Success bool   `json:"success"`
		Order   string `json:"num_pedido"`
		Error   string `json:"error"`
	} `json:"resultados"`
	Failed int    `json:"com_erro"`
	ReadAt string `json:"posicao_em"`
}

// outcome is a session's whole stream: each order's error, "" for a result.
type outcomes map[string]string

// follow reads a stream to its end, and checks that each order has exactly one result and that the
// end is the last event, once.
func (f *faulty) follow(stream string, orders int) outcomes {
	f.t.Helper()
	got, last := outcomes{}, ""
	ctx, cancel := context.WithTimeout(f.t.Context(), faultPatience)
	defer cancel()
	for line := range f.lines(ctx, stream) {
		var e faultEvent
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			f.t.Fatalf("%v: %s", err, line)
		}
		if last == "completo" || last == "erro" {
			f.t.Errorf("after the end: %s", line)
		}
		if last = e.Kind; last == "pulso" {
			continue
		}
		for _, r := range e.Results {
			if _, twice := got[r.Order]; twice {
				f.t.Errorf("two results for %s", r.Order)
			}
			if r.Success != (r.Error == "") {
				f.t.Errorf("%+v", r)
			}
			got[r.Order] = r.Error
		}
	}
	if last != "completo" || len(got) != orders {
		f.t.Errorf("%d results for %d orders, then %q", len(got), orders, last)
	}
	return got
}

// lines are the data of a stream's events, until the server ends it.
func (f *faulty) lines(ctx context.Context, stream string) func(func(string) bool) {
	return func(yield func(string) bool) {
		f.t.Helper()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url+stream, http.NoBody)
		if err != nil {
			f.t.Fatal(err)
		}
		response, err := f.client.Do(request)
		if err != nil {
			f.t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		text := bufio.NewReader(response.Body)
		for {
			line, err := text.ReadString('\n')
			if data, ok := strings.CutPrefix(line, "data: "); ok && !yield(data) {
				return
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					f.t.Errorf("the stream broke: %v", err)
				}
				return
			}
		}
	}
}

// wantWords checks what the orders were told: "" for results, else a part of each error.
func (o outcomes) wantWords(t *testing.T, words string) {
	t.Helper()
	for _, order := range slices.Sorted(maps.Keys(o)) {
		if got := o[order]; (got == "") != (words == "") || !strings.Contains(got, words) {
			t.Fatalf("%s was told %q, want %q", order, got, words)
		}
	}
}

// status asks an address and checks what it answers.
func (f *faulty) wantStatus(path string, status int) (body string) {
	f.t.Helper()
	response := f.get(path)
	text, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Error(err)
	}
	if response.StatusCode != status {
		f.t.Errorf("%s: %s, want %d: %.500s", path, response.Status, status, text)
	}
	if away := response.Header.Get("Retry-After") != ""; away != (status == http.StatusServiceUnavailable) {
		f.t.Errorf("%s: %s, Retry-After sent: %t", path, response.Status, away)
	}
	return string(text)
}

// away checks what everybody is told while the database is away.
func (f *faulty) away() {
	f.t.Helper()
	if body := f.wantStatus("/readyz", http.StatusServiceUnavailable); !strings.Contains(body, `"fonte":"indisponivel"`) {
		f.t.Errorf("readiness says %s", body)
	}
	f.wantStatus("/healthz", http.StatusOK)
	for _, path := range []string{"/api/ruptura/analisar/P1", "/api/ruptura/produto/C1/projecao", "/api/carteira/pedidos"} {
		if body := f.wantStatus(path, http.StatusServiceUnavailable); !strings.Contains(body, "fonte_indisponivel") {
			f.t.Errorf("%s says %s", path, body)
		}
	}
	if page := f.wantStatus("/carteira", http.StatusServiceUnavailable); !strings.Contains(page, "O banco de dados não respondeu") {
		f.t.Errorf("the page says %s", page)
	}
}

// back waits until readiness is green, which must not take many looks at a server that is up, and
// checks that all is well.
func (f *faulty) back() {
	f.t.Helper()
	const looks = 8 // one for each connection that was lost, and some
	for range looks {
		response := f.get("/readyz")
		_, _ = io.Copy(io.Discard, response.Body)
		if response.StatusCode == http.StatusOK {
			f.wantStatus("/api/ruptura/analisar/P1", http.StatusOK)
			f.wantStatus("/api/carteira/pedidos", http.StatusOK)
			f.wantStatus("/carteira", http.StatusOK)
			return
		}
	}
	f.t.Errorf("not ready after %d looks", looks)
}

// receive waits for a channel.
func (f *faulty) receive(what string, from <-chan struct{}) {
	f.t.Helper()
	select {
	case <-from:
	case <-time.After(faultPatience):
		f.t.Fatalf("waited in vain: %s\n%s", what, f.log.logged())
	}
}

// lock makes all reads wait inside the server until release, which may be called when the server
// has gone.
func (f *faulty) lock() (release func()) {
	f.t.Helper()
	conn, err := pgx.Connect(f.t.Context(), f.direct)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, sql := range []string{`BEGIN`, `LOCK TABLE ruptura.itens IN ACCESS EXCLUSIVE MODE`} {
		if _, err := conn.Exec(f.t.Context(), sql); err != nil {
			f.t.Fatal(err)
		}
	}
	return sync.OnceFunc(func() { _ = conn.Close(context.Background()) })
}

// waiting waits until that many of the program's reads wait for the lock.
func (f *faulty) waiting(count int) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), faultPatience)
	defer cancel()
	conn, err := pgx.Connect(ctx, f.direct)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for got := -1; got != count; {
		// The server waits a moment, so that the test need not.
		err := conn.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity, pg_sleep(0.005)
			WHERE application_name = 'ruptura' AND wait_event_type = 'Lock'`).Scan(&got)
		if err != nil {
			f.t.Fatalf("%d reads wait, want %d: %v", got, count, err)
		}
	}
}

// proxy is a way to the server that can be cut.
type proxy struct {
	t      *testing.T
	target string

	mu       sync.Mutex
	listener net.Listener
	address  string
	open     map[net.Conn]struct{}
	group    sync.WaitGroup
}

// startProxy starts a way to a server, which the test closes.
func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	p := &proxy{t: t, target: target, open: map[net.Conn]struct{}{}, address: "127.0.0.1:0"}
	p.mend()
	return p
}

// route is a connection string that goes through the proxy.
func (p *proxy) route(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		p.t.Fatal(err)
	}
	u.Host = p.address
	return u.String()
}

// mend lets connections through.
func (p *proxy) mend() {
	p.t.Helper()
	l, err := new(net.ListenConfig).Listen(p.t.Context(), "tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener, p.address = l, l.Addr().String()
	p.group.Go(func() { p.accept(l) })
}

// cut ends all connections and lets none through.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
	for c := range p.open {
		_ = c.Close()
	}
	clear(p.open)
}

// close ends it for good.
func (p *proxy) close() { p.cut(); p.group.Wait() }

func (p *proxy) accept(l net.Listener) {
	for {
		from, err := l.Accept()
		if err != nil {
			return
		}
		to, err := new(net.Dialer).DialContext(context.Background(), "tcp", p.target)
		if err != nil {
			_ = from.Close()
			continue
		}
		p.mu.Lock()
		if p.listener == l {
			p.open[from], p.open[to] = struct{}{}, struct{}{}
		}
		p.mu.Unlock()
		for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
			p.group.Go(func() {
				_, _ = io.Copy(way[0], way[1])
				_ = way[0].Close()
			})
		}
	}
}
