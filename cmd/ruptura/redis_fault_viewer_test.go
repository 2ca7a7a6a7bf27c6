package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// viewer has one session after the other, as the page would: it sends orders, follows the stream,
// comes back with the last event's number to whatever server answers, and sends what is missing
// again when the session is gone. It is strict where the page is lenient.
type viewer struct {
	*fleet
	number int
	orders []string
	check  func(errors map[string]string) error
	// once is for one session only, items for whole results; together has all orders compete, so that
	// one session's results must all be of one read.
	once, items, together bool
	// givenUp wants sessions to end with an error, because they kill whoever works on them.
	givenUp bool
	// slow has it read one byte a second until it is closed, and then come back, if it is not nil.
	slow <-chan struct{}

	done int // sessions; guarded by the fleet

	state   atomic.Value // for whoever waits in vain
	server  string
	stream  string
	last    int64
	ended   bool
	readAt  string            // of the session's first results
	results map[string]string // what each order was told, "" for a result
	failed  map[string]string // those that were told an error
}

// errProtocol is what no client should ever see.
var errProtocol = errors.New("broken promise")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errProtocol}, args...)...)
}

// run has sessions until the fleet is to finish.
func (v *viewer) run() {
	for more := true; more; {
		err := v.session()
		if v.ctx.Err() != nil {
			if !v.t.Failed() {
				v.t.Errorf("viewer %d ran out of time: %v", v.number, v.state.Load())
			}
			return
		}
		if err != nil {
			v.t.Errorf("viewer %d, %s: %v", v.number, v.stream, err)
			v.fail()
			return
		}
		v.counts.sessions.Add(1)
		more = v.finished(v)
	}
}

// session has one session and checks it.
func (v *viewer) session() error {
	v.results, v.failed, v.ended = map[string]string{}, map[string]string{}, false
	v.server = v.address()
	missing := v.orders
	for !v.ended && len(missing) > 0 {
		if err := v.send(missing); err != nil {
			return err
		}
		gone, err := v.follow()
		if err != nil {
			return err
		}
		missing = slices.DeleteFunc(slices.Clone(v.orders), func(n string) bool {
			_, ok := v.results[n]
			return ok
		})
		switch {
		case gone:
			v.counts.forgotten.Add(1)
		case len(missing) > 0 && !v.givenUp:
			return broken("the session ended without %d orders", len(missing))
		}
	}
	return v.check(v.failed)
}

// again changes to another server, after a moment. It reports false when the test is over.
func (v *viewer) again(why string) bool {
	v.state.Store(why + " at " + v.server + v.stream + " after event " + strconv.FormatInt(v.last, 10))
	pause := time.NewTimer(30 * time.Millisecond)
	defer pause.Stop()
	v.server = v.address()
	select {
	case <-v.ctx.Done():
		return false
	case <-pause.C:
		return true
	}
}

// send begins a session: the same one, however often it has to be asked for.
func (v *viewer) send(orders []string) error {
	asked := map[string]any{"pedidos": orders, "detalhe": "resumo"}
	if v.items {
		asked["detalhe"] = "itens"
	}
	if v.together {
		asked["modo"] = "concorrente"
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return err
	}
	v.stream, v.last, v.readAt = "", 0, ""
	for key := rand.Text(); ; {
		status, err := v.post(key, body)
		switch {
		case status == http.StatusAccepted && err == nil:
			return nil
		case errors.Is(err, errProtocol):
			return err
		}
		if !v.again(fmt.Sprintf("sending, %d, %v", status, err)) {
			return v.ctx.Err()
		}
	}
}

func (v *viewer) post(key string, body []byte) (status int, err error) {
	request, err := http.NewRequestWithContext(v.ctx, http.MethodPost, v.server+"/api/ruptura/processar-lote", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := v.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	switch response.StatusCode {
	case http.StatusAccepted:
		var answer struct {
			Stream string `json:"stream_url"`
		}
		err = json.Unmarshal(text, &answer)
		v.stream = answer.Stream
	case http.StatusServiceUnavailable:
		v.counts.refused.Add(1)
		if response.Header.Get("Retry-After") == "" || !bytes.Contains(text, []byte("redis_indisponivel")) {
			err = broken("%s: %s", response.Status, text)
		}
	default:
		err = broken("%s: %s", response.Status, text)
	}
	return response.StatusCode, err
}

// follow reads the stream to its end, over as many connections as it takes. It reports whether the
// session is gone.
func (v *viewer) follow() (gone bool, err error) {
	for {
		status, err := v.read()
		switch {
		case errors.Is(err, errProtocol):
			return false, err
		case v.ended && status == http.StatusNoContent:
			return false, nil
		case v.ended && status == http.StatusOK:
			continue // asked once more, the server has nothing to add
		case status == http.StatusNotFound:
			return true, nil
		case status == http.StatusOK:
			v.counts.breaks.Add(1)
		}
		if !v.again(fmt.Sprintf("following, %d, %v", status, err)) {
			return false, v.ctx.Err()
		}
	}
}

// read reads what one connection brings.
func (v *viewer) read() (status int, err error) {
	v.state.Store("reading " + v.server + v.stream)
	request, err := http.NewRequestWithContext(v.ctx, http.MethodGet, v.server+v.stream, http.NoBody)
	if err != nil {
		return 0, err
	}
	if v.last > 0 {
		request.Header.Set("Last-Event-ID", strconv.FormatInt(v.last, 10))
	}
	response, err := v.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	switch response.StatusCode {
	case http.StatusOK:
		v.counts.reading.Add(1)
		return response.StatusCode, v.take(response.Body)
	case http.StatusNoContent:
		if !v.ended {
			return response.StatusCode, broken("204 after event %d, which was not the last", v.last)
		}
		return response.StatusCode, nil
	case http.StatusNotFound, http.StatusServiceUnavailable:
		return response.StatusCode, nil
	}
	return response.StatusCode, broken("%s", response.Status)
}

// take takes events until the connection ends.
func (v *viewer) take(body io.Reader) error {
	if v.slow != nil {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		select {
		case <-v.slow:
		default:
			body = &slowly{body, tick, v.slow}
		}
	}
	lines := bufio.NewReader(body)
	id := int64(0)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		if number, ok := strings.CutPrefix(line, "id: "); ok {
			if id, err = strconv.ParseInt(strings.TrimSpace(number), 10, 64); err != nil {
				return broken("%q", line)
			}
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		if err := v.event(id, data); err != nil {
			return err
		}
		id = 0
	}
}

// event takes an event; 0 is the number of one without.
func (v *viewer) event(id int64, data string) error {
	var e faultEvent
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		return broken("%w: %s", err, data)
	}
	if e.Kind == "pulso" {
		return nil
	}
	if v.ended || id != v.last+1 {
		return broken("event %d after %d, ended %t: %s", id, v.last, v.ended, data)
	}
	v.last = id
	switch e.Kind {
	case "resultados":
		return v.answers(&e)
	case "completo":
		v.ended = true
	case "erro":
		if !v.givenUp || !strings.Contains(data, "caiu todas as vezes") {
			return broken("%s", data)
		}
		v.ended = true
	}
	return nil
}

func (v *viewer) answers(e *faultEvent) error {
	if v.readAt == "" {
		v.readAt = e.ReadAt
	}
	if v.together && e.ReadAt != v.readAt {
		return broken("results of two reads: %s and %s", v.readAt, e.ReadAt)
	}
	for _, r := range e.Results {
		if told, twice := v.results[r.Order]; twice {
			return broken("two results for %s: %q and %q", r.Order, told, r.Error)
		}
		if v.results[r.Order] = r.Error; !r.Success {
			v.failed[r.Order] = r.Error
		}
		v.counts.orders.Add(1)
	}
	return nil
}

// noErrors is the check of sessions in which every order has its result.
func noErrors(failed map[string]string) error {
	for order, told := range failed {
		return broken("%d orders failed; %s: %s", len(failed), order, told)
	}
	return nil
}
