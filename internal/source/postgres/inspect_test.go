package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/doctor"
	"ruptura/internal/lang"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source"
	"ruptura/internal/source/postgres"
)

// own are a user's own relations, as tables without any guarantee, so that a test can plant in them
// what views may show.
var own = []string{
	`CREATE SCHEMA ruptura`,
	`CREATE TABLE ruptura.pedidos (num_pedido text, cliente text, cnpj text, cidade text, uf text, vendedor text,
		data_pedido date, data_entrega date, importante boolean, observacao text)`,
	`CREATE TABLE ruptura.itens (num_pedido text, linha bigint, cod_produto text, nome_produto text, qtd_saldo numeric, preco_unitario numeric)`,
	`CREATE TABLE ruptura.estoque (cod_produto text, qtd numeric, local text, data date)`,
	`CREATE TABLE ruptura.separacoes (lote text, num_pedido text, cod_produto text, qtd numeric, expedicao date)`,
	`CREATE TABLE ruptura.producao (cod_produto text, data date, qtd numeric, linha text)`,
	`CREATE TABLE ruptura.unificacao (codigo_origem text, codigo_destino text)`,
	`INSERT INTO ruptura.pedidos (num_pedido) VALUES ('P1'), ('P2')`,
	`INSERT INTO ruptura.itens VALUES ('P1', 1, 'A', 'Azeitona', 10, 1.25), ('P1', 2, 'B', 'Milho', 5.5, NULL), ('P2', 1, 'A', 'Azeitona', 1, 1)`,
	`INSERT INTO ruptura.estoque VALUES ('A', 100), ('A', -1.5), ('B', 3), ('C', 0)`,
	`INSERT INTO ruptura.separacoes VALUES ('L1', 'P1', 'A', 2, '2026-03-03'), ('L2', 'P2', 'A', 1, NULL)`,
	`INSERT INTO ruptura.producao VALUES ('B', '2026-03-05', 50)`,
	`INSERT INTO ruptura.unificacao VALUES ('A', 'C')`,
}

// owned makes a database with them, as its superuser sees it.
func owned(t *testing.T, more ...string) string {
	t.Helper()
	url := postgrestest.Shared(t).Collated(t, "pt-BR")
	postgrestest.Exec(t, url, own...)
	postgrestest.Exec(t, url, more...)
	return url
}

func inspection(t *testing.T, url string) *postgres.Inspection {
	t.Helper()
	i, err := postgres.NewInspection(t.Context(), url, postgres.Options{StatementTimeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)
	return i
}

var checkDay = atp.NewDay(2026, 3, 2)

// problems asks all questions of the data, and gives what is not well as "code what: rows (examples)".
func problems(t *testing.T, url string) []string {
	t.Helper()
	i := inspection(t, url)
	structure, unusable, err := i.Relations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data, err := doctor.Data(t.Context(), i, doctor.DataOptions{
		StaleBefore: checkDay - 60, Decimals: true, Unusable: unusable, Timeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	return wrong(append(structure, data...))
}

func wrong(found []doctor.Finding) []string {
	var all []string
	for _, f := range found {
		if f.Level == doctor.OK {
			continue
		}
		line := [...]string{doctor.Warning: "warning ", doctor.Problem: "PROBLEM "}[f.Level] + f.Code + ": " + f.What.EN
		if f.Count > 0 {
			line += fmt.Sprintf(" ×%d %s", f.Count, strings.Join(f.Examples, "; "))
		}
		all = append(all, strings.TrimSpace(line))
	}
	return all
}

func TestInspectFindsNothingWrongWithGoodData(t *testing.T) {
	if got := problems(t, owned(t)); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

// TestInspectFindsWhatIsPlanted plants one defect of each kind, and wants it told and nothing else.
func TestInspectFindsWhatIsPlanted(t *testing.T) {
	url := owned(t)
	for _, c := range []struct {
		name, plant string
		want        []string
	}{
		{"two orders of one number", `INSERT INTO ruptura.pedidos (num_pedido) VALUES ('P2')`,
			[]string{"PROBLEM data.duplicate-order: pedidos.num_pedido repeated ×1 P2"}},
		{"two lines of one number", `UPDATE ruptura.itens SET linha = 1`,
			[]string{"PROBLEM data.duplicate-line: num_pedido and linha repeated in itens ×1 P1 / 1"}},
		{"a line without number", `UPDATE ruptura.itens SET linha = NULL WHERE cod_produto = 'B'`,
			[]string{"PROBLEM data.null: itens.linha null ×1 P1"}},
		{"a line without quantity", `UPDATE ruptura.itens SET qtd_saldo = NULL WHERE linha = 2`,
			[]string{"PROBLEM data.null: itens.qtd_saldo null ×1 P1 / 2"}},
		{"a movement without product", `INSERT INTO ruptura.estoque VALUES (NULL, 1), (NULL, 2)`,
			[]string{"PROBLEM data.null: estoque.cod_produto null ×2"}},
		{"a blank product", `INSERT INTO ruptura.estoque VALUES (' ', 1)`,
			[]string{"PROBLEM data.empty-code: estoque.cod_produto blank ×1"}},
		{"a padded product", `INSERT INTO ruptura.estoque VALUES ('A ', 1)`,
			[]string{"warning data.padded-code: estoque.cod_produto with spaces around it ×1 [A ]"}},
		{"a long order", `INSERT INTO ruptura.pedidos (num_pedido) VALUES (repeat('9', 51))`,
			[]string{"PROBLEM data.long-order: pedidos.num_pedido with more than 50 characters ×1 " + strings.Repeat("9", 51)}},
		{"NaN", `INSERT INTO ruptura.separacoes VALUES ('L', 'P1', 'A', 'NaN', '2026-03-03')`,
			[]string{"PROBLEM data.not-a-number: separacoes.qtd not a number that can be used (NaN, infinite or too large) ×1 P1 / A"}},
		{"a number beyond all stores", `INSERT INTO ruptura.estoque VALUES ('B', 1e15)`,
			[]string{"PROBLEM data.not-a-number: estoque.qtd not a number that can be used (NaN, infinite or too large) ×1 B"}},
		{"four decimals", `INSERT INTO ruptura.estoque VALUES ('B', 1.0005)`,
			[]string{"warning data.decimals: estoque.qtd with more than 3 decimals ×1 B"}},
		{"a price of three decimals", `UPDATE ruptura.itens SET preco_unitario = 1.255 WHERE linha = 2`,
			[]string{"warning data.decimals: itens.preco_unitario with more than 2 decimals ×1 P1 / 2"}},
		{"nothing open", `UPDATE ruptura.itens SET qtd_saldo = 0 WHERE linha = 2`,
			[]string{"warning data.not-positive: itens.qtd_saldo zero or negative ×1 P1 / 2"}},
		{"a negative reservation", `UPDATE ruptura.separacoes SET qtd = -qtd WHERE lote = 'L2'`,
			[]string{"warning data.not-positive: separacoes.qtd zero or negative ×1 P2 / A"}},
		{"a negative receipt", `UPDATE ruptura.producao SET qtd = -1`,
			[]string{"warning data.not-positive: producao.qtd zero or negative ×1 B"}},
		{"negative stock", `INSERT INTO ruptura.estoque VALUES ('B', -4)`,
			[]string{"warning data.negative-stock: products with negative stock ×1 B"}},
		{"an undated receipt", `UPDATE ruptura.producao SET data = NULL`,
			[]string{"warning data.undated-receipt: producao.data null ×1 B"}},
		{"a stale reservation", `INSERT INTO ruptura.separacoes VALUES ('L', 'P1', 'A', 1, '2025-12-31'), ('L', 'P2', 'A', 1, '2026-01-01')`,
			[]string{"warning data.stale-reservation: orders with a stale reservation, to ship before 2026-01-01 ×1 P1"}},
		{"an order without header", `DELETE FROM ruptura.pedidos WHERE num_pedido = 'P2'`,
			[]string{"warning data.item-without-order: orders with lines that are not in pedidos ×1 P2"}},
		{"a reservation of no order", `INSERT INTO ruptura.separacoes VALUES ('L', 'P9', 'A', 1, '2026-03-03')`,
			[]string{"warning data.reservation-without-order: orders with a reservation and no lines in the book ×1 P9"}},
		{"a reservation of no product", `INSERT INTO ruptura.separacoes VALUES ('L', 'P1', 'Z', 1, '2026-03-03')`,
			[]string{"warning data.unmatched-code: codes of separacoes.cod_produto that are neither in itens nor in estoque ×1 Z"}},
		{"a receipt of no product", `INSERT INTO ruptura.producao SELECT 'Z' || n, '2026-03-05', 1 FROM generate_series(1, 7) AS n`,
			[]string{"warning data.unmatched-code: codes of producao.cod_produto that are neither in itens nor in estoque ×7 Z1; Z2; Z3; Z4; Z5"}},
		{"unified codes of nothing", `INSERT INTO ruptura.unificacao VALUES ('0A', 'A')`,
			[]string{"warning data.unmatched-code: codes of unificacao.codigo_origem that are neither in itens nor in estoque ×1 0A"}},
		{"no stock at all", `DELETE FROM ruptura.estoque`, []string{"warning data.empty-relation: estoque has no rows"}},
		{"no lines", `DELETE FROM ruptura.itens; DELETE FROM ruptura.separacoes`, []string{"PROBLEM data.empty-relation: itens has no rows"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			postgrestest.Exec(t, url, `DROP SCHEMA ruptura CASCADE`)
			postgrestest.Exec(t, url, append(slices.Clone(own), strings.Split(c.plant, "; ")...)...)
			if diff := cmp.Diff(c.want, relevant(c.want, problems(t, url))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// relevant leaves out that codes and orders match nothing, which other defects bring along, where it
// is not what is planted.
func relevant(want, got []string) []string {
	return slices.DeleteFunc(got, func(line string) bool {
		follows := strings.Contains(line, "unmatched-code") || strings.Contains(line, "item-without-order")
		return follows && !slices.Contains(want, line) && !strings.Contains(want[0], "unmatched-code")
	})
}

// TestInspectJudgesColumns has a user's own views with columns that are missing or of other types.
func TestInspectJudgesColumns(t *testing.T) {
	url := owned(t,
		`ALTER TABLE ruptura.itens RENAME TO i`,
		`CREATE VIEW ruptura.itens AS SELECT num_pedido, linha::numeric, 7 AS cod_produto, nome_produto::varchar(9), qtd_saldo::float8,
			preco_unitario::text FROM ruptura.i`,
		`ALTER TABLE ruptura.estoque ALTER qtd TYPE float8`,
		`ALTER TABLE ruptura.separacoes ALTER expedicao TYPE timestamptz, DROP lote`,
		`ALTER TABLE ruptura.producao ALTER data TYPE text`,
		`ALTER TABLE ruptura.pedidos ALTER importante TYPE text, ALTER data_entrega TYPE timestamp`,
		`DROP TABLE ruptura.unificacao`,
	)
	want := []string{
		"warning relations.type: pedidos.data_entrega is timestamp without time zone, not date",
		"PROBLEM relations.type: pedidos.importante is text, not boolean",
		"warning relations.type: itens.linha is numeric, not bigint",
		"warning relations.type: itens.cod_produto is integer, not text",
		"PROBLEM relations.type: itens.preco_unitario is text, not numeric",
		"warning relations.type: estoque.qtd is double precision, not numeric",
		"warning relations.type: separacoes.expedicao is timestamp with time zone, not date",
		"PROBLEM relations.missing-column: separacoes has no lote",
		"PROBLEM relations.type: producao.data is text, not date",
		"PROBLEM relations.missing: the relation unificacao is missing",
	}
	got := problems(t, url)
	structure := slices.DeleteFunc(slices.Clone(got), func(line string) bool { return strings.Contains(line, " data.") })
	if diff := cmp.Diff(want, structure); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, "data.unasked: ") }) {
		t.Errorf("what cannot be asked is not told: %q", got)
	}
}

// TestInspectAsksAboutCodesOfAnyType has a user's own relations whose numbers and codes are integers: a
// reason to warn, and none to ask less of the data.
func TestInspectAsksAboutCodesOfAnyType(t *testing.T) {
	url := owned(t, `CREATE SCHEMA erp`, `CREATE FUNCTION erp.code(text) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT ascii(right($1, 1))'`,
		`ALTER TABLE ruptura.pedidos ALTER num_pedido TYPE int USING erp.code(num_pedido)`,
		`ALTER TABLE ruptura.itens ALTER num_pedido TYPE int USING erp.code(num_pedido), ALTER cod_produto TYPE int USING erp.code(cod_produto)`,
		`ALTER TABLE ruptura.estoque ALTER cod_produto TYPE int USING erp.code(cod_produto)`,
		`ALTER TABLE ruptura.separacoes ALTER num_pedido TYPE int USING erp.code(num_pedido), ALTER cod_produto TYPE int USING erp.code(cod_produto)`,
		`ALTER TABLE ruptura.unificacao ALTER codigo_origem TYPE int USING erp.code(codigo_origem)`,
		`INSERT INTO ruptura.producao VALUES ('7', '2026-03-05', 50)`, // its codes are texts still, and 'B' is 66 elsewhere
	)
	data := slices.DeleteFunc(problems(t, url), func(line string) bool { return strings.Contains(line, "relations.type") })
	want := []string{
		"warning data.unmatched-code: codes of producao.cod_produto that are neither in itens nor in estoque ×2 7; B",
		"warning data.unmatched-code: codes of unificacao.codigo_destino that are neither in itens nor in estoque ×1 C",
	}
	if diff := cmp.Diff(want, data); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestInspectSchemaAndRights(t *testing.T) {
	server := postgrestest.Shared(t)
	url := owned(t)
	for _, c := range []struct {
		name, url, want string
	}{
		{"no schema", server.Database(t), "PROBLEM relations.no-schema: the schema ruptura does not exist"},
		{"no usage", server.Role(t, url), "PROBLEM relations.no-usage: user USER may not use the schema ruptura"},
		{"no select", server.Role(t, url, "USAGE ON SCHEMA ruptura"), "PROBLEM relations.no-select: user USER may not read pedidos, itens, estoque, separacoes, producao, unificacao"},
		{"an empty schema", empty(t), "PROBLEM relations.none: the schema ruptura has none of the six relations"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, unusable, err := inspection(t, c.url).Relations(t.Context())
			c.want = strings.ReplaceAll(c.want, "USER", named(t, c.url).User)
			if got := wrong(found); err != nil || len(got) == 0 || got[0] != c.want || found[0].Mend.EN == "" || len(found[0].Evidence) == 0 {
				t.Errorf("%q, %v", got, err)
			}
			if len(found) != 1 || strings.Contains(strings.Join(found[0].Evidence, ""), "…") {
				t.Errorf("the cause is not told once: %+v", found)
			}
			if _, err := doctor.Data(t.Context(), inspection(t, c.url), doctor.DataOptions{Unusable: unusable}); !errors.Is(err, doctor.ErrSkipped) {
				t.Errorf("data is asked for: %v", err)
			}
		})
	}
	for name, c := range map[string]struct{ url, code string }{
		"superuser": {url, "rights.superuser"}, "reader": {server.Reader(t, url, "ruptura"), "rights.reader"},
		"importer": {server.Role(t, url, "USAGE ON SCHEMA ruptura", "SELECT, INSERT ON ruptura.pedidos"), "rights.import"},
		"writer":   {writer(t), "rights.writes"},
	} {
		if found, err := inspection(t, c.url).Rights(t.Context()); err != nil || len(found) != 1 || found[0].Code != c.code {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}

func empty(t *testing.T) string {
	t.Helper()
	url := postgrestest.Database(t)
	postgrestest.Exec(t, url, `CREATE SCHEMA ruptura`)
	return url
}

// writer may write a table of the ERP below a view.
func writer(t *testing.T) string {
	t.Helper()
	url := owned(t, `ALTER TABLE ruptura.estoque SET SCHEMA public`, `CREATE VIEW ruptura.estoque AS TABLE public.estoque`)
	return postgrestest.Shared(t).Role(t, url, "USAGE ON SCHEMA ruptura", "UPDATE ON public.estoque")
}

func TestInspectServer(t *testing.T) {
	server := postgrestest.Shared(t)
	url := owned(t)
	codes := func(url string, now func() time.Time) []string {
		found, err := inspection(t, url).Server(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, f := range found {
			all = append(all, f.Code)
		}
		return all
	}
	if diff := cmp.Diff([]string{"source.open", "source.local"}, codes(url, time.Now)); diff != "" {
		t.Errorf("direct (-want +got):\n%s", diff)
	}
	late := func() time.Time { return time.Now().Add(-time.Hour) }
	if diff := cmp.Diff([]string{"source.open", "source.local", "source.pooler", "source.clock"}, codes(server.PgBouncer(t).Through(t, url), late)); diff != "" {
		t.Errorf("through pgbouncer, with a wrong clock (-want +got):\n%s", diff)
	}
}

// TestInspectThroughAStatementTimeout has a question that takes too long, and the next is asked.
func TestInspectThroughAStatementTimeout(t *testing.T) {
	url := owned(t, `ALTER TABLE ruptura.producao RENAME TO p`,
		`CREATE VIEW ruptura.producao AS SELECT cod_produto, data, qtd, linha FROM ruptura.p, LATERAL (SELECT pg_sleep(60) WHERE cod_produto IS NOT NULL OFFSET 0) AS slow`)
	i, err := postgres.NewInspection(t.Context(), url, postgres.Options{StatementTimeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	found, err := doctor.Data(t.Context(), i, doctor.DataOptions{StaleBefore: checkDay, Decimals: true, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	got := wrong(found)
	if len(got) < 2 || !strings.HasPrefix(got[0], "PROBLEM data.unreadable: could not read producao") ||
		!strings.HasPrefix(got[len(got)-1], "warning data.unasked: ") {
		t.Errorf("%q", got)
	}
	if clean := found[len(found)-2]; clean.Code != "data.clean" {
		t.Errorf("no question was answered: %+v", clean)
	}
}

// TestInspectFindsWhatCannotBeRead has rows that the server cannot work out, or texts that it cannot
// send: every analysis would fail.
func TestInspectFindsWhatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		url, want string
	}{
		"a division by zero": {owned(t, `DROP TABLE ruptura.estoque`,
			`CREATE VIEW ruptura.estoque AS SELECT 'A' AS cod_produto, (1 / (n % 3))::numeric AS qtd FROM generate_series(1, 5) AS n`),
			"PROBLEM data.unreadable: could not read estoque.qtd: "},
		"bytes of no encoding": {plain(t, `UPDATE ruptura.pedidos SET cidade = convert_from('\xe3', 'SQL_ASCII'), vendedor = 'José'`),
			"PROBLEM data.unreadable: could not read pedidos.cidade: "},
		"no bytes of UTF-8 mended": {plain(t, `UPDATE ruptura.pedidos SET cidade = convert_from('\xe3', 'SQL_ASCII')`,
			`ALTER TABLE ruptura.pedidos RENAME TO p`,
			`CREATE VIEW ruptura.pedidos AS SELECT num_pedido, cliente, cnpj,
				convert_from(convert(convert_to(cidade, 'SQL_ASCII'), 'LATIN1', 'UTF8'), 'UTF8') AS cidade,
				uf, vendedor, data_pedido, data_entrega, importante, observacao FROM ruptura.p`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := slices.DeleteFunc(problems(t, c.url), func(line string) bool { return !strings.HasPrefix(line, "PROBLEM") })
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], c.want)) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// plain is owned in a database that stores bytes as they come.
func plain(t *testing.T, more ...string) string {
	t.Helper()
	server := postgrestest.Shared(t)
	url := server.Encoded(t, "SQL_ASCII")
	postgrestest.Exec(t, url, own...)
	postgrestest.Exec(t, url, more...)
	return url
}

// TestInspectWaitsOnceForALockedTable has an exclusive lock held while every question is asked.
func TestInspectWaitsOnceForALockedTable(t *testing.T) {
	url := owned(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	if _, err := conn.Exec(t.Context(), `BEGIN; LOCK TABLE ruptura.estoque IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	i, err := postgres.NewInspection(t.Context(), url, postgres.Options{StatementTimeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	waits := &counted{Database: i}
	found, err := doctor.Data(t.Context(), waits, doctor.DataOptions{StaleBefore: checkDay, Decimals: true, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	got := wrong(found)
	if waits.late != 1 || len(got) != 2 || !strings.HasPrefix(got[0], "PROBLEM data.unreadable: could not read estoque: ") {
		t.Errorf("%d waits, %q", waits.late, got)
	}
}

// counted counts the answers that did not come.
type counted struct {
	doctor.Database

	late int
}

func (c *counted) Find(ctx context.Context, query string) (doctor.Found, error) {
	found, err := c.Database.Find(ctx, query)
	if errors.Is(err, source.ErrUnavailable) {
		c.late++
	}
	return found, err
}

func (c *counted) Count(ctx context.Context, r dataset.Relation) (int64, error) {
	n, err := c.Database.Count(ctx, r)
	if errors.Is(err, source.ErrUnavailable) {
		c.late++
	}
	return n, err
}

// TestInspectEndsWithItsContext is told to stop.
func TestInspectEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := doctor.Data(ctx, inspection(t, owned(t)), doctor.DataOptions{StaleBefore: checkDay, Timeout: time.Minute}); err == nil {
		t.Error("no error")
	}
}

// TestInspectAdvisesIndexes has many movements per product in a table of the ERP, below a view with
// conditions of its own: the advice is a statement that runs as it stands, and that the next look has
// nothing to add to.
func TestInspectAdvisesIndexes(t *testing.T) {
	movements := []string{
		`DROP TABLE ruptura.estoque`,
		`CREATE TABLE public."Movs" (id serial PRIMARY KEY, cod varchar(50), qtd_mov numeric(15,3), ativo bool, status varchar, obs text)`,
		`INSERT INTO public."Movs" (cod, qtd_mov, ativo, status, obs) SELECT CASE WHEN n % 40 = 0 THEN 'A' ELSE 'X' || n % 97 END, 1, true, 'OK', repeat('x', 100)
			FROM generate_series(1, 60000) AS n`,
		`CREATE VIEW ruptura.estoque AS SELECT cod::text AS cod_produto, qtd_mov AS qtd FROM public."Movs" AS m
			WHERE m.ativo AND m.status IS DISTINCT FROM 'a AND b''s'`,
	}
	const want = `CREATE INDEX CONCURRENTLY "Movs_ruptura" ON public."Movs" (cod) INCLUDE (qtd_mov) ` +
		`WHERE ativo AND ((status)::text IS DISTINCT FROM 'a AND b''s'::text);`
	for name, more := range map[string]string{
		"read from end to end": `SELECT`,
		"lying scattered":      `CREATE INDEX ON public."Movs" (cod)`,
	} {
		t.Run(name, func(t *testing.T) {
			url := owned(t, append(slices.Clone(movements), more, `VACUUM ANALYZE`)...)
			found := indexes(t, url)
			if len(found) != 2 || found[1].Code != "index.advised" || len(found[1].Evidence) != 3 || found[1].Evidence[1] != want {
				t.Fatalf("%+v", found)
			}
			if scan := found[1].Evidence[0]; !strings.Contains(scan, `Scan on public."Movs": rows 1500, pages `) {
				t.Errorf("evidence is %q", scan)
			}
			postgrestest.Exec(t, url, found[1].Evidence[1:]...)
			if found = indexes(t, url); len(found) != 1 || !strings.Contains(found[0].What.In(lang.EN), "no index to add") {
				t.Errorf("after it: %+v", found)
			}
		})
	}
}

// TestInspectAdvisesNoIndexThatCannotServe has codes that are numbers: an index of them serves no text.
func TestInspectAdvisesNoIndexThatCannotServe(t *testing.T) {
	url := owned(t, `DROP TABLE ruptura.estoque`, `CREATE TABLE public.movs AS SELECT n % 100 AS cod, 1.5 AS qtd FROM generate_series(1, 20000) AS n`,
		`CREATE VIEW ruptura.estoque AS SELECT cod::text AS cod_produto, qtd FROM public.movs`, `VACUUM ANALYZE`)
	if found := indexes(t, url); len(found) != 1 {
		t.Errorf("%+v", found)
	}
}

// TestInspectAdvisesNoIndexUnderAConversion has a view that makes numbers of codes: the view is to be
// mended, for with the index that would be advised else nothing changes.
func TestInspectAdvisesNoIndexUnderAConversion(t *testing.T) {
	const converting = `CREATE VIEW ruptura.estoque AS SELECT cod::int AS cod_produto, qtd FROM public.movs`
	url := owned(t, `DELETE FROM ruptura.unificacao`, `UPDATE ruptura.itens SET cod_produto = '7'`, `DROP TABLE ruptura.estoque`,
		`CREATE TABLE public.movs AS SELECT (n % 1000)::text AS cod, 1.5 AS qtd, repeat('x', 50) AS obs FROM generate_series(1, 40000) AS n`,
		converting, `VACUUM ANALYZE`)
	check := func(when string) {
		t.Helper()
		found := indexes(t, url)
		if len(found) != 2 || found[1].Code != "index.converted" || !strings.Contains(found[1].Mend.EN, "use the column as it is (cod, ") {
			t.Errorf("%s: %+v", when, found)
		}
	}
	check("without an index")
	postgrestest.Exec(t, url, `CREATE INDEX ON public.movs (cod) INCLUDE (qtd)`, `VACUUM ANALYZE`)
	check("with one")
	postgrestest.Exec(t, url, `DROP VIEW ruptura.estoque`, strings.Replace(converting, "::int", "", 1))
	if found := indexes(t, url); len(found) != 1 {
		t.Errorf("mended: %+v", found)
	}
}

// TestInspectAdvisesNoIndexTwice has the server told to use no index: the one that there is is not
// advised again.
func TestInspectAdvisesNoIndexTwice(t *testing.T) {
	url := owned(t, `DROP TABLE ruptura.estoque`,
		`CREATE TABLE public.movs AS SELECT 'X' || n % 97 AS cod, 1.5 AS qtd FROM generate_series(1, 20000) AS n`,
		`CREATE INDEX movs_ruptura ON public.movs (cod)`,
		`CREATE VIEW ruptura.estoque AS SELECT cod AS cod_produto, qtd FROM public.movs`, `VACUUM ANALYZE`)
	name := named(t, url).Database
	for _, off := range []string{"enable_indexscan", "enable_bitmapscan", "enable_indexonlyscan"} {
		postgrestest.Exec(t, url, `ALTER DATABASE `+name+` SET `+off+` = off`)
	}
	found := indexes(t, url)
	const want = "CREATE INDEX CONCURRENTLY movs_ruptura2 ON public.movs (cod) INCLUDE (qtd);"
	if len(found) != 2 || found[1].Evidence[1] != want {
		t.Fatalf("%+v", found)
	}
	postgrestest.Exec(t, url, want)
	if found = indexes(t, url); len(found) != 1 {
		t.Errorf("after it: %+v", found)
	}
}

// named is what a connection string says of user and database.
func named(t *testing.T, connString string) *pgconn.Config {
	t.Helper()
	config, err := pgconn.ParseConfig(connString)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func indexes(t *testing.T, url string) []doctor.Finding {
	t.Helper()
	found, err := inspection(t, url).Indexes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestInspectAdvisesNothingWithoutOrders(t *testing.T) {
	if found := indexes(t, owned(t, `DELETE FROM ruptura.itens`)); len(found) != 1 || found[0].Code != "index.no-order" {
		t.Errorf("%+v", found)
	}
}
