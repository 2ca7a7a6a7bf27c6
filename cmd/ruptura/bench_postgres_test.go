package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/demo"
	"ruptura/internal/legacytest"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source"
	"ruptura/internal/source/postgres"
)

// The benchmarks on PostgreSQL run the program over the ERP's tables, through the views of the
// profile `legado`, on a server of their own on this machine. The floor is four bare queries that
// read from the tables all that a whole-book analysis needs, through bare pgx on one connection,
// every row scanned. Ours, the floor and the bare statements of our own read take turns.
//
//	bash scripts/bench.sh -bench Postgres                            what takes some minutes
//	RUPTURA_BENCH_LARGE=1 bash scripts/bench.sh -bench Postgres      also 100,000 orders
//	RUPTURA_BENCH_DB=postgres://… bash scripts/bench.sh -bench Postgres
//
// The last measures on a database that is there: the ERP's tables in the schema public, as they
// are on 2026-03-02, and the views (`migrate up --profile legado`). What needs data of another
// size is then left out.
const (
	benchDB    = "RUPTURA_BENCH_DB"
	benchLarge = "RUPTURA_BENCH_LARGE"
)

// The sizes that figures are given for; about 8 lines an order.
var (
	benchMedium = demo.Config{Orders: 10_000, Movements: 2_000_000, Seed: 1, Today: benchData.Today}
	benchHuge   = demo.Config{Orders: 100_000, Movements: 2_000_000, Seed: 1, Today: benchData.Today}
)

// pgBench is the program over the ERP's tables.
type pgBench struct {
	*bench

	source *postgres.DB
	owner  *pgx.Conn // of the tables
}

// startPostgres starts the program on data of a size, or on the database that is asked for.
func startPostgres(b *testing.B, size demo.Config) *pgBench {
	b.Helper()
	url, reader := os.Getenv(benchDB), os.Getenv(benchDB)
	if url == "" {
		url, reader = loadPostgres(b, size)
	} else if size != benchData {
		b.Skipf("%s has the size it has", benchDB)
	}
	p := &pgBench{source: openPostgres(b, reader), owner: connectTo(b, url)}
	p.bench = startBenchFrom(b, p.source, size.Today, nil)
	return p
}

func connectTo(b *testing.B, url string) *pgx.Conn {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// loadPostgres fills the ERP's tables of a server with ordinary settings, and returns the connection
// strings of their owner and of a user who may only select from the views.
func loadPostgres(b *testing.B, size demo.Config) (owner, reader string) {
	b.Helper()
	server := postgrestest.Start(b, postgrestest.Options{Settings: []string{"shared_buffers = '512MB'", "jit = on"}})
	url := server.Database(b)
	conn := connectTo(b, url)
	fill := legacytest.Shape(func(w dataset.Writer) error { return demo.Generate(size, w) })
	if err := legacytest.CreateFull(b.Context(), conn, fill); err != nil {
		b.Fatal(err)
	}
	migrateTo(b, url, postgres.Legacy)
	return url, server.Reader(b, url, postgres.DefaultSchema)
}

// floorQueries are the least that a whole-book analysis has to read.
var floorQueries = []struct {
	sql string
	row func() []any // a variable for each column
}{
	{
		`SELECT cod_produto, sum(qtd_movimentacao) FROM movimentacao_estoque
		WHERE ativo AND (status_nf IS NULL OR status_nf <> 'CANCELADO') GROUP BY cod_produto`,
		func() []any { return []any{new(string), new(pgtype.Numeric)} },
	},
	{
		`SELECT id, num_pedido, cod_produto, nome_produto, qtd_saldo_produto_pedido, preco_produto_pedido,
			raz_social_red, importante, data_pedido, data_entrega_pedido
		FROM carteira_principal WHERE ativo AND qtd_saldo_produto_pedido > 0`,
		func() []any {
			return []any{
				new(int32), new(string), new(string), new(string), new(pgtype.Numeric), new(pgtype.Numeric),
				new(pgtype.Text), new(bool), new(pgtype.Date), new(pgtype.Date),
			}
		},
	},
	{
		`SELECT separacao_lote_id, num_pedido, cod_produto, qtd_saldo, expedicao FROM separacao WHERE sincronizado_nf IS NOT TRUE`,
		func() []any {
			return []any{new(pgtype.Text), new(pgtype.Text), new(pgtype.Text), new(pgtype.Float8), new(pgtype.Date)}
		},
	},
	{
		`SELECT cod_produto, data_programacao, qtd_programada FROM programacao_producao`,
		func() []any { return []any{new(string), new(pgtype.Date), new(float64)} },
	},
}

// bareFloor is how long the floor takes.
func (p *pgBench) bareFloor(ctx context.Context) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		start := time.Now()
		for _, q := range floorQueries {
			rows, err := p.owner.Query(ctx, q.sql)
			if err != nil {
				return 0, err
			}
			if _, err := pgx.ForEachRow(rows, q.row(), func() error { return nil }); err != nil {
				return 0, err
			}
		}
		return time.Since(start), nil
	}
}

// bareOwn is how long our own statements take, every row received and nothing done with it.
func (p *pgBench) bareOwn(b *testing.B, q source.Query) func() (time.Duration, error) {
	b.Helper()
	bare, err := p.source.Bare(b.Context(), q)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = bare.Close(context.Background()) })
	return func() (time.Duration, error) {
		start := time.Now()
		_, err := bare.Scan(b.Context())
		return time.Since(start), err
	}
}

// inTurn runs ours, the floor and our own bare statements in turn, and reports the median of each
// and of the ratios.
func inTurn(b *testing.B, ours, floor, own func() (time.Duration, error)) {
	b.Helper()
	var mine, bare, alone, toFloor, toOwn []float64
	for b.Loop() {
		var took [3]float64
		for i, run := range []func() (time.Duration, error){ours, floor, own} {
			d, err := run()
			if err != nil {
				b.Fatal(err)
			}
			took[i] = float64(d)
		}
		mine, bare, alone = append(mine, took[0]), append(bare, took[1]), append(alone, took[2])
		toFloor, toOwn = append(toFloor, took[0]/took[1]), append(toOwn, took[0]/took[2])
	}
	b.ReportMetric(0, "ns/op") // all together say nothing
	b.ReportMetric(median(mine)/1e6, "ms")
	b.ReportMetric(median(bare)/1e6, "floor-ms")
	b.ReportMetric(median(alone)/1e6, "own-sql-ms")
	b.ReportMetric(median(toFloor), "x-floor")
	b.ReportMetric(median(toOwn), "x-own-sql")
}

// BenchmarkPostgresSession is a whole session over the ERP's tables, for books of a size and of ten
// and a hundred times that: from the POST to the first `resultados` and to `completo` at a client
// that reads the stream; and by `todos`, with the memory that the process takes.
func BenchmarkPostgresSession(b *testing.B) {
	for _, size := range []demo.Config{benchData, benchMedium, benchHuge} {
		b.Run(sizeName(size), func(b *testing.B) {
			if size == benchHuge && os.Getenv(benchLarge) == "" {
				b.Skipf("set %s=1 for this one", benchLarge)
			}
			p := startPostgres(b, size)
			named, err := json.Marshal(map[string]any{"pedidos": p.orders})
			if err != nil {
				b.Fatal(err)
			}
			b.Run("all", p.everything) // first: what it leaves behind is part of the others' memory
			if size != benchHuge {     // which has more orders than a request may name
				b.Run("first", func(b *testing.B) { p.sessions(b, func() (time.Duration, error) { return p.toFirst(b, named) }) })
				b.Run("complete", func(b *testing.B) { p.sessions(b, func() (time.Duration, error) { return p.toEnd(b, named) }) })
			}
		})
	}
}

func sizeName(size demo.Config) string {
	if size == benchData && os.Getenv(benchDB) != "" {
		return "orders=given"
	}
	return fmt.Sprintf("orders=%d", size.Orders)
}

func (p *pgBench) toFirst(b *testing.B, body []byte) (time.Duration, error) {
	b.Helper()
	first, _, err := p.sessionOf(b.Context(), body)
	return first, err
}

func (p *pgBench) toEnd(b *testing.B, body []byte) (time.Duration, error) {
	b.Helper()
	_, whole, err := p.sessionOf(b.Context(), body)
	return whole, err
}

func (p *pgBench) sessions(b *testing.B, ours func() (time.Duration, error)) {
	b.Helper()
	inTurn(b, ours, p.bareFloor(b.Context()), p.bareOwn(b, source.Query{All: true}))
}

// everything measures memory apart from time: it begins with as little as there can be.
func (p *pgBench) everything(b *testing.B) {
	b.Helper()
	all := func() (time.Duration, error) { return p.toEnd(b, []byte(`{"todos":true}`)) }
	var memory peak
	for range 3 {
		stop := memory.watch(b)
		_, err := all()
		stop()
		if err != nil {
			b.Fatal(err)
		}
	}
	p.sessions(b, all)
	memory.report(b)
}

// coveringIndex is what `ruptura doctor` advises: balances are added up from it alone.
const coveringIndex = `CREATE INDEX ruptura_bench_saldo ON movimentacao_estoque (cod_produto) INCLUDE (qtd_movimentacao)
	WHERE ativo AND status_nf IS DISTINCT FROM 'CANCELADO'`

// BenchmarkPostgresAnalyseOne is one order by `analisar`, over a kept connection, against its own
// bare statement, and against a bare handler that runs it and answers the same bytes; without and
// with the advised index.
func BenchmarkPostgresAnalyseOne(b *testing.B) {
	p := startPostgres(b, benchData)
	b.Run("without-index", p.analyseOne)
	p.exec(b, coveringIndex)
	p.exec(b, "VACUUM ANALYZE movimentacao_estoque")
	b.Run("with-index", p.analyseOne)
	p.exec(b, "DROP INDEX ruptura_bench_saldo")
}

func (p *pgBench) exec(b *testing.B, sql string) {
	b.Helper()
	if _, err := p.owner.Exec(b.Context(), sql); err != nil {
		b.Fatal(err)
	}
}

func (p *pgBench) analyseOne(b *testing.B) {
	b.Helper()
	order := p.orders[len(p.orders)/2]
	url := p.url + "/api/ruptura/analisar/" + string(order)
	own := p.bareOwn(b, source.Query{Orders: []atp.OrderNumber{order}})
	answer, err := p.fetch(b.Context(), url)
	if err != nil || !bytes.HasPrefix(answer, []byte(`{"success":true`)) {
		b.Fatalf("analisar: %s %v", answer, err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := own(); err != nil {
			panic(err)
		}
		_, _ = w.Write(answer)
	}))
	defer server.Close()
	timed := func(url string) func() (time.Duration, error) {
		return func() (time.Duration, error) {
			start := time.Now()
			_, err := p.fetch(b.Context(), url)
			return time.Since(start), err
		}
	}
	b.Run("sql", func(b *testing.B) { pairs(b, timed(url), own) })
	b.Run("sql+http", func(b *testing.B) { pairs(b, timed(url), timed(server.URL)) })
}
