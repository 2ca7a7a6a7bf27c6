package httpapi

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"ruptura/internal/session"
)

// Timing of a stream.
const (
	// pulseEvery is the longest silence; shorter than any proxy's read timeout.
	pulseEvery = 5 * time.Second
	// eventWrite is how long one event may take to leave. A reader slower than that is dropped;
	// it comes back and resumes.
	eventWrite = 15 * time.Second
	// takeAtOnce bounds the events held for one reader.
	takeAtOnce = 64
	// closingSpread is over how long streams end at a shutdown, so that their clients do not all
	// come back at once.
	closingSpread = 500 * time.Millisecond
	// sessionWait is for how long a stream that may come before its session waits for it, and sessionLook
	// how often it looks at most.
	sessionWait = 10 * time.Second
	sessionLook = 200 * time.Millisecond
)

// pulse has no id: it is not in the log, and a client does not resume after it.
const pulse = "data: {\"tipo\":\"pulso\"}\n\n"

// stream is GET /api/ruptura/stream/{session}.
func (s *server) stream(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := onlyParams(query, "desde", "aguardar"); err != nil {
		return err
	}
	after, err := resumeAfter(r)
	if err != nil {
		return err
	}
	waits, wrong := flag(query, "aguardar", nil)
	if len(wrong) > 0 {
		return invalid(wrong...)
	}
	reader, err := s.reader(r.Context(), session.ID(r.PathValue("session")), after, waits)
	if err != nil {
		return err
	}
	defer reader.Close()
	events, last, err := reader.Take(r.Context(), takeAtOnce)
	if err != nil {
		return err
	}
	if last && len(events) == 0 {
		w.WriteHeader(http.StatusNoContent) // the standard's way to stop an EventSource
		return nil
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	if r.Method == http.MethodHead {
		return nil
	}
	out := &eventWriter{w: w, control: http.NewResponseController(w)}
	if errors.Is(out.open(), http.ErrNotSupported) {
		return noStreaming
	}
	s.Observe.StreamOpened()
	defer s.Observe.StreamClosed()
	s.follow(r.Context(), reader, out, events, last)
	return nil
}

// reader follows a session; who asked for it together with the request that makes it waits until it is
// there, but not for long.
func (s *server) reader(ctx context.Context, id session.ID, after int64, waits bool) (session.Reader, error) {
	patience := time.NewTimer(sessionWait)
	defer patience.Stop()
	for pause := time.Millisecond; ; pause = min(2*pause, sessionLook) {
		reader, err := s.Service.Store.Follow(ctx, id, after)
		if !waits || !errors.Is(err, session.ErrUnknown) {
			return reader, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-s.Closing:
			return nil, err
		case <-patience.C:
			return nil, err
		case <-time.After(pause):
		}
	}
}

// resumeAfter is the last event the client has: Last-Event-ID wins over desde.
func resumeAfter(r *http.Request) (int64, error) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("desde")
	}
	if text == "" {
		return 0, nil
	}
	return eventID(text)
}

// eventID reads an event's number: digits alone, without a sign.
func eventID(text string) (int64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, badEventID
	}
	return int64(n), nil
}

// follow writes events until the last, or until the client or the server goes away. Its errors
// are the client's own: it comes back and resumes, so there is nothing to report.
func (s *server) follow(ctx context.Context, reader session.Reader, out *eventWriter, events []session.Event, last bool) {
	silence := time.NewTimer(pulseEvery)
	defer silence.Stop()
	closing := s.Closing
	var leave <-chan time.Time
	if out.retry() != nil {
		return
	}
	for {
		if out.events(events) != nil || last {
			return
		}
		if len(events) > 0 { // waking for nothing is no sign of life to the client
			silence.Reset(pulseEvery)
		}
		select {
		case <-ctx.Done():
			return
		case <-closing:
			closing, events = nil, nil
			leave = time.After(rand.N(closingSpread)) //nolint:gosec // jitter, not a secret
		case <-leave:
			return
		case <-silence.C:
			events = nil
			if out.pulse() != nil {
				return
			}
			silence.Reset(pulseEvery)
		case <-reader.Ready():
			var err error
			events, last, err = reader.Take(ctx, takeAtOnce)
			if err != nil && !errors.Is(err, session.ErrUnavailable) {
				return
			} // what is away says when it is back, and nothing is lost: the line stays open
		}
	}
}

// eventWriter writes Server-Sent Events, each within its own deadline.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	head    []byte
}

// open sends the headers; http.ErrNotSupported says that this connection cannot stream.
func (e *eventWriter) open() error { return e.control.Flush() }

// retry tells the client how long to wait before it comes back, a little different for each.
func (e *eventWriter) retry() error {
	wait := 1000 + rand.IntN(2000) //nolint:gosec // jitter, not a secret
	return e.write([]byte("retry: " + strconv.Itoa(wait) + "\n\n"))
}

func (e *eventWriter) pulse() error {
	if err := e.write([]byte(pulse)); err != nil {
		return err
	}
	return e.control.Flush()
}

// events writes each event and flushes them together. An event's data is one line of JSON, in
// which line ends are escaped, so nothing in it can begin another field.
func (e *eventWriter) events(events []session.Event) error {
	for _, event := range events {
		e.head = append(e.head[:0], "id: "...)
		e.head = strconv.AppendInt(e.head, event.ID, 10)
		e.head = append(e.head, "\ndata: "...)
		if err := e.write(e.head, event.Data, []byte("\n\n")); err != nil {
			return err
		}
	}
	return e.control.Flush()
}

func (e *eventWriter) write(parts ...[]byte) error {
	err := e.control.SetWriteDeadline(time.Now().Add(eventWrite))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	for _, part := range parts {
		if _, err := e.w.Write(part); err != nil {
			return err
		}
	}
	return nil
}
