package cli

import "ruptura/internal/lang"

// importFiles are the relations and their columns, which have the same names in both languages.
const importFiles = `
  pedidos*     num_pedido*, cliente, cnpj, cidade, uf, vendedor, data_pedido, data_entrega, importante, observacao
  itens*       num_pedido*, linha, cod_produto*, nome_produto*, qtd_saldo*, preco_unitario
  estoque*     cod_produto*, qtd*, local, data
  separacoes   lote, num_pedido*, cod_produto*, qtd*, expedicao
  producao     cod_produto*, data*, qtd*, linha
  unificacao   codigo_origem*, codigo_destino*

`

var importHelp = lang.Text{
	PT: "Carrega a carteira de uma pasta, de arquivos .csv ou .xlsx, ou de um único .xlsx com uma planilha por relação. Nada muda " +
		"se houver um erro sequer; cada um é apontado com arquivo, linha, coluna e motivo. Uma importação nova substitui o que " +
		"os arquivos cobrem e deixa o resto.\n\n" +
		"Arquivos ou planilhas (* obrigatório enquanto o banco não tem esses dados) e colunas (* obrigatória):" + importFiles +
		"Maiúsculas, acentos e pontuação dos títulos não importam, e sinônimos comuns são aceitos. UTF-8 ou Windows-1252; " +
		"vírgula, ponto e vírgula ou tabulação. O formato de números e datas é um só para toda a importação e sai dos próprios " +
		"arquivos; se eles se contradizem, são recusados.\n\n" +
		"'ruptura generate exemplo' grava arquivos que servem de modelo.",
	EN: "Loads the order book from a folder, from .csv or .xlsx files, or from one .xlsx with a sheet per relation. Nothing " +
		"changes if there is a single error; each is named with file, line, column and reason. A new import replaces what the " +
		"files cover and leaves the rest.\n\n" +
		"Files or sheets (* required while the database has no such data) and columns (* required):" + importFiles +
		"Case, accents and punctuation of the titles do not matter, and common synonyms (order, client, product…) are " +
		"accepted. UTF-8 or Windows-1252; comma, semicolon or tab. Numbers and dates have one format in the whole import, found " +
		"in the files themselves; files that contradict each other are refused.\n\n" +
		"'ruptura generate example' writes files to go by.",
}

var importExamples = []example{
	{"ruptura import dados/ --check", lang.Text{PT: "só confere", EN: "only checks"}},
	{"ruptura import dados/", lang.Text{PT: "carrega a pasta inteira em ruptura.db", EN: "loads the whole folder into ruptura.db"}},
	{"ruptura import estoque.xlsx", lang.Text{PT: "troca só o estoque", EN: "replaces the stock alone"}},
	{"ruptura import dados/ --numbers br --dates br", lang.Text{
		PT: "diz o formato quando os arquivos não bastam para saber",
		EN: "says the format when the files do not tell",
	}},
}
