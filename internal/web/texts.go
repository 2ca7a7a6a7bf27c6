package web

import "ruptura/internal/lang"

var (
	textSessionGone = lang.Text{
		PT: "A análise que ordenava esta lista expirou. A lista está por data de necessidade.",
		EN: "The analysis that sorted this list has expired. The list is by need date.",
	}
	textCursorGone = lang.Text{
		PT: "A página pedida não existe mais. Esta é a primeira.",
		EN: "The page asked for no longer exists. This is the first.",
	}
)

// texts are the words of the page, by the names the template uses.
var texts = map[string]lang.Text{
	"title":        {PT: "Carteira de pedidos", EN: "Order book"},
	"skip":         {PT: "Ir para a tabela", EN: "Skip to the table"},
	"read":         {PT: "Carteira lida às", EN: "Order book read at"},
	"language":     {PT: "Idioma", EN: "Language"},
	"theme":        {PT: "Tema", EN: "Theme"},
	"sistema":      {PT: "Como o sistema", EN: "As the system"},
	"claro":        {PT: "Claro", EN: "Light"},
	"escuro":       {PT: "Escuro", EN: "Dark"},
	"figures":      {PT: "Números da carteira", EN: "Figures of the order book"},
	"ok":           {PT: "Estoque OK", EN: "Stock OK"},
	"short":        {PT: "Em ruptura", EN: "Short"},
	"CRITICA":      {PT: "Crítica", EN: "Critical"},
	"ALTA":         {PT: "Alta", EN: "High"},
	"MEDIA":        {PT: "Média", EN: "Medium"},
	"BAIXA":        {PT: "Baixa", EN: "Low"},
	"total":        {PT: "Valor total", EN: "Total value"},
	"available":    {PT: "Valor disponível", EN: "Available value"},
	"atRisk":       {PT: "Valor em risco", EN: "Value at risk"},
	"orders":       {PT: "pedidos", EN: "orders"},
	"order1":       {PT: "pedido", EN: "order"},
	"filter":       {PT: "Filtros", EN: "Filters"},
	"search":       {PT: "Buscar", EN: "Search"},
	"searchHint":   {PT: "Pedido, cliente, cidade ou vendedor", EN: "Order, client, city or salesperson"},
	"uf":           {PT: "UF", EN: "State"},
	"all":          {PT: "Todas", EN: "All"},
	"salesperson":  {PT: "Vendedor", EN: "Salesperson"},
	"important":    {PT: "Importante", EN: "Important"},
	"any":          {PT: "Tanto faz", EN: "Any"},
	"yes":          {PT: "Sim", EN: "Yes"},
	"no":           {PT: "Não", EN: "No"},
	"needFrom":     {PT: "Necessidade de", EN: "Needed from"},
	"needTo":       {PT: "até", EN: "to"},
	"sortBy":       {PT: "Ordenar por", EN: "Sort by"},
	"apply":        {PT: "Filtrar", EN: "Filter"},
	"moreFilters":  {PT: "Mais filtros", EN: "More filters"},
	"clear":        {PT: "Limpar", EN: "Clear"},
	"product":      {PT: "Produto", EN: "Product"},
	"removeFilter": {PT: "tirar este filtro", EN: "remove this filter"},
	"rows":         {PT: "Linhas", EN: "Rows"},
	"shown":        {PT: "na tela", EN: "shown"},
	"number":       {PT: "Pedido", EN: "Order"},
	"client":       {PT: "Cliente", EN: "Client"},
	"place":        {PT: "Cidade/UF", EN: "City/State"},
	"ordered":      {PT: "Data", EN: "Ordered"},
	"need":         {PT: "Necessidade", EN: "Needed"},
	"value":        {PT: "Valor (R$)", EN: "Value (R$)"},
	"delivery":     {PT: "Entrega/Obs", EN: "Delivery/Note"},
	"availability": {PT: "Disponibilidade", EN: "Availability"},
	"criticality":  {PT: "Criticidade", EN: "Criticality"},
	"overdue":      {PT: "data de necessidade já passou", EN: "the need date has passed"},
	"noDate":       {PT: "sem data", EN: "no date"},
	"first":        {PT: "Início", EN: "First page"},
	"next":         {PT: "Próximos pedidos", EN: "Next orders"},
	"pages":        {PT: "Páginas", EN: "Pages"},
	"noMatch":      {PT: "Nenhum pedido corresponde aos filtros", EN: "No order matches the filters"},
	"noMatchHint":  {PT: "Confira as datas e a grafia, ou comece de novo.", EN: "Check the dates and the spelling, or start again."},
	"clearAll":     {PT: "Limpar os filtros", EN: "Clear the filters"},
	"empty":        {PT: "A carteira está vazia", EN: "The order book is empty"},
	"emptyHint": {
		PT: "Importe os arquivos da empresa (pedidos, itens e estoque, em CSV ou XLSX) e recarregue a página:",
		EN: "Import the company's files (pedidos, itens and estoque, as CSV or XLSX) and reload the page:",
	},
	"emptyDemo": {PT: "Ou veja como fica com uma empresa de exemplo:", EN: "Or see it with an example company:"},
	"failed":    {PT: "O banco de dados não respondeu", EN: "The database did not answer"},
	"failedHint": {
		PT: "Nenhum pedido foi lido. Tente de novo em instantes; se continuar, avise quem cuida do servidor.",
		EN: "No order was read. Try again in a moment; if it goes on, tell whoever runs the server.",
	},
	"unusable": {PT: "O banco de dados não está como o programa precisa", EN: "The database is not as the program needs it"},
	"unusableHint": {
		PT: "Nenhum pedido foi lido. Avise quem cuida do servidor: o comando 'ruptura doctor' diz o que falta e como corrigir.",
		EN: "No order was read. Tell whoever runs the server: the command 'ruptura doctor' says what is wrong and how to mend it.",
	},
	"again":   {PT: "Tentar de novo", EN: "Try again"},
	"invalid": {PT: "O endereço tem filtros que não valem", EN: "The address has filters that are not valid"},
	"noscript": {
		PT: "A análise de ruptura precisa de JavaScript; a carteira abaixo está completa.",
		EN: "The stock-out analysis needs JavaScript; the order book below is complete.",
	},
}

// states are the Brazilian states, as the filter lists them.
var states = []string{
	"AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA",
	"PB", "PE", "PI", "PR", "RJ", "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO",
}
