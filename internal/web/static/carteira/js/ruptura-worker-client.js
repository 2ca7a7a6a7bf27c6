// @ts-check
/**
 * Stock-out ("ruptura") analysis for a table of orders, on any page: one file, no build, no
 * dependency, no global style.
 *
 *   <script defer src="https://host/static/carteira/js/ruptura-worker-client.js"
 *           data-ruptura-api="https://host" data-ruptura-auto="true"></script>
 *   <table id="tabela-carteira"> <tr class="pedido-row" data-pedido="…"> <td class="coluna-entrega-obs">
 *
 * Attributes of the script tag (all optional):
 *   data-ruptura-api     where the API stands; by default where this file came from
 *   data-ruptura-auto    "true" starts at once; otherwise new RupturaWorkerClient().start()
 *   data-ruptura-lang    "pt" or "en"; by default that of <html lang>
 *   data-ruptura-tabela  selector of the table; by default #tabela-carteira
 * Attributes of the page (optional):
 *   data-ruptura-filtro  on the table: a JSON filter; analyses every order that matches it, the
 *                        rows of the table first, instead of the rows alone
 *   data-ruptura-modo    on the table: how orders are analysed; by default "isolado", each alone; "concorrente": all
 *                        compete by priority, and buttons and details tell both answers
 *   data-ruptura-politica  on the table, with "concorrente": "linha" (default), "parcial" or "pedido"
 *   data-ruptura-respostas on the table: "pagina" where the page itself tells both answers, and buttons only one
 *   data-ruptura-link    on the table: the address of an order, with {pedido} for its number, for links in the details
 *   data-ruptura-painel  an element that takes the progress bar; by default it goes before the table
 *
 * Methods: start(), stop(), analisar(pedido), analisarTudo(), projecao(codProduto, nome?). The client of a table:
 *   RupturaWorkerClient.of(table)
 *
 * Events, on the table, bubbling; what they carry is in `detail`:
 *   ruptura:inicio     {sessao, total, parcial}; `parcial` where only rows that came later are analysed
 *   ruptura:resultado  {pedido, resultado, origem: 'lote'|'clique', posicao_em}, one an order
 *   ruptura:produtos   {sessao, produtos, novo}: the short products of a lot. Summed over the lots they are those of
 *                      the analysis; where `novo` is true the sum begins from zero
 *   ruptura:completo   {sessao, processados, com_erro, total, duracao_ms, posicao_em, parcial}
 *   ruptura:erro       {sessao|pedido|produto, erro, cancelado?}
 *
 * In this file, in this order: texts, style, small helpers, requests, transport, buttons, panel, dialog with the
 * order's details and the product's projection, the client.
 */
(() => {
'use strict';

const LOADED = Symbol.for('ruptura-worker-client');
if (LOADED in window) {
  console.warn('ruptura: o script foi carregado mais de uma vez nesta página; só o primeiro vale. Deixe uma só tag <script>.');
  return;
}
Object.defineProperty(window, LOADED, {value: true});

/**
 * @typedef {{pedido_ok: boolean, percentual_disponibilidade: number, data_disponibilidade_total: string|null}} Alone
 * @typedef {{num_pedido: string, cliente: string|null, qtd: number, cod_produto: string, nome_produto: string}} Cause
 * @typedef {{num_pedido: string, criticidade: string|null, percentual_disponibilidade: number,
 *   qtd_itens_ruptura: number, qtd_itens_disponiveis: number, total_itens: number,
 *   valor_total_pedido: number, valor_disponivel: number, valor_com_ruptura: number,
 *   data_disponibilidade_total: string|null, data_necessidade: string|null,
 *   no_prazo: boolean|null, dias_atraso: number|null, prioridade?: number, prioridade_de?: number, isolado?: Alone,
 *   causa?: Cause|null}} Summary
 * @typedef {{tipo: 'separacao'|'pedido', num_pedido: string, lote?: string, cliente: string|null, data: string, qtd: number}} Claim
 * @typedef {{dia_critico: string, estoque: number, saidas: Claim[], saidas_mais: {quantos: number, qtd: number},
 *   entradas: {data: string, qtd: number, libera: string}[], disponivel: number, linhas_anteriores: number, necessario: number,
 *   falta: number, resolve: {data: string, entrada: string}|null, frase: string}} Explanation
 * @typedef {{cod_produto: string, nome_produto: string, qtd_saldo: number, estoque_atual: number,
 *   estoque_min_d7: number, qtd_disponivel?: number, ruptura_qtd?: number, data_producao?: string|null, qtd_producao?: number,
 *   data_disponivel?: string|null, producao_atrasada?: number, valor_total: number, entregas?: {data: string, qtd: number}[],
 *   aguarda_pedido?: boolean, explicacao?: Explanation}} Item
 * @typedef {{success: boolean, num_pedido: string, error?: string, pedido_ok: boolean, resumo: Summary,
 *   itens?: Item[], itens_disponiveis?: Item[], posicao_em?: string}} Result
 * @typedef {{id?: number, tipo: string, resultados?: Result[], processados?: number, com_erro?: number,
 *   total_pedidos?: number, progresso?: number, posicao_em?: string, duracao_ms?: number, error?: string,
 *   produtos_em_ruptura?: object[]}} StreamEvent
 * @typedef {{num_pedido: string, lote: string, cod_produto: string, expedicao: string|null, qtd: number}} Reservation
 * @typedef {{data: string, saldo_inicial: number, saidas: number, saldo: number, entradas: number, saldo_final: number,
 *   disponivel: number, negativo: boolean, separacoes?: Reservation[]}} Day
 * @typedef {{cod_produto: string, codigos_unificados: string[], estoque_atual: number, dias: Day[],
 *   primeiro_dia_negativo: string|null, menor_saldo: {data: string, saldo_final: number},
 *   total_saidas: number, total_entradas: number, separacoes_atrasadas: number, producao_atrasada: number,
 *   posicao_em: string}} Projection
 * @typedef {{order: string, quantity: number, need: string|null, ahead?: Explanation}} Wanted what an order wants of a product, and what comes before it
 * @typedef {'busy'|'offline'|'source'} Waiting why a request is sent again later
 * @typedef {'stream'|'reconnecting'|'polling'|'queued'|'away'} Mode how events come at present
 * @typedef {{session_id: string, total_pedidos: number}} Accepted
 * @typedef {{session: string, source: EventSource, heard: string[]}} Opened the stream of a session (of none any more, if that was refused), and what came over it so far
 * @typedef {{key: string, answer: Promise<Response>, begun: Promise<void>, stream: Opened, end: () => void}} Early a request that was sent before we came
 * @typedef {{row: HTMLElement, cell: Element, order: string, seen: boolean}} Row of the table; `seen` if it was in view
 * @typedef {{kind: 'waiting'|'idle'|'failed'|'done', result?: Result, readAt?: number, error?: string, stale?: boolean}} State
 */

const TUNING = Object.freeze({
  frameBudgetMs: 6, firstBudgetMs: 10, restMs: 50, holdMs: 250, silenceMs: 15_000, streamFailures: 3, pollMs: 2_000, pollMaxMs: 10_000,
  pollTries: 30, backoffMs: 1_000, backoffMaxMs: 15_000, clickTries: 4, batchTries: 30, busyTries: 30, newRowsMs: 80,
  lateMs: 2_000, clockMs: 3_000, projectionDays: 28, noStockFrom: 20, claimsShown: 5,
});

// === Texts ======================================================================================================

const TEXTS = {
  pt: {
    waiting: 'Analisando…', ok: 'Estoque OK', idle: 'Analisar', failed: 'Não analisado',
    part: 'Disp. {0}%', whole: 'Total Disp. {0}', never: 'Total Não Disp.',
    CRITICA: 'Crítica', ALTA: 'Alta', MEDIA: 'Média', BAIXA: 'Baixa', criticality: 'Criticidade',
    itemsOf: '{0} de {1} itens disponíveis', onTime: 'No prazo da necessidade ({0})', order: 'Pedido {0}',
    late: '{0} dias depois da necessidade', late1: '1 dia depois da necessidade', lateOpen: 'fora do prazo',
    starting: 'Enviando pedidos', running: 'Analisando', done: 'Análise completa', cancelled: 'Análise cancelada',
    broken: 'A análise parou', nothing: 'Nenhum pedido na tabela', polling: 'Sem transmissão ao vivo: consultando a cada poucos segundos',
    reconnecting: 'Conexão interrompida: retomando', queued: 'Na fila do servidor, atrás de outras análises', busy: 'Servidor ocupado. Nova tentativa em {0} s',
    offline: 'Servidor sem resposta. Nova tentativa em {0} s', source: 'O banco de dados não respondeu. Nova tentativa em {0} s',
    count: '{0} de {1}', errors: '{0} com erro',
    cancel: 'Cancelar', again: 'Analisar de novo', auto: 'Atualizar', off: 'não', minutes: 'a cada {0} min',
    readAt: 'Dados lidos às {0}', progress: 'Progresso da análise', saidStart: 'Análise de ruptura iniciada: {0} pedidos.',
    saidEnd: 'Análise completa: {0} pedidos, {1} com erro.', saidBroken: 'A análise parou: {0}',
    close: 'Fechar', short: 'Ruptura', available: 'Disponíveis', all: 'Todos', loading: 'Lendo o estoque agora',
    availability: 'Disponível', total: 'Valor do pedido', valueOk: 'Valor disponível', valueShort: 'Em risco', value: 'Valor', ofValue: '{0}% do valor',
    totalOn: 'Disponível por inteiro', need: 'Necessidade', now: 'agora', noForecast: 'sem previsão', noNeed: 'sem data',
    isOnTime: 'no prazo', code: 'Código', name: 'Produto', open: 'Saldo', stock: 'Estoque', lowest: 'Menor na janela',
    shortage: 'Falta', receipt: 'Próxima produção', on: 'Disponível em',
    noStock: 'Sem estoque', owed: 'Estoque negativo ({0})', tooFew: 'Estoque de {0}, menos que o saldo de {1}',
    freeNone: 'Estoque de {0}, mas nada livre até o fim da janela: está separado para outros pedidos',
    freeFew: 'Estoque de {0}, mas só {1} até o fim da janela: o resto está separado para outros pedidos',
    otherLine: 'outra linha deste pedido já conta com o que há', fromReceipt: 'com a produção programada (próxima: {0} em {1}), sai inteiro em {2}',
    notEnough: 'a próxima produção ({0} em {1}) não basta, ou vem tarde demais, para prometer uma data', noReceipt: 'sem produção programada',
    overdue: 'produção atrasada de {0}, fora da conta',
    noItems: 'Nenhum item aqui.', tryAgain: 'Tentar de novo', noServer: 'Sem resposta do servidor. Confira a rede e tente de novo.',
    gateway: 'O ruptura não respondeu a quem publica esta página (HTTP {0}). Tente de novo em instantes; se continuar, avise quem cuida do servidor.',
    tooLong: 'A lista de pedidos é grande demais para o proxy no caminho (HTTP 413). Mostre menos pedidos, ou peça a quem cuida dele que aceite corpos maiores.',
    refused: 'O acesso foi recusado (HTTP {0}). Recarregue a página e entre de novo no sistema.',
    misplaced: 'O ruptura não está no endereço que esta página usa (HTTP {0}). Avise quem cuida da página.',
    unexplained: 'A análise foi recusada sem explicação (HTTP {0}). Tente de novo; se continuar, avise quem cuida do servidor.',
    foreign: 'A resposta não veio do ruptura: talvez a entrada no sistema tenha expirado. Recarregue a página e tente de novo.',
    lost: 'O servidor perdeu esta análise. Analise de novo.', silent: 'O servidor não dá notícia desta análise há vários minutos. Tente de novo.',
    otherOwner: 'ruptura: esta tabela já tem um cliente; o segundo não foi iniciado.',
    noTable: 'ruptura: não há tabela "{0}" nesta página.',
    ago: 'há {0}', justNow: 'agora mesmo', ageMin: '{0} min', ageHour: '{0} h', ageDay: '{0} d', readOn: 'Dados lidos em {0} às {1}',
    older: 'de antes da última análise', unread: 'Dados ainda não lidos', retryHint: 'Clique para tentar de novo',
    netOff: 'Sem rede: retoma sozinho quando ela voltar', netOffIdle: 'Sem rede: os dados são os da última leitura',
    away: 'Servidor sem resposta: retoma sozinho quando ele voltar',
    noStockData: 'Nenhum item disponível em nenhum pedido: confira se o estoque foi carregado',
    projection: 'Projeção', projectionOf: 'Projeção de {0}', product: 'Produto {0}', back: 'Voltar ao pedido {0}',
    chart: 'Gráfico', table: 'Tabela', stockNow: 'Estoque agora', lowestDay: 'Menor saldo', firstNegative: 'Primeiro dia negativo',
    none: 'nenhum', outTotal: 'Sai em {0} dias', inTotal: 'Entra em {0} dias', thisOrder: 'Este pedido', wants: 'precisa de {0}',
    ofStock: 'em {0}', today: 'hoje', day: 'Dia', opening: 'Abre', out: 'Sai', balance: 'Saldo', in: 'Entra', closing: 'Fecha',
    canShip: 'Pode sair', inWarehouse: 'No armazém', negative: 'Negativo', orderNeed: 'Necessidade',
    unified: 'Um só produto, códigos unificados: {0}.', overdueOut: 'Separações atrasadas ou sem data: {0}, contadas como saída de hoje.',
    overdueIn: 'Produção atrasada: {0}, fora da conta até ser reprogramada.',
    own: 'As separações deste pedido ({0}) estão nesta projeção; a análise do pedido as deixa de fora.',
    chooseDay: 'Dia da projeção', takenBy: 'Pedido {0} · {1}', lot: 'lote {0}', shipsOn: 'expedição {0}', noShipDate: 'sem expedição',
    whoTakes: 'Quem leva {0} em {1}', underNegative: 'abaixo de zero',
    described: 'Projeção de {0} dias, de {1} a {2}. Estoque agora {3}. Menor saldo {4} em {5}. {6}',
    flat: 'Nada em estoque, e nada entra nem sai em {0} dias.', flatOverdue: 'A produção atrasada de {0} volta à conta quando a fábrica der nova data.',
    flatAsk: 'Sem produção programada: falta uma data da fábrica.',
    partBoth: 'Disp. {0}% (sozinho {1}%)', both: 'Sozinho {0}, concorrendo {1}', bothLine: 'Um item espera mais que sozinho', bothCause: 'por causa do pedido {0}', bothSame: 'Sozinho seria igual',
    wholeNow: 'inteiro agora', wholeOn: 'inteiro em {0}', alone: 'Sozinho', competing: 'Concorrendo', because: 'Por causa do pedido',
    takes: '{0} leva {1} de {2}', takesUnknown: 'leva {0} de {1}', priority: 'Prioridade', rank: '{0}ª de {1}', nobody: 'ninguém', sameAnswer: 'mesma resposta',
    concorrente: 'Todos concorrem', linha: 'linhas inteiras', parcial: 'partes', pedido: 'pedidos inteiros',
    delivery: '{0} em {1}', deliveryNow: '{0} agora', deliveryNever: '{0} sem previsão', waits: 'espera o pedido', waitsHint: 'Poderia sair agora; espera o pedido inteiro',
    account: 'Ver a conta', accountNow: 'A conta de agora', accountOn: 'A conta até {0}, o dia em que sobra menos', accountOf: 'Ver a conta de {0}', step: 'Passo', quantity: 'Quantidade', drawn: 'Desenho',
    production: 'Produção de {0}', ready: 'libera em {0}', setAside: 'separação', promised: 'prometido', leavesNow: 'agora', leavesOn: 'sai em {0}', moreClaims: 'Mais {0} saídas', moreClaims1: 'Mais 1 saída', showClaims: 'mostrar',
    freeNow: 'Livre agora', freeOn: 'Livre em {0}', before: 'Linhas anteriores deste pedido', needs: 'Esta linha precisa de', missing: 'Falta',
    openOrder: 'Abrir o pedido {0}', ahead: 'À frente', aheadOf: 'Antes deste pedido: {0}', aheadMore: 'Mais {0} saídas ({1}) também vêm antes deste pedido; os dias delas não estão aqui.',
    describedNone: 'Nenhum dia abaixo de zero.', describedNegative: 'Abaixo de zero em {0}.',
    olderScript: 'ruptura: há um script de ruptura mais antigo nesta página ({0}). Os botões dele foram escondidos; tire-o da página.',
  },
  en: {
    waiting: 'Analysing…', ok: 'Stock OK', idle: 'Analyse', failed: 'Not analysed',
    part: 'Avail. {0}%', whole: 'All on {0}', never: 'All not avail.',
    CRITICA: 'Critical', ALTA: 'High', MEDIA: 'Medium', BAIXA: 'Low', criticality: 'Criticality',
    itemsOf: '{0} of {1} items available', onTime: 'On time for the need date ({0})', order: 'Order {0}',
    late: '{0} days after the need date', late1: '1 day after the need date', lateOpen: 'not on time',
    starting: 'Sending orders', running: 'Analysing', done: 'Analysis complete', cancelled: 'Analysis cancelled',
    broken: 'The analysis stopped', nothing: 'No order in the table', polling: 'No live stream: asking every few seconds',
    reconnecting: 'Connection cut: resuming', queued: 'In the server’s queue, behind other analyses', busy: 'Server busy. Trying again in {0} s',
    offline: 'No answer from the server. Trying again in {0} s', source: 'The database did not answer. Trying again in {0} s',
    count: '{0} of {1}', errors: '{0} with errors',
    cancel: 'Cancel', again: 'Analyse again', auto: 'Refresh', off: 'off', minutes: 'every {0} min',
    readAt: 'Data read at {0}', progress: 'Progress of the analysis', saidStart: 'Stock-out analysis started: {0} orders.',
    saidEnd: 'Analysis complete: {0} orders, {1} with errors.', saidBroken: 'The analysis stopped: {0}',
    close: 'Close', short: 'Short', available: 'Available', all: 'All', loading: 'Reading the stock now',
    availability: 'Available', total: 'Order value', valueOk: 'Available value', valueShort: 'At risk', value: 'Value', ofValue: '{0}% of the value',
    totalOn: 'Whole order available', need: 'Needed', now: 'now', noForecast: 'no forecast', noNeed: 'no date',
    isOnTime: 'on time', code: 'Code', name: 'Product', open: 'Open', stock: 'Stock', lowest: 'Lowest in window',
    shortage: 'Shortage', receipt: 'Next production', on: 'Available on',
    noStock: 'No stock', owed: 'Stock below zero ({0})', tooFew: 'Stock {0}, less than the {1} of the order',
    freeNone: 'Stock {0}, but nothing free through the window: it is set aside for other orders',
    freeFew: 'Stock {0}, but only {1} through the window: the rest is set aside for other orders',
    otherLine: 'another line of this order already counts on what there is', fromReceipt: 'with the scheduled production (next: {0} on {1}) it ships whole on {2}',
    notEnough: 'the next production ({0} on {1}) is not enough, or comes too late, to promise a date', noReceipt: 'no production scheduled',
    overdue: 'production of {0} overdue, not counted',
    noItems: 'No item here.', tryAgain: 'Try again', noServer: 'No answer from the server. Check the network and try again.',
    gateway: 'ruptura did not answer the server of this page (HTTP {0}). Try again in a moment; if it goes on, tell whoever runs the server.',
    tooLong: 'The list of orders is too large for the proxy in between (HTTP 413). Show fewer orders, or ask whoever runs it to accept larger bodies.',
    refused: 'Access was refused (HTTP {0}). Load the page again and sign in.',
    misplaced: 'ruptura is not at the address that this page uses (HTTP {0}). Tell whoever keeps the page.',
    unexplained: 'The analysis was refused without a reason (HTTP {0}). Try again; if it goes on, tell whoever runs the server.',
    foreign: 'The answer did not come from ruptura: perhaps your sign-in has expired. Load the page again and try once more.',
    lost: 'The server lost this analysis. Analyse again.', silent: 'The server has had no news of this analysis for several minutes. Try again.',
    otherOwner: 'ruptura: this table already has a client; the second was not started.',
    noTable: 'ruptura: there is no table "{0}" on this page.',
    ago: '{0} ago', justNow: 'just now', ageMin: '{0} min', ageHour: '{0} h', ageDay: '{0} d', readOn: 'Data read on {0} at {1}',
    older: 'from before the last analysis', unread: 'Data not read yet', retryHint: 'Click to try again',
    netOff: 'No network: resumes by itself when it is back', netOffIdle: 'No network: the data are those of the last reading',
    away: 'No answer from the server: resumes by itself when it is back',
    noStockData: 'No item available in any order: check that the stock was loaded',
    projection: 'Projection', projectionOf: 'Projection of {0}', product: 'Product {0}', back: 'Back to order {0}',
    chart: 'Chart', table: 'Table', stockNow: 'Stock now', lowestDay: 'Lowest balance', firstNegative: 'First day below zero',
    none: 'none', outTotal: 'Out in {0} days', inTotal: 'In over {0} days', thisOrder: 'This order', wants: 'needs {0}',
    ofStock: 'on {0}', today: 'today', day: 'Day', opening: 'Opening', out: 'Out', balance: 'Balance', in: 'In', closing: 'Closing',
    canShip: 'Can ship', inWarehouse: 'In the warehouse', negative: 'Below zero', orderNeed: 'Needed',
    unified: 'One product, unified codes: {0}.', overdueOut: 'Reservations overdue or undated: {0}, counted as leaving today.',
    overdueIn: 'Production overdue: {0}, not counted until it is rescheduled.',
    own: 'The reservations of this order ({0}) are in this projection; the analysis of the order leaves them out.',
    chooseDay: 'Day of the projection', takenBy: 'Order {0} · {1}', lot: 'lot {0}', shipsOn: 'ships {0}', noShipDate: 'no ship date',
    whoTakes: 'Who takes {0} on {1}', underNegative: 'below zero',
    described: 'Projection of {0} days, from {1} to {2}. Stock now {3}. Lowest balance {4} on {5}. {6}',
    flat: 'Nothing in stock, and nothing comes in or goes out over {0} days.', flatOverdue: 'The overdue production of {0} counts again once the factory gives it a new date.',
    flatAsk: 'No production scheduled: the factory has to give a date.',
    partBoth: 'Avail. {0}% (alone {1}%)', both: 'Alone {0}, competing {1}', bothLine: 'An item waits longer than alone', bothCause: 'because of order {0}', bothSame: 'Alone it would be the same',
    wholeNow: 'whole now', wholeOn: 'whole on {0}', alone: 'Alone', competing: 'Competing', because: 'Because of order',
    takes: '{0} takes {1} of {2}', takesUnknown: 'takes {0} of {1}', priority: 'Priority', rank: '{0} of {1}', nobody: 'nobody', sameAnswer: 'same answer',
    concorrente: 'All compete', linha: 'whole lines', parcial: 'parts', pedido: 'whole orders',
    delivery: '{0} on {1}', deliveryNow: '{0} now', deliveryNever: '{0} no forecast', waits: 'waits for the order', waitsHint: 'Could ship now; waits for the whole order',
    account: 'Show the sum', accountNow: 'The sum now', accountOn: 'The sum up to {0}, the day on which least is left', accountOf: 'Show the sum of {0}', step: 'Step', quantity: 'Quantity', drawn: 'Drawn',
    production: 'Production of {0}', ready: 'ready on {0}', setAside: 'reservation', promised: 'promised', leavesNow: 'now', leavesOn: 'leaves {0}', moreClaims: '{0} more going out', moreClaims1: '1 more going out', showClaims: 'show',
    freeNow: 'Free now', freeOn: 'Free on {0}', before: 'Earlier lines of this order', needs: 'This line needs', missing: 'Missing',
    openOrder: 'Open order {0}', ahead: 'Ahead', aheadOf: 'Before this order: {0}', aheadMore: '{0} more going out ({1}) also come before this order; their days are not here.',
    describedNone: 'No day below zero.', describedNegative: 'Below zero on {0}.',
    olderScript: 'ruptura: there is an older ruptura script on this page ({0}). Its buttons were hidden; take it off the page.',
  },
};

// === Style ======================================================================================================

/**
 * Colours follow the page's color-scheme: a host page without one stays light. A button is contained, so that a
 * new text in it lays out that button and not the table. What a host page says about all buttons, dialogs or spans is
 * undone first, for the thousands of buttons only where it would hide them: undoing all takes time. The colours are
 * told to what is ours alone: told to the table, each of its cells would inherit them, which takes as long as all the rest.
 */
const STYLE = `
.rpt-button, .rpt-panel, .rpt-dialog {
  --rpt-text: light-dark(#1c2430, #e4e8ee); --rpt-soft: light-dark(#566273, #9fabba);
  --rpt-surface: light-dark(#ffffff, #1c222b); --rpt-raised: light-dark(#f4f6f9, #252d38);
  --rpt-line: light-dark(#c9d1dc, #3a4553); --rpt-accent: light-dark(#1d4f91, #8ab8f5);
  --rpt-bar: light-dark(#dfe5ed, #323c49); --rpt-can: light-dark(#8fb0dc, #4a6f9f); --rpt-need: light-dark(#7a4a00, #f0b95c);
  --rpt-late: light-dark(#a3330a, #ff9a6b);
  --rpt-ok: light-dark(#00695f, #5cc9b8);
  --rpt-baixa: light-dark(#f6df8b, #f3dd8c); --rpt-baixa-ink: #4a3b00;
  --rpt-media: light-dark(#e8942c, #efa640); --rpt-media-ink: #3b2200;
  --rpt-alta: light-dark(#b93a09, #c5481a); --rpt-alta-ink: #ffffff;
  --rpt-critica: light-dark(#4f0d3c, #8c2a70); --rpt-critica-ink: #ffffff;
}
.rpt-panel, .rpt-dialog, :is(.rpt-panel, .rpt-dialog) :where(:not(svg, svg *)) { all: revert; }
.rpt-button, .rpt-button :where(*), :is(.rpt-panel, .rpt-dialog) :where(svg, svg *) {
  font: inherit; visibility: inherit; opacity: 1; position: static; float: none; text-transform: none; text-shadow: none;
  color: inherit; letter-spacing: inherit; margin: 0; padding: 0; border: 0; background: none;
}
.rpt-button, .rpt-panel, .rpt-dialog {
  visibility: visible; font-style: normal; font-weight: 400; font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; font-size: 13px; line-height: 1.35;
  color: var(--rpt-text); box-sizing: border-box; letter-spacing: normal; text-align: start;
}
:is(.rpt-button, .rpt-panel, .rpt-dialog) * { box-sizing: border-box; }
.rpt-button {
  min-inline-size: 0; min-block-size: 0; max-block-size: none; flex-direction: row; justify-content: normal; transform: none; filter: none; box-shadow: none;
  appearance: none; display: inline-flex; align-items: center; gap: 6px; inline-size: 318px; max-inline-size: 100%; block-size: 28px;
  margin: 0; padding: 0 8px 0 3px; border: 1px solid var(--rpt-line); border-radius: 6px; background: var(--rpt-surface);
  cursor: pointer; white-space: nowrap; overflow: hidden; contain: strict; font-variant-numeric: tabular-nums;
  vertical-align: middle;
}
.rpt-button:hover { border-color: var(--rpt-accent); background: var(--rpt-raised); }
.rpt-button:focus-visible, .rpt-panel :focus-visible, .rpt-dialog :focus-visible { outline: 2px solid var(--rpt-accent); outline-offset: 1px; }
.rpt-badge {
  flex: none; display: inline-flex; align-items: center; gap: 4px; inline-size: 82px; block-size: 20px; padding: 0 6px;
  border-radius: 4px; font-size: 12px; font-weight: 600; background: var(--rpt-bar);
}
.rpt-badge::after { content: attr(data-word); }
.rpt-icon { flex: none; inline-size: 12px; block-size: 12px; fill: currentColor; }
.rpt-label { flex: 1; overflow: hidden; text-overflow: ellipsis; text-align: start; }
.rpt-two .rpt-button { inline-size: 424px; }
.rpt-ontime { flex: none; inline-size: 14px; block-size: 14px; fill: var(--rpt-ok); visibility: hidden; }
.rpt-button[data-prazo] .rpt-ontime { visibility: visible; }
.rpt-button[data-estado=waiting] .rpt-label, .rpt-button[data-estado=idle] .rpt-label { color: var(--rpt-soft); }
:is(.rpt-button, .rpt-fact)[data-estado=ok] .rpt-badge { background: none; color: var(--rpt-ok); }
.rpt-button[data-estado=idle] .rpt-badge { background: none; }
.rpt-button[data-estado=failed] .rpt-badge { background: none; color: var(--rpt-late); }
.rpt-button:is([data-estado=ok], [data-estado=failed]) .rpt-badge { inline-size: 22px; padding: 0 4px; }
.rpt-button[data-estado=ok] .rpt-icon { inline-size: 14px; block-size: 14px; }
.rpt-button:is([data-estado=failed], [data-velho]) { border-style: dashed; }
.rpt-button[data-velho] .rpt-label { color: var(--rpt-soft); font-style: italic; }
:is(.rpt-button, .rpt-fact)[data-estado=BAIXA] .rpt-badge { background: var(--rpt-baixa); color: var(--rpt-baixa-ink); }
:is(.rpt-button, .rpt-fact)[data-estado=MEDIA] .rpt-badge { background: var(--rpt-media); color: var(--rpt-media-ink); }
:is(.rpt-button, .rpt-fact)[data-estado=ALTA] .rpt-badge { background: var(--rpt-alta); color: var(--rpt-alta-ink); }
:is(.rpt-button, .rpt-fact)[data-estado=CRITICA] .rpt-badge { background: var(--rpt-critica); color: var(--rpt-critica-ink); }
.rpt-scope .coluna-entrega-obs :is(button, a):is([class*=ruptura i], [id*=ruptura i], [onclick*=ruptura i]):not(.rpt-button) { display: none !important; }
.rpt-panel { min-inline-size: 0; max-inline-size: 100%; display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; min-block-size: 44px; font-variant-numeric: tabular-nums; }
.rpt-panel :is(.rpt-report, .rpt-line, .rpt-figures) { min-inline-size: 0; }
.rpt-report { flex: 1 1 330px; }
.rpt-figures { overflow: hidden; text-overflow: ellipsis; }
.rpt-line { display: flex; align-items: baseline; gap: 0 10px; min-block-size: 18px; white-space: nowrap; }
.rpt-small { min-block-size: 17px; font-size: 12px; color: var(--rpt-soft); }
.rpt-panel progress { appearance: none; display: block; inline-size: 100%; max-inline-size: 560px; min-inline-size: 0; block-size: 4px; margin: 1px 0 2px; border: 0; border-radius: 2px; overflow: hidden; background: var(--rpt-bar); }
.rpt-panel progress::-webkit-progress-bar { background: var(--rpt-bar); }
.rpt-panel progress::-webkit-progress-value { background: var(--rpt-accent); }
.rpt-panel progress::-moz-progress-bar { background: var(--rpt-accent); }
.rpt-status { min-inline-size: 10.4em; font-weight: 600; }
.rpt-figures, .rpt-note { color: var(--rpt-soft); }
.rpt-read { flex: none; }
.rpt-age { display: inline-block; min-inline-size: 8em; } .rpt-age:empty { min-inline-size: 0; }
.rpt-small .rpt-note { display: flex; align-items: baseline; gap: 5px; min-inline-size: 0; }
.rpt-note > span { overflow: hidden; text-overflow: ellipsis; }
.rpt-note[data-alerta] { color: var(--rpt-late); font-weight: 600; } .rpt-note[data-alerta] > span { white-space: normal; }
.rpt-note .rpt-icon { align-self: center; }
.rpt-actions { min-inline-size: 0; display: flex; align-items: center; gap: 8px 12px; margin-inline-start: auto; }
.rpt-action, .rpt-select {
  block-size: 28px; padding: 0 10px; border: 1px solid var(--rpt-line); border-radius: 6px; background: var(--rpt-surface);
  color: var(--rpt-text); font: inherit; cursor: pointer; white-space: nowrap;
}
.rpt-action:hover { border-color: var(--rpt-accent); }
.rpt-action { min-inline-size: 10.4em; }
.rpt-head .rpt-action, .rpt-empty .rpt-action { min-inline-size: 0; }
.rpt-select { inline-size: auto; min-inline-size: 0; padding: 0 4px; }
.rpt-auto { display: inline-flex; align-items: center; gap: 6px; color: var(--rpt-soft); }
.rpt-hidden { position: absolute; inline-size: 1px; block-size: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.rpt-dialog {
  inline-size: min(1240px, calc(100vw - 24px)); max-inline-size: none; block-size: fit-content; min-block-size: min(200px, calc(100dvh - 24px));
  --rpt-from-top: clamp(12px, 6dvh, 72px); max-block-size: calc(100dvh - 2 * var(--rpt-from-top)); margin: var(--rpt-from-top) auto auto; padding: 0; border: 1px solid var(--rpt-line); border-radius: 10px; background: var(--rpt-surface);
  box-shadow: 0 12px 40px rgb(0 0 0 / .28); overflow: hidden;
}
.rpt-dialog[open] { display: flex; flex-direction: column; }
.rpt-dialog::backdrop { background: rgb(12 18 26 / .48); }
.rpt-head { flex: none; display: flex; align-items: center; gap: 12px; padding: 12px 16px; border-block-end: 1px solid var(--rpt-line); }
.rpt-title { margin: 0; font-size: 17px; font-weight: 650; line-height: 1.2; color: inherit; overflow-wrap: anywhere; }
.rpt-title small { display: block; margin-block-start: 2px; font-size: 12px; font-weight: 400; color: var(--rpt-soft); }
.rpt-head .rpt-note { flex: 1 0 auto; text-align: end; }
.rpt-back { display: inline-grid; place-items: center; inline-size: 32px; block-size: 32px; padding: 0 !important; }
.rpt-back[hidden] { display: none; }
.rpt-body { flex: 1 1 auto; min-block-size: 0; display: flex; flex-direction: column; }
.rpt-facts { flex: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 10px 16px; margin: 0; padding: 12px 16px; background: var(--rpt-raised); }
.rpt-fact { min-inline-size: 0; }
.rpt-fact dt { margin: 0; font-size: 12px; font-weight: 400; color: var(--rpt-soft); }
.rpt-fact dd { margin: 2px 0 0; min-block-size: 20px; font-size: 14px; font-weight: 600; font-variant-numeric: tabular-nums; }
.rpt-fact .rpt-badge { inline-size: auto; white-space: nowrap; }
.rpt-fact small { display: block; font-size: 12px; font-weight: 400; color: var(--rpt-soft); }
.rpt-late, .rpt-fact small.rpt-late { color: var(--rpt-late); }
.rpt-remarks { flex: none; margin: 0; padding: 8px 16px 0 32px; color: var(--rpt-soft); }
.rpt-tabs { flex: none; display: flex; gap: 4px; padding: 8px 16px 0; border-block-end: 1px solid var(--rpt-line); }
.rpt-tab { min-block-size: 34px; padding: 0 12px; border: 0; border-block-end: 2px solid transparent; background: none; color: var(--rpt-soft); font: inherit; cursor: pointer; }
.rpt-tab[aria-selected=true] { border-block-end-color: var(--rpt-accent); color: var(--rpt-text); font-weight: 600; }
.rpt-tab b { font-weight: 600; font-variant-numeric: tabular-nums; }
.rpt-page { flex: 0 1 auto; min-block-size: 96px; overflow: auto; position: relative; }
.rpt-page[hidden] { display: none; }
.rpt-days { table-layout: fixed; }
:is(.rpt-items, .rpt-days) { inline-size: 100%; border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
:is(.rpt-items, .rpt-days) :is(th, td) { padding: 7px 10px; border: 0; border-block-end: 1px solid var(--rpt-line); text-align: end; white-space: nowrap; font-weight: 400; background: none; color: inherit; }
:is(.rpt-items, .rpt-days) :is(th, td):first-child { padding-inline-start: 16px; }
:is(.rpt-items, .rpt-days) :is(th, td):last-child { padding-inline-end: 16px; }
:is(.rpt-items, .rpt-days) thead th { z-index: 1; position: sticky; inset-block-start: 0; background: var(--rpt-surface); color: var(--rpt-soft); font-size: 12px; }
:is(.rpt-items, .rpt-days) .rpt-word { text-align: start; }
.rpt-items .rpt-product { inline-size: 99%; white-space: normal; min-inline-size: 200px; }
.rpt-name, .rpt-why { display: block; overflow-wrap: anywhere; }
.rpt-digits { display: inline-block; max-inline-size: 22ch; white-space: normal; overflow-wrap: break-word; }
.rpt-why { text-wrap: pretty; margin-block-start: 1px; font-size: 12px; color: var(--rpt-soft); }
:is(.rpt-items, .rpt-days) .rpt-bad { font-weight: 650; }
.rpt-items .rpt-open { padding-inline-start: 0; }
.rpt-versus { padding-block-start: 0; grid-template-columns: 0.9fr 1.4fr 4.3fr 1.2fr; } .rpt-versus .rpt-fact { border-block-start: 1px solid var(--rpt-line); padding-block-start: 8px; } .rpt-versus small { overflow-wrap: anywhere; }
.rpt-order { padding: 0; border: 0; background: none; color: var(--rpt-accent); font: inherit; font-weight: 600; text-align: start; text-decoration: underline; text-underline-offset: 2px; cursor: pointer; overflow-wrap: anywhere; }
.rpt-fold { display: inline-flex; align-items: center; gap: 4px; min-block-size: 24px; margin: 2px 0 -2px; padding: 0; border: 0; background: none; color: var(--rpt-accent); font: inherit; font-size: 12px; cursor: pointer; }
.rpt-sum .rpt-fold { margin: 0; min-block-size: 20px; } .rpt-fold .rpt-icon { inline-size: 10px; block-size: 10px; } .rpt-fold[aria-expanded=true] .rpt-icon { transform: rotate(180deg); } .rpt-fold:hover span { text-decoration: underline; text-underline-offset: 2px; }
.rpt-items .rpt-account > td { padding: 0 16px 12px; border-block-start: 0; text-align: start; white-space: normal; background: var(--rpt-raised); }
.rpt-items tr[hidden], .rpt-sum tr[hidden] { display: none; } .rpt-items tr.rpt-unfolded > td { border-block-end-color: transparent; background: var(--rpt-raised); }
.rpt-sum { display: table; inline-size: 100%; border-collapse: collapse; font-size: 12.5px; font-variant-numeric: tabular-nums; }
.rpt-sum caption { padding: 6px 0 4px; color: var(--rpt-soft); font-size: 12px; text-align: start; }
.rpt-sum :is(th, td) { block-size: 25px; padding: 2px 0; border: 0; border-block-end: 1px solid var(--rpt-line); background: none; color: inherit; font-weight: 400; text-align: start; white-space: normal; }
.rpt-items .rpt-sum :is(th, td):is(:first-child, :last-child) { padding-inline: 0; } .rpt-sum th { overflow-wrap: anywhere; } .rpt-sum th small { font-size: 12px; color: var(--rpt-soft); }
.rpt-sum td.rpt-qty { inline-size: 96px; padding-inline: 10px 14px; text-align: end; white-space: nowrap; font-weight: 600; } .rpt-sum td.rpt-drawn { position: relative; inline-size: 42%; padding: 0; }
.rpt-sum tr.rpt-result > :is(th, td) { font-weight: 650; } .rpt-sum tr.rpt-gap > :is(th, td):not(.rpt-drawn) { color: var(--rpt-late); font-weight: 650; }
.rpt-steps { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; overflow: visible; } .rpt-steps line { stroke: var(--rpt-soft); stroke-width: 1; vector-effect: non-scaling-stroke; } .rpt-steps .rpt-c-axis { stroke: var(--rpt-line); }
.rpt-steps .rpt-c-wanted { fill: var(--rpt-need); } .rpt-steps .rpt-c-left { fill: var(--rpt-text); } .rpt-c-ahead { fill: var(--rpt-accent); }
.rpt-deliveries { margin: 0; padding: 0; list-style: none; } .rpt-waits { display: inline-flex; align-items: center; gap: 4px; }
.rpt-dialog .rpt-project { display: inline-flex; align-items: center; gap: 6px; min-inline-size: 0; block-size: 26px; padding: 0 8px; color: var(--rpt-accent); }
.rpt-scroll { min-inline-size: 0; }
.rpt-days :is(th, td) { padding-block: 3px; block-size: 32px; }
.rpt-dialog .rpt-days tr[hidden] { display: none; }
.rpt-days tbody tr:hover { background: var(--rpt-raised); }
.rpt-days .rpt-zero { color: var(--rpt-soft); }
.rpt-days td.rpt-late { color: var(--rpt-late); }
.rpt-days .rpt-below th { font-weight: 600; }
.rpt-days .rpt-icon { display: inline; vertical-align: -1px; margin-inline-end: 4px; }
.rpt-days .rpt-takers { padding: 4px 16px 8px 32px; text-align: start; white-space: normal; background: var(--rpt-raised); }
.rpt-takers ul { margin: 0; padding: 0; list-style: none; }
.rpt-takers b { font-weight: 600; }
.rpt-more { min-block-size: 24px; min-inline-size: 24px; margin: 0 -6px 0 0; padding: 0 6px; border: 0; border-radius: 4px; background: none; color: inherit; font: inherit; cursor: pointer; text-decoration: underline dotted; text-underline-offset: 3px; }
.rpt-more:hover { background: var(--rpt-bar); }
.rpt-more[aria-expanded=true] .rpt-icon { transform: rotate(180deg); }
.rpt-figure { padding: 10px 16px 14px; }
.rpt-legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 6px; padding: 0; list-style: none; font-size: 12px; color: var(--rpt-soft); }
.rpt-legend li { display: inline-flex; align-items: center; gap: 6px; }
.rpt-swatch { flex: none; inline-size: 14px; block-size: 14px; }
.rpt-plot { position: relative; min-inline-size: 0; }
.rpt-flat :is(.rpt-c-band, .rpt-scrub, .rpt-readout, .rpt-c-weekend, .rpt-legend li:not(:nth-child(5))) { display: none; }
.rpt-nothing { position: absolute; inset-inline: 56px 16px; inset-block-start: 22px; display: grid; place-content: center; gap: 2px; block-size: 130px; margin: 0; color: var(--rpt-soft); text-align: center; text-wrap: balance; }
.rpt-nothing b { font-size: 15px; font-weight: 600; color: var(--rpt-text); }
.rpt-chart { display: block; inline-size: 100%; block-size: auto; overflow: visible; touch-action: pan-y; cursor: crosshair; }
.rpt-chart text { font-size: 11px; fill: var(--rpt-soft); font-variant-numeric: tabular-nums; }
.rpt-c-grid, .rpt-c-zero, .rpt-c-pab, .rpt-c-need, .rpt-c-flagline { fill: none; stroke: var(--rpt-line); stroke-width: 1; shape-rendering: crispEdges; }
.rpt-c-grid { opacity: .6; }
.rpt-c-zero { stroke: var(--rpt-text); }
.rpt-c-pab { stroke: var(--rpt-text); stroke-width: 2; }
.rpt-c-need { stroke: var(--rpt-need); stroke-width: 1.5; stroke-dasharray: 5 4; }
.rpt-c-flagline { stroke: var(--rpt-late); stroke-width: 1.5; }
.rpt-c-can { fill: var(--rpt-can); }
.rpt-c-short { fill: var(--rpt-late); }
.rpt-c-in { fill: var(--rpt-ok); }
.rpt-c-out { fill: var(--rpt-soft); }
.rpt-c-weekend { fill: var(--rpt-raised); }
.rpt-c-band { fill: var(--rpt-accent); opacity: .13; }
.rpt-chart .rpt-c-today { font-weight: 600; fill: var(--rpt-text); }
.rpt-chart .rpt-c-flag :is(text, path) { fill: var(--rpt-late); font-weight: 600; }
.rpt-chart .rpt-c-needed :is(text, path) { fill: var(--rpt-need); }
.rpt-scrub { appearance: none; display: block; min-inline-size: 0; block-size: 20px; margin: 0; padding: 0; border: 0; background: none; cursor: ew-resize; }
.rpt-scrub::-webkit-slider-runnable-track { block-size: 3px; border-radius: 2px; background: var(--rpt-bar); }
.rpt-scrub::-moz-range-track { block-size: 3px; border-radius: 2px; background: var(--rpt-bar); }
.rpt-scrub::-webkit-slider-thumb { appearance: none; inline-size: 16px; block-size: 16px; margin-block-start: -6.5px; border: 2px solid var(--rpt-surface); border-radius: 50%; background: var(--rpt-accent); }
.rpt-scrub::-moz-range-thumb { box-sizing: border-box; inline-size: 16px; block-size: 16px; border: 2px solid var(--rpt-surface); border-radius: 50%; background: var(--rpt-accent); }
.rpt-dialog .rpt-scrub:focus-visible { outline: none; }
.rpt-scrub:focus-visible::-webkit-slider-thumb { outline: 2px solid var(--rpt-accent); outline-offset: 2px; }
.rpt-scrub:focus-visible::-moz-range-thumb { outline: 2px solid var(--rpt-accent); outline-offset: 2px; }
.rpt-readout { margin-block-start: 4px; padding: 8px 12px; border-radius: 8px; background: var(--rpt-raised); }
.rpt-date { margin: 0 0 4px; font-weight: 600; }
.rpt-date .rpt-icon, .rpt-fact .rpt-icon { display: inline; vertical-align: -1px; }
.rpt-readout dl { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 4px 12px; margin: 0; }
.rpt-readout.rpt-seven dl { grid-template-columns: repeat(7, minmax(0, 1fr)); }
.rpt-readout dt { font-size: 12px; font-weight: 400; color: var(--rpt-soft); }
.rpt-readout dd { margin: 0; font-size: 15px; font-weight: 600; font-variant-numeric: tabular-nums; }
.rpt-empty { padding: 28px 16px; color: var(--rpt-soft); text-align: center; }
.rpt-empty p { margin: 0 0 12px; }
.rpt-empty > .rpt-icon { inline-size: 22px; block-size: 22px; margin-block-end: 8px; color: var(--rpt-late); }
.rpt-skeleton { display: inline-block; inline-size: 72%; block-size: 12px; border-radius: 4px; background: var(--rpt-bar); }
@media screen and (max-width: 1080px) {
  .rpt-items, .rpt-items tbody { display: block; }
  .rpt-items thead { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
  .rpt-items thead th { position: static; }
  .rpt-items tbody tr { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); align-items: end; gap: 6px 8px; padding: 10px 12px; border-block-end: 1px solid var(--rpt-line); }
  .rpt-items tbody td { display: block; grid-column: span 2; min-inline-size: 0; padding: 0; border: 0; text-align: start; white-space: normal; }
  .rpt-items tbody td::before { content: attr(data-label); display: block; font-size: 12px; font-weight: 400; color: var(--rpt-soft); }
  .rpt-items tbody td:is(:first-child, :last-child) { padding-inline: 0; }
  .rpt-items tbody .rpt-product { order: -2; grid-column: 1 / -1; min-inline-size: 0; font-weight: 600; }
  .rpt-items tbody .rpt-product::before { content: none; }
  .rpt-items .rpt-why { font-weight: 400; }
  .rpt-items tbody :is(.rpt-shortage, .rpt-when) { order: -1; grid-column: span 3; }
  .rpt-items tbody .rpt-bad { font-size: 17px; line-height: 1.2; }
  .rpt-items tbody .rpt-receipt { grid-column: span 3; } .rpt-items tbody .rpt-value { grid-column: span 3; }
  .rpt-items tbody .rpt-code { order: 1; grid-column: span 3; overflow-wrap: anywhere; }
  .rpt-items tbody .rpt-none { display: none; }
  .rpt-items tbody tr.rpt-account { display: block; padding: 0; background: var(--rpt-raised); } .rpt-items tbody tr.rpt-account[hidden] { display: none; } .rpt-items tbody tr.rpt-account > td { padding: 0 12px 12px; } .rpt-items tbody tr.rpt-account > td::before { content: none; }
  .rpt-items tr.rpt-unfolded { border-block-end-color: transparent; background: var(--rpt-raised); }
  .rpt-items tbody .rpt-sum { display: table; } .rpt-items .rpt-sum tbody { display: table-row-group; } .rpt-items .rpt-sum tbody tr { display: table-row; } .rpt-items .rpt-sum tbody tr[hidden] { display: none; }
  .rpt-items .rpt-sum tbody :is(th, td) { display: table-cell; border-block-end: 1px solid var(--rpt-line); } .rpt-items .rpt-sum tbody td::before { content: none; } .rpt-items .rpt-sum tbody td.rpt-qty { padding-inline: 8px 10px; text-align: end; white-space: nowrap; } .rpt-items .rpt-sum tbody td.rpt-drawn { position: relative; }
  .rpt-items tbody .rpt-open { order: 2; grid-column: span 3; text-align: end; }
  .rpt-items tbody .rpt-open::before { content: none; }
  .rpt-items tbody .rpt-project { block-size: 32px; }
}
@media screen and (min-width: 600px) and (max-width: 1080px) {
  .rpt-items tbody tr { grid-template-columns: 0.8fr 1fr 1.3fr 1fr 0.9fr; padding-inline: 16px; }
  .rpt-items tbody td:not(.rpt-product) { grid-column: auto !important; }
  .rpt-items tbody :is(.rpt-value, .rpt-receipt, .rpt-open) { order: -1; } .rpt-items tbody .rpt-open { align-self: center; }
}
@media (min-width: 2200px) {
  .rpt-dialog { inline-size: 1400px; font-size: 14px; } .rpt-dialog :is(.rpt-items, .rpt-days) { font-size: 14px; }
  .rpt-dialog :is(.rpt-why, thead th, .rpt-fact dt, .rpt-fact small, .rpt-legend, .rpt-title small, .rpt-readout dt) { font-size: 13px; }
  .rpt-fact dd { font-size: 15px; } .rpt-title { font-size: 19px; }
}
@media (min-width: 960px) { .rpt-facts:not(.rpt-six, .rpt-versus) { grid-template-columns: 0.9fr 1.4fr 1fr 1fr 1fr 1.2fr 1.3fr; } }
@media screen and (max-width: 640px) {
  .rpt-head { flex-wrap: wrap; gap: 4px 12px; padding: 10px 12px; } .rpt-title { flex: 1; min-inline-size: 0; }
  .rpt-title { font-size: 15px; } .rpt-head .rpt-note { order: 1; flex: 1 0 100%; text-align: start; }
  .rpt-facts { grid-template-columns: 1fr 1fr; padding: 10px 12px; } .rpt-sum td.rpt-drawn { inline-size: 26%; } .rpt-sum td.rpt-qty { inline-size: 72px; } .rpt-versus { padding-block-start: 0; } .rpt-versus .rpt-fact:nth-child(n + 3) { border: 0; padding-block-start: 0; } .rpt-tabs { padding-inline: 4px; }
  .rpt-body { overflow: auto; } .rpt-page { flex: none; overflow: visible; }
  .rpt-panel .rpt-action { min-inline-size: 0; } .rpt-actions { flex: 1; justify-content: space-between; }
  .rpt-small { flex-direction: column; min-block-size: 34px; } .rpt-small .rpt-note { max-inline-size: 100%; }
  .rpt-status { min-inline-size: 9.8em; } .rpt-line { flex-wrap: wrap; gap: 0 8px; max-inline-size: 100%; } .rpt-figures { font-size: 12px; } .rpt-figures { overflow: hidden; text-overflow: ellipsis; } .rpt-note > span { white-space: normal; }
  .rpt-remarks { padding: 8px 12px 0 28px; } .rpt-figure { padding: 8px 12px 12px; }
  .rpt-readout dl { grid-template-columns: repeat(3, minmax(0, 1fr)) !important; }
  .rpt-scroll { overflow: auto; } .rpt-days tbody th { position: sticky; inset-inline-start: 0; background: var(--rpt-surface); }
  .rpt-days { table-layout: auto; font-size: 12px; } .rpt-days :is(th, td) { padding-inline: 4px; } .rpt-days :is(th, td):first-child { padding-inline-start: 12px; }
  .rpt-days :is(th, td):last-child { padding-inline-end: 12px; } .rpt-days thead th { white-space: normal; } .rpt-days .rpt-takers { padding-inline: 12px; }
  .rpt-days td .rpt-icon:not(.rpt-more *), .rpt-today { display: none; }
  .rpt-takers ul { position: sticky; inset-inline-start: 12px; max-inline-size: calc(100vw - 52px); }
}
@media (prefers-reduced-motion: no-preference) {
  .rpt-dialog { transition: opacity .12s ease-out, transform .12s ease-out; }
  @starting-style { .rpt-dialog[open] { opacity: 0; transform: translateY(6px); } }
}
@media (forced-colors: active) {
  .rpt-badge { border: 1px solid; } .rpt-c-can { fill: Highlight; } .rpt-c-pab, .rpt-c-zero { stroke: CanvasText; }
  .rpt-chart :is(text, .rpt-c-short, .rpt-c-in, .rpt-c-out) { fill: CanvasText; }
}
@media print {
  .rpt-scope { color-scheme: light; print-color-adjust: exact; }
  .rpt-panel, .rpt-dialog :is(.rpt-action, .rpt-tabs, .rpt-scrub, .rpt-readout, .rpt-c-band), .rpt-dialog::backdrop { display: none; }
  body:has(> .rpt-dialog[open]) > :not(.rpt-dialog) { display: none !important; }
  .rpt-dialog[open] { display: block; position: static; inline-size: auto; max-block-size: none; margin: 0; border: 0; box-shadow: none; overflow: visible; }
  .rpt-dialog :is(.rpt-body, .rpt-page, .rpt-scroll) { display: block; overflow: visible; }
  .rpt-dialog .rpt-page[hidden]:not(.rpt-both) { display: none; }
  .rpt-dialog thead th { position: static; } .rpt-dialog :is(tr, .rpt-figure) { break-inside: avoid; }
  .rpt-items, .rpt-why { font-size: 11px; } .rpt-items :is(th, td) { padding: 4px 6px; } .rpt-items :is(th, .rpt-product) { white-space: normal; }
  .rpt-days :is(th, td) { block-size: 20px; padding-block: 1px; font-size: 11px; }
}
`;

/** Shapes differ in outline, so that they need no colour to be told apart. */
const SHAPES = {
  ok: 'M6.3 12.7 1.8 8.2l1.7-1.7 2.8 2.8 6.2-6.2 1.7 1.7z',
  BAIXA: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z',
  MEDIA: 'M8 .5 15.5 8 8 15.5.5 8z',
  ALTA: 'M8 1.5 15.5 14.5H.5z',
  CRITICA: 'M5 1h6l4 4v6l-4 4H5l-4-4V5z',
  failed: 'M3.5 2 8 6.5 12.5 2 14 3.5 9.5 8l4.5 4.5-1.5 1.5L8 9.5 3.5 14 2 12.5 6.5 8 2 3.5z',
  none: '',
  alert: 'M8 1.2 15.6 14.6H.4zM7.1 5.8l.3 4.4h1.2l.3-4.4zM7.1 11.4v1.6h1.8v-1.6z',
  chart: 'M1.5 1.5H3v11.5h11.5v1.5h-13zM4.5 8h2v4h-2zM8 4.5h2V12H8zM11.5 6.5h2V12h-2z',
  back: 'M9.8 2.6 11 3.8 6.8 8l4.2 4.2-1.2 1.2L4.4 8z',
  more: 'M3 5.2 8 10.2l5-5 1.1 1.1L8 12.4 1.9 6.3z',
  clock: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm0 1.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6zM7.2 4h1.6v3.7l2.4 1.4-.8 1.4-3.2-1.9z',
};

// === Helpers ====================================================================================================

/** Thrown when the server no longer knows a session. */
class SessionLost extends Error {}
/** Thrown when an analysis cannot go on; its message is for the user. */
class AnalysisFailed extends Error {}

/** Thrown when no server answers. */
class Unreachable extends AnalysisFailed {}

/** @param {unknown} error */
const saying = (error) => (error instanceof Error ? error.message : String(error));

/** @param {string} text @param {...(string|number)} values */
const fill = (text, ...values) => text.replace(/\{(\d)\}/g, (_, i) => String(values[Number(i)]));

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
const sleep = (ms, signal) => new Promise((resolve, reject) => {
  const stop = () => { clearTimeout(timer); reject(signal.reason); };
  const timer = setTimeout(() => { signal.removeEventListener('abort', stop); resolve(); }, ms);
  if (signal.aborted) stop(); else signal.addEventListener('abort', stop, {once: true});
});

/** The next turn of the page, in which it has had the chance to do what else there is. @returns {Promise<void>} */
const turn = () => new Promise((resolve) => {
  const {port1, port2} = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(null);
});

/** A wait that a network that comes back cuts short. @param {number} ms @param {AbortSignal} signal */
async function nap(ms, signal) {
  const wake = new AbortController();
  window.addEventListener('online', () => wake.abort(), {signal: wake.signal});
  try {
    await sleep(ms, AbortSignal.any([signal, wake.signal]));
  } catch {
    if (signal.aborted) throw signal.reason;
  } finally {
    wake.abort();
  }
}

/** Exponential, with jitter so that many pages do not come back at once. @param {number} attempt */
const backoff = (attempt) => Math.min(TUNING.backoffMs * 2 ** attempt, TUNING.backoffMaxMs) * (0.5 + Math.random() / 2);

/** Milliseconds asked for by Retry-After, in seconds or as a date. @param {Response} response */
function retryAfter(response) {
  const value = response.headers.get('Retry-After') ?? '';
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Math.min(Math.max(Number.isFinite(seconds) ? seconds : 5, 1), 120) * 1000 + Math.random() * 500;
}

/** Whether a path may lose a code, even one that is escaped: "." and "..", and what holds a slash. @param {string} code */
const unfit = (code) => /^\.{1,2}$|[/\\]/.test(code);

/** randomUUID is missing where the page is not served securely. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {string} className @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
function el(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/**
 * A part of a table that keeps its role where a narrow screen lays the rows out as cards.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {string} role @param {string} className @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
function part(tag, role, className, ...children) {
  const node = el(tag, className, ...children);
  node.setAttribute('role', role);
  return node;
}

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag @param {Record<string, string|number>} attributes @param {...(Node|string)} children
 * @returns {SVGElementTagNameMap[K]}
 */
function svg(tag, attributes, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/** @param {string} className @param {string} shape */
function icon(className, shape) {
  return svg('svg', {class: className, viewBox: '0 0 16 16', 'aria-hidden': 'true'}, svg('path', {d: shape}));
}

/** @param {string} className @param {...(Node|string)} children */
function action(className, ...children) {
  const button = el('button', className, ...children);
  button.type = 'button';
  return button;
}

/** Says how many seconds are left, second by second, until it is stopped. */
class Countdown {
  /** @type {number|undefined} */ #timer;

  /** @param {number} seconds @param {(left: number) => void} say */
  start(seconds, say) {
    this.stop();
    say(seconds);
    if (seconds > 1) this.#timer = window.setTimeout(() => this.start(seconds - 1, say), 1000);
  }

  stop() { clearTimeout(this.#timer); }
}

// === Words, frames ==============================================================================================

/** Words, numbers and dates in one language. */
class Words {
  #number; #compact; #money; #day; #date; #weekday; #time;
  /** The last instant that was put in words, for a whole lot has the same. */ #read = {instant: NaN, today: '', text: ''};

  /** @param {string} lang a language tag */
  constructor(lang) {
    const english = lang.toLowerCase().startsWith('en');
    this.t = english ? TEXTS.en : TEXTS.pt;
    const numbers = english ? 'en-US' : 'pt-BR';
    const dates = english ? 'en-GB' : 'pt-BR'; // in English the month is a word: 03/11 could be two days
    const month = english ? 'short' : '2-digit';
    this.tag = english ? 'en' : 'pt-BR';
    this.#number = new Intl.NumberFormat(numbers, {maximumFractionDigits: 3});
    this.#compact = new Intl.NumberFormat(numbers, {notation: 'compact', maximumFractionDigits: 1});
    this.#money = new Intl.NumberFormat(numbers, {style: 'currency', currency: 'BRL'});
    this.#day = new Intl.DateTimeFormat(dates, {day: '2-digit', month, timeZone: 'UTC'});
    this.#date = new Intl.DateTimeFormat(dates, {day: '2-digit', month, year: 'numeric', timeZone: 'UTC'});
    this.#weekday = new Intl.DateTimeFormat(dates, {weekday: 'short', day: '2-digit', month, timeZone: 'UTC'});
    this.#time = new Intl.DateTimeFormat(dates, {hour: '2-digit', minute: '2-digit', second: '2-digit'});
  }

  /** @param {number|undefined|null} n */
  number(n) { return this.#number.format(n ?? 0); }
  /** As short as it can be said, for an axis. @param {number} n */
  compact(n) { return Math.abs(n) < 10_000 ? this.#number.format(n) : this.#compact.format(n); }
  /** @param {number} n */
  money(n) { return this.#money.format(n); }
  /** Day and month. @param {string} iso */
  day(iso) { return this.#format(this.#day, iso); }
  /** @param {string|null|undefined} iso */
  date(iso) { return iso ? this.#format(this.#date, iso) : ''; }
  /** Day of the week, day and month. @param {string} iso */
  weekday(iso) { return this.#format(this.#weekday, iso); }
  /** @param {number|string} instant */
  time(instant) { return this.#format(this.#time, instant); }

  /** When data were read; with the day too if that is not today. @param {number|string} instant */
  readAt(instant) {
    const date = new Date(instant);
    const today = new Date().toDateString();
    if (date.getTime() !== this.#read.instant || today !== this.#read.today) {
      this.#read = {instant: date.getTime(), today, text: this.#sayRead(date)};
    }
    return this.#read.text;
  }

  /** @param {Date} date */
  #sayRead(date) {
    const time = this.#format(this.#time, date.getTime());
    if (date.toDateString() === new Date().toDateString()) return fill(this.t.readAt, time);
    const day = new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
    return fill(this.t.readOn, this.day(day), time);
  }

  /** How long ago something was. @param {number} ms */
  age(ms) {
    const minutes = Math.floor(ms / 60_000);
    if (minutes < 1) return this.t.justNow;
    if (minutes < 60) return fill(this.t.ago, fill(this.t.ageMin, minutes));
    const hours = Math.floor(minutes / 60);
    return fill(this.t.ago, hours < 48 ? fill(this.t.ageHour, hours) : fill(this.t.ageDay, Math.floor(hours / 24)));
  }

  /** @param {Summary} s */
  total(s) {
    if (s.data_disponibilidade_total === 'agora') return this.t.now;
    return this.date(s.data_disponibilidade_total) || this.t.noForecast;
  }

  /** When an order is whole, as a part of a sentence. @param {{data_disponibilidade_total: string|null}} answer */
  whole({data_disponibilidade_total: on}) {
    if (on === 'agora') return this.t.wholeNow;
    return on ? fill(this.t.wholeOn, this.day(on)) : this.t.noForecast;
  }

  /** Both answers in one sentence, and who makes the difference. @param {Summary} s */
  both(s) {
    const {isolado: alone, causa: cause} = s;
    if (!alone) return '';
    if (!cause) return s.criticidade ? this.t.bothSame : '';
    const percents = [alone, s].map((answer) => `${answer.percentual_disponibilidade}%`);
    const answers = percents[0] === percents[1] ? [this.whole(alone), this.whole(s)] : percents;
    return `${answers[0] === answers[1] ? this.t.bothLine : fill(this.t.both, ...answers)}, ${fill(this.t.bothCause, cause.num_pedido)}`;
  }

  /** The place of an order in the sequence in which all are served. @param {Summary} s */
  rank(s) { return s.prioridade ? fill(this.t.rank, this.number(s.prioridade), this.number(s.prioridade_de)) : ''; }

  /** @param {Intl.DateTimeFormat} format @param {number|string} value */
  #format(format, value) {
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? String(value) : format.format(date);
  }
}

/** Pieces of work, done in the order they came, for a few milliseconds at a time. */
class Pieces {
  /** @type {(() => void)[]} */ #work = [];
  #next = 0;

  get left() { return this.#work.length - this.#next; }

  /** @param {() => void} piece */
  add(piece) { this.#work.push(piece); }

  clear() {
    this.#work = [];
    this.#next = 0;
  }

  /** @param {number} [budget] in ms @param {() => boolean} [enough] whether that was all for now */
  run(budget = TUNING.frameBudgetMs, enough = () => false) {
    const end = performance.now() + budget;
    try {
      while (this.left > 0 && performance.now() < end && !enough()) this.#work[this.#next++]();
    } finally {
      if (this.left === 0) this.clear();
    }
  }
}

/**
 * Does small pieces of work in animation frames, and those that can wait once nothing else is left to do: the
 * browser's own work, such as taking in an answer, goes before them.
 */
class FrameQueue {
  #soon = new Pieces();
  #last = new Pieces();
  #framed = false;
  #resting = false;
  /** Until when what can wait has to. */ #heldUntil = 0;
  /** @type {number|undefined} */ #hold;

  /** @param {() => void} piece */
  add(piece) {
    this.#soon.add(piece);
    this.#frame();
  }

  /** After all that was added before. @param {() => void} piece */
  addLast(piece) {
    this.#last.add(piece);
    this.#rest();
  }

  clear() {
    this.#soon.clear();
    this.#last.clear();
    this.release();
  }

  #frame() {
    if (this.#framed) return;
    this.#framed = true;
    const run = () => {
      this.#framed = false;
      try {
        // Buttons and first results in one frame rather than two, each of which costs the browser its own work; and no
        // more than these, so that they are shown.
        if (this.#heldUntil > 0) this.#soon.run(TUNING.firstBudgetMs, () => this.#heldUntil === 0);
        else this.#soon.run();
      } finally {
        if (this.#soon.left > 0) this.#frame();
        else this.#rest();
      }
    };
    if (document.hidden) setTimeout(run, TUNING.restMs); // hidden pages have no frames
    else requestAnimationFrame(run);
  }

  /** Keeps what can wait from beginning, until it is released or some time has gone by. */
  hold() {
    clearTimeout(this.#hold);
    this.#heldUntil = performance.now() + TUNING.holdMs;
    this.#hold = window.setTimeout(() => this.release(), TUNING.holdMs);
  }

  release() {
    clearTimeout(this.#hold);
    this.#heldUntil = 0;
    this.#rest();
  }

  #rest() {
    if (this.#heldUntil > 0 || this.#resting || this.#last.left === 0 || this.#soon.left > 0) return;
    this.#resting = true;
    const run = () => {
      this.#resting = false;
      try {
        if (this.#soon.left === 0 && this.#heldUntil === 0) this.#last.run();
      } finally {
        this.#rest();
      }
    };
    if (document.hidden || typeof window.requestIdleCallback !== 'function') setTimeout(run, TUNING.restMs);
    else requestIdleCallback(run, {timeout: TUNING.restMs});
  }
}

// === Requests and transport =====================================================================================

/** Requests to the API, patient with a busy server. */
class Api {
  /** How far the server's clock is ahead of ours, in ms, so that an age is right where a clock is not. */ #ahead = 0;

  /** @param {string} base @param {string} language */
  constructor(base, language) {
    this.base = base;
    this.language = language;
  }

  /** Now, by the server's clock. */
  now() { return Date.now() + this.#ahead; }

  /** Takes the server's clock from an answer: from a header of whole seconds, which another origin does not show; a small difference is only that. @param {Response} response */
  met(response) {
    const ahead = Date.parse(response.headers.get('Date') ?? '') - Date.now();
    this.#ahead = Math.abs(ahead) > TUNING.clockMs ? ahead : 0;
  }

  /** @param {string} id */
  streamUrl(id) { return `${this.base}/api/ruptura/stream/${encodeURIComponent(id)}`; }
  /** @param {string} id */
  statusUrl(id) { return `${this.base}/api/ruptura/status/${encodeURIComponent(id)}`; }

  /** One order, explained; numbers that a path would swallow go in the query. @param {string} order @param {Record<string, string>} manner how it is analysed */
  orderUrl(order, manner) {
    const query = new URLSearchParams({...(unfit(order) ? {pedido: order} : {}), ...manner, detalhe: 'explicacao'});
    return `${this.base}/api/ruptura/analisar${unfit(order) ? '' : `/${encodeURIComponent(order)}`}?${query}`;
  }

  /** @param {string} code */
  productUrl(code) {
    const product = encodeURIComponent(code);
    const address = unfit(code) ? `projecao?cod=${product}&` : `${product}/projecao?`;
    return `${this.base}/api/ruptura/produto/${address}dias=${TUNING.projectionDays}&detalhe=saidas`;
  }

  /**
   * The JSON of a good answer. Waits and repeats while the server is busy or cannot be reached, and tells
   * `wait` so; any other answer is an AnalysisFailed with the server's own words, or ours where it has none.
   * @param {string} url @param {RequestInit & {signal: AbortSignal}} init
   * @param {{t: Record<string, string>, tries: number, wait: (kind: Waiting, seconds: number) => void, answered?: (response: Response) => void,
   *   waited: AbortSignal, sent?: Promise<Response>}} how `waited` ends with whoever waits; `sent` is a first attempt that was made already
   */
  async json(url, init, how) {
    const headers = {'Accept': 'application/json', 'Accept-Language': this.language, ...init.headers};
    const tried = {busy: 0, source: 0, offline: 0};
    const most = {busy: TUNING.busyTries, source: TUNING.busyTries, offline: how.tries};
    for (let {sent} = how; ; sent = undefined) {
      const response = await this.#try(sent ?? fetch(url, {...init, headers}), init.signal, how.answered);
      const body = response && await Api.body(response);
      if (response?.ok && body) return body;
      const kind = Api.#waiting(response, body);
      if (!kind || ++tried[kind] >= most[kind]) throw Api.#failure(kind, response, body, how.t);
      const ms = response && kind !== 'offline' ? retryAfter(response) : backoff(tried.offline);
      how.wait(kind, Math.ceil(ms / 1000));
      await (kind === 'offline' ? nap(ms, how.waited) : sleep(ms, how.waited));
    }
  }

  /**
   * Why a request is worth another try, if it is. An error of a gateway has no body of ours: behind it nobody answers.
   * @param {Response|null} response @param {any} body @returns {Waiting|null}
   */
  static #waiting(response, body) {
    if (!response || (!body && [502, 503, 504].includes(response.status) && !response.headers.has('Retry-After'))) return 'offline';
    if (![429, 503].includes(response.status)) return null;
    return body?.codigo === 'fonte_indisponivel' ? 'source' : 'busy';
  }

  /** @param {Waiting|null} kind @param {Response|null} response @param {any} body @param {Record<string, string>} t */
  static #failure(kind, response, body, t) {
    if (!response) return new Unreachable(t.noServer);
    const own = body?.detail ?? body?.error ?? body?.title;
    const message = own ? String(own) : fill(t[Api.#unsaid(response)], response.status);
    return kind === 'offline' || kind === 'source' ? new Unreachable(message) : new AnalysisFailed(message);
  }

  /** Which of our texts an answer without words gets: one of a proxy, or of a page to sign in. @param {Response} response */
  static #unsaid({ok, status}) {
    if (ok) return 'foreign';
    if (status >= 502 && status <= 504) return 'gateway';
    return {401: 'refused', 403: 'refused', 404: 'misplaced', 405: 'misplaced', 413: 'tooLong'}[status] ?? 'unexplained';
  }

  /** One attempt; null where no server answers. @param {Promise<Response>} sent @param {AbortSignal} signal @param {((response: Response) => void)|undefined} answered */
  async #try(sent, signal, answered) {
    try {
      const response = await sent;
      this.met(response);
      if (response.ok) answered?.(response);
      return response;
    } catch {
      if (signal.aborted) throw signal.reason;
      return null;
    }
  }

  /** The JSON object that an answer holds; null where it holds none. @param {Response} response @returns {Promise<any>} */
  static async body(response) {
    try {
      const body = await response.json();
      return typeof body === 'object' ? body : null;
    } catch {
      return null;
    }
  }
}

/**
 * Delivers the events of one session, each once and in order. Streams; where streaming proves impossible, polls
 * the status. After a break it goes on from the last event.
 */
class Transport {
  #api; #id; #signal; #on;
  /** @type {Opened|null} */ #opened;
  /** What came and has not been delivered. @type {string[]} */ #backlog = [];
  #delivering = false;
  #last = 0;
  #failures = 0;
  #heardAt = 0;
  /** What the status last told. */ #progress = '';
  #ended = false;
  /** @type {EventSource|null} */ #source = null;
  /** @type {number|undefined} */ #watch;
  /** @type {(reason: unknown) => void} */ #reject = () => {};
  #resolve = () => {};

  /**
   * @param {Api} api @param {string} id @param {AbortSignal} signal
   * @param {{ready: Promise<void>, event: (event: StreamEvent) => void, mode: (mode: Mode) => void, silent: string, opened?: Opened|null}} on
   *   events are told once `ready`; `opened` is the session's stream, where it is open already
   */
  constructor(api, id, signal, on) {
    this.#api = api;
    this.#id = id;
    this.#signal = signal;
    this.#on = on;
    this.#opened = on.opened ?? null;
  }

  /** Ends with the session's last event, or fails with SessionLost, AnalysisFailed or the signal's reason. */
  async follow() {
    const stop = () => this.#reject(this.#signal.reason);
    try {
      await new Promise((resolve, reject) => {
        this.#resolve = () => resolve(undefined);
        this.#reject = reject;
        this.#signal.addEventListener('abort', stop, {once: true});
        if (this.#signal.aborted) stop();
        else this.#connect();
      });
    } finally {
      this.#signal.removeEventListener('abort', stop); // a signal made of others lives on for as long as somebody listens
      this.#ended = true;
      this.#close();
    }
  }

  #connect() {
    if (this.#ended) return;
    const open = this.#opened;
    this.#opened = null;
    const from = this.#last ? `?desde=${this.#last}` : '';
    const source = this.#source = open?.source ?? new EventSource(this.#api.streamUrl(this.#id) + from);
    source.onmessage = ({data}) => this.#take(data);
    source.onerror = () => this.#broken(source);
    this.#heardAt = performance.now();
    this.#listen();
    open?.heard.forEach((data) => this.#take(data));
    if (source.readyState === EventSource.CLOSED) this.#broken(source); // it failed before we listened
  }

  /** Takes what came, to be delivered in its turn. @param {string} data */
  #take(data) {
    this.#heardAt = performance.now();
    this.#backlog.push(data);
    if (this.#delivering) return;
    this.#delivering = true;
    void this.#on.ready.then(() => this.#catchUp());
  }

  /** Delivers for a few milliseconds at a time: a whole session may have come at once. */
  #catchUp() {
    const end = performance.now() + TUNING.frameBudgetMs;
    while (this.#backlog.length > 0 && !this.#ended && performance.now() < end) this.#heard(/** @type {string} */ (this.#backlog.shift()));
    this.#delivering = this.#backlog.length > 0 && !this.#ended;
    const source = this.#source;
    if (this.#delivering) void turn().then(() => this.#catchUp());
    else if (source?.readyState === EventSource.CLOSED) this.#broken(source); // it failed meanwhile
  }

  /** Waits for the silence that means no stream gets through. */
  #listen() {
    clearTimeout(this.#watch);
    const due = this.#heardAt + TUNING.silenceMs;
    this.#watch = window.setTimeout(() => {
      const now = performance.now();
      // A computer that was asleep has heard nothing, and may yet hear what waits for it.
      if (now - due > TUNING.lateMs) this.#heardAt = now;
      if (now - this.#heardAt >= TUNING.silenceMs) this.#poll();
      else this.#listen();
    }, Math.max(due - performance.now(), 50));
  }

  /** @param {string} data */
  #heard(data) {
    if (this.#failures > 0) this.#on.mode('stream');
    this.#failures = 0;
    this.#deliver(JSON.parse(data));
  }

  /** @param {StreamEvent} event */
  #deliver(event) {
    if (this.#ended || event.tipo === 'pulso') return;
    if (event.id !== undefined) {
      if (event.id <= this.#last) return;
      this.#last = event.id;
    }
    const last = event.tipo === 'completo' || event.tipo === 'erro';
    if (last) {
      this.#ended = true;
      this.#close();
    }
    this.#on.event(event);
    if (last) this.#resolve();
  }

  /**
   * The browser reconnects by itself unless the answer was not a stream: then it has given up. While something waits to
   * be delivered that may be the session's end. @param {EventSource} source
   */
  #broken(source) {
    if (this.#ended || source !== this.#source || this.#backlog.length > 0) return;
    this.#failures++;
    this.#on.mode('reconnecting');
    if (this.#failures >= TUNING.streamFailures) this.#poll();
    else if (source.readyState === EventSource.CLOSED) this.#recreate();
  }

  async #recreate() {
    this.#close();
    try {
      const response = await fetch(`${this.#api.streamUrl(this.#id)}?desde=${this.#last}`, {method: 'HEAD', signal: this.#signal}).catch(() => null);
      if (response?.status === 404 || response?.status === 204) throw new SessionLost();
      const busy = response && [429, 503].includes(response.status);
      await (busy ? sleep(retryAfter(response), this.#signal) : nap(backoff(this.#failures), this.#signal));
      this.#connect();
    } catch (error) {
      this.#reject(error);
    }
  }

  async #poll() {
    this.#close();
    if (this.#ended) return;
    await this.#on.ready;
    try {
      let quiet = 0;
      let wait = /** @type {number} */ (TUNING.pollMs);
      while (!this.#ended) {
        if (await this.#ask()) [quiet, wait] = [0, TUNING.pollMs];
        else if (++quiet >= TUNING.pollTries) throw new Unreachable(this.#on.silent);
        if (!this.#ended) await nap(wait, this.#signal);
        wait = Math.min(wait * 1.5, TUNING.pollMaxMs);
      }
    } catch (error) {
      this.#reject(error);
    }
  }

  /** Asks until nothing is left to fetch now; whether there was news. */
  async #ask() {
    let news = false;
    for (let more = true; more && !this.#ended;) {
      const status = await this.#status();
      if (!status) return news;
      const events = /** @type {StreamEvent[]} */ (status.eventos ?? []);
      events.forEach((event) => this.#deliver(event));
      news = this.#isNews(status) || events.length > 0 || news;
      more = this.#last < status.ultimo_evento && events.length > 0;
    }
    return news;
  }

  /** How the session stands, with its events since the last; null where that cannot be learnt now. */
  async #status() {
    const response = await fetch(`${this.#api.statusUrl(this.#id)}?desde=${this.#last}`, {signal: this.#signal}).catch(() => null);
    if (response?.status === 404) throw new SessionLost();
    const status = response?.ok ? await Api.body(response) : null;
    if (this.#signal.aborted) throw this.#signal.reason;
    const there = status || [429, 503].includes(response?.status ?? 0);
    this.#on.mode(status?.status === 'na_fila' ? 'queued' : there ? 'polling' : 'away');
    return status;
  }

  /**
   * Whether a session has moved on since it was last asked for. One that waits for its turn has no more to tell, and is
   * waited for: the server forgets it when it has waited too long. @param {Record<string, unknown>} status
   */
  #isNews({status, processados, lotes_concluidos: lots}) {
    const progress = `${status} ${processados} ${lots}`;
    const moved = this.#progress !== '' && progress !== this.#progress;
    this.#progress = progress;
    return moved || status === 'na_fila';
  }

  #close() {
    clearTimeout(this.#watch);
    this.#source?.close();
    this.#source = null;
  }
}

// === Buttons and panel ==========================================================================================

/** The buttons of one table: one in each row, painted from the state of its order. */
class Buttons {
  #words;
  #pattern;
  /** @type {WeakMap<Element, string>} */ #orders = new WeakMap();
  /** @type {Map<string, Set<HTMLButtonElement>>} */ #byOrder = new Map();

  /** @param {Words} words */
  constructor(words) {
    this.#words = words;
    this.#pattern = el('button', 'rpt-button',
      el('span', 'rpt-badge', icon('rpt-icon', '')), el('span', 'rpt-label', ' '), icon('rpt-ontime', SHAPES.clock));
    this.#pattern.type = 'button';
  }

  /** Whether a button tells both answers, where all orders compete. */ tellsBoth = true;

  /** Whether a button is one that was made here, and not a copy. @param {Element} button */
  owns(button) { return this.#orders.has(button); }

  /** The order of a button of ours. @param {Element} button */
  orderOf(button) { return this.#orders.get(button); }

  /** Whether a cell already has the one button it needs. @param {Element} cell @param {string} order */
  has(cell, order) {
    const found = cell.getElementsByClassName('rpt-button');
    return found.length === 1 && this.#orders.get(found[0]) === order;
  }

  /** Gives a cell its button, in place of any left by a copy of the row. @param {Element} cell @param {string} order @param {State} state */
  mount(cell, order, state) {
    if (this.has(cell, order)) return;
    for (const old of [...cell.getElementsByClassName('rpt-button')]) old.remove();
    const button = /** @type {HTMLButtonElement} */ (this.#pattern.cloneNode(true));
    this.#orders.set(button, order);
    const same = this.#byOrder.get(order);
    if (same) same.add(button); else this.#byOrder.set(order, new Set([button]));
    this.#draw(button, order, state);
    cell.append(button);
  }

  /** @param {string} order @param {State} state */
  paint(order, state) {
    const buttons = this.#byOrder.get(order);
    if (!buttons) return;
    for (const button of buttons) {
      if (button.isConnected) this.#draw(button, order, state);
      else buttons.delete(button);
    }
  }

  /** Whether an order has a button. @param {string} order */
  holds(order) { return this.#byOrder.has(order); }

  /** @param {string} order */
  focus(order) {
    for (const button of this.#byOrder.get(order) ?? []) if (button.isConnected) return button.focus();
  }

  removeAll() {
    for (const buttons of this.#byOrder.values()) for (const button of buttons) button.remove();
    this.#byOrder.clear();
  }

  /** @param {HTMLButtonElement} button @param {string} order @param {State} state */
  #draw(button, order, state) {
    const {look, word, text, onTime, hint} = this.#describe(state);
    const badge = /** @type {HTMLElement} */ (button.firstChild);
    const label = /** @type {Text} */ (button.childNodes[1].firstChild);
    button.dataset.estado = look;
    badge.dataset.word = word;
    badge.firstElementChild?.firstElementChild?.setAttribute('d', SHAPES[/** @type {keyof SHAPES} */ (look)] ?? '');
    label.data = text;
    button.toggleAttribute('data-prazo', onTime);
    button.toggleAttribute('data-velho', Boolean(state.stale));
    button.title = hint;
    button.setAttribute('aria-label', [`${word} ${text}`.trim(), fill(this.#words.t.order, order), hint].filter(Boolean).join('. '));
  }

  /** @param {State} state */
  #describe(state) {
    const {t} = this.#words;
    if (state.kind !== 'done' || !state.result) {
      const hint = state.error ? `${state.error} · ${t.retryHint}` : '';
      return {look: state.kind, word: '', text: t[state.kind === 'done' ? 'failed' : state.kind], onTime: false, hint};
    }
    const s = state.result.resumo;
    if (state.result.pedido_ok) return {look: 'ok', word: '', text: t.ok, onTime: false, hint: this.#hint(state, s, '')};
    const word = t[/** @type {'ALTA'} */ (s.criticidade ?? '')] ?? String(s.criticidade ?? '');
    const total = s.data_disponibilidade_total ? fill(t.whole, this.#words.day(s.data_disponibilidade_total)) : t.never;
    return {look: s.criticidade ?? 'none', word, text: `${this.#share(s)} | ${total}`,
      onTime: s.no_prazo === true, hint: this.#hint(state, s, word)};
  }

  /** How much of an order is available, and where it is asked for also how much of it would be alone. @param {Summary} s */
  #share({percentual_disponibilidade: percent, isolado: alone}) {
    const {t} = this.#words;
    return alone && this.tellsBoth ? fill(t.partBoth, percent, alone.percentual_disponibilidade) : fill(t.part, percent);
  }

  /** What a button says on hover, and when its data were read. @param {State} state @param {Summary} s @param {string} degree */
  #hint(state, s, degree) {
    const {t} = this.#words;
    return [
      fill(t.itemsOf, this.#words.number(s.qtd_itens_disponiveis), this.#words.number(s.total_itens)),
      degree && `${t.criticality}: ${degree}`,
      this.#words.both(s),
      s.prioridade ? `${t.priority}: ${this.#words.rank(s)}` : '',
      degree && s.no_prazo ? fill(t.onTime, this.#words.date(s.data_necessidade)) : '',
      state.readAt ? this.#words.readAt(state.readAt) + (state.stale ? ` (${t.older})` : '') : '',
    ].filter(Boolean).join(' · ');
  }
}

/** The progress bar with its actions, how old the data are, and what is wrong at present. */
class Panel {
  #words;
  #now;
  #status = el('span', 'rpt-status');
  #progress = el('progress', '');
  #figures = el('span', 'rpt-figures');
  #note = el('span', 'rpt-note');
  #fresh = el('span', 'rpt-fresh');
  #age = el('span', 'rpt-age');
  #live = el('span', 'rpt-hidden');
  #action = action('rpt-action');
  #select = el('select', 'rpt-select');
  #root = el('div', 'rpt-panel rpt-scope');
  #said = {text: '', alert: false};
  #network = '';
  #readAt = NaN;
  #countdown = new Countdown();
  /** @type {number|undefined} */ #clock;
  /** @type {number|undefined} */ #aging;

  /**
   * @param {Words} words @param {HTMLElement} table
   * @param {{action: () => void, every: (minutes: number) => void, minutes: number, now: () => number}} on @param {AbortSignal} signal
   */
  constructor(words, table, on, signal) {
    this.#words = words;
    this.#now = on.now;
    const {t} = words;
    this.#progress.setAttribute('aria-label', t.progress);
    this.#live.setAttribute('role', 'status');
    this.#live.setAttribute('aria-live', 'polite');
    this.#action.textContent = t.again;
    this.#fresh.textContent = t.unread;
    for (const minutes of [0, 1, 5, 15]) this.#select.add(new Option(minutes ? fill(t.minutes, minutes) : t.off, String(minutes)));
    this.#select.value = String(on.minutes);
    this.#action.addEventListener('click', on.action, {signal});
    this.#select.addEventListener('change', () => on.every(Number(this.#select.value)), {signal});
    document.addEventListener('visibilitychange', () => this.#grow(), {signal});
    this.#root.append(
      el('div', 'rpt-report', el('div', 'rpt-line', this.#status, this.#figures), this.#progress,
        el('div', 'rpt-line rpt-small', el('span', 'rpt-read', this.#fresh, ' ', this.#age), this.#note)),
      el('div', 'rpt-actions', el('label', 'rpt-auto', t.auto, this.#select), this.#action), this.#live);
    const place = document.querySelector('[data-ruptura-painel]');
    if (place) place.append(this.#root); else table.before(this.#root);
  }

  /** To those who do not see the page. @param {string} text */
  say(text) { this.#live.textContent = text; }

  /** One line beside the age of the data. @param {string} text @param {boolean} [alert] whether something is wrong */
  note(text, alert = false) {
    this.#countdown.stop();
    this.#said = {text, alert};
    this.#draw();
  }

  /** A note that counts the seconds. @param {string} template @param {number} seconds */
  countdown(template, seconds) {
    this.say(fill(template, seconds));
    this.#countdown.start(seconds, (left) => {
      this.#said = {text: fill(template, left), alert: true};
      this.#draw();
    });
  }

  /** What the browser says of the network stands before any other note. @param {string} text */
  network(text) {
    if (text && text !== this.#network) this.say(text);
    this.#network = text;
    this.#draw();
  }

  /** Shows a run as it stands. @param {Run} run */
  show(run) {
    const {t} = this.#words;
    const running = run.phase === 'starting' || run.phase === 'running';
    this.#status.textContent = t[run.phase];
    if (run.phase === 'starting') this.#progress.removeAttribute('value');
    else {
      const {total, processed} = run.counts;
      this.#progress.max = Math.max(total, 1);
      this.#progress.value = processed;
    }
    this.#action.textContent = running ? t.cancel : run.phase === 'broken' ? t.tryAgain : t.again;
    if (run.readAt) this.#read(run.readAt);
    this.#count(run);
    clearTimeout(this.#clock);
    if (running) this.#clock = window.setTimeout(() => this.show(run), 1000);
  }

  remove() {
    clearTimeout(this.#clock);
    clearTimeout(this.#aging);
    this.#countdown.stop();
    this.#root.remove();
  }

  #draw() {
    const {text, alert} = this.#network ? {text: this.#network, alert: true} : this.#said;
    this.#note.replaceChildren(...(alert && text ? [icon('rpt-icon', SHAPES.alert)] : []), el('span', '', text));
    this.#note.toggleAttribute('data-alerta', alert);
    this.#note.title = text;
  }

  /** @param {string} instant */
  #read(instant) {
    const at = Date.parse(instant);
    if (at === this.#readAt) return;
    this.#readAt = at;
    this.#fresh.textContent = this.#words.readAt(at);
    this.#grow();
  }

  /** Says the age of the data, and again each time it is a minute more. A hidden page waits until it is seen. */
  #grow() {
    clearTimeout(this.#aging);
    if (document.hidden || Number.isNaN(this.#readAt)) return;
    const age = Math.max(this.#now() - this.#readAt, 0);
    this.#age.textContent = `· ${this.#words.age(age)}`;
    this.#fresh.textContent = this.#words.readAt(this.#readAt);
    this.#aging = window.setTimeout(() => this.#grow(), 60_000 - age % 60_000);
  }

  /** @param {Run} run */
  #count(run) {
    const {t} = this.#words;
    const {total, processed, errors} = run.counts;
    if (!run.total) return void (this.#figures.textContent = '');
    const parts = [fill(t.count, this.#words.number(processed), this.#words.number(total)),
      `${Math.floor(processed / total * 100)}%`, this.#elapsed(run)];
    if (errors) parts.splice(2, 0, fill(t.errors, this.#words.number(errors)));
    this.#figures.textContent = parts.join(' · ');
  }

  /** @param {Run} run */
  #elapsed(run) {
    const seconds = run.elapsed / 1000;
    if (seconds >= 60) return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')} min`;
    return `${this.#words.number(run.ended ? Math.max(Math.round(seconds * 10) / 10, 0.1) : Math.floor(seconds))} s`;
  }
}

/** @typedef {{total: number, processed: number, errors: number}} Counts of orders */
/** @type {Counts} */
const NOTHING = Object.freeze({total: 0, processed: 0, errors: 0});

/** One analysis of many orders, from request to last event. */
class Run {
  /** @type {'starting'|'running'|'done'|'cancelled'|'broken'|'nothing'} */ phase = 'starting';
  id = '';
  total = 0;
  processed = 0;
  errors = 0;
  /** Items available in all orders together. */ available = 0;
  /** Whether the short products that come begin a new sum. */ freshSum = true;
  /** @type {Mode} */ mode = 'stream';
  /** @type {string|undefined} */ readAt;
  /** @type {number|undefined} */ duration;
  ended = false;
  /** Whether only rows that came later are analysed. */ partial = false;
  /** What was analysed already, to which new rows are added. @type {Counts} */ before = NOTHING;
  /** Orders whose results came, shown or not yet, so that a repeated session counts none twice. @type {Set<string>} */ received = new Set();
  /** Whether the page was told that it has begun. */ begun = false;
  abort = new AbortController();
  #startedAt = performance.now();

  /** What has been analysed so far, with what this analysis adds to. @returns {Counts} */
  get counts() {
    const {total, processed, errors} = this.before;
    return {total: total + this.total, processed: processed + this.processed, errors: errors + this.errors};
  }

  get elapsed() { return this.duration ?? performance.now() - this.#startedAt; }

  /** @param {'done'|'cancelled'|'broken'|'nothing'} phase */
  end(phase) {
    this.phase = phase;
    this.duration = this.elapsed;
    this.ended = true;
  }
}

// === The dialog ===============================================================================================

/** @param {string} name @param {...(Node|string)} value */
const fact = (name, ...value) => el('div', 'rpt-fact', el('dt', '', name), el('dd', '', ...value));

/**
 * Tabs with their pages, each made when it is first chosen.
 * @param {{id: string, chosen: number, onChoose?: (i: number) => void}} options
 * @param {{name: string, count?: string, className: string, make: () => Node}[]} pages
 * @returns {HTMLElement[]} the list of tabs and the pages
 */
function tabs({id, chosen, onChoose}, pages) {
  const list = part('div', 'tablist', 'rpt-tabs');
  const buttons = pages.map(({name, count}, i) => {
    const tab = action('rpt-tab', name, ...(count === undefined ? [] : [' ', el('b', '', count)]));
    tab.id = `${id}-tab-${i}`;
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-controls', `${id}-page-${i}`);
    return tab;
  });
  const panels = pages.map(({className}, i) => {
    const panel = part('div', 'tabpanel', `rpt-page ${className}`);
    panel.id = `${id}-page-${i}`;
    panel.tabIndex = 0;
    panel.setAttribute('aria-labelledby', buttons[i].id);
    return panel;
  });
  /** @param {number} now */
  const select = (now) => {
    buttons.forEach((tab, i) => {
      tab.setAttribute('aria-selected', String(i === now));
      tab.tabIndex = i === now ? 0 : -1;
      panels[i].hidden = i !== now;
    });
    if (!panels[now].hasChildNodes()) panels[now].append(pages[now].make());
    onChoose?.(now);
  };
  list.append(...buttons);
  list.addEventListener('click', (event) => {
    const i = buttons.findIndex((tab) => tab.contains(/** @type {Node} */ (event.target)));
    if (i >= 0) select(i);
  });
  list.addEventListener('keydown', (event) => {
    const now = buttons.findIndex((tab) => tab.tabIndex === 0);
    const to = {ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: buttons.length - 1}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + buttons.length) % buttons.length;
    select(next);
    buttons[next].focus();
  });
  select(chosen);
  return [list, ...panels];
}

/** What the dialog shows for a time: one order, or one product. */
class View {
  #left = new AbortController();

  /** @param {{title: string, subtitle?: string, order?: string, back?: string, skeleton: string[]}} what */
  constructor(what) { this.what = what; }

  /** Aborted when the view is left. */
  get signal() { return this.#left.signal; }
  leave() { this.#left.abort(); }
}

/** The one dialog, with the view it shows and, behind it, the one to go back to. */
class Dialog {
  #words;
  #root = el('dialog', 'rpt-dialog rpt-scope');
  #title = el('h2', 'rpt-title');
  #fresh = el('span', 'rpt-note');
  #live = part('span', 'status', 'rpt-hidden');
  #body = el('div', 'rpt-body');
  #back = action('rpt-action rpt-back', icon('rpt-icon', SHAPES.back));
  #countdown = new Countdown();
  /** @type {View|null} */ #view = null;
  /** Whether the view has come to what it shows. */ #filled = false;
  /** What was seen before, the latest last. @type {{view: View, fresh: string, nodes: Node[], focus: Element|null}[]} */ #behind = [];

  /** @param {Words} words @param {(order: string|undefined) => void} closed with the order that was shown */
  constructor(words, closed) {
    this.#words = words;
    const close = action('rpt-action', words.t.close);
    close.addEventListener('click', () => this.#root.close());
    this.#back.addEventListener('click', () => this.#goBack());
    this.#title.id = `rpt-title-${randomKey()}`;
    this.#root.setAttribute('aria-labelledby', this.#title.id);
    this.#root.append(el('div', 'rpt-head', this.#back, this.#title, this.#fresh, close), this.#body, this.#live);
    this.#root.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.#behind.length) return;
      event.preventDefault(); // one step back at a time
      this.#goBack();
    });
    this.#root.addEventListener('click', (event) => { if (event.target === this.#root) this.#root.close(); });
    this.#root.addEventListener('close', () => {
      if (this.#root.open) return; // the event comes late: something else is shown already
      const order = this.#view?.what.order;
      this.#leave();
      this.#view = null;
      this.#behind = [];
      closed(order);
    });
  }

  /** Shows a view at once, before anything is known of it. @param {View} view */
  open(view) {
    this.#leave();
    if (!view.what.back) this.#behind = [];
    else if (this.#view && this.#filled) this.#behind.push({
      view: this.#view, fresh: this.#fresh.textContent ?? '', nodes: [...this.#body.childNodes], focus: document.activeElement,
    });
    this.#view = view;
    this.#filled = false;
    this.#entitle(view);
    this.#fresh.textContent = this.#words.t.loading;
    this.#body.setAttribute('aria-busy', 'true');
    this.#body.replaceChildren(el('dl', 'rpt-facts', ...view.what.skeleton.map((name) => fact(name, el('span', 'rpt-skeleton')))));
    if (!this.#root.isConnected) document.body.append(this.#root);
    if (!this.#root.open) this.#root.showModal();
    this.#live.textContent = this.#words.t.loading;
    if (this.#behind.length) this.#back.focus();
  }

  /** The view that another leads back to. */
  get view() { return this.#root.open && this.#filled ? this.#view : null; }

  /** Whether a view is still the one that is seen. @param {View} view */
  shows(view) { return this.#root.open && this.#view === view; }

  /** Says why a view has to wait. @param {View} view @param {string} template @param {number} seconds */
  wait(view, template, seconds) {
    if (!this.shows(view)) return;
    this.#live.textContent = fill(template, seconds);
    this.#countdown.start(seconds, (left) => { this.#fresh.textContent = fill(template, left); });
  }

  /** @param {View} view @param {string} readAt @param {Node[]} nodes */
  fill(view, readAt, nodes) {
    if (!this.shows(view)) return;
    this.#filled = true;
    this.#countdown.stop();
    this.#live.textContent = this.#fresh.textContent = this.#words.readAt(readAt);
    this.#body.removeAttribute('aria-busy');
    this.#body.replaceChildren(...nodes);
  }

  /** @param {View} view @param {string} message @param {() => void} again */
  fail(view, message, again) {
    if (!this.shows(view)) return;
    this.#countdown.stop();
    const button = action('rpt-action', this.#words.t.tryAgain);
    button.addEventListener('click', again, {once: true});
    this.#live.textContent = this.#fresh.textContent = '';
    this.#body.removeAttribute('aria-busy');
    this.#body.replaceChildren(part('div', 'alert', 'rpt-empty', icon('rpt-icon', SHAPES.alert), el('p', '', message), button));
  }

  remove() {
    this.#leave();
    this.#root.close();
    this.#root.remove();
  }

  #leave() {
    this.#countdown.stop();
    this.#view?.leave();
  }

  /** @param {View} view */
  #entitle({what}) {
    this.#title.replaceChildren(what.title, ...(what.subtitle ? [' ', el('small', '', what.subtitle)] : []));
    this.#back.hidden = !what.back;
    this.#back.title = what.back ?? '';
    this.#back.setAttribute('aria-label', what.back ?? '');
  }

  #goBack() {
    const behind = this.#behind.pop();
    if (!behind) return;
    this.#leave();
    this.#filled = true;
    this.#view = behind.view;
    this.#entitle(behind.view);
    this.#live.textContent = this.#fresh.textContent = behind.fresh;
    this.#body.removeAttribute('aria-busy');
    this.#body.replaceChildren(...behind.nodes);
    if (behind.focus instanceof HTMLElement) behind.focus.focus();
  }
}

// === The details of an order ==================================================================================

/** One order in full: summary, and items with why each is short. */
class Details {
  #words;
  #project;
  #link;

  /**
   * @param {Words} words @param {(item: Item, wanted: Wanted) => void} project opens a product's projection
   * @param {(order: string, from: string) => HTMLElement} link leads to an order, from the details of another
   */
  constructor(words, project, link) {
    this.#words = words;
    this.#project = project;
    this.#link = link;
  }

  /** Names of the figures of the summary, for while they are not known. @param {Words} words */
  static skeleton({t}) { return [t.criticality, t.availability, t.total, t.valueOk, t.valueShort, t.totalOn, t.need]; }

  /** @param {Result} result @returns {HTMLElement[]} */
  nodes(result) {
    const {t} = this.#words;
    const short = [...result.itens ?? []].sort((a, b) => b.valor_total - a.valor_total); // what is lost most comes first
    const available = result.itens_disponiveis ?? [];
    const pages = [{name: t.short, items: short}, {name: t.available, items: available}, {name: t.all, items: [...short, ...available]}];
    return [this.#facts(result.resumo, result.pedido_ok), ...this.#versus(result.resumo), ...tabs({id: `rpt-${randomKey()}`, chosen: short.length ? 0 : 1},
      pages.map(({name, items}) => ({name, count: this.#words.number(items.length), className: '', make: () => this.#table(items, result.resumo)})))];
  }

  /** @param {Summary} s @param {boolean} ok */
  #facts(s, ok) {
    const {t} = this.#words;
    const look = ok ? 'ok' : s.criticidade ?? 'none';
    const badge = el('span', 'rpt-badge', icon('rpt-icon', SHAPES[/** @type {keyof SHAPES} */ (look)] ?? ''));
    badge.append(' ', ok ? t.ok : t[/** @type {'ALTA'} */ (look)] ?? look);
    const degree = fact(t.criticality, badge);
    degree.dataset.estado = look;
    return el('dl', 'rpt-facts', degree,
      fact(t.availability, `${s.valor_total_pedido ? fill(t.ofValue, s.percentual_disponibilidade) : `${s.percentual_disponibilidade}%`} `, el('small', '', fill(t.itemsOf, s.qtd_itens_disponiveis, s.total_itens))),
      fact(t.total, this.#words.money(s.valor_total_pedido)),
      fact(t.valueOk, this.#words.money(s.valor_disponivel)),
      fact(t.valueShort, this.#words.money(s.valor_com_ruptura)),
      fact(t.totalOn, this.#words.total(s)),
      fact(t.need, this.#words.date(s.data_necessidade) || t.noNeed, ' ', el('small', s.no_prazo === false ? 'rpt-late' : '', this.#punctuality(s))));
  }

  /** What the order would get alone, what it gets among all others, and why that is less. @param {Summary} s */
  #versus(s) {
    const {t} = this.#words;
    const {isolado: alone, causa: cause} = s;
    if (!alone) return [];
    /** @param {{percentual_disponibilidade: number, data_disponibilidade_total: string|null}} one */
    const answer = (one) => [`${one.percentual_disponibilidade}% `, el('small', '', this.#words.whole(one))];
    const versus = el('dl', 'rpt-facts rpt-versus', fact(t.alone, ...answer(alone)), fact(t.competing, ...answer(s)),
      fact(t.because, ...(cause ? [this.#link(cause.num_pedido, s.num_pedido), ' ', el('small', '', this.#takes(cause))] : [t.nobody, ' ', el('small', '', t.sameAnswer)])),
      fact(t.priority, this.#words.rank(s)));
    return [versus];
  }

  /** @param {Cause} cause */
  #takes({cliente: client, qtd: quantity, cod_produto: code, nome_produto: name}) {
    const {t} = this.#words;
    const what = [this.#words.number(quantity), name || code];
    return client ? fill(t.takes, client, ...what) : fill(t.takesUnknown, ...what);
  }

  /** @param {Summary} s */
  #punctuality(s) {
    const {t} = this.#words;
    if (s.no_prazo) return t.isOnTime;
    if (s.no_prazo === false && !s.data_disponibilidade_total) return t.lateOpen;
    if (!s.dias_atraso) return '';
    return s.dias_atraso === 1 ? t.late1 : fill(t.late, s.dias_atraso);
  }

  /** @param {Item[]} items @param {Summary} order */
  #table(items, order) {
    const {t} = this.#words;
    if (!items.length) return el('p', 'rpt-empty', t.noItems);
    const words = new Set([t.code, t.name]);
    const head = part('tr', 'row', '');
    for (const name of [t.code, t.name, t.open, t.stock, t.lowest, t.shortage, t.value, t.receipt, t.on]) head.append(column(name, words.has(name) ? 'rpt-word' : ''));
    head.append(column(el('span', 'rpt-hidden', t.projection)));
    return part('table', 'table', 'rpt-items', part('thead', 'rowgroup', '', head),
      part('tbody', 'rowgroup', '', ...items.flatMap((item, i) => this.#rows(item, order, i === 0))));
  }

  /** An item and, where it is explained, the sum behind it, which opens below. @param {Item} item @param {Summary} order @param {boolean} open */
  #rows(item, order, open) {
    const row = this.#row(item, order);
    const why = item.explicacao;
    if (!why) return [row];
    const {t} = this.#words;
    const cell = part('td', 'cell', '');
    cell.colSpan = 10;
    const account = part('tr', 'row', 'rpt-account', cell);
    const opener = action('rpt-fold', el('span', '', t.account), icon('rpt-icon', SHAPES.more));
    opener.setAttribute('aria-label', fill(t.accountOf, item.nome_produto || item.cod_produto));
    /** @param {boolean} shown */
    const show = (shown) => {
      if (shown && !cell.hasChildNodes()) cell.append(new Account(this.#words, why, (taken) => this.#who(taken, order)).root);
      account.hidden = !shown;
      row.classList.toggle('rpt-unfolded', shown);
      opener.setAttribute('aria-expanded', String(shown));
    };
    opener.addEventListener('click', () => show(account.hidden));
    show(open);
    row.querySelector('.rpt-product')?.append(opener);
    return [row, account];
  }

  /** @param {Item} item @param {Summary} order */
  #row(item, order) {
    const {t} = this.#words;
    /** @param {number|undefined} n */
    const number = (n) => this.#words.number(n);
    const short = (item.ruptura_qtd ?? 0) > 0;
    const none = short ? '' : ' rpt-none';
    const receipt = short && item.data_producao ? `${number(item.qtd_producao)} · ${this.#words.date(item.data_producao)}` : '–';
    return part('tr', 'row', '',
      this.#cell('rpt-word rpt-code', t.code, el('span', 'rpt-digits', item.cod_produto)),
      this.#cell('rpt-word rpt-product', t.name, el('span', 'rpt-name', item.nome_produto), ...(short ? [el('span', 'rpt-why', item.explicacao?.frase ?? this.#why(item))] : [])),
      this.#cell('', t.open, number(item.qtd_saldo)),
      this.#cell('', t.stock, number(item.estoque_atual)),
      this.#cell('', t.lowest, number(item.estoque_min_d7)),
      this.#cell(`rpt-shortage${short ? ' rpt-bad' : none}`, t.shortage, short ? number(item.ruptura_qtd) : '–'),
      this.#cell('rpt-value', t.value, this.#words.money(item.valor_total)),
      this.#cell(`rpt-receipt${none}`, t.receipt, receipt),
      this.#cell('rpt-when', t.on, this.#when(item, short)),
      this.#cell('rpt-open', '', this.#opener(item, order)));
  }

  /**
   * Who takes stock before an order. A reservation without a client is of an order that is not in the book, so that nothing
   * can be opened. @param {Claim} claim @param {Summary} order
   */
  #who({tipo: kind, num_pedido: who, cliente: client}, order) {
    const absent = kind === 'separacao' && client === null;
    return absent ? el('b', '', who) : this.#link(who, order.num_pedido);
  }

  /** @param {Item} item @param {boolean} short */
  #when(item, short) {
    const {t} = this.#words;
    if (item.aguarda_pedido) {
      const mark = el('span', 'rpt-waits', icon('rpt-icon', SHAPES.clock), t.waits);
      mark.title = t.waitsHint;
      return mark;
    }
    if (short && item.entregas?.length) return this.#deliveries(item, item.entregas);
    return !short ? t.now : this.#words.date(item.data_disponivel) || t.noForecast;
  }

  /** The parts in which an item ships, and what of it has no date. @param {Item} item @param {{data: string, qtd: number}[]} parts */
  #deliveries(item, parts) {
    const {t} = this.#words;
    const rest = thousandths(item.qtd_saldo) - total(parts);
    const lines = parts.map(({data, qtd}) => (data === 'agora' ? fill(t.deliveryNow, this.#words.number(qtd)) : fill(t.delivery, this.#words.number(qtd), this.#words.day(data))));
    if (rest > 0) lines.push(fill(t.deliveryNever, this.#words.number(rest / 1000)));
    return el('ul', 'rpt-deliveries', ...lines.map((line) => el('li', '', line)));
  }

  /** @param {Item} item @param {Summary} order */
  #opener(item, order) {
    const {t} = this.#words;
    const button = action('rpt-action rpt-project', icon('rpt-icon', SHAPES.chart), el('span', '', t.projection));
    button.setAttribute('aria-label', fill(t.projectionOf, item.nome_produto || item.cod_produto));
    button.title = fill(t.projectionOf, item.cod_produto);
    button.addEventListener('click', () => this.#project(item, {order: order.num_pedido, quantity: item.qtd_saldo, need: order.data_necessidade, ahead: item.explicacao}));
    return button;
  }

  /** A cell that carries its column's name, for where there is no room for a header. @param {string} className @param {string} label @param {...(Node|string)} children */
  #cell(className, label, ...children) {
    const cell = part('td', 'cell', className, ...children);
    cell.dataset.label = label;
    return cell;
  }

  /** Why an item is short, in one sentence: what keeps the stock from it, and what production does about it. @param {Item} item */
  #why(item) {
    const {t} = this.#words;
    const reasons = [this.#whyStock(item)];
    // Only lines before this one, of the same stock, can leave it less than the lowest that can ship.
    if ((item.qtd_disponivel ?? 0) < Math.min(item.qtd_saldo, Math.max(item.estoque_min_d7, 0))) reasons.push(t.otherLine);
    reasons.push(this.#whyWhen(item));
    if (item.producao_atrasada) reasons.push(fill(t.overdue, this.#words.number(item.producao_atrasada)));
    const sentence = reasons.filter(Boolean).join('; ');
    return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
  }

  /**
   * What keeps stock from this item: what is set aside for other orders, for the order's own is left out of the
   * lowest in the window. @param {Item} item
   */
  #whyStock({estoque_atual: stock, estoque_min_d7: lowest, qtd_saldo: wanted}) {
    const {t} = this.#words;
    if (stock < 0) return fill(t.owed, this.#words.number(stock));
    if (stock === 0) return t.noStock;
    if (lowest < stock) return fill(lowest <= 0 ? t.freeNone : t.freeFew, this.#words.number(stock), this.#words.number(lowest));
    return stock < wanted ? fill(t.tooFew, this.#words.number(stock), this.#words.number(wanted)) : '';
  }

  /** @param {Item} item */
  #whyWhen({data_producao: receipt, qtd_producao: quantity, data_disponivel: on}) {
    const {t} = this.#words;
    if (!receipt) return t.noReceipt;
    const next = [this.#words.number(quantity), this.#words.day(receipt)];
    return on ? fill(t.fromReceipt, ...next, this.#words.day(on)) : fill(t.notEnough, ...next);
  }
}

/** A quantity in thousandths, in which sums are exact. @param {number} quantity */
const thousandths = (quantity) => Math.round(quantity * 1000);

/** @param {{qtd: number}[]} parts @returns {number} in thousandths */
const total = (parts) => parts.reduce((all, {qtd}) => all + thousandths(qtd), 0);

/**
 * Why a line is short, as a sum: a table whose rows are the steps from what is on hand to what is free on the critical day,
 * and on to what is missing. Beside each step stands its bar, so that the rows together are a waterfall.
 */
class Account {
  #words; #why; #link;
  /** Where the balance stands after the steps so far, in thousandths. */ #balance = 0;
  /** @type {{row: HTMLTableRowElement, from: number, to: number, look: string, chained: boolean}[]} */ #steps = [];

  /** @param {Words} words @param {Explanation} why @param {(claim: Claim) => HTMLElement} link names whose a claim is */
  constructor(words, why, link) {
    this.#words = words;
    this.#why = why;
    this.#link = link;
    const {t} = words;
    const names = [t.step, t.quantity, t.drawn].map((name) => column(el('span', 'rpt-hidden', name)));
    const caption = el('caption', '', why.dia_critico === 'agora' ? t.accountNow : fill(t.accountOn, words.date(why.dia_critico)));
    const body = part('tbody', 'rowgroup', '', ...this.#rows());
    this.#draw();
    const head = part('thead', 'rowgroup', 'rpt-hidden', part('tr', 'row', '', ...names));
    this.root = part('table', 'table', 'rpt-sum', caption, head, body);
  }

  #rows() {
    const {t} = this.#words;
    const {dia_critico: critical, linhas_anteriores: before, necessario: needed} = this.#why;
    this.#step(this.#why.estoque, 'rpt-c-can', [t.stock], 'rpt-result');
    for (const {data, libera, qtd} of this.#why.entradas) this.#step(qtd, 'rpt-c-in', [fill(t.production, this.#words.day(data)), ' ', this.#small(fill(t.ready, this.#words.day(libera)))]);
    this.#claims();
    this.#level([0, this.#balance], 'rpt-c-left', critical === 'agora' ? t.freeNow : fill(t.freeOn, this.#words.day(critical)), 'rpt-result');
    const wanted = thousandths(before) + thousandths(needed);
    if (before) this.#level([0, thousandths(before)], 'rpt-c-wanted', t.before);
    this.#level([thousandths(before), wanted], 'rpt-c-wanted', t.needs);
    this.#level([wanted - thousandths(this.#why.falta), wanted], 'rpt-c-short', t.missing, 'rpt-gap');
    return this.#steps.map(({row}) => row);
  }

  /** The first claims, and one step for all others until they are asked for. */
  #claims() {
    const {saidas: claims, saidas_mais: more} = this.#why;
    const few = claims.length <= TUNING.claimsShown + 1;
    const shown = few ? claims : claims.slice(0, TUNING.claimsShown);
    const folded = claims.slice(shown.length);
    for (const taken of shown) this.#step(-taken.qtd, 'rpt-c-out', this.#taken(taken));
    const from = this.#steps.length;
    const balance = this.#balance;
    for (const taken of folded) this.#step(-taken.qtd, 'rpt-c-out', this.#taken(taken));
    const rest = this.#steps.slice(from).map(({row}) => row);
    rest.forEach((row) => { row.hidden = true; });
    if (more.quantos) this.#step(-more.qtd, 'rpt-c-out', [this.#more(more.quantos)]);
    if (!folded.length) return;
    const last = more.quantos ? this.#steps[this.#steps.length - 1].row : null;
    if (last) last.hidden = true;
    this.#fold(balance, folded.length + more.quantos, () => {
      for (const row of [...rest, ...(last ? [last] : [])]) row.hidden = false;
      /** @type {HTMLElement|null} */ (rest[0].querySelector('.rpt-order'))?.focus();
    });
  }

  /** One step in place of many. @param {number} from the balance before them @param {number} count @param {() => void} unfold */
  #fold(from, count, unfold) {
    const button = action('rpt-fold', el('span', '', `${this.#more(count)}: ${this.#words.t.showClaims}`), icon('rpt-icon', SHAPES.more));
    const to = this.#balance;
    const row = this.#row([button], (to - from) / 1000, true, '');
    button.addEventListener('click', () => {
      row.remove();
      unfold();
    });
    this.#steps.push({row, from, to, look: 'rpt-c-out', chained: true});
  }

  /** @param {number} count */
  #more(count) { return count === 1 ? this.#words.t.moreClaims1 : fill(this.#words.t.moreClaims, this.#words.number(count)); }

  /** @param {string} text */
  #small(text) { return el('small', '', text); }

  /** Who takes it, and when. @param {Claim} taken @returns {(Node|string)[]} */
  #taken(taken) {
    const {t} = this.#words;
    const {tipo: kind, lote: lot, cliente: client, data: on} = taken;
    const rest = this.#small([client, kind === 'separacao' ? t.setAside : t.promised,
      on === 'agora' ? t.leavesNow : fill(t.leavesOn, this.#words.day(on))].filter(Boolean).join(' · '));
    if (lot) rest.title = fill(t.lot, lot);
    return [this.#link(taken), ' ', rest];
  }

  /** Moves the balance. @param {number} quantity @param {string} look @param {(Node|string)[]} name @param {string} [className] */
  #step(quantity, look, name, className = '') {
    const from = this.#balance;
    this.#balance += thousandths(quantity);
    this.#steps.push({row: this.#row(name, quantity, look !== 'rpt-c-can', className), from, to: this.#balance, look, chained: true});
  }

  /** A quantity that moves nothing. @param {[number, number]} reach @param {string} look @param {string} name @param {string} [className] */
  #level([from, to], look, name, className = '') {
    this.#steps.push({row: this.#row([name], (to - from) / 1000, false, className), from, to, look, chained: false});
  }

  /** @param {(Node|string)[]} name @param {number} quantity @param {boolean} signed @param {string} className */
  #row(name, quantity, signed, className) {
    const header = part('th', 'rowheader', '', ...name);
    header.scope = 'row';
    const sign = quantity < 0 ? '−' : signed ? '+' : '';
    const number = part('td', 'cell', 'rpt-qty', `${sign}${this.#words.number(Math.abs(quantity))}`);
    number.dataset.qtd = String(quantity);
    return part('tr', 'row', className, header, number, part('td', 'cell', 'rpt-drawn'));
  }

  /** The bar of each step, on one scale for all. */
  #draw() {
    const values = [0, ...this.#steps.flatMap(({from, to}) => [from, to])];
    const low = Math.min(...values);
    const range = Math.max(Math.max(...values) - low, 1);
    /** @param {number} value */
    const x = (value) => (value - low) / range * 1000;
    for (const {row, from, to, look, chained} of this.#steps) {
      const [left, right] = [Math.min(x(from), x(to)), Math.max(x(from), x(to))];
      const marks = [svg('line', {class: 'rpt-c-axis', x1: x(0), x2: x(0), y1: 0, y2: 20}), svg('rect', {class: look, x: left, y: 4, width: Math.max(right - left, 3), height: 12})];
      if (chained) marks.push(svg('line', {x1: x(to), x2: x(to), y1: 4, y2: 24}));
      row.cells[2].append(svg('svg', {class: 'rpt-steps', viewBox: '0 0 1000 20', preserveAspectRatio: 'none', 'aria-hidden': 'true'}, ...marks));
    }
  }
}

/** The head of a column. @param {Node|string} name @param {string} [className] */
function column(name, className = '') {
  const cell = part('th', 'columnheader', className, name);
  cell.scope = 'col';
  return cell;
}

// === The projection of a product ==============================================================================

/** A product day by day: what it comes to, a chart and a table. */
class ProjectionPage {
  #words;
  #p;
  #wanted;

  /** @param {Words} words @param {Projection} p @param {Wanted|undefined} wanted */
  constructor(words, p, wanted) {
    this.#words = words;
    this.#p = p;
    this.#wanted = wanted;
  }

  /** Names of the figures, for while they are not known. @param {Words} words */
  static skeleton({t}) {
    return [t.stockNow, t.lowestDay, t.firstNegative, fill(t.outTotal, TUNING.projectionDays), fill(t.inTotal, TUNING.projectionDays)];
  }

  /** @param {number} chosen 0 the chart, 1 the table @param {(i: number) => void} onChoose @returns {HTMLElement[]} */
  nodes(chosen, onChoose) {
    const {t} = this.#words;
    const pages = tabs({id: `rpt-${randomKey()}`, chosen, onChoose}, [
      {name: t.chart, className: 'rpt-both', make: () => new Chart(this.#words, this.#p, this.#wanted).root},
      {name: t.table, className: 'rpt-both', make: () => new DayTable(this.#words, this.#p, this.#wanted).root},
    ]);
    // On paper both are wanted, whichever is seen.
    if (chosen === 0) pages[2].append(new DayTable(this.#words, this.#p, this.#wanted).root);
    else pages[1].append(new Chart(this.#words, this.#p, this.#wanted).root);
    return [this.#facts(), ...this.#remarks(), ...pages];
  }

  #facts() {
    const {t} = this.#words;
    const {menor_saldo: lowest, primeiro_dia_negativo: negative, dias: days} = this.#p;
    /** @param {number} n */
    const number = (n) => this.#words.number(n);
    const facts = [
      fact(t.stockNow, number(this.#p.estoque_atual)),
      fact(t.lowestDay, number(lowest.saldo_final), ' ', el('small', '', fill(t.ofStock, this.#words.day(lowest.data)))),
      fact(t.firstNegative, ...(negative ? [icon('rpt-icon rpt-late', SHAPES.CRITICA), ' ', this.#words.date(negative)] : [t.none])),
      fact(fill(t.outTotal, days.length), number(this.#p.total_saidas)),
      fact(fill(t.inTotal, days.length), number(this.#p.total_entradas)),
    ];
    if (this.#wanted) {
      const {quantity, need} = this.#wanted;
      facts.push(fact(t.thisOrder, fill(t.wants, number(quantity)), ' ', el('small', '', need ? fill(t.ofStock, this.#words.day(need)) : t.noNeed)));
    }
    return el('dl', 'rpt-facts rpt-six', ...facts);
  }

  /** What the figures alone do not tell, in words. */
  #remarks() {
    const {t} = this.#words;
    const {codigos_unificados: codes, separacoes_atrasadas: overdueOut, producao_atrasada: overdueIn} = this.#p;
    const own = this.#ownReservations();
    const more = this.#wanted?.ahead?.saidas_mais;
    const remarks = [
      codes.length > 1 ? fill(t.unified, codes.join(', ')) : '',
      overdueOut ? fill(t.overdueOut, this.#words.number(overdueOut)) : '',
      overdueIn ? fill(t.overdueIn, this.#words.number(overdueIn)) : '',
      own ? fill(t.own, this.#words.number(own)) : '',
      more?.quantos ? fill(t.aheadMore, this.#words.number(more.quantos), this.#words.number(more.qtd)) : '',
    ].filter(Boolean);
    return remarks.length ? [el('ul', 'rpt-remarks', ...remarks.map((remark) => el('li', '', remark)))] : [];
  }

  /** What the order itself has set aside of the product, in thousandths so that it adds up exactly. */
  #ownReservations() {
    const order = this.#wanted?.order;
    let sum = 0;
    for (const day of this.#p.dias) for (const r of day.separacoes ?? []) if (r.num_pedido === order) sum += Math.round(r.qtd * 1000);
    return sum / 1000;
  }
}

/** @typedef {ReadonlyMap<string, number>} Ahead what comes before an order, by day */

/** What comes before an order of a product, by day. @param {Projection} p @param {Wanted|undefined} wanted @returns {Ahead|undefined} undefined where nothing does */
function aheadOf({dias: days}, wanted) {
  const claims = wanted?.ahead?.saidas ?? [];
  const byDay = new Map();
  for (const {data, qtd} of claims) {
    const day = data === 'agora' ? days[0].data : data;
    byDay.set(day, (byDay.get(day) ?? 0) + thousandths(qtd));
  }
  for (const [day, quantity] of byDay) byDay.set(day, quantity / 1000);
  return claims.length ? byDay : undefined;
}

/** The figures of a day with their names, in the order in which they follow. @param {Words} words @param {Day} day @param {Ahead} [ahead] @returns {[string, number][]} */
const dayFigures = ({t}, day, ahead) => [[t.opening, day.saldo_inicial], [t.out, day.saidas], [t.balance, day.saldo],
  [t.in, day.entradas], [t.closing, day.saldo_final], [t.canShip, day.disponivel], .../** @type {[string, number][]} */ (ahead ? [[t.ahead, ahead.get(day.data) ?? 0]] : [])];

/** The projection as a table; who takes what leaves on a day opens below it. */
class DayTable {
  #words;
  #order;
  #ahead;

  /** @param {Words} words @param {Projection} p @param {Wanted|undefined} wanted by an order, whose own reservations are marked */
  constructor(words, p, wanted) {
    this.#words = words;
    this.#order = wanted?.order;
    this.#ahead = aheadOf(p, wanted);
    const {t} = words;
    const head = part('tr', 'row', '', column(t.day, 'rpt-word'), ...dayFigures(words, p.dias[0], this.#ahead).map(([name]) => column(name)));
    this.root = el('div', 'rpt-scroll', part('table', 'table', 'rpt-days', part('thead', 'rowgroup', '', head),
      part('tbody', 'rowgroup', '', ...p.dias.flatMap((day, i) => this.#rows(day, i, p.codigos_unificados.length > 1)))));
  }

  /** @param {Day} day @param {number} i @param {boolean} manyCodes */
  #rows(day, i, manyCodes) {
    const {t} = this.#words;
    const name = part('th', 'rowheader', 'rpt-word', this.#words.weekday(day.data), ...(i === 0 ? [el('span', 'rpt-today', ` · ${t.today}`)] : []));
    name.scope = 'row';
    const row = part('tr', 'row', day.negativo ? 'rpt-below' : '', name, ...dayFigures(this.#words, day, this.#ahead).map(([, n]) => this.#figure(n)));
    const reservations = day.separacoes ?? [];
    if (!reservations.length) return [row];
    const list = this.#list(reservations, manyCodes);
    row.cells[2].replaceChildren(this.#opener(day, list));
    return [row, list];
  }

  /** @param {number} n */
  #figure(n) {
    const {t} = this.#words;
    const below = n < 0 ? [icon('rpt-icon', SHAPES.CRITICA), el('span', 'rpt-hidden', `${t.underNegative} `)] : [];
    return part('td', 'cell', n < 0 ? 'rpt-bad rpt-late' : n === 0 ? 'rpt-zero' : '', ...below, this.#words.number(n));
  }

  /** @param {Day} day @param {HTMLElement} list */
  #opener(day, list) {
    const opener = action('rpt-more', icon('rpt-icon', SHAPES.more), this.#words.number(day.saidas));
    opener.setAttribute('aria-expanded', 'false');
    opener.setAttribute('aria-label', fill(this.#words.t.whoTakes, this.#words.number(day.saidas), this.#words.weekday(day.data)));
    opener.addEventListener('click', () => {
      list.hidden = !list.hidden;
      opener.setAttribute('aria-expanded', String(!list.hidden));
    });
    return opener;
  }

  /** @param {Reservation[]} reservations @param {boolean} manyCodes */
  #list(reservations, manyCodes) {
    const {t} = this.#words;
    const items = reservations.map((r) => {
      const rest = [r.lote ? fill(t.lot, r.lote) : '', r.expedicao ? fill(t.shipsOn, this.#words.date(r.expedicao)) : t.noShipDate,
        manyCodes ? `${t.code} ${r.cod_produto}` : '', r.num_pedido === this.#order ? t.thisOrder : ''].filter(Boolean);
      return el('li', '', el('b', '', fill(t.takenBy, r.num_pedido, this.#words.number(r.qtd))), ` · ${rest.join(' · ')}`);
    });
    const cell = part('td', 'cell', 'rpt-takers', el('ul', '', ...items));
    cell.colSpan = this.#ahead ? 8 : 7;
    const row = part('tr', 'row', '', cell);
    row.hidden = true;
    return row;
  }
}

/** Round steps that cover a range. @param {number} low @param {number} high @param {number} about how many */
function steps(low, high, about) {
  const rough = Math.max(high - low, 0.001) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((m) => m * power >= rough) ?? 10) * power;
  const from = Math.floor(low / step);
  const to = Math.max(Math.ceil(high / step), from + 1);
  return Array.from({length: to - from + 1}, (_, i) => Number(((from + i) * step).toPrecision(12)));
}

/**
 * The projection as a chart, drawn for the width it has: bars for what can ship, a line for what the warehouse
 * holds, marks for what comes and goes. A slider under it chooses the day whose figures are read out.
 */
class Chart {
  #words; #p; #wanted; #ahead;
  #svg = svg('svg', {class: 'rpt-chart', role: 'img'});
  #band = svg('rect', {class: 'rpt-c-band'});
  #scrub = el('input', 'rpt-scrub');
  #date = el('p', 'rpt-date');
  /** @type {HTMLElement[]} */ #values = [];
  /** Left edge of the plot and width of a day. */ #frame = {left: 0, slot: 0};
  #width = 0;

  /** @param {Words} words @param {Projection} p @param {Wanted|undefined} wanted */
  constructor(words, p, wanted) {
    this.#words = words;
    this.#p = p;
    this.#wanted = wanted;
    this.#ahead = aheadOf(p, wanted);
    this.#svg.setAttribute('aria-label', this.#description());
    const names = dayFigures(words, p.dias[0], this.#ahead);
    this.#values = names.map(() => el('dd', ''));
    const readout = el('div', `rpt-readout${this.#ahead ? ' rpt-seven' : ''}`, this.#date,
      el('dl', '', ...names.map(([name], i) => el('div', '', el('dt', '', name), this.#values[i]))));
    readout.setAttribute('aria-hidden', 'true'); // the slider says the same
    const box = el('div', 'rpt-plot', this.#svg, this.#scrub);
    this.root = el('div', 'rpt-figure', this.#legend(), box, readout);
    if (this.#flat) {
      this.root.classList.add('rpt-flat');
      box.append(this.#nothing());
    }
    this.#listen();
    this.#draw(960);
    this.#select(Math.max(p.dias.findIndex((day) => day.data === p.primeiro_dia_negativo), 0));
    new ResizeObserver(([entry]) => this.#draw(Math.floor(entry.contentRect.width))).observe(box);
  }

  #listen() {
    const scrub = this.#scrub;
    scrub.type = 'range';
    scrub.min = '0';
    scrub.max = String(this.#p.dias.length - 1);
    scrub.setAttribute('aria-label', this.#words.t.chooseDay);
    scrub.addEventListener('input', () => this.#select(Number(scrub.value)));
    const point = (/** @type {PointerEvent} */ event) => {
      const x = event.clientX - this.#svg.getBoundingClientRect().left - this.#frame.left;
      this.#select(Math.min(Math.max(Math.floor(x / this.#frame.slot), 0), this.#p.dias.length - 1));
    };
    this.#svg.addEventListener('pointermove', point);
    this.#svg.addEventListener('pointerdown', point);
  }

  /** Reads a day out. @param {number} i */
  #select(i) {
    const day = this.#p.dias[i];
    const {t} = this.#words;
    const figures = dayFigures(this.#words, day, this.#ahead);
    const name = this.#words.weekday(day.data) + (i === 0 ? ` · ${t.today}` : '');
    this.#scrub.value = String(i);
    this.#scrub.setAttribute('aria-valuetext', `${name}: ${figures.map(([label, n]) => `${label} ${this.#words.number(n)}`).join(', ')}${day.negativo ? `, ${t.underNegative}` : ''}`);
    this.#date.replaceChildren(name, ...(day.negativo ? [' ', el('span', 'rpt-late', icon('rpt-icon', SHAPES.CRITICA), ` ${t.underNegative}`)] : []));
    figures.forEach(([, n], f) => {
      this.#values[f].textContent = this.#words.number(n);
      this.#values[f].classList.toggle('rpt-late', n < 0);
    });
    this.#band.setAttribute('x', String(this.#frame.left + i * this.#frame.slot));
  }

  /** Whether there is nothing to draw: no stock, and nothing that comes or goes. */
  get #flat() { return this.#p.dias.every((day) => !day.saldo_inicial && !day.saidas && !day.entradas); }

  /** What stands in the place of a line that never leaves zero. */
  #nothing() {
    const {t} = this.#words;
    const {producao_atrasada: overdue, dias: days} = this.#p;
    return el('p', 'rpt-nothing', el('b', '', fill(t.flat, days.length)), ' ', overdue ? fill(t.flatOverdue, this.#words.number(overdue)) : t.flatAsk);
  }

  #legend() {
    const {t} = this.#words;
    /** @param {string} name @param {SVGElement} mark */
    const entry = (name, mark) => el('li', '', svg('svg', {class: 'rpt-swatch', viewBox: '0 0 16 16', 'aria-hidden': 'true'}, mark), name);
    const entries = [
      entry(t.canShip, svg('rect', {class: 'rpt-c-can', x: 2, y: 3, width: 12, height: 10, rx: 1})),
      entry(t.inWarehouse, svg('path', {class: 'rpt-c-pab', d: 'M0 11h8V5h8'})),
      entry(t.in, svg('path', {class: 'rpt-c-in', d: 'M8 3l6 10H2z'})),
      entry(t.out, svg('path', {class: 'rpt-c-out', d: 'M8 13L2 3h12z'})),
    ];
    if (this.#wanted) entries.push(entry(`${t.thisOrder}: ${fill(t.wants, this.#words.number(this.#wanted.quantity))}`, svg('path', {class: 'rpt-c-need', d: 'M0 8h16'})));
    if (this.#ahead) entries.push(entry(fill(t.aheadOf, this.#words.number(total(this.#wanted?.ahead?.saidas ?? []) / 1000)), svg('path', {class: 'rpt-c-ahead', d: 'M8 2l6 6-6 6-6-6z'})));
    return el('ul', 'rpt-legend', ...entries);
  }

  /** The chart in a few sentences, for those who do not see it. */
  #description() {
    const {t} = this.#words;
    const {dias: days, menor_saldo: lowest, primeiro_dia_negativo: negative} = this.#p;
    return fill(t.described, days.length, this.#words.date(days[0].data), this.#words.date(days[days.length - 1].data),
      this.#words.number(this.#p.estoque_atual), this.#words.number(lowest.saldo_final), this.#words.date(lowest.data),
      negative ? fill(t.describedNegative, this.#words.date(negative)) : t.describedNone);
  }

  /** @param {number} about how many */
  #ticks(about) {
    const wanted = this.#wanted?.quantity ?? 0;
    if (this.#flat) return [0, wanted || 1];
    const values = [0, wanted, ...this.#p.dias.flatMap((day) => [day.disponivel, day.saldo_final])];
    return steps(Math.min(...values), Math.max(...values), about);
  }

  /** @param {number} width in pixels, so that words keep their size */
  #draw(width) {
    if (width <= 0 || width === this.#width) return;
    this.#width = width;
    const days = this.#p.dias;
    const flat = this.#flat;
    const ticks = this.#ticks(width < 560 ? 4 : 5);
    const lanes = this.#lanes(days[0]).length;
    const left = 14 + 6.5 * Math.max(2.5 * lanes, 6, ...ticks.map((n) => this.#words.compact(n).length));
    const slot = (width - left - 6) / days.length;
    const numbered = days.every((day) => this.#lanes(day).every((n) => this.#words.compact(n).length * 6.4 <= slot));
    const lane = flat ? 0 : numbered ? 27 : 17;
    const top = this.#wanted?.need && this.#p.primeiro_dia_negativo ? 38 : 22; // one line for each of its words
    const plot = flat ? 130 : width < 560 ? 170 : 220;
    const height = top + plot + 8 + lanes * lane + 20;
    const [low, high] = [ticks[0], ticks[ticks.length - 1]];
    const shape = {left, slot, lane, lanes, numbered, top, plot, width, height, y: (/** @type {number} */ v) => top + (high - v) / (high - low) * plot};
    this.#frame = {left, slot};
    this.#svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.#svg.replaceChildren(...this.#weekends(shape), this.#place(shape), ...this.#grid(shape, ticks), ...this.#bars(shape), this.#warehouse(shape),
      svg('path', {class: 'rpt-c-zero', d: `M${left} ${shape.y(0)}H${width - 6}`}), ...this.#need(shape), ...this.#flag(shape),
      ...(flat ? [] : Array.from({length: lanes}, (_, i) => this.#marks(shape, i)).flat()), ...this.#days(shape));
  }

  /** @typedef {{left: number, slot: number, lane: number, lanes: number, numbered: boolean, top: number, plot: number, width: number, height: number, y: (v: number) => number}} Shape */

  /** Puts the slider's thumb under the middle of its day, and the band of the day that is read out. @param {Shape} shape */
  #place({left, slot, top, plot, lane, lanes}) {
    const thumb = 16;
    this.#scrub.style.setProperty('margin-inline-start', `${left + slot / 2 - thumb / 2}px`, 'important');
    this.#scrub.style.setProperty('inline-size', `${slot * (this.#p.dias.length - 1) + thumb}px`, 'important');
    for (const [name, value] of Object.entries({x: left + Number(this.#scrub.value) * slot, y: top, width: slot, height: plot + 8 + lanes * lane})) {
      this.#band.setAttribute(name, String(value));
    }
    return this.#band;
  }

  /** @param {Shape} shape */
  #weekends({left, slot, top, plot}) {
    return this.#p.dias.flatMap((day, i) => ([0, 6].includes(new Date(day.data).getUTCDay())
      ? [svg('rect', {class: 'rpt-c-weekend', x: left + i * slot, y: top, width: slot, height: plot})] : []));
  }

  /** @param {Shape} shape @param {number[]} ticks */
  #grid({left, width, y}, ticks) {
    return ticks.flatMap((n) => [svg('path', {class: 'rpt-c-grid', d: `M${left} ${y(n)}H${width - 6}`}),
      svg('text', {class: 'rpt-c-text', x: left - 8, y: y(n) + 4, 'text-anchor': 'end'}, this.#words.compact(n))]);
  }

  /** @param {Shape} shape */
  #bars({left, slot, y}) {
    const gap = Math.max(slot * 0.14, 1);
    return this.#p.dias.flatMap(({disponivel: n}, i) => (n === 0 ? [] : [svg('rect', {
      class: n < 0 ? 'rpt-c-short' : 'rpt-c-can', x: left + i * slot + gap, width: slot - 2 * gap,
      y: Math.min(y(n), y(0)), height: Math.max(Math.abs(y(n) - y(0)), 1),
    })]));
  }

  /** @param {Shape} shape */
  #warehouse({left, slot, y}) {
    return svg('path', {class: 'rpt-c-pab', d: this.#p.dias.map((day, i) => `${i ? 'V' : `M${left} `}${y(day.saldo_final)}H${left + (i + 1) * slot}`).join('')});
  }

  /** How much the order wants, and when. @param {Shape} shape */
  #need({left, slot, width, top, plot, y}) {
    if (!this.#wanted) return [];
    const {quantity, need} = this.#wanted;
    const nodes = [svg('path', {class: 'rpt-c-need', d: `M${left} ${y(quantity)}H${width - 6}`})];
    const i = this.#p.dias.findIndex((day) => day.data === need);
    if (i < 0 || this.#flat) return nodes;
    const x = left + (i + 0.5) * slot;
    return [...nodes, svg('path', {class: 'rpt-c-need', d: `M${x} ${top}V${top + plot}`}), this.#label('rpt-c-needed', SHAPES.clock, this.#words.t.orderNeed, {x, y: top - 17, width})];
  }

  /** @param {Shape} shape */
  #flag({left, slot, width, top, plot}) {
    const i = this.#p.dias.findIndex((day) => day.data === this.#p.primeiro_dia_negativo);
    if (i < 0) return [];
    const x = left + i * slot;
    const text = `${this.#words.t.negative} ${this.#words.day(this.#p.dias[i].data)}`;
    return [svg('path', {class: 'rpt-c-flagline', d: `M${x} ${top}V${top + plot}`}), this.#label('rpt-c-flag', SHAPES.CRITICA, text, {x, y: 2, width})];
  }

  /**
   * A word with its shape above the plot, where there is room for it.
   * @param {string} className @param {string} shape @param {string} text @param {{x: number, y: number, width: number}} place
   */
  #label(className, shape, text, {x, y, width}) {
    const at = Math.min(x, width - text.length * 6.6 - 22);
    return svg('g', {class: className}, svg('path', {d: shape, transform: `translate(${at} ${y}) scale(.75)`}), svg('text', {x: at + 16, y: y + 10}, text));
  }

  /** What comes and goes on a day, and what comes before the order. @param {Day} day */
  #lanes(day) { return [day.entradas, day.saidas, ...(this.#ahead ? [this.#ahead.get(day.data) ?? 0] : [])]; }

  /** The lane of what comes (0), goes (1), or comes before the order (2). @param {Shape} shape @param {number} which */
  #marks({left, slot, lane, numbered, top, plot}, which) {
    const {t} = this.#words;
    const y = top + plot + 10 + which * lane;
    /** @type {SVGElement[]} */
    const nodes = [svg('text', {class: 'rpt-c-text', x: left - 8, y: y + 10, 'text-anchor': 'end'}, [t.in, t.out, t.ahead][which])];
    for (const [i, day] of this.#p.dias.entries()) {
      const n = this.#lanes(day)[which];
      if (!n) continue;
      const x = left + (i + 0.5) * slot;
      const half = Math.min(5, slot / 2 - 0.5);
      nodes.push(svg('path', {class: ['rpt-c-in', 'rpt-c-out', 'rpt-c-ahead'][which], d: [
        `M${x - half} ${y + 11}h${2 * half}L${x} ${y + 2}z`, `M${x - half} ${y + 2}h${2 * half}L${x} ${y + 11}z`,
        `M${x} ${y + 1}l${half} ${5.5}l${-half} ${5.5}l${-half} ${-5.5}z`][which]}));
      if (numbered) nodes.push(svg('text', {class: 'rpt-c-count', x, y: y + 22, 'text-anchor': 'middle'}, this.#words.compact(n)));
    }
    return nodes;
  }

  /** @param {Shape} shape */
  #days({left, slot, height}) {
    const each = [1, 2, 4, 7, 14].find((n) => n * slot >= 44) ?? 14;
    return this.#p.dias.flatMap((day, i) => (i % each ? [] : [svg('text', {
      class: i ? 'rpt-c-text' : 'rpt-c-text rpt-c-today', x: left + (i + 0.5) * slot, y: height - 5, 'text-anchor': 'middle',
    }, i ? this.#words.day(day.data) : this.#words.t.today)]));
  }
}

// === The client =================================================================================================

/** @type {WeakMap<Element, RupturaWorkerClient>} */
const owners = new WeakMap();
/** @type {CSSStyleSheet|undefined} */
let sheet;

/**
 * The style with each declaration important: among themselves they weigh as before, but what a host page says of all
 * its buttons, cells or dialogs, important or not, does not reach ours.
 */
const steadfast = () => STYLE.replace(/(:[^;{}]*[^;{}\s])(?<!!important)(?=\s*[;}])/g, '$1 !important');

/** The document's sheet of this script, adopted once. */
function adoptStyle() {
  if (sheet) return;
  sheet = new CSSStyleSheet();
  sheet.replaceSync(steadfast());
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/**
 * Tells whether an element can be seen at present, in the window and in what scrolls around a table.
 * @param {Element|null} table @returns {(element: Element) => boolean}
 */
function visiblePart(table) {
  let [top, bottom] = [0, window.innerHeight];
  for (let around = table?.parentElement; around && around !== document.body; around = around.parentElement) {
    if (getComputedStyle(around).overflowY === 'visible') continue;
    const box = around.getBoundingClientRect();
    [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
  }
  return (element) => {
    const box = element.getBoundingClientRect();
    return box.height > 0 && box.bottom > top && box.top < bottom;
  };
}

let warnedOfOlder = false;

/** Says, once on a page, what is left on it of an older script. @param {string} found */
function warnOfOlder(found) {
  if (warnedOfOlder) return;
  warnedOfOlder = true;
  console.warn(fill(new Words(document.documentElement.lang || 'pt').t.olderScript, found));
}

/** Analyses the orders of one table and keeps its buttons up to date. */
class RupturaWorkerClient {
  #api; #words; #selector;
  #warned = false;
  /** @type {HTMLElement|null} */ #table = null;
  /** @type {AbortController|null} */ #life = null;
  /** @type {Panel|null} */ #panel = null;
  /** @type {Buttons} */ #buttons;
  /** @type {Dialog|null} */ #dialog = null;
  #details;
  /** @type {Run|null} */ #run = null;
  /** What the last analysis came to, to which new rows are added. */ #counts = NOTHING;
  /** @type {Map<string, State>} */ #states = new Map();
  #frames = new FrameQueue();
  /** @type {MutationObserver|null} */ #observer = null;
  #scanning = false;
  #everyMinutes = 0;
  #dueAt = 0;
  /** Whether the last analysis ended because no server was there. */ #unreachable = false;
  /** @type {number|undefined} */ #refresh;
  /** @type {number|undefined} */ #newRows;

  /**
   * @param {{api?: string, lang?: string, tabela?: string}} [options] `api`: where the API stands ("" is this
   *   origin); `lang`: "pt" or "en"; `tabela`: selector of the table
   */
  constructor(options = {}) {
    this.#words = new Words(options.lang || document.documentElement.lang || 'pt');
    this.#api = new Api((options.api ?? '').replace(/\/+$/, ''), this.#words.tag);
    this.#selector = options.tabela || '#tabela-carteira';
    this.#buttons = new Buttons(this.#words);
    this.#details = new Details(this.#words, (item, wanted) => void this.#project(item.cod_produto, item.nome_produto, wanted), (order, from) => this.#orderLink(order, from));
  }

  /** The client that a table has, if it has one. @param {Element|null} table */
  static of(table) { return (table && owners.get(table)) ?? null; }

  /** Starts the analysis of the table and of what becomes of it. A second start changes nothing. */
  start() {
    if (this.#life) return this;
    const table = /** @type {HTMLElement|null} */ (document.querySelector(this.#selector));
    if (!table) return this.#warn(fill(this.#words.t.noTable, this.#selector));
    if ((owners.get(table) ?? this) !== this) return warnedOfOlder ? this : this.#warn(this.#words.t.otherOwner);
    owners.set(table, this);
    this.#life = new AbortController();
    this.#table = table;
    const {signal} = this.#life;
    const rows = this.#inViewFirst(this.#rows()); // before anything of ours makes the browser lay the page out again
    adoptStyle();
    table.classList.add('rpt-scope');
    this.#buttons.tellsBoth = table.dataset.rupturaRespostas !== 'pagina';
    table.classList.toggle('rpt-two', this.#buttons.tellsBoth && 'modo' in this.#manner);
    this.#panel = new Panel(this.#words, table, {action: () => this.#toggle(), every: (m) => this.#setRefresh(m), minutes: this.#everyMinutes, now: () => this.#api.now()}, signal);
    this.#dialog = new Dialog(this.#words, (order) => { if (order !== undefined) this.#buttons.focus(order); });
    table.addEventListener('click', (event) => this.#clicked(event), {signal});
    document.addEventListener('visibilitychange', () => this.#seen(), {signal});
    for (const event of ['online', 'offline']) window.addEventListener(event, () => this.#network(), {signal});
    window.addEventListener('pagehide', () => this.#leave(), {signal});
    this.#observe(table);
    this.#network();
    void this.#analyseAll(rows);
    this.#warnOfOlder();
    return this;
  }

  /** Ends all work and takes away everything that was added to the page. */
  stop() {
    if (!this.#life || !this.#table) return;
    this.#run?.abort.abort();
    this.#life.abort();
    this.#observer?.disconnect();
    clearTimeout(this.#refresh);
    clearTimeout(this.#newRows);
    this.#frames.clear();
    this.#buttons.removeAll();
    this.#panel?.remove();
    this.#dialog?.remove();
    this.#states.clear();
    this.#table.classList.remove('rpt-scope', 'rpt-two');
    owners.delete(this.#table);
    this.#life = this.#table = this.#run = null;
    this.#counts = NOTHING;
    this.#dueAt = 0; // how often to refresh stays as it was chosen, and is shown so
    this.#scanning = false;
  }

  /** A page that is left keeps nothing open; if the browser brings it back as it was, it starts afresh. */
  #leave() {
    this.stop();
    window.addEventListener('pageshow', (event) => { if (event.persisted) this.start(); }, {once: true});
  }

  /** Analyses everything anew, as the panel's button does; while an analysis runs, that one goes on. */
  analisarTudo() {
    if (this.#life) void this.#analyseAll();
    return this;
  }

  /**
   * Analyses one order now and opens its details.
   * @param {string} order @returns {Promise<Result|null>} null when it could not be analysed, or the server was busy and the details were closed
   */
  analisar(order) { return this.#open(order); }

  /** @param {string} order @param {string} [from] the order whose details led here @returns {Promise<Result|null>} */
  async #open(order, from) {
    const dialog = this.#dialog;
    if (!this.#life || !dialog) return null;
    const {signal} = this.#life;
    const {t} = this.#words;
    const {modo: mode, politica: policy} = this.#manner;
    const view = new View({
      title: fill(t.order, order), subtitle: mode && [t[/** @type {'concorrente'} */ (mode)], t[/** @type {'linha'} */ (policy ?? 'linha')]].join(' · '), order,
      back: from === undefined ? undefined : fill(t.back, from), skeleton: Details.skeleton(this.#words),
    });
    dialog.open(view);
    try {
      const result = /** @type {Result} */ (await this.#api.json(this.#api.orderUrl(order, this.#manner), {signal, cache: 'no-store'}, this.#patience(dialog, view)));
      dialog.fill(view, result.posicao_em ?? '', this.#details.nodes(result));
      this.#take(result, result.posicao_em, 'clique');
      return result;
    } catch (error) {
      if (signal.aborted || view.signal.aborted) return null;
      const message = saying(error);
      dialog.fail(view, message, () => void this.#open(order, from));
      this.#emit('ruptura:erro', {pedido: order, erro: message});
      return null;
    }
  }

  /**
   * Opens the projection of a product, day by day, as a chart and as a table.
   * @param {string} code @param {string} [name] as the product is called, where that is known
   * @returns {Promise<Projection|null>} null when it could not be read
   */
  projecao(code, name = '') { return this.#project(code, name); }

  /** @param {string} code @param {string} name @param {Wanted} [wanted] by the order whose details are shown @returns {Promise<Projection|null>} */
  async #project(code, name, wanted) {
    const dialog = this.#dialog;
    if (!dialog) return null;
    const {t} = this.#words;
    const view = new View({
      title: name || fill(t.product, code), subtitle: [t.projection, name ? `${t.code} ${code}` : ''].filter(Boolean).join(' · '),
      order: wanted?.order, back: wanted && fill(t.back, wanted.order), skeleton: ProjectionPage.skeleton(this.#words),
    });
    dialog.open(view);
    try {
      const p = /** @type {Projection} */ (await this.#api.json(this.#api.productUrl(code), {signal: view.signal, cache: 'no-store'}, this.#patience(dialog, view)));
      const page = new ProjectionPage(this.#words, p, wanted);
      dialog.fill(view, p.posicao_em, page.nodes(this.#chosenView, (i) => { this.#chosenView = i; }));
      return p;
    } catch (error) {
      if (view.signal.aborted) return null;
      const message = saying(error);
      dialog.fail(view, message, () => void this.#project(code, name, wanted));
      this.#emit('ruptura:erro', {produto: code, erro: message});
      return null;
    }
  }

  /** Chart (0) or table (1), as was last chosen. */ #chosenView = 0;

  /** How long somebody who looks at the dialog is made to wait. @param {Dialog} dialog @param {View} view */
  #patience(dialog, view) {
    const {t} = this.#words;
    return {
      t, tries: TUNING.clickTries, waited: view.signal, // what is on its way may come; nothing is asked for again
      wait: (/** @type {Waiting} */ kind, /** @type {number} */ seconds) => dialog.wait(view, t[kind], seconds),
    };
  }

  /** How the table's orders are analysed, where that is not the usual way, each alone. @returns {Record<string, string>} */
  get #manner() {
    const {rupturaModo: mode, rupturaPolitica: policy} = this.#table?.dataset ?? {};
    if (!mode || mode === 'isolado') return {};
    return {modo: mode, ...(policy ? {politica: policy} : {})};
  }

  /** Leads to an order, whose details a plain click opens in the dialog. @param {string} order @param {string} from */
  #orderLink(order, from) {
    const template = this.#table?.dataset.rupturaLink;
    const link = template ? el('a', 'rpt-order', order) : action('rpt-order', order);
    if (link instanceof HTMLAnchorElement) link.href = (template ?? '').replace('{pedido}', () => encodeURIComponent(order));
    link.title = fill(this.#words.t.openOrder, order);
    link.addEventListener('click', (event) => {
      const {ctrlKey, metaKey, shiftKey} = /** @type {MouseEvent} */ (event);
      if (ctrlKey || metaKey || shiftKey) return;
      event.preventDefault();
      void this.#open(order, from);
    });
    return link;
  }

  /** @param {Event} event */
  #clicked(event) {
    const button = /** @type {Element} */ (event.target).closest?.('.rpt-button');
    const order = button && this.#buttons.orderOf(button);
    if (order === undefined || order === null) return;
    event.preventDefault();
    void this.analisar(order);
  }

  // --- rows -----------------------------------------------------------------------------------

  /** Rows that the host puts in, or changes, get their button; a table that is replaced is found again. @param {HTMLElement} table */
  #observe(table) {
    this.#observer = new MutationObserver((records) => { if (records.some((record) => this.#concerns(record))) this.#changed(); });
    this.#observer.observe(table, {childList: true, subtree: true, attributes: true, attributeFilter: ['data-pedido']});
    if (table.parentElement) this.#observer.observe(table.parentElement, {childList: true});
  }

  /** Whether a change may ask for a button: not our own putting one in, nor words in other cells. @param {MutationRecord} record */
  #concerns({type, target, addedNodes, removedNodes}) {
    const place = /** @type {Element} */ (target);
    if (type === 'attributes' || !this.#table?.contains(place)) return true;
    const added = /** @type {Element[]} */ ([...addedNodes].filter((node) => node instanceof Element));
    const cell = place.closest('.coluna-entrega-obs');
    if (cell && cell !== place) return false; // words beside the button, which is the cell's own child
    if (cell) return removedNodes.length > 0 || added.some((node) => !this.#buttons.owns(node));
    return added.some((node) => node.matches('.coluna-entrega-obs') || node.querySelector('.coluna-entrega-obs'));
  }

  #changed() {
    if (this.#scanning) return;
    this.#scanning = true;
    requestAnimationFrame(() => {
      this.#scanning = false;
      if (!this.#life || !this.#table) return;
      if (!this.#table.isConnected && document.querySelector(this.#selector)) return this.#restart();
      this.#mountRows(this.#rows());
      this.#warnOfOlder();
      clearTimeout(this.#newRows);
      this.#newRows = window.setTimeout(() => this.#analyseNew(), TUNING.newRowsMs);
    });
  }

  #restart() {
    this.stop();
    this.start();
  }

  /** @returns {Row[]} */
  #rows() {
    const rows = [];
    for (const row of this.#table?.querySelectorAll('tr.pedido-row[data-pedido]') ?? []) {
      const order = (/** @type {HTMLElement} */ (row).dataset.pedido ?? '').trim();
      const cell = row.getElementsByClassName('coluna-entrega-obs')[0];
      if (order && cell) rows.push({row: /** @type {HTMLElement} */ (row), cell, order, seen: false});
    }
    return rows;
  }

  /** Gives rows their buttons in the frames that come. @param {Row[]} rows */
  #mountRows(rows) {
    for (const mount of this.#mounting(rows)) this.#frames.add(mount);
  }

  /** Gives the rows in view their buttons at once, so that the first frame has them, and the others once nothing else is to be done. @param {Row[]} rows */
  #mountInView(rows) {
    for (const mount of this.#mounting(rows.filter(({seen}) => seen))) mount();
    for (const mount of this.#mounting(rows.filter(({seen}) => !seen))) this.#frames.addLast(mount);
  }

  /** What gives each row that has none its button. @param {Row[]} rows @returns {(() => void)[]} */
  #mounting(rows) {
    const bare = rows.filter(({cell, order}) => !this.#buttons.has(cell, order));
    return bare.map(({cell, order}) => () => this.#buttons.mount(cell, order, this.#states.get(order) ?? {kind: 'waiting'}));
  }

  /**
   * The rows with those in view first. Their places are asked for outright: an observer would answer only after
   * the next frame, and the request can be on its way by then. @param {Row[]} rows
   */
  #inViewFirst(rows) {
    const view = visiblePart(this.#table);
    for (const row of rows) row.seen = view(row.row);
    return [...rows.filter(({seen}) => seen), ...rows.filter(({seen}) => !seen)];
  }

  // --- runs -----------------------------------------------------------------------------------

  /** Everything there is: the rows, or all that matches the table's filter. @param {Row[]} [rows] with those in view first */
  async #analyseAll(rows = this.#inViewFirst(this.#rows())) {
    if (this.#run) return;
    const run = this.#run = new Run();
    this.#panel?.show(run);
    for (const {order} of rows) this.#expect(order);
    this.#frames.hold(); // until the first results are shown
    const performed = this.#perform(run, [...new Set(rows.map(({order}) => order))], this.#table?.dataset.rupturaFiltro);
    this.#repaint(rows);
    this.#mountInView(rows);
    await performed;
  }

  /** Shows on the buttons that are there what is now known of their orders. @param {Row[]} rows */
  #repaint(rows) {
    for (const {order} of rows) {
      if (!this.#buttons.holds(order)) continue;
      this.#frames.add(() => { const state = this.#states.get(order); if (state) this.#buttons.paint(order, state); });
    }
  }

  /** Orders that came with new rows, once a running analysis is over. */
  #analyseNew() {
    if (this.#run) return;
    const orders = [...new Set(this.#rows().map(({order}) => order).filter((order) => !this.#states.has(order)))];
    if (!orders.length) return;
    orders.forEach((order) => this.#expect(order));
    this.#run = new Run();
    this.#run.freshSum = false;
    this.#run.partial = true;
    this.#run.before = this.#counts;
    void this.#perform(this.#run, orders, undefined);
  }

  /** What an order shows until its result comes: the last one, marked as old, or nothing yet. @param {string} order */
  #expect(order) {
    const known = this.#states.get(order);
    this.#states.set(order, known?.kind === 'done' ? {...known, stale: true} : {kind: 'waiting'});
  }

  /** @param {Run} run @param {string[]} orders @param {string|undefined} filter */
  async #perform(run, orders, filter) {
    try {
      if (!orders.length && filter === undefined) return this.#finish(run, 'nothing');
      await this.#followThrough(run, orders, filter);
    } catch (error) {
      if (run.abort.signal.aborted) return this.#finish(run, 'cancelled');
      this.#unreachable = error instanceof Unreachable;
      if (error instanceof SessionLost) this.#atLast(run, () => this.#fail(run, this.#words.t.lost)); // what came of it is shown
      else this.#fail(run, saying(error));
    }
  }

  /** Sends the orders and follows their session; one that the server forgot, in whole or in part, is sent again, once, for what is missing. @param {Run} run @param {string[]} orders @param {string|undefined} filter */
  async #followThrough(run, orders, filter) {
    for (let again = false; ; again = true) {
      if (again && filter !== undefined) run.freshSum = true; // everything comes once more
      const missing = orders.filter((order) => !run.received.has(order));
      const body = filter === undefined ? {pedidos: missing} : {filtro: JSON.parse(filter), primeiro: missing};
      Object.assign(body, this.#manner);
      try {
        return await this.#session(run, body, filter === undefined ? run.received.size : 0);
      } catch (error) {
        if (!(error instanceof SessionLost) || again) throw error;
        if (filter === undefined && orders.every((order) => run.received.has(order))) return this.#atLast(run, () => this.#finish(run, 'done'));
      }
    }
  }

  /**
   * Makes a session and follows it to its end. The head of the answer tells where it is, so that the stream is opened while
   * the rest is read; events wait until that is known. Where it was begun early its first event may tell so before. A server
   * that lost a part of what it kept may end a session without having told every result: that is a session lost, too.
   * @param {Run} run @param {object} body @param {number} before results already here from a session that was lost
   */
  async #session(run, body, before) {
    /** @type {() => void} */ let begun = () => {};
    const known = /** @type {Promise<void>} */ (new Promise((resolve) => { begun = resolve; }));
    const refused = new AbortController();
    /** @type {Promise<void>|undefined} */ let followed;
    /** @type {Set<string>} */ const told = new Set();
    /** @type {StreamEvent|undefined} */ let complete;
    /** @type {StreamEvent|undefined} */ let stillborn;
    /** @param {StreamEvent} event */
    const heard = (event) => {
      for (const {num_pedido: order} of event.resultados ?? []) told.add(order);
      if (event.tipo === 'completo') complete = event;
      else if (event.tipo === 'erro' && early && told.size === 0) stillborn = event;
      else this.#event(run, event);
    };
    /** @param {string} id */
    const follow = (id) => {
      if (followed) return;
      const opened = early?.stream.session === id ? early.stream : null;
      if (!opened) early?.end(); // nobody else would
      followed = new Transport(this.#api, id, AbortSignal.any([run.abort.signal, refused.signal]), {
        ready: known, event: heard, mode: (mode) => this.#mode(run, mode), silent: this.#words.t.silent, opened,
      }).follow();
      followed.catch(() => { /* told to whoever awaits it below; nobody does where the answer itself was no good */ });
    };
    let asked;
    const early = this.#early(body);
    if (early) run.abort.signal.addEventListener('abort', early.end, {once: true, signal: refused.signal});
    try {
      const accepted = RupturaWorkerClient.#begunEarly(early) ?? await this.#submit(run, body, early, (response) => {
        const [, id] = /\/status\/([^/?#]+)$/.exec(response.headers.get('Location') ?? '') ?? [];
        if (id) follow(decodeURIComponent(id));
      });
      run.id = accepted.session_id;
      asked = accepted.total_pedidos;
      run.total = before + asked;
    } catch (error) {
      refused.abort();
      early?.end();
      throw error;
    }
    run.phase = 'running';
    void early?.answer.then((response) => this.#api.met(response), () => { /* the stream has told what it would have */ });
    follow(run.id);
    const {begun: resent} = run; // what the server measures then is a part only
    // What was begun early may be there whole: it is told in the frame that shows it, not in the task that prepares it.
    if (early) this.#frames.add(() => this.#begun(run)); else this.#begun(run);
    begun();
    await followed;
    if (stillborn) {
      if (await this.#refused(/** @type {Early} */ (early), run)) throw new SessionLost();
      this.#event(run, stillborn);
    }
    if (!complete) return; // it ended early, and has said so
    if (told.size < asked) throw new SessionLost();
    const {duracao_ms: took} = complete;
    this.#atLast(run, () => this.#finish(run, 'done', resent ? undefined : took));
  }

  /** What a script of the page has begun already, if it is what we are about to begin. @param {object} body @returns {Early|null} */
  #early(body) {
    return /** @type {any} */ (window)[Symbol.for('ruptura-adiantado')]?.take(this.#api.base, body) ?? null;
  }

  /** What the stream has told of a session that was begun early, if it has: the head of the answer says no more. @param {Early|null} early @returns {Accepted|null} */
  static #begunEarly(early) {
    const first = early?.stream.heard[0];
    return first ? JSON.parse(first) : null;
  }

  /**
   * Whether what was begun early was refused all the same, as when its work could not be queued: then it may be sent again.
   * @param {Early} early @param {Run} run
   */
  #refused(early, run) {
    const answered = early.answer.then(({ok}) => !ok, () => false);
    return Promise.race([answered, sleep(TUNING.lateMs, run.abort.signal).then(() => false)]);
  }

  /**
   * Sends the request, unless that was done early, and waits for its answer, or for the first event of what was begun early.
   * @param {Run} run @param {object} body @param {Early|null} early @param {(response: Response) => void} answered @returns {Promise<Accepted>}
   */
  async #submit(run, body, early, answered) {
    const {t} = this.#words;
    run.mode = 'stream';
    const begun = new AbortController();
    const waited = AbortSignal.any([run.abort.signal, begun.signal]);
    /** @param {Waiting} kind @param {number} seconds */
    const wait = (kind, seconds) => { if (!begun.signal.aborted) this.#panel?.countdown(t[kind], seconds); };
    const answer = this.#api.json(`${this.#api.base}/api/ruptura/processar-lote`, {
      method: 'POST', signal: waited, body: JSON.stringify(body),
      headers: {
        'Content-Type': 'application/json', 'Idempotency-Key': early?.key ?? randomKey(),
        ...(early?.stream.session ? {'X-Ruptura-Session': early.stream.session} : {}), // for which the stream waits
      },
    }, {t, tries: TUNING.batchTries, waited, sent: early?.answer, answered, wait});
    if (!early) return answer;
    const accepted = await Promise.race([answer, early.begun.then(() => RupturaWorkerClient.#begunEarly(early))]);
    begun.abort();
    answer.catch(() => { /* it was not needed */ });
    return accepted;
  }

  /** Tells that an analysis goes on, and the first time that it has begun. @param {Run} run */
  #begun(run) {
    this.#panel?.note('');
    this.#panel?.show(run);
    if (run.begun) return;
    run.begun = true;
    this.#panel?.say(fill(this.#words.t.saidStart, this.#words.number(run.total)));
    this.#emit('ruptura:inicio', {sessao: run.id, total: run.total, parcial: run.partial});
  }

  /** @param {Run} run @param {StreamEvent} event */
  #event(run, event) {
    if (event.tipo === 'resultados') this.#lot(run, event);
    else if (event.tipo === 'erro') {
      this.#later(run, () => (run.abort.signal.aborted ? this.#finish(run, 'cancelled') : this.#fail(run, event.error ?? '')));
    }
  }

  /** @param {Run} run @param {StreamEvent} event */
  #lot(run, event) {
    const {id, freshSum} = run; // by when this is shown, another session may be followed
    run.freshSum = false;
    for (const result of event.resultados ?? []) {
      if (run.received.has(result.num_pedido)) continue;
      run.received.add(result.num_pedido);
      this.#later(run, () => {
        run.processed++;
        if (result.success) run.available += result.resumo.qtd_itens_disponiveis;
        else run.errors++;
        this.#take(result, event.posicao_em, 'lote');
      });
    }
    this.#later(run, () => {
      run.readAt = event.posicao_em ?? run.readAt;
      this.#emit('ruptura:produtos', {sessao: id, produtos: event.produtos_em_ruptura ?? [], novo: freshSum});
      this.#panel?.show(run);
      this.#frames.release();
    });
  }

  /** Work for when all results are shown and every row has its button. @param {Run} run @param {() => void} work */
  #atLast(run, work) {
    this.#frames.addLast(() => { if (this.#run === run) work(); });
  }

  /** Work for a coming frame, dropped if its run is no longer the present one. @param {Run} run @param {() => void} work */
  #later(run, work) {
    this.#frames.add(() => { if (this.#run === run) work(); });
  }

  /**
   * Keeps a result, unless a click has brought newer data meanwhile, and paints it.
   * @param {Result} result @param {string|undefined} readAt @param {'lote'|'clique'} origin
   */
  #take(result, readAt, origin) {
    const order = result.num_pedido;
    const known = this.#states.get(order);
    const at = Date.parse(readAt ?? '') || 0;
    if (known?.kind === 'done' && (known.readAt ?? 0) > at) {
      this.#states.set(order, {...known, stale: false});
      // Told again, as a part of this analysis: whoever sums its results has not met the order yet.
      if (known.result) this.#emit('ruptura:resultado', {pedido: order, resultado: known.result, origem: 'clique', posicao_em: known.result.posicao_em});
    } else {
      this.#states.set(order, result.success ? {kind: 'done', result, readAt: at} : {kind: 'failed', error: result.error});
      this.#emit('ruptura:resultado', {pedido: order, resultado: result, origem: origin, posicao_em: readAt});
    }
    this.#buttons.paint(order, /** @type {State} */ (this.#states.get(order)));
  }

  /** @param {Run} run @param {Mode} mode */
  #mode(run, mode) {
    if (this.#run !== run || run.mode === mode) return;
    run.mode = mode;
    const text = mode === 'stream' ? '' : this.#words.t[mode];
    this.#panel?.note(text, text !== '');
    if (text) this.#panel?.say(text);
  }

  /** @param {Run} run @param {'done'|'cancelled'|'nothing'} phase @param {number} [duration] as the server measured it */
  #finish(run, phase, duration) {
    if (this.#run !== run) return;
    run.end(phase);
    run.duration = duration ?? run.duration;
    this.#close(run);
    const {t} = this.#words;
    if (phase === 'done' && run.processed - run.errors >= TUNING.noStockFrom && run.available === 0) this.#panel?.note(t.noStockData, true);
    this.#panel?.say(phase === 'done' ? fill(t.saidEnd, this.#words.number(run.processed), this.#words.number(run.errors)) : t[phase]);
    if (phase === 'done') {
      this.#emit('ruptura:completo', {sessao: run.id, processados: run.processed, com_erro: run.errors, total: run.total, duracao_ms: run.duration, posicao_em: run.readAt, parcial: run.partial});
    } else if (phase === 'cancelled') this.#emit('ruptura:erro', {sessao: run.id, erro: 'cancelado', cancelado: true});
    this.#analyseNew();
  }

  /** @param {Run} run @param {string} message */
  #fail(run, message) {
    if (this.#run !== run) return;
    run.end('broken');
    this.#close(run);
    this.#panel?.note(message, true);
    this.#panel?.say(fill(this.#words.t.saidBroken, message));
    this.#emit('ruptura:erro', {sessao: run.id, erro: message});
  }

  /** Leaves no button waiting for what will not come. @param {Run} run */
  #close(run) {
    this.#run = null;
    this.#frames.release();
    if (run.phase === 'done') this.#counts = run.counts;
    else if (!run.partial) this.#counts = NOTHING;
    this.#panel?.note('');
    this.#panel?.show(run);
    for (const [order, state] of this.#states) {
      if (state.kind !== 'waiting' && !(state.stale && run.phase === 'done')) continue;
      this.#states.set(order, {kind: 'idle'});
      this.#frames.add(() => this.#buttons.paint(order, this.#states.get(order) ?? {kind: 'idle'}));
    }
    this.#scheduleRefresh();
  }

  /** The panel's button: cancels a running analysis, else begins one. */
  #toggle() {
    const run = this.#run;
    if (!run) return void this.#analyseAll();
    if (run.id) {
      fetch(this.#api.statusUrl(run.id), {method: 'DELETE', keepalive: true})
        .catch(() => { /* the page is done with it either way; the session ends by itself */ });
    }
    run.abort.abort();
    this.#finish(run, 'cancelled');
  }

  // --- automatic refresh ----------------------------------------------------------------------

  /** @param {number} minutes 0 is off */
  #setRefresh(minutes) {
    this.#everyMinutes = minutes;
    this.#dueAt = 0;
    this.#scheduleRefresh();
  }

  /** The page is seen again, or no longer. */
  #seen() {
    this.#scheduleRefresh();
    this.#resume();
  }

  /** Counts from the end of the last run. A hidden page waits until it is seen again. */
  #scheduleRefresh() {
    clearTimeout(this.#refresh);
    if (this.#run) this.#dueAt = 0;
    if (!this.#everyMinutes || this.#run || !this.#life) return;
    this.#dueAt ||= Date.now() + this.#everyMinutes * 60_000;
    if (document.hidden) return;
    this.#refresh = window.setTimeout(() => {
      this.#dueAt = 0;
      if (!document.hidden) void this.#analyseAll();
    }, Math.max(this.#dueAt - Date.now(), 0));
  }

  // --- the network ----------------------------------------------------------------------------

  /** What the browser says of it is a hint: it is shown, and cuts waits short, but nothing is given up for it. */
  #network() {
    const {t} = this.#words;
    this.#panel?.network(navigator.onLine ? '' : this.#run ? t.netOff : t.netOffIdle);
    if (navigator.onLine) this.#resume();
  }

  /** Begins again an analysis that ended for want of a server. */
  #resume() {
    if (!this.#unreachable || document.hidden || !navigator.onLine || this.#run) return;
    this.#unreachable = false;
    void this.#analyseAll();
  }

  // --- outside --------------------------------------------------------------------------------

  /** @param {string} name @param {object} detail */
  #emit(name, detail) {
    this.#table?.dispatchEvent(new CustomEvent(name, {bubbles: true, detail}));
  }

  /** Looks for an older script that is still on the page. Its buttons are hidden by the style. */
  #warnOfOlder() {
    if (warnedOfOlder || !this.#table) return;
    const button = this.#table.querySelector('.coluna-entrega-obs :is(button, a):is([class*=ruptura i], [id*=ruptura i], [onclick*=ruptura i]):not(.rpt-button)');
    const source = [...document.scripts].map(({src}) => src).find((src) => /ruptura[^/]*\.js/i.test(src) && !/ruptura-worker-client/.test(src));
    const global = Object.keys(window).find((key) => /^ruptura/i.test(key));
    const found = source ? `<script src="${source}">` : global ? `window.${global}` : button ? `<${button.localName} class="${button.className}">` : '';
    if (found) warnOfOlder(found);
  }

  /** @param {string} message */
  #warn(message) {
    if (!this.#warned) console.warn(message);
    this.#warned = true;
    return this;
  }
}

/**
 * Gives the page a name. Where an older script has taken it, or takes it later, it stays ours: whoever writes
 * it is warned, not stopped. @param {string} name @param {unknown} value
 */
function claim(name, value) {
  const older = () => warnOfOlder(`window.${name}`);
  const taken = Object.getOwnPropertyDescriptor(window, name);
  if (taken) older();
  if (taken && !taken.configurable) Object.assign(window, {[name]: value}); // a var, or a function
  else Object.defineProperty(window, name, {get: () => value, set: older, configurable: true});
}

claim('RupturaWorkerClient', RupturaWorkerClient);

// The documented automatic start.
const script = /** @type {HTMLScriptElement|null} */ (document.currentScript);
const {rupturaApi, rupturaAuto, rupturaLang, rupturaTabela} = script?.dataset ?? {};
/** Where this file came from, without the path it is served at. */
const home = (script?.src ?? '').replace(/\/static\/carteira\/js\/[^/]*$/, '');
if (rupturaAuto === 'true') {
  const client = new RupturaWorkerClient({api: rupturaApi ?? home, lang: rupturaLang, tabela: rupturaTabela});
  const begin = () => client.start();
  claim('rupturaWorkerClient', client);
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin, {once: true});
  else begin();
}
})();
