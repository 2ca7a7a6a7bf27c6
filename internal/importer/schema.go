package importer

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ruptura/internal/dataset"
)

// what a column holds decides how it is read, and which columns speak for a format.
type what uint8

const (
	aText what = iota
	aNumber
	aDate
)

// column is one column of a relation and the other names it goes by, folded (see fold).
type column struct {
	name     string
	required bool
	what     what
	synonyms []string
}

func orderColumn() column {
	return column{"num_pedido", true, aText, strings.Fields(
		"numeropedido numerodopedido nopedido npedido nrpedido nropedido numped nped pedido pedidodevenda codpedido codigopedido " +
			"order ordernumber ordernum orderno orderid salesorder")}
}

func productColumn(more string) column {
	return column{"cod_produto", true, aText, strings.Fields(
		"codigo codigoproduto codigodoproduto coddoproduto codprod codigoitem coditem sku productcode productid itemcode " + more)}
}

func quantityColumn(name, more string) column {
	return column{name, true, aNumber, strings.Fields("qtd qtde quant quantidade saldo quantity qty " + more)}
}

// The columns of each relation, at the index of these constants.
const (
	orderNumber = iota
	orderClient
	orderTaxID
	orderCity
	orderUF
	orderSalesperson
	orderOrdered
	orderRequested
	orderImportant
	orderNote
)

const (
	itemOrder = iota
	itemLine
	itemProduct
	itemName
	itemOpen
	itemPrice
)

const (
	stockProduct = iota
	stockQuantity
	stockPlace
	stockDate
)

const (
	reservationLot = iota
	reservationOrder
	reservationProduct
	reservationQuantity
	reservationShips
)

const (
	receiptProduct = iota
	receiptDate
	receiptQuantity
	receiptLine
)

const (
	unificationFrom = iota
	unificationTo
)

func optional(name string, w what, synonyms string) column {
	return column{name, false, w, strings.Fields(synonyms)}
}

// columnsOf is the schema of a relation.
func columnsOf(r dataset.Relation) []column {
	switch r {
	case dataset.Orders:
		return orderColumns()
	case dataset.Items:
		return itemColumns()
	case dataset.Stock:
		return []column{
			stockProduct:  productColumn("produto product"),
			stockQuantity: quantityColumn("qtd", "qtdestoque estoque estoqueatual onhand stock"),
			stockPlace:    optional("local", aText, "deposito armazem almoxarifado loja place location warehouse"),
			stockDate:     optional("data", aDate, "datamovimento datamov dtmovimento dt date movementdate"),
		}
	case dataset.Reservations:
		return []column{
			reservationLot:      optional("lote", aText, "numlote nolote nrlote lot picking batch"),
			reservationOrder:    orderColumn(),
			reservationProduct:  productColumn("produto product"),
			reservationQuantity: quantityColumn("qtd", "qtdseparada quantidadeseparada"),
			reservationShips: optional("expedicao", aDate,
				"dataexpedicao datadeexpedicao dtexpedicao datasaida saida ships shipdate shippingdate"),
		}
	case dataset.Receipts:
		return []column{
			receiptProduct: productColumn("produto product"),
			receiptDate: {"data", true, aDate, strings.Fields(
				"dataproducao datadeproducao dataprevista previsao entrada date arrives arrival arrivaldate")},
			receiptQuantity: quantityColumn("qtd", "qtdprogramada quantidadeprogramada"),
			receiptLine:     optional("linha", aText, "linhaproducao linhadeproducao productionline line"),
		}
	case dataset.Unifications:
		return []column{
			unificationFrom: {"codigo_origem", true, aText, strings.Fields("codorigem origem de codigoantigo from fromcode source oldcode")},
			unificationTo:   {"codigo_destino", true, aText, strings.Fields("coddestino destino para codigonovo to tocode target newcode")},
		}
	}
	return nil
}

func orderColumns() []column {
	return []column{
		orderNumber: orderColumn(),
		orderClient: optional("cliente", aText, "nomecliente nomedocliente razaosocial client clientname customer customername"),
		orderTaxID:  optional("cnpj", aText, "cnpjcpf cpfcnpj cnpjcliente cnpjdocliente taxid"),
		orderCity:   optional("cidade", aText, "municipio city town"),
		orderUF:     optional("uf", aText, "estado state"),
		orderSalesperson: optional("vendedor", aText,
			"vendedora nomevendedor nomedovendedor representante salesperson salesrep seller"),
		orderOrdered: optional("data_pedido", aDate,
			"datadopedido dtpedido emissao dataemissao datadeemissao dtemissao orderdate ordered"),
		orderRequested: optional("data_entrega", aDate,
			"datadeentrega dtentrega entrega previsaoentrega previsaodeentrega requested requesteddate deliverydate duedate"),
		orderImportant: optional("importante", aText, "prioritario important"),
		orderNote:      optional("observacao", aText, "observacoes obs comentario comentarios note notes remarks comment comments"),
	}
}

func itemColumns() []column {
	return []column{
		itemOrder: orderColumn(),
		itemLine: optional("linha", aText,
			"item itempedido itemdopedido numitem numlinha nrlinha nolinha sequencia seq line lineno linenumber lineitem"),
		itemProduct: productColumn(""),
		itemName: {"nome_produto", true, aText, strings.Fields(
			"nomedoproduto produto descricao descricaoproduto descricaodoproduto product productname description name")},
		itemOpen:  quantityColumn("qtd_saldo", "quantidadesaldo saldoqtd saldopedido qtdpendente qtdaberta openquantity openqty open"),
		itemPrice: optional("preco_unitario", aNumber, "preco precounit valorunitario vlrunitario vlunitario vlrunit unitprice price"),
	}
}

// relationNamed recognises a file's or sheet's name.
func relationNamed(name string) (dataset.Relation, bool) {
	names := [...]string{
		dataset.Orders:       "pedidos pedido orders",
		dataset.Items:        "itens itenspedido itensdepedido itensdospedidos items orderlines lines",
		dataset.Stock:        "estoque estoques stock inventory",
		dataset.Reservations: "separacoes separacao reservations picking",
		dataset.Receipts:     "producao programacao programacaodeproducao production receipts",
		dataset.Unifications: "unificacao unificacoes unificacaodecodigos unification unifications",
	}
	folded := fold(name)
	for _, r := range dataset.Relations() {
		if slices.Contains(strings.Fields(names[r]), folded) {
			return r, true
		}
	}
	return 0, false
}

// fold reduces a name to lower-case letters and digits: without accents, spaces, punctuation and
// connecting words (Data de Entrega is dataentrega), and with º and ª as the letters they are.
func fold(s string) string {
	words := strings.FieldsFunc(strings.ToLower(norm.NFKD.String(s)), func(r rune) bool {
		return !unicode.IsMark(r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	var b strings.Builder
	for _, w := range words {
		if len(words) > 1 && (w == "de" || w == "do" || w == "da" || w == "dos" || w == "das") {
			continue
		}
		for _, r := range w {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// match finds a header cell among the columns, -1 if nothing knows it.
func match(columns []column, header string) int {
	folded := fold(header)
	for i, c := range columns {
		if fold(c.name) == folded {
			return i
		}
	}
	for i, c := range columns {
		if slices.Contains(c.synonyms, folded) {
			return i
		}
	}
	return -1
}
