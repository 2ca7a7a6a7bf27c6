package httpapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/httpapi"
	"ruptura/internal/metrics"
	"ruptura/internal/session"
	"ruptura/internal/session/local"
	"ruptura/internal/source"
)

// silent is a source that answers nothing.
type silent struct{ source.Source }

func (silent) Read(ctx context.Context, _ source.Query) (*atp.Snapshot, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silent) Book(ctx context.Context, _ source.BookQuery) (source.BookPage, error) {
	<-ctx.Done()
	return source.BookPage{}, ctx.Err()
}

func (silent) Numbers(ctx context.Context, _ source.NumbersQuery) ([]atp.OrderNumber, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silent) Ping(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

// TestSilentSourceIsNotWaitedForLong: every request has its bound, and ends with its client.
func TestSilentSourceIsNotWaitedForLong(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		bound              time.Duration
	}{
		{"GET", "/api/ruptura/analisar/P1", "", 30 * time.Second},
		{"GET", "/api/ruptura/produto/C1/projecao", "", 30 * time.Second},
		{"GET", "/api/carteira/pedidos", "", 30 * time.Second},
		{"POST", lot, `{"todos":true}`, 30 * time.Second},
		{"GET", "/readyz", "", 2 * time.Second},
	} {
		for _, leaves := range []bool{false, true} {
			name := c.method + " " + c.path
			if leaves {
				name += ", client leaves"
			}
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					want := c.bound
					if leaves {
						want = time.Second
						time.AfterFunc(want, cancel)
					}
					r := httptest.NewRequestWithContext(ctx, c.method, c.path, strings.NewReader(c.body))
					r.Header.Set("Content-Type", "application/json")
					w := httptest.NewRecorder()
					begin := time.Now()
					silentAPI(t).ServeHTTP(w, r)
					if took := time.Since(begin); took != want && (c.path != "/readyz" || !leaves) { // a ping is for others too
						t.Errorf("answered after %s, want %s", took, want)
					}
					if !leaves && (w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "") {
						t.Errorf("%d: %s", w.Code, w.Body)
					}
				})
			})
		}
	}
}

func silentAPI(t *testing.T) http.Handler {
	t.Helper()
	store := local.New(local.Config{TTL: ttl, Memory: 64 << 20})
	t.Cleanup(store.Close)
	nothing := http.NotFoundHandler()
	return httpapi.New(httpapi.Config{
		Source: silent{}, Service: &session.Service{Store: store, Jobs: noJobs{}, MaxWaiting: 10, Now: time.Now}, Now: time.Now,
		Params: func(time.Time) atp.Params { return atp.DefaultParams(today) }, Workers: workers(2), LotSize: 20, Page: nothing, Docs: nothing,
		Metrics: nothing, Observe: metrics.New(), Log: slog.New(slog.DiscardHandler),
	})
}
