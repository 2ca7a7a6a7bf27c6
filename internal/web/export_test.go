package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/source"
)

var hostileNames = []string{
	"=HYPERLINK(\"http://x\")", "+1", "-1+1", "@SUM(A1)", "\tTAB", "\rCR", "＝1", `Bar "do Zé"; e Cia, Ltda`, "<img src=x>", "日本 🙂", "'já marcado",
}

// exported is a page with an export over some orders, the first ones analysed by session "S".
func exported(t *testing.T, src source.Source) http.Handler {
	t.Helper()
	readAt := time.Date(2026, 3, 2, 14, 3, 20, 0, time.FixedZone("", -3*60*60))
	outcomes := map[atp.OrderNumber]bookquery.Outcome{
		"VCD2543400": {OK: true, Available: 100, ItemsAvailable: 1, AvailableValue: 1234567, Whole: testToday, OnTime: new(true), ReadAt: readAt},
		"VCD2543401": {
			Available: 74, Criticality: atp.High, ItemsAvailable: 1, ItemsShort: 1, AvailableValue: 899800, AtRisk: 321240,
			Whole: testToday + 9, OnTime: new(false), DaysLate: 11, ReadAt: readAt,
		},
		"VCD2543402": {Failure: "erro"},
	}
	h, err := New(Config{
		Source: src, Today: func() atp.Day { return testToday }, StaleDays: 60, BasePath: "/x", Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Date(2026, 3, 2, 14, 3, 22, 0, time.UTC) },
		Outcomes: func(_ context.Context, session string) (map[atp.OrderNumber]bookquery.Outcome, error) {
			switch session {
			case "S":
				return outcomes, nil
			case "T": // a newer one, which was cancelled
				return map[atp.OrderNumber]bookquery.Outcome{"VCD2543400": {Available: 5, Criticality: atp.Critical, ReadAt: readAt}}, nil
			}
			return nil, bookquery.ErrSession
		},
		Rank: func(context.Context, bookquery.Ranking) ([]atp.OrderNumber, error) {
			return []atp.OrderNumber{"VCD2543401", "VCD2543400"}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func readCSV(t *testing.T, r *http.Response, comma rune) [][]string {
	t.Helper()
	text, marked := strings.CutPrefix(body(t, r), "\ufeff")
	if !marked {
		t.Error("without the byte order mark Excel takes it for Windows-1252")
	}
	c := csv.NewReader(strings.NewReader(text))
	c.Comma = comma
	rows, err := c.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestExportCSV(t *testing.T) {
	h := exported(t, &fakeSource{orders: someOrders(4)})
	t.Run("Portuguese", func(t *testing.T) {
		r := get(h, "/carteira/exportar?formato=csv&sessao=S")
		if got := r.Header.Get("Content-Disposition"); got != `attachment; filename="carteira-20260302-1403.csv"` {
			t.Errorf("named %s", got)
		}
		rows := readCSV(t, r, ';')
		want := []string{
			"VCD2543401", "Não", "Rede Economia", "12.345.678/0001-90", "Ribeirão Preto", "SP", "Carlos Eduardo", "01/03/2026", "28/02/2026",
			"2", "13333,32", "Em ruptura", "74", "Alta", "1", "1", "8998,00", "3212,40", "11/03/2026", "Não", "11", "02/03/2026 14:03:20", "",
			"02/03/2026 14:03:22",
		}
		if diff := cmp.Diff(want, rows[2]); diff != "" || len(rows) != 5 {
			t.Errorf("%d rows; %s", len(rows), diff)
		}
		if rows[3][11] != "Não analisado" || rows[4][11] != "Não analisado" || strings.Join(rows[3][12:22], "") != "" {
			t.Errorf("orders without a result: %q, %q", rows[3], rows[4])
		}
	})
	t.Run("English, the book alone", func(t *testing.T) {
		rows := readCSV(t, get(h, "/carteira/exportar?formato=csv&lang=en"), ',')
		want := []string{
			"VCD2543401", "No", "Rede Economia", "12.345.678/0001-90", "Ribeirão Preto", "SP", "Carlos Eduardo", "2026-03-01", "2026-02-28",
			"2", "13333.32", "", "2026-03-02 14:03:22",
		}
		if diff := cmp.Diff(want, rows[2]); diff != "" || rows[0][0] != "Order" {
			t.Error(diff)
		}
	})
	t.Run("a newer analysis over an older one", func(t *testing.T) {
		rows := readCSV(t, get(h, "/carteira/exportar?formato=csv&sessao=T,S"), ';')
		if rows[1][12] != "5" || rows[2][12] != "74" {
			t.Errorf("availability %q and %q, want the newer and the older result", rows[1][12], rows[2][12])
		}
	})
	t.Run("sorted by results", func(t *testing.T) {
		rows := readCSV(t, get(h, "/carteira/exportar?formato=csv&sessao=S&ordem=-valor_com_ruptura&limite=1&cursor=r3"), ';')
		if len(rows) != 5 || rows[1][0] != "VCD2543401" || rows[2][0] != "VCD2543400" {
			t.Errorf("%d rows, the first of %s", len(rows), rows[1][0])
		}
	})
}

// A spreadsheet must never take a name for a formula, nor lose a part of it.
func TestExportHostileNames(t *testing.T) {
	orders := someOrders(len(hostileNames))
	for i, name := range hostileNames {
		orders[i].Client, orders[i].Note = name, name
	}
	h := exported(t, &fakeSource{orders: orders})
	rows := readCSV(t, get(h, "/carteira/exportar?formato=csv"), ';')
	sheet := readXLSX(t, get(h, "/carteira/exportar?formato=xlsx"))
	for i, name := range hostileNames {
		want := name
		if strings.ContainsAny(name[:1], "=+-@\t\r") || strings.HasPrefix(name, "＝") {
			want = "'" + name
		}
		if got := rows[i+1][2]; got != strings.ReplaceAll(want, "\r", "") { // where lines end with CR LF, encoding/csv writes no CR alone
			t.Errorf("CSV: %q became %q, want %q", name, got, want)
		}
		at := fmt.Sprintf("C%d", i+2)
		formula, err := sheet.GetCellFormula("Carteira de pedidos", at)
		if err != nil || formula != "" {
			t.Errorf("XLSX: %q is the formula %q, %v", name, formula, err)
		}
		kind, err := sheet.GetCellType("Carteira de pedidos", at)
		if err != nil || kind != excelize.CellTypeInlineString {
			t.Errorf("XLSX: %q is of type %d, %v", name, kind, err)
		}
		if got, err := sheet.GetCellValue("Carteira de pedidos", at); err != nil || strings.ReplaceAll(got, "\r", "\n") != strings.ReplaceAll(name, "\r", "\n") {
			t.Errorf("XLSX: %q became %q, %v", name, got, err)
		}
	}
}

func readXLSX(t *testing.T, r *http.Response) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader([]byte(body(t, r))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestExportXLSX(t *testing.T) {
	f := readXLSX(t, get(exported(t, &fakeSource{orders: someOrders(4)}), "/carteira/exportar?formato=xlsx&sessao=S&lang=en"))
	const name = "Order book"
	for at, want := range map[string]string{
		"A1": "Order", "A3": "VCD2543401", "H3": "2026-03-01", "K3": "13,333.32", "L3": "Short", "M3": "74", "R3": "3,212.40",
		"S3": "2026-03-11", "T3": "No", "U3": "11", "V3": "2026-03-02 14:03:20", "X3": "2026-03-02 14:03:22", "L4": "Not analysed", "M4": "", "S2": "2026-03-02",
	} {
		if got, err := f.GetCellValue(name, at); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", at, got, err, want)
		}
	}
	for at, want := range map[string]string{"K3": "13333.32", "S3": "46092", "M3": "74"} { // numbers to calculate with
		if got, err := f.GetCellValue(name, at, excelize.Options{RawCellValue: true}); err != nil || got != want {
			t.Errorf("%s holds %q, %v, want %q", at, got, err, want)
		}
	}
	panes, err := f.GetPanes(name)
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes %+v, %v", panes, err)
	}
	if width, err := f.GetColWidth(name, "C"); err != nil || width != 36 {
		t.Errorf("width %g, %v", width, err)
	}
	id, err := f.GetCellStyle(name, "A1")
	if err != nil {
		t.Fatal(err)
	}
	if style, err := f.GetStyle(id); err != nil || style.Font == nil || !style.Font.Bold {
		t.Errorf("heading %+v, %v", style, err)
	}
}

// manyPages lists orders by page, as the engines do, and fails after some.
type manyPages struct {
	source.Source
	pages, failAfter int
}

func (s manyPages) Book(_ context.Context, q source.BookQuery) (source.BookPage, error) {
	n := len(q.Cursor)
	if s.failAfter > 0 && n >= s.failAfter {
		return source.BookPage{}, source.ErrUnavailable
	}
	page := source.BookPage{Orders: someOrders(q.Limit)}
	if n+1 < s.pages {
		page.Next = q.Cursor + "."
	}
	return page, nil
}

func TestExportGoesThroughAllPages(t *testing.T) {
	rows := readCSV(t, get(exported(t, manyPages{pages: 3}), "/carteira/exportar?formato=csv"), ';')
	if want := 3*bookquery.MaxLimit + 1; len(rows) != want {
		t.Errorf("%d rows, want %d", len(rows), want)
	}
}

// Half a file must not pass for a whole one: the connection breaks, or there is no file at all.
func TestExportBrokenOff(t *testing.T) {
	server := httptest.NewServer(exported(t, manyPages{pages: 3, failAfter: 2}))
	defer server.Close()
	for format, wantStatus := range map[string]int{"csv": http.StatusOK, "xlsx": http.StatusServiceUnavailable} {
		r, err := server.Client().Get(server.URL + "/carteira/exportar?formato=" + format)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, r.Body)
		r.Body.Close()
		if r.StatusCode != wantStatus || (err != nil) != (format == "csv") {
			t.Errorf("%s: %d, %v", format, r.StatusCode, err)
		}
	}
}

func TestExportRefusals(t *testing.T) {
	rows := &fakeSource{orders: someOrders(3)}
	tests := map[string]struct {
		src    *fakeSource
		query  string
		status int
		want   string
	}{
		"no format":       {rows, "", 400, "formato=xlsx"},
		"unknown format":  {rows, "formato=pdf", 400, "formato=xlsx"},
		"invalid filter":  {rows, "formato=csv&uf=123", 400, "uf: "},
		"unknown session": {rows, "formato=csv&sessao=GONE&uf=SP", 404, `href="/x/carteira?uf=SP"`},
		"one is gone":     {rows, "formato=csv&sessao=S,GONE", 404, "expirou"},
		"many sessions":   {rows, "formato=csv&sessao=S,S,S,S", 400, "sessao: "},
		"source down":     {&fakeSource{err: source.ErrUnavailable}, "formato=xlsx", 503, "Nenhum pedido foi lido"},
		"not usable":      {&fakeSource{err: source.ErrUnusable}, "formato=csv", 500, "ruptura doctor"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := get(exported(t, tt.src), "/carteira/exportar?"+tt.query)
			page := body(t, r)
			if r.StatusCode != tt.status || !strings.Contains(page, tt.want) || r.Header.Get("Content-Disposition") != "" {
				t.Errorf("%s, want %d and %q in %s", r.Status, tt.status, tt.want, page)
			}
			if got := r.Header.Get("Retry-After") != ""; got != (tt.status == 503) {
				t.Errorf("Retry-After sent: %t", got)
			}
			if found := inline.FindString(page); found != "" {
				t.Errorf("the page has %q", found)
			}
		})
	}
}

func TestExportHead(t *testing.T) {
	r := httptest.NewRequest(http.MethodHead, "/carteira/exportar?formato=xlsx", http.NoBody)
	w := httptest.NewRecorder()
	exported(t, &fakeSource{err: source.ErrUnavailable}).ServeHTTP(w, r) // asks nothing of the source
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != exportTypes[formatXLSX] || w.Body.Len() != 0 {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// slow is a reader that takes nothing until it is released.
type slow struct {
	*httptest.ResponseRecorder

	released <-chan struct{}
}

func (s slow) Write(b []byte) (int, error) {
	<-s.released
	return s.ResponseRecorder.Write(b)
}

// However slowly some take their files, others get theirs.
func TestSlowReadersBlockNoOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := exported(t, &fakeSource{orders: someOrders(4)})
		release := make(chan struct{})
		ask := func(w http.ResponseWriter, format string) {
			h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/carteira/exportar?formato="+format, http.NoBody))
		}
		for i := range exportsAtOnce - 1 {
			go ask(slow{httptest.NewRecorder(), release}, []string{formatCSV, formatXLSX}[i%2])
		}
		synctest.Wait()
		w := httptest.NewRecorder()
		ask(w, formatCSV)
		if w.Code != http.StatusOK || strings.Count(w.Body.String(), "\r\n") != 5 {
			t.Errorf("%d: %.200s", w.Code, w.Body)
		}
		close(release)
		synctest.Wait()
	})
}

// Exports wait for their turn, but not for ever.
func TestExportsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := exported(t, silent{})
		ctx, cancel := context.WithCancel(t.Context())
		ask := func() *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/carteira/exportar?formato=csv", http.NoBody))
			return w
		}
		for range exportsAtOnce {
			go ask()
		}
		synctest.Wait()
		if w := ask(); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "Outras exportações") {
			t.Errorf("%d: %.200s", w.Code, w.Body)
		}
		cancel()
		synctest.Wait()
	})
}
