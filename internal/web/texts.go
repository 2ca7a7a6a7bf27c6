package web

import "ruptura/internal/lang"

var (
	textSessionGone = lang.Text{
		PT: "A análise que ordenava esta lista expirou. A lista está por data de necessidade; quando a nova análise terminar, pode ser ordenada de novo.",
		EN: "The analysis that sorted this list has expired. The list is by need date; once the new analysis is complete it can be sorted again.",
	}
	textContestGone = lang.Text{
		PT: "A análise que escolhia os pedidos em disputa expirou. A lista tem todos; quando a nova análise terminar, os em disputa podem ser vistos de novo.",
		EN: "The analysis that chose the contested orders has expired. The list has all; once the new analysis is complete they can be seen again.",
	}
	textIgnored = lang.Text{
		PT: "O endereço tem parâmetros que esta página não conhece e que não filtram: %s.",
		EN: "The address has parameters that this page does not know and that do not filter: %s.",
	}
	textCursorGone = lang.Text{
		PT: "A página pedida não existe mais. Esta é a primeira.",
		EN: "The page asked for no longer exists. This is the first.",
	}
	textNotAnalysed   = lang.Text{PT: "Não analisado", EN: "Not analysed"}
	textExportNone    = lang.Text{PT: "A carteira não foi exportada", EN: "The order book was not exported"}
	textExportBack    = lang.Text{PT: "Voltar à carteira", EN: "Back to the order book"}
	textExportInvalid = lang.Text{
		PT: "O endereço pede o que não existe. Use formato=csv ou formato=xlsx e os filtros da página.",
		EN: "The address asks for what does not exist. Use formato=csv or formato=xlsx and the page's filters.",
	}
	textExportSession = lang.Text{
		PT: "A análise que seria exportada expirou. Volte à carteira, espere a análise nova terminar e exporte de novo.",
		EN: "The analysis to be exported has expired. Go back to the order book, wait for the new analysis and export again.",
	}
	textExportTooMany = lang.Text{
		PT: "São mais pedidos do que cabem numa planilha XLSX (1.048.575). Exporte em CSV ou filtre a carteira.",
		EN: "There are more orders than an XLSX worksheet can hold (1,048,575). Export as CSV or filter the order book.",
	}
	textExportBusy = lang.Text{
		PT: "Outras exportações estão em andamento. Tente de novo em instantes.",
		EN: "Other exports are under way. Try again in a moment.",
	}
)

// texts are the words of the page, by the names the template uses.
var texts = map[string]lang.Text{
	"title":       {PT: "Carteira de pedidos", EN: "Order book"},
	"skip":        {PT: "Ir para a tabela", EN: "Skip to the table"},
	"read":        {PT: "Carteira lida às", EN: "Order book read at"},
	"language":    {PT: "Idioma", EN: "Language"},
	"theme":       {PT: "Tema", EN: "Theme"},
	"sistema":     {PT: "Como o sistema", EN: "As the system"},
	"claro":       {PT: "Claro", EN: "Light"},
	"escuro":      {PT: "Escuro", EN: "Dark"},
	"figures":     {PT: "Números da carteira", EN: "Figures of the order book"},
	"ok":          {PT: "Estoque OK", EN: "Stock OK"},
	"short":       {PT: "Em ruptura", EN: "Short"},
	"CRITICA":     {PT: "Crítica", EN: "Critical"},
	"ALTA":        {PT: "Alta", EN: "High"},
	"MEDIA":       {PT: "Média", EN: "Medium"},
	"BAIXA":       {PT: "Baixa", EN: "Low"},
	"total":       {PT: "Valor total", EN: "Total value"},
	"available":   {PT: "Valor disponível", EN: "Available value"},
	"atRisk":      {PT: "Em risco", EN: "At risk"},
	"orders":      {PT: "pedidos", EN: "orders"},
	"order1":      {PT: "pedido", EN: "order"},
	"filter":      {PT: "Filtros", EN: "Filters"},
	"search":      {PT: "Buscar", EN: "Search"},
	"searchHint":  {PT: "Pedido, cliente, cidade ou vendedor", EN: "Order, client, city or salesperson"},
	"uf":          {PT: "UF", EN: "State"},
	"all":         {PT: "Todas", EN: "All"},
	"salesperson": {PT: "Vendedor", EN: "Salesperson"},
	"important":   {PT: "Importante", EN: "Important"},
	"any":         {PT: "Tanto faz", EN: "Any"},
	"yes":         {PT: "Sim", EN: "Yes"},
	"no":          {PT: "Não", EN: "No"},
	"needFrom":    {PT: "Necessidade de", EN: "Needed from"},
	"needTo":      {PT: "até", EN: "to"},
	"sortBy":      {PT: "Ordenar por", EN: "Sort by"},
	"apply":       {PT: "Filtrar", EN: "Filter"},
	"moreFilters": {PT: "Mais filtros", EN: "More filters"},
	"clear":       {PT: "Limpar", EN: "Clear"},
	"product":     {PT: "Produto", EN: "Product"},
	"worst":       {PT: "Produtos com mais valor em risco", EN: "Products with most value at risk"},
	"noneShort":   {PT: "Nenhum produto em falta: todos os pedidos analisados podem sair.", EN: "No product is short: every order analysed can ship."},
	"rank":        {PT: "Posição", EN: "Rank"},
	"ordersHead":  {PT: "Pedidos", EN: "Orders"},
	"worstOrders": {PT: "pedidos", EN: "orders"},
	"missing":     {PT: "Falta", EN: "Missing"},
	"back":        {PT: "Volta em", EN: "Back on"},
	"backHint": {
		PT: "Primeiro dia, nos próximos {0}, a partir do qual tudo o que falta pode sair; se não há, o primeiro em que sai uma parte",
		EN: "First day, of the next {0}, from which all that is missing can ship; if there is none, the first on which a part can",
	},
	"backPart": {PT: "só {0} de {1}", EN: "only {0} of {1}"},
	"backUnknown": {
		PT: "A data não pôde ser lida. Clique para tentar de novo.",
		EN: "The day could not be read. Click to try again.",
	},
	"noForecast":     {PT: "sem previsão", EN: "no forecast"},
	"nextReceipt":    {PT: "Próxima produção: {0} em {1}", EN: "Next production: {0} on {1}"},
	"openProjection": {PT: "ver a projeção", EN: "see the projection"},
	"showOrders":     {PT: "Ver pedidos", EN: "Show orders"},
	"resort":         {PT: "Ordenar por {0}", EN: "Sort by {0}"},
	"renewing": {
		PT: "A análise mostrada expirou no servidor. Analisando de novo; em seguida, ",
		EN: "The analysis shown has expired on the server. Analysing again; then comes ",
	},
	"thenExport": {PT: "a exportação.", EN: "the export."},
	"thenSort":   {PT: "a ordenação.", EN: "the sorting."},
	"notRenewed": {
		PT: "A nova análise não terminou. Analise de novo e repita o que queria.",
		EN: "The new analysis did not end. Analyse again and repeat what you wanted.",
	},
	"riskColumn": {PT: "Em risco", EN: "At risk"},
	"riskLabel":  {PT: "Em risco R$", EN: "At risk R$"},
	"export":     {PT: "Exportar", EN: "Export"},
	"exportHint": {
		PT: "Exportar todos os pedidos do filtro, com os resultados da análise",
		EN: "Export every order of the filter, with the results of the analysis",
	},
	"changed":      {PT: "A carteira mudou:", EN: "The order book has changed:"},
	"changedNew":   {PT: "1 pedido novo", EN: "1 new order"},
	"changedNews":  {PT: "{0} pedidos novos", EN: "{0} new orders"},
	"changedGone":  {PT: "1 saiu", EN: "1 is gone"},
	"changedGones": {PT: "{0} saíram", EN: "{0} are gone"},
	"changedOne":   {PT: "1 com outro valor ou data", EN: "1 with another value or date"},
	"changedMany":  {PT: "{0} com outro valor ou data", EN: "{0} with another value or date"},
	"reload":       {PT: "Recarregar a página", EN: "Reload the page"},
	"mode":         {PT: "Modo da análise", EN: "Mode of the analysis"},
	"isolado":      {PT: "Cada pedido sozinho", EN: "Each order alone"},
	"concorrente":  {PT: "Pedidos concorrem", EN: "Orders compete"},
	"isoladoHint": {
		PT: "Cada pedido é analisado como se fosse o único: dois pedidos podem contar com o mesmo estoque.",
		EN: "Each order is analysed as if it were the only one: two orders may count on the same stock.",
	},
	"concorrenteHint": {
		PT: "Todos disputam o mesmo estoque, por prioridade: cada unidade conta uma só vez.",
		EN: "All compete for the same stock, by priority: each unit counts only once.",
	},
	"policy":  {PT: "O que pode sair", EN: "What may ship"},
	"linha":   {PT: "Linhas inteiras", EN: "Whole lines"},
	"parcial": {PT: "Partes", EN: "Parts"},
	"pedido":  {PT: "Pedidos inteiros", EN: "Whole orders"},
	"linhaHint": {
		PT: "Cada linha sai inteira ou espera.",
		EN: "Each line ships whole or waits.",
	},
	"parcialHint": {
		PT: "De cada linha sai o que há, e o resto quando chega.",
		EN: "Of each line ships what there is, and the rest as it comes.",
	},
	"pedidoHint": {
		PT: "O pedido inteiro sai de uma vez, ou espera.",
		EN: "The whole order ships at once, or waits.",
	},
	"priority":        {PT: "Prioridade", EN: "Priority"},
	"priorityClients": {PT: "Clientes na sequência", EN: "Clients in this sequence"},
	"contested":       {PT: "Em disputa", EN: "Contested"},
	"contestedHint": {
		PT: "Pedidos que sairiam inteiros se fossem os únicos e que faltam quando todos concorrem",
		EN: "Orders that would ship whole if they were the only ones, and are short when all compete",
	},
	"contestedShow": {PT: "Ver pedidos", EN: "Show orders"},
	"bothAlone":     {PT: "Sozinho {0} · concorrendo {1}", EN: "Alone {0} · competing {1}"},
	"bothCause":     {PT: ", por causa do pedido ", EN: ", because of order "},
	"bothSame":      {PT: "Sozinho seria igual", EN: "Alone it would be the same"},
	"bothLine":      {PT: "Um item espera mais que sozinho", EN: "An item waits longer than alone"},
	"bothNever":     {PT: "sem previsão", EN: "no forecast"},
	"removeFilter":  {PT: "tirar este filtro", EN: "remove this filter"},
	"rows":          {PT: "Linhas", EN: "Rows"},
	"shown":         {PT: "na tela", EN: "shown"},
	"number":        {PT: "Pedido", EN: "Order"},
	"client":        {PT: "Cliente", EN: "Client"},
	"place":         {PT: "Cidade/UF", EN: "City/State"},
	"ordered":       {PT: "Data", EN: "Ordered"},
	"need":          {PT: "Necessidade", EN: "Needed"},
	"value":         {PT: "Valor (R$)", EN: "Value (R$)"},
	"delivery":      {PT: "Entrega/Obs", EN: "Delivery/Note"},
	"availability":  {PT: "Disponibilidade", EN: "Availability"},
	"criticality":   {PT: "Criticidade", EN: "Criticality"},
	"overdue":       {PT: "data de necessidade já passou", EN: "the need date has passed"},
	"noDate":        {PT: "sem data", EN: "no date"},
	"first":         {PT: "Início", EN: "First page"},
	"next":          {PT: "Próximos pedidos", EN: "Next orders"},
	"pages":         {PT: "Páginas", EN: "Pages"},
	"noMatch":       {PT: "Nenhum pedido corresponde aos filtros", EN: "No order matches the filters"},
	"noMatchHint":   {PT: "Confira as datas e a grafia, ou comece de novo.", EN: "Check the dates and the spelling, or start again."},
	"clearAll":      {PT: "Limpar os filtros", EN: "Clear the filters"},
	"empty":         {PT: "A carteira está vazia", EN: "The order book is empty"},
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
