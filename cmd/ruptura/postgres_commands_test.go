package main

import (
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"ruptura/internal/cli"
	"ruptura/internal/postgrestest"
)

// in runs a command line on a database, in a language.
func in(t *testing.T, lang, db, line string) (status int, out string) {
	t.Helper()
	return command(t, append(strings.Fields(line), "--lang", lang, "--db", db)...)
}

// expect wants a command line to end so, saying this in Portuguese and that in English, and no
// password in either.
func expect(t *testing.T, db, line string, want int, pt, en string) {
	t.Helper()
	for lang, words := range map[string]string{"pt": pt, "en": en} {
		status, out := in(t, lang, db, line)
		if status != want || !strings.Contains(out, words) || strings.Contains(out, "hunter2") {
			t.Errorf("%s (%s): status %d, %q; want %q", line, lang, status, out, words)
		}
	}
}

// altered is a connection string with something else in it.
func altered(t *testing.T, connString string, change func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(connString)
	if err != nil {
		t.Fatal(err)
	}
	change(u)
	return u.String()
}

func TestCommandsTellWhyPostgresCannotBeReached(t *testing.T) {
	server := postgrestest.Start(t, postgrestest.Options{Access: []string{
		"host all postgres 127.0.0.1/32 trust", "host all ana 127.0.0.1/32 scram-sha-256", "host all bruno 127.0.0.1/32 reject",
	}})
	db := server.Database(t)
	postgrestest.Exec(t, db, `CREATE ROLE ana LOGIN PASSWORD 'right'`)
	as := func(user string) string {
		return altered(t, db, func(u *url.URL) { u.User = url.UserPassword(user, "hunter2") })
	}
	const line = "analyze --all"
	expect(t, as("ana"), line, cli.Failed, "recusou a senha do usuário ana", "refused the password of user ana")
	expect(t, as("bruno"), line, cli.Failed, "não deixa entrar o usuário bruno", "does not let user bruno into")
	expect(t, altered(t, db, func(u *url.URL) { u.Path = "/nada" }), line, cli.Failed, "o banco nada não existe em 127.0.0.1:", "the database nada does not exist at 127.0.0.1:")
	expect(t, altered(t, db, func(u *url.URL) { u.RawQuery = "sslmode=require" }), line, cli.Failed, "não oferece TLS", "use sslmode=prefer")
	parameter := func(query string) string { return altered(t, db, func(u *url.URL) { u.RawQuery = query }) }
	expect(t, parameter("sslmod=require"), line, cli.Failed, `parameter "sslmod" (42704); confira os parâmetros`, "check the parameters after ? in --db")
	expect(t, refusing(t, "no such database: nada"), line, cli.Failed, "o pgbouncer não tem esse banco", "pgbouncer has no such database")
	expect(t, altered(t, server.PgBouncer(t).Through(t, db), func(u *url.URL) { u.RawQuery = "options=-cwork_mem%3D1MB" }), line, cli.Failed,
		"tire esse parâmetro de --db", "leave that parameter out of --db")
	expect(t, "postgres://ana:hunter2#re/do@127.0.0.1:5432/x", line, cli.Failed, "uma senha (/ # @ : ?) se escrevem %XX", "are written %XX")
	expect(t, "postgres://ana:hunter2@127.0.0.1:hunter2/x", line, cli.Failed, "não foi entendido", "was not understood")
	server.Stop(t)
	expect(t, as("ana"), line, cli.Failed, "connection refused", "whether the server is running")
	expect(t, as("ana"), "doctor", cli.Failed, "PROBLEMA  não foi possível alcançar", "PROBLEM   could not reach")
	expect(t, as("ana"), "migrate status", cli.Failed, "não foi possível alcançar", "could not reach")
}

// refusing listens as a pgbouncer that refuses every connection with these words.
func refusing(t *testing.T, words string) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); served.Wait() })
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			b := pgproto3.NewBackend(conn, conn)
			if _, err := b.ReceiveStartupMessage(); err == nil {
				b.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "08P01", Message: words})
				err = b.Flush()
				t.Log("refused:", err)
			}
			_ = conn.Close()
		}
	})
	return "postgres://ana@" + listener.Addr().String() + "/nada?sslmode=disable"
}

// TestPostgresFromNothing walks as one who imports files: nothing there, tables made, loaded,
// analysed, looked over, taken away.
func TestPostgresFromNothing(t *testing.T) {
	server, dir := postgrestest.Start(t, postgrestest.Options{}), t.TempDir()
	db := server.Database(t)
	if status, out := command(t, "generate", dir, "--orders", "20", "--seed", "5"); status != cli.Done {
		t.Fatal(out)
	}
	expect(t, db, "import "+dir, cli.Failed, "ruptura migrate up --profile legado", "ruptura migrate up --profile legado")
	expect(t, db, "migrate up", cli.Failed, "escolha --profile legado", "choose --profile legado")
	expect(t, db, "migrate down", cli.Failed, "não há passo a desfazer", "there is no step to undo")
	expect(t, db, "doctor", cli.Failed, "o esquema ruptura não existe", "the schema ruptura does not exist")
	expectShort(t, db, "doctor")
	owner := server.Role(t, db, "CONNECT ON DATABASE "+strings.TrimPrefix(mustParse(t, db).Path, "/"))
	expect(t, owner, "migrate up --profile nativo", cli.Failed, "GRANT USAGE, CREATE ON SCHEMA", "an administrator has to run")
	if status, out := in(t, "pt", db, "migrate up --profile nativo"); status != cli.Done || out != "aplicado: 00001_relacoes\n" {
		t.Fatalf("status %d, %s", status, out)
	}
	expect(t, db, "migrate up", cli.Done, "já está em dia, com o perfil nativo", "up to date already, with the profile nativo")
	expect(t, db, "migrate status", cli.Done, "nativo  00001_relacoes  ", "nativo   00001_relacoes  ")
	expect(t, db, "migrate up --profile legado", cli.Failed, "tem o perfil nativo, e não legado", "has the profile nativo, not legado")
	expect(t, server.Reader(t, db, "ruptura"), "import "+dir, cli.Failed, "não pode gravar nas tabelas", "may not write the tables")
	expect(t, db, "import "+dir, cli.Done, "Importado em postgres://postgres@127.0.0.1", "Imported into postgres://postgres@127.0.0.1")
	expect(t, server.Reader(t, db, "ruptura"), "analyze --all --csv", cli.Done, "num_pedido", "num_pedido")
	expectShort(t, owner, "doctor")
	reader := server.Reader(t, db, "ruptura")
	expect(t, reader, "migrate down --yes", cli.Failed, "criou no esquema ruptura: execute como postgres", "made in the schema ruptura: run it as postgres")
	expect(t, reader, "import --check "+dir, cli.Failed, "não pode gravar nas tabelas", "may not write the tables")
	expect(t, db, "import --check "+dir, cli.Done, "repita sem --check", "repeat without --check")
	expect(t, owner, "analyze --all", cli.Failed, `GRANT USAGE ON SCHEMA "ruptura" TO "role_`, "to read, an administrator has to run")
	expect(t, server.Reader(t, db, "ruptura"), "doctor", cli.Done, "o usuário só lê", "the user only reads")
	expect(t, db, "migrate down", cli.Failed, "ruptura.pedidos (20 linhas)", "ruptura.pedidos (20 rows)")
	postgrestest.Exec(t, db, `CREATE VIEW public.minha AS TABLE ruptura.pedidos`)
	expect(t, db, "migrate down --yes", cli.Failed, "(view minha depends on ", "drop them first")
	postgrestest.Exec(t, db, `DROP VIEW public.minha`)
	if status, out := in(t, "pt", db, "migrate down --yes"); status != cli.Done || out != "desfeito: 00001_relacoes\n" {
		t.Errorf("status %d, %s", status, out)
	}
}

// expectShort wants a command to fail and fit a screen, each line of what it says but once.
func expectShort(t *testing.T, db, line string) {
	t.Helper()
	status, out := in(t, "pt", db, line)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if status != cli.Failed || len(lines) > 34 || strings.Contains(out, "{") || strings.Contains(out, "só lê") {
		t.Errorf("%s: status %d, %d lines: %s", line, status, len(lines), out)
	}
}

func mustParse(t *testing.T, connString string) *url.URL {
	t.Helper()
	u, err := url.Parse(connString)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestPostgresViewsAreNotLoaded(t *testing.T) {
	db, dir := postgrestest.Start(t, postgrestest.Options{}).Database(t), t.TempDir()
	expect(t, db, "migrate up --profile legado", cli.Failed, "não estão como o perfil legado as espera", "are not as the profile legado expects them")
	if status, out := command(t, "generate", dir, "--orders", "5"); status != cli.Done {
		t.Fatal(out)
	}
	postgrestest.Exec(t, db, `CREATE SCHEMA ruptura`, `CREATE VIEW ruptura.pedidos AS SELECT ''::text AS num_pedido, ''::text AS cliente, ''::text AS cnpj,
		''::text AS cidade, ''::text AS uf, ''::text AS vendedor, now()::date AS data_pedido, now()::date AS data_entrega, true AS importante, ''::text AS observacao`,
		`CREATE VIEW ruptura.itens AS SELECT '' AS num_pedido, 1 AS linha, '' AS cod_produto, '' AS nome_produto, 1.0 AS qtd_saldo, 1.0 AS preco_unitario`,
		`CREATE VIEW ruptura.estoque AS SELECT '' AS cod_produto, 1.0 AS qtd`,
		`CREATE VIEW ruptura.separacoes AS SELECT '' AS lote, '' AS num_pedido, '' AS cod_produto, 1.0 AS qtd, now()::date AS expedicao`,
		`CREATE VIEW ruptura.producao AS SELECT '' AS cod_produto, now()::date AS data, 1.0 AS qtd`,
		`CREATE VIEW ruptura.unificacao AS SELECT '' AS codigo_origem, '' AS codigo_destino`)
	expect(t, db, "import "+dir, cli.Failed, "tem visões, que não se carregam", "has views, which cannot be loaded")
	expect(t, db, "import --check "+dir, cli.Failed, "tem visões, que não se carregam", "has views, which cannot be loaded")
	expect(t, db, "migrate up --profile legado", cli.Failed, "este programa não criou", "this program did not make")
}

// TestPostgresRelationsThatDoNotServeAreNamed has a user's own relations with a column that is missing
// or of another type, or that cannot be worked out: they are there, and to make them is no advice.
func TestPostgresRelationsThatDoNotServeAreNamed(t *testing.T) {
	server := postgrestest.Start(t, postgrestest.Options{})
	for _, c := range []struct{ name, change, pt, en string }{
		{"a missing column", `ALTER TABLE ruptura.separacoes DROP lote`,
			"as relações do esquema ruptura não servem: separacoes não tem lote; 'ruptura doctor'", "do not serve: separacoes has no lote"},
		{"another type", `DROP TABLE ruptura.itens CASCADE; CREATE TABLE ruptura.itens (num_pedido text, linha bigint, cod_produto text,
			nome_produto text, qtd_saldo numeric, preco_unitario text)`,
			"itens.preco_unitario é text, e não numeric", "itens.preco_unitario is text, not numeric"},
		{"a division by zero", `DROP VIEW ruptura.estoque; CREATE VIEW ruptura.estoque AS SELECT 'A' AS cod_produto, (1 / (n % 2))::numeric AS qtd,
			NULL::text AS local, NULL::date AS data FROM generate_series(1, 2) AS n;
			INSERT INTO ruptura.pedidos (num_pedido) VALUES ('P');
			INSERT INTO ruptura.itens (num_pedido, linha, cod_produto, nome_produto, qtd_saldo) VALUES ('P', 1, 'A', 'A', 1)`,
			"(division by zero); 'ruptura doctor' diz em qual coluna", "(division by zero); 'ruptura doctor' says in which column"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := server.Database(t)
			if status, out := in(t, "pt", db, "migrate up --profile nativo"); status != cli.Done {
				t.Fatal(out)
			}
			postgrestest.Exec(t, db, c.change)
			expect(t, db, "analyze --all", cli.Failed, c.pt, c.en)
			if _, out := in(t, "en", db, "analyze --all"); strings.Contains(out, "migrate") {
				t.Errorf("to make them is advised: %s", out)
			}
			expectShort(t, db, "doctor")
		})
	}
}

func TestPostgresStatementTimeoutIsTold(t *testing.T) {
	db := postgrestest.Start(t, postgrestest.Options{}).Database(t)
	if status, out := in(t, "pt", db, "migrate up --profile nativo"); status != cli.Done {
		t.Fatal(out)
	}
	postgrestest.Exec(t, db, `DROP VIEW ruptura.estoque`,
		`CREATE VIEW ruptura.estoque AS SELECT 'A' AS cod_produto, 1.0 AS qtd FROM (SELECT pg_sleep(60)) AS slow`)
	expect(t, db, "doctor --db-timeout 200ms", cli.Failed, "o banco não terminou em 200ms", "the database did not end within 200ms")
}

// TestDoctorOnTheEmbeddedDatabase looks over a good file, and one whose bytes were overwritten.
func TestDoctorOnTheEmbeddedDatabase(t *testing.T) {
	dir := t.TempDir()
	db := "sqlite:" + filepath.Join(dir, "book.db")
	expect(t, db, "doctor", cli.Failed, "não existe", "does not exist")
	if status, out := command(t, "generate", dir, "--orders", "20"); status != cli.Done {
		t.Fatal(out)
	}
	if status, out := in(t, "pt", db, "import "+dir); status != cli.Done {
		t.Fatal(out)
	}
	status, out := in(t, "pt", db, "doctor")
	if status != cli.Done || !strings.Contains(out, "arquivo íntegro") || !strings.Contains(out, "linhas: pedidos 20, itens ") {
		t.Errorf("status %d, %s", status, out)
	}
	if tally := regexp.MustCompile(`\n0 problemas, \d+ avisos?, \d+ ok\.`); !tally.MatchString(out) {
		t.Errorf("tally: %s", out)
	}
}
