package postgres

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/postgrestest"
	"ruptura/internal/source"
)

// encoded is a database of an encoding with the profile nativo and two orders in it, one of accents.
func encoded(t *testing.T, encoding string) *DB {
	t.Helper()
	url := postgrestest.Shared(t).Encoded(t, encoding)
	up(t, url, Native)
	postgrestest.Exec(t, url, `INSERT INTO ruptura.pedidos (num_pedido, cliente, cidade, uf, vendedor)
		VALUES ('A', 'São João', 'Ribeirão Preto', 'SP', 'Antônia'), ('Ç', 'b', 'c', 'RJ', 'Zé')`,
		`INSERT INTO ruptura.itens VALUES ('A', 1, 'P', 'Azeitona Ç', 1, 1), ('Ç', 1, 'PÃO', 'Pão', 2, 1)`,
		`INSERT INTO ruptura.movimentos (cod_produto, qtd) VALUES ('P', 3), ('PÃO', 4)`,
		`INSERT INTO ruptura.unificacao VALUES ('PÃO', 'PÃES')`)
	return open(t, url, Options{})
}

// TestTextsOfAnotherEncoding keeps accents as they are, wherever they come by.
func TestTextsOfAnotherEncoding(t *testing.T) {
	for _, encoding := range []string{"LATIN1", "WIN1252", "LATIN9", "SQL_ASCII"} {
		t.Run(encoding, func(t *testing.T) {
			db := encoded(t, encoding)
			for shape, q := range shapes("Ç", "A") {
				snap, err := db.Read(t.Context(), q)
				if err != nil || len(snap.Lines) != 2 || len(snap.Unifications) != 1 || len(snap.Stock) != 2 {
					t.Fatalf("%s: %+v (%v)", shape, snap, err)
				}
				if !slices.ContainsFunc(snap.Lines, func(l atp.Line) bool { return l.Order == "Ç" && l.Key.Product == "PÃO" && l.Name == "Pão" }) {
					t.Errorf("%s: %+v", shape, snap.Lines)
				}
			}
			for text, f := range map[string]source.Filter{
				"Text": {Text: "ribeirao"}, "Salesperson": {Salesperson: "Antônia"}, "Product": {Product: "P"},
			} {
				page, err := db.Book(t.Context(), source.BookQuery{Filter: f, Limit: 10})
				if err != nil || len(page.Orders) != 1 || page.Orders[0].Client != "São João" || page.Orders[0].City != "Ribeirão Preto" {
					t.Errorf("%s: %+v (%v)", text, page, err)
				}
			}
			if got, err := db.Numbers(t.Context(), source.NumbersQuery{Filter: source.Filter{Product: "PÃES"}}); err != nil || !slices.Equal(got, []atp.OrderNumber{"Ç"}) {
				t.Errorf("%q (%v)", got, err)
			}
		})
	}
}

// foreign are texts that a database of Latin letters cannot hold.
var foreign = []string{"日", "A日", "€", "\u0081", "😀", "\u0086"}

// TestTextsThatTheEncodingCannotHold asks for them beside others: only they are found nowhere.
func TestTextsThatTheEncodingCannotHold(t *testing.T) {
	for _, encoding := range []string{"LATIN1", "WIN1252", "LATIN9", "EUC_JP", "SQL_ASCII", "UTF8"} {
		t.Run(encoding, func(t *testing.T) {
			url := postgrestest.Shared(t).Encoded(t, encoding)
			postgrestest.Exec(t, url, oddRelations)
			db := open(t, url, Options{})
			for _, text := range foreign {
				db.nothingOf(t, text)
			}
			var all []atp.OrderNumber
			for i := range 2000 {
				all = append(all, atp.OrderNumber(foreign[i%len(foreign)]+strings.Repeat("x", i/len(foreign)%40)))
			}
			db.size.Store(1 << 20) // not worth reading whole
			snap, err := db.Read(t.Context(), source.Query{Orders: append(all, "A", "B")})
			if err != nil || len(snap.Lines) != 3 {
				t.Errorf("many: %v", err)
			}
		})
	}
}

// nothingOf asks for a text in all ways.
func (db *DB) nothingOf(t *testing.T, text string) {
	t.Helper()
	order := atp.OrderNumber(text)
	for shape, q := range map[string]source.Query{
		"part": {Orders: []atp.OrderNumber{"A", order}}, "products": {Orders: []atp.OrderNumber{"A"}, Products: []atp.ProductCode{atp.ProductCode(text)}},
		"whole": {All: true, Products: []atp.ProductCode{atp.ProductCode(text)}},
	} {
		snap, err := db.Read(t.Context(), q)
		if err != nil || len(snap.Lines) < 2 || slices.ContainsFunc(snap.Lines, func(l atp.Line) bool { return l.Order == order }) {
			t.Errorf("%q, %s: %+v (%v)", text, shape, snap, err)
		}
	}
	for name, f := range map[string]source.Filter{
		"uf": {UF: text}, "salesperson": {Salesperson: text}, "product": {Product: atp.ProductCode(text)}, "text": {Text: text},
		"text and uf": {Text: "a", UF: text},
	} {
		numbers, err := db.Numbers(t.Context(), source.NumbersQuery{Filter: f})
		page, bookErr := db.Book(t.Context(), source.BookQuery{Filter: f, Limit: 10})
		if err := errors.Join(err, bookErr); err != nil || len(numbers)+len(page.Orders)+page.Total != 0 {
			t.Errorf("%s %q: %q, %+v (%v)", name, text, numbers, page, err)
		}
	}
	page, err := db.Book(t.Context(), source.BookQuery{Numbers: []atp.OrderNumber{"B", order, "A"}})
	if err != nil || page.Total != 2 || page.Orders[0].Number != "B" {
		t.Errorf("named %q: %+v (%v)", text, page, err)
	}
	cursor := source.Position{Key: text, Number: "A"}.Cursor(source.ByClient, false)
	if _, err := db.Book(t.Context(), source.BookQuery{Sort: source.ByClient, Cursor: cursor, Limit: 10}); err != nil && !errors.Is(err, source.ErrCursor) {
		t.Errorf("cursor %q: %v", text, err)
	}
}

// TestStoredTextOfNoCharacter meets one: the data is at fault, not what was asked for.
func TestStoredTextOfNoCharacter(t *testing.T) {
	url := postgrestest.Shared(t).Encoded(t, "WIN1252")
	postgrestest.Exec(t, url, oddRelations, `UPDATE ruptura.itens SET nome_produto = chr(129) WHERE num_pedido = 'A'`)
	db := open(t, url, Options{})
	for shape, q := range shapes("A", "日") {
		if _, err := db.Read(t.Context(), q); !errors.Is(err, ErrData) {
			t.Errorf("%s: %v, want ErrData", shape, err)
		}
	}
}

// TestProfilesInAnyEncoding makes and undoes both where not even Portuguese can be written.
func TestProfilesInAnyEncoding(t *testing.T) {
	for _, encoding := range []string{"LATIN1", "WIN1252", "SQL_ASCII", "WIN1251", "EUC_JP"} {
		for _, p := range Profiles() {
			t.Run(encoding+" "+string(p), func(t *testing.T) {
				url := postgrestest.Shared(t).Encoded(t, encoding)
				if p == Legacy {
					postgrestest.Exec(t, url, erpTables)
				}
				up(t, url, p)
				down(t, url)
			})
		}
	}
}

// erpTables are as much of the ERP's as the views need.
const erpTables = `CREATE TABLE carteira_principal (id int PRIMARY KEY, num_pedido varchar(50), cod_produto varchar(50), nome_produto varchar(255),
	qtd_saldo_produto_pedido numeric(15,3), preco_produto_pedido numeric(15,2), raz_social_red varchar(255), cnpj_cpf varchar(20),
	municipio varchar(100), estado varchar(2), vendedor varchar(100), data_pedido date, data_entrega_pedido date, observ_ped_1 varchar(700),
	importante bool, ativo bool);
CREATE TABLE movimentacao_estoque (cod_produto varchar(50), qtd_movimentacao numeric(15,3), data_movimentacao date, ativo bool, status_nf varchar(20));
CREATE TABLE separacao (separacao_lote_id varchar(50), num_pedido varchar(50), cod_produto varchar(50), qtd_saldo float8, expedicao date, sincronizado_nf bool);
CREATE TABLE programacao_producao (cod_produto varchar(50), data_programacao date, qtd_programada float8);
CREATE TABLE unificacao_codigos (codigo_origem int, codigo_destino int, ativo bool)`

func down(t *testing.T, url string) {
	t.Helper()
	m, err := NewMigrator(t.Context(), url, DefaultSchema, "")
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err = m.Down(t.Context()); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrSchema) {
		t.Error(err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

// TestScriptsAreLatin lets an administrator of an old ERP run a profile's SQL with its comments.
func TestScriptsAreLatin(t *testing.T) {
	for language, last := range map[lang.Lang]rune{lang.PT: '\u00ff', lang.EN: '\u007f'} {
		for _, p := range Profiles() {
			sql, err := p.SQL(DefaultSchema, language)
			if at := strings.IndexFunc(sql, func(r rune) bool { return r > last }); err != nil || at >= 0 {
				t.Errorf("%s in %s: %q (%v)", p, language, sql[max(at-20, 0):min(at+20, len(sql))], err)
			}
		}
	}
}
