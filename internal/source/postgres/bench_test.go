package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ruptura/internal/dataset"
	"ruptura/internal/legacytest"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source"
	"ruptura/internal/source/sourcetest"
)

// usual is the size that the project's figures are given for.
var usual = company{sourcetest.Company{Orders: 1000, LinesPerOrder: 8, Products: 500, Movements: 200_000, Reservations: 5000, Receipts: 2000}}

// large is a hundred times as many orders.
var large = company{sourcetest.Company{Orders: 100_000, LinesPerOrder: 8, Products: 5000, Movements: 1000, Reservations: 300_000, Receipts: 2000}}

// native opens the company in the program's own tables.
func (c company) native(tb testing.TB) *DB {
	tb.Helper()
	url := native(tb)
	db := open(tb, url, Options{})
	if err := db.Replace(tb.Context(), dataset.Relations(), c.Fill); err != nil {
		tb.Fatal(err)
	}
	postgrestest.Exec(tb, url, `VACUUM ANALYZE`)
	return db
}

// legacy opens the company in the ERP's tables, and returns its connection string too.
func (c company) legacy(tb testing.TB) (*DB, string) {
	tb.Helper()
	url := postgrestest.Database(tb)
	conn, err := pgx.Connect(tb.Context(), url)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = conn.Close(tb.Context()) }()
	if err := legacytest.Create(tb.Context(), conn); err != nil {
		tb.Fatal(err)
	}
	if err := legacytest.Load(tb.Context(), conn, legacytest.Shape(c.Fill)); err != nil {
		tb.Fatal(err)
	}
	up(tb, url, Legacy)
	postgrestest.Exec(tb, url, `VACUUM ANALYZE`)
	return open(tb, url, Options{}), url
}

// readSizes are numbers of orders; 0 is the whole book.
var readSizes = []int{1, 20, 200, 1000, 0}

// BenchmarkRead reports how many times as long a read takes as its bare statements, the two taken
// in turns: the ratio of the medians.
func BenchmarkRead(b *testing.B) {
	legacy, _ := usual.legacy(b)
	for name, db := range map[string]*DB{"nativo": usual.native(b), "legado": legacy} {
		for _, n := range readSizes {
			b.Run(fmt.Sprintf("%s/orders=%d", name, n), func(b *testing.B) { db.compareWithBare(b, usual.Query(n)) })
		}
	}
}

func (db *DB) compareWithBare(b *testing.B, q source.Query) {
	b.Helper()
	db.size.Store(int64(usual.Orders))
	bare, err := db.Bare(b.Context(), q)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = bare.Close(b.Context()) }()
	b.ReportAllocs()
	compare(b, "bare",
		func(ctx context.Context) error { _, err := db.Read(ctx, q); return err },
		func(ctx context.Context) error { _, err := bare.Scan(ctx); return err })
}

// compare takes a read and its floor in turns, and reports their medians and the ratio.
func compare(b *testing.B, name string, read, floor func(context.Context) error) {
	b.Helper()
	var reads, floors []time.Duration
	timed := func(do func(context.Context) error) time.Duration {
		start := time.Now()
		if err := do(b.Context()); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	for b.Loop() {
		reads = append(reads, timed(read))
		b.StopTimer()
		floors = append(floors, timed(floor))
		b.StartTimer()
	}
	slices.Sort(reads)
	slices.Sort(floors)
	median, least := reads[len(reads)/2], floors[len(floors)/2]
	b.ReportMetric(median.Seconds()*1e3, "read-ms")
	b.ReportMetric(least.Seconds()*1e3, name+"-ms")
	b.ReportMetric(float64(median)/float64(least), "read/"+name)
}

// fourQueries read what the analysis of a whole book needs from the ERP's tables, one after the
// other: stock by product, open lines, open reservations, receipts.
var fourQueries = []string{
	`SELECT cod_produto, sum(qtd_movimentacao) FROM movimentacao_estoque
		WHERE ativo AND status_nf IS DISTINCT FROM 'CANCELADO' GROUP BY cod_produto`,
	`SELECT num_pedido, id, cod_produto, nome_produto, qtd_saldo_produto_pedido, preco_produto_pedido
		FROM carteira_principal WHERE ativo AND qtd_saldo_produto_pedido > 0`,
	`SELECT num_pedido, cod_produto, separacao_lote_id, qtd_saldo, expedicao FROM separacao WHERE sincronizado_nf IS NOT TRUE`,
	`SELECT cod_produto, data_programacao, qtd_programada FROM programacao_producao`,
}

// BenchmarkWholeAgainstFourQueries compares a read of the whole book with the least that anybody
// could do: [fourQueries] through the bare driver on one connection, every row scanned.
func BenchmarkWholeAgainstFourQueries(b *testing.B) {
	db, url := usual.legacy(b)
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close(b.Context()) }()
	compare(b, "four",
		func(ctx context.Context) error { _, err := db.Read(ctx, source.Query{All: true}); return err },
		func(ctx context.Context) error { return scanFour(ctx, conn) })
}

func scanFour(ctx context.Context, conn *pgx.Conn) error {
	for _, sql := range fourQueries {
		rows, err := conn.Query(ctx, sql)
		if err != nil {
			return err
		}
		for rows.Next() {
			if _, err := rows.Values(); err != nil {
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

func BenchmarkBook(b *testing.B) {
	for _, c := range []company{usual, large} {
		if c.Orders > usual.Orders && testing.Short() {
			continue
		}
		legacy, _ := c.legacy(b)
		for name, db := range map[string]*DB{"nativo": c.native(b), "legado": legacy} {
			b.Run(fmt.Sprintf("%s/orders=%d", name, c.Orders), func(b *testing.B) { c.list(b, db) })
		}
	}
}

func (c company) list(b *testing.B, db *DB) {
	b.Helper()
	stale := usual.Today() - 60
	page := source.BookQuery{StaleBefore: stale, Limit: 500}
	with := func(change func(*source.BookQuery)) source.BookQuery { q := page; change(&q); return q }
	queries := map[string]source.BookQuery{
		"first":   page,
		"client":  with(func(q *source.BookQuery) { q.Sort = source.ByClient }),
		"number":  with(func(q *source.BookQuery) { q.Sort = source.ByNumber }),
		"value":   with(func(q *source.BookQuery) { q.Sort = source.ByValue; q.Descending = true }),
		"text":    with(func(q *source.BookQuery) { q.Text = "são joão 7" }),
		"product": with(func(q *source.BookQuery) { q.Product = c.Product(7) }),
		"needed":  with(func(q *source.BookQuery) { q.NeedFrom, q.NeedTo = usual.Today(), usual.Today()+1 }),
		"named":   with(func(q *source.BookQuery) { q.Numbers = c.Query(500).Orders }),
	}
	for _, name := range slices.Sorted(maps.Keys(queries)) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := db.Book(b.Context(), queries[name]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("numbers", func(b *testing.B) {
		for b.Loop() {
			if _, err := db.Numbers(b.Context(), source.NumbersQuery{StaleBefore: stale}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
