// @ts-check
/**
 * What only the page /carteira has beyond the client: the figures above the table, the value at
 * risk and, where orders compete, both answers in each row, addresses that follow the analysis (sorting, export), word that the book has
 * changed, the theme switch and a tidy address. It knows the client by its events alone.
 */
(() => {
'use strict';

const DEGREES = ['CRITICA', 'ALTA', 'MEDIA', 'BAIXA'];
const VALUES = ['valor_total_pedido', 'valor_disponivel', 'valor_com_ruptura'];
const MOST_SESSIONS = 3; // that the server takes results from
const BY_RESULTS = ['disponibilidade', 'criticidade', 'valor_com_ruptura'];
const english = document.documentElement.lang.startsWith('en');
const numbers = new Intl.NumberFormat(english ? 'en-US' : 'pt-BR');
const exact = new Intl.NumberFormat(english ? 'en-US' : 'pt-BR', {minimumFractionDigits: 2, maximumFractionDigits: 2});
const money = new Intl.NumberFormat(english ? 'en-US' : 'pt-BR', {style: 'currency', currency: 'BRL', maximumFractionDigits: 0});

/** Sums over all orders analysed, in whole cents so that they add up exactly. */
class Figures {
  /** @type {Map<string, {run: number, degree: string, contested: boolean, cents: number[]}>} */ #orders = new Map();
  #root = document.getElementById('figuras');
  #spread = document.getElementById('distribuicao');
  #run = 0;
  #drawing = false;

  /** @param {HTMLElement} table */
  constructor(table) {
    table.addEventListener('ruptura:inicio', (event) => { if (!/** @type {CustomEvent} */ (event).detail.parcial) this.#run++; });
    table.addEventListener('ruptura:resultado', (event) => this.#add(/** @type {CustomEvent} */ (event).detail));
    table.addEventListener('ruptura:completo', (event) => { if (!/** @type {CustomEvent} */ (event).detail.parcial) this.#complete(); });
    table.addEventListener('ruptura:erro', (event) => { if (endsAnalysis(event)) this.#root?.removeAttribute('data-pendente'); });
  }

  /** @param {{pedido: string, resultado: any}} detail */
  #add({pedido, resultado}) {
    if (!resultado.success) this.#orders.delete(pedido);
    else {
      const s = resultado.resumo;
      const contested = !resultado.pedido_ok && s.isolado?.pedido_ok === true;
      this.#orders.set(pedido, {run: this.#run, degree: resultado.pedido_ok ? 'ok' : s.criticidade, contested, cents: VALUES.map((v) => Math.round(s[v] * 100))});
    }
    this.#draw();
  }

  /** Orders that the last analysis did not meet have left the book. */
  #complete() {
    for (const [order, {run}] of this.#orders) if (run !== this.#run) this.#orders.delete(order);
    this.#draw();
  }

  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#root?.removeAttribute('data-pendente');
      this.#show();
    });
  }

  #show() {
    const count = /** @type {Record<string, number>} */ ({ok: 0, CRITICA: 0, ALTA: 0, MEDIA: 0, BAIXA: 0});
    const cents = [0, 0, 0];
    let contested = 0;
    for (const order of this.#orders.values()) {
      count[order.degree]++;
      if (order.contested) contested++;
      order.cents.forEach((value, i) => { cents[i] += value; });
    }
    const all = this.#orders.size;
    const short = all - count.ok;
    this.#write('ok', numbers.format(count.ok));
    this.#write('ok-parte', share(count.ok, all));
    this.#write('ruptura', numbers.format(short));
    this.#write('disputa', numbers.format(contested));
    this.#root?.toggleAttribute('data-disputa', contested > 0);
    for (const degree of DEGREES) this.#write(degree, numbers.format(count[degree]));
    VALUES.forEach((name, i) => this.#write(name, money.format(cents[i] / 100)));
    this.#write('valor_disponivel-parte', share(cents[1], cents[0]));
    this.#write('valor_com_ruptura-parte', share(cents[2], cents[0]));
    for (const name of ['ok', ...DEGREES]) this.#grow(name.toLowerCase(), count[name]);
    this.#grow('rest', all ? 0 : 1);
  }

  /** @param {string} name @param {string} text */
  #write(name, text) {
    const place = this.#root?.querySelector(`[data-figura="${name}"]`);
    if (place && place.textContent !== text) place.textContent = text;
  }

  /** @param {string} name @param {number} part */
  #grow(name, part) {
    const bar = /** @type {HTMLElement|null|undefined} */ (this.#spread?.querySelector(`.${name}`));
    if (bar) bar.style.flexGrow = String(part);
  }
}

/** Whether an error is that of an analysis, after which nothing more comes. @param {Event} event */
const endsAnalysis = (event) => 'sessao' in /** @type {CustomEvent} */ (event).detail;

/** A share that says 0 % or 100 % only when it is. @param {number} part @param {number} whole */
function share(part, whole) {
  if (!whole) return '';
  const percent = Math.round(part / whole * 100);
  if (part > 0 && part < whole) return `${Math.min(Math.max(percent, 1), 99)}%`;
  return `${percent}%`;
}

/** Changes the theme without loading the page again; without this script the links do it. */
function switchTheme() {
  const nav = document.getElementById('tema');
  nav?.addEventListener('click', (event) => {
    const link = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest('[data-tema-escolha]'));
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const theme = link.dataset.temaEscolha ?? 'sistema';
    const base = new URL(nav.dataset.base || '/', location.href).pathname;
    document.cookie = `ruptura_tema=${theme}; Path=${base}; Max-Age=31536000; SameSite=Lax`;
    if (theme === 'sistema') delete document.documentElement.dataset.tema;
    else document.documentElement.dataset.tema = theme;
    for (const other of nav.querySelectorAll('a')) other.toggleAttribute('aria-current', false);
    link.setAttribute('aria-current', 'true');
  });
}

/** An address to share holds neither empty fields, nor what goes without saying, nor one's own language and theme. */
function tidyAddress() {
  const url = new URL(location.href);
  for (const [name, value] of [...url.searchParams]) {
    if (value === '' || name === 'lang' || name === 'tema') url.searchParams.delete(name);
  }
  if (url.href !== location.href) history.replaceState(history.state, '', url);
  const form = /** @type {HTMLFormElement|null} */ (document.getElementById('filtros'));
  form?.addEventListener('formdata', (event) => {
    const {formData} = event;
    for (const [name, value] of [...formData]) if (value === '') formData.delete(name);
    if (formData.get('ordem') === 'data_necessidade') formData.delete('ordem');
    if (formData.get('politica') === 'linha') formData.delete('politica');
    const byResults = BY_RESULTS.includes(String(formData.get('ordem')).replace('-', ''));
    if (!byResults && !formData.has('disputa')) formData.delete('sessao');
  });
}

/** The rows as the server wrote them, by order. @param {HTMLElement} table @returns {Map<string, HTMLElement>} */
function rowsOf(table) {
  const rows = new Map();
  for (const row of table.querySelectorAll('tr.pedido-row')) rows.set(/** @type {HTMLElement} */ (row).dataset.pedido, row);
  return rows;
}

/** Writes each order's value at risk into its row; what never comes is not waited for. @param {HTMLElement} table @param {Map<string, HTMLElement>} rows */
function showRisk(table, rows) {
  table.addEventListener('ruptura:inicio', () => table.removeAttribute('data-parada'));
  table.addEventListener('ruptura:erro', (event) => { if (endsAnalysis(event)) table.setAttribute('data-parada', ''); });
  table.addEventListener('ruptura:resultado', (event) => {
    const {pedido, resultado} = /** @type {CustomEvent} */ (event).detail;
    const cell = rows.get(pedido)?.querySelector('.c-risk');
    if (!cell) return;
    const atRisk = resultado.success ? resultado.resumo.valor_com_ruptura : null;
    const text = atRisk ? exact.format(atRisk) : '–';
    if (cell.textContent !== text) cell.textContent = text;
    cell.classList.toggle('faint', !atRisk);
  });
}

/**
 * Where orders compete, says below each button what its order would get alone, and who makes the difference. The place is
 * there from the beginning, so that nothing moves.
 */
class BothAnswers {
  #words; #rows; #link; #dates;

  /** @param {HTMLElement} table @param {Map<string, HTMLElement>} rows */
  constructor(table, rows) {
    this.#words = /** @type {Record<string, string>} */ (/** @type {unknown} */ (table.dataset));
    this.#rows = rows;
    this.#link = table.dataset.rupturaLink ?? '';
    this.#dates = new Intl.DateTimeFormat(english ? 'en-GB' : 'pt-BR', {day: '2-digit', month: english ? 'short' : '2-digit', timeZone: 'UTC'});
    table.addEventListener('ruptura:resultado', (event) => this.#show(/** @type {CustomEvent} */ (event).detail));
  }

  /** @param {{pedido: string, resultado: any}} detail */
  #show({pedido, resultado}) {
    const place = this.#rows.get(pedido)?.querySelector('.both');
    if (!place) return;
    const s = resultado.success ? resultado.resumo : null;
    place.classList.toggle('faint', !s?.causa);
    place.replaceChildren(...(s?.isolado ? this.#say(s, resultado.pedido_ok) : []));
  }

  /** @param {any} s summary of an order @param {boolean} ok @returns {(Node|string)[]} */
  #say(s, ok) {
    const {isolado: alone, causa: cause} = s;
    if (!cause) return ok ? [] : [span('', this.#words.igual)];
    const link = document.createElement('a');
    link.href = this.#link.replace('{pedido}', () => encodeURIComponent(cause.num_pedido));
    link.textContent = cause.num_pedido;
    link.title = [`${this.#words.causa}${cause.num_pedido}`.replace(/^[ ,]+/, ''), cause.cliente].filter(Boolean).join(' · ');
    const why = span('b-why', this.#words.causa);
    const brief = span('b-brief', ' · ');
    brief.setAttribute('aria-hidden', 'true');
    return [span('b-text', this.#compare(alone, s)), why, brief, link];
  }

  /** Two answers by what tells them apart: how much, else when, else a line of it. @param {any} alone @param {any} together */
  #compare(alone, together) {
    const shares = [alone, together].map((s) => `${s.percentual_disponibilidade}%`);
    const answers = shares[0] === shares[1] ? [alone, together].map((s) => this.#whole(s)) : shares;
    return answers[0] === answers[1] ? this.#words.item : this.#words.ambos.replace('{0}', answers[0]).replace('{1}', answers[1]);
  }

  /** When an order is whole, of one that is not now. @param {any} answer */
  #whole({data_disponibilidade_total: on}) {
    return on ? this.#dates.format(new Date(`${on}T00:00:00Z`)) : this.#words.semPrevisao;
  }
}

/** @param {string} name @param {string} text */
function span(name, text) {
  const node = document.createElement('span');
  if (name) node.className = name;
  node.textContent = text;
  return node;
}

/** Those of our links that need a session: files, and orders of the table. */
const FILES = '#exportar a';
const SORTS = '.book thead a[data-endereco], #reordenar, #disputados';

/**
 * Addresses that sort by results or export them follow the sessions whose results are shown: while an analysis goes on, or
 * if it was cancelled, that is its own and, for the orders that it has not come to, the one before. @param {HTMLElement} table
 */
function followSessions(table) {
  /** @type {string[]} */ let shown = [];
  let partial = false; // an analysis of new rows knows these alone
  table.addEventListener('ruptura:inicio', (event) => { partial = /** @type {CustomEvent} */ (event).detail.parcial; });
  table.addEventListener('ruptura:produtos', (event) => { // comes after the results of each lot, also of a session that was sent again
    const {sessao} = /** @type {CustomEvent} */ (event).detail;
    if (partial || shown[0] === sessao) return;
    shown = [sessao, ...shown].slice(0, MOST_SESSIONS);
    name(shown, FILES, 'href');
  });
  table.addEventListener('ruptura:completo', (event) => {
    const {sessao, parcial} = /** @type {CustomEvent} */ (event).detail;
    if (parcial) return;
    shown = [sessao];
    name(shown, FILES, 'href');
    name(shown, SORTS, 'data-endereco');
    offerToSort(sessao);
  });
  /** @param {string[]} sessions @param {string} links @param {string} from the attribute with the address short of a session */
  function name(sessions, links, from) {
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(links))) {
      const url = new URL(link.getAttribute(from) ?? '', location.href);
      url.searchParams.set('sessao', sessions.join(','));
      link.href = url.href;
    }
  }
}

/**
 * Sorts and exports also after the server has forgotten the sessions that are shown, as it does some time after an
 * analysis: then everything is analysed anew first.
 */
class Renewal {
  /** @type {HTMLElement} */ #table;
  /** @type {HTMLElement} */ #place;
  /** @type {HTMLAnchorElement|null} */ #wanted = null;

  /** @param {HTMLElement} table @param {HTMLElement} place that says what is waited for */
  constructor(table, place) {
    this.#table = table;
    this.#place = place;
    document.addEventListener('click', (event) => {
      const link = /** @type {HTMLAnchorElement|null} */ (/** @type {Element} */ (event.target).closest(`:is(${FILES}, ${SORTS})[href*="sessao="]`));
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
      event.preventDefault();
      void this.#follow(link);
    });
    table.addEventListener('ruptura:completo', (event) => { if (!/** @type {CustomEvent} */ (event).detail.parcial) this.#goOn(); });
    table.addEventListener('ruptura:erro', (event) => { if (endsAnalysis(event)) this.#giveUp(); });
  }

  /** @param {HTMLAnchorElement} link */
  async #follow(link) {
    if (await this.#known(link.href)) return void location.assign(link.href);
    const {renova, exportar, ordenar} = this.#place.dataset;
    this.#wanted = link;
    this.#say(`${renova}${link.matches(FILES) ? exportar : ordenar}`);
    clientOf(this.#table)?.analisarTudo();
  }

  /** Whether the server knows all sessions of an address. Where it does not answer, the address itself says so. @param {string} address */
  async #known(address) {
    const sessions = new URL(address).searchParams.get('sessao')?.split(',') ?? [];
    const answers = await Promise.all(sessions.map((id) =>
      fetch(`${this.#place.dataset.base}api/ruptura/status/${encodeURIComponent(id)}`, {method: 'HEAD'}).catch(() => null)));
    return answers.every((answer) => answer?.status !== 404);
  }

  /** The links name the new session by now: their listener came first. */
  #goOn() {
    const link = this.#wanted;
    this.#wanted = null;
    this.#say('');
    if (link) location.assign(link.href);
  }

  #giveUp() {
    if (this.#wanted) this.#say(this.#place.dataset.falhou ?? '');
    this.#wanted = null;
  }

  /** @param {string} text */
  #say(text) {
    const notice = document.createElement('p');
    notice.className = 'notice';
    notice.textContent = text;
    this.#place.replaceChildren(...(text ? [notice] : []));
  }
}

/** The client of a table, of which this page knows what it asks for. @param {HTMLElement} table @returns {{analisarTudo: () => void}|undefined} */
function clientOf(table) {
  const {RupturaWorkerClient: Client} = /** @type {any} */ (window);
  return Client?.of(table);
}

/** The list to sort by, of a page too narrow for headings, offers the results too. @param {string} session */
function offerToSort(session) {
  const form = /** @type {HTMLFormElement|null} */ (document.getElementById('filtros'));
  const sort = /** @type {HTMLSelectElement|null} */ (form?.elements.namedItem('ordem') ?? null);
  if (!form || !sort) return;
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('.book thead a[data-endereco]'))) {
    const order = new URL(link.href).searchParams.get('ordem') ?? '';
    const has = [...sort.options].some(({value}) => value.replace('-', '') === order.replace('-', ''));
    if (!has) sort.add(new Option(link.textContent ?? '', order));
  }
  let field = /** @type {HTMLInputElement|null} */ (form.elements.namedItem('sessao'));
  if (!field) {
    field = document.createElement('input');
    field.type = 'hidden';
    field.name = 'sessao';
    form.append(field);
  }
  field.value = session;
}

/**
 * Tells when the book is no longer as the rows show it: an analysis, also an automatic one, reads
 * the orders afresh, but the rows stay as they are until the page is loaded again.
 */
class Freshness {
  #place = document.getElementById('mudou');
  /** @type {Set<string>} */ #met = new Set();
  /** @type {Set<string>} */ #changed = new Set();
  /** @type {Map<string, HTMLElement>} */ #rows;
  /** @type {HTMLElement} */ #table;

  /** @param {HTMLElement} table @param {Map<string, HTMLElement>} rows */
  constructor(table, rows) {
    this.#table = table;
    this.#rows = rows;
    table.addEventListener('ruptura:inicio', (event) => {
      if (/** @type {CustomEvent} */ (event).detail.parcial) return;
      this.#met.clear();
      this.#changed.clear();
    });
    table.addEventListener('ruptura:resultado', (event) => this.#compare(/** @type {CustomEvent} */ (event).detail));
    table.addEventListener('ruptura:completo', (event) => {
      const {total, parcial} = /** @type {CustomEvent} */ (event).detail;
      if (!parcial) this.#tell(total);
    });
    this.#place?.querySelector('.reload')?.addEventListener('click', (event) => {
      event.preventDefault();
      location.reload(); // unlike the link, it keeps the place in the table
    });
  }

  /** @param {{pedido: string, resultado: any}} detail */
  #compare({pedido, resultado}) {
    const row = this.#rows.get(pedido);
    if (row && !resultado.success) return void this.#met.add(pedido);
    this.#met.add(pedido);
    if (row && differs(row, resultado.resumo)) this.#changed.add(pedido);
  }

  /** @param {number} total orders analysed */
  #tell(total) {
    const gone = [...this.#rows.keys()].filter((order) => !this.#met.has(order)).length;
    const before = Number(this.#table.dataset.total);
    // Of orders on other pages only their number is known.
    const added = this.#table.hasAttribute('data-parte') ? Math.max(total - before + gone, 0) : [...this.#met].filter((order) => !this.#rows.has(order)).length;
    const words = /** @type {DOMStringMap} */ (this.#place?.dataset ?? {});
    const parts = [
      plural(added, words.textoNova, words.textoNovas), plural(gone, words.textoSaiu, words.textoSairam),
      plural(this.#changed.size, words.textoMudou, words.textoMudaram),
    ].filter(Boolean);
    const notice = /** @type {HTMLElement|null} */ (this.#place?.firstElementChild ?? null);
    const list = notice?.querySelector('[data-mudancas]');
    if (!notice || !list) return;
    const text = `${parts.join(', ')}.`;
    if (parts.length && list.textContent !== text) list.textContent = text;
    notice.hidden = !parts.length;
  }
}

/** A cent is the most that two ways of rounding differ by. @param {HTMLElement} row @param {any} summary */
function differs(row, summary) {
  const cents = Number(/** @type {HTMLElement|null} */ (row.querySelector('.c-value'))?.dataset.centavos);
  const need = row.querySelector('.c-need time')?.getAttribute('datetime') ?? null;
  return Math.abs(Math.round(summary.valor_total_pedido * 100) - cents) > 1 || need !== summary.data_necessidade;
}

/** @param {number} n @param {string|undefined} one @param {string|undefined} many */
function plural(n, one, many) {
  if (n < 1) return '';
  return ((n === 1 ? one : many) ?? '').replace('{0}', numbers.format(n));
}

/** The server writes the company's time; beside the client's it must be the reader's own. */
function localTime() {
  const time = /** @type {HTMLTimeElement|null} */ (document.querySelector('.fresh time'));
  if (time) time.textContent = new Intl.DateTimeFormat(english ? 'en-GB' : 'pt-BR', {timeStyle: 'medium'}).format(new Date(time.dateTime));
}

const table = document.getElementById('tabela-carteira');
localTime();
switchTheme();
tidyAddress();
if (table) {
  const rows = rowsOf(table);
  new Figures(table);
  showRisk(table, rows);
  if (table.dataset.rupturaPolitica) new BothAnswers(table, rows);
  followSessions(table);
  const place = document.getElementById('adiado');
  if (place) new Renewal(table, place);
  new Freshness(table, rows);
}
})();
