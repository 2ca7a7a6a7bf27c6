package postgres_test

import (
	"context"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"ruptura/internal/atp"
	"ruptura/internal/legacytest"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source"
	"ruptura/internal/source/postgres"
	"ruptura/internal/wire"
)

// legacyToday is the day that the tests on the ERP's tables are made for.
var legacyToday = atp.NewDay(2026, 3, 2)

// erp is the ERP's tables in a database of their own, with the views of the profile `legado`, read
// by a user who may select and nothing else.
type erp struct {
	t      *testing.T
	url    string // as superuser
	reader string // as the user who reads
	conn   *pgx.Conn
	db     *postgres.DB
}

func newERP(t *testing.T) *erp {
	t.Helper()
	server := postgrestest.Shared(t)
	e := &erp{t: t, url: server.Database(t)}
	conn, err := pgx.Connect(t.Context(), e.url)
	if err != nil {
		t.Fatal(err)
	}
	e.conn = conn
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if err := legacytest.Create(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	migrateUp(t, e.url, postgres.Legacy)
	e.reader = server.Reader(t, e.url, postgres.DefaultSchema)
	e.db = openReader(t, e.reader)
	return e
}

func migrateUp(t testing.TB, url string, p postgres.Profile) {
	t.Helper()
	m, err := postgres.NewMigrator(t.Context(), url, postgres.DefaultSchema, p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}

func openReader(t testing.TB, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func (e *erp) exec(sql string, args ...any) {
	e.t.Helper()
	if _, err := e.conn.Exec(e.t.Context(), sql, args...); err != nil {
		e.t.Fatalf("%s: %v", sql, err)
	}
}

// line is an open order line; no price is nil.
func (e *erp) line(order, product string, open float64, price any) {
	e.t.Helper()
	e.exec(`INSERT INTO carteira_principal (num_pedido, cod_produto, nome_produto, qtd_saldo_produto_pedido, preco_produto_pedido, cnpj_cpf)
		VALUES ($1, $2, $2, $3, $4, '')`, order, product, open, price)
}

func (e *erp) moved(product string, q float64) {
	e.t.Helper()
	e.exec(`INSERT INTO movimentacao_estoque (cod_produto, nome_produto, data_movimentacao, tipo_movimentacao, local_movimentacao, qtd_movimentacao)
		VALUES ($1, '', '2026-01-01', 'ENTRADA', 'CD', $2)`, product, q)
}

// reserved is a reservation that leaves on D+days.
func (e *erp) reserved(order, product string, q float64, days int) {
	e.t.Helper()
	e.exec(`INSERT INTO separacao (separacao_lote_id, num_pedido, cod_produto, qtd_saldo, expedicao) VALUES ('L', $1, $2, $3, $4)`,
		order, product, q, onDay(days).Time())
}

// scheduled is production of D+days.
func (e *erp) scheduled(product string, q float64, days int) {
	e.t.Helper()
	e.exec(`INSERT INTO programacao_producao (cod_produto, data_programacao, qtd_programada) VALUES ($1, $2, $3)`,
		product, onDay(days).Time(), q)
}

func (e *erp) unified(from, to int) {
	e.t.Helper()
	e.exec(`INSERT INTO unificacao_codigos (codigo_origem, codigo_destino) VALUES ($1, $2)`, from, to)
}

func onDay(days int) atp.Day { return legacyToday + atp.Day(days) }

// analyse is the answer for an order, the same whether it is read by itself or with the whole book.
func (e *erp) analyse(order atp.OrderNumber) atp.Result {
	e.t.Helper()
	alone := answer(e.t, e.db, source.Query{Orders: []atp.OrderNumber{order}}, order)
	among := answer(e.t, e.db, source.Query{All: true}, order)
	if diff := gocmp.Diff(alone.text, among.text); diff != "" {
		e.t.Errorf("order %s (-by itself +with the book):\n%s", order, diff)
	}
	return alone.Result
}

// answered is a result and its JSON, without instants and durations.
type answered struct {
	atp.Result

	text string
}

func answer(t testing.TB, from source.Source, q source.Query, order atp.OrderNumber) answered {
	t.Helper()
	snapshot, err := from.Read(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	book, err := atp.NewBook(snapshot, atp.DefaultParams(legacyToday))
	if err != nil {
		t.Fatal(err)
	}
	r, err := book.Analyze(order)
	if err != nil {
		t.Fatal(err)
	}
	return answered{r, string(wire.AppendResult(nil, &wire.Answer{Result: r}, wire.Form{Detail: wire.Items}, wire.Reading{At: time.Time{}}))}
}

// line is one line of a result.
func lineOf(t testing.TB, r atp.Result, product atp.ProductCode) atp.LineResult {
	t.Helper()
	for _, l := range r.Lines {
		if l.Key.Product == product {
			return l
		}
	}
	t.Fatalf("order %s has no line of %s", r.Order, product)
	return atp.LineResult{}
}

// expect checks what of a line is short, and the day on which it can ship: D+days, or none below 0.
func expect(t testing.TB, l atp.LineResult, shortage atp.Quantity, days int) {
	t.Helper()
	if l.Shortage != shortage {
		t.Errorf("%s is short of %s, want %s", l.Key.Product, l.Shortage, shortage)
	}
	want := atp.Day(0)
	if days >= 0 && shortage > 0 {
		want = onDay(days)
	}
	if l.AvailableOn.Day() != want {
		t.Errorf("%s is available on %q, want %q", l.Key.Product, l.AvailableOn.Day(), want)
	}
}
