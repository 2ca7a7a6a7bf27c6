package httpapi_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ruptura/internal/session"
)

// awayStore is a store that at times does not answer.
type awayStore struct {
	session.Store
	away atomic.Bool
}

func (s *awayStore) silence() error {
	if s.away.Load() {
		return fmt.Errorf("dial tcp 10.1.2.3:6379: %w", session.ErrUnavailable)
	}
	return nil
}

func (s *awayStore) Create(ctx context.Context, asked *session.Session, key session.Key) (session.ID, error) {
	if err := s.silence(); err != nil {
		return "", err
	}
	return s.Store.Create(ctx, asked, key)
}

func (s *awayStore) Recall(ctx context.Context, key session.Key) (session.ID, error) {
	if err := s.silence(); err != nil {
		return "", err
	}
	return s.Store.Recall(ctx, key)
}

func (s *awayStore) Status(ctx context.Context, id session.ID) (session.Status, error) {
	if err := s.silence(); err != nil {
		return session.Status{}, err
	}
	return s.Store.Status(ctx, id)
}

func (s *awayStore) Follow(ctx context.Context, id session.ID, after int64) (session.Reader, error) {
	if err := s.silence(); err != nil {
		return nil, err
	}
	r, err := s.Store.Follow(ctx, id, after)
	return &awayReader{Reader: r, store: s}, err
}

func (s *awayStore) Ping(ctx context.Context) error {
	if err := s.silence(); err != nil {
		return err
	}
	return s.Store.Ping(ctx)
}

type awayReader struct {
	session.Reader
	store *awayStore
}

func (r *awayReader) Take(ctx context.Context, limit int) ([]session.Event, bool, error) {
	if err := r.store.silence(); err != nil {
		return nil, false, err
	}
	return r.Reader.Take(ctx, limit)
}

// body is the whole body of an answer.
func body(t *testing.T, a *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestStoreAway(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		id := b.begin(2)
		b.away.away.Store(true)
		for _, path := range []string{stream + id, "/api/ruptura/status/" + id} {
			a := b.open(path)
			if a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") != "5" {
				t.Errorf("%s: %s, Retry-After %q", path, a.Status, a.Header.Get("Retry-After"))
			}
			if got := body(t, a); !strings.Contains(got, `"redis_indisponivel"`) || strings.Contains(got, "10.1.2.3") {
				t.Errorf("%s: %s", path, got)
			}
		}
	})
}

// TestStreamOutlivesTheStoresAbsence: what comes while the store is away reaches the open stream
// when it is back, and until then the pulse keeps the line.
func TestStreamOutlivesTheStoresAbsence(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		id := b.begin(3)
		lines := bufio.NewReader(b.open(stream + id).Body)
		frames(b.t, lines, 2) // retry, inicio
		b.away.away.Store(true)
		publish(t, b.store, id, 0) // its waking finds nobody at home
		for range 3 {
			if got := frames(b.t, lines, 1); !strings.Contains(got, "pulso") {
				t.Fatalf("while the store is away comes %q", got)
			}
		}
		b.away.away.Store(false)
		pass(time.Second)
		publish(t, b.store, id, 1)
		for _, want := range []string{"id: 2\n", "id: 3\n"} {
			if got := frames(b.t, lines, 1); !strings.HasPrefix(got, want) {
				t.Fatalf("after it came back: %q, want %q", got, want)
			}
		}
	})
}
