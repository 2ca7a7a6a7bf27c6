package doctor

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ruptura/internal/lang"
)

// Limits of the look at a running server.
const (
	serverTimeout = time.Minute
	requestLimit  = 10 * time.Second
	maxAnswer     = 1 << 20
	// probeOrders is how many orders, none of which exists, the trial session asks for: enough to
	// keep the server busy for a moment, in which an unbuffered stream shows its first event.
	probeOrders = 50_000
	streamPath  = "/api/ruptura/stream/"
	// tellingTime is the least duration of a trial session from which its stream can be judged.
	tellingTime = 100 * time.Millisecond
)

var errURL = errors.New("doctor: not an address of a server")

// CheckURL says whether an address is one of a server: http or https, with a host, without a user.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return errURL
	}
	return nil
}

// Server checks a running program, by way of whatever stands in front of it.
func Server(address string, now func() time.Time) Check {
	return Check{
		Name: "server", Title: lang.Text{PT: "Servidor", EN: "Server"}, Timeout: serverTimeout,
		Run: func(ctx context.Context) ([]Finding, error) {
			transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableCompression: true}
			defer transport.CloseIdleConnections()
			v := &visit{
				base: strings.TrimRight(address, "/"), now: now,
				client: &http.Client{Transport: transport},
			}
			v.run(ctx)
			return v.found, ctx.Err()
		},
	}
}

// visit is one look at a server.
type visit struct {
	base   string
	client *http.Client
	now    func() time.Time
	found  []Finding
	// trip is how long an answer takes that needs no work.
	trip time.Duration
}

func (v *visit) add(f Finding) { v.found = append(v.found, f) }

func (v *visit) run(ctx context.Context) {
	if !v.alive(ctx) {
		return
	}
	v.ready(ctx)
	stream, ok := v.begin(ctx)
	if ok {
		v.watch(ctx, stream)
	}
}

// alive reports whether the program answers at all.
func (v *visit) alive(ctx context.Context) bool {
	sent := v.now()
	a, err := v.do(ctx, http.MethodGet, "/healthz", nil)
	v.trip = v.now().Sub(sent)
	switch {
	case err != nil:
		v.add(Finding{Code: "server.unreachable", Level: Problem, What: lang.Text{
			PT: "não foi possível alcançar " + v.base + ": " + cause(err), EN: "could not reach " + v.base + ": " + cause(err),
		}, Mend: lang.Text{
			PT: "confira o endereço, se 'ruptura serve' está em execução e se um firewall o bloqueia",
			EN: "check the address, whether 'ruptura serve' is running, and whether a firewall blocks it",
		}})
		return false
	case a.code != http.StatusOK || !bytes.Contains(a.body, []byte(`"vivo"`)):
		v.add(Finding{Code: "server.other", Level: Problem, What: lang.Text{
			PT: v.base + "/healthz respondeu " + a.status + ", não como este programa",
			EN: v.base + "/healthz answered " + a.status + ", not as this program does",
		}, Mend: lang.Text{
			PT: "confira se o proxy leva até o ruptura, com o caminho certo; um servidor que atende só a " +
				"sua máquina precisa de --host-name com o nome público",
			EN: "check that the proxy leads to ruptura, with the right path; a server for its own machine only needs --host-name with its public name",
		}})
		return false
	}
	v.add(Finding{Code: "server.reachable", What: lang.Text{PT: v.base + " responde", EN: v.base + " answers"}})
	if date, err := http.ParseTime(a.header.Get("Date")); err == nil {
		v.found = append(v.found, Drift("server.clock", lang.Text{PT: "do servidor", EN: "of the server"}, date, sent, time.Second+v.trip)...)
	}
	return true
}

// ready says which of the things it depends on the program misses.
func (v *visit) ready(ctx context.Context) {
	a, err := v.do(ctx, http.MethodGet, "/readyz", nil)
	if err == nil && a.code == http.StatusOK {
		return
	}
	var told struct {
		Checks map[string]string `json:"verificacoes"`
	}
	what := lang.Text{PT: "o servidor não está pronto", EN: "the server is not ready"}
	if err == nil && json.Unmarshal(a.body, &told) == nil && told.Checks["fonte"] != "ok" {
		what = lang.Text{PT: "o servidor não alcança o banco de dados", EN: "the server does not reach the database"}
	}
	v.add(Finding{Code: "server.not-ready", Level: Problem, What: what, Mend: lang.Text{
		PT: "rode 'ruptura doctor' na máquina do servidor, com as configurações dele",
		EN: "run 'ruptura doctor' on the server's machine, with its settings",
	}})
}

// begin asks for the trial session and gives the address of its stream.
func (v *visit) begin(ctx context.Context) (string, bool) {
	orders := make([]string, probeOrders)
	for i := range orders {
		orders[i] = fmt.Sprintf("doctor-%d", i)
	}
	body, err := json.Marshal(map[string]any{"pedidos": orders})
	if err != nil {
		panic(err) // texts can be written
	}
	a, err := v.do(ctx, http.MethodPost, "/api/ruptura/processar-lote", body)
	var accepted struct {
		Stream string `json:"stream_url"`
	}
	if err == nil && a.code == http.StatusAccepted && json.Unmarshal(a.body, &accepted) == nil {
		// Whatever path the server believes to be under, its clients ask under the one they know.
		if _, session, ok := strings.Cut(accepted.Stream, streamPath); ok {
			return streamPath + session, true
		}
	}
	var why string
	if err != nil {
		why = cause(err)
	} else {
		why = a.status
	}
	f := Finding{Code: "server.refused", Level: Problem, What: lang.Text{
		PT: "uma análise de teste foi recusada: " + why, EN: "a trial analysis was refused: " + why,
	}, Mend: lang.Text{
		PT: "confira se o proxy deixa passar POST em /api/ruptura/ com 1 MB de corpo",
		EN: "check that the proxy lets POST to /api/ruptura/ with a body of 1 MB pass",
	}}
	switch a.code {
	case http.StatusNotFound:
		f.Mend = lang.Text{
			PT: "o caminho não é o do servidor: o proxy deve passar os endereços como estão, e o --base-path dizer o caminho deles",
			EN: "the path is not the server's: the proxy has to pass addresses as they are, and --base-path to say their path",
		}
	case http.StatusTooManyRequests:
		f.Level, f.Mend = Warning, lang.Text{PT: "o servidor está ocupado: tente de novo mais tarde", EN: "the server is busy: try again later"}
	}
	v.add(f)
	return "", false
}

// answer is what came back, read to its end.
type answer struct {
	code   int
	status string // in words: "200 OK"
	header http.Header
	body   []byte
}

func (v *visit) do(ctx context.Context, method, path string, body []byte) (a answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, v.base+path, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := v.client.Do(request)
	if err != nil {
		return a, err
	}
	defer func() { _ = response.Body.Close() }()
	a = answer{code: response.StatusCode, status: response.Status, header: response.Header}
	a.body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return a, err
}

// watch reads the trial's stream as a browser asks for it, and judges how it came.
func (v *visit) watch(ctx context.Context, path string) {
	ctx, cancel := context.WithTimeout(ctx, serverTimeout/2)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+path, http.NoBody)
	if err != nil {
		v.broken(err)
		return
	}
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Accept-Encoding", "gzip, deflate, br") // as browsers do, so that a proxy's compression shows
	sent := v.now()
	response, err := v.client.Do(request)
	if err != nil {
		v.broken(err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	if !v.headers(response) {
		return
	}
	first, took, err := v.events(response.Body)
	switch {
	case errors.Is(err, errPulse):
		v.idle(first.Sub(sent))
	case err != nil:
		v.broken(err)
	default:
		v.judge(first.Sub(sent), v.now().Sub(sent), took)
	}
}

// errPulse says that a stream is alive and its session is not worked at.
var errPulse = errors.New("doctor: nobody works at the session")

// events reads a stream to its end: when its first byte came, and how long the server says that the
// session took. It ends early, with errPulse, at a sign of life between events.
func (v *visit) events(body io.Reader) (first time.Time, took time.Duration, err error) {
	lines := bufio.NewReader(body)
	if _, err := lines.Peek(1); err != nil {
		return first, 0, err
	}
	first = v.now()
	for {
		line, err := lines.ReadBytes('\n')
		if data, ok := bytes.CutPrefix(line, []byte("data: ")); ok && bytes.Contains(data, []byte(`"tipo":"completo"`)) {
			var end struct {
				Took int64 `json:"duracao_ms"`
			}
			return first, time.Duration(end.Took) * time.Millisecond, errors.Join(json.Unmarshal(data, &end))
		}
		if bytes.Contains(line, []byte(`"tipo":"pulso"`)) {
			err = errPulse
		}
		if err != nil {
			return first, 0, err
		}
	}
}

// headers reports whether the stream is one that a browser can follow.
func (v *visit) headers(response *http.Response) bool {
	h := response.Header
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	coding := h.Get("Content-Encoding")
	switch {
	case response.StatusCode != http.StatusOK || kind != "text/event-stream":
		v.add(Finding{Code: "stream.refused", Level: Problem, What: lang.Text{
			PT: "o stream respondeu " + response.Status + " " + kind, EN: "the stream answered " + response.Status + " " + kind,
		}, Mend: lang.Text{
			PT: "confira se o proxy deixa passar /api/ruptura/stream/ como está",
			EN: "check that the proxy lets /api/ruptura/stream/ pass as it is",
		}})
	case coding != "" && coding != "identity":
		v.add(Finding{Code: "stream.compressed", Level: Problem, What: lang.Text{
			PT: "o proxy comprime o stream (" + coding + "), o que segura os eventos",
			EN: "the proxy compresses the stream (" + coding + "), which holds events back",
		}, Mend: lang.Text{
			PT: "desligue a compressão de text/event-stream no proxy (nginx: tire-o de gzip_types)",
			EN: "switch off compression of text/event-stream in the proxy (nginx: leave it out of gzip_types)",
		}})
	case response.ContentLength >= 0:
		v.add(buffered())
	default:
		return true
	}
	return false
}

func (v *visit) judge(first, whole, took time.Duration) {
	ms := func(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }
	switch {
	case took < tellingTime:
		v.add(Finding{Code: "stream.quick", What: lang.Text{
			PT: "o stream chega, com os cabeçalhos certos; a análise de teste acabou em " + ms(took) + ", depressa demais para ver se algo o segura",
			EN: "the stream arrives, with the right headers; the trial " +
				"analysis ended within " + ms(took) + ", too quickly to see whether anything holds it back",
		}})
	case first-v.trip >= max(tellingTime/2, took/3): // the log has its first event before anybody asks
		f := buffered()
		f.What.PT += ": o primeiro evento levou " + ms(first) + ", o último " + ms(whole)
		f.What.EN += ": the first event took " + ms(first) + ", the last " + ms(whole)
		v.add(f)
	default:
		v.add(Finding{Code: "stream.unbuffered", What: lang.Text{
			PT: "o stream chega sem espera: primeiro evento em " + ms(first) + ", último em " + ms(whole),
			EN: "the stream arrives unbuffered: first event after " + ms(first) + ", last after " + ms(whole),
		}})
	}
}

// idle judges a stream that waits for workers: what it shows came at once.
func (v *visit) idle(first time.Duration) {
	v.add(Finding{Code: "stream.unbuffered", What: lang.Text{
		PT: fmt.Sprintf("o stream chega sem espera: primeiro evento em %d ms", first.Milliseconds()),
		EN: fmt.Sprintf("the stream arrives unbuffered: first event after %d ms", first.Milliseconds()),
	}})
	v.add(Finding{Code: "server.idle", Level: Warning, What: lang.Text{
		PT: "a análise de teste não andou em 5 s", EN: "the trial analysis did not move for 5 s",
	}, Mend: lang.Text{
		PT: "confira se o servidor tem --workers maior que 0 e se não está ocupado",
		EN: "check that the server has --workers above 0, and whether it is busy",
	}})
}

func buffered() Finding {
	return Finding{Code: "stream.buffered", Level: Problem, What: lang.Text{
		PT: "um proxy segura o stream e o entrega tarde", EN: "a proxy holds the stream back and delivers it late",
	}, Mend: lang.Text{
		PT: "desligue a armazenagem para /api/ruptura/stream/ (nginx: proxy_buffering off; Apache: flushpackets=on)",
		EN: "switch off buffering for /api/ruptura/stream/ (nginx: proxy_buffering off; Apache: flushpackets=on)",
	}}
}

func (v *visit) broken(err error) {
	v.add(Finding{Code: "stream.broken", Level: Problem, What: lang.Text{
		PT: "o stream se interrompeu: " + cause(err), EN: "the stream broke off: " + cause(err),
	}, Mend: lang.Text{
		PT: "confira o tempo de leitura do proxy: deve passar de 15 s; e se o servidor tem --workers maior que 0",
		EN: "check the proxy's read timeout: it must be over 15 s; and whether the server has --workers above 0",
	}})
}

// cause is why a request failed, without the address.
func cause(err error) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "timeout"
	}
	return err.Error()
}
