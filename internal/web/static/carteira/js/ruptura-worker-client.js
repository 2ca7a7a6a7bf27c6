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
 *   data-ruptura-painel  an element that takes the progress bar; by default it goes before the table
 *
 * Events, on the table, bubbling: ruptura:inicio, ruptura:resultado (one an order),
 * ruptura:completo, ruptura:erro.
 */
(() => {
'use strict';

if ('RupturaWorkerClient' in window) {
  console.warn('ruptura: o script foi carregado mais de uma vez nesta página; só o primeiro vale. Deixe uma só tag <script>.');
  return;
}

/**
 * @typedef {{num_pedido: string, criticidade: string|null, percentual_disponibilidade: number,
 *   qtd_itens_ruptura: number, qtd_itens_disponiveis: number, total_itens: number,
 *   valor_total_pedido: number, valor_disponivel: number, valor_com_ruptura: number,
 *   data_disponibilidade_total: string|null, data_necessidade: string|null,
 *   no_prazo: boolean|null, dias_atraso: number|null}} Summary
 * @typedef {{cod_produto: string, nome_produto: string, qtd_saldo: number, estoque_atual: number,
 *   estoque_min_d7: number, qtd_disponivel?: number, ruptura_qtd?: number, data_producao?: string|null, qtd_producao?: number,
 *   data_disponivel?: string|null, producao_atrasada?: number, valor_total: number}} Item
 * @typedef {{success: boolean, num_pedido: string, error?: string, pedido_ok: boolean, resumo: Summary,
 *   itens?: Item[], itens_disponiveis?: Item[], posicao_em?: string}} Result
 * @typedef {{id?: number, tipo: string, resultados?: Result[], processados?: number, com_erro?: number,
 *   total_pedidos?: number, progresso?: number, posicao_em?: string, duracao_ms?: number, error?: string}} StreamEvent
 * @typedef {{session_id: string, total_pedidos: number}} Accepted
 * @typedef {{kind: 'waiting'|'idle'|'failed'|'done', result?: Result, readAt?: number, error?: string, stale?: boolean}} State
 */

const TUNING = Object.freeze({
  frameBudgetMs: 8, silenceMs: 15_000, streamFailures: 3, pollMs: 2_000, pollMaxMs: 10_000,
  pollTries: 30, backoffMs: 1_000, backoffMaxMs: 15_000, requestTries: 4, busyTries: 30, newRowsMs: 80,
});

const TEXTS = {
  pt: {
    waiting: 'Analisando…', ok: 'Estoque OK', idle: 'Analisar', failed: 'Não analisado',
    part: 'Disp. {0}%', whole: 'Total Disp. {0}', never: 'Total Não Disp.',
    CRITICA: 'Crítica', ALTA: 'Alta', MEDIA: 'Média', BAIXA: 'Baixa', criticality: 'Criticidade',
    itemsOf: '{0} de {1} itens disponíveis', onTime: 'No prazo da necessidade ({0})', order: 'Pedido {0}',
    late: '{0} dias depois da necessidade', late1: '1 dia depois da necessidade', lateOpen: 'fora do prazo',
    starting: 'Enviando pedidos', running: 'Analisando', done: 'Análise completa', cancelled: 'Análise cancelada',
    broken: 'A análise parou', nothing: 'Nenhum pedido na tabela', polling: 'sem transmissão ao vivo: consultando a cada poucos segundos',
    reconnecting: 'conexão interrompida: retomando', busy: 'Servidor ocupado. Nova tentativa em {0} s',
    offline: 'Sem resposta do servidor. Nova tentativa em {0} s', count: '{0} de {1}', errors: '{0} com erro',
    cancel: 'Cancelar', again: 'Analisar de novo', auto: 'Atualizar', off: 'não', minutes: 'a cada {0} min',
    readAt: 'Dados lidos às {0}', progress: 'Progresso da análise', saidStart: 'Análise de ruptura iniciada: {0} pedidos.',
    saidEnd: 'Análise completa: {0} pedidos, {1} com erro.', saidBroken: 'A análise parou: {0}',
    close: 'Fechar', short: 'Ruptura', available: 'Disponíveis', all: 'Todos', loading: 'Lendo o estoque agora',
    availability: 'Disponível', total: 'Valor do pedido', valueOk: 'Valor disponível', valueShort: 'Valor em ruptura',
    totalOn: 'Disponível por inteiro', need: 'Necessidade', now: 'agora', noForecast: 'sem previsão', noNeed: 'sem data',
    isOnTime: 'no prazo', code: 'Código', name: 'Produto', open: 'Saldo', stock: 'Estoque', lowest: 'Menor na janela',
    shortage: 'Falta', receipt: 'Próxima produção', on: 'Disponível em', noStock: 'Sem estoque',
    freeNone: 'Estoque {0}, mas nenhum livre até o fim da janela: está separado para outros pedidos',
    freeOne: 'Estoque {0}, mas só {1} livre até o fim da janela: o resto está separado para outros pedidos',
    freeFew: 'Estoque {0}, mas só {1} livres até o fim da janela: o resto está separado para outros pedidos',
    otherLine: 'Outra linha deste pedido já conta com este estoque',
    notEnough: 'A próxima produção não basta para prometer uma data', overdue: 'Produção atrasada: {0}, fora da conta',
    noItems: 'Nenhum item aqui.', tryAgain: 'Tentar de novo', noServer: 'Sem resposta do servidor. Confira a rede e tente de novo.',
    lost: 'O servidor perdeu esta análise. Analise de novo.', silent: 'O servidor não dá notícia desta análise. Analise de novo.',
    otherOwner: 'ruptura: esta tabela já tem um cliente; o segundo não foi iniciado.',
    noTable: 'ruptura: não há tabela "{0}" nesta página.',
  },
  en: {
    waiting: 'Analysing…', ok: 'Stock OK', idle: 'Analyse', failed: 'Not analysed',
    part: 'Avail. {0}%', whole: 'All on {0}', never: 'All not avail.',
    CRITICA: 'Critical', ALTA: 'High', MEDIA: 'Medium', BAIXA: 'Low', criticality: 'Criticality',
    itemsOf: '{0} of {1} items available', onTime: 'On time for the need date ({0})', order: 'Order {0}',
    late: '{0} days after the need date', late1: '1 day after the need date', lateOpen: 'not on time',
    starting: 'Sending orders', running: 'Analysing', done: 'Analysis complete', cancelled: 'Analysis cancelled',
    broken: 'The analysis stopped', nothing: 'No order in the table', polling: 'no live stream: asking every few seconds',
    reconnecting: 'connection cut: resuming', busy: 'Server busy. Trying again in {0} s',
    offline: 'No answer from the server. Trying again in {0} s', count: '{0} of {1}', errors: '{0} with errors',
    cancel: 'Cancel', again: 'Analyse again', auto: 'Refresh', off: 'off', minutes: 'every {0} min',
    readAt: 'Data read at {0}', progress: 'Progress of the analysis', saidStart: 'Stock-out analysis started: {0} orders.',
    saidEnd: 'Analysis complete: {0} orders, {1} with errors.', saidBroken: 'The analysis stopped: {0}',
    close: 'Close', short: 'Short', available: 'Available', all: 'All', loading: 'Reading the stock now',
    availability: 'Available', total: 'Order value', valueOk: 'Available value', valueShort: 'Short value',
    totalOn: 'Whole order available', need: 'Needed', now: 'now', noForecast: 'no forecast', noNeed: 'no date',
    isOnTime: 'on time', code: 'Code', name: 'Product', open: 'Open', stock: 'Stock', lowest: 'Lowest in window',
    shortage: 'Shortage', receipt: 'Next production', on: 'Available on', noStock: 'No stock',
    freeNone: 'Stock {0}, but none free through the window: it is set aside for other orders',
    freeOne: 'Stock {0}, but only {1} free through the window: the rest is set aside for other orders',
    freeFew: 'Stock {0}, but only {1} free through the window: the rest is set aside for other orders',
    otherLine: 'Another line of this order already counts on this stock',
    notEnough: 'The next production is not enough to promise a date', overdue: 'Production overdue: {0}, not counted',
    noItems: 'No item here.', tryAgain: 'Try again', noServer: 'No answer from the server. Check the network and try again.',
    lost: 'The server lost this analysis. Analyse again.', silent: 'The server has no news of this analysis. Analyse again.',
    otherOwner: 'ruptura: this table already has a client; the second was not started.',
    noTable: 'ruptura: there is no table "{0}" on this page.',
  },
};

/**
 * Colours follow the page's color-scheme: a host page without one stays light. A button is contained, so that a
 * new text in it lays out that button and not the table.
 */
const STYLE = `
.rpt-scope {
  --rpt-text: light-dark(#1c2430, #e4e8ee); --rpt-soft: light-dark(#566273, #9fabba);
  --rpt-surface: light-dark(#ffffff, #1c222b); --rpt-raised: light-dark(#f4f6f9, #252d38);
  --rpt-line: light-dark(#c9d1dc, #3a4553); --rpt-accent: light-dark(#1d4f91, #8ab8f5);
  --rpt-bar: light-dark(#dfe5ed, #323c49);
  --rpt-late: light-dark(#a3330a, #ff9a6b);
  --rpt-ok: light-dark(#00695f, #5cc9b8);
  --rpt-baixa: light-dark(#f6df8b, #f3dd8c); --rpt-baixa-ink: #4a3b00;
  --rpt-media: light-dark(#f0a63c, #e5962e); --rpt-media-ink: #3b2200;
  --rpt-alta: light-dark(#c03f0c, #e0642b); --rpt-alta-ink: light-dark(#ffffff, #210b00);
  --rpt-critica: light-dark(#4f0d3c, #8c2a70); --rpt-critica-ink: #ffffff;
}
.rpt-button, .rpt-panel, .rpt-dialog {
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; font-size: 13px; line-height: 1.35;
  color: var(--rpt-text); box-sizing: border-box; letter-spacing: normal; text-align: start;
}
:is(.rpt-button, .rpt-panel, .rpt-dialog) * { box-sizing: border-box; }
.rpt-button {
  display: inline-flex; align-items: center; gap: 6px; inline-size: 318px; max-inline-size: 100%; block-size: 28px;
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
.rpt-ontime { flex: none; inline-size: 14px; block-size: 14px; fill: var(--rpt-ok); visibility: hidden; }
.rpt-button[data-prazo] .rpt-ontime { visibility: visible; }
.rpt-button[data-estado=waiting] .rpt-label, .rpt-button[data-estado=idle] .rpt-label { color: var(--rpt-soft); }
.rpt-button[data-velho] :is(.rpt-label, .rpt-badge) { opacity: .62; }
:is(.rpt-button, .rpt-fact)[data-estado=ok] .rpt-badge { background: none; color: var(--rpt-ok); }
.rpt-button[data-estado=ok] .rpt-badge { inline-size: 22px; padding: 0 4px; }
.rpt-button[data-estado=ok] .rpt-icon { inline-size: 14px; block-size: 14px; }
.rpt-button[data-estado=failed] { border-style: dashed; }
:is(.rpt-button, .rpt-fact)[data-estado=BAIXA] .rpt-badge { background: var(--rpt-baixa); color: var(--rpt-baixa-ink); }
:is(.rpt-button, .rpt-fact)[data-estado=MEDIA] .rpt-badge { background: var(--rpt-media); color: var(--rpt-media-ink); }
:is(.rpt-button, .rpt-fact)[data-estado=ALTA] .rpt-badge { background: var(--rpt-alta); color: var(--rpt-alta-ink); }
:is(.rpt-button, .rpt-fact)[data-estado=CRITICA] .rpt-badge { background: var(--rpt-critica); color: var(--rpt-critica-ink); }
.rpt-panel { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; min-block-size: 36px; padding: 2px 0; font-variant-numeric: tabular-nums; }
.rpt-panel progress { appearance: none; flex: 1 1 90px; min-inline-size: 90px; max-inline-size: 260px; block-size: 6px; border: 0; border-radius: 3px; overflow: hidden; background: var(--rpt-bar); }
.rpt-panel progress::-webkit-progress-bar { background: var(--rpt-bar); }
.rpt-panel progress::-webkit-progress-value { background: var(--rpt-accent); }
.rpt-panel progress::-moz-progress-bar { background: var(--rpt-accent); }
.rpt-status { font-weight: 600; min-inline-size: 9em; }
.rpt-figures { min-inline-size: 14em; color: var(--rpt-soft); }
.rpt-note { color: var(--rpt-soft); }
.rpt-note:empty { display: none; }
.rpt-action, .rpt-select {
  block-size: 28px; padding: 0 10px; border: 1px solid var(--rpt-line); border-radius: 6px; background: var(--rpt-surface);
  color: var(--rpt-text); font: inherit; cursor: pointer; white-space: nowrap;
}
.rpt-action:hover { border-color: var(--rpt-accent); }
.rpt-action { min-inline-size: 9.5em; }
.rpt-select { inline-size: auto; min-inline-size: 0; padding: 0 4px; }
.rpt-auto { display: inline-flex; align-items: center; gap: 6px; margin-inline-start: auto; color: var(--rpt-soft); }
.rpt-hidden { position: absolute; inline-size: 1px; block-size: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.rpt-dialog {
  inline-size: min(1080px, calc(100vw - 24px)); max-inline-size: none; block-size: fit-content; min-block-size: min(200px, calc(100dvh - 24px));
  --rpt-from-top: clamp(12px, 6dvh, 72px); max-block-size: calc(100dvh - 2 * var(--rpt-from-top)); margin: var(--rpt-from-top) auto auto; padding: 0; border: 1px solid var(--rpt-line); border-radius: 10px; background: var(--rpt-surface);
  box-shadow: 0 12px 40px rgb(0 0 0 / .28); overflow: hidden;
}
.rpt-dialog[open] { display: flex; flex-direction: column; }
.rpt-dialog::backdrop { background: rgb(12 18 26 / .48); }
.rpt-head { flex: none; display: flex; align-items: center; gap: 12px; padding: 12px 16px; border-block-end: 1px solid var(--rpt-line); }
.rpt-title { margin: 0; font-size: 17px; font-weight: 650; line-height: 1.2; color: inherit; overflow-wrap: anywhere; }
.rpt-head .rpt-note { flex: 1; text-align: end; }
.rpt-head .rpt-action { min-inline-size: 0; }
.rpt-body { flex: 1 1 auto; min-block-size: 0; display: flex; flex-direction: column; }
.rpt-facts { flex: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 10px 16px; margin: 0; padding: 12px 16px; background: var(--rpt-raised); }
.rpt-fact { min-inline-size: 0; }
.rpt-fact dt { margin: 0; font-size: 12px; font-weight: 400; color: var(--rpt-soft); }
.rpt-fact dd { margin: 2px 0 0; min-block-size: 20px; font-size: 14px; font-weight: 600; font-variant-numeric: tabular-nums; }
.rpt-fact .rpt-badge { inline-size: auto; }
.rpt-fact small { display: block; font-size: 12px; font-weight: 400; color: var(--rpt-soft); }
.rpt-fact .rpt-late { color: var(--rpt-late); }
.rpt-tabs { flex: none; display: flex; gap: 4px; padding: 8px 16px 0; border-block-end: 1px solid var(--rpt-line); }
.rpt-tab { min-block-size: 34px; padding: 0 12px; border: 0; border-block-end: 2px solid transparent; background: none; color: var(--rpt-soft); font: inherit; cursor: pointer; }
.rpt-tab[aria-selected=true] { border-block-end-color: var(--rpt-accent); color: var(--rpt-text); font-weight: 600; }
.rpt-tab b { font-weight: 600; font-variant-numeric: tabular-nums; }
.rpt-page { flex: 0 1 auto; min-block-size: 96px; overflow: auto; position: relative; }
.rpt-items { inline-size: 100%; border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
.rpt-items th, .rpt-items td { padding: 7px 10px; border: 0; border-block-end: 1px solid var(--rpt-line); text-align: end; white-space: nowrap; font-weight: 400; background: none; color: inherit; }
.rpt-items :is(th, td):first-child { padding-inline-start: 16px; }
.rpt-items :is(th, td):last-child { padding-inline-end: 16px; }
.rpt-items thead th { position: sticky; inset-block-start: 0; background: var(--rpt-surface); color: var(--rpt-soft); font-size: 12px; }
.rpt-items .rpt-word { text-align: start; }
.rpt-items .rpt-product { white-space: normal; min-inline-size: 200px; }
.rpt-name, .rpt-why { display: block; overflow-wrap: anywhere; }
.rpt-why { margin-block-start: 1px; font-size: 12px; color: var(--rpt-soft); }
.rpt-items .rpt-bad { font-weight: 650; }
.rpt-empty { padding: 28px 16px; color: var(--rpt-soft); text-align: center; }
.rpt-empty p { margin: 0 0 12px; }
.rpt-skeleton { display: inline-block; inline-size: 72%; block-size: 12px; border-radius: 4px; background: var(--rpt-bar); }
@media (max-width: 820px) {
  .rpt-items, .rpt-items tbody { display: block; }
  .rpt-items thead { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
  .rpt-items thead th { position: static; }
  .rpt-items tbody tr { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); align-items: end; gap: 6px 8px; padding: 10px 12px; border-block-end: 1px solid var(--rpt-line); }
  .rpt-items tbody td { display: block; grid-column: span 2; min-inline-size: 0; padding: 0; border: 0; text-align: start; white-space: normal; }
  .rpt-items tbody td::before { content: attr(data-label); display: block; font-size: 12px; font-weight: 400; color: var(--rpt-soft); }
  .rpt-items tbody .rpt-product { order: -2; grid-column: 1 / -1; min-inline-size: 0; font-weight: 600; }
  .rpt-items tbody .rpt-product::before { content: none; }
  .rpt-items .rpt-why { font-weight: 400; }
  .rpt-items tbody :is(.rpt-shortage, .rpt-when) { order: -1; grid-column: span 3; }
  .rpt-items tbody .rpt-bad { font-size: 17px; line-height: 1.2; }
  .rpt-items tbody .rpt-receipt { grid-column: span 4; }
  .rpt-items tbody .rpt-code { order: 1; overflow-wrap: anywhere; }
  .rpt-items tbody .rpt-none { display: none; }
}
@media (min-width: 1080px) { .rpt-facts { grid-template-columns: 0.9fr 1.4fr 1fr 1fr 1fr 1.2fr 1.8fr; } }
@media (max-width: 640px) {
  .rpt-head { flex-wrap: wrap; gap: 4px 12px; padding: 10px 12px; } .rpt-title { flex: 1; } .rpt-head .rpt-note { order: 1; flex: 1 0 100%; text-align: start; } .rpt-facts { grid-template-columns: 1fr 1fr; padding: 10px 12px; } .rpt-tabs { padding-inline: 4px; }
  .rpt-auto { margin-inline-start: 0; } .rpt-figures, .rpt-panel .rpt-action { min-inline-size: 0; } .rpt-body { overflow: auto; } .rpt-page { flex: none; overflow: visible; }
}
@media (forced-colors: active) { .rpt-badge { border: 1px solid; } }
@media print { .rpt-panel { display: none; } }
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
  clock: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm0 1.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6zM7.2 4h1.6v3.7l2.4 1.4-.8 1.4-3.2-1.9z',
};

/** Thrown when the server no longer knows a session. */
class SessionLost extends Error {}
/** Thrown when an analysis cannot go on; its message is for the user. */
class AnalysisFailed extends Error {}

/** @param {string} text @param {...(string|number)} values */
const fill = (text, ...values) => text.replace(/\{(\d)\}/g, (_, i) => String(values[Number(i)]));

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
const sleep = (ms, signal) => new Promise((resolve, reject) => {
  const stop = () => { clearTimeout(timer); reject(signal.reason); };
  const timer = setTimeout(() => { signal.removeEventListener('abort', stop); resolve(); }, ms);
  if (signal.aborted) stop(); else signal.addEventListener('abort', stop, {once: true});
});

/** Exponential, with jitter so that many pages do not come back at once. @param {number} attempt */
const backoff = (attempt) => Math.min(TUNING.backoffMs * 2 ** attempt, TUNING.backoffMaxMs) * (0.5 + Math.random() / 2);

/** Milliseconds asked for by Retry-After, in seconds or as a date. @param {Response} response */
function retryAfter(response) {
  const value = response.headers.get('Retry-After') ?? '';
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Math.min(Math.max(Number.isFinite(seconds) ? seconds : 5, 1), 120) * 1000 + Math.random() * 500;
}

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

/** @param {string} className @param {string} shape */
function icon(className, shape) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', className);
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', shape);
  svg.append(path);
  return svg;
}

/** Words, numbers and dates in one language. */
class Words {
  #number; #money; #day; #date; #time;

  /** @param {string} lang a language tag */
  constructor(lang) {
    const english = lang.toLowerCase().startsWith('en');
    this.t = english ? TEXTS.en : TEXTS.pt;
    const numbers = english ? 'en-US' : 'pt-BR';
    const dates = english ? 'en-GB' : 'pt-BR'; // in English the month is a word: 03/11 could be two days
    const month = english ? 'short' : '2-digit';
    this.tag = english ? 'en' : 'pt-BR';
    this.#number = new Intl.NumberFormat(numbers, {maximumFractionDigits: 3});
    this.#money = new Intl.NumberFormat(numbers, {style: 'currency', currency: 'BRL'});
    this.#day = new Intl.DateTimeFormat(dates, {day: '2-digit', month, timeZone: 'UTC'});
    this.#date = new Intl.DateTimeFormat(dates, {day: '2-digit', month, year: 'numeric', timeZone: 'UTC'});
    this.#time = new Intl.DateTimeFormat(dates, {hour: '2-digit', minute: '2-digit', second: '2-digit'});
  }

  /** @param {number|undefined|null} n */
  number(n) { return this.#number.format(n ?? 0); }
  /** @param {number} n */
  money(n) { return this.#money.format(n); }
  /** Day and month. @param {string} iso */
  day(iso) { return this.#format(this.#day, iso); }
  /** @param {string|null|undefined} iso */
  date(iso) { return iso ? this.#format(this.#date, iso) : ''; }
  /** @param {number|string} instant */
  time(instant) { return this.#format(this.#time, instant); }

  /** @param {Summary} s */
  total(s) {
    if (s.data_disponibilidade_total === 'agora') return this.t.now;
    return this.date(s.data_disponibilidade_total) || this.t.noForecast;
  }

  /** @param {Intl.DateTimeFormat} format @param {number|string} value */
  #format(format, value) {
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? String(value) : format.format(date);
  }
}

/** Does small pieces of work in animation frames, for a few milliseconds in each. */
class FrameQueue {
  /** @type {(() => void)[]} */ #work = [];
  #next = 0;
  #scheduled = false;

  /** @param {() => void} piece */
  add(piece) {
    this.#work.push(piece);
    this.#schedule();
  }

  clear() {
    this.#work = [];
    this.#next = 0;
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const run = () => this.#run();
    if (document.hidden) setTimeout(run, 50); // hidden pages have no frames
    else requestAnimationFrame(run);
  }

  #run() {
    this.#scheduled = false;
    const end = performance.now() + TUNING.frameBudgetMs;
    try {
      while (this.#next < this.#work.length && performance.now() < end) this.#work[this.#next++]();
    } finally {
      if (this.#next >= this.#work.length) this.clear();
      else this.#schedule();
    }
  }
}

/** Requests to the API, patient with a busy server. */
class Api {
  /** @param {string} base @param {string} language */
  constructor(base, language) {
    this.base = base;
    this.language = language;
  }

  /** @param {string} id */
  streamUrl(id) { return `${this.base}/api/ruptura/stream/${encodeURIComponent(id)}`; }
  /** @param {string} id */
  statusUrl(id) { return `${this.base}/api/ruptura/status/${encodeURIComponent(id)}`; }

  /** One order; numbers with a slash, or that a path would swallow, go in the query. @param {string} order */
  orderUrl(order) {
    const code = encodeURIComponent(order);
    return `${this.base}/api/ruptura/analisar${/^\.{1,2}$|\/|\\/.test(order) ? '?pedido=' : '/'}${code}`;
  }

  /**
   * The JSON of a good answer. Waits and repeats while the server is busy or cannot be reached, and tells
   * `wait` so; any other answer is an AnalysisFailed with the server's own words.
   * @param {string} url @param {RequestInit & {signal: AbortSignal}} init
   * @param {{noServer: string, wait: (kind: 'busy'|'offline', seconds: number) => void}} how
   */
  async json(url, init, how) {
    const headers = {'Accept': 'application/json', 'Accept-Language': this.language, ...init.headers};
    for (let busy = 0, failed = 0; ;) {
      /** @type {Response|null} */
      let response = null;
      try {
        response = await fetch(url, {...init, headers});
      } catch {
        if (init.signal.aborted) throw init.signal.reason;
      }
      if (response?.ok) return response.json();
      const retriable = response === null ? ++failed < TUNING.requestTries : [429, 503].includes(response.status) && ++busy < TUNING.busyTries;
      if (!retriable) throw new AnalysisFailed(response ? await Api.problem(response) : how.noServer);
      const ms = response ? retryAfter(response) : backoff(failed);
      how.wait(response ? 'busy' : 'offline', Math.ceil(ms / 1000));
      await sleep(ms, init.signal);
    }
  }

  /** What a problem+json says. @param {Response} response */
  static async problem(response) {
    try {
      const problem = await response.json();
      return String(problem.detail ?? problem.error ?? problem.title ?? response.statusText);
    } catch {
      return `HTTP ${response.status}`;
    }
  }
}

/**
 * Delivers the events of one session, each once and in order. Streams; where streaming proves impossible, polls
 * the status. After a break it goes on from the last event.
 */
class Transport {
  #api; #id; #signal; #on;
  #last = 0;
  #failures = 0;
  #heardAt = 0;
  #ended = false;
  /** @type {EventSource|null} */ #source = null;
  /** @type {number|undefined} */ #watch;
  /** @type {(reason: unknown) => void} */ #reject = () => {};
  #resolve = () => {};

  /**
   * @param {Api} api @param {string} id @param {AbortSignal} signal
   * @param {{event: (event: StreamEvent) => void, mode: (mode: 'stream'|'reconnecting'|'polling') => void, silent: string}} on
   */
  constructor(api, id, signal, on) {
    this.#api = api;
    this.#id = id;
    this.#signal = signal;
    this.#on = on;
  }

  /** Ends with the session's last event, or fails with SessionLost, AnalysisFailed or the signal's reason. */
  async follow() {
    try {
      await new Promise((resolve, reject) => {
        this.#resolve = () => resolve(undefined);
        this.#reject = reject;
        this.#signal.addEventListener('abort', () => reject(this.#signal.reason), {once: true});
        if (this.#signal.aborted) reject(this.#signal.reason);
        else this.#connect();
      });
    } finally {
      this.#ended = true;
      this.#close();
    }
  }

  #connect() {
    if (this.#ended) return;
    const from = this.#last ? `?desde=${this.#last}` : '';
    const source = this.#source = new EventSource(this.#api.streamUrl(this.#id) + from);
    source.onmessage = (message) => this.#heard(message.data);
    source.onerror = () => this.#broken(source);
    this.#heardAt = performance.now();
    this.#listen();
  }

  /** Waits for the silence that means no stream gets through; a throttled timer is checked against the clock. */
  #listen() {
    clearTimeout(this.#watch);
    const left = this.#heardAt + TUNING.silenceMs - performance.now();
    this.#watch = window.setTimeout(() => {
      if (performance.now() - this.#heardAt >= TUNING.silenceMs) this.#poll();
      else this.#listen();
    }, Math.max(left, 50));
  }

  /** @param {string} data */
  #heard(data) {
    this.#heardAt = performance.now();
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

  /** The browser reconnects by itself unless the answer was not a stream: then it has given up. @param {EventSource} source */
  #broken(source) {
    if (this.#ended || source !== this.#source) return;
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
      await sleep(busy ? retryAfter(response) : backoff(this.#failures), this.#signal);
      this.#connect();
    } catch (error) {
      this.#reject(error);
    }
  }

  async #poll() {
    this.#close();
    if (this.#ended) return;
    this.#on.mode('polling');
    try {
      let quiet = 0;
      let wait = /** @type {number} */ (TUNING.pollMs);
      while (!this.#ended) {
        const news = await this.#ask();
        quiet = news > 0 ? 0 : quiet + 1;
        wait = news > 0 ? TUNING.pollMs : Math.min(wait * 1.5, TUNING.pollMaxMs);
        if (quiet >= TUNING.pollTries) throw new AnalysisFailed(this.#on.silent);
        if (!this.#ended) await sleep(wait, this.#signal);
      }
    } catch (error) {
      this.#reject(error);
    }
  }

  /** Asks until nothing is left to fetch now; the number of events that came. */
  async #ask() {
    let news = 0;
    for (let more = true; more && !this.#ended;) {
      const response = await fetch(`${this.#api.statusUrl(this.#id)}?desde=${this.#last}`, {signal: this.#signal}).catch(() => null);
      if (this.#signal.aborted) throw this.#signal.reason;
      if (response?.status === 404) throw new SessionLost();
      if (!response?.ok) return news;
      const status = await response.json();
      const events = /** @type {StreamEvent[]} */ (status.eventos ?? []);
      events.forEach((event) => this.#deliver(event));
      news += events.length;
      more = this.#last < status.ultimo_evento && events.length > 0;
    }
    return news;
  }

  #close() {
    clearTimeout(this.#watch);
    this.#source?.close();
    this.#source = null;
  }
}

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
      return {look: state.kind, word: '', text: t[state.kind === 'done' ? 'failed' : state.kind], onTime: false, hint: state.error ?? ''};
    }
    const s = state.result.resumo;
    const items = fill(t.itemsOf, this.#words.number(s.qtd_itens_disponiveis), this.#words.number(s.total_itens));
    if (state.result.pedido_ok) return {look: 'ok', word: '', text: t.ok, onTime: false, hint: items};
    const word = t[/** @type {'ALTA'} */ (s.criticidade ?? '')] ?? String(s.criticidade ?? '');
    const total = s.data_disponibilidade_total ? fill(t.whole, this.#words.day(s.data_disponibilidade_total)) : t.never;
    const onTime = s.no_prazo === true;
    const hint = [items, `${t.criticality}: ${word}`, onTime ? fill(t.onTime, this.#words.date(s.data_necessidade)) : ''];
    return {look: s.criticidade ?? 'none', word, text: `${fill(t.part, s.percentual_disponibilidade)} | ${total}`, onTime, hint: hint.filter(Boolean).join(' · ')};
  }
}

/** The progress bar with its actions. */
class Panel {
  #words;
  #status = el('span', 'rpt-status');
  #progress = el('progress', '');
  #figures = el('span', 'rpt-figures');
  #note = el('span', 'rpt-note');
  #fresh = el('span', 'rpt-note');
  #live = el('span', 'rpt-hidden');
  #action = el('button', 'rpt-action');
  #select = el('select', 'rpt-select');
  #root = el('div', 'rpt-panel rpt-scope');
  /** @type {number|undefined} */ #clock;

  /**
   * @param {Words} words @param {HTMLElement} table
   * @param {{action: () => void, every: (minutes: number) => void}} on @param {AbortSignal} signal
   */
  constructor(words, table, on, signal) {
    this.#words = words;
    const {t} = words;
    this.#progress.setAttribute('aria-label', t.progress);
    this.#live.setAttribute('role', 'status');
    this.#live.setAttribute('aria-live', 'polite');
    this.#action.type = 'button';
    this.#action.textContent = t.again;
    for (const minutes of [0, 1, 5, 15]) this.#select.add(new Option(minutes ? fill(t.minutes, minutes) : t.off, String(minutes)));
    this.#action.addEventListener('click', on.action, {signal});
    this.#select.addEventListener('change', () => on.every(Number(this.#select.value)), {signal});
    this.#root.append(this.#status, this.#progress, this.#figures, this.#note, this.#fresh,
      el('label', 'rpt-auto', t.auto, this.#select), this.#action, this.#live);
    const place = document.querySelector('[data-ruptura-painel]');
    if (place) place.append(this.#root); else table.before(this.#root);
  }

  /** @param {string} text */
  say(text) { this.#live.textContent = text; }
  /** @param {string} text */
  note(text) { this.#note.textContent = text; }

  /** Shows a run as it stands. @param {Run} run */
  show(run) {
    const {t} = this.#words;
    const running = run.phase === 'starting' || run.phase === 'running';
    this.#status.textContent = t[run.phase];
    if (run.phase === 'starting') this.#progress.removeAttribute('value');
    else {
      this.#progress.max = Math.max(run.total, 1);
      this.#progress.value = run.total ? run.processed : Number(!running);
    }
    this.#action.textContent = running ? t.cancel : t.again;
    if (run.readAt) this.#fresh.textContent = fill(t.readAt, this.#words.time(run.readAt));
    this.#count(run);
    clearTimeout(this.#clock);
    if (running) this.#clock = window.setTimeout(() => this.show(run), 1000);
  }

  remove() {
    clearTimeout(this.#clock);
    this.#root.remove();
  }

  /** @param {Run} run */
  #count(run) {
    const {t} = this.#words;
    if (!run.total) return void (this.#figures.textContent = '');
    const parts = [fill(t.count, this.#words.number(run.processed), this.#words.number(run.total)),
      `${Math.floor(run.processed / run.total * 100)}%`, this.#elapsed(run)];
    if (run.errors) parts.splice(2, 0, fill(t.errors, this.#words.number(run.errors)));
    this.#figures.textContent = parts.join(' · ');
  }

  /** @param {Run} run */
  #elapsed(run) {
    const seconds = run.elapsed / 1000;
    if (seconds >= 60) return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')} min`;
    return `${this.#words.number(run.ended ? Math.max(Math.round(seconds * 10) / 10, 0.1) : Math.floor(seconds))} s`;
  }
}

/** One analysis of many orders, from request to last event. */
class Run {
  /** @type {'starting'|'running'|'done'|'cancelled'|'broken'|'nothing'} */ phase = 'starting';
  id = '';
  total = 0;
  processed = 0;
  errors = 0;
  /** @type {string|undefined} */ readAt;
  /** @type {number|undefined} */ duration;
  ended = false;
  /** Results that came, so that a repeated session counts none twice. @type {Set<string>} */ received = new Set();
  abort = new AbortController();
  #startedAt = performance.now();

  get elapsed() { return this.duration ?? performance.now() - this.#startedAt; }

  /** @param {'done'|'cancelled'|'broken'|'nothing'} phase */
  end(phase) {
    this.phase = phase;
    this.duration = this.elapsed;
    this.ended = true;
  }
}

/** The details of one order, read afresh each time they open. */
class Details {
  #words;
  #dialog = el('dialog', 'rpt-dialog rpt-scope');
  #title = el('h2', 'rpt-title');
  #fresh = el('span', 'rpt-note');
  #body = el('div', 'rpt-body');
  #order = '';

  /** @param {Words} words @param {(order: string) => void} closed */
  constructor(words, closed) {
    this.#words = words;
    const close = el('button', 'rpt-action', words.t.close);
    close.type = 'button';
    close.addEventListener('click', () => this.#dialog.close());
    this.#title.id = `rpt-title-${randomKey()}`;
    this.#dialog.setAttribute('aria-labelledby', this.#title.id);
    this.#dialog.append(el('div', 'rpt-head', this.#title, this.#fresh, close), this.#body);
    this.#dialog.addEventListener('click', (event) => { if (event.target === this.#dialog) this.#dialog.close(); });
    this.#dialog.addEventListener('close', () => closed(this.#order));
  }

  /** Opens at once, before anything is known. @param {string} order */
  open(order) {
    this.#order = order;
    this.#title.textContent = fill(this.#words.t.order, order);
    this.#fresh.textContent = this.#words.t.loading;
    this.#skeleton();
    if (!this.#dialog.isConnected) document.body.append(this.#dialog);
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /** Whether these details are still of this order. @param {string} order */
  shows(order) { return this.#dialog.open && this.#order === order; }

  /** @param {string} text */
  wait(text) { this.#fresh.textContent = text; }

  /** @param {Result} result */
  show(result) {
    this.#fresh.textContent = fill(this.#words.t.readAt, this.#words.time(result.posicao_em ?? Date.now()));
    this.#body.replaceChildren(this.#facts(result.resumo, result.pedido_ok), ...this.#tabs(result));
  }

  /** @param {string} message @param {() => void} again */
  fail(message, again) {
    const button = el('button', 'rpt-action', this.#words.t.tryAgain);
    button.type = 'button';
    button.addEventListener('click', again, {once: true});
    const box = el('div', 'rpt-empty', el('p', '', message), button);
    box.setAttribute('role', 'alert');
    this.#fresh.textContent = '';
    this.#body.replaceChildren(box);
  }

  remove() {
    this.#dialog.close();
    this.#dialog.remove();
  }

  #skeleton() {
    const {t} = this.#words;
    const facts = [t.criticality, t.availability, t.total, t.valueOk, t.valueShort, t.totalOn, t.need]
      .map((name) => this.#fact(name, el('span', 'rpt-skeleton')));
    this.#body.replaceChildren(el('dl', 'rpt-facts', ...facts));
  }

  /** @param {string} name @param {...(Node|string)} value */
  #fact(name, ...value) { return el('div', 'rpt-fact', el('dt', '', name), el('dd', '', ...value)); }

  /** @param {Summary} s @param {boolean} ok */
  #facts(s, ok) {
    const {t} = this.#words;
    const look = ok ? 'ok' : s.criticidade ?? 'none';
    const badge = el('span', 'rpt-badge', icon('rpt-icon', SHAPES[/** @type {keyof SHAPES} */ (look)] ?? ''));
    badge.append(' ', ok ? t.ok : t[/** @type {'ALTA'} */ (look)] ?? look);
    const degree = this.#fact(t.criticality, badge);
    degree.dataset.estado = look;
    return el('dl', 'rpt-facts', degree,
      this.#fact(t.availability, `${s.percentual_disponibilidade}% `, el('small', '', fill(t.itemsOf, s.qtd_itens_disponiveis, s.total_itens))),
      this.#fact(t.total, this.#words.money(s.valor_total_pedido)),
      this.#fact(t.valueOk, this.#words.money(s.valor_disponivel)),
      this.#fact(t.valueShort, this.#words.money(s.valor_com_ruptura)),
      this.#fact(t.totalOn, this.#words.total(s)),
      this.#fact(t.need, this.#words.date(s.data_necessidade) || t.noNeed, ' ', el('small', s.no_prazo === false ? 'rpt-late' : '', this.#punctuality(s))));
  }

  /** @param {Summary} s */
  #punctuality(s) {
    const {t} = this.#words;
    if (s.no_prazo) return t.isOnTime;
    if (s.no_prazo === false && !s.data_disponibilidade_total) return t.lateOpen;
    if (!s.dias_atraso) return '';
    return s.dias_atraso === 1 ? t.late1 : fill(t.late, s.dias_atraso);
  }

  /** @param {Result} result @returns {HTMLElement[]} */
  #tabs(result) {
    const {t} = this.#words;
    const short = result.itens ?? [];
    const available = result.itens_disponiveis ?? [];
    const pages = [{name: t.short, items: short}, {name: t.available, items: available}, {name: t.all, items: [...short, ...available]}];
    const list = el('div', 'rpt-tabs');
    const page = el('div', 'rpt-page');
    list.setAttribute('role', 'tablist');
    page.setAttribute('role', 'tabpanel');
    page.tabIndex = 0;
    page.id = `${this.#title.id}-page`;
    const tabs = pages.map(({name, items}, i) => this.#tab(`${page.id}-${i}`, page.id, name, items.length));
    /** @param {number} chosen @param {boolean} focus */
    const select = (chosen, focus) => {
      tabs.forEach((tab, i) => {
        tab.setAttribute('aria-selected', String(i === chosen));
        tab.tabIndex = i === chosen ? 0 : -1;
      });
      page.setAttribute('aria-labelledby', tabs[chosen].id);
      page.replaceChildren(this.#table(pages[chosen].items));
      page.scrollTop = 0;
      if (focus) tabs[chosen].focus();
    };
    list.append(...tabs);
    list.addEventListener('click', (event) => {
      const i = tabs.findIndex((tab) => tab.contains(/** @type {Node} */ (event.target)));
      if (i >= 0) select(i, true);
    });
    list.addEventListener('keydown', (event) => {
      const now = tabs.findIndex((tab) => tab.tabIndex === 0);
      const to = {ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: tabs.length - 1}[event.key];
      if (to === undefined) return;
      event.preventDefault();
      select((to + tabs.length) % tabs.length, true);
    });
    select(short.length ? 0 : 1, false);
    return [list, page];
  }

  /** @param {string} id @param {string} controls @param {string} name @param {number} count */
  #tab(id, controls, name, count) {
    const tab = el('button', 'rpt-tab', `${name} `, el('b', '', this.#words.number(count)));
    tab.type = 'button';
    tab.id = id;
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-controls', controls);
    return tab;
  }

  /** @param {Item[]} items */
  #table(items) {
    const {t} = this.#words;
    if (!items.length) return el('p', 'rpt-empty', t.noItems);
    const words = new Set([t.code, t.name]);
    const head = part('tr', 'row', '');
    for (const name of [t.code, t.name, t.open, t.stock, t.lowest, t.shortage, t.receipt, t.on]) {
      const cell = part('th', 'columnheader', words.has(name) ? 'rpt-word' : '', name);
      cell.scope = 'col';
      head.append(cell);
    }
    return part('table', 'table', 'rpt-items', part('thead', 'rowgroup', '', head),
      part('tbody', 'rowgroup', '', ...items.map((item) => this.#row(item))));
  }

  /** @param {Item} item */
  #row(item) {
    const {t} = this.#words;
    /** @param {number|undefined} n */
    const number = (n) => this.#words.number(n);
    const short = (item.ruptura_qtd ?? 0) > 0;
    const none = short ? '' : ' rpt-none';
    const receipt = short && item.data_producao ? `${number(item.qtd_producao)} · ${this.#words.date(item.data_producao)}` : '–';
    return part('tr', 'row', '',
      this.#cell('rpt-word rpt-code', t.code, item.cod_produto),
      this.#cell('rpt-word rpt-product', t.name, el('span', 'rpt-name', item.nome_produto), ...this.#why(item)),
      this.#cell('', t.open, number(item.qtd_saldo)),
      this.#cell('', t.stock, number(item.estoque_atual)),
      this.#cell('', t.lowest, number(item.estoque_min_d7)),
      this.#cell(`rpt-shortage${short ? ' rpt-bad' : none}`, t.shortage, short ? number(item.ruptura_qtd) : '–'),
      this.#cell(`rpt-receipt${none}`, t.receipt, receipt),
      this.#cell('rpt-when', t.on, !short ? t.now : this.#words.date(item.data_disponivel) || t.noForecast));
  }

  /** A cell that carries its column's name, for where there is no room for a header. @param {string} className @param {string} label @param {...(Node|string)} children */
  #cell(className, label, ...children) {
    const cell = part('td', 'cell', className, ...children);
    cell.dataset.label = label;
    return cell;
  }

  /** Why an item is short, where its figures alone could be misread. @param {Item} item */
  #why(item) {
    if (!item.ruptura_qtd) return [];
    const {t} = this.#words;
    const reasons = [this.#whyStock(item)];
    // Only lines before this one, of the same stock, can leave it less than the lowest that can ship.
    if ((item.qtd_disponivel ?? 0) < Math.min(item.qtd_saldo, item.estoque_min_d7)) reasons.push(t.otherLine);
    if (item.data_producao && !item.data_disponivel) reasons.push(t.notEnough);
    if (item.producao_atrasada) reasons.push(fill(t.overdue, this.#words.number(item.producao_atrasada)));
    return reasons.filter(Boolean).map((reason) => el('span', 'rpt-why', reason));
  }

  /**
   * What keeps stock from this item: what is set aside for other orders, for the order's own is left out of the
   * lowest in the window. @param {Item} item
   */
  #whyStock({estoque_atual: stock, estoque_min_d7: lowest}) {
    const {t} = this.#words;
    if (stock <= 0) return t.noStock;
    if (lowest >= stock) return '';
    const text = lowest <= 0 ? t.freeNone : lowest < 2 ? t.freeOne : t.freeFew;
    return fill(text, this.#words.number(stock), this.#words.number(lowest));
  }
}

/** @type {WeakMap<Element, RupturaWorkerClient>} */
const owners = new WeakMap();
/** @type {CSSStyleSheet|undefined} */
let sheet;

/** The document's sheet of this script, adopted once. */
function adoptStyle() {
  if (sheet) return;
  sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** Analyses the orders of one table and keeps its buttons up to date. */
class RupturaWorkerClient {
  #api; #words; #selector;
  #warned = false;
  /** @type {HTMLElement|null} */ #table = null;
  /** @type {AbortController|null} */ #life = null;
  /** @type {Panel|null} */ #panel = null;
  /** @type {Buttons} */ #buttons;
  /** @type {Details|null} */ #details = null;
  /** @type {Run|null} */ #run = null;
  /** @type {Map<string, State>} */ #states = new Map();
  #frames = new FrameQueue();
  /** @type {MutationObserver|null} */ #observer = null;
  #scanning = false;
  #everyMinutes = 0;
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
  }

  /** Starts the analysis of the table and of what becomes of it. A second start changes nothing. */
  start() {
    if (this.#life) return this;
    const table = /** @type {HTMLElement|null} */ (document.querySelector(this.#selector));
    if (!table) return this.#warn(fill(this.#words.t.noTable, this.#selector));
    if ((owners.get(table) ?? this) !== this) return this.#warn(this.#words.t.otherOwner);
    owners.set(table, this);
    this.#life = new AbortController();
    this.#table = table;
    const {signal} = this.#life;
    adoptStyle();
    table.classList.add('rpt-scope');
    this.#panel = new Panel(this.#words, table, {action: () => this.#toggle(), every: (m) => this.#setRefresh(m)}, signal);
    this.#details = new Details(this.#words, (order) => this.#buttons.focus(order));
    table.addEventListener('click', (event) => this.#clicked(event), {signal});
    document.addEventListener('visibilitychange', () => this.#scheduleRefresh(), {signal});
    window.addEventListener('pagehide', () => this.#leave(), {signal});
    this.#observe(table);
    this.#analyseAll();
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
    this.#details?.remove();
    this.#states.clear();
    this.#table.classList.remove('rpt-scope');
    owners.delete(this.#table);
    this.#life = this.#table = this.#run = null;
    this.#scanning = false;
  }

  /** A page that is left keeps nothing open; if the browser brings it back as it was, it starts afresh. */
  #leave() {
    this.stop();
    window.addEventListener('pageshow', (event) => { if (event.persisted) this.start(); }, {once: true});
  }

  /**
   * Analyses one order now and opens its details.
   * @param {string} order @returns {Promise<Result|null>} null when it could not be analysed
   */
  async analisar(order) {
    if (!this.#life || !this.#details) return null;
    const details = this.#details;
    const {signal} = this.#life;
    details.open(order);
    try {
      const result = await this.#fetchOrder(order, signal, details);
      if (details.shows(order)) details.show(result);
      this.#take(result, result.posicao_em, 'clique');
      return result;
    } catch (error) {
      if (signal.aborted) return null;
      const message = error instanceof Error ? error.message : String(error);
      if (details.shows(order)) details.fail(message, () => void this.analisar(order));
      this.#emit('ruptura:erro', {pedido: order, erro: message});
      return null;
    }
  }

  /** @param {string} order @param {AbortSignal} signal @param {Details} details @returns {Promise<Result>} */
  #fetchOrder(order, signal, details) {
    const {t} = this.#words;
    return this.#api.json(this.#api.orderUrl(order), {signal, cache: 'no-store'}, {
      noServer: t.noServer,
      wait: (kind, seconds) => { if (details.shows(order)) details.wait(fill(t[kind], seconds)); },
    });
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
    this.#observer = new MutationObserver(() => this.#changed());
    this.#observer.observe(table, {childList: true, subtree: true, attributes: true, attributeFilter: ['data-pedido']});
    if (table.parentElement) this.#observer.observe(table.parentElement, {childList: true});
  }

  #changed() {
    if (this.#scanning) return;
    this.#scanning = true;
    requestAnimationFrame(() => {
      this.#scanning = false;
      if (!this.#life || !this.#table) return;
      if (!this.#table.isConnected && document.querySelector(this.#selector)) return this.#restart();
      this.#mountRows(this.#rows());
      clearTimeout(this.#newRows);
      this.#newRows = window.setTimeout(() => this.#analyseNew(), TUNING.newRowsMs);
    });
  }

  #restart() {
    this.stop();
    this.start();
  }

  /** @returns {{row: HTMLElement, cell: Element, order: string}[]} */
  #rows() {
    const rows = [];
    for (const row of this.#table?.querySelectorAll('tr.pedido-row[data-pedido]') ?? []) {
      const order = (/** @type {HTMLElement} */ (row).dataset.pedido ?? '').trim();
      const cell = row.getElementsByClassName('coluna-entrega-obs')[0];
      if (order && cell) rows.push({row: /** @type {HTMLElement} */ (row), cell, order});
    }
    return rows;
  }

  /** @param {{cell: Element, order: string}[]} rows */
  #mountRows(rows) {
    for (const {cell, order} of rows) {
      if (this.#buttons.has(cell, order)) continue;
      this.#frames.add(() => this.#buttons.mount(cell, order, this.#states.get(order) ?? {kind: 'waiting'}));
    }
  }

  /**
   * The rows with those in view first. An observer tells them without forcing a layout; a page that is not
   * painted (hidden) never answers, so it waits only a moment.
   * @param {{row: HTMLElement, cell: Element, order: string}[]} rows
   */
  async #inViewFirst(rows) {
    const visible = await new Promise((/** @type {(rows: Set<Element>) => void} */ resolve) => {
      const observer = new IntersectionObserver((entries) => done(new Set(entries.filter((e) => e.isIntersecting).map((e) => e.target))));
      const timer = setTimeout(() => done(new Set()), 250);
      /** @param {Set<Element>} found */
      const done = (found) => { clearTimeout(timer); observer.disconnect(); resolve(found); };
      if (!rows.length) return done(new Set());
      for (const {row} of rows) observer.observe(row);
    });
    return [...rows.filter(({row}) => visible.has(row)), ...rows.filter(({row}) => !visible.has(row))];
  }

  // --- runs -----------------------------------------------------------------------------------

  /** Everything there is: the rows, or all that matches the table's filter. */
  async #analyseAll() {
    if (this.#run) return;
    const run = this.#run = new Run();
    this.#panel?.show(run);
    const rows = await this.#inViewFirst(this.#rows());
    if (run !== this.#run) return;
    for (const {order} of rows) this.#expect(order);
    this.#mountRows(rows);
    for (const [order, state] of this.#states) this.#buttons.paint(order, state);
    await this.#perform(run, [...new Set(rows.map(({order}) => order))], this.#table?.dataset.rupturaFiltro);
  }

  /** Orders that came with new rows, once a running analysis is over. */
  #analyseNew() {
    if (this.#run) return;
    const orders = [...new Set(this.#rows().map(({order}) => order).filter((order) => !this.#states.has(order)))];
    if (!orders.length) return;
    orders.forEach((order) => this.#expect(order));
    this.#run = new Run();
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
      const message = error instanceof SessionLost ? this.#words.t.lost : error instanceof Error ? error.message : String(error);
      this.#fail(run, message);
    }
  }

  /** Sends the orders and follows their session; one that the server forgot is sent again, once, for what is missing. @param {Run} run @param {string[]} orders @param {string|undefined} filter */
  async #followThrough(run, orders, filter) {
    for (let again = false; ; again = true) {
      const missing = orders.filter((order) => !run.received.has(order));
      const body = filter === undefined ? {pedidos: missing} : {filtro: JSON.parse(filter), primeiro: missing};
      await this.#submit(run, body, filter === undefined ? run.received.size : 0);
      try {
        return await new Transport(this.#api, run.id, run.abort.signal, {
          event: (event) => this.#event(run, event), mode: (mode) => this.#mode(run, mode), silent: this.#words.t.silent,
        }).follow();
      } catch (error) {
        if (!(error instanceof SessionLost) || again) throw error;
        if (filter === undefined && orders.every((order) => run.received.has(order))) return this.#later(run, () => this.#finish(run, 'done'));
      }
    }
  }

  /** @param {Run} run @param {object} body @param {number} before results already here from a session that was lost */
  async #submit(run, body, before) {
    const {t} = this.#words;
    const accepted = /** @type {Accepted} */ (await this.#api.json(`${this.#api.base}/api/ruptura/processar-lote`, {
      method: 'POST', signal: run.abort.signal, body: JSON.stringify(body),
      headers: {'Content-Type': 'application/json', 'Idempotency-Key': randomKey()},
    }, {noServer: t.noServer, wait: (kind, seconds) => this.#panel?.note(fill(t[kind], seconds))}));
    run.id = accepted.session_id;
    run.total = before + accepted.total_pedidos;
    run.phase = 'running';
    this.#panel?.note('');
    this.#panel?.show(run);
    if (before === 0 && run.received.size === 0) {
      this.#panel?.say(fill(t.saidStart, this.#words.number(run.total)));
      this.#emit('ruptura:inicio', {sessao: run.id, total: run.total});
    }
  }

  /** @param {Run} run @param {StreamEvent} event */
  #event(run, event) {
    if (event.tipo === 'resultados') this.#lot(run, event);
    else if (event.tipo === 'completo') this.#later(run, () => this.#finish(run, 'done', event.duracao_ms));
    else if (event.tipo === 'erro') {
      this.#later(run, () => (run.abort.signal.aborted ? this.#finish(run, 'cancelled') : this.#fail(run, event.error ?? '')));
    }
  }

  /** @param {Run} run @param {StreamEvent} event */
  #lot(run, event) {
    for (const result of event.resultados ?? []) {
      this.#later(run, () => {
        if (run.received.has(result.num_pedido)) return;
        run.received.add(result.num_pedido);
        run.processed = run.received.size;
        if (!result.success) run.errors++;
        this.#take(result, event.posicao_em, 'lote');
      });
    }
    this.#later(run, () => {
      run.readAt = event.posicao_em ?? run.readAt;
      this.#panel?.show(run);
    });
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
    } else {
      this.#states.set(order, result.success ? {kind: 'done', result, readAt: at} : {kind: 'failed', error: result.error});
      this.#emit('ruptura:resultado', {pedido: order, resultado: result, origem: origin, posicao_em: readAt});
    }
    this.#buttons.paint(order, /** @type {State} */ (this.#states.get(order)));
  }

  /** @param {Run} run @param {'stream'|'reconnecting'|'polling'} mode */
  #mode(run, mode) {
    if (this.#run === run) this.#panel?.note(mode === 'stream' ? '' : this.#words.t[mode]);
  }

  /** @param {Run} run @param {'done'|'cancelled'|'nothing'} phase @param {number} [duration] as the server measured it */
  #finish(run, phase, duration) {
    if (this.#run !== run) return;
    run.end(phase);
    run.duration = duration ?? run.duration;
    this.#close(run);
    const {t} = this.#words;
    this.#panel?.say(phase === 'done' ? fill(t.saidEnd, this.#words.number(run.processed), this.#words.number(run.errors)) : t[phase]);
    if (phase === 'done') {
      this.#emit('ruptura:completo', {sessao: run.id, processados: run.processed, com_erro: run.errors, total: run.total, duracao_ms: run.duration, posicao_em: run.readAt});
    } else if (phase === 'cancelled') this.#emit('ruptura:erro', {sessao: run.id, erro: 'cancelado', cancelado: true});
    this.#analyseNew();
  }

  /** @param {Run} run @param {string} message */
  #fail(run, message) {
    if (this.#run !== run) return;
    run.end('broken');
    this.#close(run);
    this.#panel?.note(message);
    this.#panel?.say(fill(this.#words.t.saidBroken, message));
    this.#emit('ruptura:erro', {sessao: run.id, erro: message});
  }

  /** Leaves no button waiting for what will not come. @param {Run} run */
  #close(run) {
    this.#run = null;
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

  #dueAt = 0;

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

  // --- outside --------------------------------------------------------------------------------

  /** @param {string} name @param {object} detail */
  #emit(name, detail) {
    this.#table?.dispatchEvent(new CustomEvent(name, {bubbles: true, detail}));
  }

  /** @param {string} message */
  #warn(message) {
    if (!this.#warned) console.warn(message);
    this.#warned = true;
    return this;
  }
}

Object.defineProperty(window, 'RupturaWorkerClient', {value: RupturaWorkerClient});

// The documented automatic start.
const script = /** @type {HTMLScriptElement|null} */ (document.currentScript);
const {rupturaApi, rupturaAuto, rupturaLang, rupturaTabela} = script?.dataset ?? {};
/** Where this file came from, without the path it is served at. */
const home = (script?.src ?? '').replace(/\/static\/carteira\/js\/[^/]*$/, '');
if (rupturaAuto === 'true') {
  const client = new RupturaWorkerClient({api: rupturaApi ?? home, lang: rupturaLang, tabela: rupturaTabela});
  const begin = () => client.start();
  Object.defineProperty(window, 'rupturaWorkerClient', {value: client});
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin, {once: true});
  else begin();
}
})();
