package importer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
	"ruptura/internal/demo"
	"ruptura/internal/importer"
	"ruptura/internal/lang"
)

func TestLoadsEveryColumn(t *testing.T) {
	m, rep := load(t, folder(t, map[string]string{
		"pedidos.csv": "num_pedido,cliente,cnpj,cidade,uf,vendedor,data_pedido,data_entrega,importante,observacao\n" +
			"A1,\"Loja, Um\",11.222.333/0001-81,São Paulo,SP,Ana,2026-03-01,2026-03-31,sim,\"diz \"\"oi\"\"\nna doca\"\n",
		"itens.csv":      "num_pedido,linha,cod_produto,nome_produto,qtd_saldo,preco_unitario\nA1,2,P1,Palmito,10.125,12.50\nA1,1,00500,Azeitona,1,\n",
		"estoque.csv":    "cod_produto,qtd,local,data\nP1,-20.5,CD,2026-02-28\n",
		"separacoes.csv": "lote,num_pedido,cod_produto,qtd,expedicao\nL1,A1,P1,2,2026-03-05\n,A1,P1,1,\n",
		"producao.csv":   "cod_produto,data,qtd,linha\nP1,2026-03-09,50,Envase 1\n",
		"unificacao.csv": "codigo_origem,codigo_destino\nP1,P0\n",
	}))
	day := func(d int) atp.Day { return atp.NewDay(2026, time.March, d) }
	want := rows{
		Orders: []dataset.Order{{
			Number: "A1", Client: "Loja, Um", TaxID: "11.222.333/0001-81", City: "São Paulo", UF: "SP", Salesperson: "Ana",
			Ordered: day(1), Requested: day(31), Important: true, Note: "diz \"oi\"\nna doca",
		}},
		Items: []dataset.Item{
			{Order: "A1", Line: 2, Product: "P1", Name: "Palmito", Open: 10125, Price: 1250, Priced: true},
			{Order: "A1", Line: 1, Product: "00500", Name: "Azeitona", Open: 1000},
		},
		Movements:    []dataset.Movement{{Product: "P1", Place: "CD", Date: day(0), Quantity: -20500}},
		Reservations: []dataset.Reservation{{Lot: "L1", Order: "A1", Product: "P1", Quantity: 2000, Ships: day(5)}, {Order: "A1", Product: "P1", Quantity: 1000}},
		Receipts:     []dataset.Receipt{{Product: "P1", Arrives: day(9), Quantity: 50000, Line: "Envase 1"}},
		Unifications: []dataset.Unification{{From: "P1", To: "P0"}},
	}
	if diff := cmp.Diff(want, m.rows); diff != "" {
		t.Error(diff)
	}
	if !rep.Loaded || rep.Errors != 0 || len(rep.Files) != 6 || rep.Files[1].Rows != 2 {
		t.Errorf("report %+v", rep)
	}
}

// The same data as Brazil and as the rest of the world writes it, in every encoding, separator
// and line end.
func TestDialectsAreTheSame(t *testing.T) {
	intl := map[string]string{
		"pedidos.csv": "num_pedido,cliente,data_pedido,importante\nÇ1,Zé & Irmãos,2026-03-01,true\n",
		"itens.csv":   "num_pedido,cod_produto,nome_produto,qtd_saldo,preco_unitario\nÇ1,P1,Maçã,1234.5,\"1,234.56\"\nÇ1,P1,Maçã,1,2\n",
		"estoque.csv": "cod_produto,qtd,local\nP1,\"1,234\",Depósito\n",
	}
	br := map[string]string{
		"pedidos.csv": "Nº Pedido;Cliente;Data do Pedido;Importante\nÇ1;Zé & Irmãos;01/03/2026;Sim\n;;;\n",
		"itens.csv":   "N° do PEDIDO;Cód. Produto;Produto;Qtd. Saldo;Preço Unitário\n\nÇ1;P1;Maçã;1.234,5;R$ 1.234,56\nÇ1;P1;Maçã;1;2\n",
		"estoque.csv": "Código;Quantidade;Depósito\nP1;1.234;Depósito\n",
	}
	want, _ := load(t, folder(t, intl))
	latin := func(s string) string {
		out, err := charmap.Windows1252.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, change := range map[string]func(string) string{
		"utf-8":             func(s string) string { return s },
		"bom":               func(s string) string { return "\uFEFF" + s },
		"windows-1252":      latin,
		"crlf":              func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"cr":                func(s string) string { return strings.ReplaceAll(s, "\n", "\r") },
		"no last line end":  func(s string) string { return strings.TrimRight(s, "\n") },
		"tabs":              func(s string) string { return strings.ReplaceAll(s, ";", "\t") },
		"separator stated":  func(s string) string { return "\uFEFFsep=;\r\n" + s },
		"windows-1252 crlf": func(s string) string { return strings.ReplaceAll(latin(s), "\n", "\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{}
			for n, s := range br {
				files[n] = change(s)
			}
			got, _ := load(t, folder(t, files))
			if diff := cmp.Diff(want.rows, got.rows); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDemoComesBackTheSame(t *testing.T) {
	cfg := demo.Config{Orders: 150, Movements: 1000, Seed: 3, Today: atp.NewDay(2026, time.March, 2)}
	dir := t.TempDir()
	if err := demo.WriteCSV(dir, cfg, false); err != nil {
		t.Fatal(err)
	}
	var want rows
	if err := demo.Generate(cfg, &want); err != nil {
		t.Fatal(err)
	}
	got, _ := load(t, dir)
	if diff := cmp.Diff(want, got.rows); diff != "" {
		t.Error(diff)
	}
}

func TestRefuses(t *testing.T) {
	items := func(lines string) map[string]string {
		return map[string]string{"itens.csv": "num_pedido,linha,cod_produto,nome_produto,qtd_saldo,preco_unitario\n" + lines}
	}
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  string // what the report says
	}{
		{"a required file missing", map[string]string{"estoque.csv": ""}, `the file “estoque” is missing`},
		{"a blank file", map[string]string{"producao.csv": " "}, `producao.csv: is empty`},
		{"a required column missing", map[string]string{"estoque.csv": "cod_produto,local\nP1,X\n"}, `estoque.csv, line 1, column qtd: this column is missing in the header, which has: cod_produto, local`},
		{"a column twice", map[string]string{"estoque.csv": "cod_produto,qtd,Quantidade\nP1,1,1\n"}, `estoque.csv, line 1, column Quantidade: this column is there already as “qtd”`},
		{"an order number missing", items("A1,1,P1,X,1,1\n,2,P1,X,1,1\n"), `itens.csv, line 3, column num_pedido: is empty and required`},
		{"a code too long", items("A1,1," + strings.Repeat("é", 51) + ",X,1,1\n"), `has 51 characters, the limit is 50`},
		{"a name too long", items("A1,1,P1," + strings.Repeat("x", 256) + ",1,1\n"), `has 256 characters, the limit is 255`},
		{"a control character", items("A1,1,P\x1b[31m,X,1,1\n"), `column cod_produto: “P\x1b[31m”: has a control character`},
		{"a quantity missing", items("A1,1,P1,X,,1\n"), `itens.csv, line 2, column qtd_saldo: is empty and required`},
		{"a quantity of letters", items("A1,1,P1,X,dez,1\n"), `line 2, column qtd_saldo: “dez”: is not a number`},
		{"a negative quantity", items("A1,1,P1,X,-1,1\n"), `column qtd_saldo: “-1”: negative open quantity`},
		{"a quantity too fine", items("A1,1,P1,X,1.0001,1\n"), `“1.0001”: has more than 3 decimals`},
		{"a price too fine", items("A1,1,P1,X,1,1.005\nA1,2,P1,X,1,1.50\n"), `“1.005”: has more than 2 decimals`},
		{"a negative price", items("A1,1,P1,X,1,-0.01\n"), `column preco_unitario: “-0.01”: negative price`},
		{"a number out of range", items("A1,1,P1,X,99999999999999999999,1\n"), `number too large`},
		{"a formula for a number", items("A1,1,P1,X,=1+1,1\n"), `“=1+1”: a formula instead of a number`},
		{"a line number missing", items("A1,1,P1,X,1,1\nA1,,P1,X,1,1\n"), `itens.csv, line 3, column linha: is empty, and other rows have a number`},
		{"a line number of letters", items("A1,a,P1,X,1,1\n"), `column linha: “a”: is not a number`},
		{"a line number below zero", items("A1,-1,P1,X,1,1\n"), `“-1”: is not a line number`},
		{"a line twice", items("A1,1,P1,X,1,1\nA2,1,P1,X,1,1\nA1,1,P2,X,1,1\n"), `itens.csv, line 4, column linha: “A1”: line 1 of this order is already on line 2`},
		{"an order twice", map[string]string{"pedidos.csv": "num_pedido\nA1\nA2\nA1\n", "itens.csv": goodItems}, `pedidos.csv, line 4, column num_pedido: “A1”: this order is already on line 2`},
		{"a row cut", items("A1,1,P1,X,1,1\nA1,2,P1\n"), `itens.csv, line 3: has 3 columns and the header has 6`},
		{"a row too long", items("A1,1,P1,X, Y,1,1\n"), `itens.csv, line 2: has 7 columns and the header has 6`},
		{"quotes never closed", items("A1,1,P1,X,1,1\nA1,2,P1,\"X,1,1\nA1,3,P1,X,1,1\n"), `itens.csv, line 3: the quotes opened on this line are never closed`},
		{"text after quotes", items("A1,1,P1,\"X\"Y,1,1\n"), `itens.csv, line 2: there is text after the closing quote`},
		{"a date that does not exist", map[string]string{"pedidos.csv": "num_pedido,data_pedido\nA1,2026-02-30\n"}, `“2026-02-30”: is not a date that exists`},
		{"month before day", map[string]string{"pedidos.csv": "num_pedido,data_pedido\nA1,03/31/2026\n"}, `“03/31/2026”: month/day/year is not accepted`},
		{"a year of two digits", map[string]string{"pedidos.csv": "num_pedido,data_pedido\nA1,31/03/26\n"}, `write the year with four digits`},
		{"a year of long ago", map[string]string{"pedidos.csv": "num_pedido,data_pedido\nA1,0206-03-31\n"}, `year outside 1990 to 2199`},
		{"neither yes nor no", map[string]string{"pedidos.csv": "num_pedido,importante\nA1,talvez\n"}, `“talvez”: is neither yes nor no`},
		{"a receipt without a date", map[string]string{"producao.csv": "cod_produto,data,qtd\nP1,,5\n"}, `producao.csv, line 2, column data: is empty and required`},
		{"a spreadsheet named csv", map[string]string{"itens.csv": "PK\x03\x04rest"}, `itens.csv: is a spreadsheet or a ZIP, not CSV`},
		{"a text named xlsx", map[string]string{"producao.xlsx": "cod_produto,data,qtd\n"}, `producao.xlsx: is not an XLSX workbook`},
		{"an old spreadsheet", map[string]string{"producao.xls": "\xD0\xCF\x11\xE0"}, `producao.xls: old Excel format`},
		{"a cut spreadsheet", map[string]string{"producao.xlsx": "PK\x03\x04cut"}, `producao.xlsx: the workbook is damaged or cut`},
		{"UTF-16", map[string]string{"itens.csv": "\xFF\xFEn\x00u\x00m\x00"}, `itens.csv: is in UTF-16`},
		{"zero bytes", items("A1,1,P1,\x00,1,1\n"), `itens.csv, line 2: has zero bytes`},
		{"damaged UTF-8", items("A1,1,P1,maçã,1,1\nA1,2,P1,Palmito \xC3,1,1\n"), `itens.csv, line 3: mixes UTF-8 with another encoding`},
		{"the same relation twice", map[string]string{"Itens.csv": goodItems, "items.csv": goodItems}, `“itens” is also in`},
		{"numbers that contradict each other", map[string]string{
			"itens.csv":   "num_pedido;cod_produto;nome_produto;qtd_saldo\nA1;P1;X;1,5\n",
			"estoque.csv": "cod_produto,qtd\nP1,2.5\n",
		}, `itens.csv, line 2, column qtd_saldo: “1,5”: numbers with a decimal comma, but “2.5” (estoque.csv, line 2, column qtd) has with a decimal point`},
		{"dates that contradict each other", map[string]string{
			"pedidos.csv":  "num_pedido,data_pedido\nA1,31/03/2026\n",
			"producao.csv": "cod_produto,data,qtd\nP1,2026-03-31,5\n",
		}, `pedidos.csv, line 2, column data_pedido: “31/03/2026”: dates day/month/year, but “2026-03-31” (producao.csv, line 2, column data)`},
		{"separators that contradict each other", map[string]string{
			"itens.csv":   "num_pedido;cod_produto;nome_produto;qtd_saldo\nA1;P1;X;1.500\n",
			"estoque.csv": "cod_produto,qtd\nP1,2.500\n",
		}, `separator “;” (decimal comma), but`},
		{"numbers nothing decides", map[string]string{
			"itens.csv":   "num_pedido\tcod_produto\tnome_produto\tqtd_saldo\nA1\tP1\tX\t1.500\n",
			"estoque.csv": "cod_produto\tqtd\nP1\t2\n",
		}, `“1.500”: can be read with a decimal point or a decimal comma`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := &memory{}
			rep, err := importer.Run(t.Context(), m, []string{good(t, tc.files)}, importer.Options{})
			if !errors.Is(err, importer.ErrRejected) {
				t.Fatalf("error %v, want ErrRejected\n%s", err, told(rep))
			}
			if !strings.Contains(told(rep), tc.want) {
				t.Errorf("the report says\n%swant %s", told(rep), tc.want)
			}
			if rep.Loaded || len(m.replaced) > 0 {
				t.Error("something was loaded")
			}
		})
	}
}

func TestWarnsAndLoads(t *testing.T) {
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"unknown columns", map[string]string{"estoque.csv": "cod_produto,qtd,cor,\nP1,1,azul,\n"}, `warning: estoque.csv, line 1: “cor”: unknown columns`},
		{"an open quantity of zero", map[string]string{"itens.csv": "num_pedido,cod_produto,nome_produto,qtd_saldo\nA1,P1,X,0\nA1,P1,X,1\n"}, `warning: itens.csv, line 2, column qtd_saldo: “0”: open quantity of zero`},
		{"a header alone", map[string]string{"producao.csv": "cod_produto,data,qtd\n"}, `warning: producao.csv: has only the header`},
		{"a header within", map[string]string{"estoque.csv": "cod_produto,qtd\nP1,1\n\ncod_produto,qtd\nP2,2\n"}, `note: estoque.csv, line 4, column cod_produto: header repeated`},
		{"items without an order", map[string]string{"pedidos.csv": "num_pedido\nA9\n"}, `warning: itens.csv, line 2, column num_pedido: “A1”: order that is not in pedidos: it will be analysed without client and dates. (2 times; this is the first)`},
		{"unknown products reserved", map[string]string{"separacoes.csv": "num_pedido,cod_produto,qtd\nA1,P8,1\nA1,P9,1\n"}, `warning: separacoes.csv, line 2, column cod_produto: “P8”: product that is neither in itens nor in estoque. Check the code; the reservation was kept. (2 times`},
		{"reservations of other orders", map[string]string{"separacoes.csv": "num_pedido,cod_produto,qtd\nX1,P1,1\n"}, `note: separacoes.csv, line 2, column num_pedido: “X1”: reservation of an order outside the book`},
		{"reservations without a date", map[string]string{"separacoes.csv": "num_pedido,cod_produto,qtd,expedicao\nA1,P1,1,\n"}, `note: separacoes.csv, line 2, column expedicao: reservation without a ship date`},
		{"reservations of nothing", map[string]string{"separacoes.csv": "num_pedido,cod_produto,qtd\nA1,P1,0\nA1,P1,-2\n"}, `warning: separacoes.csv, line 2, column qtd: “0”: quantity of zero or less: row ignored. (2 times`},
		{"production of nothing", map[string]string{"producao.csv": "cod_produto,data,qtd\nP1,2026-03-01,-5\n"}, `warning: producao.csv, line 2, column qtd: “-5”: quantity of zero or less`},
		{"a code unified with itself", map[string]string{"unificacao.csv": "de,para\nP1,P1\n"}, `note: unificacao.csv, line 2, column para: “P1”: code unified with itself`},
		{"a file of another name", map[string]string{"clientes.csv": "a,b\n"}, `warning: clientes.csv: file not imported`},
		{"numbers by the separator", map[string]string{
			"itens.csv": "num_pedido,cod_produto,nome_produto,qtd_saldo\nA1,P1,X,1.500\n",
		}, `warning: itens.csv, line 2, column qtd_saldo: “1.500”: was read as 1.500, by the file's separator`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, rep := load(t, good(t, tc.files))
			if !strings.Contains(told(rep), tc.want) {
				t.Errorf("the report says\n%swant %s", told(rep), tc.want)
			}
		})
	}
}

func TestTextThatLooksLikeAFormulaStaysText(t *testing.T) {
	m, _ := load(t, good(t, map[string]string{
		"itens.csv": "num_pedido,cod_produto,nome_produto,qtd_saldo\n@A1,+P1,\"=HYPERLINK(\"\"x\"\")\",1\n",
	}))
	want := []dataset.Item{{Order: "@A1", Line: 1, Product: "+P1", Name: `=HYPERLINK("x")`, Open: 1000}}
	if diff := cmp.Diff(want, m.Items); diff != "" {
		t.Error(diff)
	}
}

func TestEmptyFile(t *testing.T) {
	dir := good(t, nil)
	if err := os.WriteFile(filepath.Join(dir, "producao.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	rep, err := importer.Run(t.Context(), &memory{}, []string{dir}, importer.Options{})
	if !errors.Is(err, importer.ErrRejected) || told(rep) != "error: producao.csv: is empty. It needs at least the header row.\n" {
		t.Errorf("error %v\n%s", err, told(rep))
	}
}

func TestSeparatorsAtTheEndAreNoColumns(t *testing.T) {
	m, _ := load(t, good(t, map[string]string{"estoque.csv": "cod_produto,qtd,,\nP1,1\nP2,2,,,,\n,,,\n\n"}))
	if len(m.Movements) != 2 {
		t.Errorf("%d movements", len(m.Movements))
	}
}

func TestLinesAreNumberedByOrder(t *testing.T) {
	m, _ := load(t, good(t, map[string]string{
		"itens.csv": "num_pedido,cod_produto,nome_produto,qtd_saldo\nA1,P1,X,1\nA2,P1,X,1\nA1,P2,X,1\nA2,P1,X,1\n",
	}))
	var got []string
	for _, i := range m.Items {
		got = append(got, fmt.Sprintf("%s/%d", i.Order, i.Line))
	}
	if diff := cmp.Diff([]string{"A1/1", "A2/1", "A1/2", "A2/2"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestReplacesOnlyWhatTheFilesCover(t *testing.T) {
	m, _ := load(t, good(t, nil))
	before := m.rows
	stock := filepath.Join(folder(t, map[string]string{"estoque.csv": "cod_produto,qtd\nP9,7\n"}), "estoque.csv")
	if _, err := importer.Run(t.Context(), m, []string{stock}, importer.Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]dataset.Movement{{Product: "P9", Quantity: 7000}}, m.Movements); diff != "" {
		t.Error(diff)
	}
	m.Movements = before.Movements
	if diff := cmp.Diff(before, m.rows); diff != "" {
		t.Errorf("other relations changed: %s", diff)
	}
}

func TestCheckChangesNothing(t *testing.T) {
	m := &memory{}
	rep, err := importer.Run(t.Context(), m, []string{good(t, nil)}, importer.Options{Check: true})
	if err != nil || rep.Loaded || len(m.replaced) > 0 || rep.Files[0].Rows != 2 {
		t.Errorf("error %v, report %+v", err, rep)
	}
}

func TestOverrides(t *testing.T) {
	dir := good(t, map[string]string{"estoque.csv": "cod_produto,qtd,data\nP1,1.500,2026-03-31\n", "itens.csv": "num_pedido,cod_produto,nome_produto,qtd_saldo\nA1,P1,X,1\n"})
	m := &memory{}
	if _, err := importer.Run(t.Context(), m, []string{dir}, importer.Options{Numbers: importer.BrazilianNumbers}); err != nil {
		t.Fatal(err)
	}
	if got := m.Movements[0].Quantity; got != 1_500_000 {
		t.Errorf("1.500 is %s, want 1500", got)
	}
	rep, err := importer.Run(t.Context(), m, []string{dir}, importer.Options{Dates: importer.BrazilianDates})
	if !errors.Is(err, importer.ErrRejected) || !strings.Contains(told(rep), "“2026-03-31”: is not a date") {
		t.Errorf("error %v\n%s", err, told(rep))
	}
	for _, o := range []importer.Options{{Numbers: "us"}, {Dates: "mdy"}} {
		if _, err := importer.Run(t.Context(), m, []string{dir}, o); !errors.Is(err, importer.ErrOptions) {
			t.Errorf("options %+v: error %v, want ErrOptions", o, err)
		}
	}
}

func TestListsTheFirstThousandErrors(t *testing.T) {
	var b strings.Builder
	b.WriteString("cod_produto,qtd\n")
	for i := range 1500 {
		fmt.Fprintf(&b, "P%d,x\n", i)
	}
	rep, err := importer.Run(t.Context(), &memory{}, []string{good(t, map[string]string{"estoque.csv": b.String()})}, importer.Options{})
	if !errors.Is(err, importer.ErrRejected) || rep.Errors != 1500 || len(rep.Problems) != importer.MaxErrors {
		t.Errorf("error %v, %d errors, %d listed", err, rep.Errors, len(rep.Problems))
	}
	if last := rep.Problems[len(rep.Problems)-1]; last.Line != 1001 {
		t.Errorf("the last one listed is of line %d", last.Line)
	}
}

func TestStoreFailureIsTheError(t *testing.T) {
	full := errors.New("disk full")
	rep, err := importer.Run(t.Context(), &memory{fail: full}, []string{good(t, nil)}, importer.Options{})
	if !errors.Is(err, full) || rep.Loaded {
		t.Errorf("error %v, loaded %t", err, rep.Loaded)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := &memory{}
	if _, err := importer.Run(ctx, m, []string{good(t, nil)}, importer.Options{}); !errors.Is(err, context.Canceled) || len(m.replaced) > 0 {
		t.Errorf("error %v", err)
	}
}

func TestPathsThatAreNoUse(t *testing.T) {
	dir := folder(t, map[string]string{"notas.csv": "a,b\n", "leia.me": "x"})
	for path, want := range map[string]string{
		filepath.Join(dir, "nada"):      "does not exist",
		filepath.Join(dir, "notas.csv"): "the file's name does not tell what it contains",
		filepath.Join(dir, "leia.me"):   "only .csv and .xlsx files can be imported",
		t.TempDir():                     "nothing to import",
	} {
		rep, err := importer.Run(t.Context(), &memory{}, []string{path}, importer.Options{})
		if !errors.Is(err, importer.ErrRejected) || !strings.Contains(told(rep), want) {
			t.Errorf("%s: error %v\n%swant %s", path, err, told(rep), want)
		}
	}
}

func TestProgressReachesTheEnd(t *testing.T) {
	var last, total int64
	dir := good(t, nil)
	if _, err := importer.Run(t.Context(), &memory{}, []string{dir}, importer.Options{Progress: func(d, n int64) {
		if d < last {
			t.Errorf("progress fell from %d to %d", last, d)
		}
		last, total = d, n
	}}); err != nil {
		t.Fatal(err)
	}
	if last != total || total == 0 {
		t.Errorf("ended at %d of %d", last, total)
	}
}

func TestReportJSON(t *testing.T) {
	dir := good(t, map[string]string{"estoque.csv": "cod_produto,qtd\nP1,x\n"})
	for l, want := range map[lang.Lang]string{
		lang.PT: `{"gravidade":"erro","arquivo":"estoque.csv","linha":2,"coluna":"qtd","valor":"x","mensagem":"não é um número. Escreva só o número, por exemplo 1234,56."}`,
		lang.EN: `{"gravidade":"error","arquivo":"estoque.csv","linha":2,"coluna":"qtd","valor":"x","mensagem":"is not a number. Write the number alone, for example 1234.56."}`,
	} {
		rep, err := importer.Run(t.Context(), &memory{}, []string{dir}, importer.Options{Lang: l})
		if !errors.Is(err, importer.ErrRejected) {
			t.Fatal(err)
		}
		out, err := json.Marshal(rep)
		if err != nil || !strings.Contains(string(out), want) || !strings.Contains(string(out), `"total_erros":1`) {
			t.Errorf("%v: %s", err, out)
		}
	}
}

func TestFileChangedBetweenCheckAndLoad(t *testing.T) {
	dir := good(t, nil)
	m := &meddler{change: func() {
		if err := os.WriteFile(filepath.Join(dir, "estoque.csv"), []byte("cod_produto,qtd,local\nP1,x,CD\n"), 0o600); err != nil {
			t.Error(err)
		}
	}}
	rep, err := importer.Run(t.Context(), m, []string{dir}, importer.Options{})
	if !errors.Is(err, importer.ErrRejected) || rep.Loaded || len(m.replaced) > 0 || rep.Errors != 1 {
		t.Errorf("error %v, report %+v", err, rep)
	}
}

// meddler changes a file when loading begins.
type meddler struct {
	memory
	change func()
}

func (m *meddler) Replace(ctx context.Context, rs []dataset.Relation, fill func(dataset.Writer) error) error {
	m.change()
	return m.memory.Replace(ctx, rs, fill)
}

// What could not be read is told alone: whether it holds what seems to be missing is not known.
func TestUnreadInputsDoNotMakeOthersMissing(t *testing.T) {
	workbook := folder(t, map[string]string{"pedidos.xlsx": "not a workbook"})
	for name, paths := range map[string][]string{
		"a path that is not there":   {filepath.Join(t.TempDir(), "none")},
		"an empty folder":            {t.TempDir()},
		"a workbook that is damaged": {workbook},
		"a file without a name":      {filepath.Join(folder(t, map[string]string{"x.csv": "a\n"}), "x.csv")},
	} {
		t.Run(name, func(t *testing.T) {
			rep, err := importer.Run(t.Context(), &memory{}, paths, importer.Options{})
			if !errors.Is(err, importer.ErrRejected) || rep.Errors != 1 || strings.Contains(told(rep), "is missing") {
				t.Errorf("%v\n%s", err, told(rep))
			}
		})
	}
}
