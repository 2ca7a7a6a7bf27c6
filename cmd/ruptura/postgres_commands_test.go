package main

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

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
	expect(t, altered(t, db, func(u *url.URL) { u.RawQuery = "sslmode=require" }), line, cli.Failed, "não foi possível alcançar o PostgreSQL", "could not reach PostgreSQL")
	expect(t, "postgres://ana:hunter2@127.0.0.1:hunter2/x", line, cli.Failed, "não foi entendido", "was not understood")
	server.Stop(t)
	expect(t, as("ana"), line, cli.Failed, "connection refused", "whether the server is running")
	expect(t, as("ana"), "doctor", cli.Failed, "PROBLEMA  não foi possível alcançar", "PROBLEM   could not reach")
	expect(t, as("ana"), "migrate status", cli.Failed, "não foi possível alcançar", "could not reach")
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
	owner := server.Role(t, db, "CONNECT ON DATABASE "+strings.TrimPrefix(mustParse(t, db).Path, "/"))
	expect(t, owner, "migrate up --profile nativo", cli.Failed, "GRANT USAGE, CREATE ON SCHEMA", "an administrator has to run")
	if status, out := in(t, "pt", db, "migrate up --profile nativo"); status != cli.Done || out != "aplicado: 00001_relacoes\n" {
		t.Fatalf("status %d, %s", status, out)
	}
	expect(t, db, "migrate up", cli.Done, "já está em dia", "up to date already")
	expect(t, db, "migrate up --profile legado", cli.Failed, "tem o outro perfil", "has the other profile")
	expect(t, server.Reader(t, db, "ruptura"), "import "+dir, cli.Failed, "não pode gravar nas tabelas", "may not write the tables")
	expect(t, db, "import "+dir, cli.Done, "Importado em postgres://postgres@127.0.0.1", "Imported into postgres://postgres@127.0.0.1")
	expect(t, server.Reader(t, db, "ruptura"), "analyze --all --csv", cli.Done, "num_pedido", "num_pedido")
	expect(t, owner, "analyze --all", cli.Failed, `GRANT USAGE ON SCHEMA "ruptura" TO "role_`, "to read, an administrator has to run")
	expect(t, server.Reader(t, db, "ruptura"), "doctor", cli.Done, "o usuário só lê", "the user only reads")
	expect(t, db, "migrate down", cli.Failed, "ruptura.pedidos (20 linhas)", "ruptura.pedidos (20 rows)")
	if status, out := in(t, "pt", db, "migrate down --yes"); status != cli.Done || out != "desfeito: 00001_relacoes\n" {
		t.Errorf("status %d, %s", status, out)
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
	expect(t, db, "migrate up --profile legado", cli.Failed, "este programa não criou", "this program did not make")
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
