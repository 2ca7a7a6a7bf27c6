package doctor

import (
	"strings"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// questions are all that may be wrong with the rows, the keys first.
func questions(staleBefore atp.Day) []question {
	var all []question
	for _, some := range [][]question{keys(), numbers(), dates(staleBefore), strays()} {
		all = append(all, some...)
	}
	return all
}

// column is a column and how to name its rows in an example, in SQL.
type column struct{ relation, name, key string }

func (c column) String() string { return c.relation + "." + c.name }

// texts selects the column, whatever its type: a user's own codes may be integers.
func (c column) texts() string {
	return "SELECT CAST(" + c.name + " AS text) AS k FROM {" + c.relation + "}"
}

func orderNumbers(relation string) string {
	return column{relation: relation, name: "num_pedido"}.texts()
}

var (
	orderLine = "CAST(num_pedido AS text) || ' / ' || linha"
	codes     = []column{
		{"itens", "cod_produto", orderLine},
		{"estoque", "cod_produto", "''"},
		{"separacoes", "cod_produto", "num_pedido"},
		{"producao", "cod_produto", "''"},
		{"unificacao", "codigo_origem", "codigo_destino"},
		{"unificacao", "codigo_destino", "codigo_origem"},
	}
	orders = []column{
		{"pedidos", "num_pedido", "''"},
		{"itens", "num_pedido", "cod_produto"},
		{"separacoes", "num_pedido", "cod_produto"},
	}
	quantities = []column{
		{"itens", "qtd_saldo", orderLine},
		{"estoque", "qtd", "cod_produto"},
		{"separacoes", "qtd", "CAST(num_pedido AS text) || ' / ' || cod_produto"},
		{"producao", "qtd", "cod_produto"},
	}
)

// one makes a question about a column, whose condition writes the column as $.
func (c column) one(q question, condition string) question {
	q.uses = []string{c.String()}
	q.query = "SELECT " + "coalesce(CAST(" + c.key + " AS text), '?') AS k FROM {" + c.relation + "} WHERE " +
		strings.ReplaceAll(condition, "$", c.name)
	q.what = lang.Text{PT: c.String() + " " + q.what.PT, EN: c.String() + " " + q.what.EN}
	return q
}

func keys() []question {
	var all []question
	for _, c := range append(append([]column{{"itens", "linha", "num_pedido"}}, orders...), append(codes, quantities...)...) {
		all = append(all, c.one(question{
			code: "data.null", level: Problem, what: lang.Text{PT: "vazio (null)", EN: "null"},
			mend: lang.Text{PT: "preencha a coluna, ou deixe essas linhas fora da visão", EN: "fill the column, or leave those rows out of the view"},
		}, "$ IS NULL"))
	}
	for _, c := range append(append([]column{}, orders...), codes...) {
		all = append(all, c.one(question{
			code: "data.empty-code", level: Problem, what: lang.Text{PT: "em branco", EN: "blank"},
			mend: lang.Text{PT: "preencha o código, ou deixe essas linhas fora da visão", EN: "fill the code in, or leave those rows out of the view"},
		}, "trim(CAST($ AS text)) = ''"))
		padded := c
		padded.key = "'[' || " + c.name + " || ']'"
		all = append(all, padded.one(question{
			code: "data.padded-code", level: Warning,
			what: lang.Text{PT: "com espaços no começo ou no fim", EN: "with spaces around it"},
			mend: lang.Text{PT: "com espaços é outro código: use trim(…) na visão", EN: "with spaces it is another code: use trim(…) in the view"},
		}, "trim(CAST($ AS text)) <> CAST($ AS text) AND trim(CAST($ AS text)) <> ''"))
	}
	long := orders[0]
	long.key = "substr(CAST(num_pedido AS text), 1, 60)"
	return append(all,
		long.one(question{
			code: "data.long-order", level: Problem, what: lang.Text{PT: "com mais de 50 caracteres", EN: "with more than 50 characters"},
			mend: lang.Text{PT: "encurte o número: a página e a API não o aceitam", EN: "shorten the number: the page and the API do not take it"},
		}, "length(CAST($ AS text)) > 50"),
		question{
			code: "data.duplicate-order", level: Problem, uses: []string{"pedidos.num_pedido"},
			query: "SELECT num_pedido AS k FROM {pedidos} WHERE num_pedido IS NOT NULL GROUP BY num_pedido HAVING count(*) > 1",
			what:  lang.Text{PT: "pedidos.num_pedido repetido", EN: "pedidos.num_pedido repeated"},
			mend:  lang.Text{PT: "deixe uma linha por pedido em pedidos", EN: "leave one row per order in pedidos"},
		},
		question{
			code: "data.duplicate-line", level: Problem, uses: []string{"itens.num_pedido", "itens.linha"},
			query: "SELECT " + orderLine + " AS k FROM {itens} WHERE num_pedido IS NOT NULL AND linha IS NOT NULL " +
				"GROUP BY num_pedido, linha HAVING count(*) > 1",
			what: lang.Text{PT: "num_pedido e linha repetidos em itens", EN: "num_pedido and linha repeated in itens"},
			mend: lang.Text{
				PT: "dê a cada item do pedido a sua linha, por exemplo o id da tabela",
				EN: "give each item of an order a line of its own, for example the table's id",
			},
		})
}

func numbers() []question {
	var all []question
	for _, c := range append(append([]column{}, quantities...), column{"itens", "preco_unitario", orderLine}) {
		places, digits := "3", "15"
		if c.name == "preco_unitario" {
			places = "2"
		}
		all = append(all,
			c.one(question{
				code: "data.not-a-number", level: Problem, decimals: true,
				what: lang.Text{PT: "que não é um número que se possa usar (NaN, infinito ou grande demais)",
					EN: "not a number that can be used (NaN, infinite or too large)"},
				mend: lang.Text{PT: "corrija o valor na origem, ou deixe essas linhas fora da visão",
					EN: "correct the value where it comes from, or leave those rows out of the view"},
			}, "CAST($ AS text) IN ('NaN', 'Infinity', '-Infinity') OR abs(CAST($ AS numeric)) >= 1e"+digits),
			c.one(question{
				code: "data.decimals", level: Warning, decimals: true,
				what: lang.Text{PT: "com mais de " + places + " casas decimais", EN: "with more than " + places + " decimals"},
				mend: lang.Text{PT: "cada linha é arredondada para " + places + " casas antes da soma; use round(…, " + places + ") na visão para ver o mesmo",
					EN: "each row is rounded to " + places + " decimals before they are added up; use round(…, " + places + ") in the view to see the same"},
			}, "CAST($ AS text) NOT IN ('NaN', 'Infinity', '-Infinity') AND CAST($ AS numeric) <> round(CAST($ AS numeric), "+places+")"))
	}
	for _, c := range quantities {
		if c.relation == "estoque" {
			continue // movements are signed
		}
		all = append(all, c.one(question{
			code: "data.not-positive", level: Warning,
			what: lang.Text{PT: "zero ou negativo", EN: "zero or negative"},
			mend: lang.Text{PT: "essas linhas não contam; se deviam contar, corrija na origem",
				EN: "those rows do not count; if they should, correct them where they come from"},
		}, "$ <= 0"))
	}
	return append(all, question{
		code: "data.negative-stock", level: Warning, uses: []string{"estoque.cod_produto", "estoque.qtd"},
		query: "SELECT cod_produto AS k FROM {estoque} WHERE cod_produto IS NOT NULL GROUP BY cod_produto HAVING sum(qtd) < 0",
		what:  lang.Text{PT: "produtos com estoque negativo", EN: "products with negative stock"},
		mend:  lang.Text{PT: "confira entradas que não foram lançadas", EN: "look for receipts that were not entered"},
	})
}

func dates(staleBefore atp.Day) []question {
	return []question{
		column{"producao", "data", "cod_produto"}.one(question{
			code: "data.undated-receipt", level: Warning, what: lang.Text{PT: "vazia (null)", EN: "null"},
			mend: lang.Text{PT: "produção sem data não conta: programe uma", EN: "production without a date does not count: give it one"},
		}, "$ IS NULL"),
		{
			code: "data.stale-reservation", level: Warning, uses: []string{"separacoes.expedicao", "separacoes.num_pedido"},
			query: "SELECT DISTINCT num_pedido AS k FROM {separacoes} WHERE expedicao < '" + staleBefore.String() + "'", // digits and dashes
			what: lang.Text{PT: "pedidos com separação esquecida, com expedição antes de " + staleBefore.Time().Format("02/01/2006"),
				EN: "orders with a stale reservation, to ship before " + staleBefore.String()},
			mend: lang.Text{PT: "ela ainda ocupa estoque, e não conta como data de necessidade: fature, cancele ou remarque (o limite é --stale-days)",
				EN: "it still takes stock, and does not count as need date: invoice, cancel or reschedule it (the limit is --stale-days)"},
		},
	}
}

// strays are codes that match nothing.
func strays() []question {
	all := []question{
		{
			code: "data.item-without-order", level: Warning, uses: []string{"itens.num_pedido", "pedidos.num_pedido"},
			query: orderNumbers("itens") + " WHERE num_pedido IS NOT NULL EXCEPT " + orderNumbers("pedidos"),
			what:  lang.Text{PT: "pedidos com itens que não estão em pedidos", EN: "orders with lines that are not in pedidos"},
			mend: lang.Text{
				PT: "acrescente-os a pedidos: sem isso são analisados, mas sem cliente e sem datas",
				EN: "add them to pedidos: without it they are analysed, but without client and dates",
			},
		},
		{
			code: "data.reservation-without-order", level: Warning, uses: []string{"separacoes.num_pedido", "itens.num_pedido"},
			query: orderNumbers("separacoes") + " WHERE num_pedido IS NOT NULL EXCEPT " + orderNumbers("itens"),
			what:  lang.Text{PT: "pedidos com separação e sem itens na carteira", EN: "orders with a reservation and no lines in the book"},
			mend: lang.Text{
				PT: "essas separações ocupam estoque; se já foram faturadas, tire-as da visão",
				EN: "those reservations take stock; if they have been invoiced, leave them out of the view",
			},
		},
	}
	for _, c := range []column{codes[2], codes[3], codes[4], codes[5]} {
		others := []column{codes[0], codes[1]}
		if c.relation != "unificacao" {
			others = append(others, codes[4], codes[5])
		}
		all = append(all, stray(c, others))
	}
	return all
}

// stray asks for the codes of a column that are in none of the others.
func stray(c column, others []column) question {
	q := question{
		code: "data.unmatched-code", level: Warning, uses: []string{c.String()},
		query: c.texts() + " WHERE " + c.name + " IS NOT NULL",
		what: lang.Text{PT: "códigos de " + c.String() + " que não estão em itens nem em estoque",
			EN: "codes of " + c.String() + " that are neither in itens nor in estoque"},
		mend: lang.Text{PT: "confira se o código está escrito igual (zeros à esquerda, maiúsculas, espaços), ou se falta unificá-lo",
			EN: "check that the code is written the same (leading zeros, case, spaces), or whether it is still to be unified"},
	}
	for _, o := range others {
		q.uses = append(q.uses, o.String())
		q.query += " EXCEPT " + o.texts()
	}
	return q
}
