package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/lang"
	"ruptura/internal/source"
)

const (
	formatParam = "formato"
	formatCSV   = "csv"
	formatXLSX  = "xlsx"
)

const (
	// readsAtOnce bounds the reads of the source that exports cause together. Nobody keeps a turn
	// while a reader takes what was read, so that slow readers keep no other export waiting.
	readsAtOnce = 2
	// exportsAtOnce bounds what exports hold together: results, some orders each, temporary files.
	exportsAtOnce = 16
	// maxSessions is how many sessions an export may take its results from.
	maxSessions = 3
	// exportWait is how long an export waits to begin, exportTimeout how long it may then take.
	exportWait    = 10 * time.Second
	exportTimeout = 5 * time.Minute
	// chunkTimeout is what a reader gets to take what one read of the source has given.
	chunkTimeout = time.Minute
)

var (
	errExportsBusy = errors.New("web: too many exports at once")
	errFormat      = errors.New("web: unknown export format")
	// errTooManyRows says that a worksheet cannot hold so many orders.
	errTooManyRows = errors.New("web: more orders than a worksheet has rows")
)

// exporter answers /carteira/exportar: every order that the page's query matches, in the page's
// sequence, with the results of a session where one is named. Nothing of it is sent before the
// first orders are read, so that what goes wrong until then is told in words.
type exporter struct {
	*bookPage
	turns chan struct{}
	reads source.Source
}

func newExporter(page *bookPage) *exporter {
	return &exporter{page, make(chan struct{}, exportsAtOnce), inTurns{page.Source, make(chan struct{}, readsAtOnce)}}
}

// inTurns is a source that reads listings for a few callers at a time; the others wait.
type inTurns struct {
	source.Source
	turns chan struct{}
}

func (s inTurns) Book(ctx context.Context, q source.BookQuery) (page source.BookPage, err error) {
	err = s.inTurn(ctx, func() (err error) { page, err = s.Source.Book(ctx, q); return err })
	return page, err
}

func (s inTurns) Numbers(ctx context.Context, q source.NumbersQuery) (all []atp.OrderNumber, err error) {
	err = s.inTurn(ctx, func() (err error) { all, err = s.Source.Numbers(ctx, q); return err })
	return all, err
}

func (s inTurns) inTurn(ctx context.Context, read func() error) error {
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
		return read()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// export is one request of it.
type export struct {
	query bookquery.Query
	// sessions are those whose results count: what the first lacks is taken from the next.
	sessions []string
	outcomes map[atp.OrderNumber]bookquery.Outcome
	format   string
	words    format
	at       time.Time
}

// queryError is an address that cannot be exported.
type queryError struct{ problems []bookquery.Problem }

func (queryError) Error() string { return "web: invalid export query" }

func (x *exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	values := r.URL.Query()
	prefs := x.preferences(w, r, values)
	ctx, cancel := context.WithTimeout(r.Context(), exportTimeout)
	defer cancel()
	answer := &download{ResponseWriter: w}
	err := x.serve(ctx, answer, r, values, prefs)
	switch {
	case err == nil || r.Context().Err() != nil:
	case answer.begun:
		x.Log.ErrorContext(r.Context(), "export broken off", slog.Any("error", err))
		panic(http.ErrAbortHandler) // half a file must not pass for a whole one
	default:
		x.refuse(w, r, values, prefs, err)
	}
}

func (x *exporter) serve(ctx context.Context, w *download, r *http.Request, values url.Values, prefs preferences) error {
	e, err := x.parse(values, prefs)
	if err != nil {
		return err
	}
	if err := x.takeTurn(ctx); err != nil {
		return err
	}
	defer func() { <-x.turns }()
	if len(e.sessions) > 0 && x.Outcomes != nil {
		if e.outcomes, err = x.results(ctx, e.sessions); err != nil {
			return err
		}
	}
	w.export = e
	if r.Method == http.MethodHead {
		w.begin()
		return nil
	}
	return x.write(ctx, w, e)
}

// results are those of the sessions together. A page that shows the results of one
// analysis and, for orders that it has not come to, those of the one before names both; if one of
// them is gone the file would not be what is shown, so there is none.
func (x *exporter) results(ctx context.Context, sessions []string) (map[atp.OrderNumber]bookquery.Outcome, error) {
	all := map[atp.OrderNumber]bookquery.Outcome{}
	for _, session := range slices.Backward(sessions) {
		some, err := x.Outcomes(ctx, session)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, some)
	}
	return all, nil
}

// sessionsOf takes a list of sessions apart; the first one stays in values and sorts.
func sessionsOf(values url.Values) []string {
	if values.Get(bookquery.Session) == "" {
		return nil
	}
	sessions := strings.Split(values.Get(bookquery.Session), ",")
	if len(sessions) <= maxSessions && len(values[bookquery.Session]) == 1 {
		values.Set(bookquery.Session, sessions[0])
	}
	return sessions
}

func (x *exporter) parse(values url.Values, prefs preferences) (*export, error) {
	e := &export{format: values.Get(formatParam), words: format{prefs.lang}, at: x.Now(), sessions: sessionsOf(values)}
	values.Del(formatParam)
	if e.format != formatCSV && e.format != formatXLSX {
		return nil, errFormat
	}
	var problems []bookquery.Problem
	if e.query, problems = bookquery.Parse(values); len(problems) > 0 {
		return nil, queryError{problems}
	}
	e.query.StaleBefore = x.Today() - atp.Day(x.StaleDays) //nolint:gosec // at most atp.MaxStale
	return e, nil
}

func (x *exporter) takeTurn(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, exportWait)
	defer cancel()
	select {
	case x.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errExportsBusy
	}
}

// write reads the orders and writes them some at a time.
func (x *exporter) write(ctx context.Context, w *download, e *export) (err error) {
	columns := exportColumns(e.outcomes)
	out, err := newSheet(w, e, columns)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	cells := make([]cell, len(columns))
	err = bookquery.Walk(ctx, x.reads, e.query, x.Rank, func(orders []source.BookOrder) error {
		w.extend()
		for i := range orders {
			row := exportRow{order: &orders[i], export: e}
			row.outcome, row.analysed = e.outcomes[orders[i].Number]
			for c := range columns {
				cells[c] = columns[c].of(&row)
			}
			if err := out.row(cells); err != nil {
				return err
			}
		}
		return out.flush()
	})
	if err != nil {
		return err
	}
	return out.finish()
}

// download is the answer to an export. The first byte commits it: until then it may still become
// a page that says what is wrong.
type download struct {
	http.ResponseWriter
	export *export
	begun  bool
}

// Unwrap lets http.ResponseController reach the connection.
func (d *download) Unwrap() http.ResponseWriter { return d.ResponseWriter }

var exportTypes = map[string]string{
	formatCSV:  "text/csv; charset=utf-8",
	formatXLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// begin commits the answer to a file.
func (d *download) begin() {
	d.begun = true
	h := d.Header()
	h.Set("Content-Type", exportTypes[d.export.format])
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="carteira-%s.%s"`,
		d.export.at.Format("20060102-1504"), d.export.format))
	h.Set("Cache-Control", "no-store")
	d.extend()
}

func (d *download) Write(b []byte) (int, error) {
	if !d.begun {
		d.begin()
	}
	return d.ResponseWriter.Write(b)
}

// extend gives the reader time for the next part. An error means a connection without deadlines,
// as in tests.
func (d *download) extend() {
	_ = http.NewResponseController(d.ResponseWriter).SetWriteDeadline(time.Now().Add(chunkTimeout))
}

// refusal is why there is no file.
type refusal struct {
	status int
	text   lang.Text
}

func refusalOf(err error) refusal {
	switch {
	case errors.As(err, new(queryError)), errors.Is(err, errFormat):
		return refusal{http.StatusBadRequest, textExportInvalid}
	case errors.Is(err, bookquery.ErrSession), errors.Is(err, bookquery.ErrMode):
		return refusal{http.StatusNotFound, textExportSession}
	case errors.Is(err, errTooManyRows):
		return refusal{http.StatusUnprocessableEntity, textExportTooMany}
	case errors.Is(err, errExportsBusy):
		return refusal{http.StatusServiceUnavailable, textExportBusy}
	case errors.Is(err, source.ErrUnusable):
		return refusal{http.StatusInternalServerError, texts["unusableHint"]}
	}
	return refusal{http.StatusServiceUnavailable, texts["failedHint"]}
}

// refusalView is what the page without a file shows.
type refusalView struct {
	Lang, Theme, Title, Text, Back, BackText string
	Assets                                   assets
	Problems                                 []string
}

// refuse answers with a page instead of a file, and leads back to the orders.
func (x *exporter) refuse(w http.ResponseWriter, r *http.Request, values url.Values, prefs preferences, err error) {
	why := refusalOf(err)
	if why.status >= http.StatusInternalServerError && !errors.Is(err, errExportsBusy) {
		x.Log.ErrorContext(r.Context(), "order book not exported", slog.Any("error", err))
	}
	if why.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	v := refusalView{
		Lang: prefs.lang.String(), Theme: prefs.theme, Assets: x.assets, Title: textExportNone.In(prefs.lang),
		Text: why.text.In(prefs.lang), BackText: textExportBack.In(prefs.lang), Back: x.backAddress(values, prefs),
	}
	if problem := new(queryError); errors.As(err, problem) {
		for _, p := range problem.problems {
			v.Problems = append(v.Problems, p.Field+": "+p.Text.In(prefs.lang))
		}
	}
	if err := render(w, why.status, x.templates, "export.html", v); err != nil {
		x.Log.ErrorContext(r.Context(), "page not delivered", slog.Any("error", err))
	}
}

// backAddress is the page with the filters of an export, without the session that may be gone.
func (x *exporter) backAddress(values url.Values, prefs preferences) string {
	values.Del(bookquery.Session)
	values.Del(bookquery.Contested)
	q, problems := bookquery.Parse(values)
	if len(problems) > 0 {
		return x.addresses(prefs).all()
	}
	return x.addresses(prefs).at(q, func(n *bookquery.Query) { n.Limit = 0 })
}

// exports are the addresses of the files, with the session that sorts the page; the script names
// the one that it follows.
func (p *bookPage) exports(v *view, prefs preferences, q bookquery.Query) {
	for _, name := range []string{formatCSV, formatXLSX} {
		q.Cursor, q.Limit = "", 0
		values := q.Values()
		prefs.set(values)
		values.Set(formatParam, name)
		values.Set(langParam, prefs.lang.String())
		v.Exports = append(v.Exports, choice{
			Value: name, Text: exportNames[name], Address: p.BasePath + "/carteira/exportar?" + values.Encode(),
		})
	}
}

var exportNames = map[string]string{formatCSV: "CSV", formatXLSX: "XLSX"}
