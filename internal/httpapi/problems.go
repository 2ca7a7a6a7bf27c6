package httpapi

import (
	"fmt"
	"net/http"

	"ruptura/internal/bookquery"
	"ruptura/internal/lang"
)

// The problems that are always the same.
var (
	unknownSession = &problem{status: http.StatusNotFound, code: "sessao_desconhecida", detail: lang.Text{
		PT: "Esta análise não existe ou já expirou; envie os pedidos de novo.",
		EN: "This analysis does not exist or has expired; send the orders again.",
	}}
	beyondLog = &problem{status: http.StatusNotFound, code: "evento_inexistente", detail: lang.Text{
		PT: "Esta análise ainda não tem o evento informado; recomece a leitura sem Last-Event-ID e sem desde.",
		EN: "This analysis has no such event yet; read again without Last-Event-ID and without desde.",
	}}
	badEventID = &problem{status: http.StatusBadRequest, code: "evento_invalido", detail: lang.Text{
		PT: "Last-Event-ID e desde devem ser o número do último evento recebido, ou faltar.",
		EN: "Last-Event-ID and desde must be the number of the last event received, or be absent.",
	}}
	keyReused = &problem{status: http.StatusUnprocessableEntity, code: "chave_reutilizada", detail: lang.Text{
		PT: "Esta Idempotency-Key já veio com outro pedido; use uma chave nova.",
		EN: "This Idempotency-Key came with another request before; use a new key.",
	}}
	badKey = &problem{status: http.StatusBadRequest, code: "chave_invalida", detail: lang.Text{
		PT: "Idempotency-Key deve ter de 1 a 200 bytes de texto ASCII visível.",
		EN: "Idempotency-Key must be 1 to 200 bytes of visible ASCII text.",
	}}
	badSession = &problem{status: http.StatusBadRequest, code: "sessao_invalida", detail: lang.Text{
		PT: "X-Ruptura-Session não é um identificador de análise como os que este servidor põe nas suas páginas; envie sem ele.",
		EN: "X-Ruptura-Session is not the ID of an analysis as this server writes into its pages; send the request without it.",
	}}
	queueFull = &problem{status: http.StatusTooManyRequests, code: "fila_cheia", retryAfter: 5, detail: lang.Text{
		PT: "Há análises demais na fila; tente de novo em alguns segundos.",
		EN: "Too many analyses are waiting; try again in a few seconds.",
	}}
	logFull = &problem{status: http.StatusTooManyRequests, code: "memoria_cheia", retryAfter: 15, detail: lang.Text{
		PT: "Não há memória para guardar os resultados agora; tente de novo em instantes, peça menos pedidos de cada vez, " +
			"ou aumente --log-memory.",
		EN: "There is no memory to keep the results now; try again in a moment, ask for fewer orders at a time, or raise " +
			"--log-memory.",
	}}
	batchTooLarge = &problem{status: http.StatusUnprocessableEntity, code: "lote_grande_demais", detail: lang.Text{
		PT: "Os resultados de tantos pedidos não cabem na memória deste servidor; peça menos pedidos de cada vez, ou aumente --log-memory.",
		EN: "The results of so many orders do not fit this server's memory; ask for fewer orders at a time, or raise --log-memory.",
	}}
	noOrders = &problem{status: http.StatusUnprocessableEntity, code: "nenhum_pedido", detail: lang.Text{
		PT: "Nenhum pedido em aberto corresponde ao que foi pedido; mude o filtro ou confira a carteira.",
		EN: "No open order matches what was asked for; change the filter or check the order book.",
	}}
	orderNotFound = &problem{status: http.StatusNotFound, code: "pedido_nao_encontrado", detail: lang.Text{
		PT: "Pedido não encontrado ou sem saldo.",
		EN: "Order not found or without open lines.",
	}}
	productNotFound = &problem{status: http.StatusNotFound, code: "produto_nao_encontrado", detail: lang.Text{
		PT: "Produto não encontrado: não há item, estoque, separação nem produção com este código.",
		EN: "Product not found: no line, stock, reservation or production has this code.",
	}}
	badCursor = &problem{status: http.StatusBadRequest, code: "cursor_invalido", detail: lang.Text{
		PT: "O cursor não pertence a esta consulta; recomece sem cursor.",
		EN: "The cursor does not belong to this query; start again without it.",
	}}
	tooLarge = &problem{status: http.StatusUnprocessableEntity, code: "fora_do_limite", detail: lang.Text{
		PT: "Quantidades ou valores grandes demais para calcular; confira o cadastro do pedido e o estoque dos produtos.",
		EN: "Quantities or values too large to calculate; check the order and the stock of its products.",
	}}
	sourceDown = &problem{status: http.StatusServiceUnavailable, code: "fonte_indisponivel", retryAfter: 5, detail: lang.Text{
		PT: "Não foi possível ler os dados agora; tente de novo em instantes.",
		EN: "The data could not be read now; try again in a moment.",
	}}
	storeDown = &problem{status: http.StatusServiceUnavailable, code: "redis_indisponivel", retryAfter: 5, detail: lang.Text{
		PT: "A fila das análises (Redis) não responde; tente de novo em instantes. O que já foi pedido continua quando ela voltar.",
		EN: "The queue of the analyses (Redis) does not answer; try again in a moment. What has been asked for goes on when it is back.",
	}}
	sourceUnusable = &problem{status: http.StatusInternalServerError, code: "fonte_inutilizavel", detail: lang.Text{
		PT: "O banco de dados não está como o programa precisa; o registro do servidor diz o que falta, e 'ruptura doctor' como corrigir.",
		EN: "The database is not as the program needs it; the server's log says what is wrong, and 'ruptura doctor' how to mend it.",
	}}
	internalError = &problem{status: http.StatusInternalServerError, code: "erro_interno", detail: lang.Text{
		PT: "Algo falhou do nosso lado; o registro do servidor diz o quê. Tente de novo.",
		EN: "Something failed on our side; the server's log says what. Try again.",
	}}
	noSuchRoute = &problem{status: http.StatusNotFound, code: "rota_desconhecida", detail: lang.Text{
		PT: "Este endereço não existe; veja /docs.",
		EN: "There is nothing at this address; see /docs.",
	}}
	outsideBase = &problem{status: http.StatusNotFound, code: "rota_desconhecida", detail: lang.Text{
		PT: "Não há nada neste endereço: este servidor atende sob outro caminho (--base-path). O proxy deve passar o endereço como está.",
		EN: "There is nothing at this address: this server answers under another path (--base-path). The proxy must pass addresses as they are.",
	}}
	methodNotAllowed = &problem{status: http.StatusMethodNotAllowed, code: "metodo_nao_permitido", detail: lang.Text{
		PT: "Este endereço não aceita este método; veja Allow e /docs.",
		EN: "This address does not take this method; see Allow and /docs.",
	}}
	bodyTooLarge = &problem{status: http.StatusRequestEntityTooLarge, code: "corpo_grande_demais", detail: lang.Text{
		PT: fmt.Sprintf("O corpo passa de %d MiB; envie menos pedidos de cada vez, ou um filtro.", maxBody>>20),
		EN: fmt.Sprintf("The body is larger than %d MiB; send fewer orders at a time, or a filter.", maxBody>>20),
	}}
	notJSON = &problem{status: http.StatusUnsupportedMediaType, code: "tipo_nao_aceito", detail: lang.Text{
		PT: "Envie JSON, com Content-Type: application/json.",
		EN: "Send JSON, with Content-Type: application/json.",
	}}
	foreignOrigin = &problem{status: http.StatusForbidden, code: "origem_recusada", detail: lang.Text{
		PT: "Páginas desta origem não podem enviar pedidos a este servidor; para permitir uma, inicie com --allow-origin.",
		EN: "Pages of this origin may not send requests to this server; to let one, start it with --allow-origin.",
	}}
	foreignHost = &problem{status: http.StatusMisdirectedRequest, code: "host_recusado", detail: lang.Text{
		PT: "Este servidor atende só por localhost; para outro nome, inicie com --host-name.",
		EN: "This server answers only as localhost; for another name, start it with --host-name.",
	}}
	cacheTogether = &problem{status: http.StatusUnprocessableEntity, code: "cache_concorrente", detail: lang.Text{
		PT: "No modo concorrente toda resposta é lida na hora, porque depende da carteira inteira; peça sem cache=true.",
		EN: "In the mode concorrente every answer is read afresh, since it depends on the whole book; ask without cache=true.",
	}}
	noContest = &problem{status: http.StatusUnprocessableEntity, code: "sessao_isolada", detail: lang.Text{
		PT: "Esta análise olhou cada pedido sozinho; disputa=true pede a sessao de uma análise com modo=concorrente.",
		EN: "This analysis looked at each order alone; disputa=true needs the sessao of an analysis with modo=concorrente.",
	}}
	cacheOff = &problem{status: http.StatusUnprocessableEntity, code: "cache_desligado", detail: lang.Text{
		PT: "Este servidor não guarda respostas; peça sem cache=true, ou inicie com --cache-ttl.",
		EN: "This server keeps no answers; ask without cache=true, or start it with --cache-ttl.",
	}}
	noStreaming = &problem{status: http.StatusInternalServerError, code: "sem_fluxo", detail: lang.Text{
		PT: "Esta conexão não permite resultados ao vivo; consulte o status com desde.",
		EN: "This connection cannot stream; poll the status with desde.",
	}}
)

// malformed is a body that is not the JSON we expect.
func malformed(pt, en string) *problem {
	return &problem{status: http.StatusBadRequest, code: "json_invalido", detail: lang.Text{PT: pt, EN: en}}
}

// wholeAddress stands for the field where an address's parameters cannot be told apart.
const wholeAddress = "?"

// invalid is a request whose fields are wrong, each named.
func invalid(fields ...bookquery.Problem) *problem {
	name := fields[0].Field + ": "
	if fields[0].Field == wholeAddress {
		name = ""
	}
	return &problem{
		status: http.StatusUnprocessableEntity, code: "dados_invalidos", fields: fields,
		detail: lang.Text{
			PT: "Corrija: " + name + fields[0].Text.PT,
			EN: "Correct this: " + name + fields[0].Text.EN,
		},
	}
}

func field(name, pt, en string) bookquery.Problem {
	return bookquery.Problem{Field: name, Text: lang.Text{PT: pt, EN: en}}
}
