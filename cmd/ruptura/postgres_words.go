package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"ruptura/internal/doctor"
	"ruptura/internal/lang"
	"ruptura/internal/settings"
	"ruptura/internal/source"
	"ruptura/internal/source/postgres"
)

// endpoint is whom a connection string names, after all that the environment adds to it. It holds no
// secret.
type endpoint struct {
	host, user, database, schema, timeout string
	port                                  uint16
	doctor                                bool // who asks
}

// toldPostgres gives an error of the engine the user's words.
func toldPostgres(err error, s settings.Settings) error { return endpointOf(s).told(err) }

// toldDoctor is toldPostgres within doctor, which need not be recommended there.
func toldDoctor(err error, s settings.Settings) error {
	a := endpointOf(s)
	a.doctor = true
	return a.told(err)
}

func (a endpoint) told(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if words, ok := a.words(err); ok {
		return toldError{lineError{err}, words}
	}
	return err
}

// lineError is an error of the driver as a line of the log holds it: it lists each address that it
// tried on a line of its own.
type lineError struct{ error }

// Error implements error.
func (e lineError) Error() string {
	lines := strings.Split(e.error.Error(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, " ")
}

// Unwrap gives the error below.
func (e lineError) Unwrap() error { return e.error }

// words are those for an error, if it is the engine's.
func (a endpoint) words(err error) (lang.Text, bool) {
	refused, answered := errors.AsType[*pgconn.PgError](err)
	if answered {
		if words, ok := a.refusal(err, refused); ok {
			return words, true
		}
	}
	switch {
	case errors.Is(err, postgres.ErrViews):
		return a.views(), true
	case errors.Is(err, postgres.ErrConnString):
		return lang.Text{
			PT: "o endereço do banco em --db não foi entendido (" + detail(err) + "); a forma é postgres://USUÁRIO@SERVIDOR:PORTA/BANCO; " +
				"os sinais de uma senha (/ # @ : ?) se escrevem %XX, ou deixe-a em PGPASSWORD ou ~/.pgpass",
			EN: "the database's address in --db was not understood (" + detail(err) + "); the form is postgres://USER@HOST:PORT/DATABASE; " +
				"signs within a password (/ # @ : ?) are written %XX, or leave it to PGPASSWORD or ~/.pgpass",
		}, true
	case errors.Is(err, postgres.ErrPooling):
		return lang.Text{
			PT: "o pgbouncer em " + a.server() + " está em modo statement, que não permite transações: " +
				"use pool_mode = transaction ou session para este banco",
			EN: "the pgbouncer at " + a.server() + " is in statement mode, which allows no transactions: " +
				"use pool_mode = transaction or session for this database",
		}, true
	case errors.Is(err, postgres.ErrNoTLS):
		return lang.Text{
			PT: a.server() + " não oferece TLS, que o sslmode de --db exige: ligue ssl no servidor, ou use sslmode=prefer",
			EN: a.server() + " offers no TLS, which the sslmode in --db demands: switch ssl on in the server, or use sslmode=prefer",
		}, true
	case errors.Is(err, postgres.ErrCertificate):
		return lang.Text{
			PT: "o certificado de " + a.server() + " não é de confiança: indique a autoridade com sslrootcert=ARQUIVO, " +
				"e confira o nome do servidor (" + reached(err) + ")",
			EN: "the certificate of " + a.server() + " is not to be trusted: name the authority with sslrootcert=FILE, " +
				"and check the server's name (" + reached(err) + ")",
		}, true
	case errors.Is(err, postgres.ErrPermission):
		return a.forbidden(), true
	case errors.Is(err, postgres.ErrSchema):
		return a.schemaless(err), true
	case answered:
		return a.answered(refused), true
	case errors.Is(err, source.ErrUnavailable):
		return a.unreachable(err), true
	}
	return lang.Text{}, false
}

func (a endpoint) views() lang.Text {
	return lang.Text{
		PT: "o esquema " + a.schema + " tem visões, que não se carregam: os dados vêm do ERP; para importar arquivos, crie tabelas " +
			"em outro esquema com 'ruptura migrate up --profile nativo --db-schema OUTRO'",
		EN: "the schema " + a.schema + " has views, which cannot be loaded: the data comes from the ERP; to import files, make tables " +
			"in another schema with 'ruptura migrate up --profile nativo --db-schema OTHER'",
	}
}

// answered is a server that is there and says no.
func (a endpoint) answered(e *pgconn.PgError) lang.Text {
	return lang.Text{
		PT: fmt.Sprintf("%s respondeu: %s (%s)", a.server(), e.Message, e.Code),
		EN: fmt.Sprintf("%s answered: %s (%s)", a.server(), e.Message, e.Code),
	}
}

func endpointOf(s settings.Settings) endpoint {
	a := endpoint{schema: s.DatabaseSchema, timeout: s.DatabaseTimeout.String()}
	if config, err := pgconn.ParseConfig(s.Database.Postgres); err == nil {
		a.host, a.port, a.user, a.database = config.Host, config.Port, config.User, config.Database
	}
	if a.database == "" { // as the server takes it
		a.database = a.user
	}
	return a
}

func (a endpoint) server() string { return fmt.Sprintf("%s:%d", a.host, a.port) }

// refusal are the words for what the server answered, if there are better ones than its own.
func (a endpoint) refusal(err error, e *pgconn.PgError) (lang.Text, bool) {
	switch e.Code {
	case "28P01":
		return lang.Text{
			PT: fmt.Sprintf("%s recusou a senha do usuário %s: confira o usuário e a senha em --db, PGPASSWORD ou ~/.pgpass", a.server(), a.user),
			EN: fmt.Sprintf("%s refused the password of user %s: check user and password in --db, PGPASSWORD or ~/.pgpass", a.server(), a.user),
		}, true
	case "28000":
		return lang.Text{
			PT: fmt.Sprintf("%s não deixa entrar o usuário %s no banco %s: confira o usuário, e "+
				"no servidor o pg_hba.conf (%s)", a.server(), a.user, a.database, e.Message),
			EN: fmt.Sprintf("%s does not let user %s into the database %s: check the user, and "+
				"on the server pg_hba.conf (%s)", a.server(), a.user, a.database, e.Message),
		}, true
	case "3D000":
		return lang.Text{
			PT: fmt.Sprintf("o banco %s não existe em %s: confira o nome no fim de --db", a.database, a.server()),
			EN: fmt.Sprintf("the database %s does not exist at %s: check the name at the end of --db", a.database, a.server()),
		}, true
	case "42501":
		return a.denied(e), true
	case "57014":
		return a.late(), true
	case "22021", "22P05":
		return lang.Text{
			PT: "há texto em outra codificação do que o banco diz (" + e.Message + "); num banco SQL_ASCII, converta na visão, por exemplo " +
				"convert_from(convert(convert_to(coluna, 'SQL_ASCII'), 'LATIN1', 'UTF8'), 'UTF8')" + a.column().PT,
			EN: "there is text in another encoding than the database says (" + e.Message + "); in a database of SQL_ASCII convert it in the view, " +
				"for example convert_from(convert(convert_to(column, 'SQL_ASCII'), 'LATIN1', 'UTF8'), 'UTF8')" + a.column().EN,
		}, true
	case "53300":
		return lang.Text{
			PT: a.server() + " não aceita mais conexões: diminua --db-connections, ou aumente max_connections no servidor",
			EN: a.server() + " takes no more connections: lower --db-connections, or raise max_connections on the server",
		}, true
	}
	if errors.Is(err, postgres.ErrData) {
		return lang.Text{
			PT: "há um valor que o banco não consegue calcular (" + e.Message + ")" + a.column().PT,
			EN: "there is a value that the database cannot work out (" + e.Message + ")" + a.column().EN,
		}, true
	}
	if _, connecting := errors.AsType[*pgconn.ConnectError](err); connecting {
		return a.turnedAway(e), true
	}
	return lang.Text{}, false
}

// column says where to learn which column it is.
func (a endpoint) column() lang.Text {
	if a.doctor {
		return lang.Text{}
	}
	return lang.Text{PT: "; 'ruptura doctor' diz em qual coluna", EN: "; 'ruptura doctor' says in which column"}
}

// late is a statement that took too long.
func (a endpoint) late() lang.Text {
	if a.doctor {
		return lang.Text{PT: "o banco não terminou em " + a.timeout, EN: "the database did not end within " + a.timeout}
	}
	return lang.Text{
		PT: "o banco não terminou em " + a.timeout + " e o comando foi interrompido: veja com 'ruptura doctor' se falta um " +
			"índice, ou aumente --db-timeout",
		EN: "the database did not end within " + a.timeout + " and the statement was stopped: see with 'ruptura doctor' whether an " +
			"index is missing, or raise --db-timeout",
	}
}

// turnedAway is a connection that the server, or a pgbouncer in front of it, refused for a reason of
// its own.
func (a endpoint) turnedAway(e *pgconn.PgError) lang.Text {
	words := a.answered(e)
	switch {
	case strings.HasPrefix(e.Message, "no such database"):
		words.PT += "; o pgbouncer não tem esse banco: confira o nome no fim de --db, e a seção [databases] dele"
		words.EN += "; pgbouncer has no such database: check the name at the end of --db, and its section [databases]"
	case strings.Contains(e.Message, "startup parameter"):
		words.PT += "; tire esse parâmetro de --db (ou do ambiente, como PGOPTIONS), ou inclua-o em ignore_startup_parameters do pgbouncer"
		words.EN += "; leave that parameter out of --db (or the environment, such as PGOPTIONS), or add it to pgbouncer's ignore_startup_parameters"
	case e.Code == "42704":
		words.PT += "; confira os parâmetros depois de ? em --db"
		words.EN += "; check the parameters after ? in --db"
	}
	return words
}

// denied is a statement that the user may not make.
func (a endpoint) denied(e *pgconn.PgError) lang.Text {
	words := a.forbidden()
	words.PT += " (" + e.Message + ")"
	words.EN += " (" + e.Message + ")"
	return words
}

func (a endpoint) forbidden() lang.Text {
	schema, user := pgx.Identifier{a.schema}.Sanitize(), pgx.Identifier{a.user}.Sanitize()
	grants := fmt.Sprintf("GRANT USAGE ON SCHEMA %[1]s TO %[2]s; GRANT SELECT ON ALL TABLES IN SCHEMA %[1]s TO %[2]s;", schema, user)
	return lang.Text{
		PT: fmt.Sprintf("o usuário %s não tem permissão no banco %s; para ler, um administrador deve executar: %s", a.user, a.database, grants),
		EN: fmt.Sprintf("user %s has no permission in the database %s; to read, an administrator has to run: %s", a.user, a.database, grants),
	}
}

// schemaless is a database without what the program reads.
func (a endpoint) schemaless(err error) lang.Text {
	return lang.Text{
		PT: fmt.Sprintf("o banco %s não tem, no esquema %s, o que o programa lê; crie as relações com 'ruptura migrate up --profile legado' "+
			"(visões sobre o ERP) ou '--profile nativo' (tabelas para importar), ou veja "+
			"o que falta com 'ruptura doctor' (%s)", a.database, a.schema, detail(err)),
		EN: fmt.Sprintf("the database %s does not have, in the schema %s, what the program reads; make the "+
			"relations with 'ruptura migrate up --profile legado' "+
			"(views on the ERP) or '--profile nativo' (tables to import into), or see "+
			"what is missing with 'ruptura doctor' (%s)", a.database, a.schema, detail(err)),
	}
}

// misfit is a schema whose relations are there and are not as the program reads them; what is wrong
// with them, as far as that is known, is what doctor finds.
func (a endpoint) misfit(err error, found []doctor.Finding) lang.Text {
	why := lang.Text{PT: detail(err), EN: detail(err)}
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		why = lang.Text{PT: refused.Message, EN: refused.Message}
	}
	if len(found) > 0 {
		why = lang.Text{}
	}
	for i, f := range found {
		if i > 0 {
			why.PT, why.EN = why.PT+"; ", why.EN+"; "
		}
		why.PT += f.What.PT
		why.EN += f.What.EN
	}
	return lang.Text{
		PT: "as relações do esquema " + a.schema + " não servem: " + why.PT + "; 'ruptura doctor' diz como corrigir",
		EN: "the relations of the schema " + a.schema + " do not serve: " + why.EN + "; 'ruptura doctor' says how to mend them",
	}
}

func (a endpoint) unreachable(err error) lang.Text {
	return lang.Text{
		PT: fmt.Sprintf("não foi possível alcançar o PostgreSQL em %s: confira o endereço em --db, se o servidor "+
			"está em execução e se um firewall o bloqueia (%s)", a.server(), reached(err)),
		EN: fmt.Sprintf("could not reach PostgreSQL at %s: check the address in --db, whether the server is "+
			"running, and whether a firewall blocks it (%s)", a.server(), reached(err)),
	}
}

// toldWriting is toldPostgres for an import: who may not write is told so.
func toldWriting(err error, s settings.Settings) error {
	if !errors.Is(err, postgres.ErrPermission) {
		return toldPostgres(err, s)
	}
	a := endpointOf(s)
	return toldError{err, lang.Text{
		PT: "o usuário " + a.user + " não pode gravar nas tabelas do esquema " + a.schema + ": importe com o usuário que as criou",
		EN: "user " + a.user + " may not write the tables of the schema " + a.schema + ": import as the user who made them",
	}}
}

// toldMigrating is toldPostgres for a change of the schema.
func toldMigrating(err error, s settings.Settings, profile string) error {
	if err == nil {
		return nil
	}
	a := endpointOf(s)
	refused, _ := errors.AsType[*pgconn.PgError](err)
	switch {
	case errors.Is(err, postgres.ErrProfile) && profile == "":
		return toldError{err, lang.Text{
			PT: "o esquema " + a.schema + " ainda não tem nada do programa: escolha --profile legado (visões sobre as tabelas do ERP) ou " +
				"--profile nativo (tabelas para importar); 'ruptura profile' mostra o SQL de cada um",
			EN: "the schema " + a.schema + " has nothing of the program yet: choose --profile legado (views on the ERP's tables) or " +
				"--profile nativo (tables to import into); 'ruptura profile' shows the SQL of each",
		}}
	case errors.Is(err, postgres.ErrProfile):
		has := other(profile)
		return toldError{err, lang.Text{
			PT: "o esquema " + a.schema + " tem o perfil " + has + ", e não " + profile + ": para atualizá-lo repita com --profile " + has +
				"; para o perfil " + profile + ", indique outro esquema em --db-schema",
			EN: "the schema " + a.schema + " has the profile " + has + ", not " + profile + ": to update it repeat with --profile " + has +
				"; for the profile " + profile + " name another schema with --db-schema",
		}}
	case errors.Is(err, postgres.ErrForeign):
		return toldError{err, lang.Text{
			PT: "o esquema " + a.schema + " já tem tabelas ou visões que este programa não criou, e não foi alterado; se são as suas próprias " +
				"seis relações, nada falta fazer: confira com 'ruptura doctor'; senão indique outro esquema em --db-schema",
			EN: "the schema " + a.schema + " has tables or views that this program did not make, and was not changed; if they are your own " +
				"six relations, there is nothing to do: check with 'ruptura doctor'; else name another schema with --db-schema",
		}}
	case errors.Is(err, postgres.ErrPermission) && refused != nil && refused.Code == "42501":
		return toldError{err, a.mayNotMake(refused)}
	case errors.Is(err, postgres.ErrSchema) && refused != nil && refused.Code == "42P01":
		return toldError{err, lang.Text{
			PT: "as tabelas do ERP não estão como o perfil legado as espera (" + refused.Message + "); adapte o SQL de 'ruptura profile legado' ao seu ERP",
			EN: "the ERP's tables are not as the profile legado " +
				"expects them (" + refused.Message + "); adapt the SQL of 'ruptura profile legado' to your ERP",
		}}
	}
	return toldStepping(err, s)
}

// toldStepping is toldPostgres for a step that the schema as it is does not allow.
func toldStepping(err error, s settings.Settings) error {
	a := endpointOf(s)
	refused, _ := errors.AsType[*pgconn.PgError](err)
	switch {
	case refused != nil && refused.Code == "2BP01":
		return toldError{err, dependents(refused)}
	case errors.Is(err, postgres.ErrSchema) && strings.HasSuffix(err.Error(), "there is no step to undo"):
		return toldError{err, noStep}
	case errors.Is(err, postgres.ErrSchema) && refused == nil:
		return toldError{err, lang.Text{
			PT: "o esquema " + a.schema + " é de uma versão mais nova do programa, ou foi mudado por fora: use o programa mais novo",
			EN: "the schema " + a.schema + " is of a newer version of the program, or was changed by other means: use the newest program",
		}}
	}
	return toldPostgres(err, s)
}

// other is the profile that a schema has when it is not this one.
func other(profile string) string {
	if profile == string(postgres.Native) {
		return string(postgres.Legacy)
	}
	return string(postgres.Native)
}

// dependents are somebody's objects that use what a step back would drop; the server names them.
func dependents(e *pgconn.PgError) lang.Text {
	list := strings.ReplaceAll(e.Detail, "\n", "; ")
	return lang.Text{
		PT: "nada foi alterado: outros objetos dependem das relações (" + list + "); remova-os antes (DROP VIEW …) e repita",
		EN: "nothing was changed: other objects depend on the relations (" + list + "); drop them first (DROP VIEW …) and repeat",
	}
}

// mayNotUndo is a user who did not make what is to be undone.
func (a endpoint) mayNotUndo(owner string) lang.Text {
	return lang.Text{
		PT: "o usuário " + a.user + " não pode desfazer o que " + owner + " criou no esquema " + a.schema + ": execute como " + owner,
		EN: "user " + a.user + " may not undo what " + owner + " made in the schema " + a.schema + ": run it as " + owner,
	}
}

// mayNotMake is a user without the rights that making the relations takes.
func (a endpoint) mayNotMake(e *pgconn.PgError) lang.Text {
	schema, user := pgx.Identifier{a.schema}.Sanitize(), pgx.Identifier{a.user}.Sanitize()
	grants := fmt.Sprintf("CREATE SCHEMA IF NOT EXISTS %[1]s; GRANT USAGE, CREATE ON SCHEMA %[1]s TO %[2]s;", schema, user)
	return lang.Text{
		PT: "o usuário " + a.user + " não tem permissão para isto (" + e.Message + "); um administrador deve executar: " + grants +
			" e, para o perfil legado, GRANT SELECT nas tabelas do ERP",
		EN: "user " + a.user + " has no permission for this (" + e.Message + "); an administrator has to run: " + grants +
			" and, for the profile legado, GRANT SELECT on the ERP's tables",
	}
}

// detail is what the engine says after naming the kind of its error.
func detail(err error) string {
	text := err.Error()
	for _, kind := range []error{postgres.ErrSchema, postgres.ErrConnString} {
		if _, after, ok := strings.Cut(text, kind.Error()+": "); ok {
			text = after
		}
	}
	return text
}

// reached is how far a connection got: the driver lists all it tried, the last is enough.
func reached(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.Err
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err.Error()
	}
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
