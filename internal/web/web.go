// Package web is the page of the order book: its templates, its static files and its texts in
// both languages. The page is whole before any script runs; its script then fills in the analysis
// through the same API that every host page uses.
//
// The package sets no security headers. It keeps to a policy without inline script or style, and
// loads nothing from another host.
package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/source"
)

//go:embed templates
var templateFiles embed.FS

// Config is what the page stands on.
type Config struct {
	Source source.Source
	// Rank sorts by the results of a session; without it the page does not offer to.
	Rank bookquery.Ranker
	// Outcomes are the results that an export carries; without them it carries the book alone.
	Outcomes bookquery.Outcomes
	// Modes are those of an analysis that the server offers, the usual one first. The page offers
	// a choice when there are more than one.
	Modes []string
	// Priority is in which sequence orders are served when all compete.
	Priority atp.Priority
	// Today is D0 in the company's time zone.
	Today func() atp.Day
	// Now tells when the book was read, in the company's time zone.
	Now func() time.Time
	// StaleDays is for how long after its date a reservation still tells the need date.
	StaleDays int
	// Window and Promise are those of the analysis, in days: when a product is back is found with them.
	Window, Promise int
	// BasePath is where the program stands behind a proxy: "" or "/path", without a slash at its
	// end. Requests arrive here without it.
	BasePath string
	Log      *slog.Logger
}

// errConfig says that something the page needs was not given.
var errConfig = errors.New("web: Source, Today, Now and Log are required")

// New makes the handler of /, /carteira, /carteira/exportar and /static/. It fails only for a programming mistake: a
// missing dependency or a template that does not parse.
func New(c Config) (http.Handler, error) {
	if c.Source == nil || c.Today == nil || c.Now == nil || c.Log == nil {
		return nil, errConfig
	}
	c.BasePath = strings.TrimSuffix(c.BasePath, "/")
	templates, err := template.New("").ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	files, err := newStatic()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.RedirectHandler(c.BasePath+"/carteira", http.StatusFound))
	page := &bookPage{Config: c, templates: templates, assets: assetsAt(c.BasePath)}
	mux.Handle("GET /carteira", page)
	mux.Handle("GET /carteira/exportar", newExporter(page))
	mux.Handle("GET /static", http.NotFoundHandler()) // else the mux would send to /static/, without the base path
	mux.Handle("GET /static/", http.StripPrefix("/static/", files))
	return mux, nil
}

// render writes a page whole or not at all: a template that fails halfway never reaches a reader.
func render(w http.ResponseWriter, status int, t *template.Template, name string, data any) error {
	var page bytes.Buffer
	if err := t.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return fmt.Errorf("web: page %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	if _, err := w.Write(page.Bytes()); err != nil {
		return fmt.Errorf("web: page %s: %w", name, err)
	}
	return nil
}
