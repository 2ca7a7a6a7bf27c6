package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/cli"
	"ruptura/internal/dataset"
	"ruptura/internal/demo"
	"ruptura/internal/legacytest"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source"
	"ruptura/internal/source/postgres"
	"ruptura/internal/source/sourcetest"
	"ruptura/internal/source/sqlite"
	"ruptura/internal/wire"
)

// The same data gives the same answers, byte for byte, whichever database holds it: SQLite,
// PostgreSQL with tables of its own (nativo), or the ERP's tables with views over them (legado).

var equalToday = atp.NewDay(2026, 3, 2)

const equalStale = 60 // days

// sibling is one of the databases that hold the same data.
type sibling struct {
	source.Source

	name string
	db   string // as the commands take it
	load func(ctx context.Context, fill func(dataset.Writer) error) error
}

// siblings are one of each kind. The PostgreSQL ones are read by users who may only select, on a
// database whose texts sort by language where ours must not.
func siblings(t *testing.T) []sibling {
	t.Helper()
	server := postgrestest.Start(t, postgrestest.Options{})
	return []sibling{newEmbedded(t), newNative(t, server), newLegacy(t, server)}
}

func newEmbedded(t *testing.T) sibling {
	t.Helper()
	path := filepath.Join(t.TempDir(), "equal.db")
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeOnce(t, db) })
	return sibling{db, "sqlite", "sqlite:" + path, func(ctx context.Context, fill func(dataset.Writer) error) error {
		return db.Replace(ctx, dataset.Relations(), fill)
	}}
}

func newNative(t *testing.T, server *postgrestest.Server) sibling {
	t.Helper()
	url := server.Collated(t, "pt-BR")
	migrateTo(t, url, postgres.Native)
	owner := openPostgres(t, url)
	reader := server.Reader(t, url, postgres.DefaultSchema)
	return sibling{openPostgres(t, reader), "nativo", reader,
		func(ctx context.Context, fill func(dataset.Writer) error) error {
			return owner.Replace(ctx, dataset.Relations(), fill)
		}}
}

func newLegacy(t *testing.T, server *postgrestest.Server) sibling {
	t.Helper()
	url := server.Collated(t, "pt-BR")
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if err := legacytest.Create(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	migrateTo(t, url, postgres.Legacy)
	reader := server.Reader(t, url, postgres.DefaultSchema)
	return sibling{openPostgres(t, reader), "legado", reader,
		func(ctx context.Context, fill func(dataset.Writer) error) error {
			return legacytest.Load(ctx, conn, fill)
		}}
}

func migrateTo(t testing.TB, url string, p postgres.Profile) {
	t.Helper()
	m, err := postgres.NewMigrator(t.Context(), url, postgres.DefaultSchema, p)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func openPostgres(t testing.TB, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeOnce(t, db) })
	return db
}

func closeOnce(t testing.TB, db source.Source) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestEnginesAgreeOnRandomData holds them against each other on data made to find differences.
func TestEnginesAgreeOnRandomData(t *testing.T) {
	all := siblings(t)
	rapid.Check(t, func(rt *rapid.T) {
		fill := legacytest.Shape(sourcetest.Random(rt).Write)
		q := source.BookQuery{
			Filter: randomFilter(rt), StaleBefore: equalToday - equalStale,
			Sort:       rapid.SampledFrom(source.Columns()).Draw(rt, "column"),
			Descending: rapid.Bool().Draw(rt, "descending"), Limit: rapid.IntRange(1, 5).Draw(rt, "limit"),
		}
		var texts []string
		for _, s := range all {
			if err := s.load(t.Context(), fill); err != nil {
				rt.Fatalf("%s: %v", s.name, err)
			}
			texts = append(texts, s.tell(t.Context(), rt, q))
		}
		for i, s := range all[1:] {
			if diff := gocmp.Diff(texts[0], texts[i+1]); diff != "" {
				rt.Errorf("-%s +%s:\n%s", all[0].name, s.name, diff)
			}
		}
	})
}

// randomFilter looks for what the random data has.
func randomFilter(t *rapid.T) (f source.Filter) {
	texts := rapid.SampledFrom([]string{"", "sao joao", "SÃO", "ze", "Zé", "unite", "ÜNÏTÉ", "%", "_", "'", "🍞", "1"})
	names := rapid.SampledFrom([]string{"PADARIA SAO JOAO", "Zé", "a_b"})
	yes := true
	switch rapid.IntRange(0, 6).Draw(t, "filter") {
	case 0:
		f.Text = texts.Draw(t, "text")
	case 1:
		f.UF = "SP"
	case 2:
		f.Salesperson = names.Draw(t, "salesperson")
	case 3:
		f.Product = rapid.SampledFrom([]atp.ProductCode{"1", "01", "0001", "P1", "p1", "P"}).Draw(t, "product")
	case 4:
		f.Important = &yes
	case 5:
		f.NeedFrom, f.NeedTo = equalToday-10, equalToday+10
	}
	return f
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// tell is everything that a database has to say, as text.
func (s sibling) tell(ctx context.Context, t fataler, q source.BookQuery) string {
	t.Helper()
	whole := s.read(ctx, t, source.Query{All: true})
	var b strings.Builder
	s.tellBook(ctx, t, &b, q)
	s.tellOrders(ctx, t, &b, whole)
	s.tellProducts(ctx, t, &b, whole)
	return b.String()
}

func (s sibling) read(ctx context.Context, t fataler, q source.Query) *atp.Snapshot {
	t.Helper()
	snapshot, err := s.Read(ctx, q)
	if err != nil {
		t.Fatalf("%s: read: %v", s.name, err)
	}
	return snapshot
}

// tellBook writes all pages of a listing, and the numbers that match its filter.
func (s sibling) tellBook(ctx context.Context, t fataler, b *strings.Builder, q source.BookQuery) {
	t.Helper()
	for {
		page, err := s.Book(ctx, q)
		if err != nil {
			t.Fatalf("%s: book: %v", s.name, err)
		}
		for _, o := range page.Orders {
			fmt.Fprintf(b, "%d: %+v\n", page.Total, o)
		}
		if q.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	numbers, err := s.Numbers(ctx, source.NumbersQuery{Filter: q.Filter, StaleBefore: q.StaleBefore})
	if err != nil {
		t.Fatalf("%s: numbers: %v", s.name, err)
	}
	fmt.Fprintf(b, "%q\n", numbers)
}

// tellOrders writes the answers for all orders, read with the whole book, and for two of them read
// by themselves.
func (s sibling) tellOrders(ctx context.Context, t fataler, b *strings.Builder, whole *atp.Snapshot) {
	t.Helper()
	numbers := orderNumbers(whole)
	s.answer(t, b, whole, numbers)
	s.tellTogether(ctx, t, b, numbers)
	for _, n := range numbers[:min(2, len(numbers))] {
		s.answer(t, b, s.read(ctx, t, source.Query{Orders: []atp.OrderNumber{n}}), []atp.OrderNumber{n})
	}
}

func (s sibling) answer(t fataler, b *strings.Builder, snapshot *atp.Snapshot, numbers []atp.OrderNumber) {
	t.Helper()
	book, err := atp.NewBook(snapshot, atp.DefaultParams(equalToday))
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	for _, n := range numbers {
		r, err := book.Analyze(n)
		if err != nil {
			t.Fatalf("%s: order %q: %v", s.name, n, err)
		}
		b.Write(append(wire.AppendResult(nil, &wire.Answer{Result: r}, wire.Form{Detail: wire.Items}, wire.Reading{}), '\n'))
	}
}

// tellTogether writes the answers for all orders where they compete, explained, under each policy.
func (s sibling) tellTogether(ctx context.Context, t fataler, b *strings.Builder, numbers []atp.OrderNumber) {
	t.Helper()
	form := wire.Form{Detail: wire.Explained}
	for _, policy := range atp.Policies() {
		book, err := analysis.Read(ctx, s.Source, numbers, analysis.Plan{
			Params: atp.DefaultParams(equalToday), Mode: atp.Together, Policy: policy, Priority: atp.DefaultPriority(), Detail: form.Detail,
		})
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		for _, n := range numbers {
			a, err := book.Answer(n)
			if err != nil {
				t.Fatalf("%s: order %q: %v", s.name, n, err)
			}
			b.Write(append(clientNames.ReplaceAll(wire.AppendResult(nil, &a, form, wire.Reading{}), nil), '\n'))
		}
	}
}

// clientNames are left out where answers are compared: the ERP's tables keep an order's header with its lines, so
// of a holder without open lines only the others know the client.
var clientNames = regexp.MustCompile(`"cliente":(null|"(\\.|[^"\\])*"),`)

// tellProducts writes the projections of a few products.
func (s sibling) tellProducts(ctx context.Context, t fataler, b *strings.Builder, whole *atp.Snapshot) {
	t.Helper()
	products := productCodes(whole)
	for _, code := range products[:min(4, len(products))] {
		snapshot := s.read(ctx, t, source.Query{Products: []atp.ProductCode{code}})
		p, err := atp.Project(snapshot, atp.DefaultParams(equalToday), code, 30)
		if err != nil {
			t.Fatalf("%s: product %q: %v", s.name, code, err)
		}
		b.Write(append(wire.AppendProjection(nil, &p, true, equalToday.Time()), '\n'))
	}
}

func orderNumbers(s *atp.Snapshot) (all []atp.OrderNumber) {
	for _, l := range s.Lines {
		all = append(all, l.Order)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func productCodes(s *atp.Snapshot) (all []atp.ProductCode) {
	for _, l := range s.Lines {
		all = append(all, l.Key.Product)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestEnginesAgreeOnACompany asks the running program and its commands, once over each database,
// for everything that they have to say about a made-up company; and the two say the same.
func TestEnginesAgreeOnACompany(t *testing.T) {
	fill := legacytest.Shape(func(w dataset.Writer) error {
		return demo.Generate(demo.Config{Orders: 120, Movements: 3000, Seed: 7, Today: equalToday}, w)
	})
	var first []string
	for _, s := range siblings(t) {
		if err := s.load(t.Context(), fill); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		told, results := tellByHTTP(t, s.Source)
		table, printed := tellByCommand(t, s.db)
		if diff := gocmp.Diff(results, printed); diff != "" {
			t.Errorf("%s: -API +command:\n%.4000s", s.name, diff)
		}
		told = append(append(told, results...), table)
		if first == nil {
			first = told
		}
		if diff := gocmp.Diff(first, told); diff != "" {
			t.Errorf("-sqlite +%s:\n%.4000s", s.name, diff)
		}
	}
}

// tellByCommand is what `analyze` says of the whole book: as a table for a spreadsheet, and order by
// order as the API does.
func tellByCommand(t *testing.T, db string) (table string, results []string) {
	t.Helper()
	analyze := func(how ...string) string {
		status, out := command(t, append([]string{"analyze", "--all", "--db", db, "--today", equalToday.String()}, how...)...)
		if status != cli.Done {
			t.Fatalf("analyze %q: %s", how, out)
		}
		return out
	}
	var answer struct {
		Results []json.RawMessage `json:"resultados"`
	}
	if err := json.Unmarshal([]byte(analyze("--json", "--detalhe", "itens")), &answer); err != nil {
		t.Fatal(err)
	}
	for _, r := range answer.Results {
		results = append(results, settled(string(r)))
	}
	slices.Sort(results)
	return analyze("--csv"), results
}
