package httpapi

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ruptura/internal/source"
)

// held is a ping that waits until the test lets it go.
type held struct {
	pings   int
	release chan error
}

func (h *held) ping(ctx context.Context) error {
	h.pings++
	select {
	case err := <-h.release:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func newHeld(log *slog.Logger) (*held, *check) {
	h := &held{release: make(chan error)}
	return h, &check{name: "fonte", ping: h.ping, log: log}
}

func TestManyProbesShareOnePing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, c := newHeld(slog.New(slog.DiscardHandler))
		first, leave := context.WithCancel(t.Context())
		answers := make(chan error, 50)
		go func() { answers <- c.ask(first) }()
		synctest.Wait()
		for range cap(answers) - 1 {
			go func() { answers <- c.ask(t.Context()) }()
		}
		synctest.Wait()
		leave() // the ping is for the others too
		h.release <- source.ErrUnavailable
		for range cap(answers) {
			if err := <-answers; !errors.Is(err, source.ErrUnavailable) && !errors.Is(err, context.Canceled) {
				t.Errorf("a probe was told %v", err)
			}
		}
		if h.pings != 1 {
			t.Errorf("%d pings for %d probes at once", h.pings, cap(answers))
		}
		close(h.release)
		if err := c.ask(t.Context()); err != nil || h.pings != 2 {
			t.Errorf("afterwards %v with %d pings: an old answer was kept", err, h.pings)
		}
	})
}

func TestOneWhoWaitsMayLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, c := newHeld(slog.New(slog.DiscardHandler))
		go func() { _ = c.ask(t.Context()) }()
		synctest.Wait()
		ctx, leave := context.WithCancel(t.Context())
		leave()
		if err := c.ask(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("told %v", err)
		}
		close(h.release)
	})
}

func TestProbeIsBoundedAndSaysSoOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		h, c := newHeld(slog.New(slog.NewTextHandler(&log, nil)))
		for range 3 {
			begin := time.Now()
			if err := c.ask(t.Context()); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != probeTimeout {
				t.Errorf("%v after %s", err, time.Since(begin))
			}
		}
		close(h.release)
		for range 3 {
			if err := c.ask(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if strings.Count(log.String(), "not ready") != 1 || strings.Count(log.String(), "ready again") != 1 {
			t.Errorf("the log:\n%s", &log)
		}
	})
}

func TestPanicInAPingIsAnAnswer(t *testing.T) {
	c := &check{name: "fonte", ping: func(context.Context) error { panic("broken") }, log: slog.New(slog.DiscardHandler)}
	for range 2 {
		if c.ask(t.Context()) == nil {
			t.Error("no error")
		}
	}
}
