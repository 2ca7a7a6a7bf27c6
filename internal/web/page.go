package web

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/lang"
	"ruptura/internal/source"
)

// pageLimit is how many rows the page shows unless asked otherwise.
const pageLimit = 500

// bookPage answers /carteira.
type bookPage struct {
	Config
	templates *template.Template
	assets    assets
}

// outcome is what reading the book came to: a page, or why there is none.
type outcome struct {
	query    bookquery.Query
	page     source.BookPage
	problems []bookquery.Problem
	notice   lang.Text
	// wanted is the query as it was asked for, where its session is gone.
	wanted bookquery.Query
	err    error
}

const (
	// sourceTimeout bounds what one page may ask of the source.
	sourceTimeout = 30 * time.Second
	// retryAfter is when to ask again, in seconds, where the source is away.
	retryAfter = "5"
	// maxIgnored is how many characters of unknown parameters the page repeats.
	maxIgnored = 80
)

func (p *bookPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	values := r.URL.Query()
	prefs := p.preferences(w, r, values)
	ctx, cancel := context.WithTimeout(r.Context(), sourceTimeout)
	defer cancel()
	out := p.read(ctx, values)
	if r.Context().Err() != nil {
		return
	}
	if out.err != nil {
		p.Log.ErrorContext(r.Context(), "order book not read", slog.Any("error", out.err))
	}
	if out.status() == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	if err := render(w, out.status(), p.templates, "carteira.html", p.view(prefs, out)); err != nil {
		p.Log.ErrorContext(r.Context(), "page not delivered", slog.Any("error", err))
	}
}

// read gets the rows. What only an old address got wrong (a page or a session that is gone) gives
// the first rows in the usual order and a notice, not an error.
func (p *bookPage) read(ctx context.Context, values url.Values) outcome {
	if values.Get(bookquery.Limit) == "" {
		values.Set(bookquery.Limit, strconv.Itoa(pageLimit))
	}
	var out outcome
	out.notice = ignoreUnknown(values)
	if out.query, out.problems = bookquery.Parse(values); len(out.problems) > 0 {
		return out
	}
	out.query.StaleBefore = p.Today() - atp.Day(p.StaleDays) //nolint:gosec // at most atp.MaxStale
	var err error
	out.page, err = bookquery.Page(ctx, p.Source, out.query, p.Rank)
	switch {
	case errors.Is(err, bookquery.ErrSession), errors.Is(err, bookquery.ErrMode):
		out.notice, out.wanted = textSessionGone, out.query
		if out.query.Contested {
			out.notice = textContestGone
		}
		dropResults(&out.query)
		out.query.Cursor = ""
		out.page, err = p.Source.Book(ctx, out.query.BookQuery)
	case errors.Is(err, source.ErrCursor):
		out.notice = textCursorGone
		out.query.Cursor = ""
		out.page, err = bookquery.Page(ctx, p.Source, out.query, p.Rank)
	}
	out.err = err
	return out
}

// foreignParams are what others add to an address that is shared, by their beginnings.
var foreignParams = []string{"utm_", "fbclid", "gclid", "msclkid"}

// ignoreUnknown takes out of an address what the page does not know, and tells of it: a word too
// many is no reason to show nothing, but one that was meant as a filter did not filter.
func ignoreUnknown(values url.Values) lang.Text {
	var ignored []string
	for field := range values {
		if bookquery.Known(field) {
			continue
		}
		values.Del(field)
		foreign := slices.ContainsFunc(foreignParams, func(beginning string) bool { return strings.HasPrefix(field, beginning) })
		if !foreign {
			ignored = append(ignored, field)
		}
	}
	if len(ignored) == 0 {
		return lang.Text{}
	}
	slices.Sort(ignored)
	names := []rune(strings.Join(ignored, ", "))
	if len(names) > maxIgnored {
		names = append(names[:maxIgnored], '…')
	}
	return lang.Text{PT: fmt.Sprintf(textIgnored.PT, string(names)), EN: fmt.Sprintf(textIgnored.EN, string(names))}
}

// unusable tells a database that answers, but not with what the page needs, from one that does not
// answer: trying again does not help.
func (o outcome) unusable() bool { return errors.Is(o.err, source.ErrUnusable) }

func (o outcome) status() int {
	switch {
	case o.unusable():
		return http.StatusInternalServerError
	case o.err != nil:
		return http.StatusServiceUnavailable
	case len(o.problems) > 0:
		return http.StatusBadRequest
	}
	return http.StatusOK
}
