// @ts-check
/**
 * The products that cause most value at risk, on the page /carteira: sums what each lot reports,
 * shows the worst, and asks for the projection of those that are in sight to tell when they are
 * back. It knows the client by its events and by projecao().
 */
(() => {
'use strict';

/**
 * @typedef {{cod_produto: string, nome_produto: string, pedidos: number, ruptura_qtd: number, valor: number}} Short
 * @typedef {{code: string, name: string, orders: number, thousandths: number, cents: number}} Sum
 * @typedef {{data: string, entradas: number, disponivel: number}} Day
 * @typedef {{estoque_atual: number, dias: Day[]}} Projection
 * @typedef {{on: string|null, part: number, hint: string, failed?: boolean}} Back
 * @typedef {{row: HTMLElement, name: HTMLButtonElement, orders: Element, missing: Element, bar: HTMLElement, value: Element,
 *   back: HTMLElement, show: HTMLAnchorElement}} Place
 */

const english = document.documentElement.lang.startsWith('en');
const locale = english ? 'en-US' : 'pt-BR';
const numbers = new Intl.NumberFormat(locale, {maximumFractionDigits: 3});
const money = new Intl.NumberFormat(locale, {style: 'currency', currency: 'BRL', maximumFractionDigits: 0});
const dates = new Intl.DateTimeFormat(english ? 'en-GB' : 'pt-BR', english ? {day: '2-digit', month: 'short', timeZone: 'UTC'} : {day: '2-digit', month: '2-digit', timeZone: 'UTC'});

/** @param {string} text @param {...string} parts */
const fill = (text, ...parts) => text.replace(/\{(\d)\}/g, (_, i) => parts[i]);

/** @param {string} iso */
const date = (iso) => dates.format(new Date(`${iso}T00:00:00Z`));

/**
 * From when on what is missing can ship, found as an order's own date is: taking it may break no promise of the window
 * that begins there. Where all of it never can, the first day on which a part can.
 * @param {Projection} projection @param {number} missing in thousandths, beside what can ship now @param {number} window in days
 * @returns {{on: string|null, part: number}} part in thousandths, 0 where it is all or nothing
 */
function backOn({estoque_atual: stock, dias: days}, missing, window) {
  const lowest = days.slice(0, Math.max(days.length - window, 1)).map((_, t) =>
    Math.min(...days.slice(t, t + window + 1).map(({disponivel}) => Math.round(disponivel * 1000))));
  const free = Math.max(Math.min(lowest[0], Math.round(stock * 1000)), 0);
  const whole = lowest.findIndex((least) => least >= free + missing);
  const first = whole < 0 ? lowest.findIndex((least) => least > free) : whole;
  return {on: days[first]?.data ?? null, part: whole < 0 && first >= 0 ? lowest[first] - free : 0};
}

/** The rest of a projection's address; a code that a path may lose goes in the query. @param {string} code */
const projectionOf = (code) => (/^\.{1,2}$|[/\\]/.test(code) ? `projecao?cod=${encodeURIComponent(code)}&` : `${encodeURIComponent(code)}/projecao?`);

class Worst {
  /** @type {HTMLDetailsElement} */ #root;
  /** @type {HTMLElement} */ #table;
  /** @type {Place[]} */ #places;
  #first = document.getElementById('pior');
  /** @type {Map<string, Sum>} what the last analysis found, or the first one so far */ #shown = new Map();
  /** @type {Map<string, Sum>} what the running one has found */ #sums = new Map();
  /** @type {Map<string, Back>} by product, for the analysis shown */ #back = new Map();
  #abort = new AbortController();
  #complete = false;
  #drawing = false;

  /** @param {HTMLDetailsElement} root @param {HTMLElement} table */
  constructor(root, table) {
    this.#root = root;
    this.#table = table;
    this.#places = [...root.querySelectorAll('tbody tr')].map((row) => place(/** @type {HTMLElement} */ (row)));
    table.addEventListener('ruptura:inicio', (event) => { if (!/** @type {CustomEvent} */ (event).detail.parcial) this.#sums = new Map(); });
    table.addEventListener('ruptura:produtos', (event) => this.#add(/** @type {CustomEvent} */ (event).detail));
    table.addEventListener('ruptura:completo', () => this.#finish());
    table.addEventListener('ruptura:erro', (event) => { if ('sessao' in /** @type {CustomEvent} */ (event).detail) this.#broken(); });
    root.addEventListener('click', (event) => this.#click(/** @type {Element} */ (event.target)));
    root.addEventListener('toggle', () => this.#toggled());
  }

  /** @param {{produtos: Short[], novo?: boolean}} detail */
  #add({produtos, novo}) {
    if (novo) this.#sums = new Map();
    for (const p of produtos) {
      const sum = this.#sums.get(p.cod_produto) ?? {code: p.cod_produto, name: p.nome_produto, orders: 0, thousandths: 0, cents: 0};
      sum.orders += p.pedidos;
      sum.thousandths += Math.round(p.ruptura_qtd * 1000);
      sum.cents += Math.round(p.valor * 100);
      this.#sums.set(p.cod_produto, sum);
    }
    if (this.#complete) return; // an older whole is better than a newer part
    this.#shown = this.#sums;
    this.#draw();
  }

  #finish() {
    this.#complete = true;
    this.#shown = this.#sums;
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#back = new Map();
    this.#draw();
  }

  /** Of an analysis that ended early what came is shown; nothing is waited for. */
  #broken() {
    if (this.#shown.size || this.#complete) return;
    this.#root.removeAttribute('data-pendente');
    this.#root.setAttribute('data-nenhum', '');
    this.#first?.replaceChildren();
  }

  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      const worst = this.#worst();
      if (worst.length || this.#complete) this.#show(worst);
      if (this.#complete) void this.#askBack(worst);
    });
  }

  #worst() {
    return [...this.#shown.values()]
      .sort((a, b) => b.cents - a.cents || (a.code < b.code ? -1 : 1))
      .slice(0, this.#places.length);
  }

  /** @param {Sum[]} worst */
  #show(worst) {
    this.#root.removeAttribute('data-pendente');
    this.#root.toggleAttribute('data-nenhum', !worst.length);
    /** @type {HTMLElement} */ (this.#root.querySelector('.worst-none')).hidden = worst.length > 0;
    this.#places.forEach((at, i) => this.#fill(at, worst[i], worst[0]?.cents || 1));
    this.#preview(worst[0]);
  }

  /** @param {Place} at @param {Sum|undefined} sum @param {number} most cents of the worst product */
  #fill(at, sum, most) {
    at.row.hidden = !sum;
    if (!sum) return;
    const {data} = this.#words();
    at.name.disabled = false;
    at.name.dataset.codigo = sum.code;
    at.name.dataset.nome = sum.name;
    at.name.replaceChildren(part('w-title', sum.name), ' ', part('w-code', sum.code));
    at.name.title = `${sum.name} · ${data.projecao}`;
    at.orders.textContent = numbers.format(sum.orders);
    at.missing.textContent = numbers.format(sum.thousandths / 1000);
    at.value.textContent = money.format(sum.cents / 100);
    at.bar.style.inlineSize = `${Math.max(sum.cents / most, 0) * 100}%`;
    at.show.hidden = false;
    at.show.href = this.#ordersOf(sum.code);
    at.show.setAttribute('aria-label', `${data.filtrar}: ${sum.name}`);
    this.#fillBack(at.back, sum);
  }

  /** @param {HTMLElement} cell @param {Sum} sum */
  #fillBack(cell, sum) {
    const known = this.#back.get(sum.code);
    cell.classList.toggle('faint', !known?.on);
    cell.replaceChildren(...(!known ? ['…'] : known.failed ? [this.#retry(sum)] : this.#when(known, sum)));
    cell.title = known?.hint ?? '';
  }

  /** The day, and how much of what is missing is there then if that is not all. @param {Back} known @param {Sum} sum */
  #when({on, part: quantity}, sum) {
    const {data} = this.#words();
    if (!on) return [data.semPrevisao];
    if (!quantity) return [date(on)];
    return [date(on), ', ', part('w-part', fill(data.parte, numbers.format(quantity / 1000), numbers.format(sum.thousandths / 1000)))];
  }

  /** A day that could not be learnt, which a click asks for again. @param {Sum} sum */
  #retry(sum) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'w-retry';
    button.textContent = '?';
    button.title = this.#words().data.semResposta;
    button.setAttribute('aria-label', this.#words().data.semResposta);
    button.addEventListener('click', () => {
      this.#back.delete(sum.code);
      this.#redraw(sum.code);
      void this.#askOne(sum, this.#abort.signal);
    });
    return button;
  }

  /** The worst product in one line, for as long as the list is closed. @param {Sum|undefined} sum */
  #preview(sum) {
    if (!sum) return this.#first?.replaceChildren();
    const {data} = this.#words();
    const known = this.#back.get(sum.code);
    const line = [part('w-title', sum.name), part('w-sum', money.format(sum.cents / 100))];
    if (known?.on) line.push(part('faint', `${data.volta.toLowerCase()} ${this.#when(known, sum).map((w) => (typeof w === 'string' ? w : w.textContent)).join('')}`));
    else if (known && !known.failed) line.push(part('faint', data.semPrevisao));
    this.#first?.replaceChildren(...line);
  }

  #words() { return {data: /** @type {Record<string, string>} */ (/** @type {unknown} */ (this.#root.dataset))}; }

  /** The page with this product alone. @param {string} code */
  #ordersOf(code) {
    const url = new URL(this.#words().data.endereco, location.href);
    url.searchParams.set('produto', code);
    return url.href;
  }

  /** Asks when the products in sight are back, two at a time: all of an open list, the first of a closed one. @param {Sum[]} worst */
  async #askBack(worst) {
    const {signal} = this.#abort;
    const waiting = worst.slice(0, this.#root.open ? undefined : 1).filter(({code}) => !this.#back.has(code) || this.#back.get(code)?.failed);
    const next = async () => {
      for (let sum = waiting.shift(); sum && !signal.aborted; sum = waiting.shift()) await this.#askOne(sum, signal);
    };
    await Promise.all([next(), next()]);
  }

  /** @param {Sum} sum @param {AbortSignal} signal */
  async #askOne(sum, signal) {
    const known = await this.#learnBack(sum, signal).catch(() => ({on: null, part: 0, hint: '', failed: true}));
    if (signal.aborted) return;
    this.#back.set(sum.code, known);
    this.#redraw(sum.code);
  }

  /** @param {Sum} sum @param {AbortSignal} signal @returns {Promise<Back>} */
  async #learnBack({code, thousandths}, signal) {
    const {base, dias: days, janela: window, producao} = this.#words().data;
    const answer = await fetch(`${base}api/ruptura/produto/${projectionOf(code)}dias=${days}`, {signal});
    if (!answer.ok) throw new Error(String(answer.status));
    /** @type {Projection} */
    const projection = await answer.json();
    const receipt = projection.dias.find((day) => day.entradas > 0);
    return {...backOn(projection, thousandths, Number(window)), hint: receipt ? fill(producao, numbers.format(receipt.entradas), date(receipt.data)) : ''};
  }

  /** @param {string} code */
  #redraw(code) {
    const worst = this.#worst();
    const at = worst.findIndex((sum) => sum.code === code);
    if (at >= 0) this.#fillBack(this.#places[at].back, worst[at]);
    if (at === 0) this.#preview(worst[0]);
  }

  /** @param {Element} target */
  #click(target) {
    const button = /** @type {HTMLElement|null} */ (target.closest('button[data-codigo]'));
    if (!button) return;
    const {RupturaWorkerClient: Client} = /** @type {{RupturaWorkerClient?: {of: (table: Element) => {projecao: (code: string, name?: string) => void}|undefined}}} */ (/** @type {unknown} */ (window));
    Client?.of(this.#table)?.projecao(button.dataset.codigo ?? '', button.dataset.nome);
  }

  /** The server opens the list next time, before anything is painted. */
  #toggled() {
    const {base} = this.#words().data;
    const state = this.#root.open ? 'aberto; Max-Age=31536000' : 'fechado; Max-Age=0';
    document.cookie = `ruptura_produtos=${state}; Path=${new URL(base, location.href).pathname}; SameSite=Lax`;
    if (this.#root.open && this.#complete) void this.#askBack(this.#worst());
  }
}

/** @param {string} name @param {string} text */
function part(name, text) {
  const span = document.createElement('span');
  span.className = name;
  span.textContent = text;
  return span;
}

/** @param {HTMLElement} row @returns {Place} */
function place(row) {
  const find = (/** @type {string} */ selector) => /** @type {any} */ (row.querySelector(selector));
  const [orders, missing] = row.querySelectorAll('.w-number');
  return {row, orders, missing, name: find('button'), bar: find('.w-bar i'), value: find('.w-value b'), back: find('.w-back'), show: find('.w-act a')};
}

const root = /** @type {HTMLDetailsElement|null} */ (document.getElementById('piores'));
const table = document.getElementById('tabela-carteira');
if (root && table) new Worst(root, table);
})();
