package main

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// bareStreams is the least that a server of events can be: net/http, a deadline for each write, and a
// channel for each connection.
type bareStreams struct {
	pulse  time.Duration // a sign of life this often, never if 0
	server *http.Server
	url    string

	mu   sync.Mutex
	open map[string]chan []byte // by path
}

// startBare starts one.
func startBare(b *testing.B, pulse time.Duration) *bareStreams {
	b.Helper()
	s := &bareStreams{pulse: pulse, open: map[string]chan []byte{}}
	listener, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s.url = address(listener.Addr())
	s.server = &http.Server{ReadHeaderTimeout: time.Second, Handler: s}
	go func() { _ = s.server.Serve(listener) }()
	return s
}

// ServeHTTP implements http.Handler.
func (s *bareStreams) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	events := s.join(r.URL.Path)
	if s.write(w, control, []byte("{}")) != nil {
		return
	}
	var pulse <-chan time.Time
	if s.pulse > 0 {
		ticker := time.NewTicker(s.pulse)
		defer ticker.Stop()
		pulse = ticker.C
	}
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case event := <-events:
			err = s.write(w, control, event)
		case <-pulse:
			err = s.write(w, control, []byte(`{"tipo":"pulso"}`))
		}
		if err != nil {
			return
		}
	}
}

func (s *bareStreams) write(w http.ResponseWriter, control *http.ResponseController, event []byte) error {
	if err := control.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "data: %s\n\n", event); err != nil {
		return err
	}
	return control.Flush()
}

func (s *bareStreams) join(path string) <-chan []byte {
	events := make(chan []byte, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[path] = events
	return events
}

// send gives a stream an event.
func (s *bareStreams) send(path string, event []byte) {
	s.mu.Lock()
	events := s.open[path]
	s.mu.Unlock()
	events <- event
}
